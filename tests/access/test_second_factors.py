"""The second factor of staff: set up, shown at the door and before dangerous acts, replaced, reset."""

import base64
import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access import rules, service
from app.access.actor import SYSTEM, Actor
from app.access.deps import ActorCache
from app.access.divisions import WHOLE_COUNTRY
from app.access.errors import FreshCodeNeeded, SecondFactorMissing
from app.access.matrix import FRESH, MATRIX, TO_ENROL
from app.access.models import RecoveryCode, SecondFactor, SignInSession
from app.access.roles import Role
from app.audit import service as audit
from app.core import clock
from app.core.config import SecondFactorRule, Settings
from app.core.db import Database
from app.main import create_app
from tests.callers import Authenticator, Callers, Headers
from tests.story import COMMUNITY, ok, refused

TOKENS = "/api/v1/auth/tokens"
MINE = "/api/v1/me/second-factor"
CONFIRM = "/api/v1/auth/confirmations"
PASSWORD = "correct horse battery"


def later(**interval: float) -> None:
    clock.set_frozen(clock.now() + dt.timedelta(**interval))


class Desk:
    """Somebody with a password and an authenticator app."""

    def __init__(self, client: TestClient, callers: Callers, name: str = "he.jing") -> None:
        self.client, self.callers, self.name = client, callers, name
        self.actor = callers.staff_actor(Role.RC_CHAIR, COMMUNITY, name=name)
        with callers.database.writing() as session:
            account = service.account_named(session, name)
            assert account is not None
            service.redeem_link(session, link=service.new_link(session, account=account), password=PASSWORD)
        self.app: Authenticator | None = None

    def enrol(self) -> "Desk":
        headers = self.headers(self.enter())
        offer = ok(self.client.post(MINE, headers=headers))
        self.app = Authenticator(offer["secret"], [])
        confirmed = ok(self.client.post(f"{MINE}/confirm", json={"code": self.app.code()}, headers=headers))
        self.app.recovery_codes = confirmed["codes"]
        later(seconds=rules.STEP_SECONDS)
        return self

    def try_(self, password: str = PASSWORD, code: str | None = None) -> Any:
        body = {"name": self.name, "password": password} | ({} if code is None else {"code": code})
        return self.client.post(TOKENS, json=body)

    def enter(self, code: str | None = None) -> dict[str, Any]:
        issued: dict[str, Any] = ok(self.try_(code=code))
        return issued

    def code(self, steps: int = 0) -> str:
        assert self.app is not None
        return self.app.code(steps=steps)

    def renewed(self, issued: dict[str, Any]) -> Headers:
        """The same sign-in, some minutes later."""
        return self.headers(ok(self.client.post(TOKENS, json={"refresh_token": issued["refresh_token"]})))

    @staticmethod
    def headers(issued: dict[str, Any]) -> Headers:
        return {"Authorization": f"Bearer {issued['access_token']}"}


@pytest.fixture
def desk(client: TestClient, callers: Callers) -> Desk:
    clock.set_frozen(dt.datetime(2026, 3, 1, 2, 0, 10, tzinfo=dt.UTC))
    return Desk(client, callers)


class TestCode:
    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [
            (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
            (2000000000, "69279037"), (20000000000, "65353130"),
        ],
    )  # fmt: skip
    def test_the_test_vectors_of_rfc_6238(self, seconds: int, expected: str) -> None:
        step = rules.step_at(dt.datetime.fromtimestamp(seconds, dt.UTC))
        assert rules.second_factor_code(b"12345678901234567890", step) == expected[-6:]

    def test_a_step_either_side_and_each_once(self) -> None:
        secret, now = b"12345678901234567890", dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        step = rules.step_at(now)
        for off, found in ((-2, None), (-1, step - 1), (0, step), (1, step + 1), (2, None)):
            code = rules.second_factor_code(secret, step + off)
            assert rules.matching_step(secret, code, at=now, after=0) == found, off
        assert rules.matching_step(secret, rules.second_factor_code(secret, step), at=now, after=step) is None
        assert (
            rules.matching_step(secret, rules.second_factor_code(secret, step - 1), at=now, after=step)
            is None
        )

    def test_however_it_was_typed(self) -> None:
        for text in ("123456", "123 456", "１２３４５６", " 123-456 "):
            assert rules.normal_second_factor_code(text) == "123456"
        for text in ("12345", "1234567", "7K3QF-9XW2M", ""):
            assert rules.normal_second_factor_code(text) is None


