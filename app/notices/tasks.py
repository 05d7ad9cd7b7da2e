"""What notices do after events and by the clock."""

import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping

from sqlmodel import Session

from app.access.actor import SYSTEM
from app.access.ports import NotSubscribed
from app.core.db import Database
from app.core.errors import DomainError
from app.core.logging import log
from app.funding import service as funding
from app.notices import service
from app.notices.models import NoticeDispatch
from app.notices.ports import Channels
from app.notices.rules import Facts, Kind, Person, Way
from app.notices.service import DispatchEnded, Stop
from app.objections import service as objections
from app.outbox.service import Message, Refused
from app.projects import service as projects

#: Of a decision that only says that somebody has looked, nobody need hear.
_UNSAID = frozenset({"received"})
_APPROVING = frozenset({"approved", "approved_in_part"})


# --- after events ----------------------------------------------------------------------------------------------------


def tell_of_round(session: Session, message: Message, *, kind: Kind) -> None:
    """After something has come of a round: tell those whose communities vote in it."""
    said: Facts = {name: message.payload[name] for name in ("passed", "state") if name in message.payload}
    service.tell_of_round(
        session,
        round_id=uuid.UUID(message.payload["round_id"]),
        kind=kind,
        source=str(message.id),
        facts=said,
    )


def end_reminders(session: Session, message: Message) -> None:
    """After a round is closed, or over: forget who was reminded."""
    service.end_reminders(session, round_id=uuid.UUID(message.payload["round_id"]))


def end_interest(session: Session, message: Message) -> None:
    """After a round was cancelled or voided: nobody waits for its result any more."""
    service.end_interest(session, round_id=uuid.UUID(message.payload["round_id"]))


def tell_of_project(session: Session, message: Message) -> None:
    """After a project is published: tell its community, once a day."""
    project = projects.project(session, uuid.UUID(message.payload["project_id"]))
    service.tell_of_project(session, title=project.title, community_code=project.community_code)


def tell_of_money(session: Session, message: Message) -> None:
    """After a decision on a funding request: tell its community how far the money is."""
    decision = message.payload["decision"]
    if decision in _UNSAID:
        return
    row, _ = funding.read(
        session, uuid.UUID(message.payload["request_id"]), actor=SYSTEM, verb="request.read"
    )
    service.tell_communities(
        session,
        kind=Kind.FUNDING_DECIDED,
        facts={
            "project_id": str(row.project_id),
            "title": row.title,
            "decision": decision,
            "amount_fen": (row.approved_fen or 0) if decision in _APPROVING else 0,
        },
        communities=[row.community_code],
        source=str(message.id),
    )


def tell_of_minutes(session: Session, message: Message) -> None:
    """After minutes are published, or a correction of them: tell the community."""
    service.tell_communities(
        session,
        kind=Kind.MINUTES_PUBLISHED,
        facts={name: message.payload[name] for name in ("meeting_id", "title", "corrected")},
        communities=[message.payload["community_code"]],
        source=str(message.id),
    )


def tell_household(session: Session, message: Message, *, step: str) -> None:
    """After a step of a negotiation: tell the household, under a private reply."""
    for account_id in objections.household_accounts(
        session, objection_id=uuid.UUID(message.payload["objection_id"])
    ):
        service.tell_person(
            session,
            kind=Kind.OBJECTION_MOVED,
            facts={"step": step},
            account_id=account_id,
            source=str(message.id),
        )


def tell_registered(session: Session, message: Message) -> None:
    """After the committee has answered somebody's registration: tell them."""
    service.tell_of_registration(
        session, registration_id=uuid.UUID(message.payload["registration_id"]), source=str(message.id)
    )


def tell_people(session: Session, message: Message, *, kind: Kind) -> None:
    """After something has come of an idea or a comment: tell those the event names."""
    facts = service.facts_for(kind, message.payload)
    for account_id in message.payload["account_ids"]:
        service.tell_person(
            session, kind=kind, facts=facts, account_id=uuid.UUID(account_id), source=str(message.id)
        )


def tell_of_comment(session: Session, message: Message) -> None:
    """After a comment is visible: tell those it answers, and whoever waited for it to be looked at."""
    tell_people(session, message, kind=Kind.COMMENT_PUBLISHED)
    facts = service.facts_for(Kind.COMMENT_SHOWN, message.payload)
    for account_id in message.payload["waited_ids"]:
        service.tell_person(
            session,
            kind=Kind.COMMENT_SHOWN,
            facts=facts,
            account_id=uuid.UUID(account_id),
            source=f"{message.id}:shown",
        )


