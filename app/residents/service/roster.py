"""Importing a roster: preview with every row's errors and the difference, commit, undo. Nothing is ever half done."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, vault
from app.core.ids import new_id
from app.places import service as places
from app.places.service import Dwelling, Dwellings
from app.residents import queries, rules, sheets
from app.residents.errors import ImportHasErrors, ImportNotFound, ImportOutdated, ImportWrongState
from app.residents.models import Resident, Roster, RosterImport
from app.residents.rules import Checked, ImportState, Person, ResidentSource, Tenure, person_from_plain

KEEP_DAYS = 30
WRITE_BATCH = 2000

#: Fields of a person that an import may change.
FIELDS = ("phone", "birth_date", "tenure", "is_representative")


@dataclass(frozen=True)
class Line:
    """A row of a preview, as it may be shown: masked."""

    row: int | None
    change: str
    name: str | None
    phone: str | None
    dwelling: str | None
    changed: list[str]
    errors: list[dict[str, str]]


@dataclass(frozen=True)
class Preview:
    """An import with some of its lines."""

    row: RosterImport
    lines: list[Line]
    total: int


def preview(session: Session, *, community_code: str, raw: bytes, actor: Actor) -> RosterImport:
    """Read an uploaded roster and keep what it would change; nothing is changed yet.

    Raises:
        DivisionNotFound: no such community, or not yours.
        RosterFileUnreadable, RosterFileTooLarge, RosterColumnsMissing, RosterEmpty: the file.
    """
    places.community(session, community_code, actor=actor, verb="roster.preview")
    checked = rules.check_rows(sheets.read(raw), today=clock.today())
    roster = _roster(session, community_code)
    stored = {row.identity_fingerprint: row for row in queries.active(session, community_code)}
    areas = _areas(session, community_code)
    lines = [_line(each, community_code, stored, areas) for each in checked]
    listed = {line["identity"] for line in lines if line["identity"]}
    gone = [
        row for identity, row in stored.items()
        if identity not in listed and row.source is ResidentSource.ROSTER
    ]  # fmt: skip
    counts = {
        name: sum(line["change"] == name for line in lines)
        for name in ("new", "changed", "unchanged", "wrong")
    }
    counts["moved_out"] = len(gone)
    made = RosterImport(
        community_code=community_code,
        state=ImportState.PREVIEW,
        roster_version=roster.version,
        created_at=clock.now(),
        counts=counts,
        content=json.dumps({"lines": lines, "moved_out": [str(row.id) for row in gone]}, ensure_ascii=False),
    )
    session.add(made)
    return made


def read_import(
    session: Session, *, community_code: str, import_id: uuid.UUID, offset: int, limit: int, actor: Actor
) -> Preview:
    """An import and some of its lines, those with errors first; names and phones masked.

    Raises:
        ImportNotFound: there is none, or it is not yours.
    """
    row = queries.import_(session, import_id)
    _check_mine(row, community_code, actor, verb="roster.read")
    assert row is not None
    content = json.loads(row.content)
    order = {"wrong": 0, "changed": 1, "new": 2, "unchanged": 3}
    lines = sorted(content["lines"], key=lambda line: (order[line["change"]], line["row"]))
    shown = [_shown(line) for line in lines] + _shown_moved_out(session, row, content["moved_out"])
    return Preview(row, shown[offset : offset + limit], len(shown))


def commit(
    session: Session, *, community_code: str, import_id: uuid.UUID, skip_rows_with_errors: bool, actor: Actor
) -> RosterImport:
    """Make the roster what the previewed file says, in one transaction.

    Raises:
        ImportNotFound: there is none, or it is not yours.
        ImportWrongState: it was committed already.
        ImportHasErrors: some rows are wrong and nobody said to leave them out.
        ImportOutdated: the roster changed since the preview.
    """
    row = queries.import_locked(session, import_id)
    _check_mine(row, community_code, actor, verb="roster.commit")
    assert row is not None
    if row.state is not ImportState.PREVIEW:
        raise ImportWrongState(state=row.state.value)
    if row.counts["wrong"] and not skip_rows_with_errors:
        raise ImportHasErrors(errors=int(row.counts["wrong"]))
    roster = _roster(session, community_code)
    if roster.version != row.roster_version:
        raise ImportOutdated
    content = json.loads(row.content)
    # People in wrong rows are left as they are, so they have not moved out either.
    moved_out = [] if row.counts["wrong"] else [uuid.UUID(each) for each in content["moved_out"]]
    journal = _apply(session, community_code, content["lines"], moved_out)
    row.state, row.journal = ImportState.COMMITTED, json.dumps(journal, ensure_ascii=False)
    roster.version += 1
    row.roster_version = roster.version
    session.add_all([row, roster])
    audit.record(
        session, chain=community_code, by=actor.ref, tag=Tag.ROSTER_COMMITTED, subject=f"roster_import:{row.id}",
        facts={name: int(count) for name, count in row.counts.items()},
    )  # fmt: skip
    return row


def undo(session: Session, *, community_code: str, import_id: uuid.UUID, actor: Actor) -> RosterImport:
    """Take a committed import back: everybody is as before.

    Raises:
        ImportNotFound: there is none, or it is not yours.
        ImportWrongState: it is not committed.
        ImportOutdated: the roster was changed after it.
    """
    row = queries.import_locked(session, import_id)
    _check_mine(row, community_code, actor, verb="roster.undo")
    assert row is not None
    if row.state is not ImportState.COMMITTED or row.journal is None:
        raise ImportWrongState(state=row.state.value)
    roster = _roster(session, community_code)
    if roster.version != row.roster_version:
        raise ImportOutdated
    journal = json.loads(row.journal)
    now = clock.now()
    for resident in queries.residents_by_id(session, [uuid.UUID(each) for each in journal["made"]]):
        resident.moved_out_at = now  # a roll may name them already, so they are closed, not deleted
        session.add(resident)
    session.flush()  # their phones and names become free for those who return
    for resident in queries.residents_by_id(session, [uuid.UUID(each) for each in journal["moved_out"]]):
        resident.moved_out_at = None
        session.add(resident)
    before = {uuid.UUID(each["id"]): each for each in journal["changed"]}
    for resident in queries.residents_by_id(session, list(before)):
        _set(resident, before[resident.id])
        session.add(resident)
    row.state, row.journal = ImportState.UNDONE, None
    roster.version += 1
    session.add_all([row, roster])
    audit.record(
        session, chain=community_code, by=actor.ref, tag=Tag.ROSTER_UNDONE, subject=f"roster_import:{row.id}"
    )
    return row


def forget_stale_imports(session: Session) -> None:
    """Delete uploaded rosters after a month; what was committed stays, only the undo is over."""
    for row in queries.stale_imports(session, clock.now() - dt.timedelta(days=KEEP_DAYS)):
        session.delete(row)


def identity_fingerprint(community_code: str, person_identity: str) -> str:
    """The keyed hash of a name and dwelling in a community."""
    return vault.current().fingerprint(f"{community_code}\0{person_identity}", "resident.identity")


def new_values(
    community_code: str, household_id: uuid.UUID, person: Person, source: ResidentSource
) -> dict[str, Any]:
    """The columns of a person who is new."""
    return {
        "id": new_id(),
        "community_code": community_code,
        "household_id": household_id,
        "name": person.name,
        "phone": person.phone,
        "birth_date": None if person.birth_date is None else person.birth_date.isoformat(),
        "phone_fingerprint": None if person.phone is None else access.phone_fingerprint(person.phone),
        "identity_fingerprint": identity_fingerprint(community_code, person.identity),
        "adult_on": adult_on(person.birth_date),
        "tenure": person.tenure,
        "is_representative": person.is_representative,
        "source": source,
        "moved_out_at": None,
    }


def adult_on(birth_date: dt.date | None) -> dt.date | None:
    """The eighteenth birthday; in a year without 29 February, the day after."""
    if birth_date is None:
        return None
    year = birth_date.year + rules.ADULT_YEARS
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return dt.date(year, 3, 1)


# --- inside -------------------------------------------------------------------------------------------------------


def _check_mine(row: RosterImport | None, community_code: str, actor: Actor, *, verb: str) -> None:
    if row is None or row.community_code != community_code or not actor.may(verb, community_code):
        raise ImportNotFound


def _roster(session: Session, community_code: str) -> Roster:
    row = queries.roster_for_update(session, community_code)
    if row is None:
        row = Roster(community_code=community_code, version=0)
        session.add(row)
        session.flush()  # of two first imports at once, one must wait here
    return row


def _areas(session: Session, community_code: str) -> dict[Dwelling, int | None]:
    names = places.names_of(session, community_code)
    return {names[row.id]: row.area_centi_m2 for row in places.households_of(session, community_code)}


def _line(
    each: Checked, community_code: str, stored: dict[str, Resident], areas: dict[Dwelling, int | None]
) -> dict[str, Any]:
    line: dict[str, Any] = {
        "row": each.row,
        "errors": [
            {"column": error.column, "code": error.code, "message": error.message} for error in each.errors
        ],
        "identity": None, "person": None, "change": "wrong", "changed": [], "resident_id": None,
    }  # fmt: skip
    person = each.person
    if person is None:
        return line
    line["person"] = person.to_plain()
    line["identity"] = identity_fingerprint(community_code, person.identity)
    known = stored.get(line["identity"])
    if known is None:
        line["change"] = "new"
        return line
    area = areas.get(Dwelling(person.building, person.unit, person.room))
    line["changed"] = [name for name in FIELDS if getattr(known, name) != _field(person, name)]
    if person.area_centi_m2 is not None and area != person.area_centi_m2:
        line["changed"].append("area")
    line["change"] = "changed" if line["changed"] else "unchanged"
    line["resident_id"] = str(known.id)
    return line


def _field(person: Person, name: str) -> object:
    if name == "birth_date":
        return None if person.birth_date is None else person.birth_date.isoformat()
    return getattr(person, name)


def _apply(
    session: Session, community_code: str, lines: Sequence[dict[str, Any]], moved_out: Sequence[uuid.UUID]
) -> dict[str, Any]:
    """Write the difference; returns the journal that undo reads."""
    dwellings = Dwellings(session, community_code)
    journal: dict[str, Any] = {"made": [], "changed": [], "moved_out": [str(each) for each in moved_out]}
    now = clock.now()
    for resident in queries.residents_by_id(session, moved_out):
        resident.moved_out_at = now
        session.add(resident)
    people = {line["row"]: person_from_plain(line["person"]) for line in lines if line["person"]}
    by_id = {uuid.UUID(line["resident_id"]): line for line in lines if line["change"] == "changed"}
    changed = queries.residents_by_id(session, list(by_id))
    for resident in changed:
        journal["changed"].append(
            {"id": str(resident.id), **{name: _journal_value(resident, name) for name in FIELDS}}
        )
        resident.phone_fingerprint = None
        session.add(resident)
    session.flush()  # phones may be swapped between two people: all are free before any is taken
    for resident in changed:
        person = people[by_id[resident.id]["row"]]
        dwellings.ensure(Dwelling(person.building, person.unit, person.room), person.area_centi_m2)
        _set(resident, person.to_plain())
        session.add(resident)
    session.flush()  # as above, for those who are new
    made = []
    for line in lines:
        if line["change"] != "new":
            continue
        person = people[line["row"]]
        household = dwellings.ensure(
            Dwelling(person.building, person.unit, person.room), person.area_centi_m2
        )
        made.append(new_values(community_code, household.id, person, ResidentSource.ROSTER))
    dwellings.save()
    for start in range(0, len(made), WRITE_BATCH):
        session.execute(sa.insert(Resident), made[start : start + WRITE_BATCH])
    journal["made"] = [str(values["id"]) for values in made]
    return journal


def _journal_value(resident: Resident, name: str) -> object:
    value = getattr(resident, name)
    return value.value if isinstance(value, Tenure) else value


def _set(resident: Resident, values: dict[str, Any]) -> None:
    phone, birth_date = values["phone"], values["birth_date"]
    resident.phone = phone
    resident.phone_fingerprint = None if phone is None else access.phone_fingerprint(phone)
    resident.birth_date = birth_date
    resident.adult_on = adult_on(None if birth_date is None else dt.date.fromisoformat(birth_date))
    resident.tenure = Tenure(values["tenure"])
    resident.is_representative = bool(values["is_representative"])


def _shown(line: dict[str, Any]) -> Line:
    person = line["person"]
    return Line(
        row=line["row"],
        change=line["change"],
        name=rules.masked_name(person["name"]) if person else None,
        phone=rules.masked_phone(person["phone"]) if person else None,
        dwelling=f"{person['building']} {person['unit']} {person['room']}" if person else None,
        changed=line["changed"],
        errors=line["errors"],
    )


def _shown_moved_out(session: Session, row: RosterImport, ids: Sequence[str]) -> list[Line]:
    names = places.names_of(session, row.community_code)
    gone = queries.residents_by_id(session, [uuid.UUID(each) for each in ids])
    return [
        Line(
            row=None,
            change="moved_out",
            name=rules.masked_name(each.name),
            phone=rules.masked_phone(each.phone),
            dwelling=names[each.household_id].in_words,
            changed=[],
            errors=[],
        )
        for each in gone
    ]
