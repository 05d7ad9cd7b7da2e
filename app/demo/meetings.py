"""More meetings: a council that raised a project, one whose minutes are being written, and one still to come."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from app.core import clock
from app.demo import neighbourhood as place
from app.demo.people import Person

COUNCIL_MINUTES = """### 议题一：地库出入口

物业和三位住户代表看了现场：坡道口视线不好，入秋以来有两次刮蹭。建议加装减速带和凸面镜。

### 议题二：节日停车安排

- 节日期间南门东侧临时开放 30 个车位。
- 需要的住户到物业登记，先到先得。
"""


#: Who of the roster scanned the code at the door of the last council.
AT_THE_DOOR = (12, 33, 51)

LAST_MINUTES = """### 议题一：充电棚选在哪里

到会居民看了三处备选。多数人认为西门空地离住家最远，先按西门做方案，听取一层住户的意见。

### 议题二：楼道堆物

物业每周五集中清理一次，清理前三天贴通知。
"""


async def publish(staff: Mapping[str, Person], path: str, version: int) -> None:
    """Recorder and chair sign a version, and the chair publishes it."""
    for who, part in (("clerk", "recorder"), ("chair", "chair")):
        await staff[who].call("POST", f"{path}/minutes/{version}/signatures", json={"part": part})
    await staff["chair"].call("POST", f"{path}/minutes/{version}/publish")


async def tell(
    http: httpx.AsyncClient,
    staff: Mapping[str, Person],
    *,
    moment: Callable[[int, int], dt.datetime],
    phone_of: Callable[[int], str],
) -> None:
    """Hold the council sixteen days ago, publish what it raised; hold another one, and call the next meeting."""

    async def on(  # noqa: PLR0917 - a line of the story
        day: int, hour: int, who: str, path: str, body: Mapping[str, object], method: str = "POST"
    ) -> dict[str, str]:
        with clock.frozen(moment(day, hour).astimezone(dt.UTC)):
            answer: dict[str, str] = await staff[who].call(method, path, json=dict(body))
            return answer

    council = {
        "community_code": place.COMMUNITY, "kind": "council", "title": "地库出入口议事会", "place": "3 栋一楼议事厅",
        "begins_at": moment(-16, 19).isoformat(), "agenda": ["地库出入口安全", "节日停车安排"],
    }  # fmt: skip
    called = await on(-20, 10, "clerk", "/api/v1/meetings", council)
    path = f"/api/v1/meetings/{called['id']}"
    await on(-16, 21, "clerk", f"{path}/attendance", {"present": 19, "names": []}, "PUT")
    project = {
        "title": "地库出入口减速带和凸面镜", "category": "roads", "place": "南区地库",
        "delivery_kind": "infrastructure",
        "description": "坡道口装减速带两道、凸面镜两面，重新画线。",
        "cost_items": [{"kind": "works", "description": "减速带、凸面镜、标线", "amount_fen": 1_860_000}],
    }  # fmt: skip
    raised = await on(-16, 21, "clerk", f"{path}/resolutions", {
        "text": "在南区地库出入口装减速带和凸面镜，列入项目名单。", "votes_for": 16, "votes_against": 1,
        "abstentions": 2, "project": project,
    })  # fmt: skip
    await on(-16, 21, "clerk", f"{path}/resolutions", {
        "text": "把健身角改成停车位。", "votes_for": 6, "votes_against": 11, "abstentions": 2,
    })  # fmt: skip
    await on(-15, 10, "clerk", "/api/v1/projects/publish", {"project_ids": [raised["project_id"]]})
    minutes = {"text": COUNCIL_MINUTES, "chair": "议事会召集人", "recorder": "居委会记录员"}
    await on(-15, 11, "clerk", f"{path}/minutes", minutes)
    with clock.frozen(moment(-15, 15).astimezone(dt.UTC)):
        await publish(staff, path, 1)
    await _last_council(http, staff["clerk"], moment=moment, phone_of=phone_of)
    await on(-1, 10, "clerk", "/api/v1/meetings", {
        "community_code": place.COMMUNITY, "kind": "residents", "title": "2026 年第二次居民会议",
        "place": "社区活动室", "begins_at": moment(12, 19).isoformat(),
        "agenda": ["秋季微更新结果公示", "充电棚选址协商情况", "明年的项目怎么征集"],
    })  # fmt: skip


async def _last_council(
    http: httpx.AsyncClient,
    clerk: Person,
    *,
    moment: Callable[[int, int], dt.datetime],
    phone_of: Callable[[int], str],
) -> None:
    """A council of three days ago: its minutes were given to those who were there, and one of them finds a mistake."""
    residents = [Person(http) for _ in AT_THE_DOOR]

    async def on(  # noqa: PLR0917 - a line of the story
        day: int, hour: int, who: Person, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> dict[str, Any]:
        with clock.frozen(moment(day, hour).astimezone(dt.UTC)):
            if who in residents:
                await who.sign_in_with_phone(phone_of(AT_THE_DOOR[residents.index(who)]))
            answer: dict[str, Any] = await who.call(method, path, json=None if body is None else dict(body))
            return answer

    called = await on(-9, 10, clerk, "POST", "/api/v1/meetings", {
        "community_code": place.COMMUNITY, "kind": "council", "title": "充电棚选址议事会", "place": "3 栋一楼议事厅",
        "begins_at": moment(-3, 19).isoformat(), "agenda": ["充电棚选在哪里", "楼道堆物怎么办"],
    })  # fmt: skip
    path = f"/api/v1/meetings/{called['id']}"
    shown = await on(-3, 19, clerk, "POST", f"{path}/door-code")
    for each in residents:
        await on(-3, 19, each, "POST", "/api/v1/meetings/sign-in", {"code": shown["code"]})
    neighbours = f"/api/v1/communities/{place.COMMUNITY}/residents?building=3栋&limit=6"
    for person in (await on(-3, 19, clerk, "GET", neighbours))["items"]:
        await on(-3, 19, clerk, "PUT", f"{path}/attendance/{person['id']}")
    await on(-3, 21, clerk, "PUT", f"{path}/attendance", {"present": 21, "names": ["物业值班员"]})
    await on(-3, 21, clerk, "POST", f"{path}/resolutions", {
        "text": "楼道每两周集中清理一次，所需工具列入项目。", "votes_for": 17, "votes_against": 2, "abstentions": 2,
    })  # fmt: skip
    minutes = {"text": LAST_MINUTES, "chair": "议事会召集人", "recorder": "居委会记录员"}
    await on(-2, 10, clerk, "POST", f"{path}/minutes", minutes)
    await on(-2, 11, clerk, "POST", f"{path}/minutes/1/circulate")
    await on(-2, 20, residents[0], "POST", f"{path}/amendments", {
        "version": 1, "passage": "物业每周五集中清理一次", "text": "会上表决的是每两周清理一次，不是每周。",
    })  # fmt: skip
