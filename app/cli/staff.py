"""``gongyi create-staff``, ``renew-link`` and ``reset-second-factor``: what nobody is left to do in the console."""

from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from app.access import service
from app.access.actor import SYSTEM, Grant
from app.access.errors import AccountNotFound
from app.access.roles import Role
from app.access.rules import LINK_HOURS
from app.access.schemas import SignInName
from app.cli.settings import open_wiring, stop, stop_with
from app.core.errors import DomainError
from app.core.text import Code12, Line


def create_staff(
    name: Annotated[str, typer.Option(help="Sign-in name: small letters, digits, dot, dash, underscore.")],
    role: Annotated[Role, typer.Option(help="What the account may do.")],
    division: Annotated[str, typer.Option(help="12-digit code of where; 000000000000 is everywhere.")],
    display_name: Annotated[
        str, typer.Option(help="The name colleagues see; the sign-in name if left out.")
    ] = "",
) -> None:
    """Make a staff account and print the one-time link with which its owner chooses a password.

    Works on the database, without a running service: this is how the first administrators come in. Who has the server
    has everything, so the link needs no second administrator's code, as one made in the console does.
    """
    name = _checked(SignInName, name, "--name")
    division = _checked(Code12, division, "--division")
    display_name = _checked(Line, display_name or name, "--display-name")
    wiring = open_wiring()
    try:
        with wiring.database.writing() as session:
            _, link = service.create_staff(
                session, name=name, display_name=display_name, actor=SYSTEM, grants=[Grant(role, division)]
            )
    except DomainError as error:
        stop_with(error)
    finally:
        wiring.database.dispose()
    _print_link(wiring.settings.public_url, link, name)


def renew_link(
    name: Annotated[str, typer.Option(help="Sign-in name of whose password is lost.")],
) -> None:
    """Print a new one-time link with which somebody chooses a password; links made before end.

    For the last administrators. Where there are two others, one makes a link in the console and the other its code.
    """
    wiring = open_wiring()
    try:
        with wiring.database.writing() as session:
            account = service.account_named(session, name)
            if account is None:
                raise AccountNotFound
            link = service.renew_link(session, account_id=account.id, actor=SYSTEM)
    except DomainError as error:
        stop_with(error)
    finally:
        wiring.database.dispose()
    _print_link(wiring.settings.public_url, link, name)


def reset_second_factor(
    name: Annotated[str, typer.Option(help="Sign-in name of whose phone and recovery codes are lost.")],
) -> None:
    """Forget somebody's authenticator app and sign them out; they set up a new one when they come.

    For the last administrators. Where there are two others, one proposes it in the console and the other confirms.
    """
    wiring = open_wiring()
    try:
        with wiring.database.writing() as session:
            account = service.account_named(session, name)
            if account is None:
                raise AccountNotFound
            service.reset_second_factor(session, account_id=account.id, actor=SYSTEM)
    except DomainError as error:
        stop_with(error)
    finally:
        wiring.database.dispose()
    typer.echo(f"{name} signs in with the password alone now, and sets up a new app.")


def _print_link(public_url: str, link: str, name: str) -> None:
    typer.echo(f"{public_url.rstrip('/')}/console/#/link/{link}")
    typer.echo(f"Give this link to {name}; it works once, for {LINK_HOURS} hours.", err=True)


def _checked(kind: Any, value: str, option: str) -> str:  # noqa: ANN401 - an annotated type
    try:
        return str(TypeAdapter(kind).validate_python(value))
    except ValidationError as error:
        stop(f"{option}: {error.errors()[0]['msg']}")
