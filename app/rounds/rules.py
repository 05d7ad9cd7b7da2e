"""The life of a round, and the law behind each kind, as data."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.rounds.errors import DatesReversed, KindMalformed, NoticeTooShort, RoundWrongState, RuleMalformed


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

#: Recorded votes lie in no box: what was closed is counted.
RECORDED_TRANSITIONS: dict[RoundState, frozenset[RoundState]] = TRANSITIONS | {
    RoundState.CLOSED: frozenset({RoundState.COUNTED, RoundState.VOID}),
}

#: What anybody may see.
PUBLIC_STATES = frozenset(RoundState) - {RoundState.DRAFT}
#: A roll is frozen, and what comes of it is not out yet.
FROZEN_ROLL_STATES = (RoundState.OPEN, RoundState.CLOSED, RoundState.UNSEALED, RoundState.COUNTED)
#: Ballots are cast, or were.
AFTER_OPENING = frozenset(RoundState) - {RoundState.DRAFT, RoundState.PUBLISHED, RoundState.CANCELLED}


class RoundKind(StrEnum):
    """What a round is in law; see `KINDS`."""

    CONSULTATION = "consultation"
    RESIDENTS_MEETING = "residents_meeting"
    #: Signed and not secret by law; see `app.rounds.matters` and the package `recorded`.
    OWNERS_DECISION = "owners_decision"


class Electorate(StrEnum):
    """Who has one ballot."""

    PERSON = "person"
    HOUSEHOLD = "household"
    #: Every dwelling votes with its area, and every owner is one head.
    OWNER = "owner"


class Rule(StrEnum):
    """How ballots become a list; the formulas are in `app/tally/README.md`."""

    GREEDY = "greedy"
    RANK_MES = "rank-mes"
    MES = "mes"
    SCHULZE = "schulze"
    PB_EAR = "pb-ear"


class Completion(StrEnum):
    """What Equal Shares does when no backers can pay any more."""

    NONE = "none"
    #: Everybody's share is raised, as long as the outcome fits the budget.
    ADD1 = "add1"


class Until(StrEnum):
    """When a completion ends."""

    INFEASIBLE = "infeasible"
    EXHAUSTIVE = "exhaustive"


class Unranked(StrEnum):
    """When pb-ear lets voters back what they did not rank."""

    NEVER = "never"
    LAST = "last"


class Points(StrEnum):
    """What a place on a ballot earns."""

    FIXED_K = "fixed-k"
    OWN_LENGTH = "own-length"
    #: One for every project on the ballot.
    APPROVAL = "approval"


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


class PaperPolicy(StrEnum):
    """Whether people may vote on paper too, and which ballot counts for whom who used both ways."""

    NONE = "none"
    #: Who has signed in for paper cannot vote online any more; who has voted online gets no sheet.
    FIRST_WINS = "first_wins"
    #: Signing in for paper takes the place of the ballot that was cast online.
    PAPER_WINS = "paper_wins"
    #: Sheets come back in a signed envelope, which is not opened where there is a ballot online.
    ONLINE_WINS = "online_wins"


class Custody(StrEnum):
    """Who keeps the key that opens the box."""

    #: One file in the key store of the service.
    LOCAL = "local"
    #: Three holders with a share each; two of them open the box together, none alone.
    SPLIT = "split"


@dataclass(frozen=True)
class KindRule:
    """What the law asks of a kind of vote, from a day on."""

    kind: RoundKind
    valid_from: dt.date
    electorates: frozenset[Electorate]
    #: Votes are signed and not secret, on a question instead of a list; thresholds are in `tally.double_quorum`.
    recorded: bool
    notice_days: int
    notice_article: str
    #: Notice may be shorter in special circumstances that are named.
    shorter_for_a_reason: bool
    #: Share of the roll that must take part, strictly more than this; none for a consultation.
    quorum_more_than: Fraction | None
    quorum_article: str | None
    #: How long the result hangs out before it is certified.
    publication_days: int
    publication_article: str
    #: Within how many days of the closing the result hangs out; none where the law says "promptly".
    posted_within_days: int | None = None
    #: From how many owners one person may hold a proxy; 0 where votes cannot be given by proxy.
    most_proxies: int = 0
    proxy_article: str = ""


_ORGANIC_LAW = dt.date(2026, 1, 1)
_CIVIL_CODE = dt.date(2021, 1, 1)
_RESIDENTS = frozenset({Electorate.PERSON, Electorate.HOUSEHOLD})

#: Organic Law of Urban Residents' Committees, revised 2025-10-28, in force since 2026-01-01; for owners the Civil Code,
#: the State Council's property regulation, and where these are silent the strictest of the local rules (Chengdu 2024;
#: Weifang for the number of proxies).
KINDS: tuple[KindRule, ...] = (
    KindRule(
        kind=RoundKind.CONSULTATION,
        valid_from=_ORGANIC_LAW,
        electorates=_RESIDENTS,
        recorded=False,
        notice_days=0,
        notice_article="",
        shorter_for_a_reason=True,
        quorum_more_than=None,
        quorum_article=None,
        publication_days=15,
        publication_article="居民委员会组织法第三十四条",
    ),
    KindRule(
        kind=RoundKind.RESIDENTS_MEETING,
        valid_from=_ORGANIC_LAW,
        electorates=_RESIDENTS,
        recorded=False,
        notice_days=10,
        notice_article="居民委员会组织法第二十六条",
        shorter_for_a_reason=True,
        quorum_more_than=Fraction(1, 2),
        quorum_article="居民委员会组织法第二十七条",
        publication_days=15,
        publication_article="居民委员会组织法第三十四条",
    ),
    KindRule(
        kind=RoundKind.OWNERS_DECISION,
        valid_from=_CIVIL_CODE,
        electorates=frozenset({Electorate.OWNER}),
        recorded=True,
        notice_days=15,
        notice_article="物业管理条例第十四条",
        shorter_for_a_reason=False,
        quorum_more_than=None,
        quorum_article="民法典第二百七十八条",
        publication_days=30,
        publication_article="成都市物业管理条例（2024）第二十三条至第三十二条",
        posted_within_days=3,
        most_proxies=3,
        proxy_article="潍坊市物业管理条例第三十二条",
    ),
)
#: Kinds whose votes are recorded.
RECORDED_KINDS = frozenset(rule.kind for rule in KINDS if rule.recorded)


def kind_rule(kind: RoundKind, on: dt.date) -> KindRule:
    """The rule of a kind in force on a day (the oldest one for earlier days)."""
    ordered = sorted((rule for rule in KINDS if rule.kind is kind), key=lambda rule: rule.valid_from)
    in_force = [rule for rule in ordered if rule.valid_from <= on]
    return in_force[-1] if in_force else ordered[0]


def step(state: RoundState, to: RoundState, *, recorded: bool = False) -> RoundState:
    """The next state.

    Raises:
        RoundWrongState: it does not follow from the present one.
    """
    if to not in (RECORDED_TRANSITIONS if recorded else TRANSITIONS)[state]:
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
        NoticeTooShort: the law wants more days, and no special circumstance is given, or none helps.
    """
    check_order(opens_at=opens_at, closes_at=closes_at)
    if opens_at < published_at:
        raise DatesReversed
    rule = kind_rule(kind, published_at.date())
    excused = bool(short_notice_reason) and rule.shorter_for_a_reason
    if opens_at - published_at < dt.timedelta(days=rule.notice_days) and not excused:
        raise NoticeTooShort(days=rule.notice_days, article=rule.notice_article)


