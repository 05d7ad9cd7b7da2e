"""From the bytes of a `.pb` file to an `Election`, or to a `BallotFileError` with a code and the line.

Nothing else comes out, whatever the bytes are: what could exhaust time or memory is capped first.
"""

import csv
import datetime as dt
import io
import itertools
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import NoReturn

import numpy as np

from app.tally.ballots import Ballots
from app.tally.errors import BallotFileError, Fault
from app.tally.pabulib.election import POINT_TYPES, WHOLE, Election, FileProject, VoteType

LARGEST_FILE_BYTES = 64 * 1024 * 1024
LARGEST_ROWS = 2_000_000
LARGEST_COLUMNS = 64
LARGEST_PROJECTS = 10_000
SENTINEL_COST = Decimal(999_999_999)

SECTIONS = ("META", "PROJECTS", "VOTES")
#: Keys of META that the format knows; another one is worth a warning.
META_KEYS = frozenset(
    {"description", "country", "unit", "subunit", "district", "instance", "edition", "num_projects",
     "num_votes", "budget", "vote_type", "rule", "date_begin", "date_end", "language", "currency",
     "fully_funded", "experimental", "comment", "acknowledgments", "min_length", "max_length",
     "min_sum_cost", "max_sum_cost", "scoring_fn", "min_points", "max_points", "min_sum_points",
     "max_sum_points", "default_score", "min_project_cost", "max_project_cost",
     "min_project_score_threshold", "neighborhoods", "subdistricts", "categories", "leftover_budget",
     "budget_per_category", "budget_per_neighborhood", "min_length_per_category",
     "max_length_per_category", "min_sum_cost_per_category", "max_sum_cost_per_category"}
)  # fmt: skip
#: Semicolons a line can have before it is looked at closely; names and comments may contain some.
_MOST_SEMICOLONS = 4_096
#: Follows the last line, so that a quote left open is seen to swallow it. The text itself has no NUL.
_END = "\0"

_NUMBER = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,15})?")
_DATE = re.compile(r"(?:([0-9]{1,2})\.([0-9]{1,2})\.)?([0-9]{4})")

Row = tuple[int, list[str]]
"""A line number and the cells that begin there."""


def read(raw: bytes | str) -> Election:
    """Read a `.pb` file.

    Raises:
        BallotFileError: with a stable code and the line; nothing else, whatever the bytes.
    """
    return _Reader(_bytes(raw)).election()


def _bytes(raw: bytes | str) -> bytes:
    """Text, certainly, and as UTF-8: as a str, one 🌳 makes every letter of a large file take four bytes."""
    if len(raw) > LARGEST_FILE_BYTES:
        message = f"the file is larger than {LARGEST_FILE_BYTES} bytes"
        raise BallotFileError(Fault.FILE_TOO_LARGE, message, row=1, largest=LARGEST_FILE_BYTES)
    try:
        if isinstance(raw, bytes):
            raw.decode()
        else:
            raw = raw.encode()
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        raise BallotFileError(Fault.NOT_UTF8, "the file is not UTF-8 text", row=row) from error
    except UnicodeEncodeError as error:
        row = error.object.count("\n", 0, error.start) + 1
        raise BallotFileError(Fault.NOT_TEXT, "the file contains half a character", row=row) from error
    if (at := raw.find(_END.encode())) >= 0:
        row = raw.count(b"\n", 0, at) + 1
        raise BallotFileError(Fault.NOT_TEXT, "the file contains a NUL character", row=row)
    return raw


def _lines(raw: bytes) -> Iterator[str]:
    text = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8-sig", newline="")
    for row, line in enumerate(text, start=1):
        if row > LARGEST_ROWS:
            message = f"the file has more than {LARGEST_ROWS} lines"
            raise BallotFileError(Fault.TOO_MANY_ROWS, message, row=row, largest=LARGEST_ROWS)
        if line.count(";") > _MOST_SEMICOLONS:
            raise _too_many_columns(row)
        yield line


def _rows(raw: bytes) -> Iterator[Row]:
    """The rows of the file that are not blank, each with the line on which it begins."""
    reader = csv.reader(itertools.chain(_lines(raw), [_END]), delimiter=";")
    row = 1
    try:
        for written in reader:
            cells = list(map(str.strip, written))
            if cells == [_END]:
                return
            if cells and _END in cells[-1]:
                raise BallotFileError(Fault.QUOTE_OPEN, "a quote of this row is never closed", row=row)
            if len(cells) > LARGEST_COLUMNS:
                raise _too_many_columns(row)
            if any(cells):
                yield row, cells
            row = reader.line_num + 1
    except csv.Error as error:  # the one left: a cell beyond csv.field_size_limit(), 131,072 characters
        raise BallotFileError(Fault.CELL_TOO_LONG, "a cell of this row is too long", row=row) from error


