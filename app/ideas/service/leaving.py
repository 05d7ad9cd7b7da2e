"""What we know of somebody here, and forgetting it.

A public idea belongs to the neighbourhood by then: neighbours endorsed it and money may follow from it. It stays, under
"a resident who left", with no way back to a person. What nobody else has seen goes, words and pictures. Endorsements of
ideas that wait for their answer are taken back; those an answer was given on stay as a number without anybody.
"""

import uuid

from sqlmodel import Session

from app.core import clock
from app.core.canonical import Plain
from app.ideas import queries
from app.ideas.models import Idea, IdeaAuthor
from app.ideas.rules import ENDORSABLE, PUBLIC_STATES, Byline, IdeaState
from app.ideas.service.endorsing import recount
from app.ideas.service.steps import BY_RESIDENT, note


def export_of(session: Session, account_id: uuid.UUID) -> dict[str, Plain]:
    """Everything somebody proposed and endorses, as JSON."""
    authorships = {row.idea_id: row for row in queries.authorships(session, account_id)}
    endorsements = queries.endorsements_by(session, account_id)
    ideas = queries.ideas(session, [*authorships, *(row.idea_id for row in endorsements)])
    photos = queries.photos(session, list(authorships))
    return {
        "ideas": [
            {
                "id": str(idea.id),
                "community_code": idea.community_code,
                "title": idea.title,
                "words": idea.words,
                "place": idea.place,
                "category": None if idea.category is None else idea.category.value,
                "shown_as": authorships[idea.id].byline.value,
                "state": idea.state.value,
                "posted_at": idea.posted_at.isoformat(),
                "photos": len(photos[idea.id]),
            }
            for idea in sorted(ideas.values(), key=lambda idea: (idea.posted_at, idea.id))
            if idea.id in authorships
        ],
        "endorsements": [
            {"idea_id": str(row.idea_id), "title": ideas[row.idea_id].title, "at": row.at.isoformat()}
            for row in endorsements
        ],
    }


def forget(session: Session, account_id: uuid.UUID) -> None:
    """Forget who proposed and endorsed what; doing it again changes nothing."""
    authorships = {row.idea_id: row for row in queries.authorships(session, account_id)}
    endorsements = {row.idea_id: row for row in queries.endorsements_by(session, account_id)}
    rows = queries.ideas_locked(session, {*authorships, *endorsements})
    for idea_id, author in authorships.items():
        _forget_author(session, rows[idea_id], author)
    for idea_id, row in endorsements.items():
        if rows[idea_id].state in ENDORSABLE:
            session.delete(row)
            recount(session, rows[idea_id])
        else:
            row.account_id = row.resident_id = None
            session.add(row)


def _forget_author(session: Session, idea: Idea, author: IdeaAuthor) -> None:
    author.account_id = author.resident_id = author.building = None
    author.byline = Byline.FORGOTTEN
    session.add(author)
    if idea.state in PUBLIC_STATES:
        return
    queries.clear_photos(session, idea.id)
    idea.title, idea.words, idea.place, idea.held_for = "—", "", "", []
    if idea.state is not IdeaState.WITHDRAWN:
        idea.state, idea.changed_at = IdeaState.WITHDRAWN, clock.now()
        note(session, idea, by=BY_RESIDENT)
    session.add(idea)
