"""A real Chromium, started once."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from app.core.config import Mode, Settings
from app.main import create_app
from app.pages import BUILT
from tests.servers import Server

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


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


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh tab of a phone's size, in a context of its own."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    opened = context.new_page()
    yield opened
    context.close()


@pytest.fixture(scope="session")
def built() -> Path:
    """The residents' app as `make frontend` built it, or where GONGYI_FRONTEND says."""
    folder = Path(os.environ.get("GONGYI_FRONTEND") or BUILT)
    assert (folder / "index.html").is_file(), "the front end has not been built: make frontend"
    return folder


@pytest.fixture
def server(sqlite_template: Path, tmp_path: Path, built: Path) -> Iterator[Server]:
    """The service on a fresh SQLite database in development mode; ``server.app.state.wiring`` seeds it."""
    copy = tmp_path / "gongyi.db"
    shutil.copyfile(sqlite_template, copy)
    settings = Settings(
        mode=Mode.DEVELOPMENT, home=tmp_path, database_url=f"sqlite:///{copy}", frontend=built
    )
    with Server(create_app(settings)) as running:
        yield running
