"""Names and numbers in full: only with a reason, on the record, and listed for those who watch."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.places import service as places
from app.places.errors import DivisionNotFound
from app.places.service import Dwelling
from app.residents import queries
from app.residents.errors import ListTooLong
from app.residents.models import Disclosure, Resident
from app.residents.rules import DisclosureKind, Purpose, ResidentSource, Tenure
from app.residents.service.desk import Wanted, matching, my_resident
from app.residents.service.roster import opened

#: Of one file; a larger community goes building by building.
MOST_EXPORTED = 50_000


@dataclass(frozen=True)
class Reason:
    """What something is needed for: one of a few purposes, and a sentence."""

    purpose: Purpose
    text: str


@dataclass(frozen=True)
class ListedPerson:
    """A row of an exported list, in clear."""

    dwelling: Dwelling
    name: str
    phone: str | None
    birth_date: str | None
    area_centi_m2: int | None
    tenure: Tenure
    is_representative: bool
    source: ResidentSource


@dataclass(frozen=True)
class Disclosed:
    """Who saw what in full, where, when, and what for."""

    row: Disclosure
    community: str
    by: str | None
    resident: Resident | None


def unmask(
    session: Session, *, community_code: str, resident_id: uuid.UUID, reason: Reason, actor: Actor
) -> tuple[Resident, Dwelling]:
    """Somebody's name, number and birth date in full, for a reason that is kept.

    Raises:
        ResidentNotFound: there is none, or they are not yours.
    """
    row = my_resident(session, community_code, resident_id, actor=actor, verb="resident.unmask")
    _disclose(
        session,
        community_code,
        DisclosureKind.PERSON,
        resident_id=row.id,
        people=1,
        reason=reason,
        actor=actor,
    )
    audit.record(
        session, chain=community_code, by=actor.ref, tag=Tag.RESIDENT_UNMASKED, subject=f"resident:{row.id}",
        facts={"purpose": reason.purpose.value},
    )  # fmt: skip
    return row, places.dwellings(session, household_ids=[row.household_id])[row.household_id]


def export(session: Session, *, community_code: str, wanted: Wanted, actor: Actor) -> list[ListedPerson]:
    """A list of residents to take away; whoever writes the file masks it.

    Raises:
        DivisionNotFound: no such community, or not yours.
        ListTooLong: more people than a file may hold.
    """
    places.community(session, community_code, actor=actor, verb="resident.export")
    people = _listed(session, community_code, wanted)
    _record_export(session, community_code, people, actor, masked=True)
    return people


def export_unmasked(
    session: Session, *, community_code: str, wanted: Wanted, reason: Reason, actor: Actor
) -> list[ListedPerson]:
    """The same in full, for a reason that is kept.

    Raises:
        DivisionNotFound: no such community, or not yours.
        ListTooLong: more people than a file may hold.
    """
    places.community(session, community_code, actor=actor, verb="resident.export_unmasked")
    people = _listed(session, community_code, wanted)
    _disclose(
        session, community_code, DisclosureKind.LIST, resident_id=None, people=len(people), reason=reason,
        actor=actor,
    )  # fmt: skip
    _record_export(session, community_code, people, actor, masked=False, purpose=reason.purpose.value)
    return people


def note_list_shown(
    session: Session, *, community_code: str, people: int, reason: Reason, actor: Actor
) -> None:
    """Keep that somebody saw of so many people or homes what is masked elsewhere; the caller asked whether they may."""
    _disclose(
        session, community_code, DisclosureKind.LIST, resident_id=None, people=people, reason=reason,
        actor=actor,
    )  # fmt: skip


def list_disclosures(
    session: Session,
    *,
    division_code: str,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
    actor: Actor,
) -> list[Disclosed]:
    """Who saw names and numbers in full in a community, or in any under a division, the newest first.

    Raises:
        DivisionNotFound: no such division, or not yours.
    """
    places.division(session, division_code)
    if not actor.may("disclosure.list", division_code):
        raise DivisionNotFound
    rows = queries.disclosures(session, division_code, after=after, limit=limit)
    names_of = places.division_names(session, {row.community_code for row in rows})
    ids = [row.resident_id for row in rows if row.resident_id is not None]
    people = {each.id: each for each in queries.residents_by_id(session, ids)}
    names = access.staff_names(session, refs={row.by for row in rows})
    return [
        Disclosed(
            row,
            names_of[row.community_code],
            names.get(row.by),
            None if row.resident_id is None else people.get(row.resident_id),
        )
        for row in rows
    ]


def disclosures_since(session: Session, *, divisions: Sequence[str], since: dt.datetime) -> int:
    """How often somebody saw names and numbers in full under several divisions, from a moment on."""
    return queries.disclosure_count(session, divisions=divisions, since=since)


# --- inside -------------------------------------------------------------------------------------------------------


def _listed(session: Session, community_code: str, wanted: Wanted) -> list[ListedPerson]:
    found = matching(session, community_code=community_code, wanted=wanted)
    if len(found) > MOST_EXPORTED:
        raise ListTooLong(most=MOST_EXPORTED)
    areas = places.areas_of(session, community_code)
    return [
        ListedPerson(
            dwelling=home,
            name=opened("name", row.name) or "",
            phone=opened("phone", row.phone),
            birth_date=opened("birth_date", row.birth_date),
            area_centi_m2=areas[row.household_id],
            tenure=row.tenure,
            is_representative=row.is_representative,
            source=row.source,
        )
        for row, home in found
    ]


def _disclose(
    session: Session,
    community_code: str,
    kind: DisclosureKind,
    *,
    resident_id: uuid.UUID | None,
    people: int,
    reason: Reason,
    actor: Actor,
) -> None:
    session.add(
        Disclosure(
            community_code=community_code,
            at=clock.now(),
            by=actor.ref,
            kind=kind,
            resident_id=resident_id,
            people=people,
            purpose=reason.purpose,
            reason=reason.text,
        )
    )


def _record_export(
    session: Session,
    community_code: str,
    people: Sequence[ListedPerson],
    actor: Actor,
    *,
    masked: bool,
    purpose: str | None = None,
) -> None:
    audit.record(
        session, chain=community_code, by=actor.ref, tag=Tag.RESIDENTS_EXPORTED,
        subject=f"division:{community_code}",
        facts={"people": len(people), "masked": masked, **({} if purpose is None else {"purpose": purpose})},
    )  # fmt: skip
