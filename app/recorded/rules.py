"""Who is one head, which of two acts stands, what a proxy may do, and what people are told. Pure."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.recorded.errors import PowersExceeded, TimeImpossible, TooManyProxies
from app.tally.double_quorum import Choice, Decision, Requirement, requirements

PROXY_PURPOSE = "gongyi proxy v1"
#: What a masked room looks like (PIPL art. 25: nothing personal is published without consent).
MASKED_ROOM = "**"
#: A counted vote says in which building and unit it was given only where so many were.
FEWEST_TOGETHER = 5

#: The way of law against a decision: Civil Code art. 280; Judicial Interpretation on the division of ownership art. 12.
REMEDIES = {
    "zh": "业主大会或者业主委员会作出的决定侵害业主合法权益的，受侵害的业主可以请求人民法院予以撤销"
    "（民法典第二百八十条），应当自知道或者应当知道决定作出之日起一年内提出。"
    "公示期间也可以向居委会提出异议，并查验全部表决记录。",
    "en": "An owner whose lawful rights a decision infringes may ask a court to annul it (Civil Code, art. 280), "
    "within one year of the day they knew or should have known of it. While it hangs out, owners can object to the "
    "committee and inspect all recorded votes.",
}


class Channel(StrEnum):
    """How a vote came in."""

    ONLINE = "online"
    PROXY = "proxy"
    PAPER = "paper"


class Powers(StrEnum):
    """What a proxy may vote."""

    #: As the holder sees fit.
    FREE = "free"
    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class ProxyState(StrEnum):
    """Where a proxy stands."""

    #: Entered from paper; somebody else has yet to compare it.
    ENTERED = "entered"
    IN_FORCE = "in_force"
    #: The holder has voted, and may change that vote.
    USED = "used"
    REVOKED = "revoked"
    #: The owner has voted.
    ENDED = "ended"
    REFUSED = "refused"


#: Proxies that bind their holder's number, and of which an owner has one at most.
STANDING = frozenset({ProxyState.ENTERED, ProxyState.IN_FORCE, ProxyState.USED})
#: Proxies that can be voted with.
USABLE = frozenset({ProxyState.IN_FORCE, ProxyState.USED})


class FormState(StrEnum):
    """Where a signed form stands."""

    ENTERED = "entered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


# --- persons and heads ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """A row of the roster that names somebody as owner of a dwelling."""

    resident_id: uuid.UUID
    dwelling_id: uuid.UUID
    #: Keyed hash of the phone.
    phone: str | None
    #: Keyed hash of name and birth date; none where no birth date is known.
    identity: str | None


def persons_of(deeds: Sequence[Deed]) -> dict[uuid.UUID, int]:
    """Resident -> number of the person, from 1 on: rows of one phone are one person, else those of one identity.

    A roster names a phone once, so an owner of several dwellings stands in further rows without one; these belong to
    the one phone of their identity. Where two phones have it, nobody can tell whose they are, and they stay apart from
    both. A name alone makes nobody the same person.
    """
    phones: dict[str, set[str]] = {}
    for deed in deeds:
        if deed.identity is not None and deed.phone is not None:
            phones.setdefault(deed.identity, set()).add(deed.phone)

    def key(deed: Deed) -> tuple[str, str]:
        if deed.phone is not None:
            return ("phone", deed.phone)
        if deed.identity is None:
            return ("resident", str(deed.resident_id))
        known = phones.get(deed.identity, set())
        return ("phone", next(iter(known))) if len(known) == 1 else ("identity", deed.identity)

    numbers: dict[tuple[str, str], int] = {}
    ordered = sorted(deeds, key=lambda deed: str(deed.resident_id))
    return {deed.resident_id: numbers.setdefault(key(deed), len(numbers) + 1) for deed in ordered}


def heads_of(
    dwellings: Iterable[uuid.UUID], deeds: Sequence[Deed], persons: Mapping[uuid.UUID, int]
) -> dict[uuid.UUID, int]:
    """Dwelling -> number of the head, from 1 on: dwellings that share an owner are one head.

    Several dwellings of one owner count once, and the owners of one dwelling are one head for it (Judicial
    Interpretation on the division of ownership, art. 9). A dwelling whose owner nobody knows is a head of its own.
    """
    ordered = sorted(dwellings, key=str)
    above = {dwelling: dwelling for dwelling in ordered}

    def top(dwelling: uuid.UUID) -> uuid.UUID:
        while above[dwelling] != dwelling:
            above[dwelling] = above[above[dwelling]]
            dwelling = above[dwelling]
        return dwelling

    first: dict[int, uuid.UUID] = {}
    for deed in deeds:
        mine = top(deed.dwelling_id)
        other = top(first.setdefault(persons[deed.resident_id], mine))
        above[max(mine, other, key=str)] = min(mine, other, key=str)
    numbers: dict[uuid.UUID, int] = {}
    return {dwelling: numbers.setdefault(top(dwelling), len(numbers) + 1) for dwelling in ordered}


def without_name(voted: Mapping[str, int]) -> set[str]:
    """Places that a counted vote does not name, of places -> how many voted there.

    Those where fewer than `FEWEST_TOGETHER` did; where all of these together are still fewer, the next smallest go
    with them, so that what is left over tells nobody apart.
    """
    left_out: set[str] = set()
    together = 0
    for place, votes in sorted(voted.items(), key=lambda each: (each[1], each[0])):
        if votes >= FEWEST_TOGETHER and (not left_out or together >= FEWEST_TOGETHER):
            break
        left_out.add(place)
        together += votes
    return left_out


# --- acts -----------------------------------------------------------------------------------------------------------


def stands(new: dt.datetime, before: dt.datetime | None) -> bool:
    """Whether an act takes the place of the one before it: the owner's own later act does.

    Both are moments at which an owner acted: voted, handed a form in, or gave the proxy by which somebody else voted.
    """
    return before is None or new >= before


def check_written(*, at: dt.datetime, earliest: dt.datetime, entered: dt.datetime) -> None:
    """Whether a document can be of that moment.

    Raises:
        TimeImpossible: before the round was announced or open, or after it is entered.
    """
    if not earliest <= at <= entered:
        raise TimeImpossible(at=at.isoformat())


def check_powers(powers: Powers, choice: Choice) -> None:
    """Whether a proxy covers a choice.

    Raises:
        PowersExceeded: it is for another one.
    """
    if powers is not Powers.FREE and powers.value != choice.value:
        raise PowersExceeded(choice=powers.value)


def check_holder(held_for: Collection[int], head: int, *, most: int, article: str) -> None:
    """Whether somebody may act for one more owner; several proxies of one head count once.

    Raises:
        TooManyProxies: for no more.
    """
    if len({*held_for, head}) > most:
        raise TooManyProxies(most=most, article=article)


@dataclass(frozen=True)
class NoticePeriod:
    """How long a decision hangs out."""

    round_id: uuid.UUID
    announced_at: dt.datetime
    notice_until: dt.datetime
    certified_at: dt.datetime | None


# --- words ----------------------------------------------------------------------------------------------------------


def area_words(centi_m2: int, language: str) -> str:
    """``88.50 ㎡``."""
    whole, rest = divmod(centi_m2, 100)
    return f"{whole}.{rest:02d} {'㎡' if language.startswith('zh') else 'm²'}"


def proxy_words(
    *, holder: str, title: str, question: str, item: int, until: str, powers: Powers, language: str
) -> str:
    """What a proxy says: to whom it is given, for which matter, until when, with which powers."""
    if language.startswith("zh"):
        power = {"free": "由受托人决定", "for": "只投同意", "against": "只投反对", "abstain": "只投弃权"}
        return (
            f"委托 {holder} 在“{title}”中代为表决：{question}（民法典第二百七十八条第一款第{item}项）。"
            f"有效至 {until}；权限：{power[powers.value]}。不得转委托。"
        )
    power = {
        "free": "as the holder sees fit",
        "for": "for only",
        "against": "against only",
        "abstain": "abstain only",
    }
    return (
        f"{holder} may vote for me in “{title}”: {question} (Civil Code, art. 278, item {item}). "
        f"Valid until {until}; powers: {power[powers.value]}. It cannot be passed on."
    )


def decision_lines(decision: Decision, language: str) -> list[str]:
    """What came of it in sentences: passed or not, then each of the four numbers and by how much it missed."""
    return [_verdict(decision, language), *(_line(each, language) for each in requirements(decision))]


def _verdict(decision: Decision, language: str) -> str:
    article = decision.thresholds.article
    if language.startswith("zh"):
        if decision.passed:
            return f"通过（{article}）。"
        return (
            f"未通过：{'同意未达到比例' if decision.valid else '参与表决未达到比例，表决无效'}（{article}）。"
        )
    if decision.passed:
        return f"Passed ({article})."
    why = "not enough were for it" if decision.valid else "not enough took part, so the vote is not valid"
    return f"Not passed: {why} ({article})."


_STAGES = {
    "zh": {"participation": "参与表决", "approval": "同意"},
    "en": {"participation": "took part", "approval": "were for it"},
}


def _line(each: Requirement, language: str) -> str:
    part = f"{each.share.part.numerator}/{each.share.part.denominator}"

    def amount(number: int) -> str:
        return area_words(number, language) if each.measure == "area" else str(number)

    if language.startswith("zh"):
        stage = _STAGES["zh"][each.stage] + ("面积" if each.measure == "area" else "人数")
        needed = f"须{'超过' if each.share.strictly else '达到'} {part}，即至少 {amount(each.needed)}"
        missed = f"，还差 {amount(each.missing)}" if each.missing else "，已达到"
        return f"{stage} {amount(each.have)}，共 {amount(each.whole)}；{needed}{missed}。"
    unit = "of area" if each.measure == "area" else "owners"
    needed = f"{'more than' if each.share.strictly else 'at least'} {part} is needed, {amount(each.needed)}"
    missed = f"; {amount(each.missing)} short" if each.missing else "; reached"
    return (
        f"{amount(each.have)} of {amount(each.whole)} {unit} {_STAGES['en'][each.stage]}; {needed}{missed}."
    )
