"""A door to go in by, at noon."""

import pytest

from app.access.tokens import AccessTokens
from app.core import clock
from app.core.db import Database
from tests.access.door import START, Door


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens(bytes(range(32)))


@pytest.fixture
def noon() -> None:
    clock.set_frozen(START)


@pytest.fixture
def door(database: Database, tokens: AccessTokens) -> Door:
    return Door(database, tokens)
