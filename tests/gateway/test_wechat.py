"""The client against a server that answers as WeChat does, over a real socket."""

import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.access.errors import (
    PhoneMalformed,
    WeChatBlocked,
    WeChatBusy,
    WeChatCodeInvalid,
    WeChatQuotaSpent,
    WeChatTooOften,
    WeChatUnavailable,
)
from app.access.ports import NotSubscribed, WeChat
from app.core.config import WeChatTemplate
from app.core.errors import DomainError
from app.demo.wechat import StandIn, make_stand_in
from app.gateway import wechat as gateway
from app.gateway.wechat import DevelopmentWeChat, HttpWeChat, NoWeChat
from app.gateway.wechat_rules import TextVerdict, subscribe_fields
from app.notices.ports import WeChatMessages
from app.outbox.service import Refused
from tests.servers import Server

SECRET = "a-secret-nobody-may-read"
LOGIN = "/sns/jscode2session"
TOKEN = "/cgi-bin/stable_token"
PHONE = "/wxa/business/getuserphonenumber"
SEND = "/cgi-bin/message/subscribe/send"
TEMPLATE = "tmpl-result"
TEMPLATES = {"result": WeChatTemplate(id=TEMPLATE, fields={"thing1": "title", "time2": "time"})}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[StandIn, str]]:
    state = StandIn(secret=SECRET)
    with Server(make_stand_in(state)) as server:
        yield state, server.url


@pytest.fixture
def stand_in(served: tuple[StandIn, str]) -> StandIn:
    served[0].calls.clear()
    served[0].messages.clear()
    return served[0]


@pytest.fixture
def wechat(served: tuple[StandIn, str]) -> Iterator[HttpWeChat]:
    client = HttpWeChat(base_url=served[1], app_id=StandIn.app_id, secret=SECRET, templates=TEMPLATES)
    yield client
    client.close()


