"""Who came to the demonstration's door lately: two whom no roster knew, and one who enters by WeChat."""

import datetime as dt
from collections.abc import Callable

import httpx

from app.core import clock
from app.demo import neighbourhood as place
from app.demo.people import TOKENS, Person, Refusal

#: Numbers nobody on the roster has.
WAITING = ("13908519001", "周晓燕", "3栋", "2单元", "0702", "tenant")
DECLINED = ("13908519002", "韩立新", "2栋", "1单元", "0903", "other")
REASON = "这一户登记的是一家三口，没有您的名字。请带租房合同到社区活动室，核对后马上补上。"
#: Signs in as ``dev:hanmei`` where WeChat is only played.
WECHAT_USER, WECHAT_PHONE = "hanmei", "13908510031"


async def tell(http: httpx.AsyncClient, clerk: Person, *, moment: Callable[[int, int], dt.datetime]) -> None:
    """Two register themselves; one of them is declined with a reason. A third binds WeChat."""
    story_time = clock.now()
    clock.set_frozen(moment(-6, 20).astimezone(dt.UTC))
    declined = await _register(http, DECLINED)
    clock.set_frozen(moment(-5, 9).astimezone(dt.UTC))
    await clerk.call("POST", f"/api/v1/registrations/{declined}/reject", json={"reason": REASON})
    clock.set_frozen(moment(-1, 21).astimezone(dt.UTC))
    await _register(http, WAITING)
    await _bind(http)
    clock.set_frozen(story_time)


async def _register(http: httpx.AsyncClient, who: tuple[str, str, str, str, str, str]) -> str:
    phone, name, building, unit, room, tenure = who
    person = Person(http)
    await person.sign_in_with_phone(phone)
    filed = await person.call(
        "POST", f"/api/v1/communities/{place.COMMUNITY}/registrations",
        json={
            "name": name, "phone": phone, "building": building, "unit": unit, "room": room, "tenure": tenure,
        },
    )  # fmt: skip
    return str(filed["id"])


async def _bind(http: httpx.AsyncClient) -> None:
    """As the mini program does it: a ticket for who is unknown, then the number that WeChat vouches for."""
    person = Person(http)
    try:
        await person.call("POST", TOKENS, json={"wechat_code": f"dev:{WECHAT_USER}"})
    except Refusal as refusal:
        proof = {"wechat_binding": refusal.facts["binding"], "phone_code": f"dev:{WECHAT_PHONE}"}
        await person.call("POST", TOKENS, json=proof)
