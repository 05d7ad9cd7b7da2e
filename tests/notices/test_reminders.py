"""Reminding those who have not taken part: each once, at a decent hour, and nothing left that says who."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.notices import service, tasks
from app.notices.rules import Purpose, Template
from app.notices.service import dispatching, people
from tests.callers import Callers, Headers
from tests.notices.conftest import DAY, HOUR, MORNING, Post, PowerCut
from tests.recorded.estate import CO_OWNER, SPOUSE, THREE_FLATS
from tests.recorded.estate import opened as opened_estate
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, phone, refused, roster_row


def clerk(story: Story) -> Headers:
    """Signed in at this moment."""
    return story.callers.staff(Role.RC_STAFF, COMMUNITY)


def remind(story: Story, round_id: str, who: Headers | None = None) -> Any:
    return story.client.post(f"/api/v1/rounds/{round_id}/reminders", headers=who or clerk(story))


def rows(database: Database, table: str) -> int:
    with database.reading() as session:
        return int(session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 - ours


def subscribe(story: Story, database: Database, number: int, openid: str, *templates: str) -> None:
    """Bound in WeChat, where a tap was accepted for each of ``templates``."""
    from app.access.models import WeChatBinding

    actor = story.callers.resident_actor(phone(number))
    with database.writing() as session:
        assert actor.account_id is not None
        session.add(
            WeChatBinding(
                account_id=actor.account_id, openid=openid, openid_fingerprint=openid, bound_at=clock.now()
            )
        )
    body = {"results": dict.fromkeys(templates, "accept")}
    ok(story.client.post("/api/v1/me/subscriptions", json=body, headers=story.callers.headers(actor)))


def left(story: Story, number: int) -> dict[str, int]:
    items = ok(story.client.get("/api/v1/me/subscriptions", headers=story.resident(number)))["items"]
    return {each["template"]: each["left_over"] for each in items}


@pytest.fixture
def opened(story: Story) -> str:
    """A round of eight days that is open since this morning."""
    return story.open_round(story.published_projects([400_000, 500_000]))


class TestSending:
    def test_only_those_who_have_not_taken_part(
        self, story: Story, opened: str, post: Post, database: Database
    ) -> None:
        ids = [
            each["project_id"] for each in ok(story.client.get(f"/api/v1/rounds/{opened}/projects"))["items"]
        ]
        ok(story.cast(opened, story.resident(0), ids))
        ok(story.cast(opened, story.resident(1), ids))
        ok(story.client.delete(f"/api/v1/rounds/{opened}/my-ballot", headers=story.resident(1)))
        told = ok(remind(story, opened))
        assert (told["sms"], told["unreachable"], told["finished"], told["automatic"]) == (5, 0, False, False)
        post.deliver(database)
        assert post.phones == [phone(number) for number in range(1, 6)]  # who withdrew has no ballot in force
        for _, template, params in post.sms:
            assert template == "round_reminder"
            assert params == {
                "round": "2026 年社区微更新", "until": "6月10日 11:00", "link": "https://vote.example",
            }  # fmt: skip
        (listed,) = ok(story.client.get(f"/api/v1/rounds/{opened}/reminders", headers=clerk(story)))["items"]
        assert (listed["sms"], listed["finished"]) == (5, True)

    def test_each_way_and_those_nobody_reaches(self, story: Story, post: Post, database: Database) -> None:
        story.import_roster(csv_bytes([roster_row(n) for n in range(6)] + [roster_row(6, 手机="")]))
        opened = story.open_round(story.published_projects([400_000]))
        subscribe(story, database, 0, "wx-0", "reminder")
        subscribe(story, database, 1, "wx-1", "reminder")
        settings = "/api/v1/me/notice-settings"
        off = {"sms": True, "reminders": False}
        ok(story.client.put(settings, json=off, headers=story.resident(2)))
        quiet = {"sms": False, "reminders": True}
        ok(story.client.put(settings, json=quiet, headers=story.resident(3)))
        told = ok(remind(story, opened))
        expected = {"wechat": 2, "sms": 2, "inbox": 1, "switched_off": 1, "unreachable": 1, "told_before": 0}
        assert {name: told[name] for name in expected} == expected
        post.not_subscribed.add("wx-1")
        post.refused.add(phone(4))  # a number the gateway never takes holds up nobody
        post.deliver(database)
        assert [(openid, template) for openid, template, _, _ in post.wechat] == [("wx-0", "reminder")]
        assert post.phones == [phone(1), phone(5)]  # 43101: a short message instead
        assert (left(story, 0)["reminder"], left(story, 1)["reminder"]) == (0, 0)
        (listed,) = ok(story.client.get(f"/api/v1/rounds/{opened}/reminders", headers=clerk(story)))["items"]
        assert {name: listed[name] for name in expected} == expected | {"wechat": 1, "sms": 3}

    def test_once_a_day_and_one_short_message_a_round(
        self, story: Story, opened: str, post: Post, database: Database
    ) -> None:
        ok(remind(story, opened))
        refused(remind(story, opened), 409, "reminded_today")
        post.deliver(database)
        clock.set_frozen(MORNING + DAY)
        told = ok(remind(story, opened))
        assert (told["sms"], told["told_before"]) == (0, 6)
        post.deliver(database)
        assert len(post.sms) == 6

    def test_staff_are_told_before_when_it_would_go_out(self, story: Story, opened: str) -> None:
        path = f"/api/v1/rounds/{opened}/reminders"

        def following() -> dict[str, Any]:
            found: dict[str, Any] = ok(story.client.get(path, headers=clerk(story)))["next"]
            return found

        now = following()
        assert dt.datetime.fromisoformat(now["goes_out_at"]) == MORNING
        assert (now["code"], now["quiet_from_hour"], now["quiet_to_hour"]) == (None, 21, 8)
        clock.set_frozen(MORNING + 11 * HOUR)
        assert dt.datetime.fromisoformat(following()["goes_out_at"]) == MORNING + 21 * HOUR
        clock.set_frozen(MORNING)
        ok(remind(story, opened))
        assert (following()["goes_out_at"], following()["code"]) == (None, "reminded_today")
        ok(story.client.post(f"/api/v1/rounds/{opened}/close", headers=clerk(story)))
        assert following()["code"] == "not_open_for_reminders"

    def test_at_night_it_waits_for_the_morning(
        self, story: Story, opened: str, post: Post, database: Database
    ) -> None:
        night = MORNING + 11 * HOUR  # ten in the evening in Beijing
        clock.set_frozen(night)
        told = ok(remind(story, opened))
        assert dt.datetime.fromisoformat(told["at"]) == night + 10 * HOUR
        assert post.deliver(database) == 0
        clock.set_frozen(night + 10 * HOUR)
        post.deliver(database)
        assert len(post.sms) == 6

    def test_what_has_begun_stops_at_nine_in_the_evening(
        self, story: Story, opened: str, post: Post, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(people, "PAGE", 2)
        clock.set_frozen(MORNING + 9.9 * HOUR)
        ok(remind(story, opened))
        assert post.deliver(database, most=1) == 1
        clock.set_frozen(MORNING + 10 * HOUR)
        assert post.deliver(database) == 0
        assert len(post.sms) == 2
        clock.set_frozen(MORNING + 21 * HOUR)
        post.deliver(database)
        assert (len(post.sms), len(set(post.phones))) == (6, 6)

    def test_too_late_when_the_round_closes_before_the_morning(self, story: Story, opened: str) -> None:
        clock.set_frozen(MORNING + 8 * DAY - 1 * HOUR)
        ok(remind(story, opened))
        late = story.open_round(
            story_now(story).published_projects([400_000]),
            opens_at=(clock.now() + HOUR).isoformat(), closes_at=(clock.now() + 14 * HOUR).isoformat(),
        )  # fmt: skip
        clock.set_frozen(clock.now() + 12 * HOUR)
        refused(remind(story, late), 409, "too_late_to_remind")

    def test_foreign_rounds_are_not_found_like_missing_ones(self, story: Story, opened: str) -> None:
        away = story.callers.staff(Role.RC_STAFF, NEIGHBOUR)
        above = story.callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        missing = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
        for round_id in (opened, missing):
            refused(remind(story, round_id, away), 404, "round_not_found")
            path = f"/api/v1/rounds/{round_id}/reminders"
            refused(story.client.get(path, headers=away), 404, "round_not_found")
        refused(remind(story, opened, above), 403, "not_allowed")
        refused(remind(story, opened, story.resident(0)), 403, "not_allowed")
        draft = story.draft_round(story.published_projects([400_000]))
        refused(remind(story, draft), 409, "not_open_for_reminders")


def story_now(story: Story) -> Story:
    """The same committee, signed in at this moment."""
    story.clerk = story.callers.staff(Role.RC_STAFF, COMMUNITY)
    story.chair = story.callers.staff(Role.RC_CHAIR, COMMUNITY)
    return story


class TestByItself:
    def test_a_day_before_the_end_once_and_not_in_a_round_of_two_days(
        self, story: Story, opened: str, post: Post, database: Database, drain: Callable[[], int]
    ) -> None:
        short = story.open_round(
            story.published_projects([400_000]),
            opens_at=(MORNING + HOUR).isoformat(), closes_at=(MORNING + 71 * HOUR).isoformat(),
        )  # fmt: skip
        clock.set_frozen(MORNING + 50 * HOUR)
        tasks.remind_due(database)
        assert post.deliver(database) == 0
        ok(story.client.post(f"/api/v1/rounds/{short}/close", headers=clerk(story)))
        for at, told in ((7 * DAY - HOUR, 0), (7 * DAY, 6), (7 * DAY + 2 * HOUR, 6)):
            clock.set_frozen(MORNING + at)
            tasks.remind_due(database)
            post.deliver(database)
            assert len(post.sms) == told
        drain()
        items = ok(story.client.get("/api/v1/me/notices", headers=story.resident(0)))["items"]
        assert [each["kind"] for each in items].count("round_closing") == 1
        public = ok(story.client.get(f"/api/v1/communities/{COMMUNITY}/notices"))["items"]
        assert "round_closing" not in {each["kind"] for each in public}
        refused(remind(story, opened), 409, "reminded_today")


class TestReachingMany:
    def test_a_crash_misses_one_and_tells_nobody_twice(
        self, story: Story, opened: str, post: Post, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(people, "PAGE", 2)
        ok(remind(story, opened))

        def power_cut() -> None:
            if len(post.sms) == 3:
                raise PowerCut

        post.trouble = power_cut
        with pytest.raises(PowerCut):
            post.deliver(database)
        post.trouble = lambda: None
        assert post.deliver(database) == 0  # the one who died still holds it
        clock.set_frozen(clock.now() + dispatching.CLAIM + dt.timedelta(seconds=1))
        post.deliver(database)
        assert len(post.phones) == len(set(post.phones)) == 5
        (listed,) = ok(story.client.get(f"/api/v1/rounds/{opened}/reminders", headers=clerk(story)))["items"]
        assert (listed["finished"], listed["sms"], listed["told_before"]) == (True, 6, 0)

    def test_a_gateway_that_is_down_is_asked_again_and_nobody_is_missed(
        self, story: Story, opened: str, post: Post, database: Database
    ) -> None:
        ok(remind(story, opened))

        def down() -> None:
            if len(post.sms) == 2:
                raise ConnectionError

        post.trouble = down
        post.deliver(database)
        assert len(post.sms) == 2
        post.trouble = lambda: None
        assert post.deliver(database) == 0  # left alone for a while
        clock.set_frozen(clock.now() + dt.timedelta(minutes=1))
        post.deliver(database)
        assert post.phones == [phone(number) for number in range(6)]

    def test_one_that_never_answers_is_given_up(
        self, story: Story, opened: str, post: Post, database: Database
    ) -> None:
        def down() -> None:
            raise ConnectionError

        ok(remind(story, opened))
        post.trouble = down
        for _ in range(20):
            post.deliver(database)
            clock.set_frozen(clock.now() + dt.timedelta(minutes=31))
        with database.reading() as session:
            failures, finished = session.execute(
                sa.text("SELECT failures, finished_at FROM notice_dispatch")
            ).one()
        assert failures == 12
        assert finished is not None
        assert rows(database, "notice_delivery") == 0

    def test_two_workers_share_nothing_and_tell_nobody_twice(
        self, story: Story, opened: str, post: Post, database: Database
    ) -> None:
        ok(remind(story, opened))
        with database.writing() as session:
            first = service.claim_dispatch(session, worker="first")
        assert first is not None
        with database.writing() as session:
            assert service.claim_dispatch(session, worker="second") is None
        clock.set_frozen(clock.now() + 2 * dispatching.CLAIM)
        with database.writing() as session:
            assert service.claim_dispatch(session, worker="second") is not None
        with database.reading() as session:
            stop = service.next_page(session, first, channels=post.channels())
        assert stop is not None
        with pytest.raises(service.DispatchEnded), database.writing() as session:
            service.advance(session, first, stop, {})

    def test_of_two_taps_at_once_one_reminds(self, story: Story, opened: str, database: Database) -> None:
        who = clerk(story)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: remind(story, opened, who).status_code, range(4)))
        assert sorted(answers) == [202, 409, 409, 409]
        # however many are to be told, it is one row until they are
        assert (rows(database, "notice_dispatch"), rows(database, "notice_delivery")) == (1, 0)
        with database.reading() as session:
            names = set(session.execute(sa.text("SELECT name FROM outbox_message")).scalars())
        assert not {name for name in names if "notice" in name or "reminder" in name}


class TestOwners:
    def test_those_for_whose_dwelling_nobody_voted(
        self, client: TestClient, callers: Callers, post: Post, database: Database
    ) -> None:
        clock.set_frozen(MORNING)
        estate = opened_estate(client, callers)
        for number in range(5, 19):
            ok(estate.vote(number, "for"))
        told = ok(remind(estate.story, estate.round_id))
        # the owner of three dwellings has one phone, and is told once; of one dwelling the owner is not known
        post.deliver(database)
        first, second, third = post.phones
        assert (first, second) == (phone(THREE_FLATS), phone(3))
        assert third in {phone(CO_OWNER), phone(SPOUSE)}  # one for each dwelling
        assert told["sms"] == 3
        assert told["unreachable"] == 1


class TestHouseholds:
    def test_a_household_is_told_once_its_representative_first(
        self, story: Story, post: Post, database: Database
    ) -> None:
        rows = [roster_row(n) for n in range(6)]
        rows.append(roster_row(0, 姓名="家人", 手机=phone(90), 户代表="否"))
        rows.append(roster_row(1, 姓名="家人", 手机=phone(91), 户代表="否"))
        story.import_roster(csv_bytes(rows))
        opened = story.open_round(
            story.published_projects([400_000]), electorate="household", kind="consultation"
        )
        told = ok(remind(story, opened))
        assert told["sms"] == 6
        post.deliver(database)
        assert post.phones == [phone(number) for number in range(6)]


class TestNothingIsLeft:
    def test_rows_say_nothing_and_are_gone_when_the_round_closes(
        self, story: Story, opened: str, post: Post, database: Database, drain: Callable[[], int]
    ) -> None:
        ok(remind(story, opened))
        post.deliver(database)
        with database.reading() as session:
            said = session.execute(sa.text("SELECT * FROM notice_delivery")).mappings().all()
            known = {
                *session.execute(sa.text("SELECT phone_fingerprint FROM resident")).scalars(),
                *(str(each) for each in session.execute(sa.text("SELECT id FROM resident")).scalars()),
            }
        assert len(said) == 6
        assert {tuple(row) for row in said} == {("key", "round_id")}  # no time, no order
        assert not {row["key"] for row in said} & known
        ok(story.client.post(f"/api/v1/rounds/{opened}/close", headers=story.clerk))
        drain()
        assert (rows(database, "notice_delivery"), rows(database, "notice_dispatch")) == (0, 0)
        assert ok(story.client.get(f"/api/v1/rounds/{opened}/reminders", headers=story.clerk))["items"] == []

    def test_who_is_half_way_through_stops_when_the_round_closes(
        self, story: Story, opened: str, post: Post, database: Database, drain: Callable[[], int]
    ) -> None:
        ok(remind(story, opened))

        def close() -> None:
            if len(post.sms) == 2:
                ok(story.client.post(f"/api/v1/rounds/{opened}/close", headers=story.clerk))
                post.trouble = lambda: None
                tell_all(story)

        def tell_all(story: Story) -> None:
            del story
            drain()

        post.trouble = close
        post.deliver(database)
        assert len(post.sms) == 3  # the one that was on its way
        assert rows(database, "notice_delivery") == 0

    def test_a_cancelled_round_leaves_nobody_waiting(
        self, story: Story, database: Database, drain: Callable[[], int]
    ) -> None:
        round_id = story.publish_round(story.published_projects([400_000]))
        ok(story.client.put(f"/api/v1/rounds/{round_id}/my-interest", headers=story.resident(0)))
        ok(
            story.client.post(
                f"/api/v1/rounds/{round_id}/cancel", json={"reason": "重新安排"}, headers=story.chair
            )
        )
        drain()
        assert rows(database, "round_interest") == 0
        items = ok(story.client.get("/api/v1/me/notices", headers=story.resident(0)))["items"]
        assert "2026 年社区微更新: cancelled" in {each["title"] for each in items}


class TestTemplates:
    def test_each_purpose_has_its_own(self) -> None:
        assert set(service.SMS_TEMPLATES) == set(service.WECHAT_TEMPLATES) == set(Purpose)
        assert set(service.WECHAT_TEMPLATES.values()) == set(Template)
