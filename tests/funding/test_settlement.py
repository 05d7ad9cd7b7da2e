"""A settlement changes what a project costs while money for it is asked for: what was judged stays, and says so."""

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from app.access.roles import Role
from app.audit.models import AuditEntry
from app.audit.tags import Tag
from app.core import clock
from app.core.db import Database
from app.funding import chain, costs, printing, rules, service
from app.funding.chain import Standing, Step
from app.funding.costs import Change, Item
from app.funding.errors import RequestWrongState
from app.funding.models import FundingRequest
from app.funding.rules import Decision, RequestState
from app.outbox.models import OutboxMessage
from app.projects import service as projects
from app.projects.rules import CostKind
from app.projects.schemas import CostItemIn
from tests.callers import Callers, Headers
from tests.factories import funding as make
from tests.objection_story import DAY, FILED, WORDS, Case, a_case
from tests.story import COMMUNITY, SUBDISTRICT, ok, refused

DISTRICT = "520102000000"
REQUESTS = "/api/v1/funding-requests"
PEOPLE = {
    "street": (Role.SUBDISTRICT_OFFICER, SUBDISTRICT), "district": (Role.DISTRICT_OFFICER, DISTRICT),
    "bureau": (Role.BUREAU_REVIEWER, DISTRICT), "finance": (Role.FINANCE_REVIEWER, DISTRICT),
    "clerk": (Role.RC_STAFF, COMMUNITY),
}  # fmt: skip
#: 680,000 fen are asked for, of which governments pay 476,000; of 500,000 they pay 350,000, of 780,000 546,000.
LESS = (Item("works", "施工，少做一段", 480_000), Item("goods", "灯罩", 20_000))
MORE = (Item("works", "施工", 680_000), Item("goods", "隔音板", 100_000))


@dataclass
class Desk:
    """One request, and everybody at their desk."""

    client: TestClient
    callers: Callers
    database: Database
    drain: Callable[[], int]
    row: FundingRequest
    who: dict[str, Headers] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"{REQUESTS}/{self.row.id}"

    def as_(self, who: str) -> Headers:
        if who not in self.who:
            role, division = PEOPLE[who]
            self.who[who] = self.callers.staff(role, division)
        return self.who[who]

    def say(self, who: str, decision: str, **facts: str | int) -> httpx.Response:
        """``version`` is what was read; all else goes with the decision."""
        version = facts.pop("version", None)
        headers = self.as_(who) | ({} if version is None else {"If-Match": f'"{version}"'})
        body = {"decision": decision, **facts}
        answer: httpx.Response = self.client.post(f"{self.path}/decisions", json=body, headers=headers)
        return answer

    def up_to(self, *steps: str) -> None:
        for who in steps:
            ok(self.say(who, "accepted"))

    def seen(self, who: str = "clerk") -> dict[str, Any]:
        found: dict[str, Any] = ok(self.client.get(self.path, headers=self.as_(who)))
        return found

    def answer(self, verb: str, body: object) -> httpx.Response:
        answer: httpx.Response = self.client.post(f"{self.path}/{verb}", json=body, headers=self.as_("clerk"))
        return answer

    def correct(self) -> dict[str, Any]:
        sent: dict[str, Any] = ok(self.answer("resubmit", {"justification": "按协议改了造价。"}))
        return sent

    def agree(self, items: Sequence[Item], *, heard: bool = True) -> None:
        """As `objections` does it when a household accepts an offer."""
        wanted = [
            CostItemIn(kind=CostKind(each.kind), description=each.description, amount_fen=each.amount_fen)
            for each in items
        ]
        with self.database.writing() as session:
            projects.agree_costs(session, project_id=self.row.project_id, items=wanted, by="account:x")
        if heard:
            self.drain()

    def amounts(self) -> tuple[int, int, int]:
        """(asked for, the governments' part, the sum of the items)."""
        seen = self.seen()
        items = sum(each["amount_fen"] for each in seen["evidence"]["cost_items"])
        return seen["cost_fen"], seen["district_fen"] + seen["subdistrict_fen"], items

    def to_do(self, who: str) -> dict[str, int]:
        found = ok(self.client.get(f"/api/v1/desk?division={PEOPLE[who][1]}", headers=self.as_(who)))
        return {each["task"]: each["count"] for each in found["items"]}


