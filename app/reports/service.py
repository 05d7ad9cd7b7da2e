"""Putting a year of a place together out of what every part of the house adds up."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session

from app.access.actor import Actor
from app.access.divisions import WHOLE_COUNTRY, contains, level, part_of
from app.access.matrix import roles_for
from app.access.roles import Role
from app.ballots import service as ballots
from app.core import clock
from app.funding import service as funding
from app.funding.rules import RequestState
from app.funding.service import MoneyLine
from app.ideas import service as ideas
from app.objections import service as objections
from app.objections.rules import public_count
from app.objections.service import Negotiated
from app.places import service as places
from app.places.errors import DivisionNotFound
from app.places.rules import COMMUNITY_LEVEL
from app.projects.rules import Category, DeliveryKind
from app.reports import rules
from app.reports.rules import SMALLEST_COMMUNITY, Spread, Stage, Turnout, Waiting
from app.residents import service as residents
from app.results import service as results
from app.results.rules import SMALLEST_ROLL
from app.results.service import CountedRound
from app.rounds import service as rounds
from app.rounds.models import Round, RoundProject
from app.rounds.service import RoundView

Kind = TypeVar("Kind", Category, DeliveryKind)


@dataclass(frozen=True)
class Place:
    """A division with its name."""

    code: str
    name: str


@dataclass(frozen=True)
class Look:
    """What somebody may see of a place."""

    place: Place
    #: They look from far above: places that are small have no figures of their own.
    from_above: bool

    @property
    def least(self) -> int:
        """Of fewer people on a roll nothing is said."""
        return SMALLEST_COMMUNITY if self.from_above else SMALLEST_ROLL


@dataclass(frozen=True)
class Years:
    """Of which years there are reports, and where one may look besides."""

    place: Place
    above: list[Place]
    years: list[int]


@dataclass(frozen=True)
class RoundLine:
    """A round that closes in the year."""

    round: Round
    communities: int
    turnout: Turnout
    doors: ballots.Channels | None


@dataclass(frozen=True)
class Part:
    """A division directly below."""

    place: Place
    communities: int
    households: int
    turnout: Turnout

    @property
    def is_community(self) -> bool:
        """Whether nothing lies below it."""
        return level(self.place.code) == COMMUNITY_LEVEL


@dataclass
class PrioritySum:
    """What ballots and money say of a category, or of a way of delivery."""

    listed: int = 0
    funded: int = 0
    first_choices: int = 0
    paid_fen: int = 0
    approved_fen: int = 0
    wished: int | None = None


@dataclass
class StageMoney:
    """Requests that stand at one place; amounts are the governments' part."""

    requests: int = 0
    asked_fen: int = 0
    approved_fen: int = 0


Stages = dict[Stage, StageMoney]


@dataclass(frozen=True)
class Times:
    """How long people wait; counts are none where one could point at somebody."""

    waiting_for: Waiting
    spread: Spread
    answered: int | None
    waiting: int | None
    overdue: int | None = None


@dataclass(frozen=True)
class Report:
    """A year of a place."""

    place: Place
    year: int
    as_of: dt.datetime
    communities: int
    households: int
    turnout: Turnout
    doors: ballots.Channels | None
    rounds: list[RoundLine]
    parts: list[Part]
    parts_left_out: int
    categories: Mapping[Category, PrioritySum]
    kinds: Mapping[DeliveryKind, PrioritySum]
    #: How many ballots the wishes are taken from.
    wishes_of: int
    stages: Stages
    stages_by_category: Mapping[Category, Stages]
    in_reserve: int
    times: list[Times]
    negotiated: Negotiated


def look(session: Session, *, division_code: str, actor: Actor, verb: str) -> Look:
    """What somebody may see of a division.

    Raises:
        DivisionNotFound: there is none, it is not yours, or too small for one who looks from far above.
    """
    if division_code == WHOLE_COUNTRY:
        place = Place(WHOLE_COUNTRY, "")
    else:
        place = Place(division_code, places.division(session, division_code).name)
    held = actor.roles_over(division_code) & roles_for(verb)
    if not held:
        raise DivisionNotFound
    from_above = held == {Role.MUNICIPAL_MONITOR}
    if from_above and not places.has_households(session, under=division_code, least=SMALLEST_COMMUNITY):
        raise DivisionNotFound
    return Look(place, from_above)


