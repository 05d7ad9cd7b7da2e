"""A year of a place in figures: through the whole service, on both databases."""

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from app.access.roles import Role
from app.core import clock
from tests.callers import Callers, Headers
from tests.ideas.talk import Talk
from tests.paper_story import PaperStory
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, phone, refused, roster_row

NOW = dt.datetime(2026, 6, 2, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
DISTRICT = "520102000000"
CITY = "520100000000"
OTHER_SUBDISTRICT = "520102001000"
COUNTRY = "000000000000"
ELSEWHERE = "510104000000"
PATHS = ("reports", "reports/2026", "reports/2026/report.xlsx")
VOTERS = 55


@dataclass
class Year:
    """A community of sixty, its year, and those who ask about it."""

    app: FastAPI
    client: TestClient
    callers: Callers
    story: Story
    drain: Callable[[], int]
    round_id: str = ""

    def get(self, path: str, who: Headers) -> Any:
        return self.client.get(f"/api/v1/divisions/{path}", headers=who)

    def report(self, code: str = COMMUNITY, who: Headers | None = None, year: int = 2026) -> dict[str, Any]:
        if hasattr(self.app.state, "reports_kept"):
            self.app.state.reports_kept.clear()
        asking = who or self.callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        found: dict[str, Any] = ok(self.get(f"{code}/reports/{year}", asking))
        return found

    def vote(self) -> None:
        """Lights and a path, a class for children, a festival: three in five want the festival least."""
        story = self.story
        changes: list[dict[str, Any]] = [
            {"title": "楼道照明"},
            {"title": "课后班", "category": "children", "delivery_kind": "service"},
            {"title": "邻里节", "category": "culture", "delivery_kind": "activity"},
        ]
        items = [
            story.project(cost_fen=cost, **each)
            for cost, each in zip((400_000, 300_000, 100_000), changes, strict=True)
        ]
        made = ok(self.client.post("/api/v1/projects/batch", json={"items": items}, headers=story.clerk))
        ids = [item["id"] for item in made["items"]]
        ok(self.client.post("/api/v1/projects/publish", json={"project_ids": ids}, headers=story.clerk))
        self.round_id = story.open_round(ids, budget_fen=700_000)
        for number in range(VOTERS):
            ok(story.cast(self.round_id, story.resident(number), ids[:2] if number % 5 else [ids[2]]))

    def certify(self) -> list[str]:
        """Count, certify, and ask for the money; the requests by place."""
        self.story.finish(self.round_id, self.drain)
        ok(self.client.post(f"/api/v1/rounds/{self.round_id}/certify", headers=self.story.chair))
        self.drain()
        street = self.callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        listed = ok(self.client.get("/api/v1/funding-requests?order=priority", headers=street))
        return [each["id"] for each in listed["items"]]

    def decide(self, request: str, role: Role, over: str, decision: str, **facts: object) -> None:
        path = f"/api/v1/funding-requests/{request}/decisions"
        body = {"decision": decision, **facts}
        ok(self.client.post(path, json=body, headers=self.callers.staff(role, over)))

    def register(self, number: int) -> str:
        person = {
            "building": "1栋",
            "unit": "1单元",
            "room": "0101",
            "name": f"新来的{number}",
            "phone": phone(900 + number),
        }
        path = f"/api/v1/communities/{COMMUNITY}/registrations"
        return str(
            ok(self.client.post(path, json=person, headers=self.callers.resident(phone(900 + number))))["id"]
        )

    def approve(self, registration: str) -> None:
        clerk = self.callers.staff(Role.RC_STAFF, COMMUNITY)
        ok(self.client.post(f"/api/v1/registrations/{registration}/approve", headers=clerk))


@pytest.fixture
def year(app: FastAPI, client: TestClient, callers: Callers, drain: Callable[[], int]) -> Year:
    clock.set_frozen(NOW)
    return Year(app, client, callers, Story(client, callers).with_residents(60), drain)


def times(report: dict[str, Any], of: str) -> tuple[int | None, ...]:
    line = next(each for each in report["answers"] if each["waiting_for"] == of)
    return tuple(line[name] for name in ("answered", "waiting", "overdue", "median_days", "ninetieth_days"))


class TestReadReport:
    def test_participation_priorities_and_money(self, year: Year) -> None:
        year.vote()
        before = year.report()
        assert before["participation"]["rounds"][0]["status"] == "open"
        assert before["participation"]["turnout"] == {
            "rounds": 0, "taken_part": None, "on_roll": None, "percent": None, "at_least": False,
        }  # fmt: skip
        assert before["participation"]["doors"] is before["participation"]["rounds"][0]["doors"] is None
        assert before["priorities"] == []
        year.certify()
        found = year.report()
        turnout = {"rounds": 1, "taken_part": 55, "on_roll": 60, "percent": "91.7", "at_least": False}
        (round_,) = found["participation"]["rounds"]
        assert found["participation"]["turnout"] == round_["turnout"] == turnout
        assert found["participation"]["doors"] == round_["doors"]
        assert round_["doors"] == {"own": 55, "with_code": 0, "assisted": 0, "on_paper": 0}
        lines = {each["category"]: each for each in found["priorities"]}
        assert {name: each["first_choices"] for name, each in lines.items()} == {
            "lighting_safety": 44, "children": 0, "culture": 11,
        }  # fmt: skip
        assert (lines["lighting_safety"]["paid_fen"], lines["lighting_safety"]["paid"]) == (400_000, 571)
        assert (lines["culture"]["funded"], lines["culture"]["paid_fen"], lines["culture"]["paid"]) == (
            0,
            0,
            0,
        )
        # eleven of fifty-five wish for the festival alone; the others divide a wish by cost, four to three
        kinds = {each["kind"]: (each["paid"], each["wished"]) for each in found["kinds"]}
        assert kinds == {"infrastructure": (571, 457), "service": (429, 343), "activity": (0, 200)}
        assert {name: each["wished"] for name, each in lines.items()} == {
            "lighting_safety": 457, "children": 343, "culture": 200,
        }  # fmt: skip
        assert found["wishes_of"] == 55
        money = found["money"]
        assert (money["requests"], money["in_reserve"], money["approved_fen"]) == (2, 1, 0)
        asked = {each["stage"]: (each["requests"], each["asked_fen"]) for each in money["stages"]}
        assert asked["asked"] == (2, money["asked_fen"])
        assert [each["category"] for each in money["categories"]] == ["lighting_safety", "children"]

    def test_money_moves_along_the_chain(self, year: Year) -> None:
        year.vote()
        first, second, _ = year.certify()
        clock.set_frozen(NOW + 3 * DAY)
        year.decide(first, Role.SUBDISTRICT_OFFICER, SUBDISTRICT, "received")
        year.decide(first, Role.SUBDISTRICT_OFFICER, SUBDISTRICT, "accepted")
        year.decide(second, Role.SUBDISTRICT_OFFICER, SUBDISTRICT, "deferred", year=2027, reason="额度已满")
        clock.set_frozen(NOW + 8 * DAY)
        year.decide(first, Role.DISTRICT_OFFICER, DISTRICT, "accepted")
        year.decide(first, Role.BUREAU_REVIEWER, DISTRICT, "accepted")
        year.decide(first, Role.FINANCE_REVIEWER, DISTRICT, "approved")
        found = year.report()
        stages = {each["stage"]: each for each in found["money"]["stages"] if each["requests"]}
        assert list(stages) == ["deferred", "approved"]
        assert stages["approved"]["approved_fen"] == stages["approved"]["asked_fen"] > 0
        assert found["money"]["approved_fen"] == stages["approved"]["approved_fen"]
        assert sum(each["asked_fen"] for each in stages.values()) == found["money"]["asked_fen"]
        assert times(found, "requests_subdistrict") == (2, 0, 0, 3, 3)
        assert times(found, "requests_district") == (1, 0, 0, 5, 5)
        assert times(found, "requests_finance") == (1, 0, 0, 0, 0)
        assert times(found, "requests_go_ahead") == (0, 1, 0, None, None)
        clock.set_frozen(NOW + 30 * DAY)
        assert times(year.report(), "requests_go_ahead") == (0, 1, 1, None, None)
        year.decide(first, Role.SUBDISTRICT_OFFICER, SUBDISTRICT, "go_ahead")
        (line,) = [each for each in year.report()["money"]["stages"] if each["stage"] == "go_ahead"]
        assert (line["requests"], line["approved_fen"]) == (1, stages["approved"]["approved_fen"])
        assert {each["kind"]: each["approved"] for each in year.report()["kinds"]}["infrastructure"] == 1000

    def test_answers_to_registrations_and_ideas(self, year: Year) -> None:
        waiting = [year.register(number) for number in range(10)]
        clock.set_frozen(NOW + 2 * DAY)
        for each in waiting[:8]:
            year.approve(each)
        assert times(year.report(), "registrations") == (8, 2, None, None, None)
        clock.set_frozen(NOW + 9 * DAY)
        year.approve(waiting[8])
        # half of them; the longest wait is one person's, and stays theirs
        assert times(year.report(), "registrations") == (9, 1, None, 2, None)
        assert times(year.report(year=2025), "registrations") == (0, 0, None, None, None)

    def test_answers_to_ideas(self, year: Year) -> None:
        talk = Talk(year.story)
        ids = [talk.post(number, f"建议{number}")["id"] for number in range(10)]
        # they gather endorsements: nobody owes them an answer yet
        assert times(year.report(), "ideas") == (0, 0, None, None, None)
        for at, number in enumerate(range(9), start=1):
            clock.set_frozen(NOW + at * DAY)
            body = {"code": "not_feasible", "reason": "地下有管线。"}
            ok(talk.act(ids[number], "decline", year.callers.staff(Role.RC_STAFF, COMMUNITY), body))
        assert times(year.report(), "ideas") == (9, 0, None, 5, None)
        # it is looked at once more: how long the first answer took does not change
        body = {"reason": "管线已经改走别处。"}
        ok(talk.act(ids[4], "reopen", year.callers.staff(Role.RC_STAFF, COMMUNITY), body))
        assert times(year.report(), "ideas") == (9, 0, None, 5, None)

    def test_objections_below_five_are_not_told(self, year: Year) -> None:
        (project,) = year.story.published_projects([500_000])
        body = {"grounds": "灯太亮", "effect": "睡不好", "would_help": "换个位置"}
        for number in range(5):
            if number == 4:
                assert year.report()["negotiations"]["objections"] is None
            path = f"/api/v1/projects/{project}/objections"
            ok(year.client.post(path, json=body, headers=year.story.resident(number)))
        found = year.report()
        assert found["negotiations"]["objections"] == 5
        assert {each["stage"]: each["objections"] for each in found["negotiations"]["by_stage"]}[
            "received"
        ] == 5
        assert times(found, "objections_received") == (None, 5, None, None, None)
        clock.set_frozen(NOW + 3 * DAY)
        officer = year.callers.staff(Role.OBJECTION_OFFICER, SUBDISTRICT)
        for each in ok(year.client.get("/api/v1/objections", headers=officer))["items"]:
            body = {"purpose": "查收异议"}
            ok(year.client.post(f"/api/v1/objections/{each['id']}/views", json=body, headers=officer))
        assert times(year.report(), "objections_received") == (5, None, None, None, None)
        assert times(year.report(), "objections_contacted") == (None, None, None, None, None)
        assert year.report(year=2025)["negotiations"]["objections"] is None

    def test_doors_as_posted_at_the_closing(self, year: Year) -> None:
        projects = year.story.published_projects([100_000, 200_000, 300_000])
        year.round_id = year.story.open_round(projects, paper="first_wins")
        paper = PaperStory(year.story, year.round_id)
        batch = paper.vote([[1], [2], [1, 2]], begin=30)
        for number in range(5):
            ok(year.story.cast(year.round_id, year.story.resident(number), projects))
        paper.close()
        paper.count(batch, [[1], [2], [1, 2]])
        assert year.report()["participation"]["doors"] is None  # nothing is told before the result
        ok(year.client.post(f"/api/v1/rounds/{year.round_id}/open-box", headers=year.story.clerk))
        year.drain()
        found = year.report()["participation"]
        assert found["doors"] == {"own": 5, "with_code": 0, "assisted": 0, "on_paper": 3}
        assert found["turnout"]["taken_part"] == 8

    def test_short_rolls_are_withheld(
        self, client: TestClient, callers: Callers, app: FastAPI, drain: Callable[[], int]
    ) -> None:
        clock.set_frozen(NOW)
        story = Story(client, callers).with_residents(29)
        year = Year(app, client, callers, story, drain)
        projects = story.published_projects([100_000])
        year.round_id = story.open_round(projects)
        ok(story.cast(year.round_id, story.resident(0), projects))
        story.finish(year.round_id, drain)
        turnout = {"rounds": 1, "taken_part": None, "on_roll": None, "percent": None, "at_least": False}
        found = year.report()["participation"]
        assert found["turnout"] == found["rounds"][0]["turnout"] == turnout
        assert found["doors"] is None
        assert year.report()["priorities"][0]["wished"] is None  # too few ballots to be explained

    def test_a_round_over_two_communities_in_tens_for_each(self, year: Year) -> None:
        neighbour = Story(year.client, year.callers, community=NEIGHBOUR)
        neighbour.import_roster(csv_bytes([roster_row(100 + each) for each in range(40)]))
        theirs = year.story.published_projects([100_000])
        year.story.clerk = year.callers.staff(Role.RC_STAFF, SUBDISTRICT)
        year.story.chair = year.callers.staff(Role.RC_CHAIR, SUBDISTRICT)
        year.round_id = year.story.open_round(
            theirs, community_codes=[COMMUNITY, NEIGHBOUR], division_code=SUBDISTRICT
        )
        for number in [*range(33), *range(100, 125)]:
            ok(year.story.cast(year.round_id, year.story.resident(number), theirs))
        year.story.finish(year.round_id, year.drain)
        found = year.report(SUBDISTRICT)["participation"]
        assert found["turnout"] == {
            "rounds": 1, "taken_part": 58, "on_roll": 100, "percent": "58.0", "at_least": False,
        }  # fmt: skip
        here, there = found["parts"]
        assert (here["code"], here["is_community"], here["communities"], here["households"]) == (
            COMMUNITY, True, 1, 60,
        )  # fmt: skip
        assert (here["turnout"]["taken_part"], here["turnout"]["on_roll"]) == (30, 60)
        assert (there["turnout"]["taken_part"], there["turnout"]["percent"]) == (20, "50.0")
        assert here["turnout"]["at_least"]
        alone = year.report(COMMUNITY)["participation"]
        assert alone["turnout"] == alone["rounds"][0]["turnout"] == here["turnout"]
        assert alone["doors"] is None  # by which door they came is known of all together only
        (district,) = year.report(DISTRICT, year.callers.staff(Role.DISTRICT_OFFICER, DISTRICT))[
            "participation"
        ]["parts"]
        assert (district["code"], district["is_community"], district["communities"]) == (
            SUBDISTRICT,
            False,
            2,
        )


class TestWhoMayRead:
    def test_their_own_place_and_nothing_beside_it(self, client: TestClient, callers: Callers) -> None:
        for role, over, beside in (
            (Role.SUBDISTRICT_OFFICER, SUBDISTRICT, OTHER_SUBDISTRICT),
            (Role.DISTRICT_OFFICER, DISTRICT, ELSEWHERE),
            (Role.SUPERVISOR, COMMUNITY, NEIGHBOUR),
            (Role.RC_CHAIR, COMMUNITY, SUBDISTRICT),
            (Role.AUDITOR, CITY, ELSEWHERE),
        ):
            who = callers.staff(role, over)
            for path in PATHS:
                for code in (COMMUNITY, over):
                    assert client.get(f"/api/v1/divisions/{code}/{path}", headers=who).status_code == 200
                foreign, missing = (
                    refused(
                        client.get(f"/api/v1/divisions/{code}/{path}", headers=who), 404, "division_not_found"
                    )
                    for code in (beside, "999999999999")
                )
                assert foreign == missing

    def test_nobody_else(self, client: TestClient, callers: Callers) -> None:
        for role in (Role.RC_STAFF, Role.MEDIATOR, Role.FINANCE_REVIEWER, Role.ADMINISTRATOR):
            who = callers.staff(role, COUNTRY)
            for path in PATHS:
                refused(client.get(f"/api/v1/divisions/{COMMUNITY}/{path}", headers=who), 403, "not_allowed")
        for path in PATHS:
            refused(client.get(f"/api/v1/divisions/{COMMUNITY}/{path}"), 401, "not_signed_in")

    def test_a_monitor_sees_no_small_place(self, year: Year) -> None:
        """Sixty households here, a hundred there: one alone would hide behind nobody."""
        monitor = year.callers.staff(Role.MUNICIPAL_MONITOR, CITY)
        for path in PATHS:
            refused(year.get(f"{COMMUNITY}/{path}", monitor), 404, "division_not_found")
        neighbour = Story(year.client, year.callers, community=NEIGHBOUR)
        neighbour.import_roster(csv_bytes([roster_row(100 + each) for each in range(100)]))
        assert year.report(NEIGHBOUR, monitor)["households"] == 100
        above = year.report(SUBDISTRICT, monitor)
        assert above["households"] == 160
        assert (above["participation"]["parts"], above["participation"]["parts_left_out"]) == ([], 2)
        officer = year.callers.staff(Role.DISTRICT_OFFICER, DISTRICT)
        assert [each["code"] for each in year.report(SUBDISTRICT, officer)["participation"]["parts"]] == [
            COMMUNITY, NEIGHBOUR,
        ]  # fmt: skip
        # who answers for the place too sees it as such
        both = year.callers.staff(Role.MUNICIPAL_MONITOR, CITY, also=(Role.DISTRICT_OFFICER,))
        assert year.report(COMMUNITY, both)["households"] == 60


class TestListReports:
    def test_years_and_the_places_above(self, year: Year) -> None:
        year.vote()
        officer = year.callers.staff(Role.DISTRICT_OFFICER, DISTRICT)
        found = ok(year.get(f"{COMMUNITY}/reports", officer))
        assert found["years"] == [2026]
        assert [each["code"] for each in found["above"]] == [DISTRICT, SUBDISTRICT]
        clock.set_frozen(NOW + 900 * DAY)
        auditor = year.callers.staff(Role.AUDITOR, COUNTRY)
        found = ok(year.get(f"{COMMUNITY}/reports", auditor))
        assert found["years"] == [2028, 2027, 2026]
        assert found["above"][0] == {"code": COUNTRY, "name": ""}
        whole = year.report(COUNTRY, auditor)
        assert (whole["division"]["name"], whole["households"]) == ("", 60)
        assert [each["code"] for each in whole["participation"]["parts"]] == ["520000000000"]

    def test_years_out_of_the_question(self, year: Year) -> None:
        officer = year.callers.staff(Role.DISTRICT_OFFICER, DISTRICT)
        for number in ("1999", "2101", "today"):
            refused(year.get(f"{COMMUNITY}/reports/{number}", officer), 422, "malformed_request")


class TestExportReport:
    def test_says_what_the_screen_says(self, year: Year) -> None:
        year.vote()
        year.certify()
        officer = year.callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        found = year.report(SUBDISTRICT, officer)
        answer = year.get(f"{SUBDISTRICT}/reports/2026/report.xlsx", {**officer, "Accept-Language": "en"})
        assert f"report-{SUBDISTRICT}-2026.xlsx" in answer.headers["content-disposition"]
        book = load_workbook(io.BytesIO(answer.content))
        assert not [
            cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
        ]
        rows = {
            sheet.title: [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)] for sheet in book
        }
        assert list(rows) == [
            "Summary", "Places", "Rounds", "Priorities", "Works and activities", "Money", "Response times",
            "Negotiations",
        ]  # fmt: skip
        summary: dict[Any, Any] = {name: value for name, value in rows["Summary"]}  # noqa: C416 - a row is no pair
        assert (summary["Took part"], summary["On the rolls"], summary["Of the rolls (%)"]) == (55, 60, 91.7)
        assert summary["Asked for (yuan)"] == found["money"]["asked_fen"] / 100
        (part,) = found["participation"]["parts"]
        assert rows["Places"] == [[part["name"], COMMUNITY, 1, 60, 1, 55, 60, 91.7, None]]
        assert rows["Rounds"][0][-4:] == [55, 0, 0, 0]
        assert [(row[3], row[4], row[5], row[6]) for row in rows["Priorities"]] == [
            (each["first_choices"], each["paid_fen"] / 100, each["paid"] / 10, each["wished"] / 10)
            for each in found["priorities"]
        ]
        assert [(row[1], row[2], row[3]) for row in rows["Works and activities"]] == [
            (each["paid_fen"] / 100, each["paid"] / 10, each["wished"] / 10) for each in found["kinds"]
        ]
        stages = [(each["requests"], each["asked_fen"] / 100) for each in found["money"]["stages"]]
        assert [(row[2], row[3]) for row in rows["Money"]][: len(stages)] == stages
        assert [row[1:] for row in rows["Response times"]] == [
            [each[name] for name in ("answered", "waiting", "overdue", "median_days", "ninetieth_days")]
            for each in found["answers"]
        ]
        zh = year.get(f"{SUBDISTRICT}/reports/2026/report.xlsx", {**officer, "Accept-Language": "zh-CN"})
        assert load_workbook(io.BytesIO(zh.content)).sheetnames[:2] == ["概况", "各地参与"]


class TestKept:
    def test_a_minute_for_each_place_year_and_distance(self, year: Year) -> None:
        officer = year.callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        first = year.report(COMMUNITY, officer)
        clock.set_frozen(NOW + dt.timedelta(seconds=30))
        again = ok(year.get(f"{COMMUNITY}/reports/2026", officer))
        assert again["as_of"] == first["as_of"]
        other = ok(year.get(f"{COMMUNITY}/reports/2025", officer))
        assert other["as_of"] != first["as_of"]
