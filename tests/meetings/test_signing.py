"""Two people sign the text that is published, each with a fresh code."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.access.actor import Actor
from app.access.roles import Role
from app.core import clock
from app.core.canonical import sha256_hex
from app.core.config import SecondFactorRule, Settings
from app.core.db import Database
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, ok, refused

MEETINGS = "/api/v1/meetings"
TEXT = "到会 30 人。\n\n- 通过了名单"
MINUTES = {"text": TEXT, "chair": "居委会主任", "recorder": "记录员"}


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(5)


@pytest.fixture
def strict(story: Story, callers: Callers, settings: Settings) -> tuple[Story, Actor, Actor]:
    """Where every member of staff needs a second factor; clerk and chair have theirs."""
    clerk, chair = (callers.staff_actor(role, COMMUNITY) for role in (Role.RC_STAFF, Role.RC_CHAIR))
    for each in (clerk, chair):
        callers.enrol(each)
    story.clerk, story.chair = callers.headers(clerk), callers.headers(chair)
    settings.staff_second_factor = SecondFactorRule.REQUIRED
    return story, clerk, chair


def drafted(story: Story, **changes: str) -> str:
    body = {
        "community_code": COMMUNITY, "kind": "council", "title": "议事会", "place": "活动室",
        "begins_at": clock.now().isoformat(), "agenda": ["照明"],
    }  # fmt: skip
    meeting = str(ok(story.client.post(MEETINGS, json=body, headers=story.clerk))["id"])
    ok(story.client.post(f"{MEETINGS}/{meeting}/minutes", json=MINUTES | changes, headers=story.clerk))
    return meeting


def sign(story: Story, meeting: str, part: str, who: Headers, version: int = 1, **more: Any) -> Any:
    path = f"{MEETINGS}/{meeting}/minutes/{version}/signatures"
    return story.client.post(path, json={"part": part, **more}, headers=who)


def publish(story: Story, meeting: str, version: int = 1) -> Any:
    return story.client.post(f"{MEETINGS}/{meeting}/minutes/{version}/publish", headers=story.chair)


def versions(story: Story, meeting: str, who: Headers | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(story.client.get(f"{MEETINGS}/{meeting}", headers=who or {}))["minutes"]
    return found


class TestSignMinutes:
    def test_chair_and_recorder_sign_what_is_published(self, story: Story) -> None:
        meeting = drafted(story)
        signed = ok(sign(story, meeting, "recorder", story.clerk, drawing=[[[1, 2], [3, 4]]]))
        (first,) = signed["signatures"]
        assert (first["office"], first["digest"], first["confirmed"]) == (
            "记录员",
            sha256_hex(TEXT.encode()),
            False,
        )
        assert first["drawing"] == [[[1, 2], [3, 4]]]
        refused(publish(story, meeting), 409, "signatures_missing")
        ok(sign(story, meeting, "chair", story.chair))
        ok(publish(story, meeting))
        (public,) = versions(story, meeting)
        assert [(each["part"], each["office"]) for each in public["signatures"]] == [
            ("recorder", "记录员"), ("chair", "居委会主任"),
        ]  # fmt: skip
        # an office, and not more
        assert {each["signed_by"] for each in public["signatures"]} == {None}
        assert {each["drawing"] for each in public["signatures"]} == {None}
        (inside,) = versions(story, meeting, story.clerk)
        assert None not in {each["signed_by"] for each in inside["signatures"]}

    def test_two_people_and_each_in_their_place(self, story: Story, database: Database) -> None:
        meeting = drafted(story)
        refused(sign(story, meeting, "chair", story.clerk), 403, "not_your_part")
        ok(sign(story, meeting, "recorder", story.chair))
        refused(sign(story, meeting, "chair", story.chair), 409, "minutes_already_signed")
        refused(sign(story, meeting, "recorder", story.clerk), 409, "minutes_already_signed")
        refused(publish(story, meeting), 409, "signatures_missing")
        # whatever the code says, the database knows two people
        with pytest.raises(sa.exc.IntegrityError), database.writing() as session:
            session.execute(
                sa.text(
                    "INSERT INTO minutes_signature SELECT meeting_id, version, 'chair', account_id, office, digest, "
                    "confirmed, drawing, signed_at FROM minutes_signature"
                )
            )

    def test_a_changed_text_is_a_new_version(self, story: Story) -> None:
        meeting = drafted(story)
        ok(sign(story, meeting, "recorder", story.clerk))
        path = f"{MEETINGS}/{meeting}/minutes"
        same = ok(story.client.put(f"{path}/1", json=MINUTES, headers=story.clerk))
        assert same["version"] == 1
        changed = ok(story.client.put(f"{path}/1", json=MINUTES | {"text": "改过"}, headers=story.clerk))
        assert (changed["version"], changed["state"], changed["signatures"]) == (2, "draft", [])
        assert changed["changes"][0]["after"] == "改过"
        refused(sign(story, meeting, "chair", story.chair), 409, "minutes_replaced")
        refused(publish(story, meeting), 409, "minutes_replaced")
        refused(publish(story, meeting, 2), 409, "signatures_missing")
        refused(story.client.put(f"{path}/1", json=MINUTES, headers=story.clerk), 409, "minutes_replaced")
        story.publish_minutes(meeting, 2)
        assert [each["version"] for each in versions(story, meeting)] == [2]
        assert [(each["version"], each["state"]) for each in versions(story, meeting, story.clerk)] == [
            (1, "replaced"), (2, "published"),
        ]  # fmt: skip
        refused(sign(story, meeting, "recorder", story.clerk, 2), 409, "minutes_published")

    def test_nobody_signs_what_names_somebody(self, story: Story) -> None:
        meeting = drafted(story, text="居民3说了很多。")
        refused(sign(story, meeting, "recorder", story.clerk), 409, "names_in_minutes")
        body = {"word": "居民3", "reason": "本人同意公布。"}
        ok(story.client.post(f"{MEETINGS}/{meeting}/allowed-words", json=body, headers=story.clerk))
        ok(sign(story, meeting, "recorder", story.clerk))

    def test_others_find_nothing_to_sign(self, story: Story, callers: Callers) -> None:
        meeting = drafted(story)
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        refused(sign(story, meeting, "chair", away), 404, "meeting_not_found")
        for role in (Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER):
            refused(sign(story, meeting, "recorder", callers.staff(role, SUBDISTRICT)), 403, "not_allowed")
        refused(sign(story, meeting, "recorder", story.clerk, 9), 404, "minutes_not_found")


class TestConfirming:
    """Who has a second factor shows it; where it is required, nobody signs without."""

    def test_who_has_a_second_factor_shows_it(self, story: Story, callers: Callers) -> None:
        meeting = drafted(story)
        clerk = callers.staff_actor(Role.RC_STAFF, COMMUNITY)
        callers.enrol(clerk)
        with clock.frozen(clock.now() + dt.timedelta(minutes=6)):
            refused(sign(story, meeting, "recorder", callers.headers(clerk)), 403, "fresh_code_needed")
        signed = ok(sign(story, meeting, "recorder", callers.headers(clerk)))
        assert signed["signatures"][0]["confirmed"]

    def test_where_it_is_required_a_password_signs_nothing(self, strict: tuple[Story, Actor, Actor]) -> None:
        story, clerk, chair = strict
        lone = story.callers.headers(story.callers.staff_actor(Role.RC_STAFF, COMMUNITY))
        meeting = drafted(story)
        refused(sign(story, meeting, "recorder", lone), 403, "second_factor_missing")
        assert ok(sign(story, meeting, "recorder", story.callers.headers(clerk)))["signatures"][0][
            "confirmed"
        ]
        ok(sign(story, meeting, "chair", story.callers.headers(chair)))
        ok(publish(story, meeting))

    def test_unconfirmed_signatures_of_before_publish_nothing_where_it_is_required(
        self, strict: tuple[Story, Actor, Actor]
    ) -> None:
        story, *_ = strict
        meeting = drafted(story)
        database = story.callers.database
        for part, who in (("recorder", strict[1]), ("chair", strict[2])):
            ok(sign(story, meeting, part, story.callers.headers(who)))
        with database.writing() as session:
            session.execute(sa.text("UPDATE minutes_signature SET confirmed = false WHERE part = 'chair'"))
        refused(publish(story, meeting), 409, "signatures_missing")


class TestPublishedBefore:
    def test_minutes_of_before_have_no_signatures_and_stay(self, story: Story, database: Database) -> None:
        meeting = drafted(story)
        story.publish_minutes(meeting)
        with database.writing() as session:
            session.execute(sa.text("DELETE FROM minutes_signature"))
        (public,) = versions(story, meeting)
        assert (public["state"], public["signatures"]) == ("published", [])
