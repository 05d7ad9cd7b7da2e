"""Reads of the record."""

import datetime as dt
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from app.audit.models import AuditChain, AuditEntry
from app.core.db import rows_of

_chain = SQLModel.metadata.tables["audit_chain"]
_HEAD_LOCKED = (
    sa.select(_chain.c.length, _chain.c.head).where(_chain.c.chain == sa.bindparam("of")).with_for_update()
)
_MOVE_HEAD = (
    sa.update(_chain)
    .where(_chain.c.chain == sa.bindparam("of"))
    .values(length=sa.bindparam("length"), head=sa.bindparam("head"))
)
_APPEND = sa.insert(SQLModel.metadata.tables["audit_entry"])


def head_locked(session: Session, chain: str) -> tuple[int, str] | None:
    """Length and head of a chain, locked until the transaction ends."""
    found = rows_of(session, _HEAD_LOCKED, of=chain)
    return tuple(found[0]) if found else None


def append(session: Session, entry: AuditEntry) -> None:
    """Write an entry and move its chain's head."""
    connection = session.connection()
    connection.execute(_APPEND, entry.model_dump())
    connection.execute(_MOVE_HEAD, {"of": entry.chain, "length": entry.seq, "head": entry.hash})


def chains(session: Session) -> Sequence[AuditChain]:
    """Every chain, in order of its division."""
    return session.exec(select(AuditChain).order_by(col(AuditChain.chain))).all()


def chains_without_head(session: Session) -> Sequence[str]:
    """Chains that have entries but no head: somebody removed it past the foreign key."""
    heads = select(AuditChain.chain)
    statement = select(AuditEntry.chain).where(col(AuditEntry.chain).not_in(heads)).distinct()
    return session.exec(statement.order_by(AuditEntry.chain)).all()


def entries(session: Session, chain: str) -> Generator[AuditEntry]:
    """A chain from its first entry on, fetched in portions; close it when you stop before its end."""
    statement = select(AuditEntry).where(AuditEntry.chain == chain).order_by(col(AuditEntry.seq))
    found = session.exec(statement.execution_options(yield_per=500))
    try:
        yield from found
    finally:
        found.close()  # PostgreSQL keeps a cursor open for it


@dataclass(frozen=True)
class Search:
    """Which entries are looked for; what is left out does not matter."""

    #: This chain alone, of those under the prefix.
    chain: str | None = None
    tag: str | None = None
    #: The whole subject, or what it begins with when it ends in a colon: ``round:``.
    subject: str | None = None
    actor: str | None = None
    #: Entries without a time (casts) are in no period.
    since: dt.datetime | None = None
    until: dt.datetime | None = None


#: Where an entry stands in a list: when, in which chain, as which of it.
Place = tuple[dt.datetime | None, str, int]


def entries_under(
    session: Session, prefix: str, search: Search, *, after: Place | None, limit: int
) -> Sequence[AuditEntry]:
    """Entries of every chain under a division prefix, the newest first; those without a time are in one chain alone.

    One chain is listed by its numbers, several by their times: what was done last stands first, wherever it was.
    """
    statement = select(AuditEntry).where(col(AuditEntry.chain).startswith(prefix), *_wanted(search))
    one = search.chain is not None
    when, chain, seq = col(AuditEntry.at), col(AuditEntry.chain), col(AuditEntry.seq)
    if not one:
        statement = statement.where(when.is_not(None))
    if after is not None:
        at, last_chain, last_seq = after
        if one:
            statement = statement.where(seq < last_seq)
        else:
            further = sa.or_(chain > last_chain, sa.and_(chain == last_chain, seq < last_seq))
            beyond = sa.false() if at is None else sa.or_(when < at, sa.and_(when == at, further))
            statement = statement.where(beyond)
    ordered = statement.order_by(seq.desc()) if one else statement.order_by(when.desc(), chain, seq.desc())
    return session.exec(ordered.limit(limit)).all()


def last_of(session: Session, chains: Sequence[str], search: Search) -> AuditEntry | None:
    """The latest entry that is looked for in several chains."""
    statement = select(AuditEntry).where(col(AuditEntry.chain).in_(chains), *_wanted(search))
    return session.exec(statement.order_by(col(AuditEntry.at).desc()).limit(1)).first()


def _wanted(search: Search) -> Iterator[sa.ColumnElement[bool]]:
    if search.chain is not None:
        yield col(AuditEntry.chain) == search.chain
    if search.tag is not None:
        yield col(AuditEntry.tag) == search.tag
    if search.subject is not None:
        whole = not search.subject.endswith(":")
        column = col(AuditEntry.subject)
        yield column == search.subject if whole else column.startswith(search.subject, autoescape=True)
    if search.actor is not None:
        yield col(AuditEntry.actor) == search.actor
    if search.since is not None:
        yield col(AuditEntry.at) >= search.since
    if search.until is not None:
        yield col(AuditEntry.at) < search.until
