"""What waits for whom of a vote, its paper, its record, and until when."""

import datetime as dt
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.ballots.rules import FEWEST_SPLIT, may_be_split
from app.core import clock
from app.core.zone import BEIJING
from app.desk.rules import next_working_day
from app.rounds.rules import RoundKind, latest_publication
from tests.callers import Callers, Headers
from tests.paper_story import PaperStory, Says, line
from tests.recorded.estate import opened
from tests.story import COMMUNITY, SUBDISTRICT, Story, csv_bytes, ok, refused, roster_row

SAYS: list[Says] = [[1], [2, 1], [3], [1, 2, 3], [2], [3, 2], [1], [2], [3, 1], [1, 3]]


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(14)


def items(client: TestClient, who: Headers, division: str = COMMUNITY) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(client.get("/api/v1/desk", params={"division": division}, headers=who))[
        "items"
    ]
    return found


def tasks(client: TestClient, who: Headers, division: str = COMMUNITY) -> list[str]:
    return [each["task"] for each in items(client, who, division)]


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


class TestTerms:
    @pytest.mark.parametrize(
        ("end", "due"),
        [
            ("2026-11-26 20:00", "2026-11-27 18:00"),
            ("2026-11-27 09:00", "2026-11-30 18:00"),  # over a weekend
            ("2026-09-30 20:00", "2026-10-05 18:00"),  # over the National Day
        ],
    )
    def test_what_follows_an_end_has_a_working_day(self, end: str, due: str) -> None:
        assert next_working_day(at(end).replace(tzinfo=BEIJING)) == at(due).replace(tzinfo=BEIJING)

    @pytest.mark.parametrize(
        ("kind", "reason", "days"),
        [
            (RoundKind.CONSULTATION, None, 0),
            (RoundKind.RESIDENTS_MEETING, None, 10),
            (RoundKind.RESIDENTS_MEETING, "汛期将至", 0),
            (RoundKind.OWNERS_DECISION, None, 15),
            (RoundKind.OWNERS_DECISION, "汛期将至", 15),  # nothing excuses here
        ],
    )
    def test_the_days_of_notice_come_before_the_opening(
        self, kind: RoundKind, reason: str | None, days: int
    ) -> None:
        opens_at = dt.datetime(2026, 12, 20, 1, 0, tzinfo=dt.UTC)
        found = latest_publication(
            kind=kind, opens_at=opens_at, short_notice_reason=reason, on=dt.date(2026, 11, 26)
        )
        assert opens_at - found == dt.timedelta(days=days)

    def test_a_split_says_nothing_of_a_few_not_even_by_subtraction(self) -> None:
        large, small, tiny, none = (uuid.uuid4() for _ in range(4))
        assert may_be_split({large: 40, small: FEWEST_SPLIT, none: 0}) == {large, small}
        assert may_be_split({large: 40, small: FEWEST_SPLIT, tiny: 1}) == {large}
        assert may_be_split({large: 40, tiny: FEWEST_SPLIT - 1}) == set()


class TestVoting:
    def test_an_approval_is_due_before_the_notice_begins(self, client: TestClient, story: Story) -> None:
        opens_at = clock.now() + dt.timedelta(days=12)
        round_id = story.draft_round(
            story.published_projects([100_000]), kind="residents_meeting",
            opens_at=opens_at.isoformat(), closes_at=(opens_at + dt.timedelta(days=7)).isoformat(),
        )  # fmt: skip
        ok(client.post(f"/api/v1/rounds/{round_id}/publish", headers=story.clerk))
        [item] = items(client, story.chair)
        assert at(item["due_at"]) == opens_at - dt.timedelta(days=10)
        assert item["urgency"] == "this_week"
        clock.set_frozen(clock.now() + dt.timedelta(days=2, minutes=1))
        chair = story.callers.staff(Role.RC_CHAIR, COMMUNITY)
        assert items(client, chair)[0]["urgency"] == "overdue"
        refused(client.post(f"/api/v1/rounds/{round_id}/approve", headers=chair), 422, "notice_too_short")

    def test_the_box_waits_behind_its_paper_and_nothing_is_late_at_once(
        self, client: TestClient, story: Story, callers: Callers
    ) -> None:
        paper = PaperStory(story, story.open_round(story.published_projects([100_000, 200_000, 300_000])))
        batch_id = paper.vote(SAYS)
        paper.close()
        [item] = items(client, story.clerk)
        assert (item["task"], item["count"]) == ("paper_to_finish", 1)
        assert item["urgency"] != "overdue"
        refused(
            client.post(f"/api/v1/rounds/{paper.round_id}/open-box", headers=story.clerk),
            409, "paper_not_reconciled",
        )  # fmt: skip
        ok(paper.give_back(batch_id, used=10, unused=10))
        path = f"/api/v1/paper-batches/{batch_id}/keyings"
        serials = paper.serials(batch_id)
        second = [[2], *SAYS[1:]]
        for who, says in ((paper.first, SAYS), (paper.second, second)):
            sheets = [line(serial, each) for serial, each in zip(serials, says, strict=False)]
            ok(client.post(path, json={"sheets": sheets}, headers=who))
        supervisor = callers.staff(Role.SUPERVISOR, COMMUNITY)
        [third] = items(client, supervisor)
        assert (third["task"], third["count"], third["subject_id"]) == ("sheets_to_decide", 1, batch_id)
        assert "sheets_to_decide" not in tasks(client, paper.first)  # who has read it cannot decide it
        ok(client.post(path, json={"sheets": [line(serials[0], [1])]}, headers=supervisor))
        assert items(client, supervisor) == []
        [box] = items(client, story.clerk)
        assert (box["task"], box["urgency"] != "overdue") == ("box_to_open", True)

    def test_a_supervisor_is_asked_to_confirm_what_the_chair_would_set_aside(
        self, client: TestClient, story: Story, callers: Callers
    ) -> None:
        paper = PaperStory(story, story.open_round(story.published_projects([100_000, 200_000, 300_000])))
        batch_id = paper.vote(SAYS)
        paper.close()
        ok(paper.give_back(batch_id, used=9, unused=11))
        path = f"/api/v1/paper-batches/{batch_id}/setting-aside"
        ok(client.post(path, json={"reason": "票箱封条破损，数目不符"}, headers=story.chair))
        supervisor = callers.staff(Role.SUPERVISOR, COMMUNITY)
        [item] = items(client, supervisor)
        assert (item["task"], item["subject_id"]) == ("batch_to_set_aside", batch_id)
        assert "batch_to_set_aside" not in tasks(client, story.chair)

    def test_forms_wait_for_another_person_until_the_vote_ends(
        self, client: TestClient, callers: Callers
    ) -> None:
        estate = opened(client, callers)
        ok(estate.enter(estate.form(5, "against"), who=estate.story.clerk))
        assert "forms_to_compare" not in tasks(client, estate.story.clerk)
        [item] = [each for each in items(client, estate.story.chair) if each["task"] == "forms_to_compare"]
        assert item["count"] == 1
        assert item["due_at"] == ok(client.get(estate.path))["closes_at"]


