"""Whatever is sent to any operation by anybody: no answer is a crash.

Schemathesis makes requests from the OpenAPI description, well-formed ones and broken ones; ids of a seeded world are
mixed in, so that they reach past the first look-up. A 5xx is a failure, except a 503 with one of our codes.
"""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation

from app.access.roles import SCOPES, Role
from app.core.config import Mode, Settings
from app.core.errors import Unavailable
from app.core.web import PROBLEM_JSON
from app.main import create_app
from app.worker import Worker
from tests.callers import Callers, Headers
from tests.conftest import DEEP
from tests.contracts import source
from tests.servers import Server
from tests.story import COMMUNITY, SUBDISTRICT, Story

EXAMPLES = 400 if DEEP else 8
BUSY = {error.code for error in source.classes(Unavailable)}  # type: ignore[attr-defined]


def described() -> dict[str, Any]:
    """The description needs no database, and the tests are named by it."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return create_app(Settings(mode=Mode.DEVELOPMENT, home=Path(folder))).openapi()


OPERATIONS: list[APIOperation[Any, Any, Any, Any]] = [
    found.ok()  # type: ignore[union-attr]
    for found in schemathesis.openapi.from_dict(described()).get_all_operations()
]


@dataclass
class World:
    """A community in mid-year, behind a real socket, and who calls."""

    url: str
    callers: dict[str, Headers]
    ids: list[str] = field(default_factory=list)

    def learn(self, value: object) -> None:
        """Remember ids that stand in answers, to ask for them later."""
        if isinstance(value, dict):
            for inner in value.values():
                self.learn(inner)
        elif isinstance(value, list):
            for inner in value[:5]:
                self.learn(inner)
        elif isinstance(value, str) and len(value) == 36 and _is_uuid(value) and value not in self.ids:
            self.ids.append(value)
            del self.ids[:-60]


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("world")
    shutil.copyfile(sqlite_template, home / "gongyi.db")
    app = create_app(Settings(mode=Mode.DEVELOPMENT, home=home, database_url=f"sqlite:///{home}/gongyi.db"))
    callers = Callers(app, app.state.wiring.database)
    worker = Worker(app.state.wiring)
    with TestClient(app) as client:
        story = Story(client, callers).with_residents(6)
        finished = story.open_round(story.published_projects([600_000, 500_000, 300_000]))
        ranking = client.get(f"/api/v1/rounds/{finished}").json()
        known = World("", {})
        known.learn(ranking)
        for number in range(4):
            story.cast(finished, story.resident(number), known.ids[1:3])
        story.finish(finished, worker.drain)
        opened = story.open_round(story.published_projects([200_000, 100_000]))
        drafted = story.draft_round(story.published_projects([900_000]))
        who = {
            "anonymous": {},
            "resident": story.resident(0),
            "stranger": callers.resident("13700000000"),
            "committee": callers.staff_of_old(
                Role.RC_CHAIR, COMMUNITY, also=(Role.RC_STAFF, Role.MEDIATOR, Role.OBJECTION_OFFICER)
            ),
            "government": callers.staff_of_old(
                Role.SUBDISTRICT_OFFICER,
                SUBDISTRICT,
                also=(Role.DISTRICT_OFFICER, Role.SUPERVISOR, Role.AUDITOR),
            ),
            "administrator": callers.staff(Role.ADMINISTRATOR, "000000000000"),
            "platform": callers.client(*sorted(SCOPES), over=SUBDISTRICT),
        }
    fresh = create_app(app.state.settings)
    with Server(fresh) as server:
        yield World(server.url, who, [finished, opened, drafted, *known.ids])


def with_real_ids(value: Any, draw: Any, ids: list[str]) -> Any:
    """The same body, with some of its ids replaced by ones that exist."""
    if isinstance(value, dict):
        return {key: with_real_ids(inner, draw, ids) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_real_ids(inner, draw, ids) for inner in value]
    if isinstance(value, str) and _is_uuid(value) and draw(st.booleans()):
        return draw(st.sampled_from(ids))
    return value


def check(case: Case[Any], answer: Any, who: str) -> None:
    told = f"{who}: {case.method} {answer.request.url} -> {answer.status_code} {answer.content[:300]!r}\n"
    told += case.as_curl_command()[:2000]
    if answer.status_code >= 400:
        if urlsplit(answer.request.url).path.startswith("/q/") and answer.status_code == HTTPStatus.NOT_FOUND:
            return  # what somebody reads who has typed a short code: a page
        assert answer.headers["content-type"] == [PROBLEM_JSON], told
        problem = answer.json()
        assert problem["status"] == answer.status_code, told
        assert problem["code"], told
        assert problem["detail"], told
        if answer.status_code >= 500:
            assert answer.status_code == 503, told
            assert problem["code"] in BUSY, told
    if answer.status_code == 503:
        assert "503" in case.operation.definition.raw["responses"], told


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_no_request_is_a_crash(operation: APIOperation[Any, Any, Any, Any], world: World) -> None:
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), derandomize=not DEEP,
    )  # fmt: skip
    @given(cases, st.sampled_from(sorted(world.callers)), st.data())
    def send(case: Case[Any], who: str, data: st.DataObject) -> None:
        draw = data.draw
        for name, value in list((case.path_parameters or {}).items()):
            if name in {"code", "division"}:
                if draw(st.booleans()):
                    case.path_parameters[name] = draw(st.sampled_from([COMMUNITY, SUBDISTRICT]))
            elif draw(st.integers(0, 3)):
                case.path_parameters[name] = (
                    draw(st.sampled_from(world.ids)) if name.endswith("_id") else value
                )
        case.body = with_real_ids(case.body, draw, world.ids)
        answer = case.call(base_url=world.url, headers=world.callers[who], timeout=30)
        check(case, answer, who)
        if "application/json" in (answer.headers.get("content-type") or []):
            world.learn(answer.json())

    send()
