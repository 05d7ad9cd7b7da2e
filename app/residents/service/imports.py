"""Looking at imports: their lines, masked, and how far one is that runs."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.core import clock
from app.places import service as places
from app.residents import queries, rules
from app.residents.errors import ImportNotFound
from app.residents.models import RosterImport
from app.residents.rules import Change, ImportState, Stage
from app.residents.service.roster import my_import

#: An uploaded roster, as other modules know it.
Import = RosterImport

KEEP_DAYS = 30
#: An import that said nothing for so long has ended in the middle, and changed nothing.
SILENT_SECONDS = 120
#: The wizard shows the last ones, not an archive.
MOST_IMPORTS = 30

_ORDER = {change.value: at for at, change in enumerate(Change)}


@dataclass(frozen=True)
class FieldChange:
    """What stood in a field and what the file says, as it may be shown: masked."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Line:
    """A row of a preview, as it may be shown: masked."""

    row: int | None
    change: str
    name: str | None
    phone: str | None
    dwelling: str | None
    changed: list[str]
    changes: list[FieldChange]
    errors: list[dict[str, Any]]


@dataclass(frozen=True)
class Preview:
    """An import with some of its lines."""

    row: RosterImport
    lines: list[Line]
    total: int
    can_undo: bool


@dataclass(frozen=True)
class Progress:
    """How far an import is: rows done of so many, 0 of 0 where that is not known."""

    stage: Stage
    done: int
    of: int


def read_import(
    session: Session,
    *,
    community_code: str,
    import_id: uuid.UUID,
    change: Change | None,
    offset: int,
    limit: int,
    actor: Actor,
) -> Preview:
    """An import and some of its lines, those with errors first, or of one kind; names and phones masked.

    Raises:
        ImportNotFound: there is none, or it is not yours.
    """
    row = my_import(queries.import_(session, import_id), community_code, actor, verb="roster.read")
    content = json.loads(row.content)
    lines: list[dict[str, Any]] = content["lines"]
    found: list[dict[str, Any] | str] = [
        *sorted(
            (line for line in lines if change is None or line["change"] == change.value),
            key=lambda line: (_ORDER[line["change"]], line["row"]),
        )
    ]
    if change in {None, Change.MOVED_OUT}:
        known = sum(_ORDER[line["change"]] < _ORDER[Change.MOVED_OUT.value] for line in lines)
        at = known if change is None else 0
        found[at:at] = content["moved_out"]
    shown = found[offset : offset + limit]
    gone = _moved_out(session, [each for each in shown if isinstance(each, str)])
    return Preview(
        row,
        [gone[each] if isinstance(each, str) else _shown(each) for each in shown],
        len(found),
        _can_undo(session, row),
    )


@dataclass(frozen=True)
class Listed:
    """An import in the list, and what colleagues call those who did it."""

    row: RosterImport
    created_by: str | None
    decided_by: str | None
    can_undo: bool


def list_imports(session: Session, *, community_code: str, actor: Actor) -> list[Listed]:
    """The last imports of a community, the newest first, and whether each can be taken back.

    Raises:
        DivisionNotFound: no such community, or not yours.
    """
    places.community(session, community_code, actor=actor, verb="roster.read")
    rows = queries.imports(session, community_code, MOST_IMPORTS)
    names = access.staff_names(
        session, refs={ref for row in rows for ref in (row.created_by, row.decided_by) if ref}
    )
    return [
        Listed(row, names.get(row.created_by), names.get(row.decided_by or ""), _can_undo(session, row))
        for row in rows
    ]


def read_progress(session: Session, *, community_code: str, import_id: uuid.UUID, actor: Actor) -> Progress:
    """How far an import is that runs, or that it is done.

    Raises:
        ImportNotFound: none of yours runs or ran under this id.
    """
    running = queries.progress(session, import_id)
    if running is not None and running.at > clock.now() - dt.timedelta(seconds=SILENT_SECONDS):
        if running.community_code != community_code or not actor.may("roster.read", community_code):
            raise ImportNotFound
        return Progress(running.stage, running.done, running.of)
    row = my_import(queries.import_(session, import_id), community_code, actor, verb="roster.read")
    rows = sum(int(row.counts[change.value]) for change in Change if change is not Change.MOVED_OUT)
    return Progress(Stage.DONE, rows, rows)


def note_progress(
    session: Session, *, community_code: str, import_id: uuid.UUID, stage: Stage, done: int, of: int
) -> None:
    """Say how far an import is, for the page that waits."""
    queries.note_progress(
        session, import_id=import_id, community_code=community_code, stage=stage, done=done, of=of, at=clock.now()
    )  # fmt: skip


def end_progress(session: Session, *, import_id: uuid.UUID) -> None:
    """Nothing runs under this id any more."""
    queries.end_progress(session, import_id=import_id)


def forget_stale_imports(session: Session) -> None:
    """Delete uploaded rosters after a month; what was committed stays, only the undo is over."""
    for row in queries.stale_imports(session, clock.now() - dt.timedelta(days=KEEP_DAYS)):
        session.delete(row)
    queries.end_progress(session, before=clock.now() - dt.timedelta(seconds=SILENT_SECONDS))


# --- inside -------------------------------------------------------------------------------------------------------


def _can_undo(session: Session, row: RosterImport) -> bool:
    return row.state is ImportState.COMMITTED and row.roster_version == queries.roster_version(
        session, row.community_code
    )


def _shown(line: dict[str, Any]) -> Line:
    person = line["person"]
    before = line.get("before", {})
    return Line(
        row=line["row"],
        change=line["change"],
        name=rules.masked_name(person["name"]) if person else None,
        phone=rules.masked_phone(person["phone"]) if person else None,
        dwelling=_home(person) if person else None,
        changed=line["changed"],
        changes=[
            FieldChange(name, _masked(name, value), _masked(name, _after(name, person)))
            for name, value in before.items()
        ],
        errors=[{"other_row": None, **error} for error in line["errors"]],
    )


def _home(person: dict[str, Any]) -> str:
    return f"{person['building']} {person['unit']} {person['room']}"


def _after(field: str, person: dict[str, Any]) -> Any:  # noqa: ANN401 - a value of JSON
    if field == "dwelling":
        return _home(person)
    return person["area_centi_m2" if field == "area" else field]


def _masked(field: str, value: Any) -> str | None:  # noqa: ANN401 - a value of JSON
    """A value as it may be shown, the same in every language: a phone masked, of a birth date the year."""
    if value is None:
        return None
    if field == "phone":
        return rules.masked_phone(value)
    if field == "birth_date":
        return rules.masked_birth(value)
    if field == "area":
        return f"{value // 100}.{value % 100:02d}"
    return "yes" if value is True else "no" if value is False else str(value)


def _moved_out(session: Session, ids: Sequence[str]) -> dict[str, Line]:
    if not ids:
        return {}
    gone = queries.residents_by_id(session, [uuid.UUID(each) for each in ids])
    names = places.dwellings(session, household_ids={each.household_id for each in gone})
    return {
        str(each.id): Line(
            row=None,
            change=Change.MOVED_OUT.value,
            name=rules.masked_name(each.name),
            phone=rules.masked_phone(each.phone),
            dwelling=names[each.household_id].in_words,
            changed=[],
            changes=[],
            errors=[],
        )
        for each in gone
    }
