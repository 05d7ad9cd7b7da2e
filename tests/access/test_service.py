"""Signing in, by every way; accounts and grants."""

import datetime as dt
import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import select

from app.access import service
from app.access.actor import SYSTEM, AccountKind, Actor, Grant
from app.access.errors import (
    AccountNotFound,
    ClientAssertionInvalid,
    CodeTooSoon,
    GrantNotFound,
    KeyMalformed,
    LinkInvalid,
    NameTaken,
    PasswordTooWeak,
    PhoneMalformed,
    RoleNotGrantable,
    SupervisorInCommittee,
    TokenInvalid,
    TooManyCodes,
    TooManyPasswordAttempts,
    WrongCode,
    WrongPassword,
)
from app.access.events import CodeRequested
from app.access.models import Account, OneTimeLink, RefreshToken, SignInChallenge, SignInSession
from app.access.roles import Role
from app.access.service import IssuedTokens, Rejected, SentChallenge
from app.access.tokens import AccessTokens, make_client_assertion
from app.audit import service as audit
from app.core import clock
from app.core.db import Database
from app.outbox.models import OutboxMessage
from tests.access import forge

PHONE = "13800138000"
COMMUNITY = "520102031006"
START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"
AUDIENCE = "https://gongyi.example.org/platform/v1/token"


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens(bytes(range(32)))


@pytest.fixture(autouse=True)
def _noon() -> None:
    clock.set_frozen(START)


def later(seconds: float) -> None:
    clock.set_frozen(clock.now() + dt.timedelta(seconds=seconds))


@dataclass
class Door:
    """The service with a unit of work around each call, as the API does it."""

    database: Database
    tokens: AccessTokens

    def code(self, phone: str = PHONE, nonce: str | None = None) -> SentChallenge:
        with self.database.writing() as session:
            return service.request_code(session, phone=phone, device_nonce=nonce)

    def enter(
        self, sent: SentChallenge, code: str | None = None, nonce: str | None = None
    ) -> IssuedTokens | Rejected:
        with self.database.writing() as session:
            return service.sign_in_with_code(
                session,
                challenge_id=sent.challenge_id,
                code=code or sent.code,
                device_nonce=nonce,
                tokens=self.tokens,
            )

    def sign_in(self, phone: str = PHONE) -> IssuedTokens:
        outcome = self.enter(self.code(phone))
        assert isinstance(outcome, IssuedTokens)
        return outcome

    def refresh(self, token: str | None) -> IssuedTokens | Rejected:
        assert token is not None
        with self.database.writing() as session:
            return service.refresh(session, refresh_token=token, tokens=self.tokens)

    def actor(self, issued: IssuedTokens) -> Actor:
        claims = self.tokens.read(issued.access_token)
        with self.database.reading() as session:
            return service.actor_of(session, account_id=claims.account_id, session_id=claims.session_id)

    def staff(self, name: str = "li.wei", password: str | None = PASSWORD, *grants: Grant) -> uuid.UUID:
        with self.database.writing() as session:
            account, link = service.create_staff(
                session, name=name, display_name="李伟", actor=SYSTEM, grants=grants
            )
            if password is not None:
                service.redeem_link(session, link=link, password=password)
            return account.id

    def password(self, name: str, password: str) -> IssuedTokens:
        with self.database.writing() as session:
            tried = service.begin_password_try(session, name=name)
        if not service.password_matches(tried, password):
            raise WrongPassword
        with self.database.writing() as session:
            issued = service.sign_in_with_password(session, tried=tried, tokens=self.tokens)
        assert isinstance(issued, IssuedTokens)
        return issued


@pytest.fixture
def door(database: Database, tokens: AccessTokens) -> Door:
    return Door(database, tokens)


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


def wrong(sent: SentChallenge) -> str:
    return f"{(int(sent.code) + 1) % 10**6:06d}"


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


