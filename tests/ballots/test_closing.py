"""Closing: no ballot is set aside for a sheet of paper that its voter did not sign for."""

import uuid

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.ballots import tasks
from app.core import clock
from app.core.db import Database
from app.rounds import service as rounds
from app.wiring import Wiring
from tests.callers import Callers
from tests.paper_story import PaperStory
from tests.story import Story, ok, refused

#: What somebody who can write to the database does to the box, unseen by any signature.
SET_ASIDE = "UPDATE envelope SET on_paper = TRUE WHERE ciphertext_hash IS NOT NULL"
TAKE_BACK = "UPDATE envelope SET on_paper = FALSE"
TAKE_AWAY = "DELETE FROM envelope WHERE on_paper"
FORGET = "DELETE FROM paper_sign_in"

UNSIGNED = "is set aside for paper, and nobody signed for a sheet"
LEFT = "is not set aside for paper, and a sheet was signed for"
LATER = "holds a ballot, and is set aside for a sheet that came later"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(4)


def voted(story: Story, policy: str) -> tuple[PaperStory, dict[int, str]]:
    """A round in which residents 0 and 1 voted online, 0 withdrew, and 2 took a sheet; the entries of 1 and 2."""
    projects = story.published_projects([100_000, 200_000])
    paper = PaperStory(story, story.open_round(projects, paper=policy))
    entries = [ok(story.cast(paper.round_id, story.resident(at), projects))["entry_id"] for at in (0, 1)]
    ok(story.client.delete(f"/api/v1/rounds/{paper.round_id}/my-ballot", headers=story.resident(0)))
    sheet = "" if policy == "none" else ok(paper.sign_in(paper.batch(), 2))["entry_id"]
    return paper, {1: entries[1], 2: sheet}


def tamper(database: Database, *statements: str) -> None:
    with database.writing() as session:
        for statement in statements:
            session.execute(text(statement))


class TestClose:
    @pytest.mark.parametrize(
        ("policy", "done", "whose", "says"),
        [
            ("none", [SET_ASIDE], 1, UNSIGNED),
            ("online_wins", [SET_ASIDE], 1, UNSIGNED),
            ("first_wins", [SET_ASIDE], 1, UNSIGNED),
            ("paper_wins", [SET_ASIDE], 1, UNSIGNED),
            ("first_wins", [FORGET], 2, UNSIGNED),
            ("first_wins", [TAKE_BACK], 2, LEFT),
            ("paper_wins", [TAKE_AWAY], 2, LEFT),
        ],
    )
    def test_it_is_refused_where_box_and_desk_contradict_each_other(
        self, story: Story, database: Database, policy: str, done: list[str], whose: int, says: str
    ) -> None:
        paper, entries = voted(story, policy)
        tamper(database, *done)
        self.refuses(paper, f"the envelope of roll entry {entries[whose]} {says}")

    def test_it_is_refused_where_a_ballot_came_first_and_does_not_count(
        self, story: Story, database: Database
    ) -> None:
        """Even if a sign-in was made up for it."""
        paper, entries = voted(story, "first_wins")
        tamper(
            database, SET_ASIDE,
            "INSERT INTO paper_sign_in (round_id, entry_id, batch_id, stays_closed) "
            "SELECT s.round_id, e.entry_id, s.batch_id, FALSE FROM paper_sign_in s, envelope e "
            "WHERE e.ciphertext_hash IS NOT NULL",
        )  # fmt: skip
        self.refuses(paper, f"the envelope of roll entry {entries[1]} {LATER}")

    def refuses(self, paper: PaperStory, reason: str) -> None:
        """Nothing is closed or posted."""
        client, path = paper.story.client, f"/api/v1/rounds/{paper.round_id}"
        answer = client.post(f"{path}/close", headers=paper.story.clerk)
        refused(answer, 409, "box_damaged")
        assert reason in answer.json()["detail"]
        assert ok(client.get(path, headers=paper.story.clerk))["status"] == "open"
        board = ok(client.get(f"/board/v1/rounds/{paper.round_id}"))["entries"]
        assert "closed" not in {entry["kind"] for entry in board}

    @pytest.mark.parametrize("policy", ["none", "first_wins", "paper_wins", "online_wins"])
    def test_the_clock_closes_what_is_whole(
        self, story: Story, database: Database, wiring: Wiring, policy: str
    ) -> None:
        paper, _ = voted(story, policy)
        assert self.after_its_time(paper, database, wiring) == "closed"

    def test_the_clock_passes_a_damaged_round_over_until_it_is_put_right(
        self, story: Story, database: Database, wiring: Wiring, capfd: pytest.CaptureFixture[str]
    ) -> None:
        damaged, _ = voted(story, "first_wins")
        tamper(database, SET_ASIDE)
        whole, _ = voted(story, "first_wins")
        assert self.after_its_time(whole, database, wiring) == "closed"  # it does not wait for the other
        assert self.status(damaged) == "open"
        assert "box_damaged" in capfd.readouterr().err
        tamper(database, "UPDATE envelope SET on_paper = FALSE WHERE ciphertext_hash IS NOT NULL")
        assert self.after_its_time(damaged, database, wiring) == "closed"

    def after_its_time(self, paper: PaperStory, database: Database, wiring: Wiring) -> str:
        with database.reading() as session:
            closes_at = rounds.round_(session, uuid.UUID(paper.round_id)).closes_at
        with clock.frozen(closes_at):
            tasks.close_due(database, signer=wiring.signer)
        return self.status(paper)

    def status(self, paper: PaperStory) -> str:
        found = ok(paper.story.client.get(f"/api/v1/rounds/{paper.round_id}", headers=paper.story.clerk))
        return str(found["status"])
