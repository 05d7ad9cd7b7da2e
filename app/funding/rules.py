"""Who pays what, and what may be decided when. Pure."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.access.divisions import WHOLE_COUNTRY
from app.access.roles import Role
from app.core.money import split_by_largest_remainder
from app.funding.errors import (
    AmountNeeded,
    FactOutOfPlace,
    NotYoursToDecide,
    ReasonNeeded,
    RequestWrongState,
    SharesMalformed,
    YearNeeded,
)

#: Shares are stored in ten-thousandths.
WHOLE = 10_000

LEGAL_GROUND = "居民委员会组织法（2025 年修订）第四十二条：为公益事项可向街道和区、市人民政府申请经费。"


class RequestState(StrEnum):
    """Where a request stands; the words are those of the decisions."""

    RESERVE = "reserve"  # next in line, not submitted
    SUBMITTED = "submitted"
    RECEIVED = "received"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    APPROVED_IN_PART = "approved_in_part"
    DECLINED = "declined"
    DEFERRED = "deferred"
    GO_AHEAD = "go_ahead"


class Decision(StrEnum):
    """What a government may say to a request."""

    RECEIVED = "received"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    APPROVED_IN_PART = "approved_in_part"
    DECLINED = "declined"
    DEFERRED = "deferred"
    GO_AHEAD = "go_ahead"


_FINAL = frozenset({Decision.APPROVED, Decision.APPROVED_IN_PART, Decision.DECLINED, Decision.DEFERRED})
_JUDGE = _FINAL | {Decision.GO_AHEAD, Decision.RETURNED}

#: State -> decisions that may follow.
DECISIONS: dict[RequestState, frozenset[Decision]] = {
    RequestState.RESERVE: frozenset(),
    RequestState.SUBMITTED: frozenset({Decision.RECEIVED, Decision.ACCEPTED, Decision.RETURNED}),
    RequestState.RECEIVED: frozenset(
        {Decision.ACCEPTED, Decision.RETURNED, Decision.DECLINED, Decision.DEFERRED}
    ),
    RequestState.RETURNED: frozenset(),
    RequestState.ACCEPTED: _JUDGE,
    # go-ahead: the community begins with its own money; the government decides on paying it back later
    RequestState.GO_AHEAD: _FINAL,
    # it comes back by itself in its year; nothing keeps a government from taking it up earlier
    RequestState.DEFERRED: frozenset({Decision.ACCEPTED, Decision.DECLINED}),
    RequestState.APPROVED: frozenset(),
    RequestState.APPROVED_IN_PART: frozenset(),
    RequestState.DECLINED: frozenset(),
}

_NEED_REASON = frozenset({Decision.RETURNED, Decision.APPROVED_IN_PART, Decision.DECLINED, Decision.DEFERRED})

#: How many years ahead a request may be put off.
FARTHEST_DEFERRAL = 10

#: Who may say what. The sub-district hears a request first and may refuse it or let the community begin; money is
#: granted by the district, which carries a part of it. A government's system speaks for the whole chain behind it.
DECIDERS: Mapping[Role, frozenset[Decision]] = {
    Role.SUBDISTRICT_OFFICER: frozenset(Decision) - {Decision.APPROVED, Decision.APPROVED_IN_PART},
    Role.DISTRICT_OFFICER: frozenset(Decision),
    Role.SCOPE_FUNDING_DECIDE: frozenset(Decision),
}


@dataclass(frozen=True)
class Policy:
    """Who carries what, in ten-thousandths: the community of the whole, the governments of the rest."""

    community_share: int
    district_share: int
    subdistrict_share: int


@dataclass(frozen=True)
class Shares:
    """The estimated cost divided, in fen; the three add up to it exactly."""

    community_fen: int
    district_fen: int
    subdistrict_fen: int


@dataclass(frozen=True)
class PolicyInForce:
    """A policy with where it comes from."""

    policy: Policy
    division_code: str
    valid_from: dt.date
    source: str


#: What applies where no division has set anything.
USUAL = PolicyInForce(
    policy=Policy(community_share=3_000, district_share=4_000, subdistrict_share=6_000),
    division_code=WHOLE_COUNTRY,
    valid_from=dt.date(2015, 1, 1),
    source="field study of co-production in Chengdu, Taicang, Haicang and Guiyang, 2015-2018: the usual shares",
)


def check_policy(policy: Policy) -> Policy:
    """Whether shares make sense.

    Raises:
        SharesMalformed: out of range, or the governments' shares do not add up.
    """
    parts = (policy.community_share, policy.district_share, policy.subdistrict_share)
    if (
        not all(0 <= part <= WHOLE for part in parts)
        or policy.district_share + policy.subdistrict_share != WHOLE
    ):
        raise SharesMalformed
    return policy


def shares(cost_fen: int, policy: Policy) -> Shares:
    """Divide an estimated cost: each share floored to the fen, the rest fen by fen to the largest fraction."""
    public = Fraction(WHOLE - policy.community_share, WHOLE)
    community, district, subdistrict = split_by_largest_remainder(
        cost_fen,
        [
            Fraction(policy.community_share, WHOLE),
            public * Fraction(policy.district_share, WHOLE),
            public * Fraction(policy.subdistrict_share, WHOLE),
        ],
    )
    return Shares(community, district, subdistrict)


def decide(
    state: RequestState,
    decision: Decision,
    *,
    reason: str | None,
    amount_fen: int | None,
    year: int | None,
    public_fen: int,
    today: dt.date,
) -> RequestState:
    """The state after a decision.

    Raises:
        RequestWrongState: the decision does not follow.
        ReasonNeeded: a return, a refusal, a deferral or a cut without a reason.
        AmountNeeded: an approval in part without a fitting amount.
        YearNeeded: a deferral without a coming year.
        FactOutOfPlace: an amount or a year with a decision that has none.
    """
    if decision not in DECISIONS[state]:
        raise RequestWrongState(state=state.value, wanted=decision.value)
    if amount_fen is not None and decision is not Decision.APPROVED_IN_PART:
        raise FactOutOfPlace(fact="amount_fen", decision=decision.value)
    if year is not None and decision is not Decision.DEFERRED:
        raise FactOutOfPlace(fact="year", decision=decision.value)
    if decision in _NEED_REASON and not reason:
        raise ReasonNeeded
    if decision is Decision.APPROVED_IN_PART and (amount_fen is None or not 0 < amount_fen < public_fen):
        raise AmountNeeded
    if decision is Decision.DEFERRED and (
        year is None or not today.year < year <= today.year + FARTHEST_DEFERRAL
    ):
        raise YearNeeded
    return RequestState(decision.value)


def check_decider(roles: Collection[Role], decision: Decision) -> None:
    """Whether somebody with these roles may say this.

    Raises:
        NotYoursToDecide: it is for others to say.
    """
    if not any(decision in DECIDERS.get(role, ()) for role in roles):
        raise NotYoursToDecide(decision=decision.value)


def comes_back(state: RequestState, deferred_to: int | None, today: dt.date) -> bool:
    """Whether the year has come to which a request was put off."""
    return state is RequestState.DEFERRED and deferred_to is not None and deferred_to <= today.year


def resubmit(state: RequestState) -> RequestState:
    """The state after the committee has corrected a returned request.

    Raises:
        RequestWrongState: nobody returned it.
    """
    if state is not RequestState.RETURNED:
        raise RequestWrongState(state=state.value, wanted=RequestState.SUBMITTED.value)
    return RequestState.SUBMITTED
