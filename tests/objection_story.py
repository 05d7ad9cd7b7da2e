"""A household's objection and those who work on it: what tests of objections begin from."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient

from app.access.models import Account
from app.access.roles import Role
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, SUBDISTRICT, Story, ok, phone

WORDS = "金丝雀：灯会照进我家卧室"
#: A Tuesday, eleven in the morning in Beijing.
FILED = dt.datetime(2026, 6, 2, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@dataclass
class Case:
    story: Story
    project: str
    id: str
    household: Headers
    officer: Headers
    mediator: Headers
    mediator_id: uuid.UUID

    def post(self, verb: str, who: Headers, body: object = None, **headers: str) -> Any:
        path = f"/api/v1/objections/{self.id}/{verb}"
        return self.story.client.post(path, json=body, headers={**who, **headers})

    def mine(self, *, language: str = "en") -> dict[str, Any]:
        path = f"/api/v1/me/objections/{self.id}"
        headers = {**self.story.resident(3), "Accept-Language": language}
        found: dict[str, Any] = ok(self.story.client.get(path, headers=headers))
        return found

    def home(self) -> Headers:
        """The household, signed in at this moment."""
        return self.story.resident(3)

    def at_work(self) -> Headers:
        """The mediator, signed in at this moment."""
        return self.signed_in(self.mediator_id)

    def officer_now(self) -> Headers:
        """An officer of the sub-district, signed in at this moment."""
        return self.story.callers.staff(Role.OBJECTION_OFFICER, SUBDISTRICT)

    def signed_in(self, account_id: uuid.UUID) -> Headers:
        callers = self.story.callers
        with callers.database.writing() as session:
            account = session.get(Account, account_id)
            assert account is not None
            return callers.headers(callers._actor(session, account))

    def assign(self, mediator_id: uuid.UUID | None = None, by: Headers | None = None) -> Any:
        body = {"mediator_id": str(mediator_id or self.mediator_id)}
        return self.post("assign", by or self.officer, body)

    def offer(self, text: str = "灯罩朝下", **more: Any) -> dict[str, Any]:
        return self.note("offer", text, **more)

    def note(self, kind: str, text: str = "记一下", **more: Any) -> dict[str, Any]:
        """What the mediator writes down at this moment."""
        entry: dict[str, Any] = ok(self.write(kind, text, **more))
        return entry

    def write(self, kind: str, text: str = "记一下", **more: Any) -> Any:
        return self.post("entries", self.at_work(), {"kind": kind, "text": text, **more})

    def opened(self, who: Headers, purpose: str = "看一下进展") -> dict[str, Any]:
        found: dict[str, Any] = ok(self.post("views", who, {"purpose": purpose}))
        return found

    def volunteer(self, number: int) -> uuid.UUID:
        """A neighbour who agrees to help; the account."""
        path = f"/api/v1/me/volunteering/{COMMUNITY}"
        ok(self.story.client.put(path, headers=self.story.resident(number)))
        found = self.story.callers.resident_actor(phone(number)).account_id
        assert found is not None
        return found


def a_case(client: TestClient, callers: Callers) -> Case:
    """Filed by the fourth of twelve households; an officer of the sub-district and a mediator are at work."""
    story = Story(client, callers).with_residents(12)
    (project,) = story.published_projects([500_000])
    household = story.resident(3)
    body = {"grounds": WORDS, "effect": "睡不好", "would_help": "换个位置"}
    filed = ok(client.post(f"/api/v1/projects/{project}/objections", json=body, headers=household))
    mediator = callers.staff_actor(Role.MEDIATOR, COMMUNITY, name=f"调解员 周敏{uuid.uuid4().hex[:4]}")
    assert mediator.account_id is not None
    return Case(
        story, project, filed["id"], household, callers.staff(Role.OBJECTION_OFFICER, SUBDISTRICT),
        callers.headers(mediator), mediator.account_id,
    )  # fmt: skip