class TestBeginAndConfirm:
    def test_what_an_app_scans(self, desk: Desk, client: TestClient) -> None:
        offer = ok(client.post(MINE, headers=desk.headers(desk.enter())))
        assert offer["uri"].startswith(
            "otpauth://totp/%E5%85%B1%E8%AE%AE%3Ahe.jing?secret=" + offer["secret"]
        )
        assert offer["picture"].startswith("data:image/svg+xml")
        assert len(base64.b32decode(offer["secret"])) == rules.SECOND_FACTOR_BYTES

    def test_nothing_is_in_force_before_a_right_code(
        self, desk: Desk, client: TestClient, database: Database
    ) -> None:
        headers = desk.headers(desk.enter())
        refused(
            client.post(f"{MINE}/confirm", json={"code": "123456"}, headers=headers),
            409,
            "second_factor_not_begun",
        )
        offer = ok(client.post(MINE, headers=headers))
        app = Authenticator(offer["secret"], [])
        wrong = client.post(f"{MINE}/confirm", json={"code": app.code(steps=5)}, headers=headers)
        refused(wrong, 403, "second_factor_wrong")
        desk.enter()  # the password alone goes on to work
        later(minutes=rules.OFFER_MINUTES)
        headers = desk.headers(desk.enter())
        late = client.post(f"{MINE}/confirm", json={"code": app.code()}, headers=headers)
        refused(late, 409, "second_factor_not_begun")
        with database.reading() as session:
            row = session.get(SecondFactor, desk.actor.account_id)
            assert row is not None
            assert row.enrolled_at is None

    def test_the_secret_and_the_recovery_codes_lie_sealed(
        self, desk: Desk, client: TestClient, database: Database
    ) -> None:
        desk.enrol()
        assert desk.app is not None
        assert len(set(desk.app.recovery_codes)) == rules.RECOVERY_CODES
        with database.reading() as session:
            stored = str(session.connection().exec_driver_sql("SELECT * FROM second_factor").all())
            stored += str(session.connection().exec_driver_sql("SELECT * FROM recovery_code").all())
            facts = str(audit.listing(session, prefix="", after=None, limit=100))
        assert desk.app.secret not in stored + facts
        assert not any(
            code in stored + facts or code.replace("-", "") in stored for code in desk.app.recovery_codes
        )
        state = ok(client.get(MINE, headers=desk.headers(desk.enter(desk.code()))))
        assert state["recovery_codes_left"] == rules.RECOVERY_CODES
        assert state["enrolled_at"] is not None

    def test_a_new_phone_replaces_the_old_one_and_wants_a_code_of_it_first(
        self, desk: Desk, client: TestClient
    ) -> None:
        desk.enrol()
        headers = desk.headers(desk.enter(desk.code()))
        later(minutes=6)
        refused(client.post(MINE, headers=headers), 403, "fresh_code_needed")
        ok(client.post(CONFIRM, json={"code": desk.code()}, headers=headers))
        old = desk.app
        offer = ok(client.post(MINE, headers=headers))
        later(seconds=30)
        desk.enter(desk.code())  # until the new one is confirmed
        new = Authenticator(offer["secret"], [])
        ok(client.post(f"{MINE}/confirm", json={"code": new.code()}, headers=headers))
        later(seconds=30)
        assert old is not None
        refused(desk.try_(code=old.code()), 403, "second_factor_wrong")
        desk.enter(new.code())
        refused(desk.try_(code=old.recovery_codes[0]), 403, "second_factor_wrong")

    def test_residents_have_none(self, client: TestClient, callers: Callers) -> None:
        headers = callers.resident("13912345678")
        refused(client.post(MINE, headers=headers), 403, "not_allowed")
        refused(client.post(CONFIRM, json={"code": "123456"}, headers=headers), 403, "not_allowed")


