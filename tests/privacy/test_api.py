"""One's own data: told, agreed to, taken along, forgotten."""

import datetime as dt
import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access.models import Account
from app.access.roles import Role
from app.access.rules import FRESH_SIGN_IN_MINUTES
from app.audit import service as audit
from app.core import clock
from app.privacy import notice
from app.privacy.models import Consent, DataExport
from app.privacy.rules import EXPORTS_A_DAY, PLAN_MINUTES
from app.residents.models import Registration, Resident
from tests.callers import Callers, Headers
from tests.paper_story import PaperStory
from tests.recorded.estate import opened
from tests.story import COMMUNITY, NEIGHBOUR, Story, csv_bytes, ok, phone, refused, roster_row

CONSENTS = "/api/v1/me/consents"
NOTICE = f"{CONSENTS}/privacy_notice"
DATA = "/api/v1/me/data"
PLAN = "/api/v1/me/data/deletion"
NOW = {"version": notice.VERSION}
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(3)


def sections(story: Story, who: Headers, language: str = "en") -> dict[str, dict[str, Any]]:
    found = ok(story.client.get(DATA, headers={**who, "Accept-Language": language}))
    return {section["key"]: section for section in found["sections"]}


class TestNotice:
    @pytest.mark.parametrize("language", ["zh-CN", "en"])
    def test_everybody_reads_it_in_their_language(self, client: TestClient, language: str) -> None:
        answer = client.get("/api/v1/privacy-notice", headers={"Accept-Language": language})
        found = ok(answer)
        assert (found["language"], found["version"]) == (language, notice.VERSION)
        assert [each["key"] for each in found["sections"]] == [each.key for each in notice.SECTIONS["en"]]
        assert all(each["paragraphs"] for each in found["sections"])
        assert answer.headers["Vary"] == "Accept-Language"
        again = client.get(
            "/api/v1/privacy-notice",
            headers={"Accept-Language": language, "If-None-Match": answer.headers["ETag"]},
        )
        assert (again.status_code, again.content) == (304, b"")

    def test_both_languages_have_the_same_parts(self) -> None:
        zh, en = notice.SECTIONS["zh-CN"], notice.SECTIONS["en"]
        assert [each.key for each in zh] == [each.key for each in en]
        assert len(notice.SHORT["zh-CN"]) == len(notice.SHORT["en"])


class TestAgreeing:
    def test_it_is_asked_once(self, story: Story) -> None:
        who = story.resident(0)
        assert ok(story.client.get(CONSENTS, headers=who)) == {
            "items": [],
            "asked": [{"kind": "privacy_notice", "version": notice.VERSION}],
        }
        first = ok(story.client.put(NOTICE, json=NOW, headers=who))
        assert ok(story.client.put(NOTICE, json=NOW, headers=who)) == first
        found = ok(story.client.get(CONSENTS, headers=who))
        assert (found["items"], found["asked"]) == ([first], [])
        assert ok(story.client.get(CONSENTS, headers=story.resident(1)))["items"] == []

    def test_only_what_was_read_can_be_agreed_to(self, story: Story) -> None:
        who = story.resident(0)
        for version in (notice.VERSION + 1, 9999):
            refused(
                story.client.put(NOTICE, json={"version": version}, headers=who),
                412,
                "privacy_notice_outdated",
            )
        refused(story.client.put(NOTICE, json={}, headers=who), 422, "malformed_request")
        refused(story.client.put(f"{CONSENTS}/cookies", json=NOW, headers=who), 422, "malformed_request")
        refused(
            story.client.put(NOTICE, json=NOW, headers=story.clerk), 403, "not_allowed"
        )  # staff work under other rules

    def test_a_double_tap_is_one_consent(self, story: Story, callers: Callers) -> None:
        who = story.resident(0)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: story.client.put(NOTICE, json=NOW, headers=who), range(4)))
        assert {answer.status_code for answer in answers} == {200}
        with callers.database.reading() as session:
            assert len(session.exec(select(Consent)).all()) == 1

    def test_taking_it_back_signs_out_and_asks_again(self, story: Story) -> None:
        who, elsewhere = story.resident(0), story.resident(0)
        ok(story.client.put(NOTICE, json=NOW, headers=who))
        ok(story.client.delete(NOTICE, headers=who))
        for each in (who, elsewhere):
            refused(story.client.get(CONSENTS, headers=each), 401, "token_invalid")
        again = story.resident(0)
        found = ok(story.client.get(CONSENTS, headers=again))
        assert found["asked"] == [{"kind": "privacy_notice", "version": notice.VERSION}]
        assert found["items"][0]["withdrawn_at"] is not None
        ok(story.client.put(NOTICE, json=NOW, headers=again))
        assert ok(story.client.get(CONSENTS, headers=again))["items"][0]["withdrawn_at"] is None


