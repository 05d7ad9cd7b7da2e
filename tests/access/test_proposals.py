"""What takes two administrators."""

import datetime as dt
import itertools
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.access import rules, service
from app.access.actor import Actor
from app.access.divisions import WHOLE_COUNTRY
from app.access.models import Proposal
from app.access.roles import Role
from app.access.rules import Decision
from app.access.tokens import key_fingerprint
from app.audit import service as audit
from app.core import clock
from app.core.db import Database
from tests.access import forge
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, ok, refused

PROPOSALS = "/api/v1/account-proposals"
CLIENTS = "/api/v1/platform-clients"


@dataclass
class Two:
    """Two administrators, and somebody it is about."""

    client: TestClient
    callers: Callers

    def __post_init__(self) -> None:
        self.first = self.callers.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY)
        self.second = self.callers.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY)
        self.clerk: Actor = self.callers.staff_actor(Role.RC_STAFF, COMMUNITY)

    def propose(
        self, role: str = "rc_chair", division: str = COMMUNITY, *, by: Headers | None = None,
        account: uuid.UUID | None = None,
    ) -> Any:  # fmt: skip
        path = f"/api/v1/accounts/{account or self.clerk.account_id}/grants"
        return self.client.post(path, json={"role": role, "division": division}, headers=by or self.first)

    def confirm(self, proposal: dict[str, Any], by: Headers) -> Any:
        return self.client.post(f"{PROPOSALS}/{proposal['id']}/confirm", headers=by)

    def refuse(self, proposal: dict[str, Any], by: Headers) -> Any:
        return self.client.post(f"{PROPOSALS}/{proposal['id']}/refuse", headers=by)

    def roles(self, who: Actor | None = None) -> list[str]:
        me = ok(self.client.get("/api/v1/me", headers=self.callers.headers(who or self.clerk)))
        return [grant["role"] for grant in me["grants"]]


@pytest.fixture
def two(client: TestClient, callers: Callers) -> Two:
    return Two(client, callers)


class TestProposeGrant:
    def test_nothing_is_given_before_another_confirms(self, two: Two, database: Database) -> None:
        proposed = ok(two.propose())
        assert (proposed["role"], proposed["division"], proposed["may_confirm"]) == (
            "rc_chair",
            COMMUNITY,
            False,
        )
        assert two.roles() == ["rc_staff"]
        refused(two.confirm(proposed, two.first), 409, "second_administrator_needed")
        assert two.roles() == ["rc_staff"]
        confirmed = ok(two.confirm(proposed, two.second))
        assert confirmed["decision"] == "confirmed"
        assert two.roles() == ["rc_chair", "rc_staff"]
        refused(two.confirm(proposed, two.second), 404, "proposal_not_found")
        with database.reading() as session:
            entries = audit.listing(session, prefix=COMMUNITY, after=None, limit=10)
        given, asked = next(
            (one, two_) for one, two_ in itertools.pairwise(entries) if one.tag == "grant:given"
        )
        assert asked.tag == "grant:proposed"
        assert audit.facts_of(given)["proposed_by"] == asked.actor
        assert given.actor != asked.actor

    def test_nobody_confirms_what_is_about_themselves(self, two: Two, callers: Callers) -> None:
        third = callers.staff_actor(Role.ADMINISTRATOR, WHOLE_COUNTRY)
        proposed = ok(two.propose("administrator", account=third.account_id))
        refused(two.confirm(proposed, callers.headers(third)), 409, "second_administrator_needed")
        ok(two.confirm(proposed, two.second))

    def test_of_two_confirmations_at_once_one_gives_it(self, two: Two, callers: Callers) -> None:
        proposed = ok(two.propose())
        admins = [two.second, *(callers.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY) for _ in range(3))]
        with ThreadPoolExecutor(4) as pool:
            answers = [each.status_code for each in pool.map(lambda by: two.confirm(proposed, by), admins)]
        assert sorted(answers) == [200, 404, 404, 404]
        assert two.roles() == ["rc_chair", "rc_staff"]

    def test_the_same_once(self, two: Two) -> None:
        ok(two.propose())
        refused(two.propose(by=two.second), 409, "proposed_already")
        refused(two.propose("rc_staff"), 409, "grant_held")
        refused(two.propose("supervisor"), 409, "supervisor_in_committee")
        refused(two.propose("funding:read"), 422, "role_not_grantable")

    def test_after_a_week_it_is_over(self, two: Two, callers: Callers) -> None:
        start = clock.now()
        clock.set_frozen(start)
        proposed = ok(two.propose())
        clock.set_frozen(start + dt.timedelta(days=rules.PROPOSAL_DAYS))
        fresh = callers.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY)
        refused(two.confirm(proposed, fresh), 404, "proposal_not_found")
        assert ok(two.client.get(PROPOSALS, headers=fresh))["items"] == []
        ok(two.propose(by=fresh))

    def test_an_administrator_of_a_part_stays_in_it(self, two: Two, callers: Callers) -> None:
        local = callers.staff(Role.ADMINISTRATOR, SUBDISTRICT)
        ok(two.propose("rc_chair", COMMUNITY, by=local))
        refused(two.propose("administrator", WHOLE_COUNTRY, by=local), 404, "outside_your_division")
        refused(two.propose("auditor", "520102000000", by=local), 404, "outside_your_division")
        city = callers.staff_actor(Role.AUDITOR, "520100000000")
        refused(two.propose("rc_staff", account=city.account_id, by=local), 404, "account_not_found")
        for act in ("disable", "link", "second-factor-resets"):
            path = f"/api/v1/accounts/{city.account_id}/{act}"
            refused(two.client.post(path, headers=local), 404, "account_not_found")
        listed = ok(two.client.get("/api/v1/accounts?limit=200", headers=local))["items"]
        assert str(city.account_id) not in {each["account_id"] for each in listed}
        assert str(two.clerk.account_id) in {each["account_id"] for each in listed}
        far = ok(two.propose("mediator", "520100000000"))
        for act in ("confirm", "refuse"):
            answer = two.client.post(f"{PROPOSALS}/{far['id']}/{act}", headers=local)
            refused(answer, 404, "proposal_not_found")
        assert far["id"] not in {each["id"] for each in ok(two.client.get(PROPOSALS, headers=local))["items"]}

    def test_two_people_whatever_a_program_believes(self, two: Two, database: Database) -> None:
        ok(two.propose())
        with database.writing() as session:
            row = session.exec(select(Proposal)).one()
            row.decision, row.decided_by, row.decided_at = Decision.CONFIRMED, row.proposed_by, clock.now()
            session.add(row)
            with pytest.raises(IntegrityError):
                session.flush()
            session.rollback()


