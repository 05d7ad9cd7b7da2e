"""Two more meetings: a council that raised a project, and the next residents' meeting, still to come."""

import datetime as dt
from collections.abc import Callable, Mapping

from app.core import clock
from app.demo import neighbourhood as place
from app.demo.people import Person

COUNCIL_MINUTES = """### 议题一：地库出入口

物业和三位住户代表看了现场：坡道口视线不好，入秋以来有两次刮蹭。建议加装减速带和凸面镜。

### 议题二：节日停车安排

- 节日期间南门东侧临时开放 30 个车位。
- 需要的住户到物业登记，先到先得。
"""


async def tell(staff: Mapping[str, Person], *, moment: Callable[[int, int], dt.datetime]) -> None:
    """Hold the council sixteen days ago, publish what it raised, and call the next meeting."""

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
    await on(-15, 15, "chair", f"{path}/minutes/1/publish", {})
    await on(-1, 10, "clerk", "/api/v1/meetings", {
        "community_code": place.COMMUNITY, "kind": "residents", "title": "2026 年第二次居民会议",
        "place": "社区活动室", "begins_at": moment(12, 19).isoformat(),
        "agenda": ["秋季微更新结果公示", "充电棚选址协商情况", "明年的项目怎么征集"],
    })  # fmt: skip
