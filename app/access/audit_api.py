"""Routes that read the record. They stand here because the record itself knows nothing of callers."""

import datetime as dt
import re
from typing import Annotated

from fastapi import APIRouter, Query

from app.access import service
from app.access.actor import Actor
from app.access.deps import may
from app.access.divisions import contains, is_community, significant
from app.access.errors import AccountNotFound
from app.access.schemas import AuditEntryOut, ChainOut, EntryPage, TagList
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, BadCursor, decode_cursor, page_of
from app.core.text import Code12
from app.core.web import MalformedRequest, Reading, Writing, problems

#: Days outside of these are typing errors.
FIRST_YEAR, LAST_YEAR = 2000, 2999

_PLACE = re.compile("([0-9]{12}):([0-9]{1,17}):(.*)", re.ASCII)

router = APIRouter(prefix="/api/v1", tags=["audit"])


@router.get(
    "/audit/{division}/entries", response_model=EntryPage, responses=problems(AccountNotFound, BadCursor)
)
def list_entries(
    division: Code12,
    reading: Reading,
    actor: Annotated[Actor, may("audit.list")],
    chain: Annotated[Code12 | None, Query(description="The chain of this division alone.")] = None,
    tag: Annotated[Tag | None, Query(description="What was done.")] = None,
    subject: Annotated[
        str | None, Query(max_length=80, description="To what: `round:<id>`; `round:` finds all rounds.")
    ] = None,
    who: Annotated[
        str | None,
        Query(max_length=80, description="Sign-in name of staff, or an actor as an entry names it."),
    ] = None,
    since: Annotated[dt.date | None, Query(description="The first day, in Beijing.")] = None,
    until: Annotated[dt.date | None, Query(description="The last day, in Beijing.")] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> EntryPage:
    """Acts recorded for a division and all below it, the newest first.

    Those without a time (casts) stand in the list of one chain alone: of a community, or of the one asked for.
    """
    if not actor.may("audit.list", division):
        raise AccountNotFound
    with reading as session:
        search = audit.Search(
            chain=chain or (division if is_community(division) else None), tag=tag, subject=subject,
            actor=service.actor_named(session, who) if who else None,
            since=_midnight(since), until=_midnight(until, days=1),
        )  # fmt: skip
        rows = audit.listing(
            session, prefix=significant(division), search=search, after=_after(cursor), limit=limit + 1
        )
        names = service.names_of_actors(session, {row.actor for row in rows})
        items = [
            AuditEntryOut(
                chain=row.chain, seq=row.seq, at=row.at, actor=row.actor, actor_name=names.get(row.actor),
                tag=row.tag, subject=row.subject, facts=audit.facts_of(row), hash=row.hash,
            )
            for row in rows
        ]  # fmt: skip
    page = page_of(items, limit, key=_place_of)
    return EntryPage(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/audit/tags", response_model=TagList)
def list_audit_tags(actor: Annotated[Actor, may("audit.list_tags")]) -> TagList:  # noqa: ARG001
    """What can stand in the record, to look for."""
    return TagList(items=list(Tag))


@router.get("/audit/verification", response_model=list[ChainOut])
def verify_chains(
    reading: Reading, writing: Writing, actor: Annotated[Actor, may("audit.verify")]
) -> list[ChainOut]:
    """Recompute the chains of your divisions and say whether each holds; that you did stands in the record then."""
    mine = actor.divisions_for("audit.verify")
    with reading as session:
        reports = [
            report
            for report in audit.verify(session)
            if any(contains(division, report.chain) for division in mine)
        ]
    with writing as session:
        audit.note_verification(session, divisions=mine, by=actor.ref, reports=reports)
    return [ChainOut.model_validate(report) for report in reports]


def _midnight(day: dt.date | None, *, days: int = 0) -> dt.datetime | None:
    if day is None:
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise MalformedRequest
    return dt.datetime.combine(day + dt.timedelta(days=days), dt.time(), clock.BEIJING).astimezone(dt.UTC)


def _place_of(item: AuditEntryOut) -> str:
    return f"{item.chain}:{item.seq}:{'' if item.at is None else item.at.isoformat()}"


def _after(cursor: str | None) -> audit.Place | None:
    key = decode_cursor(cursor)
    if key is None:
        return None
    found = _PLACE.fullmatch(key)
    if found is None:
        raise BadCursor
    chain, seq, text = found.groups()
    try:
        at = dt.datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadCursor from error
    if at is not None and at.tzinfo is None:
        raise BadCursor
    return at, chain, int(seq)
