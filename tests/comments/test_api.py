"""What people say about ideas and projects: checked, answered, reported, hidden, deleted."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access.roles import Role
from app.comments import service
from app.comments.models import Comment, CommentReport
from app.core import clock
from app.core.db import Database
from app.outbox.models import OutboxMessage
from tests.callers import Callers, Headers
from tests.ideas.talk import Talk
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, phone, refused

COMMENTS = "/api/v1/comments"


@pytest.fixture
def talk(client: TestClient, callers: Callers) -> Talk:
    return Talk(Story(client, callers).with_residents(12))


@pytest.fixture
def idea(talk: Talk) -> str:
    return str(talk.post(1)["id"])


def act(talk: Talk, comment: str, verb: str, who: Headers, body: object = None) -> Any:
    return talk.client.post(f"{COMMENTS}/{comment}/{verb}", json=body, headers=who)


def report(talk: Talk, comment: str, number: int, code: str = "abuse") -> Any:
    return talk.client.put(
        f"{COMMENTS}/{comment}/my-report", json={"code": code}, headers=talk.story.resident(number)
    )


def held(talk: Talk) -> list[dict[str, Any]]:
    params = {"community": COMMUNITY}
    found: list[dict[str, Any]] = ok(
        talk.client.get("/api/v1/held-comments", params=params, headers=talk.story.clerk)
    )["items"]
    return found


def told(database: Database, name: str) -> list[dict[str, Any]]:
    with database.reading() as session:
        rows = session.exec(
            select(OutboxMessage).where(OutboxMessage.name == name).order_by(OutboxMessage.position)  # type: ignore[arg-type]
        ).all()
        return [row.payload for row in rows]


def account(talk: Talk, number: int) -> str:
    return str(talk.story.callers.resident_actor(phone(number)).account_id)


class TestPosting:
    def test_a_conversation_about_an_idea(self, talk: Talk, idea: str, database: Database) -> None:
        first = talk.say(2, idea, "支持，晚上确实太黑。", byline="building")
        talk.say(3, idea, "同意", parent_id=first["id"])
        answer = ok(talk.saying(talk.story.clerk, idea, "已经请电工去看。", parent_id=first["id"]))
        assert (answer["by_staff"], answer["author"]) == (True, None)
        talk.say(4, idea, "别忘了北门")
        found = talk.conversation(idea)
        assert (found["total"], found["open"]) == (4, True)
        assert [each["words"] for each in found["items"]] == ["别忘了北门", "支持，晚上确实太黑。"]
        thread = found["items"][1]
        assert thread["author"] == {"byline": "building", "building": "1栋"}
        assert thread["reply_count"] == 2
        assert [each["words"] for each in thread["replies"]] == ["同意", "已经请电工去看。"]
        assert talk.read(idea)["comments"] == 4
        text = talk.client.get(COMMENTS, params={"kind": "idea", "subject_id": idea}).text
        assert all(secret not in text for secret in ("居民2", phone(2), "account"))
        assert [set(each["account_ids"]) for each in told(database, "comment.published")] == [
            {account(talk, 1)}, {account(talk, 1), account(talk, 2)}, {account(talk, 1), account(talk, 2)},
            {account(talk, 1)},
        ]  # fmt: skip

    def test_about_a_project_on_the_page_of_a_round_and_off_it(self, talk: Talk) -> None:
        listed, other = talk.story.published_projects([500_000, 600_000])
        round_id = talk.story.publish_round([listed])
        talk.say(2, listed, "这个最急", kind="project", round_id=round_id)
        talk.say(3, listed, "去年也说过", kind="project")
        assert [each["words"] for each in talk.conversation(listed, kind="project")["items"]] == [
            "去年也说过", "这个最急",
        ]  # fmt: skip
        of_round = talk.conversation(listed, kind="project", round_id=round_id)
        assert ([each["words"] for each in of_round["items"]], of_round["total"]) == (["这个最急"], 1)
        who = talk.story.resident(4)
        refused(talk.saying(who, other, kind="project", round_id=round_id), 404, "project_not_found")
        refused(talk.saying(who, listed, kind="project", round_id=str(uuid.uuid4())), 404, "round_not_found")
        refused(talk.saying(who, str(uuid.uuid4()), kind="project"), 404, "project_not_found")
        refused(talk.saying(who, listed), 404, "idea_not_found")
        draft = ok(talk.client.post("/api/v1/projects", json=talk.story.project(), headers=talk.story.clerk))[
            "id"
        ]
        refused(talk.saying(who, draft, kind="project"), 404, "project_not_found")
        # withdrawn projects can still be read, and what was said about them
        ok(
            talk.client.post(
                f"/api/v1/projects/{other}/withdraw", json={"reason": "并入明年"}, headers=talk.story.clerk
            )
        )
        assert talk.conversation(other, kind="project")["open"] is False
        refused(talk.saying(who, other, kind="project"), 409, "comments_closed")

    def test_sent_again_it_is_there_once(self, talk: Talk, idea: str) -> None:
        path, who = f"{COMMENTS}/{uuid.uuid4()}", talk.story.resident(2)
        body = {"kind": "idea", "subject_id": idea, "words": "支持"}
        with ThreadPoolExecutor(4) as pool:
            sent = list(pool.map(lambda _: talk.client.put(path, json=body, headers=who), range(4)))
        assert sorted(answer.status_code for answer in sent) == [200, 200, 200, 201]
        assert talk.conversation(idea)["total"] == talk.read(idea)["comments"] == 1
        refused(talk.client.put(path, json=body | {"words": "反对"}, headers=who), 409, "comment_id_taken")
        refused(talk.client.put(path, json=body, headers=talk.story.resident(3)), 409, "comment_id_taken")
        # a late repetition does not bring back what was deleted
        ok(talk.client.delete(path, headers=who))
        assert talk.client.put(path, json=body, headers=who).json()["state"] == "deleted"

    def test_who_and_what_is_refused(self, talk: Talk, idea: str, callers: Callers) -> None:
        top = talk.say(2, idea)["id"]
        reply = talk.say(3, idea, "同意", parent_id=top)["id"]
        elsewhere = talk.say(3, talk.post(4, "东门加快递柜")["id"], "别处")["id"]
        who = talk.story.resident(5)
        refused(talk.saying(callers.resident("13700000001"), idea), 403, "not_your_community")
        refused(talk.saying(callers.staff(Role.RC_STAFF, NEIGHBOUR), idea), 403, "not_your_community")
        refused(talk.saying({}, idea), 401, "not_signed_in")
        refused(talk.saying(who, idea, parent_id=reply), 422, "reply_to_reply")
        for parent in (elsewhere, str(uuid.uuid4())):
            refused(talk.saying(who, idea, parent_id=parent), 404, "comment_not_found")
        for wrong in ("", " ", "字" * 501):
            refused(talk.saying(who, idea, wrong), 422, "malformed_request")
        assert talk.conversation(idea)["total"] == 2

    def test_not_faster_than_people_write(self, talk: Talk, idea: str) -> None:
        for number in range(6):
            talk.say(2, idea, f"第 {number} 句")
        answer = talk.saying(talk.story.resident(2), idea, "还有")
        body = refused(answer, 429, "comments_too_often")
        assert body["minutes"] == 10
        assert 590 <= int(answer.headers["Retry-After"]) <= 600
        talk.say(3, idea, "别人可以")
        for number in range(8):  # nobody stops the committee from answering
            ok(talk.saying(talk.story.clerk, idea, f"答复 {number}"))
        with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
            ok(talk.saying(talk.story.callers.resident(phone(2)), idea, "现在可以了"))


class TestHolding:
    def test_a_held_one_is_seen_by_its_author_alone_until_somebody_looked(
        self, talk: Talk, idea: str, database: Database
    ) -> None:
        made = talk.say(2, idea, "打 13900001234 找我")
        assert (made["state"], made["held_for"]) == ("held", ["phone"])
        assert talk.conversation(idea, talk.story.resident(2))["items"][0]["words"] == "打 13900001234 找我"
        for who in ({}, talk.story.resident(3)):
            found = talk.conversation(idea, who)
            assert (found["items"], found["total"]) == ([], 0)
        assert told(database, "comment.published") == []
        assert [(each["id"], each["title"]) for each in held(talk)] == [(made["id"], "南门装一个路灯")]
        refused(talk.saying(talk.story.resident(3), idea, parent_id=made["id"]), 404, "comment_not_found")
        ok(act(talk, made["id"], "publish", talk.story.clerk))
        assert talk.conversation(idea)["total"] == talk.read(idea)["comments"] == 1
        (event,) = told(database, "comment.published")
        assert (event["waited_ids"], event["account_ids"]) == ([account(talk, 2)], [account(talk, 1)])
        assert held(talk) == []

    def test_a_rejected_one_says_why_to_its_author(self, talk: Talk, idea: str, database: Database) -> None:
        made = talk.say(2, idea, "你们都是傻逼")["id"]
        reason = {"reason": "请不要骂人。"}
        ok(act(talk, made, "reject", talk.story.clerk, reason))
        (mine,) = talk.conversation(idea, talk.story.resident(2))["items"]
        assert (mine["state"], mine["reason"]) == ("rejected", reason["reason"])
        assert talk.conversation(idea)["items"] == []
        assert [each["account_ids"] for each in told(database, "comment.rejected")] == [[account(talk, 2)]]
        refused(act(talk, made, "hide", talk.story.clerk, reason), 409, "comment_wrong_state")

    def test_a_community_can_look_at_everything_first(self, talk: Talk, idea: str) -> None:
        talk.ask_for(20, review_first=True)
        assert talk.say(2, idea)["held_for"] == ["review_first"]
        assert ok(talk.saying(talk.story.clerk, idea, "说明"))["state"] == "published"

    def test_only_staff_of_the_place(self, talk: Talk, idea: str, callers: Callers) -> None:
        made = talk.say(2, idea)["id"]
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        for verb, body in (
            ("publish", None),
            ("reject", {"reason": "不合适"}),
            ("hide", {"reason": "不合适"}),
        ):
            refused(act(talk, made, verb, away, body), 404, "comment_not_found")
            refused(act(talk, str(uuid.uuid4()), verb, talk.story.clerk, body), 404, "comment_not_found")
            refused(act(talk, made, verb, talk.story.resident(1), body), 403, "not_allowed")
        params = {"community": COMMUNITY}
        refused(
            talk.client.get("/api/v1/held-comments", params=params, headers=away), 404, "division_not_found"
        )


class TestReporting:
    def test_somebody_looks_and_keeps_or_hides_it(self, talk: Talk, idea: str, database: Database) -> None:
        kept, hidden = talk.say(2, idea, "说得重了点")["id"], talk.say(3, idea, "某某家的事")["id"]
        for comment in (kept, hidden):
            assert report(talk, comment, 4).status_code == 204
            assert report(talk, comment, 4, "private").status_code == 204
            assert report(talk, comment, 5, "private").status_code == 204
        found = held(talk)
        assert [[report["code"] for report in each["reports"]] for each in found] == [
            ["private", "private"]
        ] * 2
        assert account(talk, 4) not in str(found)
        assert [each["reported"] for each in talk.conversation(idea, talk.story.resident(4))["items"]] == [
            True,
            True,
        ]
        ok(act(talk, kept, "publish", talk.story.clerk))
        reason = {"reason": "写了别人家的事。"}
        ok(act(talk, hidden, "hide", talk.story.clerk, reason))
        assert held(talk) == []
        items = talk.conversation(idea)["items"]
        assert [(each["state"], each["words"], each["reason"]) for each in items] == [
            ("hidden", "", reason["reason"]), ("published", "说得重了点", None),
        ]  # fmt: skip
        assert talk.read(idea)["comments"] == 1
        assert [each["account_ids"] for each in told(database, "comment.hidden")] == [[account(talk, 3)]]
        refused(report(talk, hidden, 6), 409, "comment_wrong_state")
        # a mistake is undone
        assert ok(act(talk, hidden, "publish", talk.story.clerk))["words"] == "某某家的事"

    def test_not_the_own_one_not_from_outside(self, talk: Talk, idea: str, callers: Callers) -> None:
        made = talk.say(2, idea)["id"]
        refused(report(talk, made, 2), 409, "own_comment")
        refused(report(talk, str(uuid.uuid4()), 3), 404, "comment_not_found")
        waiting = talk.say(4, idea, "打 13900001234")["id"]
        refused(report(talk, waiting, 3), 404, "comment_not_found")
        path = f"{COMMENTS}/{made}/my-report"
        stranger = callers.resident("13700000001")
        refused(talk.client.put(path, json={"code": "abuse"}, headers=stranger), 403, "not_your_community")
        assert [each["id"] for each in held(talk)] == [waiting]


class TestDeleting:
    def test_the_words_are_gone_and_the_answers_stay(self, talk: Talk, idea: str, database: Database) -> None:
        answered, alone = talk.say(2, idea, "金丝雀一")["id"], talk.say(2, idea, "金丝雀二")["id"]
        talk.say(3, idea, "同意", parent_id=answered)
        refused(
            talk.client.delete(f"{COMMENTS}/{answered}", headers=talk.story.resident(3)),
            404,
            "comment_not_found",
        )
        for comment in (answered, alone, alone):
            ok(talk.client.delete(f"{COMMENTS}/{comment}", headers=talk.story.resident(2)))
        found = talk.conversation(idea)
        assert [(each["id"], each["state"], each["words"]) for each in found["items"]] == [
            (answered, "deleted", "")
        ]
        assert found["total"] == talk.read(idea)["comments"] == 1
        with database.reading() as session:
            assert "金丝雀" not in "".join(session.exec(select(Comment.words)).all())
        refused(talk.saying(talk.story.resident(4), idea, parent_id=answered), 409, "comment_wrong_state")
        refused(act(talk, alone, "publish", talk.story.clerk), 409, "comment_wrong_state")


class TestListing:
    def test_pages_of_comments_and_of_answers(self, talk: Talk, idea: str) -> None:
        tops = []
        for number in range(5):
            with clock.frozen(clock.now() + dt.timedelta(seconds=number)):
                tops.append(talk.say(2 + number, idea, f"第 {number} 条")["id"])
        for number in range(25):
            ok(talk.saying(talk.story.clerk, idea, f"答 {number}", parent_id=tops[0]))
        seen, cursor = [], None
        while True:
            params: dict[str, Any] = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = talk.conversation(idea, **params)
            seen += [each["id"] for each in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert seen == tops[::-1]
        thread = page["items"][-1]
        assert (len(thread["replies"]), thread["reply_count"]) == (20, 25)
        first = talk.conversation(idea, parent_id=tops[0], limit=20)
        rest = talk.conversation(idea, parent_id=tops[0], limit=20, cursor=first["next_cursor"])
        said = [each["words"] for each in (*first["items"], *rest["items"])]
        assert said == [f"答 {number}" for number in range(25)]
        missing = {"kind": "idea", "subject_id": idea, "parent_id": str(uuid.uuid4())}
        refused(talk.client.get(COMMENTS, params=missing), 404, "comment_not_found")


class TestLeaving:
    def test_what_we_know_of_somebody_and_forgetting_it(
        self, talk: Talk, idea: str, database: Database
    ) -> None:
        answered = talk.say(2, idea, "金丝雀三", byline="building")["id"]
        talk.say(3, idea, "同意", parent_id=answered)
        talk.say(2, idea, "打 13900001234")
        other = talk.say(4, idea, "无关")["id"]
        report(talk, other, 2)
        who = uuid.UUID(account(talk, 2))
        with database.writing() as session:
            known: Any = service.export_of(session, who)
            assert [each["words"] for each in known["comments"]] == ["金丝雀三", "打 13900001234"]
            assert [each["comment_id"] for each in known["comment_reports"]] == [other]
            service.forget(session, who)
            service.forget(session, who)
            assert service.export_of(session, who) == {"comments": [], "comment_reports": []}
        found = talk.conversation(idea)["items"]
        assert [(each["state"], each["author"]) for each in found] == [
            ("published", {"byline": "resident", "building": None}),
            ("deleted", {"byline": "forgotten", "building": None}),
        ]
        assert talk.read(idea)["comments"] == 2
        assert held(talk) == []
        with database.reading() as session:
            assert who not in session.exec(select(Comment.account_id)).all()
            assert session.exec(select(CommentReport)).all() == []