@pytest.fixture
def mute() -> Iterator[str]:
    """Takes every call and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=32) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def send(client: WeChatMessages, openid: str = "o-wang", **changes: str) -> None:
    fields = {"title": "2026 年社区微更新", "time": "2026年12月1日 09:00"} | changes
    client.send_subscribe_message(openid=openid, template="result", page="/result/7f3k", fields=fields)


def for_access(each: WeChat) -> WeChat:
    return each


def for_notices(each: WeChatMessages) -> WeChatMessages:
    return each


class TestPorts:
    def test_each_gateway_is_both_ports(self, wechat: HttpWeChat) -> None:
        """The types say it; mypy reads them."""
        for each in (wechat, NoWeChat(), DevelopmentWeChat()):
            ports: list[object] = [for_access(each), for_notices(each)]
            assert ports == [each, each]


class TestIdentity:
    def test_the_openid_shows_success_and_no_errcode_does(
        self, stand_in: StandIn, wechat: HttpWeChat
    ) -> None:
        found = wechat.identity(stand_in.login_code("o-wang", unionid="u-wang"))
        assert (found.openid, found.unionid) == ("o-wang", "u-wang")
        assert wechat.identity(stand_in.login_code("o-li")).unionid is None
        assert TOKEN not in stand_in.calls

    def test_the_documented_example_with_errcode_0_is_success_too(
        self, stand_in: StandIn, wechat: HttpWeChat
    ) -> None:
        stand_in.fail(LOGIN, body='{"openid":"o-x","session_key":"k==","errcode":0,"errmsg":"ok"}')
        assert wechat.identity("any").openid == "o-x"

    def test_an_errcode_0_without_an_openid_is_none(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        stand_in.fail(LOGIN, body='{"errcode":0,"errmsg":"ok"}')
        with pytest.raises(WeChatUnavailable):
            wechat.identity("any")

    def test_a_code_works_once_and_for_five_minutes(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        code, late = stand_in.login_code("o-wang"), stand_in.login_code("o-wang")
        wechat.identity(code)
        for wrong in (code, "no-such-code"):
            with pytest.raises(WeChatCodeInvalid):
                wechat.identity(wrong)
        stand_in.ahead += 301
        with pytest.raises(WeChatCodeInvalid):
            wechat.identity(late)

    @pytest.mark.parametrize(
        ("errcode", "error", "wait"),
        [
            (-1, WeChatBusy, 5), (45011, WeChatTooOften, 60), (45009, WeChatQuotaSpent, 3600),
            (40226, WeChatBlocked, None), (40013, WeChatUnavailable, 3600), (40125, WeChatUnavailable, 3600),
            (99999, WeChatUnavailable, 3600),
        ],
    )  # fmt: skip
    def test_what_error_codes_mean(
        self, stand_in: StandIn, wechat: HttpWeChat, errcode: int, error: type[DomainError], wait: int | None
    ) -> None:
        stand_in.fail(LOGIN, errcode=errcode)
        with pytest.raises(error) as raised:
            wechat.identity("any")
        assert raised.value.facts.get("retry_after") == wait

    def test_a_wrong_secret_is_our_mistake_and_not_the_residents(self, served: tuple[StandIn, str]) -> None:
        wrong = HttpWeChat(base_url=served[1], app_id=StandIn.app_id, secret="wrong")
        with pytest.raises(WeChatUnavailable):
            wrong.identity(served[0].login_code("o-wang"))
        wrong.close()

    @pytest.mark.parametrize("how", [{"status": 502}, {"body": "<html>"}, {"body": "[1]"}, {"status": 302}])
    def test_an_answer_that_says_nothing_is_busy(
        self, stand_in: StandIn, wechat: HttpWeChat, how: dict[str, Any]
    ) -> None:
        stand_in.fail(LOGIN, **how)
        with pytest.raises(WeChatBusy):
            wechat.identity("any")

    def test_silence_ends_after_a_while(
        self, stand_in: StandIn, wechat: HttpWeChat, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gateway, "TIMEOUT_SECONDS", 0.2)
        stand_in.fail(LOGIN, silent=0.6)
        with pytest.raises(WeChatBusy):
            wechat.identity("any")

    def test_nobody_there_is_busy_and_the_secret_stays_secret(self, caplog: pytest.LogCaptureFixture) -> None:
        nowhere = HttpWeChat(base_url="http://127.0.0.1:9", app_id="wx1", secret=SECRET)
        with caplog.at_level(logging.DEBUG), pytest.raises(WeChatBusy) as raised:
            nowhere.identity("a-code-nobody-may-read")
        assert raised.value.__cause__ is None
        assert raised.value.__suppress_context__
        assert SECRET not in caplog.text + repr(raised.value)
        nowhere.close()

    def test_neither_secret_nor_code_nor_person_is_written_down(
        self,
        stand_in: StandIn,
        wechat: HttpWeChat,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        code = stand_in.login_code("o-wang-in-person")
        with caplog.at_level(logging.INFO):
            wechat.identity(code)
            stand_in.fail(LOGIN, errcode=40013)
            with pytest.raises(WeChatUnavailable):
                wechat.identity(code)
        written = caplog.text + "".join(capfd.readouterr())
        assert "WeChat refuses us" in written
        assert not [each for each in (SECRET, code, "o-wang-in-person", "session_key") if each in written]

    def test_when_wechat_is_slow_others_are_told_so_at_once(
        self, stand_in: StandIn, wechat: HttpWeChat
    ) -> None:
        stand_in.fail(LOGIN, times=gateway.CALLS_AT_ONCE, silent=0.5, errcode=-1)
        with ThreadPoolExecutor(gateway.CALLS_AT_ONCE) as pool:
            waiting = [pool.submit(wechat.identity, "any") for _ in range(gateway.CALLS_AT_ONCE)]
            while len(stand_in.calls) < gateway.CALLS_AT_ONCE:
                pass
            with pytest.raises(WeChatBusy):
                wechat.identity("one more")
            assert len(stand_in.calls) == gateway.CALLS_AT_ONCE
            assert [type(each.exception()) for each in waiting] == [WeChatBusy] * gateway.CALLS_AT_ONCE
        assert wechat.identity(stand_in.login_code("o-wang")).openid == "o-wang"


class TestToken:
    def test_one_token_serves_many_calls(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        for number in ("13900000001", "13900000002"):
            assert wechat.phone(stand_in.phone_code(number)) == number
        assert stand_in.calls == [TOKEN, PHONE, PHONE]

    def test_a_dead_one_is_replaced_once(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        wechat.phone(stand_in.phone_code("13900000001"))
        stand_in.end_token()
        stand_in.calls.clear()
        assert wechat.phone(stand_in.phone_code("13900000002")) == "13900000002"
        assert stand_in.calls == [PHONE, TOKEN, PHONE]

    def test_and_only_once(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        stand_in.fail(PHONE, times=3, errcode=40001)
        with pytest.raises(WeChatUnavailable):
            wechat.phone(stand_in.phone_code("13900000001"))
        assert stand_in.calls == [TOKEN, PHONE, TOKEN, PHONE]
        stand_in._failures.clear()

    def test_it_is_asked_anew_before_it_is_old(
        self, stand_in: StandIn, wechat: HttpWeChat, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stand_in.end_token()
        wechat.phone(stand_in.phone_code("13900000001"))
        real = time.monotonic
        monkeypatch.setattr(time, "monotonic", lambda: real() + 7200 - 59)
        wechat.phone(stand_in.phone_code("13900000002"))
        assert stand_in.calls == [TOKEN, PHONE, TOKEN, PHONE]

    def test_when_wechat_is_mute_nobody_waits_for_those_before(
        self, mute: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Twelve people: one asks, seven wait as long as one call may take, four are told at once."""
        monkeypatch.setattr(gateway, "TIMEOUT_SECONDS", 1)
        client = HttpWeChat(base_url=mute, app_id="wx1", secret=SECRET)
        began = time.monotonic()

        def ask(_: int) -> float:
            with pytest.raises(WeChatBusy):
                client.phone("any")
            return time.monotonic() - began

        with ThreadPoolExecutor(12) as pool:
            waited = sorted(pool.map(ask, range(12)))
        assert waited[3] < 1
        assert waited[-1] < 4  # together, and not one behind the other
        again = time.monotonic()
        with pytest.raises(WeChatBusy):
            client.phone("any")
        assert time.monotonic() - again < 1
        client.close()

    def test_after_a_pause_it_is_asked_for_again(
        self, stand_in: StandIn, wechat: HttpWeChat, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = stand_in.phone_code("13900000001")
        stand_in.fail(TOKEN, errcode=-1)
        for _ in range(3):
            with pytest.raises(WeChatBusy):
                wechat.phone(code)
        assert stand_in.calls == [TOKEN]
        real = time.monotonic
        monkeypatch.setattr(time, "monotonic", lambda: real() + gateway.TOKEN_PAUSE_SECONDS)
        assert wechat.phone(code) == "13900000001"

    def test_many_threads_ask_for_it_once(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        numbers = [f"1390000000{n}" for n in range(4)]
        codes = [stand_in.phone_code(each) for each in numbers]
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(wechat.phone, codes)) == numbers
        assert stand_in.calls.count(TOKEN) == 1


class TestPhone:
    def test_a_code_works_once(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        code = stand_in.phone_code("13900000001")
        assert wechat.phone(code) == "13900000001"
        for wrong in (code, "unknown"):
            with pytest.raises(WeChatCodeInvalid):
                wechat.phone(wrong)

    @pytest.mark.parametrize(("number", "country"), [("13900000001", "1"), ("2025550123", "86"), ("", "86")])
    def test_another_country_is_no_mainland_number(
        self, stand_in: StandIn, wechat: HttpWeChat, number: str, country: str
    ) -> None:
        with pytest.raises(PhoneMalformed):
            wechat.phone(stand_in.phone_code(number, country=country))

    def test_when_the_paid_calls_are_used_up(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        stand_in.fail(PHONE, errcode=1400001)
        with pytest.raises(WeChatQuotaSpent):
            wechat.phone("any")


class TestSubscribeMessage:
    def test_one_tap_is_one_message(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        stand_in.accept("o-wang", TEMPLATE)
        send(wechat, note="what the template has no place for")
        (message,) = stand_in.messages
        assert (message["touser"], message["template_id"], message["page"]) == (
            "o-wang",
            "tmpl-result",
            "pages/index/index?to=%2Fresult%2F7f3k",
        )
        assert message["data"] == {
            "thing1": {"value": "2026 年社区微更新"}, "time2": {"value": "2026年12月1日 09:00"},
        }  # fmt: skip
        with pytest.raises(NotSubscribed):
            send(wechat)

    def test_long_words_are_cut_to_what_wechat_shows(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        stand_in.accept("o-wang", TEMPLATE)
        send(wechat, title="北区楼道照明改造与电动车集中充电棚建设工程第二期\n")
        value = stand_in.messages[0]["data"]["thing1"]["value"]
        assert value == "北区楼道照明改造与电动车集中充电棚建设…"
        assert len(value) == 20

    @pytest.mark.parametrize("errcode", [40003, 40037, 41030, 47003])
    def test_what_will_never_be_taken_is_not_tried_again(
        self, stand_in: StandIn, wechat: HttpWeChat, errcode: int
    ) -> None:
        stand_in.fail(SEND, errcode=errcode)
        with pytest.raises(Refused, match=str(errcode)):
            send(wechat)

    def test_a_template_nobody_has_set_up(self, wechat: HttpWeChat) -> None:
        with pytest.raises(Refused, match="reminder"):
            wechat.send_subscribe_message(openid="o", template="reminder", page="", fields={"title": "x"})

    def test_what_may_be_taken_later_is_tried_again(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        stand_in.accept("o-wang", TEMPLATE)
        later: list[dict[str, Any]] = [{"errcode": -1}, {"status": 503}]
        for how in later:
            stand_in.fail(SEND, **how)
            with pytest.raises(WeChatBusy):
                send(wechat)
        stand_in.fail(SEND, errcode=40001)
        send(wechat)
        assert len(stand_in.messages) == 1


class TestFields:
    def test_numbers_and_dates_are_never_cut(self) -> None:
        with pytest.raises(Refused, match="number1"):
            subscribe_fields({"number1": "1" * 33})

    @pytest.mark.parametrize(
        "fields", [{"title": "x"}, {"thing": "x"}, {"thing1": " \n "}, {"thing1; drop": "x"}]
    )
    def test_what_is_no_field(self, fields: dict[str, str]) -> None:
        with pytest.raises(Refused, match="not a field"):
            subscribe_fields(fields)

    def test_twenty_characters_stay_and_one_more_is_cut(self) -> None:
        assert subscribe_fields({"thing1": "字" * 20}) == {"thing1": "字" * 20}
        assert subscribe_fields({"thing1": "字" * 21}) == {"thing1": "字" * 19 + "…"}
        assert subscribe_fields({"phrase2": "居民代表会议"}) == {"phrase2": "居民代表…"}


class TestCheckText:
    @pytest.mark.parametrize(
        ("text", "verdict"),
        [("希望修好路灯", "pass"), ("加微信详谈", "review"), ("网上赌博", "risky"), ("好" * 2501, "review")],
    )
    def test_three_verdicts(self, stand_in: StandIn, wechat: HttpWeChat, text: str, verdict: str) -> None:
        stand_in.login_code("o-wang")
        assert wechat.check_text(openid="o-wang", text=text) is TextVerdict(verdict)

    def test_a_word_that_is_new_to_us_is_for_people_to_judge(
        self, stand_in: StandIn, wechat: HttpWeChat
    ) -> None:
        stand_in.fail("/wxa/msg_sec_check", body='{"errcode":0,"result":{"suggest":"block"}}')
        assert wechat.check_text(openid="o", text="x") is TextVerdict.REVIEW


class TestMiniProgramCode:
    def test_a_picture(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        picture = wechat.mini_program_code(scene="7F3KQ", page="pages/index/index")
        assert picture.startswith(b"\x89PNG")
        assert stand_in.calls[-1] == "/wxa/getwxacodeunlimit"

    @pytest.mark.parametrize(("scene", "page"), [("x" * 33, "pages/index/index"), ("7F3KQ", "pages/none")])
    def test_what_wechat_does_not_take(self, wechat: HttpWeChat, scene: str, page: str) -> None:
        with pytest.raises(Refused):
            wechat.mini_program_code(scene=scene, page=page)

    def test_a_dead_token_is_replaced_here_too(self, stand_in: StandIn, wechat: HttpWeChat) -> None:
        stand_in.fail("/wxa/getwxacodeunlimit", errcode=40001)
        assert wechat.mini_program_code(scene="7F3KQ", page="pages/index/index")
        assert stand_in.calls.count(TOKEN) == 2


class TestWithoutWeChat:
    def test_nothing_is_set_up(self) -> None:
        none = NoWeChat()
        for ask in (none.identity, none.phone):
            with pytest.raises(WeChatUnavailable):
                ask("any")
        with pytest.raises(NotSubscribed):
            send(none)
        assert none.check_text(openid="", text="x") is TextVerdict.REVIEW

    def test_on_a_developers_machine_a_name_is_enough(self) -> None:
        development = DevelopmentWeChat()
        assert development.identity("dev:wang").openid == "dev-wang"
        assert development.phone("dev:139 0000 0001") == "13900000001"
        for wrong in ("wang", "dev:", "prod:wang"):
            with pytest.raises(WeChatCodeInvalid):
                development.identity(wrong)
        with pytest.raises(WeChatCodeInvalid):
            development.phone("13900000001")
        with pytest.raises(PhoneMalformed):
            development.phone("dev:123")
        send(development)


class TestControls:
    def test_codes_and_failures_are_had_over_http(
        self, served: tuple[StandIn, str], wechat: HttpWeChat
    ) -> None:
        _, url = served
        with httpx.Client(base_url=f"{url}/control", timeout=5) as control:
            code = control.post("/login-codes", json={"openid": "o-zhao"}).json()["code"]
            assert wechat.identity(code).openid == "o-zhao"
            phone = control.post("/phone-codes", json={"phone": "13900000009"}).json()["code"]
            assert wechat.phone(phone) == "13900000009"
            control.post("/taps", json={"openid": "o-zhao", "template": "tmpl-result", "times": 2})
            send(wechat, "o-zhao")
            assert control.get("/messages").json()["items"][-1]["touser"] == "o-zhao"
            control.post("/failures", json={"path": LOGIN, "errcode": 45011})
            with pytest.raises(WeChatTooOften):
                wechat.identity("any")
            assert control.post("/dead-token", json={}).status_code == 204
            send(wechat, "o-zhao")
            assert control.get("/nothing").status_code == 404
