"""Choosing a password with a link, and signing in with it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from app.access import service
from app.access.actor import SYSTEM, Grant
from app.access.errors import (
    LinkInvalid,
    PasswordTooWeak,
    TooManyPasswordAttempts,
    WrongPassword,
)
from app.access.models import OneTimeLink
from app.access.roles import Role
from app.access.service import IssuedTokens, Rejected
from tests.access.door import COMMUNITY, PASSWORD, Door, later

pytestmark = pytest.mark.usefixtures("noon")


class TestRedeemLink:
    def link(self, door: Door) -> str:
        with door.database.writing() as session:
            return service.create_staff(session, name="li.wei", display_name="李伟", actor=SYSTEM)[1]

    def redeem(self, door: Door, link: str, password: str = PASSWORD) -> None:
        with door.database.writing() as session:
            service.redeem_link(session, link=link, password=password)

    def test_it_works_once(self, door: Door) -> None:
        link = self.link(door)
        self.redeem(door, link)
        assert isinstance(door.password("li.wei", PASSWORD), IssuedTokens)
        with pytest.raises(LinkInvalid):
            self.redeem(door, link, "another good password")

    def test_a_weak_password_does_not_use_it_up(self, door: Door) -> None:
        link = self.link(door)
        with pytest.raises(PasswordTooWeak):
            self.redeem(door, link, "password")
        self.redeem(door, link)

    def test_it_expires(self, door: Door) -> None:
        link = self.link(door)
        later(72 * 3600)
        with pytest.raises(LinkInvalid):
            self.redeem(door, link)

    def test_two_at_once_are_one(self, door: Door) -> None:
        link = self.link(door)
        gate = threading.Barrier(2)

        def redeem(number: int) -> bool:
            gate.wait()
            try:
                self.redeem(door, link, f"password number {number}")
            except LinkInvalid:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(redeem, range(2))) == [False, True]

    def test_it_is_stored_as_a_hash(self, door: Door) -> None:
        link = self.link(door)
        with door.database.reading() as session:
            assert session.exec(select(OneTimeLink)).one().hash != link

    def test_a_disabled_account_cannot_use_it(self, door: Door) -> None:
        link = self.link(door)
        with door.database.writing() as session:
            account = service.account_named(session, "li.wei")
            assert account is not None
            service.disable_account(session, account_id=account.id, actor=SYSTEM)
        with pytest.raises(LinkInvalid):
            self.redeem(door, link)


class TestSignInWithPassword:
    def test_name_and_password(self, door: Door) -> None:
        account = door.staff("li.wei", PASSWORD, Grant(Role.RC_STAFF, COMMUNITY))
        actor = door.actor(door.password("li.wei", PASSWORD))
        assert actor.account_id == account
        assert actor.grants == (Grant(Role.RC_STAFF, COMMUNITY),)

    def test_nothing_is_stored_that_reads_as_the_password(self, door: Door) -> None:
        account = door.staff()
        with door.database.reading() as session:
            row = service.account_of(session, account)
            assert row is not None
            assert (row.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    def test_five_wrong_ones_pause_the_name_for_five_minutes(self, door: Door) -> None:
        door.staff()
        for _ in range(5):
            with pytest.raises(WrongPassword):
                door.password("li.wei", "wrong")
        with pytest.raises(TooManyPasswordAttempts) as raised:
            door.password("li.wei", PASSWORD)
        assert raised.value.facts["retry_after"] == 301
        later(300)
        assert isinstance(door.password("li.wei", PASSWORD), IssuedTokens)

    def test_a_right_one_clears_the_count(self, door: Door) -> None:
        door.staff()
        for _ in range(3):
            for _ in range(4):
                with pytest.raises(WrongPassword):
                    door.password("li.wei", "wrong")
            door.password("li.wei", PASSWORD)

    def test_the_fifth_may_be_the_right_one(self, door: Door) -> None:
        door.staff()
        for _ in range(4):
            with pytest.raises(WrongPassword):
                door.password("li.wei", "wrong")
        door.password("li.wei", PASSWORD)
        door.password("li.wei", PASSWORD)

    def test_an_unknown_name_is_paused_like_a_known_one(self, door: Door) -> None:
        for _ in range(5):
            with pytest.raises(WrongPassword):
                door.password("nobody", "wrong")
        with pytest.raises(TooManyPasswordAttempts):
            door.password("nobody", "wrong")

    def test_guesses_at_once_are_all_counted(self, door: Door) -> None:
        door.staff()
        gate = threading.Barrier(10)

        def guess(_: int) -> type[Exception]:
            gate.wait()
            try:
                door.password("li.wei", "wrong")
            except (WrongPassword, TooManyPasswordAttempts) as error:
                return type(error)
            raise AssertionError

        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(guess, range(10)))
        assert answers.count(WrongPassword) == 5

    def test_before_a_password_is_chosen_none_is_right(self, door: Door) -> None:
        door.staff("li.wei", None)
        for password in ("", PASSWORD):
            with pytest.raises(WrongPassword):
                door.password("li.wei", password)

    def test_disabled_residents_and_machines_stay_out(self, door: Door) -> None:
        account = door.staff()
        with door.database.writing() as session:
            service.disable_account(session, account_id=account, actor=SYSTEM)
        with pytest.raises(WrongPassword):
            door.password("li.wei", PASSWORD)

    def test_disabled_while_the_password_was_checked(self, door: Door) -> None:
        account = door.staff()
        with door.database.writing() as session:
            tried = service.begin_password_try(session, name="li.wei")
        with door.database.writing() as session:
            service.disable_account(session, account_id=account, actor=SYSTEM)
        assert service.password_matches(tried, PASSWORD)
        with pytest.raises(WrongPassword), door.database.writing() as session:
            service.sign_in_with_password(session, tried=tried, tokens=door.tokens)

    def test_the_session_of_staff_ends_after_a_day(self, door: Door) -> None:
        door.staff()
        issued = door.password("li.wei", PASSWORD)
        later(86_400)
        assert isinstance(door.refresh(issued.refresh_token), Rejected)
