"""The desk: one counted ballot for each entry of the roll over both channels, whichever comes first."""

import json
import secrets
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import inspect, text
from sqlmodel import Session, select

from app.access.roles import Role
from app.ballots import queries, service
from app.ballots.models import Envelope
from app.ballots.service import Booths, Caster, CastItem, Receipt
from app.core import clock
from app.core.db import Database
from app.core.errors import DomainError
from app.core.writer import BatchWriter
from app.paper import service as paper_service
from app.paper.models import PaperDraft, PaperKeying, PaperSheet, PaperSignIn
from app.residents import service as residents
from app.rounds import service as rounds
from app.wiring import Wiring
from app.worker import Worker
from tests.callers import Callers
from tests.conftest import DEEP
from tests.paper_story import PaperStory, Says, line
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, phone, refused, roster_row

PEOPLE = 14


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(PEOPLE)


def opened(story: Story, policy: str = "first_wins", **changes: Any) -> tuple[PaperStory, list[str]]:
    projects = story.published_projects([100_000, 200_000, 300_000])
    return PaperStory(story, story.open_round(projects, paper=policy, **changes)), projects


def envelopes(database: Database) -> dict[uuid.UUID, Envelope]:
    with database.reading() as session:
        return {row.entry_id: row for row in session.exec(select(Envelope))}


def turnout(paper: PaperStory) -> int:
    path = f"/api/v1/rounds/{paper.round_id}/turnout"
    return int(ok(paper.story.client.get(path, headers=paper.story.clerk))["taken_part"])


