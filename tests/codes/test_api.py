"""Paper codes as a committee issues them, a supervisor counts them and a resident hears of them."""

import builtins
import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pypdfium2
import pytest
import segno
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.access.roles import Role
from app.access.rules import HELPING_MINUTES
from app.codes import rules
from app.codes.errors import CodesOfTheDayUsedUp, TooManyAtOnce
from app.codes.rules import check_batch, check_day
from app.core import clock
from app.core.db import Database
from app.gateway.sms import DevelopmentSms, HttpSms, NoSms
from tests.callers import Callers
from tests.elders import code_for, elder_row, enter, issue, resident_id, residents, with_code
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, phone, refused, roster_row

PATH = f"/api/v1/communities/{COMMUNITY}/paper-codes"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    """Two flats of people with phones, an elder without, and a child."""
    made = Story(client, callers)
    child = roster_row(3, 手机="", 出生日期=f"{clock.today().year - 9}-01-01", 姓名="小明")
    made.import_roster(csv_bytes([roster_row(0), roster_row(1), elder_row(2, 姓名="王桂芳"), child]))
    return made


class TestIssue:
    def test_to_one_person(self, story: Story) -> None:
        answer = ok(issue(story, resident_ids=[resident_id(story, 2)]))
        (item,) = answer["items"]
        assert (item["name"], item["building"], item["unit"], item["room"]) == (
            "王**",
            "1栋",
            "1单元",
            "0301",
        )
        assert answer["round_id"] is None
        left = dt.datetime.fromisoformat(answer["expires_at"]) - clock.now()
        assert dt.timedelta(days=29, hours=23) < left <= dt.timedelta(days=30)
        assert ok(enter(story, item["code"]))["refresh_token"] is None

    def test_the_answer_says_where_it_is_entered_and_the_picture_holds_no_code(self, story: Story) -> None:
        answer = ok(issue(story, resident_ids=[resident_id(story, 2)]))
        assert answer["url"] == "http://127.0.0.1:8000/app/#/code"
        bare = segno.make(answer["url"], error="m", micro=False)
        assert answer["picture"] == bare.svg_data_uri(border=1, scale=4)
        assert answer["helping_minutes"] == HELPING_MINUTES

    def test_to_a_building_and_of_it_those_without_a_phone(self, story: Story) -> None:
        (building,) = ok(story.client.get(f"/api/v1/communities/{COMMUNITY}/buildings", headers=story.clerk))[
            "items"
        ]
        everybody = ok(issue(story, building_id=building["id"]))["items"]
        assert [each["room"] for each in everybody] == ["0101", "0201", "0301"]  # no child
        assert len({each["code"] for each in everybody}) == 3
        few = ok(issue(story, building_id=building["id"], without_phone=True))["items"]
        assert [each["room"] for each in few] == ["0301"]

    def test_for_one_round_it_ends_with_it(self, story: Story) -> None:
        projects = story.published_projects([300_000])
        round_id = story.open_round(projects)
        wanted: dict[str, Any] = {"resident_ids": [resident_id(story, 2)], "round_id": round_id}
        answer = ok(issue(story, **wanted))
        closes = ok(story.client.get(f"/api/v1/rounds/{round_id}"))["closes_at"]
        assert dt.datetime.fromisoformat(answer["expires_at"]) == dt.datetime.fromisoformat(closes)
        assert answer["round_id"] == round_id
        with clock.frozen(dt.datetime.fromisoformat(closes)):
            late = issue(story, story.callers.staff(Role.RC_STAFF, COMMUNITY), **wanted)
            refused(late, 409, "round_wrong_state")
        ok(story.client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
        refused(issue(story, **wanted), 409, "round_wrong_state")

    def test_not_for_a_round_of_others_or_a_draft(
        self, story: Story, client: TestClient, callers: Callers
    ) -> None:
        me = resident_id(story, 2)
        other = Story(client, callers, NEIGHBOUR)
        foreign = other.publish_round(other.published_projects([100_000]))
        draft = story.draft_round(story.published_projects([100_000]))
        for round_id in (foreign, draft, str(uuid.uuid4())):
            refused(issue(story, resident_ids=[me], round_id=round_id), 404, "round_not_found")

    def test_only_for_adults_of_ones_own_community(
        self, story: Story, client: TestClient, callers: Callers
    ) -> None:
        other = Story(client, callers, NEIGHBOUR)
        other.import_roster(csv_bytes([elder_row(5)]))
        mine = resident_id(story, 2)
        for them in (resident_id(other, 5), resident_id(story, 3), str(uuid.uuid4())):
            refused(issue(story, resident_ids=[mine, them]), 404, "resident_not_here")
        refused(issue(story, building_id=str(uuid.uuid4())), 404, "building_not_found")
        building = residents(other)[0]["building"]
        foreign = ok(client.get(f"/api/v1/communities/{NEIGHBOUR}/buildings", headers=other.clerk))["items"][
            0
        ]
        assert foreign["name"] == building
        refused(issue(story, building_id=foreign["id"]), 404, "building_not_found")
        assert ok(client.get(PATH, headers=story.clerk))["issued"] == 0  # nothing was issued on the way

    def test_not_to_somebody_who_moved_out(self, story: Story) -> None:
        gone = resident_id(story, 2)
        story.import_roster(csv_bytes([roster_row(0), roster_row(1)]))
        refused(issue(story, resident_ids=[gone]), 404, "resident_not_here")

    def test_not_to_an_empty_house(self, story: Story) -> None:
        made = story.client.post(
            f"/api/v1/communities/{COMMUNITY}/buildings", json={"name": "空楼"}, headers=story.clerk
        )
        refused(issue(story, building_id=ok(made)["id"]), 422, "nobody_needs_a_code")

    @pytest.mark.parametrize(
        "body",
        [{}, {"resident_ids": []}, {"resident_ids": [str(uuid.uuid4())] * 501}, {"resident_ids": ["x"]}],
    )
    def test_bad_input(self, story: Story, body: dict[str, Any]) -> None:
        refused(issue(story, **body), 422, "malformed_request")
        both: dict[str, Any] = {"resident_ids": [str(uuid.uuid4())], "building_id": str(uuid.uuid4())}
        refused(issue(story, **both), 422, "malformed_request")

    def test_only_by_staff_of_that_community(self, story: Story, callers: Callers) -> None:
        wanted: dict[str, Any] = {"resident_ids": [resident_id(story, 2)]}
        refused(issue(story, callers.staff(Role.RC_STAFF, NEIGHBOUR), **wanted), 404, "division_not_found")
        refused(issue(story, callers.staff(Role.SUPERVISOR, COMMUNITY), **wanted), 403, "not_allowed")
        refused(issue(story, story.resident(0), **wanted), 403, "not_allowed")
        refused(issue(story, {}, **wanted), 401, "not_signed_in")

    def test_the_record_says_how_many_where_and_by_whom_and_names_nobody(
        self, story: Story, database: Database
    ) -> None:
        code = code_for(story, 2)
        with database.reading() as session:
            rows = session.execute(
                text("SELECT chain, actor, subject, facts FROM audit_entry WHERE tag = 'paper_code:issued'")
            ).all()
        (row,) = rows
        assert (row.chain, row.subject) == (COMMUNITY, f"division:{COMMUNITY}")
        assert row.actor.startswith("account:")
        assert row.facts == '{"count":1,"round_id":null}'
        assert code not in str(rows)

    def test_two_batches_at_once_leave_one_code_each(self, story: Story) -> None:
        wanted: dict[str, Any] = {"resident_ids": [resident_id(story, each) for each in (0, 1, 2)]}
        with ThreadPoolExecutor(4) as pool:
            answers = [ok(each) for each in pool.map(lambda _: issue(story, **wanted), range(4))]
        counts = ok(story.client.get(PATH, headers=story.clerk))
        assert (counts["issued"], counts["replaced"], counts["in_force"]) == (12, 9, 3)
        good = [
            item["code"]
            for answer in answers
            for item in answer["items"]
            if enter(story, item["code"]).is_success
        ]
        assert len(good) == 3


class TestLimits:
    def test_a_batch(self) -> None:
        check_batch(rules.LARGEST_BATCH)
        with pytest.raises(TooManyAtOnce):
            check_batch(rules.LARGEST_BATCH + 1)

    def test_a_day(self) -> None:
        check_day(500, issued_today=500, seconds_left=60)
        with pytest.raises(CodesOfTheDayUsedUp) as raised:
            check_day(500, issued_today=501, seconds_left=60)
        assert raised.value.facts == {"most": 1000, "left": 499, "retry_after": 60}
        with pytest.raises(CodesOfTheDayUsedUp) as raised:
            check_day(1, issued_today=1200, seconds_left=60)
        assert raised.value.facts["left"] == 0

    def test_a_day_begins_in_beijing_and_a_refusal_issues_nothing(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rules, "CODES_PER_DAY", 2)
        two, one = resident_id(story, 2), resident_id(story, 1)
        evening = clock.now().astimezone(clock.BEIJING).replace(hour=23, minute=59)
        with clock.frozen(evening):
            clerk = story.callers.staff(Role.RC_STAFF, COMMUNITY)
            first = ok(issue(story, clerk, resident_ids=[two]))["items"][0]["code"]
            told = refused(issue(story, clerk, resident_ids=[one, two]), 429, "codes_of_the_day_used_up")
            assert (told["left"], told["most"]) == (1, 2)
            assert 1 <= told["retry_after"] <= 61
            assert ok(enter(story, first))
        with clock.frozen(evening + dt.timedelta(minutes=1)):
            clerk = story.callers.staff(Role.RC_STAFF, COMMUNITY)
            assert len(ok(issue(story, clerk, resident_ids=[one, two]))["items"]) == 2


class TestCount:
    def test_those_who_watch_over_a_committee_see_how_many(self, story: Story, callers: Callers) -> None:
        codes = [code_for(story, 2), code_for(story, 2), code_for(story, 0)]
        ok(enter(story, codes[1], helping=True))
        expected = {
            "issued": 3, "used": 1, "replaced": 1, "in_force": 1, "issued_today": 3, "per_day": 1000,
        }  # fmt: skip
        supervisor = callers.staff(Role.SUPERVISOR, COMMUNITY)
        officer = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        for who in (story.clerk, supervisor, officer):
            assert ok(story.client.get(PATH, headers=who)) == expected
        refused(story.client.get(PATH, headers=story.resident(0)), 403, "not_allowed")
        foreign = callers.staff(Role.SUPERVISOR, NEIGHBOUR)
        refused(story.client.get(PATH, headers=foreign), 404, "division_not_found")


class TestTell:
    def test_who_has_a_phone_hears_of_it_and_nobody_else(
        self, story: Story, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch, database: Database
    ) -> None:
        told: list[tuple[str, str, Mapping[str, str]]] = []

        def send(_self: object, *, phone: str, template: str, params: Mapping[str, str]) -> None:
            told.append((phone, template, params))

        monkeypatch.setattr(DevelopmentSms, "send_notice", send)
        code_for(story, 2)
        code = code_for(story, 0)
        with database.reading() as session:
            payloads = session.execute(
                text("SELECT CAST(payload AS TEXT) FROM outbox_message WHERE name = 'paper_code.issued'")
            ).scalars()
            kept = "".join(payloads)
        drain()
        until = (clock.today() + dt.timedelta(days=30)).isoformat()
        name = ok(story.client.get(f"/api/v1/divisions/{COMMUNITY}"))["name"]
        assert told == [(phone(0), "paper_code_issued", {"community": name, "until": until})]
        assert phone(0) not in kept
        assert code not in kept

    def test_without_a_gateway_it_is_no_dead_letter(self) -> None:
        NoSms().send_notice(phone=phone(0), template="paper_code_issued", params={})
        DevelopmentSms().send_notice(phone=phone(0), template="paper_code_issued", params={})

    def test_a_provider_gets_the_template_and_what_stands_in_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import httpx

        sent: list[dict[str, Any]] = []

        def post(url: str, **what: Any) -> httpx.Response:
            sent.append({"url": url, **what})
            return httpx.Response(200, request=httpx.Request("POST", url))

        monkeypatch.setattr(httpx, "post", post)
        HttpSms(url="https://sms.example.org/send", token="t").send_notice(
            phone=phone(0), template="paper_code_issued", params={"until": "2026-03-31"}
        )
        assert sent[0]["json"] == {
            "phone": phone(0), "template": "paper_code_issued", "params": {"until": "2026-03-31"},
        }  # fmt: skip


class TestSlips:
    def test_they_say_whose_they_are_how_they_are_used_and_nothing_more(
        self, story: Story, backend: str
    ) -> None:
        if backend == "postgresql":
            return  # a PDF is drawn without a database
        round_id = story.open_round(story.published_projects([300_000]), title="加装电梯<意见>&征集")
        answer = story.client.post(
            f"{PATH}/slips.pdf",
            json={"resident_ids": [resident_id(story, each) for each in (0, 2)], "round_id": round_id},
            headers=story.clerk,
        )
        assert answer.status_code == 201, answer.text
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "no-store"
        document = pypdfium2.PdfDocument(answer.content)
        page = document[0]
        words = page.get_textpage().get_text_range().replace("\r\n", "")
        assert [round(each) for each in page.get_size()] == [595, 842]  # A4
        assert len(document) == 1
        for wanted in ("王**", "1栋 1单元 0301", "加装电梯<意见>&征集", "不得留存", "15 分钟", "yours alone"):
            assert wanted in words
        for never in ("王桂芳", phone(0), "1941", round_id):
            assert never not in words
        found = re.findall("[0-9A-Z]{5}-[0-9A-Z]{5}", words)
        assert len(found) == 2
        assert all(enter(story, each).is_success for each in found)
        document.close()

    def test_where_nothing_can_be_printed_no_code_is_issued(
        self, story: Story, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("builtins.__import__", _without_pango(builtins.__import__))
        body = {"resident_ids": [resident_id(story, 0)]}
        answer = story.client.post(f"{PATH}/slips.pdf", json=body, headers=story.clerk)
        refused(answer, 503, "printing_unavailable")
        with database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM paper_code")).scalar_one() == 0

    def test_the_picture_is_the_address_and_nothing_else(self) -> None:
        from app.access.rules import paper_code
        from app.codes import slips
        from app.codes.service import Issued, Slip
        from app.places.service import Dwelling

        one = Slip(uuid.uuid4(), "王*", Dwelling("1栋", "1单元", "0101"), paper_code(5))
        issued = Issued(COMMUNITY, "某社区", None, None, clock.now(), [one])
        page = slips._html(issued, "https://vote.example.org")
        bare = segno.make("https://vote.example.org/app/#/code", error="m", micro=False)
        assert bare.svg_data_uri(border=1, scale=4) in page

    def test_a_code_from_a_slip_signs_in(self, story: Story) -> None:
        me = with_code(story, code_for(story, 2))
        (home,) = ok(story.client.get("/api/v1/me/memberships", headers=me))["items"]
        assert (home["building"], home["room"]) == ("1栋", "0301")
        assert ok(story.client.get("/api/v1/me", headers=me))["name"] is None


def _without_pango(really_import: Callable[..., Any]) -> Callable[..., Any]:
    def imports(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "weasyprint":
            message = "cannot load library 'libpango-1.0-0'"
            raise OSError(message)
        return really_import(name, *rest)

    return imports
