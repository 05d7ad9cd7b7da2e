"""``verify``: the one file with which anybody recounts a public bundle, on bundles as the service publishes them."""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.signer import Signer, verifies
from app.results.bundle import archive
from app.tally import verify
from tests.callers import Callers
from tests.story import Story, ok

FILE = Path(verify.__file__)

#: RFC 8032, section 7.1: public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        ("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
        "be24655141438e7a100b"),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        ("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
        "2aeeb00d291612bb0c00"),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        ("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716e"
        "d28dc027beceea1ec40a"),
    ),
]  # fmt: skip


class TestSignatures:
    @pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
    def test_the_vectors_of_the_standard(self, key: str, message: str, signature: str) -> None:
        parts = [bytes.fromhex(each) for each in (key, signature, message)]
        assert verify.signed(*parts)
        for part in (0, 1):
            for at in range(0, len(parts[part]), 7):
                changed = bytearray(parts[part])
                changed[at] ^= 1
                assert not verify.signed(
                    *[bytes(changed) if part == each else parts[each] for each in range(3)]
                )

    @settings(max_examples=30)
    @given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.binary(min_size=64, max_size=64))
    def test_says_what_the_library_says(self, seed: bytes, message: bytes, other: bytes) -> None:
        signer = Signer(seed)
        signature = signer.sign(message)
        assert verify.signed(signer.public_key, signature, message)
        for wrong in (other, signature[:32] + other[32:], signature[:63]):
            assert verify.signed(signer.public_key, wrong, message) == verifies(
                signer.public_key, wrong, message
            )
        assert verify.signed(other[:32], signature, message) == verifies(other[:32], signature, message)


Files = dict[str, bytes]


RULES: Mapping[str, Mapping[str, Any]] = {
    "greedy": {"rule": "greedy", "skip": False, "part_percent": 20},
    "rank-mes": {"rule": "rank-mes"},
    "mes": {"rule": "mes", "completion": "add1", "comparison": True, "points": "approval"},
    "schulze": {"rule": "schulze"},
    "pb-ear": {"rule": "pb-ear", "unranked": "last", "priority": "purchase"},
}


@pytest.fixture
def finished(client: TestClient, callers: Callers, drain: Callable[[], int]) -> Callable[..., Files]:
    def run(**changes: Any) -> Files:
        story = Story(client, callers).with_residents(60)
        ids = story.published_projects([400_000, 500_000, 300_000, 200_000, 650_000])
        groups = {"exclusive_groups": [ids[1:3]]} if changes.pop("exclusive", False) else {}
        round_id = story.open_round(ids, **groups, **changes)
        for number in range(55):
            at = number * number % 5
            ranking = [ids[at], ids[(at + 1 + number % 3) % 5]] if number % 4 else [ids[at]]
            receipt = ok(story.cast(round_id, story.resident(number), ranking))
        story.finish(round_id, drain)
        raw = client.get(f"/board/v1/rounds/{round_id}/bundle.zip").content
        with zipfile.ZipFile(io.BytesIO(raw)) as bundle:
            files = {name: bundle.read(name) for name in bundle.namelist()}
        return files | {"receipt.json": json.dumps(receipt).encode(), "bundle.zip": raw}

    return run


def verified(path: Path, files: Mapping[str, bytes], *arguments: str) -> tuple[int, str]:
    """Run the file by itself on a bundle: exit code and output."""
    bundle = path / "bundle.zip"
    bundle.write_bytes(
        archive({name: raw for name, raw in files.items() if "." in name and name in PUBLISHED})
    )
    return run_alone(str(bundle), *arguments)


PUBLISHED = ("frozen.json", "result.json", "envelopes.txt", "board.json", "ballots.pb", "README.txt")