def tell_account(session: Session, message: Message, *, kind: Kind) -> None:
    """After something has happened to an account: tell its owner."""
    facts: Facts = {}
    service.tell_person(
        session,
        kind=kind,
        facts=facts,
        account_id=uuid.UUID(message.payload["account_id"]),
        source=str(message.id),
    )


# --- by the clock ----------------------------------------------------------------------------------------------------


def remind_due(database: Database) -> None:
    """Say of every round that ends within a day that it does, once, and remind those who have not taken part."""
    with database.reading() as session:
        due = service.closing_soon(session)
    for round_id in due:
        try:
            with database.writing() as session:
                service.tell_closing_soon(session, round_id=round_id)
        except DomainError as error:
            log().warning("closing not told", round_id=str(round_id), code=type(error).code)


def forget_old(session: Session) -> None:
    """Delete notices that are older than a year."""
    service.forget_old(session)


# --- beside ----------------------------------------------------------------------------------------------------------


def deliver_due(database: Database, *, channels: Channels, keep_going: Callable[[], bool]) -> bool:
    """Tell the next people of the dispatch that waits longest; false when nobody is to be told."""
    with database.writing() as session:
        dispatch = service.claim_dispatch(session, worker=f"{os.getpid()}:{threading.get_ident()}")
    if dispatch is None:
        return False
    try:
        _deliver(database, dispatch, channels=channels, keep_going=keep_going)
    except DispatchEnded:
        return True
    return True


def _deliver(
    database: Database, dispatch: NoticeDispatch, *, channels: Channels, keep_going: Callable[[], bool]
) -> None:
    """One page of people.

    Raises:
        DispatchEnded: the round was closed meanwhile, or another worker took over.
    """
    with database.reading() as session:
        stop = service.next_page(session, dispatch, channels=channels)
    if stop is None:
        with database.writing() as session:
            service.finish_dispatch(session, dispatch)
        return
    others: Counter[Way] = Counter()
    for person in stop.people:
        if not keep_going():
            break
        try:
            others[_tell(database, dispatch, stop, person, channels=channels)] += 1
        except DispatchEnded:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a channel says, it is asked again later
            log().warning("notice not taken", name=dispatch.purpose.value, error_type=type(error).__name__)
            with database.writing() as session:
                service.postpone(session, dispatch)
            return
    else:
        unsent: Mapping[Way, int] = {
            way: count for way, count in others.items() if way not in {Way.WECHAT, Way.SMS}
        }
        with database.writing() as session:
            service.advance(session, dispatch, stop, unsent)
    with database.writing() as session:
        service.let_go(session, dispatch)


def _tell(
    database: Database, dispatch: NoticeDispatch, stop: Stop, person: Person, *, channels: Channels
) -> Way:
    """Tell one person, by the best way that takes it; answers which it was.

    Raises:
        DispatchEnded: nobody is to be told any more.
    """
    with database.reading() as session:
        way = service.way_of(session, dispatch, person)
    if way is Way.WECHAT:
        told = _send(database, dispatch, stop, person, way, channels=channels)
        if told is not None:
            return way if told else Way.TOLD
        with database.reading() as session:
            way = service.way_of(session, dispatch, service.without_wechat(person))
    if way is Way.SMS:
        return way if _send(database, dispatch, stop, person, way, channels=channels) else Way.TOLD
    return way


def _send(
    database: Database,
    dispatch: NoticeDispatch,
    stop: Stop,
    person: Person,
    way: Way,
    *,
    channels: Channels,
) -> bool | None:
    """Note, then send: false where they were told before, nothing where WeChat does not deliver to them."""
    with database.writing() as session:
        noted = service.note_delivery(session, dispatch, person, way)
    if not noted:
        return noted
    words = service.words_for(way, dispatch, stop.letter)
    try:
        if way is Way.WECHAT:
            assert channels.wechat is not None
            assert person.openid is not None
            channels.wechat.send_subscribe_message(
                openid=person.openid,
                template=service.WECHAT_TEMPLATES[dispatch.purpose].value,
                page=stop.letter.page,
                fields=words,
            )
        else:
            assert channels.sms is not None
            assert person.phone is not None
            template = service.SMS_TEMPLATES[dispatch.purpose]
            channels.sms.send_notice(
                phone=person.phone, template=template, params={**words, "link": channels.address}
            )
    except NotSubscribed:
        with database.writing() as session:
            service.note_failure(session, dispatch, person, way, subscribed=False)
        return None
    except Refused as error:
        # this message, to this person, will never be taken: the next one may be
        log().warning("notice refused", name=dispatch.purpose.value, error_type=type(error).__name__)
        return True
    except Exception:
        with database.writing() as session:
            service.note_failure(session, dispatch, person, way)
        raise
    return True
