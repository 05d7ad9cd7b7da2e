"""Administrators give a role together, somebody sets up a second factor, an auditor proves the record."""

import datetime as dt
import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Page, expect

from app.access import service as access
from app.access.actor import Actor
from app.access.divisions import WHOLE_COUNTRY
from app.access.roles import Role
from app.audit.tags import Tag
from app.core import clock
from tests.access import forge
from tests.callers import Authenticator
from tests.conftest import REPOSITORY
from tests.console.conftest import DESKTOP, Office
from tests.story import COMMUNITY, NEIGHBOUR, ok, refused

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


def later(**interval: float) -> None:
    clock.set_frozen(clock.now() + dt.timedelta(**interval))


def heading(page: Page, text: str) -> None:
    expect(page.locator("#heading")).to_contain_text(text)


def stranger(office: Office, path: str) -> Page:
    """A browser of somebody who is not signed in."""
    context = office.chromium.new_context(viewport=DESKTOP, locale="zh-CN")
    office.opened.append(context)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{office.server.url}/console/#{path}")
    return page


def with_password(office: Office, actor: Actor) -> str:
    """A password for somebody, and the name that goes with it."""
    with office.callers.database.writing() as session:
        assert actor.account_id is not None
        account = access.account_of(session, actor.account_id)
        assert account is not None
        access.redeem_link(session, link=access.new_link(session, account=account), password=PASSWORD)
        return str(account.name)


def sign_in(page: Page, name: str, code: str | None = None) -> None:
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    if code is not None:
        page.get_by_label("动态码").fill(code)
        page.get_by_role("button", name="登录").click()


class TestTwoAdministrators:
    def test_one_proposes_a_role_another_confirms_it_and_one_ends_it(self, office: Office) -> None:
        first = office.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY)
        second = office.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY)
        page = office.desk(first, "/accounts")
        page.get_by_role("button", name="新建账号").click()
        page.get_by_label("姓名").fill("审计 孟涛")
        page.get_by_label("登录名").last.fill("meng.tao")
        page.get_by_role("button", name="建账号", exact=True).click()
        link = page.get_by_label("一次性链接", exact=True).input_value()
        page.get_by_role("button", name="关闭", exact=True).last.click()
        heading(page, "审计 孟涛")
        page.get_by_role("button", name="提出授权").click()
        page.get_by_label("角色").select_option("auditor")
        tree = page.get_by_role("tree", name="选择区划")
        tree.get_by_text("贵州省").click()
        page.get_by_role("button", name="提出", exact=True).click()
        expect(page.get_by_text("等另一位管理员", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("^确认"))).to_have_count(0)

        other = office.desk(second, "/accounts")
        other.get_by_role("button", name=re.compile("^确认：审计 孟涛")).click()
        expect(other.get_by_text("没有等待确认的事项。")).to_be_visible()
        expect(other.get_by_role("row", name=re.compile("孟涛"))).to_contain_text("审计 贵州省")

        theirs = stranger(office, link.partition("/console/#")[2])
        theirs.get_by_label("新密码").fill(PASSWORD)
        theirs.get_by_label("再输一遍").fill(PASSWORD)
        theirs.get_by_role("button", name="保存密码").click()
        # half of it is with the other administrator, who is not shown the link
        expect(page.get_by_text("还差另一位管理员的确认码")).to_be_visible()
        expect(page.get_by_role("button", name="给出确认码")).to_have_count(0)
        other.get_by_role("link", name="审计 孟涛").click()
        other.get_by_role("button", name="给出确认码").click()
        other.get_by_role("dialog").get_by_role("button", name="给出确认码").click()
        code = other.get_by_label("链接确认码", exact=True).input_value()
        theirs.get_by_label("链接确认码").fill("7K3QF-9XW2M")
        theirs.get_by_role("button", name="保存密码").click()
        expect(theirs.get_by_role("alert")).to_contain_text("链接确认码不对")
        theirs.get_by_label("链接确认码").fill(code.lower())
        theirs.get_by_role("button", name="保存密码").click()
        theirs.get_by_role("link", name="去登录").click()
        sign_in(theirs, "meng.tao")
        expect(theirs.get_by_role("link", name="操作日志")).to_be_visible()
        expect(theirs.get_by_role("link", name="账号与权限")).to_have_count(0)

        page.reload()
        page.get_by_role("button", name="收回授权：审计").click()
        page.get_by_role("button", name="收回", exact=True).last.click()
        expect(page.get_by_text("还没有授权")).to_be_visible()

    def test_a_government_s_system_is_registered_by_both(self, office: Office) -> None:
        first = office.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY)
        second = office.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY)
        page = office.desk(first, "/platforms")
        page.get_by_role("button", name="登记系统").click()
        page.get_by_label("系统名").fill("guiyang-street")
        tree = page.get_by_role("tree", name="选择区划")
        tree.get_by_text("贵州省").click()
        page.get_by_label("读取资金申请").check()
        page.get_by_label("公钥（PEM，P-256）").fill(
            forge.public_pem(ec.generate_private_key(ec.SECP256R1()))
        )
        page.get_by_role("button", name="登记", exact=True).click()
        expect(page.get_by_role("row", name=re.compile("guiyang-street")).last).to_contain_text("等待确认")
        page.get_by_role("button", name="登记地址").click()
        tree = page.get_by_role("tree", name="选择区划")
        tree.get_by_text("贵州省").click()
        page.get_by_label("网址").fill("http://127.0.0.1:9/messages")
        page.get_by_role("button", name="登记", exact=True).click()
        assert page.get_by_label("核对签名用的密钥").input_value().startswith("whpk_")
        page.get_by_role("button", name="关闭", exact=True).last.click()
        page.get_by_role("link", name="http://127.0.0.1:9/messages").click()
        expect(page.get_by_text("没有消息。")).to_be_visible()

        other = office.desk(second, "/platforms")
        other.get_by_role("button", name=re.compile("^确认：guiyang-street")).click()
        expect(other.get_by_role("row", name=re.compile("guiyang-street")).last).to_contain_text(
            "读取资金申请 贵州省"
        )


