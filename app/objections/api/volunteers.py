"""Routes of residents who agree to help where neighbours negotiate."""

from typing import Annotated

from fastapi import APIRouter, Path

from app.access.actor import Actor
from app.access.deps import may
from app.core.text import Code12
from app.core.web import Reading, Writing, problems
from app.objections import service
from app.objections.errors import NotAResidentThere
from app.objections.schemas import VolunteeringList, VolunteeringOut

volunteer_router = APIRouter(prefix="/api/v1/me/volunteering", tags=["objections"])

_Community = Annotated[Code12, Path(description="12-digit code of the community.")]


@volunteer_router.get("", response_model=VolunteeringList)
def list_volunteering(
    reading: Reading, actor: Annotated[Actor, may("volunteer.list_mine")]
) -> VolunteeringList:
    """Where you agreed to help."""
    with reading as session:
        found = service.volunteering(session, actor=actor)
        return VolunteeringList(items=[VolunteeringOut.model_validate(each) for each in found])


@volunteer_router.put(
    "/{community_code}", response_model=VolunteeringList, responses=problems(NotAResidentThere)
)
def join_volunteers(
    community_code: _Community, writing: Writing, actor: Annotated[Actor, may("volunteer.join")]
) -> VolunteeringList:
    """Agree to help in your community; officers there, and a household you are proposed to, see your name."""
    with writing as session:
        found = service.join(session, community_code=community_code, actor=actor)
        return VolunteeringList(items=[VolunteeringOut.model_validate(each) for each in found])


@volunteer_router.delete("/{community_code}", response_model=VolunteeringList)
def leave_volunteers(
    community_code: _Community, writing: Writing, actor: Annotated[Actor, may("volunteer.leave")]
) -> VolunteeringList:
    """Stand on that list no more."""
    with writing as session:
        found = service.leave(session, community_code=community_code, actor=actor)
        return VolunteeringList(items=[VolunteeringOut.model_validate(each) for each in found])
