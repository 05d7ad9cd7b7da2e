"""An import from upload to roster: work of several units, with a word to who waits between them.

Reading, comparing and sealing thousands of rows hold up nobody: they happen outside of any writing transaction. What is
written then is written in one, so that nothing is ever half done; a process that dies before leaves nothing behind.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.access.actor import Actor
from app.core import clock
from app.core.db import Database
from app.residents import rules, service, sheets
from app.residents.rules import Stage

#: How often the page that waits gets something new to read.
BEAT_SECONDS = 0.3


class Waiting:
    """Tells whoever waits for an import how far it is; each word is committed at once."""

    def __init__(self, database: Database, *, community_code: str, import_id: uuid.UUID) -> None:
        self._database, self._code, self._id = database, community_code, import_id
        self._stage, self._last = Stage.READING, 0.0

    def say(self, stage: Stage, done: int = 0, of: int = 0) -> None:
        """Say it if the stage is another one, or the last word is old enough."""
        if stage is self._stage and time.monotonic() - self._last < BEAT_SECONDS:
            return
        with self._database.writing() as session:
            service.note_progress(
                session, community_code=self._code, import_id=self._id, stage=stage, done=done, of=of
            )
        self._stage, self._last = stage, time.monotonic()

    def at(self, stage: Stage, of: int = 0) -> Callable[[int], None]:
        """What a loop over rows calls with how many are done."""
        return lambda done: self.say(stage, done, of)


def preview(
    database: Database, *, community_code: str, import_id: uuid.UUID, file_name: str, raw: bytes, actor: Actor
) -> service.Import:
    """Read an uploaded roster and keep what it would change; nothing is changed yet.

    Raises:
        DivisionNotFound: no such community, or not yours.
        ImportIdTaken: there is an import with this id.
        RosterFileUnreadable, RosterFileTooLarge, RosterColumnsMissing, RosterEmpty: the file.
    """
    with database.reading() as session:
        service.check_preview(session, community_code=community_code, import_id=import_id, actor=actor)
    with _waiting(database, community_code, import_id) as waiting:
        waiting.say(Stage.READING)
        rows = sheets.read(raw, tick=waiting.at(Stage.READING))
        checked = rules.check_rows(rows, today=clock.today(), tick=waiting.at(Stage.CHECKING, len(rows)))
        with database.reading() as session:
            difference = service.compare(
                session, community_code=community_code, checked=checked,
                tick=waiting.at(Stage.COMPARING, len(rows)),
            )  # fmt: skip
        waiting.say(Stage.KEEPING, len(rows), len(rows))
        with database.writing() as session:
            return service.keep_preview(
                session, community_code=community_code, import_id=import_id, file_name=file_name,
                difference=difference, actor=actor,
            )  # fmt: skip


def commit(
    database: Database,
    *,
    community_code: str,
    import_id: uuid.UUID,
    skip_rows_with_errors: bool,
    actor: Actor,
) -> service.Import:
    """Make the roster what the previewed file says, all of it or nothing.

    Raises:
        ImportNotFound: there is none, or it is not yours.
        ImportWrongState: it was committed already.
        ImportHasErrors: some rows are wrong and nobody said to leave them out.
        ImportOutdated: the roster changed since the preview.
    """
    with database.reading() as session:
        service.check_commit(
            session, community_code=community_code, import_id=import_id,
            skip_rows_with_errors=skip_rows_with_errors, actor=actor,
        )  # fmt: skip
    with _waiting(database, community_code, import_id) as waiting:
        with database.reading() as session:
            plan = service.plan_commit(
                session, community_code=community_code, import_id=import_id,
                skip_rows_with_errors=skip_rows_with_errors, actor=actor,
                tick=lambda done, of: waiting.say(Stage.PREPARING, done, of),
            )  # fmt: skip
        waiting.say(Stage.WRITING, 0, plan.size)
        with database.writing() as session:
            return service.commit(
                session, community_code=community_code, import_id=import_id, plan=plan,
                skip_rows_with_errors=skip_rows_with_errors, actor=actor,
            )  # fmt: skip


@contextmanager
def _waiting(database: Database, community_code: str, import_id: uuid.UUID) -> Iterator[Waiting]:
    try:
        yield Waiting(database, community_code=community_code, import_id=import_id)
    finally:
        with database.writing() as session:
            service.end_progress(session, import_id=import_id)
