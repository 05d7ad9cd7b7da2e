"""Reading and writing Pabulib's `.pb` files, the exchange format of participatory-budgeting elections.

The format is the one at pabulib.org/format: three sections (META, PROJECTS, VOTES) of semicolon-separated rows with a
header each. Reading accepts what is seen in the wild (byte order mark, CRLF, quoted names, extra META keys, a sentinel
cost of 999999999) and refuses what would make a count ambiguous, always with a code and the line.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from app.tally.errors import BallotFileError

LARGEST_FILE_BYTES = 64 * 1024 * 1024
LARGEST_CELL = 131_072
LARGEST_COLUMNS = 64
LARGEST_AMOUNT = Decimal(10) ** 15
MOST_DECIMALS = 6
SENTINEL_COST = Decimal(999_999_999)

SECTIONS = ("META", "PROJECTS", "VOTES")
VOTE_TYPES = frozenset({"ordinal", "approval", "cumulative", "scoring", "choose-1"})
_POINT_TYPES = frozenset({"cumulative", "scoring"})

_MONEY = re.compile(r"[0-9]{1,16}([.,][0-9]{1,6})?")
_NUMBER = re.compile(r"-?[0-9]{1,16}([.,][0-9]{1,6})?")
_WHOLE = re.compile(r"[0-9]{1,9}")
_DATE = re.compile(r"((0?[1-9]|[12][0-9]|3[01])\.(0?[1-9]|1[0-2])\.)?[0-9]{4}")


@dataclass(frozen=True)
class FileProject:
    """A row of PROJECTS.

    Attributes:
        id: as written; never a number.
        cost: whole minor units of the election's scale.
        name: title, or the id.
        category: as written, possibly empty.
        selected: 1 funded, 0 not, 2 and 3 special, none where the file does not say.
        votes: how many listed it, as the file says.
        score: its points, as the file says.
    """

    id: str
    cost: int
    name: str
    category: str = ""
    selected: int | None = None
    votes: int | None = None
    score: str | None = None


@dataclass(frozen=True)
class Election:
    """A whole file.

    Attributes:
        meta: keys and values as written.
        projects: in row order, which is the official order and breaks official ties.
        ballots: positions in ``projects``, one tuple a voter; ranked best first where the type is ordinal.
        voter_ids: one a ballot.
        points: for cumulative and scoring files, as written, one tuple a ballot.
        budget: whole minor units.
        scale: how many decimals the file's amounts have; a minor unit is ``10 ** -scale``.
    """

    meta: Mapping[str, str]
    projects: Sequence[FileProject]
    ballots: Sequence[tuple[int, ...]]
    voter_ids: Sequence[str]
    points: Sequence[tuple[Decimal, ...]]
    budget: int
    scale: int
    vote_type: str
    warnings: Sequence[str] = field(default=())

    @property
    def title(self) -> str:
        """A short name of the election."""
        parts = (self.meta.get(key, "") for key in ("unit", "instance", "subunit"))
        return " ".join(part for part in parts if part) or self.meta.get("description", "")

    @property
    def max_length(self) -> int:
        """The most projects a ballot of this file may list."""
        given = self.meta.get("max_length", "")
        longest = max((len(ballot) for ballot in self.ballots), default=1)
        return max(int(given) if _WHOLE.fullmatch(given) else longest, longest, 1)

    @property
    def official(self) -> frozenset[str] | None:
        """Ids of the officially funded projects, or none where the file does not say."""
        if all(project.selected is None for project in self.projects):
            return None
        return frozenset(project.id for project in self.projects if project.selected == 1)

    def amount(self, minor: int) -> str:
        """Minor units as decimal text in the file's currency."""
        return format_amount(minor, self.scale)


def format_amount(minor: int, scale: int) -> str:
    """Whole minor units as decimal text: ``format_amount(12345, 2) == "123.45"``."""
    if scale == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 10**scale)
    return f"{sign}{whole}.{rest:0{scale}d}"


def read(raw: bytes | str) -> Election:
    """Read a `.pb` file.

    Raises:
        BallotFileError: with a stable code and the line; nothing else, whatever the bytes.
    """
    return _Reader(_text(raw)).election()


