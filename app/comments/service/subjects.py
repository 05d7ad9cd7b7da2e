"""What is talked about: an idea, or a project, perhaps on the page of a round."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.comments.rules import CommentKind
from app.ideas import service as ideas
from app.ideas.rules import IdeaState
from app.projects import service as projects
from app.projects.errors import ProjectNotFound
from app.projects.rules import PUBLIC_STATES, is_public
from app.rounds import service as rounds


@dataclass(frozen=True)
class Subject:
    """What is talked about, and where."""

    title: str
    community_code: str
    #: Whose residents may talk: a round's list may be for several communities.
    community_codes: tuple[str, ...]
    open: bool
    #: The accounts that hear of what is said.
    author_ids: tuple[uuid.UUID, ...]


def subject_of(
    session: Session,
    *,
    kind: CommentKind,
    subject_id: uuid.UUID,
    round_id: uuid.UUID | None,
    actor: Actor,
    lock: bool = False,
) -> Subject:
    """What is talked about, if the caller may see it; with ``lock`` an idea is held while its comments are counted.

    Raises:
        IdeaNotFound, ProjectNotFound: there is none, or it is not public, or not on that round's list.
        RoundNotFound: there is none that the caller can see.
    """
    if kind is CommentKind.IDEA:
        if round_id is not None:
            raise ProjectNotFound  # ideas stand on no round's list
        idea = ideas.idea_for_comments(session, subject_id, lock=lock)
        return Subject(
            idea.title, idea.community_code, (idea.community_code,), idea.state is not IdeaState.MERGED,
            tuple(ideas.author_ids(session, idea.id)),
        )  # fmt: skip
    project = projects.project(session, subject_id)
    if not is_public(project.state, was_published=project.published_at is not None):
        raise ProjectNotFound
    codes = {project.community_code}
    if round_id is not None:
        view = rounds.read(session, round_id, actor=actor)
        if all(listed.project_id != project.id for listed in rounds.listed_projects(session, round_id)):
            raise ProjectNotFound
        codes |= set(view.community_codes)
    return Subject(
        project.title, project.community_code, tuple(sorted(codes)), project.state in PUBLIC_STATES, ()
    )


def titles(session: Session, subjects: Collection[tuple[CommentKind, uuid.UUID]]) -> dict[uuid.UUID, str]:
    """What ideas and projects are called, for those who work on what was said about them."""
    found = ideas.titles(session, [key for kind, key in subjects if kind is CommentKind.IDEA])
    for kind, key in subjects:
        if kind is CommentKind.PROJECT:
            found[key] = projects.project(session, key).title
    return found
