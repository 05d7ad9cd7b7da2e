"""Money at the desk: returned and corrected, decided step by step, put off and back again, and heard of elsewhere."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from app.access.actor import Actor
from app.access.divisions import WHOLE_COUNTRY
from app.access.models import GrantRow
from app.access.roles import Role
from app.core import clock
from app.funding import tasks
from app.funding.models import FundingRequest
from app.projects import service as projects
from app.projects.rules import CostKind
from app.projects.schemas import CostItemIn
from app.worker import Worker
from tests.console.conftest import Office
from tests.inboxes import Inbox
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, ok
from tests.usable import barriers

DISTRICT = "520102000000"
ELSEWHERE = "510104000000"


@dataclass
class Money:
    """A round whose result is certified, and those who decide on its requests."""

    office: Office
    #: By place in the result.
    requests: list[str]
    street: Actor
    district: Actor
    bureau: Actor
    finance: Actor
    chair: Actor

    def page(self, who: Actor, number: int = 1, *, language: str = "zh-CN") -> Page:
        return self.office.desk(who, f"/funding/{self.requests[number - 1]}", language=language)

    def say(self, who: Actor, decision: str, number: int = 1, **facts: str | int) -> None:
        """Round the browser."""
        path = f"/api/v1/funding-requests/{self.requests[number - 1]}/decisions"
        body = {"decision": decision, **facts}
        ok(self.office.client.post(path, json=body, headers=self.office.headers(who)))


@pytest.fixture
def money(office: Office) -> Money:
    story = office.story.with_residents(6)
    projects = story.published_projects([680_000, 120_000, 900_000])
    round_id = story.open_round(projects)
    for number in range(5):
        ok(story.cast(round_id, story.resident(number), projects[:2]))
    story.finish(round_id, Worker(office.server.app.state.wiring).drain)
    ok(office.client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
    office.drain()
    street = office.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT, name="杨涛")
    listed = office.client.get(
        "/api/v1/funding-requests?order=priority", headers=office.headers(street)
    ).json()
    return Money(
        office, [item["id"] for item in listed["items"]], street,
        district=office.staff(Role.DISTRICT_OFFICER, DISTRICT, name="吴宁"),
        bureau=office.staff(Role.BUREAU_REVIEWER, DISTRICT, name="谢芳"),
        finance=office.staff(Role.FINANCE_REVIEWER, DISTRICT, name="孙立"),
        chair=office.staff(Role.RC_CHAIR, COMMUNITY, name="陈建国"),
    )  # fmt: skip


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as running:
        yield running


def act(page: Page, name: str, *, reason: str = "", label: str = "意见（可不填）", confirm: str = "") -> None:
    """One act at the top right, and its form."""
    page.get_by_role("button", name=name, exact=True).click()
    form = page.get_by_role("dialog")
    if reason:
        form.get_by_label(label).fill(reason)
    form.get_by_role("button", name=confirm or name, exact=True).click()
    expect(form).to_have_count(0)


def stands(page: Page, words: str) -> None:
    expect(page.locator("h1 .tag").first).to_have_text(words)


class TestTheChain:
    def test_returned_corrected_and_decided_by_everybody(self, money: Money) -> None:
        desk = money.office.desk(money.street, "/funding")
        expect(desk.get_by_role("button", name="街道 2")).to_have_attribute("aria-pressed", "true")
        desk.get_by_role("link", name="项目1").click()
        stands(desk, "街道审核中")
        expect(desk.locator(".chain li")).to_have_count(8)
        expect(desk.get_by_text("两套程序各数一遍")).to_be_visible()
        act(desk, "退回补正", reason="缺少施工报价。", label="缺什么、要改什么")
        stands(desk, "待居委会补正")
        expect(desk.get_by_role("button", name="受理，转区统筹办")).to_have_count(0)

        committee = money.page(money.chair)
        expect(committee.locator(".hint.warn")).to_contain_text("缺少施工报价。")
        act(
            committee, "补正并再次报送", reason="附两家报价单，工期三十天。", label="居委会的说明", confirm="再次报送"
        )  # fmt: skip
        stands(committee, "街道审核中")

        desk.reload()
        expect(desk.locator(".letters li").first).to_contain_text("附两家报价单")
        act(desk, "受理，转区统筹办")
        for who, words, after in (
            (money.district, "同意 4,760 元", "主管部门审核中"),
            (money.bureau, "同意 4,760 元", "财政部门审核中"),
            (money.finance, "同意 4,760 元", "待放行"),
        ):
            page = money.page(who)
            act(page, words, reason="同意。")
            stands(page, after)
            expect(page.locator(".acts button")).to_have_count(0)
        desk.reload()
        act(desk, "放行，可以开工")
        stands(desk, "已放行")
        expect(desk.locator(".chain li.done")).to_have_count(8)
        committee.reload()
        expect(committee.locator(".letters li")).to_have_count(8)

    def test_a_part_names_what_is_left_out_and_the_committee_takes_it(self, money: Money) -> None:
        money.say(money.street, "accepted")
        page = money.page(money.district)
        page.get_by_role("button", name="部分同意").click()
        form = page.get_by_role("dialog")
        done = form.get_by_role("button", name="部分同意")
        expect(done).to_be_disabled()
        form.get_by_label("花果园街道付").fill("1,000")
        form.get_by_label("南明区付").fill("5000")  # more than its share
        expect(form.get_by_role("status")).to_contain_text("不超过应付的金额")
        form.get_by_label("南明区付").fill("1000.5")
        expect(form.get_by_role("status")).to_contain_text("政府共付 2,000.50 元")
        form.get_by_label("不包括什么").fill("门楣")
        expect(done).to_be_disabled()
        form.get_by_label("理由（居委会要向居民说明）").fill("按集采价核减。")
        done.click()
        stands(page, "主管部门审核中")
        money.say(money.bureau, "accepted")
        page = money.page(money.finance)
        page.get_by_role("button", name="同意 2,000.50 元").click()
        form = page.get_by_role("dialog")
        expect(form.get_by_label("不包括什么")).to_have_value("门楣")
        form.get_by_label("理由（居委会要向居民说明）").fill("同意核减。")
        form.get_by_role("button", name="同意 2,000.50 元").click()
        stands(page, "待居委会答复")
        committee = money.page(money.chair)
        act(committee, "接受 2,000.50 元", reason="门楣由居民自己做。", label="差额怎么办", confirm="接受")
        stands(committee, "待放行")
        expect(committee.locator(".letters")).to_contain_text("不包括：门楣")

    def test_what_the_payer_lowered_is_not_raised_but_returned_to_them(self, money: Money) -> None:
        part = {"subdistrict_fen": 100_000, "district_fen": 190_400}
        money.say(money.street, "accepted", **part, left_out="门楣", reason="街道今年只付得起这些。")
        money.say(money.district, "accepted")
        money.say(money.bureau, "accepted")
        page = money.page(money.finance)
        total = page.get_by_role("row", name="申请总额")
        expect(total).to_have_text("申请总额6,800.00")
        expect(page.get_by_role("row", name="政府合计")).to_have_text("政府合计4,760.002,904.00")
        expect(page.get_by_role("columnheader", name="拟付（元）")).to_be_visible()
        expect(page.get_by_role("button", name="全额同意")).to_have_count(0)
        page.get_by_role("button", name="同意 2,904 元").click()
        form = page.get_by_role("dialog")
        form.get_by_label("花果园街道付").fill("1,500")
        expect(form.get_by_role("status")).to_contain_text("街道最多付 1,000 元")
        form.get_by_role("button", name="取消").click()
        page.get_by_role("button", name="退回补正", exact=True).click()
        form = page.get_by_role("dialog")
        form.get_by_label("补正以后由谁审核").select_option("there")
        expect(form).to_contain_text("由街道重新考虑核减")
        assert barriers(page) == []
        form.get_by_label("缺什么、要改什么").fill("请街道再考虑门楣。")
        form.get_by_role("button", name="退回补正", exact=True).click()
        stands(page, "待居委会补正")
        committee = money.page(money.chair)
        committee.get_by_role("button", name="补正并再次报送").click()
        expect(committee.get_by_role("dialog")).to_contain_text("转街道审核")

    def test_who_spoke_for_another_office_is_told_so(self, money: Money) -> None:
        actor = money.office.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT, name="周全")
        assert actor.account_id is not None
        with money.office.server.app.state.database.writing() as session:
            session.add(
                GrantRow(
                    account_id=actor.account_id, role=Role.DISTRICT_OFFICER, division=DISTRICT,
                    valid_from=clock.now(),
                )
            )  # fmt: skip
        money.say(actor, "accepted")
        page = money.page(actor)
        expect(page.get_by_text("您已经代表街道办理过这份申请")).to_be_visible()
        expect(page.locator(".acts button")).to_have_count(0)

    def test_costs_a_settlement_lowered_are_seen_before_a_part_is_granted(self, money: Money) -> None:
        for who in (money.street, money.district, money.bureau):
            money.say(who, "accepted")
        database = money.office.server.app.state.database
        item = CostItemIn(kind=CostKind.WORKS, description="施工，少做一段", amount_fen=500_000)
        with database.writing() as session:
            row = session.get_one(FundingRequest, uuid.UUID(money.requests[0]))
            projects.agree_costs(session, project_id=row.project_id, items=[item], by="account:x")
        money.office.drain()
        page = money.page(money.finance)
        expect(page.locator(".hint.warn")).to_contain_text("把造价改为 5,000.00 元")
        expect(page.get_by_role("row", name="施工，少做一段")).to_contain_text("改动")
        assert barriers(page) == []
        page.get_by_role("button", name="同意 3,500 元").click()
        form = page.get_by_role("dialog")
        expect(form.get_by_label("不包括什么")).to_have_value("协议减去的造价")
        expect(form.get_by_role("status")).to_contain_text("政府共付 3,500 元")
        form.get_by_label("理由（居委会要向居民说明）").fill("按协议核减。")
        form.get_by_role("button", name="同意 3,500 元").click()
        stands(page, "待居委会答复")

    def test_put_off_it_comes_back_next_year(self, money: Money) -> None:
        year = clock.today().year + 1
        money.say(money.street, "accepted")
        page = money.page(money.district)
        act(page, "明年再议", reason="今年额度已满。", label="理由（居委会要向居民说明）")
        stands(page, f"推迟到 {year} 年")
        desk = money.office.desk(money.district, "/funding")
        expect(desk.get_by_text(f"推迟到 {year} 年：1 件")).to_be_visible()
        clock.set_frozen(dt.datetime(year, 1, 1, tzinfo=clock.BEIJING).astimezone(dt.UTC))
        tasks.take_up_deferred(money.office.server.app.state.database)
        again = money.page(money.office.staff(Role.DISTRICT_OFFICER, DISTRICT, name="吴宁二"))
        stands(again, "区统筹办审核中")
        expect(again.locator(".letters li").first).to_contain_text("自动再次申请")

    def test_somebody_else_was_faster(self, money: Money) -> None:
        page = money.page(money.street)
        stands(page, "街道审核中")
        money.say(money.street, "received")
        page.get_by_role("button", name="受理，转区统筹办").click()
        form = page.get_by_role("dialog")
        form.get_by_role("button", name="受理，转区统筹办").click()
        expect(form.get_by_role("alert")).to_contain_text("内容已有更新")


class TestTheScreen:
    @pytest.mark.parametrize("language", ["zh-CN", "en"])
    def test_it_is_usable_by_everybody(self, money: Money, language: str) -> None:
        money.say(money.street, "accepted")
        money.say(money.district, "accepted", district_fen=1, left_out="门楣", reason="核减。")
        page = money.page(money.bureau, language=language)
        expect(page.locator(".chain li.now")).to_have_count(1)
        page.locator(".acts .button", has_text="部分" if language == "zh-CN" else "in part").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert barriers(page) == []


class TestWhoSeesWhat:
    def test_another_subdistrict_finds_nothing_as_if_there_were_none(self, money: Money) -> None:
        foreign = money.office.staff(Role.SUBDISTRICT_OFFICER, ELSEWHERE)
        missing = "00000000-0000-0000-0000-000000000000"
        for path in (money.requests[0], missing):
            page = money.office.desk(foreign, f"/funding/{path}")
            expect(page.get_by_role("alert")).to_contain_text("没有这份资金申请")
        neighbour = money.office.desk(money.office.staff(Role.RC_CHAIR, NEIGHBOUR), "/funding")
        expect(
            neighbour.get_by_text("还没有资金申请").or_(neighbour.get_by_text("这里现在没有申请"))
        ).to_be_visible()

    def test_the_chair_decides_nothing_and_sets_nothing(self, money: Money) -> None:
        page = money.page(money.chair)
        stands(page, "街道审核中")
        expect(page.locator(".acts button")).to_have_count(0)
        policies = money.office.desk(money.chair, "/funding/policies")
        expect(policies.get_by_text("30%")).to_be_visible()
        expect(policies.get_by_role("button", name="设定办法")).to_have_count(0)
        sent = money.office.desk(money.chair, "/funding/deliveries")
        expect(sent.get_by_role("heading", name="这里不归您办")).to_be_visible()
        monitor = money.office.staff(Role.MUNICIPAL_MONITOR, "520100000000")
        expect(money.page(monitor).get_by_role("heading", name="这里不归您办")).to_be_visible()


class TestCostPolicies:
    def test_the_district_turns_the_shares_around(self, money: Money) -> None:
        page = money.office.desk(money.district, "/funding/policies")
        page.get_by_label("适用于").select_option(SUBDISTRICT)
        page.get_by_role("button", name="设定办法").click()
        form = page.get_by_role("dialog")
        form.get_by_label("生效日期").fill(f"{clock.today().year}-01-01")
        form.get_by_label("区（占政府部分 %）").fill("60")
        expect(form.get_by_text("街道承担政府部分的 40%")).to_be_visible()
        form.get_by_label("依据文件").fill("南府办〔2026〕3 号")
        form.get_by_role("button", name="设定办法").click()
        expect(page.locator("table.list")).to_contain_text("南府办〔2026〕3 号")
        expect(page.locator(".figures")).to_contain_text("42%区")


class TestDeliveries:
    def test_what_did_not_arrive_is_sent_again(self, money: Money, inbox: Inbox) -> None:
        office = money.office
        admin = office.headers(office.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY))
        body = {"division": SUBDISTRICT, "url": inbox.url}
        ok(office.client.post("/api/v1/webhook-endpoints", json=body, headers=admin))
        inbox.answers = [404, 204]
        money.say(money.street, "received")
        office.drain()
        committee = money.page(money.chair)
        expect(committee.get_by_text("请联系花果园街道经办人重发")).to_be_visible()
        expect(committee.get_by_role("button", name="重发")).to_have_count(0)
        page = office.desk(money.street, "/funding/deliveries")
        row = page.get_by_role("row", name="项目1")
        expect(row).to_contain_text("未送达")
        assert inbox.url not in page.content()
        row.get_by_role("button", name="重发").click()
        expect(row).to_contain_text("等待送达")
        office.drain()
        page.reload()
        expect(page.get_by_role("row", name="项目1")).to_contain_text("已送达")

    def test_what_waits_for_its_next_try_is_sent_now(self, money: Money, inbox: Inbox) -> None:
        office = money.office
        admin = office.headers(office.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY))
        body = {"division": SUBDISTRICT, "url": inbox.url}
        ok(office.client.post("/api/v1/webhook-endpoints", json=body, headers=admin))
        inbox.answers = [500, 204]
        money.say(money.street, "received")
        office.drain()
        page = office.desk(money.street, "/funding/deliveries")
        row = page.get_by_role("row", name="项目1")
        expect(row).to_contain_text("等待送达")
        expect(row).to_contain_text("下次 ")
        row.get_by_role("button", name="现在发送").click()
        expect(row.get_by_role("button")).to_have_count(0)
        office.drain()
        page.reload()
        expect(page.get_by_role("row", name="项目1")).to_contain_text("已送达")
