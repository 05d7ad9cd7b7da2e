"""One household's objection, told from filing to the offer it has not answered yet: what a visitor finds under 我的."""

import datetime as dt
from collections.abc import Callable, Mapping

import httpx

from app.core import clock
from app.demo.people import Person

GROUNDS = "采光、噪声\n充电棚离我家卧室窗户不到六米，晚上有灯光，充电的人说话也听得见。"
EFFECT = "家里有老人，睡眠不好；一楼的采光也会差一些。"
WISH = "能不能往南移一点，或者晚上十点以后关灯断电。"
FIRST_OFFER = "棚体向南移 4 米，灯光改为感应式。"
ANSWER = "移 4 米还是太近，晚上充电的声音也没有解决。"
SECOND_OFFER = (
    "棚体向南移 8 米，离您家窗户 13 米以上；靠窗一侧做绿植隔挡；夜间 22 点后自动断电关灯。"
    "增加费用 2.1 万元，由街道承担。"
)


async def tell(
    http: httpx.AsyncClient,
    staff: Mapping[str, Person],
    *,
    moment: Callable[[int, int], dt.datetime],
    project_id: str,
    phone: str,
) -> None:
    """File, look, assign, talk, offer twice; the clock is put back to each of these days."""
    mediator = await staff["mediator"].call("GET", "/api/v1/me")
    resident = Person(http)

    async def on(day: int, hour: int, who: Person, path: str, body: Mapping[str, str]) -> dict[str, str]:
        with clock.frozen(moment(day, hour).astimezone(dt.UTC)):
            if who is resident:
                await resident.sign_in_with_phone(phone)
            answer: dict[str, str] = await who.call("POST", path, json=dict(body))
            return answer

    words = {"grounds": GROUNDS, "effect": EFFECT, "would_help": WISH}
    filed = await on(-16, 19, resident, f"/api/v1/projects/{project_id}/objections", words)
    path = f"/api/v1/objections/{filed['id']}"
    await on(-15, 10, staff["officer"], f"{path}/views", {"purpose": "查收，安排调解员"})
    await on(-14, 9, staff["officer"], f"{path}/assign", {"mediator_id": mediator["account_id"]})
    await on(-11, 10, staff["mediator"], f"{path}/views", {"purpose": "上门前了解情况"})
    first = {"kind": "offer", "text": FIRST_OFFER}
    await on(-11, 11, staff["mediator"], f"{path}/entries", first)
    await on(-9, 20, resident, f"{path}/answers", {"text": ANSWER})
    second = {"kind": "offer", "text": SECOND_OFFER}
    await on(-3, 15, staff["mediator"], f"{path}/entries", second)