def run_alone(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(FILE), *arguments], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.mark.parametrize("rule", RULES)
def test_a_published_bundle_holds_and_names_the_ballot_of_a_tracker(
    finished: Callable[..., Files], tmp_path: Path, rule: str
) -> None:
    files = finished(exclusive=rule in {"greedy", "schulze"}, **RULES[rule])
    (tmp_path / "bundle").mkdir()
    for name in PUBLISHED:
        (tmp_path / "bundle" / name).write_bytes(files[name])
    (tmp_path / "receipt.json").write_bytes(files["receipt.json"])
    tracker = files["ballots.pb"].decode().strip().splitlines()[-1].split(";")[0]
    alone = tmp_path / "elsewhere.py"
    shutil.copy(FILE, alone)
    done = subprocess.run(
        [sys.executable, "-I", str(alone), str(tmp_path / "bundle"), "--tracker", tracker.lower(),
         "--receipt", str(tmp_path / "receipt.json"), "--every-step"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().endswith("All facts hold.")
    assert f"counted again by {rule}" in done.stdout
    assert f"tracker {tracker}: 1. 项目" in done.stdout
    assert "receipt: version 1 of the ballot was counted" in done.stdout
    assert verified(tmp_path, files)[0] == 0


def test_whatever_is_changed_is_named(finished: Callable[..., Files], tmp_path: Path) -> None:
    files = finished(rule="rank-mes")

    def edited(name: str, old: str, new: str) -> Files:
        text = files[name].decode()
        assert text.count(old) >= 1, (name, old)
        return files | {name: text.replace(old, new, 1).encode()}

    votes = files["ballots.pb"].decode().splitlines()
    other = next(vote for vote in reversed(votes) if vote.split(";")[1] != votes[-1].split(";")[1])
    swapped = votes[-1].replace(votes[-1].split(";")[1], other.split(";")[1])
    changed: list[tuple[str, Files]] = [
        ("ballots.pb", files | {"ballots.pb": "\n".join([*votes[:-1], swapped, ""]).encode()}),
        ("ballots.pb", files | {"ballots.pb": "\n".join([*votes[:-1], ""]).encode()}),
        ("result.json", edited("result.json", '"funded":true', '"funded":false')),
        ("result.json", edited("result.json", '"pot":', '"pot":1')),
        ("frozen.json", edited("frozen.json", '"cost_fen":400000', '"cost_fen":400001')),
        ("envelopes.txt", files | {"envelopes.txt": files["envelopes.txt"][65:]}),
        ("signature of event", edited("board.json", '"roll_size":60', '"roll_size":61')),
    ]
    for name, forged in changed:
        code, said = verified(tmp_path, forged)
        assert code == 1, (name, said)
        assert f"WRONG  {name}" in said or f"WRONG  board.json: the {name}" in said, said


def test_a_forged_count_is_found_even_if_it_is_signed_anew(
    finished: Callable[..., Files], tmp_path: Path, signing: Signer
) -> None:
    """Whoever holds the signing key cannot publish another result for the same ballots."""
    files = finished(rule="rank-mes")
    result = json.loads(files["result.json"])
    forgeries = []
    swapped = json.loads(files["result.json"])
    swapped["priority"][:2] = swapped["priority"][1::-1]
    forgeries.append(("priority", swapped))
    pot = json.loads(files["result.json"])
    pot["completion"]["pot"] -= pot["completion"]["step"]
    forgeries.append(("shares", pot))
    points = json.loads(files["result.json"])
    points["projects"][0]["points"] += 1
    forgeries.append(("project", points))
    spent = result | {"spent": result["spent"] + 1}
    forgeries.append(("spent", spent))
    rule = json.loads(files["result.json"])
    rule["rule"] = "greedy"
    forgeries.append(("rule", rule))
    for what, forged in forgeries:
        raw = verify.canonical(forged)
        board = json.loads(files["board.json"])
        for entry in board["entries"]:
            if entry["kind"] == "result":
                entry["body"]["result_digest"] = verify.sha256(raw)
        code, said = verified(
            tmp_path, files | {"result.json": raw, "board.json": resigned(board, files, signing)}
        )
        assert code == 1, said
        assert f"WRONG  result.json: {what}" in said, said


@pytest.fixture
def signing() -> Signer:
    return Signer(b"\7" * 32)


def resigned(board: dict[str, Any], files: Files, signer: Signer) -> bytes:
    """The board with every event signed by another key, which it names."""
    import base64

    round_id = json.loads(files["frozen.json"])["round_id"]
    board["signed_with"] = base64.b64encode(signer.public_key).decode()
    for entry in board["entries"]:
        statement = {
            "purpose": "gongyi board v1", "round_id": round_id, "position": entry["position"],
            "kind": entry["kind"], "body": entry["body"],
        }  # fmt: skip
        entry["signature"] = base64.b64encode(signer.sign(verify.canonical(statement))).decode()
    return verify.canonical(board)


def test_another_tracker_or_receipt_is_not_found(finished: Callable[..., Files], tmp_path: Path) -> None:
    files = finished()
    code, said = verified(tmp_path, files, "--tracker", "A" * 16)
    assert (code, "no line for the tracker" in said) == (1, True)
    receipt = json.loads(files["receipt.json"])
    for name, value, expected in (
        ("version", 2, "was not signed"),
        ("round_id", "0" * 36, "another round"),
        ("signature", "AAAA", "was not signed"),
    ):
        (tmp_path / "receipt.json").write_text(json.dumps(receipt | {name: value}))
        code, said = verified(tmp_path, files, "--receipt", str(tmp_path / "receipt.json"))
        assert (code, expected in said) == (1, True), said


def test_what_cannot_be_read_is_said_in_one_line(finished: Callable[..., Files], tmp_path: Path) -> None:
    files = finished()
    empty = {name: files[name] for name in PUBLISHED if name != "result.json"}
    aggregates = {name: raw for name, raw in files.items() if name != "ballots.pb"}
    board = json.loads(files["board.json"])
    for entry in board["entries"]:
        if entry["kind"] == "result":
            entry["body"]["ballots_pb_digest"] = None
    aggregates["board.json"] = resigned(board, files, Signer(b"\1" * 32))
    newer = verify.canonical(json.loads(files["result.json"]) | {"version": "99"})
    other = json.loads(files["board.json"])
    for entry in other["entries"]:
        if entry["kind"] == "result":
            entry["body"]["result_digest"] = verify.sha256(newer)
    later = files | {"result.json": newer, "board.json": resigned(other, files, Signer(b"\1" * 32))}
    for made in (
        later,
        empty,
        aggregates,
        files | {"result.json": b"{"},
        files | {"board.json": b'{"signed_with": 1}'},
    ):
        code, said = verified(tmp_path, made)
        assert code == 2, said
        assert said.splitlines()[-1].startswith("could not be checked: ")
    garbage = tmp_path / "garbage.zip"
    for raw in (b"", b"PK\3\4 no zip", files["bundle.zip"][:-40], files["bundle.zip"][:2000]):
        garbage.write_bytes(raw)
        assert run_alone(str(garbage))[0] == 2
    assert run_alone(str(tmp_path / "nowhere.zip"))[0] == 2


def test_it_needs_nothing_but_python() -> None:
    import ast

    names = {
        (each.module if isinstance(each, ast.ImportFrom) else each.names[0].name) or ""
        for each in ast.walk(ast.parse(FILE.read_text(encoding="utf-8")))
        if isinstance(each, (ast.Import, ast.ImportFrom))
    }
    assert names
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
