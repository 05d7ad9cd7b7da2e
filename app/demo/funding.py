"""The money of the spring round: requests at every step of the chain, and an office system that hears of it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.core import clock
from app.demo import neighbourhood as place
from app.demo.people import Person

#: Moves the story to a day and an hour; what happened before was told by then.
At = Callable[[int, int], None]

LIGHTS, CLASSROOM, TABLE, GARDEN = "楼道与北区照明", "四点半课堂（一年）", "助老餐桌", "中心花园座椅与花箱"
RAMP, FITNESS, PARCELS = "6 栋加装无障碍坡道", "老旧健身器材更换", "快递架与遮雨棚"
#: Desks and books are 12,000 of 96,000 yuan: both governments pay an eighth less.
_CUT: Mapping[str, Any] = {"share": (7, 8), "left_out": "课桌与图书（造价 12,000 元，其中政府分担 8,400 元）"}

#: (day, project, who, what they do, words and amounts). Amounts as parts of the governments' shares.
_STORY: tuple[tuple[int, str, str, str, Mapping[str, Any]], ...] = (
    (-19, LIGHTS, "street", "accepted", {"reason": "材料齐全，公示期内没有收到影响实施的意见。"}),
    (-19, RAMP, "street", "received", {}),
    (-18, CLASSROOM, "street", "accepted", {"reason": "家长反映强烈，建议尽快办。"}),
    (-17, TABLE, "street", "accepted", {}),
    (-17, FITNESS, "street", "accepted", {}),
    (-16, LIGHTS, "district", "accepted", {"reason": "列入本年度第四批计划。"}),
    (-14, GARDEN, "street", "returned", {"reason": "缺少施工报价。请补充两家单位的报价单，并写明工期。"}),
    (-13, CLASSROOM, "district", "accepted", {"reason": "课桌由结对学校调剂，不再新购。", **_CUT}),
    (-12, LIGHTS, "bureau", "accepted", {"reason": "属于社区公共安全类项目，适用专项经费。"}),
    (-11, TABLE, "district", "go_ahead", {"reason": "场地现成，可以先用自有资金开灶。"}),
    (-10, TABLE, "district", "accepted", {}),
    (-9, CLASSROOM, "bureau", "accepted", {"reason": "同意按核减后的金额办理。"}),
    (-9, LIGHTS, "finance", "approved", {"reason": "资金已落实。"}),
    (-8, FITNESS, "district", "deferred", {"years": 1, "reason": "本年度同类项目额度已用完，明年优先安排。"}),
    (-7, LIGHTS, "street", "go_ahead", {"reason": "请施工前三天告知 3 栋、5 栋住户。"}),
    (-5, CLASSROOM, "finance", "approved_in_part", {"reason": "同意核减后的金额。", **_CUT}),
    (-4, PARCELS, "street", "accepted", {}),
)  # fmt: skip


async def tell(staff: Mapping[str, Person], *, at: At, round_id: str) -> None:
    """Take every request of a certified round as far as it has come by today."""
    listed = await staff["street"].call(
        "GET", f"/api/v1/funding-requests?round_id={round_id}&order=priority&limit=100"
    )
    requests = {item["title"]: item for item in listed["items"] if item["state"] == "submitted"}
    with _system_of_the_subdistrict() as url:
        at(-20, 10)
        await staff["admin"].call(
            "POST", "/api/v1/webhook-endpoints", json={"division": place.SUBDISTRICT, "url": url}
        )
        for day, title, who, decision, said in _STORY:
            at(day, 10)
            path = f"/api/v1/funding-requests/{requests[title]['id']}/decisions"
            body = {"decision": decision, **_facts(requests[title], said)}
            await staff[who].call("POST", path, json=body)
        at(-4, 11)
    await staff["district"].call(
        "POST", f"/api/v1/divisions/{place.SUBDISTRICT}/cost-policies",
        json={
            "valid_from": f"{clock.today().year + 1}-01-01", "community_share": 2_500, "district_share": 6_000,
            "subdistrict_share": 4_000, "source": "南明区社区微更新资金分摊办法（征求意见后定稿）第六条",
        },
    )  # fmt: skip


def _facts(request: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: value for name, value in said.items() if name not in {"share", "years"}}
    if "years" in said:
        facts["year"] = clock.today().year + said["years"]
    if "share" in said:
        part, whole = said["share"]
        facts["district_fen"] = request["district_fen"] * part // whole
        facts["subdistrict_fen"] = request["subdistrict_fen"] * part // whole
    return facts


@contextmanager
def _system_of_the_subdistrict() -> Iterator[str]:
    """A stand-in for the office system of the sub-district: it takes all messages but one, and is off by today."""
    taken = 0

    class Inbox(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            nonlocal taken
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            taken += 1
            self.send_response(422 if taken == 9 else 204)  # noqa: PLR2004 - one that has to be sent again
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: the story has its own lines."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Inbox)
    thread = threading.Thread(target=server.serve_forever, name="office system", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/gongyi"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
