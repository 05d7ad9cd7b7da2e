"""Projects and ideas on the desk: a list taken in, a project finished, ideas screened and merged, words moderated."""

import io
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from app.access.roles import Role
from tests.console.conftest import Office
from tests.ideas.talk import Talk
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, csv_bytes, ok

HEADER = ["项目名称", "类别", "地点", "实施方式", "费用类别", "费用说明", "金额（元）"]
LIST = [
    ["北门空地建口袋公园", "儿童与课后", "北门空地", "工程", "施工", "平整场地", "5.6万"],
    ["", "", "", "", "物资", "秋千", "38,000"],
    ["北门空地建停车位", "道路", "北门空地", "工程", "施工", "划线", "72,000"],
    ["灯的数目", "照明", "楼道", "工程", "物资", "灯", "约三万"],
]
API = "/api/v1"


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 400), "seagreen").save(out, "JPEG")
    return out.getvalue()


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def take_in(page: Page) -> None:
    """The committee's list, with one row that nobody can read."""
    page.get_by_role("link", name="导入清单").click()
    raw = csv_bytes(LIST, header=HEADER, encoding="gb18030")
    page.get_by_label("表格文件").set_input_files(
        FilePayload(name="项目.csv", mimeType="text/csv", buffer=raw)
    )
    expect(page.get_by_text("第 5 行“金额（元）”： 不是金额")).to_be_visible()
    expect(button(page, "存为 2 个草稿")).to_be_disabled()
    page.get_by_label("跳过填写有误的 1 个，只导入其余的").check()
    button(page, "存为 2 个草稿").click()
    expect(page.get_by_role("status").filter(has_text="个已存为草稿")).to_contain_text("2")


def finish(page: Page) -> None:
    """Another cost, a picture, and that only one of two can be done."""
    page.get_by_role("link", name="北门空地建口袋公园").click()
    expect(page.get_by_role("heading", name="北门空地建口袋公园").first).to_be_visible()
    button(page, "再加一项").click()
    page.get_by_label("第 3 项的费用类别").select_option("staff")
    page.get_by_label("第 3 项的说明").fill("安装工时")
    page.get_by_label("第 3 项的金额，元").fill("0.6万")
    expect(page.locator(".sum")).to_have_text("100,000.00")
    button(page, "保存").click()
    expect(button(page, "保存")).to_be_disabled()
    page.get_by_label("选择照片").set_input_files(
        FilePayload(name="p.jpg", mimeType="image/jpeg", buffer=photo())
    )
    page.get_by_label("照片里是什么").fill("空地现状")
    button(page, "上传").click()
    expect(
        page.get_by_role("group", name="居民看到的样子").get_by_role("img", name="空地现状")
    ).to_be_visible()
    # the other one is for the same place: only one of them
    button(page, "标为“只能做一个”").first.click()
    page.get_by_label("理由").fill("同一块空地")
    button(page, "只能做一个").click()
    expect(page.get_by_role("button", name="取消标记")).to_be_visible()


def screen(page: Page) -> None:
    """Two ideas that are one, screened and taken up."""
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="居民建议").click()
    page.get_by_role("link", name="南门装一个路灯").click()
    page.get_by_role("button", name="与“南门太黑要装路灯”并排比较").click()
    page.get_by_label("保留这一条，另一条并入").first.check()
    button(page, "合并").click()
    expect(page.get_by_text("合并自 2 条建议")).to_be_visible()
    page.get_by_role("group", name="费用").get_by_label("待核实").check()
    expect(button(page, "保存审核记录")).to_be_disabled()  # not without a word why
    page.get_by_label("费用的说明").fill("等供电局报价。")
    button(page, "保存审核记录").click()
    page.get_by_role("link", name="采纳立项").click()
    page.get_by_label("第 1 项的金额，元").fill("6,800")
    button(page, "存为项目草稿").click()
    expect(page.get_by_text("居民建议 · 南门装一个路灯")).to_be_visible()


def publish(page: Page) -> None:
    """One from the list and one from the idea, together."""
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="项目", exact=True).click()
    page.get_by_label("选中 南门装一个路灯").check()
    page.get_by_label("选中 北门空地建口袋公园").check()
    button(page, "公布选中的项目").click()
    page.get_by_role("dialog").get_by_role("button", name="公布").click()
    expect(page.get_by_role("button", name="已公布 2", exact=True)).to_be_visible()


