"""Whoever has the database, its journal, hourly backups and the public list, but not the key: what can they link?

They know which ballots there are and which roll entries voted. They order both by everything they can see, pair the
first with the first, and look whether early ones go with early ones at all, as they would if only the hour showed; they
try to find a published ranking behind a stored fingerprint, a published tracker behind a stored nonce.
"""

import hashlib
import hmac
import itertools
import math
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from app.ballots import rules
from app.core.db import Database

#: An order of roll entries (their ids in hexadecimal), or of ballots (their trackers).
Order = tuple[str, ...]
#: Table -> its rows as they lie.
Backup = dict[str, list[dict[str, Any]]]

_HASH = re.compile(rb"[0-9a-f]{64}")
_TRACKER = re.compile(rb"[A-Z2-7]{16}")


@dataclass
class Knowledge:
    """All that is to be known of one round without its key."""

    round_id: uuid.UUID
    projects: Sequence[uuid.UUID]
    #: roll entry -> account: staff know who lives where.
    accounts: Mapping[str, uuid.UUID]
    backups: list[Backup] = field(default_factory=list)
    journal: list[bytes] = field(default_factory=list)
    #: The database when all is over.
    final: Backup = field(default_factory=dict)

    @property
    def ballots(self) -> list[dict[str, Any]]:
        return self.final["open_ballot"]

    def orders_of_entries(self) -> dict[str, Order]:
        """Every order in which roll entries can be seen."""
        voted = {row["entry_id"]: row for backup in self.backups for row in backup["envelope"]}
        made: dict[str, Order] = {}
        for when, tables in (("first", self.backups[0]), ("last", self.backups[-1]), ("final", self.final)):
            for table, rows in tables.items():
                name = "id" if table == "roll_entry" else "entry_id"
                if table == "open_ballot" or not rows or name not in rows[0]:
                    continue
                for column in rows[0]:
                    order = [row[name] for row in _sorted(rows, column)]
                    made[f"{table}.{column} in the {when} backup"] = _only(order, voted)
        made["hour of the first ballot"] = self._by_hour(voted, newest=False)
        made["hour of the last ballot"] = self._by_hour(voted, newest=True)
        hashes = {
            row["ciphertext_hash"]: row["entry_id"] for row in self._envelopes() if row["ciphertext_hash"]
        }
        for name, at in (("first", 0), ("last", -1)):
            made[f"{name} place in the journal"] = _only(
                [hashes[each] for each in self._in_journal(_HASH, hashes, at)], voted
            )
        return made

    def orders_of_ballots(self) -> dict[str, Order]:
        """Every order in which ballots can be seen."""
        made = {
            f"open_ballot.{column}": tuple(row["tracker"] for row in _sorted(self.ballots, column))
            for column in self.ballots[0]
        }
        known = {row["tracker"] for row in self.ballots}
        for name, at in (("first", 0), ("last", -1)):
            made[f"{name} place in the journal"] = _only(self._in_journal(_TRACKER, known, at), known)
        published = self.final["result"][0]["ballots_pb"] or ""
        made["published list"] = _only(
            [each.decode() for each in _TRACKER.findall(published.encode())], known
        )
        return made

    def looked_up(self) -> dict[str, dict[str, str]]:
        """Strategies that need no order: roll entry -> tracker, where something fits."""
        return {
            "a ranking behind a fingerprint": self._rankings_behind_fingerprints(),
            "a tracker behind a nonce": self._trackers_behind_nonces(),
        }

    def _envelopes(self) -> Iterable[dict[str, Any]]:
        return (row for backup in self.backups for row in backup["envelope"])

    def _by_hour(self, voted: Iterable[str], *, newest: bool) -> Order:
        seen: dict[str, tuple[int, object]] = {}
        for hour, backup in enumerate(self.backups):
            for row in backup["envelope"]:
                before = seen.get(row["entry_id"])
                if before is None or (newest and before[1] != row["version"]):
                    seen[row["entry_id"]] = (hour, row["version"])
        return tuple(sorted(voted, key=lambda entry: (seen[entry][0], entry)))

    def _in_journal(self, pattern: re.Pattern[bytes], wanted: Iterable[str], at: int) -> list[str]:
        known, places = set(wanted), {}
        for place, each in enumerate(pattern.findall(b"\n".join(self.journal))):
            text = each.decode()
            if text in known and (at == -1 or text not in places):
                places[text] = place
        return sorted(places, key=lambda text: places[text])

    def _rankings_behind_fingerprints(self) -> dict[str, str]:
        lines: dict[tuple[int, ...], list[str]] = {}
        for row in self.ballots:
            lines.setdefault(tuple(row["ranking"]), []).append(row["tracker"])
        found = {}
        stored: dict[str, set[str]] = {}
        for row in self._envelopes():
            stored.setdefault(row["entry_id"], set()).update([row["request_hmac"], *row["superseded_hmacs"]])
        for entry, fingerprints in stored.items():
            for ranking, trackers in lines.items():
                if not fingerprints.isdisjoint(self._fingerprints(entry, ranking)):
                    found[entry] = trackers[0]
        return found

    def _fingerprints(self, entry: str, ranking: tuple[int, ...]) -> Iterable[str]:
        wish = b"".join(self.projects[each].bytes for each in ranking)
        who = self.accounts[entry].bytes
        for what in (wish, who + wish, who + b"cast" + wish, uuid.UUID(entry).bytes + wish):
            yield hashlib.sha256(what).hexdigest()
        # the key of another secret that is none, and a request without key or secret
        yield hmac.digest(self.round_id.bytes, who + b"\0\0cast" + bytes(16) + wish, "sha256").hex()

    def _trackers_behind_nonces(self) -> dict[str, str]:
        known = {row["tracker"] for row in self.ballots}
        found = {}
        for row in self._envelopes():
            entry, nonce = row["entry_id"], row["nonce"]
            guesses = (b"", bytes(16), uuid.UUID(entry).bytes, self.accounts[entry].bytes, nonce)
            for secret in guesses if nonce else ():
                tracker = rules.tracker(round_id=self.round_id, secret=secret, nonce=nonce)
                if tracker in known:
                    found[entry] = tracker
        return found


