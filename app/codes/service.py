"""The verbs of paper codes."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.access.ports import SmsGateway
from app.access.rules import PAPER_CODE_DAYS
from app.access.service import PaperCodeCounts
from app.audit import service as audit
from app.audit.tags import Tag
from app.codes import rules
from app.codes.errors import BuildingNotFound, NobodyNeedsACode, ResidentNotHere
from app.codes.events import PaperCodeIssued
from app.codes.schemas import PaperCodesIn
from app.core import clock, vault
from app.outbox import service as outbox
from app.places import service as places
from app.places.service import Dwelling
from app.residents import service as residents
from app.residents.models import Resident
from app.residents.rules import masked_name
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound, RoundWrongState
from app.rounds.models import Round
from app.rounds.rules import PUBLIC_STATES, RoundState

_SEALED = "paper_code.issued"
NOTICE = "paper_code_issued"


@dataclass(frozen=True)
class Slip:
    """What a resident is handed: their code, and so much that it reaches the right door."""

    resident_id: uuid.UUID
    name: str
    dwelling: Dwelling
    code: str


@dataclass(frozen=True)
class Issued:
    """A batch of codes. They stand here and nowhere else."""

    community_code: str
    community: str
    round_id: uuid.UUID | None
    round_title: str | None
    expires_at: dt.datetime
    slips: list[Slip]


@dataclass(frozen=True)
class Counts:
    """What became of a community's codes, and how many were issued today."""

    codes: PaperCodeCounts
    issued_today: int


def issue(session: Session, *, community_code: str, wanted: PaperCodesIn, actor: Actor) -> Issued:
    """Issue one-time codes to residents; earlier ones of theirs end. Whoever has a phone is told.

    Raises:
        DivisionNotFound: no such community, or not yours.
        RoundNotFound: no such round, or this community does not vote in it.
        RoundWrongState: it is over.
        ResidentNotHere, BuildingNotFound, NobodyNeedsACode: for these people no codes can be issued.
        TooManyAtOnce, CodesOfTheDayUsedUp: too many.
    """
    community = places.community(session, community_code, actor=actor, verb="paper_code.issue")
    round_ = None if wanted.round_id is None else _round(session, wanted.round_id, community_code)
    people = _people(session, community_code, wanted)
    rules.check_batch(len(people))
    now = clock.now()
    expires_at = now + dt.timedelta(days=PAPER_CODE_DAYS)
    if round_ is not None:
        expires_at = min(expires_at, round_.closes_at)
    # First the record: its chain is a line, so of two batches at once the second one counts what the first one issued.
    audit.record(
        session, chain=community_code, by=actor.ref, tag=Tag.PAPER_CODES_ISSUED,
        subject=f"division:{community_code}",
        facts={"count": len(people), "round_id": None if round_ is None else str(round_.id)},
    )  # fmt: skip
    rules.check_day(
        len(people),
        issued_today=access.paper_codes_issued(session, division=community_code, since=_midnight(0)),
        seconds_left=int((_midnight(1) - now).total_seconds()) + 1,
    )
    codes = access.issue_paper_codes(
        session, subject_ids=[person.id for person, _ in people], division=community_code,
        round_id=wanted.round_id, expires_at=expires_at, actor=actor,
    )  # fmt: skip
    until = expires_at.astimezone(clock.BEIJING).date().isoformat()
    for person, _ in people:
        if person.phone is not None:
            sealed = vault.current().seal(person.phone, _SEALED)
            outbox.emit(
                session,
                PaperCodeIssued(community_code, community.name, sealed, until),
                subject=f"resident:{person.id}",
            )
    return Issued(
        community_code=community_code,
        community=community.name,
        round_id=wanted.round_id,
        round_title=None if round_ is None else round_.title,
        expires_at=expires_at,
        slips=[
            Slip(person.id, masked_name(person.name), dwelling, codes[person.id])
            for person, dwelling in people
        ],
    )


def count(session: Session, *, community_code: str, actor: Actor) -> Counts:
    """How many codes a community has issued, for those who work there and those who watch over it.

    Raises:
        DivisionNotFound: no such community, or not yours.
    """
    places.community(session, community_code, actor=actor, verb="paper_code.count")
    return Counts(
        access.count_paper_codes(session, division=community_code),
        access.paper_codes_issued(session, division=community_code, since=_midnight(0)),
    )


def tell(*, event: PaperCodeIssued, sms: SmsGateway) -> None:
    """Tell somebody by short message that a code was issued for them, so that nobody gets one behind their back."""
    phone = vault.current().open(event.sealed, _SEALED)
    sms.send_notice(phone=phone, template=NOTICE, params={"community": event.community, "until": event.until})


def _round(session: Session, round_id: uuid.UUID, community_code: str) -> Round:
    row = rounds.round_(session, round_id)
    if row.status not in PUBLIC_STATES or community_code not in rounds.community_codes(session, round_id):
        raise RoundNotFound
    if row.status not in {RoundState.PUBLISHED, RoundState.OPEN}:
        raise RoundWrongState(state=row.status.value)
    if row.closes_at <= clock.now():  # it ends at this minute, and nobody has closed it yet
        raise RoundWrongState(state=RoundState.CLOSED.value)
    return row


def _people(
    session: Session, community_code: str, wanted: PaperCodesIn
) -> Sequence[tuple[Resident, Dwelling]]:
    """Those who get a code, by dwelling."""
    ids: Collection[uuid.UUID] | None = None if wanted.resident_ids is None else set(wanted.resident_ids)
    if wanted.building_id is not None and not places.known_buildings(
        session, community_code=community_code, building_ids=[wanted.building_id]
    ):
        raise BuildingNotFound
    people = residents.adults(
        session, community_code=community_code, on=clock.today(), resident_ids=ids,
        building_id=wanted.building_id,
    )  # fmt: skip
    if ids is not None and len(people) != len(ids):
        raise ResidentNotHere
    if wanted.without_phone:
        people = [each for each in people if each[0].phone_fingerprint is None]
    if not people:
        raise NobodyNeedsACode
    return people


def _midnight(days: int) -> dt.datetime:
    """The beginning of today in Beijing, or of another day."""
    day = clock.today() + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(), clock.BEIJING)
