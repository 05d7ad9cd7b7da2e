"""A project's way: published, listed, rejected, withdrawn, taken up again."""

import uuid
from collections.abc import Sequence

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import Plain
from app.core.errors import DomainError
from app.outbox import service as outbox
from app.projects import queries, rules
from app.projects.errors import ProjectNotFound
from app.projects.events import ProjectPublished
from app.projects.models import Project
from app.projects.rules import ProjectState, RejectionCode
from app.projects.service.reading import ProjectView, views
from app.projects.service.steps import claim, note, touch


def publish(session: Session, *, project_ids: Sequence[uuid.UUID], actor: Actor) -> list[ProjectView]:
    """Publish a list of projects, all or none; what is refused says which project it was.

    Raises:
        ProjectNotFound: one is missing or not yours.
        ProjectWrongState, ProjectFrozen: one cannot be published from where it stands.
    """
    rows = {row.id: row for row in queries.projects(session, project_ids, lock=True)}
    for project_id in project_ids:
        row = rows.get(project_id)
        if row is None or not actor.may("project.publish", row.community_code):
            raise ProjectNotFound(project_id=str(project_id))
    for row in rows.values():
        try:
            _move(session, row, to=ProjectState.PUBLISHED, tag=Tag.PROJECT_PUBLISHED, actor=actor)
        except DomainError as error:
            error.facts["project_id"] = str(row.id)
            raise
        row.published_at = clock.now()
        outbox.emit(session, ProjectPublished(str(row.id), row.community_code), subject=f"project:{row.id}")
    return views(session, [rows[project_id] for project_id in dict.fromkeys(project_ids)])


def reject(
    session: Session, *, project_id: uuid.UUID, code: RejectionCode, reason: str, actor: Actor
) -> ProjectView:
    """Do not take a project up, with the reason.

    Raises:
        ProjectNotFound: there is none, or it is not yours.
        ProjectFrozen, ProjectWrongState: not from where it stands.
    """
    row = claim(session, project_id, actor=actor, verb="project.reject")
    _move(
        session, row, to=ProjectState.REJECTED, tag=Tag.PROJECT_REJECTED, actor=actor, code=code.value,
        reason=reason,
    )  # fmt: skip
    return views(session, [row])[0]


def withdraw(session: Session, *, project_id: uuid.UUID, reason: str, actor: Actor) -> ProjectView:
    """Take a project back before a round lists it, with the reason.

    Raises:
        ProjectNotFound: there is none, or it is not yours.
        ProjectFrozen, ProjectWrongState: not from where it stands.
    """
    row = claim(session, project_id, actor=actor, verb="project.withdraw")
    _move(
        session, row, to=ProjectState.WITHDRAWN, tag=Tag.PROJECT_WITHDRAWN, actor=actor, reason=reason
    )  # fmt: skip
    return views(session, [row])[0]


def reopen(session: Session, *, project_id: uuid.UUID, reason: str, actor: Actor) -> ProjectView:
    """Take a rejected or withdrawn project up again, as a draft, with the reason.

    Raises:
        ProjectNotFound: there is none, or it is not yours.
        ProjectFrozen, ProjectWrongState: it was neither rejected nor withdrawn.
    """
    row = claim(session, project_id, actor=actor, verb="project.reopen")
    _move(session, row, to=ProjectState.DRAFT, tag=Tag.PROJECT_REOPENED, actor=actor, reason=reason)
    row.published_at = None  # a draft is nobody else's business until it is published anew
    return views(session, [row])[0]


def mark_listed(
    session: Session, *, project_ids: Sequence[uuid.UUID], round_id: uuid.UUID, actor: Actor
) -> None:
    """Freeze projects that a published round lists. The round's own record names the list.

    Raises:
        ProjectWrongState: one is not on offer.
    """
    for row in queries.projects(session, project_ids, lock=True):
        row.state = rules.step(row.state, ProjectState.LISTED)
        touch(session, row)
        note(session, row, actor=actor, round_id=round_id)


def _move(
    session: Session,
    row: Project,
    *,
    to: ProjectState,
    tag: Tag,
    actor: Actor,
    code: str | None = None,
    reason: str | None = None,
) -> None:
    row.state = rules.step(row.state, to)
    touch(session, row)
    note(session, row, actor=actor, code=code, reason=reason)
    facts: dict[str, Plain] = {} if code is None else {"code": code}
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=tag, subject=f"project:{row.id}", facts=facts
    )
