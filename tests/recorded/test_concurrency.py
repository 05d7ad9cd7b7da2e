"""Many at once: one vote for each dwelling, three proxies and no more, and nothing after the end."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.access.actor import SYSTEM, Actor
from app.core.db import Database
from app.core.errors import DomainError
from app.recorded import service
from app.recorded.rules import Powers
from app.tally.double_quorum import Choice
from app.wiring import Wiring
from tests.callers import Callers
from tests.conftest import DEEP
from tests.recorded.estate import CO_OWNER, SPOUSE, TENANT, Estate, opened
from tests.story import phone

TIMES = 200 if DEEP else 24
THREADS = 8


@pytest.fixture
def estate(client: TestClient, callers: Callers) -> Estate:
    return opened(client, callers)


def together(acts: list[Callable[[], object]]) -> list[object]:
    """Run acts in threads that begin at once; the answer or the refusal of each."""
    start = threading.Barrier(THREADS)

    def run(part: list[Callable[[], object]]) -> list[object]:
        start.wait()
        answers: list[object] = []
        for act in part:
            try:
                answers.append(act())
            except DomainError as error:
                answers.append(error)
        return answers

    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(run, [acts[at::THREADS] for at in range(THREADS)]))
    return [answer for part in parts for answer in part]


class TestCast:
    def test_two_owners_of_one_dwelling_leave_one_vote_and_its_whole_history(
        self, estate: Estate, callers: Callers, database: Database, wiring: Wiring
    ) -> None:
        owners = callers.resident_actors([phone(CO_OWNER), phone(SPOUSE)])
        round_id = uuid.UUID(estate.round_id)

        def cast(actor: Actor, choice: Choice) -> Callable[[], object]:
            def act() -> object:
                with database.writing() as session:
                    acts, _ = service.cast(
                        session, round_id=round_id, choice=choice, dwellings=None, if_version=None, actor=actor,
                        signer=wiring.signer,
                    )  # fmt: skip
                return acts[0].version

            return act

        choices = list(Choice)
        answers = together([cast(owners[at % 2], choices[at % 3]) for at in range(TIMES)])
        assert all(isinstance(answer, int) for answer in answers), answers
        with database.reading() as session:
            (vote,) = session.execute(text("SELECT version, position FROM owner_vote")).all()
            acts = session.execute(text("SELECT position, version FROM vote_act ORDER BY position")).all()
        assert [tuple(act) for act in acts] == [(at, at) for at in range(1, len(acts) + 1)]
        assert (vote.version, vote.position) == (len(acts), len(acts))
        assert set(answers) == set(range(1, len(acts) + 1))

    def test_what_was_answered_before_the_end_is_counted_and_nothing_later(
        self, estate: Estate, callers: Callers, database: Database, wiring: Wiring
    ) -> None:
        round_id = uuid.UUID(estate.round_id)
        owners = callers.resident_actors([phone(number) for number in range(3, 19)])

        def cast(actor: Actor) -> Callable[[], object]:
            def act() -> object:
                with database.writing() as session:
                    acts, _ = service.cast(
                        session, round_id=round_id, choice=Choice.FOR, dwellings=None, if_version=None, actor=actor,
                        signer=wiring.signer,
                    )  # fmt: skip
                return acts[0].entry_id

            return act

        def close() -> object:
            with database.writing() as session:
                service.close_round(session, round_id=round_id, actor=SYSTEM, early=True)
            return None

        acts: list[Callable[[], object]] = [cast(owner) for owner in owners]
        acts.insert(8, close)
        answers = together(acts)
        refusals = {answer.code for answer in answers if isinstance(answer, DomainError)}
        assert refusals <= {"round_closed"}
        with database.writing() as session:
            service.count_if_ready(session, round_id=round_id, signer=wiring.signer)
        taken = {answer for answer in answers if isinstance(answer, uuid.UUID)}
        assert estate.decision()["taken_part"]["heads"] == len(taken)


class TestProxies:
    def test_of_many_owners_at_once_three_are_taken(
        self, estate: Estate, callers: Callers, database: Database, wiring: Wiring
    ) -> None:
        owners = callers.resident_actors([phone(number) for number in range(5, 17)])

        def give(actor: Actor) -> Callable[[], object]:
            def act() -> object:
                with database.writing() as session:
                    _, proxy = service.proxies.give(
                        session, round_id=uuid.UUID(estate.round_id), holder_phone=phone(TENANT), powers=Powers.FREE,
                        actor=actor, signer=wiring.signer,
                    )  # fmt: skip
                return proxy.id

            return act

        answers = together([give(owner) for owner in owners])
        refusals = [answer.code for answer in answers if isinstance(answer, DomainError)]
        assert refusals == ["too_many_proxies"] * (len(owners) - 3)
        with database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM proxy")).scalar_one() == 3

    def test_an_owner_who_votes_while_the_proxy_does_has_the_last_word(
        self, estate: Estate, callers: Callers, database: Database, wiring: Wiring
    ) -> None:
        owner, holder = callers.resident_actors([phone(5), phone(TENANT)])
        round_id = uuid.UUID(estate.round_id)
        with database.writing() as session:
            _, proxy = service.proxies.give(
                session, round_id=round_id, holder_phone=phone(TENANT), powers=Powers.FREE, actor=owner,
                signer=wiring.signer,
            )  # fmt: skip

        def use(choice: Choice) -> Callable[[], object]:
            def act() -> object:
                with database.writing() as session:
                    return service.proxies.use(
                        session, round_id=round_id, proxy_id=proxy.id, choice=choice, actor=holder,
                        signer=wiring.signer,
                    )  # fmt: skip

            return act

        def cast() -> object:
            with database.writing() as session:
                return service.cast(
                    session, round_id=round_id, choice=Choice.FOR, dwellings=None, if_version=None, actor=owner,
                    signer=wiring.signer,
                )  # fmt: skip

        acts = [use(Choice.AGAINST if at % 2 else Choice.ABSTAIN) for at in range(15)]
        acts.insert(7, cast)
        answers = together(acts)
        refusals = {answer.code for answer in answers if isinstance(answer, DomainError)}
        assert refusals <= {"proxy_wrong_state"}
        assert estate.my_votes(5)["dwellings"][0]["vote"]["choice"] == "for"