class TestRefuse:
    def test_another_s_or_one_s_own(self, two: Two) -> None:
        for by in (two.second, two.first):
            proposed = ok(two.propose())
            assert ok(two.refuse(proposed, by))["decision"] == "refused"
            refused(two.confirm(proposed, two.second), 404, "proposal_not_found")
        assert two.roles() == ["rc_staff"]
        [last, *_] = ok(two.client.get(PROPOSALS, headers=two.first))["items"]
        assert last["decided_by"]["name"]


class TestListProposals:
    def test_what_waits_comes_first_and_says_who_may(self, two: Two) -> None:
        done = ok(two.propose("rc_staff", SUBDISTRICT))
        ok(two.confirm(done, two.second))
        one, other = ok(two.propose("rc_chair")), ok(two.propose("rc_staff", NEIGHBOUR, by=two.second))
        items = ok(two.client.get(PROPOSALS, headers=two.second))["items"]
        assert [(each["id"], each["may_confirm"]) for each in items] == [
            (one["id"], True), (other["id"], False), (done["id"], False),
        ]  # fmt: skip

    def test_what_is_about_a_disabled_account_cannot_be_confirmed(self, two: Two) -> None:
        proposed = ok(two.propose())
        ok(two.client.post(f"/api/v1/accounts/{two.clerk.account_id}/disable", headers=two.first))
        refused(two.confirm(proposed, two.second), 404, "proposal_not_found")
        refused(two.propose("mediator"), 404, "account_not_found")


class TestRenewLink:
    def test_the_newest_alone_is_good(self, two: Two) -> None:
        path = f"/api/v1/accounts/{two.clerk.account_id}/link"
        old, new = ok(two.client.post(path, headers=two.first)), ok(two.client.post(path, headers=two.first))
        assert new["expires_in"] == rules.LINK_HOURS * 3600
        half = ok(two.client.post(path.replace("link", "countersign"), headers=two.second))
        body = {"password": "correct horse battery", "code": half["code"]}
        passwords = "/api/v1/auth/passwords"
        refused(two.client.post(passwords, json=body | {"link": old["link"]}), 404, "link_invalid")
        ok(two.client.post(passwords, json=body | {"link": new["link"]}))


