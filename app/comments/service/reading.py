"""Looking at comments."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.comments import queries
from app.comments.errors import CommentNotFound
from app.comments.models import Comment, CommentReport
from app.comments.rules import PUBLIC_STATES, SHOWN_REPLIES, CommentKind, Desk
from app.comments.service.subjects import subject_of, titles
from app.places import service as places


@dataclass(frozen=True)
class CommentView:
    """A comment as one person sees it."""

    comment: Comment
    mine: bool
    reported: bool
    #: Whether they work on comments there.
    inside: bool


@dataclass(frozen=True)
class ThreadView:
    """A comment with its first answers."""

    top: CommentView
    replies: Sequence[CommentView]
    reply_count: int


@dataclass(frozen=True)
class Conversation:
    """Some comments on an idea or a project."""

    threads: Sequence[ThreadView]
    total: int
    open: bool


@dataclass(frozen=True)
class HeldView:
    """A comment somebody of the committee should look at."""

    view: CommentView
    title: str
    reports: Sequence[CommentReport]


def listing(
    session: Session,
    *,
    kind: CommentKind,
    subject_id: uuid.UUID,
    round_id: uuid.UUID | None,
    parent_id: uuid.UUID | None,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
    actor: Actor,
) -> Conversation:
    """Comments on an idea or a project, the newest first; or the answers of one, the oldest first.

    Raises:
        IdeaNotFound, ProjectNotFound, RoundNotFound: it is not public, or not on that round's list.
        CommentNotFound: there is no such comment on it.
    """
    subject = subject_of(session, kind=kind, subject_id=subject_id, round_id=round_id, actor=actor)
    total = queries.visible_count(session, kind, subject_id, round_id=round_id)
    if parent_id is not None:
        parent = queries.comment(session, parent_id)
        if (
            parent is None
            or (parent.kind, parent.subject_id) != (kind, subject_id)
            or parent.state not in PUBLIC_STATES
        ):
            raise CommentNotFound
        rows = queries.replies_page(session, parent_id, account_id=actor.account_id, after=after, limit=limit)
        threads = [ThreadView(view, [], 0) for view in _views(session, rows, actor)]
        return Conversation(threads, total, subject.open)
    tops = queries.page(
        session, kind, subject_id, round_id=round_id, account_id=actor.account_id, after=after, limit=limit
    )
    return Conversation(_threads(session, tops, actor), total, subject.open)


def thread(session: Session, row: Comment, *, actor: Actor) -> ThreadView:
    """One comment with its first answers."""
    return _threads(session, [row], actor)[0]


def held(
    session: Session,
    *,
    community_code: str,
    show: Desk = Desk.WAITING,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
    actor: Actor,
) -> list[HeldView]:
    """Comments that wait for a person of the committee, the oldest first; or those it took down, the newest first.

    Raises:
        DivisionNotFound: not a community of yours.
    """
    places.community(session, community_code, actor=actor, verb="comment.list_held")
    find = queries.held if show is Desk.WAITING else queries.taken_down
    rows = find(session, community_code, after=after, limit=limit)
    reports = queries.open_reports(session, [row.id for row in rows])
    about = titles(session, list({(row.kind, row.subject_id) for row in rows}))
    return [
        HeldView(view, about[view.comment.subject_id], reports[view.comment.id])
        for view in _views(session, rows, actor)
    ]


def counts(session: Session, *, community_code: str, actor: Actor) -> tuple[int, int]:
    """How many comments of a community are held, and how many visible ones are reported.

    Raises:
        DivisionNotFound: not a community of yours.
    """
    places.community(session, community_code, actor=actor, verb="comment.count")
    return queries.waiting_counts(session, community_code)


def _threads(session: Session, tops: Sequence[Comment], actor: Actor) -> list[ThreadView]:
    ids = [row.id for row in tops]
    replies: Mapping[uuid.UUID, list[Comment]] = queries.first_replies(
        session, ids, account_id=actor.account_id, most=SHOWN_REPLIES
    )
    counts = queries.reply_counts(session, ids)
    return [
        ThreadView(view, _views(session, replies[view.comment.id], actor), counts.get(view.comment.id, 0))
        for view in _views(session, tops, actor)
    ]


def _views(session: Session, rows: Sequence[Comment], actor: Actor) -> list[CommentView]:
    reported = (
        set()
        if actor.account_id is None or not rows
        else queries.reported_among(session, [row.id for row in rows], actor.account_id)
    )
    return [
        CommentView(
            row,
            mine=actor.account_id is not None and row.account_id == actor.account_id,
            reported=row.id in reported,
            inside=actor.may("comment.list_held", row.community_code),
        )
        for row in rows
    ]
