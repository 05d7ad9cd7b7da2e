"""Batches of sheets: made, printed, brought back, merged, keyed blind, set aside, and counted only if they add up."""

import io
import json
import re
import uuid
from collections.abc import Sequence
from typing import Any

import pypdfium2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.access.roles import Role
from app.core.canonical import canonical_json
from app.core.db import Database
from app.paper import printing, rules, service
from app.paper.errors import AnotherPersonNeeded, PaperNotReconciled
from tests.callers import Callers
from tests.paper_story import PaperStory, Says, line
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, refused

PEOPLE = 24
#: Twelve sheets, of which one is void.
SAYS: list[Says] = [[1], [2, 1], [3], [1, 2, 3], [2], [3, 2], [1], [2], [3, 1], [1, 3], [2, 3], "blank"]


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(PEOPLE)


def opened(story: Story, **changes: Any) -> PaperStory:
    projects = story.published_projects([100_000, 200_000, 300_000])
    return PaperStory(story, story.open_round(projects, **changes))


@pytest.fixture
def paper(story: Story) -> PaperStory:
    return opened(story)


def closed_with(paper: PaperStory, says: Sequence[Says] = SAYS, **back: Any) -> str:
    """A batch of a closed round that came back with as many sheets as signatures."""
    batch_id = paper.vote(says)
    paper.close()
    ok(paper.give_back(batch_id, **({"used": len(says), "unused": 20 - len(says)} | back)))
    return batch_id


def rows(answer: Any) -> list[tuple[int, str | None]]:
    return [(item["row"], item["code"]) for item in ok(answer)["items"] if not item["taken"]]


class TestMaking:
    def test_a_batch_is_numbered_and_has_serials_of_its_own(self, paper: PaperStory) -> None:
        batches = [paper.batch(10), paper.batch(500)]
        found = ok(
            paper.story.client.get(f"/api/v1/rounds/{paper.round_id}/paper-batches", headers=paper.supervisor)
        )["items"]
        assert [(each["id"], each["number"], each["sheets"]) for each in found] == [
            (batches[0], 1, 10),
            (batches[1], 2, 500),
        ]
        assert [each["unfinished"] for each in found] == [["not_returned"]] * 2
        serials = [*paper.serials(batches[0]), *paper.serials(batches[1])]
        assert len(set(serials)) == 510
        assert all(rules.read_serial(serial) == serial for serial in serials)

    def test_from_publication_on_and_not_after_closing(self, story: Story) -> None:
        projects = story.published_projects([100_000])
        draft = PaperStory(story, story.draft_round(projects))
        body = {"community_code": COMMUNITY, "label": "活动室", "sheets": 20}
        path = "/api/v1/rounds/{}/paper-batches"
        refused(
            story.client.post(path.format(draft.round_id), json=body, headers=story.clerk),
            409,
            "round_wrong_state",
        )
        published = PaperStory(story, story.publish_round(projects))
        published.batch()
        ok(story.client.post(f"/api/v1/rounds/{published.round_id}/open", headers=story.clerk))
        published.batch()
        published.close()
        refused(
            story.client.post(path.format(published.round_id), json=body, headers=story.clerk),
            409,
            "round_wrong_state",
        )

    def test_what_cannot_be_is_refused(self, story: Story, paper: PaperStory) -> None:
        path = f"/api/v1/rounds/{paper.round_id}/paper-batches"
        for changes, status, code in (
            ({"sheets": 9}, 422, "malformed_request"),
            ({"sheets": 501}, 422, "malformed_request"),
            ({"label": ""}, 422, "malformed_request"),
            ({"community_code": NEIGHBOUR}, 404, "community_not_in_round"),
        ):
            body = {"community_code": COMMUNITY, "label": "活动室", "sheets": 20} | changes
            refused(story.client.post(path, json=body, headers=story.clerk), status, code)
        path = f"/api/v1/rounds/{opened(story, paper='none').round_id}/paper-batches"
        body = {"community_code": COMMUNITY, "label": "活动室", "sheets": 20}
        refused(story.client.post(path, json=body, headers=story.clerk), 409, "paper_not_offered")


