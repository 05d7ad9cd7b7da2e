"""A post office that remembers what it carried."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from fastapi.testclient import TestClient

from app.access.ports import NotSubscribed
from app.core import clock
from app.core.db import Database
from app.notices import tasks
from app.notices.ports import Channels
from app.outbox.service import Refused
from tests.callers import Callers
from tests.story import Story

#: A Tuesday, eleven in the morning in Beijing.
MORNING = dt.datetime(2026, 6, 2, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


class PowerCut(BaseException):
    """The process is gone at this point."""


@dataclass
class Post:
    """Both channels at once; ``trouble`` may raise before a message is taken."""

    sms: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    wechat: list[tuple[str, str, str, dict[str, str]]] = field(default_factory=list)
    not_subscribed: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    trouble: Callable[[], None] = lambda: None

    def send_code(self, *, phone: str, code: str) -> None:
        raise AssertionError((phone, code))

    def send_notice(self, *, phone: str, template: str, params: Mapping[str, str]) -> None:
        if phone in self.refused:
            raise Refused(phone)
        self.trouble()
        self.sms.append((phone, template, dict(params)))

    def send_subscribe_message(
        self, *, openid: str, template: str, page: str, fields: Mapping[str, str]
    ) -> None:
        if openid in self.not_subscribed:
            raise NotSubscribed
        self.trouble()
        self.wechat.append((openid, template, page, dict(fields)))

    @property
    def phones(self) -> list[str]:
        return sorted(phone for phone, _, _ in self.sms)

    def channels(self, *, wechat: bool = True, sms: bool = True) -> Channels:
        return Channels(
            sms=self if sms else None,
            wechat=self if wechat else None,
            templates={"result": "template-r", "reminder": "template-m"},
            address="https://vote.example",
        )

    def deliver(self, database: Database, *, channels: Channels | None = None, most: int = 100) -> int:
        """Work until nobody is to be told; how many pieces it took."""
        for done in range(most):
            if not tasks.deliver_due(database, channels=channels or self.channels(), keep_going=lambda: True):
                return done
        return most


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    clock.set_frozen(MORNING)
    return Story(client, callers).with_residents(6)