class TestClients:
    def register(self, two: Two, name: str = "street") -> tuple[str, str]:
        pem = forge.public_pem(ec.generate_private_key(ec.SECP256R1()))
        body = {
            "name": name, "public_key_pem": pem, "scopes": ["funding:read", "funding:decide"],
            "division": SUBDISTRICT,
        }  # fmt: skip
        made = ok(two.client.post(CLIENTS, json=body, headers=two.first))
        return str(made["account_id"]), pem

    def listed(self, two: Two) -> dict[str, Any]:
        [found] = ok(two.client.get(CLIENTS, headers=two.second))["items"]
        return dict(found)

    def test_each_scope_is_confirmed_by_another(self, two: Two) -> None:
        self.register(two)
        assert self.listed(two)["scopes"] == []
        waiting = ok(two.client.get(PROPOSALS, headers=two.second))["items"]
        assert {each["role"] for each in waiting} == {"funding:read", "funding:decide"}
        for each in waiting:
            ok(two.confirm(each, two.second))
        assert [each["role"] for each in self.listed(two)["scopes"]] == ["funding:decide", "funding:read"]

    def test_another_key_waits_and_then_replaces_the_old_one(self, two: Two, database: Database) -> None:
        account_id, old = self.register(two)
        new = forge.public_pem(ec.generate_private_key(ec.SECP256R1()))
        path = f"{CLIENTS}/{account_id}/keys"
        proposed = ok(two.client.post(path, json={"public_key_pem": new}, headers=two.first))
        assert proposed["key_fingerprint"] == key_fingerprint(new)
        assert self.listed(two)["key_fingerprint"] == key_fingerprint(old)
        refused(two.confirm(proposed, two.first), 409, "second_administrator_needed")
        ok(two.confirm(proposed, two.second))
        assert self.listed(two)["key_fingerprint"] == key_fingerprint(new)
        with database.reading() as session:
            account = service.account_of(session, uuid.UUID(account_id))
            assert account is not None
            assert account.public_key == new

    def test_staff_have_no_key_and_a_bad_one_is_none(self, two: Two) -> None:
        account_id, pem = self.register(two)
        body = {"public_key_pem": pem}
        refused(
            two.client.post(f"{CLIENTS}/{two.clerk.account_id}/keys", json=body, headers=two.first),
            404, "account_not_found",
        )  # fmt: skip
        broken = {"public_key_pem": pem.replace("E", "F")}
        refused(
            two.client.post(f"{CLIENTS}/{account_id}/keys", json=broken, headers=two.first),
            422,
            "key_malformed",
        )
        link = f"/api/v1/accounts/{account_id}/link"
        refused(two.client.post(link, headers=two.first), 404, "account_not_found")

    def test_an_administrator_of_a_part_registers_within_it(self, two: Two, callers: Callers) -> None:
        local = callers.staff(Role.ADMINISTRATOR, SUBDISTRICT)
        pem = forge.public_pem(ec.generate_private_key(ec.SECP256R1()))
        body = {"name": "x1", "public_key_pem": pem, "scopes": ["stats:read"], "division": "520100000000"}
        refused(two.client.post(CLIENTS, json=body, headers=local), 404, "outside_your_division")
        ok(two.client.post(CLIENTS, json=body | {"division": SUBDISTRICT}, headers=local))


class TestSearchOfTheRecord:
    def search(self, two: Two, callers: Callers, **params: str) -> list[dict[str, Any]]:
        auditor = callers.staff(Role.AUDITOR, WHOLE_COUNTRY)
        path = f"/api/v1/audit/{WHOLE_COUNTRY}/entries"
        found: list[dict[str, Any]] = ok(two.client.get(path, params=params, headers=auditor))["items"]
        return found

    def test_by_chain_tag_subject_actor_and_day(self, two: Two, callers: Callers, client: TestClient) -> None:
        proposed = ok(two.propose())
        ok(two.confirm(proposed, two.second))
        ok(two.propose("mediator", NEIGHBOUR))
        asked = self.search(two, callers, tag="grant:proposed")
        assert [each["chain"] for each in asked] == [NEIGHBOUR, COMMUNITY]
        first = ok(client.get("/api/v1/me", headers=two.first))
        assert {each["actor_name"] for each in asked} == {first["display_name"]}
        for who in (first["name"], f"account:{first['account_id']}"):
            mine = self.search(two, callers, who=who)
            assert {each["tag"] for each in mine} == {"grant:proposed"}
        assert self.search(two, callers, who="nobody") == []
        subject = f"account:{two.clerk.account_id}"
        about = self.search(two, callers, subject=subject, chain=COMMUNITY)
        assert {each["tag"] for each in about} == {"grant:proposed", "grant:given"}
        assert len(self.search(two, callers, subject="account:")) > len(about)
        assert self.search(two, callers, subject="account:%") == []
        today = clock.today()
        tomorrow = (today + dt.timedelta(days=1)).isoformat()
        assert (
            len(self.search(two, callers, since=today.isoformat(), until=today.isoformat(), subject=subject))
            > 2
        )
        assert self.search(two, callers, since=tomorrow) == []

    @pytest.mark.parametrize(
        "params",
        [
            {"tag": "no:such"},
            {"chain": "12"},
            {"since": "yesterday"},
            {"until": "9999-12-31"},
            {"who": "x" * 81},
        ],
    )
    def test_what_cannot_be_looked_for(self, two: Two, callers: Callers, params: dict[str, str]) -> None:
        auditor = callers.staff(Role.AUDITOR, COMMUNITY)
        path = f"/api/v1/audit/{COMMUNITY}/entries"
        refused(two.client.get(path, params=params, headers=auditor), 422, "malformed_request")

    def test_another_chain_than_yours_is_empty(self, two: Two, callers: Callers) -> None:
        auditor = callers.staff(Role.AUDITOR, COMMUNITY)
        ok(two.propose("mediator", NEIGHBOUR))
        path = f"/api/v1/audit/{COMMUNITY}/entries"
        assert ok(two.client.get(path, params={"chain": NEIGHBOUR}, headers=auditor))["items"] == []
