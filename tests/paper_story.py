"""A round that people vote in on paper, told through the API: what tests of paper, and of the box, begin from."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlmodel import select

from app.access.roles import Role
from app.paper.models import PaperSheet
from tests.callers import Headers
from tests.story import Story, ok

#: What a sheet says: printed numbers, best first, or why it is void.
Says = Sequence[int] | str


def line(serial: str, says: Says) -> dict[str, Any]:
    """A sheet as it is keyed."""
    return (
        {"serial": serial, "void": says}
        if isinstance(says, str)
        else {"serial": serial, "numbers": list(says)}
    )


@dataclass
class PaperStory:
    """The desk, the urn and the keying of one round."""

    story: Story
    round_id: str
    first: Headers = field(init=False)
    second: Headers = field(init=False)
    third: Headers = field(init=False)
    supervisor: Headers = field(init=False)
    _subjects: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        callers, community = self.story.callers, self.story.community
        self.first, self.second = (callers.staff(Role.RC_STAFF, community) for _ in range(2))
        self.third = self.supervisor = callers.staff(Role.SUPERVISOR, community)

    def batch(self, sheets: int = 20, label: str = "活动室 周六", **changes: Any) -> str:
        """A batch of sheets, made by the clerk."""
        body = {"community_code": self.story.community, "label": label, "sheets": sheets} | changes
        path = f"/api/v1/rounds/{self.round_id}/paper-batches"
        return str(ok(self.story.client.post(path, json=body, headers=self.story.clerk))["id"])

    def serials(self, batch_id: str) -> list[str]:
        """What is printed on the sheets of a batch; the API says it on paper alone."""
        with self.story.callers.database.reading() as session:
            return list(
                session.exec(
                    select(PaperSheet.serial)
                    .where(PaperSheet.batch_id == uuid.UUID(batch_id))
                    .order_by(PaperSheet.serial)
                )
            )

    def at_the_desk(self, number: int, *, who: Headers | None = None) -> httpx.Response:
        """The door of a resident of `Story.with_residents`, looked up."""
        params = {
            "community": self.story.community,
            "building": f"{number // 20 + 1}栋",
            "unit": "1单元",
            "room": f"{number % 20 + 1:02d}01",
        }
        path = f"/api/v1/rounds/{self.round_id}/paper-desk"
        answer: httpx.Response = self.story.client.get(path, params=params, headers=who or self.story.clerk)
        return answer

    def subject(self, number: int) -> str:
        """Who stands at the desk: their id, or their household's."""
        if number not in self._subjects:
            building = number // 20
            params = {"community": self.story.community, "building": f"{building + 1}栋"}
            path = f"/api/v1/rounds/{self.round_id}/paper-desk"
            for each in ok(self.story.client.get(path, params=params, headers=self.story.clerk))["items"]:
                room = int(each["dwelling"].split(" ")[-1][:-2])
                self._subjects[building * 20 + room - 1] = str(each["subject_id"])
        return self._subjects[number]

    def sign_in(self, batch_id: str, number: int) -> httpx.Response:
        """A resident asks for a sheet."""
        answer: httpx.Response = self.story.client.post(
            f"/api/v1/paper-batches/{batch_id}/sign-ins",
            json={"subject_id": self.subject(number)},
            headers=self.story.clerk,
        )
        return answer

    def undo(self, batch_id: str, entry_id: str, reason: str = "点错了人") -> httpx.Response:
        """The clerk clicked the wrong person."""
        answer: httpx.Response = self.story.client.post(
            f"/api/v1/paper-batches/{batch_id}/sign-ins/{entry_id}/undo",
            json={"reason": reason},
            headers=self.story.clerk,
        )
        return answer

    def close(self) -> None:
        """The round closes."""
        ok(self.story.client.post(f"/api/v1/rounds/{self.round_id}/close", headers=self.story.clerk))

    def give_back(self, batch_id: str, *, used: int, unused: int, **more: Any) -> httpx.Response:
        """The batch comes back and is counted."""
        answer: httpx.Response = self.story.client.put(
            f"/api/v1/paper-batches/{batch_id}/return",
            json={"used": used, "unused": unused, **more},
            headers=self.story.clerk,
        )
        return answer

    def key(self, batch_id: str, sheets: Sequence[dict[str, Any]], who: Headers) -> httpx.Response:
        """Somebody keys sheets."""
        answer: httpx.Response = self.story.client.post(
            f"/api/v1/paper-batches/{batch_id}/keyings", json={"sheets": list(sheets)}, headers=who
        )
        return answer

    def read(self, batch_id: str, who: Headers | None = None) -> dict[str, Any]:
        """A batch as staff see it."""
        found: dict[str, Any] = ok(
            self.story.client.get(f"/api/v1/paper-batches/{batch_id}", headers=who or self.story.clerk)
        )
        return found

    def vote(self, says: Sequence[Says], *, begin: int = 0, sheets: int = 20) -> str:
        """Residents from number ``begin`` on take a sheet each; what they write on it is keyed by `count` later."""
        batch_id = self.batch(max(sheets, len(says)))
        for number in range(begin, begin + len(says)):
            ok(self.sign_in(batch_id, number))
        return batch_id

    def count(self, batch_id: str, says: Sequence[Says]) -> None:
        """After closing: the batch comes back whole, and two people key the same."""
        printed = self.serials(batch_id)
        ok(self.give_back(batch_id, used=len(says), unused=len(printed) - len(says)))
        lines = [line(serial, each) for serial, each in zip(printed, says, strict=False)]
        for who in (self.first, self.second):
            for start in range(0, len(lines), 500):
                portion = lines[start : start + 500]
                assert ok(self.key(batch_id, portion, who))["taken"] == len(portion)
        assert self.read(batch_id)["unfinished"] == []
