"""The chair reads a result, compares rules, takes the files and prints the notice; before it nobody sees anything."""

import io
from pathlib import Path
from typing import Any

import pypdfium2
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from app.access.roles import Role
from tests.console.conftest import Office
from tests.story import COMMUNITY, NEIGHBOUR, ok

CHINESE = {"Accept-Language": "zh-CN"}


def counting(office: Office, *, voters: int = 55) -> str:
    """A round that most cast for the first three projects in, and eleven for the last alone."""
    story = office.story.with_residents(60)
    ids = story.published_projects([400_000, 300_000, 300_000, 200_000])
    round_id = story.open_round(ids, rule="greedy", points="approval")
    for number in range(voters):
        ok(story.cast(round_id, story.resident(number), ids[:3] if number % 5 else ids[3:]))
    return round_id


def result_of(office: Office, round_id: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(office.client.get(f"/api/v1/rounds/{round_id}/result", headers=CHINESE))
    return found


def saved(page: Page, button: str) -> bytes:
    with page.expect_download() as coming:
        page.get_by_role("button", name=button).click()
    return Path(coming.value.path()).read_bytes()


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert len(document) <= 2
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)
    finally:
        document.close()


def test_the_chair_reads_a_result_and_hangs_it_out(office: Office) -> None:
    round_id = counting(office)
    page = office.desk(office.staff(Role.RC_CHAIR, COMMUNITY), f"/results/{round_id}")
    nothing_is_seen(page, office, round_id)
    office.story.finish(round_id, office.drain)
    result = result_of(office, round_id)
    page.reload()
    page.get_by_role("link", name="2026 年社区微更新").click()
    loser = next(each for each in result["projects"] if not each["funded"])
    reasons_are_read(page, result, loser)
    rules_are_compared(page, loser)
    files_are_taken(page, office, result)
    notice_is_printed(page, result, loser)
    page.get_by_role("link", name="公示", exact=True).first.click()
    row = page.locator("tr", has_text="结果出来了")
    expect(row).to_contain_text("居民委员会组织法第三十四条")
    expect(row.get_by_role("link", name="打印")).to_be_visible()


def nothing_is_seen(page: Page, office: Office, round_id: str) -> None:
    """Before the announcement: neither here nor under the notice's address, and the list leads nowhere."""
    expect(page.get_by_text("公布之前，谁也看不到票数。")).to_be_visible()
    assert page.locator("table, .figures").count() == 0
    assert page.get_by_role("button", name="导出 Excel").count() == 0
    page.goto(f"{office.server.url}/console/#/notices/{round_id}")
    expect(page.get_by_text("没有可以张贴的公示单")).to_be_visible()
    page.goto(f"{office.server.url}/console/#/results")
    expect(page.get_by_text("这里还没有公布的结果。")).to_be_visible()


def reasons_are_read(page: Page, result: dict[str, Any], loser: dict[str, Any]) -> None:
    rows = page.locator("table.projects tbody tr")
    expect(rows).to_have_count(4)
    page.get_by_role("button", name=loser["title"]).first.click()
    why = page.locator(
        "section.block", has=page.get_by_role("heading", name=f"为什么“{loser['title']}”没有入选")
    )
    expect(why).to_contain_text(loser["reason"]["sentence"])
    expect(why).to_contain_text("它在 6 种里入选")
    chart = page.locator("svg.money-chart desc")
    assert all(each["title"] in (chart.text_content() or "") for each in result["projects"] if each["funded"])


def rules_are_compared(page: Page, loser: dict[str, Any]) -> None:
    page.get_by_role("button", name="换个规则会怎样").click()
    expect(page.get_by_text("公布的结果不变。")).to_be_visible()
    page.get_by_role("button", name="等额分摊，提高份额，再按得分用完").click()
    facts = page.locator("dl.facts")
    expect(facts.locator("dd").first).to_have_text(loser["title"])
    page.get_by_role("button", name="谁的意愿被听到").click()
    expect(page.get_by_text("照明与安全")).to_be_visible()


def files_are_taken(page: Page, office: Office, result: dict[str, Any]) -> None:
    book = load_workbook(io.BytesIO(saved(page, "导出 Excel")))
    listed = list(book["项目"].iter_rows(min_row=3, values_only=True))
    assert [(row[0], row[1], row[8]) for row in listed] == [
        (each["place"], each["title"], each["backers"]) for each in result["projects"]
    ]
    assert {cell.data_type for each in book for row in each.iter_rows() for cell in row} <= {"s", "n", "d"}
    ballots = saved(page, "导出 .pb").decode()
    assert ballots == office.client.get(f"/board/v1/rounds/{result['round_id']}/ballots.pb").text


def notice_is_printed(page: Page, result: dict[str, Any], loser: dict[str, Any]) -> None:
    page.get_by_role("link", name="公示单（A4）").click()
    sheet = page.locator("article.sheet")
    expect(sheet).to_contain_text("投票结果的公示")
    expect(sheet).to_contain_text(loser["reason"]["sentence"].removeprefix("未入选：").removesuffix("。"))
    assert sheet.locator("img").evaluate("image => image.naturalWidth") > 0
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="打印").click()
    assert page.evaluate("window.printed") is True
    page.emulate_media(media="print")
    assert not page.locator(".side").is_visible()
    assert sheet.is_visible()
    page.emulate_media(media="screen")
    pdf = words_of(saved(page, "下载 PDF"))
    assert "投票结果的公示" in pdf
    assert result["outcome_digest"] in pdf
    assert all(each["title"] in pdf for each in result["projects"])


def test_who_works_elsewhere_prints_nothing(office: Office) -> None:
    round_id = counting(office, voters=3)
    office.story.finish(round_id, office.drain)
    neighbour = office.staff(Role.RC_CHAIR, NEIGHBOUR)
    page = office.desk(neighbour, f"/notices/{round_id}")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator("article.sheet").count() == 0
    page.goto(
        f"{office.server.url}/console/#/results/{round_id}"
    )  # a result is everybody's, the desk behind it is not
    expect(page.get_by_role("button", name="公开记录")).to_be_visible()
    for name in ("导出 Excel", "公示单（A4）", "去确认结果"):
        expect(page.get_by_text(name)).to_have_count(0)
    page = office.desk(office.staff(Role.MEDIATOR, COMMUNITY), "/results")
    for path in ("/results", f"/results/{round_id}", f"/notices/{round_id}", "/notices"):
        page.goto(f"{office.server.url}/console/#{path}")
        expect(page.get_by_role("heading", name="这里不归您办")).to_be_visible()