class TestSignIn:
    def test_first_wins_the_online_door_closes(self, story: Story, database: Database) -> None:
        paper, projects = opened(story)
        batch_id = paper.batch()
        made = ok(paper.sign_in(batch_id, 0))
        assert made["batch_id"] == batch_id
        refused(story.cast(paper.round_id, story.resident(0), projects[:1]), 409, "signed_in_on_paper")
        refused(paper.sign_in(batch_id, 0), 409, "already_signed_in_for_paper")
        refused(paper.sign_in(paper.batch(), 0), 409, "already_signed_in_for_paper")
        (row,) = envelopes(database).values()
        assert (str(row.entry_id), row.on_paper, row.ciphertext) == (made["entry_id"], True, None)
        # the phone tells them too, where no short message does
        path = f"/api/v1/rounds/{paper.round_id}/my-participation"
        seen = [ok(story.client.get(path, headers=story.resident(number))) for number in (0, 1)]
        assert [(each["taken_part"], each["on_paper"]) for each in seen] == [(True, True), (False, False)]

    @pytest.mark.parametrize(("vanishes", "met"), [(2, 3), (3, 3)])
    def test_an_undo_of_another_desk_may_come_between(
        self, story: Story, database: Database, monkeypatch: pytest.MonkeyPatch, vanishes: int, met: int
    ) -> None:
        """The empty envelope is met, and gone when it is to be held: as often as ``vanishes``."""
        paper, _ = opened(story)
        batch_id, calls, put = paper.batch(), [], queries.put_on_paper

        def put_on_paper(session: Session, **which: Any) -> bool:
            calls.append(which)
            return len(calls) > vanishes and put(session, **which)

        monkeypatch.setattr(queries, "put_on_paper", put_on_paper)
        if vanishes < met:
            ok(paper.sign_in(batch_id, 0))
            assert [row.on_paper for row in envelopes(database).values()] == [True]
        else:
            assert refused(paper.sign_in(batch_id, 0), 503, "unavailable")["retry_after"] == 1
            assert envelopes(database) == {}
            assert paper.read(batch_id)["signed_in"] == 0
        assert len(calls) == met

    def test_first_wins_who_has_voted_online_gets_no_sheet(self, story: Story, database: Database) -> None:
        paper, projects = opened(story)
        batch_id = paper.batch()
        ok(story.cast(paper.round_id, story.resident(0), projects[:1]))
        refused(paper.sign_in(batch_id, 0), 409, "already_voted_online")
        assert paper.read(batch_id)["signed_in"] == 0  # nothing is left of the attempt
        ok(story.client.delete(f"/api/v1/rounds/{paper.round_id}/my-ballot", headers=story.resident(0)))
        ok(paper.sign_in(batch_id, 0))  # nothing is in force any more
        (row,) = envelopes(database).values()
        assert (row.on_paper, row.version) == (True, 2)

    def test_paper_wins_the_sealed_ballot_is_superseded_and_counted_as_such(
        self, story: Story, database: Database
    ) -> None:
        paper, projects = opened(story, "paper_wins")
        batch_id = paper.batch()
        receipt = ok(story.cast(paper.round_id, story.resident(0), projects[:1]))
        ok(paper.sign_in(batch_id, 0))
        ok(paper.sign_in(batch_id, 1))
        refused(story.cast(paper.round_id, story.resident(0), projects[1:]), 409, "signed_in_on_paper")
        kept = envelopes(database)[uuid.UUID(receipt["entry_id"])]
        assert (kept.on_paper, kept.version, kept.ciphertext_hash) == (True, 1, receipt["envelope_hash"])
        paper.close()
        board = ok(story.client.get(f"/board/v1/rounds/{paper.round_id}"))["entries"]
        (closed,) = (entry["body"] for entry in board if entry["kind"] == "closed")
        assert (closed["envelopes"], closed["set_aside"], closed["superseded_by_paper"]) == (0, 2, 1)

    def test_online_wins_both_ways_stay_open_and_closing_says_which_envelopes_stay_closed(
        self, story: Story, database: Database
    ) -> None:
        paper, projects = opened(story, "online_wins")
        batch_id = paper.batch()
        ok(story.cast(paper.round_id, story.resident(0), projects[:1]))
        entries = [ok(paper.sign_in(batch_id, number))["entry_id"] for number in range(12)]
        ok(story.cast(paper.round_id, story.resident(1), projects[:1]))
        ok(story.cast(paper.round_id, story.resident(12), projects[:1]))
        refused(paper.sign_in(batch_id, 0), 409, "already_signed_in_for_paper")
        assert not any(row.on_paper for row in envelopes(database).values())
        assert turnout(paper) == 13
        seen = ok(story.client.get(f"/api/v1/rounds/{paper.round_id}/turnout", headers=story.clerk))
        assert (seen["channels"]["own"], seen["channels"]["on_paper"]) == (
            3,
            10,
        )  # each once, where it counts
        path = f"/api/v1/paper-batches/{batch_id}/sign-ins"
        before = ok(story.client.get(path, headers=story.clerk))["items"]
        assert [each["stays_closed"] for each in before] == [False] * 12
        paper.close()
        after = ok(story.client.get(path, headers=story.clerk))["items"]
        assert {each["entry_id"] for each in after if each["stays_closed"]} == set(entries[:2])
        assert {each["dwelling"] for each in after if each["stays_closed"]} == {
            "1栋 1单元 0101",
            "1栋 1单元 0201",
        }
        assert after[0]["people"] == ["居**"]
        back = ok(paper.give_back(batch_id, used=12, unused=8))
        assert "does_not_add_up" in back["unfinished"]  # two envelopes were opened that should not have been
        back = ok(paper.give_back(batch_id, used=10, unused=8, unopened=2))
        assert back["unfinished"] == ["not_keyed"]
        assert back["stay_closed"] == 2

    def test_a_household_has_one_sheet(self, story: Story) -> None:
        rows = [roster_row(number, 房号="0101", 楼栋="9栋") for number in (30, 31)]
        story.import_roster(csv_bytes([*(roster_row(number) for number in range(PEOPLE)), *rows]))
        paper, projects = opened(story, electorate="household")
        batch_id = paper.batch()
        params = {"community": COMMUNITY, "building": "９栋"}  # full width, as some keyboards write it
        desk = f"/api/v1/rounds/{paper.round_id}/paper-desk"
        (home,) = ok(story.client.get(desk, params=params, headers=story.clerk))["items"]
        assert (home["people"], home["dwelling"], home["can_sign_in"]) == (
            ["居***"] * 2,
            "9栋 1单元 0101",
            True,
        )
        body = {"subject_id": home["subject_id"]}
        path = f"/api/v1/paper-batches/{batch_id}/sign-ins"
        ok(story.client.post(path, json=body, headers=story.clerk))
        refused(story.client.post(path, json=body, headers=story.clerk), 409, "already_signed_in_for_paper")
        for number in (30, 31):
            refused(
                story.cast(paper.round_id, story.resident(number), projects[:1]), 409, "signed_in_on_paper"
            )
        (signed,) = ok(story.client.get(path, headers=story.clerk))["items"]
        assert (len(signed["people"]), signed["dwelling"]) == (2, "9栋 1单元 0101")

    def test_only_while_the_round_is_open_by_the_clock_of_the_database(
        self, story: Story, database: Database, wiring: Wiring
    ) -> None:
        projects = story.published_projects([100_000])
        paper = PaperStory(story, story.publish_round(projects))
        batch_id = paper.batch()
        body = {"subject_id": str(uuid.uuid4())}
        path = f"/api/v1/paper-batches/{batch_id}/sign-ins"
        refused(story.client.post(path, json=body, headers=story.clerk), 409, "round_not_open")
        refused(paper.at_the_desk(0), 409, "round_not_open")
        ok(story.client.post(f"/api/v1/rounds/{paper.round_id}/open", headers=story.clerk))
        subject = paper.subject(0)
        clerk = story.callers.staff_actor(Role.RC_STAFF, COMMUNITY)
        with database.reading() as session:
            closes_at = rounds.round_(session, uuid.UUID(paper.round_id)).closes_at
        with clock.frozen(closes_at):  # nobody has closed it yet, and the minute is past all the same
            assert _sign_in(wiring, uuid.UUID(batch_id), uuid.UUID(subject), clerk) == ["round_closed"]
        paper.close()
        refused(
            story.client.post(path, json={"subject_id": subject}, headers=story.clerk), 409, "round_closed"
        )
        refused(paper.at_the_desk(0), 409, "round_closed")

    def test_who_has_moved_out_gets_no_sheet(self, story: Story) -> None:
        paper, _ = opened(story)
        batch_id, subject = paper.batch(), paper.subject(0)
        story.import_roster(csv_bytes([roster_row(number) for number in range(1, PEOPLE)]))
        path = f"/api/v1/paper-batches/{batch_id}/sign-ins"
        answer = story.client.post(path, json={"subject_id": subject}, headers=story.clerk)
        refused(answer, 404, "not_on_this_roll")  # as with casting

    def test_a_batch_has_a_sheet_to_give(self, story: Story) -> None:
        paper, _ = opened(story)
        batch_id = paper.batch(10)
        for number in range(10):
            ok(paper.sign_in(batch_id, number))
        refused(paper.sign_in(batch_id, 10), 409, "paper_batch_used_up")
        assert paper.read(batch_id)["signed_in"] == 10
        back = paper.batch()
        ok(paper.give_back(back, used=0, unused=20))
        refused(paper.sign_in(back, 10), 409, "paper_batch_returned")

    def test_only_those_on_the_roll_of_the_batchs_community(self, story: Story, callers: Callers) -> None:
        other = Story(story.client, callers, community=NEIGHBOUR)
        other.import_roster(csv_bytes([roster_row(50, 房号="0505")]))
        above = callers.staff(Role.RC_CHAIR, SUBDISTRICT)
        projects = story.published_projects([100_000])
        body = story.round_body(projects, division_code=SUBDISTRICT, community_codes=[COMMUNITY, NEIGHBOUR])
        round_id = ok(story.client.post("/api/v1/rounds", json=body, headers=above))["id"]
        staff = callers.staff(Role.RC_STAFF, SUBDISTRICT)
        ok(story.client.post(f"/api/v1/rounds/{round_id}/publish", headers=staff))
        ok(story.client.post(f"/api/v1/rounds/{round_id}/approve", headers=above))
        ok(story.client.post(f"/api/v1/rounds/{round_id}/open", headers=above))
        paper = PaperStory(story, round_id)
        batch_id = paper.batch()  # the committee of one community hands out its own sheets
        with callers.database.reading() as session:
            (neighbour,) = (
                row for row, _ in residents.adults(session, community_code=NEIGHBOUR, on=clock.today())
            )
        path = f"/api/v1/paper-batches/{batch_id}/sign-ins"
        for subject in (neighbour.id, uuid.uuid4()):
            answer = story.client.post(path, json={"subject_id": str(subject)}, headers=story.clerk)
            refused(answer, 404, "not_on_this_roll")
        ok(paper.sign_in(batch_id, 0))
        refused(
            story.client.get(
                f"/api/v1/rounds/{round_id}/paper-desk", headers=story.clerk,
                params={"community": NEIGHBOUR, "building": "3栋"},
            ),
            404,
            "community_not_in_round",
        )  # fmt: skip


