"""Requests from a certified result, decided step by step, on both databases."""

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.access.actor import SYSTEM, Actor, Grant
from app.access.roles import Role
from app.audit import service as audit
from app.audit.models import AuditEntry
from app.audit.tags import Tag
from app.core import clock
from app.core.db import Database
from app.core.errors import Outdated
from app.funding import service, tasks
from app.funding.chain import Reply, Step
from app.funding.errors import NotYoursToDecide, RequestNotFound, RequestWrongState
from app.funding.models import FundingRequest, RequestDecision, RequestReply
from app.funding.rules import USUAL, Decision, RequestState
from app.funding.schemas import DecisionIn, PolicyIn
from app.outbox import service as outbox
from app.outbox.models import OutboxMessage
from app.places.errors import DivisionNotFound
from app.results.errors import NoResultYet
from app.results.events import ResultCertified
from app.wiring import Wiring
from app.worker import Worker
from tests.callers import Callers
from tests.factories import funding as make
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT

NOW = dt.datetime(2026, 11, 24, 4, tzinfo=dt.UTC)
DISTRICT = "520102000000"
OTHER_DISTRICT_OFFICE = "510100000000"


def events(session: Session, name: str) -> list[OutboxMessage]:
    return list(
        session.exec(select(OutboxMessage).where(OutboxMessage.name == name).order_by(sa.text("position")))
    )


def entries(session: Session, tag: Tag) -> list[AuditEntry]:
    return list(session.exec(select(AuditEntry).where(AuditEntry.tag == tag.value)))


def say(
    session: Session,
    row: FundingRequest,
    decision: Decision,
    actor: Actor = SYSTEM,
    **facts: str | int | None,
) -> FundingRequest:
    return service.decide(
        session,
        request_id=row.id,
        body=DecisionIn(decision=decision, **facts),
        actor=actor,
        verb="request.decide",
    )


