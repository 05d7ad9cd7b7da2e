"""``gongyi places``: the division tree."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.settings import open_wiring, stop
from app.core import clock
from app.places import service
from app.places.errors import DivisionFileMalformed

places = typer.Typer(
    no_args_is_help=True, help="The division tree: 12-digit codes from province to community."
)


@places.command()
def seed() -> None:
    """Add the built-in divisions: Chengdu, Guiyang-Nanming, Xiamen-Haicang, Taicang."""
    wiring = open_wiring()
    with wiring.database.writing() as session:
        fresh = service.seed(session)
    typer.echo(f"{fresh} new divisions")


@places.command(name="import")
def import_(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV with the columns code and name.")
    ],
    edition: Annotated[str, typer.Option(help="Which list this is.")] = "public list",
) -> None:
    """Add the divisions of a public list; go from the top: provinces, cities, areas, streets, villages."""
    wiring = open_wiring()
    try:
        with wiring.database.writing() as session, file.open(encoding="utf-8-sig", newline="") as table:
            fresh = service.import_divisions(
                session, table=table, edition=edition[:40], valid_from=clock.today(), by="command line"
            )
    except (DivisionFileMalformed, UnicodeDecodeError) as error:
        message = (
            error.sentence("en") if isinstance(error, DivisionFileMalformed) else "the file is not UTF-8"
        )
        stop(f"{file.name}: {message}")
    typer.echo(f"{fresh} new divisions")