class TestLookUp:
    def test_who_lives_there_and_whether_they_get_a_sheet(self, story: Story) -> None:
        rows = [roster_row(number) for number in range(PEOPLE)]
        rows.append(roster_row(40, 房号="0101", 楼栋="1栋", 出生日期="2020-01-01"))
        story.import_roster(csv_bytes(rows))
        paper, projects = opened(story)
        ok(story.cast(paper.round_id, story.resident(1), projects[:1]))
        ok(paper.sign_in(paper.batch(), 2))
        params = {"community": COMMUNITY, "building": "1栋"}
        path = f"/api/v1/rounds/{paper.round_id}/paper-desk"
        everybody = ok(story.client.get(path, params=params, headers=story.clerk))["items"]
        assert len(everybody) == PEOPLE + 1
        found = {(each["dwelling"], each["can_sign_in"], each["code"]) for each in everybody}
        assert found >= {
            ("1栋 1单元 0101", True, None),
            ("1栋 1单元 0101", False, "not_on_this_roll"),
            ("1栋 1单元 0201", False, "already_voted_online"),
            ("1栋 1单元 0301", False, "already_signed_in_for_paper"),
        }
        assert all("*" in name for each in everybody for name in each["people"])
        assert all(each["detail"] for each in everybody if each["code"])
        assert (
            ok(story.client.get(path, params=params | {"room": "9901"}, headers=story.clerk))["items"] == []
        )

    def test_where_it_does_not_matter_nobody_is_told_who_voted_online(self, story: Story) -> None:
        for policy in ("paper_wins", "online_wins"):
            paper, projects = opened(story, policy)
            before = ok(paper.at_the_desk(1))
            ok(story.cast(paper.round_id, story.resident(1), projects[:1]))
            assert ok(paper.at_the_desk(1)) == before

    def test_only_staff_of_the_place(self, story: Story, callers: Callers) -> None:
        paper, _ = opened(story)
        refused(paper.at_the_desk(0, who=story.resident(0)), 403, "not_allowed")
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(paper.at_the_desk(0, who=away), 404, "community_not_in_round")
        without, _ = opened(story, "none")
        refused(without.at_the_desk(0), 409, "paper_not_offered")


