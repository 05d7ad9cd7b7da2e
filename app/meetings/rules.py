"""What makes a meeting valid and a resolution pass. Pure."""

import datetime as dt
import difflib
import secrets
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from app.meetings.errors import DoorClosed, ShortNotice, VotesDoNotAdd

#: Organic Law of Urban Residents' Committees, revised 2025-10-28, art. 26.
NOTICE_DAYS = 10

#: The door opens this long before a meeting begins, and the list stays open this long after.
DOOR_BEFORE = dt.timedelta(hours=2)
DOOR_AFTER = dt.timedelta(hours=6)
#: A new code at the door each minute; one that was just read works a little longer, for slow phones.
DOOR_CODE_FRESH = dt.timedelta(seconds=60)
DOOR_CODE_WORKS = dt.timedelta(minutes=4)
DOOR_CODE_LENGTH = 6
#: Nothing looks like something else, and no code reads as a word.
_ALPHABET = "0123456789BCDFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})

#: Of one person to one meeting's minutes, unanswered.
OPEN_AMENDMENTS = 10


class MeetingKind(StrEnum):
    """Who meets."""

    RESIDENTS = "residents"
    REPRESENTATIVES = "representatives"
    COUNCIL = "council"


class MinutesState(StrEnum):
    """Where a version of the minutes stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    #: A draft that somebody had signed before it was changed: kept as it was, in force nowhere.
    REPLACED = "replaced"


class SigningPart(StrEnum):
    """Who signs minutes."""

    CHAIR = "chair"
    RECORDER = "recorder"


class AttendanceWay(StrEnum):
    """How somebody came onto the list of those who attended."""

    DOOR = "door"  # by the code at the door, from their own phone
    LIST = "list"  # ticked on the roster by the desk


class AmendmentState(StrEnum):
    """What became of what somebody would have put right."""

    PENDING = "pending"
    TAKEN_UP = "taken_up"
    DECLINED = "declined"


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


def check_door(*, begins_at: dt.datetime, now: dt.datetime) -> None:
    """Whether people can sign in at the door now.

    Raises:
        DoorClosed: it is too early, or too late.
    """
    if not begins_at - DOOR_BEFORE <= now <= begins_at + DOOR_AFTER:
        hour = dt.timedelta(hours=1)
        raise DoorClosed(before=DOOR_BEFORE // hour, after=DOOR_AFTER // hour)


def new_door_code() -> str:
    """A code at random."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(DOOR_CODE_LENGTH))


def read_door_code(text: str) -> str:
    """A code as it was meant: in any case and width, O for 0, I and L for 1."""
    return unicodedata.normalize("NFKC", text).upper().translate(_LOOK_ALIKE)


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
