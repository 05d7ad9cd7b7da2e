"""``gongyi serve`` and ``gongyi work``: the web process and the worker."""

import errno
import gc
import signal
import socket
from typing import Annotated

import typer
import uvicorn

from app.cli.settings import open_wiring, read_settings, stop
from app.core.config import UnsafeSettings, is_private_host
from app.core.logging import configure
from app.main import create_app
from app.worker import Worker

SHUTDOWN_SECONDS = 20


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    worker: Annotated[bool, typer.Option(help="Run a worker inside this process too.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say whether the port is free.")] = False,
) -> None:
    """Serve the API and the pages."""
    _refuse_taken(host, port)
    if check:
        return
    settings = read_settings()
    if worker:
        settings.worker_inside = True
    if settings.development and not is_private_host(host):
        stop(f"development mode shows sign-in codes and does not listen on {host}")
    try:
        application = create_app(settings)
    except UnsafeSettings as error:
        stop(str(error))
    # What was made until now lives as long as the process: the collector, which would look through it for a tenth of a
    # second in the middle of a busy minute, leaves it out.
    gc.collect()
    gc.freeze()
    typer.echo(
        f"Pages: http://{host}:{port}/app/    API: http://{host}:{port}/docs    stop with Ctrl-C", err=True
    )
    uvicorn.run(
        application, host=host, port=port, access_log=False, server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS, log_level="warning",
    )  # fmt: skip


def _refuse_taken(host: str, port: int) -> None:
    """Stop where somebody listens already: said before anything is prepared, and in one line."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            stop(f"port {port} is taken; use another one: make run PORT={port + 1}")
        # anything else the server itself says better


def work() -> None:
    """Handle events and what is due by the clock, until told to stop."""
    configure()
    wiring = open_wiring()
    running = Worker(wiring)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: running.ask_to_stop())
    running.run()
    wiring.database.dispose()