class TestUndo:
    @pytest.mark.parametrize("policy", ["first_wins", "paper_wins", "online_wins"])
    def test_everything_is_as_it_was(self, story: Story, database: Database, policy: str) -> None:
        paper, projects = opened(story, policy)
        batch_id = paper.batch()
        entry = ok(paper.sign_in(batch_id, 0))["entry_id"]
        assert turnout(paper) == 1
        refused(paper.undo(paper.batch(), entry), 404, "paper_sign_in_not_found")
        refused(paper.undo(batch_id, entry, ""), 422, "words_needed")
        ok(paper.undo(batch_id, entry))
        assert (turnout(paper), envelopes(database)) == (0, {})
        refused(paper.undo(batch_id, entry), 404, "paper_sign_in_not_found")
        participation = f"/api/v1/rounds/{paper.round_id}/my-participation"
        assert ok(story.client.get(participation, headers=story.resident(0)))["version"] == 0
        receipt = ok(story.cast(paper.round_id, story.resident(0), projects[:1], **{"If-Match": '"0"'}))
        assert receipt["version"] == 1

    def test_paper_wins_the_sealed_ballot_is_in_force_again(self, story: Story, database: Database) -> None:
        paper, projects = opened(story, "paper_wins")
        batch_id = paper.batch()
        receipt = ok(story.cast(paper.round_id, story.resident(0), projects[:1]))
        entry = ok(paper.sign_in(batch_id, 0))["entry_id"]
        ok(paper.undo(batch_id, entry))
        (row,) = envelopes(database).values()
        assert (row.on_paper, row.version, row.ciphertext_hash) == (False, 1, receipt["envelope_hash"])
        assert ok(story.cast(paper.round_id, story.resident(0), projects[1:]))["version"] == 2

    def test_not_after_the_batch_came_back_or_the_round_closed(self, story: Story) -> None:
        paper, _ = opened(story)
        batches = [paper.batch(), paper.batch()]
        entries = [ok(paper.sign_in(batch_id, number))["entry_id"] for number, batch_id in enumerate(batches)]
        ok(paper.give_back(batches[0], used=1, unused=19))
        refused(paper.undo(batches[0], entries[0]), 409, "paper_batch_returned")
        paper.close()
        refused(paper.undo(batches[1], entries[1]), 409, "round_closed")

    def test_it_stands_in_the_record_without_a_time(self, story: Story, database: Database) -> None:
        paper, _ = opened(story)
        batch_id = paper.batch()
        entry = ok(paper.sign_in(batch_id, 0))["entry_id"]
        ok(paper.undo(batch_id, entry, "点错了人"))
        ok(paper.sign_in(batch_id, 1))
        with database.reading() as session:
            found = session.execute(
                text("SELECT tag, at, subject, facts FROM audit_entry WHERE tag LIKE 'paper:%' ORDER BY seq")
            ).all()
        batch = f"paper_batch:{batch_id}"
        assert [(row.tag, row.at, row.subject) for row in found] == [
            ("paper:signed_in", None, batch),
            ("paper:sign_in_undone", None, batch),
            ("paper:signed_in", None, batch),
        ]
        facts = [json.loads(row.facts) for row in found]
        assert facts[1]["reason"] == "点错了人"
        # the same entry is known again while the round's key lives; which one it is stands nowhere
        fingerprints = [each["entry_hmac"] for each in facts]
        assert fingerprints[0] == fingerprints[1] != fingerprints[2]
        assert all(entry not in str(row) and entry.replace("-", "") not in str(row) for row in found)


