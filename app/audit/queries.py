"""Reads of the record."""

from collections.abc import Generator, Sequence

from sqlmodel import Session, col, select

from app.audit.models import AuditChain, AuditEntry
from app.core.db import locked


def chain_for_update(session: Session, chain: str) -> AuditChain | None:
    """The head of a chain, locked until the transaction ends."""
    return session.execute(
        locked(select(AuditChain).where(AuditChain.chain == chain), session)
    ).scalar_one_or_none()


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


def entries_under(
    session: Session, prefix: str, *, after: tuple[str, int] | None, limit: int
) -> Sequence[AuditEntry]:
    """Entries of every chain under a division prefix, chain by chain, newest first."""
    statement = select(AuditEntry).where(col(AuditEntry.chain).startswith(prefix))
    if after is not None:
        chain, seq = after
        statement = statement.where(
            (col(AuditEntry.chain) > chain) | ((col(AuditEntry.chain) == chain) & (col(AuditEntry.seq) < seq))
        )
    statement = statement.order_by(col(AuditEntry.chain), col(AuditEntry.seq).desc()).limit(limit)
    return session.exec(statement).all()
