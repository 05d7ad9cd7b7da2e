"""The life of a project, and what it consists of. Pure."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.money import LARGEST_AMOUNT_FEN
from app.projects.errors import (
    CostsTooLarge,
    ExclusionUnfit,
    PhotosChanged,
    ProjectFrozen,
    ProjectImportWrongState,
    ProjectWrongState,
)

MOST_PHOTOS = 9


class ProjectState(StrEnum):
    """Where a project stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    LISTED = "listed"  # stands on a published round's list: nothing on it changes any more
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[ProjectState, frozenset[ProjectState]] = {
    ProjectState.DRAFT: frozenset({ProjectState.PUBLISHED, ProjectState.REJECTED, ProjectState.WITHDRAWN}),
    ProjectState.PUBLISHED: frozenset({ProjectState.LISTED, ProjectState.REJECTED, ProjectState.WITHDRAWN}),
    # a listed project may stand on another round's list later: the reserve of one year is the list of the next
    ProjectState.LISTED: frozenset({ProjectState.LISTED}),
    # an answer can be appealed, and a mistake undone: it begins again as a draft
    ProjectState.REJECTED: frozenset({ProjectState.DRAFT}),
    ProjectState.WITHDRAWN: frozenset({ProjectState.DRAFT}),
}

#: What residents choose from.
PUBLIC_STATES = frozenset({ProjectState.PUBLISHED, ProjectState.LISTED})
#: How a project ends; whoever saw it before keeps seeing it, with the reason.
ENDED_STATES = frozenset({ProjectState.REJECTED, ProjectState.WITHDRAWN})
#: Where its words and costs may still change.
OPEN_STATES = frozenset({ProjectState.DRAFT, ProjectState.PUBLISHED})


#: What can stand beside another project as "one of the two".
COMPARED_STATES = frozenset(ProjectState) - ENDED_STATES


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


_CATEGORY_WORDS: Mapping[Category, tuple[str, str]] = {
    Category.ROADS: ("道路", "roads"),
    Category.SEWAGE: ("排污", "sewage"),
    Category.LIGHTING_SAFETY: ("照明与安全", "lighting and safety"),
    Category.RENOVATION: ("房屋修缮", "renovation"),
    Category.ACCESSIBILITY: ("无障碍", "accessibility"),
    Category.GREEN_SPACE: ("绿化", "green space"),
    Category.CHILDREN: ("儿童与课后", "children"),
    Category.ELDER_CARE: ("养老", "care for elders"),
    Category.CULTURE: ("文化", "culture"),
    Category.OTHER: ("其他", "other"),
}


def category_words(language: str) -> dict[str, str]:
    """What each category is called, by its code, in ``zh...`` or ``en...``."""
    at = 0 if language.startswith("zh") else 1
    return {category.value: words[at] for category, words in _CATEGORY_WORDS.items()}


class DeliveryKind(StrEnum):
    """How a project is delivered, and so who is paid."""

    INFRASTRUCTURE = "infrastructure"  # 工程
    SERVICE = "service"  # 服务
    ACTIVITY = "activity"  # 活动


class Origin(StrEnum):
    """Where a project came from."""

    MEETING = "meeting"  # 居民会议决议; set by a resolution only
    RESIDENT_IDEA = "resident_idea"  # 居民建议
    STAFF = "staff"  # 居委会


class CostKind(StrEnum):
    """What money goes to."""

    WORKS = "works"  # 施工
    GOODS = "goods"  # 物资
    STAFF = "staff"  # 人工
    VENUE = "venue"  # 场地
    OTHER = "other"  # 其他


class ListState(StrEnum):
    """Where an uploaded list of projects stands."""

    PREVIEW = "preview"
    COMMITTED = "committed"


