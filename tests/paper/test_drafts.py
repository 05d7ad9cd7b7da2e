"""Keying at speed: kept at once, mended, handed over, compared; nobody learns too early what another person read."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.access.roles import Role
from app.core.db import Database
from tests.callers import Callers, Headers
from tests.paper_story import PaperStory, Says, line
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, refused

SAYS: list[Says] = [[1], [2, 1], [3], [1, 2, 3], [2], [3, 2], [1], [2], [3, 1], [1, 3], [2, 3], "blank"]


@pytest.fixture
def paper(client: TestClient, callers: Callers) -> PaperStory:
    story = Story(client, callers).with_residents(14)
    return PaperStory(story, story.open_round(story.published_projects([100_000, 200_000, 300_000])))


@pytest.fixture
def batch_id(paper: PaperStory) -> str:
    """Twelve sheets of twenty came back from a round that is closed."""
    made = paper.vote(SAYS)
    paper.close()
    ok(paper.give_back(made, used=12, unused=8))
    return made


def lines(paper: PaperStory, batch_id: str, says: Sequence[Says] = SAYS) -> list[dict[str, Any]]:
    return [line(serial, each) for serial, each in zip(paper.serials(batch_id), says, strict=False)]


def draft(paper: PaperStory, batch_id: str, sheets: Sequence[dict[str, Any]], who: Headers) -> Any:
    return paper.story.client.put(
        f"/api/v1/paper-batches/{batch_id}/drafts", json={"sheets": list(sheets)}, headers=who
    )


def hand_over(paper: PaperStory, batch_id: str, who: Headers) -> Any:
    return paper.story.client.post(f"/api/v1/paper-batches/{batch_id}/drafts/hand-over", headers=who)


def remove(paper: PaperStory, batch_id: str, serial: str, who: Headers) -> Any:
    return paper.story.client.post(
        f"/api/v1/paper-batches/{batch_id}/drafts/remove", json={"serial": serial}, headers=who
    )


def desk(paper: PaperStory, batch_id: str, who: Headers) -> dict[str, Any]:
    found: dict[str, Any] = ok(
        paper.story.client.get(f"/api/v1/paper-batches/{batch_id}/keying-desk", headers=who)
    )
    return found


def comparison(paper: PaperStory, batch_id: str, who: Headers) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(
        paper.story.client.get(f"/api/v1/paper-batches/{batch_id}/comparison", headers=who)
    )["items"]
    return found


def refusals(answer: Any) -> list[tuple[int, str | None]]:
    return [(item["row"], item["code"]) for item in ok(answer)["items"] if not item["taken"]]


class TestDraft:
    def test_a_sheet_is_kept_mended_and_still_there_after_a_reload(
        self, paper: PaperStory, batch_id: str
    ) -> None:
        serials = paper.serials(batch_id)
        assert desk(paper, batch_id, paper.first)["untouched"] == serials
        ok(draft(paper, batch_id, [line(serials[0], [3, 1])], paper.first))
        ok(draft(paper, batch_id, [line(serials[1], "blank")], paper.first))
        ok(draft(paper, batch_id, [line(serials[0], [1, 3])], paper.first))  # a slip, mended
        found = desk(paper, batch_id, paper.first)
        assert found["drafts"] == [
            {"serial": serials[0], "numbers": [1, 3], "void": None},
            {"serial": serials[1], "numbers": None, "void": "blank"},
        ]
        assert (found["projects"], found["max_rank"], found["batch"]["used"]) == (3, 3, 12)
        assert found["untouched"] == serials[2:]
        ok(remove(paper, batch_id, serials[0], paper.first))
        refused(remove(paper, batch_id, serials[0], paper.first), 404, "sheet_not_keyed")
        refused(remove(paper, batch_id, "ABCD", paper.first), 422, "serial_malformed")
        assert [each["serial"] for each in desk(paper, batch_id, paper.first)["drafts"]] == [serials[1]]

    def test_it_counts_for_nothing_and_others_see_only_that_there_is_one(
        self, paper: PaperStory, batch_id: str, database: Database
    ) -> None:
        ok(draft(paper, batch_id, lines(paper, batch_id), paper.first))
        found = paper.read(batch_id)
        assert (found["keyed"], found["decided"], found["keyed_once"]) == (0, 0, [])
        assert [(each["keyed"], each["drafts"], each["mine"]) for each in found["keyers"]] == [(0, 12, False)]
        other = desk(paper, batch_id, paper.second)
        assert (other["drafts"], other["once"], len(other["untouched"])) == ([], [], 20)
        with database.reading() as session:
            stored = session.execute(text("SELECT answer FROM paper_draft")).scalars().all()
        assert len(stored) == 12
        assert not any("ranking" in each or "blank" in each for each in stored)

    def test_what_cannot_be_is_said_line_by_line(self, paper: PaperStory, batch_id: str) -> None:
        serials = paper.serials(batch_id)
        answer = draft(
            paper, batch_id,
            [
                line(serials[0], [1]), line(serials[0], [2]), line("ABCD", [1]), line(serials[1], [4]),
                line(serials[2], [1, 1]), line(serials[3], [1, 2, 3, 1]), line(serials[4], "late"),
            ],
            paper.first,
        )  # fmt: skip
        assert refusals(answer) == [
            (2, "serial_repeated"), (3, "serial_malformed"), (4, "number_unknown"), (5, "number_repeated"),
            (6, "too_many_numbers"),
        ]  # fmt: skip
        rest = [line(serial, [1]) for serial in serials[5:16]]
        assert refusals(draft(paper, batch_id, rest, paper.first)) == [(11, "more_than_in_the_urn")]

    def test_only_while_sheets_are_keyed(self, paper: PaperStory) -> None:
        made = paper.vote(SAYS)
        sheet = lines(paper, made)[:1]
        refused(draft(paper, made, sheet, paper.first), 409, "round_wrong_state")
        paper.close()
        refused(draft(paper, made, sheet, paper.first), 409, "paper_batch_not_returned")
        refused(hand_over(paper, made, paper.first), 409, "paper_batch_not_returned")


class TestHandOver:
    def test_two_who_agree_decide(self, paper: PaperStory, batch_id: str) -> None:
        for who in (paper.first, paper.second):
            ok(draft(paper, batch_id, lines(paper, batch_id), who))
        assert ok(hand_over(paper, batch_id, paper.first))["taken"] == 12
        waiting = desk(paper, batch_id, paper.second)
        assert (len(waiting["drafts"]), waiting["once"]) == (12, [])
        assert ok(hand_over(paper, batch_id, paper.second))["taken"] == 12
        found = paper.read(batch_id)
        assert (found["decided"], found["unfinished"]) == (12, [])
        assert ok(hand_over(paper, batch_id, paper.second))["taken"] == 0  # said twice, nothing changes
        after = desk(paper, batch_id, paper.second)
        assert (after["drafts"], after["handed_over"], after["once"], after["differing"]) == ([], 12, [], [])

    def test_afterwards_it_cannot_be_changed(self, paper: PaperStory, batch_id: str) -> None:
        sheets = lines(paper, batch_id)
        ok(draft(paper, batch_id, sheets, paper.first))
        ok(hand_over(paper, batch_id, paper.first))
        again = draft(paper, batch_id, [line(sheets[0]["serial"], [2]), sheets[1]], paper.first)
        assert refusals(again) == [(1, "sheet_keyed_by_you")]

    def test_whoever_tries_answers_learns_nothing(self, paper: PaperStory, batch_id: str) -> None:
        """The second person changes an answer until it agrees: what they are told is the same each time."""
        serial = paper.serials(batch_id)[0]
        ok(draft(paper, batch_id, [line(serial, [3, 1, 2])], paper.first))
        ok(hand_over(paper, batch_id, paper.first))
        told = set()
        for says in ([1], [2], [3, 1, 2], [1, 2, 3], "blank"):
            answer = ok(draft(paper, batch_id, [line(serial, says)], paper.second))
            seen = [answer, paper.read(batch_id, paper.second), comparison(paper, batch_id, paper.second)]
            told.add(json.dumps(seen))
        assert len(told) == 1

    def test_what_two_others_decided_meanwhile_is_dropped(self, paper: PaperStory, batch_id: str) -> None:
        sheets = lines(paper, batch_id)
        ok(draft(paper, batch_id, sheets[:2], paper.third))
        for who in (paper.first, paper.second):
            ok(paper.key(batch_id, sheets[:1], who))
        answer = hand_over(paper, batch_id, paper.third)
        assert [item["code"] for item in ok(answer)["items"]] == ["sheet_decided", None]
        found = desk(paper, batch_id, paper.third)
        assert (found["drafts"], found["handed_over"]) == ([], 1)
        assert paper.read(batch_id)["keyed_once"] == [sheets[1]["serial"]]

    def test_the_chair_throws_drafts_of_a_sheet_away_too(self, paper: PaperStory, batch_id: str) -> None:
        serial = paper.serials(batch_id)[0]
        ok(draft(paper, batch_id, [line(serial, [1])], paper.first))
        path, body = (
            f"/api/v1/paper-batches/{batch_id}/keyings/discard",
            {"serial": serial, "reason": "不在票箱里"},
        )
        ok(paper.story.client.post(path, json=body, headers=paper.story.chair))
        assert desk(paper, batch_id, paper.first)["drafts"] == []


class TestCompare:
    def key(self, paper: PaperStory, batch_id: str) -> list[str]:
        """Two people read three of twelve sheets differently."""
        first = lines(paper, batch_id)
        other: list[Says] = [[1], [1, 2], "unreadable", *SAYS[3:11], [1]]
        for who, sheets in ((paper.first, first), (paper.second, lines(paper, batch_id, other))):
            ok(draft(paper, batch_id, sheets, who))
            ok(hand_over(paper, batch_id, who))
        serials = paper.serials(batch_id)
        return [serials[1], serials[2], serials[11]]

    def test_those_who_keyed_see_how_they_differ_and_the_third_does_not(
        self, paper: PaperStory, batch_id: str
    ) -> None:
        differing = self.key(paper, batch_id)
        found = comparison(paper, batch_id, paper.first)
        assert [each["serial"] for each in found] == differing
        assert {(each["stage"], each["keyed_by_me"]) for each in found} == {("differs", True)}
        read = [
            [(one["turn"], one["mine"], one["numbers"], one["void"]) for one in each["readings"]]
            for each in found
        ]
        assert read == [
            [(1, True, [2, 1], None), (2, False, [1, 2], None)],
            [(1, True, [3], None), (2, False, None, "unreadable")],
            [(1, True, None, "blank"), (2, False, [1], None)],
        ]  # fmt: skip
        assert all(one["name"] for each in found for one in each["readings"])
        blind = comparison(paper, batch_id, paper.third)
        assert [(each["serial"], each["keyed_by_me"], each["readings"]) for each in blind] == [
            (serial, False, None) for serial in differing
        ]
        assert desk(paper, batch_id, paper.third)["differing"] == differing

    def test_once_decided_everybody_who_may_sees_all_three(self, paper: PaperStory, batch_id: str) -> None:
        differing = self.key(paper, batch_id)
        ok(draft(paper, batch_id, [line(differing[0], [1, 2]), line(differing[1], [3])], paper.third))
        ok(draft(paper, batch_id, [line(differing[2], "blank")], paper.third))
        ok(hand_over(paper, batch_id, paper.third))
        found = comparison(paper, batch_id, paper.third)
        assert {(each["stage"], len(each["readings"])) for each in found} == {("decided", 3)}
        assert found == [
            {**each, "readings": [{**one, "mine": one["turn"] == 3} for one in each["readings"]], "keyed_by_me": True}
            for each in comparison(paper, batch_id, paper.story.clerk)
        ]  # fmt: skip
        assert paper.read(batch_id)["unfinished"] == []


class TestWhoMay:
    CALLS = (
        ("GET", "/keying-desk", None),
        ("PUT", "/drafts", {"sheets": [{"serial": "ABC", "void": "blank"}]}),
        ("POST", "/drafts/remove", {"serial": "ABC"}),
        ("POST", "/drafts/hand-over", None),
        ("GET", "/comparison", None),
    )

    def test_staff_and_supervisors_of_the_place(self, paper: PaperStory, callers: Callers) -> None:
        made = paper.batch()
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        strangers = [
            callers.staff(Role.SUBDISTRICT_OFFICER, "520102031000"),
            callers.staff(Role.MEDIATOR, COMMUNITY),
            paper.story.resident(1),
        ]
        for method, path, body in self.CALLS:

            def call(
                batch: object, who: Headers, method: str = method, path: str = path, body: Any = body
            ) -> Any:
                return paper.story.client.request(
                    method, f"/api/v1/paper-batches/{batch}{path}", json=body, headers=who
                )

            foreign, missing = (
                refused(call(each, away), 404, "paper_batch_not_found") for each in (made, uuid.uuid4())
            )
            assert foreign == missing
            for who in strangers:
                refused(call(made, who), 403, "not_allowed")
            for who in (paper.first, paper.supervisor):
                assert call(made, who).status_code not in {403, 404}, path
