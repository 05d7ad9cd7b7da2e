"""One household's objection, told from filing to the offer it has not answered yet: what a visitor finds under 我的.

A neighbour has agreed to help and was proposed to it; another household complains of being pressed. So the desks of
mediator and officer have something to do.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from app.core import clock
from app.demo import neighbourhood as place
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
#: What the second offer adds to the project's cost items, in fen.
SHIFT = {"kind": "works", "description": "棚体南移 8 米和绿植隔挡", "amount_fen": 2_100_000}
RESPONSE = "明白。我请施工方重新量过距离，再给您一个方案。"
#: Another household, another project: the shed at the gate gets shorter while its money is asked for.
SHED = {
    "grounds": "采光\n雨棚从东门一直搭到我家厨房窗前，白天也要开灯。", "effect": "一楼本来就暗。",
    "would_help": "雨棚短一点，别盖到窗户。",
}  # fmt: skip
SHED_OFFER = "雨棚缩短 3 米，不再经过您家厨房窗前。费用少 6,000 元。"
SHORTER = {"kind": "works", "description": "雨棚（缩短 3 米）", "amount_fen": 2_200_000, "was": 2}
COMPLAINT = "楼长在电梯里当着别人的面劝我撤回，说我一个人耽误大家。"


async def tell(
    http: httpx.AsyncClient,
    staff: Mapping[str, Person],
    *,
    moment: Callable[[int, int], dt.datetime],
    project_id: str,
    shed_id: str,
    phone_of: Callable[[int], str],
) -> None:
    """File, look, assign, talk, offer twice; the clock is put back to each of these days."""
    mediator = await staff["mediator"].call("GET", "/api/v1/me")
    resident, neighbour, pressed, shaded = Person(http), Person(http), Person(http), Person(http)
    phones = (
        (resident, phone_of(0)), (neighbour, phone_of(27)), (pressed, phone_of(42)), (shaded, phone_of(51)),
    )  # fmt: skip

    async def on(day: int, hour: int, who: Person, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        with clock.frozen(moment(day, hour).astimezone(dt.UTC)):
            for person, phone in phones:
                if person is who:
                    await person.sign_in_with_phone(phone)
            answer: dict[str, Any] = await who.call("POST", path, json=dict(body))
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
    await on(-8, 9, staff["mediator"], f"{path}/entries", {"kind": "response", "text": RESPONSE})
    project = await resident.call("GET", f"/api/v1/projects/{project_id}")
    costs = [{**each, "was": number} for number, each in enumerate(project["cost_items"], 1)]
    second = {"kind": "offer", "text": SECOND_OFFER, "cost_items": [*costs, SHIFT]}
    await on(-3, 15, staff["mediator"], f"{path}/entries", second)
    with clock.frozen(moment(-3, 16).astimezone(dt.UTC)):
        await neighbour.sign_in_with_phone(phone_of(27))
        await neighbour.call("PUT", f"/api/v1/me/volunteering/{place.COMMUNITY}")
        helper = await neighbour.call("GET", "/api/v1/me")
    await on(-2, 10, staff["officer"], f"{path}/volunteers", {"account_id": helper["account_id"]})
    await pressed.sign_in_with_phone(phone_of(42))
    theirs = await pressed.call("GET", "/api/v1/me/objections")
    await on(-2, 19, pressed, f"/api/v1/objections/{theirs['items'][0]['id']}/escalate", {"text": COMPLAINT})
    filed = await on(-8, 19, shaded, f"/api/v1/projects/{shed_id}/objections", SHED)
    path = f"/api/v1/objections/{filed['id']}"
    await on(-7, 9, staff["officer"], f"{path}/assign", {"mediator_id": mediator["account_id"]})
    await on(-4, 14, staff["mediator"], f"{path}/views", {"purpose": "上门前了解情况"})
    shelf, _ = (await shaded.call("GET", f"/api/v1/projects/{shed_id}"))["cost_items"]
    shorter = {"kind": "offer", "text": SHED_OFFER, "cost_items": [{**shelf, "was": 1}, SHORTER]}
    await on(-4, 15, staff["mediator"], f"{path}/entries", shorter)
    await on(-2, 20, shaded, f"{path}/settle", {"offer": 1})
