"""Public bundles made by hand: any life of a board, any mixture of ballots, signed anew after every forgery."""

import base64
import datetime as dt
import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.ballots import rules as ballots
from app.ballots.rules import OpenedBallot
from app.core.canonical import canonical_json, sha256_hex
from app.core.merkle import merkle_root
from app.core.signer import Signer, b64
from app.results import ballots_file, bundle
from app.results.rules import count_input
from app.tally import count

Files = dict[str, bytes]
Event = tuple[str, dict[str, Any]]

OPENED = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@dataclass
class Maker:
    """A round with five projects and a few ballots; everything about it can be set before it is made."""

    signer: Signer = field(default_factory=lambda: Signer(b"\7" * 32))
    round_id: uuid.UUID = field(default_factory=lambda: uuid.UUID(int=77))
    roll: int = 40
    online: int = 12
    withdrawn: int = 2
    #: Entries that signed in for paper; where paper wins, the first of them had voted online.
    on_paper: int = 0
    paper: str = "paper_wins"
    #: Settings to freeze instead of the usual ones.
    settings: Mapping[str, Any] = field(default_factory=dict)
    sheets: int = 0
    void: int = 0
    #: Names of the lines from paper; they are called PAPER-1, PAPER-2 ... where nothing is said.
    paper_names: Sequence[str] | None = None
    hours: Sequence[str | None] = ("09", "10", "11")
    missed: Sequence[str] = ()
    extra: Sequence[Event] = ()
    changed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    aggregates: bool = False

    def __post_init__(self) -> None:
        self.entries = [uuid.uuid5(self.round_id, f"entry {number}") for number in range(self.roll)]
        self.frozen: dict[str, Any] = {
            "round_id": str(self.round_id), "title": "社区微更新", "division_code": "520102031006", "max_rank": 3,
            "budget_fen": 900_000, "rule": "greedy", "points": "fixed-k", "skip": True, "threshold": None,
            "completion": "none", "until": "infeasible", "fill": "none", "comparison": False, "part_percent": None,
            "unranked": "never", "ties": "lot", "priority": "support", "paper": self.paper,
            "opens_at": "2026-03-02T01:30:00+00:00", "closes_at": "2026-03-02T04:30:00+00:00",
            "projects": [
                {
                    "id": str(uuid.UUID(int=number)), "title": f"项目{number}", "category": "lighting_safety",
                    "cost_fen": 100_000 * number, "exclusive_group": None, "forced_in": False,
                }
                for number in range(1, 6)
            ],
        } | dict(self.settings)  # fmt: skip

    def envelope(self, number: int) -> str:
        """What stands for the sealed ballot of an entry."""
        return hashlib.sha256(b"sealed %d" % number).hexdigest()

    def receipt(
        self, number: int, *, version: int = 1, digest: str | None = None, withdrawn: bool = False
    ) -> dict[str, Any]:
        """What the service signed when it took a version of an entry's ballot, or a wish to withdraw it."""
        said: dict[str, Any] = {
            "round_id": str(self.round_id), "entry_id": str(self.entries[number]), "version": version,
            "envelope_hash": None if withdrawn else digest or self.envelope(number),
        }  # fmt: skip
        signature = self.signer.sign(canonical_json({"purpose": "gongyi envelope v1", **said}))
        return {**said, "nonce": "00" * 16, "signature": b64(signature), "withdrawn": withdrawn}

    def lines(self) -> tuple[list[str], list[str]]:
        """Of the envelopes in force, entries 0 to ``online``, each at version 2; and of those set aside."""
        tags = [ballots.entry_tag(round_id=self.round_id, entry_id=each) for each in self.entries]
        in_force = [
            ballots.leaf(ciphertext_hash=self.envelope(number), tag=tags[number], version=2)
            for number in range(self.online)
        ]
        aside = tags[self.online :]
        set_aside = [
            ballots.set_aside_line(tag=tag, version=3, on_paper=False) for tag in aside[: self.withdrawn]
        ]
        set_aside += [
            ballots.set_aside_line(tag=tag, version=2, on_paper=True)
            for tag in aside[self.withdrawn : self.withdrawn + self.on_paper]
        ]
        return sorted(in_force), sorted(set_aside)

    def opened(self) -> list[OpenedBallot]:
        """Ballots without names."""

        def ranking(number: int) -> tuple[int, ...]:
            return tuple((number * number + step) % 5 for step in range(1 + number % 3))

        def tracker(number: int) -> str:
            return base64.b32encode(hashlib.sha256(b"tracker %d" % number).digest()[:10]).decode()

        found = [OpenedBallot(tracker(number), ranking(number)) for number in range(self.online)]
        valid = self.sheets - self.void
        names = self.paper_names or [f"PAPER-{number}" for number in range(1, valid + 1)]
        found += [OpenedBallot(name, ranking(number)) for number, name in enumerate(names)]
        return ballots.in_tracker_order(found)

    def events(self, outcome_digest: str, inputs_digest: str, pb: str | None) -> list[Event]:
        """The whole life."""
        in_force, set_aside = self.lines()
        lines = self.opened()
        text = "\n".join(f"{line.tracker} {','.join(map(str, line.ranking))}" for line in lines)
        frozen_digest = sha256_hex(canonical_json(self.frozen))
        superseded = min(self.on_paper, 1) if self.paper == "paper_wins" else 0
        paper = {
            "batches": 1, "sheets": self.sheets, "valid": self.sheets - self.void, "void": {"unsigned": self.void},
        }  # fmt: skip
        hours = [
            (
                "hour",
                {"hour": f"2026-03-02T{hour}:00:00+08:00"}
                | ({"missed": True} if hour in self.missed else {"envelope_root": "0" * 64}),
            )
            for hour in self.hours
        ]
        life: list[Event] = [
            ("published", {"frozen_digest": frozen_digest}),
            ("opened", {"frozen_digest": frozen_digest, "roll_size": self.roll, "sealing_key": "AAAA"}),
            *hours,
            (
                "closed",
                {
                    "envelopes": len(in_force), "envelope_root": ballots.tree(in_force), "set_aside": len(set_aside),
                    "set_aside_root": ballots.tree(set_aside), "superseded_by_paper": superseded,
                    "roll_size": self.roll,
                },
            ),
            (
                "unsealed",
                {"ballots": len(lines), "level": "full", "ballots_digest": sha256_hex(text.encode())}
                | ({"paper": paper} if self.sheets else {}),
            ),
            (
                "result",
                {
                    "result_digest": outcome_digest, "inputs_digest": inputs_digest,
                    "ballots_pb_digest": None if pb is None else sha256_hex(pb.encode()),
                    "tie_seed": ballots.tree(in_force),
                },
            ),
            ("key_destroyed", {}),
            *self.extra,
        ]  # fmt: skip
        return [(kind, {**body, **self.changed.get(kind, {})}) for kind, body in life]

    def make(self) -> Files:
        """The files, as the service would publish them."""
        in_force, set_aside = self.lines()
        lines = self.opened()
        seed = ballots.tree(in_force)
        outcome = count(count_input(self.frozen, ballots=lines, seed=seed))
        names = {str(each["id"]): each for each in self.frozen["projects"]}
        pb = (
            None
            if self.aggregates
            else ballots_file.ballots_pb(frozen=self.frozen, outcome=outcome, lines=lines, names=names)
        )
        text = outcome.to_json()
        events = self.events(sha256_hex(text), outcome.inputs_digest, pb)
        return self.published(events, text=text.decode(), pb=pb, lines=(in_force, set_aside))

    def published(
        self, events: Sequence[Event], *, text: str, pb: str | None, lines: tuple[list[str], list[str]]
    ) -> Files:
        """The same with any events."""
        board, heads = self.board(events)
        in_force, set_aside = ("".join(f"{line}\n" for line in part) for part in lines)
        contents = bundle.Contents(
            round_id=self.round_id, frozen=canonical_json(self.frozen).decode(), outcome=text, ballots=pb,
            envelopes=in_force, set_aside=set_aside, board=board, heads=heads,
        )  # fmt: skip
        return bundle.files(contents, signer=self.signer)

    def board(self, events: Sequence[Event]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Signed entries and a head after each; the hour of an entry is over when it is made."""
        board: list[dict[str, Any]] = []
        heads: list[dict[str, Any]] = []
        leaves: list[bytes] = []
        at = OPENED
        for position, (kind, body) in enumerate(events, start=1):
            if kind == "hour":
                at = max(at, dt.datetime.fromisoformat(body["hour"]) + HOUR)
            leaf = ballots.board_statement(round_id=self.round_id, position=position, kind=kind, body=body)
            leaves.append(leaf)
            board.append(
                {"position": position, "kind": kind, "body": body, "signature": b64(self.signer.sign(leaf))}
            )
            root = merkle_root(leaves).hex()
            statement = ballots.head_statement(round_id=self.round_id, size=position, root=root, at=at)
            signature = b64(self.signer.sign(statement))
            heads.append(
                {"size": position, "root": root, "at": ballots.head_time(at), "signature": signature}
            )
        return board, heads


def forged(
    files: Mapping[str, bytes],
    signer: Signer,
    *,
    replace: Mapping[str, bytes] | None = None,
    events: Callable[[list[dict[str, Any]]], object] | None = None,
    heads: Callable[[list[dict[str, Any]]], object] | None = None,
) -> Files:
    """A bundle with other files, events or heads, for which whoever holds a signing key has signed everything."""
    made = {**files, **(replace or {})}
    made.pop("manifest.json", None)
    round_id = json.loads(files["frozen.json"])["round_id"]
    key = b64(signer.public_key)
    board = json.loads(made["board.json"])
    for entry in board["entries"]:
        body = entry["body"]
        if entry["kind"] == "result":
            body["result_digest"] = sha256_hex(made["result.json"])
            body["ballots_pb_digest"] = sha256_hex(made["ballots.pb"]) if "ballots.pb" in made else None
        if entry["kind"] in {"published", "opened"}:
            body["frozen_digest"] = sha256_hex(made["frozen.json"])
    if events is not None:
        events(board["entries"])
    leaves = []
    for entry in board["entries"]:
        leaf = canonical_json({
            "purpose": "gongyi board v1", "round_id": round_id, "position": entry["position"], "kind": entry["kind"],
            "body": entry["body"],
        })  # fmt: skip
        leaves.append(leaf)
        entry["signature"] = b64(signer.sign(leaf))
    signed = json.loads(made["heads.json"])["heads"]
    for head in signed:
        head["root"] = merkle_root(leaves[: head["size"]]).hex()
    if heads is not None:
        heads(signed)
    for head in signed:
        said = {name: head[name] for name in ("size", "root", "at")}
        statement = canonical_json({"purpose": "gongyi board head v1", "round_id": round_id, **said})
        head["signature"] = b64(signer.sign(statement))
    made["board.json"] = canonical_json({"signed_with": key, "entries": board["entries"]})
    made["heads.json"] = canonical_json({"signed_with": key, "heads": signed})
    return relisted(made, signer)


def relisted(files: Mapping[str, bytes], signer: Signer) -> Files:
    """The same files with a list of them that fits, signed; nothing else is made to fit."""
    made = {name: raw for name, raw in files.items() if name != "manifest.json"}
    statement = {
        "purpose": "gongyi bundle v1",
        "round_id": json.loads(files["frozen.json"])["round_id"],
        "signed_with": b64(signer.public_key),
        "files": {name: sha256_hex(raw) for name, raw in made.items()},
    }
    signature = b64(signer.sign(canonical_json(statement)))
    return made | {"manifest.json": canonical_json(statement | {"signature": signature})}


def unzipped(raw: bytes) -> Files:
    """The files of an archive."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