@dataclass
class Sms:
    """A provider that keeps what it was given."""

    sent: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)

    def send_code(self, *, phone: str, code: str) -> None:
        raise AssertionError(phone, code)

    def send_notice(self, *, phone: str, template: str, params: Mapping[str, str]) -> None:
        self.sent.append((phone, template, params))


class TestNotice:
    def test_whoever_a_sheet_stands_for_is_told(self, story: Story, wiring: Wiring) -> None:
        rows = [roster_row(number) for number in range(PEOPLE)]
        rows += [roster_row(number, 楼栋="9栋", 房号="0101") for number in (30, 31)]
        rows.append(roster_row(32, 楼栋="9栋", 房号="0101", 手机=""))
        story.import_roster(csv_bytes(rows))
        paper, _ = opened(story, electorate="household", title="社区微更新")
        batch_id = paper.batch()
        desk = f"/api/v1/rounds/{paper.round_id}/paper-desk"
        params = {"community": COMMUNITY, "building": "9栋"}
        (home,) = ok(story.client.get(desk, params=params, headers=story.clerk))["items"]
        sign_ins = f"/api/v1/paper-batches/{batch_id}/sign-ins"
        ok(story.client.post(sign_ins, json={"subject_id": home["subject_id"]}, headers=story.clerk))
        sms = Sms()
        Worker(replace(wiring, sms=sms)).drain()
        assert sorted(to for to, _, _ in sms.sent) == [phone(30), phone(31)]
        assert {template for _, template, _ in sms.sent} == {"paper_sign_in"}
        assert all(params == {"round": "社区微更新"} for _, _, params in sms.sent)

    def test_nobody_without_a_phone_and_a_missing_gateway_fails_nothing(
        self, story: Story, drain: Callable[[], int], database: Database
    ) -> None:
        rows = [roster_row(number) for number in range(PEOPLE)]
        story.import_roster(csv_bytes([*rows, roster_row(PEOPLE, 手机="")]))
        paper, _ = opened(story)
        batch_id = paper.batch()
        for number in (PEOPLE, 1):
            ok(paper.sign_in(batch_id, number))
        drain()
        with database.reading() as session:
            told = session.execute(
                text("SELECT done_at, dead_at FROM outbox_message WHERE name = 'paper.signed_in'")
            ).all()
        assert [(row.done_at is not None, row.dead_at) for row in told] == [(True, None)]


