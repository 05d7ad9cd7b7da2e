"""Looking at ideas."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.ideas import queries, rules
from app.ideas.errors import IdeaNotFound
from app.ideas.models import Idea, IdeaAuthor, IdeaCheck, IdeaPhoto, IdeaStep
from app.ideas.rules import PUBLIC_STATES, Check, IdeaState, Show
from app.ideas.service.policy import policy_of
from app.ideas.service.posting import is_author
from app.places import service as places
from app.projects import service as projects
from app.projects.errors import PhotoNotFound
from app.projects.models import Project

#: What one person has ever proposed, on one page.
MOST_OWN = 200
_CHECKS = list(Check)
_ANSWERS = frozenset({IdeaState.TAKEN_UP, IdeaState.DECLINED, IdeaState.REJECTED})


@dataclass(frozen=True)
class IdeaView:
    """An idea as one person sees it."""

    idea: Idea
    authors: Sequence[IdeaAuthor]
    photos: Sequence[IdeaPhoto]
    steps: Sequence[IdeaStep]
    #: What the committee found, in the order of `Check`; nothing for those who may not read it yet.
    checks: Sequence[IdeaCheck]
    still_needed: int
    mine: bool
    endorsed: bool
    #: Whether they may know what was noticed in it.
    inside: bool
    project: Project | None

    @property
    def answer(self) -> IdeaStep | None:
        """What the committee said last, if it said something."""
        last = self.steps[-1] if self.steps else None
        return last if last is not None and last.state in _ANSWERS else None


def listing(
    session: Session,
    *,
    community_code: str,
    show: Show,
    after_time: tuple[dt.datetime, uuid.UUID] | None,
    after_count: tuple[int, uuid.UUID] | None,
    limit: int,
    actor: Actor,
) -> list[IdeaView]:
    """Public ideas of a community: the newest, the most endorsed, those under review, taken up or answered.

    Raises:
        DivisionNotFound: no such community.
    """
    places.community(session, community_code)
    rows = (
        queries.page_by_endorsements(session, community_code, after=after_count, limit=limit)
        if show is Show.MOST_ENDORSED
        else queries.page_by_time(session, community_code, show, after=after_time, limit=limit)
    )
    return views(session, rows, actor=actor)


def held(
    session: Session,
    *,
    community_code: str,
    state: IdeaState = IdeaState.HELD,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
    actor: Actor,
) -> list[IdeaView]:
    """Ideas that wait for a person of the committee, or that are not shown, the oldest first.

    Raises:
        DivisionNotFound: not a community of yours.
    """
    places.community(session, community_code, actor=actor, verb="idea.list_held")
    rows = queries.held(session, community_code, state=state, after=after, limit=limit)
    return views(session, rows, actor=actor)


def counts(session: Session, *, community_code: str, actor: Actor) -> dict[IdeaState, int]:
    """How many ideas of a community stand where, for those who work on them.

    Raises:
        DivisionNotFound: not a community of yours.
    """
    places.community(session, community_code, actor=actor, verb="idea.count")
    found = queries.counts(session, community_code)
    return {state: found.get(state, 0) for state in IdeaState}


def answer_spans(
    session: Session, *, division: str, since: dt.datetime, until: dt.datetime
) -> list[tuple[dt.datetime, dt.datetime | None]]:
    """(posted, first answered by the committee) of the ideas of a span of time under a division.

    Those that wait for neighbours' endorsements wait for no answer, nor do those taken back: both are left out.
    """
    rows = queries.answers(session, division=division, since=since, until=until, answered=rules.ANSWERED)
    return [
        (posted_at, at) for state, posted_at, at in rows if at is not None or state in rules.TO_BE_ANSWERED
    ]


def mine(session: Session, *, actor: Actor) -> list[IdeaView]:
    """What the caller proposed, whatever became of it, the newest first."""
    if actor.account_id is None:
        return []
    return views(session, queries.ideas_by(session, actor.account_id, limit=MOST_OWN), actor=actor)


def read(session: Session, idea_id: uuid.UUID, *, actor: Actor) -> IdeaView:
    """An idea somebody may see: public ones everybody, the others their authors and those who work on them.

    Raises:
        IdeaNotFound: there is none, or it is not for these eyes.
    """
    return views(session, [visible(session, idea_id, actor=actor)], actor=actor)[0]


def visible(session: Session, idea_id: uuid.UUID, *, actor: Actor) -> Idea:
    """The same, the row alone.

    Raises:
        IdeaNotFound: there is none, or it is not for these eyes.
    """
    row = queries.idea(session, idea_id)
    if row is None or not (
        row.state in PUBLIC_STATES or works_on(row, actor) or is_author(session, idea_id, actor)
    ):
        raise IdeaNotFound
    return row


def works_on(row: Idea, actor: Actor) -> bool:
    """Whether somebody works on an idea. One that its author took back is nobody's business any more."""
    return row.state is not IdeaState.WITHDRAWN and actor.may("idea.list_held", row.community_code)