@dataclass(frozen=True)
class Findings:
    """What every strategy has found, held against the truth."""

    #: Strategy -> roll entries it linked to their own ballot.
    hits: dict[str, int]
    #: Strategy -> how much one order goes along with the other, where chance gives a standard normal figure.
    trends: dict[str, float]


def findings(knowledge: Knowledge, truth: Mapping[str, str]) -> Findings:
    """Try everything; ``truth`` (roll entry -> tracker) is looked at only to count."""
    voters = len(truth)
    entries = {name: _places(order, truth) for name, order in knowledge.orders_of_entries().items()}
    ballots = {name: _places(order, truth.values()) for name, order in knowledge.orders_of_ballots().items()}
    hits, trends = {}, {}
    # places are 0 ... voters - 1, so this is their variance (Spearman's rank correlation)
    spread = (voters * voters - 1) / 12
    for (one, here), (other, there) in itertools.product(entries.items(), ballots.items()):
        hits[f"{one} with {other}"] = int((here == there).sum())
        hits[f"{one} with {other}, backwards"] = int((here == voters - 1 - there).sum())
        middle = (voters - 1) / 2
        correlation = float(((here - middle) * (there - middle)).mean()) / spread
        trends[f"{one} with {other}"] = correlation * math.sqrt(voters - 1)
    for name, links in knowledge.looked_up().items():
        hits[name] = sum(truth.get(entry) == tracker for entry, tracker in links.items())
    return Findings(hits, trends)


def _places(order: Order, wanted: Iterable[str]) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """At which place of an order each of these stands."""
    place = {each: number for number, each in enumerate(order)}
    return np.array([place[each] for each in wanted])


def most_by_chance(rounds: int, strategies: int) -> int:
    """How many hits the best of so many strategies has at most, in 99 of 100 cases, when it only guesses.

    Pairing two orders that know nothing of each other hits Poisson(1) times a round, whatever the number of voters.
    """
    bound, tail = 0, 1.0 - math.exp(-rounds)
    while strategies * tail > 0.01:
        bound += 1
        tail -= math.exp(bound * math.log(rounds) - rounds - math.lgamma(bound + 1))
    return bound


def strongest_by_chance(strategies: int) -> float:
    """The largest of so many trends that chance makes in 99 of 100 cases."""
    return NormalDist().inv_cdf(1 - 0.01 / (2 * strategies))


def snapshot(database: Database, round_id: uuid.UUID) -> Backup:
    """The rows that have to do with a round, in the order they lie in, with the columns nobody declared."""
    taken: Backup = {}
    with database.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            if "round_id" not in table.c:
                continue
            hidden, lying = _hidden(session, table.name)
            found = session.execute(
                sa.select(*hidden, *table.c).where(table.c.round_id == round_id).order_by(*lying)
            )
            taken[table.name] = _rows(found)
        roll, people = (SQLModel.metadata.tables[name] for name in ("roll_entry", "resident"))
        _, lying = _hidden(session, people.name)
        found = session.execute(
            sa.select(roll.c.id.label("entry_id"))
            .join_from(roll, people, people.c.id == roll.c.subject_id)
            .where(roll.c.round_id == round_id)
            .order_by(*lying)
        )
        taken[people.name] = _rows(found)
    return taken


def _hidden(session: Session, table: str) -> tuple[list[sa.ColumnElement[int]], list[sa.ColumnElement[Any]]]:
    """The columns that a table has without having declared them, and in which order its rows lie."""
    if session.get_bind().dialect.name == "postgresql":
        hidden = [
            sa.cast(sa.cast(sa.literal_column(f"{table}.{name}"), sa.Text), sa.BigInteger).label(name)
            for name in ("xmin", "cmin")
        ]
        return list(hidden), [sa.literal_column(f"{table}.ctid")]
    keyed = session.execute(sa.text("SELECT wr FROM pragma_table_list WHERE name = :table"), {"table": table})
    if keyed.scalar_one():
        return [], []  # the rows lie in the order of their primary key
    return [sa.literal_column(f'"{table}".rowid', sa.Integer).label("rowid")], [
        sa.literal_column(f'"{table}".rowid')
    ]


def _rows(found: sa.Result[Any]) -> list[dict[str, Any]]:
    return [
        {"order in the file": place, **{key: _plain(value) for key, value in row.items()}}
        for place, row in enumerate(found.mappings())
    ]


def _plain(value: Any) -> Any:
    return value.hex if isinstance(value, uuid.UUID) else value


def _sorted(rows: Sequence[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    """Rows by a column; of equal values, and of what has no order, as they lie."""
    return sorted(rows, key=lambda row: (row[column] is not None, _comparable(row[column])))


def _comparable(value: Any) -> Any:
    return repr(value) if isinstance(value, dict) else (0 if value is None else value)


def _only(order: Iterable[str], wanted: Iterable[str]) -> Order:
    """Without repetitions and strangers; what was not seen comes last."""
    seen = dict.fromkeys(order)
    known = set(wanted)
    return (*(each for each in seen if each in known), *sorted(known - seen.keys()))
