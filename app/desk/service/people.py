"""What residents bring to a desk: themselves, ideas, comments; and what becomes a project."""

import datetime as dt
from collections.abc import Iterator

from sqlmodel import Session

from app.comments import service as comments
from app.desk.rules import REGISTRATION_DAYS, Item, Task
from app.desk.service.who import MOST, Desk
from app.duplicates import service as duplicates
from app.ideas import service as ideas
from app.ideas.rules import IdeaState
from app.projects import service as projects
from app.projects.rules import ProjectState
from app.residents import service as residents
from app.residents.rules import RegistrationState


def registrations(session: Session, desk: Desk) -> Iterator[Item]:
    """People who say they live here; the first who came is answered first."""
    if not desk.may_in_community("registration.list"):
        return
    found = residents.registrations(
        session, community_code=desk.division, state=RegistrationState.PENDING, after=None, limit=MOST,
        actor=desk.actor,
    )  # fmt: skip
    if found:
        oldest: dt.datetime = found[0][0].created_at
        yield Item(Task.REGISTRATIONS, len(found), due_at=oldest + dt.timedelta(days=REGISTRATION_DAYS))


def same_people(session: Session, desk: Desk) -> Iterator[Item]:
    """Rows of the roster that may be one person."""
    if not desk.may_in_community("duplicate.merge"):
        return
    found = duplicates.count(session, community_code=desk.division, actor=desk.actor, shared=desk.pairs)
    if found:
        yield Item(Task.DUPLICATES, min(found, MOST))


def project_drafts(session: Session, desk: Desk) -> Iterator[Item]:
    """Projects nobody outside the committee sees yet."""
    if not desk.may_in_community("project.count"):
        return
    drafts = projects.counts(session, community_code=desk.division, actor=desk.actor)[ProjectState.DRAFT]
    if drafts:
        yield Item(Task.PROJECT_DRAFTS, drafts)


def ideas_and_comments(session: Session, desk: Desk) -> Iterator[Item]:
    """What residents write that somebody has to look at, and ideas with enough neighbours behind them."""
    if not desk.may_in_community("idea.count"):
        return
    found = ideas.counts(session, community_code=desk.division, actor=desk.actor)
    if held := found[IdeaState.HELD]:
        yield Item(Task.IDEAS_HELD, held)
    if screening := found[IdeaState.SCREENING]:
        yield Item(Task.IDEAS_TO_SCREEN, screening)
    waiting, reported = comments.counts(session, community_code=desk.division, actor=desk.actor)
    if waiting:
        yield Item(Task.COMMENTS_HELD, waiting)
    if reported:
        yield Item(Task.COMMENTS_REPORTED, reported)
