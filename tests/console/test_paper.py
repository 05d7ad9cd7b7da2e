"""Paper at speed: a desk that signs people in, fifty sheets keyed twice by keyboard alone, and a sheet to be signed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from app.access.actor import Actor
from app.access.roles import Role
from app.paper.rules import printed_serial
from tests.console.conftest import Office
from tests.paper_story import PaperStory, Says
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok
from tests.usable import barriers

KEYS = {"blank": "-", "unreadable": "/", "unsigned": "*", "too_many_ranks": "+", "late": "."}


@dataclass
class Committee:
    """Those who have to do with paper, and the round they have it with."""

    office: Office
    story: Story
    paper: PaperStory
    clerk: Actor
    second: Actor
    chair: Actor
    supervisor: Actor


def committee(office: Office, people: int) -> Committee:
    story = office.story.with_residents(people)
    projects = story.published_projects([100_000, 200_000, 300_000, 400_000, 500_000])
    paper = PaperStory(story, story.open_round(projects))
    return Committee(
        office, story, paper,
        clerk=office.staff(Role.RC_STAFF, COMMUNITY, name="李秀兰"),
        second=office.staff(Role.RC_STAFF, COMMUNITY, name="王小梅"),
        chair=office.staff(Role.RC_CHAIR, COMMUNITY, name="陈建国"),
        supervisor=office.staff(Role.SUPERVISOR, COMMUNITY, name="赵正"),
    )  # fmt: skip


def line(says: Says) -> str:
    return KEYS[says] if isinstance(says, str) else "".join(str(number) for number in says)


def usable(page: Page) -> None:
    """Nothing serious stands in anybody's way."""
    assert barriers(page) == []


def key(page: Page, suggested: Sequence[str], says: Mapping[str, Says]) -> None:
    """Key the sheets of a pile as they are suggested, one after the other; those that are not in it are passed over."""
    expect(page.get_by_label("编号", exact=True)).to_have_value(printed_serial(suggested[0]))
    for serial in suggested:
        if serial in says:
            page.keyboard.type(line(says[serial]) + "\n")
        else:
            page.keyboard.press("ArrowDown")


