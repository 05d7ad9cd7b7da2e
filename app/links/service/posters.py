"""What stands on the posters of a community's buildings."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import ANONYMOUS, Actor
from app.committees import service as committees
from app.links.errors import NoBuildings
from app.links.rules import LinkKind
from app.links.service.making import codes_of
from app.links.service.targets import called, current_round, period
from app.places import service as places
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.models import Round
from app.rounds.rules import RECORDED_KINDS

_PARTS = re.compile(r"([^0-9]*)([0-9]*)")


@dataclass(frozen=True)
class BuildingPoster:
    """A building, and the code that leads to its page."""

    building: str
    code: str


@dataclass(frozen=True)
class PosterRound:
    """What is voted on."""

    title: str
    period: str
    projects: int
    max_rank: int
    recorded: bool


@dataclass(frozen=True)
class PosterCommittee:
    """Whom to call, and where to go."""

    name: str
    phone: str
    address: str
    office_hours: str


@dataclass(frozen=True)
class Posters:
    """Everything that is printed."""

    community: str
    round: PosterRound | None
    committee: PosterCommittee | None
    buildings: Sequence[BuildingPoster]


def posters(
    session: Session,
    *,
    community_code: str,
    building_id: uuid.UUID | None,
    round_id: uuid.UUID | None,
    actor: Actor,
) -> Posters:
    """Posters of one building, or of all, for a round or what is voted on now; their codes are made on the way.

    Raises:
        DivisionNotFound: no such community, or not yours.
        NoBuildings: it has none, or not this one.
        RoundNotFound: no such round is public there.
    """
    community = places.community(session, community_code, actor=actor, verb="poster.print")
    buildings = [each for each in places.buildings(session, community_code) if building_id in {None, each.id}]
    if not buildings:
        raise NoBuildings
    buildings.sort(key=lambda each: _as_counted(each.name))
    codes = codes_of(
        session, kind=LinkKind.BUILDING, division_code=community_code,
        targets=[str(each.id) for each in buildings],
    )  # fmt: skip
    return Posters(
        called(community.name),
        _round(session, community_code, round_id),
        _committee(session, community_code),
        [BuildingPoster(each.name, codes[str(each.id)]) for each in buildings],
    )


def _as_counted(name: str) -> list[tuple[int, str]]:
    """``2栋`` before ``10栋``."""
    return [(int(number or 0), words) for words, number in _PARTS.findall(name)]


def _committee(session: Session, community_code: str) -> PosterCommittee | None:
    profile = committees.read(session, community_code=community_code).profile
    if profile is None:
        return None
    return PosterCommittee(profile.name, profile.phone, profile.address, profile.office_hours)


def _round(session: Session, community_code: str, round_id: uuid.UUID | None) -> PosterRound | None:
    row = (
        current_round(session, community_code)
        if round_id is None
        else _chosen(session, community_code, round_id)
    )
    if row is None:
        return None
    listed = len(rounds.listed_projects(session, row.id))
    return PosterRound(row.title, period(row), listed, min(row.max_rank, listed), row.kind in RECORDED_KINDS)


def _chosen(session: Session, community_code: str, round_id: uuid.UUID) -> Round:
    view = rounds.read(session, round_id, actor=ANONYMOUS)
    if community_code not in view.community_codes:
        raise RoundNotFound
    return view.round