class TestTakingAlong:
    def test_all_of_it_is_there_in_the_reader_s_words(self, story: Story) -> None:
        who = story.resident(0)
        ok(story.client.put(NOTICE, json=NOW, headers=who))
        found = sections(story, who, "zh-CN")
        [home] = found["memberships"]["rows"]
        assert (home["姓名"], home["手机号"], home["出生年份"]) == ("居**", "139****0000", "1980")
        assert (home["身份"], home["户代表"], home["建筑面积（平方米）"]) == ("业主", "是", "88.50")
        assert found["memberships"]["data"][0]["tenure"] == "owner"
        assert found["consents"]["rows"][0]["类别"] == "隐私说明"
        assert found["memberships"]["heading"] == "居民名册"
        english = sections(story, who)
        assert english["memberships"]["rows"][0]["born in"] == "1980"
        assert len(english["exports"]["data"]) == 2

    def test_of_others_there_is_nothing(self, story: Story) -> None:
        ok(story.client.put(NOTICE, json=NOW, headers=story.resident(1)))
        said = json.dumps(sections(story, story.resident(0)), ensure_ascii=False)
        for number in range(3):  # not even the caller's: an old number may be somebody else's by now
            assert phone(number) not in said
            assert f"居民{number}" not in said

    def test_a_stranger_s_account_is_shown_too(self, story: Story, callers: Callers) -> None:
        found = sections(story, callers.resident("13899990000"))
        assert (found["memberships"]["data"], len(found["account"]["data"])) == ([], 1)

    def test_as_files_it_is_a_page_and_json(self, story: Story) -> None:
        who = {**story.resident(0), "Accept-Language": "zh-CN"}
        answer = story.client.get(f"{DATA}.zip", headers=who)
        assert answer.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            page = archive.read("my-data.html").decode()
            kept = json.loads(archive.read("my-data.json"))
        assert 'lang="zh-CN"' in page
        assert "居民名册" in page
        assert kept["sections"]["memberships"][0]["dwelling"] == "1栋 1单元 0101"
        assert "<script" not in page
        assert "http" not in page

    def test_what_somebody_wrote_cannot_break_the_page(self, story: Story, callers: Callers) -> None:
        who = callers.resident("13899990000")
        ok(
            story.client.post(
                f"/api/v1/communities/{COMMUNITY}/registrations", json=registration(), headers=who
            )
        )
        page = zip_page(story, who)
        assert "<b>" not in page
        assert "&lt;b&gt;" in page

    def test_an_old_sign_in_is_not_enough(self, story: Story) -> None:
        actor = story.callers.resident_actor(phone(0))
        clock.set_frozen(clock.now() + FRESH_SIGN_IN_MINUTES * MINUTE + MINUTE)
        who = story.callers.headers(actor)  # the sign-in goes on, with a new token
        for path in (DATA, f"{DATA}.zip"):
            said = refused(story.client.get(path, headers=who), 403, "sign_in_not_fresh")
            assert said["minutes"] == FRESH_SIGN_IN_MINUTES
        ok(story.client.get(DATA, headers=story.resident(0)))

    def test_a_few_times_a_day_at_once_or_one_by_one(self, story: Story, callers: Callers) -> None:
        who = story.resident(0)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: story.client.get(DATA, headers=who), range(EXPORTS_A_DAY + 2)))
        assert sorted(answer.status_code for answer in answers) == [200] * EXPORTS_A_DAY + [429] * 2
        said = refused(story.client.get(f"{DATA}.zip", headers=who), 429, "exports_used_up")
        assert 0 < said["retry_after"] <= 24 * 3600
        ok(story.client.get(DATA, headers=story.resident(1)))
        clock.set_frozen(clock.now() + dt.timedelta(days=1))
        ok(story.client.get(DATA, headers=story.resident(0)))
        with callers.database.reading() as session:
            assert len(session.exec(select(DataExport)).all()) == EXPORTS_A_DAY + 2

    def test_it_is_in_the_record_without_a_name(self, story: Story, callers: Callers) -> None:
        who = story.callers.resident_actor(phone(0))
        ok(story.client.get(DATA, headers=callers.headers(who)))
        auditor = callers.staff(Role.AUDITOR, audit.INSTALLATION)
        entries = ok(story.client.get(f"/api/v1/audit/{audit.INSTALLATION}/entries", headers=auditor))[
            "items"
        ]
        [entry] = [each for each in entries if each["tag"] == "my_data:exported"]
        assert (entry["actor"], entry["facts"]) == (f"account:{who.account_id}", {})

    def test_it_is_for_residents_with_their_own_phone(self, story: Story) -> None:
        paths = (DATA, f"{DATA}.zip", PLAN, "/api/v1/me/participations", CONSENTS)
        there = f"/api/v1/communities/{COMMUNITY}"
        [person] = ok(story.client.get(f"{there}/residents?limit=1", headers=story.clerk))["items"]
        wish = {"resident_ids": [person["id"]]}
        for helping in (False, True):
            [slip] = ok(story.client.post(f"{there}/paper-codes", json=wish, headers=story.clerk))["items"]
            body = {"one_time_code": slip["code"], "helping": helping}
            token = ok(story.client.post("/api/v1/auth/tokens", json=body))["access_token"]
            who = {"Authorization": f"Bearer {token}"}
            for path in paths:
                refused(story.client.get(path, headers=who), 403, "not_allowed")
        for path in paths:
            refused(story.client.get(path), 401, "not_signed_in")
            refused(story.client.get(path, headers=story.clerk), 403, "not_allowed")


