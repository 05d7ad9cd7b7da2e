"""Reads of comments."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.comments.models import Comment, CommentReport
from app.comments.rules import CommentKind, CommentState
from app.core.db import locked

Place = tuple[dt.datetime, uuid.UUID]


def comment(session: Session, comment_id: uuid.UUID) -> Comment | None:
    """One comment."""
    return session.get(Comment, comment_id)


def comment_locked(session: Session, comment_id: uuid.UUID) -> Comment | None:
    """One comment, locked."""
    statement = locked(select(Comment).where(Comment.id == comment_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def _seen_by(account_id: uuid.UUID | None) -> sa.ColumnElement[bool]:
    """What somebody meets: what is visible, what was hidden, deleted ones that were answered, and all their own."""
    answer = aliased(Comment)
    answered = (
        sa.select(sa.literal(1))
        .where(col(answer.parent_id) == col(Comment.id), col(answer.state) == CommentState.PUBLISHED)
        .exists()
    )
    public = sa.or_(
        col(Comment.state).in_([CommentState.PUBLISHED, CommentState.HIDDEN]),
        sa.and_(col(Comment.state) == CommentState.DELETED, answered),
    )
    if account_id is None:
        return public
    own = sa.and_(col(Comment.account_id) == account_id, col(Comment.state) != CommentState.DELETED)
    return sa.or_(public, own)


def page(
    session: Session,
    kind: CommentKind,
    subject_id: uuid.UUID,
    *,
    round_id: uuid.UUID | None,
    account_id: uuid.UUID | None,
    after: Place | None,
    limit: int,
) -> Sequence[Comment]:
    """Comments on an idea or a project, those of one round or all, the newest first."""
    at = col(Comment.posted_at)
    statement = select(Comment).where(
        Comment.kind == kind,
        Comment.subject_id == subject_id,
        col(Comment.parent_id).is_(None),
        _seen_by(account_id),
    )
    if round_id is not None:
        statement = statement.where(Comment.round_id == round_id)
    if after is not None:
        moment, comment_id = after
        statement = statement.where(sa.or_(at < moment, sa.and_(at == moment, col(Comment.id) > comment_id)))
    return session.exec(statement.order_by(at.desc(), col(Comment.id)).limit(limit)).all()


def replies_page(
    session: Session, parent_id: uuid.UUID, *, account_id: uuid.UUID | None, after: Place | None, limit: int
) -> Sequence[Comment]:
    """Answers of one comment, the oldest first."""
    at = col(Comment.posted_at)
    statement = select(Comment).where(Comment.parent_id == parent_id, _seen_by(account_id))
    if after is not None:
        moment, comment_id = after
        statement = statement.where(sa.or_(at > moment, sa.and_(at == moment, col(Comment.id) > comment_id)))
    return session.exec(statement.order_by(at, col(Comment.id)).limit(limit)).all()


def first_replies(
    session: Session, parent_ids: Collection[uuid.UUID], *, account_id: uuid.UUID | None, most: int
) -> dict[uuid.UUID, list[Comment]]:
    """The first answers of several comments, the oldest first."""
    found: dict[uuid.UUID, list[Comment]] = {parent_id: [] for parent_id in parent_ids}
    if not parent_ids:
        return found
    order = (col(Comment.posted_at), col(Comment.id))
    ranked = (
        sa.select(
            col(Comment.id).label("id"),
            sa.func.row_number().over(partition_by=col(Comment.parent_id), order_by=order).label("place"),
        )
        .where(col(Comment.parent_id).in_(parent_ids), _seen_by(account_id))
        .subquery()
    )
    rows = session.exec(
        select(Comment)
        .join(ranked, ranked.c.id == col(Comment.id))
        .where(ranked.c.place <= most)
        .order_by(*order)
    )
    for row in rows:
        assert row.parent_id is not None
        found[row.parent_id].append(row)
    return found


def reply_counts(session: Session, parent_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many visible answers several comments have."""
    rows = session.execute(
        sa.select(col(Comment.parent_id), sa.func.count())
        .where(col(Comment.parent_id).in_(parent_ids), col(Comment.state) == CommentState.PUBLISHED)
        .group_by(col(Comment.parent_id))
    )
    return {parent_id: int(count) for parent_id, count in rows}


def visible_count(
    session: Session, kind: CommentKind, subject_id: uuid.UUID, *, round_id: uuid.UUID | None = None
) -> int:
    """How many comments on an idea or a project are visible, answers included."""
    statement = (
        select(sa.func.count())
        .select_from(Comment)
        .where(
            Comment.kind == kind, Comment.subject_id == subject_id, Comment.state == CommentState.PUBLISHED
        )
    )
    if round_id is not None:
        statement = statement.where(Comment.round_id == round_id)
    return session.exec(statement).one()


