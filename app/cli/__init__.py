"""The command line, one file a command."""

import typer

from app.cli.compare import compare
from app.cli.demo import demo
from app.cli.maintain import audit_app, migrate, new_secret
from app.cli.monitor import monitor
from app.cli.places import places
from app.cli.receiver import receiver
from app.cli.recorded import verify_recorded
from app.cli.replay import replay
from app.cli.serve import serve, work
from app.cli.staff import create_staff
from app.cli.tally import tally
from app.cli.verify import verify

app = typer.Typer(no_args_is_help=True, help="Gongyi 共议: participatory voting for urban neighbourhoods.")
app.command()(serve)
app.command()(work)
app.command()(new_secret)
app.command()(migrate)
app.command()(create_staff)
app.command()(demo)
app.command()(tally)
app.command()(compare)
app.command()(verify)
app.command()(verify_recorded)
app.command()(monitor)
app.command()(replay)
app.command()(receiver)
app.add_typer(audit_app, name="audit")
app.add_typer(places, name="places")


def main() -> None:
    """Entry point of the ``gongyi`` command."""
    app()
