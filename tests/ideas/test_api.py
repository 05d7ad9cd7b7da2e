"""An idea from the phone to the project: posted once, endorsed once each, answered with reasons."""

import datetime as dt
import io
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from sqlmodel import select

from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.ideas import service
from app.ideas.events import IdeaEndorsedEnough
from app.ideas.models import Idea, IdeaAuthor, IdeaEndorsement, IdeaGram
from app.ideas.rules import IdeaState
from app.outbox.models import OutboxMessage
from app.projects import likeness
from app.projects.likeness import grams
from tests.callers import Callers
from tests.ideas.talk import DECLINE, IDEAS, PROJECT, Talk
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, phone, refused


@pytest.fixture
def talk(client: TestClient, callers: Callers) -> Talk:
    return Talk(Story(client, callers).with_residents(27))


def events(database: Database, name: str) -> list[dict[str, Any]]:
    with database.reading() as session:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.name == name)).all()
        return [row.payload for row in rows]


def accounts(talk: Talk, *numbers: int) -> set[str]:
    return {str(talk.story.callers.resident_actor(phone(number)).account_id) for number in numbers}


def picture(colour: str = "red") -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (2000, 1000), colour)
    exif = Image.Exif()
    exif[0x010F] = "金丝雀相机"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


class TestPosting:
    def test_everybody_reads_it_and_nobody_reads_who(self, talk: Talk) -> None:
        made = talk.post(25, byline="building")
        assert (made["state"], made["mine"], made["still_needed"], made["held_for"]) == ("open", True, 20, [])
        for who in ({}, talk.story.resident(1), talk.story.clerk):
            answer = talk.client.get(f"{IDEAS}/{made['id']}", headers=who)
            assert answer.json()["authors"] == [{"byline": "building", "building": "2栋"}]
            assert answer.json()["mine"] is False
            assert "居民25" not in answer.text
            assert phone(25) not in answer.text
        anonymous = talk.post(26, "东门加快递柜")
        assert anonymous["authors"] == [{"byline": "resident", "building": None}]

    def test_sent_again_it_is_there_once(self, talk: Talk) -> None:
        path, body, who = f"{IDEAS}/{uuid.uuid4()}", talk.words(), talk.story.resident(3)
        answers = [talk.client.put(path, json=body, headers=who) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 200, 200]
        assert answers[0].json() == answers[2].json()
        assert talk.titles() == ["南门装一个路灯"]
        for other, changed in ((who, {"title": "换一个题目"}), (talk.story.resident(4), {})):
            refused(talk.client.put(path, json=body | changed, headers=other), 409, "idea_id_taken")

    def test_sent_many_times_at_once_it_is_there_once(self, talk: Talk) -> None:
        path, who = f"{IDEAS}/{uuid.uuid4()}", talk.story.resident(3)
        with ThreadPoolExecutor(6) as pool:
            sent = list(pool.map(lambda _: talk.client.put(path, json=talk.words(), headers=who), range(6)))
        assert sorted(answer.status_code for answer in sent) == [200] * 5 + [201]
        assert talk.titles() == ["南门装一个路灯"]

    def test_three_a_day_even_at_once(self, talk: Talk) -> None:
        who = talk.story.resident(3)

        def post(number: int) -> int:
            body = talk.words(f"第 {number} 个想法")
            return int(talk.client.put(f"{IDEAS}/{uuid.uuid4()}", json=body, headers=who).status_code)

        with ThreadPoolExecutor(6) as pool:
            statuses = sorted(pool.map(post, range(6)))
        assert statuses == [201] * 3 + [429] * 3
        answer = talk.client.put(f"{IDEAS}/{uuid.uuid4()}", json=talk.words(), headers=who)
        body = refused(answer, 429, "ideas_too_often")
        assert int(answer.headers["Retry-After"]) == body["retry_after"] > 86_000
        assert body["hours"] == 24

    def test_only_people_who_live_there(self, talk: Talk, callers: Callers) -> None:
        path = f"{IDEAS}/{uuid.uuid4()}"
        for who, body in (
            (callers.resident("13700000001"), talk.words()),
            (talk.story.resident(1), talk.words(community_code=NEIGHBOUR)),
            (talk.story.resident(1), talk.words(community_code="999999999999")),
        ):
            refused(talk.client.put(path, json=body, headers=who), 403, "not_your_community")
        refused(talk.client.put(path, json=talk.words(), headers=talk.story.clerk), 403, "not_allowed")
        refused(talk.client.put(path, json=talk.words()), 401, "not_signed_in")

    def test_a_wrong_form_is_refused(self, talk: Talk) -> None:
        wrong: tuple[dict[str, Any], ...] = (
            {"title": "灯"}, {"title": "长" * 61}, {"title": "两\n行"}, {"words": "字" * 2001},
            {"category": "weapons"}, {"byline": "forgotten"}, {"state": "taken_up"}, {"endorsements": 99},
            {"place": "p" * 61}, {"words": "\u202e反"},
        )  # fmt: skip
        who = talk.story.resident(1)
        for changes in wrong:
            answer = talk.client.put(f"{IDEAS}/{uuid.uuid4()}", json=talk.words(**changes), headers=who)
            refused(answer, 422, "malformed_request")
        assert talk.titles() == []