def _text(raw: bytes | str) -> str:
    if len(raw) > LARGEST_FILE_BYTES:
        raise BallotFileError("file_too_large", f"the file is larger than {LARGEST_FILE_BYTES} bytes")
    if isinstance(raw, bytes):
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = raw.count(b"\n", 0, error.start) + 1
            raise BallotFileError("not_utf8", "the file is not UTF-8 text", row=row) from error
    else:
        text = raw.removeprefix("\ufeff")
    if (at := text.find("\0")) >= 0:
        raise BallotFileError(
            "not_text", "the file contains a NUL character", row=text.count("\n", 0, at) + 1
        )
    if isinstance(raw, str) and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BallotFileError("not_text", "the file contains half a character")
    return text


class _Reader:
    """Walks through the three sections once."""

    def __init__(self, text: str) -> None:
        self._rows = self._read_rows(text)
        self._row = 0
        self._warnings: list[str] = []
        self._meta: dict[str, str] = {}
        self._costs: list[Decimal] = []

    def _fail(self, code: str, message: str) -> NoReturn:
        raise BallotFileError(code, message, row=self._row)

    def _read_rows(self, text: str) -> Iterator[list[str]]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
        before = csv.field_size_limit(LARGEST_CELL)
        try:
            for cells in reader:
                self._row = reader.line_num
                if len(cells) > LARGEST_COLUMNS:
                    self._fail("too_many_columns", f"a row has more than {LARGEST_COLUMNS} columns")
                yield [cell.strip() for cell in cells]
        except csv.Error as error:
            raise BallotFileError(
                "not_csv", f"the row cannot be read: {error}", row=reader.line_num
            ) from error
        finally:
            csv.field_size_limit(before)

    def election(self) -> Election:
        rows = self._sections()
        self._read_meta(rows["META"])
        vote_type = self._vote_type()
        projects = self._read_projects(rows["PROJECTS"])
        budget = self._money(self._meta_value("budget"), "budget")
        scale = max(
            (_decimals(amount) for amount in (*self._costs, budget)),
            default=0,
        )
        factor = Decimal(10) ** scale
        finished = [
            FileProject(**{**project.__dict__, "cost": int(cost * factor)})
            for project, cost in zip(projects, self._costs, strict=True)
        ]
        voter_ids, ballots, points = self._read_votes(rows["VOTES"], finished, vote_type)
        self._check_count("num_projects", len(finished))
        self._check_count("num_votes", len(ballots))
        return Election(
            meta=self._meta, projects=tuple(finished), ballots=tuple(ballots), voter_ids=tuple(voter_ids),
            points=tuple(points), budget=int(budget * factor), scale=scale, vote_type=vote_type,
            warnings=tuple(self._warnings),
        )  # fmt: skip

    def _sections(self) -> dict[str, list[tuple[int, list[str]]]]:
        found: dict[str, list[tuple[int, list[str]]]] = {}
        current: list[tuple[int, list[str]]] | None = None
        for cells in self._rows:
            name = cells[0].upper() if len(cells) == 1 else ""
            if name in SECTIONS and (name not in found or len(found) == len(SECTIONS)):
                if name in found:
                    self._fail("section_repeated", f"section {name} stands twice")
                if name != SECTIONS[len(found)]:
                    self._fail("section_order", f"section {name} is out of order: META, PROJECTS, VOTES")
                current = found[name] = []
            elif not any(cells):
                continue
            elif current is None:
                self._fail("section_missing", "the file must begin with META")
            else:
                current.append((self._row, cells))
        for name in SECTIONS:
            if name not in found:
                raise BallotFileError("section_missing", f"section {name} is missing")
            if not found[name]:
                raise BallotFileError("header_missing", f"section {name} has no header")
        return found

    def _read_meta(self, rows: list[tuple[int, list[str]]]) -> None:
        self._row, header = rows[0]
        if [cell.lower() for cell in header[:2]] != ["key", "value"]:
            self._fail("header_malformed", "META must begin with key;value")
        for self._row, cells in rows[1:]:
            key = cells[0].lower()
            if not key:
                self._fail("meta_malformed", "a META row has no key")
            if key in self._meta:
                self._fail("key_repeated", f"META says {key} twice")
            self._meta[key] = cells[1] if len(cells) > 1 else ""
        self._row = rows[0][0]
        dates = []
        for key in ("date_begin", "date_end"):
            text = self._meta.get(key, "")
            if text and not _DATE.fullmatch(text):
                self._fail("date_malformed", f"{key} must be dd.mm.yyyy or yyyy")
            dates.append(tuple(int(part) for part in reversed(text.split("."))) if text else ())
        if all(dates) and len(dates[0]) == len(dates[1]) and dates[0] > dates[1]:
            self._fail("date_malformed", "date_begin is after date_end")

    def _meta_value(self, key: str) -> str:
        if not self._meta.get(key):
            raise BallotFileError("meta_missing", f"META does not say {key}")
        return self._meta[key]

    def _vote_type(self) -> str:
        vote_type = self._meta_value("vote_type").lower()
        if vote_type not in VOTE_TYPES:
            raise BallotFileError(
                "vote_type_unknown", "vote_type must be ordinal, approval, cumulative, scoring or choose-1"
            )
        return vote_type

    def _columns(self, header: Sequence[str], first: str, needed: Sequence[str]) -> dict[str, int]:
        names = [cell.lower() for cell in header]
        if names[0] != first:
            self._fail("header_malformed", f"the first column must be {first}")
        if len(set(names)) != len(names):
            self._fail("column_repeated", "a column stands twice")
        columns = {name: index for index, name in enumerate(names)}
        for name in needed:
            if name not in columns:
                self._fail("column_missing", f"column {name} is missing")
        return columns

    def _read_projects(self, rows: list[tuple[int, list[str]]]) -> list[FileProject]:
        self._row, header = rows[0]
        columns = self._columns(header, "project_id", ["cost"])
        seen: set[str] = set()
        projects = []
        for self._row, cells in rows[1:]:
            row = _Cells(cells, columns)
            project_id = row["project_id"]
            if not project_id or "," in project_id:
                self._fail("project_id_malformed", "a project needs an id without commas")
            if project_id in seen:
                self._fail("project_repeated", "a project stands twice")
            seen.add(project_id)
            cost = self._money(row["cost"], "cost")
            if cost <= 0:
                self._fail("cost_not_positive", "a cost must be above zero")
            self._costs.append(cost)
            projects.append(
                FileProject(
                    id=project_id, cost=0, name=row["name"] or project_id, category=row["category"],
                    selected=self._selected(row["selected"]), votes=_whole_or_none(row["votes"]),
                    score=row["score"] or None,
                )
            )  # fmt: skip
        return projects

    def _selected(self, text: str) -> int | None:
        if text == "":
            return None
        if text not in {"0", "1", "2", "3"}:
            self._fail("selected_malformed", "selected must be 0, 1, 2 or 3")
        return int(text)

    def _read_votes(
        self, rows: list[tuple[int, list[str]]], projects: Sequence[FileProject], vote_type: str
    ) -> tuple[list[str], list[tuple[int, ...]], list[tuple[Decimal, ...]]]:
        self._row, header = rows[0]
        columns = self._columns(
            header, "voter_id", ["vote"] + (["points"] if vote_type in _POINT_TYPES else [])
        )
        index = {project.id: position for position, project in enumerate(projects)}
        least, most = self._length_limits(vote_type)
        seen: set[str] = set()
        voters: list[str] = []
        ballots: list[tuple[int, ...]] = []
        points: list[tuple[Decimal, ...]] = []
        known: dict[str, tuple[int, ...]] = {}
        vote_at, points_at = columns["vote"], columns.get("points")
        for self._row, cells in rows[1:]:
            voter = cells[0]
            if not voter:
                self._fail("voter_id_missing", "a voter needs an id")
            if voter in seen:
                self._fail("voter_repeated", "a voter stands twice")
            seen.add(voter)
            text = cells[vote_at] if vote_at < len(cells) else ""
            ballot = known.get(text)
            if ballot is None:
                ballot = known[text] = self._ballot(text, index, least, most)
            given = cells[points_at] if points_at is not None and points_at < len(cells) else ""
            if given or vote_type in _POINT_TYPES:
                numbers = self._points(given, len(ballot))
                if vote_type in _POINT_TYPES:
                    points.append(numbers)
            voters.append(voter)
            ballots.append(ballot)
        return voters, ballots, points

    def _ballot(self, text: str, index: Mapping[str, int], least: int, most: int | None) -> tuple[int, ...]:
        if text == "":
            return ()
        ids = [part.strip() for part in text.split(",")]
        unknown = next((each for each in ids if each not in index), None)
        if unknown is not None:
            self._fail("project_unknown", "a ballot lists a project that is not in PROJECTS")
        ballot = tuple(index[each] for each in ids)
        if len(set(ballot)) != len(ballot):
            self._fail("ballot_repeats_project", "a ballot lists a project twice")
        if len(ballot) < least or (most is not None and len(ballot) > most):
            self._fail("ballot_length", f"a ballot lists {len(ballot)} projects, outside the limits in META")
        return ballot

    def _points(self, text: str, length: int) -> tuple[Decimal, ...]:
        parts = [part.strip() for part in text.split(",")] if text else []
        if len(parts) != length:
            self._fail("points_length", "a ballot has not as many points as projects")
        if not all(_NUMBER.fullmatch(part) for part in parts):
            self._fail("number_malformed", "points must be numbers")
        return tuple(Decimal(part.replace(",", ".")) for part in parts)

    def _length_limits(self, vote_type: str) -> tuple[int, int | None]:
        least, most = 0, None
        for key in ("min_length", "max_length"):
            text = self._meta.get(key, "")
            if not text:
                continue
            if not _WHOLE.fullmatch(text):
                raise BallotFileError("number_malformed", f"{key} must be a whole number")
            if key == "min_length":
                least = int(text)
            else:
                most = int(text)
        return (1, 1) if vote_type == "choose-1" else (least, most)

    def _check_count(self, key: str, rows: int) -> None:
        text = self._meta_value(key)
        if not _WHOLE.fullmatch(text):
            raise BallotFileError("number_malformed", f"{key} must be a whole number")
        if int(text) != rows:
            raise BallotFileError("count_mismatch", f"META says {key} is {text}, the file has {rows}")

    def _money(self, text: str, what: str) -> Decimal:
        if not _MONEY.fullmatch(text):
            self._fail("money_malformed", f"{what} must be a number such as 1200 or 1200.50")
        try:
            amount = Decimal(text.replace(",", "."))
        except InvalidOperation:  # pragma: no cover - the pattern admits numbers only
            self._fail("money_malformed", f"{what} must be a number")
        if amount > LARGEST_AMOUNT:
            self._fail("money_malformed", f"{what} is too large")
        return amount


