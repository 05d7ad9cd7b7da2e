"""A link of one administrator works with the code of another: nobody takes over an account alone."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.access import rules, service
from app.access.actor import SYSTEM, Actor
from app.access.divisions import WHOLE_COUNTRY
from app.access.models import OneTimeLink
from app.access.roles import Role
from app.audit import service as audit
from app.core import clock
from app.core.db import Database
from tests.callers import Authenticator, Callers, Headers
from tests.story import COMMUNITY, SUBDISTRICT, ok, refused

PASSWORD = "correct horse battery"
PASSWORDS = "/api/v1/auth/passwords"


@dataclass
class Two:
    """Two administrators and a clerk whose password is lost."""

    client: TestClient
    callers: Callers
    first: Actor = field(init=False)
    second: Actor = field(init=False)
    clerk: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.callers.staff_actor(Role.ADMINISTRATOR, WHOLE_COUNTRY)
        self.second = self.callers.staff_actor(Role.ADMINISTRATOR, WHOLE_COUNTRY)
        self.clerk = self.callers.staff_actor(Role.RC_STAFF, COMMUNITY, name="zhao.min")

    def link(self, *, by: Actor | None = None, of: Actor | None = None) -> str:
        path = f"/api/v1/accounts/{(of or self.clerk).account_id}/link"
        return str(ok(self.client.post(path, headers=self.callers.headers(by or self.first)))["link"])

    def countersign(self, *, by: Actor | None = None, of: Actor | None = None) -> Any:
        path = f"/api/v1/accounts/{(of or self.clerk).account_id}/countersign"
        return self.client.post(path, headers=self.callers.headers(by or self.second))

    def code(self, *, by: Actor | None = None) -> str:
        return str(ok(self.countersign(by=by))["code"])

    def redeem(self, link: str, code: str | None = None, password: str = PASSWORD) -> Any:
        body = {"link": link, "password": password} | ({} if code is None else {"code": code})
        return self.client.post(PASSWORDS, json=body)

    def sign_in(self, password: str = PASSWORD) -> Any:
        return self.client.post("/api/v1/auth/tokens", json={"name": "zhao.min", "password": password})

    def listed(self, *, by: Actor | None = None) -> dict[str, Any]:
        headers = self.callers.headers(by or self.first)
        found = ok(self.client.get("/api/v1/accounts?limit=200", headers=headers))["items"]
        [one] = [each for each in found if each["account_id"] == str(self.clerk.account_id)]
        return dict(one)


@pytest.fixture
def two(client: TestClient, callers: Callers) -> Two:
    return Two(client, callers)


class TestCountersign:
    def test_link_and_code_of_two_administrators_open_the_account(self, two: Two, database: Database) -> None:
        link = two.link()
        refused(two.redeem(link), 403, "link_code_needed")
        refused(two.redeem(link, "7K3QF-9XW2M"), 403, "link_code_wrong")
        made = ok(two.countersign())
        expires = dt.datetime.fromisoformat(made["expires_at"])
        assert expires <= clock.now() + dt.timedelta(hours=rules.LINK_HOURS)
        refused(two.redeem(link), 403, "link_code_needed")
        refused(two.sign_in(), 401, "wrong_password")
        typed = made["code"].replace("-", " ").lower()
        ok(two.redeem(link, typed))
        ok(two.sign_in())
        refused(two.redeem(link, made["code"]), 404, "link_invalid")
        with database.reading() as session:
            entries = audit.listing(session, prefix=WHOLE_COUNTRY, after=None, limit=20)
        acts = {each.tag: each for each in entries if each.subject == f"account:{two.clerk.account_id}"}
        assert acts["account:link_renewed"].actor == two.first.ref
        assert acts["account:link_countersigned"].actor == two.second.ref
        assert audit.facts_of(acts["account:link_redeemed"]) == {
            "made_by": two.first.ref, "countersigned_by": two.second.ref,
        }  # fmt: skip
        assert all(made["code"] not in each.facts for each in entries)

    def test_one_administrator_has_no_way_to_both_halves(self, two: Two) -> None:
        link = two.link()
        refused(two.countersign(by=two.first), 409, "second_administrator_needed")
        refused(two.redeem(link), 403, "link_code_needed")
        # nor through an account that is theirs to make
        made = ok(
            two.client.post(
                "/api/v1/accounts", json={"name": "puppet", "display_name": "木偶"},
                headers=two.callers.headers(two.first),
            )
        )  # fmt: skip
        path = f"/api/v1/accounts/{made['account_id']}/countersign"
        refused(
            two.client.post(path, headers=two.callers.headers(two.first)), 409, "second_administrator_needed"
        )
        refused(two.redeem(made["link"]), 403, "link_code_needed")

    def test_whose_account_it_is_does_not_countersign(self, two: Two) -> None:
        two.link(of=two.second)
        refused(two.countersign(by=two.second, of=two.second), 409, "second_administrator_needed")

    def test_a_new_link_voids_the_code_before(self, two: Two) -> None:
        old = two.link()
        code = two.code()
        new = two.link()
        refused(two.redeem(old, code), 404, "link_invalid")
        refused(two.redeem(new, code), 403, "link_code_wrong")
        ok(two.redeem(new, two.code()))

    def test_the_newest_code_alone_is_good(self, two: Two) -> None:
        link = two.link()
        lost, code = two.code(), two.code()
        refused(two.redeem(link, lost), 403, "link_code_wrong")
        ok(two.redeem(link, code))

    def test_whoever_made_the_code_makes_no_use_of_it_with_a_link_of_their_own(self, two: Two) -> None:
        two.link()
        code = two.code()
        theirs = two.link(by=two.second)
        refused(two.redeem(theirs, code), 403, "link_code_wrong")
        refused(two.countersign(), 409, "second_administrator_needed")

    def test_without_a_link_there_is_nothing_to_countersign(self, two: Two) -> None:
        refused(two.countersign(), 404, "no_link_waiting")
        link = two.link()
        ok(two.redeem(link, two.code()))
        refused(two.countersign(), 404, "no_link_waiting")

    def test_code_and_link_end_together(self, two: Two, database: Database) -> None:
        clock.set_frozen(clock.now())
        link = two.link()
        clock.set_frozen(clock.now() + dt.timedelta(hours=rules.LINK_HOURS - 1))
        two.second = two.callers.staff_actor(Role.ADMINISTRATOR, WHOLE_COUNTRY)
        code = two.code()
        clock.set_frozen(clock.now() + dt.timedelta(hours=1))
        refused(two.redeem(link, code), 404, "link_invalid")
        with database.reading() as session:
            assert service.waiting_links(session, account_ids=[two.clerk.account_id], actor=SYSTEM) == {}  # type: ignore[list-item]

    def test_wrong_codes_count_like_wrong_passwords(self, two: Two) -> None:
        clock.set_frozen(clock.now())
        link = two.link()
        code = two.code()
        for _ in range(rules.PASSWORD_FAILURES_BEFORE_PAUSE):
            refused(two.redeem(link, "7K3QF-9XW2M"), 403, "link_code_wrong")
        refused(two.redeem(link, code), 429, "too_many_password_attempts")
        refused(two.sign_in(), 429, "too_many_password_attempts")
        clock.set_frozen(clock.now() + dt.timedelta(seconds=rules.PASSWORD_PAUSE_SECONDS + 1))
        ok(two.redeem(link, code))

    def test_a_link_made_on_the_server_needs_no_code(self, two: Two, database: Database) -> None:
        assert two.clerk.account_id is not None
        with database.writing() as session:
            link = service.renew_link(session, account_id=two.clerk.account_id, actor=SYSTEM)
        refused(two.countersign(), 404, "no_link_waiting")
        assert two.listed()["link"]["made_by"] is None
        ok(two.redeem(link))

    def test_an_administrator_of_a_part_stays_in_it(self, two: Two) -> None:
        local = two.callers.staff_actor(Role.ADMINISTRATOR, SUBDISTRICT)
        two.link(by=local)
        ok(two.countersign(by=two.first))
        far = two.callers.staff_actor(Role.AUDITOR, WHOLE_COUNTRY)
        two.link(of=far)
        refused(two.countersign(by=local, of=far), 404, "account_not_found")

    def test_it_wants_a_fresh_code(self, two: Two) -> None:
        clock.set_frozen(clock.now())
        two.link()
        two.callers.enrol(two.second)
        ok(two.countersign())
        clock.set_frozen(clock.now() + dt.timedelta(minutes=rules.CONFIRMED_MINUTES))
        refused(two.countersign(), 403, "fresh_code_needed")

    def test_two_people_whatever_a_program_believes(self, two: Two, database: Database) -> None:
        two.link()
        with database.writing() as session:
            row = session.exec(select(OneTimeLink).where(OneTimeLink.made_by == two.first.account_id)).one()
            row.code_hmac, row.countersigned_by, row.countersigned_at = "0" * 64, row.made_by, clock.now()
            session.add(row)
            with pytest.raises(IntegrityError):
                session.flush()
            session.rollback()


class TestRenewLink:
    def test_until_it_is_used_everything_stays_and_the_owner_sees_it(self, two: Two) -> None:
        ok(two.redeem(two.link(), two.code()))
        mine = {"Authorization": f"Bearer {ok(two.sign_in())['access_token']}"}
        offer = ok(two.client.post("/api/v1/me/second-factor", headers=mine))
        app = Authenticator(offer["secret"], [])
        ok(two.client.post("/api/v1/me/second-factor/confirm", json={"code": app.code()}, headers=mine))
        assert ok(two.client.get("/api/v1/me/sessions", headers=mine))["password_link"] is None
        link = two.link()
        shown = ok(two.client.get("/api/v1/me/sessions", headers=mine))["password_link"]
        first = ok(two.client.get("/api/v1/me", headers=two.callers.headers(two.first)))
        assert shown["made_by"] == first["display_name"]
        refused(two.sign_in(), 401, "second_factor_needed")
        ok(two.redeem(link, two.code(), "another good password"))
        refused(two.sign_in(), 401, "wrong_password")
        # the second factor is another thing, and stays
        refused(two.sign_in("another good password"), 401, "second_factor_needed")
        body = {"name": "zhao.min", "password": "another good password", "code": app.code(steps=1)}
        ok(two.client.post("/api/v1/auth/tokens", json=body))

    def test_of_two_at_once_one_is_left(self, two: Two, database: Database) -> None:
        with ThreadPoolExecutor(2) as pool:
            links = list(pool.map(lambda by: two.link(by=by), [two.first, two.second]))
        with database.reading() as session:
            row = session.exec(
                select(OneTimeLink).where(OneTimeLink.account_id == two.clerk.account_id)
            ).one()
        assert [two.redeem(link).json()["code"] for link in links].count("link_code_needed") == 1
        assert row.made_by in {two.first.account_id, two.second.account_id}


class TestListAccounts:
    def test_the_other_administrator_sees_what_waits(self, two: Two) -> None:
        made_on_the_server = two.listed()["link"]
        assert (made_on_the_server["made_by"], made_on_the_server["may_countersign"]) == (None, False)
        two.link()
        shown, other = two.listed()["link"], two.listed(by=two.second)["link"]
        assert shown["made_by"]["account_id"] == str(two.first.account_id)
        assert (shown["may_countersign"], other["may_countersign"]) == (False, True)
        assert other["countersigned_by"] is None
        two.code()
        after = two.listed()["link"]
        assert after["countersigned_by"]["account_id"] == str(two.second.account_id)
        assert after["countersigned_at"]
        ok(two.redeem(two.link(), two.code()))
        assert two.listed()["link"] is None


def nobody_may(headers: Headers, two: Two, status: int, code: str) -> None:
    path = f"/api/v1/accounts/{two.clerk.account_id}/countersign"
    refused(two.client.post(path, headers=headers), status, code)


def test_nobody_else_countersigns(two: Two) -> None:
    two.link()
    nobody_may({}, two, 401, "not_signed_in")
    nobody_may(two.callers.resident("13800138000"), two, 403, "not_allowed")
    for role in (Role.RC_CHAIR, Role.AUDITOR, Role.DISTRICT_OFFICER):
        nobody_may(two.callers.staff(role, WHOLE_COUNTRY), two, 403, "not_allowed")
