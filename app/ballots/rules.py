"""What a ballot is, what an envelope is, and how many ballots may be published how. Pure."""

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.ballots.errors import BoxDamaged, RepeatedProject, TooManyRanks, UnknownProject
from app.core.canonical import Plain, canonical_json
from app.core.merkle import merkle_root

SECRET_BYTES = 16
NONCE_BYTES = 16
TRACKER_BITS = 80
TRACKER_LENGTH = TRACKER_BITS // 5

ENVELOPE_PURPOSE = "gongyi envelope v1"
ENTRY_PURPOSE = "gongyi entry v1"
SEAL_PURPOSE = "gongyi ballot v1"

#: Publish in full from here on; below, rankings are fingerprints.
FULL_LIST_FROM = 200
#: Publish rankings cut to the first three from here on; below, aggregates only.
TOP_THREE_FROM = 50
TOP = 3


class Level(StrEnum):
    """How the ballots of a round are published."""

    FULL = "full"
    TOP_3 = "top-3"
    AGGREGATES = "aggregates"


@dataclass(frozen=True)
class OpenedBallot:
    """A ballot without a name: its tracker and the positions it ranks, best first."""

    tracker: str
    ranking: tuple[int, ...]


def level_for(ballots: int) -> Level:
    """How a number of ballots may be published without pointing at people."""
    if ballots >= FULL_LIST_FROM:
        return Level.FULL
    return Level.TOP_3 if ballots >= TOP_THREE_FROM else Level.AGGREGATES


def cut(ranking: Sequence[int], level: Level) -> tuple[int, ...]:
    """What of a ranking is counted and published at a level."""
    return tuple(ranking[:TOP]) if level is Level.TOP_3 else tuple(ranking)


def positions_of(
    ranking: Sequence[uuid.UUID], *, listed: Mapping[uuid.UUID, int], max_rank: int
) -> tuple[int, ...]:
    """A ranking of project ids as positions on the round's list.

    Raises:
        TooManyRanks: longer than the round allows.
        UnknownProject: not on the list.
        RepeatedProject: ranked twice.
    """
    if len(ranking) > max_rank:
        raise TooManyRanks(ranks=len(ranking), most=max_rank)
    seen: set[uuid.UUID] = set()
    for project_id in ranking:
        if project_id not in listed:
            raise UnknownProject(project_id=str(project_id))
        if project_id in seen:
            raise RepeatedProject(project_id=str(project_id))
        seen.add(project_id)
    return tuple(listed[project_id] for project_id in ranking)


def tracker(*, round_id: uuid.UUID, secret: bytes, nonce: bytes) -> str:
    """The voter's line in the public list: base32 of 80 bits of a hash nobody can steer alone.

    The phone chooses ``secret`` before it sends, the server ``nonce`` afterwards.
    """
    digest = hashlib.sha256(b"tracker" + round_id.bytes + secret + nonce).digest()
    return base64.b32encode(digest[: TRACKER_BITS // 8]).decode()


def padded_length(*, projects: int, max_rank: int) -> int:
    """The one length every plaintext of a round has, whatever it says."""
    longest = list(range(max(projects - max_rank, 0), projects))[:max_rank]
    return len(_plain(tuple(longest), "A" * TRACKER_LENGTH))


def plaintext(ranking: Sequence[int], tracker_text: str, *, length: int) -> bytes:
    """A ballot as bytes of constant length."""
    plain = _plain(tuple(ranking), tracker_text)
    assert len(plain) <= length
    return plain.ljust(length)


def read_plaintext(raw: bytes) -> OpenedBallot:
    """The ballot inside an opened envelope.

    Raises:
        BoxDamaged: it is not one of ours.
    """
    try:
        loaded = json.loads(raw)
        return OpenedBallot(
            tracker=str(loaded["tracker"]), ranking=tuple(int(each) for each in loaded["ranking"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BoxDamaged(reason="an opened envelope holds no ballot") from error


def seal_info(round_id: uuid.UUID) -> bytes:
    """What HPKE binds a ballot to: this purpose and this round."""
    return SEAL_PURPOSE.encode() + b"\0" + round_id.bytes


def envelope_statement(
    *, round_id: uuid.UUID, entry_id: uuid.UUID, version: int, ciphertext_hash: str
) -> bytes:
    """What the service signs when it takes an envelope: whose it is, which version, what is in it."""
    return canonical_json(
        {
            "purpose": ENVELOPE_PURPOSE,
            "round_id": str(round_id),
            "entry_id": str(entry_id),
            "version": version,
            "envelope_hash": ciphertext_hash,
        }
    )


def entry_tag(*, round_id: uuid.UUID, entry_id: uuid.UUID) -> str:
    """What stands for a roll entry in the public lists of envelopes: staff know it, and whoever holds its receipt."""
    return hashlib.sha256(ENTRY_PURPOSE.encode() + b"\0" + round_id.bytes + entry_id.bytes).hexdigest()[:32]


def leaf(*, ciphertext_hash: str, tag: str, version: int) -> str:
    """The line of an envelope in force: what is in it, whose it is, which version. A leaf of the tree is its text."""
    return f"{ciphertext_hash} {tag} {version}"


def set_aside_line(*, tag: str, version: int, on_paper: bool) -> str:
    """The line of an envelope that is not in force at closing, and why."""
    return f"{tag} {version} {'paper' if on_paper else 'withdrawn'}"


def tree(lines: Sequence[str]) -> str:
    """The Merkle root over lines, in hexadecimal."""
    return merkle_root([line.encode() for line in lines]).hex()


def board_statement(*, round_id: uuid.UUID, position: int, kind: str, body: Mapping[str, Plain]) -> bytes:
    """What the service signs when it puts an event on the board."""
    return canonical_json(
        {
            "purpose": "gongyi board v1",
            "round_id": str(round_id),
            "position": position,
            "kind": kind,
            "body": body,
        }
    )


def in_tracker_order(ballots: Sequence[OpenedBallot]) -> list[OpenedBallot]:
    """Ballots sorted by tracker; of equal trackers each keeps its line, with -1, -2 behind it."""
    ordered = sorted(ballots, key=lambda ballot: (ballot.tracker, ballot.ranking))
    counts: dict[str, int] = {}
    for ballot in ordered:
        counts[ballot.tracker] = counts.get(ballot.tracker, 0) + 1
    numbered: dict[str, int] = {}
    lines: list[OpenedBallot] = []
    for ballot in ordered:
        if counts[ballot.tracker] == 1:
            lines.append(ballot)
            continue
        numbered[ballot.tracker] = numbered.get(ballot.tracker, 0) + 1
        lines.append(OpenedBallot(f"{ballot.tracker}-{numbered[ballot.tracker]}", ballot.ranking))
    return lines


def _plain(ranking: tuple[int, ...], tracker_text: str) -> bytes:
    return canonical_json({"ranking": list(ranking), "tracker": tracker_text})
