"""``gongyi serve`` and ``gongyi work``: the web process and the worker."""

import signal
from typing import Annotated, NoReturn

import typer
import uvicorn

from app.core.config import Settings, UnsafeSettings, is_private_host
from app.core.logging import configure
from app.main import create_app
from app.wiring import wire
from app.worker import Worker

SHUTDOWN_SECONDS = 20


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    worker: Annotated[bool, typer.Option(help="Run a worker inside this process too.")] = False,
) -> None:
    """Serve the API and the pages."""
    settings = _settings()
    if worker:
        settings.worker_inside = True
    if settings.development and not is_private_host(host):
        _stop(f"development mode shows sign-in codes and does not listen on {host}")
    try:
        application = create_app(settings)
    except UnsafeSettings as error:
        _stop(str(error))
    uvicorn.run(
        application, host=host, port=port, access_log=False, server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS, log_level="warning",
    )  # fmt: skip


def work() -> None:
    """Handle events and what is due by the clock, until told to stop."""
    configure()
    try:
        wiring = wire(_settings())
    except UnsafeSettings as error:
        _stop(str(error))
    running = Worker(wiring)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: running.ask_to_stop())
    running.run()
    wiring.database.dispose()


def _settings() -> Settings:
    try:
        return Settings()
    except (ValueError, UnsafeSettings) as error:
        _stop(f"settings: {error}")


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)
