"""``gongyi replay``: a real election, cast again through every door of the service."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlmodel import Session

from app.access import service as access
from app.access.actor import SYSTEM, Grant
from app.access.divisions import WHOLE_COUNTRY
from app.access.roles import Role
from app.ballots.rules import cut, level_for
from app.cli.settings import stop
from app.core import clock, migrations
from app.core.config import Mode, Settings
from app.demo import replay as story
from app.demo.people import Refusal
from app.demo.processes import Processes, ProcessFailed, free_port
from app.demo.replay import NotReplayable, Outcome, Receiver
from app.places import service as places
from app.tally import CountInput, Project, RuleSpec, count
from app.tally.errors import BallotFileError
from app.tally.model import Points, Rule, TieOrder
from app.tally.pabulib import Election, read
from app.wiring import wire

_console = Console(stderr=True)


@dataclass(frozen=True)
class Stage:
    """A running service and two administrators' ways in."""

    base_url: str
    #: Name and password of each.
    admins: tuple[tuple[str, str], tuple[str, str]]
    processes: Processes
    folder: Path


def replay(  # noqa: PLR0917 - Typer passes options by name
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A Pabulib file with ranked ballots.")
    ],
    base_url: Annotated[
        str | None, typer.Option(help="A running service in development mode; otherwise one is started.")
    ] = None,
    voters: Annotated[int | None, typer.Option(min=1, help="Cast only the first so many ballots.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Residents voting at the same time.")] = 16,
    admin: Annotated[str, typer.Option(help="With --base-url: an administrator's sign-in name.")] = "admin",
    second_admin: Annotated[
        str, typer.Option(help="With --base-url: another administrator's, who confirms.")
    ] = "admin2",
    database_url: Annotated[
        str | None, typer.Option(help="Without --base-url: another database than fresh SQLite.")
    ] = None,
) -> None:
    """Cast a real election again over HTTP and compare the outcome with the official one.

    With --base-url the passwords are read from GONGYI_ADMIN_PASSWORD and GONGYI_SECOND_ADMIN_PASSWORD.

    Exit code 0: every ballot was accepted, every funding request arrived, and the outcome equals the official one (or
    the file names none); 1: something of this is not so; 2: bad input.
    """
    try:
        election = read(file.read_bytes())
        ballots = story.voters_of(election, voters)
    except BallotFileError as error:
        stop(f"{file.name}: {error} ({error.code})")
    except NotReplayable as error:
        stop(f"{file.name}: {error}")
    try:
        with _stage(base_url, (admin, second_admin), database_url) as stage:
            outcome, received = _run(stage, election, voters, len(ballots), concurrency)
    except (ProcessFailed, Refusal, httpx.HTTPError, TimeoutError, NotReplayable) as error:
        typer.echo(f"the replay broke off: {error}", err=True)
        raise typer.Exit(1) from error
    raise typer.Exit(0 if _report(election, ballots, outcome, received, whole=voters is None) else 1)