class TestHolding:
    def test_what_is_held_waits_for_a_person_and_its_author_knows_why(
        self, talk: Talk, callers: Callers, database: Database
    ) -> None:
        made = talk.post(5, words="有意者请打 13900001234")
        assert (made["state"], made["held_for"]) == ("held", ["phone"])
        assert talk.titles() == []
        refused(talk.client.get(f"{IDEAS}/{made['id']}"), 404, "idea_not_found")
        refused(
            talk.client.put(f"{IDEAS}/{made['id']}/my-endorsement", headers=talk.story.resident(6)),
            404,
            "idea_not_found",
        )
        held = ok(
            talk.client.get("/api/v1/held-ideas", params={"community": COMMUNITY}, headers=talk.story.clerk)
        )
        assert [(each["id"], each["held_for"]) for each in held["items"]] == [(made["id"], ["phone"])]
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(
            talk.client.get("/api/v1/held-ideas", params={"community": COMMUNITY}, headers=away),
            404,
            "division_not_found",
        )
        refused(talk.act(made["id"], "publish", away), 404, "idea_not_found")
        published = ok(talk.act(made["id"], "publish", talk.story.clerk))
        assert published["state"] == "open"
        assert talk.titles() == ["南门装一个路灯"]
        (event,) = events(database, "idea.published")
        assert set(event["account_ids"]) == accounts(talk, 5)
        refused(talk.act(made["id"], "publish", talk.story.clerk), 409, "idea_wrong_state")

    def test_a_rejected_one_is_shown_to_its_author_with_the_reason(
        self, talk: Talk, database: Database
    ) -> None:
        made = talk.post(5, words="3栋2单元1201 天天吵，你们都是傻逼")
        assert made["held_for"] == ["dwelling", "abuse"]
        reason = {"reason": "请不要写别人家的门牌，也不要骂人。"}
        ok(talk.act(made["id"], "reject", talk.story.clerk, reason))
        mine = ok(talk.client.get("/api/v1/me/ideas", headers=talk.story.resident(5)))["items"]
        assert [(each["state"], each["answer"]["reason"]) for each in mine] == [
            ("rejected", reason["reason"])
        ]
        refused(
            talk.client.get(f"{IDEAS}/{made['id']}", headers=talk.story.resident(6)), 404, "idea_not_found"
        )
        (event,) = events(database, "idea.rejected")
        assert (event["reason"], set(event["account_ids"])) == (reason["reason"], accounts(talk, 5))
        # a mistake is undone
        assert ok(talk.act(made["id"], "publish", talk.story.clerk))["state"] == "open"

    def test_a_community_can_look_at_everything_first(self, talk: Talk) -> None:
        talk.ask_for(20, review_first=True)
        made = talk.post(5)
        assert (made["state"], made["held_for"]) == ("held", ["review_first"])


