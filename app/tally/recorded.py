"""A recorded vote of owners as a file: what it holds, what was signed, and counting it again from the file alone.

The file is ``{"body": ..., "signature": ..., "signed_with": ...}``; signed is the canonical JSON of the body. The body
has the question, the thresholds, the roll (a line for every unit: id, area, head), the vote of each unit with its own
signature, and the figures that were announced. It names no owner, no building and no room.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from app.tally.double_quorum import Choice, Decision, Tally, Thresholds, Unit, decide_units
from app.tally.errors import MalformedInput
from app.tally.verify import canonical, signed

RECORD_PURPOSE = "gongyi recorded votes v1"
VOTE_PURPOSE = "gongyi recorded vote v1"

Verifies = Callable[[bytes, bytes, bytes], bool]
"""(public key, signature, message) -> whether the signature holds."""


class RecordDiffers(MalformedInput):
    """The first thing in a file that does not hold."""


def vote_statement(
    *, round_id: str, entry_id: str, version: int, choice: str, channel: str, acted_at: str
) -> dict[str, str | int]:
    """What is signed for each vote: whose unit, which version, what it says, by which way, and when."""
    return {
        "purpose": VOTE_PURPOSE,
        "round_id": round_id,
        "entry_id": entry_id,
        "version": version,
        "choice": choice,
        "channel": channel,
        "acted_at": acted_at,
    }


def roll_digest(lines: Iterable[tuple[str, int, int]]) -> str:
    """SHA-256 over the roll: a line ``id area head`` for each unit, in the order of the ids."""
    text = "\n".join(f"{entry_id} {area} {head}" for entry_id, area, head in sorted(lines))
    return hashlib.sha256(text.encode()).hexdigest()


def figures(decision: Decision) -> dict[str, Any]:
    """A decision in plain numbers."""
    return {
        **{
            name: asdict(getattr(decision, name))
            for name in ("all_owners", "taken_part", "in_favour", "against", "abstained")
        },
        "valid": decision.valid,
        "passed": decision.passed,
    }


def decision_of(facts: Mapping[str, Any]) -> Decision:
    """The decision that thresholds and figures state; the inverse of `figures`."""
    told = facts["figures"]
    tallies = {
        name: Tally(**told[name])
        for name in ("all_owners", "taken_part", "in_favour", "against", "abstained")
    }
    law = Thresholds.from_plain(facts["thresholds"])
    return Decision(thresholds=law, **tallies, valid=told["valid"], passed=told["passed"])


def count(body: Mapping[str, Any]) -> Decision:
    """Count the votes of a body.

    Raises:
        MalformedInput: a threshold, an area or a choice is none.
    """
    units = [
        Unit(
            str(entry["head"]),
            _area(entry["area"]),
            None if entry["vote"] is None else _choice(entry["vote"]["choice"]),
        )
        for entry in body["entries"]
    ]
    return decide_units(units, rule=Thresholds.from_plain(body["thresholds"]))


def check(record: Mapping[str, Any], *, verifies: Verifies = signed) -> Decision:
    """Check everything a file says, and count it again.

    Args:
        record: the parsed file.
        verifies: checks Ed25519 signatures; the default needs nothing but Python and takes milliseconds for each.

    Raises:
        RecordDiffers: naming the first thing that does not hold.
        MalformedInput: it is no such file.
    """
    try:
        return _check(record, verifies)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        message = f"the file is not a recorded vote: {type(error).__name__} {error}"
        raise MalformedInput(message) from error


def _check(record: Mapping[str, Any], verifies: Verifies) -> Decision:
    body, key = record["body"], _unb64(record["signed_with"])
    _must(body["purpose"] == RECORD_PURPOSE, "the purpose is another one")
    _must(verifies(key, _unb64(record["signature"]), canonical(body)), "the signature of the file")
    entries = body["entries"]
    ids = [entry["id"] for entry in entries]
    _must(len(set(ids)) == len(ids), "a unit stands on the roll twice")
    digest = roll_digest((entry["id"], entry["area"], entry["head"]) for entry in entries)
    _must(digest == body["roll_digest"], "the digest of the roll")
    for entry in entries:
        vote = entry["vote"]
        if vote is None:
            continue
        statement = vote_statement(
            round_id=body["round_id"], entry_id=entry["id"], version=vote["version"], choice=vote["choice"],
            channel=vote["channel"], acted_at=vote["acted_at"],
        )  # fmt: skip
        holds = verifies(key, _unb64(vote["signature"]), canonical(statement))
        _must(holds, f"the signature of the vote of unit {entry['id']}")
    decision = count(body)
    told = figures(decision)
    for name, value in told.items():
        _must(body["figures"][name] == value, f"figures.{name}: counted again it is {value}")
    _must(set(body["figures"]) == set(told), "figures: there are more than can be counted")
    return decision


def _must(holds: bool, what: str) -> None:  # noqa: FBT001 - a fact and its name
    if not holds:
        message = f"does not hold: {what}"
        raise RecordDiffers(message)


def _choice(text: str) -> Choice:
    try:
        return Choice(text)
    except ValueError as error:
        message = f"{text!r} is no choice"
        raise MalformedInput(message) from error


def _area(value: object) -> int:
    if type(value) is not int:
        message = f"{value!r} is no area in whole hundredths of a square metre"
        raise MalformedInput(message)
    return value


def _unb64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        message = "a signature or a key is not base64"
        raise MalformedInput(message) from error
