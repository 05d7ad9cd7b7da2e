"""The migrations, run by our own settings: from any folder, in a container, in tests."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session

from app.core.db import Database, is_outage

_ROOT = Path(__file__).parent.parent.parent


def configuration() -> Config:
    """Alembic's configuration, found beside the code and not in the working folder."""
    return Config(str(_ROOT / "alembic.ini"))


def upgrade(database: Database) -> None:
    """Bring a database to the newest revision; nothing happens when it is there already.

    Raises:
        CommandError: its revision is not one of ours.
    """
    config = configuration()
    # SQLite: take the write lock at once, so that two processes that start together migrate one after the other.
    with database.engine.execution_options(begin="IMMEDIATE").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@cache
def head() -> str:
    """The newest revision this code knows.

    Raises:
        CommandError: there is none, or more than one.
    """
    found = ScriptDirectory.from_config(configuration()).get_current_head()
    if found is None:
        raise CommandError("there are no migrations")
    return found


def revision(session: Session) -> str | None:
    """The revision a database is at; nothing when it was never migrated."""
    try:
        found = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except (OperationalError, ProgrammingError) as error:
        if isinstance(error, OperationalError) and is_outage(error):
            raise
        return None  # the table is missing: SQLite and PostgreSQL have different names for that
    return None if found is None else str(found)