class Phones:
    """Two processes that take ballots of the same people at the same moment."""

    def __init__(
        self,
        paper: PaperStory,
        projects: list[str],
        callers: Callers,
        wiring: Wiring,
        database: Database,
        people: int,
    ) -> None:
        self._round_id, self._project = uuid.UUID(paper.round_id), uuid.UUID(projects[0])
        self._voters = callers.resident_actors([phone(number) for number in range(people)])
        booths = Booths(wiring.keys)
        with database.reading() as session:
            self._booth = booths.set_up(session, self._round_id)
        self._writers: list[BatchWriter[CastItem, Receipt]] = [
            BatchWriter(database, Caster(booths, wiring.signer), conflicts=lambda item: item.conflict_key)
            for _ in range(2)
        ]
        for writer in self._writers:
            writer.start()

    def cast(self, number: int) -> list[str]:
        """Somebody casts on two phones at once; what they are told where it is no receipt."""
        futures = [writer.enqueue(self._item(number)) for writer in self._writers]
        errors = [future.exception(timeout=60) for future in futures]
        assert all(error is None or isinstance(error, DomainError) for error in errors), errors
        return [error.code for error in errors if isinstance(error, DomainError)]

    def stop(self) -> None:
        for writer in self._writers:
            writer.stop()

    def _item(self, number: int) -> CastItem:
        voter = self._voters[number]
        assert voter.account_id
        assert voter.session_id
        sealed = self._booth.seal((self._project,), secrets.token_bytes(16))
        return CastItem(
            self._round_id, voter.account_id, voter.session_id, sealed, secrets.token_hex(32), None
        )