class TestSignIn:
    def test_the_code_is_asked_for_after_the_password_was_right(self, desk: Desk) -> None:
        desk.enrol()
        refused(desk.try_("wrong horse battery"), 401, "wrong_password")
        refused(desk.try_("wrong horse battery", desk.code()), 401, "wrong_password")
        refused(desk.try_(), 401, "second_factor_needed")
        assert desk.enter(desk.code())["refresh_token"]

    def test_a_code_works_once(self, desk: Desk) -> None:
        desk.enrol()
        code = desk.code()
        desk.enter(code)
        refused(desk.try_(code=code), 403, "second_factor_wrong")
        later(seconds=30)
        desk.enter(desk.code())

    def test_of_two_uses_at_once_one_is_late(self, desk: Desk) -> None:
        code = desk.enrol().code()
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: desk.try_(code=code).status_code, range(4)))
        assert min(answers) == 200
        assert answers.count(200) == 1

    def test_a_recovery_code_works_once_however_it_was_typed(
        self, desk: Desk, client: TestClient, database: Database
    ) -> None:
        desk.enrol()
        assert desk.app is not None
        first, second, *_ = desk.app.recovery_codes
        issued = desk.enter(first.lower().replace("-", " "))
        refused(desk.try_(code=first), 403, "second_factor_wrong")
        desk.enter(second)
        assert ok(client.get(MINE, headers=desk.headers(issued)))["recovery_codes_left"] == 8
        with database.reading() as session:
            tags = [row.tag for row in audit.listing(session, prefix="", after=None, limit=100)]
        assert tags.count("recovery_code:used") == 2

    def test_somebody_else_s_recovery_code_opens_nothing(
        self, desk: Desk, client: TestClient, callers: Callers
    ) -> None:
        desk.enrol()
        other = Desk(client, callers, "xie.fang").enrol()
        assert other.app is not None
        refused(desk.try_(code=other.app.recovery_codes[0]), 403, "second_factor_wrong")
        other.enter(other.app.recovery_codes[0])

    def test_wrong_codes_count_like_wrong_passwords(self, desk: Desk) -> None:
        desk.enrol()
        for _ in range(rules.PASSWORD_FAILURES_BEFORE_PAUSE):
            refused(desk.try_(code="000000"), 403, "second_factor_wrong")
        refused(desk.try_(code=desk.code()), 429, "too_many_password_attempts")
        later(seconds=rules.PASSWORD_PAUSE_SECONDS)
        desk.enter(desk.code())

    def test_asking_for_the_code_neither_counts_nor_forgives(self, desk: Desk) -> None:
        desk.enrol()
        for _ in range(rules.PASSWORD_FAILURES_BEFORE_PAUSE - 1):
            refused(desk.try_(code="000000"), 403, "second_factor_wrong")
        for _ in range(3):
            refused(desk.try_(), 401, "second_factor_needed")
        refused(desk.try_(code="000000"), 403, "second_factor_wrong")
        refused(desk.try_(), 429, "too_many_password_attempts")

    def test_a_code_without_need_does_no_harm(self, desk: Desk) -> None:
        desk.enter("123456")

    def test_a_new_password_ends_what_was_open(
        self, desk: Desk, client: TestClient, database: Database
    ) -> None:
        headers = desk.headers(desk.enter())
        with database.writing() as session:
            account = service.account_named(session, desk.name)
            assert account is not None
            spare = service.new_link(session, account=account)
            link = service.new_link(session, account=account)
        body = {"link": link, "password": "another horse battery"}
        ok(client.post("/api/v1/auth/passwords", json=body))
        cache: ActorCache = client.app.state.actor_cache  # type: ignore[attr-defined]
        cache.clear()
        assert client.get("/api/v1/me", headers=headers).status_code == 401
        refused(client.post("/api/v1/auth/passwords", json=body | {"link": spare}), 404, "link_invalid")


