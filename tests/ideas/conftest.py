"""Neighbours who talk."""

import pytest
from fastapi.testclient import TestClient

from tests.callers import Callers
from tests.ideas.talk import Talk
from tests.story import Story


@pytest.fixture
def talk(client: TestClient, callers: Callers) -> Talk:
    return Talk(Story(client, callers).with_residents(27))
