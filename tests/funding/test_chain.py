"""Whose turn it is, and where a request goes from there."""

import datetime as dt

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.access.roles import GOVERNMENT_ROLES, Role
from app.funding import chain
from app.funding.chain import CHAIN, DECISIONS, Reply, Standing, Station, StationState, Step
from app.funding.errors import NoPartToAccept, NotYoursToDecide, RequestWrongState
from app.funding.rules import Decision, RequestState

TODAY = dt.date(2026, 11, 24)
BEGUN = chain.begin(funded=True)
PEOPLE = [link.role for link in CHAIN.values()]


def said(standing: Standing, role: Role, *decisions: Decision) -> Standing:
    """What becomes of it when somebody with this role says these things."""
    for decision in decisions:
        chain.check_turn(standing, decision, {role})
        standing = chain.after(standing, decision, whole_chain=False)
    return standing


def system_said(standing: Standing, *decisions: Decision) -> Standing:
    """The same, said by a government's system."""
    for decision in decisions:
        chain.check_follows(standing, decision)
        standing = chain.after(standing, decision, whole_chain=True)
    return standing


def at(step: Step) -> Standing:
    """A new request that everybody before this step agreed to."""
    standing = BEGUN
    while standing.step is not step:
        assert standing.step is not None
        decision = Decision.APPROVED if standing.step is Step.FINANCE else Decision.ACCEPTED
        standing = said(standing, CHAIN[standing.step].role, decision)
    return standing


class TestTheWholeWay:
    def test_from_the_subdistrict_to_the_go_ahead(self) -> None:
        walk = [BEGUN]
        for role, decision in (
            (Role.SUBDISTRICT_OFFICER, Decision.RECEIVED),
            (Role.SUBDISTRICT_OFFICER, Decision.ACCEPTED),
            (Role.DISTRICT_OFFICER, Decision.ACCEPTED),
            (Role.BUREAU_REVIEWER, Decision.ACCEPTED),
            (Role.FINANCE_REVIEWER, Decision.APPROVED),
            (Role.SUBDISTRICT_OFFICER, Decision.GO_AHEAD),
        ):
            walk.append(said(walk[-1], role, decision))
        assert [(each.state.value, each.step) for each in walk] == [
            ("submitted", Step.SUBDISTRICT),
            ("received", Step.SUBDISTRICT),
            ("accepted", Step.DISTRICT),
            ("accepted", Step.BUREAU),
            ("accepted", Step.FINANCE),
            ("approved", Step.GO_AHEAD),
            ("approved", None),
        ]
        assert [each.released for each in walk] == [False] * 6 + [True]

    def test_a_reserve_waits_for_nobody(self) -> None:
        reserve = chain.begin(funded=False)
        assert (reserve.state, reserve.step) == (RequestState.RESERVE, None)
        assert chain.open_decisions(reserve, GOVERNMENT_ROLES) == frozenset()

    @pytest.mark.parametrize("step", CHAIN)
    def test_each_step_is_decided_by_its_role_alone(self, step: Step) -> None:
        standing = at(step)
        decision = min(CHAIN[step].decisions & chain.open_decisions(standing, {CHAIN[step].role}))
        for role in Role:
            if role is CHAIN[step].role:
                assert chain.open_decisions(standing, {role})
                continue
            assert chain.open_decisions(standing, {role}) == frozenset()
            with pytest.raises(NotYoursToDecide) as caught:
                chain.check_turn(standing, decision, {role})
            assert caught.value.facts == {"step": step.value}

    @pytest.mark.parametrize("step", CHAIN)
    def test_a_step_says_what_it_knows_and_no_more(self, step: Step) -> None:
        standing, role = at(step), CHAIN[step].role
        for decision in set(Decision) - CHAIN[step].decisions:
            with pytest.raises(RequestWrongState):
                chain.check_turn(standing, decision, {role})

    def test_the_order_is_that_of_the_practice(self) -> None:
        assert [link.next for link in CHAIN.values()] == [*list(CHAIN)[1:], None]


class TestReturn:
    @pytest.mark.parametrize("step", [Step.SUBDISTRICT, Step.DISTRICT, Step.BUREAU, Step.FINANCE])
    def test_it_comes_back_to_the_step_that_returned_it(self, step: Step) -> None:
        role = CHAIN[step].role
        returned = said(at(step), role, Decision.RETURNED)
        assert (returned.state, returned.step, returned.back_to) == (
            RequestState.RETURNED,
            Step.COMMITTEE,
            step,
        )
        assert chain.open_decisions(returned, GOVERNMENT_ROLES) == frozenset()
        again = chain.resubmit(returned)
        assert (again.state, again.step, again.back_to) == (RequestState.SUBMITTED, step, None)
        agreed = Decision.APPROVED if step is Step.FINANCE else Decision.ACCEPTED
        assert said(again, role, agreed).step is CHAIN[step].next

    @pytest.mark.parametrize("step", CHAIN)
    def test_nothing_that_nobody_returned(self, step: Step) -> None:
        with pytest.raises(RequestWrongState):
            chain.resubmit(at(step))


