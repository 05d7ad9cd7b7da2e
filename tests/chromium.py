"""A real Chromium, started once for all tests of a worker, and the demonstration for it to look at."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Error, Playwright, expect, sync_playwright

from app.core import clock, migrations, vault
from app.core.config import Mode, Settings
from app.demo.build import STAFF, DemoAccounts, Neighbourhood
from app.main import create_app
from app.pages import BUILT, BUILT_CONSOLE
from tests.servers import Server

# patience for a busy machine: what is there is seen at once all the same
expect.set_options(timeout=20_000)

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WHAT_TO_INSTALL = (
    "no Chromium here: install your system's chromium package, or: .venv/bin/playwright install chromium"
)


def machines_chromium() -> str | None:
    """Where this machine's own Chromium is, if it has one."""
    return os.environ.get("GONGYI_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The machine's own Chromium, else the one Playwright installed, else the test is skipped."""
    found = machines_chromium()
    try:
        browser = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
    except Error:
        if found is not None:
            raise
        pytest.skip(WHAT_TO_INSTALL)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def built() -> Path:
    """The residents' app as `make frontend` built it, or where GONGYI_FRONTEND says."""
    folder = Path(os.environ.get("GONGYI_FRONTEND") or BUILT)
    assert (folder / "index.html").is_file(), "the front end has not been built: make frontend"
    return folder


@pytest.fixture(scope="session")
def built_console() -> Path:
    """The console as `make frontend` built it, or where GONGYI_CONSOLE says."""
    folder = Path(os.environ.get("GONGYI_CONSOLE") or BUILT_CONSOLE)
    assert (folder / "index.html").is_file(), "the front end has not been built: make frontend"
    return folder


@dataclass(frozen=True)
class Demonstration:
    """The demonstration's neighbourhood behind a socket, and the way in for its staff."""

    server: Server
    passwords: dict[str, str]
    #: What opens its sealed fields; a process has one in use, and every other test brings its own.
    vault: vault.Vault

    @property
    def url(self) -> str:
        return self.server.url

    def service(self, who: str | None = None) -> httpx.Client:
        """The API, asked by one of the staff, or by anybody."""
        api, headers = f"{self.url}/api/v1", {}
        if who is not None:
            given = {"name": who, "password": self.passwords[who]}
            answer = httpx.post(f"{api}/auth/tokens", json=given, timeout=30).raise_for_status()
            headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return httpx.Client(base_url=api, headers=headers, timeout=30)


@pytest.fixture
def demonstration(told: Demonstration) -> Demonstration:
    """For tests that look and change nothing."""
    vault.use(told.vault)
    return told


@pytest.fixture(scope="session")
def told(
    tmp_path_factory: pytest.TempPathFactory, built: Path, built_console: Path
) -> Iterator[Demonstration]:
    """The demonstration's story, told once."""
    home = tmp_path_factory.mktemp("demonstration")
    settings = Settings(mode=Mode.DEVELOPMENT, home=home, frontend=built, console=built_console)
    app = create_app(settings)
    migrations.upgrade(app.state.wiring.database)
    accounts = DemoAccounts({name: "a password of the demonstration" for name, *_ in STAFF})
    story = Neighbourhood(app, app.state.wiring, lambda _: None, clock.today())
    # in a thread of its own: Playwright may keep a loop running in this one already
    with ThreadPoolExecutor(1) as teller:
        teller.submit(asyncio.run, story.tell(accounts)).result()
    with Server(create_app(settings)) as running:
        yield Demonstration(running, accounts.passwords, vault.current())
    shutil.rmtree(home)