def _run(
    stage: Stage, election: Election, voters: int | None, total: int, concurrency: int
) -> tuple[Outcome, int]:
    port = free_port()
    receiver = story.new_receiver(port)

    def start_receiver(webhook_key: str) -> None:
        start(stage, receiver, port, webhook_key)

    columns = (TextColumn("ballots"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_console, transient=True) as bar:
        task = bar.add_task("ballots", total=total)
        return asyncio.run(
            story.run(
                base_url=stage.base_url, admins=stage.admins, election=election, voters=voters,
                concurrency=concurrency, receiver=receiver,
                start_receiver=start_receiver, say=_console.print,
                progress=lambda steps: bar.advance(task, steps),
            )
        )  # fmt: skip


def start(stage: Stage, receiver: Receiver, port: int, webhook_key: str) -> None:
    """Start the stand-in for the sub-district's system."""
    key = stage.folder / "receiver-key.pem"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.touch(mode=0o600)
    key.write_text(receiver.private_key_pem)
    stage.processes.start(
        "receiver", "receiver", "--port", str(port), "--base-url", stage.base_url, "--client-id", receiver.client_id,
        "--key", str(key), "--webhook-key", webhook_key, "--store", str(stage.folder / "received"),
    )  # fmt: skip
    stage.processes.wait_until_up("receiver", f"http://127.0.0.1:{port}/healthz")


@contextmanager
def _stage(base_url: str | None, admins: tuple[str, str], database_url: str | None) -> Iterator[Stage]:
    home = Path(os.environ.get("GONGYI_HOME", "var"))
    stamp = clock.now().strftime("%Y%m%d-%H%M%S")
    folder = home / "replay" / f"{stamp}-{secrets.token_hex(2)}"
    if base_url is not None:
        first = os.environ.get("GONGYI_ADMIN_PASSWORD", "")
        second = os.environ.get("GONGYI_SECOND_ADMIN_PASSWORD", "")
        if not first or not second:
            stop(
                "with --base-url two administrators' passwords must be in GONGYI_ADMIN_PASSWORD and "
                "GONGYI_SECOND_ADMIN_PASSWORD"
            )
        with Processes({}, folder) as processes:
            ways_in = ((admins[0], first), (admins[1], second))
            yield Stage(base_url.rstrip("/"), ways_in, processes, folder)
        return
    port = free_port()
    own_url = f"http://127.0.0.1:{port}"
    environment = {
        "GONGYI_MODE": Mode.DEVELOPMENT.value,
        "GONGYI_HOME": str(folder),
        "GONGYI_PUBLIC_URL": own_url,
        "GONGYI_DATABASE_URL": database_url or "",
    }
    admins_made = _prepare(folder, database_url or "")
    with Processes(environment, folder) as processes:
        processes.start("server", "serve", "--port", str(port))
        processes.start("worker", "work")
        processes.wait_until_up("server", f"{own_url}/healthz")
        yield Stage(own_url, admins_made, processes, folder)


def _prepare(folder: Path, database_url: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """A migrated database with the divisions and two administrators; returns their names and passwords."""
    settings = Settings(mode=Mode.DEVELOPMENT, home=folder, database_url=database_url)
    wiring = wire(settings)
    migrations.upgrade(wiring.database)
    with wiring.database.writing() as session:
        places.seed(session)
        made = (_administrator(session), _administrator(session))
    wiring.database.dispose()
    return made


def _administrator(session: Session) -> tuple[str, str]:
    name, password = f"replay-admin-{secrets.token_hex(4)}", secrets.token_hex(16)
    everywhere = Grant(Role.ADMINISTRATOR, WHOLE_COUNTRY)
    _, link = access.create_staff(session, name=name, display_name=name, actor=SYSTEM, grants=[everywhere])
    access.redeem_link(session, link=link, password=password)
    return name, password


def _report(
    election: Election, ballots: list[tuple[int, ...]], outcome: Outcome, received: int, *, whole: bool
) -> bool:
    """Print what came out; true when everything is as it should be."""
    names = {project.id: project.name for project in election.projects}
    typer.echo(f"ballots cast: {outcome.accepted} of {len(ballots)}")
    for line in outcome.refused[:10]:
        typer.echo(f"  {line}")
    typer.echo(f"ballots per second: {outcome.per_second:.1f} (each with a sign-in)")
    typer.echo(f"ballots published: {outcome.level}")
    typer.echo("funded, in published order:")
    for place, project_id in enumerate(outcome.funded, start=1):
        typer.echo(f"  {place:3} {project_id}  {names[project_id]}")
    typer.echo(f"requests received: {received} of {len(outcome.funded)}")
    complete = outcome.accepted == len(ballots) and received == len(outcome.funded)
    expected, what = _expected(election, ballots, whole=whole)
    if expected is None:
        typer.echo("outcome: the file names no official outcome")
        return complete
    equal = set(outcome.funded) == set(expected)
    typer.echo(f"outcome: {'equal to' if equal else 'DIFFERENT from'} {what}")
    return complete and equal


def _expected(
    election: Election, ballots: list[tuple[int, ...]], *, whole: bool
) -> tuple[frozenset[str] | None, str]:
    """What should come out: the official outcome, or for a part of the ballots our own count of that part."""
    level = level_for(len(ballots))
    published = [cut(ballot, level) for ballot in ballots]
    if whole and published == ballots:
        return election.official, "the official `selected`"
    spec = RuleSpec(Rule.GREEDY, Points.OWN_LENGTH, election.max_length, ties=TieOrder.ROW)
    listed = [Project(project.id, project.cost) for project in election.projects]
    counted = count(CountInput(listed, published, election.budget, spec))
    return frozenset(
        counted.funded
    ), f"the count of these {len(ballots)} ballots (published as {level.value})"