def _too_many_columns(row: int) -> BallotFileError:
    message = f"a row has more than {LARGEST_COLUMNS} columns"
    return BallotFileError(Fault.TOO_MANY_COLUMNS, message, row=row, largest=LARGEST_COLUMNS)


class _Reader:
    """Walks through the three sections once. ``_row`` is the line it is at."""

    def __init__(self, raw: bytes) -> None:
        self._rows = _rows(raw)
        self._row = 1
        self._section, self._section_row = "", 1
        self._warnings: list[str] = []
        self._meta: dict[str, str] = {}
        self._meta_rows: dict[str, int] = {}
        self._vote_type = VoteType.ORDINAL

    def election(self) -> Election:
        self._enter("META")
        self._read_meta()
        self._check_dates()
        self._vote_type = self._read_vote_type()
        budget = self._budget()
        project_rows = self._read_projects()
        amounts = [budget, *(cost for cost, _ in project_rows)]
        scale = max(_decimals(amount) for amount in amounts)
        projects = [replace(each, cost=_minor(cost, scale)) for cost, each in project_rows]
        self._check_count("num_projects", len(projects))
        voter_ids, ballots, points = self._read_votes(projects)
        self._check_count("num_votes", len(ballots))
        return Election(
            meta=self._meta, projects=tuple(projects), ballots=ballots, voter_ids=voter_ids,
            points=tuple(points), budget=_minor(budget, scale), scale=scale, vote_type=self._vote_type,
            warnings=tuple(self._warnings),
        )  # fmt: skip

    def _fail(self, code: Fault, message: str, **facts: int | str) -> NoReturn:
        raise BallotFileError(code, message, row=self._row, **facts)

    # --- sections -------------------------------------------------------------------------------------------------

    def _enter(self, name: str) -> None:
        """Move to the line that opens section ``name``, which must be the next row."""
        row = next(self._rows, None)
        if row is not None:
            self._row = row[0]
        if row is None or not _is_section(row[1]):
            self._fail(Fault.SECTION_MISSING, f"section {name} is missing", section=name)
        self._open(row[1][0].upper(), expected=name)

    def _open(self, found: str, *, expected: str) -> None:
        if found != expected:
            if expected == "" or SECTIONS.index(found) < SECTIONS.index(expected):
                self._fail(Fault.SECTION_REPEATED, f"section {found} stands twice", section=found)
            message = f"section {found} is out of order: META, PROJECTS, VOTES"
            self._fail(Fault.SECTION_ORDER, message, section=found)
        self._section, self._section_row = found, self._row

    def _section_rows(self) -> Iterator[list[str]]:
        """The rows of the section we are in, header first; at its end we are in the next one, or at the end."""
        place = SECTIONS.index(self._section)
        following = SECTIONS[place + 1] if place + 1 < len(SECTIONS) else ""
        for row, cells in self._rows:
            self._row = row
            if len(cells) == 1 and _is_section(cells):
                self._open(cells[0].upper(), expected=following)
                return
            yield cells
        if following:
            self._fail(Fault.SECTION_MISSING, f"section {following} is missing", section=following)

    def _header(self, rows: Iterator[list[str]], first: str, needed: Sequence[str]) -> dict[str, int]:
        """Where each column of the section stands."""
        section = self._section
        names = [cell.lower() for cell in next(rows, [])]
        if not names:
            self._row = self._section_row
            self._fail(Fault.HEADER_MISSING, f"section {section} has no header", section=section)
        if names[0] != first:
            message = f"the first column of {section} must be {first}"
            self._fail(Fault.HEADER_MALFORMED, message, section=section, column=first)
        columns: dict[str, int] = {}
        for index, name in enumerate(names):
            if name in columns:
                self._fail(Fault.COLUMN_REPEATED, f"column {_short(name)} stands twice", column=_short(name))
            columns[name] = index
        for name in needed:
            if name not in columns:
                self._fail(Fault.COLUMN_MISSING, f"column {name} is missing", column=name)
        return columns

    # --- META -----------------------------------------------------------------------------------------------------

    def _read_meta(self) -> None:
        rows = self._section_rows()
        if self._header(rows, "key", ["value"])["value"] != 1:
            self._fail(
                Fault.HEADER_MALFORMED, "META must begin with key;value", section="META", column="value"
            )
        for cells in rows:
            key = cells[0].lower()
            if not key:
                self._fail(Fault.META_MALFORMED, "a META row has no key")
            if key in self._meta:
                self._fail(Fault.KEY_REPEATED, f"META says {_short(key)} twice", key=_short(key))
            if key not in META_KEYS:
                self._warnings.append(f"line {self._row}: META has an unknown key, {_short(key)}")
            if any(cells[2:]):
                self._warnings.append(f"line {self._row}: META has more than two columns")
            self._meta[key] = cells[1] if len(cells) > 1 else ""
            self._meta_rows[key] = self._row

    def _at(self, key: str) -> str:
        """Go to a key of META that must be there, and read it."""
        text = self._meta.get(key, "")
        self._row = self._meta_rows.get(key, 1)
        if not text:
            self._fail(Fault.KEY_MISSING, f"META does not say {key}", key=key)
        return text

    def _check_dates(self) -> None:
        begin, end = (self._date(key) for key in ("date_begin", "date_end"))
        if begin and end and begin[: len(end)] > end[: len(begin)]:
            self._fail(Fault.DATE_MALFORMED, "date_begin is after date_end", key="date_end")

    def _date(self, key: str) -> tuple[int, ...]:
        """Year, or year, month and day; nothing where META does not say."""
        if not self._meta.get(key):
            return ()
        found = _DATE.fullmatch(self._at(key))
        day, month, year = (int(part or 1) for part in found.groups()) if found else (0, 0, 0)
        if found is None or not _is_day(year, month, day):
            self._fail(Fault.DATE_MALFORMED, f"{key} must be a date, dd.mm.yyyy or yyyy", key=key)
        return (year, month, day) if found[1] else (year,)

    def _read_vote_type(self) -> VoteType:
        try:
            return VoteType(self._at("vote_type").lower())
        except ValueError:
            message = f"vote_type must be one of {', '.join(VoteType)}"
            self._fail(Fault.VOTE_TYPE_UNKNOWN, message)

    def _budget(self) -> Decimal:
        budget = self._number(self._at("budget"), Fault.MONEY_MALFORMED, "budget")
        if budget < 0:
            self._fail(Fault.MONEY_MALFORMED, "the budget is below zero", what="budget")
        return budget

    def _whole(self, key: str) -> int:
        text = self._at(key)
        if not WHOLE.fullmatch(text):
            self._fail(Fault.NUMBER_MALFORMED, f"{key} must be a whole number", key=key)
        return int(text)

    def _check_count(self, key: str, rows: int) -> None:
        said = self._whole(key)
        if said != rows:
            message = f"META says {key} is {said}, the file has {rows}"
            self._fail(Fault.COUNT_MISMATCH, message, key=key, said=said, found=rows)

    def _length_limits(self) -> tuple[int, int]:
        """The fewest and the most projects a ballot may list."""
        least = self._whole("min_length") if self._meta.get("min_length") else 0
        most = self._whole("max_length") if self._meta.get("max_length") else LARGEST_PROJECTS
        return (1, 1) if self._vote_type is VoteType.CHOOSE_1 else (least, most)

    # --- PROJECTS -------------------------------------------------------------------------------------------------

    def _read_projects(self) -> list[tuple[Decimal, FileProject]]:
        """Costs as written, each with its project, whose own cost is not known before the scale is."""
        rows = self._section_rows()
        columns = self._header(rows, "project_id", ["cost"])
        found: dict[str, tuple[Decimal, FileProject]] = {}
        for cells in rows:
            row = dict.fromkeys(("cost", "name", "category", "selected", "votes", "score"), "")
            row |= {name: cells[index] for name, index in columns.items() if index < len(cells)}
            project_id = row["project_id"]
            if not project_id or "," in project_id:
                self._fail(Fault.PROJECT_ID_MALFORMED, "a project needs an id without commas")
            if project_id in found:
                message = f"project {_short(project_id)} stands twice"
                self._fail(Fault.PROJECT_REPEATED, message, project=_short(project_id))
            if len(found) == LARGEST_PROJECTS:
                message = f"the file has more than {LARGEST_PROJECTS} projects"
                self._fail(Fault.TOO_MANY_ROWS, message, largest=LARGEST_PROJECTS)
            found[project_id] = (self._cost(row["cost"]), self._project(row))
            if any(cells[len(columns) :]):
                self._warnings.append(f"line {self._row}: the row has more cells than PROJECTS has columns")
        return list(found.values())

    def _project(self, row: Mapping[str, str]) -> FileProject:
        if row["selected"] not in {"", "0", "1", "2", "3"}:
            self._fail(Fault.SELECTED_MALFORMED, "selected must be 0, 1, 2 or 3")
        if row["votes"] and not WHOLE.fullmatch(row["votes"]):
            self._warnings.append(f"line {self._row}: votes is no whole number and is left out")
        return FileProject(
            id=row["project_id"],
            cost=0,
            name=row["name"] or row["project_id"],
            category=row["category"],
            selected=int(row["selected"]) if row["selected"] else None,
            votes=int(row["votes"]) if WHOLE.fullmatch(row["votes"]) else None,
            score=row["score"] or None,
            withdrawn=_NUMBER.fullmatch(row["cost"]) is not None and _decimal(row["cost"]) == SENTINEL_COST,
        )

    def _cost(self, text: str) -> Decimal:
        cost = self._number(text, Fault.MONEY_MALFORMED, "cost")
        if cost <= 0:
            self._fail(Fault.COST_NOT_POSITIVE, "a cost must be above zero")
        if cost == SENTINEL_COST:
            self._warnings.append(f"line {self._row}: the cost says that the project was withdrawn")
        return cost

    def _number(self, text: str, code: Fault, what: str) -> Decimal:
        if not _NUMBER.fullmatch(text):
            self._fail(code, f"{what} must be a number such as 1200 or 1200.50", what=what)
        return _decimal(text)

    # --- VOTES ----------------------------------------------------------------------------------------------------

    def _read_votes(
        self, projects: Sequence[FileProject]
    ) -> tuple[tuple[str, ...], Ballots, list[tuple[Decimal, ...]]]:
        least, most = self._length_limits()
        rows = self._section_rows()
        pointed = self._vote_type in POINT_TYPES
        columns = self._header(rows, "voter_id", ["vote", "points"] if pointed else ["vote"])
        index = {project.id: position for position, project in enumerate(projects)}
        vote_at, points_at = columns["vote"], columns.get("points", LARGEST_COLUMNS)
        voters: set[str] = set()
        voter_ids: list[str] = []
        listed, ends = array("i"), array("q")
        points: list[tuple[Decimal, ...]] = []
        for cells in rows:
            voter = cells[0]
            if not voter:
                self._fail(Fault.VOTER_ID_MISSING, "a voter needs an id")
            if voter in voters:
                self._fail(Fault.VOTER_REPEATED, f"voter {_short(voter)} stands twice", voter=_short(voter))
            voters.add(voter)
            voter_ids.append(voter)
            ballot = self._ballot(cells[vote_at] if vote_at < len(cells) else "", index, least, most)
            listed.extend(ballot)
            ends.append(len(listed))
            given = cells[points_at] if points_at < len(cells) else ""
            if pointed:
                points.append(self._points(given, len(ballot)))
            elif given:
                self._points(given, len(ballot))
        return tuple(voter_ids), Ballots(np.array(listed), np.array(ends)), points

    def _ballot(self, text: str, index: Mapping[str, int], least: int, most: int) -> Sequence[int]:
        """The positions a cell lists. An empty cell is a voter who backs nothing, whatever the least length."""
        ids = text.split(",") if text else []
        try:
            ballot: Sequence[int] = [index[each] for each in ids]
        except KeyError:
            ballot = self._ballot_with_blanks(ids, index)
        length = len(ballot)
        if len(set(ballot)) != length:
            self._fail(Fault.BALLOT_REPEATS_PROJECT, "a ballot lists a project twice")
        blank = not ballot and self._vote_type is not VoteType.CHOOSE_1
        if not least <= length <= most and not blank:
            message = f"a ballot lists {length} projects; allowed are {least} to {most}"
            self._fail(Fault.BALLOT_LENGTH, message, length=length, least=least, most=most)
        return ballot

    def _ballot_with_blanks(self, parts: Sequence[str], index: Mapping[str, int]) -> Sequence[int]:
        """The same where blanks surround an id, or where an id is unknown."""
        ids = [part.strip() for part in parts]
        unknown = next((each for each in ids if each not in index), None)
        if unknown is not None:
            message = f"a ballot lists {_short(unknown) or 'an empty id'}, which is not in PROJECTS"
            self._fail(Fault.PROJECT_UNKNOWN, message, project=_short(unknown))
        return [index[each] for each in ids]

    def _points(self, text: str, length: int) -> tuple[Decimal, ...]:
        parts = [part.strip() for part in text.split(",")] if text else []
        if len(parts) != length:
            message = f"a ballot has {len(parts)} points for {length} projects"
            self._fail(Fault.POINTS_LENGTH, message, points=len(parts), projects=length)
        return tuple(self._number(part, Fault.NUMBER_MALFORMED, "points") for part in parts)


def _is_section(cells: list[str]) -> bool:
    return len(cells) == 1 and cells[0].upper() in SECTIONS


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def _decimals(amount: Decimal) -> int:
    """Decimals that matter: 2 for 1200.50, and 0 for 1200.00."""
    return len(f"{amount:f}".partition(".")[2].rstrip("0"))


def _minor(amount: Decimal, scale: int) -> int:
    return int(Fraction(amount) * 10**scale)  # Decimal's own arithmetic rounds to 28 digits


def _short(text: str) -> str:
    """What a message quotes of the file: a glance, on one line, without characters that move a cursor."""
    glance = text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004 - a glance
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in glance)
