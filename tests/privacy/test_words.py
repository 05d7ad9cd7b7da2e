"""Everything that is kept has a name a resident understands, and every package that keeps something is asked."""

import ast
import datetime as dt
from collections.abc import Callable
from enum import StrEnum

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access.events import CodeRequested
from app.access.rules import Device
from app.ballots.service import Way
from app.comments.rules import CommentKind, CommentState, ReportCode
from app.core import clock
from app.core.canonical import Plain
from app.ideas.rules import Byline, IdeaState
from app.meetings.rules import AmendmentState, AttendanceWay
from app.objections.rules import EntryKind, ObjectionState
from app.outbox.models import OutboxMessage
from app.privacy import fates, words
from app.privacy.rules import EXPORTS_KEPT_DAYS, ConsentKind, read_plan_token
from app.privacy.service import holdings
from app.privacy.tasks import forget_old
from app.projects.rules import Category
from app.recorded.rules import Channel, Powers, ProxyState
from app.residents.rules import RegistrationState, ResidentSource, Tenure
from app.rounds.rules import AFTER_OPENING
from app.tally.double_quorum import Choice
from tests.callers import Callers
from tests.contracts import source
from tests.objection_story import a_case
from tests.recorded.estate import opened
from tests.story import ok, phone

CLOSED_LISTS: dict[str, list[type[StrEnum]]] = {
    "device": [Device], "tenure": [Tenure], "source": [ResidentSource], "way": [Way, AttendanceWay],
    "channel": [Channel],
    "choice": [Choice], "powers": [Powers],
    "state": [RegistrationState, ProxyState, ObjectionState, IdeaState, CommentState, AmendmentState],
    "kind": [ConsentKind, EntryKind, CommentKind], "category": [Category], "shown_as": [Byline], "code": [ReportCode],
}  # fmt: skip


def keys_of(value: Plain) -> set[str]:
    if isinstance(value, dict):
        return {key for key in value if key not in {"id", "facts"} and not key.endswith("_id")}.union(
            *map(keys_of, value.values())
        )
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


class TestWords:
    @pytest.mark.parametrize("key", CLOSED_LISTS)
    def test_every_value_of_a_closed_list_has_words(self, key: str) -> None:
        values = {member.value for each in CLOSED_LISTS[key] for member in each}
        assert values - set(words.VALUES[key]) == set()

    def test_a_notice_is_said_as_it_was_told(self) -> None:
        facts = {"idea_id": "1", "title": "长椅", "reason": "没有地方"}
        row = {
            "about": "idea_declined",
            "facts": facts,
            "created_at": "2026-11-25T10:05:00+08:00",
            "read_at": None,
        }
        assert words.row_in_words(row, language="zh-CN") == {
            "事由": "建议《长椅》没有采纳", "时间": "2026年11月25日 10:05", "读过": "—",
        }  # fmt: skip

    def test_every_state_a_roll_can_be_in_has_words(self) -> None:
        assert {state.value for state in AFTER_OPENING} == set(words.VALUES["status"])

    def test_everything_a_life_leaves_behind_has_a_name(self, client: TestClient, callers: Callers) -> None:
        estate = opened(client, callers)
        ok(estate.vote(3, "for"))
        ok(estate.proxy(5, 3))
        case = a_case(client, callers)
        ok(case.story.client.get("/api/v1/me/data", headers=case.story.resident(3)))
        found: dict[str, list[dict[str, Plain]]] = {}
        for number in (3, 5):
            account = callers.resident_actor(phone(number)).account_id
            assert account is not None
            with callers.database.reading() as session:
                for kind, rows in holdings.everything(session, account).items():
                    found.setdefault(kind, []).extend(rows)
        assert set(words.SECTIONS) >= set(found)
        for kind in ("recorded_votes", "proxies", "objections", "memberships", "sign_ins", "exports"):
            assert found[kind], kind
        for kind, rows in found.items():
            assert keys_of(rows) - set(words.LABELS) == set(), kind
            for row in rows:
                for language in ("zh-CN", "en"):
                    assert len(words.row_in_words(row, language=language)) == len(keys_of_row(row))

    def test_what_is_said_of_a_kind_is_said_in_both_languages(self) -> None:
        assert all(set(each) == {"zh-CN", "en"} for each in words.SECTIONS.values())
        assert all(set(rule.words) == {"zh-CN", "en"} for rule in fates.RULES)

    @pytest.mark.parametrize(
        ("value", "zh", "en"),
        [
            ("2026-11-25T10:05:00+08:00", "2026年11月25日 10:05", "25 November 2026 10:05"),
            ("2026-11-25T18:00:00Z", "2026年11月26日 02:00", "26 November 2026 02:00"),
            ("2026-11-25", "2026年11月25日", "25 November 2026"),
            (None, "—", "—"),
            (True, "是", "yes"),
            (3, "3", "3"),
            (["2026-11-25"], ["2026年11月25日"], ["25 November 2026"]),
            ("2026-11-25 晚上", "2026-11-25 晚上", "2026-11-25 晚上"),
        ],
    )
    def test_values_are_written_as_people_write(self, value: Plain, zh: object, en: object) -> None:
        assert words.in_words(value, key="at", language="zh-CN") == zh
        assert words.in_words(value, key="at", language="en") == en


def keys_of_row(row: dict[str, Plain]) -> set[str]:
    return {key for key in row if key != "id" and not key.endswith("_id")}


class TestHoldings:
    def test_every_package_that_can_export_or_forget_is_asked(self) -> None:
        """By the source: who has ``export_of`` or ``forget`` with an account is called in `holdings`."""
        offered = set()
        for path in source.files():
            if path.parts[1] in {"privacy", "core"} or path.parts[2:3] == ("queries.py",):
                continue
            for node in source.tree(path).body:
                if isinstance(node, ast.FunctionDef) and node.name in {"export_of", "forget"}:
                    named = {each.arg for each in [*node.args.args, *node.args.kwonlyargs]}
                    if "account_id" in named:
                        offered.add((path.parts[1], node.name))
        asked = {
            (node.value.id, node.attr)
            for node in ast.walk(
                source.tree(next(p for p in source.files("privacy") if p.stem == "holdings"))
            )
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        assert offered
        assert offered - asked == set()


class TestForgettingByTheClock:
    def test_sent_messages_with_a_phone_are_gone_after_a_day(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        ok(client.post("/api/v1/auth/codes", json={"phone": phone(1)}))
        sent = clock.now()
        for hours, left in ((0, 1), (23, 1), (25, 0)):
            clock.set_frozen(sent + dt.timedelta(hours=hours, minutes=1))
            drain()
            with callers.database.writing() as session:
                forget_old(session)
                names = [row.name for row in session.exec(select(OutboxMessage))]
            assert names.count(CodeRequested.NAME) == left, hours

    def test_exports_are_forgotten_after_a_month(self, client: TestClient, callers: Callers) -> None:
        ok(client.get("/api/v1/me/data", headers=callers.resident(phone(1))))
        clock.set_frozen(clock.now() + dt.timedelta(days=EXPORTS_KEPT_DAYS, minutes=1))
        with callers.database.writing() as session:
            forget_old(session)
        account = callers.resident_actor(phone(1)).account_id
        assert account is not None
        with callers.database.reading() as session:
            assert holdings.everything(session, account)["exports"] == []


class TestTokens:
    @pytest.mark.parametrize("token", ["", ".", "1.", ".x", "x.y", "１.x", "9" * 20 + ".x", "-1.x", "1.5e3"])
    def test_what_is_none_is_no_token(self, token: str) -> None:
        assert read_plan_token(token) in {None, (1, "5e3")}
