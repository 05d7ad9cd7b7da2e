"""Two rows that are one person: found, made one, made two again. Whether a vote forbids it, a higher package asks."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access import service as access
from app.core import clock
from app.places import service as places
from app.places.rules import counted
from app.places.service import Dwelling
from app.residents import queries
from app.residents.errors import ResidentNotFound, RowsTaken
from app.residents.models import Resident
from app.residents.queries import Standing
from app.residents.rules import Likeness, Tenure, are_alike
from app.residents.service.roster import adult_on, opened, touch


@dataclass(frozen=True)
class SuspectedPair:
    """Two rows of a roster that may be one person, and why."""

    one_id: uuid.UUID
    other_id: uuid.UUID
    likeness: tuple[Likeness, ...]


def suspected_pairs(session: Session, *, community_code: str) -> list[SuspectedPair]:
    """Rows of a roster that may be one person, by home.

    The same name and birth date; or one home and a name that is the same or alike, and no birth dates that differ. One
    phone twice cannot be: no roster and no registration brings it. Who owns two dwellings stands in both by right.
    """
    homes = places.names_of(session, community_code)
    people = [_Opened(row, homes[row.household_id]) for row in queries.standing(session, community_code)]
    found: dict[tuple[uuid.UUID, uuid.UUID], set[Likeness]] = {}
    for group in _groups((each, (each.name, each.born)) for each in people if each.born):
        _note(found, group, Likeness.NAME_AND_BIRTH)
    for group in _groups((each, each.row.household_id) for each in people):
        _note(found, group, Likeness.SAME_HOME)
    by_id = {each.row.id: each for each in people}
    return [
        SuspectedPair(one, other, tuple(sorted(likeness)))
        for (one, other), likeness in sorted(found.items(), key=lambda pair: by_id[pair[0][0]].order)
    ]


def roster_version(session: Session, *, community_code: str) -> int:
    """How often the roster of a community was changed: as long as it stays, the same pairs are in it."""
    return queries.roster_version(session, community_code)


def lock_pair(
    session: Session, *, community_code: str, one_id: uuid.UUID, other_id: uuid.UUID
) -> tuple[Resident, Resident]:
    """Two people who live in a community, locked until the transaction ends.

    Raises:
        ResidentNotFound: one of them is not there, or has moved out.
    """
    rows = {each: queries.resident_locked(session, each) for each in sorted({one_id, other_id}, key=str)}
    one, other = rows.get(one_id), rows.get(other_id)
    if one is None or other is None or one is other:
        raise ResidentNotFound
    if any(each.community_code != community_code or each.moved_out_at is not None for each in (one, other)):
        raise ResidentNotFound
    return one, other


def signs_in(session: Session, row: Resident) -> bool:
    """Whether somebody has ever signed in with this person's number."""
    return (
        row.phone_fingerprint is not None
        and access.account_with_phone(session, row.phone_fingerprint) is not None
    )


def merge_rows(session: Session, *, kept: Resident, gone: Resident, take_phone: bool) -> dict[str, Any]:
    """Close one of two locked rows; the other takes over what it lacks. Returns what `split_rows` reads."""
    before = _values(kept)
    gone.moved_out_at = clock.now()
    session.add(gone)
    session.flush()  # its phone is free before the other row takes it
    if take_phone:
        kept.phone, kept.phone_fingerprint = gone.phone, gone.phone_fingerprint
    if kept.birth_date is None and gone.birth_date is not None:
        kept.birth_date = gone.birth_date
        kept.adult_on = adult_on(dt.date.fromisoformat(gone.birth_date))
    if kept.household_id == gone.household_id:
        kept.tenure = gone.tenure if kept.tenure is Tenure.OTHER else kept.tenure
        kept.is_representative = kept.is_representative or gone.is_representative
    session.add(kept)
    touch(session, kept.community_code)
    return {"before": before, "after": _values(kept)}


def split_rows(session: Session, *, kept: Resident, gone: Resident, journal: dict[str, Any]) -> None:
    """Make two rows of one again; what was changed of the kept one since then stays as it is.

    Raises:
        RowsTaken: somebody else has the number, or the place, of the row that would come back.
    """
    now = _values(kept)
    for name, value in journal["before"].items():
        if now[name] == journal["after"][name]:
            setattr(kept, name, Tenure(value) if name == "tenure" else value)
    kept.phone_fingerprint = None if kept.phone is None else access.phone_fingerprint(kept.phone)
    kept.adult_on = adult_on(None if kept.birth_date is None else dt.date.fromisoformat(kept.birth_date))
    session.add(kept)
    try:
        session.flush()  # the phone goes back before the other row has it again
        gone.moved_out_at = None
        session.add(gone)
        session.flush()  # somebody may have taken its place meanwhile
    except IntegrityError as error:
        raise RowsTaken from error
    touch(session, kept.community_code)


# --- inside -------------------------------------------------------------------------------------------------------


class _Opened:
    """A row with what is compared of it."""

    def __init__(self, row: Standing, home: Dwelling) -> None:
        self.row = row
        self.name = (opened("name", row.name) or "").replace(" ", "")
        self.born = opened("birth_date", row.birth_date)
        self.order = (counted(home.building), counted(home.unit), counted(home.room), str(row.id))

    def may_be(self, other: "_Opened") -> bool:
        """Whether nothing says that these are two people, or one who stands twice by right."""
        if self.row.household_id == other.row.household_id:
            return are_alike(self.name, other.name) and (
                self.born is None or other.born is None or self.born == other.born
            )
        return not self.row.tenure is other.row.tenure is Tenure.OWNER


def _groups(keyed: Iterable[tuple[_Opened, object]]) -> list[list[_Opened]]:
    """Those with one key, where they are several."""
    found: dict[object, list[_Opened]] = {}
    for each, key in keyed:
        found.setdefault(key, []).append(each)
    return [group for group in found.values() if len(group) > 1]


def _note(
    found: dict[tuple[uuid.UUID, uuid.UUID], set[Likeness]], group: list[_Opened], likeness: Likeness
) -> None:
    for one, other in itertools.combinations(sorted(group, key=lambda each: each.order), 2):
        if one.may_be(other):
            found.setdefault((one.row.id, other.row.id), set()).add(likeness)


def _values(row: Resident) -> dict[str, Any]:
    return {
        "phone": row.phone,
        "birth_date": row.birth_date,
        "tenure": row.tenure.value,
        "is_representative": row.is_representative,
    }
