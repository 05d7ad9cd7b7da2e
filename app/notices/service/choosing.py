"""What somebody wants to be told, and how."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import ANONYMOUS, Actor
from app.notices import queries, rules
from app.notices.errors import NoResultToCome
from app.notices.ports import Channels
from app.notices.rules import Purpose, Tap, Template, Way
from app.notices.service.people import person_of
from app.rounds import service as rounds
from app.rounds.rules import RoundState

#: What holds for whoever says nothing, and is said aloud on the page of the settings.
DEFAULT_SMS = True
DEFAULT_REMINDERS = True

_NO_RESULT_TO_COME = frozenset(
    {RoundState.ANNOUNCED, RoundState.CERTIFIED, RoundState.VOID, RoundState.CANCELLED}
)


@dataclass(frozen=True)
class Choice:
    """What may be sent to somebody."""

    sms: bool
    reminders: bool


@dataclass(frozen=True)
class Interest:
    """Whether somebody waits for a round's result, and by which way they would be told."""

    wanted: bool
    way: Way


def read_settings(session: Session, *, actor: Actor) -> Choice:
    """What may be sent to the caller."""
    reader = queries.reader(session, _account(actor))
    return Choice(DEFAULT_SMS, DEFAULT_REMINDERS) if reader is None else Choice(reader.sms, reader.reminders)


def change_settings(session: Session, *, choice: Choice, actor: Actor) -> Choice:
    """Choose what may be sent to the caller."""
    queries.put_settings(session, _account(actor), sms=choice.sms, reminders=choice.reminders)
    return choice


def note_subscriptions(
    session: Session, *, results: Mapping[Template, Tap], round_id: uuid.UUID | None, actor: Actor
) -> None:
    """Count what was accepted in WeChat's own question; with a round, its result is waited for.

    What was refused, banned or filtered there takes nothing away that was accepted before.

    Raises:
        RoundNotFound: no such round.
        NoResultToCome: its result is out, or will never be.
    """
    account_id = _account(actor)
    for template in sorted(results):
        if results[template] is Tap.ACCEPT:
            queries.add_quota(session, account_id, template)
    if round_id is not None and results.get(Template.RESULT) is Tap.ACCEPT:
        set_interest(session, round_id=round_id, actor=actor)


def left_over(session: Session, *, actor: Actor) -> dict[Template, int]:
    """How many messages of each template WeChat may still deliver to the caller."""
    found = dict.fromkeys(Template, 0)
    return found | {row.template: row.left_over for row in queries.quotas(session, [_account(actor)])}


def read_interest(session: Session, *, round_id: uuid.UUID, actor: Actor, channels: Channels) -> Interest:
    """Whether the caller waits for a round's result, and how they would be told.

    Raises:
        RoundNotFound: no such round.
    """
    rounds.read(session, round_id, actor=ANONYMOUS)
    account_id = _account(actor)
    person = person_of(session, account_id, template=Template.RESULT, channels=channels)
    return Interest(
        wanted=queries.interest(session, round_id, account_id) is not None,
        way=rules.way_to(person, purpose=Purpose.RESULT, sms_sent=False),
    )


def set_interest(session: Session, *, round_id: uuid.UUID, actor: Actor) -> None:
    """Ask to be told of a round's result.

    Raises:
        RoundNotFound: no such round.
        NoResultToCome: it is out, or will never be.
    """
    if rounds.read(session, round_id, actor=ANONYMOUS).round.status in _NO_RESULT_TO_COME:
        raise NoResultToCome
    queries.add_interest(session, round_id, _account(actor))


def drop_interest(session: Session, *, round_id: uuid.UUID, actor: Actor) -> None:
    """Wait for a round's result no longer.

    Raises:
        RoundNotFound: no such round.
    """
    rounds.read(session, round_id, actor=ANONYMOUS)
    queries.drop_interest(session, round_id, _account(actor))


def _account(actor: Actor) -> uuid.UUID:
    assert actor.account_id is not None
    return actor.account_id
