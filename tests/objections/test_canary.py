"""Whoever reads the database without its key cannot go from a household to what it objects to, or back."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from app.access.models import Account
from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.objections.models import ObjectionEntry
from app.residents import service as residents
from app.tables import metadata
from tests.callers import Callers
from tests.objection_story import DAY, FILED, WORDS, Case
from tests.story import COMMUNITY, SUBDISTRICT, ok, phone

#: What must say nothing at all of who objects.
SILENT = (
    "objection", "objection_entry", "objection_view", "refused_mediator", "audit_entry", "audit_chain",
    "outbox_message", "inbox_message", "notice", "notice_community", "notice_dispatch", "notice_delivery",
    "webhook_delivery",
)  # fmt: skip


def plain(value: object) -> str:
    """A value as somebody would look for it: identifiers are spelled with dashes and without."""
    return str(value).replace("-", "").lower()


def rows(database: Database) -> Iterator[tuple[str, str]]:
    """Every row of every table."""
    with database.reading() as session:
        for table in metadata.sorted_tables:
            for row in session.execute(sa.text(f'SELECT * FROM "{table.name}"')):  # noqa: S608 - our tables
                yield table.name, " ".join(map(plain, row))


def found(database: Database, objector: Mapping[str, str], case: Mapping[str, str]) -> set[tuple[str, str]]:
    """(table, what) of everything that names the objector where it must not, or beside the case."""
    hits = set()
    for table, row in rows(database):
        beside = any(trace in row for trace in case.values())
        if table in SILENT or beside:
            hits |= {(table, what) for what, trace in objector.items() if trace in row}
    return hits


@pytest.fixture
def objector(case: Case) -> dict[str, str]:
    """Everything that leads to the household that objects."""
    callers = case.story.callers
    with callers.database.reading() as session:
        account = session.get(Account, callers.resident_actor(phone(3)).account_id)
        assert account is not None
        assert account.phone_fingerprint is not None
        [person] = residents.people_behind(session, phone_fingerprint=account.phone_fingerprint)
        traces = {
            "the account": account.id, "the phone's hash": account.phone_fingerprint, "the resident": person.id,
            "the household": person.household_id, "the phone": phone(3), "the words": WORDS, "the name": "居民3",
        }  # fmt: skip
    return {what: plain(trace) for what, trace in traces.items()}


def everything(case: Case, callers: Callers, drain: Callable[[], int]) -> None:
    """All that can happen to an objection, from filing to withdrawal."""

    def household(verb: str, body: object = None) -> None:
        ok(case.post(verb, case.home(), body, **{"Idempotency-Key": f"{verb} key".replace(" ", "-")}))
        drain()

    ok(case.post("views", case.officer, {"purpose": "看一下情况"}))
    ok(case.assign())
    drain()
    with clock.frozen(FILED + 4 * DAY):
        case.offer()
        household("answers", {"text": f"{WORDS}，还是太亮"})
        household("refuse-mediator", {"reason": WORDS})
        other = callers.staff_actor(Role.MEDIATOR, COMMUNITY, name="调解员 吴平")
        assert other.account_id is not None
        ok(case.assign(other.account_id, case.officer_now()))
        household("escalate", {"text": f"{WORDS}，催我撤回"})
        above = callers.staff(Role.OBJECTION_OFFICER, SUBDISTRICT)
        ok(case.post("replies", above, {"text": "已经谈过"}))
        ok(case.post("entries", callers.headers(other), {"kind": "offer", "text": "换个位置"}))
        household("settle", {"offer": 2})
        household("maintain")
    with clock.frozen(FILED + 5 * DAY):
        household("withdraw")
        household("maintain")
        household("withdraw")


class TestCanary:
    def test_no_table_leads_from_a_household_to_its_objection(
        self, case: Case, objector: dict[str, str], callers: Callers, drain: Callable[[], int]
    ) -> None:
        everything(case, callers, drain)
        of_case = {"the case": plain(case.id)}
        assert found(callers.database, objector, of_case) == set()
        # and the search would have found it
        with callers.database.writing() as session:
            entry = session.get(ObjectionEntry, (uuid.UUID(case.id), 1))
            assert entry is not None
            entry.by = f"account:{uuid.UUID(objector['the account'])}"
            session.add(entry)
        assert found(callers.database, objector, of_case) == {("objection_entry", "the account")}

    def test_notices_name_their_readers_and_no_case(
        self, case: Case, objector: dict[str, str], callers: Callers, drain: Callable[[], int]
    ) -> None:
        everything(case, callers, drain)
        with callers.database.reading() as session:
            told = [
                dict(row._mapping)
                for row in session.execute(sa.text("SELECT * FROM personal_notice"))
                if plain(row.account_id) == objector["the account"]
            ]
            messages = {
                plain(row) for row in session.execute(sa.text("SELECT id FROM outbox_message")).scalars()
            }
        assert len(told) >= 4
        for each in told:
            said = plain(list(each.values()))
            assert not [trace for trace in (case.id, case.project, "objection") if plain(trace) in said]
            assert not [message for message in messages if message in said]
            assert at(each["created_at"]).minute == at(each["created_at"]).second == 0


def at(value: Any) -> dt.datetime:
    """A moment as either database gives it back."""
    return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
