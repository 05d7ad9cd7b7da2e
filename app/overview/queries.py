"""Reads for the first screen and a project's story: few statements, and only the columns that are shown."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased, load_only
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.ballots.models import Envelope
from app.committees.models import CommitteeProfile
from app.funding.models import FundingRequest, RequestDecision
from app.ideas.models import Idea, IdeaAuthor
from app.ideas.rules import ENDORSABLE
from app.ideas.rules import PUBLIC_STATES as PUBLIC_IDEAS
from app.meetings.models import Meeting, Minutes, Resolution
from app.meetings.rules import MinutesState
from app.overview.models import TurnoutFigure
from app.overview.rules import TURNOUT_SECONDS
from app.paper.models import PaperSignIn
from app.places.models import Division
from app.projects.models import Project
from app.projects.rules import PUBLIC_STATES as PUBLIC_PROJECTS
from app.recorded.models import OwnersDecision
from app.results.models import Result
from app.rounds.models import Round, RoundCommunity, RoundProject
from app.rounds.rules import PUBLIC_STATES, RoundState

#: Divisions a part of a name may stand for; past that it says too little.
_MOST_NAMED = 200
_OF_A_LINE: tuple[Any, ...] = (
    Round.id, Round.title, Round.kind, Round.electorate, Round.question, Round.status, Round.opens_at, Round.closes_at,
    Round.budget_fen, Round.max_rank, Round.roll_size, Round.closed_at,
)  # fmt: skip
_OF_A_STORY: tuple[Any, ...] = (Round.published_at, Round.opened_at, Round.ended_reason)
_OF_A_RESULT: tuple[Any, ...] = (
    Result.id, Result.ballots_counted, Result.roll_size, Result.quorum_reached, Result.announced_at,
    Result.notice_until, Result.certified_at,
)  # fmt: skip


def divisions(session: Session, codes: Collection[str]) -> Sequence[Division]:
    """Several divisions, the widest first."""
    return session.exec(
        select(Division).where(col(Division.code).in_(codes)).order_by(col(Division.level))
    ).all()


def rounds_of(session: Session, community_code: str, states: Collection[RoundState]) -> Sequence[Round]:
    """Rounds in which a community votes, without what was frozen; the one that closes first at the top."""
    statement = (
        select(Round)
        .options(load_only(*_OF_A_LINE))
        .join(RoundCommunity, col(RoundCommunity.round_id) == col(Round.id))
        .where(RoundCommunity.community_code == community_code, col(Round.status).in_(states))
    )
    return session.exec(statement.order_by(col(Round.closes_at), col(Round.id))).all()


def list_sizes(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many projects are on the lists of several rounds."""
    rows = session.execute(
        sa.select(col(RoundProject.round_id), sa.func.count())
        .where(col(RoundProject.round_id).in_(round_ids))
        .group_by(col(RoundProject.round_id))
    )
    return {round_id: count for round_id, count in rows}  # noqa: C416 - a row is not a pair for the type checker


def taken_part(session: Session, round_id: uuid.UUID) -> int:
    """How many entries of a round's roll have a ballot in force, or took a sheet of paper."""
    both = sa.union(
        sa.select(col(Envelope.entry_id)).where(
            col(Envelope.round_id) == round_id, col(Envelope.ciphertext_hash).is_not(None)
        ),
        sa.select(col(PaperSignIn.entry_id)).where(col(PaperSignIn.round_id) == round_id),
    ).subquery()
    return int(session.execute(sa.select(sa.func.count()).select_from(both)).scalar_one())


def rounds_to_read(session: Session, *, read_until: dt.datetime) -> Sequence[Round]:
    """Open rounds whose turnout was read at that time at the latest, or never, or by a clock that was wrong."""
    statement = (
        select(Round)
        .options(load_only(*_OF_A_LINE))
        .outerjoin(TurnoutFigure, col(TurnoutFigure.round_id) == col(Round.id))
        .where(
            Round.status == RoundState.OPEN,
            sa.or_(col(TurnoutFigure.read_at).is_(None), _is_old(read_until)),
        )
    )
    return session.exec(statement.order_by(col(Round.id))).all()


def write_turnout(
    session: Session, *, round_id: uuid.UUID, at_least: int, read_at: dt.datetime, read_until: dt.datetime
) -> None:
    """Write a round's figure over the last one; nothing happens where another worker has just done so."""
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(TurnoutFigure)
        .values(round_id=round_id, at_least=at_least, read_at=read_at)
        .on_conflict_do_update(
            index_elements=["round_id"], set_={"at_least": at_least, "read_at": read_at},
            where=_is_old(read_until),
        )
    )  # fmt: skip


