"""Tables of the record."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import UtcDateTime


class AuditChain(SQLModel, table=True):
    """The head of one division's chain; its row is the lock that keeps the chain a line."""

    __tablename__ = "audit_chain"

    chain: str = Field(primary_key=True, max_length=12)
    length: int
    head: str = Field(max_length=64)


class AuditEntry(SQLModel, table=True):
    """One act. Never updated, never deleted."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.Index("ix_audit_entry_chain_tag", "chain", "tag"),
        # what somebody has done, and what was done last, wherever it was
        sa.Index("ix_audit_entry_actor_chain_seq", "actor", "chain", "seq"),
        sa.Index("ix_audit_entry_at", "at"),
    )

    chain: str = Field(primary_key=True, max_length=12, foreign_key="audit_chain.chain")
    seq: int = Field(primary_key=True, sa_type=sa.Integer)
    at: dt.datetime | None = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=80)
    tag: str = Field(max_length=40)
    subject: str = Field(max_length=80, index=True)
    facts: str = Field(sa_type=sa.Text)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)