def hand_over(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    page.get_by_role("dialog").get_by_role("button", name="交出我的录入").click()
    expect(page.get_by_role("heading", name="两人对照")).to_be_visible()


class TestKeying:
    def test_fifty_sheets_by_two_clerks_and_a_third_look(self, office: Office) -> None:
        here = committee(office, 50)
        paper = here.paper
        batches = [paper.vote([[1]] * 46, sheets=46), paper.vote([[1]] * 4, begin=46, sheets=10)]
        paper.close()
        page = office.desk(here.clerk, f"/paper/rounds/{paper.round_id}")
        count_and_merge(page, batches)

        batch = batches[0]
        serials, (first, other) = paper.serials(batch), piles(paper.serials(batch))
        keying = f"/paper/batches/{batch}/keying"
        page.goto(f"{office.server.url}/console/#{keying}")
        first_clerk(page, serials, first)
        hand_over(page)
        expect(page.get_by_text("还有 50 张等第二个人")).to_be_visible()

        colleague = office.desk(here.second, keying)
        key(colleague, sorted(other), other)  # those another person has keyed are suggested first
        assert "项目" not in colleague.locator(".recent").inner_text()
        hand_over(colleague)
        expect(colleague.locator(".compared tbody tr")).to_have_count(3)
        expect(colleague.get_by_text("请第三个人")).to_be_visible()
        expect(colleague.locator(".compared tbody tr").first).to_contain_text("王小梅")

        third = office.desk(here.supervisor, f"/paper/batches/{batch}/comparison")
        expect(third.locator(".compared tbody tr")).to_have_count(3)
        expect(third.locator(".compared")).not_to_contain_text("项目")  # this look is blind too
        usable(third)
        third.get_by_role("link", name="我来看第三遍（3 张）").click()
        differing = {serial: says for serial, says in first.items() if says != other[serial]}
        key(third, sorted(differing), differing)
        hand_over(third)
        expect(third.get_by_text("这一批核对完毕")).to_be_visible()
        expect(third.locator(".compared")).to_contain_text("项目")
        assert paper.read(batch)["unfinished"] == []

        page.goto(f"{office.server.url}/console/#/paper/rounds/{paper.round_id}/reconciliation")
        expect(page.get_by_text("全部对上", exact=True)).to_be_visible()
        expect(page.get_by_text("空白 1 张")).to_be_visible()
        with page.expect_download() as coming:
            page.get_by_role("button", name="打印签字").click()
        assert coming.value.path().read_bytes().startswith(b"%PDF")


def count_and_merge(page: Page, batches: Sequence[str]) -> None:
    """Fifty sheets come back in two batches, of which the second is too small to be keyed by itself."""
    for number, used, unused in ((1, 46, 0), (2, 4, 5)):
        page.get_by_role("button", name=f"清点第 {number} 批").click()
        form = page.get_by_role("dialog")
        form.get_by_label("票箱内").fill(str(used))
        form.get_by_label("未发出").fill(str(unused))
        if number == 2:
            expect(form.get_by_text("少 1 张，请写明原因")).to_be_visible()
            form.get_by_label("写错换回").fill("1")
        form.get_by_role("button", name="确认交回数").click()
        expect(form).to_be_hidden()
    page.get_by_role("link", name="第 2 批").click()
    expect(page.get_by_text("不足 10 张容易看出是谁投的")).to_be_visible()
    page.get_by_role("button", name="并入其他批次").click()
    merge = page.get_by_role("dialog")
    merge.get_by_label("并入哪一批").select_option(batches[0])
    merge.get_by_role("button", name="并入其他批次").click()
    expect(page.get_by_text("已并入其他批次")).to_be_visible()


def first_clerk(page: Page, serials: Sequence[str], first: Mapping[str, Says]) -> None:
    """Twenty sheets, one of them mended; a reload; the line is lost and comes back; fifty sheets, and none is lost."""
    progress = page.locator(".keying .progress")
    key(page, serials[:23], first)
    expect(progress).to_have_text("20 / 50")
    mend_the_last(page)
    expect(page.get_by_text("待保存")).to_have_count(0)
    page.reload()
    expect(progress).to_have_text("20 / 50")
    # what was passed over before the reload is suggested again
    key(page, [*serials[:3], *serials[23:24]], first)
    page.context.set_offline(True)
    key(page, serials[24:27], first)
    expect(page.get_by_text(re.compile("网断了，可以接着录"))).to_be_visible()
    page.context.set_offline(False)
    key(page, serials[27:53], first)
    expect(progress).to_have_text("50 / 50")
    usable(page)


def piles(serials: Sequence[str]) -> tuple[dict[str, Says], dict[str, Says]]:
    """What the first and the second clerk read on the fifty used sheets of fifty-six."""
    used = serials[3:53]  # which six were not used nobody knows before
    first: dict[str, Says] = {serial: [1 + at % 5, 1 + (at + 2) % 5] for at, serial in enumerate(used)}
    first[used[7]] = "blank"
    return first, first | {used[0]: [5], used[7]: [2], used[30]: "unreadable"}


def mend_the_last(page: Page) -> None:
    """Up, look at it, something else, up again and as it was."""
    numbers = page.locator(".keying .numbers input")
    page.keyboard.press("ArrowUp")
    before = numbers.input_value()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(page.locator(".recent tbody tr").first).to_contain_text("5")
    page.keyboard.press("ArrowUp")
    page.keyboard.type(before.replace(" ", ""))
    page.keyboard.press("Enter")
    expect(page.locator(".keying .progress")).to_have_text("20 / 50")


class TestDesk:
    def test_a_door_or_a_name_and_two_keys(self, office: Office) -> None:
        here = committee(office, 6)
        batch = here.paper.batch(20)
        page = office.desk(here.clerk, f"/paper/rounds/{here.paper.round_id}/desk")
        sought = page.get_by_label("楼栋-单元-房号，或姓名")
        expect(sought).to_be_focused()
        for q, number in (("1-1-101", 1), ("居民2", 2), ("1栋0401", 3)):
            page.keyboard.type(q)
            page.keyboard.press("Enter")
            expect(page.get_by_text("按 Enter 登记")).to_be_visible()
            page.keyboard.press("Enter")
            expect(page.locator(".given strong")).to_have_text(str(number))
            expect(sought).to_have_value("")
        page.keyboard.type("1-101")
        page.keyboard.press("Enter")
        expect(page.get_by_text("已领过票")).to_be_visible()
        usable(page)
        page.keyboard.press("Enter")  # nothing happens
        page.keyboard.press("Escape")
        page.keyboard.press("Control+z")
        undo = page.get_by_role("dialog")
        undo.get_by_role("textbox").fill("点错了人")
        undo.get_by_role("button", name="撤销领票").click()
        expect(page.locator(".given strong")).to_have_text("2")
        assert here.paper.read(batch)["signed_in"] == 2


class TestSettingAside:
    def test_the_chair_proposes_and_the_supervisor_confirms(self, office: Office) -> None:
        here = committee(office, 12)
        batch = here.paper.vote([[1]] * 12)
        here.paper.close()
        ok(here.paper.give_back(batch, used=13, unused=7))
        page = office.desk(here.clerk, f"/paper/batches/{batch}")
        expect(page.get_by_text("多 1 张")).to_be_visible()
        usable(page)
        expect(page.get_by_role("button", name="提议整批搁置")).to_have_count(0)

        chair = office.desk(here.chair, f"/paper/batches/{batch}")
        chair.get_by_role("button", name="提议整批搁置").click()
        dialog = chair.get_by_role("dialog")
        dialog.get_by_role("textbox").fill("票比签名多一张，找不到原因")
        dialog.get_by_role("button", name="提议整批搁置").click()
        expect(chair.get_by_text("等居务监督确认。理由")).to_be_visible()
        expect(chair.get_by_role("button", name="确认整批搁置")).to_have_count(0)

        watching = office.desk(here.supervisor, f"/paper/batches/{batch}")
        watching.get_by_role("button", name="确认整批搁置").click()
        watching.get_by_role("dialog").get_by_role("button", name="确认整批搁置").click()
        expect(watching.get_by_text("整批搁置，不计票")).to_be_visible()
        assert here.paper.read(batch)["set_aside"] is True
        self.nothing_outside_the_matrix(here, batch)

    def nothing_outside_the_matrix(self, here: Committee, batch: str) -> None:
        """By address too: who may not is told so, and what is somebody else's is not there."""
        office, round_id = here.office, here.paper.round_id
        for actor, paths in (
            (office.staff(Role.MEDIATOR, COMMUNITY), ["/paper", f"/paper/batches/{batch}/keying"]),
            (here.supervisor, [f"/paper/rounds/{round_id}/desk"]),
        ):
            for path in paths:
                page = office.desk(actor, path)
                expect(page.get_by_role("heading", name="这里不归您办")).to_be_visible()
        page = office.desk(office.staff(Role.RC_CHAIR, NEIGHBOUR), f"/paper/batches/{batch}")
        expect(page.get_by_text("没有这批纸质选票").first).to_be_visible()
