"""Whether this process can work: for load balancers, containers and people on duty."""

from typing import Annotated

from fastapi import APIRouter

from app.access.actor import Actor
from app.access.deps import may
from app.access.errors import NotReady
from app.access.schemas import HealthOut
from app.core import migrations
from app.core.web import Reading, SettingsDep, problems

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=HealthOut)
def read_health(
    settings: SettingsDep,
    actor: Annotated[Actor, may("health.read")],  # noqa: ARG001 - the guard is the point
) -> HealthOut:
    """Say that the process is up; nothing else is asked."""
    return HealthOut(status="up", development=settings.development)


@router.get("/readyz", response_model=HealthOut, responses=problems(NotReady))
def read_readiness(
    reading: Reading,
    settings: SettingsDep,
    actor: Annotated[Actor, may("readiness.read")],  # noqa: ARG001 - the guard is the point
) -> HealthOut:
    """Say whether the database answers and has the tables this version expects."""
    with reading as session:
        if migrations.revision(session) != migrations.head():
            raise NotReady(retry_after=5)
    return HealthOut(status="ready", development=settings.development)