class TestCastAgainstSignIn:
    """One entry, both channels at the same moment, again and again: at most one of the two is counted."""

    ENTRIES = 200 if DEEP else 12
    #: What the desk, and what the phones, may be told meanwhile. A phone whose first ballot meets the desk at the
    #: same instant is asked to try again, and then told the truth.
    MAY_BE_TOLD: Mapping[str, tuple[set[str], set[str]]] = {
        "first_wins": ({"already_voted_online"}, {"signed_in_on_paper", "unavailable"}),
        "paper_wins": (set(), {"signed_in_on_paper", "unavailable"}),
        "online_wins": (set(), {"unavailable"}),
    }

    @pytest.mark.parametrize("policy", ["first_wins", "paper_wins", "online_wins"])
    def test_at_most_one_counted_ballot(
        self, client: TestClient, callers: Callers, wiring: Wiring, database: Database, policy: str
    ) -> None:
        story = Story(client, callers).with_residents(self.ENTRIES)
        paper, projects = opened(story, policy)
        phones = Phones(paper, projects, callers, wiring, database, self.ENTRIES)
        batch_id = uuid.UUID(paper.batch(self.ENTRIES))
        clerk = callers.staff_actor(Role.RC_STAFF, COMMUNITY)
        subjects = [uuid.UUID(paper.subject(number)) for number in range(self.ENTRIES)]
        told_at_the_desk: list[str] = []
        together = threading.Barrier(2)

        def hand_out() -> None:
            for subject in subjects:
                together.wait()
                told_at_the_desk.extend(_sign_in(wiring, batch_id, subject, clerk))

        desk = threading.Thread(target=hand_out)
        desk.start()
        told_on_phones: list[str] = []
        for number in range(self.ENTRIES):
            if number % 3 == 0:  # a ballot is there already, and is replaced
                phones.cast(number)
            together.wait()
            told_on_phones += phones.cast(number)
        desk.join()
        phones.stop()
        at_the_desk, on_phones = self.MAY_BE_TOLD[policy]
        assert set(told_at_the_desk) <= at_the_desk
        assert set(told_on_phones) <= on_phones

        paper.close()
        with database.reading() as session:
            signed = {row.entry_id: row.stays_closed for row in session.exec(select(PaperSignIn))}
        sealed = envelopes(database)
        online = {entry for entry, row in sealed.items() if row.ciphertext_hash and not row.on_paper}
        on_paper = {entry for entry, stays_closed in signed.items() if not stays_closed}
        assert online & on_paper == set()  # the one-ballot rule over both channels
        assert len(online | on_paper) == self.ENTRIES  # and nobody's is lost
        superseding = set(signed) if policy != "online_wins" else set()
        assert {entry for entry, row in sealed.items() if row.on_paper} == superseding

    def test_two_desks_hand_out_one_sheet(self, story: Story, wiring: Wiring, callers: Callers) -> None:
        paper, _ = opened(story, "online_wins")
        batches = [uuid.UUID(paper.batch()) for _ in range(4)]
        subject = uuid.UUID(paper.subject(0))
        clerk = callers.staff_actor(Role.RC_STAFF, COMMUNITY)
        refusals: list[str] = []
        desks = [
            threading.Thread(target=lambda each=each: refusals.extend(_sign_in(wiring, each, subject, clerk)))
            for each in batches
        ]
        for desk in desks:
            desk.start()
        for desk in desks:
            desk.join()
        assert refusals == ["already_signed_in_for_paper"] * 3


def _sign_in(wiring: Wiring, batch_id: uuid.UUID, subject_id: uuid.UUID, clerk: Any) -> list[str]:
    try:
        with wiring.database.writing() as session:
            service.sign_in(session, batch_id=batch_id, subject_id=subject_id, keys=wiring.keys, actor=clerk)
    except DomainError as error:
        return [type(error).code]
    return []


