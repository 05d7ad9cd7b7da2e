"""Reads of notices, and writes that must be one statement."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from app.core.db import locked
from app.notices.models import (
    MessageQuota,
    Notice,
    NoticeCommunity,
    NoticeDelivery,
    NoticeDispatch,
    NoticeReader,
    PersonalNotice,
    RoundInterest,
)
from app.notices.rules import LARGEST_QUOTA, Kind, Purpose, Template

After = tuple[dt.datetime, uuid.UUID]

# --- for everybody ---------------------------------------------------------------------------------------------------


def add_notice(session: Session, row: Notice, communities: Collection[str]) -> bool:
    """Write a notice and whom it concerns; false where its source was told of before."""
    made = session.execute(
        _insert(session, Notice)
        .values(id=row.id, kind=row.kind, facts=row.facts, source=row.source, created_at=row.created_at)
        .on_conflict_do_nothing()
        .returning(col(Notice.id))
    )
    if made.first() is None:
        return False
    session.execute(
        sa.insert(NoticeCommunity),
        [{"notice_id": row.id, "community_code": code} for code in sorted(set(communities))],
    )
    return True


def notice_of_source(session: Session, source: str) -> Notice | None:
    """What was told of a source."""
    return session.exec(select(Notice).where(Notice.source == source)).one_or_none()


def notice_of_source_locked(session: Session, source: str) -> Notice | None:
    """What was told of a source, locked."""
    return session.execute(
        locked(select(Notice).where(Notice.source == source), session)
    ).scalar_one_or_none()


def notices(
    session: Session,
    communities: Collection[str],
    *,
    after: After | None,
    limit: int,
    kinds: Collection[Kind] | None = None,
) -> Sequence[Notice]:
    """What concerns these communities, the newest first."""
    statement = select(Notice).where(_concerns(communities))
    if kinds is not None:
        statement = statement.where(col(Notice.kind).in_(kinds))
    if after is not None:
        statement = statement.where(_older(col(Notice.created_at), col(Notice.id), after))
    return session.exec(statement.order_by(col(Notice.created_at).desc(), col(Notice.id)).limit(limit)).all()


def count_newer(session: Session, communities: Collection[str], since: dt.datetime, *, most: int) -> int:
    """How many notices concern these communities and are newer, up to ``most``."""
    newer = sa.select(sa.literal(1)).where(_concerns(communities), col(Notice.created_at) > since).limit(most)
    return _count(session, newer)


def _concerns(communities: Collection[str]) -> sa.ColumnElement[bool]:
    return (
        sa.select(sa.literal(1))
        .where(
            col(NoticeCommunity.notice_id) == col(Notice.id),
            col(NoticeCommunity.community_code).in_(communities),
        )
        .exists()
    )


def _older(at: Any, row_id: Any, after: After) -> sa.ColumnElement[bool]:  # noqa: ANN401 - columns
    return sa.or_(at < after[0], sa.and_(at == after[0], row_id > after[1]))


# --- for one person --------------------------------------------------------------------------------------------------


def add_personal(session: Session, row: PersonalNotice) -> bool:
    """Write a notice to one person; false where its source was told of before."""
    made = session.execute(
        _insert(session, PersonalNotice)
        .values(
            id=row.id, account_id=row.account_id, content=row.content, source=row.source, created_at=row.created_at
        )
        .on_conflict_do_nothing()
        .returning(col(PersonalNotice.id))
    )  # fmt: skip
    return made.first() is not None


def personal(
    session: Session, account_id: uuid.UUID, *, after: After | None, limit: int
) -> Sequence[PersonalNotice]:
    """What was said to one person, the newest first."""
    statement = select(PersonalNotice).where(PersonalNotice.account_id == account_id)
    if after is not None:
        statement = statement.where(_older(col(PersonalNotice.created_at), col(PersonalNotice.id), after))
    return session.exec(
        statement.order_by(col(PersonalNotice.created_at).desc(), col(PersonalNotice.id)).limit(limit)
    ).all()


def personal_by_id(
    session: Session, account_id: uuid.UUID, ids: Collection[uuid.UUID]
) -> Sequence[PersonalNotice]:
    """Those of ``ids`` that were said to this person."""
    return session.exec(
        select(PersonalNotice).where(PersonalNotice.account_id == account_id, col(PersonalNotice.id).in_(ids))
    ).all()


def count_unread_personal(session: Session, account_id: uuid.UUID, *, most: int) -> int:
    """How much of it was not opened yet, up to ``most``."""
    unread = (
        sa.select(sa.literal(1))
        .where(col(PersonalNotice.account_id) == account_id, col(PersonalNotice.read_at).is_(None))
        .limit(most)
    )
    return _count(session, unread)


# --- readers ---------------------------------------------------------------------------------------------------------


def reader(session: Session, account_id: uuid.UUID) -> NoticeReader | None:
    """What somebody has read, and chosen."""
    return session.get(NoticeReader, account_id)


def readers(session: Session, account_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, NoticeReader]:
    """The same of several."""
    rows = session.exec(select(NoticeReader).where(col(NoticeReader.account_id).in_(account_ids)))
    return {row.account_id: row for row in rows}


def mark_read_until(session: Session, account_id: uuid.UUID, until: dt.datetime) -> None:
    """Move somebody's mark forward; it never goes back, however late a phone's message comes."""
    statement = _insert(session, NoticeReader).values(
        account_id=account_id, read_until=until, sms=True, reminders=True
    )
    mark = col(NoticeReader.read_until)
    later = sa.case((sa.or_(mark.is_(None), mark < until), until), else_=mark)
    session.execute(
        statement.on_conflict_do_update(index_elements=["account_id"], set_={"read_until": later})
    )


def put_settings(session: Session, account_id: uuid.UUID, *, sms: bool, reminders: bool) -> None:
    """Keep what somebody chose."""
    chosen = {"sms": sms, "reminders": reminders}
    statement = _insert(session, NoticeReader).values(account_id=account_id, **chosen)
    session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=chosen))


# --- subscriptions ---------------------------------------------------------------------------------------------------


def add_quota(session: Session, account_id: uuid.UUID, template: Template) -> None:
    """Count one accepted tap."""
    left = col(MessageQuota.left_over)
    statement = _insert(session, MessageQuota).values(account_id=account_id, template=template, left_over=1)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "template"],
            set_={"left_over": sa.case((left < LARGEST_QUOTA, left + 1), else_=left)},
        )
    )


def take_quota(session: Session, account_id: uuid.UUID, template: Template) -> bool:
    """Use up one accepted tap; false where none is left."""
    taken = session.execute(
        sa.update(MessageQuota)
        .where(
            col(MessageQuota.account_id) == account_id,
            col(MessageQuota.template) == template,
            col(MessageQuota.left_over) > 0,
        )
        .values(left_over=col(MessageQuota.left_over) - 1)
        .returning(col(MessageQuota.account_id))
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def drop_quota(session: Session, account_id: uuid.UUID, template: Template) -> None:
    """Nothing is left, says WeChat."""
    session.execute(
        sa.delete(MessageQuota).where(
            col(MessageQuota.account_id) == account_id, col(MessageQuota.template) == template
        )
    )


def quotas(
    session: Session, account_ids: Collection[uuid.UUID], template: Template | None = None
) -> Sequence[MessageQuota]:
    """How many messages may still be delivered to several people."""
    statement = select(MessageQuota).where(col(MessageQuota.account_id).in_(account_ids))
    if template is not None:
        statement = statement.where(MessageQuota.template == template)
    return session.exec(statement.order_by(col(MessageQuota.template))).all()


def interest(session: Session, round_id: uuid.UUID, account_id: uuid.UUID) -> RoundInterest | None:
    """Whether somebody waits for a round's result."""
    return session.get(RoundInterest, (round_id, account_id))


