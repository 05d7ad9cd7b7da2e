"""Reminding those who have not taken part: by itself a day before the closing, and when staff say so."""

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.errors import DomainError
from app.notices import queries, rules
from app.notices.errors import NotOpenForReminders, RemindedToday, TooLateToRemind
from app.notices.models import NoticeDispatch
from app.notices.ports import Channels
from app.notices.rules import Kind, Purpose, Way
from app.notices.service.dispatching import begin_dispatch, tally_ways
from app.notices.service.telling import tell_of_round
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.models import Round
from app.rounds.rules import RoundState


@dataclass(frozen=True)
class Reminder:
    """A reminder: how many by which way, never who."""

    at: dt.datetime
    automatic: bool
    finished: bool
    reached: Counter[Way]


@dataclass(frozen=True)
class NextReminder:
    """Whether people may be reminded now, and when that would reach them."""

    #: From when on messages would go out; none where none would.
    goes_out_at: dt.datetime | None
    #: Why not now.
    refusal: DomainError | None


def check_reminder(session: Session, *, round_id: uuid.UUID, actor: Actor, verb: str) -> Round:
    """A round that staff may remind of now.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        NotOpenForReminders: it is not open.
        RemindedToday: people were reminded today.
        TooLateToRemind: it is night, and in the morning the round is closed.
    """
    row = rounds.round_(session, round_id)
    if not actor.may(verb, row.division_code):
        raise RoundNotFound
    now = clock.now()
    if row.status is not RoundState.OPEN or now >= row.closes_at:
        raise NotOpenForReminders
    today = clock.today()
    if any(
        each.created_at.astimezone(clock.BEIJING).date() == today
        for each in queries.dispatches(session, round_id, Purpose.REMINDER)
    ):
        raise RemindedToday(from_=rules.next_day(now).isoformat())
    if rules.disturbing_allowed_from(now) >= row.closes_at:
        raise TooLateToRemind
    return row


def preview_reminder(
    session: Session, *, round_id: uuid.UUID, actor: Actor, channels: Channels
) -> Counter[Way]:
    """How many would be reached by which way. Reads the whole roll, so it is done before anything is locked.

    Raises:
        RoundNotFound, NotOpenForReminders, RemindedToday, TooLateToRemind: see `check_reminder`.
    """
    check_reminder(session, round_id=round_id, actor=actor, verb="reminder.send")
    now = clock.now()
    walk = NoticeDispatch(
        round_id=round_id, purpose=Purpose.REMINDER, source="preview", created_at=now, due_at=now
    )
    return tally_ways(session, walk, channels=channels)


def send_reminder(session: Session, *, round_id: uuid.UUID, actor: Actor) -> dt.datetime:
    """Have those reminded who have not taken part; answers from when on, which at night is the morning.

    Raises:
        RoundNotFound, NotOpenForReminders, RemindedToday, TooLateToRemind: see `check_reminder`.
    """
    row = check_reminder(session, round_id=round_id, actor=actor, verb="reminder.send")
    now = clock.now()
    source = f"reminder:{round_id}:{clock.today().isoformat()}"
    if not begin_dispatch(session, round_id=round_id, purpose=Purpose.REMINDER, source=source):
        raise RemindedToday(from_=rules.next_day(now).isoformat())
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=Tag.REMINDER_SENT, subject=f"round:{round_id}"
    )
    return rules.disturbing_allowed_from(now)


def list_reminders(session: Session, *, round_id: uuid.UUID, actor: Actor) -> list[Reminder]:
    """The reminders of an open round, the newest first.

    Raises:
        RoundNotFound: there is none, or it is not yours.
    """
    row = rounds.round_(session, round_id)
    if not actor.may("reminder.list", row.division_code):
        raise RoundNotFound
    return [
        Reminder(
            each.due_at,
            automatic=each.source == _closing(round_id),
            finished=each.finished_at is not None,
            reached=Counter({Way(name): count for name, count in each.reached.items()}),
        )
        for each in queries.dispatches(session, round_id, Purpose.REMINDER)
    ]


def next_reminder(session: Session, *, round_id: uuid.UUID, actor: Actor) -> NextReminder:
    """Whether people may be reminded of a round now; nothing is counted and nothing is sent.

    Raises:
        RoundNotFound: there is none, or it is not yours.
    """
    try:
        check_reminder(session, round_id=round_id, actor=actor, verb="reminder.list")
    except (NotOpenForReminders, RemindedToday, TooLateToRemind) as error:
        return NextReminder(None, error)
    return NextReminder(rules.disturbing_allowed_from(clock.now()), None)


def closing_soon(session: Session) -> list[uuid.UUID]:
    """Open rounds that end within a day and of which nobody was told that yet."""
    now = clock.database_now(session)
    found = []
    for round_id in rounds.open_rounds(session):
        row = rounds.round_(session, round_id)
        assert row.opened_at is not None
        due = rules.closing_reminder_due(opened_at=row.opened_at, closes_at=row.closes_at, now=now)
        if due and queries.notice_of_source(session, _closing(round_id)) is None:
            found.append(round_id)
    return found


def tell_closing_soon(session: Session, *, round_id: uuid.UUID) -> None:
    """Tell everybody that a round closes soon, and remind those who have not taken part; once."""
    row = rounds.claim(session, round_id)
    if row.status is not RoundState.OPEN:
        return
    tell_of_round(session, round_id=round_id, kind=Kind.ROUND_CLOSING, source=_closing(round_id))
    begin_dispatch(session, round_id=round_id, purpose=Purpose.REMINDER, source=_closing(round_id))


def _closing(round_id: uuid.UUID) -> str:
    return f"closing:{round_id}"