class TestAfterwards:
    def test_paper_is_counted_published_and_forgotten(
        self, story: Story, database: Database, drain: Callable[[], int]
    ) -> None:
        paper, projects = opened(story)
        says: list[Says] = [*[[2]] * 11, "blank"]
        batch_id = paper.vote(says)
        ok(story.cast(paper.round_id, story.resident(12), projects[:1]))
        paper.close()
        path = f"/api/v1/rounds/{paper.round_id}/open-box"
        refused(story.client.post(path, headers=story.clerk), 409, "paper_not_reconciled")
        paper.count(batch_id, says)
        drafted = {"sheets": [line(paper.serials(batch_id)[-1], [1])]}  # of somebody who came too late
        draft = f"/api/v1/paper-batches/{batch_id}/drafts"
        ok(story.client.put(draft, json=drafted, headers=paper.third))
        before, serial = paper.read(batch_id), paper.serials(batch_id)[0]
        ok(story.client.post(path, headers=story.clerk))
        drain()
        board = ok(story.client.get(f"/board/v1/rounds/{paper.round_id}"))["entries"]
        (unsealed,) = (entry["body"] for entry in board if entry["kind"] == "unsealed")
        assert unsealed["ballots"] == 12
        figures = unsealed["paper"]
        assert (figures["sheets"], figures["valid"], figures["void"]["blank"]) == (12, 11, 1)
        result = ok(story.client.get(f"/api/v1/rounds/{paper.round_id}/result"))
        assert result["ballots_counted"] == 12
        first = {each["project_id"]: each["first_choices"] for each in result["projects"]}
        assert (first[projects[0]], first[projects[1]]) == (1, 11)
        # with the envelopes the three lists are gone; a batch says what it said before, and so do the figures
        with database.reading() as session:
            for table in (PaperSignIn, PaperSheet, PaperKeying, PaperDraft):
                assert session.exec(select(table)).all() == []
            assert paper_service.figures(session, round_id=uuid.UUID(paper.round_id)) == figures
        # who keyed how much goes with what they keyed
        assert (paper.read(batch_id), turnout(paper)) == (before | {"keyers": []}, 13)
        assert [before[name] for name in ("signed_in", "keyed", "decided")] == [12] * 3
        assert before["unfinished"] == []
        refused(paper.give_back(batch_id, used=12, unused=8), 409, "round_wrong_state")
        refused(paper.key(batch_id, [line(serial, [1])], paper.third), 409, "round_wrong_state")

    def test_afterwards_nothing_says_who_voted_on_paper_or_what_a_sheet_said(
        self, story: Story, database: Database, drain: Callable[[], int]
    ) -> None:
        paper, projects = opened(story)
        says: list[Says] = [[2]] * 12
        batch_id = paper.vote(says)
        mistaken = ok(paper.sign_in(batch_id, 12))["entry_id"]
        ok(paper.undo(batch_id, mistaken))
        ok(story.cast(paper.round_id, story.resident(13), projects[:1]))
        drain()  # all are told by short message
        people = [paper.subject(number) for number in range(13)]
        entries = [*(each["entry_id"] for each in _signatures(paper, batch_id)), mistaken]
        serials = paper.serials(batch_id)
        paper.close()
        paper.count(batch_id, says)
        both = [*people, *entries]
        during = _rows(database)
        # the search finds them while they are there
        assert all(any(_any([each], row) for _, row in during) for each in both)
        assert {serial for serial in serials if any(serial in row for _, row in during)} == set(serials)
        ok(story.client.post(f"/api/v1/rounds/{paper.round_id}/open-box", headers=story.clerk))
        drain()
        batch, label = uuid.UUID(batch_id).hex, "活动室 周六"
        # what says of everybody that they live here, and may vote, says nothing about paper
        everybody = {"resident", "household", "roll_entry", "account"}
        found = _rows(database)
        assert [row for table, row in found if table not in everybody and _any(both, row)] == []
        assert [row for _, row in found if _any(both, row) and (batch in row or label in row)] == []
        assert [row for _, row in found if _any(serials, row)] == []

    def test_no_table_links_a_person_to_a_sheet(self, story: Story, database: Database) -> None:
        paper, _ = opened(story)
        paper.vote([[1]] * 3)
        with database.reading() as session:
            columns = _columns(session)
        assert not any({"serial", "entry_id"} <= names for names in columns.values())
        assert not any(
            name.endswith("_at")
            for table, names in columns.items()
            if table.startswith("paper_s")
            for name in names
        )


def _signatures(paper: PaperStory, batch_id: str) -> list[dict[str, Any]]:
    path = f"/api/v1/paper-batches/{batch_id}/sign-ins"
    found: list[dict[str, Any]] = ok(paper.story.client.get(path, headers=paper.story.clerk))["items"]
    return found


def _rows(database: Database) -> list[tuple[str, str]]:
    """(table, all that stands in a row) of the whole database, ids without hyphens."""
    with database.reading() as session:
        return [
            (table, repr(tuple(row)).replace("-", ""))
            for table in inspect(session.get_bind()).get_table_names()
            for row in session.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608 - a name of a table
        ]


def _any(ids: Sequence[str], row: str) -> bool:
    return any(each.replace("-", "") in row for each in ids)


def _columns(session: Session) -> dict[str, set[str]]:
    inspector = inspect(session.get_bind())
    return {
        table: {column["name"] for column in inspector.get_columns(table)}
        for table in inspector.get_table_names()
    }
