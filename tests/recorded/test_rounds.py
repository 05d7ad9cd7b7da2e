"""Drafting, publishing and opening a recorded round, and keeping it apart from secret ones."""

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.core.config import Settings
from app.recorded.api import papers_router, router
from app.recorded.schemas import RecordedOut
from app.rounds.schemas import RECORDED_LABEL
from tests.callers import Callers
from tests.recorded import estate
from tests.recorded.estate import (
    AREAS,
    CO_OWNER,
    LABEL,
    OWNERLESS,
    THREE_FLATS,
    Estate,
    centi,
    opened,
    published,
)
from tests.story import COMMUNITY, NEIGHBOUR, Story, csv_bytes, ok, phone, refused, roster_row

ROUNDS = "/api/v1/rounds"
MISSING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers)


class TestDraft:
    def test_a_matter_and_a_question_instead_of_a_list(self, story: Story) -> None:
        made = ok(story.client.post(ROUNDS, json=estate.body(story), headers=story.clerk))
        assert (made["recorded"], made["label"]) == (True, LABEL)
        assert (made["matter"], made["paper"], made["custody"]) == ("use_of_repair_fund", "none", "local")
        assert {made[name] for name in ("rule", "max_rank", "ties", "budget_fen", "points")} == {None}
        for changes, wrong in (
            ({"electorate": "person"}, "electorate"),
            ({"matter": None}, "matter"),
            ({"question": None}, "question"),
            ({"rule": "greedy", "paper": "first_wins", "custody": "split"}, "custody, paper, rule"),
            ({"project_ids": [MISSING], "budget_fen": 5}, "budget_fen, project_ids"),
            ({"kind": "consultation"}, "electorate, matter, question"),
        ):
            body = estate.body(story, **changes)
            problem = refused(
                story.client.post(ROUNDS, json=body, headers=story.clerk), 422, "kind_malformed"
            )
            assert problem["settings"] == wrong
        same = estate.body(story, paper="none", custody="local", project_ids=[], budget_fen=None)
        ok(story.client.post(ROUNDS, json=same, headers=story.clerk))

    def test_a_secret_round_says_that_it_is_one(self, story: Story) -> None:
        ids = story.with_residents(1).published_projects([100_000])
        made = ok(story.client.post(ROUNDS, json=story.round_body(ids), headers=story.clerk))
        assert (made["recorded"], made["label"]["zh"], made["matter"]) == (False, "无记名投票", None)
        changed = story.round_body(ids) | {"question": "是否同意？"}
        refused(story.client.post(ROUNDS, json=changed, headers=story.clerk), 422, "kind_malformed")

    def test_a_draft_can_become_a_recorded_round(self, story: Story) -> None:
        ids = story.with_residents(1).published_projects([100_000])
        path = f"{ROUNDS}/{story.draft_round(ids)}"
        body = estate.body(story)
        changed = ok(story.client.put(path, json=body, headers={**story.clerk, "If-Match": '"1"'}))
        assert (changed["kind"], changed["paper"]) == ("owners_decision", "none")
        assert ok(story.client.get(f"{path}/projects", headers=story.clerk))["items"] == []


class TestPublish:
    def test_two_people_fifteen_days_before_and_the_thresholds_are_frozen(self, story: Story) -> None:
        soon = (clock.now() + dt.timedelta(days=14)).isoformat()
        body = estate.body(story, opens_at=soon, short_notice_reason="汛期抢修")
        path = f"{ROUNDS}/{ok(story.client.post(ROUNDS, json=body, headers=story.clerk))['id']}"
        problem = refused(story.client.post(f"{path}/publish", headers=story.clerk), 422, "notice_too_short")
        assert (problem["days"], problem["article"]) == (15, "物业管理条例第十四条")
        shown = ok(story.client.get(f"{ROUNDS}/{published(story)}"))
        assert (shown["status"], len(shown["frozen_digest"])) == ("published", 64)