class TestFreshCode:
    def act(self, client: TestClient, headers: Headers) -> Any:
        """Something dangerous, of a round that is not there."""
        return client.post(f"/api/v1/rounds/{uuid.uuid4()}/certify", headers=headers)

    def test_asked_for_after_five_minutes_and_given_for_five(self, desk: Desk, client: TestClient) -> None:
        issued = desk.enrol().enter(desk.code())
        headers = desk.headers(issued)
        assert self.act(client, headers).status_code == 404  # the code at the door was one
        later(minutes=rules.CONFIRMED_MINUTES)
        refused(self.act(client, headers), 403, "fresh_code_needed")
        assert client.get("/api/v1/me", headers=headers).status_code == 200  # the rest goes on
        refused(client.post(CONFIRM, json={"code": "000000"}, headers=headers), 403, "second_factor_wrong")
        until = ok(client.post(CONFIRM, json={"code": desk.code()}, headers=headers))["confirmed_until"]
        assert ok(client.get("/api/v1/me", headers=headers))["second_factor"]["confirmed_until"] == until
        assert self.act(client, headers).status_code == 404
        later(minutes=rules.CONFIRMED_MINUTES)
        headers = desk.renewed(issued)
        refused(self.act(client, headers), 403, "fresh_code_needed")

    def test_it_is_this_sign_in_s_alone(self, desk: Desk, client: TestClient) -> None:
        desk.enrol()
        one = desk.headers(desk.enter(desk.code()))
        later(minutes=6)
        other = desk.headers(desk.enter(desk.code()))
        assert self.act(client, other).status_code == 404
        refused(self.act(client, one), 403, "fresh_code_needed")

    def test_what_another_process_was_shown_counts_at_once(
        self, desk: Desk, client: TestClient, database: Database
    ) -> None:
        desk.enrol()
        issued = desk.enter(desk.code())
        headers = desk.headers(issued)
        later(minutes=6)
        refused(self.act(client, headers), 403, "fresh_code_needed")
        with database.writing() as session:  # past this process and its memory of who is who
            for family in session.exec(select(SignInSession)):
                family.confirmed_at = clock.now()
                session.add(family)
        assert self.act(client, headers).status_code == 404

    def test_wrong_codes_pause_the_name(self, desk: Desk, client: TestClient) -> None:
        desk.enrol()
        headers = desk.headers(desk.enter(desk.code()))
        for _ in range(rules.PASSWORD_FAILURES_BEFORE_PAUSE):
            refused(
                client.post(CONFIRM, json={"code": "000000"}, headers=headers), 403, "second_factor_wrong"
            )
        later(seconds=30)
        refused(
            client.post(CONFIRM, json={"code": desk.code()}, headers=headers),
            429,
            "too_many_password_attempts",
        )
        refused(desk.try_(code=desk.code()), 429, "too_many_password_attempts")

    def test_who_has_none_is_asked_for_none_where_it_is_optional(
        self, desk: Desk, client: TestClient
    ) -> None:
        headers = desk.headers(desk.enter())
        assert self.act(client, headers).status_code == 404
        refused(client.post(CONFIRM, json={"code": "123456"}, headers=headers), 403, "second_factor_missing")

    def test_every_line_is_a_verb_of_the_matrix_and_nobody_s_but_staff_s(self) -> None:
        assert set(MATRIX) >= FRESH
        assert set(MATRIX) >= TO_ENROL
        for verb in FRESH:
            assert not MATRIX[verb] & {Role.PUBLIC, Role.RESIDENT, Role.CODE_HOLDER, Role.HELPER}, verb

    def test_a_signature_wants_one_whatever_the_settings(
        self, callers: Callers, database: Database, desk: Desk
    ) -> None:
        actor: Actor = desk.actor
        with database.reading() as session:
            service.require_confirmed(session, SYSTEM)
            with pytest.raises(SecondFactorMissing):
                service.require_confirmed(session, actor)
        later(seconds=30)
        actor = callers.staff_actor(Role.RC_CHAIR, COMMUNITY)
        callers.enrol(actor)
        with database.reading() as session:
            service.require_confirmed(session, actor)
            later(minutes=5)
            with pytest.raises(FreshCodeNeeded):
                service.require_confirmed(session, actor)


