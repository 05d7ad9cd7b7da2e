"""What the committee does with an idea: show it or not, take it up, decline it with reasons."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core.canonical import Plain
from app.ideas import queries, rules
from app.ideas.events import IdeaDeclined, IdeaPublished, IdeaRejected, IdeaTakenUp
from app.ideas.models import Idea
from app.ideas.rules import IdeaState
from app.ideas.service.screening import screen_again
from app.ideas.service.steps import claim, concerned, move
from app.outbox import service as outbox
from app.projects import service as projects
from app.projects.rules import RejectionCode
from app.projects.schemas import ProjectWords


def publish(session: Session, *, idea_id: uuid.UUID, actor: Actor) -> Idea:
    """Show an idea that was held, or that was rejected by mistake; it goes on where it was before.

    Raises:
        IdeaNotFound: there is none, or it is not yours.
        IdeaMergedElsewhere, IdeaWrongState: it was not held.
    """
    row = claim(session, idea_id, actor=actor, verb="idea.publish")
    move(session, row, IdeaState.OPEN, by=actor.ref)
    screen_again(session, row)
    _record(session, row, Tag.IDEA_PUBLISHED, actor)
    outbox.emit(
        session,
        IdeaPublished(str(row.id), row.community_code, row.title, concerned(session, row, endorsers=False)),
        subject=f"idea:{row.id}",
    )
    return row


def reject(session: Session, *, idea_id: uuid.UUID, reason: str, actor: Actor) -> Idea:
    """Do not show an idea, or no longer, because of what it says; its author reads why.

    Raises:
        IdeaNotFound: there is none, or it is not yours.
        IdeaMergedElsewhere, IdeaWrongState: it has its answer already.
    """
    row = claim(session, idea_id, actor=actor, verb="idea.reject")
    move(session, row, IdeaState.REJECTED, by=actor.ref, reason=reason)
    _record(session, row, Tag.IDEA_REJECTED, actor)
    outbox.emit(
        session,
        IdeaRejected(
            str(row.id), row.community_code, row.title, reason, concerned(session, row, endorsers=False)
        ),
        subject=f"idea:{row.id}",
    )
    return row


def take_up(session: Session, *, idea_id: uuid.UUID, words: ProjectWords, actor: Actor) -> Idea:
    """Draft a project from an idea; authors and endorsers stay with the idea, which the project points to.

    Raises:
        IdeaNotFound: there is none, or it is not yours.
        IdeaMergedElsewhere, IdeaWrongState: it has its answer already.
        IdeaFailsCheck: the record of its screening says that it does not work.
        BuildingNotHere, CostsTooLarge: as for every draft.
    """
    row = claim(session, idea_id, actor=actor, verb="idea.take_up")
    rules.check_passed({each.check: each.finding for each in queries.checks(session, [row.id])[row.id]})
    move(session, row, IdeaState.TAKEN_UP, by=actor.ref)
    project = projects.draft_from_idea(
        session,
        community_code=row.community_code,
        words=words,
        idea_id=row.id,
        reference=row.title,
        actor=actor,
    )
    row.project_id = project.id
    session.add(row)
    _record(session, row, Tag.IDEA_TAKEN_UP, actor, project_id=str(project.id), endorsements=row.endorsements)
    outbox.emit(
        session,
        IdeaTakenUp(str(row.id), row.community_code, row.title, str(project.id), concerned(session, row)),
        subject=f"idea:{row.id}",
    )
    return row


def decline(session: Session, *, idea_id: uuid.UUID, code: RejectionCode, reason: str, actor: Actor) -> Idea:
    """Do not take an idea up, with the reason, or no longer when its project came to nothing; everybody can read it.

    Raises:
        IdeaNotFound: there is none, or it is not yours.
        IdeaMergedElsewhere, IdeaWrongState: it has its answer already, or is not public.
    """
    row = claim(session, idea_id, actor=actor, verb="idea.decline")
    project = None if row.project_id is None else projects.project(session, row.project_id)
    rules.check_project_over(row.state, None if project is None else project.state)
    move(session, row, IdeaState.DECLINED, by=actor.ref, code=code.value, reason=reason)
    _record(session, row, Tag.IDEA_DECLINED, actor, code=code.value, endorsements=row.endorsements)
    outbox.emit(
        session,
        IdeaDeclined(str(row.id), row.community_code, row.title, code.value, reason, concerned(session, row)),
        subject=f"idea:{row.id}",
    )
    return row


def reopen(session: Session, *, idea_id: uuid.UUID, reason: str, actor: Actor) -> Idea:
    """Screen a declined idea once more, with the reason.

    Raises:
        IdeaNotFound: there is none, or it is not yours.
        IdeaWrongState: it was not declined.
    """
    row = claim(session, idea_id, actor=actor, verb="idea.reopen")
    rules.check_declined(row.state)
    move(session, row, IdeaState.SCREENING, by=actor.ref, reason=reason)
    _record(session, row, Tag.IDEA_REOPENED, actor)
    return row


def _record(session: Session, row: Idea, tag: Tag, actor: Actor, **facts: Plain) -> None:
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=tag, subject=f"idea:{row.id}", facts=facts
    )
