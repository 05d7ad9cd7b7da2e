"""``gongyi demo``: a believable neighbourhood to look at."""

import asyncio
import secrets

import typer

from app.access import service as access
from app.cli.settings import open_wiring, read_settings, stop
from app.core import clock, migrations
from app.demo.build import STAFF, DemoAccounts, Neighbourhood, phone_of
from app.demo.neighbourhood import COMMUNITY
from app.main import create_app
from app.wiring import Wiring


def demo() -> None:
    """Seed 花果园: a finished round with minutes, objections and requests, and an open one. Development mode only."""
    settings = read_settings()
    if not settings.development:
        stop("the demonstration has invented people in it and is for development mode only")
    settings.worker_inside = False
    wiring = open_wiring(settings)
    migrations.upgrade(wiring.database)
    accounts = DemoAccounts.load(settings.home)
    if accounts is None:
        _refuse_half_told(wiring)
        accounts = DemoAccounts({name: secrets.token_urlsafe(12) for name, *_ in STAFF})
        application = create_app(settings)
        story = Neighbourhood(application, application.state.wiring, typer.echo, clock.today())
        asyncio.run(story.tell(accounts))
        accounts.save(settings.home)  # only a story told to its end is found again
    _how_to_sign_in(settings.public_url.rstrip("/"), accounts)


def _refuse_half_told(wiring: Wiring) -> None:
    with wiring.database.reading() as session:
        if access.account_named(session, STAFF[0][0]) is not None:
            stop(
                f"an earlier demonstration broke off; remove the folder {wiring.settings.home} and run again"
            )


def _how_to_sign_in(url: str, accounts: DemoAccounts) -> None:
    typer.echo("")
    typer.echo(f"Residents  居民   {url}/app/?community={COMMUNITY}")
    typer.echo(
        f"           phones {phone_of(0)} to {phone_of(29)} of the demonstration; the code is shown on the page"
    )
    typer.echo(f"Console    工作台 {url}/console/   with one of these names and passwords:")
    for name, display_name, role, _ in STAFF:
        typer.echo(f"           {name:9} {accounts.passwords[name]:18} {role.value}  {display_name}")
    typer.echo(f"API        接口   {url}/docs")
    typer.echo("")
