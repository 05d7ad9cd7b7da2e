"""The board as a log: what stands on it, what is signed about it, and what anybody can prove."""

import base64
import datetime as dt
import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.ballots import board_tasks, rules
from app.ballots import service as ballots
from app.ballots.service.contents import contents
from app.core import clock
from app.core.canonical import canonical_json
from app.core.db import Database
from app.core.signer import verifies
from app.core.zone import BEIJING
from app.wiring import Wiring
from tests.callers import Callers
from tests.story import Story, ok, refused

#: Half past nine in the morning in Beijing.
START = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    clock.set_frozen(START)
    return Story(client, callers).with_residents(5)


def later(story: Story, minutes: int) -> None:
    """So many minutes after `START`; staff sign in again."""
    clock.set_frozen(START + minutes * MINUTE)
    story.__post_init__()


@pytest.fixture
def projects(story: Story) -> list[str]:
    return story.published_projects([300_000, 400_000, 500_000])


def board(story: Story, round_id: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(story.client.get(f"/board/v1/rounds/{round_id}"))
    return found


def kinds(story: Story, round_id: str) -> list[str]:
    return [entry["kind"] for entry in board(story, round_id)["entries"]]


def leaves(round_id: str, entries: Sequence[dict[str, Any]]) -> list[bytes]:
    """The entries as docs/api.md says that they stand in the tree."""
    return [
        canonical_json({
            "purpose": "gongyi board v1", "round_id": round_id, "position": entry["position"], "kind": entry["kind"],
            "body": entry["body"],
        })
        for entry in entries
    ]  # fmt: skip


def root_of(entries: Sequence[bytes]) -> str:
    """RFC 6962, section 2.1, as it is written."""

    def node(part: Sequence[bytes]) -> bytes:
        if len(part) == 1:
            return hashlib.sha256(b"\0" + part[0]).digest()
        half = 1
        while half * 2 < len(part):
            half *= 2
        return hashlib.sha256(b"\1" + node(part[:half]) + node(part[half:])).digest()

    return node(entries).hex()


def folded(leaf: bytes, index: int, size: int, path: Sequence[str]) -> str:
    """The root to which an inclusion proof leads: from the top down, as section 2.1.1 defines the path."""
    if size == 1:
        assert list(path) == []
        return hashlib.sha256(b"\0" + leaf).hexdigest()
    half = 1
    while half * 2 < size:
        half *= 2
    *below, beside = path
    if index < half:
        left, right = folded(leaf, index, half, below), beside
    else:
        left, right = beside, folded(leaf, index - half, size - half, below)
    return hashlib.sha256(b"\1" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def grown(earlier: int, size: int, path: list[str], known: str, whole: bool = True) -> tuple[str, str]:  # noqa: FBT001, FBT002
    """The two roots to which a consistency proof leads, as section 2.1.2 defines it; takes from the end of ``path``."""
    if earlier == size:
        found = known if whole else path.pop()
        return found, found
    half = 1
    while half * 2 < size:
        half *= 2
    beside = path.pop()
    if earlier <= half:
        before, after = grown(earlier, half, path, known, whole)
        return before, hashlib.sha256(b"\1" + bytes.fromhex(after) + bytes.fromhex(beside)).hexdigest()
    before, after = grown(earlier - half, size - half, path, known, whole=False)
    return (
        hashlib.sha256(b"\1" + bytes.fromhex(beside) + bytes.fromhex(before)).hexdigest(),
        hashlib.sha256(b"\1" + bytes.fromhex(beside) + bytes.fromhex(after)).hexdigest(),
    )


def is_signed(head: dict[str, Any], key: str) -> bool:
    said = {name: head[name] for name in ("round_id", "size", "root", "at")}
    statement = canonical_json({"purpose": "gongyi board head v1", **said})
    return verifies(base64.b64decode(key), base64.b64decode(head["signature"]), statement)


class TestLife:
    def test_a_round_stands_on_its_board_from_publication_to_the_end(
        self, story: Story, projects: list[str], drain: Callable[[], int]
    ) -> None:
        round_id = story.publish_round(projects)
        assert kinds(story, round_id) == []
        drain()
        assert kinds(story, round_id) == ["published"]
        ok(story.client.post(f"/api/v1/rounds/{round_id}/open", headers=story.clerk))
        ok(story.cast(round_id, story.resident(0), projects))
        story.finish(round_id, drain)
        assert kinds(story, round_id) == [
            "published", "opened", "closed", "unsealed", "result", "key_destroyed",
        ]  # fmt: skip
        published = board(story, round_id)["entries"][0]["body"]
        shown = ok(story.client.get(f"/api/v1/rounds/{round_id}"))
        assert published["frozen_digest"] == shown["frozen_digest"]
        assert dt.datetime.fromisoformat(published["closes_at"]) == dt.datetime.fromisoformat(
            shown["closes_at"]
        )

    def test_it_begins_with_the_publication_even_if_the_worker_is_late(
        self, story: Story, projects: list[str], drain: Callable[[], int]
    ) -> None:
        round_id = story.open_round(projects)
        assert kinds(story, round_id) == ["published", "opened"]
        drain()
        assert kinds(story, round_id) == ["published", "opened"]

    @pytest.mark.parametrize("opened", [False, True])
    def test_how_it_ended_without_a_result_is_said_with_the_reason(
        self, story: Story, projects: list[str], drain: Callable[[], int], *, opened: bool
    ) -> None:
        round_id = story.open_round(projects) if opened else story.publish_round(projects)
        path = f"/api/v1/rounds/{round_id}/cancel"
        ok(story.client.post(path, json={"reason": "名单有误"}, headers=story.chair))
        drain()
        drain()
        after = ["opened", "void", "key_destroyed"] if opened else ["cancelled"]
        assert kinds(story, round_id) == ["published", *after]
        ended = next(
            each for each in board(story, round_id)["entries"] if each["kind"] in {"void", "cancelled"}
        )
        assert ended["body"] == {"reason": "名单有误"}

    def test_a_draft_that_is_given_up_stays_unknown(
        self, story: Story, projects: list[str], drain: Callable[[], int]
    ) -> None:
        round_id = story.draft_round(projects)
        refused(story.client.get(f"/board/v1/rounds/{round_id}"), 404, "round_not_found")
        ok(
            story.client.post(
                f"/api/v1/rounds/{round_id}/cancel", json={"reason": "不办了"}, headers=story.chair
            )
        )
        drain()
        assert ok(story.client.get("/board/v1/rounds"))["items"] == []


class TestHeads:
    def test_every_growth_is_signed_and_fits_the_entries(
        self, story: Story, projects: list[str], drain: Callable[[], int]
    ) -> None:
        round_id = story.open_round(projects)
        drain()
        later(story, -60)  # a clock that was set back
        story.finish(round_id, drain)
        found = board(story, round_id)
        answer = ok(story.client.get(f"/board/v1/rounds/{round_id}/heads"))
        heads = answer["heads"]
        assert [head["size"] for head in heads] == [1, 2, 3, 4, 5, 6]
        assert heads[-1] == found["head"]
        signed = leaves(round_id, found["entries"])
        assert [head["root"] for head in heads] == [root_of(signed[:size]) for size in range(1, 7)]
        assert all(is_signed(head, answer["signed_with"]) for head in heads)
        assert {head["at"] for head in heads} == {"2026-03-02T01:30:00Z"}
        for leaf, entry in zip(signed, found["entries"], strict=True):
            key, signature = (base64.b64decode(each) for each in (found["signed_with"], entry["signature"]))
            assert verifies(key, signature, leaf)

    def test_boards_older_than_heads_get_one_from_the_worker(
        self, story: Story, projects: list[str], drain: Callable[[], int], database: Database
    ) -> None:
        round_id = story.open_round(projects)
        other = story.publish_round(projects)
        drain()
        with database.writing() as session:
            session.execute(text("DELETE FROM board_head"))
        assert ok(story.client.get("/board/v1/rounds"))["items"] == []
        assert board(story, round_id)["head"] is None
        assert len(board(story, round_id)["entries"]) == 2
        drain()
        drain()
        listed = {
            each["round_id"]: each["size"] for each in ok(story.client.get("/board/v1/rounds"))["items"]
        }
        assert listed == {round_id: 2, other: 1}
        assert len(ok(story.client.get(f"/board/v1/rounds/{round_id}/heads"))["heads"]) == 1
        story.finish(round_id, drain)
        assert board(story, round_id)["head"]["size"] == 6


class TestList:
    def test_every_board_once_page_by_page(
        self, story: Story, projects: list[str], drain: Callable[[], int]
    ) -> None:
        rounds = sorted(story.publish_round(projects) for _ in range(5))
        story.draft_round(projects)
        drain()
        seen: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            query = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
            page = ok(story.client.get("/board/v1/rounds", params=query))
            assert all(is_signed(head, page["signed_with"]) for head in page["items"])
            seen += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert [head["round_id"] for head in seen] == rounds
        for bad in ("x", base64.urlsafe_b64encode(b'"not a round"').decode()):
            refused(story.client.get("/board/v1/rounds", params={"cursor": bad}), 422, "bad_cursor")


class TestKeeping:
    def test_what_somebody_has_is_not_sent_again(self, story: Story, projects: list[str]) -> None:
        round_id = story.open_round(projects)
        path = f"/board/v1/rounds/{round_id}"
        for each in (
            "/board/v1/rounds",
            path,
            f"{path}/heads",
            f"{path}/proof?leaf=1",
            f"{path}/consistency?from=1",
        ):
            first = story.client.get(each)
            assert first.headers["cache-control"] == "public, max-age=10", each
            again = story.client.get(each, headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
        for each in (f"{path}/proof?leaf=1&size=2", f"{path}/consistency?from=1&to=2"):
            assert "immutable" in story.client.get(each).headers["cache-control"]
        before = story.client.get(path).headers["etag"]
        ok(story.client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
        changed = story.client.get(path, headers={"If-None-Match": before})
        assert changed.status_code == 200
        assert changed.headers["etag"] != before


class TestProve:
    @pytest.fixture
    def long(self, story: Story, projects: list[str], wiring: Wiring, database: Database) -> str:
        """A board of nine entries."""
        round_id = story.open_round(projects)
        with clock.frozen(START + 6 * HOUR + 31 * MINUTE):
            board_tasks.post_hours(database, signer=wiring.signer)
        return round_id

    def test_every_entry_is_in_every_longer_board(self, story: Story, long: str) -> None:
        path = f"/board/v1/rounds/{long}/proof"
        entries = leaves(long, board(story, long)["entries"])
        assert len(entries) == 9
        for size in range(1, 10):
            for leaf in range(1, size + 1):
                found = ok(story.client.get(path, params={"leaf": leaf, "size": size}))
                assert (found["index"], found["size"]) == (leaf - 1, size)
                assert found["leaf"].encode() == entries[leaf - 1]
                assert found["root"] == root_of(entries[:size])
                assert folded(entries[leaf - 1], leaf - 1, size, found["path"]) == found["root"]
        newest = ok(story.client.get(path, params={"leaf": 3}))
        assert newest == ok(story.client.get(path, params={"leaf": 3, "size": 9}))
        assert newest["root"] == board(story, long)["head"]["root"]

    def test_every_board_grew_from_every_shorter_one(self, story: Story, long: str) -> None:
        path = f"/board/v1/rounds/{long}/consistency"
        entries = leaves(long, board(story, long)["entries"])
        for size in range(1, 10):
            for earlier in range(1, size + 1):
                found = ok(story.client.get(path, params={"from": earlier, "to": size}))
                before, after = root_of(entries[:earlier]), root_of(entries[:size])
                assert (found["earlier_root"], found["root"]) == (before, after)
                rest = list(found["path"])
                assert grown(earlier, size, rest, before) == (before, after)
                assert rest == []
        assert ok(story.client.get(path, params={"from": 4}))["size"] == 9

    def test_what_is_not_there_is_refused_by_name(self, story: Story, long: str, projects: list[str]) -> None:
        path = f"/board/v1/rounds/{long}"
        get = story.client.get
        facts = refused(get(f"{path}/proof?leaf=10"), 404, "board_entry_not_found")
        assert (facts["position"], facts["size"]) == (10, 9)
        refused(get(f"{path}/proof?leaf=3&size=2"), 404, "board_entry_not_found")
        assert refused(get(f"{path}/proof?leaf=1&size=10"), 422, "board_size_out_of_range")["size"] == 9
        refused(get(f"{path}/consistency?from=10"), 422, "board_size_out_of_range")
        refused(get(f"{path}/consistency?from=5&to=4"), 422, "board_size_out_of_range")
        refused(get(f"{path}/consistency?from=1&to=10"), 422, "board_size_out_of_range")
        for query in ("proof", "proof?leaf=0", "proof?leaf=x", "consistency", "consistency?from=0", "envelope-proof",
                      "envelope-proof?envelope_hash=ab"):  # fmt: skip
            refused(get(f"{path}/{query}"), 422, "malformed_request")
        queries = (
            "",
            "/heads",
            "/proof?leaf=1",
            "/consistency?from=1",
            f"/envelope-proof?envelope_hash={'0' * 64}",
        )
        draft = story.draft_round(projects)
        answers = [
            [refused(get(f"/board/v1/rounds/{each}{query}"), 404, "round_not_found") for query in queries]
            for each in (uuid.uuid4(), draft)
        ]
        assert answers[0] == answers[1]


class TestProveEnvelope:
    def test_each_in_force_is_proved_against_the_root_that_was_signed_at_closing(
        self, story: Story, projects: list[str], drain: Callable[[], int]
    ) -> None:
        round_id = story.open_round(projects)
        path = f"/board/v1/rounds/{round_id}/envelope-proof"
        receipts = [ok(story.cast(round_id, story.resident(number), projects)) for number in range(5)]
        replaced, receipts[0] = receipts[0], ok(story.cast(round_id, story.resident(0), projects[:1]))
        ok(story.client.delete(f"/api/v1/rounds/{round_id}/my-ballot", headers=story.resident(4)))
        for known in (receipts[1]["envelope_hash"], "0" * 64):
            refused(story.client.get(path, params={"envelope_hash": known}), 404, "box_not_closed")
        ok(story.client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
        closed = board(story, round_id)["entries"][-1]["body"]
        for receipt in receipts[:4]:
            answer = story.client.get(path, params={"envelope_hash": receipt["envelope_hash"]})
            assert "immutable" in answer.headers["cache-control"]
            found = ok(answer)
            digest, tag, version = found["leaf"].split(" ")
            assert digest == receipt["envelope_hash"]
            entry = uuid.UUID(round_id).bytes + uuid.UUID(receipt["entry_id"]).bytes
            assert tag == hashlib.sha256(b"gongyi entry v1\0" + entry).hexdigest()[:32]
            assert int(version) == receipt["version"]
            assert found["size"] == closed["envelopes"] == 4
            assert found["root"] == closed["envelope_root"]
            assert folded(found["leaf"].encode(), found["index"], 4, found["path"]) == closed["envelope_root"]
        for gone in (replaced, receipts[4]):
            query = {"envelope_hash": gone["envelope_hash"]}
            refused(story.client.get(path, params=query), 404, "envelope_not_in_box")
        ok(story.client.post(f"/api/v1/rounds/{round_id}/open-box", headers=story.clerk))
        drain()  # the envelopes themselves are gone
        assert ok(story.client.get(path, params={"envelope_hash": receipts[1]["envelope_hash"]}))

    def test_an_empty_box_proves_nothing(self, story: Story, projects: list[str]) -> None:
        round_id = story.open_round(projects)
        ok(story.client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
        path = f"/board/v1/rounds/{round_id}/envelope-proof"
        refused(story.client.get(path, params={"envelope_hash": "0" * 64}), 404, "envelope_not_in_box")


class TestHours:
    def hours(self, story: Story, round_id: str) -> list[dict[str, Any]]:
        return [entry["body"] for entry in board(story, round_id)["entries"] if entry["kind"] == "hour"]

    def test_each_full_hour_in_beijing_has_one_entry(
        self, story: Story, projects: list[str], wiring: Wiring, database: Database
    ) -> None:
        round_id = story.open_round(projects)
        for minutes, count in ((29, 0), (30, 1), (31, 1), (89, 1), (91, 2), (94, 2), (150, 3)):
            with clock.frozen(START + minutes * MINUTE):
                board_tasks.post_hours(database, signer=wiring.signer)
            assert len(self.hours(story, round_id)) == count, minutes
        assert [each["hour"] for each in self.hours(story, round_id)] == [
            "2026-03-02T09:00:00+08:00", "2026-03-02T10:00:00+08:00", "2026-03-02T11:00:00+08:00",
        ]  # fmt: skip
        assert all(set(each) == {"hour", "envelope_root"} for each in self.hours(story, round_id))

    def test_the_root_is_over_the_envelopes_in_force_behind_a_line_nobody_can_guess(
        self, story: Story, projects: list[str], wiring: Wiring, database: Database
    ) -> None:
        round_id = story.open_round(projects)
        ok(story.cast(round_id, story.resident(0), projects))
        ok(story.cast(round_id, story.resident(1), projects))
        ok(story.client.delete(f"/api/v1/rounds/{round_id}/my-ballot", headers=story.resident(1)))
        with clock.frozen(START + HOUR - 29 * MINUTE):
            board_tasks.post_hours(database, signer=wiring.signer)
        (said,) = self.hours(story, round_id)
        with database.reading() as session:
            lines, set_aside, _ = contents(session, uuid.UUID(round_id))
        assert (len(lines), len(set_aside)) == (1, 1)
        hour = dt.datetime.fromisoformat(said["hour"])
        blind = wiring.signer.sign(
            canonical_json({"purpose": "gongyi board hour v1", "round_id": round_id, "hour": said["hour"]})
        )
        first = base64.b64encode(blind)
        assert said["envelope_root"] == root_of([first, *(line.encode() for line in lines)])
        assert rules.hour_root(lines, blind=first.decode()) == said["envelope_root"]
        assert hour.tzinfo is not None

    def test_before_closing_nothing_says_how_many_or_whether_anybody_voted(
        self, story: Story, projects: list[str], wiring: Wiring, database: Database, drain: Callable[[], int]
    ) -> None:
        """Two rounds, one with ballots and one without: what the public sees of them differs in what is random only."""
        empty, voted = (story.open_round(projects) for _ in range(2))
        for number in range(3):
            ok(story.cast(voted, story.resident(number), projects))
        for minutes in (31, 91):
            with clock.frozen(START + minutes * MINUTE):
                board_tasks.post_hours(database, signer=wiring.signer)
        with clock.frozen(START + 92 * MINUTE):
            seen = []
            for round_id in (empty, voted):
                roots = [each["envelope_root"] for each in self.hours(story, round_id)]
                assert len({*roots, rules.tree([])}) == 3  # no two alike, none that of nothing
                path = f"/board/v1/rounds/{round_id}"
                answers = [
                    story.client.get(path), story.client.get(f"{path}/heads"), story.client.get(f"{path}/proof?leaf=4"),
                    story.client.get(f"{path}/consistency?from=1"),
                    story.client.get(f"{path}/envelope-proof?envelope_hash={'0' * 64}"),
                    story.client.get(f"{path}/ballots.pb"), story.client.get(f"{path}/bundle.zip"),
                ]  # fmt: skip
                assert not any("envelopes" in answer.text for answer in answers)
                seen.append([(answer.status_code, len(answer.content)) for answer in answers])
            assert seen[0] == seen[1]
            drain()

    def test_hours_in_which_no_worker_looked_are_called_missed(
        self, story: Story, projects: list[str], wiring: Wiring, database: Database
    ) -> None:
        round_id = story.open_round(projects)
        with clock.frozen(START + 3 * HOUR + 34 * MINUTE):
            board_tasks.post_hours(database, signer=wiring.signer)
        said = self.hours(story, round_id)
        assert [each["hour"][11:13] for each in said] == ["09", "10", "11", "12"]
        assert [each.get("missed") for each in said] == [True, True, True, None]
        assert ["envelope_root" in each for each in said] == [False, False, False, True]
        with clock.frozen(START + 4 * HOUR + 36 * MINUTE):  # a minute too late to vouch for anything
            board_tasks.post_hours(database, signer=wiring.signer)
        assert self.hours(story, round_id)[-1] == {"hour": "2026-03-02T13:00:00+08:00", "missed": True}

    def test_the_last_hour_is_said_at_closing_and_none_afterwards(
        self, story: Story, projects: list[str], wiring: Wiring, database: Database, drain: Callable[[], int]
    ) -> None:
        closes = START + 7 * HOUR - 30 * MINUTE  # 16:00
        opens, short = START + 5 * MINUTE, {"short_notice_reason": "试运行"}
        round_id = story.publish_round(
            projects, opens_at=opens.isoformat(), closes_at=closes.isoformat(), **short
        )
        with clock.frozen(opens):
            drain()
        for hour in range(1, 7):
            with clock.frozen(START + hour * HOUR - 29 * MINUTE):
                drain()
        with clock.frozen(closes):
            drain()
        found = kinds(story, round_id)
        assert found == ["published", "opened", *["hour"] * 7, "closed"]
        assert not any("missed" in each for each in self.hours(story, round_id))
        with clock.frozen(closes + HOUR):
            board_tasks.post_hours(database, signer=wiring.signer)
        assert kinds(story, round_id) == found

    def test_two_workers_at_once_post_each_hour_once(
        self, story: Story, projects: list[str], wiring: Wiring, database: Database
    ) -> None:
        rounds = [story.open_round(projects) for _ in range(2)]
        meeting = threading.Barrier(4)
        failures: list[BaseException] = []

        def work() -> None:
            try:
                meeting.wait(10)
                board_tasks.post_hours(database, signer=wiring.signer)
            except BaseException as error:  # noqa: BLE001 - told below
                failures.append(error)

        for hour in range(1, 4):
            with clock.frozen(START + hour * HOUR - 29 * MINUTE):
                workers = [threading.Thread(target=work) for _ in range(4)]
                for worker in workers:
                    worker.start()
                for worker in workers:
                    worker.join()
        assert failures == []
        for round_id in rounds:
            said = [each["hour"][11:13] for each in self.hours(story, round_id)]
            assert said == ["09", "10", "11"]
            found = board(story, round_id)
            assert found["head"]["root"] == root_of(leaves(round_id, found["entries"]))

    def test_an_hour_that_was_read_before_another_worker_posted_it_is_left_out(
        self, story: Story, projects: list[str], wiring: Wiring, database: Database
    ) -> None:
        round_id = uuid.UUID(story.open_round(projects))
        with clock.frozen(START + 31 * MINUTE):
            with database.reading() as session:
                due = ballots.hours_due(session, round_id=round_id, signer=wiring.signer)
            assert [each.astimezone(BEIJING).hour for each in due] == [9]
            for count in (1, 0):
                with database.writing() as session:
                    assert (
                        ballots.post_hours(session, round_id=round_id, due=due, signer=wiring.signer) == count
                    )

    def test_the_database_itself_takes_one_entry_an_hour(
        self, story: Story, projects: list[str], wiring: Wiring, database: Database
    ) -> None:
        from sqlalchemy.exc import IntegrityError

        round_id = uuid.UUID(story.open_round(projects))
        new = [
            ballots.NewEntry("hour", rules.hour_body(START, None), START.replace(minute=0)) for _ in range(2)
        ]
        with pytest.raises(IntegrityError), database.writing() as session:
            ballots.append(session, round_id=round_id, new=new, signer=wiring.signer)
        assert kinds(story, str(round_id)) == ["published", "opened"]


class TestHourRules:
    def test_which_hours_have_ended(self) -> None:
        def ended(after: str, until: str) -> list[str]:
            found = rules.hours_ended(
                after=dt.datetime.fromisoformat(after), until=dt.datetime.fromisoformat(until)
            )
            return [f"{each:%d %H:%M%z}" for each in found]

        assert ended("2026-03-02T01:30:00Z", "2026-03-02T01:59:59Z") == []
        assert ended("2026-03-02T01:30:00Z", "2026-03-02T02:00:00Z") == ["02 09:00+0800"]
        assert ended("2026-03-02T02:00:00Z", "2026-03-02T02:59:59Z") == []
        assert ended("2026-03-02T15:30:00Z", "2026-03-02T17:10:00Z") == ["02 23:00+0800", "03 00:00+0800"]
        assert ended("2026-03-02T03:00:00Z", "2026-03-02T01:00:00Z") == []

    def test_what_is_signed_has_one_spelling(self) -> None:
        at = dt.datetime(2026, 3, 2, 9, 30, 12, tzinfo=BEIJING)
        round_id = uuid.UUID(int=7)
        assert rules.head_time(at) == "2026-03-02T01:30:12Z"
        assert rules.head_statement(round_id=round_id, size=3, root="ab", at=at) == (
            b'{"at":"2026-03-02T01:30:12Z","purpose":"gongyi board head v1","root":"ab",'
            b'"round_id":"00000000-0000-0000-0000-000000000007","size":3}'
        )
        assert (
            json.loads(rules.hour_statement(round_id=round_id, hour=at))["purpose"] == "gongyi board hour v1"
        )