class TestEndorsing:
    def test_once_each_and_not_for_oneself(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        for _ in range(2):
            assert talk.endorse(idea, 6) == {
                "idea_id": idea, "endorsed": True, "endorsements": 1, "still_needed": 19, "state": "open",
            }  # fmt: skip
        path = f"{IDEAS}/{idea}/my-endorsement"
        refused(talk.client.put(path, headers=talk.story.resident(5)), 409, "own_idea")
        assert (talk.read(idea, talk.story.resident(6))["endorsed"], talk.read(idea)["endorsed"]) == (
            True,
            False,
        )
        for _ in range(2):
            found = ok(talk.client.delete(path, headers=talk.story.resident(6)))
            assert (found["endorsed"], found["endorsements"]) == (False, 0)

    def test_only_people_who_live_there(self, talk: Talk, callers: Callers) -> None:
        path = f"{IDEAS}/{talk.post(5)['id']}/my-endorsement"
        stranger = callers.resident("13700000001")
        for method in (talk.client.put, talk.client.delete):
            refused(method(path, headers=stranger), 403, "not_your_community")
            refused(
                method(f"{IDEAS}/{uuid.uuid4()}/my-endorsement", headers=talk.story.resident(1)),
                404,
                "idea_not_found",
            )

    def test_many_at_once_are_all_counted(self, talk: Talk, database: Database) -> None:
        talk.ask_for(8)
        idea = talk.post(5)["id"]
        people = [talk.story.resident(number) for number in range(10, 22)]

        def endorse(number: int) -> int:
            path = f"{IDEAS}/{idea}/my-endorsement"
            return int(talk.client.put(path, headers=people[number % 12]).status_code)

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(endorse, range(24))) == {200}  # everybody twice
        assert talk.read(idea)["endorsements"] == 12
        assert [step["state"] for step in talk.read(idea)["steps"]] == ["open", "screening"]
        assert len(events(database, "idea.endorsed_enough")) == 1

    def test_enough_of_them_bring_it_to_screening(self, talk: Talk, database: Database) -> None:
        talk.ask_for(3)
        idea = talk.post(5)["id"]
        assert talk.endorse(idea, 6, 7)["still_needed"] == 1
        assert talk.endorse(idea, 8)["state"] == "screening"
        (event,) = events(database, "idea.endorsed_enough")
        assert (event["endorsements"], set(event["account_ids"])) == (3, accounts(talk, 5, 6, 7, 8))
        # whoever takes the own word back does not send it away again
        ok(talk.client.delete(f"{IDEAS}/{idea}/my-endorsement", headers=talk.story.resident(8)))
        assert talk.read(idea)["state"] == "screening"
        assert talk.endorse(idea, 9)["endorsements"] == 3

    def test_fewer_can_be_asked_for_from_a_day_on(self, talk: Talk, drain: Callable[[], int]) -> None:
        idea = talk.post(5)["id"]
        talk.endorse(idea, 6, 7)
        path = f"/api/v1/communities/{COMMUNITY}/idea-policies"
        later = (clock.today() + dt.timedelta(days=2)).isoformat()
        body = {"valid_from": later, "endorsements_needed": 2}
        refused(talk.client.post(path, json=body, headers=talk.story.clerk), 403, "not_allowed")
        ok(talk.client.post(path, json=body, headers=talk.story.chair))
        found = ok(talk.client.get(path))
        assert found["in_force"] == {"valid_from": None, "endorsements_needed": 20, "review_first": False}
        assert [each["valid_from"] for each in found["items"]] == [later]
        assert talk.read(idea)["state"] == "open"
        with clock.frozen(clock.now() + dt.timedelta(days=2)):
            drain()
            with talk.story.callers.database.writing() as session:
                service.screen_all_due(session)
            assert ok(talk.client.get(path))["in_force"]["endorsements_needed"] == 2
        assert talk.read(idea)["state"] == "screening"
        yesterday = (clock.today() - dt.timedelta(days=1)).isoformat()
        refused(
            talk.client.post(path, json=body | {"valid_from": yesterday}, headers=talk.story.chair), 422,
            "policy_too_early",
        )  # fmt: skip


