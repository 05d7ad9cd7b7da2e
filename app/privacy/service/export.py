"""Taking along everything that is kept of oneself (PIPL art. 45)."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.privacy import queries, words
from app.privacy.errors import ExportsUsedUp
from app.privacy.models import DataExport
from app.privacy.rules import EXPORTS_A_DAY, Rows
from app.privacy.service.holdings import everything

_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class ExportedSection:
    """One kind of data: for a reader in words, for a program as it is kept."""

    key: str
    heading: str
    about: str
    rows: list[dict[str, object]]
    data: Rows


@dataclass(frozen=True)
class ExportedData:
    """Everything that is kept of somebody."""

    made_at: dt.datetime
    language: str
    sections: list[ExportedSection]


def export_my_data(session: Session, *, language: str, actor: Actor) -> ExportedData:
    """Everything that is kept of the caller, with headings in a language; it is noted that they took it.

    Raises:
        SignInNotFresh: the caller has not shown lately who they are.
        ExportsUsedUp: enough for today.
    """
    assert actor.account_id is not None
    access.check_fresh(session, actor=actor)
    now = clock.now()
    _count(session, actor.account_id, now)
    found = everything(session, actor.account_id)
    audit.record(session, chain=audit.INSTALLATION, by=actor.ref, tag=Tag.MY_DATA_EXPORTED, subject=actor.ref)
    return ExportedData(now, language, [_section(key, rows, language) for key, rows in found.items()])


def _count(session: Session, account_id: uuid.UUID, now: dt.datetime) -> None:
    """Take the next of the day's exports; of two at once each takes its own."""
    today = clock.today()
    for number in range(queries.exports_on(session, account_id, today) + 1, EXPORTS_A_DAY + 1):
        try:
            with session.begin_nested():
                session.add(DataExport(account_id=account_id, day=today, number=number, at=now))
        except IntegrityError:  # another one has just taken this number
            continue
        return
    midnight = dt.datetime.combine(today + _ONE_DAY, dt.time(), clock.BEIJING)
    raise ExportsUsedUp(most=EXPORTS_A_DAY, retry_after=int((midnight - now).total_seconds()) + 1)


def _section(key: str, rows: Rows, language: str) -> ExportedSection:
    heading, about = words.SECTIONS[key][language]
    return ExportedSection(
        key, heading, about, [words.row_in_words(row, language=language) for row in rows], rows
    )