def latest_publication(
    *, kind: RoundKind, opens_at: dt.datetime, short_notice_reason: str | None, on: dt.date
) -> dt.datetime:
    """Until when a round that opens then can be published, by the law of a day: the notice days have to fit in."""
    rule = kind_rule(kind, on)
    excused = bool(short_notice_reason) and rule.shorter_for_a_reason
    return opens_at if excused else opens_at - dt.timedelta(days=rule.notice_days)


def check_order(*, opens_at: dt.datetime, closes_at: dt.datetime) -> None:
    """Whether a round closes after it opens.

    Raises:
        DatesReversed: it does not.
    """
    if closes_at <= opens_at:
        raise DatesReversed


def check_kind(
    *,
    kind: RoundKind,
    electorate: Electorate,
    matter: str | None,
    question: str | None,
    ranked: Collection[str],
    on: dt.date,
) -> None:
    """Whether what a round asks, and whom, goes with its kind.

    Args:
        kind: what it is in law.
        electorate: who has a vote.
        matter: which matter of art. 278 is decided.
        question: what is asked.
        ranked: the names of those settings that only a vote over a list of projects has, as far as they were given.
        on: the day whose law applies.

    Raises:
        KindMalformed: with the settings that do not.
    """
    rule = kind_rule(kind, on)
    fits = {
        "electorate": electorate in rule.electorates,
        "matter": (matter is not None) is rule.recorded,
        "question": (question is not None) is rule.recorded,
    }
    wrong = [name for name, holds in fits.items() if not holds]
    wrong += sorted(ranked) if rule.recorded else []
    if wrong:
        raise KindMalformed(kind=kind.value, settings=", ".join(wrong))


@dataclass(frozen=True)
class CountSettings:
    """How a round is counted, as people chose it (`app/tally/README.md` says what each does)."""

    rule: Rule
    points: Points
    skip: bool
    threshold: int | None
    completion: Completion
    until: Until
    fill: Fill
    comparison: bool
    part_percent: int | None
    unranked: Unranked
    ties: Ties
    priority: Priority


_SHARES = frozenset({Rule.RANK_MES, Rule.MES})
_DIVIDING = _SHARES | {Rule.PB_EAR}


def default_completion(rule: Rule) -> Completion:
    """What a round does that says nothing of it."""
    return Completion.ADD1 if rule is Rule.RANK_MES else Completion.NONE


def default_fill(rule: Rule) -> Fill:
    """What a round does that says nothing of it."""
    return Fill.K_BORDA if rule in {Rule.RANK_MES, Rule.PB_EAR} else Fill.NONE


def check_rule(settings: CountSettings, *, budget_fen: int | None) -> None:
    """Whether the settings of the counting rule go together.

    Raises:
        RuleMalformed: with the settings that do not.
    """
    dividing, shares = settings.rule in _DIVIDING, settings.rule in _SHARES
    completed = settings.completion is not Completion.NONE
    down_a_list = not dividing or settings.fill is not Fill.NONE
    fits = {
        "budget_fen": budget_fen is not None or not dividing,
        "skip": settings.skip or not dividing,
        "fill": settings.fill is Fill.NONE or dividing,
        "completion": not completed or shares,
        "until": completed or settings.until is Until.INFEASIBLE,
        "comparison": not settings.comparison or settings.rule is Rule.MES,
        "part_percent": settings.part_percent is None or (down_a_list and budget_fen is not None),
        "unranked": settings.unranked is Unranked.NEVER or settings.rule is Rule.PB_EAR,
    }
    if wrong := [name for name, holds in fits.items() if not holds]:
        raise RuleMalformed(settings=", ".join(wrong), rule=settings.rule.value)


def quorum_reached(rule: KindRule, *, taken_part: int, roll_size: int) -> bool | None:
    """Whether strictly more than the share of the roll took part; nothing where no quorum applies."""
    if rule.quorum_more_than is None:
        return None
    share = rule.quorum_more_than
    return taken_part * share.denominator > roll_size * share.numerator
