"""Ideas are listed, and similar ones found while one writes."""

import datetime as dt
import uuid

import sqlalchemy as sa
from fastapi import FastAPI

from app.core import clock
from app.core.db import Database
from app.ideas.models import Idea, IdeaGram
from app.ideas.rules import IdeaState
from app.projects import likeness
from app.projects.likeness import grams
from tests.ideas.talk import DECLINE, IDEAS, Talk
from tests.story import COMMUNITY, NEIGHBOUR, ok, refused


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
