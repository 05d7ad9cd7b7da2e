"""Who keeps what of a person: the one list that taking along and being forgotten go by.

Every package that keeps something personal has two functions in its service: ``export_of`` shows all of it as plain
values, ``forget`` deletes it. A package that is missing here is a mistake that `tests/privacy` finds.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence

from sqlmodel import Session

from app.access import service as access
from app.ballots import service as ballots
from app.comments import service as comments
from app.core import clock
from app.core.canonical import Plain
from app.ideas import service as ideas
from app.meetings import service as meetings
from app.notices import service as notices
from app.objections import service as objections
from app.privacy import queries
from app.privacy.rules import Rows
from app.recorded import service as recorded
from app.residents import service as residents
from app.residents.rules import masked_name, masked_phone
from app.rounds import service as rounds

Export = Callable[[Session, uuid.UUID], Mapping[str, Rows]]
Forget = Callable[[Session, uuid.UUID], object]


def _of_access(session: Session, account_id: uuid.UUID) -> Mapping[str, Rows]:
    return access.export_of(session, account_id=account_id)


def _of_privacy(session: Session, account_id: uuid.UUID) -> Mapping[str, Rows]:
    return {
        "consents": [
            {
                "kind": row.kind.value,
                "version": row.version,
                "given_at": _instant(row.given_at),
                "withdrawn_at": None if row.withdrawn_at is None else _instant(row.withdrawn_at),
            }
            for row in queries.consents(session, account_id)
        ],
        "exports": [{"at": _instant(row.at)} for row in queries.exports(session, account_id)],
    }


def _of_residents(session: Session, account_id: uuid.UUID) -> Mapping[str, Rows]:
    return residents.export_of(session, account_id=account_id)


def _of_codes(session: Session, account_id: uuid.UUID) -> Mapping[str, Rows]:
    account = access.account_of(session, account_id)
    phones = [] if account is None or account.phone_fingerprint is None else [account.phone_fingerprint]
    behind = residents.subjects_of(session, phone_fingerprints=phones)
    subjects = [each.resident_id for found in behind.values() for each in found]
    return {"paper_codes": access.paper_codes_of(session, subject_ids=subjects)}


def _of_ballots(session: Session, account_id: uuid.UUID) -> Mapping[str, Rows]:
    return {"participations": ballots.export_of(session, account_id=account_id)}


def _of_recorded(session: Session, account_id: uuid.UUID) -> Mapping[str, Rows]:
    return recorded.export_of(session, account_id=account_id)


def _of_objections(session: Session, account_id: uuid.UUID) -> Mapping[str, Rows]:
    rows = objections.export_of(session, account_id=account_id)
    return {
        "objections": [{**row, "filed_as": _masked(row["filed_as"])} for row in rows],
        "volunteering": objections.volunteering_of(session, account_id=account_id),
    }


def _of_ideas(session: Session, account_id: uuid.UUID) -> Mapping[str, Rows]:
    return _rows_of(ideas.export_of(session, account_id))


def _of_comments(session: Session, account_id: uuid.UUID) -> Mapping[str, Rows]:
    return _rows_of(comments.export_of(session, account_id))


def _of_meetings(session: Session, account_id: uuid.UUID) -> Mapping[str, Rows]:
    return _rows_of(meetings.export_of(session, account_id))


def _of_notices(session: Session, account_id: uuid.UUID) -> Mapping[str, Rows]:
    kept = notices.export_of(session, account_id)
    told = [
        {
            "about": row["kind"],
            "facts": row["facts"],
            "created_at": row["created_at"],
            "read_at": row["read_at"],
        }
        for row in kept["notices"]
    ]
    waits_for = [uuid.UUID(each) for each in kept["waits_for_results_of"]]
    titles: Plain = [rounds.round_(session, each).title for each in waits_for]
    left = {f"wechat_{template}": count for template, count in kept["wechat_messages_left"].items()}
    choices = {**kept["settings"], **left, "waits_for": titles}
    return {"notices": told, "notice_settings": [choices]}


#: In the order a reader meets them.
EXPORTS: tuple[Export, ...] = (
    _of_access,
    _of_privacy,
    _of_residents,
    _of_codes,
    _of_ballots,
    _of_recorded,
    _of_objections,
    _of_ideas,
    _of_comments,
    _of_meetings,
    _of_notices,
)

#: In this order: whoever is found by the phone comes before access takes the phone off the account.
FORGETS: tuple[Forget, ...] = (
    lambda session, account_id: objections.forget(session, account_id=account_id),
    ideas.forget,
    comments.forget,
    meetings.forget,
    notices.forget,
    lambda session, account_id: residents.forget(session, account_id=account_id),
    queries.delete_of,
    lambda session, account_id: access.forget(session, account_id=account_id),
)


def everything(session: Session, account_id: uuid.UUID) -> dict[str, Rows]:
    """All that is kept of an account's owner, by kind of data."""
    found: dict[str, Rows] = {}
    for export in EXPORTS:
        found |= export(session, account_id)
    return found


def forget_everything(session: Session, account_id: uuid.UUID) -> None:
    """Forget an account's owner, as far as nothing but their wish decides it."""
    for forget in FORGETS:
        forget(session, account_id)


def _masked(who: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """Whoever of the household filed it may be somebody else than the reader, or had the number before them."""
    name, phone = who.get("name"), who.get("phone")
    return {
        "name": masked_name(name) if isinstance(name, str) else None,
        "phone": masked_phone(phone) if isinstance(phone, str) else None,
    }


def _rows_of(found: Mapping[str, Plain]) -> dict[str, Rows]:
    return {
        kind: [dict(row) for row in rows if isinstance(row, Mapping)]
        for kind, rows in found.items()
        if isinstance(rows, Sequence)
    }


def _instant(at: dt.datetime) -> Plain:
    return at.astimezone(clock.BEIJING).isoformat(timespec="seconds")
