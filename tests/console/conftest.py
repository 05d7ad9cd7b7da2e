"""The console in a real Chromium: who works at it, and the service behind it."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from app.access.actor import Actor
from app.access.roles import Role
from app.core.config import Mode, Settings
from app.main import create_app
from app.worker import Worker
from tests.callers import Callers, Headers
from tests.servers import Server
from tests.story import Story

DESKTOP: ViewportSize = {"width": 1366, "height": 768}


@dataclass
class Office:
    """A service with nobody's data in it yet, and desks for those who work with it."""

    server: Server
    chromium: Browser
    callers: Callers
    client: TestClient
    opened: list[BrowserContext] = field(default_factory=list)

    @property
    def story(self) -> Story:
        """A committee with its own clerk and chair, whose calls go round the browser."""
        return Story(self.client, self.callers)

    def staff(self, role: Role, over: str, *, name: str | None = None, also: tuple[Role, ...] = ()) -> Actor:
        """Somebody who may sit down at a desk."""
        return self.callers.staff_actor(role, over, name=name, also=also)

    def headers(self, actor: Actor) -> Headers:
        """For calls in the same person's name round the browser."""
        return self.callers.headers(actor)

    def desk(self, actor: Actor, path: str = "/", *, language: str = "zh-CN") -> Page:
        """A browser of their own, signed in, at an address of the console."""
        token = self.callers.headers(actor)["Authorization"].removeprefix("Bearer ")
        return open_desk(
            self.chromium, self.server.url, token, str(actor.account_id), path, language, self.opened
        )

    def drain(self) -> int:
        """Let a worker do everything that is due now; how much it was."""
        return Worker(self.server.app.state.wiring).drain()


def open_desk(
    chromium: Browser,
    url: str,
    token: str,
    account_id: str,
    path: str,
    language: str,
    opened: list[BrowserContext],
) -> Page:
    context = chromium.new_context(viewport=DESKTOP, locale=language, accept_downloads=True)
    opened.append(context)
    kept = {"access": token, "refresh": None, "until": int(time.time() * 1000) + 550_000, "who": account_id}
    context.add_init_script(
        f"localStorage.setItem('gongyi-console.session', {json.dumps(json.dumps(kept))});"
        f"localStorage.setItem('gongyi-console.language', {json.dumps(json.dumps(language))});"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{url}/console/#{path}")
    return page


@pytest.fixture
def office(
    sqlite_template: Path, tmp_path: Path, chromium: Browser, built: Path, built_console: Path
) -> Iterator[Office]:
    """On SQLite, in development mode."""
    copy = tmp_path / "gongyi.db"
    shutil.copyfile(sqlite_template, copy)
    settings = Settings(
        mode=Mode.DEVELOPMENT, home=tmp_path, database_url=f"sqlite:///{copy}", frontend=built,
        console=built_console, resamples=3,
    )  # fmt: skip
    app = create_app(settings)
    with Server(app) as running, TestClient(create_app(settings)) as client:
        office = Office(running, chromium, Callers(app, app.state.wiring.database), client)
        yield office
        for context in office.opened:
            context.close()
