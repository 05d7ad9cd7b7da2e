"""Signing in as a WeChat user, binding, unbinding, and the ticket into the web-view."""

import base64
import datetime as dt
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import col

from app.access import rules, service
from app.access.actor import SYSTEM
from app.access.errors import WeChatBusy, WeChatCodeInvalid, WeChatQuotaSpent
from app.access.models import SignInSession, Ticket, UsedBindingTicket, WeChatBinding
from app.access.ports import WeChatIdentity
from app.access.roles import Role
from app.audit.models import AuditEntry
from app.core import clock
from app.core.config import Mode, Settings, WeChatMode, new_secret
from app.core.db import Database
from app.main import create_app
from app.outbox.models import OutboxMessage
from tests.callers import Callers, Headers
from tests.story import ok, refused

COMMUNITY = "520102031006"
WANG, LI = "13900000001", "13900000002"


class Resident:
    """Somebody with a phone, WeChat and a mini program, calling as these do."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def post(self, **body: Any) -> Any:
        return self.client.post("/api/v1/auth/tokens", json=body)

    def binding(self, name: str) -> str:
        return str(refused(self.post(wechat_code=f"dev:{name}"), 409, "wechat_not_bound")["binding"])

    def challenge(self, phone: str) -> dict[str, str]:
        sent = ok(self.client.post("/api/v1/auth/codes", json={"phone": phone}))
        return {"challenge_id": sent["challenge_id"], "code": sent["development_code"]}

    def bound(self, name: str, phone: str) -> dict[str, Any]:
        tokens: dict[str, Any] = ok(self.post(wechat_binding=self.binding(name), **self.challenge(phone)))
        return tokens

    def account(self, tokens: dict[str, Any]) -> str:
        return str(ok(self.client.get("/api/v1/me", headers=bearer(tokens)))["account_id"])

    def ticket(self, tokens: dict[str, Any]) -> str:
        made = ok(self.client.post("/api/v1/auth/tickets", headers=bearer(tokens)))
        assert made["expires_in"] == 60
        return str(made["ticket"])


def bearer(tokens: dict[str, Any]) -> Headers:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@pytest.fixture
def somebody(client: TestClient) -> Resident:
    return Resident(client)


@pytest.fixture
def paper_code(database: Database) -> Any:
    def issue(subject: uuid.UUID | None = None, *, days: int = 30, round_id: uuid.UUID | None = None) -> str:
        subject = subject or uuid.uuid4()
        with database.writing() as session:
            codes = service.issue_paper_codes(
                session, subject_ids=[subject], division=COMMUNITY, round_id=round_id,
                expires_at=clock.now() + dt.timedelta(days=days), actor=SYSTEM,
            )  # fmt: skip
        return codes[subject]

    return issue


class FailingWeChat:
    """Answers with what it is told to; counts how often it is asked."""

    def __init__(self, *, openid: str = "", phone: str = "", error: Exception | None = None) -> None:
        self.openid, self.number, self.error = openid, phone, error
        self.asked = 0

    def identity(self, js_code: str) -> WeChatIdentity:
        self.asked += 1
        assert js_code
        if self.error:
            raise self.error
        return WeChatIdentity(self.openid)

    def phone(self, phone_code: str) -> str:
        self.asked += 1
        assert phone_code
        if self.error:
            raise self.error
        return self.number


class TestSignIn:
    def test_a_stranger_is_given_a_ticket_to_bind_with_and_nothing_else(self, somebody: Resident) -> None:
        body = refused(somebody.post(wechat_code="dev:wang"), 409, "wechat_not_bound")
        assert body["expires_in"] == 900
        assert "dev-wang" not in json.dumps(body)
        assert "access_token" not in body

    def test_who_was_bound_is_known_from_then_on(self, somebody: Resident) -> None:
        first = somebody.bound("wang", WANG)
        again = ok(somebody.post(wechat_code="dev:wang"))
        by_phone = ok(somebody.post(**somebody.challenge(WANG)))
        assert len({somebody.account(each) for each in (first, again, by_phone)}) == 1
        assert again["refresh_token"]
        assert ok(somebody.post(refresh_token=again["refresh_token"]))["access_token"]

    def test_another_wechat_user_is_another_person(self, somebody: Resident) -> None:
        somebody.bound("wang", WANG)
        refused(somebody.post(wechat_code="dev:li"), 409, "wechat_not_bound")
        assert somebody.account(somebody.bound("li", LI)) != somebody.account(
            ok(somebody.post(wechat_code="dev:wang"))
        )

    def test_a_bad_code_is_refused_in_words(self, somebody: Resident) -> None:
        refused(somebody.post(wechat_code="wang"), 401, "wechat_code_invalid")

    def test_after_many_bad_codes_from_one_address_wechat_is_not_asked(
        self, app: FastAPI, somebody: Resident, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rules, "WRONG_WECHAT_CODES_PER_ADDRESS", 3)
        somebody.bound("wang", WANG)
        app.state.wechat = asked = FailingWeChat(openid="dev-wang", error=WeChatCodeInvalid())
        for _ in range(3):
            refused(somebody.post(wechat_code="junk"), 401, "wechat_code_invalid")
        answer = somebody.post(wechat_code="junk")
        refused(answer, 429, "wechat_too_often")
        assert 0 < int(answer.headers["retry-after"]) <= 600
        assert asked.asked == 3
        assert ok(somebody.post(**somebody.challenge(WANG)))
        asked.error = None
        with clock.frozen(clock.now() + dt.timedelta(seconds=601)):
            assert ok(somebody.post(wechat_code="good"))

    @pytest.mark.parametrize(
        ("error", "status", "code", "wait"),
        [
            (WeChatBusy(retry_after=5), 503, "wechat_busy", "5"),
            (WeChatQuotaSpent(retry_after=3600), 503, "wechat_quota_spent", "3600"),
        ],
    )
    def test_when_wechat_does_not_answer_nothing_is_open_and_the_phone_still_works(
        self, app: FastAPI, somebody: Resident, error: Exception, status: int, code: str, wait: str
    ) -> None:
        app.state.wechat = FailingWeChat(error=error)
        answer = somebody.post(wechat_code="any")
        refused(answer, status, code)
        assert answer.headers["retry-after"] == wait
        assert ok(somebody.post(**somebody.challenge(WANG)))

    def test_no_transaction_is_open_while_wechat_is_asked(
        self, app: FastAPI, database: Database, somebody: Resident
    ) -> None:
        """Another writer gets through meanwhile, on SQLite too, where there is only one."""
        other = database

        class Slow(FailingWeChat):
            def identity(self, js_code: str) -> WeChatIdentity:
                self.write()
                return super().identity(js_code)

            def phone(self, phone_code: str) -> str:
                self.write()
                return super().phone(phone_code)

            def write(self) -> None:
                with other.writing() as session:
                    session.add(UsedBindingTicket(hash=uuid.uuid4().hex, expires_at=clock.now()))

        app.state.wechat = Slow(openid="o-1", phone=WANG)
        binding = refused(somebody.post(wechat_code="any"), 409, "wechat_not_bound")["binding"]
        assert ok(somebody.post(wechat_binding=binding, phone_code="any"))
        assert ok(somebody.post(wechat_code="any"))

    @pytest.mark.parametrize(
        "body",
        [
            {"wechat_code": "dev:wang", "code": "123456"}, {"wechat_code": ""}, {"wechat_code": "dev: wang"},
            {"wechat_code": "x" * 513}, {"wechat_code": "dev:王"}, {"wechat_binding": "x" * 40},
            {"wechat_binding": "x" * 40, "wechat_code": "dev:wang"}, {"phone_code": "dev:13900000001"},
            {"wechat_binding": "x" * 40, "one_time_code": "A", "helping": True},
            {"wechat_binding": "x" * 40, "code": "123456"}, {"ticket": "x" * 40, "refresh_token": "x" * 40},
            {"openid": "dev-wang"}, {"wechat_code": ["dev:wang"]},
        ],
    )  # fmt: skip
    def test_the_fields_must_be_those_of_one_way(self, somebody: Resident, body: dict[str, object]) -> None:
        refused(somebody.post(**body), 422, "malformed_request")

    def test_where_it_is_not_set_up_it_says_so(self, settings: Settings) -> None:
        off = settings.model_copy(update={"wechat": WeChatMode.NONE})
        with TestClient(create_app(off)) as client:
            refused(
                client.post("/api/v1/auth/tokens", json={"wechat_code": "dev:wang"}),
                503,
                "wechat_unavailable",
            )


class TestBind:
    def test_by_the_phone_that_wechat_vouches_for(self, somebody: Resident) -> None:
        tokens = ok(somebody.post(wechat_binding=somebody.binding("wang"), phone_code=f"dev:{WANG}"))
        assert somebody.account(tokens) == somebody.account(ok(somebody.post(**somebody.challenge(WANG))))

    def test_what_is_kept_is_sealed(self, somebody: Resident, database: Database) -> None:
        somebody.bound("wang", WANG)
        with database.reading() as session:
            raw = session.connection().execute(sa.text("SELECT * FROM wechat_binding")).mappings().one()
        assert "dev-wang" not in json.dumps(dict(raw), default=str)
        assert str(raw["openid"]).startswith("v1.")

    def test_a_wrong_code_does_not_use_the_ticket_up(self, somebody: Resident) -> None:
        binding, challenge = somebody.binding("wang"), somebody.challenge(WANG)
        wrong = challenge | {"code": "x"}
        assert refused(somebody.post(wechat_binding=binding, **wrong), 401, "wrong_code")["tries_left"] == 4
        assert ok(somebody.post(wechat_binding=binding, **challenge))

    def test_a_ticket_works_once_and_the_code_beside_a_used_one_stays_good(self, somebody: Resident) -> None:
        binding = somebody.binding("wang")
        ok(somebody.post(wechat_binding=binding, **somebody.challenge(WANG)))
        challenge = somebody.challenge(LI)
        refused(somebody.post(wechat_binding=binding, **challenge), 401, "wechat_binding_invalid")
        assert ok(somebody.post(**challenge))

    def test_another_spelling_of_a_used_ticket_is_used_too(self, somebody: Resident) -> None:
        binding = somebody.binding("wang")
        ok(somebody.post(wechat_binding=binding, **somebody.challenge(WANG)))
        for other in (
            f"{binding}=",
            f"{binding}====",
            binding.removeprefix("v1."),
            f"v1.{binding}",
            f"{binding}!",
        ):
            refused(
                somebody.post(wechat_binding=other, **somebody.challenge(LI)), 401, "wechat_binding_invalid"
            )

    def test_a_late_one_is_refused(self, somebody: Resident) -> None:
        binding, late = somebody.binding("wang"), clock.now() + dt.timedelta(seconds=901)
        with clock.frozen(late):
            refused(
                somebody.post(wechat_binding=binding, **somebody.challenge(WANG)),
                401,
                "wechat_binding_invalid",
            )

    def test_one_that_is_not_ours_is_refused(self, somebody: Resident, database: Database) -> None:
        assert database
        binding = somebody.binding("wang")
        raw = bytearray(base64.urlsafe_b64decode(binding.removeprefix("v1.")))
        raw[-1] ^= 1
        forged = "v1." + base64.urlsafe_b64encode(raw).decode()
        for wrong in (forged, "v1.AAAA", "x" * 40, "v1.", "v1.====" + "A" * 8):
            answer = somebody.post(wechat_binding=wrong, **somebody.challenge(WANG))
            assert answer.json()["code"] in {"wechat_binding_invalid", "malformed_request"}, wrong

    def test_a_dead_ticket_is_found_out_before_wechat_is_paid(self, app: FastAPI, somebody: Resident) -> None:
        binding = somebody.binding("wang")
        ok(somebody.post(wechat_binding=binding, phone_code=f"dev:{WANG}"))
        app.state.wechat = paid = FailingWeChat(phone=LI)
        refused(somebody.post(wechat_binding=binding, phone_code="any"), 401, "wechat_binding_invalid")
        assert paid.asked == 0

    def test_of_two_uses_at_once_one_is_refused(self, somebody: Resident, database: Database) -> None:
        binding = somebody.binding("wang")
        bodies = [{"wechat_binding": binding, **somebody.challenge(phone)} for phone in (WANG, LI)]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda body: somebody.post(**body), bodies))
        assert sorted(each.status_code for each in answers) == [200, 401], [each.text for each in answers]
        with database.reading() as session:
            assert session.execute(sa.select(sa.func.count()).select_from(WeChatBinding)).scalar_one() == 1


class TestRebind:
    def test_an_account_has_one_wechat_user_and_who_had_it_is_out(
        self, somebody: Resident, database: Database
    ) -> None:
        old = somebody.bound("old-phone", WANG)
        account = somebody.account(old)
        other_device = ok(somebody.post(**somebody.challenge(WANG)))
        new = somebody.bound("new-phone", WANG)
        assert somebody.account(new) == account
        refused(somebody.post(wechat_code="dev:old-phone"), 409, "wechat_not_bound")
        refused(somebody.post(refresh_token=old["refresh_token"]), 401, "token_invalid")
        assert ok(somebody.post(refresh_token=other_device["refresh_token"]))
        with database.reading() as session:
            (told,) = session.scalars(
                sa.select(OutboxMessage).where(col(OutboxMessage.name) == "wechat.rebound")
            )
            entries = session.scalars(
                sa.select(AuditEntry).where(col(AuditEntry.tag) == "wechat:rebound")
            ).all()
        assert told.payload["account_id"] == account
        assert [each.subject for each in entries] == [f"account:{account}"]
        assert "phone" not in json.dumps(told.payload)

    def test_a_wechat_user_who_is_bound_elsewhere_leaves_that_account(
        self, somebody: Resident, database: Database
    ) -> None:
        ticket = somebody.binding("wang")
        before = somebody.bound("wang", WANG)
        ok(somebody.post(wechat_binding=ticket, **somebody.challenge(LI)))
        now = ok(somebody.post(wechat_code="dev:wang"))
        assert somebody.account(now) == somebody.account(ok(somebody.post(**somebody.challenge(LI))))
        refused(somebody.post(refresh_token=before["refresh_token"]), 401, "token_invalid")
        with database.reading() as session:
            (told,) = session.scalars(
                sa.select(OutboxMessage).where(col(OutboxMessage.name) == "wechat.rebound")
            )
        account = somebody.account(ok(somebody.post(**somebody.challenge(WANG))))
        assert told.payload["account_id"] == account

    def test_the_same_again_is_no_rebinding(self, somebody: Resident, database: Database) -> None:
        again = somebody.binding("wang")
        somebody.bound("wang", WANG)
        assert ok(somebody.post(wechat_binding=again, **somebody.challenge(WANG)))
        with database.reading() as session:
            names = set(session.scalars(sa.select(col(OutboxMessage.name))))
        assert "wechat.rebound" not in names


class TestBindWithPaperCode:
    def test_it_is_no_more_than_the_code_is(
        self, somebody: Resident, paper_code: Any, database: Database
    ) -> None:
        person, only = uuid.uuid4(), uuid.uuid4()
        code = paper_code(person, days=3, round_id=only)
        tokens = ok(somebody.post(wechat_binding=somebody.binding("elder"), one_time_code=code))
        assert tokens["refresh_token"] is None
        assert 86_390 <= tokens["expires_in"] <= 86_400
        now = clock.now()
        with clock.frozen(now + dt.timedelta(days=2, hours=12)):
            late = ok(somebody.post(wechat_code="dev:elder"))
            assert late["refresh_token"] is None
            assert 0 < late["expires_in"] <= 43_200
            with database.reading() as session:
                begun = session.scalars(
                    sa.select(SignInSession).order_by(col(SignInSession.created_at).desc())
                ).first()
                assert begun is not None
                actor = service.actor_of(session, account_id=begun.account_id, session_id=begun.id)
            assert (actor.subject_id, actor.round_id) == (person, only)
            assert actor.roles == {Role.PUBLIC, Role.CODE_HOLDER}
        with clock.frozen(now + dt.timedelta(days=3, seconds=1)):
            refused(somebody.post(wechat_code="dev:elder"), 409, "wechat_not_bound")

    def test_a_new_code_ends_what_wechat_remembered(self, somebody: Resident, paper_code: Any) -> None:
        person = uuid.uuid4()
        ok(somebody.post(wechat_binding=somebody.binding("elder"), one_time_code=paper_code(person)))
        assert ok(somebody.post(wechat_code="dev:elder"))
        paper_code(person)
        refused(somebody.post(wechat_code="dev:elder"), 409, "wechat_not_bound")

    def test_a_wrong_code_is_counted_and_the_ticket_stays_good(
        self, somebody: Resident, paper_code: Any
    ) -> None:
        binding = somebody.binding("elder")
        refused(somebody.post(wechat_binding=binding, one_time_code="AAAAA-AAAAA"), 401, "wrong_code")
        assert ok(somebody.post(wechat_binding=binding, one_time_code=paper_code()))

    def test_a_bad_ticket_does_not_use_the_code_up(self, somebody: Resident, paper_code: Any) -> None:
        code = paper_code()
        refused(somebody.post(wechat_binding="x" * 40, one_time_code=code), 401, "wechat_binding_invalid")
        assert ok(somebody.post(one_time_code=code))


class TestReadAndUnbind:
    def test_bound_or_not(self, somebody: Resident) -> None:
        plain = ok(somebody.post(**somebody.challenge(WANG)))
        assert ok(somebody.client.get("/api/v1/me/wechat", headers=bearer(plain))) == {
            "bound": False,
            "bound_at": None,
        }
        tokens = somebody.bound("wang", WANG)
        told = ok(somebody.client.get("/api/v1/me/wechat", headers=bearer(tokens)))
        assert told["bound"] is True
        assert told["bound_at"]
        assert "openid" not in told

    def test_who_unbinds_ends_what_began_in_wechat(self, somebody: Resident, database: Database) -> None:
        in_wechat, in_browser = somebody.bound("wang", WANG), ok(somebody.post(**somebody.challenge(WANG)))
        for _ in range(2):
            gone = somebody.client.delete("/api/v1/me/wechat", headers=bearer(in_browser))
            assert gone.status_code == 204
        assert ok(somebody.client.get("/api/v1/me/wechat", headers=bearer(in_browser)))["bound"] is False
        refused(somebody.client.get("/api/v1/me", headers=bearer(in_wechat)), 401, "token_invalid")
        refused(somebody.post(wechat_code="dev:wang"), 409, "wechat_not_bound")
        with database.reading() as session:
            tags = session.scalars(
                sa.select(col(AuditEntry.tag)).where(col(AuditEntry.tag) == "wechat:unbound")
            )
            assert len(tags.all()) == 1

    def test_the_openid_is_for_notices_alone(self, somebody: Resident, database: Database) -> None:
        account = uuid.UUID(somebody.account(somebody.bound("wang", WANG)))
        with database.reading() as session:
            assert service.openid_of(session, account_id=account) == "dev-wang"
            assert service.openid_of(session, account_id=uuid.uuid4()) is None

    def test_staff_have_none(self, client: TestClient, callers: Callers) -> None:
        staff = callers.staff(Role.RC_STAFF, COMMUNITY)
        for method, path in (("GET", "/me/wechat"), ("DELETE", "/me/wechat"), ("POST", "/auth/tickets")):
            refused(client.request(method, f"/api/v1{path}", headers=staff), 403, "not_allowed")


class TestTicket:
    def test_it_carries_the_sign_in_over_once(self, somebody: Resident) -> None:
        tokens = somebody.bound("wang", WANG)
        ticket = somebody.ticket(tokens)
        inside = ok(somebody.post(ticket=ticket))
        assert somebody.account(inside) == somebody.account(tokens)
        assert ok(somebody.post(refresh_token=inside["refresh_token"]))
        refused(somebody.post(ticket=ticket), 401, "ticket_invalid")
        assert ok(somebody.post(refresh_token=tokens["refresh_token"]))

    def test_it_is_kept_as_its_hash(self, somebody: Resident, database: Database) -> None:
        ticket = somebody.ticket(somebody.bound("wang", WANG))
        with database.reading() as session:
            (row,) = session.scalars(sa.select(Ticket))
        assert ticket not in row.hash
        assert len(row.hash) == 64

    def test_it_ends_after_a_minute(self, somebody: Resident) -> None:
        tokens = somebody.bound("wang", WANG)
        now, ticket = clock.now(), somebody.ticket(tokens)
        with clock.frozen(now + dt.timedelta(seconds=61)):
            refused(somebody.post(ticket=ticket), 401, "ticket_invalid")

    def test_it_ends_with_the_sign_in_it_came_from(self, somebody: Resident) -> None:
        tokens = somebody.bound("wang", WANG)
        ticket = somebody.ticket(tokens)
        assert somebody.client.delete("/api/v1/auth/session", headers=bearer(tokens)).status_code == 204
        refused(somebody.post(ticket=ticket), 401, "ticket_invalid")

    def test_no_chain_of_tickets_outlives_the_first_sign_in(
        self, somebody: Resident, database: Database
    ) -> None:
        tokens = somebody.bound("wang", WANG)
        began = clock.now()
        with clock.frozen(began + dt.timedelta(minutes=9)):
            inside = ok(somebody.post(ticket=somebody.ticket(tokens)))
            refused(somebody.client.post("/api/v1/auth/tickets", headers=bearer(inside)), 403, "not_allowed")
        with database.reading() as session:
            rows = session.scalars(sa.select(SignInSession)).all()
        assert len(rows) == 2
        assert len({row.expires_at for row in rows}) == 1
        # nor does it make an old sign-in a fresh one
        assert len({row.created_at for row in rows}) == 1
        assert all(row.with_wechat for row in rows)

    def test_unbinding_ends_the_web_view_too(self, somebody: Resident) -> None:
        tokens = somebody.bound("wang", WANG)
        inside = ok(somebody.post(ticket=somebody.ticket(tokens)))
        assert somebody.client.delete("/api/v1/me/wechat", headers=bearer(inside)).status_code == 204
        refused(somebody.client.get("/api/v1/me", headers=bearer(inside)), 401, "token_invalid")
        refused(somebody.post(refresh_token=inside["refresh_token"]), 401, "token_invalid")

    def test_signing_out_in_the_shell_ends_the_web_view_at_once(self, somebody: Resident) -> None:
        tokens = somebody.bound("wang", WANG)
        inside = ok(somebody.post(ticket=somebody.ticket(tokens)))
        somebody.account(inside)  # known to this process from now on
        ok(somebody.client.delete("/api/v1/auth/session", headers=bearer(tokens)))
        refused(somebody.client.get("/api/v1/me", headers=bearer(inside)), 401, "token_invalid")
        refused(somebody.post(refresh_token=inside["refresh_token"]), 401, "token_invalid")

    def test_leaving_the_web_view_leaves_the_shell_signed_in(self, somebody: Resident) -> None:
        tokens = somebody.bound("wang", WANG)
        inside = ok(somebody.post(ticket=somebody.ticket(tokens)))
        ok(somebody.client.delete("/api/v1/auth/session", headers=bearer(inside)))
        refused(somebody.client.get("/api/v1/me", headers=bearer(inside)), 401, "token_invalid")
        assert ok(somebody.post(ticket=somebody.ticket(tokens)))

    def test_a_stolen_token_ends_the_web_view_too(self, somebody: Resident) -> None:
        tokens = somebody.bound("wang", WANG)
        inside = ok(somebody.post(ticket=somebody.ticket(tokens)))
        ok(somebody.post(refresh_token=tokens["refresh_token"]))
        with clock.frozen(clock.now() + dt.timedelta(seconds=61)):
            refused(somebody.post(refresh_token=tokens["refresh_token"]), 401, "token_invalid")
        refused(somebody.post(refresh_token=inside["refresh_token"]), 401, "token_invalid")

    def test_the_list_of_devices_shows_one_and_ending_it_ends_both(self, somebody: Resident) -> None:
        tokens, path = somebody.bound("wang", WANG), "/api/v1/me/sessions"
        for _ in range(3):  # opened again and again: each time the one before ends
            inside = ok(somebody.post(ticket=somebody.ticket(tokens)))
        browser = ok(somebody.post(**somebody.challenge(WANG)))
        for caller, current in ((tokens, [False, True]), (inside, [False, True]), (browser, [True, False])):
            items = ok(somebody.client.get(path, headers=bearer(caller)))["items"]
            assert [(each["with_wechat"], each["current"]) for each in items] == list(
                zip([False, True], current, strict=True)
            )
        ok(somebody.client.delete(f"{path}/{items[1]['id']}", headers=bearer(browser)))
        for caller in (tokens, inside):
            refused(somebody.client.get("/api/v1/me", headers=bearer(caller)), 401, "token_invalid")

    def test_use_in_the_web_view_is_use(self, somebody: Resident) -> None:
        tokens, began = somebody.bound("wang", WANG), clock.now()
        inside = ok(somebody.post(ticket=somebody.ticket(tokens)))
        with clock.frozen(began + dt.timedelta(days=5)):
            again = ok(somebody.post(refresh_token=inside["refresh_token"]))
            [found] = ok(somebody.client.get("/api/v1/me/sessions", headers=bearer(again)))["items"]
            assert found["last_used_on"] == clock.today().isoformat()

    def test_opened_anew_the_web_view_before_ends_and_others_stay(self, somebody: Resident) -> None:
        tokens, other = somebody.bound("wang", WANG), somebody.bound("li", LI)
        elsewhere = ok(somebody.post(ticket=somebody.ticket(other)))
        before = ok(somebody.post(ticket=somebody.ticket(tokens)))
        now = ok(somebody.post(ticket=somebody.ticket(tokens)))
        refused(somebody.post(refresh_token=before["refresh_token"]), 401, "token_invalid")
        for each in (now, elsewhere, tokens):
            assert ok(somebody.post(refresh_token=each["refresh_token"]))

    def test_tickets_and_signing_out_at_once_leave_nobody_signed_in(
        self, somebody: Resident, database: Database
    ) -> None:
        tokens = somebody.bound("wang", WANG)
        tickets = [somebody.ticket(tokens) for _ in range(4)]

        def act(ticket: str | None) -> None:
            if ticket is None:
                ok(somebody.client.delete("/api/v1/auth/session", headers=bearer(tokens)))
            else:
                somebody.post(ticket=ticket)

        with ThreadPoolExecutor(5) as pool:
            list(pool.map(act, [*tickets[:2], None, *tickets[2:]]))
        with database.reading() as session:
            assert all(row.revoked_at is not None for row in session.scalars(sa.select(SignInSession)))

    def test_of_several_exchanged_at_once_one_sign_in_is_left(
        self, somebody: Resident, database: Database
    ) -> None:
        tokens = somebody.bound("wang", WANG)
        tickets = [somebody.ticket(tokens) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            assert all(
                each.status_code == 200 for each in pool.map(lambda t: somebody.post(ticket=t), tickets)
            )
        with database.reading() as session:
            carried = session.scalars(
                sa.select(SignInSession).where(col(SignInSession.begun_in).is_not(None))
            )
            assert [row.revoked_at is None for row in carried].count(True) == 1

    def test_what_did_not_begin_in_wechat_gets_none(self, somebody: Resident, paper_code: Any) -> None:
        """Else anybody could send a neighbour an address that signs them in as somebody else."""
        for body in (
            somebody.challenge(WANG),
            {"one_time_code": paper_code()},
            {"one_time_code": paper_code(), "helping": True},
        ):
            tokens = ok(somebody.post(**body))
            refused(somebody.client.post("/api/v1/auth/tickets", headers=bearer(tokens)), 403, "not_allowed")

    def test_a_paper_code_bound_in_wechat_keeps_every_limit(
        self, somebody: Resident, paper_code: Any, database: Database
    ) -> None:
        only = uuid.uuid4()
        bound = ok(
            somebody.post(wechat_binding=somebody.binding("elder"), one_time_code=paper_code(round_id=only))
        )
        inside = ok(somebody.post(ticket=somebody.ticket(bound)))
        assert inside["refresh_token"] is None
        assert inside["expires_in"] <= 86_400
        refused(somebody.client.get("/api/v1/me/wechat"), 401, "not_signed_in")
        with database.reading() as session:
            rounds = {row.round_id for row in session.scalars(sa.select(SignInSession))}
        assert rounds == {only}
        refused(
            somebody.client.post(
                f"/api/v1/communities/{COMMUNITY}/registrations", json={}, headers=bearer(inside)
            ),
            403,
            "not_allowed",
        )

    def test_of_ten_uses_at_once_one_comes_in(self, somebody: Resident) -> None:
        ticket = somebody.ticket(somebody.bound("wang", WANG))
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: somebody.post(ticket=ticket), range(10)))
        assert sorted(each.status_code for each in answers) == [200] + [401] * 9

    def test_guesses_are_refused_alike(self, somebody: Resident) -> None:
        for guess in ("x" * 43, "../../etc", "v1.AAAAAAAA"):
            refused(somebody.post(ticket=guess), 401, "ticket_invalid")


class TestForgetting:
    def test_what_is_over_is_deleted_and_what_is_bound_stays(
        self, somebody: Resident, database: Database, paper_code: Any
    ) -> None:
        ok(somebody.post(wechat_binding=somebody.binding("elder"), one_time_code=paper_code(days=1)))
        somebody.ticket(somebody.bound("wang", WANG))
        with clock.frozen(clock.now() + dt.timedelta(days=3)), database.writing() as session:
            service.forget_expired(session)
        with database.reading() as session:
            assert session.scalars(sa.select(Ticket)).all() == []
            assert session.scalars(sa.select(UsedBindingTicket)).all() == []
            assert [row.openid for row in session.scalars(sa.select(WeChatBinding))] == ["dev-wang"]


class TestSettings:
    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"wechat": "development"}, "GONGYI_WECHAT=development"),
            ({"wechat_url": "https://127.0.0.1/x"}, "GONGYI_WECHAT_URL points"),
            ({"wechat_url": "https://10.0.0.8"}, "GONGYI_WECHAT_URL points"),
            ({"wechat_url": "http://api.example.com"}, "not https"),
            ({"wechat_app_id": ""}, "GONGYI_WECHAT_APP_ID"),
            ({"wechat_secret": ""}, "GONGYI_WECHAT_SECRET"),
        ],
    )
    def test_production_refuses_what_is_for_rehearsals(self, changes: dict[str, Any], named: str) -> None:
        good: dict[str, Any] = {
            "mode": Mode.PRODUCTION, "token_key": new_secret(), "data_key": new_secret(),
            "signing_key": new_secret(), "wechat": "http", "wechat_app_id": "wx1", "wechat_secret": "s",
        }  # fmt: skip
        Settings(**good).refuse_danger()
        with pytest.raises(Exception, match=named) as raised:
            Settings(**(good | changes)).refuse_danger()
        assert "'s'" not in str(raised.value)
