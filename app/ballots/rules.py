"""What a ballot is, what an envelope is, and how many ballots may be published how. Pure."""

import base64
import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.ballots.errors import BoxDamaged, RepeatedProject, TooManyRanks, UnknownProject
from app.core.canonical import Plain, canonical_json
from app.core.merkle import merkle_root
from app.core.zone import BEIJING

SECRET_BYTES = 16
NONCE_BYTES = 16
TRACKER_BITS = 80
TRACKER_LENGTH = TRACKER_BITS // 5

ENVELOPE_PURPOSE = "gongyi envelope v1"
ENTRY_PURPOSE = "gongyi entry v1"
HEAD_PURPOSE = "gongyi board head v1"
HOUR_PURPOSE = "gongyi board hour v1"
SEAL_PURPOSE = "gongyi ballot v1"

HOUR = dt.timedelta(hours=1)
#: For so long after an hour the envelopes in force stand for those at its end.
VOUCHED = dt.timedelta(minutes=5)

#: Ballots from paper stand at the end of the public list as PAPER-1, PAPER-2 ..., ordered by what they say: they can be
#: compared with the sheets, and name nobody. Fewer than so many stand among the others.
PAPER = "PAPER"
FEWEST_NUMBERED = 10

#: A building of which fewer took part has no split by door: it would say which neighbour came to the desk.
FEWEST_SPLIT = 10

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


class Stage(StrEnum):
    """The steps from a closed box to a public result, in order; each can be begun again."""

    STRIP = "strip"
    OPEN = "open"
    WRITE = "write"
    COUNT = "count"
    RECOUNT = "recount"
    PUBLISH = "publish"
    DONE = "done"


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
    return tracker_text(hashlib.sha256(b"tracker" + round_id.bytes + secret + nonce).digest())


def tracker_text(digest: bytes) -> str:
    """The first bits of a hash as a tracker is written."""
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
    *, round_id: uuid.UUID, entry_id: uuid.UUID, version: int, ciphertext_hash: str | None
) -> bytes:
    """What the service signs when it takes an envelope: whose it is, which version, what is in it (none: withdrawn)."""
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


def head_statement(*, round_id: uuid.UUID, size: int, root: str, at: dt.datetime) -> bytes:
    """What the service signs about a whole board: its entries, in order, have this Merkle root."""
    return canonical_json(
        {"purpose": HEAD_PURPOSE, "round_id": str(round_id), "size": size, "root": root, "at": head_time(at)}
    )


def head_time(at: dt.datetime) -> str:
    """An instant as heads spell it: UTC, whole seconds."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def hours_ended(*, after: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
    """The beginnings, in Beijing time, of the full hours that ended after one instant and not after the other."""
    begin = after.astimezone(BEIJING).replace(minute=0, second=0, microsecond=0)
    found: list[dt.datetime] = []
    while (end := begin + HOUR) <= until:
        found.append(begin)
        begin = end
    return found


def hour_body(hour: dt.datetime, root: str | None) -> dict[str, Plain]:
    """What the board says of an hour: the root over the envelopes then in force, or that nobody looked in time."""
    said: dict[str, Plain] = {"hour": hour.astimezone(BEIJING).isoformat()}
    return said | ({"missed": True} if root is None else {"envelope_root": root})


def hour_statement(*, round_id: uuid.UUID, hour: dt.datetime) -> bytes:
    """What the service signs to blind the root of an hour."""
    return canonical_json(
        {"purpose": HOUR_PURPOSE, "round_id": str(round_id), "hour": hour.astimezone(BEIJING).isoformat()}
    )


def hour_root(lines: Sequence[str], *, blind: str) -> str:
    """The Merkle root over the lines of envelopes in force, behind one line nobody can guess.

    Without it an empty box and an hour in which nobody voted would be known by their roots.
    """
    return tree([blind, *lines])


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


def may_be_split(taken_part: Mapping[uuid.UUID, int]) -> set[uuid.UUID]:
    """Of which buildings it may be said by which door their ballots came.

    Of those where enough took part; and where what is left over, by subtraction from the whole, would be few people's,
    the smallest of the others is left out with them.
    """
    shown = {building for building, count in taken_part.items() if count >= FEWEST_SPLIT}
    hidden = sum(count for building, count in taken_part.items() if building not in shown)
    if 0 < hidden < FEWEST_SPLIT and shown:
        shown.remove(min(shown, key=lambda building: (taken_part[building], str(building))))
    return shown
