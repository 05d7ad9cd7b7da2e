"""Accounts of staff, made, listed, disabled, and what is forgotten."""

import uuid

import pytest
from sqlmodel import select

from app.access import service
from app.access.actor import SYSTEM, Grant
from app.access.errors import (
    AccountNotFound,
    NameTaken,
)
from app.access.models import SignInChallenge, SignInSession
from app.access.roles import Role
from app.access.service import IssuedTokens
from tests.access.door import COMMUNITY, Door, later

pytestmark = pytest.mark.usefixtures("noon")


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
