"""The life of a project, and what it consists of. Pure."""

from enum import StrEnum

from app.core.money import LARGEST_AMOUNT_FEN
from app.projects.errors import CostsTooLarge, ProjectFrozen, ProjectWrongState

MOST_PHOTOS = 9


class ProjectState(StrEnum):
    """Where a project stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    LISTED = "listed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[ProjectState, frozenset[ProjectState]] = {
    ProjectState.DRAFT: frozenset({ProjectState.PUBLISHED, ProjectState.REJECTED, ProjectState.WITHDRAWN}),
    ProjectState.PUBLISHED: frozenset({ProjectState.LISTED, ProjectState.REJECTED, ProjectState.WITHDRAWN}),
    # a listed project may stand on another round's list later: the reserve of one year is the list of the next
    ProjectState.LISTED: frozenset({ProjectState.LISTED}),
    ProjectState.REJECTED: frozenset({ProjectState.DRAFT}),
    ProjectState.WITHDRAWN: frozenset({ProjectState.DRAFT}),
}

#: What anybody may see. A rejection is public with its reason once the project was public.
PUBLIC_STATES = frozenset({ProjectState.PUBLISHED, ProjectState.LISTED})


class Category(StrEnum):
    """What a project is about."""

    ROADS = "roads"  # 道路
    SEWAGE = "sewage"  # 排污
    LIGHTING_SAFETY = "lighting_safety"  # 照明与安全
    RENOVATION = "renovation"  # 房屋修缮
    ACCESSIBILITY = "accessibility"  # 无障碍
    GREEN_SPACE = "green_space"  # 绿化
    CHILDREN = "children"  # 儿童与课后
    ELDER_CARE = "elder_care"  # 养老
    CULTURE = "culture"  # 文化
    OTHER = "other"  # 其他


class DeliveryKind(StrEnum):
    """How a project is delivered, and so who is paid."""

    INFRASTRUCTURE = "infrastructure"
    SERVICE = "service"
    ACTIVITY = "activity"


class Origin(StrEnum):
    """Where a project came from."""

    MEETING = "meeting"
    RESIDENT_IDEA = "resident_idea"
    STAFF = "staff"


class CostKind(StrEnum):
    """What money goes to."""

    WORKS = "works"
    GOODS = "goods"
    STAFF = "staff"
    VENUE = "venue"
    OTHER = "other"


class RejectionCode(StrEnum):
    """Why the committee does not take a project up; the first four are the negative list of local fund rules."""

    PRIVATE_BENEFIT = "private_benefit"  # 只惠及个别人
    SOMEBODY_ELSE_LIABLE = "somebody_else_liable"  # 另有责任人
    GOVERNMENT_DUTY = "government_duty"  # 政府本职
    INFRINGES_RIGHTS = "infringes_rights"  # 侵犯权利 (Organic Law art. 31)
    DUPLICATE = "duplicate"
    NOT_FEASIBLE = "not_feasible"
    OTHER = "other"


def step(state: ProjectState, to: ProjectState) -> ProjectState:
    """The next state.

    Raises:
        ProjectFrozen: it stands on a published list.
        ProjectWrongState: the step does not follow.
    """
    if to not in TRANSITIONS[state]:
        if state is ProjectState.LISTED:
            raise ProjectFrozen
        raise ProjectWrongState(state=state.value, wanted=to.value)
    return to


def total(amounts_fen: list[int]) -> int:
    """The cost of a project: the sum of its items.

    Raises:
        CostsTooLarge: beyond `LARGEST_AMOUNT_FEN`.
    """
    amount = sum(amounts_fen)
    if amount > LARGEST_AMOUNT_FEN:
        raise CostsTooLarge
    return amount
