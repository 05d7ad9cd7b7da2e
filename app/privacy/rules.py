"""How often, how recent, and what a confirmation binds. Pure."""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum

from app.core.canonical import Plain, canonical_json, sha256_hex

EXPORTS_A_DAY = 5
#: How long exports are remembered, for the owner to see that there were any.
EXPORTS_KEPT_DAYS = 30
#: What would be deleted is read without haste, and confirmed while it still holds.
PLAN_MINUTES = 30

Rows = list[dict[str, Plain]]


class ConsentKind(StrEnum):
    """What can be agreed to."""

    PRIVACY_NOTICE = "privacy_notice"


class Fate(StrEnum):
    """What becomes of a kind of data."""

    GOES = "goes"
    STAYS = "stays"


def plan_digest(lines: Sequence[tuple[str, int]]) -> str:
    """What a plan says, as one hash: the kinds of data it names, and how much there is of each."""
    return sha256_hex(canonical_json([[kind, count] for kind, count in lines]))


def plan_token(expires_at: dt.datetime, mac: str) -> str:
    """A confirmation as the caller carries it."""
    return f"{int(expires_at.timestamp())}.{mac}"


def read_plan_token(token: str) -> tuple[int, str] | None:
    """(when it expires, its keyed hash); none when it is not one of ours."""
    expires, _, mac = token.strip().strip('"').partition(".")
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12 and mac):  # noqa: PLR2004 - seconds
        return None
    return int(expires), mac
