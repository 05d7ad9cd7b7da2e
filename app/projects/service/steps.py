"""What every act on a project has in common: whose it is, its version, its history."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.projects import queries
from app.projects.errors import ProjectNotFound
from app.projects.models import Project, ProjectStep


def claim(session: Session, project_id: uuid.UUID, *, actor: Actor, verb: str) -> Project:
    """A project, locked, if the verb is the caller's there.

    Raises:
        ProjectNotFound: there is none, or it is not yours.
    """
    row = queries.project_locked(session, project_id)
    if row is None or not actor.may(verb, row.community_code):
        raise ProjectNotFound
    return row


def touch(session: Session, row: Project) -> None:
    """Count a change, so that whoever read the project before must read it again."""
    row.version += 1
    session.add(row)


def note(
    session: Session,
    row: Project,
    *,
    actor: Actor,
    code: str | None = None,
    reason: str | None = None,
    round_id: uuid.UUID | None = None,
) -> None:
    """Write the step of a project's life that its present state is: who, when, why."""
    session.add(row)
    session.add(
        ProjectStep(
            project_id=row.id, version=row.version, state=row.state, at=clock.now(), by=actor.ref,
            reason_code=code, reason=reason, round_id=round_id,
        )
    )  # fmt: skip
