"""What people want to be told, and being told it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.core import clock
from app.core.db import Database
from app.notices import queries, service
from app.notices.rules import LARGEST_QUOTA, Template
from tests.notices.conftest import DAY, Post
from tests.notices.test_reminders import left, rows, subscribe
from tests.story import Story, ok, phone, refused

SUBSCRIPTIONS = "/api/v1/me/subscriptions"
SETTINGS = "/api/v1/me/notice-settings"


def interest(round_id: str) -> str:
    return f"/api/v1/rounds/{round_id}/my-interest"


class TestSettings:
    def test_defaults_are_said_aloud_and_choices_kept(self, story: Story) -> None:
        who = story.resident(0)
        assert ok(story.client.get(SETTINGS, headers=who)) == {
            "sms": True, "reminders": True, "default_sms": True, "default_reminders": True,
        }  # fmt: skip
        for sms, reminders in ((False, True), (True, False), (False, False)):
            body = {"sms": sms, "reminders": reminders}
            ok(story.client.put(SETTINGS, json=body, headers=who))
            found = ok(story.client.get(SETTINGS, headers=who))
            assert {name: found[name] for name in body} == body
        assert ok(story.client.get(SETTINGS, headers=story.resident(1)))["sms"] is True

    def test_malformed(self, story: Story) -> None:
        who = story.resident(0)
        bodies: list[dict[str, Any]] = [
            {},
            {"sms": True},
            {"sms": "maybe", "reminders": True},
            {"email": True},
        ]
        for body in bodies:
            refused(story.client.put(SETTINGS, json=body, headers=who), 422, "malformed_request")
        bodies = [
            {}, {"results": {}}, {"results": {"result": "yes"}}, {"results": {"marketing": "accept"}},
            {"results": {"result": "accept"}, "quota": 50},
        ]  # fmt: skip
        for body in bodies:
            refused(story.client.post(SUBSCRIPTIONS, json=body, headers=who), 422, "malformed_request")

    def test_a_choice_keeps_what_was_read(self, story: Story, drain: Callable[[], int]) -> None:
        who = story.resident(0)
        clock.set_frozen(clock.now() + DAY / 1440)
        story.published_projects([400_000])
        drain()
        ok(story.client.post("/api/v1/me/notices/read", json={"until": clock.now().isoformat()}, headers=who))
        ok(story.client.put(SETTINGS, json={"sms": False, "reminders": False}, headers=who))
        assert ok(story.client.get("/api/v1/me/notices/unread-count", headers=who))["unread"] == 0


class TestSubscribing:
    def test_every_accepted_tap_is_one_message(self, story: Story) -> None:
        who = story.resident(0)
        for results in (
            {"result": "accept", "reminder": "reject"},
            {"result": "accept", "reminder": "ban"},
            {"result": "filter"},
            {"result": "reject"},
        ):
            ok(story.client.post(SUBSCRIPTIONS, json={"results": results}, headers=who))
        assert left(story, 0) == {"result": 2, "reminder": 0}
        assert left(story, 1) == {"result": 0, "reminder": 0}
        ids = {each["template_id"] for each in ok(story.client.get(SUBSCRIPTIONS, headers=who))["items"]}
        assert ids == {"development-result", "development-reminder"}
        for _ in range(LARGEST_QUOTA + 3):  # a phone that repeats itself saves up no more than this
            ok(story.client.post(SUBSCRIPTIONS, json={"results": {"result": "accept"}}, headers=who))
        assert left(story, 0)["result"] == LARGEST_QUOTA

    def test_with_a_round_its_result_is_waited_for(self, story: Story) -> None:
        round_id = story.publish_round(story.published_projects([400_000]))
        who = story.resident(0)
        for results, wanted in (({"result": "reject"}, False), ({"result": "accept"}, True)):
            ok(story.client.post(SUBSCRIPTIONS, json={"results": results, "round_id": round_id}, headers=who))
            assert ok(story.client.get(interest(round_id), headers=who))["wanted"] is wanted
        draft = story.draft_round(story.published_projects([400_000]))
        body = {"results": {"result": "accept"}, "round_id": draft}
        refused(story.client.post(SUBSCRIPTIONS, json=body, headers=who), 404, "round_not_found")
        assert left(story, 0)["result"] == 1  # nothing of a refused report is kept

    def test_the_last_message_is_sent_once(self, story: Story, database: Database) -> None:
        actor = story.callers.resident_actor(phone(0))
        account_id = actor.account_id
        assert account_id is not None
        with database.writing() as session:
            queries.add_quota(session, account_id, Template.RESULT)

        def take(_number: int) -> bool:
            with database.writing() as session:
                return queries.take_quota(session, account_id, Template.RESULT)

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(take, range(8))) == [False] * 7 + [True]


class TestWaiting:
    def test_it_is_asked_and_taken_back(self, story: Story) -> None:
        round_id = story.publish_round(story.published_projects([400_000]))
        who = story.resident(0)
        for _ in range(2):
            ok(story.client.put(interest(round_id), headers=who))
        assert ok(story.client.get(interest(round_id), headers=who)) == {"wanted": True, "way": "sms"}
        assert ok(story.client.get(interest(round_id), headers=story.resident(1)))["wanted"] is False
        for _ in range(2):
            ok(story.client.delete(interest(round_id), headers=who))
        assert ok(story.client.get(interest(round_id), headers=who))["wanted"] is False
        stranger = story.callers.resident("13811112222")  # on no roster, so there is no number to write to
        assert ok(story.client.get(interest(round_id), headers=stranger))["way"] == "inbox"

    def test_drafts_are_not_found_like_missing_ones(self, story: Story) -> None:
        draft = story.draft_round(story.published_projects([400_000]))
        missing = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
        who = story.resident(0)
        for method in ("GET", "PUT", "DELETE"):
            first, second = (
                refused(story.client.request(method, interest(each), headers=who), 404, "round_not_found")
                for each in (draft, missing)
            )
            assert first == second

    def test_a_result_reaches_those_who_asked_once_and_is_forgotten(
        self, story: Story, post: Post, database: Database, drain: Callable[[], int]
    ) -> None:
        ids = story.published_projects([400_000, 500_000])
        round_id = story.open_round(ids)
        subscribe(story, database, 0, "wx-0", "result")
        subscribe(story, database, 1, "wx-1", "result")
        for number in range(4):
            ok(story.client.put(interest(round_id), headers=story.resident(number)))
        ok(story.client.put(SETTINGS, json={"sms": False, "reminders": True}, headers=story.resident(3)))
        ok(story.cast(round_id, story.resident(4), ids))
        ok(story.client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
        ok(story.client.post(f"/api/v1/rounds/{round_id}/open-box", headers=story.clerk))
        with database.writing() as session:
            assert service.claim_dispatch(session, worker="nobody") is None
        post.not_subscribed.add("wx-1")
        _until_announced(drain, database, post)
        assert [(openid, template, page) for openid, template, page, _ in post.wechat] == [
            ("wx-0", "result", f"pages/index/index?to=%2Fresult%2F{round_id}")
        ]
        assert post.wechat[0][3]["title"] == "2026 年社区微更新"
        assert post.phones == [phone(1), phone(2)]
        assert {template for _, template, _ in post.sms} == {"round_result"}
        assert (rows(database, "round_interest"), rows(database, "notice_delivery")) == (0, 0)
        post.deliver(database)
        assert len(post.sms) == 2
        refused(story.client.put(interest(round_id), headers=story.resident(5)), 409, "no_result_to_come")

    def test_without_channels_the_inbox_is_left(
        self, story: Story, post: Post, database: Database, drain: Callable[[], int]
    ) -> None:
        ids = story.published_projects([400_000])
        round_id = story.open_round(ids)
        ok(story.client.put(interest(round_id), headers=story.resident(0)))
        ok(story.client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
        ok(story.client.post(f"/api/v1/rounds/{round_id}/open-box", headers=story.clerk))
        _until_announced(drain, database, post, wechat=False, sms=False)
        assert (post.sms, post.wechat) == ([], [])
        items = ok(story.client.get("/api/v1/me/notices", headers=story.resident(0)))["items"]
        assert "result_announced" in {each["kind"] for each in items}


def _until_announced(drain: Callable[[], int], database: Database, post: Post, **channels: bool) -> None:
    """Let the worker announce the result, with our post office in place of the real channels."""
    from app.notices import tasks

    given = post.channels(**channels)
    deliver = tasks.deliver_due
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            tasks,
            "deliver_due",
            lambda database, **told: deliver(database, **{**told, "channels": given}),
        )
        drain()
    post.deliver(database, channels=given)
