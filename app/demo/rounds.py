"""What lies on the committee's desk beside the open round: a draft for the chair to approve, doors knocked at."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from app.core import clock
from app.demo import neighbourhood as place
from app.demo.people import Person

DRAFTED, KNOCKED = -1, -1
WINTER = (
    (
        "单元门口防滑垫",
        "六栋楼门口铺防滑垫，坡道加防滑条，雨雪天老人出门稳当。",
        "elder_care",
        "各单元门口",
        1_320_000,
    ),
    ("楼道窗户修补", "高层楼道窗户关不严、漏风，更换密封条和把手。", "renovation", "1–7 栋楼道", 2_460_000),
    ("垃圾房照明和洗手池", "早晚扔垃圾看不清，装感应灯和一个洗手池。", "lighting_safety", "垃圾房", 880_000),
    ("电动车棚挡雨檐", "车棚西侧加两米挡雨檐，下雨不淋车。", "other", "电动车棚", 1_750_000),
)
BUDGET_FEN = 4_000_000
#: Where somebody has walked, and what was found behind the first doors.
WALKED = (
    ("1栋", "2单元", ("visited", "nobody", "visited", "refused", "nobody", "visited")),
    ("7栋", "2单元", ("nobody", "visited", "visited")),
)


async def tell(
    staff: Mapping[str, Person], *, moment: Callable[[int, int], dt.datetime], autumn: str
) -> None:
    """A clerk proposes small works for the winter, and goes from door to door for the round that is open."""

    async def on(at: dt.datetime, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401 - JSON
        with clock.frozen(at.astimezone(dt.UTC)):
            return await staff["clerk"].call(method, f"/api/v1{path}", **options)

    await _propose(on, moment)
    evening = moment(KNOCKED, 19)
    lines = (await on(evening, "GET", f"/rounds/{autumn}/turnout"))["lines"]
    for building, name, found in WALKED:
        line = next(each for each in lines if each["building"] == building)
        unit = next(each for each in line["units"] if each["unit"] == name)
        search = f"building={line['building_id']}&unit={unit['unit_id']}"
        (listed,) = (await on(evening, "GET", f"/rounds/{autumn}/doors?{search}"))["units"]
        for door, mark in zip(listed["doors"], found, strict=False):
            path = f"/rounds/{autumn}/doors/{door['household_id']}"
            await on(evening, "PUT", path, json={"mark": mark})


async def _propose(on: Callable[..., Any], moment: Callable[[int, int], dt.datetime]) -> None:
    at = moment(DRAFTED, 16)
    items = [
        {
            "community_code": place.COMMUNITY, "title": title, "description": words, "category": category,
            "place": where, "delivery_kind": "infrastructure",
            "cost_items": [{"kind": "works", "description": "材料与施工", "amount_fen": cost}],
        }
        for title, words, category, where, cost in WINTER
    ]  # fmt: skip
    made = (await on(at, "POST", "/projects/batch", json={"items": items}))["items"]
    ids = [each["id"] for each in made]
    await on(at, "POST", "/projects/publish", json={"project_ids": ids})
    body = {
        "division_code": place.COMMUNITY, "community_codes": [place.COMMUNITY], "kind": "consultation",
        "title": "冬季便民小修，先做哪几处？",
        "description": "社区便民经费 4 万元，入冬前做完。先听大家的意见，再定先后。",
        "electorate": "household", "project_ids": ids, "max_rank": 3, "budget_fen": BUDGET_FEN, "rule": "rank-mes",
        "paper": "first_wins", "opens_at": moment(9, 9).isoformat(), "closes_at": moment(16, 20).isoformat(),
    }  # fmt: skip
    drafted = await on(at, "POST", "/rounds", json=body)
    await on(at, "POST", f"/rounds/{drafted['id']}/publish")