class TestActorOf:
    def test_a_disabled_account_is_nobody(self, door: Door) -> None:
        account = door.staff()
        issued = door.password("li.wei", PASSWORD)
        with door.database.writing() as session:
            service.disable_account(session, account_id=account, actor=SYSTEM)
        with pytest.raises(TokenInvalid):
            door.actor(issued)

    def test_a_session_of_another_account_is_nobodys(self, door: Door) -> None:
        one, two = door.actor(door.sign_in()), door.actor(door.sign_in("13900139000"))
        assert one.account_id is not None
        assert two.session_id is not None
        with pytest.raises(TokenInvalid), door.database.reading() as session:
            service.actor_of(session, account_id=one.account_id, session_id=two.session_id)

    def test_a_grant_counts_from_its_start_to_its_end(self, door: Door) -> None:
        account = door.staff()
        issued = door.password("li.wei", PASSWORD)
        with door.database.writing() as session:
            grant = service.give_grant(
                session, account_id=account, role=Role.AUDITOR, division=COMMUNITY, actor=SYSTEM
            )
        assert door.actor(issued).grants == (Grant(Role.AUDITOR, COMMUNITY),)
        with door.database.writing() as session:
            service.end_grant(session, grant_id=grant.id, actor=SYSTEM)
        assert door.actor(issued).grants == ()


class TestGiveGrant:
    def test_a_supervisor_above_or_below_is_one_too(self, door: Door) -> None:
        account = door.staff("li.wei", None, Grant(Role.SUPERVISOR, COMMUNITY))
        for division in (COMMUNITY, "520102031000", "000000000000"):
            with pytest.raises(SupervisorInCommittee), door.database.writing() as session:
                service.give_grant(
                    session, account_id=account, role=Role.RC_STAFF, division=division, actor=SYSTEM
                )
        with door.database.writing() as session:  # a neighbour's committee is another matter
            service.give_grant(
                session, account_id=account, role=Role.RC_STAFF, division="520102031007", actor=SYSTEM
            )

    def test_after_the_committee_one_may_supervise(self, door: Door) -> None:
        account = door.staff("li.wei", None)
        with door.database.writing() as session:
            grant = service.give_grant(
                session, account_id=account, role=Role.RC_CHAIR, division=COMMUNITY, actor=SYSTEM
            )
            service.end_grant(session, grant_id=grant.id, actor=SYSTEM)
        with door.database.writing() as session:
            service.give_grant(
                session, account_id=account, role=Role.SUPERVISOR, division=COMMUNITY, actor=SYSTEM
            )

    def test_residents_hold_none(self, door: Door) -> None:
        actor = door.actor(door.sign_in())
        assert actor.account_id is not None
        for account in (actor.account_id, uuid.uuid4()):
            with pytest.raises(AccountNotFound), door.database.writing() as session:
                service.give_grant(
                    session, account_id=account, role=Role.AUDITOR, division=COMMUNITY, actor=SYSTEM
                )

    def test_it_stands_in_the_divisions_record(self, door: Door) -> None:
        door.staff("li.wei", None, Grant(Role.RC_STAFF, COMMUNITY))
        with door.database.reading() as session:
            (entry,) = audit.listing(session, prefix=COMMUNITY, after=None, limit=10)
        assert (entry.tag, entry.actor) == ("grant:given", "system")
        assert audit.facts_of(entry) == {"role": "rc_staff", "division": COMMUNITY}

    def test_ending_twice_finds_none(self, door: Door) -> None:
        account = door.staff("li.wei", None)
        with door.database.writing() as session:
            grant = service.give_grant(
                session, account_id=account, role=Role.AUDITOR, division=COMMUNITY, actor=SYSTEM
            )
            service.end_grant(session, grant_id=grant.id, actor=SYSTEM)
        for grant_id in (grant.id, uuid.uuid4()):
            with pytest.raises(GrantNotFound), door.database.writing() as session:
                service.end_grant(session, grant_id=grant_id, actor=SYSTEM)


class TestCreateStaff:
    def test_a_name_is_taken_once(self, door: Door) -> None:
        door.staff()
        with pytest.raises(NameTaken):
            door.staff()

    def test_the_shown_name_is_sealed(self, door: Door) -> None:
        import sqlalchemy as sa

        door.staff()
        with door.database.reading() as session:
            stored = session.execute(sa.text("SELECT display_name FROM account")).scalar_one()
            assert "李伟" not in stored
            account = service.account_named(session, "li.wei")
            assert account is not None
            assert account.display_name == "李伟"


class TestListAccounts:
    def test_staff_and_machines_by_name_and_no_residents(self, door: Door) -> None:
        door.sign_in()
        for name in ("c", "a", "b"):
            door.staff(f"{name}.staff", None, Grant(Role.AUDITOR, COMMUNITY))
        with door.database.reading() as session:
            listed = service.list_accounts(session, after=None, limit=2, actor=SYSTEM)
            rest = service.list_accounts(session, after="b.staff", limit=2, actor=SYSTEM)
        assert [each.account.name for each in listed] == ["a.staff", "b.staff"]
        assert [each.account.name for each in rest] == ["c.staff"]
        assert [grant.role for grant in listed[0].grants] == [Role.AUDITOR]


