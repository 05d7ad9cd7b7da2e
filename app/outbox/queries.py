"""Claims and look-ups."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm
from sqlmodel import Session, col, select

from app.core.db import locked
from app.outbox.models import InboxMessage, OutboxMessage


def claim_next(
    session: Session, *, worker: str, now: dt.datetime, until: dt.datetime
) -> OutboxMessage | None:
    """Claim the oldest message that is due and is the first unfinished one of its subject."""
    message, earlier = sa.orm.aliased(OutboxMessage), sa.orm.aliased(OutboxMessage)
    waits_behind = (
        sa.select(sa.literal(1))
        .where(
            col(earlier.subject) == col(message.subject),
            col(earlier.position) < col(message.position),
            col(earlier.done_at).is_(None),
            col(earlier.dead_at).is_(None),
        )
        .exists()
    )
    chosen = (
        sa.select(col(message.position))
        .where(
            col(message.done_at).is_(None),
            col(message.dead_at).is_(None),
            col(message.available_at) <= now,
            sa.or_(col(message.claimed_until).is_(None), col(message.claimed_until) < now),
            ~waits_behind,
        )
        .order_by(col(message.position))
        .limit(1)
    )
    if session.get_bind().dialect.name != "sqlite":
        chosen = chosen.with_for_update(skip_locked=True, of=message)
    statement = (
        sa.update(OutboxMessage)
        .where(col(OutboxMessage.position) == chosen.scalar_subquery())
        .values(claimed_by=worker, claimed_until=until, attempts=OutboxMessage.attempts + 1)
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).scalar_one_or_none()


def by_id(session: Session, message_id: uuid.UUID) -> OutboxMessage | None:
    """One message, by its id."""
    return session.exec(select(OutboxMessage).where(OutboxMessage.id == message_id)).one_or_none()


def by_id_for_update(session: Session, message_id: uuid.UUID) -> OutboxMessage | None:
    """One message, locked, so that nobody claims it while it is being finished."""
    return session.execute(
        locked(select(OutboxMessage).where(OutboxMessage.id == message_id), session)
    ).scalar_one_or_none()


def waiting(session: Session) -> int:
    """How many messages are neither done nor dead."""
    statement: Any = select(sa.func.count()).where(
        col(OutboxMessage.done_at).is_(None), col(OutboxMessage.dead_at).is_(None)
    )
    return int(session.exec(statement).one())


def untried(session: Session) -> list[dt.datetime]:
    """When messages that were never claimed became due, each moment once, the earliest first."""
    statement = select(OutboxMessage.available_at).where(
        col(OutboxMessage.attempts) == 0,
        col(OutboxMessage.done_at).is_(None),
        col(OutboxMessage.dead_at).is_(None),
    )
    return sorted(set(session.exec(statement).all()))


def forget(session: Session, *, name: str, facts: Mapping[str, str]) -> int:
    """Delete the messages of a name whose payload says this."""
    payload = sa.inspect(OutboxMessage).local_table.c.payload
    said = [payload[key].as_string() == value for key, value in facts.items()]
    gone = sa.delete(OutboxMessage).where(col(OutboxMessage.name) == name, *said)
    result = session.execute(gone.execution_options(synchronize_session=False))
    return int(getattr(result, "rowcount", 0))


def forget_done(session: Session, *, names: Collection[str], before: dt.datetime) -> int:
    """Delete the messages of these names that were handled, or given up, before an instant."""
    over = sa.func.coalesce(col(OutboxMessage.done_at), col(OutboxMessage.dead_at))
    gone = sa.delete(OutboxMessage).where(col(OutboxMessage.name).in_(names), over < before)
    result = session.execute(gone.execution_options(synchronize_session=False))
    return int(getattr(result, "rowcount", 0))


def received(session: Session, source: str, external_id: str) -> InboxMessage | None:
    """What we already took from a source under an id."""
    return session.exec(
        select(InboxMessage).where(InboxMessage.source == source, InboxMessage.external_id == external_id)
    ).one_or_none()
