"""Emitting, claiming, finishing; and the inbox for the other direction."""

import dataclasses
import datetime as dt
import random
import uuid
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Protocol

from sqlmodel import Session

from app.core import clock
from app.core.canonical import Plain, canonical_json, sha256_hex
from app.core.errors import Conflict
from app.outbox import queries
from app.outbox.models import InboxMessage, OutboxMessage

CLAIM_SECONDS = 60

#: Waits between attempts: 5 s ... 24 h, together about 75 h (Standard Webhooks' recommendation).
BACKOFF_SECONDS = (5, 30, 120, 600, 1800, 7200, 18000, 36000, 50400, 72000, 86400)

Message = OutboxMessage


class Event(Protocol):
    """A frozen dataclass of ids and facts with a name and a version."""

    NAME: ClassVar[str]
    VERSION: ClassVar[int]
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


class SameIdOtherContent(Conflict):
    """This message id was used before with different content."""

    code = "same_id_other_content"
    zh = "这个消息编号已经用过，但内容不同。"


class Unanswered(Exception):
    """The other side cannot be reached now; try again later."""


class Refused(Exception):
    """The other side will never take this; do not try again."""


def emit(session: Session, event: Event, *, subject: str, delay: dt.timedelta | None = None) -> OutboxMessage:
    """Write an event in the caller's transaction; order is kept among events of one subject."""
    now = clock.now()
    message = OutboxMessage(
        name=type(event).NAME,
        version=type(event).VERSION,
        payload={key: _plain(value) for key, value in dataclasses.asdict(event).items()},
        subject=subject,
        created_at=now,
        available_at=now + (delay or dt.timedelta()),
    )
    session.add(message)
    return message


def claim(session: Session, *, worker: str) -> OutboxMessage | None:
    """Take the next due message for `CLAIM_SECONDS`; nobody else gets it meanwhile."""
    now = clock.now()
    return queries.claim_next(
        session, worker=worker, now=now, until=now + dt.timedelta(seconds=CLAIM_SECONDS)
    )


def still_mine(session: Session, message: OutboxMessage, *, worker: str) -> OutboxMessage | None:
    """The message again, if this worker still holds it and it is unfinished."""
    row = queries.by_id_for_update(session, message.id)
    if row is None or row.claimed_by != worker or row.done_at is not None or row.dead_at is not None:
        return None
    return row


def finish(session: Session, message: OutboxMessage) -> None:
    """Mark a message as handled."""
    message.done_at = clock.now()
    message.last_error = None
    session.add(message)


def retry_later(session: Session, message: OutboxMessage, *, reason: str) -> None:
    """Let go of a message for a while; after the last wait it is dead and visible as such."""
    message.last_error = reason[:300]
    message.claimed_by = None
    message.claimed_until = None
    if message.attempts > len(BACKOFF_SECONDS):
        message.dead_at = clock.now()
    else:
        wait = BACKOFF_SECONDS[message.attempts - 1]
        jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreading load, not guarding anything
        message.available_at = clock.now() + dt.timedelta(seconds=wait * jitter)
    session.add(message)


def give_up(session: Session, message: OutboxMessage, *, reason: str) -> None:
    """Mark a message as dead; it stays visible and can be revived."""
    message.last_error = reason[:300]
    message.dead_at = clock.now()
    session.add(message)


def revive(session: Session, message: OutboxMessage) -> None:
    """Try a dead message again, from the start."""
    message.dead_at = None
    message.attempts = 0
    message.available_at = clock.now()
    message.claimed_by = None
    message.claimed_until = None
    session.add(message)


def hurry(session: Session, message: OutboxMessage) -> bool:
    """Try a message now that waits for its next try; false where it is under way, done or dead.

    Its tries go on counting: somebody's impatience does not keep a message alive.
    """
    if not waits(message):
        return False
    message.available_at = clock.now()
    session.add(message)
    return True


def waits(message: OutboxMessage) -> bool:
    """Whether a message waits for its next try, and nobody is handling it."""
    now = clock.now()
    claimed = message.claimed_until is not None and message.claimed_until > now
    return message.done_at is None and message.dead_at is None and not claimed and message.available_at > now


def message(session: Session, message_id: uuid.UUID) -> OutboxMessage | None:
    """One message, by its id."""
    return queries.by_id(session, message_id)


def waiting(session: Session) -> int:
    """How many messages still have to be handled."""
    return queries.waiting(session)


def untried(session: Session) -> list[dt.datetime]:
    """The moments at which messages that nobody has tried yet became due, the earliest first."""
    return queries.untried(session)


def forget(session: Session, *, name: str, facts: Mapping[str, str]) -> int:
    """Delete every message of a name whose payload says this, handled or not: it said something that must not stay.

    Returns how many there were. A worker that holds one of them finds it gone, and goes on.
    """
    return queries.forget(session, name=name, facts=facts)


def forget_done(session: Session, *, names: Collection[str], before: dt.datetime) -> int:
    """Delete the messages of these names that were handled, or given up, before an instant: they are personal.

    Returns how many there were.
    """
    return queries.forget_done(session, names=names, before=before)


def take_once(session: Session, *, source: str, external_id: str, content: Plain) -> InboxMessage | None:
    """The earlier answer when this message was taken before, else nothing.

    Raises:
        SameIdOtherContent: the id came before with other content.
    """
    earlier = queries.received(session, source, external_id)
    if earlier is not None and earlier.digest != sha256_hex(canonical_json(content)):
        raise SameIdOtherContent
    return earlier


def remember(
    session: Session, *, source: str, external_id: str, content: Plain, answer: dict[str, Any]
) -> InboxMessage:
    """Keep our answer to a message; the unique constraint lets only one of two at once through."""
    row = InboxMessage(
        source=source,
        external_id=external_id,
        digest=sha256_hex(canonical_json(content)),
        answer=answer,
        received_at=clock.now(),
    )
    session.add(row)
    session.flush()  # a twin that was faster must fail here, before anything is done twice
    return row


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (uuid.UUID, dt.date)):
        return str(value)
    message = f"{type(value).__name__} has no place in an event"
    raise TypeError(message)