class TestPeople:
    def test_drafts_and_rows_that_may_be_one_person(self, client: TestClient, callers: Callers) -> None:
        story = Story(client, callers)
        rows = [
            roster_row(0, 姓名="王小明", 户代表="否"),
            roster_row(0, 姓名="王晓明", 手机="", 户代表="否"),
        ]
        story.import_roster(csv_bytes(rows))
        ok(client.post("/api/v1/projects", json=story.project(), headers=story.clerk))
        assert sorted(tasks(client, story.clerk)) == ["duplicates", "project_drafts"]
        [pair] = ok(client.get(f"/api/v1/communities/{COMMUNITY}/duplicates", headers=story.clerk))["items"]
        body = {"one_id": pair["one"]["id"], "other_id": pair["other"]["id"], "reason": "是父子"}
        ok(
            client.post(
                f"/api/v1/communities/{COMMUNITY}/duplicates/tell-apart", json=body, headers=story.clerk
            )
        )
        assert tasks(client, story.clerk) == [
            "project_drafts"
        ]  # counted anew as soon as somebody has answered


class TestAbove:
    @pytest.mark.usefixtures("story")
    def test_an_auditor_is_reminded_of_the_record(self, client: TestClient, callers: Callers) -> None:
        auditor = callers.staff(Role.AUDITOR, SUBDISTRICT)
        assert tasks(client, auditor, SUBDISTRICT) == ["record_to_verify"]
        ok(client.get("/api/v1/audit/verification", headers=auditor))
        assert tasks(client, auditor, SUBDISTRICT) == []
        clock.set_frozen(clock.now() + dt.timedelta(days=24))
        auditor = callers.staff(Role.AUDITOR, SUBDISTRICT)
        [item] = items(client, auditor, SUBDISTRICT)
        assert (item["task"], item["urgency"]) == ("record_to_verify", "this_week")

    def test_an_auditor_is_told_of_names_seen_in_full(
        self, client: TestClient, story: Story, callers: Callers
    ) -> None:
        base = f"/api/v1/communities/{COMMUNITY}/residents"
        person = ok(client.get(base, headers=story.clerk))["items"][0]["id"]
        why = {"purpose": "contact", "reason": "通知领取纸质选票"}
        ok(client.post(f"{base}/{person}/unmask", json=why, headers=story.clerk))
        auditor = callers.staff(Role.AUDITOR, SUBDISTRICT)
        assert ("disclosures", 1) in [
            (each["task"], each["count"]) for each in items(client, auditor, SUBDISTRICT)
        ]

    def test_a_monitor_sees_what_ends_soon(self, client: TestClient, story: Story, callers: Callers) -> None:
        monitor = callers.staff(Role.MUNICIPAL_MONITOR, SUBDISTRICT)
        story.open_round(
            story.published_projects([100_000]),
            closes_at=(clock.now() + dt.timedelta(days=6)).isoformat(),
        )
        [item] = items(client, monitor, SUBDISTRICT)
        assert (item["task"], item["count"], item["part"]) == ("rounds_ending", 1, "reports")
