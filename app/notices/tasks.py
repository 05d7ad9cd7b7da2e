"""What notices do after events and by the clock."""

import contextlib
import datetime as dt
import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable

from sqlmodel import Session

from app.access.actor import SYSTEM
from app.access.ports import NotSubscribed
from app.core import clock
from app.core.db import Database
from app.core.errors import DomainError
from app.core.logging import log
from app.funding import service as funding
from app.notices import service
from app.notices.models import NoticeDispatch
from app.notices.ports import Channels
from app.notices.rules import Facts, Kind, Person, Way
from app.notices.service import DispatchEnded, Letter, Recipient
from app.objections import service as objections
from app.outbox.service import Message, Refused
from app.projects import service as projects

#: Of a decision that only says that somebody has looked, nobody need hear.
_UNSAID = frozenset({"received"})
#: Who agrees and passes a request on that was taken on before; its page shows it.
_ON_THE_WAY = frozenset({"district", "bureau"})
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
    decision, step = message.payload["decision"], message.payload.get("step")
    if decision in _UNSAID or (decision == "accepted" and step in _ON_THE_WAY):
        return
    if decision == "go_ahead" and step == "go_ahead":
        decision = "released"
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


def tell_of_meeting(session: Session, message: Message, *, kind: Kind) -> None:
    """After a meeting is called, changed or cancelled: tell the community.

    Each notice says by itself what, when and where: whoever reads one alone knows what it is about. Nobody is called to
    a meeting that has begun, or that was held and is put on file afterwards.
    """
    begun = clock.now() >= dt.datetime.fromisoformat(message.payload["begins_at"])
    if begun and kind is not Kind.MEETING_CANCELLED:
        return
    service.tell_communities(
        session,
        kind=kind,
        facts=service.facts_for(kind, message.payload),
        communities=[message.payload["community_code"]],
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
    """Tell the next page of people of the dispatch that waits longest; false when nobody is to be told."""
    with database.writing() as session:
        dispatch = service.claim_dispatch(session, worker=f"{os.getpid()}:{threading.get_ident()}")
    if dispatch is None:
        return False
    with contextlib.suppress(DispatchEnded):  # the round was closed meanwhile, or another worker took over
        _Walk(database, dispatch, channels).go(keep_going)
    return True


class _Walk:
    """From one person to the next. Each step is a unit of its own; while a message is on its way, none is open."""

    def __init__(self, database: Database, dispatch: NoticeDispatch, channels: Channels) -> None:
        self._database, self._dispatch, self._channels = database, dispatch, channels
        #: The one before the one who is being told.
        self._before = dispatch.position
        #: How those were found who got no message of ours, as far as it is not noted.
        self._passed: Counter[Way] = Counter()

    def go(self, keep_going: Callable[[], bool]) -> None:
        """Tell one page of people.

        Raises:
            DispatchEnded: nobody is to be told any more.
        """
        with self._database.reading() as session:
            stop = service.next_page(session, self._dispatch, channels=self._channels)
        if stop is None:
            with self._database.writing() as session:
                service.finish_dispatch(session, self._dispatch)
            return
        for recipient in stop.recipients:
            if not keep_going():
                break
            try:
                self._meet(recipient, stop.letter)
            except DispatchEnded:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a channel says, it is asked again later
                purpose = self._dispatch.purpose.value
                log().warning("notice not taken", name=purpose, error_type=type(error).__name__)
                with self._database.writing() as session:
                    service.postpone(session, self._dispatch)
                return
            self._before = recipient.position
        else:
            with self._database.writing() as session:
                service.advance(session, self._dispatch, stop, self._passed)
        with self._database.writing() as session:
            service.let_go(session, self._dispatch)

    def _meet(self, recipient: Recipient, letter: Letter) -> None:
        person = recipient.person
        way = Way.NONE if person is None else self._way(person)
        if way is Way.WECHAT:
            assert person is not None
            told = self._send(recipient, person, way, letter)
            if told is None:
                way = self._way(service.without_wechat(person))
            elif not told:
                way = Way.TOLD
        if way is Way.SMS:
            assert person is not None
            way = way if self._send(recipient, person, way, letter) else Way.TOLD
        if way not in {Way.WECHAT, Way.SMS}:
            self._passed[way] += 1

    def _way(self, person: Person) -> Way:
        with self._database.reading() as session:
            return service.way_of(session, self._dispatch, person)

    def _send(self, recipient: Recipient, person: Person, way: Way, letter: Letter) -> bool | None:
        """Note, then send: false where they were told before, nothing where WeChat does not deliver to them."""
        with self._database.writing() as session:
            noted = service.note_delivery(session, self._dispatch, recipient, way, self._passed)
        if not noted:
            return noted
        self._passed.clear()
        try:
            self._carry(person, way, letter)
        except NotSubscribed:
            self._take_back(recipient, way, subscribed=False)
            return None
        except Refused as error:
            # this message, to this person, will never be taken: the next one may be
            purpose = self._dispatch.purpose.value
            log().warning("notice refused", name=purpose, error_type=type(error).__name__)
        except Exception:
            self._take_back(recipient, way, subscribed=True)
            raise
        return True

    def _carry(self, person: Person, way: Way, letter: Letter) -> None:
        purpose, channels = self._dispatch.purpose, self._channels
        words = service.words_for(way, self._dispatch, letter)
        if way is Way.WECHAT:
            assert channels.wechat is not None
            assert person.openid is not None
            template = service.WECHAT_TEMPLATES[purpose].value
            channels.wechat.send_subscribe_message(
                openid=person.openid, template=template, page=letter.page, fields=words
            )
            return
        assert channels.sms is not None
        assert person.phone is not None
        params = {**words, "link": channels.address}
        channels.sms.send_notice(phone=person.phone, template=service.SMS_TEMPLATES[purpose], params=params)

    def _take_back(self, recipient: Recipient, way: Way, *, subscribed: bool) -> None:
        with self._database.writing() as session:
            service.note_failure(
                session, self._dispatch, recipient, way, before=self._before, subscribed=subscribed
            )
