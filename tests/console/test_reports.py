"""A year in figures: from the city down to a community, as the API tells it; and nothing for others, by URL either."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect

from app.access.actor import Actor
from app.access.roles import Role
from app.core import clock
from tests.console.conftest import Office
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, ok
from tests.usable import barriers

CITY = "520100000000"
DISTRICT = "520102000000"
ELSEWHERE = "520102001000"
#: Of fewer than fifty no wishes are told.
VOTERS = 60


@dataclass
class Year:
    """A community of a hundred and ten that has voted, and asked for money."""

    office: Office
    #: The one in which the round closes.
    number: int

    def told(self, who: Actor, code: str) -> dict[str, Any]:
        """What the service says to them, round the browser."""
        path = f"/api/v1/divisions/{code}/reports/{self.number}"
        found: dict[str, Any] = ok(self.office.client.get(path, headers=self.office.headers(who)))
        return found


@pytest.fixture
def year(office: Office) -> Year:
    story = office.story.with_residents(110)
    kinds = [
        {"title": "楼道照明"},
        {"title": "邻里节", "category": "culture", "delivery_kind": "activity"},
    ]
    items = [story.project(cost_fen=500_000, **each) for each in kinds]
    made = ok(office.client.post("/api/v1/projects/batch", json={"items": items}, headers=story.clerk))
    ids = [item["id"] for item in made["items"]]
    ok(office.client.post("/api/v1/projects/publish", json={"project_ids": ids}, headers=story.clerk))
    round_id = story.open_round(ids, budget_fen=600_000)
    for number in range(VOTERS):
        ok(story.cast(round_id, story.resident(number), ids[:1] if number % 4 else ids[1:]))
    story.finish(round_id, office.drain)
    ok(office.client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
    office.drain()
    return Year(office, clock.today().year)


def block(page: Page, title: str) -> Any:
    return page.locator(".block").filter(has=page.get_by_role("heading", name=title, exact=True))


def rows_of(page: Page, title: str) -> list[list[str]]:
    """The table of a topic, which stands behind its second button."""
    topic = block(page, title)
    expect(topic).to_be_visible()
    if topic.get_by_role("button", name="表").count():
        topic.get_by_role("button", name="表").click()
    return [row.locator("th, td").all_inner_texts() for row in topic.locator("tbody tr").all()]


def test_a_monitor_goes_from_the_city_down_to_a_community(year: Year) -> None:
    monitor = year.office.staff(Role.MUNICIPAL_MONITOR, CITY)
    page = year.office.desk(monitor)
    page.get_by_role("link", name="报表").click()
    for name in ("南明区", "花果园街道", "花果园大街社区"):
        expect(page.get_by_role("heading", level=1)).to_contain_text("报表")
        page.locator(".drill").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"报表：{name}")
    expect(page.locator(".crumbs")).to_contain_text("贵阳市 / 南明区 / 花果园街道")
    expect(page.locator(".glance")).to_contain_text("54.5%")
    # what the chart shows is said in a sentence, and stands in the table
    kinds = block(page, "工程、服务与活动")
    drawn = kinds.get_by_role("img")
    expect(drawn).to_have_attribute("data-drawn", "yes")
    expect(drawn).to_have_attribute(
        "aria-label", "工程建设：意愿 75.0%，给付 100.0%，批准 —；活动：意愿 25.0%，给付 0.0%，批准 —"
    )
    assert kinds.locator("canvas").bounding_box() is not None
    assert [row[:3] for row in rows_of(page, "工程、服务与活动")] == [
        ["工程建设", "75.0%", "100.0%"], ["活动", "25.0%", "0.0%"],
    ]  # fmt: skip
    assert rows_of(page, "资金")[0][0] == "照明与安全"
    # few objections: no number anywhere
    expect(block(page, "异议协商")).to_contain_text("件数太少")
    assert barriers(page) == []
    page.get_by_label("年份").select_option(str(year.number))
    expect(page).to_have_url(f"{year.office.server.url}/console/#/reports/{COMMUNITY}?year={year.number}")


def test_a_district_takes_its_report_away(year: Year) -> None:
    officer = year.office.staff(Role.DISTRICT_OFFICER, DISTRICT)
    told = year.told(officer, DISTRICT)
    page = year.office.desk(officer, "/reports")
    (line,) = rows_of(page, "各地参加率")
    part = told["participation"]["parts"][0]
    assert line == ["花果园街道", "1", "110", "1", "60", "110", f"{part['turnout']['percent']}%"]
    with page.expect_download() as coming:
        page.get_by_role("button", name="导出 Excel").click()
    assert coming.value.suggested_filename == f"南明区-{year.number}.xlsx"
    book = load_workbook(io.BytesIO(Path(coming.value.path()).read_bytes()))
    says_the_same(book, told)


def values(book: Workbook, sheet: str) -> list[Any]:
    return list(book[sheet].iter_rows(min_row=2, values_only=True))


def says_the_same(book: Workbook, told: dict[str, Any]) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [
        cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "@"))
    ]
    summary = {row[0]: row[1] for row in values(book, "概况")}
    assert summary["参加人次"] == told["participation"]["turnout"]["taken_part"] == VOTERS
    assert summary["申请金额（元）"] == told["money"]["asked_fen"] / 100
    wished = [(row[1] * 100, row[3]) for row in values(book, "工程、服务与活动")]
    assert wished == [(each["paid_fen"], each["wished"] / 10) for each in told["kinds"]]


def test_others_see_nothing_by_url_either(year: Year) -> None:
    clerk = year.office.desk(year.office.staff(Role.RC_STAFF, COMMUNITY))
    expect(clerk.get_by_role("navigation").get_by_role("link", name="工作台")).to_be_visible()
    expect(clerk.get_by_role("link", name="报表")).to_have_count(0)
    clerk.goto(f"{year.office.server.url}/console/#/reports/{COMMUNITY}")
    expect(clerk.get_by_role("heading", name="这里不归您办")).to_be_visible()
    elsewhere = year.office.staff(Role.SUBDISTRICT_OFFICER, ELSEWHERE)
    page = year.office.desk(elsewhere, f"/reports/{SUBDISTRICT}")
    expect(page.locator(".problem")).to_be_visible()
    expect(page.locator(".glance, table, canvas")).to_have_count(0)
    expect(page.get_by_role("button", name="导出 Excel")).to_be_disabled()
    chair = year.office.desk(year.office.staff(Role.RC_CHAIR, COMMUNITY), f"/reports/{NEIGHBOUR}")
    expect(chair.locator(".problem")).to_be_visible()
    expect(chair.locator(".glance")).to_have_count(0)