class TestDisableAccount:
    def test_residents_and_strangers_are_not_found(self, door: Door) -> None:
        resident = door.actor(door.sign_in()).account_id
        for account in (resident, uuid.uuid4()):
            assert account is not None
            with pytest.raises(AccountNotFound), door.database.writing() as session:
                service.disable_account(session, account_id=account, actor=SYSTEM)


KEY = ec.generate_private_key(ec.SECP256R1())


class TestClients:
    def register(
        self, door: Door, name: str = "street", scopes: tuple[Role, ...] = (Role.SCOPE_FUNDING_READ,)
    ) -> None:
        with door.database.writing() as session:
            service.register_client(
                session,
                name=name,
                public_key_pem=forge.public_pem(KEY),
                scopes=scopes,
                division=COMMUNITY,
                actor=SYSTEM,
            )

    def assertion(self, name: str = "street") -> str:
        return make_client_assertion(
            client_id=name, audience=AUDIENCE, private_key_pem=forge.private_pem(KEY)
        )

    def sign_in(self, door: Door, assertion: str, audience: str = AUDIENCE) -> IssuedTokens:
        with door.database.writing() as session:
            return service.sign_in_client(session, assertion=assertion, audience=audience, tokens=door.tokens)

    def test_a_registered_system_gets_a_token_with_its_scopes(self, door: Door) -> None:
        self.register(door)
        issued = self.sign_in(door, self.assertion())
        assert issued.refresh_token is None
        actor = door.actor(issued)
        assert actor.kind is AccountKind.PLATFORM
        assert actor.may("platform.request.list", COMMUNITY)
        assert not actor.may("platform.request.decide", COMMUNITY)
        assert not actor.may("platform.request.list", "520102031007")

    def test_an_assertion_works_once(self, door: Door) -> None:
        self.register(door)
        assertion = self.assertion()
        self.sign_in(door, assertion)
        with pytest.raises(ClientAssertionInvalid):
            self.sign_in(door, assertion)

    def test_two_uses_at_once_are_one(self, door: Door) -> None:
        self.register(door)
        assertion = self.assertion()
        gate = threading.Barrier(4)

        def use(_: int) -> bool:
            gate.wait()
            try:
                self.sign_in(door, assertion)
            except ClientAssertionInvalid:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(use, range(4))) == 1

    @pytest.mark.parametrize("case", ["unknown", "audience", "garbage", "staff", "disabled"])
    def test_refusals_are_all_alike(self, door: Door, case: str) -> None:
        self.register(door)
        door.staff("li.wei")
        assertion = self.assertion({"unknown": "other", "staff": "li.wei"}.get(case, "street"))
        if case == "disabled":
            with door.database.writing() as session:
                account = service.account_named(session, "street")
                assert account is not None
                service.disable_account(session, account_id=account.id, actor=SYSTEM)
        audience = "https://other.example.org" if case == "audience" else AUDIENCE
        with pytest.raises(ClientAssertionInvalid):
            self.sign_in(door, "garbage" if case == "garbage" else assertion, audience)

    def test_registration_refuses(self, door: Door) -> None:
        self.register(door)
        with pytest.raises(NameTaken):
            self.register(door)
        with pytest.raises(RoleNotGrantable):
            self.register(door, "second", (Role.RC_CHAIR,))
        with pytest.raises(KeyMalformed), door.database.writing() as session:
            service.register_client(
                session, name="third", public_key_pem="x", scopes=[Role.SCOPE_FUNDING_READ], division=COMMUNITY,
                actor=SYSTEM,
            )  # fmt: skip
        with door.database.reading() as session:
            assert service.account_named(session, "second") is None
            assert service.account_named(session, "third") is None


class TestForgetExpired:
    def test_what_can_still_be_used_stays(self, door: Door) -> None:
        issued = door.sign_in()
        later(86_400 * 2)
        with door.database.writing() as session:
            service.forget_expired(session)
        assert isinstance(door.refresh(issued.refresh_token), IssuedTokens)
        with door.database.reading() as session:
            assert session.exec(select(SignInChallenge)).all() == []
            assert len(session.exec(select(SignInSession)).all()) == 1
