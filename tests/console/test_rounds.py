"""Rounds at the desk: two people publish one, look who came, knock at doors; three holders keep its key."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.access.actor import Actor
from app.access.roles import Role
from tests.console.conftest import Office
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, roster_row

WORDS = Path(__file__).parents[2] / "frontend"
#: Six households in two stairwells of one building.
HOMES = [roster_row(number, 单元="1单元" if number < 4 else "2单元") for number in range(6)]


def settled(office: Office) -> Story:
    """A committee with residents and three published projects."""
    story = office.story
    story.import_roster(csv_bytes(HOMES))
    story.published_projects([300_000, 400_000, 500_000])
    return story


def round_of(page: Page) -> str:
    """The id in the address of a round's page."""
    page.wait_for_url(re.compile(r"#/rounds/[0-9a-f-]{36}$"))
    return page.url.rsplit("/", 1)[1]


def press(page: Page, name: str, *, inside: str | None = None) -> None:
    (page if inside is None else page.locator(inside)).get_by_role("button", name=name, exact=True).click()


def sure(page: Page, act: str) -> None:
    """Say once more that one means it."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=act, exact=True).click()
    expect(dialog).to_be_hidden()


def draw_up(page: Page, title: str) -> str:
    """The wizard from its first step to its last, and what the phone shows meanwhile."""
    page.get_by_label("标题").fill(title)
    phone = page.get_by_label("居民手机上看到的")
    expect(phone.get_by_text(title)).to_be_visible()
    press(page, "下一步")
    expect(page.get_by_text(re.compile("^草稿已存"))).to_be_visible()
    for number in (1, 2, 3):
        press(page, f"把 项目{number} 加入名单")
    page.get_by_label("项目1：同类只选一").select_option(label="A 组")
    page.get_by_label("项目2：同类只选一").select_option(label="A 组")
    press(page, "选票")
    expect(phone.get_by_text("同类只选一", exact=True)).to_have_count(2)
    press(page, "下一步")
    page.get_by_label("总金额（元）").fill("8000")
    page.get_by_label("每张票最多选几个").fill("3")
    expect(phone.get_by_text("已选 0 / 3")).to_be_visible()
    press(page, "下一步")
    expect(page.get_by_text("公示 15 天，可以提异议")).to_be_visible()
    press(page, "下一步")
    expect(page.get_by_text("现在有 6 人可以投，住在 6 户")).to_be_visible()
    press(page, "提交，请另一位批准")
    return round_of(page)


class TestTogether:
    def test_a_clerk_and_the_chair_publish_a_round_and_see_it_through(self, office: Office) -> None:
        story = settled(office)
        clerk = office.staff(Role.RC_STAFF, COMMUNITY, name="李秀兰")
        chair = office.staff(Role.RC_CHAIR, COMMUNITY, name="陈建国")
        writing = office.desk(clerk, "/rounds/new")
        round_id = draw_up(writing, "先做哪几件？")
        expect(writing.get_by_text("您已提交，等另一位批准")).to_be_visible()
        expect(writing.get_by_role("button", name="批准并公布")).to_have_count(0)

        page = office.desk(chair, "/rounds")
        page.get_by_role("link", name="先做哪几件？").click()
        expect(page.get_by_text("李秀兰 提交了这轮投票")).to_be_visible()
        press(page, "批准并公布")
        sure(page, "批准并公布")
        expect(page.get_by_text("李秀兰 提交，陈建国 批准")).to_be_visible()
        press(page, "现在开始")
        sure(page, "开始")
        expect(page.get_by_role("link", name="看参与情况")).to_be_visible()

        path = f"/api/v1/rounds/{round_id}"
        listed = [each["project_id"] for each in ok(office.client.get(f"{path}/projects"))["items"]]
        for number in (0, 4):
            ok(story.cast(round_id, story.resident(number), listed[:1]))
        page.reload()
        page.get_by_role("link", name="看参与情况").click()
        expect(page.get_by_label("1栋 1单元，25%，4 个里 1 个已参与")).to_be_visible()
        page.get_by_label("1栋 2单元，50%，2 个里 1 个已参与").click()
        self.knock(page)
        press(page, "提醒未参与的 4 人")
        expect(page.get_by_text("今天已经提醒过一次")).to_be_visible()
        with page.expect_download() as printed:
            press(page, "打印上门名单（1栋）")
        assert Path(printed.value.path()).read_bytes().startswith(b"%PDF")

        page.goto(f"{office.server.url}/console/#/rounds/{round_id}")
        press(page, "现在截止")
        sure(page, "截止")
        press(page, "开箱计票")
        office.drain()
        expect(page.get_by_text(re.compile("结果公示到"))).to_be_visible()
        assert ok(office.client.get(f"{path}/result"))["ballots_counted"] == 2
        press(page, "确认结果")
        sure(page, "确认")
        expect(page.get_by_text("结果已确认，入选项目已转为资金申请")).to_be_visible()

    def knock(self, page: Page) -> None:
        doors = page.get_by_role("group", name="0601 室的上门结果")
        doors.get_by_role("button", name="无人").click()
        expect(page.get_by_text("未敲 0 · 已访 0 · 拒访 0 · 无人 1")).to_be_visible()
        doors.get_by_role("button", name="已访").click()
        expect(doors.get_by_role("button", name="已访")).to_have_attribute("aria-pressed", "true")
        doors.get_by_role("button", name="已访").click()
        expect(page.get_by_text("未敲 1 · 已访 0 · 拒访 0 · 无人 0")).to_be_visible()

    def test_a_draft_is_kept_and_can_be_thrown_away(self, office: Office) -> None:
        settled(office)
        page = office.desk(office.staff(Role.RC_STAFF, COMMUNITY), "/rounds/new")
        page.get_by_label("标题").fill("还没想好")
        press(page, "存好，下次再填")
        round_of(page)
        expect(page.get_by_text("至少要有一个本社区已公布的项目")).to_be_visible()
        expect(page.get_by_role("button", name="提交，请另一位批准")).to_be_disabled()
        press(page, "扔掉草稿")
        sure(page, "扔掉草稿")
        page.wait_for_url(re.compile("#/rounds$"))
        expect(page.get_by_text("这里还没有投票。")).to_be_visible()

    def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(self, office: Office) -> None:
        story = settled(office)
        listed = [each["id"] for each in ok(office.client.get("/api/v1/projects"))["items"]]
        story.publish_round(listed[:1], title="已经公布的一轮")
        office.staff(Role.RC_STAFF, COMMUNITY, name="王文")
        page = office.desk(office.staff(Role.RC_CHAIR, COMMUNITY), "/rounds/new")
        press(page, "下一步")
        expect(page.get_by_text("请填标题，才能存为草稿。")).to_be_visible()
        page.get_by_label("说明").fill("钱从哪里来")
        page.get_by_role("link", name="工作台", exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("请填标题，才能存为草稿。")).to_be_visible()
        press(page, "取消", inside="[role=dialog]")
        expect(page.get_by_label("说明")).to_have_value("钱从哪里来")
        page.get_by_label("标题").fill("改了又改")
        press(page, "下一步")
        expect(page.get_by_text("已列入：已经公布的一轮（还没开始）")).to_be_visible()
        page.go_back()
        expect(page.get_by_label("标题")).to_have_value("改了又改")
        press(page, "下一步")
        for number in (1, 2, 3):
            press(page, f"把 项目{number} 加入名单")
        press(page, "下一步")
        expect(page.get_by_role("radio", name="按得分从高到低")).to_be_checked()
        page.get_by_label("总金额（元）").fill("六万")
        expect(page.get_by_text("请用数字，例如 60000 或 6万。")).to_be_visible()
        page.get_by_label("总金额（元）").fill("8000")
        expect(page.get_by_role("radio", name="平均分摊，按名次")).to_be_checked()
        page.get_by_label("每张票最多选几个").fill("0")
        expect(page.get_by_text("请填 1 到 50 之间的整数。")).to_be_visible()
        expect(page.get_by_text("有没填对的地方，改好才会保存")).to_be_visible()
        page.get_by_label("每张票最多选几个").fill("3")
        press(page, "下一步")
        opens, closes = page.get_by_label("开始"), page.get_by_label("截止")
        begins = opens.input_value()
        closes.fill("")
        expect(page.get_by_text("请填截止的日期和时间。")).to_be_visible()
        closes.fill(begins)
        expect(page.get_by_text("截止时间要晚于开始时间。")).to_be_visible()
        opens.fill("2025-01-01T09:00")
        expect(page.get_by_text("开始时间已经过去，这样不能公布。")).to_be_visible()
        opens.fill(begins)
        press(page, "按最短公告期、投一周")
        press(page, "下一步")
        expect(page.get_by_text(re.compile("“项目.”已在“已经公布的一轮”的名单上"))).to_be_visible()
        expect(page.get_by_text(re.compile("提交后由另一位工作人员（如 .*王文"))).to_be_visible()


class TestHolders:
    def test_three_take_a_share_and_two_bring_it_back(self, office: Office) -> None:
        story = settled(office)
        projects = [each["id"] for each in ok(office.client.get("/api/v1/projects"))["items"]]
        round_id = story.publish_round(projects, custody="split")
        chair = office.desk(office.staff(Role.RC_CHAIR, COMMUNITY), f"/rounds/{round_id}")
        expect(chair.get_by_text("三份钥匙里确认了 0 份")).to_be_visible()
        holders = {
            "居民代表": office.staff(Role.SUPERVISOR, COMMUNITY, name="田志强"),
            "街道": office.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT, name="杨涛"),
            "平台": office.staff(Role.ADMINISTRATOR, "000000000000", name="罗敏"),
        }
        desks = {name: office.desk(actor, f"/rounds/{round_id}/shares") for name, actor in holders.items()}
        words = {name: self.hold(page) for name, page in desks.items()}
        chair.reload()
        press(chair, "现在开始")
        sure(chair, "开始")
        ok(story.cast(round_id, story.resident(0), projects[:1]))
        press(chair, "现在截止")
        sure(chair, "截止")
        expect(chair.get_by_text("开箱要 2 份钥匙，现在交来 0 份")).to_be_visible()
        expect(chair.get_by_role("button", name="开箱计票")).to_be_disabled()
        for name in ("居民代表", "街道"):
            page = desks[name]
            page.reload()
            page.get_by_label("您的 33 个单词").fill("wrong " * 33)
            press(page, "交来我的一份")
            expect(page.get_by_role("alert")).to_be_visible()
            page.get_by_label("您的 33 个单词").fill(words[name])
            press(page, "交来我的一份")
            expect(page.get_by_text("您的一份已交来。")).to_be_visible()
        chair.reload()
        press(chair, "开箱计票")
        office.drain()
        expect(chair.get_by_text(re.compile("结果公示到"))).to_be_visible()

    def hold(self, page: Page) -> str:
        """Take the share, copy its words, type them back."""
        press(page, "领取我的一份")
        listed = page.locator("ol.r-words li")
        expect(listed).to_have_count(33)
        words = listed.all_inner_texts()
        page.get_by_label("照着纸上的输入一遍").fill(
            "\n".join(f"{at}. {word}" for at, word in enumerate(words, 1))
        )
        press(page, "确认抄对了")
        expect(page.get_by_text("您的一份已确认。")).to_be_visible()
        assert words[5] not in page.locator("main").inner_text().split()
        return " ".join(words)


class TestMatrix:
    def test_nobody_sees_more_than_the_matrix_says(self, office: Office) -> None:
        story = settled(office)
        projects = [each["id"] for each in ok(office.client.get("/api/v1/projects"))["items"]]
        round_id = story.open_round(projects)
        turnout = f"/rounds/{round_id}/turnout"

        def at(who: Actor, path: str) -> Page:
            return office.desk(who, path)

        supervisor = office.staff(Role.SUPERVISOR, COMMUNITY)
        page = at(supervisor, turnout)
        expect(page.get_by_role("cell", name="1栋")).to_be_visible()  # buildings, and no stairwell
        expect(page.get_by_text("上门名单")).to_have_count(0)
        expect(page.get_by_role("button", name=re.compile("提醒"))).to_have_count(0)
        page = at(supervisor, "/rounds/new")
        expect(page.get_by_role("heading", name="这里不归您办")).to_be_visible()
        neighbour = office.staff(Role.RC_CHAIR, NEIGHBOUR)
        page = at(neighbour, turnout)
        expect(page.get_by_role("alert")).to_contain_text("没有这轮投票")
        page = at(neighbour, f"/rounds/{round_id}")  # what residents read too, and nothing to press
        expect(page.get_by_text("已固定的内容")).to_be_visible()
        for act in ("宣布作废", "现在截止"):
            expect(page.get_by_role("button", name=act)).to_have_count(0)
        for role in (Role.MEDIATOR,):
            page = at(office.staff(role, COMMUNITY), f"/rounds/{round_id}")
            expect(page.get_by_role("heading", name="这里不归您办")).to_be_visible()
            expect(page.get_by_role("navigation").get_by_role("link", name="投票", exact=True)).to_have_count(
                0
            )


class TestPhone:
    @pytest.mark.parametrize("language", ["zh-CN", "en"])
    def test_it_speaks_as_the_residents_app_does(self, language: str) -> None:
        """The preview has its own words' file; what stands in it is what residents read."""

        def read(app: str, area: str) -> dict[str, str]:
            found: dict[str, str] = json.loads(
                (WORDS / app / "src" / "areas" / area / f"words.{language}.json").read_text(encoding="utf-8")
            )
            return found

        residents = {**read("resident", "home"), **read("resident", "ballot")}
        own = {"phone_show_card", "phone_show_ballot", "phone_no_projects"}
        shown = {key: words for key, words in read("console", "rounds").items() if key.startswith("phone_")}
        for key in shown.keys() - own:
            name = key.removeprefix("phone_")
            assert shown[key] in {residents[name], read("resident", "home").get(name)}, key
