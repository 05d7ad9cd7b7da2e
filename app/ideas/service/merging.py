"""Two ideas that are one: every author is kept, every endorsement counts once, nothing is destroyed."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.ideas import queries, rules
from app.ideas.errors import IdeaNotFound
from app.ideas.events import IdeaMerged
from app.ideas.models import Idea, IdeaAuthor, IdeaEndorsement
from app.ideas.rules import ENDORSABLE, IdeaState
from app.ideas.service.endorsing import recount
from app.ideas.service.policy import policy_of
from app.ideas.service.screening import bring_to_screening
from app.ideas.service.steps import concerned, move
from app.outbox import service as outbox


def merge(session: Session, *, idea_id: uuid.UUID, into_id: uuid.UUID, actor: Actor) -> Idea:
    """Let an idea go on as part of another one, which is returned.

    Raises:
        IdeaNotFound: one of them is missing, or not yours.
        MergeTargetUnfit: the other one is the same, or is finished.
        IdeaMergedElsewhere, IdeaWrongState: the first one has its answer already.
    """
    rows = queries.ideas_locked(session, {idea_id, into_id})
    row, into = rows.get(idea_id), rows.get(into_id)
    if row is None or into is None or not actor.may("idea.merge", row.community_code):
        raise IdeaNotFound
    if not actor.may("idea.merge", into.community_code):
        raise IdeaNotFound
    rules.check_target(
        into.state, same_idea=row is into, same_community=row.community_code == into.community_code
    )
    people = concerned(session, row)
    row.merged_into_id = into.id
    move(session, row, IdeaState.MERGED, by=actor.ref)
    for earlier in queries.merged_into(session, row.id):
        earlier.merged_into_id = into.id  # whoever follows an old address arrives in one step
        session.add(earlier)
    _unite_authors(session, row, into)
    _unite_endorsements(session, row, into)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.IDEA_MERGED, subject=f"idea:{row.id}",
        facts={"into": str(into.id), "endorsements": into.endorsements},
    )  # fmt: skip
    outbox.emit(
        session,
        IdeaMerged(str(row.id), str(into.id), row.community_code, row.title, into.title, people),
        subject=f"idea:{row.id}",
    )
    if into.state in ENDORSABLE:
        needed = policy_of(session, into.community_code).endorsements_needed
        bring_to_screening(session, into, needed=needed)
    return into


def _unite_authors(session: Session, row: Idea, into: Idea) -> None:
    both = queries.authors(session, [row.id, into.id])
    known = {author.resident_id for author in both[into.id]} - {None}
    position = len(both[into.id])
    for author in both[row.id]:
        if author.resident_id in known:
            continue
        position += 1
        session.add(
            IdeaAuthor(
                idea_id=into.id, position=position, account_id=author.account_id,
                resident_id=author.resident_id, byline=author.byline, building=author.building,
            )
        )  # fmt: skip
    session.flush()  # whoever is an author now is told from the endorsers below


def _unite_endorsements(session: Session, row: Idea, into: Idea) -> None:
    authors = {author.resident_id for author in queries.authors(session, [into.id])[into.id]} - {None}
    known = set()
    for there in queries.endorsements(session, into.id):
        if there.resident_id in authors:
            session.delete(there)  # an author stands by the idea anyway
        else:
            known.add(there.resident_id)
    for theirs in queries.endorsements(session, row.id):
        if theirs.resident_id is not None and theirs.resident_id not in authors | known:
            session.add(
                IdeaEndorsement(
                    idea_id=into.id, account_id=theirs.account_id, resident_id=theirs.resident_id,
                    at=clock.now(),
                )
            )  # fmt: skip
    recount(session, into)
