"""A year of a community told through the API: what journeys and service tests begin from."""

import csv
import datetime as dt
import io
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from tests.callers import Callers, Headers

COMMUNITY = "520102031006"
NEIGHBOUR = "520102031007"
SUBDISTRICT = "520102031000"
HEADER = ["楼栋", "单元", "房号", "姓名", "手机", "出生日期", "面积", "身份", "户代表"]


def phone(number: int) -> str:
    return f"139{number:08d}"


def roster_row(number: int, **changes: str) -> list[str]:
    row = {
        "楼栋": f"{number // 20 + 1}栋",
        "单元": "1单元",
        "房号": f"{number % 20 + 1:02d}01",
        "姓名": f"居民{number}",
        "手机": phone(number),
        "出生日期": "1980-05-06",
        "面积": "88.50",
        "身份": "业主",
        "户代表": "是",
    }
    return list((row | changes).values())


def csv_bytes(
    rows: Sequence[Sequence[str]], *, header: Sequence[str] = HEADER, encoding: str = "utf-8"
) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def ok(answer: httpx.Response) -> Any:
    assert answer.is_success, (
        f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    )
    return answer.json() if answer.content else None


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert body["code"] == code, body
    assert body["detail"]
    return body


def publish_signed(client: TestClient, path: str, *, clerk: Headers, chair: Headers) -> dict[str, Any]:
    """Give a version of minutes to those who attended, sign it as recorder and as chair, and publish it."""
    ok(client.post(f"{path}/circulate", headers=clerk))
    for part, who in (("recorder", clerk), ("chair", chair)):
        ok(client.post(f"{path}/signatures", json={"part": part}, headers=who))
    published: dict[str, Any] = ok(client.post(f"{path}/publish", headers=chair))
    return published


@dataclass
class Story:
    """A committee, its residents and one round."""

    client: TestClient
    callers: Callers
    community: str = COMMUNITY
    clerk: Headers = field(init=False)
    chair: Headers = field(init=False)

    def __post_init__(self) -> None:
        self.clerk = self.callers.staff(Role.RC_STAFF, self.community)
        self.chair = self.callers.staff(Role.RC_CHAIR, self.community)

    def with_residents(self, count: int) -> "Story":
        rows = [roster_row(number) for number in range(count)]
        self.import_roster(csv_bytes(rows))
        return self

    def import_roster(self, raw: bytes, *, name: str = "名册.csv") -> dict[str, Any]:
        path = f"/api/v1/communities/{self.community}/roster/imports"
        preview = ok(self.client.post(path, files={"file": (name, raw)}, headers=self.clerk))
        committed: dict[str, Any] = ok(
            self.client.post(f"{path}/{preview['id']}/commit", json={}, headers=self.clerk)
        )
        return committed

    def project(self, title: str = "楼道照明", cost_fen: int = 680_000, **changes: Any) -> dict[str, Any]:
        return {
            "community_code": self.community,
            "title": title,
            "description": "把北区楼道的灯换成声控灯。",
            "category": "lighting_safety",
            "place": "北区",
            "delivery_kind": "infrastructure",
            "cost_items": [{"kind": "works", "description": "施工", "amount_fen": cost_fen}],
        } | changes

    def published_projects(self, costs: Sequence[int]) -> list[str]:
        items = [self.project(f"项目{number}", cost) for number, cost in enumerate(costs, start=1)]
        made = ok(self.client.post("/api/v1/projects/batch", json={"items": items}, headers=self.clerk))
        ids = [item["id"] for item in made["items"]]
        ok(self.client.post("/api/v1/projects/publish", json={"project_ids": ids}, headers=self.clerk))
        return ids

    def round_body(self, project_ids: Sequence[str], **changes: Any) -> dict[str, Any]:
        now = clock.now()
        return {
            "division_code": self.community,
            "community_codes": [self.community],
            "title": "2026 年社区微更新",
            "kind": "consultation",
            "electorate": "person",
            "project_ids": list(project_ids),
            "max_rank": 3,
            "budget_fen": 1_000_000,
            "rule": "greedy",
            "points": "fixed-k",
            "opens_at": (now + dt.timedelta(days=1)).isoformat(),
            "closes_at": (now + dt.timedelta(days=8)).isoformat(),
        } | changes

    def draft_round(self, project_ids: Sequence[str], **changes: Any) -> str:
        body = self.round_body(project_ids, **changes)
        return str(ok(self.client.post("/api/v1/rounds", json=body, headers=self.clerk))["id"])

    def publish_round(self, project_ids: Sequence[str], **changes: Any) -> str:
        round_id = self.draft_round(project_ids, **changes)
        ok(self.client.post(f"/api/v1/rounds/{round_id}/publish", headers=self.clerk))
        ok(self.client.post(f"/api/v1/rounds/{round_id}/approve", headers=self.chair))
        return round_id

    def open_round(self, project_ids: Sequence[str], **changes: Any) -> str:
        round_id = self.publish_round(project_ids, **changes)
        ok(self.client.post(f"/api/v1/rounds/{round_id}/open", headers=self.clerk))
        return round_id

    def publish_minutes(self, meeting_id: str, version: int = 1) -> dict[str, Any]:
        """Signed by clerk and chair, as development lets them without a code."""
        path = f"/api/v1/meetings/{meeting_id}/minutes/{version}"
        return publish_signed(self.client, path, clerk=self.clerk, chair=self.chair)

    def resident(self, number: int) -> Headers:
        return self.callers.resident(phone(number))

    def cast(self, round_id: str, who: Headers, ranking: Sequence[str], **headers: str) -> httpx.Response:
        body = {"ranking": list(ranking), "secret": secrets.token_hex(16)}
        answer: httpx.Response = self.client.put(
            f"/api/v1/rounds/{round_id}/my-ballot", json=body, headers={**who, **headers}
        )
        return answer

    def finish(self, round_id: str, drain: Callable[[], int]) -> dict[str, Any]:
        ok(self.client.post(f"/api/v1/rounds/{round_id}/close", headers=self.clerk))
        ok(self.client.post(f"/api/v1/rounds/{round_id}/open-box", headers=self.clerk))
        drain()
        result: dict[str, Any] = ok(self.client.get(f"/api/v1/rounds/{round_id}/result"))
        return result
