"""Writing and checking the record."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from app.audit import queries
from app.audit.models import AuditChain, AuditEntry
from app.audit.queries import Place as Place  # noqa: PLC0414 - part of what this module offers
from app.audit.queries import Search as Search  # noqa: PLC0414 - part of what this module offers
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import Plain, canonical_json, sha256_hex

GENESIS = "0" * 64

EVERYTHING = Search()

#: The chain of acts that belong to the whole installation (accounts, imports), not to one division.
INSTALLATION = "000000000000"


def record(
    session: Session,
    *,
    chain: str,
    by: str,
    tag: Tag,
    subject: str,
    facts: Mapping[str, Plain] | None = None,
    timeless: bool = False,
) -> AuditEntry:
    """Append one act to a division's chain, in the caller's transaction.

    Args:
        session: the writing session of the act itself.
        chain: 12-digit code of the division the act belongs to.
        by: reference of who acted (`Actor.ref`).
        tag: what kind of act.
        subject: what it was done to, ``"round:<id>"``.
        facts: plain, non-personal values that describe it.
        timeless: leave the time out (casts: an entry must not say when somebody voted).
    """
    length, previous = _lock_head(session, chain)
    at = None if timeless else clock.now()
    text = canonical_json(facts or {}).decode()
    seq = length + 1
    digest = entry_hash(
        chain=chain, seq=seq, at=at, actor=by, tag=tag, subject=subject, facts=text, previous=previous
    )
    entry = AuditEntry(
        chain=chain, seq=seq, at=at, actor=by, tag=tag.value, subject=subject, facts=text, previous=previous,
        hash=digest,
    )  # fmt: skip
    queries.append(session, entry)
    return entry


def entry_hash(
    *,
    chain: str,
    seq: int,
    at: dt.datetime | None,
    actor: str,
    tag: str,
    subject: str,
    facts: str,
    previous: str,
) -> str:
    """SHA-256 over the canonical JSON of an entry, its predecessor's hash included."""
    return sha256_hex(
        canonical_json(
            {
                "chain": chain,
                "seq": seq,
                "at": None if at is None else at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
                "actor": actor,
                "tag": str(tag),
                "subject": subject,
                "facts": facts,
                "previous": previous,
            }
        )
    )


@dataclass(frozen=True)
class ChainReport:
    """Whether one chain holds."""

    chain: str
    length: int
    head: str
    broken_at: int | None
    reason: str | None

    @property
    def holds(self) -> bool:
        """No entry is missing, moved or altered."""
        return self.broken_at is None


def verify(session: Session) -> list[ChainReport]:
    """Recompute every chain and compare it with what is stored."""
    headless = [
        ChainReport(chain, 0, GENESIS, 1, "the head of the chain is missing")
        for chain in queries.chains_without_head(session)
    ]
    return [_verify_chain(session, chain) for chain in queries.chains(session)] + headless


def listing(
    session: Session,
    *,
    prefix: str,
    search: Search = EVERYTHING,
    after: Place | None,
    limit: int,
) -> Sequence[AuditEntry]:
    """Entries of all chains under a division prefix, the newest first: all with a time, or those looked for."""
    return queries.entries_under(session, prefix, search, after=after, limit=limit)


@dataclass(frozen=True)
class Verified:
    """When the record was last verified, and how many chains did not hold."""

    at: dt.datetime
    broken: int


def note_verification(
    session: Session, *, divisions: Sequence[str], by: str, reports: Sequence[ChainReport]
) -> None:
    """Keep in the record itself that somebody has verified it, and what came of it."""
    for division in divisions:
        record(
            session, chain=division, by=by, tag=Tag.RECORD_VERIFIED, subject=f"record:{division}",
            facts={"chains": len(reports), "broken": sum(not each.holds for each in reports)},
        )  # fmt: skip


def last_verification(session: Session, *, divisions: Sequence[str]) -> Verified | None:
    """The last time somebody verified the record for one of several divisions; none where nobody ever did."""
    found = queries.last_of(session, divisions, Search(tag=Tag.RECORD_VERIFIED))
    if found is None or found.at is None:
        return None
    return Verified(found.at, int(str(facts_of(found)["broken"])))


def last_read(session: Session, *, divisions: Sequence[str], noun: str, by: str) -> dt.datetime | None:
    """When an auditor last read something of a kind (``disclosure``); none where they never did."""
    found = queries.last_of(session, divisions, Search(tag=Tag.AUDITOR_READ, subject=f"{noun}:", actor=by))
    return None if found is None else found.at


def facts_of(entry: AuditEntry) -> dict[str, Plain]:
    """The facts of an entry as a mapping."""
    loaded: dict[str, Plain] = json.loads(entry.facts)
    return loaded


def _verify_chain(session: Session, chain: AuditChain) -> ChainReport:
    with closing(queries.entries(session, chain.chain)) as entries:
        return _compare(chain, entries)


def _compare(chain: AuditChain, entries: Iterable[AuditEntry]) -> ChainReport:
    previous, seq = GENESIS, 0

    def broken(at: int, reason: str) -> ChainReport:
        return ChainReport(chain.chain, chain.length, chain.head, at, reason)

    for entry in entries:
        seq += 1
        if entry.seq != seq:
            return broken(seq, "an entry is missing")
        if entry.previous != previous:
            return broken(seq, "the link to the entry before does not match")
        expected = entry_hash(
            chain=entry.chain, seq=entry.seq, at=entry.at, actor=entry.actor, tag=entry.tag,
            subject=entry.subject, facts=entry.facts, previous=entry.previous,
        )  # fmt: skip
        if entry.hash != expected:
            return broken(seq, "the entry was altered")
        previous = entry.hash
    if seq != chain.length or previous != chain.head:
        return broken(seq + 1, "entries are missing at the end")
    return ChainReport(chain.chain, seq, previous, None, None)


def _lock_head(session: Session, chain: str) -> tuple[int, str]:
    head = queries.head_locked(session, chain)
    if head is None:
        insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(AuditChain)
        statement: sa.Insert = insert.values(chain=chain, length=0, head=GENESIS).on_conflict_do_nothing()
        session.execute(statement)
        head = queries.head_locked(session, chain)
    assert head is not None
    return head
