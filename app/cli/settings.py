"""What every command does first: read the settings, or say in one line why it cannot go on."""

from typing import NoReturn

import typer

from app.core.config import Settings, UnsafeSettings
from app.core.errors import DomainError
from app.wiring import Wiring, wire

#: The command was understood but its input or the settings are not usable.
BAD_INPUT = 2


def read_settings() -> Settings:
    """The settings of this environment; a mistake in them ends the command."""
    try:
        return Settings()
    except (ValueError, UnsafeSettings) as error:
        stop(f"settings: {error}")


def open_wiring(settings: Settings | None = None) -> Wiring:
    """The parts of this process; unsafe settings end the command."""
    try:
        return wire(settings or read_settings())
    except UnsafeSettings as error:
        stop(str(error))


def stop(message: str) -> NoReturn:
    """End the command with one line on standard error."""
    typer.echo(message, err=True)
    raise typer.Exit(BAD_INPUT)


def stop_with(error: DomainError) -> NoReturn:
    """End the command with what a person is told about an error."""
    stop(f"{error.sentence('en')} ({type(error).code})")
