"""An estate of twenty owners, and one recorded round about its square."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi.testclient import TestClient

from app.core import clock
from tests.callers import Callers, Headers
from tests.story import Story, csv_bytes, ok, phone, roster_row

#: Uneven areas in square metres, of the dwellings 0 to 19.
AREAS = [
    "61.25", "88.50", "102.33", "75.00", "140.08", "59.99", "88.50", "91.07", "120.00", "66.66",
    "84.10", "95.55", "77.77", "133.33", "58.40", "101.01", "89.90", "110.11", "72.72", "99.99",
]  # fmt: skip
#: Owns the dwellings 0, 1 and 2; the roster names the phone once.
THREE_FLATS = 0
#: Owns dwelling 4 together with a spouse, number 104.
CO_OWNER, SPOUSE = 4, 104
#: The owner of dwelling 19 is not on the roster: a tenant lives there.
OWNERLESS = 19
#: Lives with the owner of dwelling 3 and owns nothing.
TENANT = 203
LABEL = {"zh": "记名投票", "en": "recorded vote, not secret"}


def centi(text: str) -> int:
    whole, _, rest = text.partition(".")
    return int(whole) * 100 + int(rest or 0)


def rows() -> list[list[str]]:
    made = []
    for number, area in enumerate(AREAS):
        changes = {"面积": area, "出生日期": f"19{60 + number}-03-04"}
        if number in {1, 2}:
            changes |= {"姓名": "居民0", "手机": "", "出生日期": "1960-03-04"}
        if number == OWNERLESS:
            changes |= {"身份": "租户"}
        made.append(roster_row(number, **changes))
    made.append(roster_row(CO_OWNER, 姓名="配偶", 手机=phone(SPOUSE), 面积=AREAS[CO_OWNER], 户代表="否"))
    made.append(roster_row(3, 姓名="租客", 手机=phone(TENANT), 面积=AREAS[3], 身份="租户", 户代表="否"))
    return made


def body(story: Story, **changes: Any) -> dict[str, Any]:
    now = clock.now()
    return {
        "division_code": story.community,
        "community_codes": [story.community],
        "title": "中心广场改造",
        "kind": "owners_decision",
        "electorate": "owner",
        "matter": "use_of_repair_fund",
        "question": "是否同意动用维修资金 20 万元翻修中心广场？",
        "opens_at": (now + dt.timedelta(days=16)).isoformat(),
        "closes_at": (now + dt.timedelta(days=30)).isoformat(),
    } | changes


@dataclass
class Sms:
    """A provider that keeps what it was given."""

    sent: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)

    def send_code(self, *, phone: str, code: str) -> None:
        raise AssertionError(phone, code)

    def send_notice(self, *, phone: str, template: str, params: Mapping[str, str]) -> None:
        self.sent.append((phone, template, params))


@dataclass
class Estate:
    """The estate, its committee, and an open recorded round."""

    story: Story
    round_id: str
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def client(self) -> TestClient:
        return self.story.client

    @property
    def path(self) -> str:
        return f"/api/v1/rounds/{self.round_id}"

    def owner(self, number: int) -> Headers:
        return self.story.resident(number)

    def vote(
        self, number: int, choice: str, *, dwellings: Sequence[str] | None = None, **headers: str
    ) -> httpx.Response:
        wish: dict[str, Any] = {"choice": choice}
        if dwellings is not None:
            wish["dwellings"] = list(dwellings)
        answer: httpx.Response = self.client.put(
            f"{self.path}/my-votes", json=wish, headers={**self.owner(number), **headers}
        )
        return answer

    def my_votes(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.client.get(f"{self.path}/my-votes", headers=self.owner(number)))
        return found

    def roll(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = ok(
            self.client.get(f"{self.path}/owners-roll", params={"limit": 200}, headers=self.story.clerk)
        )["items"]
        return items

    def entry(self, number: int) -> dict[str, Any]:
        """The roll's line of a dwelling."""
        if not self.entries:
            self.entries = {f"{line['building']}{line['room']}": line for line in self.roll()}
        return self.entries[f"{number // 20 + 1}栋{number % 20 + 1:02d}01"]

    def proxy(self, giver: int, holder: int, **changes: Any) -> httpx.Response:
        wish = {"holder_phone": phone(holder)} | changes
        answer: httpx.Response = self.client.post(
            f"{self.path}/proxies", json=wish, headers=self.owner(giver)
        )
        return answer

    def use(self, holder: int, proxy_id: str, choice: str) -> httpx.Response:
        answer: httpx.Response = self.client.put(
            f"{self.path}/proxies/{proxy_id}/vote", json={"choice": choice}, headers=self.owner(holder)
        )
        return answer

    def form(self, number: int, choice: str, *, reference: str = "B-1", **changes: Any) -> dict[str, Any]:
        return {
            "entry_id": self.entry(number)["entry_id"],
            "choice": choice,
            "reference": reference,
            "handed_in_at": clock.now().isoformat(),
        } | changes

    def enter(self, *items: Mapping[str, Any], who: Headers | None = None) -> httpx.Response:
        answer: httpx.Response = self.client.post(
            f"{self.path}/forms", json={"items": list(items)}, headers=who or self.story.clerk
        )
        return answer

    def confirm(self, *form_ids: str, who: Headers | None = None) -> httpx.Response:
        answer: httpx.Response = self.client.post(
            f"{self.path}/forms/confirm", json={"form_ids": list(form_ids)}, headers=who or self.story.chair
        )
        return answer

    def close(self) -> dict[str, Any]:
        closed: dict[str, Any] = ok(self.client.post(f"{self.path}/recorded/close", headers=self.story.clerk))
        return closed

    def decision(self) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.client.get(f"{self.path}/decision"))
        return found


def published(story: Story, **changes: Any) -> str:
    """A recorded round, drafted by one and approved by another."""
    round_id = ok(story.client.post("/api/v1/rounds", json=body(story, **changes), headers=story.clerk))["id"]
    ok(story.client.post(f"/api/v1/rounds/{round_id}/publish", headers=story.clerk))
    ok(story.client.post(f"/api/v1/rounds/{round_id}/approve", headers=story.chair))
    return str(round_id)


def opened(client: TestClient, callers: Callers, **changes: Any) -> Estate:
    """The estate with its round open."""
    story = Story(client, callers)
    story.import_roster(csv_bytes(rows()))
    estate = Estate(story, published(story, **changes))
    ok(client.post(f"{estate.path}/recorded/open", headers=story.clerk))
    return estate
