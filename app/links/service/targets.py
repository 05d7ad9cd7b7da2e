"""What a code stands for, read anew each time: a title changes, a project is withdrawn."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping

from sqlmodel import Session

from app.access.actor import ANONYMOUS
from app.access.divisions import level
from app.core.errors import Conflict, NotFound
from app.core.zone import BEIJING
from app.ideas import service as ideas
from app.ideas.rules import PUBLIC_STATES as PUBLIC_IDEAS
from app.links.errors import NothingToShare
from app.links.rules import LinkKind, Target
from app.meetings import service as meetings
from app.places import service as places
from app.places.rules import COMMUNITY_LEVEL
from app.projects import service as projects
from app.results import service as results
from app.rounds import service as rounds
from app.rounds.models import Round
from app.rounds.rules import RECORDED_KINDS, RoundState

#: What a community's page is for.
WHAT_FOR = "看项目 · 提建议 · 投票 · 看公示"
#: How many rounds are looked through for the one that is open, or comes next.
_RECENT_ROUNDS = 20
_WAN = 10_000


def find(session: Session, *, kind: LinkKind, target: str) -> Target:
    """What a code of this kind would stand for.

    Raises:
        NothingToShare: there is nothing of the kind, or it is not public.
    """
    try:
        if kind is LinkKind.COMMUNITY:
            return _community(session, target)
        return _BY_ID[kind](session, uuid.UUID(target))
    except (
        NotFound,
        Conflict,
        ValueError,
    ) as error:  # missing, a draft, not announced: all the same from outside
        raise NothingToShare from error


def current_round(session: Session, community_code: str) -> Round | None:
    """What a community votes on now, or else votes on next."""
    found = [
        view.round
        for view in rounds.listing(session, division=community_code, after=None, limit=_RECENT_ROUNDS)
    ]
    opened = [row for row in found if row.status is RoundState.OPEN]
    coming = [row for row in found if row.status is RoundState.PUBLISHED]
    by_time = sorted(opened, key=lambda row: row.closes_at) or sorted(coming, key=lambda row: row.opens_at)
    return by_time[0] if by_time else None


def period(row: Round) -> str:
    """When a round is open: ``11月23日 9:00 至 12月1日 20:00``."""
    return f"{_moment(row.opens_at)} 至 {_moment(row.closes_at)}"


def called(name: str) -> str:
    """How people call a division: the public list names a community by its committee."""
    return name.removesuffix("居民委员会") or name


def _community(session: Session, code: str) -> Target:
    name = called(places.community(session, code).name)
    return Target(LinkKind.COMMUNITY, code, code, name, name, _now(session, code), community_code=code)


def _building(session: Session, building_id: uuid.UUID) -> Target:
    building = places.building(session, building_id)
    if building is None:
        raise NothingToShare
    community = places.community(session, building.community_code)
    name = called(community.name)
    return Target(
        LinkKind.BUILDING, str(building_id), community.code, name, f"{building.name} {name}",
        _now(session, community.code), community_code=community.code, building=building.name,
    )  # fmt: skip


def _round(session: Session, round_id: uuid.UUID) -> Target:
    row = rounds.read(session, round_id, actor=ANONYMOUS).round
    recorded = row.kind in RECORDED_KINDS
    what = "记名投票" if recorded else f"{len(rounds.listed_projects(session, round_id))} 个项目，排出先后"
    return _of_round(session, LinkKind.ROUND, row, (period(row), what), recorded=recorded)


def _result(session: Session, round_id: uuid.UUID) -> Target:
    view = results.read(session, round_id)
    until = f"公示至 {_day(view.result.notice_until)}"
    return _of_round(session, LinkKind.RESULT, view.round, ("投票结果", until), recorded=False)


def _of_round(
    session: Session, kind: LinkKind, row: Round, lines: tuple[str, ...], *, recorded: bool
) -> Target:
    division = places.division(session, row.division_code)
    community = row.division_code if level(row.division_code) == COMMUNITY_LEVEL else None
    return Target(
        kind, str(row.id), row.division_code, called(division.name), row.title, lines, community_code=community,
        recorded=recorded,
    )  # fmt: skip


def _project(session: Session, project_id: uuid.UUID) -> Target:
    view, _ = projects.read(session, project_id, actor=ANONYMOUS)
    row = view.project
    return _in_community(
        session, LinkKind.PROJECT, row.id, row.community_code, row.title,
        (row.place, f"估算造价 {_money(row.cost_fen)}"),
    )  # fmt: skip


def _idea(session: Session, idea_id: uuid.UUID) -> Target:
    row = ideas.read(session, idea_id, actor=ANONYMOUS).idea
    if row.state not in PUBLIC_IDEAS:
        raise NothingToShare
    lines = tuple(line for line in (row.place, "居民建议，欢迎附议和讨论") if line)
    return _in_community(session, LinkKind.IDEA, row.id, row.community_code, row.title, lines)


def _minutes(session: Session, meeting_id: uuid.UUID) -> Target:
    view, minutes, _ = meetings.read(session, meeting_id, actor=ANONYMOUS)
    if not minutes:
        raise NothingToShare
    row = view.meeting
    lines = (f"{_day(row.begins_at)} {row.place}", "会议纪要")
    return _in_community(session, LinkKind.MINUTES, row.id, row.community_code, row.title, lines)


def _in_community(  # noqa: PLR0917 - as they stand in a card
    session: Session, kind: LinkKind, target: uuid.UUID, code: str, title: str, lines: tuple[str, ...]
) -> Target:
    community = places.community(session, code)
    return Target(kind, str(target), code, called(community.name), title, lines, community_code=code)


_BY_ID: Mapping[LinkKind, Callable[[Session, uuid.UUID], Target]] = {
    LinkKind.BUILDING: _building,
    LinkKind.ROUND: _round,
    LinkKind.RESULT: _result,
    LinkKind.PROJECT: _project,
    LinkKind.IDEA: _idea,
    LinkKind.MINUTES: _minutes,
}


def _now(session: Session, community_code: str) -> tuple[str, ...]:
    row = current_round(session, community_code)
    return (WHAT_FOR,) if row is None else (row.title, period(row))


def _day(at: dt.datetime) -> str:
    there = at.astimezone(BEIJING)
    return f"{there.year}年{there.month}月{there.day}日"


def _moment(at: dt.datetime) -> str:
    there = at.astimezone(BEIJING)
    return f"{there.month}月{there.day}日 {there.hour}:{there:%M}"


def _money(fen: int) -> str:
    """``6.8 万元`` where nothing is cut off, else ``6,812.50 元``."""
    whole, cents = divmod(fen, 100)
    if whole >= _WAN and not cents and whole % (_WAN // 100) == 0:
        wan, rest = divmod(whole, _WAN)
        decimals = f"{rest // 100:02d}".rstrip("0")
        return f"{wan:,}.{decimals} 万元" if decimals else f"{wan:,} 万元"
    return f"{whole:,}.{cents:02d} 元" if cents else f"{whole:,} 元"
