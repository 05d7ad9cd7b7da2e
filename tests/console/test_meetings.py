"""Meetings on the desk: who came, minutes that two people sign, what an attendee puts right, and a project of it."""

import datetime as dt

from playwright.sync_api import Page, expect

from app.access.actor import Actor
from app.access.roles import Role
from app.core import clock
from tests.callers import Authenticator
from tests.console.conftest import Office
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, ok

API = "/api/v1/meetings"
BEGINNING = "### 议题一：照明\n\n住 1栋1单元0101 的居民1说到会 28 人。"


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def held(story: Story) -> str:
    body = {
        "community_code": COMMUNITY, "kind": "council", "title": "路灯议事会", "place": "活动室",
        "begins_at": clock.now().isoformat(), "agenda": ["照明"],
    }  # fmt: skip
    return str(ok(story.client.post(API, json=body, headers=story.clerk))["id"])


def committee(office: Office) -> tuple[Story, Actor, Actor, Authenticator]:
    """A recorder and a chair at their desks; the chair's last code is ten minutes old."""
    story = office.story.with_residents(4)
    clerk, chair = (office.staff(role, COMMUNITY) for role in (Role.RC_STAFF, Role.RC_CHAIR))
    with clock.frozen(clock.now() - dt.timedelta(minutes=10)):
        phone = office.callers.enrol(chair)
    return story, clerk, chair, phone


class TestAttendance:
    def test_by_the_roster_by_paper_and_at_the_door(self, office: Office) -> None:
        story, clerk, *_ = committee(office)
        page = office.desk(clerk, f"/meetings/{held(story)}")
        page.get_by_role("link", name="登记到会").click()
        page.get_by_label("房号或姓名").fill("0201")
        button(page, "居**（0201）到会")
        expect(page.get_by_role("heading", name="签到名单（1 人）")).to_be_visible()
        page.get_by_role("link", name="在门口显示签到码").click()
        expect(page.get_by_alt_text("签到二维码")).to_be_visible()
        code = page.locator(".m-door-code").inner_text()
        ok(story.client.post(f"{API}/sign-in", json={"code": code}, headers=story.resident(3)))
        expect(page.locator(".m-door-count strong")).to_have_text("2", timeout=8_000)
        page.get_by_label("所在位置").get_by_role("link", name="签到").click()
        page.get_by_label("纸质签到表上的姓名").fill("物业值班员\n楼长")
        # two on the list and two on paper: fewer cannot have been there
        expect(page.get_by_label("到会人数（公布）")).to_have_attribute("min", "4", timeout=8_000)
        page.get_by_label("到会人数（公布）").fill("6")
        button(page, "登记到会人数")
        expect(page.get_by_role("status").filter(has_text="到会人数已登记")).to_be_attached()


