"""One's own sign-ins: seen, ended, forgotten."""

import datetime as dt
import uuid

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from app.access import rules, service
from app.access.deps import ActorCache
from app.access.models import Account, RefreshToken, SignInSession
from app.access.roles import Role
from app.access.rules import Device
from app.core import clock
from app.core.db import Database
from tests.callers import Callers
from tests.story import COMMUNITY, ok, refused

ME = "/api/v1/me/sessions"
PHONE = "13912345678"


def sign_in(client: TestClient, agent: str = "Mozilla/5.0 (Linux; Android 14) Chrome/120") -> dict[str, str]:
    headers = {"User-Agent": agent}
    sent = ok(client.post("/api/v1/auth/codes", json={"phone": PHONE}, headers=headers))
    body = {"challenge_id": sent["challenge_id"], "code": sent["development_code"]}
    issued: dict[str, str] = ok(client.post("/api/v1/auth/tokens", json=body, headers=headers))
    return issued


def signed(issued: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {issued['access_token']}"}


class TestListing:
    def test_each_device_stands_there_once_and_says_which_one_this_is(self, client: TestClient) -> None:
        old, new = sign_in(client), sign_in(client)
        found = ok(client.get(ME, headers=signed(new)))["items"]
        assert [each["current"] for each in found] == [True, False]
        assert [each["current"] for each in ok(client.get(ME, headers=signed(old)))["items"]] == [False, True]
        today = clock.today().isoformat()
        assert {(each["with_wechat"], each["last_used_on"]) for each in found} == {(False, today)}

    def test_a_day_of_use_is_told_and_no_hour(self, client: TestClient) -> None:
        began = clock.now()
        issued = sign_in(client)
        clock.set_frozen(began + dt.timedelta(days=5))
        again = ok(client.post("/api/v1/auth/tokens", json={"refresh_token": issued["refresh_token"]}))
        [found] = ok(client.get(ME, headers=signed(again)))["items"]
        assert found["last_used_on"] == clock.today().isoformat()
        assert found["began_at"][:10] == began.date().isoformat()

    def test_staff_see_theirs_too_and_nobody_else_s(self, client: TestClient, callers: Callers) -> None:
        sign_in(client)
        [found] = ok(client.get(ME, headers=callers.staff(Role.RC_STAFF, COMMUNITY)))["items"]
        assert found["current"]


class TestEnding:
    def test_a_lost_phone_is_signed_out(self, client: TestClient) -> None:
        lost, mine = sign_in(client), sign_in(client)
        ok(client.get("/api/v1/me", headers=signed(lost)))
        [other] = [each for each in ok(client.get(ME, headers=signed(mine)))["items"] if not each["current"]]
        ok(client.delete(f"{ME}/{other['id']}", headers=signed(mine)))
        refused(client.get("/api/v1/me", headers=signed(lost)), 401, "token_invalid")
        refused(
            client.post("/api/v1/auth/tokens", json={"refresh_token": lost["refresh_token"]}),
            401,
            "token_invalid",
        )
        assert len(ok(client.get(ME, headers=signed(mine)))["items"]) == 1
        refused(client.delete(f"{ME}/{other['id']}", headers=signed(mine)), 404, "session_not_found")

    def test_somebody_else_s_is_like_none(self, client: TestClient, callers: Callers) -> None:
        mine = sign_in(client)
        theirs = callers.resident_actor("13900000001")
        for session_id in (theirs.session_id, uuid.uuid4()):
            refused(client.delete(f"{ME}/{session_id}", headers=signed(mine)), 404, "session_not_found")
        ok(client.get("/api/v1/me", headers=callers.headers(theirs)))


class TestForgetting:
    def test_nothing_leads_from_the_account_to_the_phone(
        self, client: TestClient, app: FastAPI, database: Database
    ) -> None:
        issued = sign_in(client)
        with database.writing() as session:
            [account] = session.exec(select(Account)).all()
            service.forget(session, account_id=account.id)
        cache: ActorCache = app.state.actor_cache
        cache.clear()
        refused(client.get("/api/v1/me", headers=signed(issued)), 401, "token_invalid")
        with database.reading() as session:
            row = session.exec(select(Account).where(Account.id == account.id)).one()
            assert (row.phone_fingerprint, row.display_name) == (None, None)
            assert session.exec(select(RefreshToken)).all() == []
        assert ok(client.get("/api/v1/me", headers=signed(sign_in(client))))["account_id"] != str(account.id)

    def test_ended_sign_ins_are_forgotten_after_a_month(self, session: Session) -> None:
        account = service.resident_account(session, service.phone_fingerprint(PHONE))
        now = clock.now()
        kept = dt.timedelta(days=rules.SESSION_DAYS_KEPT)
        ends = {"ended": now - kept - dt.timedelta(hours=1), "recent": now - kept + dt.timedelta(hours=1)}
        for ended_at in [*ends.values(), None]:
            family = service.start_session(session, account, days=90)
            family.revoked_at = ended_at
            session.add_all(
                [
                    family,
                    RefreshToken(hash=uuid.uuid4().hex, session_id=family.id, expires_at=family.expires_at),
                ]
            )
        service.forget_expired(session)
        left = session.exec(select(SignInSession.revoked_at)).all()
        assert sorted(left, key=str) == sorted([ends["recent"], None], key=str)
        assert len(session.exec(select(RefreshToken)).all()) == 2


class TestDevices:
    @pytest.mark.parametrize(
        ("said", "device"),
        [
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit MicroMessenger/8.0.40", Device.WECHAT),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari", Device.IPHONE),
            ("Mozilla/5.0 (Linux; Android 14; HarmonyOS; ALN-AL00)", Device.HARMONY),
            ("Mozilla/5.0 (Linux; Android 14; Pixel 8)", Device.ANDROID),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", Device.COMPUTER),
            ("curl/8", Device.OTHER),
            (" " * 500 + "Android", Device.OTHER),
            (None, Device.OTHER),
        ],
    )
    def test_so_much_is_kept_of_what_a_browser_says(self, said: str | None, device: Device) -> None:
        assert rules.device_of(said) is device