class TestWhoMay:
    """Roles, and that a foreign id answers exactly like a missing one."""

    CALLS = (
        ("GET", "", None),
        ("GET", "/sheets.pdf", None),
        ("GET", "/sign-ins", None),
        ("PUT", "/return", {"used": 0, "unused": 20}),
        ("POST", "/merge", {"into": str(uuid.uuid4())}),
        ("POST", "/keyings", {"sheets": [{"serial": "ABC", "void": "blank"}]}),
        ("POST", "/keyings/discard", {"serial": "ABC", "reason": "录了未用的票"}),
        ("POST", "/setting-aside", {"reason": "数目不符"}),
        ("POST", "/sign-ins", {"subject_id": str(uuid.uuid4())}),
        ("POST", f"/sign-ins/{uuid.uuid4()}/undo", {"reason": "点错了人"}),
    )

    def test_foreign_and_missing_are_the_same(self, paper: PaperStory, callers: Callers) -> None:
        batch_id = paper.batch()
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        away_supervisor = callers.staff(Role.SUPERVISOR, NEIGHBOUR)
        calls = [(*call, away) for call in self.CALLS]
        calls.append(("POST", "/setting-aside/confirm", None, away_supervisor))
        for method, path, body, who in calls:
            foreign, missing = (
                refused(
                    paper.story.client.request(
                        method, f"/api/v1/paper-batches/{each}{path}", json=body, headers=who
                    ),
                    404,
                    "paper_batch_not_found",
                )
                for each in (batch_id, uuid.uuid4())
            )
            assert foreign == missing, path
        listing = f"/api/v1/rounds/{paper.round_id}/paper-batches"
        refused(paper.story.client.get(listing, headers=away), 404, "round_not_found")
        refused(
            paper.story.client.get(
                listing.replace(paper.round_id, str(uuid.uuid4())), headers=paper.story.clerk
            ),
            404,
            "round_not_found",
        )

    def test_roles(self, paper: PaperStory, callers: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(printing, "pdf", lambda _: b"%PDF")
        batch_id = paper.batch()
        officer = callers.staff(Role.SUBDISTRICT_OFFICER, "520102031000")
        for who, allowed in (
            (paper.story.resident(1), set()),
            (officer, set()),
            (paper.supervisor, {"", "/sign-ins", "/keyings"}),
            (paper.story.clerk, {path for _, path, _ in self.CALLS} - {"/setting-aside", "/keyings/discard"}),
            (paper.story.chair, {path for _, path, _ in self.CALLS}),
        ):
            for method, path, body in self.CALLS:
                answer = paper.story.client.request(
                    method, f"/api/v1/paper-batches/{batch_id}{path}", json=body, headers=who
                )
                expected = path in allowed
                if (method, path) == ("POST", "/sign-ins"):
                    expected = who in (paper.story.clerk, paper.story.chair)
                assert (answer.status_code != 403) is expected, (path, answer.text)
        confirm = f"/api/v1/paper-batches/{batch_id}/setting-aside/confirm"
        refused(paper.story.client.post(confirm, headers=paper.story.chair), 403, "not_allowed")


class TestPrinting:
    def test_every_sheet_carries_the_list_its_serial_and_no_name(self, story: Story, backend: str) -> None:
        projects, pages = (5, 1) if backend == "sqlite" else (40, 2)
        ids = story.published_projects([100_000 + number for number in range(projects)])
        paper = PaperStory(story, story.publish_round(ids, title="社区微更新 <b>&", paper="first_wins"))
        batch_id = paper.batch(10)
        answer = story.client.get(f"/api/v1/paper-batches/{batch_id}/sheets.pdf", headers=story.clerk)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
        assert len(document) == 10 * pages
        assert {round(document[0].get_width()), round(document[0].get_height())} == {595, 842}  # A4
        texts = [page.get_textpage().get_text_range() for page in document]
        serials = [rules.printed_serial(serial) for serial in paper.serials(batch_id)]
        for number, serial in enumerate(serials):
            sheet = texts[number * pages : (number + 1) * pages]
            assert all(serial in page for page in sheet)
            assert not any(other in page for page in sheet for other in serials if other != serial)
            whole = "".join("".join(sheet).split())
            for words in (
                "纸质选票",
                "社区微更新<b>&",
                "本票不记名",
                "最多写3个",
                "这样的选票无效",
                "投入票箱",
            ):
                assert words in whole, words
            for project in range(1, projects + 1):
                assert f"{project}项目{project}北区1,000" in whole, project
        assert not re.search("居民[0-9]", "".join(texts))
        document.close()

    def test_it_stands_in_the_record_and_ends_with_closing(
        self, paper: PaperStory, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(printing, "pdf", lambda _: b"%PDF")
        batch_id = paper.batch(10)
        path = f"/api/v1/paper-batches/{batch_id}/sheets.pdf"
        assert paper.story.client.get(path, headers=paper.story.clerk).content == b"%PDF"
        paper.close()
        refused(paper.story.client.get(path, headers=paper.story.clerk), 409, "round_wrong_state")
        with database.reading() as session:
            tags = session.execute(
                text("SELECT tag FROM audit_entry WHERE subject = :subject ORDER BY seq"),
                {"subject": f"paper_batch:{batch_id}"},
            ).scalars()
            assert list(tags) == ["paper_batch:made", "paper_batch:printed"]


class TestReturning:
    def test_every_sheet_is_accounted_for_and_numbers_can_be_corrected(self, paper: PaperStory) -> None:
        batch_id = paper.vote(SAYS)
        refused(paper.give_back(batch_id, used=13, unused=8), 422, "more_than_printed")
        refused(paper.give_back(batch_id, used=12, unused=7), 422, "paper_sheets_missing")
        refused(paper.give_back(batch_id, used=11, unused=8, unopened=1), 422, "no_outer_envelopes")
        back = ok(paper.give_back(batch_id, used=13, unused=7))
        assert (back["signed_in"], back["missing"]) == (12, 0)
        assert back["unfinished"] == ["does_not_add_up", "not_keyed"]
        back = ok(paper.give_back(batch_id, used=12, unused=7, missing_reason="一张打湿"))
        assert (back["missing"], back["missing_reason"], back["unfinished"]) == (1, "一张打湿", ["not_keyed"])
        back = ok(paper.give_back(batch_id, used=12, unused=8, missing_reason="一张打湿"))
        assert (back["missing"], back["missing_reason"]) == (0, None)

    def test_a_sheet_that_was_taken_home_is_declared(self, paper: PaperStory) -> None:
        batch_id = paper.vote(SAYS)
        back = ok(paper.give_back(batch_id, used=11, unused=8, missing_reason="一位带走未投"))
        assert back["unfinished"] == ["does_not_add_up", "not_keyed"]
        back = ok(
            paper.give_back(batch_id, used=11, unused=8, not_handed_in=1, missing_reason="一位带走未投")
        )
        assert back["unfinished"] == ["not_keyed"]
        refused(
            paper.give_back(batch_id, used=12, unused=8, not_handed_in=1, missing_reason="一位带走未投"),
            422,
            "more_than_printed",
        )

    def test_outer_envelopes_are_counted_after_closing(self, story: Story) -> None:
        paper = opened(story, paper="online_wins")
        batch_id = paper.vote(SAYS)
        refused(paper.give_back(batch_id, used=12, unused=8), 409, "round_wrong_state")
        paper.close()
        ok(paper.give_back(batch_id, used=12, unused=8))


class TestKeying:
    def test_only_after_closing_and_counting(self, paper: PaperStory) -> None:
        batch_id = paper.vote(SAYS)
        sheet = line(paper.serials(batch_id)[0], [1])
        refused(paper.key(batch_id, [sheet], paper.first), 409, "round_wrong_state")
        paper.close()
        refused(paper.key(batch_id, [sheet], paper.first), 409, "paper_batch_not_returned")
        ok(paper.give_back(batch_id, used=12, unused=8))
        assert ok(paper.key(batch_id, [sheet], paper.first))["taken"] == 1

    def test_two_agree_and_the_second_never_sees_the_first(self, paper: PaperStory) -> None:
        batch_id = closed_with(paper)
        serials = paper.serials(batch_id)
        agreeing = [line(serial, says) for serial, says in zip(serials, SAYS, strict=False)]
        differing = [line(serial, [3, 1, 2]) for serial in serials[:12]]
        answers = [paper.key(batch_id, agreeing, paper.first)]
        before = paper.read(batch_id)
        assert (before["keyed"], before["decided"], len(before["keyed_once"])) == (12, 0, 12)
        answers.append(paper.key(batch_id, differing, paper.second))
        answers.append(paper.key(batch_id, differing, paper.second))
        # whatever the first one keyed, the second one's answer is the same, byte for byte
        assert ok(answers[0]) == ok(answers[1]) == ok(answers[2])
        seen = json.dumps([before, paper.read(batch_id), *(answer.json() for answer in answers)])
        assert not any(word in seen for word in ("numbers", "ranking", "blank", "[3, 1, 2]"))
        after = paper.read(batch_id)
        assert (after["keyed_once"], sorted(after["differing"])) == ([], serials[:12])

    def test_the_same_person_counts_once(self, paper: PaperStory) -> None:
        batch_id = closed_with(paper)
        serial = paper.serials(batch_id)[0]
        ok(paper.key(batch_id, [line(serial, [1])], paper.first))
        again = paper.key(batch_id, [line(serial, [1])], paper.first)
        assert rows(again) == []  # the answer to the first call was lost
        assert paper.read(batch_id)["keyed_once"] == [serial]
        assert rows(paper.key(batch_id, [line(serial, [2])], paper.first)) == [(1, "sheet_keyed_by_you")]

    def test_a_third_person_decides_and_then_nobody_any_more(
        self, paper: PaperStory, database: Database
    ) -> None:
        batch_id = closed_with(paper)
        serials = paper.serials(batch_id)
        lines = [line(serial, says) for serial, says in zip(serials, SAYS, strict=False)]
        ok(paper.key(batch_id, lines, paper.first))
        ok(
            paper.key(
                batch_id, [line(serials[0], [2]), line(serials[1], "unreadable"), *lines[2:]], paper.second
            )
        )
        assert sorted(paper.read(batch_id)["differing"]) == serials[:2]
        for who in (paper.first, paper.second):
            assert rows(paper.key(batch_id, [line(serials[0], [3])], who)) == [(1, "sheet_keyed_by_you")]
        third = [line(serials[0], [3]), line(serials[1], "unreadable"), lines[2]]
        assert rows(paper.key(batch_id, third, paper.third)) == [(3, "sheet_decided")]
        assert paper.read(batch_id)["unfinished"] == []
        assert rows(paper.key(batch_id, [lines[0]], paper.story.chair)) == [(1, "sheet_decided")]
        with database.reading() as session:
            counted = service.counted_rankings(session, round_id=uuid.UUID(paper.round_id))
            figures = service.figures(session, round_id=uuid.UUID(paper.round_id))
        expected = [
            tuple(number - 1 for number in says) for says in [[3], *SAYS[2:11]] if not isinstance(says, str)
        ]
        assert counted == sorted(expected)
        assert figures["void"] == {
            "unsigned": 0, "unreadable": 1, "too_many_ranks": 0, "late": 0, "blank": 1,
        }  # fmt: skip
        assert (figures["sheets"], figures["valid"]) == (12, 10)

    def test_each_wrong_line_is_named_and_the_others_are_taken(self, paper: PaperStory) -> None:
        batch_id = closed_with(paper)
        foreign = rules.new_serials(1, taken=set(paper.serials(batch_id)))[0]
        serials = paper.serials(batch_id)
        sheets = [
            line(serials[0], [1]),
            line(serials[1][:-1] + ("2" if serials[1][-1] != "2" else "3"), [1]),
            line(foreign, [1]),
            line(serials[0], [1]),
            line(serials[2], [4]),
            line(serials[2], [1, 1]),
            line(serials[2], [1, 2, 3, 1]),
            line(rules.printed_serial(serials[3]).lower(), "late"),
        ]
        answer = paper.key(batch_id, sheets, paper.first)
        assert rows(answer) == [
            (2, "serial_malformed"),
            (3, "sheet_not_in_batch"),
            (4, "serial_repeated"),
            (5, "number_unknown"),
            (6, "number_repeated"),
            (7, "too_many_numbers"),
        ]
        assert ok(answer)["taken"] == 2
        assert all(item["detail"] for item in ok(answer)["items"] if not item["taken"])
        chinese = paper.story.client.post(
            f"/api/v1/paper-batches/{batch_id}/keyings",
            json={"sheets": sheets[4:5]},
            headers=paper.first | {"Accept-Language": "zh-CN"},
        )
        assert "名单上没有 4 号" in ok(chinese)["items"][0]["detail"]
        wrong: list[dict[str, Any]] = [
            {},
            {"numbers": [1], "void": "blank"},
            {"numbers": []},
            {"void": "spoiled"},
        ]
        for says in wrong:
            sheet = {"serial": "ABCDEFGH"} | says
            refused(paper.key(batch_id, [sheet], paper.first), 422, "malformed_request")

    def test_a_sheet_that_was_not_in_the_urn_is_thrown_out_again(self, paper: PaperStory) -> None:
        batch_id = closed_with(paper)
        *keyed, last = paper.serials(batch_id)[:13]
        chair, path = paper.story.chair, f"/api/v1/paper-batches/{batch_id}/keyings/discard"

        def discard(serial: str) -> Any:
            body = {"serial": serial, "reason": "录了一张未用的票"}
            return paper.story.client.post(path, json=body, headers=chair)

        for who in (paper.first, paper.second):
            ok(paper.key(batch_id, [line(serial, [1]) for serial in keyed], who))
        refused(discard(last), 404, "sheet_not_keyed")
        refused(discard("ABC"), 422, "serial_malformed")
        refused(discard(rules.new_serials(1, taken=set(keyed))[0]), 404, "sheet_not_in_batch")
        assert ok(discard(rules.printed_serial(keyed[0])))["unfinished"] == ["not_keyed"]
        for who in (paper.first, paper.second):
            assert rows(paper.key(batch_id, [line(last, [1])], who)) == []
        assert paper.read(batch_id)["unfinished"] == []

    def test_no_more_sheets_than_in_the_urn_and_nothing_to_read_in_the_table(
        self, paper: PaperStory, database: Database
    ) -> None:
        batch_id = closed_with(paper)
        sheets = [line(serial, [1]) for serial in paper.serials(batch_id)[:13]]
        assert rows(paper.key(batch_id, sheets, paper.first)) == [(13, "more_than_in_the_urn")]
        with database.reading() as session:
            stored = session.execute(text("SELECT answer FROM paper_keying")).scalars().all()
        assert len(set(stored)) == 12  # equal answers do not look equal
        assert not any("ranking" in each for each in stored)


class TestMerging:
    def two(self, paper: PaperStory) -> tuple[str, str]:
        small, large = paper.vote(SAYS[:4]), paper.vote(SAYS, begin=4)
        paper.close()
        ok(paper.give_back(small, used=4, unused=16))
        return small, large

    def merge(self, paper: PaperStory, source: str, target: str) -> Any:
        return paper.story.client.post(
            f"/api/v1/paper-batches/{source}/merge", json={"into": target}, headers=paper.story.clerk
        )

    def test_few_sheets_are_keyed_with_others_only(self, paper: PaperStory, database: Database) -> None:
        small, large = self.two(paper)
        sheet = line(paper.serials(small)[0], [1])
        refused(
            paper.key(small, [sheet], paper.first), 409, "paper_batch_too_small"
        )  # nobody knows the others
        refused(self.merge(paper, small, large), 409, "paper_batch_not_returned")
        ok(paper.give_back(large, used=12, unused=7, missing_reason="一张打湿"))
        assert paper.read(small)["unfinished"] == ["too_small", "not_keyed"]
        refused(paper.key(small, [sheet], paper.first), 409, "paper_batch_too_small")
        refused(self.merge(paper, small, small), 422, "same_paper_batch")
        refused(self.merge(paper, small, str(uuid.uuid4())), 404, "paper_batch_not_found")
        serials = {*paper.serials(small), *paper.serials(large)}

        merged = ok(self.merge(paper, small, large))
        assert {name: merged[name] for name in ("id", "sheets", "used", "unused", "missing", "signed_in")} == {
            "id": large, "sheets": 40, "used": 16, "unused": 23, "missing": 1, "signed_in": 16,
        }  # fmt: skip
        assert (merged["missing_reason"], merged["unfinished"]) == ("一张打湿", ["not_keyed"])
        assert paper.read(small)["merged_into"] == large
        assert (paper.serials(small), set(paper.serials(large))) == ([], serials)
        for answer in (
            self.merge(paper, small, large),
            self.merge(paper, large, small),
            paper.key(small, [sheet], paper.first),
            paper.give_back(small, used=4, unused=16),
        ):
            refused(answer, 409, "paper_batch_ended")
        lines = [line(serial, [1]) for serial in paper.serials(large)[:16]]
        for who in (paper.first, paper.second):
            assert ok(paper.key(large, lines, who))["taken"] == 16
        with database.reading() as session:
            service.check_reconciled(session, round_id=uuid.UUID(paper.round_id))
            figures = service.figures(session, round_id=uuid.UUID(paper.round_id))
        assert (figures["batches"], figures["sheets"], figures["valid"]) == (1, 16, 16)
        assert figures["missing"] == [{"batch": 2, "sheets": 1, "reason": "一张打湿"}]

    def test_a_round_with_fewer_in_all_has_nothing_to_merge(self, paper: PaperStory) -> None:
        batches = [paper.vote(SAYS[:4]), paper.vote(SAYS[:5], begin=4)]
        paper.close()
        ok(paper.give_back(batches[0], used=4, unused=16))
        ok(paper.give_back(batches[1], used=5, unused=15))
        ok(paper.key(batches[0], [line(paper.serials(batches[0])[0], [1])], paper.first))

    def test_only_within_a_round_and_after_closing(self, story: Story, paper: PaperStory) -> None:
        first, second = paper.vote(SAYS), paper.batch()
        ok(paper.give_back(first, used=12, unused=8))
        ok(paper.give_back(second, used=0, unused=20))
        refused(self.merge(paper, first, second), 409, "round_wrong_state")
        other = PaperStory(story, story.open_round(story.published_projects([50_000]))).batch()
        paper.close()
        refused(self.merge(paper, first, other), 404, "paper_batch_not_found")
        ok(self.merge(paper, first, second))


class TestSettingAside:
    def propose(self, paper: PaperStory, batch_id: str, reason: str = "票箱封条破损，数目不符") -> Any:
        return paper.story.client.post(
            f"/api/v1/paper-batches/{batch_id}/setting-aside",
            json={"reason": reason},
            headers=paper.story.chair,
        )

    def confirm(self, paper: PaperStory, batch_id: str) -> Any:
        return paper.story.client.post(
            f"/api/v1/paper-batches/{batch_id}/setting-aside/confirm", headers=paper.supervisor
        )

    def test_chair_and_supervisor_with_a_public_reason(self, paper: PaperStory, database: Database) -> None:
        good, bad = paper.vote(SAYS), paper.vote(SAYS[:3], begin=12)
        refused(self.propose(paper, bad), 409, "round_wrong_state")
        paper.close()
        ok(paper.give_back(good, used=12, unused=8))
        ok(paper.give_back(bad, used=5, unused=15))
        refused(self.confirm(paper, bad), 409, "setting_aside_not_proposed")
        refused(self.propose(paper, good), 409, "paper_batch_adds_up")
        proposed = ok(self.propose(paper, bad))
        assert (proposed["set_aside_proposed"], proposed["set_aside"]) == (True, False)
        assert "does_not_add_up" in proposed["unfinished"]
        done = ok(self.confirm(paper, bad))
        assert (done["set_aside"], done["unfinished"]) == (True, [])
        for answer in (
            self.propose(paper, bad),
            self.confirm(paper, bad),
            paper.give_back(bad, used=3, unused=17),
        ):
            refused(answer, 409, "paper_batch_ended")
        lines = [line(serial, says) for serial, says in zip(paper.serials(good), SAYS, strict=False)]
        for who in (paper.first, paper.second):
            ok(paper.key(good, lines, who))
        with database.reading() as session:
            service.check_reconciled(session, round_id=uuid.UUID(paper.round_id))
            figures = service.figures(session, round_id=uuid.UUID(paper.round_id))
            counted = service.counted_rankings(session, round_id=uuid.UUID(paper.round_id))
        assert figures["set_aside"] == [{"batch": 2, "signed_in": None, "reason": "票箱封条破损，数目不符"}]
        assert (figures["batches"], figures["sheets"], figures["valid"], len(counted)) == (1, 12, 11, 11)
        assert canonical_json(figures)

    def test_a_batch_that_never_came_back(self, paper: PaperStory) -> None:
        batch_id = paper.vote(SAYS)
        paper.close()
        ok(self.propose(paper, batch_id, "整批遗失"))
        assert ok(self.confirm(paper, batch_id))["set_aside"]

    def test_corrected_numbers_withdraw_the_proposal(self, paper: PaperStory) -> None:
        batch_id = closed_with(paper, used=13, unused=7)
        ok(self.propose(paper, batch_id))
        back = ok(paper.give_back(batch_id, used=12, unused=8))
        assert (back["set_aside_proposed"], back["set_aside_reason"]) == (False, None)
        refused(self.confirm(paper, batch_id), 409, "setting_aside_not_proposed")

    def test_nobody_confirms_what_they_proposed(self, paper: PaperStory, callers: Callers) -> None:
        batch_id = closed_with(paper, used=13, unused=7)
        chair = callers.staff_actor(Role.RC_CHAIR, COMMUNITY)
        with callers.database.writing() as session:
            service.propose_setting_aside(
                session, batch_id=uuid.UUID(batch_id), reason="数目不符", actor=chair
            )
        # no account is chair and supervisor at once; the verb does not rely on it
        both = type(chair)(ref=chair.ref, grants=callers.staff_actor(Role.SUPERVISOR, COMMUNITY).grants)

        with callers.database.writing() as session, pytest.raises(AnotherPersonNeeded):
            service.set_aside(session, batch_id=uuid.UUID(batch_id), actor=both)


class TestReconciling:
    def check(self, database: Database, paper: PaperStory) -> Any:
        with database.reading() as session:
            try:
                service.check_reconciled(session, round_id=uuid.UUID(paper.round_id))
            except PaperNotReconciled as error:
                return error.facts["batches"]
        return []

    def test_the_box_waits_for_every_batch(self, paper: PaperStory, database: Database) -> None:
        assert self.check(database, paper) == []  # no batches
        batches = [paper.vote(SAYS), paper.batch()]
        assert self.check(database, paper) == [1, 2]
        paper.close()
        ok(paper.give_back(batches[1], used=0, unused=20))
        assert self.check(database, paper) == [1]
        path = f"/api/v1/rounds/{paper.round_id}/open-box"
        refused(paper.story.client.post(path, headers=paper.story.clerk), 409, "paper_not_reconciled")
        paper.count(batches[0], SAYS)
        assert self.check(database, paper) == []
        ok(paper.give_back(batches[0], used=11, unused=8, not_handed_in=1, missing_reason="重新清点"))
        assert self.check(database, paper) == [1]  # twelve were keyed
        ok(paper.give_back(batches[0], used=12, unused=8))
        with database.reading() as session:
            counted = service.counted_rankings(session, round_id=uuid.UUID(paper.round_id))
        assert counted == sorted(counted)
        assert len(counted) == 11