class TestTheClerk:
    def test_from_a_spreadsheet_and_two_ideas_to_what_residents_see(self, office: Office) -> None:
        story = office.story.with_residents(30)
        talk = Talk(story)
        lamp = talk.post(1, "南门装一个路灯", byline="building")["id"]
        dark = talk.post(2, "南门太黑要装路灯")["id"]
        talk.endorse(lamp, 3, 4)
        talk.endorse(dark, 4, 5)
        page = office.desk(office.staff(Role.RC_STAFF, COMMUNITY), "/projects")

        take_in(page)
        finish(page)
        screen(page)
        publish(page)

        # what residents meet
        shown = ok(office.client.get(f"{API}/projects", params={"division": COMMUNITY}))["items"]
        park = next(each for each in shown if each["title"] == "北门空地建口袋公园")
        assert (park["cost_fen"], [each["alt"] for each in park["photos"]]) == (10_000_000, ["空地现状"])
        made = next(each for each in shown if each["origin"] == "resident_idea")
        raised = ok(office.client.get(f"{API}/projects/{made['id']}/timeline"))["items"][0]
        assert [(each["byline"], each["building"]) for each in raised["authors"]] == [
            ("building", "1栋"), ("resident", None),
        ]  # fmt: skip
        idea = talk.read(lamp)
        assert (idea["endorsements"], idea["project"]["id"], talk.read(dark)["merged_into_id"]) == (
            3,
            made["id"],
            lamp,
        )
        assert [each["note"] for each in idea["checks"]] == ["等供电局报价。"]

    def test_what_was_held_or_reported_is_looked_at(self, office: Office) -> None:
        story = office.story.with_residents(10)
        talk = Talk(story)
        idea = talk.post(1, "周末打羽毛球", words="想来的打 13908510183。")["id"]
        other = talk.post(2, "东门加快递柜")["id"]
        loud = talk.say(3, other, "说得重了点")["id"]
        talk.say(4, other, "打 13900001234")
        report = {"code": "abuse", "words": "不好听"}
        office.client.put(f"{API}/comments/{loud}/my-report", json=report, headers=story.resident(5))
        page = office.desk(office.staff(Role.RC_CHAIR, COMMUNITY), "/ideas")
        page.get_by_role("button", name="不通过：周末打羽毛球").click()
        page.get_by_label("理由").fill("请不要写电话号码。")
        page.get_by_role("dialog").get_by_role("button", name="不通过").click()
        expect(page.get_by_role("button", name="未通过 1", exact=True)).to_be_visible()
        page.get_by_role("link", name="留言 · 2 条要看").click()
        button(page, "通过").click()
        expect(page.get_by_role("button", name="待查看 0", exact=True)).to_be_visible()
        expect(page.get_by_text("不好听")).to_be_visible()
        button(page, "不再显示").click()
        page.get_by_label("理由").fill("请对事不对人。")
        page.get_by_role("dialog").get_by_role("button", name="不再显示").click()
        expect(page.get_by_text("这里没有要办的。")).to_be_visible()
        states = {each["words"]: each["state"] for each in talk.conversation(other)["items"]}
        assert states == {"": "hidden", "打 13900001234": "published"}
        assert talk.read(idea, story.resident(1))["answer"]["reason"] == "请不要写电话号码。"
        # and how many neighbours it takes
        page.goto(f"{office.server.url}/console/#/ideas/policy")
        page.get_by_label("需要附议人数").fill("12")
        button(page, "保存").click()
        expect(page.get_by_text("满 12 人附议，建议进入审核。")).to_be_visible()


class TestOthers:
    def test_an_officer_above_and_a_neighbouring_committee_see_no_draft(self, office: Office) -> None:
        story = office.story
        draft = ok(office.client.post(f"{API}/projects", json=story.project("草稿一"), headers=story.clerk))[
            "id"
        ]
        page = office.desk(office.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT), f"/projects/{draft}")
        expect(page.get_by_role("heading", name="这里不归您办")).to_be_visible()
        expect(page.get_by_role("navigation", name="主导航")).not_to_contain_text("居民建议")
        page = office.desk(office.staff(Role.RC_CHAIR, NEIGHBOUR), f"/projects/{draft}")
        expect(page.get_by_role("alert")).to_contain_text("没有这个项目")
        expect(page.get_by_text("草稿一")).to_have_count(0)
