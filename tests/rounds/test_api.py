"""Drafting and publishing a round: two people, frozen lists, the law's notice."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.core.config import Settings
from tests.callers import Callers
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, refused, roster_row


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(2)


@pytest.fixture
def projects(story: Story) -> list[str]:
    return story.published_projects([300_000, 400_000])


class TestDraft:
    def test_a_draft_is_for_those_who_work_on_it(
        self, story: Story, projects: list[str], callers: Callers
    ) -> None:
        round_id = story.draft_round(projects)
        refused(story.client.get(f"/api/v1/rounds/{round_id}"), 404, "round_not_found")
        assert ok(story.client.get("/api/v1/rounds"))["items"] == []
        assert len(ok(story.client.get("/api/v1/round-drafts", headers=story.clerk))["items"]) == 1
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        assert ok(story.client.get("/api/v1/round-drafts", headers=stranger))["items"] == []
        refused(story.client.get(f"/api/v1/rounds/{round_id}", headers=stranger), 404, "round_not_found")
        refused(
            story.client.post(f"/api/v1/rounds/{round_id}/publish", headers=stranger), 404, "round_not_found"
        )

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"division_code": NEIGHBOUR, "community_codes": [NEIGHBOUR]}, 404, "round_not_found"),
            ({"community_codes": [NEIGHBOUR]}, 422, "community_not_covered"),
            ({"community_codes": ["520102031999"]}, 422, "community_not_covered"),
            ({"project_ids": ["00000000-0000-4000-8000-000000000000"]}, 422, "project_not_in_communities"),
            ({"budget_fen": 0}, 422, "malformed_request"),
            ({"budget_fen": 1.5}, 422, "malformed_request"),
            ({"max_rank": 0}, 422, "malformed_request"),
            ({"rule": "rank-mes", "skip": False}, 422, "rule_malformed"),
            ({"rule": "rank-mes", "budget_fen": None}, 422, "rule_malformed"),
            ({"fill": "k-borda"}, 422, "rule_malformed"),
            ({"completion": "add1"}, 422, "rule_malformed"),
            ({"until": "exhaustive"}, 422, "rule_malformed"),
            ({"comparison": True}, 422, "rule_malformed"),
            ({"unranked": "last"}, 422, "rule_malformed"),
            ({"budget_fen": None, "part_percent": 80}, 422, "rule_malformed"),
            ({"rule": "mes", "part_percent": 80}, 422, "rule_malformed"),
            ({"part_percent": 100}, 422, "malformed_request"),
            ({"forced_in": ["00000000-0000-4000-8000-000000000000"]}, 422, "project_not_in_communities"),
            ({"status": "open"}, 422, "malformed_request"),
            ({"title": "两行\n标题"}, 422, "malformed_request"),
            ({"opens_at": "2026-12-01T10:00:00"}, 422, "malformed_request"),
        ],
    )
    def test_a_wrong_draft_is_refused(
        self, story: Story, projects: list[str], change: dict[str, object], status: int, code: str
    ) -> None:
        body = story.round_body(projects) | change
        refused(story.client.post("/api/v1/rounds", json=body, headers=story.clerk), status, code)

    def test_projects_that_exclude_each_other_or_are_decided(self, story: Story, projects: list[str]) -> None:
        path = "/api/v1/rounds"
        for change, code in (
            ({"exclusive_groups": [projects, projects]}, "groups_contradict"),
            ({"exclusive_groups": [projects], "forced_in": projects}, "groups_contradict"),
            ({"forced_in": projects, "budget_fen": 699_999}, "forced_over_budget"),
            ({"exclusive_groups": [projects[:1]]}, "malformed_request"),
        ):
            body = story.round_body(projects, **change)
            refused(story.client.post(path, json=body, headers=story.clerk), 422, code)
        round_id = story.publish_round(projects, exclusive_groups=[projects], forced_in=projects[1:])
        listed = ok(story.client.get(f"{path}/{round_id}/projects"))["items"]
        assert [(each["exclusive_group"], each["forced_in"]) for each in listed] == [(1, False), (1, True)]

    def test_what_a_draft_leaves_open_is_as_usual_for_its_rule(
        self, story: Story, projects: list[str]
    ) -> None:
        for rule, completion, fill in (
            ("greedy", "none", "none"),
            ("rank-mes", "add1", "k-borda"),
            ("mes", "none", "none"),
            ("schulze", "none", "none"),
            ("pb-ear", "none", "k-borda"),
        ):
            body = story.round_body(projects, rule=rule)
            made = ok(story.client.post("/api/v1/rounds", json=body, headers=story.clerk))
            assert (made["rule"], made["completion"], made["fill"]) == (rule, completion, fill)

    def test_it_must_close_after_it_opens(self, story: Story, projects: list[str]) -> None:
        body = story.round_body(projects)
        body["closes_at"] = body["opens_at"]
        refused(story.client.post("/api/v1/rounds", json=body, headers=story.clerk), 422, "dates_reversed")

    def test_a_change_is_refused_in_the_same_words(self, story: Story, projects: list[str]) -> None:
        path = f"/api/v1/rounds/{story.draft_round(projects)}"
        body = story.round_body(projects)
        body["opens_at"], body["closes_at"] = body["closes_at"], body["opens_at"]
        refused(
            story.client.put(path, json=body, headers={**story.clerk, "If-Match": '"1"'}),
            422,
            "dates_reversed",
        )
        assert ok(story.client.get(path, headers=story.clerk))["version"] == 1

    def test_a_change_needs_the_version_that_was_read(self, story: Story, projects: list[str]) -> None:
        round_id, path = (made := story.draft_round(projects)), f"/api/v1/rounds/{made}"
        body = story.round_body(projects[:1], title="改过的")
        assert round_id
        refused(story.client.put(path, json=body, headers=story.clerk), 422, "malformed_request")
        changed = ok(story.client.put(path, json=body, headers={**story.clerk, "If-Match": '"1"'}))
        assert (changed["title"], changed["version"]) == ("改过的", 2)
        refused(
            story.client.put(path, json=body, headers={**story.clerk, "If-Match": '"1"'}),
            412,
            "round_outdated",
        )

    def test_its_list_may_be_empty_until_it_is_published(self, story: Story, projects: list[str]) -> None:
        body = story.round_body([], rule="greedy", budget_fen=None)
        made = ok(story.client.post("/api/v1/rounds", json=body, headers=story.clerk))
        path = f"/api/v1/rounds/{made['id']}"
        refused(story.client.post(f"{path}/publish", headers=story.clerk), 422, "nothing_to_vote_on")
        chosen = ok(
            story.client.put(path, json=story.round_body(projects), headers=story.clerk | {"If-Match": '"1"'})
        )
        assert chosen["version"] == 2
        ok(story.client.post(f"{path}/publish", headers=story.clerk))

    def test_it_can_be_thrown_away(self, story: Story, projects: list[str], callers: Callers) -> None:
        path = f"/api/v1/rounds/{story.draft_round(projects)}"
        refused(
            story.client.delete(path, headers=callers.staff(Role.RC_STAFF, NEIGHBOUR)), 404, "round_not_found"
        )
        refused(
            story.client.delete(path, headers=callers.staff(Role.SUPERVISOR, COMMUNITY)), 403, "not_allowed"
        )
        ok(story.client.delete(path, headers=story.clerk))
        refused(story.client.get(path, headers=story.clerk), 404, "round_not_found")
        refused(story.client.delete(path, headers=story.clerk), 404, "round_not_found")
        assert ok(story.client.get("/api/v1/round-drafts", headers=story.clerk))["items"] == []
        published = f"/api/v1/rounds/{story.publish_round(projects)}"
        refused(story.client.delete(published, headers=story.clerk), 409, "round_frozen")


class TestCheck:
    def look(self, story: Story, round_id: str, **headers: str) -> dict[str, Any]:
        found: dict[str, Any] = ok(
            story.client.get(f"/api/v1/rounds/{round_id}/check", headers=story.clerk | headers)
        )
        return found

    def codes(self, story: Story, round_id: str, weight: str) -> list[str]:
        return [each["code"] for each in self.look(story, round_id)["findings"] if each["weight"] == weight]

    @pytest.fixture(autouse=True)
    def _morning(self) -> None:
        clock.set_frozen(dt.datetime(2026, 6, 1, 2, 0, tzinfo=dt.UTC))

    def test_it_says_who_may_vote_and_what_it_costs(self, story: Story, projects: list[str]) -> None:
        round_id = story.draft_round(projects, budget_fen=500_000, forced_in=projects[:1], paper="first_wins")
        found = self.look(story, round_id)
        figures = ("people", "households", "listed_cost_fen", "forced_cost_fen", "publication_days")
        assert [found[name] for name in figures] == [2, 2, 700_000, 300_000, 15]
        assert (found["proposed_by"], found["approved_by"], found["findings"]) == (None, None, [])

    def test_what_stops_it(self, story: Story, projects: list[str]) -> None:
        gone = story.draft_round(projects)
        path = f"/api/v1/projects/{projects[0]}/withdraw"
        ok(story.client.post(path, json={"reason": "另有安排"}, headers=story.clerk))
        assert self.codes(story, gone, "stops") == ["projects_gone"]
        (said,) = [
            each["sentence"] for each in self.look(story, gone)["findings"] if each["weight"] == "stops"
        ]
        assert said.endswith("项目1")
        early = story.draft_round(projects[1:], kind="residents_meeting")
        assert self.codes(story, early, "stops") == ["notice_too_short"]
        chinese = self.look(story, early, **{"Accept-Language": "zh-CN"})["findings"][0]["sentence"]
        assert chinese == "这类表决须提前至少 10 天公告（居民委员会组织法第二十六条）。"
        empty = story.draft_round([])
        assert self.codes(story, empty, "stops") == ["nothing_to_vote_on"]
        clock.set_frozen(dt.datetime(2026, 6, 3, 2, 0, tzinfo=dt.UTC))
        clerk = story.callers.staff(Role.RC_STAFF, COMMUNITY)
        late = ok(story.client.get(f"/api/v1/rounds/{early}/check", headers=clerk))
        assert late["findings"][0]["code"] == "dates_reversed"

    def test_what_somebody_should_have_thought_of(self, story: Story, projects: list[str]) -> None:
        # from the Dragon Boat Festival, 23:00 in Beijing, for two days
        dates = {"opens_at": "2026-06-19T15:00:00Z", "closes_at": "2026-06-21T12:00:00Z"}
        other = story.publish_round(projects, title="同一周的投票", **dates)
        round_id = story.draft_round(projects, budget_fen=350_000, paper="none", **dates)
        assert self.codes(story, round_id, "warns") == [
            "opens_on_holiday", "opens_at_night", "short_voting", "overlaps", "on_another_list", "on_another_list",
            "nothing_fits", "no_paper",
        ]  # fmt: skip
        said = {each["code"]: each["sentence"] for each in self.look(story, round_id)["findings"]}
        assert said["overlaps"].startswith("“同一周的投票” runs at the same time (2026-06-19 23:00")
        assert "the Dragon Boat Festival" in said["opens_on_holiday"]
        assert self.look(story, other)["findings"] == []  # it is published: too late to change
        ok(
            story.client.post(
                f"/api/v1/rounds/{other}/cancel", json={"reason": "另定日期"}, headers=story.chair
            )
        )
        roomy = story.draft_round(projects, budget_fen=700_000)
        assert self.codes(story, roomy, "warns") == ["everything_fits"]

    def test_a_cost_that_has_changed_since(self, story: Story, projects: list[str]) -> None:
        round_id = story.draft_round(projects, budget_fen=500_000)
        path = f"/api/v1/projects/{projects[0]}"
        read = story.client.get(path, headers=story.clerk)
        dearer = {"cost_items": [{"kind": "works", "description": "施工", "amount_fen": 310_000}]}
        ok(story.client.patch(path, json=dearer, headers=story.clerk | {"If-Match": read.headers["ETag"]}))
        (said,) = [each["sentence"] for each in self.look(story, round_id)["findings"]]
        assert "3,100.00 yuan" in said

    def test_what_stands_on_another_list(self, story: Story, projects: list[str]) -> None:
        other = story.publish_round(projects[:1], title="已经公布的一轮")
        round_id = story.draft_round(projects)
        (said,) = [
            each["sentence"]
            for each in self.look(story, round_id)["findings"]
            if each["code"] == "on_another_list"
        ]
        assert said == "“项目1” is on the list of “已经公布的一轮”, and that vote is not over."
        ok(
            story.client.post(
                f"/api/v1/rounds/{other}/cancel", json={"reason": "另定日期"}, headers=story.chair
            )
        )
        assert "on_another_list" not in self.codes(story, round_id, "warns")

    def test_who_may_approve_it(self, story: Story, projects: list[str], callers: Callers) -> None:
        clerk = callers.staff(Role.RC_STAFF, COMMUNITY, name="李秀兰")
        chair = callers.staff(Role.RC_CHAIR, COMMUNITY, name="陈建国")
        path = f"/api/v1/rounds/{story.draft_round(projects)}"
        by_clerk = ok(story.client.get(f"{path}/check", headers=clerk))["approvers"]
        assert "陈建国" in by_clerk
        assert "李秀兰" not in by_clerk
        ok(story.client.post(f"{path}/publish", headers=chair))
        by_chair = ok(story.client.get(f"{path}/check", headers=clerk))["approvers"]
        assert "李秀兰" in by_chair
        assert "陈建国" not in by_chair
        ok(story.client.post(f"{path}/approve", headers=clerk))
        assert ok(story.client.get(f"{path}/check", headers=clerk))["approvers"] == []

    def test_who_proposed_and_who_approved(self, story: Story, projects: list[str], callers: Callers) -> None:
        clerk = callers.staff(Role.RC_STAFF, COMMUNITY, name="李秀兰")
        round_id = story.draft_round(projects)
        path = f"/api/v1/rounds/{round_id}"
        ok(story.client.post(f"{path}/publish", headers=clerk))
        seen = ok(story.client.get(f"{path}/check", headers=clerk))
        assert (seen["proposed_by"], seen["proposed_by_me"]) == ("李秀兰", True)
        assert self.look(story, round_id)["proposed_by_me"] is False
        ok(story.client.post(f"{path}/approve", headers=story.chair))
        assert self.look(story, round_id)["approved_by"] is not None

    def test_for_those_who_answer_for_it(self, story: Story, projects: list[str], callers: Callers) -> None:
        path = f"/api/v1/rounds/{story.draft_round(projects)}/check"
        ok(story.client.get(path, headers=callers.staff(Role.SUPERVISOR, COMMUNITY)))
        refused(
            story.client.get(path, headers=callers.staff(Role.RC_CHAIR, NEIGHBOUR)), 404, "round_not_found"
        )
        for role in (Role.MEDIATOR, Role.SUBDISTRICT_OFFICER, Role.ADMINISTRATOR):
            refused(story.client.get(path, headers=callers.staff(role, SUBDISTRICT)), 403, "not_allowed")
        refused(story.client.get(path), 401, "not_signed_in")


class TestPublish:
    def test_it_takes_a_second_person(self, story: Story, projects: list[str], callers: Callers) -> None:
        both = callers.staff(Role.RC_STAFF, COMMUNITY, also=(Role.RC_CHAIR,))
        path = f"/api/v1/rounds/{story.draft_round(projects)}"
        refused(story.client.post(f"{path}/approve", headers=story.chair), 409, "round_wrong_state")
        ok(story.client.post(f"{path}/publish", headers=both))
        refused(story.client.post(f"{path}/approve", headers=both), 403, "second_person_needed")
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(story.client.post(f"{path}/approve", headers=stranger), 404, "round_not_found")
        published = ok(story.client.post(f"{path}/approve", headers=story.chair))
        assert published["status"] == "published"
        assert len(published["frozen_digest"]) == 64

    def test_one_of_the_two_chairs_the_committee(
        self, story: Story, projects: list[str], callers: Callers
    ) -> None:
        colleague = callers.staff(Role.RC_STAFF, COMMUNITY)
        by_clerk = f"/api/v1/rounds/{story.draft_round(projects)}"
        ok(story.client.post(f"{by_clerk}/publish", headers=story.clerk))
        refused(story.client.post(f"{by_clerk}/approve", headers=colleague), 403, "chair_needed")
        by_chair = f"/api/v1/rounds/{story.draft_round(projects)}"
        ok(story.client.post(f"{by_chair}/publish", headers=story.chair))
        assert ok(story.client.post(f"{by_chair}/approve", headers=colleague))["status"] == "published"

    def test_a_change_after_the_proposal_withdraws_it(self, story: Story, projects: list[str]) -> None:
        path = f"/api/v1/rounds/{story.draft_round(projects)}"
        ok(story.client.post(f"{path}/publish", headers=story.clerk))
        body = story.round_body(projects[:1])
        ok(story.client.put(path, json=body, headers={**story.clerk, "If-Match": '"1"'}))
        refused(story.client.post(f"{path}/approve", headers=story.chair), 409, "round_wrong_state")

    def test_nothing_can_change_afterwards(self, story: Story, projects: list[str]) -> None:
        path = f"/api/v1/rounds/{story.publish_round(projects)}"
        body = story.round_body(projects[:1])
        refused(
            story.client.put(path, json=body, headers={**story.clerk, "If-Match": '"1"'}), 409, "round_frozen"
        )
        refused(story.client.post(f"{path}/publish", headers=story.clerk), 409, "round_frozen")

    def test_a_residents_meeting_is_announced_ten_days_before(
        self, story: Story, projects: list[str]
    ) -> None:
        path = f"/api/v1/rounds/{story.draft_round(projects, kind='residents_meeting')}"
        body = refused(story.client.post(f"{path}/publish", headers=story.clerk), 422, "notice_too_short")
        assert body["days"] == 10
        reason = {"kind": "residents_meeting", "short_notice_reason": "汛期抢修"}
        story.publish_round(projects, **reason)


class TestOpen:
    def test_it_opens_and_closes_by_itself_at_the_announced_times(
        self, story: Story, projects: list[str], drain: Callable[[], int]
    ) -> None:
        path = f"/api/v1/rounds/{story.publish_round(projects)}"
        now = clock.now()
        for days, status in ((0.9, "published"), (1.1, "open"), (7.9, "open"), (8.1, "closed")):
            with clock.frozen(now + dt.timedelta(days=days)):
                drain()
                assert ok(story.client.get(path))["status"] == status

    def test_nobody_opens_or_closes_it_earlier_in_production(
        self, story: Story, projects: list[str], settings: Settings
    ) -> None:
        path = f"/api/v1/rounds/{story.publish_round(projects)}"
        settings.manual_round_times = False
        refused(story.client.post(f"{path}/open", headers=story.clerk), 409, "too_early")
        settings.manual_round_times = True
        ok(story.client.post(f"{path}/open", headers=story.clerk))
        settings.manual_round_times = False
        refused(story.client.post(f"{path}/close", headers=story.clerk), 409, "too_early")

    def test_an_estate_votes_in_several_communities_and_nobody_twice(
        self, client: TestClient, callers: Callers, story: Story, drain: Callable[[], int]
    ) -> None:
        neighbour = Story(client, callers, NEIGHBOUR)
        neighbour.import_roster(csv_bytes([roster_row(0), roster_row(9)]))  # 0 has a home in both
        ids = [*story.published_projects([100_000]), *neighbour.published_projects([200_000])]
        whole = Story(client, callers, COMMUNITY)
        whole.clerk = callers.staff(Role.RC_STAFF, SUBDISTRICT)
        whole.chair = callers.staff(Role.RC_CHAIR, SUBDISTRICT)
        places = {"division_code": SUBDISTRICT, "community_codes": [COMMUNITY, NEIGHBOUR]}
        round_id = whole.open_round(ids, **places)
        assert ok(client.get(f"/api/v1/rounds/{round_id}"))["roll_size"] == 3
        for number in (0, 1, 9):
            ok(whole.cast(round_id, whole.resident(number), ids))
        assert whole.finish(round_id, drain)["ballots_counted"] == 3

    def test_a_round_for_nobody_does_not_open(self, client: TestClient, callers: Callers) -> None:
        empty = Story(client, callers, NEIGHBOUR)
        round_id = empty.publish_round(empty.published_projects([100_000]))
        refused(
            client.post(f"/api/v1/rounds/{round_id}/open", headers=empty.clerk), 409, "nobody_on_the_roll"
        )


class TestCancel:
    def test_it_ends_with_a_public_reason(self, story: Story, projects: list[str]) -> None:
        path = f"/api/v1/rounds/{story.open_round(projects)}"
        refused(
            story.client.post(f"{path}/cancel", json={"reason": "重来"}, headers=story.clerk),
            403,
            "not_allowed",
        )
        voided = ok(story.client.post(f"{path}/cancel", json={"reason": "名单有误"}, headers=story.chair))
        assert voided["status"] == "void"
        assert ok(story.client.get(path))["ended_reason"] == "名单有误"
        refused(story.client.post(f"{path}/close", headers=story.clerk), 409, "round_wrong_state")