class TestListing:
    def test_each_list_in_its_order_page_by_page(self, talk: Talk) -> None:
        talk.ask_for(4)
        ideas = {}
        for number, title in enumerate(("甲想法", "乙想法", "丙想法", "丁想法", "戊想法")):
            with clock.frozen(clock.now() + dt.timedelta(seconds=number)):
                ideas[title] = talk.post(number, title)["id"]
        talk.endorse(ideas["乙想法"], 10, 11)
        talk.endorse(ideas["丁想法"], 10, 11, 12, 13)
        talk.endorse(ideas["丙想法"], 10)
        ok(talk.act(ideas["甲想法"], "decline", talk.story.clerk, DECLINE))
        assert talk.titles() == ["戊想法", "丁想法", "丙想法", "乙想法"]
        assert talk.titles(show="most_endorsed") == ["丁想法", "乙想法", "丙想法", "戊想法"]
        assert talk.titles(show="under_review") == ["丁想法"]
        assert talk.titles(show="answered") == ["甲想法"]
        assert talk.titles(show="taken_up") == []
        for show in ("newest", "most_endorsed"):
            whole, seen, cursor = talk.titles(show=show), [], None
            while True:
                params = {"community": COMMUNITY, "show": show, "limit": 3} | (
                    {"cursor": cursor} if cursor else {}
                )
                page = ok(talk.client.get(IDEAS, params=params))
                seen += [each["title"] for each in page["items"]]
                if (cursor := page["next_cursor"]) is None:
                    break
            assert seen == whole

    def test_a_bad_cursor_or_place_is_refused(self, talk: Talk) -> None:
        for show in ("newest", "most_endorsed"):
            for cursor in ("x", "IjEgMiI", "IjEyMzQ1Njc4OTAxMiB4Ig", "eyJhIjogMX0"):
                params = {"community": COMMUNITY, "show": show, "cursor": cursor}
                refused(talk.client.get(IDEAS, params=params), 422, "bad_cursor")
        refused(talk.client.get(IDEAS, params={"community": "520102031999"}), 404, "division_not_found")


_NOUNS = "楼道 花园 南门 北门 车棚 水管 电梯 广场 路面 围墙 垃圾房 活动室 健身角 消防栓 门禁 宣传栏"
_VERBS = "太暗了换灯 要修一修 加装扶手 重新刷漆 常年漏水 装个监控 种点花 放几张椅子 清理杂物"


class TestFindingSimilar:
    def similar(self, talk: Talk, words: str, **params: str) -> list[tuple[str, str]]:
        answer = talk.client.get(f"{IDEAS}/similar", params={"community": COMMUNITY, "q": words, **params})
        return [(each["kind"], each["title"]) for each in ok(answer)["items"]]

    def test_ideas_and_projects_while_writing(self, talk: Talk) -> None:
        talk.post(1, "南门装一个路灯")
        talk.post(2, "办一个老年食堂", words="七十岁以上的老人自己做饭不方便。")
        talk.story.published_projects([680_000])  # 项目1: 把北区楼道的灯换成声控灯
        assert self.similar(talk, "希望南门有路灯")[0] == ("idea", "南门装一个路灯")
        assert self.similar(talk, "老年人的食堂") == [("idea", "办一个老年食堂")]
        assert self.similar(talk, "楼道里换声控灯") == [("project", "项目1")]
        assert self.similar(talk, "希望小区越来越好") == []
        assert self.similar(talk, "南门路灯", community=NEIGHBOUR) == []

    def test_projects_are_taken_to_pieces_once_a_minute(self, app: FastAPI, talk: Talk) -> None:
        far = "，" * likeness.MOST_CHARACTERS + "地下车库充电桩"
        items = [talk.story.project("亭子翻新"), talk.story.project("长文", description=far)]
        made = ok(talk.client.post("/api/v1/projects/batch", json={"items": items}, headers=talk.story.clerk))
        ids = [item["id"] for item in made["items"]]
        ok(
            talk.client.post(
                "/api/v1/projects/publish", json={"project_ids": ids[1:]}, headers=talk.story.clerk
            )
        )
        assert self.similar(talk, "亭子翻新") == self.similar(talk, "地下车库充电桩") == []
        ok(
            talk.client.post(
                "/api/v1/projects/publish", json={"project_ids": ids[:1]}, headers=talk.story.clerk
            )
        )
        assert self.similar(talk, "亭子翻新") == []
        app.state.offers.clear()  # as if a minute had gone by
        assert self.similar(talk, "亭子翻新") == [("project", "亭子翻新")]

    def test_what_is_not_public_is_not_found(self, talk: Talk) -> None:
        held = talk.post(1, "南门装一个路灯", words="电话 13900001234")["id"]
        withdrawn = talk.post(2, "东门装一个路灯")["id"]
        ok(talk.act(withdrawn, "withdraw", talk.story.resident(2)))
        assert self.similar(talk, "装路灯") == []
        ok(talk.act(held, "publish", talk.story.clerk))
        assert self.similar(talk, "装路灯") == [("idea", "南门装一个路灯")]
        ok(talk.act(held, "reject", talk.story.clerk, {"reason": "请去掉电话。"}))
        assert self.similar(talk, "装路灯") == []

    def test_among_two_thousand_it_is_found(self, talk: Talk, database: Database) -> None:
        nouns = _NOUNS.split()
        verbs = _VERBS.split()
        texts = [
            (f"{nouns[n % 16]}{verbs[n // 16 % 9]}{n}", f"{nouns[n // 7 % 16]}旁边也{verbs[n // 3 % 9]}。")
            for n in range(2000)
        ]
        fill(database, [*texts, ("给老人办一个书法班", "退休教师愿意教，每周两次。")])
        assert self.similar(talk, "想办个书法班教老人写字")[:1] == [("idea", "给老人办一个书法班")]
        assert self.similar(talk, "电梯常年漏水要修")[0][0] == "idea"