class _Cells:
    """A row by column name; cells that are not there are empty."""

    def __init__(self, cells: Sequence[str], columns: Mapping[str, int]) -> None:
        self._cells = cells
        self._columns = columns

    def __getitem__(self, name: str) -> str:
        index = self._columns.get(name)
        return self._cells[index] if index is not None and index < len(self._cells) else ""


def _decimals(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _whole_or_none(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


# --- writing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OutProject:
    """A row of PROJECTS to write; ``cost`` as decimal text in whole units of the currency."""

    id: str
    cost: str
    votes: int
    score: int
    name: str
    category: str
    selected: int


@dataclass(frozen=True)
class OutFile:
    """A file to write. Projects stand in the order of the result, votes in the order given."""

    meta: Mapping[str, str]
    projects: Sequence[OutProject]
    votes: Sequence[tuple[str, Sequence[str]]]


def write(file: OutFile) -> str:
    """A `.pb` file with ranked ballots; the same text for the same input."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    meta = {**file.meta, "num_projects": str(len(file.projects)), "num_votes": str(len(file.votes))}
    writer.writerow(["META"])
    writer.writerow(["key", "value"])
    writer.writerows([key, _one_line(value)] for key, value in meta.items())
    writer.writerow(["PROJECTS"])
    writer.writerow(["project_id", "cost", "votes", "score", "name", "category", "selected"])
    writer.writerows(
        [
            each.id,
            each.cost,
            each.votes,
            each.score,
            _one_line(each.name),
            _one_line(each.category),
            each.selected,
        ]
        for each in file.projects
    )
    writer.writerow(["VOTES"])
    writer.writerow(["voter_id", "vote"])
    writer.writerows([voter, ",".join(vote)] for voter, vote in file.votes)
    return out.getvalue()


def _one_line(text: str) -> str:
    return " ".join(text.split())
