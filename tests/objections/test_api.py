"""An objection from filing to its end: heard, left in peace, and known to nobody it need not be known to."""

import datetime as dt
import uuid

from app.access.roles import Role
from app.core import clock
from tests.callers import Callers
from tests.objection_story import DAY, FILED, WORDS, Case
from tests.story import COMMUNITY, NEIGHBOUR, ok, refused


class TestFiling:
    def test_the_household_reads_what_it_said_and_what_else_it_can_do(self, case: Case) -> None:
        found = case.mine()
        assert (found["state"], found["project_id"], found["views"]) == ("filed", case.project, [])
        assert [(each["kind"], each["text"]) for each in found["entries"]] == [
            ("grounds", WORDS), ("effect", "睡不好"), ("wish", "换个位置"),
        ]  # fmt: skip
        assert "court" in found["remedies"][-1]
        assert "法院" in case.mine(language="zh-CN")["remedies"][-1]

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
            (
                assigned.id,
                {
                    "id", "project_id", "project_title", "community_code", "community", "state", "stage", "you_are",
                    "mediator", "assigned", "filed_at", "changed_at", "acknowledge_by", "acknowledged_at",
                    "complaint_waits", "due", "overdue", "opens",
                },
            )
        ]  # fmt: skip

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
            ("settle", {"offer": 1}),
            ("refuse-mediator", {}),
            ("escalate", {"text": "有人施压"}),
        ):
            refused(assigned.post(verb, neighbour, body), 404, "objection_not_found")
        refused(
            assigned.story.client.get(f"/api/v1/me/objections/{assigned.id}", headers=neighbour), 404,
            "objection_not_found",
        )  # fmt: skip
        assert ok(assigned.story.client.get("/api/v1/objections", headers=other))["items"] == []

    def test_every_look_is_shown_to_the_household(self, assigned: Case) -> None:
        for who, purpose in ((assigned.officer, "分派给人"), (assigned.mediator, "准备上门")):
            seen = ok(assigned.post("views", who, {"purpose": purpose}))
            assert seen["objector"]["name"] == "居民3"
            assert WORDS in seen["entries"][0]["text"]
        views = assigned.mine()["views"]
        assert [(each["role"], each["purpose"]) for each in views] == [
            ("objection_officer", "分派给人"),
            ("mediator", "准备上门"),
        ]

    def test_a_look_that_goes_on_is_one_look(self, assigned: Case) -> None:
        for minutes, purpose, looks in (
            (0, "准备上门", 1),
            (29, "准备上门", 1),
            (30, "回复留言", 2),
            (31, "准备上门", 3),
        ):
            with clock.frozen(FILED + dt.timedelta(minutes=minutes)):
                assigned.opened(assigned.at_work(), purpose)
                assert len(assigned.mine()["views"]) == looks

    def test_the_count_is_public_only_where_it_points_at_nobody(self, case: Case) -> None:
        case.story.with_residents(40)
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
        for hours, code in ((72 + 9, "quiet_hours"), (72 + 20, "quiet_hours")):  # 20:00 and 07:00
            with clock.frozen(FILED + dt.timedelta(hours=hours)):
                refused(assigned.post("entries", assigned.at_work(), session), 409, code)
        with clock.frozen(FILED + 3 * DAY):
            ok(assigned.post("entries", assigned.at_work(), session))
        kinds = [each["kind"] for each in assigned.mine()["entries"]]
        assert kinds == [
            "grounds",
            "effect",
            "wish",
            "assigned",
            "session",
        ]

    def test_not_more_than_two_contacts_in_two_weeks(self, assigned: Case) -> None:
        body = {"kind": "session", "text": "再谈一次"}
        for day in (4, 6):
            with clock.frozen(FILED + day * DAY):
                ok(assigned.post("entries", assigned.at_work(), body))
        with clock.frozen(FILED + 17 * DAY):
            refused(assigned.post("entries", assigned.at_work(), body), 409, "too_many_contacts")
        with clock.frozen(FILED + 18 * DAY):
            ok(assigned.post("entries", assigned.at_work(), body))

    def test_an_offer_is_settled_by_the_household_and_can_be_gone_back_on(self, assigned: Case) -> None:
        refused(assigned.post("settle", assigned.household, {"offer": 1}), 409, "no_offer")
        with clock.frozen(FILED + 4 * DAY):
            home = assigned.story.resident(3)
            ok(assigned.post("entries", assigned.at_work(), {"kind": "offer", "text": "灯罩朝下"}))
            ok(assigned.post("answers", home, {"text": "可以"}))
            settled = ok(assigned.post("settle", home, {"offer": 1}))
            assert settled["state"] == "settled"
            said = [(each["kind"], each["by_objector"]) for each in settled["entries"]][3:]
            assert said == [("assigned", False), ("offer", False), ("answer", True), ("settled", True)]
            refused(assigned.post("withdraw", home), 409, "objection_wrong_state")
            refused(
                assigned.post("entries", assigned.at_work(), {"kind": "note", "text": "完了"}), 404,
                "objection_not_found",
            )  # fmt: skip
            assert ok(assigned.post("maintain", home))["state"] == "maintained"

    def test_a_mediator_cannot_speak_for_the_household(self, assigned: Case) -> None:
        for kind in ("answer", "grounds", "outcome"):
            refused(
                assigned.post("entries", assigned.mediator, {"kind": kind, "text": "他同意了"}), 409,
                "objection_wrong_state",
            )  # fmt: skip
        refused(assigned.post("settle", assigned.mediator, {"offer": 1}), 403, "not_allowed")


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
