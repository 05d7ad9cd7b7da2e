"""What ``gongyi monitor`` remembers and concludes. Nothing is asked here: answers go in, findings come out.

The boards of a service are logs (RFC 6962). Whoever remembers a signed head can tell whether a board was changed since,
shortened, or shown to others with other entries: two signed heads that contradict each other are proof of it.
"""

import base64
import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.ballots import rules
from app.core.canonical import canonical_json
from app.core.merkle import GrowingTree, consistent
from app.core.signer import verifies

#: An hour must be on the board so long after its end.
GRACE = dt.timedelta(minutes=10)
#: After one of these a round takes no more ballots.
ENDS = frozenset({"closed", "void", "cancelled"})

RoundId = Annotated[str, StringConstraints(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]


class _Answer(BaseModel):
    """What the service says; fields that newer services add are passed over."""

    model_config = ConfigDict(frozen=True, strict=True)


class Head(_Answer):
    """A signed head."""

    round_id: RoundId
    size: int = Field(ge=1)
    root: Digest
    at: Moment
    signature: str


class Entry(_Answer):
    """An event."""

    position: int
    kind: str
    body: dict[str, Any]
    signature: str


class Listing(_Answer):
    """A page of ``/board/v1/rounds``."""

    signed_with: str
    items: list[Head]
    next_cursor: str | None


class Board(_Answer):
    """``/board/v1/rounds/{id}``."""

    entries: list[Entry]
    head: Head | None


class Heads(_Answer):
    """``/board/v1/rounds/{id}/heads``."""

    heads: list[Head]


class Growth(_Answer):
    """``/board/v1/rounds/{id}/consistency``."""

    path: list[Digest]


class Known(_Answer):
    """What is remembered of a round."""

    head: Head
    #: It has opened and takes ballots: an hour without an entry is missed.
    open: bool
    opened_at: Moment | None


class State(BaseModel):
    """What is remembered of a service from look to look."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: str
    signed_with: str | None = None
    rounds: dict[str, Known] = {}
    #: What was found and still holds: the finding -> when it was first seen.
    alarms: dict[str, str] = {}


class What(StrEnum):
    """What can be wrong."""

    KEY = "another key"
    SIGNATURE = "bad signature"
    FORK = "fork"
    SHRUNK = "shrunk"
    VANISHED = "vanished"
    ENTRIES = "entries do not fit"
    HOUR = "missing hour"
    MISSED = "missed hour"


#: An hour nobody looked at is bad service; everything else is a lie, and what was seen before is not forgotten for it.
LATE = frozenset({What.HOUR, What.MISSED})


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, and what proves it."""

    what: What
    round_id: str
    sentence: str
    evidence: Mapping[str, object]

    @property
    def line(self) -> str:
        """All of it but the evidence, as it is printed and by which it is known again."""
        return f"{self.what.value}: {f'round {self.round_id}: ' if self.round_id else ''}{self.sentence}"


def judge_key(known: str | None, signed_with: str) -> Iterator[Finding]:
    """Whether the service still signs with the key it had."""
    if known is not None and known != signed_with:
        yield Finding(
            What.KEY, "", f"the service signs with {signed_with}, not with {known} any more",
            {"before": known, "now": signed_with},
        )  # fmt: skip


def judge_head(head: Head, *, round_id: str, known: Head | None, key: str) -> Iterator[Finding]:
    """Whether a head is of this round and signed, and does not contradict the one remembered."""
    evidence = {"remembered": None if known is None else known.model_dump(), "shown": head.model_dump()}
    if head.round_id != round_id or not _signed(key, head.signature, _head_statement(head)):
        yield Finding(What.SIGNATURE, round_id, f"the head over {head.size} entries is not signed", evidence)
    if known is None:
        return
    if head.size < known.size:
        yield Finding(
            What.SHRUNK, round_id, f"the board had {known.size} entries and now has {head.size}", evidence
        )  # fmt: skip
    elif head.size == known.size and head.root != known.root:
        yield Finding(
            What.FORK, round_id, f"two heads over {head.size} entries: {known.root} and {head.root}", evidence
        )  # fmt: skip


def judge_growth(known: Head, head: Head, path: Sequence[str]) -> Iterator[Finding]:
    """Whether the service proves that its board began as the one remembered."""
    holds = consistent(
        earlier_root=bytes.fromhex(known.root),
        earlier=known.size,
        root=bytes.fromhex(head.root),
        size=head.size,
        proof=[bytes.fromhex(each) for each in path],
    )
    if not holds:
        yield Finding(
            What.FORK, head.round_id, f"no proof that the board of {known.size} entries grew to {head.size}",
            {"remembered": known.model_dump(), "shown": head.model_dump(), "path": list(path)},
        )  # fmt: skip


def judge_entries(
    entries: Sequence[Entry], *, head: Head, heads: Sequence[Head], key: str
) -> Iterator[Finding]:
    """Whether entries are signed and are those of a head, and of shorter ones that were seen."""
    for position, entry in enumerate(entries, start=1):
        statement = _entry_statement(head.round_id, position, entry)
        if entry.position != position or not _signed(key, entry.signature, statement):
            yield Finding(
                What.SIGNATURE, head.round_id, f"entry {position} ({entry.kind}) is not signed",
                _shown(head, entries),
            )  # fmt: skip
    if len(entries) != head.size or _roots(head, entries)[-1] != head.root:
        yield Finding(
            What.ENTRIES, head.round_id, f"the entries are not those of the head over {head.size}",
            _shown(head, entries),
        )  # fmt: skip
    yield from judge_roots(entries, head=head, heads=heads)


def judge_roots(entries: Sequence[Entry], *, head: Head, heads: Sequence[Head]) -> Iterator[Finding]:
    """Whether the first entries are those of shorter heads."""
    roots = _roots(head, entries)
    for each in heads:
        if each.size <= len(entries) and roots[each.size] != each.root:
            yield Finding(
                What.FORK, head.round_id, f"the first {each.size} entries are not those of a head signed before",
                {**_shown(head, entries), "remembered": each.model_dump()},
            )  # fmt: skip


def has_hours(entries: Sequence[Entry]) -> bool:
    """Whether ballots are sealed in this round, so that its hours stand on the board."""
    return any(entry.kind == "opened" and "sealing_key" in entry.body for entry in entries)


def is_open(entries: Sequence[Entry]) -> bool:
    """Whether a round takes sealed ballots, as its board says."""
    return has_hours(entries) and not any(entry.kind in ENDS for entry in entries)


def moment_of(kinds: frozenset[str], entries: Sequence[Entry], heads: Sequence[Head]) -> str | None:
    """When the board first said one of some kinds, as the heads have it; none when it does not."""
    first = next((entry.position for entry in entries if entry.kind in kinds), None)
    since = [head for head in heads if first is not None and head.size >= first]
    return min(since, key=lambda head: head.size).at if since else None


def instant(moment: str) -> dt.datetime:
    """A moment as heads spell it."""
    return dt.datetime.fromisoformat(moment)


def judge_hours(
    entries: Sequence[Entry], *, head: Head, opened_at: str, until: dt.datetime
) -> Iterator[Finding]:
    """Whether each hour that ended between opening and a moment has its entry, made in time."""
    posted = {str(entry.body.get("hour")): entry for entry in entries if entry.kind == "hour"}
    ended = rules.hours_ended(after=instant(opened_at), until=until - GRACE)
    for hour in (each.isoformat() for each in ended):
        entry = posted.get(hour)
        evidence = {"shown": head.model_dump(), "hour": hour}
        if entry is None:
            yield Finding(
                What.HOUR, head.round_id, f"nothing on the board about the hour from {hour}", evidence
            )
        elif "envelope_root" not in entry.body:
            yield Finding(
                What.MISSED, head.round_id, f"the service did not look in the hour from {hour}",
                evidence | {"entry": entry.model_dump()},
            )  # fmt: skip


def judge_vanished(listed: Mapping[str, Head], rounds: Mapping[str, Known]) -> Iterator[Finding]:
    """Whether every round that was seen is still shown."""
    for round_id in sorted(set(rounds) - set(listed)):
        yield vanished(round_id, rounds[round_id].head)


def vanished(round_id: str, head: Head) -> Finding:
    """A round that is not shown any more, or whose board is not."""
    evidence = {"remembered": head.model_dump(), "shown": None}
    return Finding(
        What.VANISHED, round_id, f"the board of {head.size} entries is not shown any more", evidence
    )


def _shown(head: Head, entries: Sequence[Entry]) -> dict[str, object]:
    return {"shown": head.model_dump(), "entries": [each.model_dump() for each in entries]}


def _roots(head: Head, entries: Sequence[Entry]) -> list[str]:
    """The root after each entry, and before the first."""
    growing = GrowingTree()
    roots = [growing.root().hex()]
    for position, entry in enumerate(entries, start=1):
        growing.append(_entry_statement(head.round_id, position, entry))
        roots.append(growing.root().hex())
    return roots


def _head_statement(head: Head) -> bytes:
    said = head.model_dump(exclude={"signature"})
    return canonical_json({"purpose": rules.HEAD_PURPOSE, **said})


def _entry_statement(round_id: str, position: int, entry: Entry) -> bytes:
    try:
        return rules.board_statement(
            round_id=uuid.UUID(round_id), position=position, kind=entry.kind, body=entry.body
        )
    except (TypeError, ValueError):  # what has no canonical spelling was never signed
        return b""


def _signed(key: str, signature: str, statement: bytes) -> bool:
    try:
        parts = [base64.b64decode(each, validate=True) for each in (key, signature)]
    except ValueError:
        return False
    return bool(statement) and verifies(parts[0], parts[1], statement)
