"""The notice for the wall: it says what was announced, on a page or two, in text that can be selected."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from tests.callers import Callers
from tests.recorded.test_decision import voted as owners_voted
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, ok, refused

PHONE = "0851-88880000"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(60)


def counted(story: Story, drain: Callable[[], int], *, voters: int = 55, **settings: Any) -> str:
    ids = story.published_projects([400_000, 500_000, 300_000, 200_000])
    round_id = story.open_round(ids, **{"rule": "rank-mes", "kind": "consultation", **settings})
    for number in range(voters):
        at = (number + number // 7) % 4
        ok(story.cast(round_id, story.resident(number), [ids[at], ids[(at + 1) % 4]]))
    story.finish(round_id, drain)
    return round_id


def tell_phone(story: Story) -> None:
    body = {
        "name": "花果园大街社区居委会", "address": "C 区 3 栋 1 楼", "phone": PHONE, "contact": "",
        "office_hours": "工作日 9:00-17:30", "text": "",
    }  # fmt: skip
    path = f"/api/v1/communities/{COMMUNITY}/committee"
    ok(story.client.put(path, json=body, headers=story.clerk | {"If-Match": '"0"'}))


def pages(raw: bytes) -> list[str]:
    """The words of each page, without the breaks of lines."""
    document = pypdfium2.PdfDocument(raw)
    try:
        texts = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return ["".join(text.split()) for text in texts]


class TestRead:
    def test_it_says_what_was_announced(self, story: Story, drain: Callable[[], int]) -> None:
        tell_phone(story)
        round_id = counted(story, drain)
        result = ok(
            story.client.get(f"/api/v1/rounds/{round_id}/result", headers={"Accept-Language": "zh-CN"})
        )
        path = f"/api/v1/rounds/{round_id}/notice"
        found = ok(story.client.get(path, headers=story.clerk))
        assert found["title"] == ["关于“2026 年社区微更新”", "投票结果的公示"]
        assert found["number"].endswith(found["code"])
        assert found["issuer"] == "花果园大街社区居委会"
        assert (found["hangs_from"], found["hangs_until"]) == (result["announced_at"], result["notice_until"])
        funded = [each for each in result["projects"] if each["funded"]]
        opening = "".join(found["opening"])
        for figure in (
            "名册 60 人",
            "有效选票 55 张（91.7%）；本次是意见征集",
            f"入选 {len(funded)} 件",
            "总金额 10,000.00 元",
        ):
            assert figure in opening
        inside, outside = found["tables"]
        assert [row[1] for row in inside["rows"]] == [each["title"] for each in funded]
        assert [row[1] for row in outside["rows"]] == [
            each["title"] for each in result["projects"] if not each["funded"]
        ]
        for row, each in zip([*inside["rows"], *outside["rows"]], result["projects"], strict=True):
            assert row[0] == str(each["place"])
            assert row[-1] in each["reason"]["sentence"]
        closing = "".join(found["closing"])
        assert "公示期 15 天" in closing
        assert "居民委员会组织法第三十四条" in closing
        assert PHONE in found["contacts"][0]
        assert any(result["outcome_digest"] in line for line in found["record"])
        heads = ok(story.client.get(f"/board/v1/rounds/{round_id}/heads"))["heads"]
        assert any(heads[-1]["root"] in line for line in found["record"])
        # the picture leads to the result's own page, and asking again makes no second code
        link = ok(story.client.get(f"/api/v1/links/{found['code']}"))
        assert (link["kind"], link["url"]) == ("result", found["url"])
        assert ok(story.client.get(path, headers=story.chair))["code"] == found["code"]
        # when the time is over, it says so
        with clock.frozen(dt.datetime.fromisoformat(result["notice_until"])):
            again = ok(story.client.get(path, headers=story.callers.staff(Role.RC_CHAIR, COMMUNITY)))
            assert "公示期 15 天（已满）" in "".join(again["closing"])

    def test_nobody_reads_it_before_the_result_and_nobody_from_elsewhere(
        self, story: Story, drain: Callable[[], int], callers: Callers
    ) -> None:
        round_id = story.open_round(story.published_projects([400_000]))
        for end in ("notice", "notice.pdf"):
            path = f"/api/v1/rounds/{round_id}/{end}"
            refused(story.client.get(path, headers=story.chair), 404, "no_result_yet")
            refused(story.client.get(path, headers=story.resident(0)), 403, "not_allowed")
            refused(story.client.get(path), 401, "not_signed_in")
        story.finish(round_id, drain)
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        missing = f"/api/v1/rounds/{uuid.uuid4()}/notice"
        foreign = story.client.get(f"/api/v1/rounds/{round_id}/notice", headers=away)
        assert foreign.json() == refused(story.client.get(missing, headers=away), 404, "round_not_found")
        for role, over in ((Role.SUPERVISOR, COMMUNITY), (Role.SUBDISTRICT_OFFICER, SUBDISTRICT)):
            found = ok(
                story.client.get(f"/api/v1/rounds/{round_id}/notice", headers=callers.staff(role, over))
            )
            # nobody voted: totals only, and no committee to call yet
            assert "不逐张公布" in found["record"][-1]
            assert "请到社区办公地点" in found["contacts"][0]

    def test_a_decision_of_owners_has_one_too(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        estate = owners_voted(client, callers, drain)
        made = ok(client.get(f"{estate.path}/decision", headers={"Accept-Language": "zh-CN"}))
        found = ok(client.get(f"{estate.path}/notice", headers=estate.story.clerk))
        assert found["title"] == ["关于“中心广场改造”", "业主共同决定结果的公示"]
        assert made["question"] in found["opening"][0]
        assert made["lines"][0] in found["opening"][1]
        assert "第一款第五项" in found["opening"][0]
        assert [*made["lines"][1:], made["remedies"]] == [found["closing"][at] for at in (0, 1, 2, 3, 5)]
        (table,) = found["tables"]
        assert table["rows"][0][1] == str(made["all_owners"]["heads"])
        assert [row[0] for row in table["rows"]] == ["全体业主", "参加表决", "同意", "反对", "弃权"]
        assert any(made["record_digest"] in line for line in found["record"])
        assert ok(client.get(f"/api/v1/links/{found['code']}"))["kind"] == "round"
        answer = client.get(f"{estate.path}/notice.pdf", headers=estate.story.clerk)
        (page,) = pages(answer.content)
        assert "业主共同决定结果的公示" in page
        assert "1栋" not in page  # no dwelling is on it


class TestPrint:
    def test_a_page_of_words(self, story: Story, drain: Callable[[], int]) -> None:
        tell_phone(story)
        round_id = counted(story, drain)
        shown = ok(story.client.get(f"/api/v1/rounds/{round_id}/notice", headers=story.clerk))
        answer = story.client.get(f"/api/v1/rounds/{round_id}/notice.pdf", headers=story.clerk)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].endswith(f'"notice-{shown["number"]}.pdf"')
        found = pages(answer.content)
        assert len(found) == 1
        said = [*shown["title"], *shown["opening"], *shown["closing"], *shown["contacts"], *shown["record"]]
        said += [cell for table in shown["tables"] for row in table["rows"] for cell in row]
        missing = [each for each in said if "".join(each.split()) not in found[0]]
        assert missing == []
        assert shown["code"] in found[0]
        assert not any(private in found[0] for private in ("居民1", "1390000"))

    def test_a_long_list_goes_on_overleaf(self, story: Story, drain: Callable[[], int]) -> None:
        ids = story.published_projects([300_000 + 1_000 * number for number in range(18)])
        round_id = story.open_round(ids)
        for number in range(18):
            ok(story.cast(round_id, story.resident(number), ids[number : number + 3]))
        story.finish(round_id, drain)
        answer = story.client.get(f"/api/v1/rounds/{round_id}/notice.pdf", headers=story.chair)
        found = pages(answer.content)
        assert len(found) <= 2
        assert all(f"项目{number}" in "".join(found) for number in range(1, 19))

    def test_a_void_result_says_that_it_must_come_down(self, story: Story, drain: Callable[[], int]) -> None:
        round_id = counted(story, drain, voters=2)
        ok(
            story.client.post(
                f"/api/v1/rounds/{round_id}/cancel", json={"reason": "名册有误"}, headers=story.chair
            )
        )
        answer = story.client.get(f"/api/v1/rounds/{round_id}/notice.pdf", headers=story.chair)
        assert "本结果已宣布作废" in pages(answer.content)[0]
