"""The command line, one file a command."""

import typer

from app.cli.serve import serve, work

app = typer.Typer(no_args_is_help=True, help="Gongyi 共议: participatory voting for urban neighbourhoods.")
app.command()(serve)
app.command()(work)


def main() -> None:
    """Entry point of the ``gongyi`` command."""
    app()
