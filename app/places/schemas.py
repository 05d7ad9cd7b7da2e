"""What goes in and out about places."""

import uuid
from typing import Annotated

from pydantic import Field, StringConstraints

from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12, Line


class DivisionIn(InputModel):
    """A division that the public list does not have."""

    code: Code12
    name: Line


class DivisionOut(OutputModel):
    """A division."""

    code: str
    name: str
    level: int
    parent_code: str | None


class DivisionDetail(DivisionOut):
    """A division with those above it, the province first."""

    ancestors: list[DivisionOut]


class DivisionPage(OutputModel):
    """Some divisions, by code."""

    items: list[DivisionOut]
    next_cursor: str | None


class BuildingIn(InputModel):
    """A building to add."""

    name: Annotated[Line, StringConstraints(max_length=60)]


class BuildingOut(OutputModel):
    """A building."""

    id: uuid.UUID
    community_code: str
    name: str


class BuildingDetail(BuildingOut):
    """A building and what is known of the inside of it."""

    units: int
    households: int


class BuildingNames(OutputModel):
    """What a building and its units are called."""

    name: str
    units: list[str] = Field(description="`-` where a building has none.")


class BuildingNamesList(OutputModel):
    """The names of a community's buildings, as people count them."""

    items: list[BuildingNames]


class BuildingList(OutputModel):
    """The buildings of a community, as people count them."""

    items: list[BuildingDetail]
