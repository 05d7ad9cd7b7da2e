"""The sheet two people sign: every sheet accounted for, and what does not add up, in words."""

import io
import uuid
from typing import Any

import pypdfium2
import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.paper.rules import BatchCount, Returned, Unfinished
from app.paper.words import Finding, findings
from tests.callers import Callers, Headers
from tests.paper_story import PaperStory, Says
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, refused

SAYS: list[Says] = [*[[1]] * 11, "blank"]


def said(count: BatchCount, *unfinished: Unfinished, once: int = 0, differing: int = 0) -> dict[Finding, str]:
    found = findings(count, list(unfinished), sheets=20, once=once, differing=differing)
    assert all(each.sentence("en") == each.en and each.sentence("zh-CN") == each.zh for each in found)
    return {each.finding: each.zh for each in found}


class TestWords:
    def test_a_batch_that_is_out(self) -> None:
        told = said(BatchCount(7, 0, None, 0, 0), Unfinished.NOT_RETURNED)
        assert list(told) == [Finding.NOT_RETURNED]
        assert "20 张，7 人" in told[Finding.NOT_RETURNED]

    @pytest.mark.parametrize(
        ("signed", "closed", "back", "finding", "words"),
        [
            (12, 0, Returned(13, 7, 0, 0), Finding.MORE_SHEETS_THAN_SIGNATURES, "多 1 张"),
            (12, 0, Returned(10, 8, 0, 0), Finding.FEWER_SHEETS_THAN_SIGNATURES, "改成 2 并"),
            (12, 0, Returned(10, 8, 0, 1), Finding.FEWER_SHEETS_THAN_SIGNATURES, "改成 2 并"),
            (12, 4, Returned(9, 8, 3, 0), Finding.ENVELOPES_DIFFER, "4 个信封应当不拆，填的是 3"),
            (12, 4, Returned(7, 8, 5, 0), Finding.ENVELOPES_DIFFER, "填的是 5"),
        ],
    )
    def test_what_does_not_add_up(
        self, signed: int, closed: int, back: Returned, finding: Finding, words: str
    ) -> None:
        told = said(BatchCount(signed, closed, back, 0, 0), Unfinished.DOES_NOT_ADD_UP)
        assert list(told) == [finding]
        assert words in told[finding]

    def test_how_far_the_keying_is(self) -> None:
        back = Returned(12, 8, 0, 0)
        told = said(BatchCount(12, 0, back, 10, 5), Unfinished.NOT_KEYED, once=3, differing=2)
        assert list(told) == [Finding.NOT_KEYED, Finding.KEYED_ONCE, Finding.DIFFERING]
        assert "2 张没有人录完" in told[Finding.NOT_KEYED]
        told = said(BatchCount(12, 0, back, 13, 13), Unfinished.NOT_KEYED)
        assert list(told) == [Finding.TOO_MANY_KEYED]
        assert said(BatchCount(12, 0, back, 12, 12)) == {}
        small = said(BatchCount(4, 0, Returned(4, 16, 0, 0), 0, 0), Unfinished.TOO_SMALL)
        assert "只有 4 张" in small[Finding.TOO_SMALL]


@pytest.fixture
def paper(client: TestClient, callers: Callers) -> PaperStory:
    story = Story(client, callers).with_residents(26)
    return PaperStory(story, story.open_round(story.published_projects([100_000, 200_000, 300_000])))


def sheet(paper: PaperStory, who: Headers | None = None, suffix: str = "", **headers: str) -> Any:
    path = f"/api/v1/rounds/{paper.round_id}/paper-reconciliation{suffix}"
    return paper.story.client.get(path, headers={**(who or paper.story.clerk), **headers})


class TestReturn:
    def test_exchanged_sheets_are_counted_by_themselves(self, paper: PaperStory) -> None:
        batch_id = paper.vote(SAYS)
        assert paper.read(batch_id)["spoilt"] is None
        refused(paper.give_back(batch_id, used=12, unused=6), 422, "paper_sheets_missing")
        refused(paper.give_back(batch_id, used=12, unused=6, spoilt=3), 422, "more_than_printed")
        back = ok(paper.give_back(batch_id, used=12, unused=6, spoilt=2))
        assert (back["spoilt"], back["missing"], back["unfinished"]) == (2, 0, ["not_keyed"])