class TestSubmitRequests:
    def test_one_request_per_funded_project_and_a_reserve_in_order(self, session: Session) -> None:
        certified = make.a_certified_list(session, costs=[680_000, 120_001, 900_000, 50_000], funded=2)
        rows = service.submit_requests(session, certified=certified)
        assert [(row.priority, row.state.value, row.submission) for row in rows] == [
            (1, "submitted", 1),
            (2, "submitted", 1),
            (3, "reserve", 0),
            (4, "reserve", 0),
        ]
        told = events(session, "funding_request.submitted")
        assert [message.subject for message in told] == [f"request:{row.id}" for row in rows[:2]]
        assert [message.payload["priority"] for message in told] == [1, 2]
        assert [entry.subject for entry in entries(session, Tag.REQUEST_SUBMITTED)] == [
            f"request:{row.id}" for row in rows[:2]
        ]

    def test_twice_is_once(self, session: Session) -> None:
        certified = make.a_certified_list(session)
        first = service.submit_requests(session, certified=certified)
        again = service.submit_requests(session, certified=certified)
        assert [row.id for row in again] == [row.id for row in first]
        assert len(events(session, "funding_request.submitted")) == 2

    def test_the_database_has_the_last_word(self, database: Database) -> None:
        with database.writing() as session:
            certified = make.a_certified_list(session)
            row = service.submit_requests(session, certified=certified)[0]
            twin = {**row.model_dump(), "id": make.missing(), "priority": 99}

        def insert_twin() -> None:
            with database.writing() as session:
                session.add(FundingRequest(**twin))

        with pytest.raises(IntegrityError):
            insert_twin()

    def test_it_keeps_what_it_rests_on(self, session: Session) -> None:
        with clock.frozen(NOW):
            row = make.a_request(session, cost_fen=120_001)
        assert row.evidence == {
            "round_title": "2026 年社区微更新",
            "result_digest": make.DIGEST,
            "ballots_counted": 57,
            "roll_size": 120,
            "certified_at": NOW.isoformat(),
            "backers": 39,
            "category": "lighting_safety",
            "place": "北区",
            "delivery_kind": "infrastructure",
            "description": "把灯换成声控灯。",
            "origin": "staff",
            "origin_reference": "",
            "cost_items": [{"kind": "works", "description": "施工", "amount_fen": 120_001}],
            "project_cost_fen": 120_001,
            "policy": {
                "division_code": "000000000000",
                "valid_from": "2015-01-01",
                "community_share": 3_000,
                "district_share": 4_000,
                "subdistrict_share": 6_000,
                "source": USUAL.source,
            },
            "objections": None,  # fewer than may be shown
            "legal_ground": "居民委员会组织法（2025 年修订）第四十二条：为公益事项可向街道和区、市人民政府申请经费。",
        }
        assert (row.community_fen, row.district_fen, row.subdistrict_fen) == (36_000, 33_600, 50_401)

    def test_what_won_is_known_to_those_who_draw_up_the_next_list(self, session: Session) -> None:
        certified = make.a_certified_list(session, costs=[1_000, 2_000, 3_000], funded=2)
        rows = service.submit_requests(session, certified=certified)
        ids = [row.project_id for row in rows]
        waiting = {row.project_id for row in rows if row.state is RequestState.RESERVE}
        assert len(waiting) == 1
        assert set(service.won(session, ids)) == set(ids) - waiting
        assert list(service.won(session, [])) == []

    def test_an_uncertified_result_gives_nothing(self, session: Session) -> None:
        found = make.a_round(session)
        with pytest.raises(NoResultYet):
            service.submit_certified(session, round_id=found.id)

    def test_the_event_told_twice_is_handled_once(
        self, database: Database, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with database.writing() as session:
            certified = make.a_certified_list(session)
            for _ in range(2):
                event = ResultCertified(str(certified.round_id), str(make.missing()), COMMUNITY)
                outbox.emit(session, event, subject=f"round:{certified.round_id}")
        monkeypatch.setattr(
            "app.funding.service.submitting.results.certified_priorities", lambda *_args, **_kw: certified
        )
        Worker(wiring).drain()
        with database.reading() as session:
            assert len(session.exec(select(FundingRequest)).all()) == 3
            assert len(events(session, "funding_request.submitted")) == 2
            assert not [each for each in session.exec(select(OutboxMessage)) if each.done_at is None]

    def test_a_worker_that_dies_in_between_leaves_nothing_half(
        self, database: Database, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with clock.frozen(NOW), database.writing() as session:
            certified = make.a_certified_list(session, costs=[1_000, 2_000, 3_000], funded=3)
            event = ResultCertified(str(certified.round_id), str(make.missing()), COMMUNITY)
            outbox.emit(session, event, subject=f"round:{certified.round_id}")
        monkeypatch.setattr(
            "app.funding.service.submitting.results.certified_priorities", lambda *_args, **_kw: certified
        )
        tell, calls = audit.record, []

        def dies_at_the_second(session: Session, **facts: Any) -> AuditEntry:
            calls.append(1)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return tell(session, **facts)

        monkeypatch.setattr("app.funding.service.submitting.audit.record", dies_at_the_second)
        with clock.frozen(NOW), pytest.raises(KeyboardInterrupt):
            Worker(wiring).drain()
        with database.reading() as session:
            assert not session.exec(select(FundingRequest)).all()
        with clock.frozen(NOW + dt.timedelta(seconds=61)):  # the dead worker's claim has run out
            Worker(wiring).drain()
        with database.reading() as session:
            assert len(session.exec(select(FundingRequest)).all()) == 3
            assert len(events(session, "funding_request.submitted")) == 3


class TestPolicyFor:
    DAY = dt.date(2026, 6, 1)

    def in_force(self, session: Session, on: dt.date = DAY) -> tuple[str, int]:
        found = service.policy_for(session, division_code=COMMUNITY, on=on)
        return found.division_code, found.policy.district_share

    def test_the_usual_one_where_nobody_set_any(self, session: Session) -> None:
        assert service.policy_for(session, division_code=COMMUNITY, on=self.DAY) == USUAL

    def test_the_nearest_division_wins(self, session: Session) -> None:
        make.a_policy(session, division=DISTRICT, district_share=5_000)
        assert self.in_force(session) == (DISTRICT, 5_000)
        make.a_policy(session, division=SUBDISTRICT, district_share=6_000)
        assert self.in_force(session) == (SUBDISTRICT, 6_000)
        make.a_policy(session, division=COMMUNITY, district_share=7_000)
        assert self.in_force(session) == (COMMUNITY, 7_000)

    def test_a_neighbours_policy_is_theirs(self, session: Session) -> None:
        make.a_policy(session, division=NEIGHBOUR)
        assert service.policy_for(session, division_code=COMMUNITY, on=self.DAY) == USUAL

    def test_the_latest_that_has_begun(self, session: Session) -> None:
        for month, share in ((7, 8_000), (3, 6_000), (1, 5_000)):
            make.a_policy(session, valid_from=dt.date(2026, month, 1), district_share=share)
        assert self.in_force(session, dt.date(2026, 2, 28)) == (SUBDISTRICT, 5_000)
        assert self.in_force(session, dt.date(2026, 3, 1)) == (SUBDISTRICT, 6_000)
        assert self.in_force(session, dt.date(2026, 12, 31)) == (SUBDISTRICT, 8_000)

    def test_one_that_has_not_begun_leaves_room_for_the_one_above(self, session: Session) -> None:
        make.a_policy(session, division=DISTRICT, district_share=5_000)
        make.a_policy(session, division=SUBDISTRICT, valid_from=dt.date(2027, 1, 1))
        assert self.in_force(session) == (DISTRICT, 5_000)

    def test_the_day_of_certification_is_a_day_in_beijing(self, session: Session) -> None:
        make.a_policy(session, valid_from=dt.date(2026, 11, 25), district_share=6_000)
        late = dt.datetime(2026, 11, 24, 16, 0, tzinfo=dt.UTC)  # midnight in Beijing: the 25th
        before = make.a_certified_list(session, certified_at=late - dt.timedelta(seconds=1))
        after = make.a_certified_list(session, certified_at=late)
        first = service.submit_requests(session, certified=before)[0]
        second = service.submit_requests(session, certified=after)[0]
        assert (first.district_fen, first.subdistrict_fen) == (190_400, 285_600)
        assert (second.district_fen, second.subdistrict_fen) == (285_600, 190_400)

    def test_a_later_policy_changes_no_request(self, session: Session) -> None:
        row = make.a_request(session)
        make.a_policy(session, valid_from=dt.date(2000, 1, 1), community_share=0)
        assert row.community_fen == 204_000

    def test_an_unknown_division(self, session: Session) -> None:
        with pytest.raises(DivisionNotFound):
            service.policy_for(session, division_code="999999999999", on=self.DAY)


class TestDecide:
    def test_a_decision_is_a_row_an_entry_and_an_event(self, session: Session) -> None:
        row = make.a_request(session)
        say(session, row, Decision.RECEIVED)
        row = say(session, row, Decision.ACCEPTED, reason="材料齐全。")
        assert (row.state, row.version) == (RequestState.ACCEPTED, 3)
        _, decisions = service.read(session, row.id, actor=SYSTEM, verb="request.read")
        assert [(each.position, each.decision.value, each.by, each.reason) for each in decisions] == [
            (1, "received", "system", None),
            (2, "accepted", "system", "材料齐全。"),
        ]
        assert len(entries(session, Tag.REQUEST_DECIDED)) == 2
        told = events(session, "funding_request.decided")
        assert [(each.payload["decision"], each.payload["position"]) for each in told] == [
            ("received", 1),
            ("accepted", 2),
        ]
        assert {each.subject for each in told} == {f"request:{row.id}"}

    def test_a_refused_decision_leaves_nothing(self, database: Database) -> None:
        with database.writing() as session:
            row = make.a_request(session)

        def approve_too_early() -> None:
            with database.writing() as session:
                say(session, row, Decision.APPROVED)

        with pytest.raises(RequestWrongState):
            approve_too_early()
        with database.reading() as session:
            assert not session.exec(select(RequestDecision)).all()
            assert not events(session, "funding_request.decided")
            assert not entries(session, Tag.REQUEST_DECIDED)

    def test_an_approval_gives_the_governments_whole_part(self, session: Session) -> None:
        row = make.a_request(session, cost_fen=1_000_000)
        say(session, row, Decision.ACCEPTED)
        assert say(session, row, Decision.APPROVED).approved_fen == 700_000

    def test_an_approval_in_part_gives_the_part(self, session: Session) -> None:
        row = make.a_request(session, cost_fen=1_000_000)
        say(session, row, Decision.ACCEPTED)
        row = say(session, row, Decision.APPROVED_IN_PART, amount_fen=500_000, reason="按集采价核减。")
        assert (row.state, row.approved_fen) == (RequestState.APPROVED_IN_PART, 500_000)

    def test_a_go_ahead_can_be_paid_later(self, session: Session) -> None:
        row = make.a_request(session)
        for decision in (Decision.ACCEPTED, Decision.GO_AHEAD):
            row = say(session, row, decision)
        assert row.approved_fen is None
        assert say(session, row, Decision.APPROVED).approved_fen == 476_000

    def test_the_reserve_is_not_decided_on(self, session: Session) -> None:
        _, reserve = make.some_requests(session, costs=[1_000, 2_000], funded=1)
        with pytest.raises(RequestWrongState):
            say(session, reserve, Decision.RECEIVED)

    def test_somebody_who_read_an_older_version_is_told(self, session: Session) -> None:
        row = make.a_request(session)
        say(session, row, Decision.RECEIVED)
        body = DecisionIn(decision=Decision.ACCEPTED)
        with pytest.raises(Outdated):
            service.decide(
                session, request_id=row.id, body=body, actor=SYSTEM, verb="request.decide", version=1
            )
        service.decide(session, request_id=row.id, body=body, actor=SYSTEM, verb="request.decide", version=2)

    def test_a_foreign_officer_finds_nothing(self, session: Session, callers: Callers) -> None:
        row = make.a_request(session)
        session.commit()
        foreign = callers.staff_actor(Role.DISTRICT_OFFICER, OTHER_DISTRICT_OFFICE)
        with pytest.raises(RequestNotFound):
            say(session, row, Decision.RECEIVED, foreign)
        assert not service.listing(
            session, actor=foreign, verb="request.list", round_id=None, state=None, after=None, limit=10
        )

    def test_the_role_that_counts_is_the_one_held_here(self, session: Session, callers: Callers) -> None:
        """A sub-district's officer who works for another district too may not approve here."""
        row = make.a_request(session)
        session.commit()
        here = callers.staff_actor(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        there = callers.staff_actor(Role.DISTRICT_OFFICER, OTHER_DISTRICT_OFFICE)
        both = Actor(
            ref=here.ref, kind=here.kind, account_id=here.account_id, grants=here.grants + there.grants
        )
        say(session, row, Decision.ACCEPTED, both)
        with pytest.raises(NotYoursToDecide):
            say(session, row, Decision.APPROVED, both)

    def test_of_twenty_at_once_one_is_taken(self, database: Database) -> None:
        with database.writing() as session:
            row = make.a_request(session)
        gate = threading.Barrier(20)

        def one(_: int) -> str:
            gate.wait()
            try:
                with database.writing() as session:
                    say(session, row, Decision.RECEIVED)
            except RequestWrongState:
                return "late"
            return "taken"

        with ThreadPoolExecutor(20) as pool:
            assert sorted(pool.map(one, range(20))) == ["late"] * 19 + ["taken"]
        with database.reading() as session:
            assert len(session.exec(select(RequestDecision)).all()) == 1
            assert len(events(session, "funding_request.decided")) == 1


class TestResubmit:
    def test_a_returned_request_goes_again_with_its_words(self, session: Session) -> None:
        row = make.a_request(session)
        say(session, row, Decision.RETURNED, reason="请补充两家报价单。")
        row = service.resubmit(session, request_id=row.id, justification="附三家报价。", actor=SYSTEM)
        assert (row.state, row.submission, row.justification) == (RequestState.SUBMITTED, 2, "附三家报价。")
        told = events(session, "funding_request.submitted")
        assert [each.payload["submission"] for each in told] == [1, 2]
        assert say(session, row, Decision.ACCEPTED).state is RequestState.ACCEPTED

    def test_only_the_committee_it_belongs_to(self, session: Session, callers: Callers) -> None:
        row = make.a_request(session)
        say(session, row, Decision.RETURNED, reason="请补充。")
        session.commit()
        neighbour = callers.staff_actor(Role.RC_STAFF, NEIGHBOUR)
        with pytest.raises(RequestNotFound):
            service.resubmit(session, request_id=row.id, justification="附报价。", actor=neighbour)

    def test_nothing_that_was_not_returned(self, session: Session) -> None:
        row = make.a_request(session)
        with pytest.raises(RequestWrongState):
            service.resubmit(session, request_id=row.id, justification="附报价。", actor=SYSTEM)
        with pytest.raises(RequestNotFound):
            service.resubmit(session, request_id=make.missing(), justification="附报价。", actor=SYSTEM)


class TestTakeUp:
    def test_a_deferred_request_comes_back_by_itself_once(self, database: Database, wiring: Wiring) -> None:
        with clock.frozen(NOW):
            with database.writing() as session:
                row = make.a_request(session)
                say(session, row, Decision.ACCEPTED)
                say(session, row, Decision.DEFERRED, year=2027, reason="今年预算已用完。")
                assert row.deferred_to == 2027
            Worker(wiring).drain()
            with database.reading() as session:
                assert service.read(session, row.id, actor=SYSTEM, verb="request.read")[0].deferred_to == 2027
        new_year = dt.datetime(2026, 12, 31, 16, tzinfo=dt.UTC)  # midnight in Beijing
        with clock.frozen(new_year):
            for _ in range(2):
                tasks.take_up_deferred(database)
        with database.reading() as session:
            found, _ = service.read(session, row.id, actor=SYSTEM, verb="request.read")
            assert (found.state, found.submission, found.deferred_to) == (RequestState.SUBMITTED, 2, None)
            assert (found.step, found.back_to) == (Step.DISTRICT, None), "with the step that put it off"
            assert found.due_at == dt.datetime(2027, 1, 16, 16, tzinfo=dt.UTC)
            (reply,) = session.exec(select(RequestReply)).all()
            assert (reply.reply, reply.by, reply.at) == (Reply.CAME_BACK, "system", new_year)
            assert len(events(session, "funding_request.submitted")) == 2

    def test_one_that_was_decided_meanwhile_stays(self, session: Session) -> None:
        row = make.a_request(session)
        assert service.take_up(session, request_id=row.id) is None
        assert service.take_up(session, request_id=make.missing()) is None


class TestListing:
    def test_by_round_and_by_state(self, session: Session) -> None:
        first = make.some_requests(session, costs=[1_000, 2_000], funded=1)
        make.some_requests(session, costs=[3_000], community=NEIGHBOUR)
        session.flush()
        assert not service.listing(
            session, actor=SYSTEM, verb="request.list", round_id=None, state=None, after=None, limit=10
        ), "the service itself works for no division"
        actor = Actor(ref="x", grants=(Grant(Role.SUBDISTRICT_OFFICER, SUBDISTRICT),))

        def found(**wanted: uuid.UUID | RequestState | None) -> list[int]:
            asked: dict[str, Any] = {"round_id": None, "state": None, **wanted}
            return [
                row.cost_fen
                for row in service.listing(
                    session, actor=actor, verb="request.list", after=None, limit=10, **asked
                )
            ]

        assert sorted(found()) == [1_000, 2_000, 3_000]
        assert sorted(found(round_id=first[0].round_id)) == [1_000, 2_000]
        assert found(state=RequestState.RESERVE) == [2_000]
        assert found(round_id=make.missing()) == []


class TestTotals:
    def test_requests_and_money_by_state(self, session: Session) -> None:
        rows = make.some_requests(session, costs=[1_000_000, 500_000, 300_000], funded=2)
        say(session, rows[0], Decision.ACCEPTED)
        say(session, rows[0], Decision.APPROVED)
        make.some_requests(session, costs=[77_000], community=NEIGHBOUR)
        assert list(service.totals(session, divisions=[COMMUNITY])) == [
            (RequestState.APPROVED, 1, 1_000_000, 700_000, 700_000),
            (RequestState.RESERVE, 1, 300_000, 210_000, 0),
            (RequestState.SUBMITTED, 1, 500_000, 350_000, 0),
        ]
        assert list(service.totals(session, divisions=[])) == []


class TestSetPolicy:
    def test_it_is_kept_with_its_source_and_on_the_record(self, session: Session) -> None:
        body = PolicyIn(
            valid_from=dt.date(2026, 1, 1), district_share=6_000, subdistrict_share=4_000, source="文件"
        )
        service.set_policy(session, division_code=SUBDISTRICT, body=body, actor=SYSTEM)
        (row,) = service.policies(session, division_code=SUBDISTRICT)
        assert (row.community_share, row.district_share, row.subdistrict_share) == (3_000, 6_000, 4_000)
        (entry,) = entries(session, Tag.COST_POLICY_SET)
        assert entry.chain == SUBDISTRICT

    @pytest.mark.parametrize("code", ["999999999999", "510104000000"])
    def test_a_missing_and_a_foreign_division_are_alike(
        self, session: Session, callers: Callers, code: str
    ) -> None:
        session.commit()
        actor = callers.staff_actor(Role.DISTRICT_OFFICER, DISTRICT)
        body = PolicyIn(valid_from=dt.date(2026, 1, 1), source="文件")
        with pytest.raises(DivisionNotFound):
            service.set_policy(session, division_code=code, body=body, actor=actor)
