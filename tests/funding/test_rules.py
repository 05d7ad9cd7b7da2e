"""Who pays what to the fen, and what a decision must say."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import LARGEST_AMOUNT_FEN
from app.funding import rules
from app.funding.errors import (
    AmountNeeded,
    FactOutOfPlace,
    LeftOutNeeded,
    ReasonNeeded,
    SharesMalformed,
    YearNeeded,
)
from app.funding.rules import USUAL, WHOLE, Decision, Offer, Policy, Said, Shares

TODAY = dt.date(2026, 11, 24)
#: 28 % and 42 % of 6,800 yuan.
SHARE = Offer(district_fen=190_400, subdistrict_fen=285_600)

policies = st.builds(
    lambda community, district: Policy(community, district, WHOLE - district),
    st.integers(0, WHOLE),
    st.integers(0, WHOLE),
)


def check(decision: Decision, *, in_words: bool = True, **facts: Any) -> Offer | None:
    said = Said(decision, **({"reason": "理由"} | facts))
    return rules.check_said(said, whole=SHARE, today=TODAY, in_words=in_words)


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


class TestCheckSaid:
    @pytest.mark.parametrize(
        "decision", [Decision.RETURNED, Decision.APPROVED_IN_PART, Decision.DECLINED, Decision.DEFERRED]
    )
    @pytest.mark.parametrize("reason", [None, ""])
    def test_bad_news_needs_a_reason(self, decision: Decision, reason: str | None) -> None:
        with pytest.raises(ReasonNeeded):
            check(decision, reason=reason)

    def test_a_cut_on_the_way_needs_one_too(self) -> None:
        with pytest.raises(ReasonNeeded):
            check(Decision.ACCEPTED, reason=None, amount_fen=1, left_out="其余")

    @pytest.mark.parametrize(
        "decision", [Decision.RECEIVED, Decision.ACCEPTED, Decision.APPROVED, Decision.GO_AHEAD]
    )
    def test_good_news_needs_none(self, decision: Decision) -> None:
        assert check(decision, reason=None) is None

    @pytest.mark.parametrize("amount", [None, 0, -1, SHARE.amount_fen, SHARE.amount_fen + 1])
    def test_a_part_is_above_zero_and_below_the_whole(self, amount: int | None) -> None:
        with pytest.raises(AmountNeeded):
            check(Decision.APPROVED_IN_PART, amount_fen=amount, left_out="其余")

    @pytest.mark.parametrize(
        ("district", "subdistrict", "amount"),
        [
            (190_401, 0, None),
            (0, 285_601, None),
            (-1, 100, None),
            (0, 0, None),
            (190_400, 285_600, None),
            (100_000, 200_000, 300_001),
        ],
    )
    def test_nobody_pays_more_than_their_share(
        self, district: int, subdistrict: int, amount: int | None
    ) -> None:
        with pytest.raises(AmountNeeded):
            check(
                Decision.APPROVED_IN_PART,
                left_out="其余",
                district_fen=district,
                subdistrict_fen=subdistrict,
                amount_fen=amount,
            )

    @pytest.mark.parametrize("decision", [Decision.APPROVED_IN_PART, Decision.ACCEPTED])
    def test_each_says_what_it_pays(self, decision: Decision) -> None:
        found = check(decision, district_fen=100_000, subdistrict_fen=200_000, left_out="门楣")
        assert found == Offer(100_000, 200_000)
        assert check(decision, district_fen=100_000, left_out="门楣") == Offer(100_000, 0)

    @given(amount=st.integers(1, SHARE.amount_fen - 1))
    def test_a_sum_alone_is_divided_as_the_shares_are(self, amount: int) -> None:
        found = check(Decision.APPROVED_IN_PART, amount_fen=amount, in_words=False)
        assert found is not None
        assert found.amount_fen == amount
        assert 0 <= found.district_fen <= SHARE.district_fen
        assert abs(found.district_fen - Fraction(amount * 4, 10)) < 1

    def test_people_say_what_is_left_out_and_systems_may(self) -> None:
        with pytest.raises(LeftOutNeeded):
            check(Decision.APPROVED_IN_PART, amount_fen=300_000)
        assert check(Decision.APPROVED_IN_PART, amount_fen=300_000, in_words=False) is not None
        assert check(Decision.APPROVED_IN_PART, amount_fen=300_000, left_out="门楣", in_words=False)

    @pytest.mark.parametrize("year", [None, 2025, 2026, 2037])
    def test_a_deferral_names_a_coming_year(self, year: int | None) -> None:
        with pytest.raises(YearNeeded):
            check(Decision.DEFERRED, year=year)

    @pytest.mark.parametrize("decision", Decision)
    @pytest.mark.parametrize(
        "fact",
        [
            {"amount_fen": 5},
            {"district_fen": 5},
            {"subdistrict_fen": 5},
            {"left_out": "门楣"},
            {"year": 2027},
        ],
        ids=lambda fact: next(iter(fact)),
    )
    def test_a_fact_elsewhere_is_refused_rather_than_forgotten(
        self, decision: Decision, fact: dict[str, Any]
    ) -> None:
        fitting = {Decision.DEFERRED} if "year" in fact else {Decision.APPROVED_IN_PART, Decision.ACCEPTED}
        if decision in fitting:
            return
        with pytest.raises(FactOutOfPlace) as caught:
            check(decision, **fact)
        assert caught.value.facts == {"fact": next(iter(fact)), "decision": decision.value}

    def test_a_system_proposes_nothing_on_the_way(self) -> None:
        with pytest.raises(FactOutOfPlace):
            check(Decision.ACCEPTED, amount_fen=5, in_words=False)

    def test_words_about_a_part_without_a_part(self) -> None:
        with pytest.raises(FactOutOfPlace):
            check(Decision.ACCEPTED, left_out="门楣")
