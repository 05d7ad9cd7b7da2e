"""Who pays what to the fen, and what may follow what."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.access.roles import Role
from app.core.money import LARGEST_AMOUNT_FEN
from app.funding import rules
from app.funding.errors import (
    AmountNeeded,
    FactOutOfPlace,
    NotYoursToDecide,
    ReasonNeeded,
    RequestWrongState,
    SharesMalformed,
    YearNeeded,
)
from app.funding.rules import DECISIONS, USUAL, WHOLE, Decision, Policy, RequestState, Shares

TODAY = dt.date(2026, 11, 24)
PUBLIC = 476_000

policies = st.builds(
    lambda community, district: Policy(community, district, WHOLE - district),
    st.integers(0, WHOLE),
    st.integers(0, WHOLE),
)


def decide(
    state: RequestState,
    decision: Decision,
    *,
    reason: str | None = "理由",
    amount_fen: int | None = None,
    year: int | None = None,
) -> RequestState:
    return rules.decide(
        state, decision, reason=reason, amount_fen=amount_fen, year=year, public_fen=PUBLIC, today=TODAY
    )


def fitting(decision: Decision) -> dict[str, Any]:
    if decision is Decision.APPROVED_IN_PART:
        return {"amount_fen": PUBLIC - 1}
    return {"year": 2027} if decision is Decision.DEFERRED else {}


class TestShares:
    @pytest.mark.parametrize(
        ("cost", "expected"),
        [
            (1_000_000, Shares(300_000, 280_000, 420_000)),
            (1, Shares(0, 0, 1)),  # 0.30, 0.28, 0.42
            (2, Shares(1, 0, 1)),  # 0.60, 0.56, 0.84: two fen left for .84 and .60
            (3, Shares(1, 1, 1)),  # 0.90, 0.84, 1.26
            (101, Shares(30, 28, 43)),  # 30.30, 28.28, 42.42
            (120_001, Shares(36_000, 33_600, 50_401)),  # .30, .28, .42
        ],
    )
    def test_worked_by_hand(self, cost: int, expected: Shares) -> None:
        assert rules.shares(cost, USUAL.policy) == expected

    def test_reversed_where_the_subdistrict_lacks_the_means(self) -> None:
        assert rules.shares(1_000_000, Policy(3_000, 6_000, 4_000)) == Shares(300_000, 420_000, 280_000)

    @given(cost=st.integers(1, LARGEST_AMOUNT_FEN), policy=policies)
    def test_nothing_is_lost_or_invented(self, cost: int, policy: Policy) -> None:
        parts = rules.shares(cost, policy)
        each = (parts.community_fen, parts.district_fen, parts.subdistrict_fen)
        assert sum(each) == cost
        public = Fraction(WHOLE - policy.community_share, WHOLE)
        exact = (
            cost * Fraction(policy.community_share, WHOLE),
            cost * public * Fraction(policy.district_share, WHOLE),
            cost * public * Fraction(policy.subdistrict_share, WHOLE),
        )
        for part, share in zip(each, exact, strict=True):
            assert part >= 0
            assert share - 1 < part < share + 1

    @given(cost=st.integers(1, LARGEST_AMOUNT_FEN), policy=policies)
    def test_the_fen_left_go_to_the_largest_fractions(self, cost: int, policy: Policy) -> None:
        """An oracle of its own: integers over the common denominator 10^8."""
        denominator = WHOLE * WHOLE
        public = WHOLE - policy.community_share
        exact = (
            cost * policy.community_share * WHOLE,
            cost * public * policy.district_share,
            cost * public * policy.subdistrict_share,
        )
        floors = [each // denominator for each in exact]
        order = sorted(range(3), key=lambda i: (-(exact[i] % denominator), i))
        for index in order[: cost - sum(floors)]:
            floors[index] += 1
        parts = rules.shares(cost, policy)
        assert [parts.community_fen, parts.district_fen, parts.subdistrict_fen] == floors

    @given(cost=st.integers(1, LARGEST_AMOUNT_FEN))
    def test_a_share_of_nothing_pays_nothing(self, cost: int) -> None:
        assert rules.shares(cost, Policy(0, 0, WHOLE)) == Shares(0, 0, cost)
        assert rules.shares(cost, Policy(WHOLE, 4_000, 6_000)) == Shares(cost, 0, 0)


class TestCheckPolicy:
    @given(policy=policies)
    def test_what_adds_up_is_taken(self, policy: Policy) -> None:
        assert rules.check_policy(policy) == policy

    @pytest.mark.parametrize(
        "shares", [(3_000, 4_000, 5_999), (3_000, -1, 10_001), (10_001, 4_000, 6_000), (-1, 4_000, 6_000)]
    )
    def test_what_does_not_is_refused(self, shares: tuple[int, int, int]) -> None:
        with pytest.raises(SharesMalformed):
            rules.check_policy(Policy(*shares))


class TestDecide:
    @pytest.mark.parametrize("state", RequestState)
    @pytest.mark.parametrize("decision", Decision)
    def test_only_what_the_table_says(self, state: RequestState, decision: Decision) -> None:
        if decision in DECISIONS[state]:
            assert decide(state, decision, **fitting(decision)) is RequestState(decision.value)
            return
        with pytest.raises(RequestWrongState) as caught:
            decide(state, decision, **fitting(decision))
        assert caught.value.facts == {"state": state.value, "wanted": decision.value}

    def test_every_state_has_its_line(self) -> None:
        assert set(DECISIONS) == set(RequestState)
        assert not DECISIONS[RequestState.RESERVE], "nobody asked for the reserve yet"

    def test_money_is_granted_only_to_what_was_accepted(self) -> None:
        for state, following in DECISIONS.items():
            if Decision.APPROVED in following:
                assert state in {RequestState.ACCEPTED, RequestState.GO_AHEAD}

    @pytest.mark.parametrize(
        "decision", [Decision.RETURNED, Decision.APPROVED_IN_PART, Decision.DECLINED, Decision.DEFERRED]
    )
    @pytest.mark.parametrize("reason", [None, ""])
    def test_bad_news_needs_a_reason(self, decision: Decision, reason: str | None) -> None:
        with pytest.raises(ReasonNeeded):
            decide(RequestState.ACCEPTED, decision, reason=reason, **fitting(decision))

    @pytest.mark.parametrize("amount", [None, 0, -1, PUBLIC, PUBLIC + 1])
    def test_an_approval_in_part_is_above_zero_and_below_the_whole(self, amount: int | None) -> None:
        with pytest.raises(AmountNeeded):
            decide(RequestState.ACCEPTED, Decision.APPROVED_IN_PART, amount_fen=amount)

    @pytest.mark.parametrize("year", [None, 2025, 2026, 2037])
    def test_a_deferral_names_a_coming_year(self, year: int | None) -> None:
        with pytest.raises(YearNeeded):
            decide(RequestState.ACCEPTED, Decision.DEFERRED, year=year)

    @pytest.mark.parametrize("decision", sorted(set(Decision) - {Decision.APPROVED_IN_PART}))
    def test_an_amount_elsewhere_is_refused_rather_than_forgotten(self, decision: Decision) -> None:
        state = next(state for state, following in DECISIONS.items() if decision in following)
        with pytest.raises(FactOutOfPlace):
            decide(state, decision, **(fitting(decision) | {"amount_fen": 5}))

    @pytest.mark.parametrize("decision", sorted(set(Decision) - {Decision.DEFERRED}))
    def test_a_year_elsewhere_too(self, decision: Decision) -> None:
        state = next(state for state, following in DECISIONS.items() if decision in following)
        with pytest.raises(FactOutOfPlace):
            decide(state, decision, **(fitting(decision) | {"year": 2027}))


class TestDeciders:
    def test_a_subdistrict_does_not_grant_the_districts_money(self) -> None:
        for decision in Decision:
            if decision in {Decision.APPROVED, Decision.APPROVED_IN_PART}:
                with pytest.raises(NotYoursToDecide):
                    rules.check_decider({Role.SUBDISTRICT_OFFICER}, decision)
            else:
                rules.check_decider({Role.SUBDISTRICT_OFFICER}, decision)

    @pytest.mark.parametrize("decision", Decision)
    def test_the_district_and_a_governments_system_say_everything(self, decision: Decision) -> None:
        rules.check_decider({Role.DISTRICT_OFFICER}, decision)
        rules.check_decider({Role.SCOPE_FUNDING_DECIDE}, decision)

    @pytest.mark.parametrize("decision", Decision)
    @pytest.mark.parametrize("role", sorted(set(Role) - set(rules.DECIDERS)))
    def test_nobody_else_says_anything(self, role: Role, decision: Decision) -> None:
        with pytest.raises(NotYoursToDecide):
            rules.check_decider({role}, decision)


class TestComesBack:
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
        assert rules.comes_back(state, year, TODAY) is expected


class TestResubmit:
    @pytest.mark.parametrize("state", RequestState)
    def test_only_what_was_returned(self, state: RequestState) -> None:
        if state is RequestState.RETURNED:
            assert rules.resubmit(state) is RequestState.SUBMITTED
            return
        with pytest.raises(RequestWrongState):
            rules.resubmit(state)


class AnyWalk(RuleBasedStateMachine):
    """Whatever is tried in whatever order, a decided request stays decided and money follows acceptance."""

    def __init__(self) -> None:
        super().__init__()
        self.state = RequestState.SUBMITTED
        self.past = [self.state]

    @rule(decision=st.sampled_from(list(Decision)))
    def decides(self, decision: Decision) -> None:
        before = self.state
        try:
            self.state = decide(before, decision, **fitting(decision))
        except RequestWrongState:
            assert self.state is before
            return
        assert before not in {RequestState.APPROVED, RequestState.APPROVED_IN_PART, RequestState.DECLINED}
        self.past.append(self.state)

    @rule()
    def resubmits(self) -> None:
        if self.state is RequestState.RETURNED:
            self.state = rules.resubmit(self.state)
            self.past.append(self.state)

    @invariant()
    def money_follows_acceptance(self) -> None:
        if self.state in {RequestState.APPROVED, RequestState.APPROVED_IN_PART, RequestState.GO_AHEAD}:
            assert RequestState.ACCEPTED in self.past

    @invariant()
    def nothing_becomes_reserve(self) -> None:
        assert self.state is not RequestState.RESERVE


TestAnyWalk = AnyWalk.TestCase
