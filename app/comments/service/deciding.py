"""What the committee does with comments: lets held ones through, or not; hides visible ones, with the reason."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.comments import queries, rules
from app.comments.events import CommentHidden, CommentRejected
from app.comments.models import Comment
from app.comments.rules import CommentState
from app.comments.service.steps import announce, claim, recount
from app.comments.service.subjects import subject_of, titles
from app.core import clock
from app.outbox import service as outbox


def publish(session: Session, *, comment_id: uuid.UUID, actor: Actor) -> Comment:
    """Show a comment that was held, rejected or hidden; keep one that was reported.

    Raises:
        CommentNotFound: there is none, or it is not yours.
        CommentWrongState: its author deleted it.
        IdeaNotFound, ProjectNotFound, RoundNotFound: what it was said about is not public any more.
    """
    row = claim(session, comment_id, actor=actor, verb="comment.publish")
    before = row.state
    _decide(session, row, CommentState.PUBLISHED, actor=actor, tag=Tag.COMMENT_PUBLISHED, reason=None)
    if before is not CommentState.PUBLISHED:
        subject = subject_of(
            session, kind=row.kind, subject_id=row.subject_id, round_id=row.round_id, actor=actor
        )
        announce(session, row, subject, waited=True)
    return row


def reject(session: Session, *, comment_id: uuid.UUID, reason: str, actor: Actor) -> Comment:
    """Do not show a held comment; its author reads why.

    Raises:
        CommentNotFound: there is none, or it is not yours.
        CommentWrongState: it was not held.
    """
    row = claim(session, comment_id, actor=actor, verb="comment.reject")
    _decide(session, row, CommentState.REJECTED, actor=actor, tag=Tag.COMMENT_REJECTED, reason=reason)
    outbox.emit(session, CommentRejected(*_told(session, row, reason)), subject=f"comment:{row.id}")
    return row


def hide(session: Session, *, comment_id: uuid.UUID, reason: str, actor: Actor) -> Comment:
    """Hide a visible comment; everybody reads why.

    Raises:
        CommentNotFound: there is none, or it is not yours.
        CommentWrongState: it is not visible.
    """
    row = claim(session, comment_id, actor=actor, verb="comment.hide")
    _decide(session, row, CommentState.HIDDEN, actor=actor, tag=Tag.COMMENT_HIDDEN, reason=reason)
    outbox.emit(session, CommentHidden(*_told(session, row, reason)), subject=f"comment:{row.id}")
    return row


def _decide(
    session: Session, row: Comment, to: CommentState, *, actor: Actor, tag: Tag, reason: str | None
) -> None:
    row.state = rules.step(row.state, to)
    row.decided_by, row.decided_at, row.reason = actor.ref, clock.now(), reason
    session.add(row)
    queries.handle_reports(session, row.id, clock.now())
    recount(session, row)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=tag, subject=f"comment:{row.id}",
        facts={"kind": row.kind.value, "subject_id": str(row.subject_id)},
    )  # fmt: skip


def _told(session: Session, row: Comment, reason: str) -> tuple[str, str, str, str, str, str, list[str]]:
    return (
        str(row.id), row.kind.value, str(row.subject_id), row.community_code,
        titles(session, [(row.kind, row.subject_id)])[row.subject_id], reason,
        [] if row.account_id is None or row.by_staff else [str(row.account_id)],
    )  # fmt: skip
