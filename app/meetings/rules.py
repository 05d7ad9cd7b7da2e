"""What makes a meeting valid and a resolution pass. Pure."""

import datetime as dt
import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from app.meetings.errors import ShortNotice, VotesDoNotAdd

#: Organic Law of Urban Residents' Committees, revised 2025-10-28, art. 26.
NOTICE_DAYS = 10

_PHONE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
#: Shorter words of a roster ("-", "王") would hit half of every text.
SHORTEST_NAME = 2


class MeetingKind(StrEnum):
    """Who meets."""

    RESIDENTS = "residents"
    REPRESENTATIVES = "representatives"
    COUNCIL = "council"


class MinutesState(StrEnum):
    """Where a version of the minutes stands."""

    DRAFT = "draft"
    PUBLISHED = "published"


def check_notice(
    *, kind: MeetingKind, called_at: dt.datetime, begins_at: dt.datetime, reason: str | None
) -> None:
    """Whether a meeting is called early enough.

    Raises:
        ShortNotice: a residents' meeting within ten days, without a special circumstance.
    """
    if (
        kind is MeetingKind.RESIDENTS
        and begins_at - called_at < dt.timedelta(days=NOTICE_DAYS)
        and not reason
    ):
        raise ShortNotice(days=NOTICE_DAYS)


def passes(*, votes_for: int, votes_against: int, abstentions: int, present: int) -> bool:
    """Whether a resolution passes: more than half of those who take part (art. 27).

    Raises:
        VotesDoNotAdd: more votes than people.
    """
    if votes_for + votes_against + abstentions > present:
        raise VotesDoNotAdd
    return 2 * votes_for > present


def personal_places(text: str, words: Collection[str]) -> int:
    """How many phones, and names and dwellings of a roster, stand in a text."""
    found = len(_PHONE.findall(text))
    return found + sum(
        text.count(word) for word in words if len(word) >= SHORTEST_NAME and not _PHONE.fullmatch(word)
    )


@dataclass(frozen=True)
class Change:
    """What stood in minutes and what stands there now; one of both may be empty."""

    before: str
    after: str


def changes(before: str, after: str) -> list[Change]:
    """Where two versions of minutes differ, paragraph by paragraph, in order."""
    old, new = ([line.strip() for line in text.splitlines() if line.strip()] for text in (before, after))
    found = difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    return [
        Change("\n".join(old[old_from:old_to]), "\n".join(new[new_from:new_to]))
        for what, old_from, old_to, new_from, new_to in found
        if what != "equal"
    ]
