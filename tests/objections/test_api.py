"""An objection from filing to its end: heard, left in peace, and known to nobody it need not be known to."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, refused

WORDS = "金丝雀：灯会照进我家卧室"
#: A Tuesday, eleven in the morning in Beijing.
FILED = dt.datetime(2026, 6, 2, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@dataclass
class Case:
    story: Story
    project: str
    id: str
    household: Headers
    officer: Headers
    mediator: Headers
    mediator_id: uuid.UUID

    def post(self, verb: str, who: Headers, body: object = None) -> Any:
        path = f"/api/v1/objections/{self.id}/{verb}"
        return self.story.client.post(path, json=body, headers=who)

    def mine(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = ok(
            self.story.client.get("/api/v1/me/objections", headers=self.household)
        )["items"]
        return found[0]


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with clock.frozen(FILED):
        yield


@pytest.fixture
def case(client: TestClient, callers: Callers) -> Case:
    story = Story(client, callers).with_residents(40)
    (project,) = story.published_projects([500_000])
    household = story.resident(3)
    body = {"grounds": WORDS, "effect": "睡不好", "would_help": "换个位置"}
    filed = ok(client.post(f"/api/v1/projects/{project}/objections", json=body, headers=household))
    mediator = callers.staff_actor(Role.MEDIATOR, COMMUNITY)
    assert mediator.account_id is not None
    return Case(
        story, project, filed["id"], household, callers.staff(Role.OBJECTION_OFFICER, COMMUNITY),
        callers.headers(mediator), mediator.account_id,
    )  # fmt: skip


@pytest.fixture
def assigned(case: Case) -> Case:
    answer = case.post("assign", case.officer, {"mediator_id": str(case.mediator_id)})
    assert answer.status_code == 204, answer.text
    return case


class TestFiling:
    def test_the_household_reads_what_it_said_and_what_else_it_can_do(self, case: Case) -> None:
        found = case.mine()
        assert (found["state"], found["project_id"], found["views"]) == ("filed", case.project, [])
        assert WORDS in found["entries"][0]["text"]
        assert "法院" in found["remedies"]

    def test_one_for_a_household_at_a_time(self, case: Case) -> None:
        path = f"/api/v1/projects/{case.project}/objections"
        refused(
            case.story.client.post(path, json={"grounds": "再说一遍"}, headers=case.household),
            409,
            "objection_open",
        )

    def test_only_those_who_live_there(self, case: Case, callers: Callers) -> None:
        path = f"/api/v1/projects/{case.project}/objections"
        stranger = callers.resident("13700000001")
        answer = case.story.client.post(path, json={"grounds": "不同意"}, headers=stranger)
        refused(answer, 403, "not_a_resident_there")
        unknown = f"/api/v1/projects/{uuid.uuid4()}/objections"
        refused(
            case.story.client.post(unknown, json={"grounds": "不同意"}, headers=case.household), 404,
            "project_not_found",
        )  # fmt: skip
        refused(
            case.story.client.post(path, json={"grounds": ""}, headers=case.household),
            422,
            "malformed_request",
        )


class TestWhoKnows:
    def test_words_and_names_are_nowhere_but_with_those_who_work_on_it(
        self, assigned: Case, callers: Callers
    ) -> None:
        """A search for the words, the name, the phone and the dwelling in all that others can read."""
        client, story = assigned.story.client, assigned.story
        neighbour = story.resident(4)
        readers = [{}, neighbour, story.clerk, story.chair, callers.staff(Role.ADMINISTRATOR, COMMUNITY)]
        paths = [
            f"/api/v1/projects/{assigned.project}", f"/api/v1/projects/{assigned.project}/objection-count",
            "/api/v1/projects", "/api/v1/me/objections", "/api/v1/objections",
            f"/api/v1/objections/{assigned.id}", f"/api/v1/communities/{COMMUNITY}/audit",
        ]  # fmt: skip
        for who in readers:
            for path in paths:
                text = client.get(path, headers=who).text
                assert WORDS not in text
                assert "金丝雀" not in text
                assert "13900000003" not in text
        listed = ok(client.get("/api/v1/objections", headers=assigned.mediator))["items"]
        assert [(each["id"], set(each)) for each in listed] == [
            (assigned.id, {"id", "project_id", "state", "assigned", "filed_at", "changed_at"})
        ]

    def test_others_may_not_even_know_that_it_exists(self, assigned: Case, callers: Callers) -> None:
        purpose = {"purpose": "了解情况"}
        away = callers.staff(Role.OBJECTION_OFFICER, NEIGHBOUR)
        other = callers.staff(Role.MEDIATOR, COMMUNITY)
        for who in (away, other):
            refused(assigned.post("views", who, purpose), 404, "objection_not_found")
        refused(assigned.post("views", assigned.story.chair, purpose), 403, "not_allowed")
        neighbour = assigned.story.resident(4)
        for verb, body in (
            ("answers", {"text": "我也说"}),
            ("withdraw", None),
            ("maintain", None),
            ("settle", None),
        ):
            refused(assigned.post(verb, neighbour, body), 404, "objection_not_found")
        assert ok(assigned.story.client.get("/api/v1/objections", headers=other))["items"] == []

    def test_every_look_is_shown_to_the_household(self, assigned: Case) -> None:
        for who, purpose in ((assigned.officer, "分派"), (assigned.mediator, "准备上门")):
            seen = ok(assigned.post("views", who, {"purpose": purpose}))
            assert seen["objector"]["name"] == "居民3"
            assert WORDS in seen["entries"][0]["text"]
        views = assigned.mine()["views"]
        assert [(each["role"], each["purpose"]) for each in views] == [
            ("objection_officer", "分派"),
            ("mediator", "准备上门"),
        ]

    def test_the_count_is_public_only_where_it_points_at_nobody(self, case: Case) -> None:
        path = f"/api/v1/projects/{case.project}/objection-count"
        assert ok(case.story.client.get(path))["households"] is None
        for number in range(4, 11):
            ok(
                case.story.client.post(
                    f"/api/v1/projects/{case.project}/objections",
                    json={"grounds": "也不同意"}, headers=case.story.resident(number),
                )
            )  # fmt: skip
        assert ok(case.story.client.get(path))["households"] == 10  # eight, rounded to five


class TestNegotiation:
    def test_only_a_mediator_of_the_place_is_given_a_case(self, case: Case, callers: Callers) -> None:
        away = callers.staff_actor(Role.MEDIATOR, NEIGHBOUR)
        clerk = callers.staff_actor(Role.RC_STAFF, COMMUNITY)
        for account in (away.account_id, clerk.account_id, uuid.uuid4()):
            refused(case.post("assign", case.officer, {"mediator_id": str(account)}), 422, "not_a_mediator")
        refused(
            case.post("entries", case.mediator, {"kind": "note", "text": "准备"}), 404, "objection_not_found"
        )

    def test_the_household_is_left_in_peace_for_three_days_and_at_night(self, assigned: Case) -> None:
        session, note = {"kind": "session", "text": "上门谈话"}, {"kind": "note", "text": "先看现场"}
        refused(assigned.post("entries", assigned.mediator, session), 409, "cool_off")
        ok(assigned.post("entries", assigned.mediator, note))
        for hours, code in ((72 + 10, "quiet_hours"), (72 + 20, "quiet_hours")):  # 21:00 and 07:00
            with clock.frozen(FILED + dt.timedelta(hours=hours)):
                refused(assigned.post("entries", self.fresh(assigned), session), 409, code)
        with clock.frozen(FILED + 3 * DAY):
            ok(assigned.post("entries", self.fresh(assigned), session))
        kinds = [each["kind"] for each in assigned.mine()["entries"]]
        assert kinds == ["grounds", "session"]  # a mediator's notes are no part of the conversation

    def test_not_more_than_two_contacts_in_two_weeks(self, assigned: Case) -> None:
        body = {"kind": "session", "text": "再谈一次"}
        for day in (4, 6):
            with clock.frozen(FILED + day * DAY):
                ok(assigned.post("entries", self.fresh(assigned), body))
        with clock.frozen(FILED + 17 * DAY):
            refused(assigned.post("entries", self.fresh(assigned), body), 409, "too_many_contacts")
        with clock.frozen(FILED + 18 * DAY):
            ok(assigned.post("entries", self.fresh(assigned), body))

    def test_an_offer_is_settled_by_the_household_and_can_be_gone_back_on(self, assigned: Case) -> None:
        refused(assigned.post("settle", assigned.household), 409, "no_offer")
        with clock.frozen(FILED + 4 * DAY):
            home = assigned.story.resident(3)
            ok(assigned.post("entries", self.fresh(assigned), {"kind": "offer", "text": "灯罩朝下"}))
            ok(assigned.post("answers", home, {"text": "可以"}))
            settled = ok(assigned.post("settle", home))
            assert settled["state"] == "settled"
            assert [each["by_objector"] for each in settled["entries"]][:3] == [True, False, True]
            refused(assigned.post("withdraw", home), 409, "objection_wrong_state")
            refused(
                assigned.post("entries", self.fresh(assigned), {"kind": "note", "text": "完了"}), 409,
                "objection_wrong_state",
            )  # fmt: skip
            assert ok(assigned.post("maintain", home))["state"] == "maintained"

    def test_a_mediator_cannot_speak_for_the_household(self, assigned: Case) -> None:
        for kind in ("answer", "grounds", "outcome"):
            refused(
                assigned.post("entries", assigned.mediator, {"kind": kind, "text": "他同意了"}), 409,
                "objection_wrong_state",
            )  # fmt: skip
        refused(assigned.post("settle", assigned.mediator), 403, "not_allowed")

    @staticmethod
    def fresh(case: Case) -> Headers:
        """The mediator, signed in at this moment."""
        with case.story.callers.database.reading() as session:
            from app.access.models import Account

            account = session.get(Account, case.mediator_id)
            assert account is not None
            name = account.name
        assert name
        with case.story.callers.database.writing() as session:
            return case.story.callers.headers(case.story.callers._actor(session, account))


class TestWithdrawal:
    def test_can_be_taken_back_for_two_days(self, case: Case) -> None:
        assert ok(case.post("withdraw", case.household))["state"] == "withdrawn"
        with clock.frozen(FILED + 2 * DAY):
            assert ok(case.post("maintain", case.story.resident(3)))["state"] == "maintained"

    def test_and_not_later(self, case: Case) -> None:
        ok(case.post("withdraw", case.household))
        with clock.frozen(FILED + 2 * DAY + dt.timedelta(seconds=1)):
            refused(case.post("maintain", case.story.resident(3)), 409, "too_late_to_return")
            body = {"grounds": "换了理由"}
            ok(
                case.story.client.post(
                    f"/api/v1/projects/{case.project}/objections", json=body, headers=case.story.resident(3)
                )
            )
