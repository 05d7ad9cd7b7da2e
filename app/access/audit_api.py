"""Routes that read the record. They stand here because the record itself knows nothing of callers."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query

from app.access import service
from app.access.actor import Actor
from app.access.deps import may
from app.access.divisions import contains, significant
from app.access.errors import AccountNotFound
from app.access.schemas import AuditEntryOut, ChainOut, EntryPage, TagList
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, BadCursor, decode_cursor, page_of
from app.core.text import Code12
from app.core.web import MalformedRequest, Reading, problems

#: Days outside of these are typing errors.
FIRST_YEAR, LAST_YEAR = 2000, 2999

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
    """Acts recorded for a division and all below it; those without a time (casts) are on no day."""
    if not actor.may("audit.list", division):
        raise AccountNotFound
    with reading as session:
        search = audit.Search(
            chain=chain, tag=tag, subject=subject, actor=service.actor_named(session, who) if who else None,
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
    page = page_of(items, limit, key=lambda item: f"{item.chain}:{item.seq}")
    return EntryPage(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/audit/tags", response_model=TagList)
def list_audit_tags(actor: Annotated[Actor, may("audit.list_tags")]) -> TagList:  # noqa: ARG001
    """What can stand in the record, to look for."""
    return TagList(items=list(Tag))


@router.get("/audit/verification", response_model=list[ChainOut])
def verify_chains(reading: Reading, actor: Annotated[Actor, may("audit.verify")]) -> list[ChainOut]:
    """Recompute the chains of your divisions and say whether each holds."""
    mine = actor.divisions_for("audit.verify")
    with reading as session:
        return [
            ChainOut.model_validate(report)
            for report in audit.verify(session)
            if any(contains(division, report.chain) for division in mine)
        ]


def _midnight(day: dt.date | None, *, days: int = 0) -> dt.datetime | None:
    if day is None:
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise MalformedRequest
    return dt.datetime.combine(day + dt.timedelta(days=days), dt.time(), clock.BEIJING).astimezone(dt.UTC)


def _after(cursor: str | None) -> tuple[str, int] | None:
    key = decode_cursor(cursor)
    if key is None:
        return None
    chain, _, seq = key.partition(":")
    if not (chain.isascii() and chain.isdigit() and seq.isascii() and seq.isdigit() and len(seq) < 18):  # noqa: PLR2004
        raise BadCursor
    return chain, int(seq)