class TestBeingForgotten:
    def plan(self, story: Story, who: Headers, language: str = "en") -> dict[str, Any]:
        answer = story.client.get(PLAN, headers={**who, "Accept-Language": language})
        found: dict[str, Any] = ok(answer)
        assert answer.headers["ETag"] == f'"{found["token"]}"'
        return found

    def delete(self, story: Story, who: Headers, token: str | None) -> Any:
        return story.client.delete(DATA, headers=who if token is None else {**who, "If-Match": token})

    def test_before_it_is_said_what_goes_and_what_stays(self, story: Story) -> None:
        who = story.resident(0)
        kinds = {line["kind"]: line for line in self.plan(story, who)["lines"]}
        assert {kind for kind, line in kinds.items() if line["fate"] == "stays"} == {"memberships", "record"}
        assert {kind for kind, line in kinds.items() if line["fate"] == "goes"} == {"account", "sign_ins"}
        ok(story.client.put(NOTICE, json=NOW, headers=who))
        words = {line["kind"]: line["what"] for line in self.plan(story, who, "zh-CN")["lines"]}
        assert words["consents"] == "同意和导出记录"
        assert "名册" in words["memberships"]

    def test_nothing_leads_to_the_person_afterwards(self, story: Story, callers: Callers) -> None:
        who, elsewhere = callers.resident("13899990000"), callers.resident("13899990000")
        ok(
            story.client.post(
                f"/api/v1/communities/{COMMUNITY}/registrations", json=registration(), headers=who
            )
        )
        ok(story.client.put(NOTICE, json=NOW, headers=who))
        ok(story.client.get(DATA, headers=who))
        before = ok(story.client.get("/api/v1/me", headers=who))["account_id"]
        ok(self.delete(story, who, self.plan(story, who)["token"]))
        for each in (who, elsewhere):
            refused(story.client.get("/api/v1/me", headers=each), 401, "token_invalid")
        with callers.database.reading() as session:
            assert session.exec(select(Registration)).all() == []
            assert session.exec(select(Consent)).all() == []
            assert session.exec(select(DataExport)).all() == []
            assert {
                row.phone_fingerprint for row in session.exec(select(Account)) if str(row.id) == before
            } == {None}
        again = callers.resident("13899990000")
        assert ok(story.client.get("/api/v1/me", headers=again))["account_id"] != before
        assert ok(story.client.get(CONSENTS, headers=again))["items"] == []

    def test_the_roster_stays_the_committee_s(self, story: Story, callers: Callers) -> None:
        who = story.resident(0)
        ok(self.delete(story, who, self.plan(story, who)["token"]))
        with callers.database.reading() as session:
            assert {row.phone for row in session.exec(select(Resident))} == {phone(n) for n in range(3)}
        assert len(ok(story.client.get("/api/v1/me/memberships", headers=story.resident(0)))["items"]) == 1

    def test_a_ballot_stays_in_the_box_and_can_still_be_changed(self, story: Story) -> None:
        projects = story.published_projects([500_000, 400_000])
        round_id = story.open_round(projects)
        who = story.resident(0)
        ok(story.cast(round_id, who, projects))
        assert "participations" in {line["kind"] for line in self.plan(story, who)["lines"]}
        ok(self.delete(story, who, self.plan(story, who)["token"]))
        again = story.resident(0)
        part = ok(story.client.get(f"/api/v1/rounds/{round_id}/my-participation", headers=again))
        assert (part["taken_part"], part["version"]) == (True, 1)
        assert ok(story.cast(round_id, again, projects[:1]))["version"] == 2

    def test_only_what_was_read_is_done(self, story: Story) -> None:
        who = story.resident(0)
        refused(self.delete(story, who, None), 422, "etag_missing")
        plan = self.plan(story, who)
        expires, _, mac = plan["token"].partition(".")
        for token in (
            "",
            "x",
            '"1.2"',
            f"{int(expires) + 1}.{mac}",
            f"{expires}.{mac[:-1]}",
            f"{'9' * 40}.{mac}",
        ):
            refused(self.delete(story, who, token), 412, "deletion_plan_outdated")
        other = self.plan(story, story.resident(1))["token"]
        refused(self.delete(story, who, other), 412, "deletion_plan_outdated")
        ok(story.client.put(NOTICE, json=NOW, headers=who))
        refused(self.delete(story, who, plan["token"]), 412, "deletion_plan_outdated")
        ok(self.delete(story, who, f'"{self.plan(story, who)["token"]}"'))

    def test_a_plan_and_a_sign_in_grow_old(self, story: Story) -> None:
        actor = story.callers.resident_actor(phone(0))
        token = self.plan(story, story.callers.headers(actor))["token"]
        clock.set_frozen(clock.now() + max(PLAN_MINUTES, FRESH_SIGN_IN_MINUTES) * MINUTE + MINUTE)
        who = story.callers.headers(actor)
        refused(self.delete(story, who, self.plan(story, who)["token"]), 403, "sign_in_not_fresh")
        refused(self.delete(story, story.resident(0), token), 412, "deletion_plan_outdated")

    def test_staff_accounts_are_the_administrator_s(self, story: Story) -> None:
        refused(story.client.delete(DATA, headers={**story.clerk, "If-Match": "1.x"}), 403, "not_allowed")

    def test_two_at_once_are_one(self, story: Story) -> None:
        who = story.resident(0)
        token = self.plan(story, who)["token"]
        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(lambda _: self.delete(story, who, token), range(3)))
        codes = sorted(answer.status_code for answer in answers)
        assert codes[0] == 204
        assert set(codes[1:]) <= {204, 401, 403, 404, 412}
        refused(story.client.get("/api/v1/me", headers=who), 401, "token_invalid")