def years(session: Session, *, division_code: str, actor: Actor) -> Years:
    """Of which years there are reports of a division.

    Raises:
        DivisionNotFound: as `look`.
    """
    found = look(session, division_code=division_code, actor=actor, verb="report.read")
    above = [] if division_code == WHOLE_COUNTRY else places.ancestors(session, division_code)
    mine = [Place(each.code, each.name) for each in above if actor.may("report.read", each.code)]
    if division_code != WHOLE_COUNTRY and actor.may("report.read", WHOLE_COUNTRY):
        mine.insert(0, Place(WHOLE_COUNTRY, ""))
    first, now = rounds.first_closing(session, division=division_code), rules.year_of(clock.now())
    since = now if first is None else min(rules.year_of(first), now)
    return Years(found.place, mine, list(range(now, since - 1, -1)))


def read(session: Session, *, seen: Look, year: int) -> Report:
    """A year of a place, as somebody may see it."""
    code = seen.place.code
    since, until = rules.span_of(year)
    households = places.household_counts(session, under=code)
    held = rounds.closing_between(session, division=code, since=since, until=until)
    ids = [view.round.id for view in held]
    counted = results.counted(session, ids)
    participation = _Participation(code, held, counted, seen.least)
    wholly = [view.round.id for view in held if participation.is_whole(view)]
    doors = ballots.closing_channels(session, [each for each in wholly if each in counted])
    lines = [participation.line(view, doors.get(view.round.id)) for view in held]
    parts, left_out = _parts(session, seen, households, participation)
    lists = [row for row in rounds.lists_of(session, list(counted)) if contains(code, row.community_code)]
    money = funding.money_lines(session, division=code, round_ids=ids)
    wishes = [counted[each] for each in wholly if each in counted]
    everybody = sum(households.values())
    negotiated = objections.figures_between(
        session, division_code=code, households=everybody, since=since, until=until
    )
    return Report(
        place=seen.place,
        year=year,
        as_of=clock.now(),
        communities=len(participation.communities | set(households)),
        households=everybody,
        turnout=participation.turnout(code),
        doors=_doors_together(lines),
        rounds=lines,
        parts=parts,
        parts_left_out=left_out,
        categories=_priorities(Category, lists, counted, money, wishes),
        kinds=_priorities(DeliveryKind, lists, counted, money, wishes),
        wishes_of=sum(each.ballots_counted for each in wishes if each.summary.by_category is not None),
        stages=_stages(money),
        stages_by_category={
            category: _stages(each for each in money if each.category == category.value)
            for category in Category
            if any(each.category == category.value and _is_asked(each) for each in money)
        },
        in_reserve=sum(each.requests for each in money if not _is_asked(each)),
        times=[
            *_times_of_people(session, code, since, until),
            *_times_of_objections(negotiated, everybody),
            *_times_of_steps(session, code, ids),
        ],
        negotiated=negotiated,
    )  # fmt: skip


# --- who took part --------------------------------------------------------------------------------------------------


@dataclass
class _Participation:
    """The counted rounds of a division, each as far as it lies in one that is asked for."""

    code: str
    held: Sequence[RoundView]
    counted: Mapping[UUID, CountedRound]
    least: int
    communities: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.communities = {
            each for view in self.held for each in view.community_codes if contains(self.code, each)
        }

    def is_whole(self, view: RoundView) -> bool:
        """Whether nobody votes in a round but people of the division."""
        return all(contains(self.code, each) for each in view.community_codes)

    def turnout(self, under: str) -> Turnout:
        """The turnout of a division over all rounds."""
        here = [self._of_round(view, under) for view in self.held]
        return rules.turnout([each for each in here if each is not None], least=self.least)

    def line(self, view: RoundView, doors: ballots.Channels | None) -> RoundLine:
        """One round."""
        here = self._of_round(view, self.code)
        found = rules.turnout([] if here is None else [here], least=self.least)
        return RoundLine(
            view.round, len(view.community_codes), found, None if found.taken_part is None else doors
        )

    def _of_round(self, view: RoundView, under: str) -> tuple[int, int, bool] | None:
        """(taken part, on the roll, known in tens only) of a round; none where nobody votes, or it is not counted."""
        inside = [each for each in view.community_codes if contains(under, each)]
        found = self.counted.get(view.round.id)
        if found is None or not inside:
            return None
        if len(inside) == len(view.community_codes):
            return found.ballots_counted, found.roll_size, False
        known = [found.summary.communities.get(each, (0, 0)) for each in inside]
        return sum(at_least for _, at_least in known), sum(on_roll for on_roll, _ in known), True


