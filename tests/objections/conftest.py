from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.core import clock
from tests.callers import Callers
from tests.objection_story import FILED, Case, a_case


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with clock.frozen(FILED):
        yield


@pytest.fixture
def case(client: TestClient, callers: Callers) -> Case:
    return a_case(client, callers)


@pytest.fixture
def assigned(case: Case) -> Case:
    answer = case.assign()
    assert answer.status_code == 204, answer.text
    return case
