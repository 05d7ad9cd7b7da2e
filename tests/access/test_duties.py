"""Roles that one account does not hold over the same place."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access import service
from app.access.actor import SYSTEM, AccountKind
from app.access.divisions import WHOLE_COUNTRY
from app.access.duties import APART, REASONS, ROLE_NAMES, Reason, kept_apart
from app.access.errors import RolesNotTogether, SupervisorInCommittee
from app.access.roles import GOVERNMENT_ROLES, GRANTABLE, RC_ROLES, Role
from app.access.rules import check_grant
from app.core.db import Database
from app.core.errors import DomainError
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, ok, refused

DISTRICT = "520102000000"

#: What a small committee may need one person for.
TOGETHER = (
    (Role.RC_CHAIR, Role.RC_STAFF),
    (Role.RC_STAFF, Role.MEDIATOR),
    (Role.MEDIATOR, Role.OBJECTION_OFFICER),
    (Role.OBJECTION_OFFICER, Role.SUBDISTRICT_OFFICER),
    (Role.SUPERVISOR, Role.AUDITOR),
    (Role.MUNICIPAL_MONITOR, Role.AUDITOR),
)


class TestKeptApart:
    @pytest.mark.parametrize(
        ("first", "second", "reason"),
        [
            (Role.RC_CHAIR, Role.OBJECTION_OFFICER, Reason.OBJECTS_NEXT_DOOR),
            (Role.RC_STAFF, Role.OBJECTION_OFFICER, Reason.OBJECTS_NEXT_DOOR),
            (Role.RC_CHAIR, Role.MEDIATOR, Reason.OBJECTS_NEXT_DOOR),
            (Role.SUPERVISOR, Role.OBJECTION_OFFICER, Reason.WATCHES_OTHERS),
            (Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER, Reason.WATCHES_OTHERS),
            (Role.AUDITOR, Role.RC_CHAIR, Reason.WATCHES_OTHERS),
            (Role.AUDITOR, Role.FINANCE_REVIEWER, Reason.WATCHES_OTHERS),
            (Role.RC_CHAIR, Role.SUBDISTRICT_OFFICER, Reason.ASKS_AND_DECIDES),
            (Role.RC_STAFF, Role.FINANCE_REVIEWER, Reason.ASKS_AND_DECIDES),
            (Role.MUNICIPAL_MONITOR, Role.SUBDISTRICT_OFFICER, Reason.HEARS_COMPLAINTS),
            (Role.ADMINISTRATOR, Role.AUDITOR, Reason.NO_CONTENT),
            *((Role.ADMINISTRATOR, role, Reason.NO_CONTENT) for role in sorted(RC_ROLES | GOVERNMENT_ROLES)),
            *((*pair, Reason.ONE_STEP_EACH) for pair in itertools.combinations(sorted(GOVERNMENT_ROLES), 2)),
        ],
    )
    def test_in_either_order(self, first: Role, second: Role, reason: Reason) -> None:
        assert kept_apart(first, [second]) == (second, reason)
        assert kept_apart(second, [first]) == (first, reason)
        for held, added in itertools.permutations((first, second)):
            with pytest.raises(RolesNotTogether):
                check_grant(AccountKind.STAFF, added, [held])

    @pytest.mark.parametrize(("first", "second"), TOGETHER)
    def test_small_offices_go_on(self, first: Role, second: Role) -> None:
        for held, added in itertools.permutations((first, second)):
            check_grant(AccountKind.STAFF, added, [held])

    def test_the_law_keeps_its_own_words(self) -> None:
        with pytest.raises(SupervisorInCommittee):
            check_grant(AccountKind.STAFF, Role.SUPERVISOR, [Role.RC_CHAIR])

    def test_scopes_of_machines_are_no_roles(self) -> None:
        check_grant(AccountKind.PLATFORM, Role.SCOPE_FUNDING_DECIDE, [Role.SCOPE_FUNDING_READ])
        assert all(pair <= GRANTABLE for pair in APART)

    def test_every_name_and_reason_is_there_in_both_languages(self) -> None:
        assert set(ROLE_NAMES) == GRANTABLE
        assert set(REASONS) == set(Reason) == set(APART.values())
        for zh, en in (*ROLE_NAMES.values(), *REASONS.values()):
            assert zh != en
            assert en.isascii()


@pytest.fixture
def admins(callers: Callers) -> tuple[Headers, Headers]:
    return callers.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY), callers.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY)


def propose(
    client: TestClient, by: Headers, account: object, role: str, division: str, language: str = "en"
) -> Any:
    return client.post(
        f"/api/v1/accounts/{account}/grants", json={"role": role, "division": division},
        headers={**by, "Accept-Language": language},
    )  # fmt: skip


class TestProposeGrant:
    def test_refused_above_and_below_and_named_in_both_languages(
        self, client: TestClient, callers: Callers, admins: tuple[Headers, Headers]
    ) -> None:
        chair = callers.staff_actor(Role.RC_CHAIR, COMMUNITY).account_id
        for division in (COMMUNITY, SUBDISTRICT, DISTRICT, WHOLE_COUNTRY):
            answer = propose(client, admins[0], chair, "subdistrict_officer", division)
            refused(answer, 409, "roles_not_together")
        body = answer.json()
        assert (body["first"], body["second"], body["reason"]) == (
            "rc_chair", "subdistrict_officer", "asks_and_decides",
        )  # fmt: skip
        assert body["detail"] == (
            "One account cannot be chair of the committee and sub-district officer over the same place: "
            "who asks for money does not decide on it."
        )
        chinese = propose(client, admins[0], chair, "subdistrict_officer", SUBDISTRICT, "zh-CN").json()
        assert chinese["detail"] == (
            "同一个账号不能在同一范围内既是居委会主任又是街道经办人：提出资金申请的人不能审批申请。"
        )
        # over other people's affairs it is another matter
        ok(propose(client, admins[0], chair, "objection_officer", NEIGHBOUR))

    def test_asked_again_when_it_is_confirmed(
        self, client: TestClient, callers: Callers, admins: tuple[Headers, Headers]
    ) -> None:
        first, second = admins
        clerk = callers.staff_actor(Role.OBJECTION_OFFICER, NEIGHBOUR).account_id
        steps = [
            ok(propose(client, first, clerk, role, division))["id"]
            for role, division in (("subdistrict_officer", SUBDISTRICT), ("finance_reviewer", DISTRICT))
        ]
        confirm = [f"/api/v1/account-proposals/{each}/confirm" for each in steps]
        ok(client.post(confirm[0], headers=second))
        refused(client.post(confirm[1], headers=second), 409, "roles_not_together")
        waiting = ok(client.get("/api/v1/account-proposals", headers=second))["items"]
        assert (waiting[0]["id"], waiting[0]["decision"]) == (steps[1], None)

    def test_of_two_confirmed_at_once_one_is_given(
        self, client: TestClient, callers: Callers, admins: tuple[Headers, Headers]
    ) -> None:
        first, second = admins
        account = callers.staff_actor(Role.MEDIATOR, NEIGHBOUR).account_id
        assert account is not None
        steps = [
            ok(propose(client, first, account, role, DISTRICT))["id"]
            for role in ("bureau_reviewer", "finance_reviewer")
        ]

        def confirm(proposal_id: str) -> int:
            path = f"/api/v1/account-proposals/{proposal_id}/confirm"
            return int(client.post(path, headers=second).status_code)

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(confirm, steps)) == [200, 409]


class TestGiveGrant:
    def test_the_command_line_is_asked_too(self, database: Database) -> None:
        with database.writing() as session:
            account, _ = service.create_staff(session, name="li.wei", display_name="李伟", actor=SYSTEM)
            service.give_grant(
                session, account_id=account.id, role=Role.ADMINISTRATOR, division=COMMUNITY, actor=SYSTEM
            )
            with pytest.raises(DomainError) as refusal:
                service.give_grant(
                    session, account_id=account.id, role=Role.AUDITOR, division=DISTRICT, actor=SYSTEM
                )
        assert refusal.value.code == "roles_not_together"
