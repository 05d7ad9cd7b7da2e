"""Lists by cursor: ``{items, next_cursor}``. The cursor is the last row's sort key, opaque to callers."""

import base64
import binascii
import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.core.errors import Invalid

T = TypeVar("T")

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200


class BadCursor(Invalid):
    """The cursor is not one of ours. Please start from the first page."""

    code = "bad_cursor"
    zh = "翻页标记无效，请从第一页重新开始。"


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows and the cursor for more, if there are more."""

    items: Sequence[T]
    next_cursor: str | None


def encode_cursor(key: str) -> str:
    """Make the sort key opaque."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> str | None:
    """The sort key behind a cursor.

    Raises:
        BadCursor: it was not made by `encode_cursor`.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise BadCursor from error
    if not isinstance(key, str) or "\0" in key or not key.isprintable():
        raise BadCursor
    return key


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], str]) -> Page[T]:
    """Cut ``limit + 1`` fetched rows to a page."""
    more = len(rows) > limit
    items = rows[:limit]
    return Page(items, encode_cursor(key(items[-1])) if more else None)


def time_and_id_cursor(at: dt.datetime, row_id: uuid.UUID) -> str:
    """The sort key of lists by time, newest or oldest first."""
    return f"{at.isoformat()} {row_id}"


def time_and_id(cursor: str | None) -> tuple[dt.datetime, uuid.UUID] | None:
    """The sort key behind a cursor of such a list.

    Raises:
        BadCursor: it is none of ours.
    """
    key = decode_cursor(cursor)
    if key is None:
        return None
    at, _, row_id = key.partition(" ")
    try:
        moment, found = dt.datetime.fromisoformat(at), uuid.UUID(row_id)
        if moment.tzinfo is None:
            raise BadCursor
        return moment.astimezone(dt.UTC), found
    except (ValueError, OverflowError) as error:
        raise BadCursor from error
