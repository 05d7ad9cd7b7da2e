"""The roster at a clerk's desk: a list with mistakes, a newcomer, one person in two entries, a list taken away."""

import io
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import FilePayload, Page, expect

from app.access.roles import Role
from app.core import clock
from tests.console.conftest import Office
from tests.elders import elder_row, enter, resident_id, with_code
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, phone, refused, roster_row

CITY, DISTRICT = "520100000000", "520102000000"
BASE = f"/api/v1/communities/{COMMUNITY}"


def choose(page: Page, rows: list[list[str]], *, encoding: str = "utf-8") -> None:
    file: FilePayload = {
        "name": "十一月.csv", "mimeType": "text/csv", "buffer": csv_bytes(rows, encoding=encoding),
    }  # fmt: skip
    page.get_by_label("选择名册文件").set_input_files(files=[file])


def said(page: Page, button: str, reason: str) -> None:
    """Give a reason in the dialog that asks for it."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(reason)
    dialog.get_by_role("button", name=button).click()
    expect(dialog).to_be_hidden()


def register(story: Story, number: int, name: str, room: str) -> None:
    body = {
        "name": name,
        "phone": phone(number),
        "building": "1栋",
        "unit": "1单元",
        "room": room,
        "tenure": "tenant",
    }
    ok(story.client.post(f"{BASE}/registrations", json=body, headers=story.resident(number)))


def go(office: Office, page: Page, path: str, heading: str) -> None:
    page.goto(f"{office.server.url}/console/#{path}")
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()


class TestClerk:
    def test_a_list_with_mistakes_is_mended_taken_in_and_taken_back(self, office: Office) -> None:
        office.story.import_roster(csv_bytes([roster_row(number) for number in range(3)]))
        page = office.desk(office.staff(Role.RC_STAFF, COMMUNITY, name="李秀兰"), "/residents/imports")
        choose(page, [roster_row(0, 手机=phone(70)), roster_row(1, 手机="1390000"), roster_row(9)])
        expect(page.get_by_role("heading", name="十一月.csv")).to_be_visible()
        expect(page.locator("table.list")).to_contain_text("应为 11 位手机号")
        expect(page.get_by_role("button", name="确认导入")).to_be_disabled()

        page.get_by_role("link", name="换一份文件").click()
        choose(page, [roster_row(0, 手机=phone(70)), roster_row(1), roster_row(9)], encoding="gbk")
        expect(page.locator("table.list")).to_contain_text("139****0000 → 139****0070")
        page.get_by_role("button", name="迁出 1").click()
        expect(page.locator("table.list")).to_contain_text("1栋 1单元 0301")
        page.get_by_role("button", name="确认导入（3 人有变）").click()
        page.get_by_role("dialog").get_by_role("button", name="确认导入").click()
        expect(page.locator("h1")).to_contain_text("已导入")
        page.get_by_role("link", name="看居民名单").click()
        expect(page.get_by_role("heading", name="共 3 人")).to_be_visible()
        expect(page.locator("table.list")).to_contain_text("139****0070")

        page.go_back()
        page.get_by_role("button", name="撤销这次导入").click()
        page.get_by_role("dialog").get_by_role("button", name="撤销这次导入").click()
        expect(page.locator("h1")).to_contain_text("已撤销")
        go(office, page, "/residents", "居民与名册")
        page.get_by_label("姓名、手机尾号或房号").fill("0302")
        page.get_by_role("button", name="查找").click()
        expect(page.get_by_text("没有找到符合的人")).to_be_visible()
        page.get_by_label("姓名、手机尾号或房号").fill("0001")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="共 1 人")).to_be_visible()

    def test_newcomers_are_answered_and_one_person_in_two_entries_is_one(self, office: Office) -> None:
        story = office.story
        story.import_roster(csv_bytes([roster_row(0, 姓名="王小明"), roster_row(1, 姓名="李桂兰", 手机="")]))
        for number, name, room in ((50, "陆小云", "0901"), (51, "石大海", "1001"), (52, "王晓明", "0101"),
                                   (53, "李桂兰", "0201")):  # fmt: skip
            register(story, number, name, room)
        page = office.desk(office.staff(Role.RC_STAFF, COMMUNITY), "/residents/registrations")
        expect(page.locator("tbody tr")).to_have_count(4)
        page.get_by_role("button", name="就是这位，记上手机号").click()
        expect(page.locator("tbody tr")).to_have_count(3)
        page.get_by_role("button", name="不通过 石大海").click()
        said(page, "不通过", "请带租房合同来核对")
        expect(page.locator("tbody tr")).to_have_count(2)
        page.get_by_label("全选名册上没有的").check()
        page.get_by_role("button", name="通过所选（1）", exact=True).click()
        expect(page.locator("tbody tr")).to_have_count(1)
        page.get_by_role("button", name="通过 王晓明", exact=True).click()
        expect(page.get_by_text("没有待答复的登记")).to_be_visible()

        page.get_by_role("link", name="疑似重复").click()
        pair = page.locator("table.pair")
        expect(pair).to_contain_text("有人登录使用")
        pair.get_by_role("button", name="保留").first.click()
        said(page, "合并", "看了身份证，是同一个人")
        expect(page.get_by_text("没有疑似重复的登记")).to_be_visible()
        expect(page.get_by_role("heading", name="合并记录")).to_be_visible()
        page.get_by_role("button", name="撤销合并").click()
        page.get_by_role("dialog").get_by_role("button", name="撤销合并").click()
        expect(page.locator("table.pair")).to_have_count(1)
        page.get_by_role("button", name="不是同一人").click()
        said(page, "不是同一人", "兄弟两人")
        expect(page.get_by_text("没有疑似重复的登记")).to_be_visible()

    def test_a_list_is_masked_and_a_name_in_full_wants_a_reason(self, office: Office, tmp_path: Path) -> None:
        office.story.import_roster(csv_bytes([roster_row(0, 姓名="王小明"), roster_row(25, 姓名="+李四")]))
        page = office.desk(office.staff(Role.RC_STAFF, COMMUNITY, name="李秀兰"), "/residents/exports")
        with page.expect_download() as coming:
            page.get_by_role("button", name="导出（部分隐去）").click()
        coming.value.save_as(tmp_path / "masked.xlsx")
        sheet = load_workbook(io.BytesIO((tmp_path / "masked.xlsx").read_bytes())).worksheets[0]
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} == {"s"}
        assert [cell.value for cell in cells][7:10] == ["1栋1单元", "王**", "139****0000"]

        go(office, page, "/residents", "居民与名册")
        page.get_by_role("link", name="王**").click()
        expect(page.get_by_role("heading", name="王**")).to_be_visible()
        page.get_by_role("button", name="查看完整信息").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("button", name="查看完整信息")).to_be_disabled()
        dialog.get_by_label("用途").select_option("correction")
        said(page, "查看完整信息", "核对户口本上的姓名")
        expect(page.get_by_role("heading", name="王小明")).to_be_visible()
        expect(page.locator("dl.facts").first).to_contain_text(phone(0))
        expect(page.get_by_text("查看了完整信息")).to_be_visible()
        go(office, page, "/residents/exports", "导出与查看记录")
        expect(page.locator("table.list")).to_contain_text("核对户口本上的姓名")
        with page.expect_download() as coming:
            page.get_by_role("button", name="导出完整名单").click()
            said(page, "导出完整名单", "打印上门名单")
        coming.value.save_as(tmp_path / "full.xlsx")
        rows = list(load_workbook(tmp_path / "full.xlsx").worksheets[0].values)
        assert [row[3] for row in rows] == ["姓名", "王小明", "+李四"]
        expect(page.locator("table.list")).to_contain_text("2 人")

    def test_who_comes_without_a_phone_is_given_a_code_shown_this_once(self, office: Office) -> None:
        story = office.story
        child = roster_row(3, 手机="", 出生日期=f"{clock.today().year - 9}-01-01")
        story.import_roster(csv_bytes([roster_row(0), elder_row(1, 姓名="王桂芳"), child]))
        projects = story.published_projects([300_000])
        elder = f"/residents/people/{resident_id(story, 1)}"
        page = office.desk(office.staff(Role.RC_STAFF, COMMUNITY, name="李秀兰"), elder)
        expect(page.get_by_role("heading", name="王**")).to_be_visible()
        expect(page.get_by_role("heading", name="一次性投票码")).to_have_count(0)  # nothing to use it in

        round_id = story.open_round(projects, title="先修什么")
        page.reload()
        page.get_by_role("button", name="开投票码").click()
        page.get_by_role("dialog").get_by_role("button", name="开投票码").click()
        slip = page.get_by_role("article", name="投票码")
        expect(slip).to_contain_text("仅用于“先修什么”")
        expect(slip).to_contain_text("1栋 1单元 0201")
        expect(slip.get_by_role("img")).to_be_visible()
        code = slip.locator(".the-code").inner_text()
        page.emulate_media(media="print")
        expect(slip).to_be_visible()
        for hidden in (
            page.get_by_role("navigation"),
            page.get_by_role("button", name="打印"),
            page.locator("h1"),
        ):
            expect(hidden.first).to_be_hidden()
        page.emulate_media(media="screen")
        page.get_by_role("button", name="已交给本人").click()
        expect(page.get_by_role("heading", name="王**")).to_be_visible()
        expect(page.get_by_text(code)).to_have_count(0)

        me = with_code(story, code)
        ok(story.cast(round_id, me, projects))
        refused(enter(story, code, device_nonce="x" * 16), 401, "wrong_code")
        go(office, page, f"/residents/people/{resident_id(story, 3)}", "居**")
        expect(page.get_by_text("未满十八周岁")).to_be_visible()
        expect(page.get_by_role("button", name="开投票码")).to_have_count(0)

    def test_the_neighbourhood_itself(self, office: Office) -> None:
        office.story.with_residents(2)
        page = office.desk(office.staff(Role.RC_STAFF, COMMUNITY), "/community")
        page.get_by_label("名称", exact=True).fill("花果园大街社区居民委员会")
        page.get_by_label("电话", exact=True).fill("0851-8550 0100")
        page.get_by_label("办公时间").fill("周一至周五 9:00—17:30")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_text("改过")).to_be_visible()
        page.get_by_label("楼栋名称").fill("9栋")
        page.get_by_role("button", name="添加楼栋").click()
        expect(page.get_by_role("row", name="9栋 0 0")).to_be_visible()
        public = ok(office.client.get(f"{BASE}/committee"))
        assert (public["phone"], public["version"]) == ("0851-8550 0100", 1)


class TestWatching:
    def test_supervisor_and_auditor_find_who_saw_names_by_the_navigation(self, office: Office) -> None:
        story = office.story
        story.import_roster(csv_bytes([roster_row(0, 姓名="王小明")]))
        (one,) = ok(office.client.get(f"{BASE}/residents", headers=story.clerk))["items"]
        why = {"purpose": "contact", "reason": "核对楼道门禁"}
        clerk = office.staff(Role.RC_STAFF, COMMUNITY, name="李秀兰")
        ok(
            office.client.post(
                f"{BASE}/residents/{one['id']}/unmask", json=why, headers=office.headers(clerk)
            )
        )

        page = office.desk(office.staff(Role.SUPERVISOR, COMMUNITY), "/")
        page.get_by_role("navigation").get_by_role("link", name="导出与查看记录").click()
        expect(page.locator("table.list")).to_contain_text("核对楼道门禁")
        expect(page.get_by_role("button", name="导出")).to_have_count(0)

        page = office.desk(office.staff(Role.AUDITOR, CITY), "/")
        page.get_by_role("navigation").get_by_role("link", name="导出与查看记录").click()
        for level, division in (("区县", DISTRICT), ("街道", SUBDISTRICT), ("社区", COMMUNITY)):
            page.get_by_label(level).select_option(division)
        expect(page.locator("table.list")).to_contain_text("核对楼道门禁")

        page = office.desk(clerk, "/residents")  # on the desk of those who keep the roster it has one place
        expect(page.get_by_role("link", name="导出与查看记录")).to_have_count(1)


class TestOthers:
    def test_nobody_else_sees_any_of_it(self, office: Office) -> None:
        """By address too: officer and mediator are told that it is not theirs, a neighbour's clerk finds nothing."""
        story = office.story.with_residents(1)
        (one,) = ok(office.client.get(f"{BASE}/residents", headers=story.clerk))["items"]
        (made,) = ok(office.client.get(f"{BASE}/roster/imports", headers=story.clerk))["items"]
        person, made_page = f"/residents/people/{one['id']}", f"/residents/imports/{made['id']}"
        paths = ["/residents", "/residents/imports", "/residents/registrations", "/residents/duplicates",
                 "/residents/exports", person, made_page, "/community"]  # fmt: skip
        officer = office.desk(office.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT), "/")
        expect(officer.get_by_role("heading", level=1)).to_be_visible()
        expect(officer.get_by_role("link", name="居民与名册")).to_have_count(0)
        for path in paths:
            go(office, officer, path, "这里不归您办")
        mediator = office.desk(office.staff(Role.MEDIATOR, COMMUNITY), person)
        expect(mediator.get_by_role("heading", name="这里不归您办")).to_be_visible()

        neighbour = office.desk(office.staff(Role.RC_STAFF, NEIGHBOUR), person)
        expect(neighbour.get_by_text("这里没有这位居民")).to_be_visible()
        neighbour.goto(f"{office.server.url}/console/#{made_page}")
        expect(neighbour.get_by_text("没有这次导入")).to_be_visible()
        go(office, neighbour, "/residents", "居民与名册")
        expect(neighbour.get_by_text("名册还是空的")).to_be_visible()
