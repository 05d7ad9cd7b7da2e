"""A disk that writes down what SQLite does to its files, and can say what is left of them after a power cut.

A write that was not synced may have reached the disk or not, in part, and in any order; one that was synced has.

SQLite takes a file system of our own only through the library of the test (apsw), which brings its own SQLite. `Driver`
gives that connection the face of Python's driver, so that the application's engine, pragmas, writer and statements run
on it unchanged. What the disk holds afterwards is read with Python's driver again, that of the application.
"""

import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
from sqlalchemy import Engine, event


@dataclass(frozen=True, slots=True)
class Write:
    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    file: str


@dataclass(frozen=True, slots=True)
class Delete:
    file: str


Change = Write | Truncate
Event = Change | Sync | Delete

#: What survives of the changes that were not synced, in the order in which they reach the disk.
Luck = Callable[[Sequence[Change]], Sequence[Change]]


@dataclass
class Remains:
    """What is on the disk at one moment: for certain, and perhaps."""

    files: dict[str, bytearray]
    unsynced: list[Change]

    def after_cut(self, luck: Luck) -> dict[str, bytearray]:
        """The files after the power failed now."""
        files = {name: bytearray(content) for name, content in self.files.items()}
        for change in luck(self.unsynced):
            _apply(files, change)
        return files


@dataclass
class Disk:
    """Files as they were, and all that happened to them since."""

    before: dict[str, bytes]
    events: list[Event] = field(default_factory=list)

    def at(self, moments: Iterable[int]) -> Iterator[tuple[int, Remains]]:
        """The disk after so many events, for each of these moments in order."""
        state = Remains({name: bytearray(content) for name, content in self.before.items()}, [])
        done = 0
        for moment in sorted(moments):
            for each in self.events[done:moment]:
                _take_place(each, state)
            done = moment
            yield moment, state


def _take_place(each: Event, state: Remains) -> None:
    if isinstance(each, Write | Truncate):
        state.unsynced.append(each)
        return
    if isinstance(each, Delete):
        state.files.pop(each.file, None)
    else:
        # the first sync of a new file makes its name durable too: SQLite syncs the folder with it
        state.files.setdefault(each.file, bytearray())
        for change in state.unsynced:
            if change.file == each.file:
                _apply(state.files, change)
    state.unsynced = [change for change in state.unsynced if change.file != each.file]


def nothing(_: Sequence[Change]) -> Sequence[Change]:
    """What was not synced is gone."""
    return ()


def everything(unsynced: Sequence[Change]) -> Sequence[Change]:
    """No power cut at all: the process was killed, and the operating system still writes what it was given."""
    return unsynced


def chance(seed: int) -> Luck:
    """Some changes are there, some not, some writes were torn, and the order is anybody's."""

    def draw(unsynced: Sequence[Change]) -> Sequence[Change]:
        dice = random.Random(seed)  # noqa: S311 - the same luck every time
        share = dice.random()
        kept = [_torn(each, dice) for each in unsynced if dice.random() < share]
        if dice.random() < 0.5:
            dice.shuffle(kept)
        return kept

    return draw


def _torn(change: Change, dice: random.Random) -> Change:
    if isinstance(change, Truncate) or dice.random() < 0.8:
        return change
    return Write(change.file, change.offset, change.data[: dice.randrange(len(change.data) + 1)])


def _apply(files: dict[str, bytearray], change: Change) -> None:
    content = files.setdefault(change.file, bytearray())
    if isinstance(change, Truncate):
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
        return
    content.extend(bytes(max(0, change.offset - len(content))))
    content[change.offset : change.offset + len(change.data)] = change.data


class _FileSystem(apsw.VFS):
    def __init__(self, name: str, events: list[Event]) -> None:
        self.events = events
        super().__init__(name, base="")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(name, flags, self.events)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001
        super().xDelete(filename, syncdir)
        self.events.append(Delete(Path(filename).name))


class _File(apsw.VFSFile):
    def __init__(self, name: str | apsw.URIFilename | None, flags: list[int], events: list[Event]) -> None:
        super().__init__("", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path or "temporary").name
        self._events = events

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._events.append(Write(self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._events.append(Truncate(self._name, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802, ARG002 - the real disk may take its time
        self._events.append(Sync(self._name))


class _Cursor:
    """A cursor of PEP 249 over one of apsw's."""

    arraysize = 1

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._own = connection.cursor()
        self._own.exec_trace = self._notice
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid = 0

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "_Cursor":
        return self._run(lambda: self._own.execute(statement, tuple(parameters)))

    def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> "_Cursor":
        return self._run(lambda: self._own.executemany(statement, [tuple(each) for each in parameters]))

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[Any]:
        found, self._rows = self._rows[:size], self._rows[size:]
        return found

    def fetchall(self) -> list[Any]:
        found, self._rows = self._rows, []
        return found

    def close(self) -> None:
        self._own.close()

    def _run(self, act: Callable[[], Iterator[Any]]) -> "_Cursor":
        self.description, before = None, self._connection.total_changes()
        with _in_pythons_words():
            self._rows = list(act())
        self.rowcount = self._connection.total_changes() - before
        self.lastrowid = self._connection.last_insert_rowid()
        return self

    def _notice(self, cursor: apsw.Cursor, _statement: str, _bindings: Any) -> bool:
        # before the first row: a result without rows has columns too
        self.description = tuple((name, *[None] * 6) for name, *_ in cursor.get_description()) or None
        return True


class Driver:
    """A connection of PEP 249, as `sqlite3` makes it, over one of apsw's."""

    isolation_level: str | None = None

    def __init__(self, path: str, vfs: str) -> None:
        self._own = apsw.Connection(path, vfs=vfs)

    def cursor(self) -> _Cursor:
        return _Cursor(self._own)

    def commit(self) -> None:
        self._end("COMMIT")

    def rollback(self) -> None:
        self._end("ROLLBACK")

    def close(self) -> None:
        self._own.close()

    def create_function(
        self, name: str, arguments: int, function: Any, *, deterministic: bool = False
    ) -> None:
        self._own.create_scalar_function(name, function, arguments, deterministic=deterministic)

    def _end(self, statement: str) -> None:
        if self._own.in_transaction:
            with _in_pythons_words():
                self._own.execute(statement)


@contextmanager
def _in_pythons_words() -> Iterator[None]:
    try:
        yield
    except apsw.ConstraintError as error:
        raise sqlite3.IntegrityError(str(error)) from error
    except apsw.BusyError as error:
        raise sqlite3.OperationalError("database is locked") from error
    except apsw.Error as error:
        raise sqlite3.OperationalError(str(error)) from error


@contextmanager
def recorded(engine: Engine, path: Path) -> Iterator[Disk]:
    """Write down what ``engine`` does to the database file at ``path``, which nobody else has open."""
    disk = Disk({path.name: path.read_bytes()})
    system = _FileSystem(f"recorded-{id(disk)}", disk.events)

    def connect(*_: object) -> Driver:
        return Driver(str(path), f"recorded-{id(disk)}")

    event.listen(engine, "do_connect", connect)
    try:
        yield disk
    finally:
        engine.dispose()
        event.remove(engine, "do_connect", connect)
        system.unregister()