def _is_old(read_until: dt.datetime) -> sa.ColumnElement[bool]:
    # as far ahead as that no two clocks are
    ahead = read_until + 2 * dt.timedelta(seconds=TURNOUT_SECONDS)
    return sa.or_(col(TurnoutFigure.read_at) <= read_until, col(TurnoutFigure.read_at) > ahead)


def forget_turnouts(session: Session) -> None:
    """Delete the figures of rounds that are not open any more."""
    opened = sa.select(col(Round.id)).where(col(Round.status) == RoundState.OPEN)
    session.execute(sa.delete(TurnoutFigure).where(col(TurnoutFigure.round_id).not_in(opened)))


def turnouts(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """At least how many have taken part in several rounds, where that was read."""
    rows = session.exec(select(TurnoutFigure).where(col(TurnoutFigure.round_id).in_(round_ids)))
    return {row.round_id: row.at_least for row in rows}


def last_result(session: Session, community_code: str) -> tuple[Result, Round] | None:
    """The result that came out last where a community voted, without its ballots."""
    statement = (
        select(Result, Round)
        .options(
            load_only(*_OF_A_RESULT),
            load_only(*_OF_A_LINE),
        )
        .join(Round, col(Round.id) == col(Result.round_id))
        .join(RoundCommunity, col(RoundCommunity.round_id) == col(Round.id))
        .where(
            RoundCommunity.community_code == community_code,
            col(Round.status).in_((RoundState.ANNOUNCED, RoundState.CERTIFIED)),
        )
        .order_by(col(Result.announced_at).desc(), col(Result.id))
        .limit(1)
    )  # fmt: skip
    found = session.exec(statement).first()
    return None if found is None else (found[0], found[1])


def outcome(session: Session, result_id: uuid.UUID) -> str:
    """What came of a count, as canonical JSON."""
    return session.exec(select(Result.outcome).where(Result.id == result_id)).one()


def last_decision(session: Session, community_code: str) -> tuple[OwnersDecision, Round] | None:
    """The decision of owners that came out last where a community voted."""
    statement = (
        select(OwnersDecision, Round)
        .options(load_only(*_OF_A_LINE))
        .join(Round, col(Round.id) == col(OwnersDecision.round_id))
        .join(RoundCommunity, col(RoundCommunity.round_id) == col(Round.id))
        .where(
            RoundCommunity.community_code == community_code,
            col(Round.status).in_((RoundState.ANNOUNCED, RoundState.CERTIFIED)),
        )
        .order_by(col(OwnersDecision.announced_at).desc(), col(OwnersDecision.round_id))
        .limit(1)
    )
    found = session.exec(statement).first()
    return None if found is None else (found[0], found[1])


def requests_of(session: Session, round_id: uuid.UUID) -> Sequence[Any]:
    """(project, place, state, cost, approved) of a round's requests, in published order."""
    return session.execute(
        sa.select(
            col(FundingRequest.project_id), col(FundingRequest.priority), col(FundingRequest.state),
            col(FundingRequest.cost_fen), col(FundingRequest.approved_fen),
        )
        .where(col(FundingRequest.round_id) == round_id)
        .order_by(col(FundingRequest.priority))
    ).all()  # fmt: skip


def listed(
    session: Session, round_id: uuid.UUID, project_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, RoundProject]:
    """Some projects of a round's list, as they were frozen."""
    rows = session.exec(
        select(RoundProject).where(
            RoundProject.round_id == round_id, col(RoundProject.project_id).in_(project_ids)
        )
    )
    return {row.project_id: row for row in rows}


def latest_minutes(session: Session, community_code: str, most: int) -> Sequence[Any]:
    """(meeting, title, begins at, version, published at) of the minutes published last, a meeting once."""
    newer = aliased(Minutes)
    return session.execute(
        sa.select(
            col(Meeting.id), col(Meeting.title), col(Meeting.begins_at), col(Minutes.version),
            col(Minutes.published_at),
        )
        .join(Minutes, col(Minutes.meeting_id) == col(Meeting.id))
        .where(
            col(Meeting.community_code) == community_code,
            col(Minutes.state) == MinutesState.PUBLISHED,
            ~sa.exists().where(
                col(newer.meeting_id) == col(Minutes.meeting_id), col(newer.version) > col(Minutes.version),
                col(newer.state) == MinutesState.PUBLISHED,
            ),
        )
        .order_by(col(Minutes.published_at).desc(), col(Meeting.id))
        .limit(most)
    ).all()  # fmt: skip


def committee(session: Session, community_code: str) -> CommitteeProfile | None:
    """What a committee has written of itself, if anything."""
    return session.get(CommitteeProfile, community_code)


def most_endorsed(session: Session, community_code: str, most: int) -> Sequence[Any]:
    """(id, title, endorsements) of the ideas that most neighbours endorse, of those they still can."""
    return session.execute(
        sa.select(col(Idea.id), col(Idea.title), col(Idea.endorsements))
        .where(col(Idea.community_code) == community_code, col(Idea.state).in_(ENDORSABLE))
        .order_by(col(Idea.endorsements).desc(), col(Idea.id))
        .limit(most)
    ).all()


def idea(session: Session, idea_id: uuid.UUID) -> sa.Row[Any] | None:
    """(id, title, posted at, endorsements) of an idea that anybody may read."""
    return session.execute(
        sa.select(col(Idea.id), col(Idea.title), col(Idea.posted_at), col(Idea.endorsements)).where(
            col(Idea.id) == idea_id, col(Idea.state).in_(PUBLIC_IDEAS)
        )
    ).first()


def idea_authors(session: Session, idea_id: uuid.UUID) -> Sequence[IdeaAuthor]:
    """Who proposed an idea, those of merged ones among them."""
    return session.exec(
        select(IdeaAuthor).where(IdeaAuthor.idea_id == idea_id).order_by(col(IdeaAuthor.position))
    ).all()


def resolution(session: Session, resolution_id: uuid.UUID) -> tuple[Resolution, Meeting, int | None] | None:
    """A resolution, its meeting, and the latest public version of that meeting's minutes."""
    version = (
        sa.select(sa.func.max(col(Minutes.version)))
        .where(col(Minutes.meeting_id) == col(Meeting.id), col(Minutes.state) == MinutesState.PUBLISHED)
        .scalar_subquery()
    )
    statement = (
        sa.select(Resolution, Meeting, version)
        .join(Meeting, col(Meeting.id) == col(Resolution.meeting_id))
        .where(col(Resolution.id) == resolution_id)
    )
    found = session.execute(statement).first()
    return None if found is None else (found[0], found[1], found[2])


def rounds_with(session: Session, project_id: uuid.UUID) -> Sequence[tuple[Round, Result | None]]:
    """Published rounds that list a project, in that order, each with its result but for ballots and outcome."""
    statement = (
        sa.select(Round, Result)
        .options(load_only(*_OF_A_LINE, *_OF_A_STORY), load_only(*_OF_A_RESULT))
        .join(RoundProject, col(RoundProject.round_id) == col(Round.id))
        .outerjoin(Result, col(Result.round_id) == col(Round.id))
        .where(col(RoundProject.project_id) == project_id, col(Round.status).in_(PUBLIC_STATES))
        .order_by(col(Round.published_at), col(Round.id))
    )
    return [(row, result) for row, result in session.execute(statement)]


def requests_for(session: Session, project_id: uuid.UUID) -> dict[uuid.UUID, FundingRequest]:
    """The requests for a project by round."""
    rows = session.exec(select(FundingRequest).where(FundingRequest.project_id == project_id))
    return {row.round_id: row for row in rows}


def decisions_on(
    session: Session, request_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[RequestDecision]]:
    """What was decided on several requests, in order."""
    found: dict[uuid.UUID, list[RequestDecision]] = {request_id: [] for request_id in request_ids}
    if not found:
        return found
    rows = session.exec(
        select(RequestDecision)
        .where(col(RequestDecision.request_id).in_(request_ids))
        .order_by(col(RequestDecision.position))
    )
    for row in rows:
        found[row.request_id].append(row)
    return found


def titles(session: Session, round_id: uuid.UUID) -> dict[str, str]:
    """Project -> title on a round's list."""
    rows = session.execute(
        sa.select(col(RoundProject.project_id), col(RoundProject.title)).where(
            col(RoundProject.round_id) == round_id
        )
    )
    return {str(project_id): title for project_id, title in rows}


def communities_in_use(
    session: Session, *, words: Sequence[str], after: str | None, limit: int
) -> Sequence[Division]:
    """Communities with a public round or a public project, by code.

    Each of ``words`` must stand in the name of the community or of a division above it.
    """
    used = sa.union(
        sa.select(col(RoundCommunity.community_code))
        .join(Round, col(Round.id) == col(RoundCommunity.round_id))
        .where(col(Round.status).in_(PUBLIC_STATES)),
        sa.select(col(Project.community_code)).where(col(Project.state).in_(PUBLIC_PROJECTS)),
    ).subquery()
    statement = select(Division).where(col(Division.code).in_(sa.select(used.c[0])))
    for word in words:
        named = session.exec(
            select(Division.code).where(col(Division.name).contains(word, autoescape=True)).limit(_MOST_NAMED)
        ).all()
        statement = statement.where(
            sa.or_(sa.false(), *(col(Division.code).startswith(significant(code)) for code in named))
        )
    if after is not None:
        statement = statement.where(col(Division.code) > after)
    return session.exec(statement.order_by(col(Division.code)).limit(limit)).all()
