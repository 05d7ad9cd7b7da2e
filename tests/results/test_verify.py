"""``verify``: the one file with which anybody recounts a public bundle, on bundles as the service publishes them."""

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ballots import rules as ballots
from app.core.canonical import canonical_json
from app.core.signer import Signer
from app.results.bundle import archive
from app.results.rules import count_input
from app.tally import count, verify
from app.tally.model import Completion, Fill, Points, Priority
from tests.callers import Callers
from tests.conftest import DEEP
from tests.results.bundles import Files, Maker, forged, relisted, unzipped
from tests.story import Story, ok

FILE = Path(verify.__file__)
SIGNER = Signer(b"\7" * 32)

RULES: Mapping[str, Mapping[str, Any]] = {
    "greedy": {"rule": "greedy", "skip": False, "part_percent": 20},
    "rank-mes": {"rule": "rank-mes"},
    "mes": {"rule": "mes", "completion": "add1", "comparison": True, "points": "approval"},
    "schulze": {"rule": "schulze"},
    "pb-ear": {"rule": "pb-ear", "unranked": "last", "priority": "purchase"},
}


@pytest.fixture
def finished(client: TestClient, callers: Callers, drain: Callable[[], int]) -> Callable[..., Files]:
    """A round as it is voted, counted and published; the files of its bundle, a receipt, and the bundle."""

    def run(**changes: Any) -> Files:
        story = Story(client, callers).with_residents(60)
        ids = story.published_projects([400_000, 500_000, 300_000, 200_000, 650_000])
        groups = {"exclusive_groups": [ids[1:3]]} if changes.pop("exclusive", False) else {}
        round_id = story.open_round(ids, **groups, **changes)
        receipts = []
        for number in range(55):
            at = number * number % 5
            ranking = [ids[at], ids[(at + 1 + number % 3) % 5]] if number % 4 else [ids[at]]
            receipts.append(ok(story.cast(round_id, story.resident(number), ranking)))
        receipts.append(ok(story.cast(round_id, story.resident(0), ids[:1])))
        path = f"/api/v1/rounds/{round_id}/my-ballot"
        receipts.append(ok(client.delete(path, headers=story.resident(1))))
        story.finish(round_id, drain)
        raw = client.get(f"/board/v1/rounds/{round_id}/bundle.zip").content
        return unzipped(raw) | {"receipts": json.dumps(receipts).encode(), "bundle.zip": raw}

    return run


def said_of(folder: Path, files: Mapping[str, bytes], *arguments: str) -> tuple[int, str]:
    """What the verifier says of files, in this process: exit code and output."""
    bundle = folder / "checked"
    shutil.rmtree(bundle, ignore_errors=True)
    bundle.mkdir()
    for name, raw in files.items():
        (bundle / name).write_bytes(raw)
    return said(str(bundle), *arguments)


def said(*arguments: str) -> tuple[int, str]:

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = verify.main(arguments)
    return code, out.getvalue()


