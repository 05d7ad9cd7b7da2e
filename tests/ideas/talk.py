"""A neighbourhood that talks: residents who post, endorse and comment."""

import io
import uuid
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from PIL import Image
from sqlmodel import select

from app.core.db import Database
from app.outbox.models import OutboxMessage
from tests.callers import Headers
from tests.story import COMMUNITY, Story, ok, phone

IDEAS = "/api/v1/ideas"


@dataclass
class Talk:
    """Who talks, and how."""

    story: Story

    @property
    def client(self) -> TestClient:
        return self.story.client

    def words(self, title: str = "南门装一个路灯", **changes: Any) -> dict[str, Any]:
        return {
            "community_code": COMMUNITY,
            "title": title,
            "words": "晚上太黑，老人看不清台阶。",
            "place": "南门",
            "category": "lighting_safety",
        } | changes

    def post(self, number: int, title: str = "南门装一个路灯", **changes: Any) -> dict[str, Any]:
        body = self.words(title, **changes)
        made: dict[str, Any] = ok(
            self.client.put(f"{IDEAS}/{uuid.uuid4()}", json=body, headers=self.story.resident(number))
        )
        return made

    def endorse(self, idea_id: str, *numbers: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number in numbers:
            found = ok(
                self.client.put(f"{IDEAS}/{idea_id}/my-endorsement", headers=self.story.resident(number))
            )
        return found

    def read(self, idea_id: str, who: Headers | None = None) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.client.get(f"{IDEAS}/{idea_id}", headers=who or {}))
        return found

    def act(self, idea_id: str, verb: str, who: Headers, body: object = None) -> Any:
        return self.client.post(f"{IDEAS}/{idea_id}/{verb}", json=body, headers=who)

    def titles(self, who: Headers | None = None, **params: Any) -> list[str]:
        found = ok(self.client.get(IDEAS, params={"community": COMMUNITY, **params}, headers=who or {}))
        return [each["title"] for each in found["items"]]

    def ask_for(self, endorsements: int, **changes: Any) -> None:
        from app.core import clock

        body = {"valid_from": clock.today().isoformat(), "endorsements_needed": endorsements} | changes
        path = f"/api/v1/communities/{COMMUNITY}/idea-policies"
        ok(self.client.post(path, json=body, headers=self.story.chair))

    def say(self, number: int, subject_id: str, words: str = "支持！", **changes: Any) -> dict[str, Any]:
        made: dict[str, Any] = ok(self.saying(self.story.resident(number), subject_id, words, **changes))
        return made

    def saying(self, who: Headers, subject_id: str, words: str = "支持！", **changes: Any) -> Any:
        body = {"kind": "idea", "subject_id": subject_id, "words": words} | changes
        return self.client.put(f"/api/v1/comments/{uuid.uuid4()}", json=body, headers=who)

    def conversation(
        self, subject_id: str, who: Headers | None = None, *, kind: str = "idea", **params: Any
    ) -> dict[str, Any]:
        params = {"kind": kind, "subject_id": subject_id, **params}
        found: dict[str, Any] = ok(self.client.get("/api/v1/comments", params=params, headers=who or {}))
        return found


DECLINE = {"code": "somebody_else_liable", "reason": "归开发商保修，已经去函。"}
PROJECT = {
    "title": "南门路灯", "description": "装两盏路灯。", "category": "lighting_safety", "place": "南门",
    "delivery_kind": "infrastructure",
    "cost_items": [{"kind": "works", "description": "施工", "amount_fen": 680_000}],
}  # fmt: skip


def events(database: Database, name: str) -> list[dict[str, Any]]:
    with database.reading() as session:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.name == name)).all()
        return [row.payload for row in rows]


def accounts(talk: Talk, *numbers: int) -> set[str]:
    return {str(talk.story.callers.resident_actor(phone(number)).account_id) for number in numbers}


def picture(colour: str = "red") -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (2000, 1000), colour)
    exif = Image.Exif()
    exif[0x010F] = "金丝雀相机"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()
