"""Voting on paper: sheets of the autumn round are being handed out, and those of a small one are half keyed."""

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from itertools import starmap
from typing import Any

from app.core import clock
from app.demo import neighbourhood as place
from app.demo.people import Person
from app.demo.pictures import picture_of

SEED = 20260808
PUBLISHED, OPENED, CLOSED = -12, -5, -1
BENCHES = (
    ("北门树荫下的长椅", "北门香樟树下摆四张长椅，等车、乘凉都方便。", "green_space", "北门", 960_000),
    ("中心广场遮阳棚", "广场南侧搭一个遮阳棚，跳舞、带孩子不用晒太阳。", "culture", "中心广场", 2_850_000),
    ("7 栋前的棋桌", "7 栋架空层添两张石棋桌，老人下棋不用自带板凳。", "elder_care", "7 栋架空层", 640_000),
    ("东侧步道饮水点", "健身步道东侧装一个直饮水点，夏天散步有水喝。", "other", "东侧步道", 1_580_000),
)
#: How many took a sheet of the two batches of the small round, and in which buildings they live.
HANDED_OUT = (("活动室 周六上午", "3栋", 24), ("上门 5 栋", "5栋", 14))
VOID = {5: "blank", 17: "unreadable"}


async def tell(
    staff: Mapping[str, Person], *, moment: Callable[[int, int], dt.datetime], autumn: str
) -> None:
    """Vote on benches with sheets that came back this morning, and hand out some of the round that is open."""

    async def on(at: dt.datetime, who: str, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401 - JSON
        with clock.frozen(at.astimezone(dt.UTC)):
            return await staff[who].call(method, f"/api/v1{path}", **options)

    async def batch(at: dt.datetime, round_id: str, label: str, sheets: int) -> str:
        body = {"community_code": place.COMMUNITY, "label": label, "sheets": sheets}
        made = await on(at, "clerk", "POST", f"/rounds/{round_id}/paper-batches", json=body)
        return str(made["id"])

    async def hand_out(at: dt.datetime, round_id: str, batch_id: str, building: str, people: int) -> None:
        door = f"/rounds/{round_id}/paper-desk?community={place.COMMUNITY}&building={building}"
        there = (await on(at, "clerk", "GET", door))["items"]
        for each in [one for one in there if one["can_sign_in"]][:people]:
            body = {"subject_id": each["subject_id"]}
            await on(at, "clerk", "POST", f"/paper-batches/{batch_id}/sign-ins", json=body)

    round_id = await _benches(on, moment)
    await on(moment(OPENED, 9), "clerk", "POST", f"/rounds/{round_id}/open")
    batches = []
    for label, building, people in HANDED_OUT:
        batches.append(await batch(moment(OPENED, 8), round_id, label, people + 6))
        await hand_out(moment(CLOSED - 1, 10), round_id, batches[-1], building, people)
    await on(moment(CLOSED, 20), "clerk", "POST", f"/rounds/{round_id}/close")
    for batch_id, (_, _, people) in zip(batches, HANDED_OUT, strict=True):
        back = {"used": people, "unused": 5, "spoilt": 1}
        await on(moment(CLOSED, 21), "clerk", "PUT", f"/paper-batches/{batch_id}/return", json=back)
    await _key(on, moment(CLOSED, 22), batches)
    now = moment(-1, 15)
    out = await batch(now, autumn, "活动室 周六", 60)
    await hand_out(now, autumn, out, "6栋", 17)
    await batch(now, autumn, "上门 7 栋", 60)


async def _benches(on: Callable[..., Any], moment: Callable[[int, int], dt.datetime]) -> str:
    """The small round, published by two people."""
    at = moment(PUBLISHED, 10)
    items = [
        {
            "community_code": place.COMMUNITY, "title": title, "description": words, "category": category,
            "place": where, "delivery_kind": "infrastructure",
            "cost_items": [{"kind": "goods", "description": "购置与安装", "amount_fen": cost}],
        }
        for title, words, category, where, cost in BENCHES
    ]  # fmt: skip
    made = await on(at, "clerk", "POST", "/projects/batch", json={"items": items})
    ids = [each["id"] for each in made["items"]]
    for project_id, (_, _, category, _, _) in zip(ids, BENCHES, strict=True):
        jpeg, words = picture_of(category, "infrastructure")
        await on(
            at, "clerk", "POST", f"/projects/{project_id}/photos",
            data={"alt": words}, files={"file": ("photo.jpg", jpeg, "image/jpeg")},
        )  # fmt: skip
    await on(at, "clerk", "POST", "/projects/publish", json={"project_ids": ids})
    drafted = await on(
        at, "clerk", "POST", "/rounds",
        json={
            "division_code": place.COMMUNITY, "community_codes": [place.COMMUNITY],
            "title": "歇脚和乘凉，先添哪一处？", "description": "用去年结余办一两件小事，手机和纸质票都可以投。",
            "kind": "consultation", "electorate": "person", "project_ids": ids, "max_rank": 3, "rule": "greedy",
            "budget_fen": 3_000_000,
            "opens_at": moment(OPENED, 9).isoformat(), "closes_at": moment(CLOSED, 20).isoformat(),
        },
    )  # fmt: skip
    round_id = str(drafted["id"])
    await on(at, "clerk", "POST", f"/rounds/{round_id}/publish")
    await on(at, "chair", "POST", f"/rounds/{round_id}/approve")
    return round_id


async def _key(on: Callable[..., Any], at: dt.datetime, batches: Sequence[str]) -> None:
    """Two have keyed the first batch and read two sheets differently; of the second one has keyed a part."""
    chance = random.Random(SEED)  # noqa: S311 - the same story each time
    whole, part = batches
    desk = await on(at, "clerk", "GET", f"/paper-batches/{whole}/keying-desk")
    serials = desk["untouched"][: desk["batch"]["used"]]
    says = [
        {"void": VOID[at]} if at in VOID else {"numbers": chance.sample(range(1, len(BENCHES) + 1), 3)}
        for at in range(len(serials))
    ]
    lines = [_sheet(*each) for each in zip(serials, says, strict=True)]
    other = [*lines]
    other[3] = _sheet(serials[3], {"numbers": [*reversed(says[3]["numbers"])]})
    other[17] = _sheet(serials[17], {"numbers": [4]})
    for who, read in (("clerk", lines), ("chair", other)):
        await on(at, who, "PUT", f"/paper-batches/{whole}/drafts", json={"sheets": read})
        await on(at, who, "POST", f"/paper-batches/{whole}/drafts/hand-over")
    desk = await on(at, "clerk", "GET", f"/paper-batches/{part}/keying-desk")
    begun = [*starmap(_sheet, zip(desk["untouched"][:8], says[:8], strict=True))]
    await on(at, "clerk", "PUT", f"/paper-batches/{part}/drafts", json={"sheets": begun})


def _sheet(serial: str, says: Mapping[str, Any]) -> dict[str, Any]:
    return {"serial": serial, **says}
