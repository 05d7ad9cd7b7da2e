"""The evidence of a request in one answer: everything it rests on, from wherever it is kept, made by nobody's hand."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.ballots import service as ballots
from app.ballots.rules import Level, board_statement
from app.core.merkle import merkle_root
from app.funding import queries
from app.funding.models import FundingRequest
from app.funding.service.reading import read
from app.funding.service.settling import CostChange, cost_changes
from app.meetings import service as meetings
from app.meetings.models import Meeting, Resolution
from app.objections import service as objections
from app.projects import service as projects
from app.projects.models import Photo, Project
from app.projects.rules import PUBLIC_STATES, Origin
from app.results import service as results
from app.results.models import Result
from app.rounds.models import Round


@dataclass(frozen=True)
class MinutesOnFile:
    """The newest published version of a meeting's minutes."""

    version: int
    published_at: dt.datetime
    digest: str
    chair: str
    recorder: str
    #: Chair and recorder have put their names under this text.
    signed: bool


@dataclass(frozen=True)
class Raised:
    """What raised a project, as far as it is on file."""

    origin: Origin
    reference: str
    at: dt.datetime
    resolution: Resolution | None = None
    meeting: Meeting | None = None
    minutes: MinutesOnFile | None = None
    idea_id: uuid.UUID | None = None
    endorsements: int | None = None


@dataclass(frozen=True)
class BoardCheck:
    """What the service can say of a round's public board: what was signed, and that the entries give that root."""

    entries: int
    root: str
    signed_at: dt.datetime
    holds: bool


@dataclass(frozen=True)
class Vote:
    """The result a request rests on. It was counted twice, or there would be none (see `results.counting`)."""

    round: Round
    result: Result
    on_the_list: int
    #: The result is the one the request was made from.
    unchanged: bool
    board: BoardCheck | None
    #: The ballots are published one by one, and not as sums only.
    ballots_published: bool


@dataclass(frozen=True)
class Pack:
    """All a request rests on."""

    request: FundingRequest
    raised: Raised
    vote: Vote
    photos: Sequence[Photo]
    buildings: Sequence[str]
    cost_changes: Sequence[CostChange]
    #: How many households object today, where that may be said; the request keeps how many there were.
    objections_now: int | None


def read_evidence(session: Session, request_id: uuid.UUID, *, actor: Actor, verb: str) -> Pack:
    """The evidence of a request.

    Raises:
        RequestNotFound: there is none, or it is not yours.
    """
    row, _ = read(session, request_id, actor=actor, verb=verb)
    project = projects.project(session, row.project_id)
    view = projects.views(session, [project])[0]
    public = project.state in PUBLIC_STATES
    return Pack(
        request=row,
        raised=_raised(session, project),
        vote=_vote(session, row),
        photos=view.photos,
        buildings=queries.building_names(session, view.building_ids),
        cost_changes=cost_changes(session, row),
        objections_now=objections.public_count(session, project_id=project.id) if public else None,
    )


def _raised(session: Session, project: Project) -> Raised:
    source = project.origin_id
    plain = Raised(project.origin, project.origin_reference, project.created_at)
    if source is None:
        return plain
    if project.origin is Origin.MEETING and (found := queries.resolution(session, source)) is not None:
        resolution, meeting = found
        return Raised(
            project.origin, meeting.title, meeting.begins_at, resolution, meeting,
            _minutes(session, meeting.id),
        )  # fmt: skip
    if project.origin is Origin.RESIDENT_IDEA and (idea := queries.idea(session, source)) is not None:
        return Raised(
            project.origin, idea.title, idea.posted_at, idea_id=idea.id, endorsements=idea.endorsements
        )
    return plain


def _minutes(session: Session, meeting_id: uuid.UUID) -> MinutesOnFile | None:
    row = queries.latest_minutes(session, meeting_id)
    if row is None:
        return None
    return MinutesOnFile(
        row.version, row.published_at or row.changed_at, row.digest or "", row.chair, row.recorder,
        meetings.is_signed(session, row),
    )  # fmt: skip


def _vote(session: Session, row: FundingRequest) -> Vote:
    view = results.read(session, row.round_id)
    board = ballots.public_board(session, round_id=row.round_id)
    check = None
    if board.head is not None:
        leaves = [
            board_statement(round_id=each.round_id, position=each.position, kind=each.kind, body=each.body)
            for each in board.entries
        ]
        root = merkle_root(leaves).hex()
        check = BoardCheck(board.head.size, board.head.root, board.head.at, holds=root == board.head.root)
    return Vote(
        round=view.round,
        result=view.result,
        on_the_list=len(view.listed),
        unchanged=view.result.outcome_digest == row.evidence["result_digest"],
        board=check,
        ballots_published=view.result.level is not Level.AGGREGATES,
    )
