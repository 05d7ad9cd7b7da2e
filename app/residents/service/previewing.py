"""What an uploaded roster would change: compared with who lives here, and kept until somebody commits it."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.core import clock
from app.places import service as places
from app.places.service import Dwelling
from app.residents import queries, rules
from app.residents.errors import ImportIdTaken
from app.residents.models import RosterImport
from app.residents.queries import Standing
from app.residents.rules import Change, Checked, Column, ImportState, Person, ResidentSource, RowError
from app.residents.service.roster import identity_fingerprint, lock_roster, opened, values_of


@dataclass(frozen=True)
class Difference:
    """Every row of a file and what it would change, and who would have moved out."""

    roster_version: int
    lines: list[dict[str, Any]]
    moved_out: list[uuid.UUID]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, unchanged, wrong; how many people would have moved out."""
        found = {change.value: 0 for change in (Change.NEW, Change.CHANGED, Change.UNCHANGED, Change.WRONG)}
        for line in self.lines:
            found[line["change"]] += 1
        return {**found, Change.MOVED_OUT.value: len(self.moved_out)}


def check_preview(session: Session, *, community_code: str, import_id: uuid.UUID, actor: Actor) -> None:
    """Whether somebody may upload a roster here, under this id.

    Raises:
        DivisionNotFound: no such community, or not yours.
        ImportIdTaken: there is an import with this id.
    """
    places.community(session, community_code, actor=actor, verb="roster.preview")
    if queries.import_(session, import_id) is not None or queries.progress(session, import_id) is not None:
        raise ImportIdTaken


def compare(
    session: Session, *, community_code: str, checked: Sequence[Checked], tick: Callable[[int], None]
) -> Difference:
    """What the rows of a file would change, beside who lives here now.

    Who has another dwelling under the same name and phone has moved within the community, and stays the same person:
    what they may vote on goes with them. A number or a birth date that a file leaves out is one it does not know: it
    stays, unless another row has the number now.
    """
    version = queries.roster_version(session, community_code)
    known = _Known(session, community_code)
    identities = [
        None if each.identity is None else identity_fingerprint(community_code, each.identity)
        for each in checked
    ]
    #: Whoever stands in a row with a mistake has not moved out.
    listed = {identity for identity in identities if identity is not None}
    known.sound = {
        identity for each, identity in zip(checked, identities, strict=True) if each.person and identity
    }
    known.claimed = {
        access.phone_fingerprint(each.person.phone) for each in checked if each.person and each.person.phone
    }
    lines = []
    for count, (each, identity) in enumerate(zip(checked, identities, strict=True)):
        lines.append(known.line(each, identity, listed))
        if count % rules.TICK_ROWS == 0:
            tick(count)
    stay = {line["resident_id"] for line in lines}
    gone = [
        row.id for row in known.here
        if row.identity_fingerprint not in listed and row.source is ResidentSource.ROSTER and str(row.id) not in stay
    ]  # fmt: skip
    return Difference(version, lines, gone)


def keep_preview(
    session: Session,
    *,
    community_code: str,
    import_id: uuid.UUID,
    file_name: str,
    difference: Difference,
    actor: Actor,
) -> RosterImport:
    """Keep what a file would change; nothing is changed yet.

    Raises:
        DivisionNotFound: it is not yours any more.
    """
    places.community(session, community_code, actor=actor, verb="roster.preview")
    lock_roster(session, community_code)
    content = {"lines": difference.lines, "moved_out": [str(each) for each in difference.moved_out]}
    made = RosterImport(
        id=import_id,
        community_code=community_code,
        state=ImportState.PREVIEW,
        roster_version=difference.roster_version,
        file_name=file_name,
        created_by=actor.ref,
        created_at=clock.now(),
        counts=difference.counts,
        content=json.dumps(content, ensure_ascii=False),
    )
    session.add(made)
    return made


