"""Write frontend/shared/test/vectors.json: what the service signs, hashes and proves, and what its verifier answers.

The phone checks ballots with a program of its own (frontend/shared/src/evidence); its tests run over these. With
``--check``, say whether the file still is what the service would write today.
"""

import base64
import itertools
import json
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from app.ballots import rules
from app.ballots.rules import OpenedBallot
from app.core import merkle
from app.core.canonical import Plain, canonical_json
from app.core.signer import Signer, b64
from app.results.bundle import archive
from app.tally import verify
from tests.results.bundles import Files, Maker, forged

TARGET = Path(__file__).parent.parent / "frontend" / "shared" / "test" / "vectors.json"

Vectors = dict[str, Any]

SIZES = (0, 1, 2, 3, 4, 5, 7, 8, 9, 13)
TEXTS: tuple[Plain, ...] = (
    None, True, 0, -7, 2**53 - 1, "", "项目", 'a "quoted" \\ one', "\n\t\r\b\f\x00\x1f\x7f\u2028", "\U0001f3e0",
    [], [1, [2, {"a": None}]], {"b": 1, "a": {"d": [], "c": "x"}},
    {"\uffee": 1, "\U00010000": 2, "z": 3, "": 4},
)  # fmt: skip

#: Of the ballot that is followed from the phone to the public list.
SECRET, NONCE = "0f" * 16, "a5" * 16
#: Its number among the entries of the roll, and the positions it ranks.
MINE, RANKING = 4, (2, 0, 4)


@dataclass
class Round(Maker):
    """A round with one ballot whose tracker comes from a phone's secret, and one beside it with the same tracker."""

    twins: bool = False

    def opened(self) -> list[OpenedBallot]:
        """Ballots without names."""
        others = [each for each in super().opened() if not each.tracker.startswith("PAPER")]
        mine = OpenedBallot(self.tracker, RANKING)
        twin = [OpenedBallot(self.tracker, (1,))] if self.twins else []
        return rules.in_tracker_order([mine, *twin, *others[: self.online - 1 - len(twin)]])

    @property
    def tracker(self) -> str:
        """Of the ballot that is followed."""
        return rules.tracker(round_id=self.round_id, secret=bytes.fromhex(SECRET), nonce=bytes.fromhex(NONCE))


def vectors() -> Vectors:
    """All of them."""
    return {
        "canonical": [{"value": each, "bytes": canonical_json(each).hex()} for each in TEXTS],
        "merkle": [tree(size) for size in SIZES],
        "trackers": [tracker(number) for number in range(6)],
        "signatures": [signature(number) for number in range(4)],
        "tags": [tag(number) for number in range(3)],
        "fates": [fates(paper) for paper in ("none", "first_wins", "paper_wins", "online_wins")],
        "round": whole_round(),
    }


def tree(size: int) -> Vectors:
    """A list, its root, the proof of every entry, and of its growth from every earlier size."""
    leaves = [f"entry {number}".encode() for number in range(size)]
    return {
        "size": size,
        "root": merkle.merkle_root(leaves).hex(),
        "inclusion": [
            [each.hex() for each in merkle.inclusion_proof(leaves, index)] for index in range(size)
        ],
        "consistency": [
            {
                "earlier": earlier,
                "earlier_root": merkle.merkle_root(leaves[:earlier]).hex(),
                "path": [each.hex() for each in merkle.consistency_proof(leaves, earlier)],
            }
            for earlier in range(1, size + 1)
        ],
    }


def tracker(number: int) -> Vectors:
    """Of some round, with two halves."""
    round_id, secret, nonce = (
        uuid.uuid5(uuid.NAMESPACE_URL, f"round {number}"),
        bytes(16),
        bytes([number]) * 16,
    )
    text = rules.tracker(round_id=round_id, secret=secret, nonce=nonce)
    return {"round_id": str(round_id), "secret": secret.hex(), "nonce": nonce.hex(), "tracker": text}


def signature(number: int) -> Vectors:
    """Over messages of several lengths."""
    signer, message = Signer(bytes([number]) * 32), bytes(range(number * 50))
    return {"key": b64(signer.public_key), "message": message.hex(), "signature": b64(signer.sign(message))}


def tag(number: int) -> Vectors:
    """Of an entry of the roll."""
    round_id, entry_id = (uuid.uuid5(uuid.NAMESPACE_URL, f"{what} {number}") for what in ("round", "entry"))
    found = rules.entry_tag(round_id=round_id, entry_id=entry_id)
    return {"round_id": str(round_id), "entry_id": str(entry_id), "tag": found}


