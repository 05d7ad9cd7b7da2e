"""Owners' votes on paper: a form entered by keyboard and compared by somebody else, a proxy, and the roll."""

import json
from pathlib import Path

from playwright.sync_api import expect

from app.access.roles import Role
from app.core.signer import verifies
from app.tally.recorded import check
from tests.console.conftest import Office
from tests.recorded.estate import TENANT, THREE_FLATS, opened
from tests.story import COMMUNITY, NEIGHBOUR, ok, phone


class TestForms:
    def test_entered_by_one_and_compared_by_another(self, office: Office) -> None:
        estate = opened(office.client, office.callers)
        clerk = office.staff(Role.RC_STAFF, COMMUNITY, name="李秀兰")
        path = f"/paper/owners/{estate.round_id}"
        page = office.desk(clerk, path)
        expect(page.get_by_text("记名投票", exact=True)).to_be_visible()
        page.get_by_label("材料编号").fill("广场-007")
        door = page.get_by_label("楼栋-单元-房号，或业主姓名")
        for q, choice in (("1-1-601", "1"), ("1-701", "2")):
            door.focus()
            page.keyboard.type(q)
            page.keyboard.press("Enter")
            expect(page.get_by_text("业主：居**")).to_be_visible()
            page.keyboard.type(choice)
            page.keyboard.press("Enter")
            page.keyboard.press("Enter")
            expect(door).to_have_value("")
        rows = page.get_by_role("table").locator("tbody tr")
        expect(rows).to_have_count(2)
        expect(rows.nth(1)).to_contain_text("反对")
        expect(rows.nth(1)).to_contain_text("广场-008")
        expect(page.get_by_text("您录的，请别人核对")).to_have_count(2)

        chair = office.desk(office.staff(Role.RC_CHAIR, COMMUNITY, name="陈建国"), path)
        chair.get_by_label("1栋 1单元 0601").check()
        chair.get_by_role("button", name="对照无误，确认 1 份").click()
        expect(chair.get_by_text("已处理（1）")).to_be_visible()
        chair.get_by_role("button", name="不收").click()
        dialog = chair.get_by_role("dialog")
        dialog.get_by_role("textbox").fill("没有签名")
        dialog.get_by_role("button", name="不收").click()
        expect(chair.get_by_text("已处理（2）")).to_be_visible()
        assert estate.entry(5)["channel"] == "paper"

        page.get_by_role("link", name="委托书").click()
        expect(page.get_by_role("heading", name="录入书面委托书")).to_be_visible()
        page.get_by_label("楼栋-单元-房号，或业主姓名").fill("1-101")
        page.keyboard.press("Enter")
        expect(page.get_by_label("委托人（业主）")).to_be_enabled()
        page.get_by_label("受托人手机号").fill(phone(TENANT))
        page.get_by_label("材料编号").fill("委-1")
        page.keyboard.press("Enter")
        expect(page.get_by_text("1栋 1单元 0301")).to_be_visible()  # one owner, three flats
        chair.get_by_role("link", name="委托书").click()
        chair.get_by_role("button", name="对照无误", exact=True).click()
        expect(chair.get_by_text("有效", exact=True)).to_be_visible()
        chair.get_by_role("link", name="业主名册").click()
        expect(chair.get_by_text("套已表决")).to_be_visible()
        chair.get_by_label("楼栋-单元-房号，或业主姓名").fill("1-601")
        chair.get_by_role("button", name="查找").click()
        expect(chair.get_by_role("table").locator("tbody tr")).to_have_count(1)
        expect(chair.get_by_role("table")).to_contain_text("书面")
        assert len(estate.entry(THREE_FLATS)["owners"]) == 1

        self.nothing_outside_the_matrix(office, path)

    def nothing_outside_the_matrix(self, office: Office, path: str) -> None:
        """A supervisor reads and enters nothing; a mediator and another community see nothing."""
        watching = office.desk(office.staff(Role.SUPERVISOR, COMMUNITY), path)
        expect(watching.get_by_text("已处理（2）")).to_be_visible()
        expect(watching.get_by_text("录入书面表决票")).to_have_count(0)
        page = office.desk(office.staff(Role.MEDIATOR, COMMUNITY), path)
        expect(page.get_by_role("heading", name="这里不归您办")).to_be_visible()
        page = office.desk(office.staff(Role.RC_CHAIR, NEIGHBOUR), path)
        expect(page.get_by_role("alert").first).to_be_visible()


class TestDoors:
    def test_a_clerk_goes_to_those_who_have_not_answered(self, office: Office) -> None:
        estate = opened(office.client, office.callers)
        ok(estate.vote(THREE_FLATS, "against"))
        page = office.desk(office.staff(Role.RC_STAFF, COMMUNITY), f"/paper/owners/{estate.round_id}")
        page.get_by_role("link", name="上门名单").click()
        expect(page.get_by_text("未敲 17 · 已访 0 · 拒访 0 · 无人 0")).to_be_visible()
        expect(page.get_by_text("住的不是业主的，请转告业主")).to_be_visible()
        expect(page.get_by_role("group", name="0101 室的上门结果")).to_have_count(0)
        door = page.get_by_role("group", name="0601 室的上门结果")
        door.get_by_role("button", name="拒访").click()
        expect(page.get_by_text("未敲 16 · 已访 0 · 拒访 1 · 无人 0")).to_be_visible()
        with page.expect_download() as coming:
            page.get_by_role("button", name="打印上门名单（1栋）").click()
        assert coming.value.suggested_filename == "上门名单-1栋.pdf"
        for word in ("同意", "反对", "弃权"):
            expect(page.get_by_role("main").get_by_text(word)).to_have_count(0)

        estate.close()
        page.reload()
        expect(page.get_by_text("上门名单只在投票进行中使用")).to_be_visible()
        path = f"/rounds/{estate.round_id}/doors"
        watching = office.desk(office.staff(Role.SUPERVISOR, COMMUNITY), path)
        expect(watching.get_by_role("heading", name="这里不归您办")).to_be_visible()


class TestDecision:
    def test_the_record_of_all_votes_wants_a_reason(self, office: Office) -> None:
        estate = opened(office.client, office.callers)
        ok(estate.vote(5, "for"))
        estate.close()
        office.drain()
        path = f"/results/{estate.round_id}"
        chair = office.desk(office.staff(Role.RC_CHAIR, COMMUNITY), path)
        chair.get_by_role("button", name="全部表决记录").click()
        dialog = chair.get_by_role("dialog")
        expect(dialog).to_contain_text("居务监督和审计可以查")
        dialog.get_by_role("textbox").fill("法院来函调取")
        with chair.expect_download() as coming:
            dialog.get_by_role("button", name="导出表决记录").click()
        told = json.loads(Path(coming.value.path()).read_text(encoding="utf-8"))
        assert check(told, verifies=verifies).valid is False
        neighbour = office.desk(office.staff(Role.RC_CHAIR, NEIGHBOUR), path)
        expect(neighbour.get_by_text("是否同意动用维修资金")).to_be_visible()
        expect(neighbour.get_by_role("button", name="全部表决记录")).to_have_count(0)
