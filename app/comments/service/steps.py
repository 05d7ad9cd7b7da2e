"""What every act on a comment has in common."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.comments import queries
from app.comments.errors import CommentNotFound
from app.comments.events import CommentPublished
from app.comments.models import Comment
from app.comments.rules import CommentKind
from app.comments.service.subjects import Subject
from app.ideas import service as ideas
from app.outbox import service as outbox


def claim(session: Session, comment_id: uuid.UUID, *, actor: Actor, verb: str) -> Comment:
    """A comment, locked, if the verb is the caller's in its community.

    Raises:
        CommentNotFound: there is none, or it is not yours.
    """
    row = queries.comment_locked(session, comment_id)
    if row is None or not actor.may(verb, row.community_code):
        raise CommentNotFound
    return row


def recount(session: Session, row: Comment) -> None:
    """Tell an idea how many visible comments it has now."""
    if row.kind is not CommentKind.IDEA:
        return
    session.flush()  # the change itself is counted by the database
    count = queries.visible_count(session, row.kind, row.subject_id)
    ideas.note_comments(session, idea_id=row.subject_id, visible_comments=count)


def announce(session: Session, row: Comment, subject: Subject, *, waited: bool) -> None:
    """Tell those whom a visible comment concerns: the idea's authors, and whoever it answers."""
    hear = list(subject.author_ids)
    if row.parent_id is not None:
        parent = queries.comment(session, row.parent_id)
        if parent is not None and parent.account_id is not None and not parent.by_staff:
            hear.append(parent.account_id)
    outbox.emit(
        session,
        CommentPublished(
            str(row.id), row.kind.value, str(row.subject_id), None if row.round_id is None else str(row.round_id),
            row.community_code, subject.title, row.by_staff,
            [str(each) for each in dict.fromkeys(hear) if each != row.account_id],
            [str(row.account_id)] if waited and row.account_id is not None else [],
        ),
        subject=f"comment:{row.id}",
    )  # fmt: skip