def fates(paper: str) -> Vectors:
    """Receipts of every kind of a round, and what the public verifier says of each."""
    signed_in = 2 if paper in verify.PAPER_SETS_ASIDE else 0
    made = Maker(online=6, withdrawn=2, on_paper=signed_in, paper=paper)
    bundle = verify.Bundle(made.make())
    in_force, set_aside = made.lines()
    answers = []
    numbers = [0, made.online, made.online + made.withdrawn, made.roll - 1]
    for number, version, withdrawn in itertools.product(numbers, (1, 2, 3), (False, True)):
        receipt = made.receipt(number, version=version, withdrawn=withdrawn)
        answers.append({"receipt": receipt, "answer": answer(bundle, receipt)})
    other = made.receipt(0, version=2, digest="ab" * 32)
    answers.append({"receipt": other, "answer": answer(bundle, other)})
    return {"paper": paper, "envelopes": in_force, "set_aside": set_aside, "answers": answers}


def answer(bundle: verify.Bundle, receipt: Vectors) -> str:
    """What `gongyi verify --receipt` says, in a word."""
    try:
        said = verify.find_receipt(bundle, receipt)
    except verify.Wrong as error:
        said = str(error)
    words = {
        "in the final set": "final",
        "superseded by version": "superseded",
        "superseded by paper": "paper",
        "withdrawn": "withdrawn",
        "unknown": "unknown",
    }
    return next(word for text, word in words.items() if said.startswith(f"receipt: {text}"))


def whole_round() -> Vectors:
    """A round from its first event to its bundle, with the receipt of one ballot and the proof that it was there."""
    made = Round(online=12, withdrawn=2)
    files = made.make()
    board = json.loads(files["board.json"])
    heads = [{"round_id": str(made.round_id), **each} for each in json.loads(files["heads.json"])["heads"]]
    events = [
        rules.board_statement(
            round_id=made.round_id, position=each["position"], kind=each["kind"], body=each["body"]
        )
        for each in board["entries"]
    ]
    receipt = made.receipt(MINE, version=2) | {"nonce": NONCE}
    leaves = [line.encode() for line in made.lines()[0]]
    index = next(at for at, line in enumerate(leaves) if line.startswith(receipt["envelope_hash"].encode()))
    earlier = 2
    return {
        "round_id": str(made.round_id),
        "paper": made.paper,
        "board": {**board, "head": heads[-1]},
        "heads": heads,
        "growth": {
            "earlier": earlier, "size": len(events), "earlier_root": merkle.merkle_root(events[:earlier]).hex(),
            "root": merkle.merkle_root(events).hex(),
            "path": [each.hex() for each in merkle.consistency_proof(events, earlier)],
        },
        "receipt": receipt | {"secret": SECRET, "signed_with": b64(made.signer.public_key)},
        "ranking": [made.frozen["projects"][at]["id"] for at in RANKING],
        "titles": {each["id"]: each["title"] for each in made.frozen["projects"]},
        "tracker": made.tracker,
        "inclusion": {
            "index": index, "size": len(leaves), "root": merkle.merkle_root(leaves).hex(),
            "leaf": leaves[index].decode(), "path": [each.hex() for each in merkle.inclusion_proof(leaves, index)],
        },
        "ballots_pb": files["ballots.pb"].decode(),
        "twins_pb": Round(online=12, twins=True).make()["ballots.pb"].decode(),
        "bundle": base64.b64encode(archive(files)).decode(),
        "lost": base64.b64encode(archive(without_mine(made, files, receipt))).decode(),
    }  # fmt: skip


def without_mine(made: Round, files: Files, receipt: Vectors) -> Files:
    """The same bundle, signed anew after the envelope of the receipt was taken out; the board is the one that was."""
    kept = [
        line for line in files["envelopes.txt"].decode().splitlines() if receipt["envelope_hash"] not in line
    ]
    replaced = {"envelopes.txt": "".join(f"{line}\n" for line in kept).encode()}
    return forged(files, made.signer, replace=replaced)


def rendered() -> str:
    """The file, one vector a line."""
    lines = []
    for name, found in vectors().items():
        items = (
            [json.dumps(each, ensure_ascii=False) for each in found]
            if isinstance(found, list)
            else [f"{json.dumps(key)}: {json.dumps(each, ensure_ascii=False)}" for key, each in found.items()]
        )
        first, last = "[]" if isinstance(found, list) else "{}"
        lines.append(f" {json.dumps(name)}: {first}\n  " + ",\n  ".join(items) + f"\n {last}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> int:
    """Write, or compare."""
    text = rendered()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, encoding="utf-8")
        print(f"wrote {TARGET.name}")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
        print("frontend/shared/test/vectors.json is what the service writes.")
        return 0
    print(
        "frontend/shared/test/vectors.json differs from the service; run: .venv/bin/python scripts/evidence_vectors.py",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