def post_times(session: Session, account_id: uuid.UUID, since: dt.datetime) -> Sequence[dt.datetime]:
    """When somebody wrote comments since then, the latest first."""
    return session.exec(
        select(Comment.posted_at)
        .where(Comment.account_id == account_id, Comment.posted_at > since)
        .order_by(col(Comment.posted_at).desc())
    ).all()


def comments_by(session: Session, account_id: uuid.UUID) -> Sequence[Comment]:
    """Everything somebody wrote, the oldest first."""
    return session.exec(
        select(Comment)
        .where(Comment.account_id == account_id)
        .order_by(col(Comment.posted_at), col(Comment.id))
    ).all()


# --- reports ------------------------------------------------------------------------------------------------------


def report(session: Session, comment_id: uuid.UUID, account_id: uuid.UUID) -> CommentReport | None:
    """Somebody's report of a comment."""
    return session.get(CommentReport, (comment_id, account_id))


def report_times(session: Session, account_id: uuid.UUID, since: dt.datetime) -> Sequence[dt.datetime]:
    """When somebody reported comments since then, the latest first."""
    return session.exec(
        select(CommentReport.at)
        .where(CommentReport.account_id == account_id, CommentReport.at > since)
        .order_by(col(CommentReport.at).desc())
    ).all()


def reports_by(session: Session, account_id: uuid.UUID) -> Sequence[CommentReport]:
    """Everything somebody reported."""
    return session.exec(
        select(CommentReport).where(CommentReport.account_id == account_id).order_by(col(CommentReport.at))
    ).all()


def reported_among(session: Session, ids: Collection[uuid.UUID], account_id: uuid.UUID) -> set[uuid.UUID]:
    """Which of several comments somebody reported."""
    return set(
        session.exec(
            select(CommentReport.comment_id).where(
                col(CommentReport.comment_id).in_(ids), CommentReport.account_id == account_id
            )
        )
    )


def open_reports(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[CommentReport]]:
    """What was said against several comments and nobody has looked at yet."""
    found: dict[uuid.UUID, list[CommentReport]] = {comment_id: [] for comment_id in ids}
    rows = session.exec(
        select(CommentReport)
        .where(col(CommentReport.comment_id).in_(ids), col(CommentReport.handled_at).is_(None))
        .order_by(col(CommentReport.at))
    )
    for row in rows:
        found[row.comment_id].append(row)
    return found


def handle_reports(session: Session, comment_id: uuid.UUID, at: dt.datetime) -> None:
    """Note that somebody looked at what was said against a comment."""
    session.execute(
        sa.update(CommentReport)
        .where(col(CommentReport.comment_id) == comment_id, col(CommentReport.handled_at).is_(None))
        .values(handled_at=at)
    )


def _reported() -> sa.ColumnElement[bool]:
    """Visible, and somebody says that it should not be; nobody has looked yet."""
    report = (
        sa.select(sa.literal(1))
        .where(col(CommentReport.comment_id) == col(Comment.id), col(CommentReport.handled_at).is_(None))
        .exists()
    )
    return sa.and_(col(Comment.state) == CommentState.PUBLISHED, report)


def held(session: Session, community_code: str, *, after: Place | None, limit: int) -> Sequence[Comment]:
    """Comments of a community that wait for a person, or were reported, the oldest first."""
    statement = select(Comment).where(
        Comment.community_code == community_code,
        sa.or_(col(Comment.state) == CommentState.HELD, _reported()),
    )
    at = col(Comment.posted_at)
    if after is not None:
        moment, comment_id = after
        statement = statement.where(sa.or_(at > moment, sa.and_(at == moment, col(Comment.id) > comment_id)))
    return session.exec(statement.order_by(at, col(Comment.id)).limit(limit)).all()


def taken_down(
    session: Session, community_code: str, *, after: Place | None, limit: int
) -> Sequence[Comment]:
    """Comments of a community that the committee does not show, the newest first."""
    statement = select(Comment).where(
        Comment.community_code == community_code,
        col(Comment.state).in_([CommentState.REJECTED, CommentState.HIDDEN]),
    )
    at = col(Comment.posted_at)
    if after is not None:
        moment, comment_id = after
        statement = statement.where(sa.or_(at < moment, sa.and_(at == moment, col(Comment.id) > comment_id)))
    return session.exec(statement.order_by(at.desc(), col(Comment.id)).limit(limit)).all()


def waiting_counts(session: Session, community_code: str) -> tuple[int, int]:
    """How many comments of a community are held, and how many visible ones are reported."""
    counts = []
    for wanted in (col(Comment.state) == CommentState.HELD, _reported()):
        statement = (
            select(sa.func.count())
            .select_from(Comment)
            .where(Comment.community_code == community_code, wanted)
        )
        counts.append(session.exec(statement).one())
    return counts[0], counts[1]
