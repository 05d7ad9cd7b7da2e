"""The record: whatever is done to it afterwards is found."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import Session

from app.audit import service
from app.audit.service import ChainReport, facts_of
from app.audit.tags import Tag
from app.core import clock
from app.core.db import Database

NANMING = "520102031006"
HUAGUOYUAN = "520102031007"


def record_some(database: Database, count: int = 5, chain: str = NANMING) -> None:
    for number in range(count):
        with database.writing() as session:
            service.record(
                session, chain=chain, by="account:x", tag=Tag.ROUND_OPENED, subject=f"round:{number}",
                facts={"number": number, "title": "楼道照明"},
            )  # fmt: skip


def verified(database: Database) -> dict[str, ChainReport]:
    with database.reading() as session:
        return {report.chain: report for report in service.verify(session)}


def tamper(database: Database, *statements: str) -> None:
    """Do what somebody with the database in hand could do."""
    engine = database.engine
    with engine.connect() as connection:
        if database.is_sqlite:
            raw = connection.connection.driver_connection
            assert raw is not None
            connection.rollback()
            raw.execute("PRAGMA foreign_keys=OFF")
        else:
            connection.execute(sa.text("SET session_replication_role = replica"))
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()
        connection.invalidate()


class TestRecord:
    def test_entries_form_one_chain_per_division(self, database: Database) -> None:
        record_some(database, 3)
        record_some(database, 2, HUAGUOYUAN)
        reports = verified(database)
        assert {chain: report.length for chain, report in reports.items()} == {NANMING: 3, HUAGUOYUAN: 2}
        assert all(report.holds for report in reports.values())
        assert reports[NANMING].head != reports[HUAGUOYUAN].head

    def test_several_in_one_transaction(self, session: Session) -> None:
        for number in range(3):
            entry = service.record(
                session, chain=NANMING, by="system", tag=Tag.ROUND_CLOSED, subject=f"round:{number}"
            )
            assert entry.seq == number + 1
        assert [report.holds for report in service.verify(session)] == [True]

    def test_it_lives_and_dies_with_the_act(self, database: Database) -> None:
        def act_and_fail() -> None:
            with database.writing() as session:
                service.record(session, chain=NANMING, by="system", tag=Tag.ROUND_CLOSED, subject="round:1")
                raise KeyError

        with pytest.raises(KeyError):
            act_and_fail()
        assert verified(database) == {}

    def test_facts_come_back(self, session: Session) -> None:
        entry = service.record(
            session, chain=NANMING, by="system", tag=Tag.ROUND_CLOSED, subject="round:1",
            facts={"数": [1, None, "共"], "a": True},
        )  # fmt: skip
        assert facts_of(entry) == {"数": [1, None, "共"], "a": True}

    def test_a_timeless_entry_has_no_time(self, database: Database) -> None:
        with database.writing() as session:
            entry = service.record(
                session, chain=NANMING, by="system", tag=Tag.BALLOTS_CAST, subject="round:1",
                facts={"count": 12, "root": "ab"}, timeless=True,
            )  # fmt: skip
            assert entry.at is None
        assert verified(database)[NANMING].holds

    def test_facts_without_one_spelling_are_refused(self, session: Session) -> None:
        with pytest.raises(TypeError):
            service.record(
                session, chain=NANMING, by="system", tag=Tag.ROUND_CLOSED, subject="round:1",
                facts={"share": 0.5},  # type: ignore[dict-item]
            )  # fmt: skip

    def test_the_time_is_hashed_in_utc_whatever_zone_wrote_it(self, database: Database) -> None:
        zone = dt.timezone(dt.timedelta(hours=8))
        with clock.frozen(dt.datetime(2026, 3, 1, 8, 0, 0, 5, tzinfo=zone)):
            record_some(database, 1)
        assert verified(database)[NANMING].holds

    def test_writers_at_once_keep_a_line(self, database: Database) -> None:
        def write(writer: int) -> None:
            for number in range(8):
                with database.writing() as session:
                    service.record(
                        session, chain=NANMING, by=f"account:{writer}", tag=Tag.ROUND_CHANGED,
                        subject=f"round:{number}",
                    )  # fmt: skip

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(write, range(6)))
        report = verified(database)[NANMING]
        assert report.holds, report.reason
        assert report.length == 48


class TestVerify:
    @pytest.mark.parametrize(
        ("statement", "at", "reason"),
        [
            ("UPDATE audit_entry SET facts = '{\"number\":9}' WHERE seq = 3", 3, "altered"),
            ("UPDATE audit_entry SET actor = 'account:y' WHERE seq = 1", 1, "altered"),
            ("UPDATE audit_entry SET tag = 'round:closed' WHERE seq = 5", 5, "altered"),
            ("UPDATE audit_entry SET subject = 'round:9' WHERE seq = 2", 2, "altered"),
            ("UPDATE audit_entry SET at = NULL WHERE seq = 2", 2, "altered"),
            ("UPDATE audit_entry SET previous = hash WHERE seq = 4", 4, "link"),
            ("UPDATE audit_entry SET hash = previous WHERE seq = 4", 4, "altered"),
            ("DELETE FROM audit_entry WHERE seq = 1", 1, "missing"),
            ("DELETE FROM audit_entry WHERE seq = 3", 3, "missing"),
            ("DELETE FROM audit_entry WHERE seq = 5", 5, "missing at the end"),
            ("DELETE FROM audit_entry", 1, "missing at the end"),
            ("UPDATE audit_chain SET length = 4", 6, "missing at the end"),
            ("UPDATE audit_chain SET head = 'x'", 6, "missing at the end"),
            ("DELETE FROM audit_chain", 1, "head of the chain is missing"),
        ],
    )
    def test_each_way_of_tampering_is_found_where_it_is(
        self, database: Database, statement: str, at: int, reason: str
    ) -> None:
        record_some(database, 5)
        assert verified(database)[NANMING].holds
        tamper(database, statement)
        report = verified(database)[NANMING]
        assert not report.holds
        assert report.broken_at == at
        assert reason in str(report.reason)

    def test_two_entries_that_changed_places(self, database: Database) -> None:
        record_some(database, 5)
        tamper(
            database,
            "UPDATE audit_entry SET seq = 99 WHERE seq = 2",
            "UPDATE audit_entry SET seq = 2 WHERE seq = 3",
            "UPDATE audit_entry SET seq = 3 WHERE seq = 99",
        )
        report = verified(database)[NANMING]
        assert (report.broken_at, report.holds) == (2, False)

    def test_a_shortened_chain_whose_length_was_mended_too(self, database: Database) -> None:
        record_some(database, 5)
        tamper(database, "DELETE FROM audit_entry WHERE seq = 5", "UPDATE audit_chain SET length = 4")
        assert verified(database)[NANMING].broken_at == 5

    def test_an_altered_entry_with_a_fresh_hash_of_its_own(self, database: Database) -> None:
        record_some(database, 3)
        with database.reading() as session:
            search = service.Search(chain=NANMING)
            entry = service.listing(
                session, prefix=NANMING, search=search, after=(None, NANMING, 2), limit=1
            )[0]
        fresh = service.entry_hash(
            chain=entry.chain, seq=1, at=entry.at, actor="account:y", tag=entry.tag, subject=entry.subject,
            facts=entry.facts, previous=entry.previous,
        )  # fmt: skip
        tamper(database, f"UPDATE audit_entry SET actor = 'account:y', hash = '{fresh}' WHERE seq = 1")  # noqa: S608 - our own values
        assert verified(database)[NANMING].broken_at == 2

    def test_one_broken_chain_does_not_hide_the_others(self, database: Database) -> None:
        record_some(database, 2)
        record_some(database, 2, HUAGUOYUAN)
        tamper(database, f"DELETE FROM audit_entry WHERE chain = '{NANMING}' AND seq = 1")  # noqa: S608 - our own values
        reports = verified(database)
        assert not reports[NANMING].holds
        assert reports[HUAGUOYUAN].holds

    def test_more_entries_than_one_portion(self, database: Database) -> None:
        with database.writing() as session:
            for number in range(1100):
                service.record(
                    session, chain=NANMING, by="system", tag=Tag.ROUND_CHANGED, subject=f"r:{number}"
                )
        report = verified(database)[NANMING]
        assert report.holds
        assert report.length == 1100


class TestListing:
    def test_a_division_sees_all_below_it_newest_first(self, database: Database) -> None:
        first = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
        written = [NANMING, HUAGUOYUAN, "510104000000", NANMING, HUAGUOYUAN]
        for minute, chain in enumerate(written):
            clock.set_frozen(first + dt.timedelta(minutes=minute))
            record_some(database, 1, chain)
        with database.writing() as session:
            service.record(
                session, chain=NANMING, by="system", tag=Tag.BALLOTS_CAST, subject="round:1", timeless=True
            )

        def listed(**wanted: Any) -> list[tuple[str, int]]:
            with database.reading() as session:
                rows = service.listing(session, prefix="520102031", limit=2, **wanted)
                return [(row.chain, row.seq) for row in rows]

        assert listed(after=None) == [(HUAGUOYUAN, 2), (NANMING, 2)]
        last = first + dt.timedelta(minutes=3)
        assert listed(after=(last, NANMING, 2)) == [(HUAGUOYUAN, 1), (NANMING, 1)]
        # at one moment, chain by chain
        assert listed(after=(last, "520102031005", 9)) == [(NANMING, 2), (HUAGUOYUAN, 1)]
        assert listed(after=(last, HUAGUOYUAN, 9)) == [(HUAGUOYUAN, 1), (NANMING, 1)]
        # what has no time stands in its own chain's list, by its number
        one = service.Search(chain=NANMING)
        assert listed(search=one, after=None) == [(NANMING, 3), (NANMING, 2)]
        assert listed(search=one, after=(None, NANMING, 3)) == [(NANMING, 2), (NANMING, 1)]
        assert listed(after=(None, NANMING, 3)) == []


class TestEntryHash:
    TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=10)

    @hypothesis_settings(suppress_health_check=[HealthCheck.too_slow])
    @given(TEXT, TEXT, TEXT, TEXT)
    def test_no_two_entries_share_a_spelling(self, one: str, two: str, three: str, four: str) -> None:
        def hashed(actor: str, subject: str) -> str:
            return service.entry_hash(
                chain=NANMING, seq=1, at=None, actor=actor, tag="round:opened", subject=subject, facts="{}",
                previous=service.GENESIS,
            )  # fmt: skip

        assert (hashed(one, two) == hashed(three, four)) is ((one, two) == (three, four))

    def test_it_is_stable(self) -> None:
        """What is written today must verify in ten years: this value never changes."""
        hashed = service.entry_hash(
            chain=NANMING, seq=1, at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC), actor="system",
            tag=Tag.ROUND_OPENED, subject="round:1", facts="{}", previous=service.GENESIS,
        )  # fmt: skip
        assert hashed == "181eb5af613d67cf9b227d50df6a063de8401e4285e2a2039659a0ad594baede"


class TestTags:
    def test_a_tag_is_noun_and_verb_and_fits_its_column(self) -> None:
        for tag in Tag:
            noun, verb = tag.value.split(":")
            assert noun.replace("_", "").isalpha()
            assert verb.replace("_", "").isalpha()
            assert len(tag.value) <= 40
