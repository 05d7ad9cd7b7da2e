"""Which roles one account does not hold over the same place, and why.

Two grants concern the same place when the division of one contains that of the other. Small committees have few staff:
only what would undo a control stands here. `app.access.rules.check_grant` asks this when a role is proposed, and again
when it is confirmed.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from app.access.roles import GOVERNMENT_ROLES, GRANTABLE, RC_ROLES, Role


class Reason(StrEnum):
    """Which control one person in both roles would undo."""

    #: Every step of the funding chain looks at the request with other eyes.
    ONE_STEP_EACH = "one_step_each"
    #: Who asks for money, corrects the request and spends what is granted does not judge it.
    ASKS_AND_DECIDES = "asks_and_decides"
    #: Who objects is not known to the committee next door; whom the objection is against does not settle it.
    OBJECTS_NEXT_DOOR = "objects_next_door"
    #: Organic Law 2025, art. 36-37, for the committee; in the same sense for whoever else acts under their eyes.
    WATCHES_OTHERS = "watches_others"
    #: Complaints about pressure go past those who may have pressed.
    HEARS_COMPLAINTS = "hears_complaints"
    #: Accounts and health, no content; and an administrator keeps one of three shares of a key.
    NO_CONTENT = "no_content"


#: In Chinese and English, to stand after a colon.
REASONS: Mapping[Reason, tuple[str, str]] = {
    Reason.ONE_STEP_EACH: (
        "资金申请的每一步要由不同的人把关",
        "each step of a request for money is judged by somebody else",
    ),
    Reason.ASKS_AND_DECIDES: (
        "提出资金申请的人不能审批申请",
        "who asks for money does not decide on it",
    ),
    Reason.OBJECTS_NEXT_DOOR: (
        "居委会不应知道是谁提出异议，也不能处理针对自己的异议",
        "a committee does not learn who objects, and does not settle what is said against it",
    ),
    Reason.WATCHES_OTHERS: (
        "监督和审计的人不能承办被监督的事",
        "who watches over an act does not carry it out",
    ),
    Reason.HEARS_COMPLAINTS: (
        "受理施压投诉的人不能是可能被投诉的人",
        "who hears complaints about pressure is not one of those complained about",
    ),
    Reason.NO_CONTENT: (
        "系统管理员只管账号和运行，不经手业务内容",
        "an administrator looks after accounts and health and touches no content",
    ),
}

#: What people call the roles, in Chinese and English.
ROLE_NAMES: Mapping[Role, tuple[str, str]] = {
    Role.SUPERVISOR: ("居务监督委员会成员", "residents' supervisor"),
    Role.RC_STAFF: ("居委会工作人员", "member of the committee's staff"),
    Role.RC_CHAIR: ("居委会主任", "chair of the committee"),
    Role.SUBDISTRICT_OFFICER: ("街道经办人", "sub-district officer"),
    Role.DISTRICT_OFFICER: ("区统筹办经办人", "district coordinating officer"),
    Role.BUREAU_REVIEWER: ("业务主管部门审核人", "bureau reviewer"),
    Role.FINANCE_REVIEWER: ("财政部门审核人", "finance reviewer"),
    Role.MUNICIPAL_MONITOR: ("市级监测员", "municipal monitor"),
    Role.MEDIATOR: ("调解员", "mediator"),
    Role.OBJECTION_OFFICER: ("异议专员", "objection officer"),
    Role.AUDITOR: ("审计员", "auditor"),
    Role.ADMINISTRATOR: ("系统管理员", "system administrator"),
}

_OBJECTIONS = frozenset({Role.MEDIATOR, Role.OBJECTION_OFFICER})


def _pairs() -> Iterator[tuple[Role, Role, Reason]]:
    for first, second in itertools.combinations(sorted(GOVERNMENT_ROLES), 2):
        yield first, second, Reason.ONE_STEP_EACH
    for committee, step in itertools.product(RC_ROLES, GOVERNMENT_ROLES):
        yield committee, step, Reason.ASKS_AND_DECIDES
    # a mediator may work for the committee: they see the cases they are given, and a household may refuse them
    for committee in RC_ROLES:
        yield committee, Role.OBJECTION_OFFICER, Reason.OBJECTS_NEXT_DOOR
    yield Role.RC_CHAIR, Role.MEDIATOR, Reason.OBJECTS_NEXT_DOOR
    # supervisors and auditors may be the same people: both only look
    for watcher, watched in itertools.product(
        (Role.SUPERVISOR, Role.AUDITOR), RC_ROLES | GOVERNMENT_ROLES | _OBJECTIONS
    ):
        yield watcher, watched, Reason.WATCHES_OTHERS
    for heard in RC_ROLES | _OBJECTIONS | {Role.SUBDISTRICT_OFFICER}:
        yield Role.MUNICIPAL_MONITOR, heard, Reason.HEARS_COMPLAINTS
    for other in GRANTABLE - {Role.ADMINISTRATOR}:
        yield Role.ADMINISTRATOR, other, Reason.NO_CONTENT


#: Two roles -> why nobody holds both over the same place.
APART: Mapping[frozenset[Role], Reason] = {
    frozenset({first, second}): reason for first, second, reason in _pairs()
}


def kept_apart(role: Role, held: Iterable[Role]) -> tuple[Role, Reason] | None:
    """The first of the roles held that ``role`` is not held together with, and why."""
    for each in sorted(held):
        reason = APART.get(frozenset({role, each}))
        if reason is not None:
            return each, reason
    return None