class TestRequired:
    @pytest.fixture
    def strict(self, settings: Settings) -> TestClient:
        settings.staff_second_factor = SecondFactorRule.REQUIRED
        return TestClient(create_app(settings))

    def test_without_one_nothing_but_setting_it_up(self, strict: TestClient, callers: Callers) -> None:
        with strict as client:
            actor = callers.staff_actor(Role.RC_CHAIR, COMMUNITY)
            headers = callers.headers(actor)
            refused(
                client.get(f"/api/v1/communities/{COMMUNITY}/residents", headers=headers),
                403,
                "second_factor_missing",
            )
            me = ok(client.get("/api/v1/me", headers=headers))
            assert me["second_factor"] == {"enrolled": False, "required": True, "confirmed_until": None}
            assert "resident.list" not in me["verbs"]
            assert "second_factor.begin" in me["verbs"]
            # what is anybody's they see as anybody
            assert client.get(f"/api/v1/rounds?division={COMMUNITY}", headers=headers).status_code == 200
            ok(client.get("/api/v1/me/sessions", headers=headers))
            app = Authenticator(ok(client.post(MINE, headers=headers))["secret"], [])
            ok(client.post(f"{MINE}/confirm", json={"code": app.code()}, headers=headers))
            ok(client.get(f"/api/v1/communities/{COMMUNITY}/residents", headers=headers))
            assert "resident.list" in ok(client.get("/api/v1/me", headers=headers))["verbs"]

    def test_residents_and_machines_are_not_asked(self, strict: TestClient, callers: Callers) -> None:
        with strict as client:
            me = ok(client.get("/api/v1/me", headers=callers.resident("13912345678")))
            assert me["second_factor"] == {"enrolled": False, "required": False, "confirmed_until": None}
            headers = callers.client(Role.SCOPE_PROJECT_READ, over=COMMUNITY)
            assert (
                client.get(f"/platform/v1/projects?community={COMMUNITY}", headers=headers).status_code == 200
            )


class TestRenewRecoveryCodes:
    def test_the_old_ones_end(self, desk: Desk, client: TestClient) -> None:
        desk.enrol()
        assert desk.app is not None
        headers = desk.headers(desk.enter(desk.code()))
        made = ok(client.post("/api/v1/me/recovery-codes", headers=headers))["codes"]
        assert not set(made) & set(desk.app.recovery_codes)
        refused(desk.try_(code=desk.app.recovery_codes[0]), 403, "second_factor_wrong")
        desk.enter(made[0])

    def test_there_must_be_something_they_stand_in_for(self, desk: Desk, client: TestClient) -> None:
        headers = desk.headers(desk.enter())
        refused(client.post("/api/v1/me/recovery-codes", headers=headers), 403, "second_factor_missing")


class TestReset:
    def test_by_two_people_and_the_owner_is_out(
        self, desk: Desk, client: TestClient, callers: Callers, database: Database
    ) -> None:
        desk.enrol()
        theirs = desk.headers(desk.enter(desk.code()))
        first, second = (callers.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY) for _ in range(2))
        path = f"/api/v1/accounts/{desk.actor.account_id}/second-factor-resets"
        proposed = ok(client.post(path, headers=first))
        refused(client.post(path, headers=second), 409, "proposed_already")
        confirm = f"/api/v1/account-proposals/{proposed['id']}/confirm"
        refused(client.post(confirm, headers=first), 409, "second_administrator_needed")
        refused(desk.try_(), 401, "second_factor_needed")
        ok(client.post(confirm, headers=second))
        assert client.get("/api/v1/me", headers=theirs).status_code == 401
        desk.enter()
        refused(client.post(path, headers=first), 409, "not_enrolled")
        with database.reading() as session:
            assert session.exec(select(RecoveryCode)).first() is None
