"""What people find when they look, and what nobody else may see."""

import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.notices import service
from app.notices.rules import Kind
from tests.callers import Callers, Headers
from tests.notices.conftest import DAY, HOUR
from tests.objection_story import WORDS, a_case
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, phone, publish_signed, refused

INBOX = "/api/v1/me/notices"
COUNT = f"{INBOX}/unread-count"
READ = f"{INBOX}/read"


def inbox(story: Story, who: Headers, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(story.client.get(INBOX, headers=who, params=params))["items"]
    return found


def unread(story: Story, who: Headers) -> int:
    return int(ok(story.client.get(COUNT, headers=who))["unread"])


def kinds(items: list[dict[str, Any]]) -> list[str]:
    return [each["kind"] for each in items]


class TestListing:
    def test_a_round_is_one_row_however_many_read_it(
        self, story: Story, drain: Callable[[], int], database: Database
    ) -> None:
        people = [story.resident(number) for number in range(3)]
        clock.set_frozen(clock.now() + HOUR / 60)
        ids = story.published_projects([400_000, 500_000])
        drain()
        clock.set_frozen(clock.now() + HOUR / 60)
        round_id = story.publish_round(ids)
        drain()
        for who in people:
            items = inbox(story, who)
            assert kinds(items) == ["round_published", "projects_published"]
            assert items[0]["link"] == f"/round/{round_id}"
            assert items[0]["title"] == "The list is out: 2026 年社区微更新"
            assert items[1]["facts"]["count"] == 2
            assert unread(story, who) == 2
        with database.reading() as session:
            assert session.execute(sa.text("SELECT count(*) FROM notice")).scalar_one() == 2
            assert session.execute(sa.text("SELECT count(*) FROM personal_notice")).scalar_one() == 0

    def test_who_comes_later_finds_the_past_but_no_news_in_it(
        self, story: Story, drain: Callable[[], int]
    ) -> None:
        story.published_projects([400_000])
        drain()
        clock.set_frozen(clock.now() + HOUR / 60)
        late = story.resident(4)
        assert kinds(inbox(story, late)) == ["projects_published"]
        assert unread(story, late) == 0

    def test_neighbours_elsewhere_staff_and_strangers_see_nothing_of_it(
        self, story: Story, drain: Callable[[], int]
    ) -> None:
        story.publish_round(story.published_projects([400_000]))
        drain()
        assert inbox(story, story.callers.resident("13811112222")) == []
        public = ok(story.client.get(f"/api/v1/communities/{NEIGHBOUR}/notices"))
        assert public["items"] == []
        refused(story.client.get("/api/v1/communities/520102031999/notices"), 404, "division_not_found")
        refused(story.client.get(INBOX), 401, "not_signed_in")
        refused(story.client.get(INBOX, headers=story.clerk), 403, "not_allowed")

    def test_pages_follow_one_another_through_both_kinds(
        self, story: Story, drain: Callable[[], int], database: Database
    ) -> None:
        who = story.callers.resident_actor(phone(0))
        assert who.account_id is not None
        for number in range(5):
            clock.set_frozen(clock.now() + DAY)
            Story(story.client, story.callers).published_projects([400_000])
            drain()
            with database.writing() as session:
                service.tell_person(
                    session, kind=Kind.IDEA_PUBLISHED, facts={"idea_id": "x", "title": f"{number}"},
                    account_id=who.account_id, source=f"test:{number}",
                )  # fmt: skip
        seen: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = ok(
                story.client.get(
                    INBOX,
                    headers=story.resident(0),
                    params={"limit": 3, **({"cursor": cursor} if cursor else {})},
                )
            )
            seen += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(seen) == len({each["id"] for each in seen}) == 10
        assert {each["personal"] for each in inbox(story, story.resident(0), personal=True)} == {True}
        assert [each["created_at"] for each in seen] == sorted(
            (each["created_at"] for each in seen), reverse=True
        )
        refused(story.client.get(INBOX, headers=story.resident(0), params={"cursor": "x"}), 422, "bad_cursor")

    def test_a_draft_that_was_given_up_is_nobodys_news(self, story: Story, drain: Callable[[], int]) -> None:
        round_id = story.draft_round(story.published_projects([400_000]))
        body = {"reason": "重新安排"}
        ok(story.client.post(f"/api/v1/rounds/{round_id}/cancel", json=body, headers=story.chair))
        drain()
        assert kinds(inbox(story, story.resident(0))) == ["projects_published"]


class TestPublicNotices:
    def test_a_year_hangs_out_in_the_readers_language(self, story: Story, drain: Callable[[], int]) -> None:
        ids = story.published_projects([400_000, 500_000])
        round_id = story.open_round(ids)
        ok(story.cast(round_id, story.resident(0), ids))
        story.finish(round_id, drain)
        drain()
        clock.set_frozen(clock.now() + 16 * DAY)
        chair = story.callers.staff(Role.RC_CHAIR, COMMUNITY)
        ok(story.client.post(f"/api/v1/rounds/{round_id}/certify", headers=chair))
        drain()
        clock.set_frozen(clock.now() + HOUR / 60)
        street = story.callers.staff(Role.SUBDISTRICT_OFFICER, "520102031000")
        requests = ok(story.client.get("/api/v1/funding-requests", headers=street))["items"]
        request = next(each for each in requests if each["state"] == "submitted")
        path = f"/api/v1/funding-requests/{request['id']}/decisions"
        others = {
            role: story.callers.staff(role, "520102000000")
            for role in (Role.DISTRICT_OFFICER, Role.BUREAU_REVIEWER, Role.FINANCE_REVIEWER)
        }
        for who, decision in (
            (street, "received"), (street, "accepted"), (others[Role.DISTRICT_OFFICER], "accepted"),
            (others[Role.BUREAU_REVIEWER], "accepted"),
        ):  # fmt: skip
            ok(story.client.post(path, json={"decision": decision}, headers=who))
        drain()
        found = ok(
            story.client.get(f"/api/v1/communities/{COMMUNITY}/notices", headers={"Accept-Language": "zh-CN"})
        )["items"]
        assert set(kinds(found)) == {
            "funding_decided", "result_certified", "result_announced", "round_closed", "round_opened",
            "round_published", "projects_published",
        }  # fmt: skip
        money = found[0]
        assert (money["label"], money["title"]) == ("资金", f"《{request['title']}》：申请受理了")
        assert money["link"] == f"/project/{request['project_id']}"
        only = ok(story.client.get(f"/api/v1/communities/{COMMUNITY}/notices", params={"topic": "result"}))
        assert kinds(only["items"]) == ["result_certified", "result_announced"]
        # that somebody has received it, or passes it on, is no news
        assert kinds(found).count("funding_decided") == 1
        assert "居民" not in story.client.get(f"/api/v1/communities/{COMMUNITY}/notices").text.replace(
            "居民会议", ""
        )
        ok(story.client.post(path, json={"decision": "approved"}, headers=others[Role.FINANCE_REVIEWER]))
        ok(story.client.post(path, json={"decision": "go_ahead"}, headers=street))
        drain()
        money = ok(
            story.client.get(
                f"/api/v1/communities/{COMMUNITY}/notices",
                params={"topic": "money"},
                headers={"Accept-Language": "zh-CN"},
            )
        )["items"]
        assert {each["title"].partition("：")[2] for each in money} == {
            "申请受理了", "资金批准了", "可以开工了",
        }  # fmt: skip

    def test_minutes_and_their_correction(self, story: Story, drain: Callable[[], int]) -> None:
        meeting = {
            "community_code": COMMUNITY, "kind": "residents", "title": "居民会议", "place": "活动室",
            "begins_at": (clock.now() + 11 * DAY).isoformat(), "agenda": ["讨论"],
        }  # fmt: skip
        path = f"/api/v1/meetings/{ok(story.client.post('/api/v1/meetings', json=meeting, headers=story.clerk))['id']}"
        text = {"text": "通过了名单。", "chair": "甲", "recorder": "乙"}
        ok(story.client.post(f"{path}/minutes", json=text, headers=story.clerk))
        publish_signed(story.client, f"{path}/minutes/1", clerk=story.clerk, chair=story.chair)
        correction = text | {"text": "更正。", "correction": "人数写错"}
        ok(story.client.post(f"{path}/corrections", json=correction, headers=story.clerk))
        publish_signed(story.client, f"{path}/minutes/2", clerk=story.clerk, chair=story.chair)
        drain()
        found = ok(story.client.get(f"/api/v1/communities/{COMMUNITY}/notices"))["items"]
        minutes = [each for each in found if each["kind"] != "meeting_called"]
        assert len(found) == len(minutes) + 1
        assert [(each["kind"], each["facts"]["corrected"]) for each in minutes] in (
            [("minutes_published", False), ("minutes_published", True)],
            [("minutes_published", True), ("minutes_published", False)],
        )


class TestPrivateReplies:
    def test_a_bystander_learns_nothing(
        self, client: TestClient, callers: Callers, drain: Callable[[], int], database: Database
    ) -> None:
        case = a_case(client, callers)
        drain()
        ok(case.assign())
        drain()
        listed = client.get(INBOX, headers=case.home())
        items = [each for each in ok(listed)["items"] if each["personal"]]
        for item in items:
            assert (item["kind"], item["title"], item["facts"], item["link"]) == (
                "private_reply", "A private reply", {}, None,
            )  # fmt: skip
        for word in ("bjection", "异议", "mediator", case.id, case.project, WORDS):
            assert word not in listed.text.replace("projects_published", "")
        opened = [ok(client.get(f"{INBOX}/{item['id']}", headers=case.home())) for item in items]
        assert {each["link"] for each in opened} == {"/objections"}
        assert "Your objection: a mediator was named" in {each["title"] for each in opened}
        other = case.story.resident(5)
        assert not [each for each in ok(client.get(INBOX, headers=other))["items"] if each["personal"]]
        with database.reading() as session:
            rows = session.execute(sa.text("SELECT content, source, created_at FROM personal_notice")).all()
        for content, source, created_at in rows:
            assert "objection" not in content + source
            assert str(created_at)[14:19] == "00:00"  # the hour, not the minute somebody wrote

    def test_an_answer_to_a_registration(self, story: Story, drain: Callable[[], int]) -> None:
        acts = {
            "approve": (None, "registration_approved"),
            "reject": ({"reason": "请带租房合同来登记"}, "registration_rejected"),
        }
        for number, (act, (body, kind)) in enumerate(acts.items()):
            mobile = f"1381111222{number}"
            who = story.callers.resident(mobile)
            person = {
                "building": "9栋", "unit": "1单元", "room": f"090{number}", "name": "新邻居", "phone": mobile,
                "birth_date": "1990-01-02", "tenure": "tenant",
            }  # fmt: skip
            path = f"/api/v1/communities/{COMMUNITY}/registrations"
            filed = ok(story.client.post(path, json=person, headers=who))
            path = f"/api/v1/registrations/{filed['id']}/{act}"
            ok(story.client.post(path, json=body, headers=story.clerk))
            drain()
            (item,) = [each for each in inbox(story, who) if each["personal"]]
            assert item["kind"] == "private_reply"
            opened = ok(story.client.get(f"{INBOX}/{item['id']}", headers=who))
            assert opened["kind"] == kind
            assert ("请带租房合同来登记" in opened["text"]) == (act == "reject")

    def test_somebody_elses_is_not_found_exactly_like_a_missing_one(
        self, story: Story, database: Database
    ) -> None:
        mine, others = (story.callers.resident_actor(phone(number)) for number in (0, 1))
        assert mine.account_id is not None
        with database.writing() as session:
            service.tell_person(
                session, kind=Kind.OBJECTION_MOVED, facts={"step": "offered"}, account_id=mine.account_id, source="x"
            )  # fmt: skip
        me, other = story.callers.headers(mine), story.callers.headers(others)
        (item,) = inbox(story, me)
        foreign = refused(story.client.get(f"{INBOX}/{item['id']}", headers=other), 404, "notice_not_found")
        missing = story.client.get(f"{INBOX}/{uuid.uuid4()}", headers=other).json()
        assert foreign == missing
        for ids in ([item["id"]], [str(uuid.uuid4())]):
            refused(story.client.post(READ, json={"ids": ids}, headers=other), 404, "notice_not_found")
        assert unread(story, me) == 1


class TestReading:
    def test_a_mark_goes_forward_only_and_never_past_now(
        self, story: Story, drain: Callable[[], int]
    ) -> None:
        who = story.resident(0)
        clock.set_frozen(clock.now() + HOUR / 60)
        story.published_projects([400_000])
        drain()
        assert unread(story, who) == 1
        early, now = (clock.now() - DAY).isoformat(), clock.now().isoformat()
        ok(story.client.post(READ, json={"until": early}, headers=who))
        assert unread(story, who) == 1
        ok(story.client.post(READ, json={"until": now}, headers=who))
        ok(story.client.post(READ, json={"until": early}, headers=who))  # a late message of a slow phone
        assert (unread(story, who), inbox(story, who)[0]["unread"]) == (0, False)
        ok(story.client.post(READ, json={"until": "2200-01-01T00:00:00Z"}, headers=who))
        clock.set_frozen(clock.now() + DAY)
        story = Story(story.client, story.callers)
        story.published_projects([500_000])
        drain()
        assert unread(story, story.resident(0)) == 1

    def test_what_is_private_is_read_when_it_is_opened(self, story: Story, database: Database) -> None:
        actor = story.callers.resident_actor(phone(0))
        assert actor.account_id is not None
        with database.writing() as session:
            for step in ("assigned", "offered"):
                service.tell_person(
                    session, kind=Kind.OBJECTION_MOVED, facts={"step": step}, account_id=actor.account_id, source=step
                )  # fmt: skip
        who = story.callers.headers(actor)
        ok(story.client.post(READ, json={"until": clock.now().isoformat()}, headers=who))
        assert unread(story, who) == 2
        first, second = inbox(story, who)
        for _ in range(2):
            ok(story.client.post(READ, json={"ids": [first["id"]]}, headers=who))
        assert {each["id"]: each["unread"] for each in inbox(story, who)} == {
            first["id"]: False, second["id"]: True,
        }  # fmt: skip

    def test_malformed(self, story: Story) -> None:
        who = story.resident(0)
        bodies: list[dict[str, Any]] = [
            {}, {"ids": []}, {"until": "2026-06-02T10:00:00"}, {"until": "x"}, {"ids": ["x"]}, {"all": True},
            {"ids": [str(uuid.uuid4())] * 201},
        ]  # fmt: skip
        for body in bodies:
            refused(story.client.post(READ, json=body, headers=who), 422, "malformed_request")


class TestForgetting:
    def test_an_export_says_everything_and_forgetting_leaves_nothing(
        self, story: Story, database: Database, drain: Callable[[], int]
    ) -> None:
        round_id = story.publish_round(story.published_projects([400_000]))
        actor = story.callers.resident_actor(phone(0))
        account_id = actor.account_id
        assert account_id is not None
        who = story.callers.headers(actor)
        ok(story.client.put(f"/api/v1/rounds/{round_id}/my-interest", headers=who))
        ok(
            story.client.post(
                "/api/v1/me/subscriptions", json={"results": {"reminder": "accept"}}, headers=who
            )
        )
        ok(
            story.client.put(
                "/api/v1/me/notice-settings", json={"sms": False, "reminders": True}, headers=who
            )
        )
        with database.writing() as session:
            service.tell_person(
                session,
                kind=Kind.OBJECTION_MOVED,
                facts={"step": "offered"},
                account_id=account_id,
                source="x",
            )
            said = service.export_of(session, account_id)
        assert [each["kind"] for each in said["notices"]] == ["objection_moved"]
        assert said["settings"]["sms"] is False
        assert said["wechat_messages_left"] == {"reminder": 1}
        assert said["waits_for_results_of"] == [round_id]
        with database.writing() as session:
            service.forget(session, account_id)
            empty = service.export_of(session, account_id)
        assert (empty["notices"], empty["wechat_messages_left"], empty["waits_for_results_of"]) == (
            [],
            {},
            [],
        )
        drain()

    def test_after_a_year_notices_are_gone(
        self, story: Story, database: Database, drain: Callable[[], int]
    ) -> None:
        actor = story.callers.resident_actor(phone(0))
        assert actor.account_id is not None
        story.published_projects([400_000])
        drain()
        with database.writing() as session:
            service.tell_person(
                session, kind=Kind.WECHAT_REBOUND, facts={}, account_id=actor.account_id, source="x"
            )
        for days, left in ((364, (1, 1, 1)), (367, (0, 0, 0))):
            clock.set_frozen(clock.now() + days * DAY)
            with database.writing() as session:
                service.forget_old(session)
            with database.reading() as session:
                counts = tuple(
                    session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - ours
                    for table in ("notice", "notice_community", "personal_notice")
                )
            assert counts == left