def fill(database: Database, texts: list[tuple[str, str]]) -> None:
    ideas, pieces = [], []
    for title, words in texts:
        titled, idea_id = grams(title), uuid.uuid4()
        ideas.append(
            {
                "id": idea_id, "community_code": COMMUNITY, "title": title, "words": words, "place": "",
                "state": IdeaState.OPEN, "held_for": [], "endorsements": 0, "comments": 0,
                "title_grams": len(titled), "posted_at": clock.now(), "changed_at": clock.now(),
            }
        )  # fmt: skip
        pieces += [
            {"community_code": COMMUNITY, "gram": gram, "idea_id": idea_id, "in_title": gram in titled}
            for gram in titled | grams(words)
        ]
    with database.writing() as session:
        session.execute(sa.insert(Idea), ideas)
        session.execute(sa.insert(IdeaGram), pieces)


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


class TestWithdrawing:
    def test_its_author_takes_it_back_until_a_project_depends_on_it(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        refused(talk.act(idea, "withdraw", talk.story.resident(6)), 404, "idea_not_found")
        assert talk.read(idea, talk.story.resident(5))["can_withdraw"]
        for _ in range(2):
            assert ok(talk.act(idea, "withdraw", talk.story.resident(5)))["state"] == "withdrawn"
        for who in ({}, talk.story.resident(6), talk.story.clerk):
            refused(talk.client.get(f"{IDEAS}/{idea}", headers=who), 404, "idea_not_found")
        other = talk.post(7, "东门加快递柜")["id"]
        ok(talk.act(other, "take-up", talk.story.clerk, PROJECT))
        refused(talk.act(other, "withdraw", talk.story.resident(7)), 409, "idea_wrong_state")
        assert not talk.read(other, talk.story.resident(7))["can_withdraw"]


class TestTakingUp:
    def test_a_project_is_drafted_that_points_back(self, talk: Talk, database: Database) -> None:
        idea = talk.post(5)["id"]
        talk.endorse(idea, 6, 7)
        assert ok(talk.act(idea, "take-up", talk.story.clerk, PROJECT))["state"] == "taken_up"
        (draft,) = ok(talk.client.get("/api/v1/project-drafts", headers=talk.story.clerk))["items"]
        assert (draft["origin"], draft["origin_id"], draft["origin_reference"]) == (
            "resident_idea", idea, "南门装一个路灯",
        )  # fmt: skip
        # a draft is nobody's business yet
        assert talk.read(idea)["project"] is None
        ok(talk.client.post(f"/api/v1/projects/{draft['id']}/publish", headers=talk.story.clerk))
        assert talk.read(idea)["project"] == {"id": draft["id"], "title": "南门路灯", "state": "published"}
        (event,) = events(database, "idea.taken_up")
        assert (event["project_id"], set(event["account_ids"])) == (draft["id"], accounts(talk, 5, 6, 7))
        refused(talk.act(idea, "take-up", talk.story.clerk, PROJECT), 409, "idea_wrong_state")
        refused(
            talk.client.put(f"{IDEAS}/{idea}/my-endorsement", headers=talk.story.resident(9)), 409,
            "idea_wrong_state",
        )  # fmt: skip

    def test_it_is_answered_anew_when_the_project_comes_to_nothing(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        ok(talk.act(idea, "take-up", talk.story.clerk, PROJECT))
        refused(talk.act(idea, "decline", talk.story.clerk, DECLINE), 409, "idea_wrong_state")
        (draft,) = ok(talk.client.get("/api/v1/project-drafts", headers=talk.story.clerk))["items"]
        reason = {"code": "not_feasible", "reason": "地下有燃气管。"}
        ok(talk.client.post(f"/api/v1/projects/{draft['id']}/reject", json=reason, headers=talk.story.clerk))
        declined = ok(talk.act(idea, "decline", talk.story.clerk, reason))
        assert (declined["state"], declined["answer"]["reason"]) == ("declined", "地下有燃气管。")

    def test_nothing_is_drafted_where_it_is_refused(self, talk: Talk, callers: Callers) -> None:
        idea = talk.post(5)["id"]
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        refused(talk.act(idea, "take-up", away, PROJECT), 404, "idea_not_found")
        wrong = PROJECT | {"building_ids": [str(uuid.uuid4())]}
        refused(talk.act(idea, "take-up", talk.story.clerk, wrong), 422, "building_not_here")
        refused(talk.act(idea, "take-up", talk.story.resident(5), PROJECT), 403, "not_allowed")
        assert talk.read(idea)["state"] == "open"
        assert ok(talk.client.get("/api/v1/project-drafts", headers=talk.story.clerk))["items"] == []


class TestDeclining:
    def test_the_reason_is_public_and_an_appeal_possible(self, talk: Talk, database: Database) -> None:
        idea = talk.post(5)["id"]
        talk.endorse(idea, 6)
        ok(talk.act(idea, "decline", talk.story.clerk, DECLINE))
        found = talk.read(idea)
        assert found["answer"]["reason"] == DECLINE["reason"]
        assert (found["steps"][-1]["reason_code"], found["steps"][-1]["by"]) == ("somebody_else_liable", None)
        assert talk.read(idea, talk.story.clerk)["steps"][-1]["by"].startswith("account:")
        (event,) = events(database, "idea.declined")
        assert set(event["account_ids"]) == accounts(talk, 5, 6)
        # what was counted for the answer stays
        path = f"{IDEAS}/{idea}/my-endorsement"
        refused(talk.client.delete(path, headers=talk.story.resident(6)), 409, "idea_wrong_state")
        reopened = ok(talk.act(idea, "reopen", talk.story.clerk, {"reason": "开发商已注销，重新考虑。"}))
        assert (reopened["state"], reopened["answer"]) == ("screening", None)
        refused(talk.act(idea, "reopen", talk.story.clerk, {"reason": "再来"}), 409, "idea_wrong_state")
        refused(talk.act(idea, "decline", talk.story.clerk, {"code": "other"}), 422, "malformed_request")


class TestMerging:
    def test_authors_are_kept_and_everybody_counts_once(self, talk: Talk, database: Database) -> None:
        first, second = talk.post(5, byline="building")["id"], talk.post(6, "南门太黑")["id"]
        talk.endorse(first, 6, 7, 8)  # the author of the second one endorses the first
        talk.endorse(second, 5, 8, 9)
        merged = ok(talk.act(second, "merge", talk.story.clerk, {"into_id": first}))
        assert merged["id"] == first
        assert [each["byline"] for each in merged["authors"]] == ["building", "resident"]
        assert merged["endorsements"] == 3  # 7, 8, 9: authors stand by it anyway
        gone = talk.read(second)
        assert (gone["state"], gone["merged_into_id"], gone["endorsements"]) == ("merged", first, 3)
        assert talk.titles() == ["南门装一个路灯"]
        (event,) = events(database, "idea.merged")
        assert (event["into_id"], set(event["account_ids"])) == (first, accounts(talk, 5, 6, 8, 9))
        answer = talk.client.put(f"{IDEAS}/{second}/my-endorsement", headers=talk.story.resident(11))
        assert refused(answer, 409, "idea_merged")["into_id"] == first
        # nobody owns it alone any more
        refused(talk.act(first, "withdraw", talk.story.resident(5)), 409, "idea_shared")
        refused(
            talk.client.put(f"{IDEAS}/{first}/my-endorsement", headers=talk.story.resident(6)),
            409,
            "own_idea",
        )
        # a third one: old addresses lead on in one step
        third = talk.post(12, "南门照明")["id"]
        ok(talk.act(first, "merge", talk.story.clerk, {"into_id": third}))
        assert talk.read(second)["merged_into_id"] == third
        assert len(talk.read(third)["authors"]) == 3
        assert talk.read(third)["endorsements"] == 3

    def test_united_endorsements_can_be_enough(self, talk: Talk, database: Database) -> None:
        talk.ask_for(3)
        first, second = talk.post(5)["id"], talk.post(6, "南门太黑")["id"]
        talk.endorse(first, 7, 8)
        talk.endorse(second, 8, 9)
        assert ok(talk.act(second, "merge", talk.story.clerk, {"into_id": first}))["state"] == "screening"
        assert len(events(database, "idea.endorsed_enough")) == 1

    def test_only_into_another_living_one_of_the_place(self, talk: Talk, callers: Callers) -> None:
        first, second, third = (
            talk.post(number, title)["id"] for number, title in ((5, "一号"), (6, "二号"), (7, "三号"))
        )
        refused(talk.act(first, "merge", talk.story.clerk, {"into_id": first}), 422, "merge_target_unfit")
        ok(talk.act(third, "decline", talk.story.clerk, DECLINE))
        refused(talk.act(first, "merge", talk.story.clerk, {"into_id": third}), 422, "merge_target_unfit")
        refused(
            talk.act(first, "merge", talk.story.clerk, {"into_id": str(uuid.uuid4())}), 404, "idea_not_found"
        )
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(talk.act(first, "merge", away, {"into_id": second}), 404, "idea_not_found")
        ok(talk.act(first, "merge", talk.story.clerk, {"into_id": second}))
        refused(talk.act(first, "merge", talk.story.clerk, {"into_id": second}), 409, "idea_merged")

    def test_both_ways_at_once_ends_one_way(self, talk: Talk) -> None:
        first, second = talk.post(5)["id"], talk.post(6, "南门太黑")["id"]
        pairs = [(first, second), (second, first)]
        with ThreadPoolExecutor(2) as pool:
            done = list(
                pool.map(
                    lambda pair: talk.act(pair[0], "merge", talk.story.clerk, {"into_id": pair[1]}), pairs
                )
            )
        assert sorted(answer.status_code for answer in done) in ([200, 409], [200, 422])
        assert sorted(talk.read(idea)["state"] for idea in (first, second)) == ["merged", "open"]


class TestLeaving:
    def test_what_we_know_of_somebody_and_forgetting_it(self, talk: Talk, database: Database) -> None:
        public = talk.post(5, byline="building")["id"]
        held = talk.post(5, "金丝雀的秘密", words="打 13900001234")["id"]
        waiting, answered = talk.post(6, "东门加快递柜")["id"], talk.post(7, "西门开一个口")["id"]
        talk.endorse(waiting, 5, 8)
        talk.endorse(answered, 5, 8)
        ok(talk.act(answered, "decline", talk.story.clerk, DECLINE))
        account = uuid.UUID(accounts(talk, 5).pop())
        with database.writing() as session:
            known = service.export_of(session, account)
            ideas: Any = known["ideas"]
            endorsements: Any = known["endorsements"]
            assert {(each["id"], each["shown_as"]) for each in ideas} == {
                (public, "building"), (held, "resident"),
            }  # fmt: skip
            assert {each["idea_id"] for each in endorsements} == {waiting, answered}
            service.forget(session, account)
            service.forget(session, account)
            assert service.export_of(session, account) == {"ideas": [], "endorsements": []}
        assert talk.read(public)["authors"] == [{"byline": "forgotten", "building": None}]
        refused(talk.client.get(f"{IDEAS}/{held}", headers=talk.story.clerk), 404, "idea_not_found")
        # a number that waits for its answer goes down, one that was answered stays
        assert (talk.read(waiting)["endorsements"], talk.read(answered)["endorsements"]) == (1, 2)
        with database.reading() as session:
            for table in (IdeaAuthor, IdeaEndorsement):
                assert account not in session.exec(select(table.account_id)).all()
            assert "金丝雀" not in "".join(session.exec(select(Idea.title)).all())
