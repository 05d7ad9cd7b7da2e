"""The migrations, run by our own settings: from any folder, in a container, in tests."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session

from app.core.db import Database, is_outage

if TYPE_CHECKING:
    from alembic.config import Config

_ROOT = Path(__file__).parent.parent.parent


def configuration() -> "Config":
    """Alembic's configuration, found beside the code and not in the working folder."""
    from alembic.config import Config  # noqa: PLC0415 - a process that serves does not migrate

    return Config(str(_ROOT / "alembic.ini"))


def upgrade(database: Database) -> None:
    """Bring a database to the newest revision; nothing happens when it is there already.

    Raises:
        CommandError: its revision is not one of ours.
    """
    from alembic import command  # noqa: PLC0415 - see `configuration`

    config = configuration()
    # SQLite: take the write lock at once, so that two processes that start together migrate one after the other.
    with database.engine.execution_options(begin="IMMEDIATE").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@cache
def head() -> str:
    """The newest revision this code knows: `make check` compares the file with the migrations themselves."""
    return (_ROOT / "migrations" / ".head").read_text(encoding="utf-8").strip()


def revision(session: Session) -> str | None:
    """The revision a database is at; nothing when it was never migrated."""
    try:
        found = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except (OperationalError, ProgrammingError) as error:
        if isinstance(error, OperationalError) and is_outage(error):
            raise
        return None  # the table is missing: SQLite and PostgreSQL have different names for that
    return None if found is None else str(found)
