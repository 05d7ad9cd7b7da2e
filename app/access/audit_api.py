"""Routes that read the record. They stand here because the record itself knows nothing of callers."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.access.actor import Actor
from app.access.deps import may
from app.access.divisions import contains, significant
from app.access.errors import AccountNotFound
from app.access.schemas import ChainOut, EntryOut, EntryPage
from app.audit import service as audit
from app.core.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, BadCursor, decode_cursor, page_of
from app.core.text import Code12
from app.core.web import Reading, problems

router = APIRouter(prefix="/api/v1", tags=["audit"])


@router.get(
    "/audit/{division}/entries", response_model=EntryPage, responses=problems(AccountNotFound, BadCursor)
)
def list_entries(
    division: Code12,
    reading: Reading,
    actor: Annotated[Actor, may("audit.list")],
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> EntryPage:
    """Acts recorded for a division and all below it."""
    if not actor.may("audit.list", division):
        raise AccountNotFound
    with reading as session:
        rows = audit.listing(session, prefix=significant(division), after=_after(cursor), limit=limit + 1)
        items = [
            EntryOut(
                chain=row.chain, seq=row.seq, at=row.at, actor=row.actor, tag=row.tag, subject=row.subject,
                facts=audit.facts_of(row), hash=row.hash,
            )
            for row in rows
        ]  # fmt: skip
    page = page_of(items, limit, key=lambda item: f"{item.chain}:{item.seq}")
    return EntryPage(items=list(page.items), next_cursor=page.next_cursor)


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


def _after(cursor: str | None) -> tuple[str, int] | None:
    key = decode_cursor(cursor)
    if key is None:
        return None
    chain, _, seq = key.partition(":")
    if not (chain.isascii() and chain.isdigit() and seq.isascii() and seq.isdigit() and len(seq) < 18):  # noqa: PLR2004
        raise BadCursor
    return chain, int(seq)
