"""Photos of an idea."""

import uuid
from typing import Any

from app.core.db import Database
from app.ideas.events import IdeaEndorsedEnough
from tests.ideas.talk import DECLINE, IDEAS, Talk, events, picture
from tests.story import COMMUNITY, ok, refused


class TestAddingPhotos:
    def upload(self, talk: Talk, idea: str, number: int, raw: bytes, alt: str = "") -> Any:
        return talk.client.post(
            f"{IDEAS}/{idea}/photos", files={"file": ("a.jpg", raw)}, data={"alt": alt},
            headers=talk.story.resident(number),
        )  # fmt: skip

    def test_up_to_three_each_once_and_nothing_but_the_picture(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        first = ok(self.upload(talk, idea, 5, picture(), alt="南门的台阶"))
        assert ok(self.upload(talk, idea, 5, picture()))["id"] == first["id"]
        for colour in ("green", "blue"):
            ok(self.upload(talk, idea, 5, picture(colour)))
        refused(self.upload(talk, idea, 5, picture("black")), 409, "idea_photos_full")
        photos = talk.read(idea)["photos"]
        assert [(each["alt"], each["width"]) for each in photos] == [
            ("南门的台阶", 1600),
            ("", 1600),
            ("", 1600),
        ]
        answer = talk.client.get(f"/api/v1/idea-photos/{first['id']}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert "金丝雀".encode() not in answer.content
        again = talk.client.get(
            f"/api/v1/idea-photos/{first['id']}", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.status_code == 304

    def test_only_by_its_author_and_in_time(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        refused(self.upload(talk, idea, 6, picture()), 404, "idea_not_found")
        refused(self.upload(talk, str(uuid.uuid4()), 5, picture()), 404, "idea_not_found")
        refused(self.upload(talk, idea, 5, b"<svg/>"), 422, "photo_unreadable")
        ok(talk.act(idea, "decline", talk.story.clerk, DECLINE))
        refused(self.upload(talk, idea, 5, picture()), 409, "idea_photos_late")

    def test_photos_of_a_held_idea_are_for_its_author_and_staff(self, talk: Talk) -> None:
        idea = talk.post(5, words="电话 13900001234")["id"]
        path = f"/api/v1/idea-photos/{ok(self.upload(talk, idea, 5, picture()))['id']}"
        for who, status in ((talk.story.resident(5), 200), (talk.story.clerk, 200), ({}, 404)):
            answer = talk.client.get(path, headers=who)
            assert (answer.status_code, "public" in answer.headers["cache-control"]) == (status, False)
        refused(talk.client.get(path, headers=talk.story.resident(6)), 404, "photo_not_found")

    def test_a_picture_that_came_after_the_look_waits_for_another_one(self, talk: Talk) -> None:
        idea = talk.post(5, words="电话 13900001234")["id"]
        ok(talk.act(idea, "publish", talk.story.clerk))
        talk.endorse(idea, 6, 7)
        path = f"/api/v1/idea-photos/{ok(self.upload(talk, idea, 5, picture()))['id']}"
        for who in ({}, talk.story.resident(6)):
            refused(talk.client.get(path, headers=who), 404, "photo_not_found")
            refused(talk.client.get(f"{IDEAS}/{idea}", headers=who), 404, "idea_not_found")
        seen = talk.read(idea, talk.story.resident(5))
        assert (seen["state"], seen["held_for"], seen["endorsements"]) == ("held", ["photo"], 2)
        held = ok(
            talk.client.get("/api/v1/held-ideas", params={"community": COMMUNITY}, headers=talk.story.clerk)
        )
        assert [(each["id"], len(each["photos"])) for each in held["items"]] == [(idea, 1)]

        assert ok(talk.act(idea, "publish", talk.story.clerk))["state"] == "open"
        assert talk.client.get(path).status_code == 200
        ok(self.upload(talk, idea, 5, picture()))  # sent once more by a weak network
        found = talk.read(idea)
        assert (found["state"], found["endorsements"], found["held_for"]) == ("open", 2, [])

    def test_where_all_is_looked_at_first_pictures_are_too(self, talk: Talk) -> None:
        open_already = talk.post(5)["id"]
        talk.ask_for(20, review_first=True)
        ok(self.upload(talk, open_already, 5, picture()))
        assert talk.read(open_already, talk.story.clerk)["held_for"] == ["photo"]
        waits = talk.post(6, "楼道换灯")["id"]
        ok(self.upload(talk, waits, 6, picture("green")))
        assert talk.read(waits, talk.story.clerk)["held_for"] == ["review_first"]

    def test_what_a_description_says_is_noticed(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        ok(self.upload(talk, idea, 5, picture()))
        assert talk.read(idea)["state"] == "open"  # nothing noticed, and nobody has to look first
        ok(self.upload(talk, idea, 5, picture("green"), alt="找我 13900001234"))
        assert talk.read(idea, talk.story.resident(5))["held_for"] == ["phone"]
        ok(self.upload(talk, idea, 5, picture("blue"), alt="www.example.com"))
        assert talk.read(idea, talk.story.clerk)["held_for"] == ["phone", "link"]
        ok(talk.act(idea, "reject", talk.story.clerk, {"reason": "请不要写电话"}))
        refused(talk.client.get(f"{IDEAS}/{idea}"), 404, "idea_not_found")

    def test_what_was_under_review_goes_on_under_review(self, talk: Talk, database: Database) -> None:
        talk.ask_for(2)
        idea = talk.post(5)["id"]
        assert talk.endorse(idea, 6, 7)["state"] == "screening"
        ok(self.upload(talk, idea, 5, picture(), alt="www.example.com"))
        assert ok(talk.act(idea, "publish", talk.story.clerk))["state"] == "screening"
        assert len(events(database, IdeaEndorsedEnough.NAME)) == 1  # who endorses it was told before
