"""People without a phone, and the codes on paper that they vote with."""

from typing import Any

import httpx

from tests.callers import Headers
from tests.story import Story, ok, roster_row


def elder_row(number: int, **changes: str) -> list[str]:
    """A line of a roster without a phone."""
    return roster_row(number, 手机="", 出生日期="1941-03-02", **changes)


def residents(story: Story) -> list[dict[str, Any]]:
    """Everybody who lives there, as staff see them."""
    path = f"/api/v1/communities/{story.community}/residents?limit=200"
    items: list[dict[str, Any]] = ok(story.client.get(path, headers=story.clerk))["items"]
    return items


def resident_id(story: Story, number: int) -> str:
    """The id of the only person in dwelling ``number`` of a roster made by `roster_row`."""
    at = (f"{number // 20 + 1}栋", f"{number % 20 + 1:02d}01")
    (found,) = [each["id"] for each in residents(story) if (each["building"], each["room"]) == at]
    return str(found)


def issue(story: Story, who: Headers | None = None, **wanted: Any) -> httpx.Response:
    """Ask for codes."""
    path = f"/api/v1/communities/{story.community}/paper-codes"
    answer: httpx.Response = story.client.post(path, json=wanted, headers=story.clerk if who is None else who)
    return answer


def code_for(story: Story, number: int, **wanted: Any) -> str:
    """A new code for the person in dwelling ``number``."""
    (item,) = ok(issue(story, resident_ids=[resident_id(story, number)], **wanted))["items"]
    return str(item["code"])


def enter(story: Story, code: str, **more: Any) -> httpx.Response:
    """Type a code."""
    answer: httpx.Response = story.client.post("/api/v1/auth/tokens", json={"one_time_code": code, **more})
    return answer


def with_code(story: Story, code: str, **more: Any) -> Headers:
    """Request headers of somebody who signs in with a code."""
    return {"Authorization": f"Bearer {ok(enter(story, code, **more))['access_token']}"}
