"""Signing in with a code sent to a phone."""

import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from app.access import service
from app.access.actor import AccountKind
from app.access.errors import (
    CodeTooSoon,
    PhoneMalformed,
    TooManyCodes,
    WrongCode,
)
from app.access.events import CodeRequested
from app.access.models import Account, SignInChallenge
from app.access.service import IssuedTokens, Rejected, SentChallenge
from app.core import clock
from app.outbox.models import OutboxMessage
from tests.access.door import PHONE, Door, later, wrong

pytestmark = pytest.mark.usefixtures("noon")


class TestRequestCode:
    def test_six_digits_stored_only_as_a_keyed_hash(self, door: Door) -> None:
        sent = door.code()
        assert re.fullmatch("[0-9]{6}", sent.code)
        assert sent.expires_in == 300
        with door.database.reading() as session:
            row = session.exec(select(SignInChallenge)).one()
            assert sent.code not in repr(row.model_dump())
            assert PHONE not in repr(row.model_dump())

    def test_the_event_carries_ciphertext(self, door: Door) -> None:
        sent = door.code()
        with door.database.reading() as session:
            payload = session.exec(select(OutboxMessage)).one().payload
        assert PHONE not in repr(payload)
        assert sent.code not in repr(payload)
        told: list[tuple[str, str]] = []

        class Sms:
            def send_notice(self, **notice: object) -> None:
                raise AssertionError(notice)

            def send_code(self, *, phone: str, code: str) -> None:
                told.append((phone, code))

        service.send_code(event=CodeRequested(**payload), sms=Sms())
        assert told == [(PHONE, sent.code)]
        later(300)
        service.send_code(event=CodeRequested(**payload), sms=Sms())
        assert len(told) == 1  # too late to be of use

    def test_sixty_seconds_between_codes(self, door: Door) -> None:
        door.code()
        later(59)
        with pytest.raises(CodeTooSoon) as raised:
            door.code(" 138 0013 8000")
        assert raised.value.facts["retry_after"] == 2
        door.code("13900139000")
        later(1)
        door.code()

    def test_five_in_an_hour_and_ten_in_a_day(self, door: Door) -> None:
        def until_refused() -> int:
            for count in range(50):
                try:
                    door.code()
                except TooManyCodes as error:
                    wait = error.facts["retry_after"]
                    assert isinstance(wait, int)
                    later(wait - 2)
                    with pytest.raises(TooManyCodes):
                        door.code()
                    later(2)
                    return count
                later(61)
            raise AssertionError

        assert until_refused() == 5  # the hour
        for _ in range(4):
            door.code()
            later(900)
        assert until_refused() == 1  # the day
        door.code()

    def test_limits_can_be_lifted_for_this_machine(self, door: Door) -> None:
        with door.database.writing() as session:
            for _ in range(12):
                service.request_code(session, phone=PHONE, lift_limits=True)

    def test_a_malformed_phone_leaves_nothing(self, door: Door) -> None:
        with pytest.raises(PhoneMalformed):
            door.code("12345")
        with door.database.reading() as session:
            assert session.exec(select(SignInChallenge)).all() == []
            assert session.exec(select(OutboxMessage)).all() == []


class TestSignInWithCode:
    def test_the_first_sign_in_makes_the_account_and_the_next_finds_it(self, door: Door) -> None:
        first = door.actor(door.sign_in())
        later(61)
        second = door.actor(door.sign_in("+86 138-0013-8000"))
        assert first.account_id == second.account_id
        assert first.session_id != second.session_id
        assert first.kind is AccountKind.RESIDENT
        assert first.grants == ()
        assert first.phone_fingerprint == service.phone_fingerprint(PHONE)

    def test_a_code_works_once(self, door: Door) -> None:
        sent = door.code()
        assert isinstance(door.enter(sent), IssuedTokens)
        assert isinstance(door.enter(sent), Rejected)

    def test_a_code_expires_after_five_minutes(self, door: Door) -> None:
        sent = door.code()
        later(300)
        outcome = door.enter(sent)
        assert isinstance(outcome, Rejected)
        assert isinstance(outcome.error, WrongCode)

    def test_five_tries_and_then_not_even_the_right_code(self, door: Door) -> None:
        sent = door.code()
        left = []
        for _ in range(5):
            outcome = door.enter(sent, wrong(sent))
            assert isinstance(outcome, Rejected)
            left.append(outcome.error.facts.get("tries_left"))
        assert left == [4, 3, 2, 1, 0]
        assert isinstance(door.enter(sent), Rejected)

    def test_tries_at_once_are_counted_one_by_one(self, door: Door) -> None:
        sent = door.code()
        gate = threading.Barrier(8)

        def guess(_: int) -> object:
            gate.wait()
            outcome = door.enter(sent, wrong(sent))
            assert isinstance(outcome, Rejected)
            return outcome.error.facts.get("tries_left")

        with ThreadPoolExecutor(8) as pool:
            left = list(pool.map(guess, range(8)))
        assert sorted(left, key=str) == [0, 1, 2, 3, 4, None, None, None]

    def test_a_code_is_bound_to_the_device_that_asked(self, door: Door) -> None:
        sent = door.code(nonce="device-aaaa")
        assert isinstance(door.enter(sent, nonce="device-bbbb"), Rejected)
        assert isinstance(door.enter(sent, nonce=None), Rejected)
        assert isinstance(door.enter(sent, nonce="device-aaaa"), IssuedTokens)

    def test_a_code_of_another_challenge_is_wrong(self, door: Door) -> None:
        one, two = door.code(), door.code("13900139000")
        if one.code == two.code:
            return
        assert isinstance(door.enter(one, two.code), Rejected)

    def test_an_unknown_challenge_is_just_wrong(self, door: Door) -> None:
        outcome = door.enter(SentChallenge(uuid.uuid4(), "123456", 300))
        assert isinstance(outcome, Rejected)
        assert isinstance(outcome.error, WrongCode)
        assert outcome.error.facts == {}

    def test_a_disabled_account_stays_out(self, door: Door) -> None:
        actor = door.actor(door.sign_in())
        with door.database.writing() as session:
            account = service.account_of(session, actor.account_id or uuid.uuid4())
            assert account is not None
            account.disabled_at = clock.now()
            session.add(account)
        later(61)
        assert isinstance(door.enter(door.code()), Rejected)

    def test_two_first_sign_ins_at_once_are_one_account(self, door: Door) -> None:
        with door.database.writing() as session:
            sent = [service.request_code(session, phone=PHONE, lift_limits=True) for _ in range(4)]
        gate = threading.Barrier(4)

        def enter(one: SentChallenge) -> object:
            gate.wait()
            outcome = door.enter(one)
            assert isinstance(outcome, IssuedTokens)
            return door.actor(outcome).account_id

        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(enter, sent))) == 1
        with door.database.reading() as session:
            assert len(session.exec(select(Account)).all()) == 1
