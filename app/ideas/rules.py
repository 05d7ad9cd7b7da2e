"""The life of an idea: who sees it, when it is screened, what follows from what. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.ideas.errors import (
    CheckUnexplained,
    IdeaFailsCheck,
    IdeaMergedElsewhere,
    IdeaPhotosLate,
    IdeasTooOften,
    IdeaWrongState,
    MergeTargetUnfit,
    PolicyTooEarly,
)
from app.projects.rules import ENDED_STATES, ProjectState

MOST_PHOTOS = 3
#: A phone may be without a network between the words and the pictures.
PHOTO_HOURS = 24
MOST_IDEAS_A_DAY = 3
#: How many neighbours must endorse an idea where the committee has set nothing else.
USUAL_ENDORSEMENTS = 20

_DAY = dt.timedelta(days=1)
_HOUR_SECONDS = 3600


class IdeaState(StrEnum):
    """Where an idea stands."""

    HELD = "held"  # 待查看: waits for a person of the committee
    OPEN = "open"  # 征集附议
    SCREENING = "screening"  # 审核中: enough neighbours endorse it
    TAKEN_UP = "taken_up"  # 已采纳: a project was drafted from it
    DECLINED = "declined"  # 未采纳, with the reason
    MERGED = "merged"  # 已合并: goes on as part of another one
    REJECTED = "rejected"  # 未通过: against the rules of the house, shown to its author only
    WITHDRAWN = "withdrawn"  # 已撤回 by its author


class Byline(StrEnum):
    """How an author stands under the own words; never by name."""

    RESIDENT = "resident"  # 一位居民
    BUILDING = "building"  # 3栋居民
    FORGOTTEN = "forgotten"  # 已注销的居民


class Check(StrEnum):
    """What the committee looks at before it answers an idea."""

    FEASIBLE = "feasible"  # 可行性: the place, the technique, who keeps it up
    LAWFUL = "lawful"  # 合法合规: nobody's rights, nobody else's duty (the negative list of local fund rules)
    COST = "cost"  # 费用: in proportion, within what a community can ask for
    DUPLICATE = "duplicate"  # 重复: not done, planned or proposed already


class CheckFinding(StrEnum):
    """What came of a check."""

    FINE = "fine"  # 通过
    UNSURE = "unsure"  # 待核实
    FAILS = "fails"  # 不通过


TRANSITIONS: dict[IdeaState, frozenset[IdeaState]] = {
    IdeaState.HELD: frozenset({IdeaState.OPEN, IdeaState.REJECTED, IdeaState.WITHDRAWN}),
    IdeaState.OPEN: frozenset(
        {
            # a picture was added that nobody has looked at
            IdeaState.HELD, IdeaState.SCREENING, IdeaState.TAKEN_UP, IdeaState.DECLINED, IdeaState.MERGED,
            IdeaState.REJECTED, IdeaState.WITHDRAWN,
        }
    ),
    IdeaState.SCREENING: frozenset(
        {
            IdeaState.HELD, IdeaState.TAKEN_UP, IdeaState.DECLINED, IdeaState.MERGED, IdeaState.REJECTED,
            IdeaState.WITHDRAWN,
        }
    ),
    # a project, and perhaps money, depends on it from here on; unless that project came to nothing
    IdeaState.TAKEN_UP: frozenset({IdeaState.DECLINED}),
    # an answer can be appealed, and a mistake undone
    IdeaState.DECLINED: frozenset({IdeaState.SCREENING}),
    IdeaState.MERGED: frozenset(),
    IdeaState.REJECTED: frozenset({IdeaState.OPEN}),
    IdeaState.WITHDRAWN: frozenset(),
}  # fmt: skip

#: What everybody may read.
PUBLIC_STATES = frozenset(
    {IdeaState.OPEN, IdeaState.SCREENING, IdeaState.TAKEN_UP, IdeaState.DECLINED, IdeaState.MERGED}
)
#: Where neighbours may endorse it, or take that back.
ENDORSABLE = frozenset({IdeaState.OPEN, IdeaState.SCREENING})
#: What another idea can become part of.
_JOINABLE = frozenset({IdeaState.OPEN, IdeaState.SCREENING, IdeaState.TAKEN_UP})


#: The committee has said what comes of it.
ANSWERED = frozenset({IdeaState.TAKEN_UP, IdeaState.DECLINED, IdeaState.MERGED, IdeaState.REJECTED})
#: It waits for the committee.
TO_BE_ANSWERED = frozenset({IdeaState.HELD, IdeaState.SCREENING})


class Show(StrEnum):
    """Which ideas of a community a list shows, and in which order."""

    NEWEST = "newest"
    MOST_ENDORSED = "most_endorsed"
    UNDER_REVIEW = "under_review"
    TAKEN_UP = "taken_up"
    ANSWERED = "answered"


SHOWN: dict[Show, frozenset[IdeaState]] = {
    Show.NEWEST: ENDORSABLE,
    Show.MOST_ENDORSED: ENDORSABLE,
    Show.UNDER_REVIEW: frozenset({IdeaState.SCREENING}),
    Show.TAKEN_UP: frozenset({IdeaState.TAKEN_UP}),
    Show.ANSWERED: frozenset({IdeaState.TAKEN_UP, IdeaState.DECLINED}),
}


@dataclass(frozen=True)
class Policy:
    """How a community handles ideas and comments."""

    #: How many endorsements bring an idea to screening.
    endorsements_needed: int
    #: Whether somebody of the committee looks at everything before it is visible.
    review_first: bool


#: What applies where a community has set nothing.
USUAL = Policy(endorsements_needed=USUAL_ENDORSEMENTS, review_first=False)


def step(state: IdeaState, to: IdeaState) -> IdeaState:
    """The next state.

    Raises:
        IdeaMergedElsewhere: it goes on as part of another idea.
        IdeaWrongState: the step does not follow.
    """
    if to not in TRANSITIONS[state]:
        if state is IdeaState.MERGED:
            raise IdeaMergedElsewhere
        raise IdeaWrongState(state=state.value, wanted=to.value)
    return to


def check_endorsable(state: IdeaState) -> None:
    """Whether neighbours may endorse it now.

    Raises:
        IdeaMergedElsewhere: they can there.
        IdeaWrongState: it has its answer.
    """
    if state is IdeaState.MERGED:
        raise IdeaMergedElsewhere
    if state not in ENDORSABLE:
        raise IdeaWrongState(state=state.value)


def check_project_over(state: IdeaState, project: ProjectState | None) -> None:
    """Whether an idea can be declined after all: one that was taken up only when its project came to nothing.

    Raises:
        IdeaWrongState: its project goes on.
    """
    if state is IdeaState.TAKEN_UP and project not in ENDED_STATES:
        raise IdeaWrongState(state=state.value)


def check_declined(state: IdeaState) -> None:
    """Whether an idea can be screened once more; an open one comes to screening by endorsements alone.

    Raises:
        IdeaWrongState: it was not declined.
    """
    if state is not IdeaState.DECLINED:
        raise IdeaWrongState(state=state.value)


def check_screened(state: IdeaState, findings: Mapping[Check, tuple[CheckFinding, str]]) -> None:
    """Whether these findings can be recorded: while there is no answer, and with words for what is not fine.

    Raises:
        IdeaMergedElsewhere, IdeaWrongState: it has its answer, or nobody sees it yet.
        CheckUnexplained: the author reads no reason.
    """
    check_endorsable(state)  # the same states: the committee looks while neighbours can still speak up
    silent = [
        check.value
        for check, (finding, note) in findings.items()
        if finding is not CheckFinding.FINE and not note
    ]
    if silent:
        raise CheckUnexplained(checks=silent)


def check_passed(findings: Mapping[Check, CheckFinding]) -> None:
    """Whether a project may be drafted of an idea; one that nobody screened point by point may.

    Raises:
        IdeaFailsCheck: the record says that it does not work.
    """
    failed = [check.value for check in Check if findings.get(check) is CheckFinding.FAILS]
    if failed:
        raise IdeaFailsCheck(checks=failed)


def check_target(state: IdeaState, *, same_idea: bool, same_community: bool) -> None:
    """Whether another idea can become part of this one.

    Raises:
        MergeTargetUnfit: it is itself, lies elsewhere, or is finished.
    """
    if same_idea or not same_community or state not in _JOINABLE:
        raise MergeTargetUnfit


def check_photos_open(state: IdeaState, *, posted_at: dt.datetime, now: dt.datetime) -> None:
    """Whether its author may still add a photo.

    Raises:
        IdeaPhotosLate: too late, or it has its answer.
    """
    still = {IdeaState.HELD, IdeaState.OPEN, IdeaState.SCREENING}
    if state not in still or now - posted_at > dt.timedelta(hours=PHOTO_HOURS):
        raise IdeaPhotosLate(hours=PHOTO_HOURS)


def check_pace(posted_at: Sequence[dt.datetime], *, now: dt.datetime) -> None:
    """Whether somebody may post another idea; ``posted_at`` are the times of those before, the latest first.

    Raises:
        IdeasTooOften: as many as a day allows.
    """
    if len(posted_at) < MOST_IDEAS_A_DAY:
        return
    free_at = posted_at[MOST_IDEAS_A_DAY - 1] + _DAY
    if free_at > now:
        wait = max(1, -((now - free_at) // dt.timedelta(seconds=1)))
        raise IdeasTooOften(most=MOST_IDEAS_A_DAY, hours=-(-wait // _HOUR_SECONDS), retry_after=wait)


def check_begins(valid_from: dt.date, *, today: dt.date) -> None:
    """Whether a policy may begin on a day.

    Raises:
        PolicyTooEarly: the day is over.
    """
    if valid_from < today:
        raise PolicyTooEarly


def still_needed(state: IdeaState, endorsements: int, policy: Policy) -> int:
    """How many more endorsements bring it to screening; none where it is past that."""
    return max(0, policy.endorsements_needed - endorsements) if state is IdeaState.OPEN else 0