class TestOpen:
    def test_the_roll_has_every_dwelling_with_its_area_and_its_head(
        self, client: TestClient, callers: Callers
    ) -> None:
        made = opened(client, callers)
        page = ok(client.get(f"{made.path}/owners-roll", params={"limit": 7}, headers=made.story.clerk))
        assert (page["dwellings"], page["heads"], page["taken_part_dwellings"]) == (20, 18, 0)
        assert page["area_centi_m2"] == sum(map(centi, AREAS))
        assert (page["recorded"], page["label"]) == (True, LABEL)
        heads = {number: made.entry(number)["head"] for number in range(20)}
        assert len({heads[number] for number in (THREE_FLATS, 1, 2)}) == 1
        assert sorted(set(heads.values())) == list(range(1, 19))
        assert len(made.entry(CO_OWNER)["owners"]) == 2
        assert made.entry(OWNERLESS)["owners"] == []
        assert made.entry(5)["owners"][0]["name"].startswith("居*")
        seen = [line["entry_id"] for line in page["items"]]
        while page["next_cursor"]:
            params: dict[str, Any] = {"limit": 7, "cursor": page["next_cursor"]}
            page = ok(client.get(f"{made.path}/owners-roll", params=params, headers=made.story.clerk))
            seen += [line["entry_id"] for line in page["items"]]
        assert sorted(seen) == sorted(line["entry_id"] for line in made.roll())
        params = {"cursor": "bm9uc2Vuc2U"}
        refused(
            client.get(f"{made.path}/owners-roll", params=params, headers=made.story.clerk), 422, "bad_cursor"
        )
        assert ok(client.get(made.path))["roll_size"] == 20
        for who in (callers.staff(Role.RC_STAFF, NEIGHBOUR),):
            refused(client.get(f"{made.path}/owners-roll", headers=who), 404, "round_not_found")
        refused(client.get(f"{made.path}/owners-roll", headers=made.owner(5)), 403, "not_allowed")

    def test_without_areas_nobody_knows_what_two_thirds_are(self, story: Story) -> None:
        story.import_roster(csv_bytes([roster_row(0), roster_row(1, 面积=""), roster_row(2, 面积="")]))
        path = f"{ROUNDS}/{published(story)}"
        refused(story.client.get(f"{path}/owners-roll", headers=story.clerk), 409, "round_not_open")
        problem = refused(
            story.client.post(f"{path}/recorded/open", headers=story.clerk), 409, "dwellings_without_area"
        )
        assert problem["count"] == 2
        assert ok(story.client.get(path))["status"] == "published"
        story.import_roster(csv_bytes([roster_row(number) for number in range(3)]))
        ok(story.client.post(f"{path}/recorded/open", headers=story.clerk))
        refused(story.client.post(f"{path}/recorded/open", headers=story.clerk), 409, "round_wrong_state")

    def test_it_opens_closes_and_is_counted_by_itself(
        self, client: TestClient, callers: Callers, drain: Callable[[], int], settings: Settings
    ) -> None:
        story = Story(client, callers)
        story.import_roster(csv_bytes(estate.rows()))
        now = clock.now()
        made = Estate(story, published(story))
        settings.manual_round_times = False
        refused(client.post(f"{made.path}/recorded/open", headers=story.clerk), 409, "too_early")
        for days, status in ((15.9, "published"), (16.1, "open"), (29.9, "open"), (30.1, "announced")):
            with clock.frozen(now + dt.timedelta(days=days)):
                drain()
                assert ok(client.get(made.path))["status"] == status
                if days == 16.1:
                    ok(made.vote(5, "for"))
                    clerk = callers.staff(Role.RC_STAFF, COMMUNITY)
                    refused(client.post(f"{made.path}/recorded/close", headers=clerk), 409, "too_early")
        assert made.decision()["taken_part"]["heads"] == 1

    def test_a_community_without_dwellings_has_nobody(self, client: TestClient, callers: Callers) -> None:
        empty = Story(client, callers, NEIGHBOUR)
        path = f"{ROUNDS}/{published(empty)}"
        refused(client.post(f"{path}/recorded/open", headers=empty.clerk), 409, "nobody_on_the_roll")

    def test_a_child_owns_and_does_not_act(self, story: Story) -> None:
        story.import_roster(csv_bytes([roster_row(0), roster_row(1, 出生日期="2015-01-02")]))
        made = Estate(story, published(story))
        ok(story.client.post(f"{made.path}/recorded/open", headers=story.clerk))
        assert len(made.roll()) == 2
        refused(made.vote(1, "for"), 403, "not_an_owner")


class TestLabel:
    @pytest.mark.parametrize("route", [*router.routes, *papers_router.routes], ids=str)
    def test_every_answer_says_that_votes_are_not_secret(self, route: APIRoute) -> None:
        assert issubclass(route.response_model, RecordedOut)
        assert {name: str(RECORDED_LABEL.model_dump()[name]) for name in ("zh", "en")} == LABEL


