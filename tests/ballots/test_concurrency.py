"""Many at once: one roll entry has one ballot, and closing leaves exactly what was answered."""

import secrets
import threading
import uuid
from concurrent.futures import Future
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.access.actor import Actor
from app.ballots import service
from app.ballots.service import Booth, Booths, Caster, CastItem, Receipt
from app.core.db import Database
from app.core.errors import DomainError
from app.core.writer import BatchWriter
from app.wiring import Wiring
from tests.callers import Callers
from tests.story import Story, phone

CASTS = 500


@dataclass
class Box:
    """An open round and two writers on it, as two processes would have."""

    story: Story
    round_id: str
    projects: list[str]
    writers: list[BatchWriter[CastItem, Receipt]]
    voters: list[Actor]
    booth: Booth

    def item(self, number: int) -> CastItem:
        voter = self.voters[number]
        assert voter.account_id
        assert voter.session_id
        ranking = tuple(uuid.UUID(each) for each in secrets.SystemRandom().sample(self.projects, 2))
        sealed = self.booth.seal(ranking, secrets.token_bytes(16))
        return CastItem(
            uuid.UUID(self.round_id), voter.account_id, voter.session_id, sealed, secrets.token_hex(32), None
        )


@pytest.fixture
def box(client: TestClient, callers: Callers, wiring: Wiring, database: Database) -> Box:
    story = Story(client, callers).with_residents(CASTS)
    projects = story.published_projects([100_000, 200_000, 300_000])
    round_id = story.open_round(projects)
    booths = Booths(wiring.keys)
    with database.reading() as session:
        booth = booths.set_up(session, uuid.UUID(round_id))
    writers = [
        BatchWriter(database, Caster(booths, wiring.signer), conflicts=lambda item: item.conflict_key)
        for _ in range(2)
    ]
    for writer in writers:
        writer.start()
    voters = callers.resident_actors([phone(number) for number in range(CASTS)])
    return Box(story, round_id, projects, writers, voters, booth)


class TestCast:
    def test_fifty_casts_for_one_roll_entry_leave_one_ballot(self, box: Box, database: Database) -> None:
        futures = [box.writers[number % 2].enqueue(box.item(0)) for number in range(50)]
        answers = [_answer(future) for future in futures]
        for writer in box.writers:
            writer.stop()
        receipts = [answer for answer in answers if isinstance(answer, Receipt)]
        assert receipts, answers
        with database.reading() as session:
            rows = session.execute(text("SELECT version FROM envelope")).all()
        assert [row.version for row in rows] == [len(receipts)]
        assert sorted(receipt.version for receipt in receipts) == list(range(1, len(receipts) + 1))

    def test_five_hundred_casts_against_a_close_leave_exactly_those_that_were_answered(
        self, box: Box, database: Database, wiring: Wiring
    ) -> None:
        from app.access.actor import SYSTEM

        closed = threading.Event()

        def close() -> None:
            with database.writing() as session:
                service.close_round(
                    session, round_id=uuid.UUID(box.round_id), actor=SYSTEM, early=True, signer=wiring.signer
                )
            closed.set()

        futures = []
        closer = threading.Thread(target=close)
        for number in range(CASTS):
            futures.append(box.writers[number % 2].enqueue(box.item(number)))
            if number == CASTS // 2:
                closer.start()
        answers = [_answer(future) for future in futures]
        closer.join()
        for writer in box.writers:
            writer.stop()
        assert closed.is_set()
        accepted = {answer.envelope_hash for answer in answers if isinstance(answer, Receipt)}
        refusals = {type(answer).code for answer in answers if isinstance(answer, DomainError)}
        assert refusals <= {"round_closed"}, refusals
        with database.reading() as session:
            stored = set(session.execute(text("SELECT ciphertext_hash FROM envelope")).scalars())
            sealed = session.execute(text("SELECT envelopes, leaves FROM ballot_box")).one()
        assert stored == accepted
        assert sealed.envelopes == len(accepted)
        assert {line.split(" ")[0] for line in sealed.leaves.splitlines()} == accepted


def _answer(future: "Future[Receipt]") -> Receipt | DomainError:
    error = future.exception(timeout=60)
    if error is None:
        return future.result()
    assert isinstance(error, DomainError), error
    return error
