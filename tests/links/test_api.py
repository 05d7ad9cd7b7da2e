"""Short codes: the same for whoever asks, for what is public, and known by nothing personal."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access.roles import Role
from app.core import clock
from app.links import cards, rules
from app.links.models import LinkPace, ShortLink
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, phone, refused

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(45)


def link(story: Story, kind: str, target: str, who: Headers | None = None) -> Any:
    body = {"kind": kind, "id": target}
    return story.client.post("/api/v1/links", json=body, headers=who or story.clerk)


def paces(callers: Callers) -> list[int]:
    """How many codes each account has made in an hour."""
    with callers.database.reading() as session:
        return sorted(session.exec(select(LinkPace.made)).all())


def building_id(story: Story, name: str = "1栋") -> str:
    rows = ok(story.client.get(f"/api/v1/communities/{COMMUNITY}/buildings", headers=story.clerk))["items"]
    return str(next(row["id"] for row in rows if row["name"] == name))


class TestMaking:
    def test_the_same_code_for_everybody_who_asks(self, story: Story) -> None:
        (project,) = story.published_projects([6_800_000])
        first = ok(link(story, "project", project))
        again = ok(link(story, "project", project, story.resident(3)))
        assert again == first
        assert re.fullmatch(f"[{rules.ALPHABET}]{{5}}", first["code"])
        assert (first["title"], first["lines"]) == ("项目1", ["北区", "估算造价 6.8 万元"])
        assert first["address"] == f"/app/?community={COMMUNITY}#/project/{project}"
        assert first["url"].endswith(f"/q/{first['code']}")
        assert ok(story.client.get(f"/api/v1/links/{first['code'].lower()}")) == first

    def test_at_once_it_is_still_one(self, story: Story) -> None:
        (project,) = story.published_projects([500_000])
        who = story.resident(3)
        with ThreadPoolExecutor(6) as pool:
            codes = {
                ok(each)["code"]
                for each in pool.map(lambda _: link(story, "project", project, who), range(6))
            }
        assert len(codes) == 1

    def test_a_taken_code_is_drawn_again(self, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
        one, other = story.published_projects([500_000, 600_000])
        drawn = iter(["BBBBB", "BBBBB", "CCCCC"])
        monkeypatch.setattr(rules, "new_code", lambda: next(drawn))
        assert [ok(link(story, "project", each))["code"] for each in (one, other)] == ["BBBBB", "CCCCC"]

    def test_every_kind(self, story: Story, drain: Callable[[], int]) -> None:
        projects = story.published_projects([500_000, 600_000])
        round_id = story.open_round(projects)
        seen = ok(link(story, "round", round_id))
        assert seen["lines"][1] == "2 个项目，排出先后"
        for kind in ("community", "building"):
            target = COMMUNITY if kind == "community" else building_id(story)
            found = ok(link(story, kind, target))
            assert found["lines"][0] == "2026 年社区微更新"  # what is open now
        assert found["building"] == "1栋"
        refused(link(story, "result", round_id), 404, "nothing_to_share")
        for number in range(3):
            ok(story.cast(round_id, story.resident(number), projects[:1]))
        story.finish(round_id, drain)
        assert ok(link(story, "result", round_id))["lines"][0] == "投票结果"

    def test_minutes_once_they_are_published(self, story: Story) -> None:
        body = {
            "community_code": COMMUNITY, "kind": "council", "title": "议事会", "place": "活动室",
            "begins_at": clock.now().isoformat(), "agenda": ["照明"],
        }  # fmt: skip
        meeting = ok(story.client.post("/api/v1/meetings", json=body, headers=story.clerk))["id"]
        words = {"text": "商量了照明。", "chair": "主任", "recorder": "记录员"}
        path = f"/api/v1/meetings/{meeting}/minutes"
        ok(story.client.post(path, json=words, headers=story.clerk))
        refused(link(story, "minutes", meeting), 404, "nothing_to_share")
        story.publish_minutes(meeting)
        assert ok(link(story, "minutes", meeting))["title"] == "议事会"

    def test_nothing_that_is_not_public(self, story: Story) -> None:
        draft = ok(story.client.post("/api/v1/projects", json=story.project(), headers=story.clerk))["id"]
        listed = story.published_projects([500_000])
        round_draft = story.draft_round(listed)
        for kind, target in (
            ("project", draft), ("round", round_draft), ("result", round_draft), ("minutes", draft), ("idea", draft),
            ("building", draft), ("community", "520102031000"), ("community", "999999999999"),
            ("project", COMMUNITY), ("community", listed[0]),
        ):  # fmt: skip
            refused(link(story, kind, target), 404, "nothing_to_share")
        for kind, target in (("person", draft), ("project", "x"), ("project", draft.upper() + "0")):
            refused(link(story, kind, target), 422, "malformed_request")

    def test_by_residents_and_staff_alone(self, story: Story, callers: Callers) -> None:
        refused(
            story.client.post("/api/v1/links", json={"kind": "community", "id": COMMUNITY}),
            401,
            "not_signed_in",
        )
        auditor = callers.staff(Role.AUDITOR, COMMUNITY)
        refused(link(story, "community", COMMUNITY, auditor), 403, "not_allowed")

    def test_an_account_has_only_so_many_new_ones_in_an_hour(
        self, story: Story, callers: Callers, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rules, "NEW_PER_ACCOUNT", 2)
        ids = story.published_projects([500_000] * 5)
        with clock.frozen(clock.now().replace(minute=10)):
            for each in (*ids[:2], *ids[:2]):  # asking again costs nothing
                ok(link(story, "project", each, story.resident(3)))
            wait = refused(link(story, "project", ids[2], story.resident(3)), 429, "too_many_links")[
                "retry_after"
            ]
            assert 49 * 60 < wait <= 50 * 60 + 1
            assert link(story, "project", ids[0], story.resident(3)).is_success
            ok(link(story, "project", ids[2], story.resident(4)))  # neighbours can
        assert paces(callers) == [1, 2]
        with clock.frozen(clock.now() + dt.timedelta(hours=1)):
            drain()
            assert paces(callers) == []
            ok(link(story, "project", ids[3], story.resident(3)))

    def test_who_made_which_is_not_kept(self, story: Story, callers: Callers) -> None:
        (project,) = story.published_projects([500_000])
        actor = callers.resident_actor(phone(3))
        made = ok(link(story, "project", project, callers.headers(actor)))
        with callers.database.reading() as session:
            [pace] = session.exec(select(LinkPace)).all()
            [short] = session.exec(select(ShortLink)).all()
        assert (pace.expires_at.minute, pace.expires_at.second, pace.expires_at.microsecond) == (0, 0, 0)
        assert actor.account_id is not None
        for secret in (made["code"], project, actor.account_id.hex, str(actor.account_id)):
            assert secret not in pace.maker
        assert actor.account_id.hex not in repr(short).replace("-", "")

    def test_at_once_they_are_counted_one_by_one(
        self, story: Story, callers: Callers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rules, "NEW_PER_ACCOUNT", 3)
        ids, who = story.published_projects([500_000] * 6), story.resident(3)
        with ThreadPoolExecutor(6) as pool:
            codes = [
                each.status_code for each in pool.map(lambda each: link(story, "project", each, who), ids)
            ]
        assert sorted(codes) == [200] * 3 + [429] * 3
        assert paces(callers) == [3]

    def test_a_place_has_only_so_many_new_ones_in_an_hour(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rules, "NEW_PER_HOUR", 2)
        one, two, three = story.published_projects([500_000, 600_000, 700_000])
        ok(link(story, "project", one))
        ok(link(story, "project", two))
        assert refused(link(story, "project", three), 429, "too_many_links")["retry_after"] > 0
        ok(link(story, "project", one))  # what is there costs nothing
        with clock.frozen(clock.now() + dt.timedelta(minutes=61)):
            later = story.callers.staff(Role.RC_STAFF, COMMUNITY)
            ok(link(story, "project", three, later))


class TestOpening:
    def test_a_page_with_a_card_and_the_way_on(self, story: Story) -> None:
        (project,) = story.published_projects([500_000])
        made = ok(link(story, "project", project))
        page = story.client.get(f"/q/{made['code'].lower()}")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        for words in (
            '<meta property="og:title" content="项目1">',
            f'<meta property="og:image" content="{made["picture_url"]}">',
            f'http-equiv="refresh" content="0; url={made["address"]}"',
            f'<a href="{made["address"]}">',
        ):
            assert words in page.text
        assert "<script" not in page.text
        assert "script-src" not in page.headers["content-security-policy"]
        assert "default-src 'none'" in page.headers["content-security-policy"]
        again = story.client.get(f"/q/{made['code']}", headers={"If-None-Match": page.headers["etag"]})
        assert again.status_code == 304

    def test_what_people_write_is_text(self, story: Story) -> None:
        hostile = '"><script>alert(1)</script>'
        made = ok(story.client.post("/api/v1/projects", json=story.project(hostile), headers=story.clerk))
        ok(
            story.client.post(
                f"/api/v1/projects/{made['id']}/publish", headers=story.clerk | {"If-Match": '"1"'}
            )
        )
        page = story.client.get(f"/q/{ok(link(story, 'project', made['id']))['code']}")
        assert "<script" not in page.text
        assert "&lt;script&gt;" in page.text

    def test_an_unknown_code_is_a_friendly_page_in_both_languages(self, client: TestClient) -> None:
        for code in ("BBBBB", "x", "%3Cscript%3E", "7f3kq7f3kq", "日本語"):
            page = client.get(f"/q/{code}")
            assert page.status_code == 404
            assert page.headers["content-type"].startswith("text/html")
            assert "没有找到" in page.text
            assert "Nothing behind" in page.text
            assert "<script" not in page.text
        refused(client.get("/api/v1/links/BBBBB"), 404, "link_not_found")

    def test_what_is_withdrawn_is_gone(self, story: Story) -> None:
        (project,) = story.published_projects([500_000])
        code = ok(link(story, "project", project))["code"]
        ok(
            story.client.post(
                f"/api/v1/projects/{project}/withdraw", json={"reason": "不做了"}, headers=story.clerk
            )
        )
        shown = story.client.get(f"/api/v1/projects/{project}").status_code
        assert story.client.get(f"/q/{code}").status_code == shown  # as public as the project itself


class TestDrawing:
    def test_a_picture_for_chats(self, story: Story) -> None:
        code = ok(link(story, "community", COMMUNITY))["code"]
        answer = story.client.get(f"/share/{code}.png")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"].startswith("public")
        assert answer.content.startswith(PNG)
        assert (int.from_bytes(answer.content[16:20]), int.from_bytes(answer.content[20:24])) == (1000, 800)
        assert len(answer.content) < 80_000
        refused(story.client.get("/share/BBBBB.png"), 404, "link_not_found")

    def test_without_a_chinese_font_the_code_and_its_picture_are_left(
        self, monkeypatch: pytest.MonkeyPatch, backend: str
    ) -> None:
        monkeypatch.setattr(cards, "font_file", lambda **_: None)
        card = cards.Card("题目", "社区", ("一行",), "7F3KQ", f"https://example.cn/q/7F3KQ?{backend}")
        drawn = cards.png(card)
        assert drawn.startswith(PNG)
        assert len(drawn) > 2_000

    def test_a_title_of_any_length_stays_on_the_card(self, backend: str) -> None:
        for number, title in enumerate(("字" * 120, "a" * 120, "！" * 120, "短", " ")):
            card = cards.Card(
                title, "社区", ("行" * 120,) * 3, "7F3KQ", f"https://example.cn/{number}{backend}"
            )
            assert cards.png(card).startswith(PNG)


class TestPosters:
    def path(self, code: str = COMMUNITY, **query: str) -> str:
        search = "&".join(f"{key}={value}" for key, value in query.items())
        return f"/api/v1/communities/{code}/posters.pdf?{search}"

    def words(self, raw: bytes) -> list[str]:
        import pypdfium2

        document = pypdfium2.PdfDocument(raw)
        try:
            return [page.get_textpage().get_text_range() for page in document]
        finally:
            document.close()

    def test_one_for_every_building_with_its_own_code(self, story: Story) -> None:
        story.open_round(story.published_projects([500_000, 600_000]))
        answer = story.client.get(self.path(), headers=story.clerk)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        pages = self.words(answer.content)
        assert len(pages) == 3
        codes = []
        for name, page in zip(("1栋", "2栋", "3栋"), pages, strict=True):
            assert name in page
            assert "2026 年社区微更新" in page
            code = ok(link(story, "building", building_id(story, name)))["code"]
            assert code in page.replace(" ", "")  # set apart in print
            codes.append(code)
        assert len(set(codes)) == 3
        for forbidden in ("居民1", "139"):
            assert forbidden not in "".join(pages)

    def test_one_building_and_whom_to_call(self, story: Story) -> None:
        body = {
            "name": "花果园大街社区居委会", "address": "C 区 3 栋 1 楼", "phone": "0851-88880000", "contact": "李主任",
            "office_hours": "工作日 9:00-17:30", "text": "",
        }  # fmt: skip
        path = f"/api/v1/communities/{COMMUNITY}/committee"
        changed = story.client.put(path, json=body, headers=story.clerk | {"If-Match": '"0"'})
        assert changed.is_success, changed.text
        answer = story.client.get(self.path(building=building_id(story, "2栋")), headers=story.clerk)
        (page,) = self.words(answer.content)
        assert "0851-88880000" in page
        assert "大家一起定" in page  # nothing is voted on

    def test_for_staff_of_the_place(self, story: Story, callers: Callers) -> None:
        refused(story.client.get(self.path(), headers=story.resident(3)), 403, "not_allowed")
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(story.client.get(self.path(), headers=away), 404, "division_not_found")
        refused(story.client.get(self.path(NEIGHBOUR), headers=away), 404, "no_buildings")
        unknown = str(uuid.uuid4())
        refused(story.client.get(self.path(building=unknown), headers=story.clerk), 404, "no_buildings")
        for round_id in (unknown, story.draft_round(story.published_projects([500_000]))):
            refused(story.client.get(self.path(round=round_id), headers=story.clerk), 404, "round_not_found")
