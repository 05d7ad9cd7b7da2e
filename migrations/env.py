"""How migrations run: on SQLite and PostgreSQL, one transaction, one migrator at a time."""

from typing import Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString

from app.core.config import Settings
from app.core.db import Database, EnumText, UtcDateTime
from app.core.vault import SealedText
from app.tables import metadata

#: Two processes that start together must not migrate together.
ADVISORY_LOCK = 7_206_401


def render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Spell column types in plain SQLAlchemy, so that a migration never imports the application."""
    if kind != "type":
        return False
    if isinstance(item, EnumText):
        return "sa.String(32)"
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, SealedText):
        return "sa.Text()"
    if isinstance(item, AutoString):
        return f"sa.String({item.length})" if item.length else "sa.String()"
    return False


def compare_type(
    _context: object, _column: object, _metadata_column: object, inspected: object, declared: object
) -> bool | None:
    """SQLite keeps BigInteger as written and variants as INTEGER: no difference worth a migration."""
    if isinstance(inspected, sa.Integer) and isinstance(declared, (sa.BigInteger, sa.Integer)):
        return False
    return None


def run(connection: sa.Connection) -> None:
    """Migrate over an open connection."""
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=compare_type if sqlite else True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
            connection.exec_driver_sql("SET LOCAL statement_timeout = '15min'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
        context.run_migrations()


def main() -> None:
    """Take the caller's engine or connection, else the URL of ``-x url=…`` or the settings."""
    given = context.config.attributes.get("connection")
    if isinstance(given, sa.Connection):
        run(given)
        return
    url = context.get_x_argument(as_dictionary=True).get("url")
    database = None if isinstance(given, sa.Engine) else Database(url or Settings().database_url)
    engine = given if database is None else database.engine
    assert engine is not None
    with engine.connect() as connection:
        run(connection)
        connection.commit()
    if database is not None:
        database.dispose()


main()
