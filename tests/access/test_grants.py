"""What an account may do where."""

import uuid

import pytest

from app.access import service
from app.access.actor import SYSTEM, Grant
from app.access.errors import (
    AccountNotFound,
    GrantNotFound,
    SupervisorInCommittee,
    TokenInvalid,
)
from app.access.roles import Role
from app.audit import service as audit
from tests.access.door import COMMUNITY, PASSWORD, Door

pytestmark = pytest.mark.usefixtures("noon")


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
