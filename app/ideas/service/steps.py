"""What every act on an idea has in common: whose it is, its history, its place in the index of similar ones."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.ideas import queries, rules
from app.ideas.errors import IdeaMergedElsewhere, IdeaNotFound, NotYourCommunity
from app.ideas.models import Idea, IdeaGram, IdeaStep
from app.ideas.rules import PUBLIC_STATES, IdeaState
from app.projects.likeness import grams
from app.residents import service as residents
from app.residents.models import Resident

BY_RESIDENT = "resident"
BY_SYSTEM = "system"


def claim(session: Session, idea_id: uuid.UUID, *, actor: Actor, verb: str) -> Idea:
    """An idea, locked, if the verb is the caller's in its community.

    Raises:
        IdeaNotFound: there is none, or it is not yours.
    """
    row = queries.idea_locked(session, idea_id)
    if row is None or not actor.may(verb, row.community_code):
        raise IdeaNotFound
    return row


def neighbour(session: Session, community_code: str, *, actor: Actor) -> Resident:
    """Who the caller is in a community.

    Raises:
        NotYourCommunity: nobody who is known to live there.
    """
    person = (
        None
        if actor.phone_fingerprint is None
        else residents.person_in(
            session, phone_fingerprint=actor.phone_fingerprint, community_codes=[community_code]
        )
    )
    if person is None:
        raise NotYourCommunity
    return person


def move(
    session: Session, row: Idea, to: IdeaState, *, by: str, code: str | None = None, reason: str | None = None
) -> None:
    """Bring an idea to its next state, with a step of its history.

    Raises:
        IdeaMergedElsewhere: it goes on as part of another one; the error says which.
        IdeaWrongState: the step does not follow.
    """
    try:
        row.state = rules.step(row.state, to)
    except IdeaMergedElsewhere as error:
        error.facts["into_id"] = str(row.merged_into_id)
        raise
    row.changed_at = clock.now()
    note(session, row, by=by, code=code, reason=reason)
    if to in PUBLIC_STATES - {IdeaState.MERGED}:
        index(session, row)
    else:
        queries.clear_grams(session, row.id)


def note(session: Session, row: Idea, *, by: str, code: str | None = None, reason: str | None = None) -> None:
    """Write the step of an idea's life that its present state is."""
    position = len(queries.steps(session, [row.id])[row.id]) + 1
    session.add(row)
    session.add(
        IdeaStep(
            idea_id=row.id, position=position, state=row.state, at=row.changed_at, by=by, reason_code=code,
            reason=reason,
        )
    )  # fmt: skip


def index(session: Session, row: Idea) -> None:
    """Let an idea be found by those who write something similar."""
    queries.clear_grams(session, row.id)
    titled = grams(row.title)
    session.add_all(
        IdeaGram(community_code=row.community_code, gram=gram, idea_id=row.id, in_title=gram in titled)
        for gram in sorted(titled | grams(row.words))
    )


def concerned(session: Session, row: Idea, *, endorsers: bool = True) -> list[str]:
    """The accounts of an idea's authors, and of those who endorse it."""
    people = [each.account_id for each in queries.authors(session, [row.id])[row.id]]
    if endorsers:
        people += [each.account_id for each in queries.endorsements(session, row.id)]
    return list(dict.fromkeys(str(account_id) for account_id in people if account_id is not None))