class TestSecondFactor:
    def test_set_up_asked_for_at_the_door_and_before_a_dangerous_act(self, office: Office) -> None:
        clock.set_frozen(clock.now())
        name = with_password(office, office.staff(Role.RC_CHAIR, COMMUNITY))
        page = stranger(office, "/sign-in")
        sign_in(page, name)
        page.get_by_role("link", name="我的账号").click()
        page.get_by_role("link", name="绑定身份验证器").click()
        page.get_by_role("button", name="已经准备好").click()
        assert page.get_by_alt_text("给身份验证器扫描的二维码").evaluate("image => image.naturalWidth") > 100
        page.get_by_role("button", name="扫不了？手工输入").click()
        app = Authenticator(page.locator(".secret").inner_text().replace(" ", ""), [])
        page.get_by_label("验证器显示的六位数字").fill("000000")
        page.get_by_role("button", name="确认", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("动态码不对")
        page.get_by_label("验证器显示的六位数字").fill(app.code())
        page.get_by_role("button", name="确认", exact=True).click()
        expect(page.locator(".codes li")).to_have_count(10)
        kept = page.locator(".codes li").all_inner_texts()
        page.get_by_label("我已经打印或保存好").check()
        page.get_by_role("button", name="完成，进入工作台").click()

        page.get_by_role("button", name="退出").click()
        later(seconds=30)
        sign_in(page, name, "000000")
        expect(page.get_by_role("alert")).to_contain_text("动态码不对")
        page.get_by_label("动态码").fill(app.code())
        page.get_by_role("button", name="登录").click()
        page.get_by_role("link", name="我的账号").click()

        later(minutes=6)
        page.get_by_role("button", name="重新生成备用码").click()
        page.get_by_role("button", name="重新生成备用码").last.click()
        dialog = page.get_by_role("dialog", name="请再确认一次")
        dialog.get_by_label("动态码").fill(app.code())
        dialog.get_by_role("button", name="确认").click()
        expect(page.locator(".codes li")).to_have_count(10)
        fresh = page.locator(".codes li").all_inner_texts()
        assert not set(fresh) & set(kept)

        page.get_by_role("button", name="退出").click()
        sign_in(page, name)
        page.get_by_role("button", name="手机不在身边，用备用码").click()
        page.get_by_label("备用码").fill(kept[0])
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("alert")).to_contain_text("动态码不对")
        page.get_by_label("备用码").fill(fresh[0])
        page.get_by_role("button", name="登录").click()
        elsewhere = {"name": name, "password": PASSWORD, "code": fresh[1]}
        ok(office.client.post("/api/v1/auth/tokens", json=elsewhere))
        page.get_by_role("link", name="我的账号").click()
        expect(page.get_by_text("还剩 8 个")).to_be_visible()
        page.get_by_role("button", name="退出其他全部设备").click()
        expect(page.get_by_role("row")).to_have_count(2)