def run_alone(*arguments: str, file: Path = FILE, cwd: Path | None = None) -> tuple[int, str]:
    """Run the file by itself, without this project and without anything that is installed."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(file), *arguments],
        capture_output=True, text=True, check=False, cwd=cwd,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


class TestPublished:
    @pytest.mark.parametrize("rule", RULES)
    def test_a_bundle_holds_and_names_the_ballot_of_a_tracker(
        self, finished: Callable[..., Files], tmp_path: Path, rule: str
    ) -> None:
        files = finished(exclusive=rule in {"greedy", "schulze"}, **RULES[rule])
        (tmp_path / "bundle.zip").write_bytes(files["bundle.zip"])
        receipts = json.loads(files["receipts"])
        (tmp_path / "receipt.json").write_text(json.dumps(receipts[2]))
        tracker = files["ballots.pb"].decode().strip().splitlines()[-1].split(";")[0]
        (tmp_path / "elsewhere").mkdir()
        alone = Path(shutil.copy(FILE, tmp_path / "elsewhere" / "check.py"))
        code, told = run_alone(
            str(tmp_path / "bundle.zip"), "--tracker", tracker.lower(), "--receipt", str(tmp_path / "receipt.json"),
            "--every-step", file=alone, cwd=tmp_path / "elsewhere",
        )  # fmt: skip
        assert code == 0, told
        assert told.strip().endswith("All facts hold.")
        assert f"counted again by {rule}" in told
        assert f"tracker {tracker}: 1. 项目" in told
        assert "receipt: in the final set: version 1 of this ballot was counted" in told
        assert "54 envelopes in force at closing, 1 set aside (0 for paper), of 60 on the roll" in told
        assert "9 files, each as it was signed" in told
        with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
            bundle.extractall(tmp_path / "bundle")
        assert said(str(tmp_path / "bundle"))[0] == 0
        (tmp_path / "bundle" / "notes.txt").write_text("not of the bundle")
        assert said(str(tmp_path / "bundle"))[0] == 0

    def test_receipts_are_answered(self, finished: Callable[..., Files], tmp_path: Path) -> None:
        files = finished()
        receipts = json.loads(files["receipts"])
        for receipt, expected in (
            (receipts[0], "receipt: superseded by version 2 of this ballot"),
            (receipts[-2], "receipt: in the final set: version 2"),
            (receipts[1], "receipt: withdrawn: version 2 took this ballot out of the box"),
            (receipts[-1], "receipt: withdrawn: version 2 took this ballot out of the box"),
        ):
            (tmp_path / "receipt.json").write_text(json.dumps(receipt))
            code, told = said_of(
                tmp_path, unzipped(files["bundle.zip"]), "--receipt", str(tmp_path / "receipt.json")
            )
            assert (code, expected in told) == (0, True), told

    def test_a_forged_count_is_found_even_if_it_is_signed_anew(
        self, finished: Callable[..., Files], tmp_path: Path
    ) -> None:
        """Whoever holds the signing key cannot publish another result for the same ballots."""
        files = unzipped(finished(rule="rank-mes")["bundle.zip"])
        assert said_of(tmp_path, forged(files, SIGNER))[0] == 0

        def result(change: Callable[[dict[str, Any]], object]) -> bytes:
            read = json.loads(files["result.json"])
            change(read)
            return canonical_json(read)

        def swap(read: dict[str, Any]) -> None:
            read["priority"][:2] = read["priority"][1::-1]

        forgeries = {
            "priority": result(swap),
            "shares": result(
                lambda read: read["completion"].update(
                    pot=read["completion"]["pot"] - read["completion"]["step"]
                )
            ),
            "project": result(
                lambda read: read["projects"][0].update(points=read["projects"][0]["points"] + 1)
            ),
            "spent": result(lambda read: read.update(spent=read["spent"] + 1)),
            "rule": result(lambda read: read.update(rule="greedy")),
        }
        for what, raw in forgeries.items():
            code, told = said_of(tmp_path, forged(files, SIGNER, replace={"result.json": raw}))
            assert code == 1, told
            assert f"WRONG  result.json: {what}" in told, told


class TestForgeries:
    """Everything signed by whoever holds the key, and still not true."""

    def test_it_holds_as_it_is_made(self, tmp_path: Path) -> None:
        for maker in (
            Maker(), Maker(hours=()), Maker(missed=("10",)), Maker(online=0, withdrawn=0), Maker(on_paper=3),
            Maker(on_paper=14, sheets=14, void=2),
            Maker(on_paper=3, sheets=3, paper_names=["A" * 16, "B" * 16, "C" * 16]),
            Maker(on_paper=13, sheets=12, paper="first_wins"), Maker(sheets=12, paper="online_wins"),
            Maker(paper="none"),
        ):  # fmt: skip
            files = maker.make()
            code, told = said_of(tmp_path, files)
            assert code == 0, told
            assert said_of(tmp_path, forged(files, SIGNER))[0] == 0
        assert "12 ballots, one for each envelope" in said_of(tmp_path, Maker().make())[1]
        _, told = said_of(tmp_path, Maker(on_paper=14, sheets=14, void=2).make())
        assert "24 ballots, one for each envelope, and 12 from paper (14 sheets, 2 void)" in told
        assert "3 hours of voting, one after the other, of which the service missed 1" in said_of(
            tmp_path, Maker(missed=("10",)).make()
        )[1]  # fmt: skip

    @pytest.mark.parametrize(
        ("maker", "told"),
        [
            (Maker(changed={"closed": {"envelopes": 13}}), "envelopes.txt: not what was there"),
            (Maker(changed={"closed": {"set_aside": 1}}), "set_aside.txt: not what was there"),
            (Maker(changed={"closed": {"set_aside_root": "0" * 64}}), "set_aside.txt: not what was there"),
            (Maker(changed={"closed": {"roll_size": 13}}), "envelopes.txt: more envelopes than people"),
            (Maker(on_paper=2, changed={"closed": {"superseded_by_paper": 3}}), "board.json: too many"),
            (Maker(on_paper=1, paper="none"), "set_aside.txt: envelopes set aside for paper"),
            (Maker(on_paper=1, paper="online_wins"), "set_aside.txt: envelopes set aside for paper"),
            (
                Maker(on_paper=2, paper="first_wins", changed={"closed": {"superseded_by_paper": 1}}),
                'board.json: ballots superseded by paper, which "first_wins" never does',
            ),
            (Maker(sheets=2, paper="none"), "there are more sheets of paper than entries"),
            (Maker(on_paper=2, sheets=3, paper="first_wins"), "there are more sheets of paper than entries"),
            (Maker(changed={"unsealed": {"ballots": 11}}), "ballots.pb: not one ballot for each"),
            (Maker(changed={"unsealed": {"ballots_digest": "0" * 64}}), "ballots.pb: not the ballots that were"),
            (Maker(on_paper=20, sheets=30, void=1), "there are more ballots than people on the roll"),
            (
                Maker(sheets=12, changed={"unsealed": {"paper": {"sheets": 13, "valid": 12, "void": {}}}}),
                "board.json: sheets of paper are neither valid nor void",
            ),
            (
                Maker(changed={"unsealed": {"paper": {"sheets": 1, "valid": 1, "void": {}}}}),
                "ballots.pb: not one ballot for each envelope and each valid sheet",
            ),
            (
                Maker(sheets=2, paper_names=["PAPER-1", "PAPER-3"]),
                "ballots.pb: the ballots from paper are not numbered",
            ),
            (Maker(sheets=2, paper_names=["PAPER-1", "A" * 16]), "ballots.pb: the ballots from paper"),
            (Maker(changed={"opened": {"frozen_digest": "0" * 64}}), "frozen.json: not what was opened"),
            (Maker(changed={"published": {"frozen_digest": "0" * 64}}), "frozen.json: not what was published"),
            (Maker(hours=("10", "09")), "board.json: the hour of event 4"),
            (Maker(hours=("09", "11")), "board.json: the hour of event 4"),
            (Maker(hours=("09", "09")), "board.json: the hour of event 4"),
            (Maker(hours=("08",)), "board.json: the hour of event 3"),
            (Maker(extra=[("opened", {})]), 'board.json: "opened" stands behind "key_destroyed"'),
            (
                Maker(extra=[("hour", {"hour": "2026-03-02T12:00:00+08:00"})]),
                'board.json: "hour" stands behind "key_destroyed"',
            ),
            (Maker(extra=[("key_destroyed", {})]), 'board.json: there are 2 events "key_destroyed"'),
        ],
        ids=lambda each: each[:40] if isinstance(each, str) else "",
    )  # fmt: skip
    def test_what_does_not_add_up(self, tmp_path: Path, maker: Maker, told: str) -> None:
        code, answer = said_of(tmp_path, maker.make())
        assert (code, f"WRONG  {told}" in answer) == (1, True), answer

    def test_events_that_a_later_service_adds_do_no_harm(self, tmp_path: Path) -> None:
        assert said_of(tmp_path, Maker(extra=[("archived", {}), ("void", {"reason": "x"})]).make())[0] == 0

    def test_envelopes_twice_or_out_of_order(self, tmp_path: Path) -> None:
        maker = Maker()
        files = maker.make()
        lines = files["envelopes.txt"].splitlines(keepends=True)
        twice = [*lines[:-1], b"f" * 64 + lines[0][64:]]
        for made, told in (
            ([*lines[1:], lines[0]], "envelopes.txt: not sorted"),
            (twice, "envelopes.txt: an entry of the roll stands twice"),
            (lines[1:], "envelopes.txt: not what was there"),
        ):

            def closed(entries: list[dict[str, Any]], made: list[bytes] = made) -> None:
                entry = next(each for each in entries if each["kind"] == "closed")
                root = verify.tree_root(line.rstrip(b"\n") for line in sorted(made)).hex()
                entry["body"]["envelope_root"] = root

            changed = forged(files, SIGNER, replace={"envelopes.txt": b"".join(made)}, events=closed)
            code, answer = said_of(tmp_path, changed)
            assert (code, f"WRONG  {told}" in answer) == (1, True), answer

    def test_heads(self, tmp_path: Path) -> None:
        files = Maker().make()

        def later(heads: list[dict[str, Any]]) -> None:
            heads[3]["at"] = "2026-03-02T01:00:00Z"

        for change, told in (
            (lambda heads: heads.pop(), "no head over all events"),
            (lambda heads: heads.clear(), "no head over all events"),
            (lambda heads: heads.reverse(), "head 8 is out of order"),
            (lambda heads: heads[2].update(size=99), "head 99 is out of order"),
            (lambda heads: heads[2].update(root="0" * 64), "head 3 is not over the events"),
            (later, "head 4 is out of order"),
        ):
            code, answer = said_of(tmp_path, forged(files, SIGNER, heads=change))
            assert (code, f"WRONG  heads.json: {told}" in answer) == (1, True), answer
        # an hour cannot be signed before it is over
        early = forged(files, SIGNER, heads=lambda heads: [each.update(at=heads[0]["at"]) for each in heads])
        code, answer = said_of(tmp_path, early)
        assert (code, "WRONG  board.json: the hour of event 3" in answer) == (1, True), answer
        # boards that are older than heads have fewer of them
        assert (
            said_of(tmp_path, forged(files, SIGNER, heads=lambda heads: heads.__delitem__(slice(0, 5))))[0]
            == 0
        )

    def test_signatures_of_another_key(self, tmp_path: Path) -> None:
        files, others = Maker().make(), Maker(signer=Signer(b"\1" * 32)).make()
        for name in ("board.json", "heads.json"):
            code, answer = said_of(tmp_path, relisted(files | {name: others[name]}, SIGNER))
            assert (code, f"WRONG  {name}: signed with another key" in answer) == (1, True), answer
        code, answer = said_of(tmp_path, files | {"manifest.json": others["manifest.json"]})
        assert code == 1, answer
        board, heads = (json.loads(files[f"{name}.json"]) for name in ("board", "heads"))
        board["entries"][1]["body"]["roll_size"] = 41
        code, answer = said_of(tmp_path, relisted(files | {"board.json": canonical_json(board)}, SIGNER))
        assert "WRONG  board.json: the signature of event 2 (opened)" in answer
        heads["heads"][1]["at"] = "2026-03-02T01:30:01Z"
        code, answer = said_of(tmp_path, relisted(files | {"heads.json": canonical_json(heads)}, SIGNER))
        assert "WRONG  heads.json: the signature of head 2" in answer
        other = Maker(round_id=uuid.UUID(int=78)).make()
        code, answer = said_of(tmp_path, relisted(files, SIGNER) | {"manifest.json": other["manifest.json"]})
        assert code == 1, answer


def counted_otherwise(maker: Maker, *, leave_out: Sequence[str] = (), **spec: Any) -> Files:
    """A bundle whose ballots whoever holds the key has counted by other settings than were frozen."""
    given = count_input(maker.frozen, ballots=maker.opened(), seed=ballots.tree(maker.lines()[0]))
    outcome = count(replace(given, spec=replace(given.spec, **spec))).to_dict()
    shown = cast(dict[str, Any], outcome["parameters"])
    outcome["parameters"] = {name: value for name, value in shown.items() if name not in leave_out}
    return forged(maker.make(), SIGNER, replace={"result.json": canonical_json(outcome)})


class TestSettings:
    """What was frozen decides how ballots are counted, whatever a result names as its settings."""

    MES: ClassVar[dict[str, Any]] = {"rule": "mes", "completion": "add1", "points": "approval"}

    @pytest.mark.parametrize(
        ("frozen", "otherwise"),
        [
            ({"budget_fen": 600_000, "skip": False}, {"skip": True}),
            ({"threshold": 15}, {"threshold": None}),
            ({"budget_fen": 600_000, "part_percent": 10}, {"part_percent": None}),
            ({"points": "approval"}, {"points": Points.FIXED_K}),
            ({"rule": "rank-mes", "fill": "k-borda"}, {"fill": Fill.NONE}),
            ({"rule": "rank-mes", "completion": "add1"}, {"completion": Completion.NONE}),
            ({"rule": "rank-mes", "priority": "purchase"}, {"priority": Priority.SUPPORT}),
        ],
        ids=" ".join,
    )
    def test_a_setting_that_is_not_named_is_as_frozen(
        self, tmp_path: Path, frozen: Mapping[str, Any], otherwise: Mapping[str, Any]
    ) -> None:
        maker = Maker(settings=frozen)
        assert said_of(tmp_path, counted_otherwise(maker, leave_out=[*otherwise]))[0] == 0
        for leave_out in ([], [*otherwise]):
            code, answer = said_of(tmp_path, counted_otherwise(maker, leave_out=leave_out, **otherwise))
            assert (code, "WRONG  result.json: " in answer) == (1, True), answer

    def test_shares_rise_from_where_they_do_in_every_round(self, tmp_path: Path) -> None:
        """``share_unit`` is of elections elsewhere; with it one could choose among outcomes."""
        maker = Maker(settings=self.MES)
        code, answer = said_of(tmp_path, counted_otherwise(maker, share_unit=20_000))
        assert (code, "WRONG  result.json: share_unit is 20000, not 0" in answer) == (1, True), answer
        hidden = counted_otherwise(maker, leave_out=["share_unit"], share_unit=20_000)
        code, answer = said_of(tmp_path, hidden)
        assert (code, "WRONG  result.json: shares cannot be raised" in answer) == (1, True), answer

    @pytest.mark.parametrize(
        ("name", "value"),
        [("seed", "0" * 64), ("ties", "row"), ("until", "exhaustive"), ("budget", 1), ("luck", None)],
    )
    def test_a_setting_that_is_named_is_the_one_in_force(
        self, tmp_path: Path, name: str, value: object
    ) -> None:
        maker = Maker()
        result = json.loads(maker.make()["result.json"])
        result["parameters"][name] = value
        changed = forged(maker.make(), SIGNER, replace={"result.json": canonical_json(result)})
        code, answer = said_of(tmp_path, changed)
        assert (code, f"WRONG  result.json: {name} is " in answer) == (1, True), answer


class TestAmounts:
    PART: ClassVar[dict[str, Any]] = {"budget_fen": 650_000, "part_percent": 10}

    @pytest.mark.parametrize(
        "frozen",
        [
            PART,
            {"rule": "mes", "points": "approval", "fill": "k-borda", "comparison": True} | PART,
            {"rule": "mes", "points": "approval", "comparison": True},
        ],
        ids=["greedy", "mes with a fill", "mes"],
    )
    def test_what_each_project_gets_is_counted_again(self, tmp_path: Path, frozen: Mapping[str, Any]) -> None:
        files = Maker(settings=frozen).make()
        assert said_of(tmp_path, files)[0] == 0
        for at in range(5):
            result = json.loads(files["result.json"])
            result["projects"][at]["paid"] += 1
            code, answer = said_of(
                tmp_path, forged(files, SIGNER, replace={"result.json": canonical_json(result)})
            )
            wrong = f"WRONG  result.json: project {result['projects'][at]['id']}: counted "
            assert (code, wrong in answer) == (1, True), answer

    def test_a_last_project_in_part_gets_what_was_left(self, tmp_path: Path) -> None:
        files = Maker(settings=self.PART).make()
        result = json.loads(files["result.json"])
        in_part = [each for each in result["projects"] if 0 < each["paid"] < each["cost"]]
        assert len(in_part) == 1
        in_part[0]["paid"] = in_part[0]["cost"]  # and the sum is left as it was
        code, answer = said_of(
            tmp_path, forged(files, SIGNER, replace={"result.json": canonical_json(result)})
        )
        assert (code, f"project {in_part[0]['id']}: counted " in answer) == (1, True), answer

    def test_every_project_of_the_list_is_there_in_its_order(self, tmp_path: Path) -> None:
        files = Maker().make()
        listed = json.loads(files["result.json"])["projects"]
        for projects in (
            [],
            listed[:-1],
            listed[1:],
            [*listed, listed[0]],
            listed[::-1],
            [*listed[:4], listed[0]],
        ):
            result = json.loads(files["result.json"]) | {"projects": projects}
            code, answer = said_of(
                tmp_path, forged(files, SIGNER, replace={"result.json": canonical_json(result)})
            )
            assert (code, "WRONG  result.json: projects are not those of the list" in answer) == (1, True), (
                answer
            )


class TestReceipt:
    @pytest.mark.parametrize(
        ("number", "version", "told"),
        [
            (0, 2, "receipt: in the final set: version 2 of this ballot was counted"),
            (0, 1, "receipt: superseded by version 2"),
            (13, 2, "receipt: withdrawn: version 3"),
            (14, 1, "receipt: superseded by paper"),
            (14, 2, "receipt: superseded by paper"),
        ],
    )
    def test_one_of_four_answers(self, tmp_path: Path, number: int, version: int, told: str) -> None:
        maker = Maker(on_paper=2)
        (tmp_path / "receipt.json").write_text(json.dumps(maker.receipt(number, version=version)))
        code, answer = said_of(tmp_path, maker.make(), "--receipt", str(tmp_path / "receipt.json"))
        assert (code, told in answer) == (0, True), answer
        assert answer.count("receipt:") == 1

    @pytest.mark.parametrize(
        ("number", "version", "digest"),
        [
            (0, 3, None),  # an older version is in the box than the one that was taken
            (0, 2, "a" * 64),  # the same version with something else inside
            (13, 3, None),  # withdrawn, but this version was a ballot
            (14, 3, None),
            (30, 1, None),  # never heard of
        ],
    )
    def test_or_unknown_which_is_evidence(
        self, tmp_path: Path, number: int, version: int, digest: str | None
    ) -> None:
        maker = Maker(on_paper=2)
        receipt = maker.receipt(number, version=version, digest=digest)
        (tmp_path / "receipt.json").write_text(json.dumps(receipt))
        code, answer = said_of(tmp_path, maker.make(), "--receipt", str(tmp_path / "receipt.json"))
        assert code == 1, answer
        assert "WRONG  receipt: unknown" in answer
        assert "This receipt is evidence" in answer

    @pytest.mark.parametrize(
        ("policy", "said", "code"),
        [
            ("paper_wins", {"version": 2}, 0),  # the sheet took the place of version 2
            ("first_wins", {"version": 2}, 1),  # nobody with a ballot in force gets a sheet
            ("first_wins", {"version": 2, "withdrawn": True}, 0),  # it was withdrawn before
            ("first_wins", {"version": 1}, 0),
        ],
    )
    def test_paper_takes_the_place_of_a_ballot_in_force_only_where_it_wins(
        self, tmp_path: Path, policy: str, said: Mapping[str, Any], code: int
    ) -> None:
        maker = Maker(on_paper=2, paper=policy)
        receipt = maker.receipt(14, **said)
        (tmp_path / "receipt.json").write_text(json.dumps(receipt))
        found, answer = said_of(tmp_path, maker.make(), "--receipt", str(tmp_path / "receipt.json"))
        told = "WRONG  receipt: unknown" if code else "receipt: superseded by paper"
        assert (found, told in answer) == (code, True), answer

    @pytest.mark.parametrize(
        ("number", "version", "code", "told"),
        [
            (13, 3, 0, "receipt: withdrawn: version 3"),
            (0, 1, 0, "receipt: superseded by version 2"),
            (14, 2, 0, "receipt: superseded by paper"),
            (0, 3, 1, "receipt: unknown"),  # withdrawn, and counted all the same
            (30, 2, 1, "This receipt is evidence"),
        ],
    )
    def test_of_a_withdrawal(self, tmp_path: Path, number: int, version: int, code: int, told: str) -> None:
        maker = Maker(on_paper=2)
        receipt = maker.receipt(number, version=version, withdrawn=True)
        (tmp_path / "receipt.json").write_text(json.dumps(receipt))
        found, answer = said_of(tmp_path, maker.make(), "--receipt", str(tmp_path / "receipt.json"))
        assert (found, told in answer) == (code, True), answer
        (tmp_path / "receipt.json").write_text(json.dumps(receipt | {"signature": None}))
        found, answer = said_of(tmp_path, maker.make(), "--receipt", str(tmp_path / "receipt.json"))
        assert (found, "was not signed" in answer) == (1, True), answer

    def test_of_another_round_or_service(self, tmp_path: Path) -> None:
        maker = Maker()
        receipt = maker.receipt(0, version=2)
        for changes, expected in (
            ({"version": 1}, "was not signed"),
            ({"round_id": "00000000-0000-0000-0000-00000000004e"}, "of another round"),
            ({"signature": "AAAA"}, "was not signed"),
            ({"signature": receipt["signature"].replace("=", "")}, "was not signed"),
        ):
            (tmp_path / "receipt.json").write_text(json.dumps(receipt | changes))
            code, answer = said_of(tmp_path, maker.make(), "--receipt", str(tmp_path / "receipt.json"))
            assert (code, expected in answer) == (1, True), answer

    def test_what_is_no_receipt(self, tmp_path: Path) -> None:
        files, receipt = Maker().make(), Maker().receipt(0)
        for raw in ("", "{", "[]", "{}", "null", json.dumps(receipt | {"entry_id": "x"}),
                    json.dumps(receipt | {"version": "x"})):  # fmt: skip
            (tmp_path / "receipt.json").write_text(raw)
            code, answer = said_of(tmp_path, files, "--receipt", str(tmp_path / "receipt.json"))
            assert (code, "could not be checked: " in answer) == (2, True), answer
        assert said_of(tmp_path, files, "--receipt", str(tmp_path / "none.json"))[0] == 2

    def test_it_is_answered_where_only_aggregates_are_published(self, tmp_path: Path) -> None:
        maker = Maker(aggregates=True)
        files = maker.make()
        assert "ballots.pb" not in files
        code, answer = said_of(tmp_path, files)
        assert (code, "aggregates only" in answer.splitlines()[-1]) == (2, True), answer
        for receipt, expected in ((maker.receipt(0, version=2), 2), (maker.receipt(30), 1)):
            (tmp_path / "receipt.json").write_text(json.dumps(receipt))
            code, answer = said_of(
                tmp_path, files, "--receipt", str(tmp_path / "receipt.json"), "--tracker", "AA"
            )
            assert code == expected, answer
            assert "receipt: " in answer


class TestTracker:
    def test_a_line_by_its_code(self, tmp_path: Path) -> None:
        maker = Maker(on_paper=12, sheets=12)
        files = maker.make()
        code, answer = said_of(tmp_path, files, "--tracker", "paper-12")
        assert (code, "tracker PAPER-12: 1. 项目" in answer) == (0, True), answer
        for wanted in ("A" * 16, "PAPER", "PAPER-13", ".*", ""):
            code, answer = said_of(tmp_path, files, "--tracker", wanted)
            assert (code, "no line for the tracker" in answer) == ((0, False) if not wanted else (1, True)), (
                answer
            )

    def test_equal_codes_show_every_line(self, tmp_path: Path) -> None:
        maker = Maker(on_paper=2, sheets=2, paper_names=["B" * 16, "B" * 16])
        code, answer = said_of(tmp_path, maker.make(), "--tracker", "bbbb bbbb bbbb bbbb")
        assert code == 0, answer
        assert f"tracker {'B' * 16}: 1. " in answer
        assert " / 1. " in answer


class TestUnreadable:
    def test_it_is_said_in_one_line(self, tmp_path: Path) -> None:
        files = Maker().make()
        newer = canonical_json(json.loads(files["result.json"]) | {"version": "99"})
        less = {name: raw for name, raw in files.items() if name != "set_aside.txt"}
        for made, told in (
            (forged(files, SIGNER, replace={"result.json": newer}), "version 99 of the rules"),
            (relisted(less, SIGNER), "has no set_aside.txt"),
            ({name: raw for name, raw in files.items() if name != "manifest.json"}, "has no manifest.json"),
            ({}, "has no manifest.json"),
            (files | {"manifest.json": b"{"}, "manifest.json is no JSON"),
            (files | {"manifest.json": b"[]"}, "manifest.json is not as it should be"),
            (files | {"manifest.json": b"{}"}, "manifest.json is not as it should be"),
            (relisted(files | {"board.json": b'{"signed_with":1}'}, SIGNER), "KeyError: 'entries'"),
            (relisted(files | {"heads.json": b"{"}, SIGNER), "heads.json is no JSON"),
        ):
            code, answer = said_of(tmp_path, made)
            assert (code, told in answer) == (2, True), answer
            assert answer.splitlines()[-1].startswith("could not be checked: ")
        garbage = tmp_path / "garbage.zip"
        whole = archive(files)
        for raw in (
            b"",
            b"PK\3\4 no zip",
            whole[:-40],
            whole[:2000],
            whole + b"\0",
            b"\0" + whole,
            whole * 2,
        ):
            garbage.write_bytes(raw)
            code, answer = run_alone(str(garbage))
            assert (code, str(garbage) in answer) == (2, True), answer
        assert run_alone(str(tmp_path / "nowhere.zip"))[0] == 2

    def test_an_archive_of_another_program_is_to_be_unpacked(self, tmp_path: Path) -> None:
        files = Maker().make()
        with zipfile.ZipFile(tmp_path / "again.zip", "w", zipfile.ZIP_DEFLATED) as again:
            for name, raw in files.items():
                again.writestr(name, raw)
        code, answer = said(str(tmp_path / "again.zip"))
        assert (code, "check the folder" in answer) == (2, True), answer
        assert said_of(tmp_path, files)[0] == 0

    def test_an_archive_that_is_too_large_is_cut_and_read_no_further(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "bundle.zip").write_bytes(archive(Maker().make()))
        monkeypatch.setattr(verify, "LARGEST_BYTES", 10_000)
        assert said(str(tmp_path / "bundle.zip"))[0] == 2


class TestEveryByte:
    """Whatever byte of whatever file is another one, the file is named."""

    files = Maker(on_paper=13, sheets=13, void=1, missed=("10",)).make()

    @staticmethod
    def check(name: str, at: int, change: int) -> None:
        raw = bytearray(TestEveryByte.files[name])
        raw[at] ^= change
        bundle = TestEveryByte.files | {name: bytes(raw)}
        with pytest.raises((verify.Wrong, verify.Unreadable), match=name):
            for _ in verify.check(verify.Bundle(bundle)):
                pass

    @settings(max_examples=2000 if DEEP else 150)
    @given(st.data())
    def test_of_a_file(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.files)))
        at = data.draw(st.integers(0, len(self.files[name]) - 1))
        self.check(name, at, data.draw(st.integers(1, 255)))

    @pytest.mark.deep
    @pytest.mark.parametrize("name", sorted(files))
    def test_each_of_a_file(self, name: str) -> None:
        for at in range(len(self.files[name])):
            for change in (1, 0x20, 0x80):
                self.check(name, at, change)

    def test_one_more_or_one_less(self) -> None:
        for name, raw in self.files.items():
            for changed in (raw[:-1], raw + b"\n", raw[1:], b" " + raw, b""):
                with pytest.raises((verify.Wrong, verify.Unreadable), match=name):
                    for _ in verify.check(verify.Bundle(self.files | {name: changed})):
                        pass

    @pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.deep), 37])
    def test_of_the_archive(self, step: int) -> None:
        whole = archive(self.files)
        assert verify.unpack(whole) == self.files
        places = self.places(whole)
        for at in range(0, len(whole), step):
            for change in (1, 0x80, 0xFF) if step == 1 else (1 << at % 8,):
                raw = bytearray(whole)
                raw[at] ^= change
                with pytest.raises(verify.Unreadable, match=places.get(at, "not as the service makes it")):
                    verify.unpack(bytes(raw))

    def places(self, whole: bytes) -> dict[int, str]:
        """To which file a byte of the archive belongs; one of a header can make any place wrong."""
        found: dict[int, str] = {}
        for name, raw in self.files.items():
            begin = whole.index(name.encode() + raw) + len(name)
            found |= dict.fromkeys(range(begin, begin + len(raw)), f"in {re.escape(name)}")
        return found


def test_it_needs_nothing_but_python() -> None:
    import ast

    names = {
        (each.module if isinstance(each, ast.ImportFrom) else each.names[0].name) or ""
        for each in ast.walk(ast.parse(FILE.read_text(encoding="utf-8")))
        if isinstance(each, (ast.Import, ast.ImportFrom))
    }
    assert names
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
