"""Staying signed in, and ending it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from app.access import service
from app.access.actor import AccountKind
from app.access.errors import (
    TokenInvalid,
)
from app.access.models import RefreshToken
from app.access.service import IssuedTokens, Rejected
from app.audit import service as audit
from tests.access.door import Door, later

pytestmark = pytest.mark.usefixtures("noon")


class TestRefresh:
    def test_each_token_is_replaced_by_the_next(self, door: Door) -> None:
        issued = door.sign_in()
        seen = {issued.refresh_token}
        for _ in range(3):
            later(500)
            outcome = door.refresh(issued.refresh_token)
            assert isinstance(outcome, IssuedTokens)
            issued = outcome
            assert issued.refresh_token not in seen
            seen.add(issued.refresh_token)
        assert door.actor(issued).kind is AccountKind.RESIDENT

    def test_a_token_used_twice_ends_the_whole_family(self, door: Door) -> None:
        issued = door.sign_in()
        next_one = door.refresh(issued.refresh_token)
        assert isinstance(next_one, IssuedTokens)
        later(60)
        assert isinstance(door.refresh(issued.refresh_token), Rejected)  # the thief, or the robbed
        assert isinstance(door.refresh(next_one.refresh_token), Rejected)
        with pytest.raises(TokenInvalid):
            door.actor(next_one)
        with door.database.reading() as session:
            tags = [row.tag for row in audit.listing(session, prefix="", after=None, limit=10)]
        assert tags == ["session:family_revoked"]

    def test_a_lost_answer_is_given_again(self, door: Door) -> None:
        issued = door.sign_in()
        lost = door.refresh(issued.refresh_token)
        later(59)
        told = door.refresh(issued.refresh_token)
        assert isinstance(lost, IssuedTokens)
        assert isinstance(told, IssuedTokens)
        assert told.refresh_token == lost.refresh_token
        assert door.actor(told) == door.actor(lost) == door.actor(issued)
        assert isinstance(door.refresh(told.refresh_token), IssuedTokens)

    def test_once_its_follower_was_used_a_token_that_comes_back_ends_the_family_at_once(
        self, door: Door
    ) -> None:
        issued = door.sign_in()
        second = door.refresh(issued.refresh_token)
        assert isinstance(second, IssuedTokens)
        third = door.refresh(second.refresh_token)
        assert isinstance(third, IssuedTokens)
        assert isinstance(door.refresh(issued.refresh_token), Rejected)
        assert isinstance(door.refresh(third.refresh_token), Rejected)

    def test_a_thief_who_is_quick_is_found_out_at_the_next_renewal(self, door: Door) -> None:
        issued = door.sign_in()
        mine, stolen = door.refresh(issued.refresh_token), door.refresh(issued.refresh_token)
        assert isinstance(mine, IssuedTokens)
        assert isinstance(stolen, IssuedTokens)
        later(600)
        goes_on = door.refresh(mine.refresh_token)
        assert isinstance(goes_on, IssuedTokens)
        later(300)
        assert isinstance(door.refresh(stolen.refresh_token), Rejected)
        with pytest.raises(TokenInvalid):
            door.actor(goes_on)

    def test_a_family_that_has_ended_answers_nothing_again(self, door: Door) -> None:
        issued = door.sign_in()
        assert isinstance(door.refresh(issued.refresh_token), IssuedTokens)
        with door.database.writing() as session:
            service.end_session(session, actor=door.actor(issued))
        assert isinstance(door.refresh(issued.refresh_token), Rejected)

    def test_another_sign_in_of_the_same_person_goes_on(self, door: Door) -> None:
        stolen = door.sign_in()
        later(61)
        other = door.sign_in()
        door.refresh(stolen.refresh_token)
        later(60)
        assert isinstance(door.refresh(stolen.refresh_token), Rejected)
        assert isinstance(door.refresh(other.refresh_token), IssuedTokens)

    def test_two_pages_at_once_get_the_same_and_go_on(self, door: Door) -> None:
        issued = door.sign_in()
        gate = threading.Barrier(4)

        def use(_: int) -> IssuedTokens | Rejected:
            gate.wait()
            return door.refresh(issued.refresh_token)

        with ThreadPoolExecutor(4) as pool:
            told = [each for each in pool.map(use, range(4)) if isinstance(each, IssuedTokens)]
        assert len(told) == 4
        assert len({each.refresh_token for each in told}) == 1
        with door.database.reading() as session:
            assert len(session.exec(select(RefreshToken)).all()) == 2
        assert isinstance(door.refresh(told[0].refresh_token), IssuedTokens)

    def test_a_follower_used_at_the_same_moment_is_either_before_or_after(self, door: Door) -> None:
        """An old token beside its follower: told again and then used, or used and then the family ends; never two."""
        issued = door.sign_in()
        second = door.refresh(issued.refresh_token)
        assert isinstance(second, IssuedTokens)
        gate = threading.Barrier(2)

        def use(token: str | None) -> IssuedTokens | Rejected:
            gate.wait()
            return door.refresh(token)

        with ThreadPoolExecutor(2) as pool:
            old, new = pool.map(use, [issued.refresh_token, second.refresh_token])
        with door.database.reading() as session:
            ended = [row.tag for row in audit.listing(session, prefix="", after=None, limit=10)]
        assert isinstance(new, IssuedTokens) or ended
        if isinstance(old, IssuedTokens):
            assert old.refresh_token == second.refresh_token
            assert not ended
        else:
            assert ended == ["session:family_revoked"]

    def test_it_ends_with_the_session(self, door: Door) -> None:
        issued = door.sign_in()
        later(90 * 86400)
        assert isinstance(door.refresh(issued.refresh_token), Rejected)

    @pytest.mark.parametrize("token", ["", "x" * 43, "共议"])
    def test_an_unknown_token_is_refused(self, door: Door, token: str) -> None:
        assert isinstance(door.refresh(token), Rejected)

    def test_tokens_are_stored_as_hashes(self, door: Door) -> None:
        issued = door.sign_in()
        with door.database.reading() as session:
            assert session.exec(select(RefreshToken)).one().hash != issued.refresh_token


class TestEndSession:
    def test_signing_out_ends_both_tokens(self, door: Door) -> None:
        issued = door.sign_in()
        actor = door.actor(issued)
        with door.database.writing() as session:
            service.end_session(session, actor=actor)
        with pytest.raises(TokenInvalid):
            door.actor(issued)
        assert isinstance(door.refresh(issued.refresh_token), Rejected)
