"""Standing by a neighbour's idea."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.ideas import queries, rules
from app.ideas.errors import IdeaMergedElsewhere, IdeaNotFound, OwnIdea
from app.ideas.models import Idea, IdeaEndorsement
from app.ideas.rules import PUBLIC_STATES
from app.ideas.service.policy import policy_of
from app.ideas.service.screening import bring_to_screening
from app.ideas.service.steps import neighbour


def endorse(session: Session, *, idea_id: uuid.UUID, actor: Actor) -> Idea:
    """Endorse an idea; doing it again changes nothing.

    Raises:
        IdeaNotFound: there is none that you can see.
        NotYourCommunity: you do not live there.
        OwnIdea: it is yours.
        IdeaMergedElsewhere: it goes on as part of another one.
        IdeaWrongState: it has its answer.
    """
    row = _public(session, idea_id)
    person = neighbour(session, row.community_code, actor=actor)
    if any(author.resident_id == person.id for author in queries.authors(session, [idea_id])[idea_id]):
        raise OwnIdea
    there = queries.endorsement(session, idea_id, person.id)
    if there is not None:
        there.account_id = actor.account_id  # somebody came back with another phone
        session.add(there)
        return row
    _check_endorsable(row)
    session.add(
        IdeaEndorsement(idea_id=idea_id, account_id=actor.account_id, resident_id=person.id, at=clock.now())
    )
    recount(session, row)
    bring_to_screening(session, row, needed=policy_of(session, row.community_code).endorsements_needed)
    return row


def unendorse(session: Session, *, idea_id: uuid.UUID, actor: Actor) -> Idea:
    """Take an endorsement back; there need not be one. What was brought to screening stays there.

    Raises:
        IdeaNotFound: there is none that you can see.
        NotYourCommunity: you do not live there.
        IdeaMergedElsewhere: it goes on as part of another one.
        IdeaWrongState: it has its answer; what was counted for it stays.
    """
    row = _public(session, idea_id)
    person = neighbour(session, row.community_code, actor=actor)
    there = queries.endorsement(session, idea_id, person.id)
    if there is None:
        return row
    _check_endorsable(row)
    session.delete(there)
    recount(session, row)
    return row


def recount(session: Session, row: Idea) -> None:
    """Count an idea's endorsements anew; its row is locked."""
    session.flush()  # what was added or removed is counted by the database
    row.endorsements = queries.endorsement_count(session, row.id)
    session.add(row)


def _public(session: Session, idea_id: uuid.UUID) -> Idea:
    row = queries.idea_locked(session, idea_id)
    if row is None or row.state not in PUBLIC_STATES:
        raise IdeaNotFound
    return row


def _check_endorsable(row: Idea) -> None:
    try:
        rules.check_endorsable(row.state)
    except IdeaMergedElsewhere as error:
        error.facts["into_id"] = str(row.merged_into_id)
        raise