class TestParticipations:
    def mine(self, story: Story, who: Headers) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = ok(story.client.get("/api/v1/me/participations", headers=who))["items"]
        return items

    def test_whether_and_never_how(self, story: Story) -> None:
        projects = story.published_projects([500_000, 400_000])
        round_id = story.open_round(projects)
        who = story.resident(0)
        [before] = self.mine(story, who)
        assert (before["taken_part"], before["way"], before["version"]) == (False, None, 0)
        ok(story.cast(round_id, who, projects))
        ok(story.cast(round_id, who, projects[::-1]))
        [found] = self.mine(story, who)
        assert found.pop("opens_at") < found.pop("closes_at")
        assert found == {
            "round_id": round_id, "title": "2026 年社区微更新", "kind": "consultation", "status": "open",
            "recorded": False, "taken_part": True, "way": "online", "version": 2, "has_result": False,
        }  # fmt: skip
        ok(story.client.delete(f"/api/v1/rounds/{round_id}/my-ballot", headers=who))
        [after] = self.mine(story, who)
        assert (after["taken_part"], after["way"], after["version"]) == (False, None, 3)

    def test_once_the_envelopes_are_gone_nobody_knows(self, story: Story, drain: Any) -> None:
        projects = story.published_projects([500_000])
        round_id = story.open_round(projects)
        ok(story.cast(round_id, story.resident(0), projects))
        story.finish(round_id, drain)
        [found] = self.mine(story, story.resident(0))
        assert (found["taken_part"], found["way"], found["version"]) == (None, None, None)
        assert found["has_result"]
        assert self.mine(story, story.resident(1)) == self.mine(story, story.resident(0))

    def test_a_round_that_is_not_open_yet_or_not_mine_is_not_there(
        self, story: Story, callers: Callers
    ) -> None:
        projects = story.published_projects([500_000])
        story.publish_round(projects)
        assert self.mine(story, story.resident(0)) == []
        story.open_round(projects, title="第二轮")
        assert self.mine(story, callers.resident("13899990000")) == []
        away = Story(story.client, callers, NEIGHBOUR)
        assert self.mine(away, callers.resident("13700000000")) == []

    def test_by_which_way_is_known_as_long_as_it_is(self, story: Story) -> None:
        projects = story.published_projects([500_000])
        round_id = story.open_round(projects, paper="first_wins")
        there = f"/api/v1/communities/{COMMUNITY}"
        people = ok(story.client.get(f"{there}/residents", headers=story.clerk))["items"]
        numbers = {person["phone"][-1]: person["id"] for person in people}
        for number, helping in ((0, False), (1, True)):
            wish = {"resident_ids": [numbers[str(number)]]}
            [slip] = ok(story.client.post(f"{there}/paper-codes", json=wish, headers=story.clerk))["items"]
            body = {"one_time_code": slip["code"], "helping": helping}
            token = ok(story.client.post("/api/v1/auth/tokens", json=body))["access_token"]
            ok(story.cast(round_id, {"Authorization": f"Bearer {token}"}, projects))
        paper = PaperStory(story, round_id)
        ok(paper.sign_in(paper.batch(), 2))
        ways = [self.mine(story, story.resident(number))[0] for number in range(3)]
        assert [(each["taken_part"], each["way"]) for each in ways] == [
            (True, "code"), (True, "assisted"), (True, "paper"),
        ]  # fmt: skip
        ok(story.cast(round_id, story.resident(0), projects))
        assert self.mine(story, story.resident(0))[0]["way"] == "online"

    def test_a_household_s_ballot_is_everybody_s_of_it(self, story: Story) -> None:
        rows = [roster_row(0), roster_row(0, 姓名="家人", 手机=phone(900), 户代表="否")]
        story.import_roster(csv_bytes(rows))
        projects = story.published_projects([500_000])
        round_id = story.open_round(projects, electorate="household")
        ok(story.cast(round_id, story.resident(0), projects))
        assert self.mine(story, story.resident(900)) == self.mine(story, story.resident(0))
        assert self.mine(story, story.resident(900))[0]["taken_part"] is True

    def test_a_recorded_round_says_so_and_what_was_said_is_the_owner_s(
        self, client: TestClient, callers: Callers
    ) -> None:
        estate = opened(client, callers)
        ok(estate.vote(3, "for"))
        [found] = self.mine(estate.story, estate.owner(3))
        assert (found["recorded"], found["taken_part"], found["way"], found["version"]) == (
            True,
            True,
            None,
            1,
        )
        [other] = self.mine(estate.story, estate.owner(5))
        assert (other["recorded"], other["taken_part"]) == (True, False)
        [vote] = sections(estate.story, estate.owner(3))["recorded_votes"]["data"]
        assert (vote["choice"], vote["channel"], vote["took_effect"]) == ("for", "online", True)
        assert sections(estate.story, estate.owner(5))["recorded_votes"]["data"] == []
        kinds = ok(client.get(PLAN, headers=estate.owner(3)))["lines"]
        assert [line["count"] for line in kinds if line["kind"] == "recorded_votes"] == [1]


def registration() -> dict[str, Any]:
    return {
        "building": "<b>9栋", "unit": "1单元", "room": "0101", "name": "张三", "phone": "13899990000",
        "birth_date": "1990-01-01", "tenure": "tenant",
    }  # fmt: skip


def zip_page(story: Story, who: Headers) -> str:
    answer = story.client.get(f"{DATA}.zip", headers=who)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return archive.read("my-data.html").decode()
