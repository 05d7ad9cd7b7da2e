"""The residents' app in a real Chromium."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from app.core.config import Mode, Settings
from app.main import create_app
from tests.servers import Server


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh tab of a phone's size, in a context of its own."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    opened = context.new_page()
    yield opened
    context.close()


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
