"""Making the roster what a previewed file says, and taking that back. Nothing is ever half done."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.places import service as places
from app.places.service import Dwelling, Dwellings
from app.residents import queries, rules
from app.residents.errors import ImportHasErrors, ImportOutdated, ImportWrongState
from app.residents.models import RosterImport
from app.residents.queries import Standing
from app.residents.rules import Change, ImportState, Person, ResidentSource, Tenure, person_from_plain
from app.residents.service.roster import (
    adult_on,
    identity_fingerprint,
    lock_roster,
    my_import,
    new_values,
    opened,
    sealed,
    values_of,
)

#: What `undo` can read.
JOURNAL_VERSION = 2

#: Columns an import may change of somebody who is known; sealed ones go into the journal as they are.
_CHANGED = (
    "household_id", "phone", "phone_fingerprint", "birth_date", "tenure", "is_representative",
    "identity_fingerprint",
)  # fmt: skip


@dataclass
class Plan:
    """Everything a commit will write, made before anybody has to wait for it."""

    roster_version: int
    dwellings: Dwellings
    made: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    before: list[dict[str, Any]] = field(default_factory=list)
    moved_out: list[uuid.UUID] = field(default_factory=list)
    left_out: int = 0

    @property
    def size(self) -> int:
        """How many people it touches."""
        return len(self.made) + len(self.changed) + len(self.moved_out)


def check_commit(
    session: Session,
    *,
    community_code: str,
    import_id: uuid.UUID,
    skip_rows_with_errors: bool,
    actor: Actor,
) -> None:
    """Whether somebody may commit an import as it stands.

    Raises:
        ImportNotFound: there is none, or it is not yours.
        ImportWrongState: it was committed already.
        ImportHasErrors: some rows are wrong and nobody said to leave them out.
    """
    row = my_import(queries.import_(session, import_id), community_code, actor, verb="roster.commit")
    _check_committable(row, skip_rows_with_errors=skip_rows_with_errors)


def plan_commit(
    session: Session,
    *,
    community_code: str,
    import_id: uuid.UUID,
    skip_rows_with_errors: bool,
    actor: Actor,
    tick: Callable[[int, int], None],
) -> Plan:
    """Work out what a commit will write; ``tick`` is told how many rows are done, of how many.

    Raises:
        ImportNotFound: there is none, or it is not yours.
        ImportWrongState: it was committed already.
        ImportHasErrors: some rows are wrong and nobody said to leave them out.
        ImportOutdated: the roster changed since the preview.
    """
    row = my_import(queries.import_(session, import_id), community_code, actor, verb="roster.commit")
    _check_committable(row, skip_rows_with_errors=skip_rows_with_errors)
    content = json.loads(row.content)
    plan = Plan(queries.roster_version(session, community_code), Dwellings(session, community_code))
    if plan.roster_version != row.roster_version:
        raise ImportOutdated
    # People in wrong rows are left as they are, so they have not moved out either, and keep their phones.
    partly = bool(row.counts[Change.WRONG.value])
    plan.moved_out = [] if partly else [uuid.UUID(each) for each in content["moved_out"]]
    here = {str(each.id): each for each in queries.standing(session, community_code)}
    for count, line in enumerate(content["lines"]):
        _add_line(plan, line, community_code, here, partly=partly)
        if count % rules.TICK_ROWS == 0:
            tick(count, len(content["lines"]))
    return plan


def commit(
    session: Session,
    *,
    community_code: str,
    import_id: uuid.UUID,
    plan: Plan,
    skip_rows_with_errors: bool,
    actor: Actor,
) -> RosterImport:
    """Make the roster what the previewed file says, in one transaction.

    Raises:
        ImportNotFound: there is none, or it is not yours.
        ImportWrongState: it was committed meanwhile.
        ImportHasErrors: some rows are wrong and nobody said to leave them out.
        ImportOutdated: the roster, or somebody on it, changed since the preview.
    """
    row = my_import(queries.import_locked(session, import_id), community_code, actor, verb="roster.commit")
    _check_committable(row, skip_rows_with_errors=skip_rows_with_errors)
    roster = lock_roster(session, community_code)
    if roster.version != row.roster_version or roster.version != plan.roster_version:
        raise ImportOutdated
    try:
        plan.dwellings.save(session)
        queries.set_moved_out(session, plan.moved_out, clock.now())
        queries.change_sealed(session, plan.changed)
        queries.add_sealed(session, plan.made)
    except (
        IntegrityError
    ) as error:  # somebody registered with one of these numbers, or moved into a new dwelling
        raise ImportOutdated from error
    row.state, row.journal = ImportState.COMMITTED, _journal(plan)
    if plan.left_out:
        row.counts = {**row.counts, "left_out": plan.left_out}
    row.decided_by, row.decided_at = actor.ref, clock.now()
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
    row = my_import(queries.import_locked(session, import_id), community_code, actor, verb="roster.undo")
    if row.state is not ImportState.COMMITTED or row.journal is None:
        raise ImportWrongState(state=row.state.value)
    roster = lock_roster(session, community_code)
    journal = json.loads(row.journal)
    if roster.version != row.roster_version or journal.get("version") != JOURNAL_VERSION:
        raise ImportOutdated
    try:
        # a roll may name the new ones already, so they are closed, not deleted; then phones and names are free
        queries.set_moved_out(session, _ids(journal["made"]), clock.now())
        queries.change_sealed(session, [_from_journal(each) for each in journal["changed"]])
        queries.set_moved_out(session, _ids(journal["moved_out"]), None)
    except IntegrityError as error:  # somebody registered with one of these numbers meanwhile
        raise ImportOutdated from error
    places.set_areas(session, areas={uuid.UUID(home): area for home, area in journal["areas"].items()})
    row.state, row.journal = ImportState.UNDONE, None
    row.decided_by, row.decided_at = actor.ref, clock.now()
    roster.version += 1
    session.add_all([row, roster])
    audit.record(
        session, chain=community_code, by=actor.ref, tag=Tag.ROSTER_UNDONE, subject=f"roster_import:{row.id}"
    )
    return row


# --- inside -------------------------------------------------------------------------------------------------------


def _check_committable(row: RosterImport, *, skip_rows_with_errors: bool) -> None:
    if row.state is not ImportState.PREVIEW:
        raise ImportWrongState(state=row.state.value)
    if row.counts[Change.WRONG.value] and not skip_rows_with_errors:
        raise ImportHasErrors(errors=int(row.counts[Change.WRONG.value]))


def _add_line(
    plan: Plan, line: dict[str, Any], community_code: str, here: dict[str, Standing], *, partly: bool
) -> None:
    change = Change(line["change"])
    if change is Change.WRONG or (partly and line["takes_phone_of"]):
        plan.left_out += 1
        return
    if change is Change.UNCHANGED:
        return
    person = person_from_plain(line["person"])
    home = plan.dwellings.ensure(Dwelling(person.building, person.unit, person.room), person.area_centi_m2)
    if change is Change.NEW:
        plan.made.append(sealed(new_values(community_code, home.id, person, ResidentSource.ROSTER)))
        return
    known = here.get(line["resident_id"])
    if known is None:
        raise ImportOutdated
    plan.changed.append({"id": known.id, **_after(community_code, home.id, person)})
    plan.before.append({"id": str(known.id), **{name: _plain(getattr(known, name)) for name in _CHANGED}})


def _after(community_code: str, household_id: uuid.UUID, person: Person) -> dict[str, Any]:
    return sealed(
        {
            **values_of(person),
            "household_id": household_id,
            "identity_fingerprint": identity_fingerprint(community_code, person.identity),
        }
    )


def _journal(plan: Plan) -> str:
    return json.dumps(
        {
            "version": JOURNAL_VERSION,
            "made": [str(values["id"]) for values in plan.made],
            "changed": plan.before,
            "moved_out": [str(each) for each in plan.moved_out],
            "areas": {str(home): area for home, area in plan.dwellings.replaced.items()},
        },
        ensure_ascii=False,
    )


def _from_journal(each: dict[str, Any]) -> dict[str, Any]:
    birth_date = opened("birth_date", each["birth_date"])
    return {
        **each,
        "id": uuid.UUID(each["id"]),
        "household_id": uuid.UUID(each["household_id"]),
        "tenure": Tenure(each["tenure"]),
        "adult_on": adult_on(None if birth_date is None else dt.date.fromisoformat(birth_date)),
    }


def _plain(value: object) -> object:
    return str(value) if isinstance(value, uuid.UUID | Tenure) else value


def _ids(texts: Sequence[str]) -> list[uuid.UUID]:
    return [uuid.UUID(each) for each in texts]
