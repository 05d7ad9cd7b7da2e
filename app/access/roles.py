"""Roles: who somebody is in the real world. Scopes of machine clients are roles too."""

from enum import StrEnum


class Role(StrEnum):
    """One way of taking part."""

    PUBLIC = "public"  # anybody, signed in or not
    SIGNED_IN = "signed_in"  # anybody with an account, whatever else it holds
    RESIDENT = "resident"  # a person signed in by phone; what they may touch is theirs alone
    CODE_HOLDER = "code_holder"  # a resident signed in with a paper code, on a device of their own
    HELPER = "helper"  # somebody who helps a resident vote with that resident's paper code, for minutes
    SUPERVISOR = "supervisor"  # elected residents' supervisor 居务监督委员会, never together with an RC role
    RC_STAFF = "rc_staff"  # works at the Residents' Committee 居委会
    RC_CHAIR = "rc_chair"  # chairs it
    SUBDISTRICT_OFFICER = (
        "subdistrict_officer"  # 街道 / 乡镇: receives requests, pays 60 % of the public share
    )
    DISTRICT_OFFICER = "district_officer"  # district coordinating office: reviews and decides
    BUREAU_REVIEWER = "bureau_reviewer"  # line department: judges whether funding suits
    FINANCE_REVIEWER = "finance_reviewer"  # Bureau of Finance
    MUNICIPAL_MONITOR = "municipal_monitor"  # aggregates only
    MEDIATOR = "mediator"  # negotiates with objecting households, assigned cases only
    OBJECTION_OFFICER = "objection_officer"  # the one designated officer who may see who objects
    AUDITOR = "auditor"  # reads, and what they read is logged: app/access/matrix.py, READ_UNDER_RECORD
    ADMINISTRATOR = "administrator"  # accounts and health, no content

    SCOPE_FUNDING_READ = "funding:read"
    SCOPE_FUNDING_DECIDE = "funding:decide"
    SCOPE_PROJECT_READ = "project:read"
    SCOPE_STATS_READ = "stats:read"
    SCOPE_WEBHOOK_MANAGE = "webhook:manage"


RC_ROLES = frozenset({Role.RC_STAFF, Role.RC_CHAIR})
GOVERNMENT_ROLES = frozenset(
    {Role.SUBDISTRICT_OFFICER, Role.DISTRICT_OFFICER, Role.BUREAU_REVIEWER, Role.FINANCE_REVIEWER}
)
SCOPES = frozenset(role for role in Role if ":" in role.value)
#: What somebody is by the way they came in; nobody is made it by a grant.
BY_SIGN_IN = frozenset({Role.PUBLIC, Role.SIGNED_IN, Role.RESIDENT, Role.CODE_HOLDER, Role.HELPER})
#: Roles that can be given to a person's account.
GRANTABLE = frozenset(Role) - SCOPES - BY_SIGN_IN