@pytest.fixture
def desk(client: TestClient, callers: Callers, database: Database, drain: Callable[[], int]) -> Desk:
    with database.writing() as session:
        row = make.a_request(session)
    return Desk(client, callers, database, drain, row)


class TestAHouseholdAccepts:
    def test_the_request_keeps_its_amounts_and_says_what_changed(
        self, client: TestClient, callers: Callers, database: Database, drain: Callable[[], int]
    ) -> None:
        """Through every door: the vote, the request, the objection, and those who have the request in hand."""
        with clock.frozen(FILED):
            case = a_case(client, callers)
            story = case.story
            round_id = story.open_round([case.project])
            ok(story.cast(round_id, story.resident(1), [case.project]))
            story.finish(round_id, drain)
            ok(client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
            drain()
            case.assign()
        with database.reading() as session:
            (row,) = session.exec(select(FundingRequest)).all()
        with clock.frozen(FILED + 4 * DAY):
            desk = Desk(client, callers, database, drain, row)
            desk.up_to("street")
            before = desk.seen("district")
            assert (before["cost_changes"], before["settled_cost_fen"]) == ([], None)
            self.settle(case)
            drain()
            after = desk.seen("district")
            pack = ok(client.get(f"{desk.path}/evidence", headers=desk.as_("district")))
            assert "一份协议把造价由 5,000.00 元改为 4,000.00 元" in self.sheet(desk)
        assert pack["cost_changes"] == after["cost_changes"]
        changed = {key for key in before if before[key] != after[key]}
        assert changed == {"cost_changes", "settled_cost_fen", "version", "most_fen"}
        assert (after["settled_cost_fen"], after["most_fen"]) == (400_000, 280_000)
        (change,) = after["cost_changes"]
        assert change == {
            "at": change["at"], "cost_before_fen": 500_000, "cost_after_fen": 400_000, "released": False,
            "taken_into": None,
            "items": [
                {
                    "before": {"kind": "works", "description": "施工", "amount_fen": 500_000},
                    "after": {"kind": "works", "description": "施工，少做一段", "amount_fen": 380_000},
                },
                {"before": None, "after": {"kind": "goods", "description": "灯罩", "amount_fen": 20_000}},
            ],
        }  # fmt: skip
        assert dt.datetime.fromisoformat(change["at"]) == FILED + 4 * DAY
        self.nobody_is_named(case, database, after)

    def sheet(self, desk: Desk) -> str:
        actor = desk.callers.staff_actor(*PEOPLE["district"])
        with desk.database.reading() as session:
            found = service.detail(session, desk.row.id, actor=actor)
            pack = service.read_evidence(session, desk.row.id, actor=actor, verb="request.print")
        return printing.html(found, pack, address="http://localhost")

    def settle(self, case: Case) -> None:
        case.offer(
            "少做一段，加灯罩",
            cost_items=[
                {"kind": "works", "description": "施工，少做一段", "amount_fen": 380_000, "was": 1},
                {"kind": "goods", "description": "灯罩", "amount_fen": 20_000},
            ],
        )
        ok(case.post("settle", case.home(), {"offer": 1, "text": WORDS}))

    def nobody_is_named(self, case: Case, database: Database, seen: dict[str, Any]) -> None:
        """A household that says no is heard and not exposed."""
        with database.reading() as session:
            told = session.exec(
                select(OutboxMessage).where(
                    col(OutboxMessage.name).in_(["project.costs_agreed", "funding_request.costs_changed"])
                )
            ).all()
            (noted,) = session.exec(
                select(AuditEntry).where(AuditEntry.tag == Tag.REQUEST_COSTS_CHANGED.value)
            ).all()
        assert [message.payload.keys() for message in told] == [
            {"project_id"},
            {"request_id", "round_id", "community_code", "cost_before_fen", "cost_fen", "released"},
        ]
        everything = (
            f"{seen['cost_changes']} {[message.payload for message in told]} {noted.facts} {noted.actor}"
        )
        for secret in (case.id, str(case.mediator_id), WORDS, "少做一段，加灯罩"):
            assert secret not in everything
        assert noted.actor == "system"


class TestMark:
    def test_stands_where_the_request_is_looked_at(
        self, client: TestClient, desk: Desk, callers: Callers
    ) -> None:
        desk.up_to("street")
        desk.agree(LESS)
        (line,) = ok(client.get(REQUESTS, headers=desk.as_("street")))["items"]
        assert line["settled_cost_fen"] == 500_000
        changes = desk.seen("district")["cost_changes"]
        client_of_district = callers.client(Role.SCOPE_FUNDING_READ, over=DISTRICT)
        for path in ("/platform/v1/funding-requests", f"/platform/v1/funding-requests/{desk.row.id}"):
            found = ok(client.get(path, headers=client_of_district))
            read = found["items"][0] if "items" in found else found
            assert (read["settled_cost_fen"], read["cost_fen"]) == (500_000, 680_000)
            assert read["cost_changes"] == changes
        progress = ok(client.get(f"/api/v1/rounds/{desk.row.round_id}/funding-progress"))["items"]
        assert "settled" not in str(progress)

    def test_lies_on_the_desk_of_whoever_has_the_request(self, desk: Desk, client: TestClient) -> None:
        desk.up_to("street")
        assert desk.to_do("district") == {"requests_to_decide": 1}
        desk.agree(LESS)
        assert desk.to_do("district") == {"requests_to_decide": 1, "requests_recosted": 1}
        assert desk.to_do("street") == desk.to_do("bureau") == {}
        steps = ok(client.get(f"{REQUESTS}/counts", headers=desk.as_("district")))["steps"]
        assert {each["step"]: each["recosted"] for each in steps if each["recosted"]} == {"district": 1}
        ok(desk.say("district", "returned", reason="请按协议改造价。"))
        assert desk.to_do("clerk") == {"requests_to_answer": 1, "requests_recosted": 1}
        desk.correct()
        assert desk.to_do("district") == {"requests_to_decide": 1}

    def test_is_printed(self, desk: Desk, callers: Callers) -> None:
        def sheet() -> str:
            actor = callers.staff_actor(Role.DISTRICT_OFFICER, DISTRICT)
            with desk.database.reading() as session:
                found = service.detail(session, desk.row.id, actor=actor)
                changes = found.cost_changes
            return printing._settled(changes)

        assert sheet() == ""
        desk.agree([Item("works", "<b>少做</b>", 480_000)])
        assert "由 6,800.00 元改为 4,800.00 元。申请仍按原造价" in sheet()
        assert "&lt;b&gt;少做&lt;/b&gt;（施工）4,800.00 元" in sheet()
        ok(desk.say("street", "returned", reason="请改造价。"))
        desk.correct()
        assert "新造价已写入申请。" in sheet()

    def test_is_made_once_and_lifted_when_the_old_costs_come_back(self, desk: Desk) -> None:
        for _ in range(2):
            with desk.database.writing() as session:
                service.note_costs(session, project_id=desk.row.project_id, at=clock.now())
        assert desk.seen()["version"] == 1
        desk.agree(LESS)
        desk.agree(LESS)
        assert [each["cost_after_fen"] for each in desk.seen()["cost_changes"]] == [500_000]
        desk.agree([Item("works", "施工", 680_000)])
        seen = desk.seen()
        assert [each["cost_after_fen"] for each in seen["cost_changes"]] == [500_000, 680_000]
        assert (seen["settled_cost_fen"], seen["most_fen"]) == (None, 476_000)
        assert desk.to_do("street") == {"requests_to_decide": 1}

    def test_the_same_sum_for_other_things_is_a_change_too(self, desk: Desk) -> None:
        desk.agree([Item("works", "施工，换位置", 680_000)])
        assert (desk.seen()["settled_cost_fen"], desk.seen()["most_fen"]) == (680_000, 476_000)

    def test_whoever_read_before_reads_again(self, desk: Desk) -> None:
        read = desk.seen("street")["version"]
        desk.agree(LESS)
        refused(desk.say("street", "accepted", version=read), 412, "outdated")
        ok(desk.say("street", "accepted", version=read + 1))


class TestNoMoreThanItCosts:
    def test_finance_grants_a_part_or_returns_it(self, desk: Desk) -> None:
        desk.up_to("street", "district", "bureau")
        desk.agree(LESS)
        assert "approved" not in desk.seen("finance")["open_decisions"]
        body = refused(desk.say("finance", "approved"), 409, "more_than_it_costs")
        assert body["most_fen"] == 350_000
        assert "3,500.00" in body["detail"]
        part = {"reason": "按协议核减。", "left_out": "少做一段"}
        refused(
            desk.say("finance", "approved_in_part", amount_fen=350_001, **part), 409, "more_than_it_costs"
        )
        ok(desk.say("finance", "approved_in_part", amount_fen=350_000, **part))
        ok(desk.answer("accept-part", {}))
        assert ok(desk.say("street", "go_ahead"))["approved_fen"] == 350_000

    def test_nobody_proposes_more_on_the_way_and_all_may_pass_it_on(self, desk: Desk) -> None:
        desk.agree(LESS)
        cut = {"reason": "街道只付一部分。", "left_out": "一段"}
        refused(desk.say("street", "accepted", amount_fen=400_000, **cut), 409, "more_than_it_costs")
        ok(desk.say("street", "accepted"))

    def test_before_anybody_has_heard_of_it(self, desk: Desk) -> None:
        """The message may be under way: what a project costs is asked at the moment of the grant."""
        desk.up_to("street", "district", "bureau")
        desk.agree(LESS, heard=False)
        refused(desk.say("finance", "approved"), 409, "more_than_it_costs")
        desk.drain()
        ok(desk.say("finance", "returned", reason="请改造价。"))

    def test_a_dearer_project_is_granted_what_was_asked_for(self, desk: Desk) -> None:
        desk.up_to("street", "district", "bureau")
        desk.agree(MORE)
        assert (desk.seen()["settled_cost_fen"], desk.seen()["most_fen"]) == (780_000, 476_000)
        assert ok(desk.say("finance", "approved"))["approved_fen"] == 476_000

    def test_a_system_is_told_the_same(self, desk: Desk, callers: Callers, client: TestClient) -> None:
        headers = callers.client(Role.SCOPE_FUNDING_DECIDE, over=DISTRICT)
        path = f"/platform/v1/funding-requests/{desk.row.id}/decisions"
        ok(client.post(path, json={"id": "a", "decision": "accepted"}, headers=headers))
        desk.agree(LESS)
        whole = {"id": "b", "decision": "approved"}
        refused(client.post(path, json=whole, headers=headers), 409, "more_than_it_costs")
        part = {"id": "b", "decision": "approved_in_part", "amount_fen": 350_000, "reason": "按协议核减。"}
        assert ok(client.post(path, json=part, headers=headers))["state"] == "approved_in_part"

    def test_a_part_that_was_granted_before_is_asked_for_again(self, desk: Desk) -> None:
        desk.up_to("street", "district", "bureau")
        ok(desk.say("finance", "approved_in_part", amount_fen=400_000, reason="核减。", left_out="一段"))
        desk.agree(LESS)
        assert not desk.seen()["may_accept_part"]
        refused(desk.answer("accept-part", {}), 409, "more_than_it_costs")
        sent = desk.correct()
        assert (sent["step"], sent["approved_fen"], desk.amounts()) == (
            "finance", None, (500_000, 350_000, 500_000),
        )  # fmt: skip
        # 400,000 of 476,000 were left; of the new shares nothing is
        assert (sent["district_offer_fen"], sent["left_out"]) == (None, None)
        assert ok(desk.say("finance", "approved"))["approved_fen"] == 350_000

    def test_a_grant_is_taken_back_before_it_is_released(self, desk: Desk) -> None:
        desk.up_to("street", "district", "bureau")
        ok(desk.say("finance", "approved"))
        refused(desk.say("street", "returned", reason="再看看。"), 409, "funding_request_wrong_state")
        desk.agree(LESS)
        assert desk.seen("street")["open_decisions"] == ["returned"]
        refused(desk.say("street", "go_ahead"), 409, "more_than_it_costs")
        back = ok(desk.say("street", "returned", reason="造价变了，请补正。"))
        assert (back["step"], back["back_to"], back["approved_fen"]) == ("committee", "finance", None)
        assert desk.correct()["step"] == "finance"
        ok(desk.say("finance", "approved"))
        assert ok(desk.say("street", "go_ahead"))["approved_fen"] == 350_000


class TestCorrection:
    def test_brings_the_new_items_and_shares(self, desk: Desk) -> None:
        desk.up_to("street")
        desk.agree(LESS)
        ok(desk.say("district", "returned", reason="请按协议改造价。"))
        assert desk.amounts() == (680_000, 476_000, 680_000)
        sent = desk.correct()
        assert (sent["step"], sent["submission"], sent["settled_cost_fen"]) == ("district", 2, None)
        assert desk.amounts() == (500_000, 350_000, 500_000)
        assert [each["taken_into"] for each in desk.seen()["cost_changes"]] == [2]

    def test_what_a_step_lowered_stays_lowered(self, desk: Desk) -> None:
        cut = {"reason": "街道只付一部分。", "left_out": "灯罩"}
        ok(desk.say("street", "accepted", amount_fen=200_000, **cut))
        desk.agree(LESS)
        ok(desk.say("district", "returned", reason="请改造价。"))
        sent = desk.correct()
        assert sent["district_offer_fen"] + sent["subdistrict_offer_fen"] == 200_000
        assert sent["left_out"] == "灯罩"

    def test_whoever_agreed_to_less_is_asked_again(self, desk: Desk) -> None:
        desk.up_to("street", "district")
        desk.agree(MORE)
        ok(desk.say("bureau", "returned", reason="请按协议改造价。"))
        assert desk.correct()["step"] == "subdistrict"
        assert desk.amounts() == (780_000, 546_000, 780_000)
        assert [each["state"] for each in desk.seen()["stations"]] == ["now", *["coming"] * 4]

    def test_what_nobody_has_heard_of_comes_with_it(self, desk: Desk) -> None:
        ok(desk.say("street", "returned", reason="请补报价。"))
        desk.agree(LESS, heard=False)
        desk.correct()
        assert desk.amounts() == (500_000, 350_000, 500_000)
        desk.drain()
        seen = desk.seen()
        assert [each["taken_into"] for each in seen["cost_changes"]] == [2]
        assert seen["settled_cost_fen"] is None

    def test_a_request_that_comes_back_in_its_year_asks_for_what_it_costs_then(self, desk: Desk) -> None:
        ok(desk.say("street", "deferred", reason="今年额度已满。", year=clock.today().year + 1))
        desk.agree(LESS)
        assert desk.amounts()[0] == 680_000
        clock.set_frozen(clock.now() + 400 * DAY)
        desk.who.clear()
        with desk.database.writing() as session:
            service.take_up(session, request_id=desk.row.id)
        assert desk.amounts() == (500_000, 350_000, 500_000)
        assert desk.seen()["step"] == "subdistrict"

    def test_and_a_settlement_at_once_lose_nothing(self, desk: Desk) -> None:
        ok(desk.say("street", "returned", reason="请补报价。"))
        desk.as_("clerk")
        ready = threading.Barrier(2)

        def correct() -> None:
            ready.wait()
            desk.correct()

        def agree() -> None:
            ready.wait()
            desk.agree(LESS)

        with ThreadPoolExecutor(2) as pool:
            for each in [pool.submit(correct), pool.submit(agree)]:
                each.result()
        desk.drain()
        seen = desk.seen()
        (change,) = seen["cost_changes"]
        assert (change["cost_after_fen"], seen["most_fen"]) == (500_000, 350_000)
        came_with_it = change["taken_into"] == 2
        assert seen["settled_cost_fen"] == (None if came_with_it else 500_000)
        assert seen["cost_fen"] == (500_000 if came_with_it else 680_000)


class TestAfterTheGoAhead:
    def test_the_mark_is_there_and_nothing_changes(self, desk: Desk) -> None:
        desk.up_to("street", "district", "bureau")
        ok(desk.say("finance", "approved"))
        ok(desk.say("street", "go_ahead"))
        before = desk.seen()
        desk.agree(LESS)
        after = desk.seen()
        assert [each["released"] for each in after["cost_changes"]] == [True]
        for key in ("state", "step", "cost_fen", "approved_fen", "evidence", "changed_at", "released_at"):
            assert after[key] == before[key]
        assert after["settled_cost_fen"] == 500_000
        assert desk.to_do("street") == {}
        assert desk.seen("street")["open_decisions"] == []

    def test_who_began_first_is_paid_back_what_it_costs(self, desk: Desk) -> None:
        desk.up_to("street")
        ok(desk.say("district", "go_ahead"))
        desk.up_to("district", "bureau")
        desk.agree(LESS)
        refused(desk.say("finance", "approved"), 409, "more_than_it_costs")
        part = {"reason": "按协议核减。", "left_out": "少做一段"}
        ok(desk.say("finance", "approved_in_part", amount_fen=350_000, **part))


class TestNobodyHasJudged:
    def test_the_reserve_takes_the_new_costs_at_once_and_what_was_declined_is_over(
        self, client: TestClient, callers: Callers, database: Database, drain: Callable[[], int]
    ) -> None:
        with database.writing() as session:
            _, waiting = make.some_requests(session, costs=[10_000, 680_000], funded=1)
        reserve = Desk(client, callers, database, drain, waiting)
        reserve.agree(LESS)
        assert reserve.amounts() == (500_000, 350_000, 500_000)
        seen = reserve.seen()
        assert (seen["state"], seen["settled_cost_fen"], len(seen["cost_changes"])) == ("reserve", None, 1)
        with database.writing() as session:
            row = make.a_request(session)
        declined = Desk(client, callers, database, drain, row)
        ok(declined.say("street", "declined", reason="不属于公益事项。"))
        declined.agree(LESS)
        assert declined.seen()["cost_changes"] == []
        with database.reading() as session:
            told = session.exec(
                select(OutboxMessage).where(OutboxMessage.name == "funding_request.costs_changed")
            ).all()
        assert told == []

    def test_a_request_made_after_it_asks_for_what_the_project_costs(self, database: Database) -> None:
        """Between the certificate and the request lies a moment."""
        with database.writing() as session:
            certified = make.a_certified_list(session, costs=[680_000], funded=1)
            wanted = [CostItemIn(kind=CostKind.WORKS, description="少做一段", amount_fen=500_000)]
            (item,) = certified.items
            projects.agree_costs(session, project_id=item.project_id, items=wanted, by="account:x")
            (row,) = service.submit_requests(session, certified=certified)
            assert (row.cost_fen, row.whole.amount_fen) == (500_000, 350_000)
            assert row.evidence["project_cost_fen"] == 500_000


WORKS, LAMPS, SHADES = Item("works", "施工", 400), Item("goods", "灯具", 100), Item("goods", "灯罩", 20)
CHEAPER = Item("works", "施工，移 8 米", 380)


class TestChanges:
    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ([WORKS, LAMPS], [LAMPS, WORKS], []),
            ([WORKS, LAMPS], [CHEAPER, LAMPS, SHADES], [Change(WORKS, CHEAPER), Change(None, SHADES)]),
            ([WORKS, LAMPS], [WORKS], [Change(LAMPS, None)]),
            ([LAMPS, LAMPS], [LAMPS], [Change(LAMPS, None)]),
            # the same words go before the same kind
            (
                [LAMPS, SHADES],
                [Item("goods", "灯罩", 30), Item("goods", "灯具", 90)],
                [Change(SHADES, Item("goods", "灯罩", 30)), Change(LAMPS, Item("goods", "灯具", 90))],
            ),
        ],
    )
    def test_names_what_did_not_stay(
        self, before: list[Item], after: list[Item], expected: list[Change]
    ) -> None:
        assert costs.changes(before, after) == expected
        assert costs.from_plain(costs.to_plain(after)) == after


class TestAskedAfter:
    @pytest.mark.parametrize(
        ("asked", "now", "expected"),
        [(100, 80, 80), (100, 130, 130), (60, 80, 60), (60, 50, 50), (60, 130, 60)],
    )
    def test_all_of_it_again_or_a_part_no_larger(self, asked: int, now: int, expected: int) -> None:
        assert rules.asked_after(asked, cost_fen=100, cost_now_fen=now) == expected


class TestTakenBack:
    @pytest.mark.parametrize("state", [RequestState.APPROVED, RequestState.APPROVED_IN_PART])
    def test_only_where_costs_changed_and_nothing_was_released(self, state: RequestState) -> None:
        waits = Standing(state, Step.GO_AHEAD, recosted=True)
        chain.check_follows(waits, Decision.RETURNED)
        assert chain.after(waits, Decision.RETURNED, whole_chain=True).back_to is Step.FINANCE
        for standing in (
            Standing(state, Step.GO_AHEAD),
            Standing(state, None, released=True, recosted=True),
        ):
            with pytest.raises(RequestWrongState):
                chain.check_follows(standing, Decision.RETURNED)
