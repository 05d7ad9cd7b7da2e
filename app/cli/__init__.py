"""The command line, one file a command."""

import sys
from collections.abc import Iterable
from importlib import import_module

import typer

#: Command -> where it is; a ``Typer`` there has commands of its own. In the order of ``gongyi --help``.
COMMANDS = {
    "serve": "serve:serve",
    "work": "serve:work",
    "new-secret": "maintain:new_secret",
    "migrate": "maintain:migrate",
    "create-staff": "staff:create_staff",
    "renew-link": "staff:renew_link",
    "reset-second-factor": "staff:reset_second_factor",
    "demo": "demo:demo",
    "tally": "tally:tally",
    "compare": "compare:compare",
    "verify": "verify:verify",
    "verify-recorded": "recorded:verify_recorded",
    "monitor": "monitor:monitor",
    "replay": "replay:replay",
    "receiver": "receiver:receiver",
    "wechat-stand-in": "wechat:wechat_stand_in",
    "audit": "maintain:audit_app",
    "places": "places:places",
}


def commands(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with these commands."""
    app = typer.Typer(
        no_args_is_help=True, help="Gongyi 共议: participatory voting for urban neighbourhoods."
    )
    app.callback()(lambda: None)  # commands are named even where there is only one
    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        found = getattr(import_module(f"app.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def main() -> None:
    """Entry point of the ``gongyi`` command: only what is asked for is loaded, so that a server stays small."""
    asked = [name for name in sys.argv[1:2] if name in COMMANDS]
    commands(asked or COMMANDS)()
