"""An objection at the desk: the officer assigns, the mediator is kept from the door at night, the costs change."""

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.access.actor import Actor
from app.access.models import Account
from app.access.roles import Role
from app.core import clock
from tests.browser.screens import keep, phone
from tests.console.conftest import Office
from tests.objection_story import WORDS, Case, a_case
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, ok
from tests.usable import barriers

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
#: Ten in the morning in Beijing.
TEN = clock.now().astimezone(clock.BEIJING).replace(hour=10, minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with clock.frozen(TEN.astimezone(dt.UTC)):
        yield


@pytest.fixture
def case(office: Office) -> Case:
    """Filed four days ago."""
    with clock.frozen((TEN - 4 * DAY).astimezone(dt.UTC)):
        return a_case(office.client, office.callers)


@pytest.fixture
def officer(office: Office) -> Actor:
    return office.staff(Role.OBJECTION_OFFICER, SUBDISTRICT, name="专员 何静")


def sit_down(office: Office, actor: Actor, path: str) -> Page:
    """A desk of somebody who has just signed in."""
    return office.desk(actor, path)


def look(page: Page, why: str) -> None:
    page.get_by_label("查看理由").fill(why)
    page.get_by_role("button", name="打开", exact=True).click()
    page.locator(".letters").wait_for()


def serious(page: Page) -> list[str]:
    """What axe finds on the page once no dialog lies on it; what is said in passing fades beside it."""
    expect(page.locator(".el-overlay:visible")).to_have_count(0)
    return barriers(page, within="#main")


def mediator(office: Office, case: Case) -> Actor:
    with office.callers.database.writing() as session:
        account = session.get(Account, case.mediator_id)
        assert account is not None
        return office.callers._actor(session, account)


class TestJourney:
    def test_from_the_officer_over_the_mediator_to_new_costs(
        self, office: Office, case: Case, officer: Actor
    ) -> None:
        page = sit_down(office, officer, "/objections")
        expect(page.locator("table.cases")).not_to_contain_text("居民3")
        page.get_by_role("link", name="打开：项目1").click()
        look(page, "安排调解员")
        expect(page.locator(".letters")).to_contain_text(WORDS)
        page.get_by_role("button", name="安排调解员").click()
        page.get_by_label("调解员 周敏").check()
        page.get_by_role("dialog").get_by_role("button", name="安排调解员").click()
        expect(page.locator("#heading")).to_contain_text("待联系")
        assert serious(page) == []

        evening = TEN + 10 * HOUR
        with clock.frozen((evening - MINUTE).astimezone(dt.UTC)):
            page = sit_down(office, mediator(office, case), f"/objections/{case.id}")
            look(page, "联系前了解情况")
            page.get_by_label("为什么联系，谈了什么").fill("去看看现场")
        with clock.frozen(evening.astimezone(dt.UTC)):  # eight, while the form was being filled in
            page.get_by_role("button", name="登记联系").click()
            expect(page.locator(".next [role=alert]")).to_contain_text("20 点到早上 8 点不联系住户")

        page = sit_down(office, mediator(office, case), f"/objections/{case.id}")
        look(page, "联系前了解情况")
        for words in ("打电话问了情况", "又打了一次"):
            page.locator(".next").get_by_label("为什么联系，谈了什么").fill(words)
            page.get_by_role("button", name="登记联系").click()
            expect(page.locator(".letters")).to_contain_text(words)
        # two in two weeks are enough: a third and a fourth are refused by the page, and by the service
        page.get_by_role("button", name="联系住户").click()
        expect(page.locator(".next .hint")).to_contain_text("14 天里最多联系 2 次")
        expect(page.get_by_role("button", name="登记联系")).to_have_count(0)  # nobody writes in vain
        for _ in range(2):
            answer = case.write("contact", channel="visit")
            assert (answer.status_code, answer.json()["code"]) == (409, "too_many_contacts")
        assert serious(page) == []

    def test_an_offer_changes_the_costs_when_the_household_accepts_it_on_its_phone(
        self, office: Office, case: Case
    ) -> None:
        assert case.assign(by=case.officer_now()).status_code == 204
        page = sit_down(office, mediator(office, case), f"/objections/{case.id}")
        look(page, "准备提方案")
        page.get_by_role("button", name="提方案", exact=True).click()
        page.get_by_label("方案内容").fill("灯杆南移 8 米，灯罩朝下。")
        page.get_by_label("方案要改变项目费用").check()
        page.get_by_label("第 1 项改后的金额，元").fill("5200")
        page.get_by_role("button", name="加一项").click()
        page.get_by_label("第 2 项的名称").fill("灯罩")
        page.get_by_label("第 2 项改后的金额，元").fill("300")
        expect(page.locator(".costs-edit")).to_contain_text("增加 500.00 元")
        assert serious(page) == []
        page.get_by_role("button", name="提出方案").click()
        expect(page.locator(".sides")).to_contain_text("5,500.00")
        expect(page.locator(".sides")).to_contain_text(WORDS)  # both sides beside each other

        with phone(office.chromium) as at_home:
            token = case.home()["Authorization"].removeprefix("Bearer ")
            at_home.goto(f"{office.server.url}/app/icon.svg")
            keep(
                at_home, community=COMMUNITY,
                session={"access": token, "refresh": None, "until": 4_102_444_800_000, "who": "household"},
            )  # fmt: skip
            at_home.goto(f"{office.server.url}/app/#/objection/{case.id}")
            at_home.get_by_role("button", name="看方案一").tap()
            sheet = at_home.get_by_role("dialog")
            expect(sheet.locator(".costs")).to_contain_text("灯罩")
            expect(sheet.locator(".costs")).to_contain_text("5,000 元 5,200 元")
            sheet.get_by_role("button", name="接受这个方案").tap()
            expect(sheet).to_contain_text("项目费用也会照这个方案修改")
            sheet.get_by_label("还有要说的吗").fill("晚上十点以后关灯。")
            sheet.get_by_role("button", name="确定接受").tap()
            expect(at_home.locator("#app").get_by_text("已达成协议")).to_be_visible()
        items = ok(office.client.get(f"/api/v1/projects/{case.project}"))["cost_items"]
        assert [each["amount_fen"] for each in items] == [520_000, 30_000]
        # how it ended the mediator still reads in the list; the case itself is closed to them
        page = sit_down(office, mediator(office, case), "/objections?show=ended")
        expect(page.locator("table.cases")).to_contain_text("已达成协议")
        expect(page.locator("table.cases")).to_contain_text("已结束，不再打开")
        page = sit_down(office, office.staff(Role.OBJECTION_OFFICER, SUBDISTRICT), f"/objections/{case.id}")
        look(page, "看看协议内容")
        expect(page.locator(".sides")).to_contain_text("晚上十点以后关灯。")
        expect(page.locator("#heading")).to_contain_text("已达成协议")


class TestVolunteer:
    def test_sees_the_one_case_after_the_household_has_accepted(
        self, office: Office, case: Case, officer: Actor
    ) -> None:
        case.volunteer(8)
        assert case.assign(by=case.officer_now()).status_code == 204
        page = sit_down(office, officer, f"/objections/{case.id}")
        look(page, "推荐志愿者")
        page.get_by_role("button", name="推荐志愿者").click()
        page.get_by_label("居民8").check()
        page.get_by_role("button", name="推荐给住户").click()
        expect(page.locator("#main")).to_contain_text("居民8（1栋），等住户答复")

        def helping() -> list[str]:
            token = case.story.resident(8)
            return [
                each["id"] for each in ok(office.client.get("/api/v1/objections", headers=token))["items"]
            ]

        with phone(office.chromium) as neighbour:
            token = case.story.resident(8)["Authorization"].removeprefix("Bearer ")
            neighbour.goto(f"{office.server.url}/app/icon.svg")
            keep(
                neighbour, community=COMMUNITY,
                session={"access": token, "refresh": None, "until": 4_102_444_800_000, "who": "neighbour"},
            )  # fmt: skip
            neighbour.goto(f"{office.server.url}/app/#/volunteer/{case.id}")
            neighbour.get_by_label("为什么要看").fill("听说了，想看看")
            neighbour.get_by_role("button", name="打开").tap()
            expect(neighbour.get_by_role("alert")).to_contain_text("没有这份异议")
            assert helping() == []
            ok(case.post("accept-volunteer", case.home()))
            neighbour.get_by_role("button", name="打开").tap()
            expect(neighbour.locator("#app")).to_contain_text(WORDS)
            assert helping() == [case.id]
            neighbour.goto(f"{office.server.url}/app/#/volunteer")
            expect(neighbour.locator("#app")).to_contain_text("请我帮忙的事")
        assert [each["purpose"] for each in case.mine()["views"]][-1] == "听说了，想看看"


class TestOthers:
    @pytest.mark.parametrize("role", [Role.RC_CHAIR, Role.RC_STAFF])
    def test_have_figures_and_no_case_by_any_address(self, office: Office, case: Case, role: Role) -> None:
        page = sit_down(office, office.staff(role, COMMUNITY), "/objections")
        expect(page.locator("#main")).to_contain_text("太少，不显示")
        expect(page.locator("#main")).not_to_contain_text("项目1")
        page.goto(f"{office.server.url}/console/#/objections/{case.id}")
        expect(page.locator("#heading")).to_contain_text("这里不归您办")
        assert WORDS not in page.content()

    def test_a_mediator_of_another_place_is_told_there_is_none(self, office: Office, case: Case) -> None:
        page = sit_down(office, office.staff(Role.MEDIATOR, NEIGHBOUR), f"/objections/{case.id}")
        page.get_by_label("查看理由").fill("随便看看")
        page.get_by_role("button", name="打开", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("没有这份异议")