def photo(session: Session, photo_id: uuid.UUID, *, actor: Actor) -> tuple[IdeaPhoto, bool]:
    """A photo of an idea somebody may see, and whether anybody may.

    Raises:
        PhotoNotFound: there is none, or its idea is not for these eyes.
    """
    made = queries.photo(session, photo_id)
    if made is None:
        raise PhotoNotFound
    try:
        row = visible(session, made.idea_id, actor=actor)
    except IdeaNotFound as error:
        raise PhotoNotFound from error
    return made, row.state in PUBLIC_STATES


def can_withdraw(view: IdeaView) -> bool:
    """Whether the caller can take an idea back."""
    return view.mine and len(view.authors) == 1 and IdeaState.WITHDRAWN in rules.TRANSITIONS[view.idea.state]


def views(session: Session, rows: Sequence[Idea], *, actor: Actor) -> list[IdeaView]:
    """Ideas with their parts, in a few queries however many they are."""
    ids = [row.id for row in rows]
    authors, photos, steps = (
        queries.authors(session, ids), queries.photos(session, ids), queries.steps(session, ids),
    )  # fmt: skip
    checks = queries.checks(session, ids)
    endorsed = set() if actor.account_id is None else queries.endorsed_among(session, ids, actor.account_id)
    policies = {code: policy_of(session, code) for code in {row.community_code for row in rows}}
    raised = {
        project.id: project
        for project in projects.readable_projects(
            session, project_ids=[row.project_id for row in rows if row.project_id is not None], actor=actor
        )
    }
    made = []
    for row in rows:
        mine = actor.account_id is not None and any(
            author.account_id == actor.account_id for author in authors[row.id]
        )
        inside = works_on(row, actor)
        made.append(
            IdeaView(
                idea=row,
                authors=authors[row.id],
                photos=photos[row.id],
                steps=steps[row.id],
                checks=sorted(checks[row.id], key=lambda each: _CHECKS.index(each.check))
                if mine or inside or row.state in _ANSWERS
                else [],
                still_needed=rules.still_needed(row.state, row.endorsements, policies[row.community_code]),
                mine=mine,
                endorsed=row.id in endorsed,
                inside=inside,
                project=None if row.project_id is None else raised.get(row.project_id),
            )
        )
    return made


# --- what higher packages ask -------------------------------------------------------------------------------------


def idea_for_comments(session: Session, idea_id: uuid.UUID, *, lock: bool = False) -> Idea:
    """A public idea that people talk about.

    Raises:
        IdeaNotFound: there is none, or it is not public.
    """
    row = queries.idea_locked(session, idea_id) if lock else queries.idea(session, idea_id)
    if row is None or row.state not in PUBLIC_STATES:
        raise IdeaNotFound
    return row


def author_ids(session: Session, idea_id: uuid.UUID) -> list[uuid.UUID]:
    """The accounts of an idea's authors; those who left are not among them."""
    rows = queries.authors(session, [idea_id])[idea_id]
    return [row.account_id for row in rows if row.account_id is not None]


def note_comments(session: Session, *, idea_id: uuid.UUID, visible_comments: int) -> None:
    """Note how many visible comments an idea has, counted by whoever keeps them."""
    row = queries.idea_locked(session, idea_id)
    if row is not None and row.comments != visible_comments:
        row.comments = visible_comments
        session.add(row)


def titles(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What several ideas are called, public or not: for those who work on what was said about them."""
    return {row.id: row.title for row in queries.ideas(session, ids).values()}
