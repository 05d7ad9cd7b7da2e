"""Who is to be told beyond the inbox, and what could reach them. Worked out when it is needed, kept nowhere."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.ballots import service as ballots
from app.core import clock
from app.notices import queries
from app.notices.ports import Channels
from app.notices.rules import Person, Template
from app.recorded import service as recorded
from app.residents import service as residents
from app.residents.models import Resident
from app.rounds.models import Round
from app.rounds.rules import RECORDED_KINDS, Electorate

#: People thought of at a time.
PAGE = 100


@dataclass(frozen=True)
class Recipient:
    """An entry of a roll, or an account, and who is written to for it: nobody where nothing is known to write to."""

    position: uuid.UUID
    person: Person | None


def missing_people(
    session: Session, row: Round, *, after: uuid.UUID | None, channels: Channels
) -> tuple[list[Recipient], uuid.UUID | None]:
    """Some of a roll who have not taken part by any channel, and the position after the some (none at the end)."""
    if row.kind in RECORDED_KINDS:
        owners, position = recorded.entries_without_vote(session, round_id=row.id, after=after, limit=PAGE)
        ids = {resident for each in owners.values() for resident in each}
        rows = {each.id: each for each in residents.residents(session, resident_ids=ids)}
        candidates = {entry: [rows[one] for one in each if one in rows] for entry, each in owners.items()}
    else:
        missing, position = ballots.entries_without_ballot(session, round_id=row.id, after=after, limit=PAGE)
        candidates = _of_roll(session, {entry.id: entry.subject_id for entry in missing}, row.electorate)
    chosen = {entry: _chosen(people) for entry, people in candidates.items()}
    people = _people(session, [each for each in chosen.values() if each is not None], channels=channels)
    recipients = [
        Recipient(entry, None if each is None else people[each.id]) for entry, each in chosen.items()
    ]
    return recipients, position


def waiting_people(
    session: Session, round_id: uuid.UUID, *, after: uuid.UUID | None, channels: Channels
) -> tuple[list[Recipient], uuid.UUID | None]:
    """Some who asked to be told of a round's result, and the position after the some (none at the end)."""
    ids = queries.interested(session, round_id, after=after, limit=PAGE)
    people = [
        Recipient(each, person_of(session, each, template=Template.RESULT, channels=channels)) for each in ids
    ]
    return people, ids[-1] if ids else None


def person_of(session: Session, account_id: uuid.UUID, *, template: Template, channels: Channels) -> Person:
    """Somebody with an account, and what could reach them."""
    account = access.account_of(session, account_id)
    assert account is not None
    fingerprint = account.phone_fingerprint
    phone = None
    if fingerprint is not None and channels.sms is not None:
        rows = residents.people_behind(session, phone_fingerprint=fingerprint)
        phone = next((each.phone for each in rows if each.phone is not None), None)
    reader = queries.reader(session, account_id)
    openid, quota = _wechat(session, [account_id], template, channels).get(account_id, (None, 0))
    return Person(
        who=str(account_id), account_id=account_id, phone=phone, openid=openid, quota=quota,
        wants_sms=reader is None or reader.sms, wants_reminders=reader is None or reader.reminders,
    )  # fmt: skip


def _of_roll(
    session: Session, subjects: Mapping[uuid.UUID, uuid.UUID], electorate: Electorate
) -> dict[uuid.UUID, list[Resident]]:
    """Entry -> those behind it: the person, or who is of age in the household, its representative first."""
    found: dict[uuid.UUID, list[Resident]] = {subject: [] for subject in subjects.values()}
    if electorate is Electorate.HOUSEHOLD:
        today = clock.today()
        for person in residents.living_in(session, household_ids=found):
            if person.adult_on is None or person.adult_on <= today:
                found[person.household_id].append(person)
        for people in found.values():
            people.sort(key=lambda person: not person.is_representative)
    else:
        for person in residents.residents(session, resident_ids=found):
            if person.moved_out_at is None:
                found[person.id].append(person)
    return {entry: found[subject] for entry, subject in subjects.items()}


def _chosen(people: Sequence[Resident]) -> Resident | None:
    """Whom to write to for an entry: the first with a phone."""
    return next((person for person in people if person.phone_fingerprint is not None), None)


def _people(session: Session, rows: Sequence[Resident], *, channels: Channels) -> dict[uuid.UUID, Person]:
    """Resident -> what could reach them."""
    phones = {row.phone_fingerprint for row in rows if row.phone_fingerprint is not None}
    accounts = access.accounts_of_phones(session, phone_fingerprints=phones)
    readers = queries.readers(session, accounts.values())
    wechat = _wechat(session, accounts.values(), Template.REMINDER, channels)
    people = {}
    for row in rows:
        assert row.phone_fingerprint is not None
        account_id = accounts.get(row.phone_fingerprint)
        reader = None if account_id is None else readers.get(account_id)
        openid, quota = (None, 0) if account_id is None else wechat.get(account_id, (None, 0))
        people[row.id] = Person(
            who=row.phone_fingerprint, account_id=account_id, phone=None if channels.sms is None else row.phone,
            openid=openid, quota=quota, wants_sms=reader is None or reader.sms,
            wants_reminders=reader is None or reader.reminders,
        )  # fmt: skip
    return people


def _wechat(
    session: Session, account_ids: Collection[uuid.UUID], template: Template, channels: Channels
) -> dict[uuid.UUID, tuple[str | None, int]]:
    """(openid, quota) of those whom WeChat may tell something."""
    if channels.wechat is None or template not in channels.templates:
        return {}
    return {
        row.account_id: (access.openid_of(session, account_id=row.account_id), row.left_over)
        for row in queries.quotas(session, account_ids, template)
        if row.left_over > 0
    }
