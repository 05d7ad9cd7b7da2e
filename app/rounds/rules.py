"""The life of a round, and the law behind each kind, as data."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.rounds.errors import DatesReversed, NoticeTooShort, RoundWrongState, RuleMalformed


class RoundState(StrEnum):
    """Where a round stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    OPEN = "open"
    CLOSED = "closed"
    UNSEALED = "unsealed"
    COUNTED = "counted"
    ANNOUNCED = "announced"
    CERTIFIED = "certified"
    VOID = "void"
    CANCELLED = "cancelled"


#: From where to where. Everything absent is refused.
TRANSITIONS: dict[RoundState, frozenset[RoundState]] = {
    RoundState.DRAFT: frozenset({RoundState.PUBLISHED, RoundState.CANCELLED}),
    RoundState.PUBLISHED: frozenset({RoundState.OPEN, RoundState.CANCELLED}),
    RoundState.OPEN: frozenset({RoundState.CLOSED, RoundState.VOID}),
    RoundState.CLOSED: frozenset({RoundState.UNSEALED, RoundState.VOID}),
    RoundState.UNSEALED: frozenset({RoundState.COUNTED, RoundState.VOID}),
    RoundState.COUNTED: frozenset({RoundState.ANNOUNCED, RoundState.VOID}),
    RoundState.ANNOUNCED: frozenset({RoundState.CERTIFIED, RoundState.VOID}),
    RoundState.CERTIFIED: frozenset(),
    RoundState.VOID: frozenset(),
    RoundState.CANCELLED: frozenset(),
}

#: What anybody may see.
PUBLIC_STATES = frozenset(RoundState) - {RoundState.DRAFT}
#: Ballots are cast, or were.
AFTER_OPENING = frozenset(RoundState) - {RoundState.DRAFT, RoundState.PUBLISHED, RoundState.CANCELLED}


class RoundKind(StrEnum):
    """What a round is in law; see `KINDS`."""

    CONSULTATION = "consultation"
    RESIDENTS_MEETING = "residents_meeting"


class Electorate(StrEnum):
    """Who has one ballot."""

    PERSON = "person"
    HOUSEHOLD = "household"


class Rule(StrEnum):
    """How ballots become a list; the formulas are in `app/tally/README.md`."""

    GREEDY = "greedy"
    RANK_MES = "rank-mes"


class Points(StrEnum):
    """What a place on a ballot earns."""

    FIXED_K = "fixed-k"
    OWN_LENGTH = "own-length"


class Fill(StrEnum):
    """What happens with money that the rule leaves over."""

    NONE = "none"
    K_BORDA = "k-borda"


class Ties(StrEnum):
    """What decides between equals (`app/tally/README.md`)."""

    #: Lower cost, then more backers, then a lot drawn from the root that is signed at closing.
    LOT = "lot"
    #: Place on the published list, as many cities do.
    LIST_ORDER = "list-order"


class Priority(StrEnum):
    """Which order numbers the funding requests."""

    SUPPORT = "support"
    PURCHASE = "purchase"


@dataclass(frozen=True)
class KindRule:
    """What the law asks of a kind of vote, from a day on."""

    kind: RoundKind
    valid_from: dt.date
    notice_days: int
    notice_article: str
    #: Share of the roll that must take part, strictly more than this; none for a consultation.
    quorum_more_than: Fraction | None
    quorum_article: str | None
    #: How long the result hangs out before it is certified.
    publication_days: int
    publication_article: str


_ORGANIC_LAW = dt.date(2026, 1, 1)

#: Organic Law of Urban Residents' Committees, revised 2025-10-28, in force since 2026-01-01.
KINDS: tuple[KindRule, ...] = (
    KindRule(
        kind=RoundKind.CONSULTATION,
        valid_from=_ORGANIC_LAW,
        notice_days=0,
        notice_article="",
        quorum_more_than=None,
        quorum_article=None,
        publication_days=15,
        publication_article="居民委员会组织法第三十四条",
    ),
    KindRule(
        kind=RoundKind.RESIDENTS_MEETING,
        valid_from=_ORGANIC_LAW,
        notice_days=10,
        notice_article="居民委员会组织法第二十六条",
        quorum_more_than=Fraction(1, 2),
        quorum_article="居民委员会组织法第二十七条",
        publication_days=15,
        publication_article="居民委员会组织法第三十四条",
    ),
)


def kind_rule(kind: RoundKind, on: dt.date) -> KindRule:
    """The rule of a kind in force on a day (the oldest one for earlier days)."""
    ordered = sorted((rule for rule in KINDS if rule.kind is kind), key=lambda rule: rule.valid_from)
    in_force = [rule for rule in ordered if rule.valid_from <= on]
    return in_force[-1] if in_force else ordered[0]


def step(state: RoundState, to: RoundState) -> RoundState:
    """The next state.

    Raises:
        RoundWrongState: it does not follow from the present one.
    """
    if to not in TRANSITIONS[state]:
        raise RoundWrongState(state=state.value, wanted=to.value)
    return to


def check_dates(
    *,
    kind: RoundKind,
    opens_at: dt.datetime,
    closes_at: dt.datetime,
    published_at: dt.datetime,
    short_notice_reason: str | None,
) -> None:
    """Whether a round published now may open and close at these times.

    Raises:
        DatesReversed: it would close before it opens, or has opened already.
        NoticeTooShort: the law wants more days, and no special circumstance is given.
    """
    if closes_at <= opens_at or opens_at < published_at:
        raise DatesReversed
    rule = kind_rule(kind, published_at.date())
    if opens_at - published_at < dt.timedelta(days=rule.notice_days) and not short_notice_reason:
        raise NoticeTooShort(days=rule.notice_days, article=rule.notice_article)


def check_rule(*, rule: Rule, skip: bool, threshold: int | None, fill: Fill, budget_fen: int | None) -> None:
    """Whether the settings of the counting rule go together.

    Raises:
        RuleMalformed: naming nothing more, the fields are few.
    """
    if rule is Rule.RANK_MES and (not skip or threshold is not None):
        raise RuleMalformed
    if rule is Rule.GREEDY and fill is not Fill.NONE:
        raise RuleMalformed
    if budget_fen is None and rule is not Rule.GREEDY:
        raise RuleMalformed


def quorum_reached(rule: KindRule, *, taken_part: int, roll_size: int) -> bool | None:
    """Whether strictly more than the share of the roll took part; nothing where no quorum applies."""
    if rule.quorum_more_than is None:
        return None
    share = rule.quorum_more_than
    return taken_part * share.denominator > roll_size * share.numerator
