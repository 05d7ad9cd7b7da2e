"""Two rows that are one person, as a clerk merges them, and what becomes of ballots, codes and ways in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from tests.callers import Callers
from tests.elders import code_for, enter, with_code
from tests.recorded.estate import body
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, phone, refused, roster_row

BASE = f"/api/v1/communities/{COMMUNITY}"
PAIRS = f"{BASE}/duplicates"
SAW = "看了身份证，是同一个人"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers)


def twins(
    story: Story, *, first: dict[str, str] | None = None, second: dict[str, str] | None = None
) -> list[str]:
    """One home, one name written in two ways, and a neighbour; the ids of the two."""
    rows = [
        roster_row(0, **{"姓名": "王小明", "户代表": "否"} | (first or {})),
        roster_row(0, **{"姓名": "王晓明", "手机": "", "户代表": "否"} | (second or {})),
        roster_row(1),
    ]
    story.import_roster(csv_bytes(rows))
    found = [(each["phone"] != "139****0000", each["id"]) for each in people(story) if each["name"] == "王**"]
    (_, one), (_, other) = sorted(found)
    return [one, other]


def people(story: Story) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = ok(story.client.get(f"{BASE}/residents", headers=story.clerk))["items"]
    return items


def pairs(story: Story) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = ok(story.client.get(PAIRS, headers=story.clerk))["items"]
    return items


def merge(story: Story, kept: str, gone: str, **who: Any) -> Any:
    body = {"kept_id": kept, "gone_id": gone, "reason": SAW}
    return story.client.post(f"{PAIRS}/merge", json=body, headers=who.get("who", story.clerk))


def undo(story: Story, duplicate_id: str) -> Any:
    return story.client.post(f"/api/v1/duplicates/{duplicate_id}/undo", headers=story.clerk)


def council(story: Story) -> str:
    """A meeting that begins now."""
    body = {
        "community_code": COMMUNITY, "kind": "council", "title": "议事会", "place": "活动室",
        "begins_at": clock.now().isoformat(), "agenda": ["照明"],
    }  # fmt: skip
    return str(ok(story.client.post("/api/v1/meetings", json=body, headers=story.clerk))["id"])


def tick(story: Story, meeting: str, person: str) -> None:
    ok(story.client.put(f"/api/v1/meetings/{meeting}/attendance/{person}", headers=story.clerk))


def attended(story: Story, meeting: str) -> set[str]:
    """Whose entries stand on the list of a meeting."""
    found = ok(story.client.get(f"/api/v1/meetings/{meeting}/attendance", headers=story.clerk))["people"]
    return {each["resident_id"] for each in found}


def present(story: Story, meeting: str) -> bool:
    """Whether the phone of the two counts as having been there."""
    path = f"/api/v1/meetings/{meeting}/mine"
    return bool(ok(story.client.get(path, headers=story.resident(0)))["attended"])


class TestList:
    def test_who_may_be_one_person_and_why(self, story: Story) -> None:
        rows = [
            roster_row(0, 姓名="王小明"),
            roster_row(0, 姓名="王晓明", 手机=phone(40)),
            roster_row(2, 姓名="赵敏", 身份="租户"),
            roster_row(3, 姓名="赵敏", 出生日期="1980-05-06", 身份="租户"),
            roster_row(4, 姓名="钱进"),
            roster_row(5, 姓名="钱进"),  # owns two homes
            roster_row(6, 姓名="孙大圣", 出生日期="1950-01-01"),
            roster_row(6, 姓名="孙小圣", 出生日期="1980-01-01", 手机=phone(41)),  # father and son
            roster_row(7, 姓名="李雷"),
            roster_row(7, 姓名="韩梅梅", 手机=phone(42)),
        ]
        story.import_roster(csv_bytes(rows))
        assert [(each["one"]["room"], each["other"]["room"], each["likeness"]) for each in pairs(story)] == [
            ("0101", "0101", ["same_home"]),
            ("0301", "0401", ["name_and_birth"]),
        ]
        assert "小明" not in str(pairs(story))
        assert phone(40) not in str(pairs(story))

    def test_told_apart_they_are_not_shown_again(self, story: Story, callers: Callers) -> None:
        one, other = twins(story)
        assert len(pairs(story)) == 1
        body = {"one_id": other, "other_id": one, "reason": "兄弟两人，都见过"}
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        path = f"{PAIRS}/tell-apart"
        refused(story.client.post(path, json=body, headers=stranger), 404, "division_not_found")
        ok(story.client.post(path, json=body, headers=story.clerk))
        assert pairs(story) == []
        assert len(people(story)) == 3
        assert ok(story.client.get(f"{PAIRS}/merged", headers=story.clerk))["items"] == []


class TestMerge:
    def test_one_row_is_left_with_what_both_knew_and_undo_makes_two(
        self, story: Story, database: Database
    ) -> None:
        one, other = twins(
            story, first={"出生日期": "", "身份": "其他"}, second={"户代表": "是", "身份": "业主"}
        )
        (pair,) = pairs(story)
        assert [row["may_stay"] for row in (pair["one"], pair["other"])] == [True, True]
        done = ok(merge(story, other, one))
        assert done["state"] == "merged"
        kept = next(each for each in people(story) if each["id"] == other)
        assert (kept["phone"], kept["tenure"], kept["is_representative"]) == ("139****0000", "owner", True)
        assert len(people(story)) == 2
        homes = ok(story.client.get("/api/v1/me/memberships", headers=story.resident(0)))["items"]
        assert len(homes) == 1
        (listed,) = ok(story.client.get(f"{PAIRS}/merged", headers=story.clerk))["items"]
        assert (listed["reason"], listed["kept"]["id"], listed["gone"]["id"]) == (SAW, other, one)
        for person in (one, other):
            told = ok(story.client.get(f"{BASE}/residents/{person}", headers=story.clerk))["events"]
            assert [event["tag"] for event in told] == ["resident:merged"]
        refused(merge(story, other, one), 404, "resident_not_found")

        assert ok(undo(story, done["id"]))["state"] == "undone"
        rows = {each["id"]: (each["phone"], each["tenure"]) for each in people(story)}
        assert (rows[one], rows[other]) == (("139****0000", "other"), (None, "owner"))
        refused(undo(story, done["id"]), 409, "duplicate_not_merged")
        assert len(pairs(story)) == 1
        with database.reading() as session:
            stored = session.execute(text("SELECT reason FROM duplicate")).scalars().all()
        assert SAW not in stored

    def test_who_attended_did_so_under_either_entry(self, story: Story, database: Database) -> None:
        one, other = twins(story)
        alone, both, neither = (council(story) for _ in range(3))
        tick(story, alone, one)
        for person in (one, other):
            tick(story, both, person)
        ok(
            story.client.put(
                f"/api/v1/meetings/{both}/attendance", json={"present": 9, "names": []}, headers=story.clerk
            )
        )
        before = {meeting: attended(story, meeting) for meeting in (alone, both, neither)}
        assert before == {alone: {one}, both: {one, other}, neither: set()}
        done = ok(merge(story, other, one))  # who never signed in before does with the number it took over
        assert [attended(story, each) for each in (alone, both, neither)] == [{other}, {other}, set()]
        assert [present(story, each) for each in (alone, both, neither)] == [True, True, False]
        assert ok(story.client.get(f"/api/v1/meetings/{both}"))["present"] == 9
        with database.reading() as session:
            stored = str(session.execute(text("SELECT journal FROM duplicate")).scalar_one())
        assert alone not in stored  # nobody reads in the database who came
        assert ok(undo(story, done["id"]))["state"] == "undone"
        assert {meeting: attended(story, meeting) for meeting in before} == before
        assert [present(story, each) for each in (alone, both, neither)] == [True, True, False]
        assert ok(story.client.get(f"/api/v1/meetings/{both}"))["present"] == 9

    def test_what_the_desk_put_right_since_stays_so(self, story: Story) -> None:
        one, other = twins(story)
        wrong, later = council(story), council(story)
        tick(story, wrong, one)
        done = ok(merge(story, other, one))
        path = f"/api/v1/meetings/{wrong}/attendance/{other}"
        ok(story.client.delete(path, headers=story.clerk))  # was not there after all
        tick(story, later, other)
        ok(undo(story, done["id"]))
        assert [attended(story, each) for each in (wrong, later)] == [set(), {other}]

    def test_at_the_door_while_two_become_one(self, story: Story) -> None:
        one, other = twins(story)
        meeting, who = council(story), story.resident(0)
        door = ok(story.client.post(f"/api/v1/meetings/{meeting}/door-code", headers=story.clerk))
        with ThreadPoolExecutor(2) as pool:
            scanned = pool.submit(
                story.client.post, "/api/v1/meetings/sign-in", json={"code": door["code"]}, headers=who
            )
            merged = pool.submit(merge, story, other, one)
            ok(scanned.result())
            ok(merged.result())
        assert attended(story, meeting) == {other}

    def test_two_at_once_are_one(self, story: Story) -> None:
        one, other = twins(story)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda pair: merge(story, *pair), [(one, other), (other, one)] * 2))
        assert sorted(answer.status_code for answer in answers) == [201, 404, 404, 404]
        assert len(people(story)) == 2

    def test_foreign_and_missing_look_alike(self, story: Story, callers: Callers) -> None:
        one, other = twins(story)
        done = ok(merge(story, one, other))
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        missing = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
        for path, headers in ((done["id"], stranger), (missing, story.clerk)):
            answer = story.client.post(f"/api/v1/duplicates/{path}/undo", headers=headers)
            refused(answer, 404, "duplicate_not_found")
        refused(merge(story, one, missing), 404, "resident_not_found")
        refused(merge(story, one, one), 404, "resident_not_found")
        refused(merge(story, one, other, who=stranger), 404, "division_not_found")
        for path in (PAIRS, f"{PAIRS}/merged"):
            refused(story.client.get(path, headers=stranger), 404, "division_not_found")
            officer = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
            refused(story.client.get(path, headers=officer), 403, "not_allowed")

    def test_a_way_in_is_never_taken(self, story: Story) -> None:
        one, other = twins(story, second={"手机": phone(70)})
        story.resident(0)
        story.resident(70)
        refused(merge(story, one, other), 409, "merge_both_sign_in")
        (pair,) = pairs(story)
        assert {pair["one"]["problem"], pair["other"]["problem"]} == {"merge_both_sign_in"}

    def test_the_number_that_is_used_stays(self, story: Story) -> None:
        one, other = twins(story, second={"手机": phone(70)})
        story.resident(70)
        ok(merge(story, one, other))
        assert next(each for each in people(story) if each["id"] == one)["phone"] == "139****0070"

    def test_an_owner_of_two_homes_stays_in_both(self, story: Story) -> None:
        rows = [roster_row(0, 姓名="钱进", 身份="租户"), roster_row(1, 姓名="钱进", 手机="")]
        story.import_roster(csv_bytes(rows))
        (pair,) = pairs(story)
        tenant, owner = sorted((pair["one"], pair["other"]), key=lambda row: str(row["tenure"]), reverse=True)
        assert (tenant["may_stay"], owner["may_stay"]) == (False, True)
        refused(merge(story, tenant["id"], owner["id"]), 409, "merge_owns_another_home")
        ok(merge(story, owner["id"], tenant["id"]))

    def test_a_code_of_the_closed_row_opens_nothing_more(self, story: Story) -> None:
        one, other = twins(story)
        body = {"resident_ids": [other]}
        (item,) = ok(story.client.post(f"{BASE}/paper-codes", json=body, headers=story.clerk))["items"]
        ok(merge(story, one, other))
        refused(enter(story, item["code"]), 401, "wrong_code")
        assert code_for(story, 1)

    def test_a_previewed_import_is_looked_at_anew(self, story: Story) -> None:
        one, other = twins(story)
        files = {"file": ("名册.csv", csv_bytes([roster_row(0, 姓名="王晓明", 手机=""), roster_row(1)]))}
        preview = ok(story.client.post(f"{BASE}/roster/imports", files=files, headers=story.clerk))
        ok(merge(story, one, other))
        path = f"{BASE}/roster/imports/{preview['id']}/commit"
        refused(story.client.post(path, json={}, headers=story.clerk), 409, "roster_import_outdated")

    def test_undo_is_refused_when_somebody_has_the_place(self, story: Story) -> None:
        one, other = twins(story)
        done = ok(merge(story, one, other))
        body = {"name": "王晓明", "phone": phone(60), "building": "1栋", "unit": "1单元", "room": "0101"}
        filed = ok(story.client.post(f"{BASE}/registrations", json=body, headers=story.resident(60)))
        ok(story.client.post(f"/api/v1/registrations/{filed['id']}/approve", headers=story.clerk))
        refused(undo(story, done["id"]), 409, "roster_rows_taken")


class TestBallots:
    def test_two_ballots_stay_two_until_the_result(self, story: Story, drain: Callable[[], int]) -> None:
        one, other = twins(story)
        ids = story.published_projects([100_000])
        round_id = story.open_round(ids)
        ok(story.cast(round_id, story.resident(0), ids))
        for kept, gone in ((one, other), (other, one)):
            body = refused(merge(story, kept, gone), 409, "merge_both_have_a_ballot")
            assert "2026 年社区微更新" in body["detail"]
        assert len(people(story)) == 3
        story.finish(round_id, drain)
        ok(merge(story, one, other))

    def test_before_a_round_opens_one_person_gets_one_ballot(self, story: Story) -> None:
        one, other = twins(story)
        ids = story.published_projects([100_000])
        round_id = story.publish_round(ids)
        done = ok(merge(story, other, one))
        ok(story.client.post(f"/api/v1/rounds/{round_id}/open", headers=story.clerk))
        assert ok(story.client.get(f"/api/v1/rounds/{round_id}"))["roll_size"] == 2
        ok(story.cast(round_id, story.resident(0), ids))
        refused(undo(story, done["id"]), 409, "merge_round_under_way")
        ok(story.cast(round_id, story.resident(0), ids))

    def test_the_row_with_the_ballot_stays(self, story: Story) -> None:
        """Somebody registers after the opening, though the roster has them: only the row of the roster has a ballot."""
        story.import_roster(csv_bytes([roster_row(0, 姓名="王小明", 手机=""), roster_row(1)]))
        ids = story.published_projects([100_000])
        round_id = story.open_round(ids)
        body = {"name": "王晓明", "phone": phone(50), "building": "1栋", "unit": "1单元", "room": "0101"}
        me = story.resident(50)
        filed = ok(story.client.post(f"{BASE}/registrations", json=body, headers=me))
        ok(story.client.post(f"/api/v1/registrations/{filed['id']}/approve", headers=story.clerk))
        refused(story.cast(round_id, me, ids), 403, "not_on_the_roll")
        (pair,) = pairs(story)
        enrolled, late = sorted(
            (pair["one"], pair["other"]), key=lambda row: str(row["source"]), reverse=True
        )
        assert (enrolled["may_stay"], late["may_stay"]) == (True, False)
        refused(merge(story, late["id"], enrolled["id"]), 409, "merge_has_a_ballot")
        ok(merge(story, enrolled["id"], late["id"]))
        ok(story.cast(round_id, me, ids))

    def test_a_ballot_by_code_of_a_household_stays_in_the_box(
        self, story: Story, drain: Callable[[], int]
    ) -> None:
        """One home, one ballot: who voted with the closed row's code has voted, and nobody votes twice."""
        one, other = twins(story)
        ids = story.published_projects([100_000])
        round_id = story.open_round(ids, electorate="household")
        body = {"resident_ids": [other], "round_id": round_id}
        (item,) = ok(story.client.post(f"{BASE}/paper-codes", json=body, headers=story.clerk))["items"]
        elder = with_code(story, item["code"])
        ok(story.cast(round_id, elder, ids))
        ok(merge(story, one, other))
        refused(story.cast(round_id, elder, ids), 401, "token_invalid")
        ok(story.cast(round_id, story.resident(0), ids))  # in place of the one before, as version two
        result = story.finish(round_id, drain)
        assert result["ballots_counted"] == 1

    def test_the_home_of_a_household_ballot_is_not_emptied(self, story: Story) -> None:
        rows = [roster_row(0, 姓名="赵敏", 身份="租户"), roster_row(1, 姓名="赵敏", 身份="租户", 手机="")]
        story.import_roster(csv_bytes(rows))
        one, other = (each["id"] for each in people(story))
        ids = story.published_projects([100_000])
        story.open_round(ids, electorate="household")
        refused(merge(story, one, other), 409, "merge_both_have_a_ballot")

    def test_a_number_with_a_ballot_in_another_community_brings_no_second_one(
        self, story: Story, callers: Callers
    ) -> None:
        story.import_roster(csv_bytes([roster_row(0, 姓名="王小明", 手机="")]))
        neighbour = Story(story.client, callers, community=NEIGHBOUR)
        neighbour.import_roster(csv_bytes([roster_row(50)]))
        ids = story.published_projects([100_000])
        both = callers.staff(Role.RC_STAFF, SUBDISTRICT), callers.staff(Role.RC_CHAIR, SUBDISTRICT)
        story.clerk, story.chair = both
        story.open_round(ids, division_code=SUBDISTRICT, community_codes=[COMMUNITY, NEIGHBOUR])
        body = {"name": "王晓明", "phone": phone(50), "building": "1栋", "unit": "1单元", "room": "0101"}
        filed = ok(story.client.post(f"{BASE}/registrations", json=body, headers=story.resident(50)))
        ok(story.client.post(f"/api/v1/registrations/{filed['id']}/approve", headers=story.clerk))
        (pair,) = pairs(story)
        enrolled, late = sorted(
            (pair["one"], pair["other"]), key=lambda row: str(row["source"]), reverse=True
        )
        refused(merge(story, enrolled["id"], late["id"]), 409, "merge_phone_has_a_ballot")

    def test_who_stands_on_an_owners_roll_stays(self, story: Story) -> None:
        one, other = twins(story, second={"手机": phone(70)})
        drafted = ok(story.client.post("/api/v1/rounds", json=body(story), headers=story.clerk))
        path = f"/api/v1/rounds/{drafted['id']}"
        ok(story.client.post(f"{path}/publish", headers=story.clerk))
        ok(story.client.post(f"{path}/approve", headers=story.chair))
        ok(story.client.post(f"{path}/recorded/open", headers=story.clerk))
        refused(merge(story, one, other), 409, "merge_both_have_a_ballot")