def _parts(
    session: Session, seen: Look, households: Mapping[str, int], participation: _Participation
) -> tuple[list[Part], int]:
    """The divisions directly below that use the service, and how many of them are too small to stand for themselves."""
    code = seen.place.code
    if level(code) == COMMUNITY_LEVEL:
        return [], 0
    inside: dict[str, set[str]] = defaultdict(set)
    for community in participation.communities | set(households):
        inside[part_of(code, community)].add(community)
    homes = {part: sum(households.get(each, 0) for each in within) for part, within in inside.items()}
    shown = rules.shown_parts(homes, least=SMALLEST_COMMUNITY) if seen.from_above else set(homes)
    names = places.division_names(session, shown)
    parts = [
        Part(Place(part, names.get(part, part)), len(inside[part]), homes[part], participation.turnout(part))
        for part in sorted(shown)
    ]
    return parts, len(homes) - len(shown)


def _doors_together(lines: Iterable[RoundLine]) -> ballots.Channels | None:
    known = [line.doors for line in lines if line.doors is not None]
    if not known:
        return None
    return ballots.Channels(
        own=sum(each.own for each in known), with_code=sum(each.with_code for each in known),
        assisted=sum(each.assisted for each in known), on_paper=sum(each.on_paper for each in known),
    )  # fmt: skip


# --- what they want, and what is paid -------------------------------------------------------------------------------


def _priorities(
    kinds: type[Kind], lists: Iterable[RoundProject], counted: Mapping[UUID, CountedRound],
    money: Iterable[MoneyLine], wishes: Iterable[CountedRound],
) -> dict[Kind, PrioritySum]:  # fmt: skip
    """Ballots and money by category, or by way of delivery; what stands on no list and no ballot is left out."""
    by_category = kinds is Category
    found: dict[str, PrioritySum] = defaultdict(PrioritySum)
    for row in lists:
        of = counted[row.round_id].summary.projects.get(row.project_id)
        if of is None:
            continue
        each = found[row.category if by_category else row.delivery_kind]
        each.listed += 1
        each.funded += of.funded
        each.first_choices += of.first_choices
        each.paid_fen += of.paid_fen
    for line in money:
        found[line.category if by_category else line.delivery_kind].approved_fen += line.approved_fen
    known = [
        (shares, each.ballots_counted)
        for each in wishes
        if (shares := each.summary.by_category if by_category else each.summary.by_kind) is not None
    ]
    for name, each in found.items():
        each.wished = rules.together(known, name)
    return {kind: found[kind.value] for kind in kinds if kind.value in found}


def _is_asked(line: MoneyLine) -> bool:
    return line.state is not RequestState.RESERVE


def _stages(money: Iterable[MoneyLine]) -> Stages:
    found = {stage: StageMoney() for stage in Stage}
    for line in money:
        stage = rules.stage(line.state, released=line.released)
        if stage is not None:
            found[stage].requests += line.requests
            found[stage].asked_fen += line.asked_fen
            found[stage].approved_fen += line.approved_fen
    return found


# --- how long they wait ---------------------------------------------------------------------------------------------


def _times_of_people(session: Session, code: str, since: dt.datetime, until: dt.datetime) -> list[Times]:
    registered = rules.spread(residents.registration_spans(session, division=code, since=since, until=until))
    proposed = rules.spread(ideas.answer_spans(session, division=code, since=since, until=until))
    return [
        Times(Waiting.REGISTRATIONS, registered, registered.answered, registered.waiting),
        Times(Waiting.IDEAS, proposed, proposed.answered, proposed.waiting),
    ]


def _times_of_objections(found: Negotiated, households: int) -> list[Times]:
    received, contacted = rules.spread(found.acknowledged), rules.spread(found.contacted)
    return [
        Times(
            Waiting.OBJECTIONS_RECEIVED, received, public_count(received.answered, households),
            public_count(received.waiting, households),
        ),
        # who keeps an objection without negotiating waits for nobody
        Times(Waiting.OBJECTIONS_CONTACTED, contacted, public_count(contacted.answered, households), None),
    ]  # fmt: skip


def _times_of_steps(session: Session, code: str, round_ids: Sequence[UUID]) -> list[Times]:
    found = funding.turns_of_steps(session, division=code, round_ids=round_ids, now=clock.now())
    return [
        Times(
            Waiting(f"requests_{each.step.value}"), rules.spread(each.answered, least=1), len(each.answered),
            each.waiting, each.overdue,
        )
        for each in found
    ]  # fmt: skip