class TestReconcile:
    def test_batch_by_batch_and_the_sum_of_those_that_count(self, paper: PaperStory) -> None:
        batches = [paper.vote(SAYS), paper.vote([[2]] * 4, begin=12), paper.vote([[3]] * 2, begin=16)]
        out = ok(sheet(paper))
        assert [[each["code"] for each in one["findings"]] for one in out["items"]] == [["not_returned"]] * 3
        assert (out["adds_up"], out["total"]["printed"], out["total"]["signed_in"]) == (False, 60, 18)
        paper.close()
        ok(paper.give_back(batches[1], used=4, unused=16))
        ok(paper.give_back(batches[2], used=2, unused=17, spoilt=1))
        ok(paper.give_back(batches[0], used=11, unused=8, missing_reason="一张打湿"))
        merge = f"/api/v1/paper-batches/{batches[2]}/merge"
        ok(paper.story.client.post(merge, json={"into": batches[1]}, headers=paper.story.clerk))
        made = ok(sheet(paper, paper.supervisor, **{"Accept-Language": "zh-CN"}))
        first, second, third = made["items"]
        assert (third["counts"], third["merged_into"], third["findings"]) == (False, 2, [])
        assert {each["code"] for each in second["findings"]} == {"too_small", "not_keyed"}
        (short, _) = first["findings"]
        assert short["code"] == "fewer_sheets_than_signatures"
        assert "签名 12 个，票箱里 11 张，少 1 张" in short["detail"]
        assert made["total"] == {
            "printed": 60, "signed_in": 18, "used": 17, "unused": 41, "spoilt": 1, "unopened": 0, "missing": 1,
            "not_handed_in": 0, "keyed": 0, "decided": 0,
        }  # fmt: skip
        assert first["void"] is None

    def test_when_all_is_done_it_says_so_and_how_many_are_void(self, paper: PaperStory) -> None:
        batch_id = paper.vote(SAYS)
        paper.close()
        paper.count(batch_id, SAYS)
        made = ok(sheet(paper))
        (line,) = made["items"]
        assert (made["adds_up"], line["findings"], line["void"]["blank"]) == (True, [], 1)
        assert (line["figures"]["keyed"], line["figures"]["decided"]) == (12, 12)

    def test_on_paper_for_two_to_sign(self, paper: PaperStory, backend: str) -> None:
        if backend != "sqlite":
            return  # drawn from the same values
        batch_id = paper.vote(SAYS)
        paper.batch(10, label="上门 <b>")
        paper.close()
        ok(paper.give_back(batch_id, used=12, unused=7, missing_reason="一张打湿 & 作废"))
        answer = sheet(paper, paper.supervisor, ".pdf")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
        assert len(document) == 1
        words = "".join(document[0].get_textpage().get_text_range().split())
        for part in (
            "纸质选票核对表", "2026年社区微更新", "领票签名12＝票箱内12", "上门<b>", "第2批：还没有交回",
            "缺失原因：一张打湿&作废", "监督人签名", "尚未核对完毕，不能开箱", "印制30≠",
        ):  # fmt: skip
            assert part in words, part
        document.close()

    def test_who_may(self, paper: PaperStory, callers: Callers) -> None:
        paper.batch()
        for suffix in ("", ".pdf"):
            away = refused(
                sheet(paper, callers.staff(Role.RC_CHAIR, NEIGHBOUR), suffix), 404, "round_not_found"
            )
            missing = PaperStory(paper.story, str(uuid.uuid4()))
            assert refused(sheet(missing, None, suffix), 404, "round_not_found") == away
            for who in (callers.staff(Role.MEDIATOR, COMMUNITY), paper.story.resident(1)):
                refused(sheet(paper, who, suffix), 403, "not_allowed")
