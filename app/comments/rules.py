"""The life of a comment: who sees it, what follows from what, how fast one may write. Pure."""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum

from app.comments.errors import CommentsTooOften, CommentWrongState

#: So many within so long, for one account.
PACES = ((6, dt.timedelta(minutes=10)), (40, dt.timedelta(days=1)))
MOST_REPORTS_A_DAY = 20
#: Answers shown under a comment; more are read by themselves.
SHOWN_REPLIES = 20

_DAY = dt.timedelta(days=1)
_MINUTE_SECONDS = 60


class CommentKind(StrEnum):
    """What is talked about."""

    IDEA = "idea"
    PROJECT = "project"


class CommentState(StrEnum):
    """Where a comment stands."""

    HELD = "held"  # waits for a person of the committee
    PUBLISHED = "published"
    REJECTED = "rejected"  # was held, is not shown
    HIDDEN = "hidden"  # was visible, the committee says why it is not any more
    DELETED = "deleted"  # by its author; the words are gone


class Desk(StrEnum):
    """Which comments lie on the committee's desk."""

    WAITING = "waiting"  # held, or reported
    TAKEN_DOWN = "taken_down"  # rejected, or hidden: a mistake can be undone


class ReportCode(StrEnum):
    """What is wrong with a comment."""

    ABUSE = "abuse"  # 骂人、攻击
    PRIVATE = "private"  # 泄露他人隐私
    FALSE = "false"  # 不实消息
    ADVERTISING = "advertising"  # 广告
    OTHER = "other"  # 其他


TRANSITIONS: dict[CommentState, frozenset[CommentState]] = {
    CommentState.HELD: frozenset({CommentState.PUBLISHED, CommentState.REJECTED, CommentState.DELETED}),
    # published again: somebody looked at what was reported and keeps it
    CommentState.PUBLISHED: frozenset({CommentState.PUBLISHED, CommentState.HIDDEN, CommentState.DELETED}),
    # mistakes are undone
    CommentState.REJECTED: frozenset({CommentState.PUBLISHED, CommentState.DELETED}),
    CommentState.HIDDEN: frozenset({CommentState.PUBLISHED, CommentState.DELETED}),
    CommentState.DELETED: frozenset(),
}

#: What everybody meets in a list; of hidden and deleted ones only that they were there.
PUBLIC_STATES = frozenset({CommentState.PUBLISHED, CommentState.HIDDEN, CommentState.DELETED})


def step(state: CommentState, to: CommentState) -> CommentState:
    """The next state.

    Raises:
        CommentWrongState: the step does not follow.
    """
    if to not in TRANSITIONS[state]:
        raise CommentWrongState(state=state.value, wanted=to.value)
    return to


def check_pace(posted_at: Sequence[dt.datetime], *, now: dt.datetime) -> None:
    """Whether somebody may write another comment; ``posted_at`` are the times of those before, the latest first.

    Raises:
        CommentsTooOften: too many within ten minutes, or within a day.
    """
    for most, within in PACES:
        _check(posted_at, most=most, within=within, now=now)


def check_report_pace(reported_at: Sequence[dt.datetime], *, now: dt.datetime) -> None:
    """Whether somebody may report another comment; the times of those before, the latest first.

    Raises:
        CommentsTooOften: as many as a day allows.
    """
    _check(reported_at, most=MOST_REPORTS_A_DAY, within=_DAY, now=now)


def _check(times: Sequence[dt.datetime], *, most: int, within: dt.timedelta, now: dt.datetime) -> None:
    if len(times) < most:
        return
    free_at = times[most - 1] + within
    if free_at > now:
        wait = max(1, -((now - free_at) // dt.timedelta(seconds=1)))
        raise CommentsTooOften(minutes=-(-wait // _MINUTE_SECONDS), retry_after=wait)