class _Known:
    """Who lives in a community, by name and dwelling and by phone."""

    def __init__(self, session: Session, community_code: str) -> None:
        self.here = queries.standing(session, community_code)
        self.names = places.names_of(session, community_code)
        self._by_identity = {row.identity_fingerprint: row for row in self.here}
        self._by_phone = {row.phone_fingerprint: row for row in self.here if row.phone_fingerprint}
        #: People in rows without a mistake.
        self.sound: set[str] = set()
        #: Numbers that some row of the file has.
        self.claimed: set[str] = set()
        areas = places.areas_of(session, community_code)
        self._areas = {dwelling: areas[household] for household, dwelling in self.names.items()}

    def line(self, each: Checked, identity: str | None, listed: set[str]) -> dict[str, Any]:
        """What one row would change, as JSON can hold it."""
        line: dict[str, Any] = {
            "row": each.row, "errors": [_error(error) for error in each.errors], "person": None,
            "change": Change.WRONG.value, "changed": [], "before": {}, "resident_id": None, "takes_phone_of": None,
        }  # fmt: skip
        person = each.person
        if person is None or identity is None:
            return line
        line["person"] = person.to_plain()
        phone = None if person.phone is None else access.phone_fingerprint(person.phone)
        holder = None if phone is None else self._by_phone.get(phone)
        mine = self._by_identity.get(identity)
        if holder is not None and holder is not mine and holder.identity_fingerprint not in self.sound:
            elsewhere = holder.identity_fingerprint not in listed
            if mine is None and elsewhere and opened("name", holder.name) == person.name:
                mine = holder  # the same name and number at another door
            elif holder.source is ResidentSource.ROSTER:
                line["takes_phone_of"] = str(
                    holder.id
                )  # who moves out by this file, or stands in a wrong row
            else:
                line["errors"] = [_error(self._taken(each.row, holder))]
                return line
        if mine is None:
            line["change"] = Change.NEW.value
            return line
        person = self._completed(mine, person)
        line["person"] = person.to_plain()
        before = self._before(mine, person)
        line["resident_id"] = str(mine.id)
        line["changed"], line["before"] = list(before), before
        line["change"] = (Change.CHANGED if before else Change.UNCHANGED).value
        return line

    def _completed(self, row: Standing, person: Person) -> Person:
        """What a row says, with what it leaves out and is known."""
        phone = person.phone
        if phone is None and row.phone_fingerprint not in self.claimed:
            phone = opened("phone", row.phone)
        born = opened("birth_date", row.birth_date) if person.birth_date is None else None
        birth_date = person.birth_date if born is None else dt.date.fromisoformat(born)
        return replace(person, phone=phone, birth_date=birth_date)

    def _before(self, row: Standing, person: Person) -> dict[str, Any]:
        """The fields in which a person differs, with what stands there now."""
        new = values_of(person)
        found: dict[str, Any] = {}
        home = Dwelling(person.building, person.unit, person.room)
        if self.names[row.household_id] != home:
            found["dwelling"] = self.names[row.household_id].in_words
        if row.phone_fingerprint != new["phone_fingerprint"]:
            found["phone"] = opened("phone", row.phone)
        birth_date = opened("birth_date", row.birth_date)
        if birth_date != new["birth_date"]:
            found["birth_date"] = birth_date
        if row.tenure is not person.tenure:
            found["tenure"] = row.tenure.value
        if row.is_representative is not person.is_representative:
            found["is_representative"] = row.is_representative
        area = self._areas.get(home)
        if person.area_centi_m2 is not None and area != person.area_centi_m2:
            found["area"] = area
        return found

    def _taken(self, row: int, holder: Standing) -> RowError:
        who = rules.masked_name(opened("name", holder.name) or "")
        where = self.names[holder.household_id].in_words
        return RowError(row, Column.PHONE, "phone_taken", f"这个手机号属于自行登记的 {who}（{where}）")


def _error(error: RowError) -> dict[str, Any]:
    return {
        "column": error.column, "code": error.code, "message": error.message, "other_row": error.other_row,
    }  # fmt: skip
