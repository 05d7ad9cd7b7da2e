"""Nobody judges their own word, and nobody spends what another has not agreed to pay."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access.actor import SYSTEM
from app.access.models import GrantRow
from app.access.roles import Role
from app.audit.models import AuditEntry
from app.audit.tags import Tag
from app.core import clock
from app.core.db import Database
from app.funding import chain, cuts, printing, service
from app.funding.chain import CHAIN, Step
from app.funding.cuts import Cut
from app.funding.errors import FactOutOfPlace, NotYoursToDecide, RequestWrongState, SpokeBefore
from app.funding.models import FundingRequest, RequestDecision
from app.funding.rules import Decision, Left, Offer
from tests.callers import Callers, Headers
from tests.factories import funding as make
from tests.story import COMMUNITY, SUBDISTRICT, ok, refused

DISTRICT = "520102000000"
REQUESTS = "/api/v1/funding-requests"
OFFICES = {
    "street": (Role.SUBDISTRICT_OFFICER, SUBDISTRICT), "district": (Role.DISTRICT_OFFICER, DISTRICT),
    "bureau": (Role.BUREAU_REVIEWER, DISTRICT), "finance": (Role.FINANCE_REVIEWER, DISTRICT),
    "clerk": (Role.RC_STAFF, COMMUNITY),
}  # fmt: skip
#: Of 40,000 yuan governments pay 28,000, of which the sub-district 16,800; it pays 5,000 of that.
COST, SUBDISTRICT_PART, DISTRICT_PART = 4_000_000, 1_680_000, 1_120_000
CUT: dict[str, Any] = {
    "subdistrict_fen": 500_000, "district_fen": DISTRICT_PART, "reason": "街道今年只付得起这些。", "left_out": "门楣",
}  # fmt: skip
LEFT = 500_000 + DISTRICT_PART


class Desk:
    """One request, and everybody at their desk."""

    def __init__(self, client: TestClient, callers: Callers, database: Database) -> None:
        self.client, self.callers, self.database = client, callers, database
        with database.writing() as session:
            self.row = make.a_request(session, cost_fen=COST)
        self.who = {name: callers.staff(role, over) for name, (role, over) in OFFICES.items()}

    @property
    def path(self) -> str:
        return f"{REQUESTS}/{self.row.id}"

    def say(self, who: str, decision: str, **facts: Any) -> httpx.Response:
        body = {"decision": decision, **facts}
        answer: httpx.Response = self.client.post(f"{self.path}/decisions", json=body, headers=self.who[who])
        return answer

    def up_to(self, *steps: str) -> None:
        for who in steps:
            ok(self.say(who, "accepted"))

    def answer(self, who: str, verb: str) -> httpx.Response:
        body = {"justification": "门楣也要做。"} if verb == "resubmit" else {}
        answer: httpx.Response = self.client.post(f"{self.path}/{verb}", json=body, headers=self.who[who])
        return answer

    def seen(self, who: str = "clerk") -> dict[str, Any]:
        found: dict[str, Any] = ok(self.client.get(self.path, headers=self.who[who]))
        return found

    def somebody(self, *roles: Role, over: str = DISTRICT) -> Headers:
        """One account with roles that are not given together any more; older grants may stand beside each other."""
        actor = self.callers.staff_actor(roles[0], over)
        assert actor.account_id is not None
        with self.database.writing() as session:
            for role in roles[1:]:
                session.add(
                    GrantRow(account_id=actor.account_id, role=role, division=over, valid_from=clock.now())
                )
        return self.callers.headers(actor)


@pytest.fixture
def desk(client: TestClient, callers: Callers, database: Database) -> Desk:
    return Desk(client, callers, database)


class TestOnePersonOneOffice:
    def test_nobody_takes_a_request_through_the_chain_alone(self, desk: Desk, database: Database) -> None:
        desk.who["all"] = desk.somebody(
            Role.SUBDISTRICT_OFFICER, Role.DISTRICT_OFFICER, Role.BUREAU_REVIEWER, Role.FINANCE_REVIEWER
        )
        ok(desk.say("all", "accepted"))
        for _, others in (("district", "district"), ("bureau", "bureau"), ("finance", "finance")):
            seen = desk.seen("all")
            assert (seen["open_decisions"], seen["spoke_as"]) == ([], "subdistrict")
            for decision in ("accepted", "approved", "declined", "returned"):
                refused(
                    desk.say("all", decision, reason="同意。"), *(
                        (403, "spoke_before") if decision in desk.seen(others)["open_decisions"]
                        else (409, "funding_request_wrong_state")
                    ),
                )  # fmt: skip
            ok(desk.say(others, "approved" if others == "finance" else "accepted"))
        with database.reading() as session:
            assert len({each.by for each in session.exec(select(RequestDecision))}) == 4

    def test_it_says_so_in_words(self, desk: Desk) -> None:
        desk.who["both"] = desk.somebody(Role.SUBDISTRICT_OFFICER, Role.DISTRICT_OFFICER)
        ok(desk.say("both", "accepted"))
        body = refused(desk.say("both", "accepted"), 403, "spoke_before")
        assert (body["spoke_as"], body["step"]) == ("subdistrict", "district")
        assert "for the sub-district already" in body["detail"]
        desk.who["both"] |= {"Accept-Language": "zh-CN"}
        assert "代表街道办理过" in refused(desk.say("both", "accepted"), 403, "spoke_before")["detail"]

    def test_receiving_it_is_a_word_too(self, desk: Desk) -> None:
        desk.who["both"] = desk.somebody(Role.SUBDISTRICT_OFFICER, Role.FINANCE_REVIEWER)
        ok(desk.say("both", "received"))
        desk.up_to("street", "district", "bureau")
        refused(desk.say("both", "approved"), 403, "spoke_before")
        ok(desk.say("finance", "approved"))

    def test_the_same_officer_decides_the_same_step_again(self, desk: Desk) -> None:
        desk.up_to("street")
        ok(desk.say("district", "returned", reason="缺报价。"))
        ok(desk.answer("clerk", "resubmit"))
        assert desk.seen("district")["spoke_as"] is None
        assert ok(desk.say("district", "accepted"))["step"] == "bureau"

    def test_a_return_makes_nobody_a_stranger(self, desk: Desk) -> None:
        """What the sub-district agreed to stays agreed in the next submission, and so does who agreed."""
        desk.who["both"] = desk.somebody(Role.SUBDISTRICT_OFFICER, Role.DISTRICT_OFFICER)
        ok(desk.say("both", "accepted"))
        ok(desk.say("district", "returned", reason="缺报价。"))
        ok(desk.answer("clerk", "resubmit"))
        refused(desk.say("both", "accepted"), 403, "spoke_before")

    def test_the_subdistrict_lets_begin_what_it_took_on(self, desk: Desk) -> None:
        """One office of often one officer; the release judges nothing."""
        desk.up_to("street", "district", "bureau")
        ok(desk.say("finance", "approved"))
        assert ok(desk.say("street", "go_ahead"))["released_at"]

    def test_who_granted_the_money_does_not_release_it(self, desk: Desk) -> None:
        desk.who["both"] = desk.somebody(Role.FINANCE_REVIEWER, Role.SUBDISTRICT_OFFICER)
        desk.up_to("street", "district", "bureau")
        ok(desk.say("both", "approved"))
        assert desk.seen("both")["open_decisions"] == []
        assert refused(desk.say("both", "go_ahead"), 403, "spoke_before")["spoke_as"] == "finance"

    def test_who_hands_it_in_again_does_not_judge_it(self, desk: Desk) -> None:
        desk.who["both"] = desk.somebody(Role.RC_CHAIR, Role.SUBDISTRICT_OFFICER, over=SUBDISTRICT)
        ok(desk.say("street", "returned", reason="缺报价。"))
        ok(desk.answer("both", "resubmit"))
        seen = desk.seen("both")
        assert (seen["open_decisions"], seen["spoke_as"]) == ([], "committee")
        assert refused(desk.say("both", "accepted"), 403, "spoke_before")["spoke_as"] == "committee"
        desk.up_to("street")

    def test_who_judges_does_not_answer_for_the_committee(self, desk: Desk) -> None:
        desk.who["both"] = desk.somebody(Role.RC_CHAIR, Role.SUBDISTRICT_OFFICER, over=SUBDISTRICT)
        ok(desk.say("both", "returned", reason="缺报价。"))
        assert not desk.seen("both")["may_resubmit"]
        refused(desk.answer("both", "resubmit"), 403, "spoke_before")
        ok(desk.answer("clerk", "resubmit"))
        desk.up_to("street", "district", "bureau")
        part = {"amount_fen": 300_000, "reason": "核减。", "left_out": "门楣"}
        ok(desk.say("finance", "approved_in_part", **part))
        assert not desk.seen("both")["may_accept_part"]
        refused(desk.answer("both", "accept-part"), 403, "spoke_before")
        ok(desk.answer("clerk", "accept-part"))

    def test_two_words_of_one_person_at_once(
        self, client: TestClient, desk: Desk, database: Database
    ) -> None:
        both = desk.somebody(Role.SUBDISTRICT_OFFICER, Role.DISTRICT_OFFICER)
        gate = threading.Barrier(4)

        def one(_: int) -> int:
            gate.wait()
            answer = client.post(f"{desk.path}/decisions", json={"decision": "accepted"}, headers=both)
            return int(answer.status_code)

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(one, range(4))) == [200, 403, 403, 403]
        with database.reading() as session:
            assert len(session.exec(select(RequestDecision)).all()) == 1

    @pytest.mark.parametrize("step", CHAIN)
    def test_only_the_subdistrict_has_two_steps(self, step: Step) -> None:
        apart = {each for each in Step if chain.must_leave_it(step, {each}) is not None}
        one_office = {Step.SUBDISTRICT, Step.GO_AHEAD}
        assert apart == set(Step) - (one_office if step in one_office else {step})

    def test_a_system_speaks_for_the_whole_chain(self, client: TestClient, desk: Desk) -> None:
        headers = desk.callers.client(Role.SCOPE_FUNDING_DECIDE, over=DISTRICT)
        for number, decision in enumerate(("accepted", "approved", "go_ahead")):
            ok(client.post(
                f"/platform/v1/funding-requests/{desk.row.id}/decisions",
                json={"id": f"d{number}", "decision": decision}, headers=headers,
            ))  # fmt: skip


class TestWhatAPayerHasLowered:
    def test_stays_lowered(self, desk: Desk, database: Database) -> None:
        ok(desk.say("street", "accepted", **CUT))
        desk.up_to("district", "bureau")
        assert "approved" not in desk.seen("finance")["open_decisions"]
        body = refused(desk.say("finance", "approved"), 409, "lowered_before")
        assert (body["subdistrict_fen"], body["district_fen"]) == (500_000, DISTRICT_PART)
        assert "5,000.00" in body["detail"]
        part: dict[str, Any] = {"reason": "同意。", "left_out": "门楣"}
        refused(desk.say("finance", "approved_in_part", amount_fen=LEFT + 1, **part), 409, "lowered_before")
        above = {"subdistrict_fen": 500_001, "district_fen": 1}
        refused(desk.say("finance", "approved_in_part", **above, **part), 409, "lowered_before")
        ok(desk.say("finance", "approved_in_part", amount_fen=LEFT, reason="同意。"))
        found = desk.seen()
        assert (found["subdistrict_offer_fen"], found["district_offer_fen"], found["approved_fen"]) == (
            500_000, DISTRICT_PART, LEFT,
        )  # fmt: skip
        assert found["left_out"] == found["letters"][-1]["left_out"] == "门楣"
        ok(desk.answer("clerk", "accept-part"))
        assert ok(desk.say("street", "go_ahead"))["approved_fen"] == LEFT
        with database.reading() as session:
            kept = session.exec(select(AuditEntry.facts).where(AuditEntry.tag == Tag.REQUEST_DECIDED)).all()
        assert f'"amount_fen":{LEFT}' in "".join(kept).replace(" ", "")

    @pytest.mark.parametrize("who", ["district", "bureau"])
    def test_on_the_way_too(self, desk: Desk, who: str) -> None:
        ok(desk.say("street", "accepted", **CUT))
        desk.up_to(*(["district"] if who == "bureau" else []))
        refused(desk.say(who, "accepted", **{**CUT, "subdistrict_fen": 600_000}), 409, "lowered_before")
        ok(desk.say(who, "accepted"))
        assert (desk.seen()["subdistrict_offer_fen"], desk.seen()["left_out"]) == (500_000, "门楣")

    def test_a_second_cut_says_what_both_leave_out(self, desk: Desk) -> None:
        ok(desk.say("street", "accepted", **CUT))
        less = {"subdistrict_fen": 500_000, "district_fen": 1_000_000, "reason": "核减。"}
        refused(desk.say("district", "accepted", **less), 422, "left_out_needed")
        ok(desk.say("district", "accepted", **less, left_out="花箱"))
        ok(desk.say("bureau", "accepted"))
        body = ok(desk.say("finance", "approved_in_part", **less, left_out="花箱"))
        assert (body["approved_fen"], body["left_out"]) == (1_500_000, "门楣\n花箱")
        assert body["district_offer_fen"] + body["subdistrict_offer_fen"] == body["approved_fen"]

    def test_to_pay_more_it_is_returned_to_who_lowered_it(self, desk: Desk) -> None:
        ok(desk.say("street", "accepted", **CUT))
        desk.up_to("district", "bureau")
        assert desk.seen("finance")["return_to"] == "subdistrict"
        refused(
            desk.say("finance", "returned", reason="请街道再议。", to="district"),
            422,
            "decision_fact_out_of_place",
        )
        refused(
            desk.say("finance", "declined", reason="不行。", to="subdistrict"),
            422,
            "decision_fact_out_of_place",
        )
        back = ok(desk.say("finance", "returned", reason="请街道再议。", to="subdistrict"))
        assert (back["step"], back["back_to"]) == ("committee", "subdistrict")
        again = ok(desk.answer("clerk", "resubmit"))
        assert (again["step"], again["subdistrict_offer_fen"], again["left_out"]) == (
            "subdistrict",
            None,
            None,
        )
        desk.up_to("street", "district", "bureau")
        assert desk.seen("finance")["return_to"] is None
        assert ok(desk.say("finance", "approved"))["approved_fen"] == SUBDISTRICT_PART + DISTRICT_PART
        assert desk.seen()["letters"][-1]["amount_fen"] == SUBDISTRICT_PART + DISTRICT_PART
        assert desk.seen()["decisions"][0]["left_out"] == "门楣", "it stays in the record"

    def test_or_it_comes_back_with_the_cut(self, desk: Desk) -> None:
        ok(desk.say("street", "accepted", **CUT))
        desk.up_to("district")
        ok(desk.say("bureau", "returned", reason="缺报价。"))
        again = ok(desk.answer("clerk", "resubmit"))
        assert (again["step"], again["subdistrict_offer_fen"], again["left_out"]) == (
            "bureau",
            500_000,
            "门楣",
        )
        assert desk.seen("street")["return_to"] is None, "it is not theirs now"

    def test_a_committee_that_asks_for_more_is_heard_by_who_lowered_it(self, desk: Desk) -> None:
        ok(desk.say("street", "accepted", **CUT))
        desk.up_to("district", "bureau")
        ok(desk.say("finance", "approved_in_part", amount_fen=LEFT, reason="同意。"))
        again = ok(desk.answer("clerk", "resubmit"))
        assert (again["step"], again["approved_fen"], again["subdistrict_offer_fen"]) == (
            "subdistrict",
            None,
            None,
        )

    def test_finance_judges_its_own_cut_anew(self, desk: Desk) -> None:
        desk.up_to("street", "district", "bureau")
        part = {"amount_fen": 300_000, "reason": "核减。", "left_out": "门楣"}
        ok(desk.say("finance", "approved_in_part", **part))
        assert ok(desk.answer("clerk", "resubmit"))["step"] == "finance"
        assert ok(desk.say("finance", "approved"))["approved_fen"] == SUBDISTRICT_PART + DISTRICT_PART

    def test_a_year_lifts_nothing(self, desk: Desk, database: Database) -> None:
        ok(desk.say("street", "accepted", **CUT))
        year = clock.today().year + 1
        ok(desk.say("district", "deferred", reason="今年额度已满。", year=year))
        clock.set_frozen(clock.now().replace(year=year, month=2, day=1))
        with database.writing() as session:
            row = service.take_up(session, request_id=desk.row.id)
            assert row is not None
            assert (row.step, row.subdistrict_offer_fen, row.left_out) == (Step.DISTRICT, 500_000, "门楣")

    def test_approvals_print_it(self, desk: Desk, database: Database) -> None:
        ok(desk.say("street", "accepted", **CUT))
        desk.up_to("district", "bureau")
        ok(desk.say("finance", "approved_in_part", amount_fen=LEFT, reason="同意。"))
        with database.reading() as session:
            row = session.get(FundingRequest, desk.row.id)
            assert row is not None
            letters = service.read(session, row.id, actor=SYSTEM, verb="request.read")[1]
            assert letters[-1].amount_fen == letters[-1].district_fen + letters[-1].subdistrict_fen  # type: ignore[operator]
            found = service.detail(session, row.id, actor=SYSTEM)
            shares = printing._shares(found)
        for words in ("5,000.00", "11,200.00", "16,200.00", "不包括：门楣"):
            assert words in shares
        assert "不包括：门楣" in printing._letter(found.letters[-1])[2]


class TestCuts:
    WHOLE = Offer(40, 60)

    def test_who_agrees_again_replaces_their_own_and_all_after_it(self) -> None:
        def said(
            step: Step, district: int | None = None, words: str | None = None
        ) -> tuple[Step, Decision, Offer | None, str | None]:
            offer = None if district is None else Offer(district, 60)
            return step, Decision.ACCEPTED, offer, words

        first, second = said(Step.SUBDISTRICT, 30, "甲"), said(Step.DISTRICT, 20, "乙")
        assert cuts.standing([first, second]) == [
            Cut(Step.SUBDISTRICT, Offer(30, 60), "甲"), Cut(Step.DISTRICT, Offer(20, 60), "乙"),
        ]  # fmt: skip
        assert cuts.standing([first, second, said(Step.DISTRICT)]) == [
            Cut(Step.SUBDISTRICT, Offer(30, 60), "甲")
        ]
        assert cuts.standing([first, second, said(Step.SUBDISTRICT)]) == []
        assert cuts.standing([first, (Step.DISTRICT, Decision.RETURNED, None, None)]) == cuts.standing(
            [first]
        )

    def test_what_is_left_to_each(self) -> None:
        found = [Cut(Step.SUBDISTRICT, Offer(40, 10), "甲"), Cut(Step.BUREAU, Offer(5, 10), "乙")]
        assert cuts.left_before(found, Step.SUBDISTRICT, self.WHOLE) == Left(self.WHOLE)
        assert cuts.left_before(found, Step.BUREAU, self.WHOLE) == Left(Offer(40, 10), "甲")
        assert cuts.left_before(found, Step.FINANCE, self.WHOLE) == Left(Offer(5, 10), "甲\n乙")
        # a settlement has made it cheaper than what was left
        assert cuts.left_before(found, Step.FINANCE, Offer(3, 4)) == Left(Offer(3, 4))


class TestWordsOfErrors:
    """What the screens show is read by people: no name of a state or a step."""

    @pytest.mark.parametrize(
        "error",
        [
            NotYoursToDecide(step="district"), SpokeBefore(spoke_as="committee", step="district"),
            FactOutOfPlace(fact="to", decision="declined"),
            *(RequestWrongState(state=state.value, wanted="go_ahead") for state in chain.DECISIONS),
            *(RequestWrongState(state="submitted", wanted=decision.value) for decision in Decision),
        ],
    )  # fmt: skip
    def test_in_chinese(self, error: Exception) -> None:
        words = error.sentence("zh-CN")  # type: ignore[attr-defined]
        assert not any(letter.isascii() and letter.isalpha() for letter in words), words
        assert "_" not in error.sentence("en")  # type: ignore[attr-defined]
