"""What a short code looks like, what it can stand for, where it leads. Pure."""

import secrets
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlencode

CODE_LENGTH = 5
#: Crockford's base 32 without vowels: nothing looks like something else, and no code reads as a word. 24 million codes.
ALPHABET = "0123456789BCDFGHJKMNPQRSTVWXYZ"
#: What people type for what they read.
_LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})

#: New codes of one division in an hour; asking again for a code that is there costs nothing.
NEW_PER_HOUR = 120
#: Of one account in an hour of the clock, so that nobody uses up what a whole division has.
NEW_PER_ACCOUNT = 20


class LinkKind(StrEnum):
    """What a code can stand for; all of it public, none of it a person."""

    COMMUNITY = "community"
    BUILDING = "building"
    ROUND = "round"
    PROJECT = "project"
    IDEA = "idea"
    RESULT = "result"
    MINUTES = "minutes"


#: The screen of each kind.
_SCREENS = {
    LinkKind.COMMUNITY: "/",
    LinkKind.BUILDING: "/",
    LinkKind.ROUND: "/round/",
    LinkKind.PROJECT: "/project/",
    LinkKind.IDEA: "/idea/",
    LinkKind.RESULT: "/result/",
    LinkKind.MINUTES: "/meeting/",
}
#: Where votes are recorded, question and outcome are one page.
_RECORDED_SCREEN = "/decision/"


@dataclass(frozen=True)
class Target:
    """What a code stands for, as everybody may know it."""

    kind: LinkKind
    id: str
    #: The division it belongs to, and its name.
    division_code: str
    division: str
    title: str
    #: One or two short lines for a card: dates, a place, a price.
    lines: tuple[str, ...]
    #: The community to look at, where it belongs to one.
    community_code: str | None
    building: str | None = None
    recorded: bool = False


def new_code() -> str:
    """A code at random; nobody can tell which one comes next."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def read_code(text: str) -> str | None:
    """A code as it was meant: in any case and width, O for 0, I and L for 1; nothing where it cannot be one."""
    code = unicodedata.normalize("NFKC", text).upper().translate(_LOOK_ALIKE)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def address(target: Target) -> str:
    """Where a target is shown, from the root of the service: never anything of a person in it."""
    query = {"community": target.community_code, "building": target.building}
    given = {key: value for key, value in query.items() if value is not None}
    search = f"?{urlencode(given, quote_via=quote)}" if given else ""
    screen = _SCREENS[target.kind]
    if target.recorded:
        screen = _RECORDED_SCREEN
    tail = "" if screen == "/" else target.id
    return f"/app/{search}#{screen}{tail}"