class TestApprovalInPart:
    def test_the_committee_takes_it(self) -> None:
        part = said(at(Step.FINANCE), Role.FINANCE_REVIEWER, Decision.APPROVED_IN_PART)
        assert (part.step, part.back_to) == (Step.COMMITTEE, Step.FINANCE)
        with pytest.raises(RequestWrongState):
            chain.check_turn(part, Decision.GO_AHEAD, GOVERNMENT_ROLES)
        taken = chain.accept_part(part)
        assert (taken.state, taken.step) == (RequestState.APPROVED_IN_PART, Step.GO_AHEAD)
        assert said(taken, Role.SUBDISTRICT_OFFICER, Decision.GO_AHEAD).released

    def test_or_asks_again_where_it_was_cut(self) -> None:
        part = said(at(Step.FINANCE), Role.FINANCE_REVIEWER, Decision.APPROVED_IN_PART)
        again = chain.resubmit(part)
        assert (again.state, again.step) == (RequestState.SUBMITTED, Step.FINANCE)
        assert said(again, Role.FINANCE_REVIEWER, Decision.APPROVED).step is Step.GO_AHEAD

    @pytest.mark.parametrize("step", CHAIN)
    def test_there_must_be_one(self, step: Step) -> None:
        with pytest.raises(NoPartToAccept):
            chain.accept_part(at(step))

    def test_once(self) -> None:
        part = said(at(Step.FINANCE), Role.FINANCE_REVIEWER, Decision.APPROVED_IN_PART)
        with pytest.raises(NoPartToAccept):
            chain.accept_part(chain.accept_part(part))


class TestGoAheadFirst:
    """先行实施: the community begins with its own money, and the others still look."""

    def test_the_money_is_decided_later_and_nobody_releases_it_twice(self) -> None:
        begun = said(at(Step.DISTRICT), Role.DISTRICT_OFFICER, Decision.GO_AHEAD)
        assert (begun.state, begun.step, begun.released) == (RequestState.GO_AHEAD, Step.DISTRICT, True)
        passed = said(begun, Role.DISTRICT_OFFICER, Decision.ACCEPTED)
        assert (passed.state, passed.step) == (RequestState.GO_AHEAD, Step.BUREAU)
        paid = said(
            said(passed, Role.BUREAU_REVIEWER, Decision.ACCEPTED), Role.FINANCE_REVIEWER, Decision.APPROVED
        )
        assert (paid.state, paid.step) == (RequestState.APPROVED, None)

    def test_who_has_begun_is_not_sent_back_to_the_start(self) -> None:
        begun = said(at(Step.DISTRICT), Role.DISTRICT_OFFICER, Decision.GO_AHEAD)
        for decision in (Decision.RETURNED, Decision.GO_AHEAD):
            with pytest.raises(RequestWrongState):
                chain.check_turn(begun, decision, {Role.DISTRICT_OFFICER})


class TestDeferral:
    @pytest.mark.parametrize("step", [Step.SUBDISTRICT, Step.DISTRICT, Step.BUREAU, Step.FINANCE])
    def test_it_comes_back_to_the_step_that_put_it_off(self, step: Step) -> None:
        off = said(at(step), CHAIN[step].role, Decision.DEFERRED)
        assert (off.state, off.step, off.back_to) == (RequestState.DEFERRED, None, step)
        back = chain.come_back(off)
        assert (back.state, back.step) == (RequestState.SUBMITTED, step)

    def test_or_is_taken_up_earlier_by_the_same(self) -> None:
        off = said(at(Step.DISTRICT), Role.DISTRICT_OFFICER, Decision.DEFERRED)
        with pytest.raises(NotYoursToDecide):
            chain.check_turn(off, Decision.ACCEPTED, {Role.SUBDISTRICT_OFFICER})
        assert said(off, Role.DISTRICT_OFFICER, Decision.ACCEPTED).step is Step.BUREAU
        assert said(off, Role.DISTRICT_OFFICER, Decision.DECLINED).state is RequestState.DECLINED

    @pytest.mark.parametrize(
        ("state", "year", "expected"),
        [
            (RequestState.DEFERRED, 2027, False),
            (RequestState.DEFERRED, 2026, True),
            (RequestState.DEFERRED, 2025, True),
            (RequestState.DEFERRED, None, False),
            (RequestState.ACCEPTED, 2026, False),
        ],
    )
    def test_in_its_year(self, state: RequestState, year: int | None, expected: bool) -> None:  # noqa: FBT001
        assert chain.comes_back(state, year, TODAY) is expected


