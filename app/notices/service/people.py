"""Who is to be told beyond the inbox, and what could reach them. Worked out when it is needed, kept nowhere."""

import uuid
from collections.abc import Collection, Sequence

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


def missing_people(
    session: Session, row: Round, *, after: uuid.UUID | None, channels: Channels
) -> tuple[list[Person], uuid.UUID | None, int]:
    """Some of a roll who have not taken part by any channel, one for each entry.

    Returns them, the position after them (none at the end), and for how many entries nothing is known by which
    anybody could be reached.
    """
    if row.kind in RECORDED_KINDS:
        entries, position = recorded.entries_without_vote(session, round_id=row.id, after=after, limit=PAGE)
        ids = {resident for owners in entries.values() for resident in owners}
        rows = {each.id: each for each in residents.residents(session, resident_ids=ids)}
        candidates = [[rows[each] for each in owners if each in rows] for owners in entries.values()]
    else:
        missing, position = ballots.entries_without_ballot(session, round_id=row.id, after=after, limit=PAGE)
        subjects = [entry.subject_id for entry in missing]
        candidates = _of_roll(session, subjects, row.electorate)
    chosen = [_chosen(people) for people in candidates]
    found = [person for person in chosen if person is not None]
    people = _people(session, found, template=Template.REMINDER, channels=channels)
    return people, position, len(chosen) - len(found)


def waiting_people(
    session: Session, round_id: uuid.UUID, *, after: uuid.UUID | None, channels: Channels
) -> tuple[list[Person], uuid.UUID | None]:
    """Some who asked to be told of a round's result, and the position after them (none at the end)."""
    ids = queries.interested(session, round_id, after=after, limit=PAGE)
    people = [person_of(session, each, template=Template.RESULT, channels=channels) for each in ids]
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


def _of_roll(session: Session, subjects: Sequence[uuid.UUID], electorate: Electorate) -> list[list[Resident]]:
    """Those behind each entry of a roll: the person, or who lives in the household, its representative first."""
    found: dict[uuid.UUID, list[Resident]] = {subject: [] for subject in subjects}
    if electorate is Electorate.HOUSEHOLD:
        today = clock.today()
        for person in residents.living_in(session, household_ids=subjects):
            if person.adult_on is None or person.adult_on <= today:
                found[person.household_id].append(person)
        for people in found.values():
            people.sort(key=lambda person: not person.is_representative)
    else:
        for person in residents.residents(session, resident_ids=subjects):
            if person.moved_out_at is None:
                found[person.id].append(person)
    return list(found.values())


def _chosen(people: Sequence[Resident]) -> Resident | None:
    """Whom to write to for an entry: the first with a phone."""
    return next((person for person in people if person.phone_fingerprint is not None), None)


def _people(
    session: Session, rows: Sequence[Resident], *, template: Template, channels: Channels
) -> list[Person]:
    by_phone = {row.phone_fingerprint: row for row in rows if row.phone_fingerprint is not None}
    accounts = access.accounts_of_phones(session, phone_fingerprints=list(by_phone))
    readers = queries.readers(session, accounts.values())
    wechat = _wechat(session, accounts.values(), template, channels)
    people = []
    for fingerprint, row in by_phone.items():
        account_id = accounts.get(fingerprint)
        reader = None if account_id is None else readers.get(account_id)
        openid, quota = (None, 0) if account_id is None else wechat.get(account_id, (None, 0))
        people.append(
            Person(
                who=fingerprint, account_id=account_id, phone=None if channels.sms is None else row.phone,
                openid=openid, quota=quota, wants_sms=reader is None or reader.sms,
                wants_reminders=reader is None or reader.reminders,
            )
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
