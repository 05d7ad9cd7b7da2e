"""``gongyi new-secret``, ``gongyi migrate``, ``gongyi audit verify``: what an operator runs."""

import typer
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

from app.audit import service as audit
from app.cli.settings import open_wiring, read_settings, stop
from app.core import config, migrations
from app.core.db import Database

audit_app = typer.Typer(no_args_is_help=True, help="The hash-chained record of every act.")


def new_secret() -> None:
    """Print a fresh secret for GONGYI_TOKEN_KEY, GONGYI_DATA_KEY or GONGYI_SIGNING_KEY (a different one for each)."""
    typer.echo(config.new_secret())


def migrate() -> None:
    """Bring the database to the tables of this version; doing it again changes nothing."""
    database = Database(read_settings().database_url)
    try:
        migrations.upgrade(database)
    except (CommandError, OperationalError) as error:
        stop(f"the database was not migrated: {getattr(error, 'orig', None) or error}")
    finally:
        database.dispose()
    typer.echo(f"The database is at revision {migrations.head()}.")


@audit_app.command()
def verify() -> None:
    """Recompute every chain of the record; exit 0 when all hold, 1 when one does not."""
    wiring = open_wiring()
    with wiring.database.reading() as session:
        reports = audit.verify(session)
    wiring.database.dispose()
    for report in reports:
        if report.holds:
            typer.echo(f"{report.chain}  holds   {report.length} entries, head {report.head}")
        else:
            typer.echo(f"{report.chain}  BROKEN  at entry {report.broken_at}: {report.reason}")
    broken = sum(not report.holds for report in reports)
    typer.echo(f"{len(reports)} chains, {broken} broken.")
    if broken:
        raise typer.Exit(1)