class TestSystems:
    """What a government's system could say before people had a chain, it still says."""

    @pytest.mark.parametrize("state", RequestState)
    @pytest.mark.parametrize("decision", Decision)
    def test_only_what_the_table_says(self, state: RequestState, decision: Decision) -> None:
        standing = Standing(state, Step.DISTRICT)
        if decision not in DECISIONS[state]:
            with pytest.raises(RequestWrongState) as caught:
                chain.check_follows(standing, decision)
            assert caught.value.facts == {"state": state.value, "wanted": decision.value}
            return
        chain.check_follows(standing, decision)
        after = chain.after(standing, decision, whole_chain=True)
        granted = state in {RequestState.APPROVED, RequestState.APPROVED_IN_PART}
        assert after.state is (state if granted else RequestState(decision.value))

    def test_every_state_has_its_line(self) -> None:
        assert set(DECISIONS) == set(RequestState)
        assert not DECISIONS[RequestState.RESERVE], "nobody asked for the reserve yet"

    def test_it_grants_for_the_whole_chain(self) -> None:
        granted = system_said(BEGUN, Decision.RECEIVED, Decision.ACCEPTED, Decision.APPROVED)
        assert (granted.state, granted.step) == (RequestState.APPROVED, Step.GO_AHEAD)
        assert system_said(granted, Decision.GO_AHEAD).released
        with pytest.raises(RequestWrongState):
            system_said(granted, Decision.GO_AHEAD, Decision.GO_AHEAD)

    def test_it_takes_on_again_what_others_have_had(self) -> None:
        again = chain.resubmit(said(at(Step.BUREAU), Role.BUREAU_REVIEWER, Decision.RETURNED))
        assert system_said(again, Decision.RECEIVED, Decision.ACCEPTED).step is Step.BUREAU


class TestDue:
    def test_the_last_day_ends_at_midnight_in_beijing(self) -> None:
        since = dt.datetime(2026, 11, 24, 16, 30, tzinfo=dt.UTC)  # the 25th in Beijing
        assert chain.due(Step.FINANCE, since) == dt.datetime(2026, 12, 5, 16, tzinfo=dt.UTC)
        assert chain.due(Step.COMMITTEE, since) == dt.datetime(2026, 12, 10, 16, tzinfo=dt.UTC)
        assert chain.due(None, since) is None


class TestStations:
    AT = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)

    def states(self, standing: Standing, *told: tuple[Step, Decision]) -> list[str]:
        found = chain.stations(standing, [(step, decision, self.AT) for step, decision in told])
        assert [each.step for each in found] == list(CHAIN)
        return [each.state.value for each in found]

    def test_what_is_over_where_it_is_and_what_comes(self) -> None:
        told = [(Step.SUBDISTRICT, Decision.RECEIVED), (Step.SUBDISTRICT, Decision.ACCEPTED)]
        assert self.states(at(Step.DISTRICT), *told) == ["done", "now", "coming", "coming", "coming"]
        found = chain.stations(at(Step.DISTRICT), [(step, decision, self.AT) for step, decision in told])
        assert found[0] == Station(Step.SUBDISTRICT, StationState.DONE, self.AT)
        assert found[1] == Station(Step.DISTRICT, StationState.NOW, None)

    def test_while_the_committee_corrects_it(self) -> None:
        returned = said(at(Step.BUREAU), Role.BUREAU_REVIEWER, Decision.RETURNED)
        assert self.states(returned) == ["done", "done", "now", "coming", "coming"]

    def test_where_it_ended(self) -> None:
        declined = said(at(Step.BUREAU), Role.BUREAU_REVIEWER, Decision.DECLINED)
        assert self.states(declined, (Step.BUREAU, Decision.DECLINED)) == [
            "done", "done", "ended", "coming", "coming",
        ]  # fmt: skip

    def test_when_all_is_said(self) -> None:
        done = said(at(Step.GO_AHEAD), Role.SUBDISTRICT_OFFICER, Decision.GO_AHEAD)
        assert self.states(done) == ["done"] * 5

    def test_a_reserve_has_not_begun(self) -> None:
        assert self.states(chain.begin(funded=False)) == ["coming"] * 5