class TestAuditor:
    def test_searches_and_verifies_the_record(self, office: Office) -> None:
        story = office.story
        [project] = story.published_projects([1_000])
        page = office.desk(office.staff(Role.AUDITOR, COMMUNITY, name="guo.ping"), "/audit")
        page.get_by_label("事项").select_option("project:published")
        page.get_by_role("button", name="查找").click()
        expect(page.locator("table.list tbody tr")).to_have_count(1)
        page.locator("tbody").get_by_role("button", name=re.compile("^项目 ")).click()
        page.get_by_label("事项").select_option("")
        page.get_by_role("button", name="查找").click()
        expect(page.locator("table.list tbody tr")).to_have_count(2)
        page.get_by_role("button", name=re.compile("^查看第")).first.click()
        expect(page.locator("tr.more")).to_contain_text(f"project:{project}")
        page.get_by_role("button", name="核对全部记录").click()
        expect(page.get_by_role("status").filter(has_text="完整")).to_contain_text("1 个区划")

        with office.callers.database.writing() as session:
            session.connection().exec_driver_sql(
                "UPDATE audit_entry SET actor = 'somebody' WHERE tag = 'project:published'"
            )
        page.get_by_role("button", name="核对全部记录").click()
        expect(page.get_by_role("status").filter(has_text="不完整")).to_be_visible()

    def test_sees_nothing_outside_the_matrix_by_address(self, office: Office) -> None:
        auditor = office.staff(Role.AUDITOR, COMMUNITY)
        for path in ("/accounts", "/platforms", f"/accounts/{auditor.account_id}"):
            heading(office.desk(auditor, path), "这里不归您办")
        headers = office.headers(auditor)
        for address in ("accounts", "account-proposals", "platform-clients", "webhook-endpoints"):
            refused(office.client.get(f"/api/v1/{address}", headers=headers), 403, "not_allowed")
        refused(
            office.client.get(f"/api/v1/audit/{NEIGHBOUR}/entries", headers=headers), 404, "account_not_found"
        )
        clerk = office.staff(Role.RC_STAFF, COMMUNITY)
        heading(office.desk(clerk, "/audit"), "这里不归您办")
        refused(
            office.client.get("/api/v1/audit/verification", headers=office.headers(clerk)), 403, "not_allowed"
        )
        ok(office.client.get("/api/v1/audit/tags", headers=headers))


def test_every_kind_of_entry_has_its_words() -> None:
    for language in ("zh-CN", "en"):
        words = json.loads(
            (REPOSITORY / f"frontend/console/src/areas/audit/words.{language}.json").read_text()
        )
        wanted = {key for tag in Tag for key in zip(("noun", "act"), tag.value.split(":"), strict=True)}
        assert {f"{kind}_{word}" for kind, word in wanted} <= words.keys()