class TestMinutes:
    def test_written_checked_signed_published_corrected_and_made_a_project(self, office: Office) -> None:
        story, clerk, chair, phone = committee(office)
        meeting = held(story)
        path = f"{API}/{meeting}"
        one = ok(story.client.get(f"/api/v1/communities/{COMMUNITY}/residents", headers=story.clerk))[
            "items"
        ][0]
        ok(story.client.put(f"{path}/attendance/{one['id']}", headers=story.clerk))
        ok(story.client.put(f"{path}/attendance", json={"present": 30}, headers=story.clerk))

        desk = office.desk(clerk, f"/meetings/{meeting}")
        self.resolve(desk)
        self.write(desk)
        self.sign(desk, "记录人")
        expect(desk.get_by_role("button", name="公布纪要")).to_have_count(0)  # the recorder publishes nothing
        chairs = office.desk(chair, f"/meetings/{meeting}/sign")
        expect(chairs.get_by_role("button", name="公布纪要")).to_be_disabled()
        self.sign(chairs, "主持人", phone)
        button(chairs, "公布纪要")
        expect(chairs.locator("h1 .tag")).to_have_text("纪要已公布")

        proposal = {"version": 1, "passage": "到会 28 人", "text": "到会是 30 人。"}
        ok(story.client.post(f"{path}/amendments", json=proposal, headers=story.resident(0)))
        self.correct(desk, meeting)
        self.sign(desk, "记录人")
        chairs.goto(chairs.url.partition("#")[0] + f"#/meetings/{meeting}/sign")
        chairs.reload()
        self.sign(chairs, "主持人")
        button(chairs, "公布纪要")
        expect(chairs.locator("h1 .tag")).to_have_text("纪要已公布（第 2 版）")
        public = ok(story.client.get(path))["minutes"]
        assert [(each["version"], len(each["signatures"])) for each in public] == [(1, 2), (2, 2)]
        assert [each["confirmed"] for each in public[1]["signatures"]] == [False, True]
        assert "居民1" not in public[1]["text"]

        self.raise_project(desk, meeting)
        officer = office.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        self.look(office.desk(officer, f"/meetings/{meeting}"))

    def resolve(self, page: Page) -> None:
        button(page, "记录决议")
        dialog = page.get_by_role("dialog", name="记录决议")
        dialog.get_by_label("事项").fill("在北门装两盏路灯。")
        for name, votes in (("同意", "20"), ("反对", "5"), ("弃权", "6")):
            dialog.get_by_label(name).fill(votes)
        expect(dialog.get_by_role("status")).to_contain_text("票数超过了到会的 30 人")
        dialog.get_by_label("弃权").fill("5")
        expect(dialog.get_by_role("status")).to_contain_text("通过")
        dialog.get_by_role("button", name="保存").click()
        expect(page.get_by_role("link", name="转为项目")).to_be_visible()

    def write(self, page: Page) -> None:
        page.get_by_role("link", name="起草纪要").click()
        expect(page.get_by_label("纪要正文")).to_have_value("### 议题1：照明\n\n")
        page.get_by_label("纪要正文").fill(BEGINNING)
        button(page, "查出的内容（2）")
        expect(page.locator(".m-marked mark")).to_have_text(["1栋1单元0101", "居民1"])
        button(page, "改为 1栋1单元")
        button(page, "保留“居民1”")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("理由").fill("不是名册上的人。")
        dialog.get_by_role("button", name="保留").click()
        expect(page.get_by_text("保留，理由：不是名册上的人。")).to_be_visible()
        page.get_by_label("纪要正文").fill(
            BEGINNING.replace("1栋1单元0101", "1栋").replace("居民1", "一位居民")
        )
        expect(page.get_by_text("没有查出姓名、房号或电话。")).to_be_visible()
        button(page, "保存草稿")
        expect(page.locator(".acts").get_by_text("已保存")).to_be_visible()
        page.get_by_role("link", name="去签名").click()
        # one of the roster attended: nobody signs what they were not given to read
        expect(page.get_by_text("草稿还没有请到会居民核对")).to_be_visible()
        expect(page.get_by_role("button", name="以记录人身份签名")).to_be_disabled()
        page.get_by_role("link", name="请到会居民核对").click()
        self.give(page)

    def give(self, page: Page) -> None:
        """Let those who attended read the draft; only then the way leads to the signatures."""
        expect(page.get_by_role("link", name="去签名")).to_have_count(0)
        button(page, "请到会居民核对")
        page.get_by_role("link", name="去签名").click()

    def sign(self, page: Page, part: str, phone: Authenticator | None = None) -> None:
        button(page, f"以{part}身份签名")
        page.get_by_role("dialog").get_by_role("button", name="签名", exact=True).click()
        if phone is not None:
            page.get_by_label("动态码").fill(phone.code())
            page.get_by_role("dialog").filter(has_text="请再确认一次").get_by_role(
                "button", name="确认"
            ).click()
        expect(page.get_by_role("button", name=f"以{part}身份签名")).to_have_count(0)

    def correct(self, page: Page, meeting: str) -> None:
        page.goto(page.url.partition("#")[0] + f"#/meetings/{meeting}")
        page.reload()
        expect(page.get_by_text("到会是 30 人。")).to_be_visible()
        page.get_by_role("link", name="起草更正").click()
        page.get_by_label("更正了什么").fill("到会人数记错了")
        page.get_by_label("纪要正文").fill("### 议题一：照明\n\n一位居民说到会 30 人。")
        button(page, "保存草稿")
        expect(page.locator(".acts").get_by_text("已保存")).to_be_visible()
        page.get_by_role("link", name="路灯议事会").click()
        # with something to answer the way leads there, and to no signature
        expect(page.get_by_role("link", name="去签名")).to_have_count(0)
        button(page, "答复更正意见")
        expect(page.get_by_role("button", name="采纳", exact=True)).to_be_focused()
        button(page, "采纳")
        page.get_by_role("dialog").get_by_role("button", name="采纳").click()
        expect(page.get_by_text("已写入第 2 版")).to_be_visible()
        self.give(page)

    def raise_project(self, page: Page, meeting: str) -> None:
        page.goto(page.url.partition("#")[0] + f"#/meetings/{meeting}")
        page.get_by_role("link", name="转为项目").click()
        page.get_by_label("项目名称").fill("北门路灯")
        page.get_by_label("第 1 项的说明").fill("路灯两盏")
        page.get_by_label("第 1 项的金额，元").fill("6800")
        button(page, "生成项目草稿")
        expect(page.get_by_role("heading", name="北门路灯").first).to_be_visible()
        expect(page.get_by_text("路灯议事会").first).to_be_visible()

    def look(self, page: Page) -> None:
        """A sub-district reads what is published, prints it, and finds no way to anything else."""
        expect(page.locator(".rich")).to_contain_text("一位居民说到会 30 人。")
        expect(page.get_by_role("link", name="签到")).to_have_count(0)
        expect(page.get_by_text("到会居民的更正意见")).to_have_count(0)
        with page.expect_download() as waiting:
            button(page, "打印纪要")
        assert waiting.value.suggested_filename.endswith(".pdf")
        base = page.url.partition("#")[0]
        meeting = page.url.rpartition("/")[2]
        for path in ("minutes", "sign", "attendance", "door", "change"):
            page.goto(f"{base}#/meetings/{meeting}/{path}")
            expect(page.get_by_role("heading", name="这里不归您办")).to_be_visible()


class TestElsewhere:
    def test_a_draft_is_nobodys_outside(self, office: Office) -> None:
        story, *_ = committee(office)
        meeting = held(story)
        words = {"text": "还没有写完", "chair": "主任", "recorder": "记录员"}
        ok(story.client.post(f"{API}/{meeting}/minutes", json=words, headers=story.clerk))
        for actor in (
            office.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT),
            office.staff(Role.RC_STAFF, NEIGHBOUR),
        ):
            page = office.desk(actor, f"/meetings/{meeting}")
            expect(page.get_by_text("纪要还没有公布。")).to_be_visible()
            expect(page.get_by_text("还没有写完")).to_have_count(0)
            expect(page.get_by_role("link", name="修改纪要")).to_have_count(0)
