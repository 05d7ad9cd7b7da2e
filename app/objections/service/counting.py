"""What everybody may know."""

import uuid

from sqlmodel import Session

from app.objections import queries, rules
from app.places import service as places
from app.projects import service as projects


def public_count(session: Session, *, project_id: uuid.UUID) -> int | None:
    """How many households object to a project, rounded, where that cannot point at anybody.

    Raises:
        ProjectNotFound: no such public project.
    """
    project = projects.public_project(session, project_id)
    households = places.household_count(session, project.community_code)
    return rules.public_count(queries.open_count(session, project_id), households)
