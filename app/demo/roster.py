"""The roster at the demonstration's desk: a list that waits to be confirmed, newcomers, two entries of one person."""

import csv
import datetime as dt
import io
from collections.abc import Callable

import httpx
from openpyxl import load_workbook

from app.core import clock
from app.demo import neighbourhood as place
from app.demo.people import Person

BASE = f"/api/v1/communities/{place.COMMUNITY}"
#: Say where they live and wait for an answer. Numbers nobody on the roster has.
WAITING = (
    ("13908519011", "陆小云", "6栋", "1单元", "0401", "tenant"),
    ("13908519012", "石大海", "7栋", "2单元", "1002", "tenant"),
    ("13908519013", "贺春梅", "1栋", "2单元", "0501", "other"),
)
#: Lines of the roster whose people stand there twice.
TWICE = (19, 46)
#: A line of the roster whose person votes by phone, and registered once more under a name written otherwise.
VOTED = 71
#: A line of the roster of which somebody new in the same home has a name very like it.
ALIKE = 95
PHONES = ("13908519021", "13908519022")


async def tell(http: httpx.AsyncClient, clerk: Person, *, moment: Callable[[int, int], dt.datetime]) -> None:
    """A clerk takes the list in full to check it, prepares the month's roster, and answers who registered."""
    story_time = clock.now()
    clock.set_frozen(moment(-3, 15).astimezone(dt.UTC))
    found = await clerk.call("GET", f"{BASE}/residents?building=3栋&limit=5")  # with a token that holds
    why = {"purpose": "correction", "reason": "整理 11 月名册，逐栋核对"}
    answer = await http.request(
        "POST",
        f"{BASE}/residents/export-unmasked",
        json=why,
        headers={"Authorization": f"Bearer {clerk.token}"},
    )
    answer.raise_for_status()
    rows = [
        ["" if cell is None else str(cell) for cell in row[:9]]
        for row in load_workbook(io.BytesIO(answer.content), read_only=True).worksheets[0].values
    ]
    for at in TWICE:  # somebody typed them in once more, from a list of another year
        building, unit, room, name, *_ = rows[at]
        rows.append([building, unit, room, _alike(name), "", "", "", "其他", "否"])
    imported = await clerk.call("POST", f"{BASE}/roster/imports", files=_upload("花果园名册-10月.csv", rows))
    await clerk.call("POST", f"{BASE}/roster/imports/{imported['id']}/commit", json={})
    for phone, at in zip(PHONES, (VOTED, ALIKE), strict=True):
        building, unit, room, name, *_ = rows[at]
        registration = await _register(http, (phone, _alike(name), building, unit, room, "other"))
        if at == VOTED:
            await clerk.call("POST", f"/api/v1/registrations/{registration}/approve")
    await clerk.call(
        "POST", f"{BASE}/residents/{found['items'][2]['id']}/unmask",
        json={"purpose": "contact", "reason": "投票通知退回，打电话核对是否还住在这里"},
    )  # fmt: skip
    clock.set_frozen(moment(-1, 10).astimezone(dt.UTC))
    for who in WAITING:
        await _register(http, who)
    clock.set_frozen(moment(-1, 16).astimezone(dt.UTC))
    await clerk.call(
        "POST", f"{BASE}/roster/imports", files=_upload("花果园名册-11月.csv", _next_month(rows))
    )
    clock.set_frozen(story_time)


async def _register(http: httpx.AsyncClient, who: tuple[str, str, str, str, str, str]) -> str:
    phone, name, building, unit, room, tenure = who
    person = Person(http)
    await person.sign_in_with_phone(phone)
    filed = await person.call(
        "POST", f"{BASE}/registrations",
        json={
            "name": name, "phone": phone, "building": building, "unit": unit, "room": room, "tenure": tenure,
        },
    )  # fmt: skip
    return str(filed["id"])


def _alike(name: str) -> str:
    """The name as somebody hears it who does not know them well."""
    return (name[:2] if len(name) > 2 else name) + "芸"  # noqa: PLR2004 - a surname and two characters


def _upload(name: str, rows: list[list[str]]) -> dict[str, tuple[str, bytes, str]]:
    """A file in GBK, as offices save it."""
    table = io.StringIO()
    csv.writer(table).writerows(rows)
    return {"file": (name, table.getvalue().encode("gbk"), "text/csv")}


def _next_month(rows: list[list[str]]) -> list[list[str]]:
    """The list a month later: some have moved, some have other numbers, two lines are mistyped."""
    header, *people = rows
    after = [list(row) for row in people]
    after[12][4] = "13908519031"
    after[30][7] = "租户" if after[30][7] == "业主" else "业主"
    after[58][0], after[58][2] = "7栋", "1102"
    after[77][4] = "1390851"
    after[101][5] = "1975-13-08"
    del after[150:153]
    after.append(["7栋", "1单元", "1201", "施文杰", "13908519032", "1992-06-18", "96.40", "租户", "是"])
    after.append(["7栋", "1单元", "1202", "祝小燕", "13908519033", "1988-11-02", "88.10", "业主", "是"])
    return [header, *after]
