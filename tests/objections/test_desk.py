"""The desk: what is owed and when, what a mediator may do, an offer that changes costs, figures for the others."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import col, select

from app.access.models import GrantRow
from app.access.roles import Role
from app.audit.models import AuditEntry
from app.core import clock
from app.outbox.models import OutboxMessage
from tests.callers import Callers
from tests.objection_story import DAY, FILED, Case
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, ok, refused

HOUR = dt.timedelta(hours=1)


def listed(case: Case, who: dict[str, str]) -> dict[str, Any]:
    (found,) = ok(case.story.client.get("/api/v1/objections", headers=who))["items"]
    return dict(found)


def cost_items(case: Case) -> list[tuple[str, int]]:
    project = ok(case.story.client.get(f"/api/v1/projects/{case.project}"))
    assert project["cost_fen"] == sum(each["amount_fen"] for each in project["cost_items"])
    return [(each["description"], each["amount_fen"]) for each in project["cost_items"]]


class TestListing:
    def test_what_is_owed_to_whom_and_when_it_is_late(self, case: Case) -> None:
        def duties(who: dict[str, str]) -> list[tuple[str, bool]]:
            found = listed(case, who)
            assert found["overdue"] == any(each["overdue"] for each in found["due"])
            return [(each["duty"], each["overdue"]) for each in found["due"]]

        assert duties(case.officer) == [("acknowledge", False)]
        with clock.frozen(FILED + 6 * DAY):
            assert duties(case.officer_now()) == [("acknowledge", True)]
            case.opened(case.officer_now(), "查收异议")
            assert duties(case.officer_now()) == [("assign", False)]
            assert case.assign(by=case.officer_now()).status_code == 204
            found = listed(case, case.at_work())
            assert (found["stage"], found["you_are"]) == ("to_contact", "mediator")
            assert found["project_title"] == "项目1"
            assert found["community_code"] == COMMUNITY
        with clock.frozen(FILED + 14 * DAY):
            assert (
                duties(case.at_work())
                == duties(case.officer_now())
                == [("contact", True), ("conclude", False)]
            )
            case.note("contact", channel="call")
            ok(case.post("answers", case.home(), {"text": "电话里说不清"}))
            ok(case.post("escalate", case.home(), {"text": "有人催"}))
            # a complaint goes past the mediator
            assert duties(case.at_work()) == [("answer", False), ("conclude", False)]
            assert duties(case.officer_now()) == [("answer", False), ("reply", False), ("conclude", False)]
            case.note("response", "我们再上门看一次")
            assert duties(case.at_work()) == [("conclude", False)]
        with clock.frozen(FILED + 37 * DAY):
            assert duties(case.at_work()) == [("conclude", True)]

    def test_the_soonest_comes_first_and_ended_ones_last(self, case: Case) -> None:
        story = case.story
        path = f"/api/v1/projects/{case.project}/objections"
        with clock.frozen(FILED + DAY):
            second = ok(story.client.post(path, json={"grounds": "太吵"}, headers=story.resident(4)))["id"]
        with clock.frozen(FILED + 2 * DAY):
            third = ok(story.client.post(path, json={"grounds": "太亮"}, headers=story.resident(5)))["id"]
            ok(case.post("withdraw", case.home()))
            # received, it is to have a mediator within three days: later than the other one is to be received
            ok(story.client.post(f"/api/v1/objections/{second}/views", json={"purpose": "查收异议"},
                                 headers=case.officer_now()))  # fmt: skip
        with clock.frozen(FILED + 4 * DAY):
            ok(story.client.post(f"/api/v1/objections/{third}/assign", json={"mediator_id": str(case.mediator_id)},
                                 headers=case.officer_now()))  # fmt: skip
            items = ok(story.client.get("/api/v1/objections", headers=case.officer_now()))["items"]
        assert [each["id"] for each in items] == [second, third, case.id]

    def test_whoever_has_no_grant_any_more_has_no_case(self, assigned: Case, callers: Callers) -> None:
        grants = ok(assigned.story.client.get("/api/v1/me", headers=assigned.mediator))["grants"]
        assert [each["role"] for each in grants] == ["mediator"]
        with callers.database.writing() as session:
            row = session.exec(select(GrantRow).where(GrantRow.account_id == assigned.mediator_id)).one()
            row.valid_to = clock.now()
            session.add(row)
        answer = assigned.story.client.get("/api/v1/objections", headers=assigned.at_work())
        refused(answer, 403, "not_allowed")
        found = listed(assigned, assigned.officer)
        assert found["mediator"].startswith("调解员 周敏")


class TestCandidates:
    def test_mediators_the_household_has_refused_are_left_out(self, assigned: Case, callers: Callers) -> None:
        other = callers.staff_actor(Role.MEDIATOR, SUBDISTRICT, name=f"调解员 吴平{uuid.uuid4().hex[:4]}")
        callers.staff(Role.MEDIATOR, NEIGHBOUR)
        path = f"/api/v1/objections/{assigned.id}/candidates"
        found = ok(assigned.story.client.get(path, headers=assigned.officer))["mediators"]
        assert [(each["account_id"], each["open_cases"]) for each in found] == [
            (str(other.account_id), 0), (str(assigned.mediator_id), 1),
        ]  # fmt: skip
        ok(assigned.post("refuse-mediator", assigned.home(), {}))
        found = ok(assigned.story.client.get(path, headers=assigned.officer))["mediators"]
        assert [each["account_id"] for each in found] == [str(other.account_id)]
        refused(assigned.story.client.get(path, headers=assigned.mediator), 403, "not_allowed")
        away = callers.staff(Role.OBJECTION_OFFICER, NEIGHBOUR)
        refused(assigned.story.client.get(path, headers=away), 404, "objection_not_found")


class TestNegotiating:
    def test_a_contact_says_how_and_a_meeting_when(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            refused(assigned.write("contact"), 422, "channel_needed")
            refused(assigned.write("plan"), 422, "meeting_time_needed")
            wrong = refused(assigned.write("note", channel="call"), 422, "out_of_place_in_entry")
            assert wrong["field"] == "channel"
            made = assigned.note("contact", "打电话问了情况", channel="call")
            assert (made["by"], made["channel"]) == ("mediator", "call")
            meets = (FILED + 6 * DAY).isoformat()
            assigned.note("plan", "在活动室谈", meets_at=meets)
            refused(assigned.write("plan", meets_at=(FILED + 7 * DAY).isoformat()), 409, "meeting_planned")
            seen = assigned.opened(assigned.at_work())
            assert seen["contact"]["left"] == 0  # the call, and the meeting in two days
            assert dt.datetime.fromisoformat(seen["contact"]["meeting_at"]) == FILED + 6 * DAY
            assert "plan" in [each["kind"] for each in assigned.mine()["entries"]]

    def test_at_night_at_the_third_contact_and_after_a_no(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY + 9 * HOUR):
            refused(assigned.write("contact", channel="visit"), 409, "quiet_hours")
        for day in (4, 5):
            with clock.frozen(FILED + day * DAY):
                assigned.note("contact", channel="visit")
        with clock.frozen(FILED + 6 * DAY):
            for kind, more in (("contact", {"channel": "message"}), ("session", {}), ("offer", {})):
                told = refused(assigned.write(kind, **more), 409, "too_many_contacts")
            assert dt.datetime.fromisoformat(told["until"]) == FILED + 18 * DAY
            found = assigned.opened(assigned.at_work())["contact"]
            assert (found["possible"], found["hindered_by"], found["left"]) == (False, "too_many_contacts", 0)
        with clock.frozen(FILED + 30 * DAY):
            for _ in range(2):  # said twice, it is said once
                seen = ok(assigned.post("refuse-contact", assigned.home()))
            assert [each["kind"] for each in seen["entries"]].count("no_contact") == 1
            assert seen["peace"]["contact_refused"]
            assert "refuse_contact" not in seen["can"]
            refused(assigned.write("contact", channel="call"), 409, "contact_refused")
            refused(assigned.write("plan", meets_at=(FILED + 40 * DAY).isoformat()), 409, "contact_refused")
            assigned.note("note", "等住户来信")
            ok(assigned.post("answers", assigned.home(), {"text": "可以再谈一次"}))
            assigned.note("contact", channel="call")

    def test_a_planned_meeting_is_a_contact_and_can_always_be_written_down(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            assigned.note("plan", meets_at=(FILED + 5 * DAY).isoformat())
            assigned.note("contact", channel="call")
            refused(assigned.write("contact", channel="call"), 409, "too_many_contacts")
        with clock.frozen(FILED + 5 * DAY + 11 * HOUR):  # 22:00
            found = assigned.opened(assigned.at_work())
            assert found["contact"]["hindered_by"] == "quiet_hours"
            assert dt.datetime.fromisoformat(found["contact"]["held_at"]) == FILED + 5 * DAY
            made = assigned.note("session", "谈了灯的位置")
            assert dt.datetime.fromisoformat(made["meets_at"]) == FILED + 5 * DAY
            refused(assigned.write("session"), 409, "quiet_hours")
        with clock.frozen(FILED + 6 * DAY):
            refused(assigned.write("session"), 409, "too_many_contacts")
            assert assigned.opened(assigned.at_work())["contact"]["held_at"] is None

    def test_a_meeting_is_moved_or_called_off(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            refused(assigned.write("moved", meets_at=(FILED + 7 * DAY).isoformat()), 409, "no_meeting")
            refused(assigned.write("called_off"), 409, "no_meeting")
            assert not {"moved", "called_off"} & set(assigned.opened(assigned.at_work())["may_write"])
            assigned.note("plan", meets_at=(FILED + 6 * DAY).isoformat())
            assert {"moved", "called_off"} <= set(assigned.opened(assigned.at_work())["may_write"])
            refused(assigned.write("moved"), 422, "meeting_time_needed")
            assigned.note("moved", "住户那天没空", meets_at=(FILED + 7 * DAY).isoformat())
            assert dt.datetime.fromisoformat(assigned.mine()["meeting_at"]) == FILED + 7 * DAY
            assigned.note("called_off", "场地有别的用")
            assert assigned.mine()["meeting_at"] is None
        names = {"meeting_planned", "meeting_moved", "meeting_called_off"}
        with assigned.story.callers.database.reading() as session:
            sent = {row.name.removeprefix("objection.") for row in session.exec(select(OutboxMessage))}
        assert names <= sent

    def test_of_many_at_once_two_are_contacts(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            who, day = assigned.at_work(), (FILED + 5 * DAY).isoformat()
            bodies = [{"kind": "plan", "text": "在活动室谈", "meets_at": day}]
            bodies += [{"kind": "contact", "text": "打电话", "channel": "call"}] * 3
            with ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(lambda body: assigned.post("entries", who, body), bodies))
            assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]

    def test_what_the_household_writes_is_answered_once(self, assigned: Case) -> None:
        refused(assigned.write("response"), 409, "nothing_to_respond")
        ok(assigned.post("answers", assigned.home(), {"text": "灯什么时候装？"}))
        # in the time to think too: they asked
        assigned.note("response", "下个月")
        refused(assigned.write("response"), 409, "nothing_to_respond")

    def test_a_case_is_handed_back_with_a_reason(self, assigned: Case) -> None:
        body = {"reason": "与住户是亲戚"}
        refused(assigned.post("hand-over", assigned.officer, body), 403, "not_allowed")
        assert assigned.post("hand-over", assigned.mediator, body).status_code == 204
        refused(assigned.post("hand-over", assigned.mediator, body), 404, "objection_not_found")
        found = listed(assigned, assigned.officer)
        assert (found["state"], found["stage"], found["mediator"]) == ("filed", "to_assign", None)
        assert assigned.mine()["entries"][-1]["kind"] == "handed_over"
        assert assigned.assign().status_code == 204  # who is free again may have it again


NEW_COSTS = [
    {"kind": "works", "description": "施工，向南移 8 米", "amount_fen": 510_000, "was": 1},
    {"kind": "goods", "description": "灯罩", "amount_fen": 20_000},
]


class TestSettling:
    def test_changes_the_cost_items_and_keeps_both_sides_words(
        self, assigned: Case, callers: Callers
    ) -> None:
        with clock.frozen(FILED + 4 * DAY):
            made = assigned.offer("南移 8 米，加灯罩", cost_items=NEW_COSTS)
            assert [each["what"] for each in made["costs"]["changes"]] == ["changed", "added"]
            (offer,) = assigned.mine()["offers"]
            assert (offer["costs"]["before_fen"], offer["costs"]["after_fen"]) == (500_000, 530_000)
            assert cost_items(assigned) == [("施工", 500_000)]
            body = {"offer": 1, "text": "晚上十点以后一定要关灯"}
            for _ in range(2):  # a repeat over a weak network changes nothing twice
                settled = ok(assigned.post("settle", assigned.home(), body))
            assert cost_items(assigned) == [("施工，向南移 8 米", 510_000), ("灯罩", 20_000)]
            words = [(each["by"], each["text"]) for each in settled["entries"][-2:]]
            assert words == [("mediator", "南移 8 米，加灯罩"), ("household", "晚上十点以后一定要关灯")]
            seen = assigned.opened(assigned.officer_now())
            assert [each["amount_fen"] for each in seen["cost_items"]] == [510_000, 20_000]
            assert seen["may_write"] == []
        with callers.database.reading() as session:
            record = session.exec(
                select(AuditEntry).where(col(AuditEntry.subject) == f"project:{assigned.project}")
            ).all()[-1]
        assert (record.tag, record.actor) == ("project:changed", f"account:{assigned.mediator_id}")
        assert '"cost_fen_before":500000' in record.facts

    def test_an_offer_is_about_the_costs_it_began_from(self, assigned: Case) -> None:
        story, path = assigned.story, f"/api/v1/projects/{assigned.project}"
        with clock.frozen(FILED + 4 * DAY):
            wrong = [{**NEW_COSTS[0], "was": 2}]
            refused(assigned.write("offer", cost_items=wrong), 422, "no_such_cost_item")
            same = [{"kind": "works", "description": "施工", "amount_fen": 500_000, "was": 1}]
            refused(assigned.write("offer", cost_items=same), 422, "costs_unchanged")
            assigned.offer(cost_items=NEW_COSTS)
            story.clerk = story.callers.staff(Role.RC_STAFF, COMMUNITY)
            read = story.client.get(path, headers=story.clerk)
            other = {"cost_items": [{"kind": "works", "description": "施工", "amount_fen": 490_000}]}
            ok(
                story.client.patch(
                    path, json=other, headers={**story.clerk, "If-Match": read.headers["ETag"]}
                )
            )
            refused(assigned.post("settle", assigned.home(), {"offer": 1}), 409, "costs_changed_since")
            assert assigned.mine()["state"] == "assigned"
            assert cost_items(assigned) == [("施工", 490_000)]

    def test_a_ballot_is_not_touched_until_its_vote_is_over(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            assigned.offer(cost_items=NEW_COSTS)
            story = assigned.story
            story.clerk, story.chair = (
                story.callers.staff(role, COMMUNITY) for role in (Role.RC_STAFF, Role.RC_CHAIR)
            )
            round_id = story.publish_round([assigned.project])
            refused(assigned.post("settle", assigned.home(), {"offer": 1}), 409, "project_on_a_ballot")
            assert assigned.opened(assigned.at_work())["on_a_ballot"]
        with clock.frozen(FILED + 4 * DAY + HOUR):
            refused(assigned.write("offer", cost_items=NEW_COSTS), 409, "project_on_a_ballot")
            assert cost_items(assigned) == [("施工", 500_000)]
            story.chair = story.callers.staff(Role.RC_CHAIR, COMMUNITY)
            reason = {"reason": "改期"}
            ok(story.client.post(f"/api/v1/rounds/{round_id}/cancel", json=reason, headers=story.chair))
            assert ok(assigned.post("settle", assigned.home(), {"offer": 1}))["state"] == "settled"
            assert sum(amount for _, amount in cost_items(assigned)) == 530_000
            listed = ok(story.client.get(f"/api/v1/rounds/{round_id}/projects"))["items"]
            assert [each["cost_fen"] for each in listed] == [500_000]  # as it was published

    def test_accepted_by_two_phones_at_once_it_changes_once(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            assigned.offer(cost_items=NEW_COSTS)
            home = assigned.home()
            with ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(lambda _: assigned.post("settle", home, {"offer": 1}), range(4)))
            assert [answer.status_code for answer in answers] == [200] * 4
            assert [each["kind"] for each in assigned.mine()["entries"]].count("settled") == 1
            assert sum(amount for _, amount in cost_items(assigned)) == 530_000

    def test_an_offer_without_costs_changes_none(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            assert assigned.offer()["costs"] is None
            ok(assigned.post("settle", assigned.home(), {"offer": 1}))
            assert cost_items(assigned) == [("施工", 500_000)]


class TestEnding:
    @pytest.mark.parametrize("end", ["settle", "withdraw"])
    def test_closes_the_case_to_its_mediator(self, assigned: Case, end: str) -> None:
        with clock.frozen(FILED + 4 * DAY):
            assigned.offer()
            ok(assigned.post(end, assigned.home(), {"offer": 1} if end == "settle" else None))
            who = assigned.at_work()
            refused(assigned.post("views", who, {"purpose": "跟进协商"}), 404, "objection_not_found")
            refused(assigned.write("note"), 404, "objection_not_found")
            refused(assigned.post("hand-over", who, {"reason": "已经结束"}), 404, "objection_not_found")
            # how it ended is no secret to them, and nobody else knows who it was by now
            found = listed(assigned, who)
            assert (found["stage"], found["opens"], found["due"]) == ("ended", False, [])
            assert [each["role"] for each in assigned.mine()["knowers"]] == ["objection_officer"]
            assert assigned.opened(assigned.officer_now())["opens"]
            ok(assigned.post("maintain", assigned.home()))  # taken up again, it is open again
            if end == "settle":
                assert assigned.opened(assigned.at_work())["opens"]


class TestReasons:
    @pytest.mark.parametrize("purpose", ["..", "....", "1234", "啊啊啊啊", "看看", "aaaa", ""])
    def test_say_something(self, assigned: Case, purpose: str) -> None:
        path, who = (
            f"/api/v1/objections/{assigned.id}/views",
            {**assigned.mediator, "Accept-Language": "zh-CN"},
        )
        answer = assigned.story.client.post(path, json={"purpose": purpose}, headers=who)
        told = refused(answer, 422, "words_needed")
        assert told["detail"] == "请用文字写明理由，至少 4 个字；只写标点、数字或重复的字不行。"
        assert assigned.mine()["views"] == []


class TestStatistics:
    @pytest.fixture
    def many(self, case: Case) -> Case:
        case.story.with_residents(40)
        path = f"/api/v1/projects/{case.project}/objections"
        for number in range(4, 11):
            ok(
                case.story.client.post(
                    path, json={"grounds": "也不同意"}, headers=case.story.resident(number)
                )
            )
        return case

    def read(self, case: Case, who: dict[str, str], division: str = COMMUNITY) -> Any:
        return case.story.client.get(
            "/api/v1/objection-statistics", params={"division": division}, headers=who
        )

    def test_everybody_at_work_reads_figures_and_nothing_else(self, many: Case, callers: Callers) -> None:
        readers = [
            many.story.clerk, many.story.chair, callers.staff(Role.SUPERVISOR, COMMUNITY),
            callers.staff(Role.MUNICIPAL_MONITOR, SUBDISTRICT), callers.staff(Role.FINANCE_REVIEWER, SUBDISTRICT),
        ]  # fmt: skip
        for who in readers:
            found = ok(self.read(many, who))
            assert found["objections"] == 10  # eight, rounded to five
            assert {each["state"]: each["objections"] for each in found["by_state"]}["filed"] == 10
            assert found["settled_percent"] is None
            for verb, body in (
                ("views", {"purpose": "看看情况"}),
                ("entries", {"kind": "note", "text": "记一下"}),
            ):
                refused(many.post(verb, who, body), 403, "not_allowed")
            refused(many.story.client.get("/api/v1/objections", headers=who), 403, "not_allowed")
        above = ok(self.read(many, callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT), SUBDISTRICT))
        assert [(each["division_code"], each["objections"]) for each in above["communities"]] == [
            (COMMUNITY, 10)
        ]

    def test_few_are_not_counted_and_other_places_are_missing(self, case: Case, callers: Callers) -> None:
        found = ok(self.read(case, case.story.clerk))
        assert found["objections"] is None
        assert found["communities"] == []
        for who, division in (
            (callers.staff(Role.RC_STAFF, NEIGHBOUR), COMMUNITY), (case.story.clerk, SUBDISTRICT),
            (case.story.clerk, "999999999999"),
        ):  # fmt: skip
            refused(self.read(case, who, division), 404, "division_not_found")
        refused(self.read(case, case.household), 403, "not_allowed")
        refused(self.read(case, callers.staff(Role.ADMINISTRATOR, COMMUNITY)), 403, "not_allowed")
