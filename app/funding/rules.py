"""Who pays what, and what a decision must say. Whose turn it is, `chain` knows. Pure."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.access.divisions import WHOLE_COUNTRY
from app.core.money import FEN_PER_YUAN, split_by_largest_remainder
from app.funding.errors import (
    AmountNeeded,
    FactOutOfPlace,
    LeftOutNeeded,
    LoweredBefore,
    ReasonNeeded,
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


_NEED_REASON = frozenset({Decision.RETURNED, Decision.APPROVED_IN_PART, Decision.DECLINED, Decision.DEFERRED})
#: What may name an amount: a smaller sum that is granted, or that a step proposes to those after it.
_MAY_LOWER = frozenset({Decision.APPROVED_IN_PART, Decision.ACCEPTED})

#: How many years ahead a request may be put off.
FARTHEST_DEFERRAL = 10


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


def asked_after(asked_fen: int, *, cost_fen: int, cost_now_fen: int) -> int:
    """What a request asks for once its project costs something else: all of it again, or a part no larger than it."""
    return cost_now_fen if asked_fen == cost_fen else min(asked_fen, cost_now_fen)


@dataclass(frozen=True)
class Said:
    """What somebody says beside the decision itself; amounts in fen."""

    decision: Decision
    reason: str | None = None
    #: What the governments pay together; their two parts, where they are named.
    amount_fen: int | None = None
    district_fen: int | None = None
    subdistrict_fen: int | None = None
    #: What is not paid for, in words.
    left_out: str | None = None
    year: int | None = None

    @property
    def names_amount(self) -> bool:
        """Whether a sum is named."""
        return not (self.amount_fen is self.district_fen is self.subdistrict_fen is None)


@dataclass(frozen=True)
class Offer:
    """What each government pays, in fen."""

    district_fen: int
    subdistrict_fen: int

    @property
    def amount_fen(self) -> int:
        """What they pay together."""
        return self.district_fen + self.subdistrict_fen


@dataclass(frozen=True)
class Left:
    """What earlier steps have left of the governments' shares, and what that does not pay for."""

    offer: Offer
    left_out: str | None = None


def check_said(
    said: Said, *, whole: Offer, today: dt.date, in_words: bool, left: Left | None = None
) -> Offer | None:
    """Whether a decision says what it must and nothing else; returns what each government would pay, if it is less.

    ``whole`` is the governments' shares, ``left`` what earlier steps have left of them. ``in_words``: people name what
    is left out, unless earlier steps have said it all; a system that has no field for it may keep silent, and proposes
    nothing on the way.

    Raises:
        LoweredBefore: more than what earlier steps have left.
        ReasonNeeded: a return, a refusal, a deferral or a cut without a reason.
        AmountNeeded: an approval in part without a fitting amount.
        LeftOutNeeded: a cut that does not say what is not paid for.
        YearNeeded: a deferral without a coming year.
        FactOutOfPlace: an amount, a year or words with a decision that has none.
    """
    _check_places(said, may_propose=in_words)
    if said.decision in _NEED_REASON and not said.reason:
        raise ReasonNeeded
    if said.decision is Decision.DEFERRED and (
        said.year is None or not today.year < said.year <= today.year + FARTHEST_DEFERRAL
    ):
        raise YearNeeded
    left = left or Left(whole)
    if said.decision is Decision.APPROVED and left.offer != whole:
        raise lowered_before(left.offer)
    if said.decision is not Decision.APPROVED_IN_PART and not said.names_amount:
        return None
    offer = _offer(said, whole, left.offer)
    if said.decision is Decision.ACCEPTED and not said.reason:
        raise ReasonNeeded
    all_said = left.left_out is not None and offer == left.offer
    if in_words and not said.left_out and not all_said:
        raise LeftOutNeeded
    return offer


def lowered_before(left: Offer) -> LoweredBefore:
    """That earlier steps have left no more than this."""
    return LoweredBefore(
        district_fen=left.district_fen, subdistrict_fen=left.subdistrict_fen, district=yuan(left.district_fen),
        subdistrict=yuan(left.subdistrict_fen),
    )  # fmt: skip


def yuan(fen: int) -> str:
    """An amount in figures: 12,345.60."""
    whole, rest = divmod(fen, FEN_PER_YUAN)
    return f"{whole:,}.{rest:02d}"


def _check_places(said: Said, *, may_propose: bool) -> None:
    allowed = _MAY_LOWER if may_propose else frozenset({Decision.APPROVED_IN_PART})
    for fact in ("amount_fen", "district_fen", "subdistrict_fen", "left_out"):
        if getattr(said, fact) is not None and said.decision not in allowed:
            raise FactOutOfPlace(fact=fact, decision=said.decision.value)
    if said.left_out is not None and said.decision is Decision.ACCEPTED and not said.names_amount:
        raise FactOutOfPlace(fact="left_out", decision=said.decision.value)
    if said.year is not None and said.decision is not Decision.DEFERRED:
        raise FactOutOfPlace(fact="year", decision=said.decision.value)


def _offer(said: Said, whole: Offer, left: Offer) -> Offer:
    if said.district_fen is None and said.subdistrict_fen is None:
        if said.amount_fen is None or not 0 < said.amount_fen < whole.amount_fen:
            raise AmountNeeded
        if said.amount_fen > left.amount_fen:
            raise lowered_before(left)
        return Offer(*split_by_largest_remainder(
            said.amount_fen,
            [
                Fraction(left.district_fen, left.amount_fen),
                Fraction(left.subdistrict_fen, left.amount_fen),
            ],
        ))  # fmt: skip
    offer = Offer(said.district_fen or 0, said.subdistrict_fen or 0)
    fitting = (
        0 <= offer.district_fen <= whole.district_fen
        and 0 <= offer.subdistrict_fen <= whole.subdistrict_fen
        and 0 < offer.amount_fen < whole.amount_fen
        and said.amount_fen in {None, offer.amount_fen}
    )
    if not fitting:
        raise AmountNeeded
    if offer.district_fen > left.district_fen or offer.subdistrict_fen > left.subdistrict_fen:
        raise lowered_before(left)
    return offer