class ListError(StrEnum):
    """What is wrong with a cell of an uploaded list."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    UNKNOWN_WORD = "unknown_word"
    UNKNOWN_BUILDING = "unknown_building"
    NOT_AN_AMOUNT = "not_an_amount"
    TOO_LARGE = "too_large"
    FORMULA = "formula"
    TOO_MANY = "too_many"
    TWICE = "twice"
    NO_PROJECT_ABOVE = "no_project_above"
    UNREADABLE = "unreadable"


class RejectionCode(StrEnum):
    """Why the committee does not take a project up; the first three are the negative list of local fund rules."""

    PRIVATE_BENEFIT = "private_benefit"  # 只惠及个别人
    SOMEBODY_ELSE_LIABLE = "somebody_else_liable"  # 另有责任人
    GOVERNMENT_DUTY = "government_duty"  # 政府本职
    INFRINGES_RIGHTS = "infringes_rights"  # 侵犯权利 (Organic Law 2025, art. 31)
    DUPLICATE = "duplicate"  # 与其他项目重复
    NOT_FEASIBLE = "not_feasible"  # 不可行
    OTHER = "other"  # 其他


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


def check_open(state: ProjectState) -> None:
    """Whether a project's words, costs and photos may change.

    Raises:
        ProjectFrozen: it stands on a published list.
        ProjectWrongState: it was rejected or withdrawn.
    """
    if state is ProjectState.LISTED:
        raise ProjectFrozen
    if state not in OPEN_STATES:
        raise ProjectWrongState(state=state.value, wanted=state.value)


def is_public(state: ProjectState, *, was_published: bool) -> bool:
    """Whether anybody may read it: what is on offer, and what was on offer until it ended."""
    return state in PUBLIC_STATES or (was_published and state in ENDED_STATES)


def total(amounts_fen: Sequence[int]) -> int:
    """The cost of a project: the sum of its items.

    Raises:
        CostsTooLarge: beyond `LARGEST_AMOUNT_FEN`.
    """
    amount = sum(amounts_fen)
    if amount > LARGEST_AMOUNT_FEN:
        raise CostsTooLarge
    return amount


def check_exclusion(one: ProjectState, other: ProjectState, *, same: bool, same_community: bool) -> None:
    """Whether two projects can be marked so that only one of them is done.

    Raises:
        ExclusionUnfit: they are one, lie in two communities, or one of them came to nothing.
    """
    if same or not same_community or {one, other} & ENDED_STATES:
        raise ExclusionUnfit


def check_arrangement(present: Collection[uuid.UUID], wanted: Sequence[uuid.UUID]) -> None:
    """Whether an order of photos names each of them once.

    Raises:
        PhotosChanged: one is missing, or there is one too many.
    """
    if sorted(present) != sorted(wanted):
        raise PhotosChanged


def check_preview(state: ListState) -> None:
    """Whether an uploaded list can still be committed.

    Raises:
        ProjectImportWrongState: it was already.
    """
    if state is not ListState.PREVIEW:
        raise ProjectImportWrongState(state=state.value)


@dataclass(frozen=True)
class ExclusiveGroup:
    """Projects of which a round would let only one be funded."""

    project_ids: tuple[uuid.UUID, ...]
    #: Every two of them were marked. If not, look: with A or B, and B or C, A and C may both be done.
    complete: bool


def exclusive_groups(pairs: Iterable[tuple[uuid.UUID, uuid.UUID]]) -> list[ExclusiveGroup]:
    """The groups that marked pairs make: a round knows groups, and a project stands in one at most."""
    marked = {frozenset(pair) for pair in pairs}
    group_of: dict[uuid.UUID, set[uuid.UUID]] = {}
    for pair in marked:
        together = set(pair).union(*(group_of.get(each, ()) for each in pair))
        group_of.update(dict.fromkeys(together, together))
    groups = {min(group): tuple(sorted(group)) for group in group_of.values()}
    return [
        ExclusiveGroup(
            group,
            complete=all(
                frozenset((one, other)) in marked
                for number, one in enumerate(group)
                for other in group[number + 1 :]
            ),
        )
        for _, group in sorted(groups.items())
    ]