def add_interest(session: Session, round_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """Somebody waits for a round's result; saying it twice is saying it once."""
    session.execute(
        _insert(session, RoundInterest)
        .values(round_id=round_id, account_id=account_id)
        .on_conflict_do_nothing()
    )


def drop_interest(session: Session, round_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """Somebody waits no longer."""
    session.execute(
        sa.delete(RoundInterest).where(
            col(RoundInterest.round_id) == round_id, col(RoundInterest.account_id) == account_id
        )
    )


def interests_of(session: Session, account_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """The rounds somebody waits for."""
    return session.exec(
        select(RoundInterest.round_id)
        .where(RoundInterest.account_id == account_id)
        .order_by(col(RoundInterest.round_id))
    ).all()


def interested(
    session: Session, round_id: uuid.UUID, *, after: uuid.UUID | None, limit: int
) -> Sequence[uuid.UUID]:
    """Accounts that wait for a round's result, some at a time."""
    statement = select(RoundInterest.account_id).where(RoundInterest.round_id == round_id)
    if after is not None:
        statement = statement.where(col(RoundInterest.account_id) > after)
    return session.exec(statement.order_by(col(RoundInterest.account_id)).limit(limit)).all()


# --- dispatches ------------------------------------------------------------------------------------------------------


def add_dispatch(session: Session, row: NoticeDispatch) -> bool:
    """Write a dispatch; false where there is one for this reason."""
    made = session.execute(
        _insert(session, NoticeDispatch)
        .values(
            id=row.id, round_id=row.round_id, purpose=row.purpose, source=row.source, created_at=row.created_at,
            due_at=row.due_at, failures=0, reached={},
        )
        .on_conflict_do_nothing()
        .returning(col(NoticeDispatch.id))
    )  # fmt: skip
    return made.first() is not None


def dispatch_locked(session: Session, dispatch_id: uuid.UUID) -> NoticeDispatch | None:
    """One dispatch, locked; none where its round has closed."""
    statement = locked(select(NoticeDispatch).where(NoticeDispatch.id == dispatch_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def dispatches(session: Session, round_id: uuid.UUID, purpose: Purpose) -> Sequence[NoticeDispatch]:
    """The dispatches of a round, the newest first."""
    return session.exec(
        select(NoticeDispatch)
        .where(NoticeDispatch.round_id == round_id, NoticeDispatch.purpose == purpose)
        .order_by(col(NoticeDispatch.created_at).desc(), col(NoticeDispatch.id))
    ).all()


def next_dispatch_locked(session: Session, now: dt.datetime) -> NoticeDispatch | None:
    """The dispatch that waits longest and that nobody works on."""
    statement = (
        select(NoticeDispatch)
        .where(
            col(NoticeDispatch.finished_at).is_(None),
            NoticeDispatch.due_at <= now,
            sa.or_(col(NoticeDispatch.claimed_until).is_(None), col(NoticeDispatch.claimed_until) < now),
        )
        .order_by(col(NoticeDispatch.due_at), col(NoticeDispatch.id))
        .limit(1)
    )
    if session.get_bind().dialect.name != "sqlite":
        statement = statement.with_for_update(skip_locked=True)
    return session.execute(statement).scalar_one_or_none()


def add_delivery(session: Session, key: str, round_id: uuid.UUID) -> bool:
    """Note that somebody is being told; false where they were."""
    made = session.execute(
        _insert(session, NoticeDelivery)
        .values(key=key, round_id=round_id)
        .on_conflict_do_nothing()
        .returning(col(NoticeDelivery.key))
    )
    return made.first() is not None


def drop_delivery(session: Session, key: str) -> None:
    """They were not told after all."""
    session.execute(sa.delete(NoticeDelivery).where(col(NoticeDelivery.key) == key))


def delivered(session: Session, keys: Collection[str]) -> set[str]:
    """Those of ``keys`` that were told."""
    return set(session.exec(select(NoticeDelivery.key).where(col(NoticeDelivery.key).in_(keys))))


def drop_dispatches(session: Session, round_id: uuid.UUID, purpose: Purpose) -> None:
    """Forget the dispatches of a round."""
    session.execute(
        sa.delete(NoticeDispatch).where(
            col(NoticeDispatch.round_id) == round_id, col(NoticeDispatch.purpose) == purpose
        )
    )


def drop_deliveries(session: Session, round_id: uuid.UUID) -> None:
    """Forget who was told in a round."""
    session.execute(sa.delete(NoticeDelivery).where(col(NoticeDelivery.round_id) == round_id))


def drop_interests(session: Session, round_id: uuid.UUID) -> None:
    """Nobody waits for this round any more."""
    session.execute(sa.delete(RoundInterest).where(col(RoundInterest.round_id) == round_id))


# --- forgetting ------------------------------------------------------------------------------------------------------


def forget_before(session: Session, before: dt.datetime) -> None:
    """Delete what was told longer ago."""
    old = sa.select(col(Notice.id)).where(col(Notice.created_at) < before)
    session.execute(sa.delete(NoticeCommunity).where(col(NoticeCommunity.notice_id).in_(old)))
    session.execute(sa.delete(Notice).where(col(Notice.created_at) < before))
    session.execute(sa.delete(PersonalNotice).where(col(PersonalNotice.created_at) < before))
    session.execute(
        sa.delete(NoticeDispatch).where(
            col(NoticeDispatch.created_at) < before, col(NoticeDispatch.finished_at).is_not(None)
        )
    )


def forget_account(session: Session, account_id: uuid.UUID) -> None:
    """Delete everything that is somebody's own."""
    for table in (PersonalNotice, NoticeReader, MessageQuota, RoundInterest):
        session.execute(sa.delete(table).where(col(table.account_id) == account_id))


def _insert(session: Session, table: type[SQLModel]) -> Any:  # noqa: ANN401 - two dialects' own class
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)


def _count(session: Session, rows: sa.Select[Any]) -> int:
    return int(session.execute(sa.select(sa.func.count()).select_from(rows.subquery())).scalar_one())