class TestLanes:
    def test_a_recorded_round_takes_no_ballots(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        made = opened(client, callers)
        ballot = {"ranking": [MISSING], "secret": secrets.token_hex(16)}
        path, owner, clerk, chair = made.path, made.owner(5), made.story.clerk, made.story.chair
        for answer, instead in (
            (client.put(f"{path}/my-ballot", json=ballot, headers=owner), "my-votes"),
            (client.delete(f"{path}/my-ballot", headers=owner), "my-votes"),
            (client.get(f"{path}/my-participation", headers=owner), "my-votes"),
            (client.get(f"{path}/turnout", headers=clerk), "owners-roll"),
            (client.post(f"{path}/open", headers=clerk), "recorded/open"),
            (client.post(f"{path}/close", headers=clerk), "recorded/close"),
            (client.post(f"{path}/open-box", headers=clerk), "decision"),
            (client.get(f"{path}/result"), "decision"),
            (client.post(f"{path}/certify", headers=chair), "recorded/certify"),
        ):
            assert refused(answer, 409, "round_recorded")["instead"] == f"{path}/{instead}"
        drain()
        assert ok(client.get(path))["status"] == "open"

    def test_a_secret_round_takes_no_recorded_votes(self, story: Story) -> None:
        story.with_residents(2)
        round_id = story.open_round(story.published_projects([100_000, 200_000]))
        made, client, owner = Estate(story, round_id), story.client, story.resident(0)
        clerk, chair = story.clerk, story.chair
        form = {
            "entry_id": MISSING, "choice": "for", "reference": "B-1", "handed_in_at": clock.now().isoformat()
        }  # fmt: skip
        paper = {
            "holder_phone": phone(1), "resident_id": MISSING, "reference": "W-1", "given_at": clock.now().isoformat()
        }  # fmt: skip
        ids = {"form_ids": [MISSING]}
        for answer in (
            made.vote(0, "for"),
            client.get(f"{made.path}/my-votes", headers=owner),
            client.get(f"{made.path}/my-proxies", headers=owner),
            made.proxy(0, 1),
            made.use(0, MISSING, "for"),
            client.delete(f"{made.path}/proxies/{MISSING}", headers=owner),
            client.get(f"{made.path}/owners-roll", headers=clerk),
            client.get(f"{made.path}/forms", headers=clerk),
            made.enter(form),
            client.post(f"{made.path}/forms/confirm", json=ids, headers=chair),
            client.post(f"{made.path}/forms/refuse", json=ids | {"reason": "无签名"}, headers=chair),
            client.get(f"{made.path}/paper-proxies", headers=clerk),
            client.post(f"{made.path}/paper-proxies", json=paper, headers=clerk),
            client.post(f"{made.path}/paper-proxies/{MISSING}/confirm", headers=chair),
            client.post(
                f"{made.path}/paper-proxies/{MISSING}/refuse", json={"reason": "无签名"}, headers=chair
            ),
            client.get(f"{made.path}/decision"),
            client.get(f"{made.path}/decision/votes", headers=owner),
            client.get(f"{made.path}/decision/record", headers=owner),
            client.post(f"{made.path}/recorded/open", headers=clerk),
            client.post(f"{made.path}/recorded/close", headers=clerk),
            client.post(f"{made.path}/recorded/certify", headers=chair),
        ):
            refused(answer, 409, "round_secret")

    def test_foreign_rounds_are_like_missing_ones(self, client: TestClient, callers: Callers) -> None:
        made = opened(client, callers)
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR, also=(Role.RC_CHAIR,))
        drafted = ok(client.post(ROUNDS, json=estate.body(made.story), headers=made.story.clerk))["id"]
        form = made.form(5, "for")
        paper = {
            "holder_phone": phone(6), "resident_id": MISSING, "reference": "W-1", "given_at": clock.now().isoformat()
        }  # fmt: skip
        ids = {"form_ids": [MISSING]}
        for round_id, staff in ((made.round_id, stranger), (MISSING, made.story.chair)):
            path = f"{ROUNDS}/{round_id}"
            for method, rest, body in (
                ("GET", "owners-roll", None),
                ("GET", "forms", None),
                ("POST", "forms", {"items": [form]}),
                ("POST", "forms/confirm", ids),
                ("POST", "forms/refuse", ids | {"reason": "无签名"}),
                ("GET", "paper-proxies", None),
                ("POST", "paper-proxies", paper),
                ("POST", f"paper-proxies/{MISSING}/confirm", None),
                ("POST", f"paper-proxies/{MISSING}/refuse", {"reason": "无签名"}),
                ("POST", "recorded/open", None),
                ("POST", "recorded/close", None),
                ("POST", "recorded/certify", None),
                ("GET", "decision/votes", None),
                ("POST", "decision/record", {"purpose": "legal", "reason": "法院来函调取"}),
            ):
                answer = client.request(method, f"{path}/{rest}", json=body, headers=staff)
                refused(answer, 404, "round_not_found")
        for round_id in (drafted, MISSING):
            nowhere = Estate(made.story, round_id)
            for answer in (
                nowhere.vote(5, "for"),
                nowhere.proxy(5, 6),
                nowhere.use(5, MISSING, "for"),
                client.get(f"{nowhere.path}/my-votes", headers=made.owner(5)),
                client.get(f"{nowhere.path}/my-proxies", headers=made.owner(5)),
                client.get(f"{nowhere.path}/decision"),
            ):
                refused(answer, 404, "round_not_found")