class TestTurns:
    """How long each had a request in hand."""

    DAY = dt.timedelta(days=1)
    SUBMITTED = dt.datetime(2026, 6, 1, 4, tzinfo=dt.UTC)

    def turns(self, *said: tuple[int, Step | None, Decision | Reply]) -> list[tuple[Step, int, int]]:
        """(step, from which day, to which) of what was said on these days."""
        events = [(self.SUBMITTED + day * self.DAY, step, what) for day, step, what in said]
        return [
            (step, (since - self.SUBMITTED).days, (until - self.SUBMITTED).days)
            for step, since, until in chain.turns(self.SUBMITTED, events)
        ]

    def test_each_begins_where_the_one_before_ends(self) -> None:
        assert self.turns(
            (1, Step.SUBDISTRICT, Decision.RECEIVED),
            (3, Step.SUBDISTRICT, Decision.RETURNED),
            (5, None, Reply.CORRECTED),
            (6, Step.SUBDISTRICT, Decision.ACCEPTED),
            (9, Step.DISTRICT, Decision.ACCEPTED),
        ) == [
            (Step.SUBDISTRICT, 0, 3),
            (Step.COMMITTEE, 3, 5),
            (Step.SUBDISTRICT, 5, 6),
            (Step.DISTRICT, 6, 9),
        ]

    def test_work_that_begins_before_the_money_is_no_answer(self) -> None:
        assert self.turns(
            (2, Step.SUBDISTRICT, Decision.ACCEPTED),
            (4, Step.DISTRICT, Decision.GO_AHEAD),
            (9, Step.DISTRICT, Decision.ACCEPTED),
        ) == [(Step.SUBDISTRICT, 0, 2), (Step.DISTRICT, 2, 9)]
        assert self.turns((7, Step.GO_AHEAD, Decision.GO_AHEAD)) == [(Step.GO_AHEAD, 0, 7)]

    def test_the_years_put_off_are_nobodys(self) -> None:
        assert self.turns(
            (2, Step.SUBDISTRICT, Decision.DEFERRED),
            (300, None, Reply.CAME_BACK),
            (304, Step.SUBDISTRICT, Decision.ACCEPTED),
        ) == [(Step.SUBDISTRICT, 0, 2), (Step.SUBDISTRICT, 300, 304)]
        # taken up before its year: since when, nobody knows
        assert self.turns(
            (2, Step.SUBDISTRICT, Decision.DEFERRED), (50, Step.SUBDISTRICT, Decision.ACCEPTED)
        ) == [(Step.SUBDISTRICT, 0, 2)]

    def test_the_committee_answers_an_approval_in_part(self) -> None:
        assert self.turns((1, Step.FINANCE, Decision.APPROVED_IN_PART), (4, None, Reply.PART_REFUSED)) == [
            (Step.FINANCE, 0, 1),
            (Step.COMMITTEE, 1, 4),
        ]


class AnyWalk(RuleBasedStateMachine):
    """Whoever says what in whatever order: money follows everybody's agreement, and somebody always has it in hand."""

    def __init__(self) -> None:
        super().__init__()
        self.standing = BEGUN
        self.agreed: set[Step] = set()

    @rule(role=st.sampled_from(PEOPLE), decision=st.sampled_from(list(Decision)))
    def decides(self, role: Role, decision: Decision) -> None:
        before = self.standing
        try:
            chain.check_turn(before, decision, {role})
        except (RequestWrongState, NotYoursToDecide):
            assert decision not in chain.open_decisions(before, {role})
            return
        assert decision in chain.open_decisions(before, {role})
        self.standing = chain.after(before, decision, whole_chain=False)
        if decision in {Decision.ACCEPTED, Decision.APPROVED, Decision.APPROVED_IN_PART}:
            assert before.place is not None
            self.agreed.add(before.place)

    @precondition(lambda self: self.standing.step is Step.COMMITTEE)
    @rule()
    def resubmits(self) -> None:
        self.standing = chain.resubmit(self.standing)

    @rule()
    def accepts_the_part(self) -> None:
        try:
            self.standing = chain.accept_part(self.standing)
        except NoPartToAccept:
            assert self.standing.state is not RequestState.APPROVED_IN_PART or (
                self.standing.step is not Step.COMMITTEE
            )

    @precondition(lambda self: self.standing.state is RequestState.DEFERRED)
    @rule()
    def a_year_passes(self) -> None:
        self.standing = chain.come_back(self.standing)

    @invariant()
    def money_follows_everybody(self) -> None:
        if self.standing.state in {RequestState.APPROVED, RequestState.APPROVED_IN_PART}:
            assert self.agreed >= {Step.SUBDISTRICT, Step.DISTRICT, Step.BUREAU, Step.FINANCE}

    @invariant()
    def somebody_has_it_or_it_is_over(self) -> None:
        over = self.standing.state is RequestState.DECLINED or self.standing.released
        assert self.standing.step or over or self.standing.state is RequestState.DEFERRED

    @invariant()
    def the_line_can_be_drawn(self) -> None:
        assert len(chain.stations(self.standing, [])) == len(CHAIN)


TestAnyWalk = AnyWalk.TestCase
