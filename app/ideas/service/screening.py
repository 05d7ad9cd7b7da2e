"""When enough neighbours endorse an idea, the committee screens it; how many are enough can change."""

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.ideas import queries, rules
from app.ideas.events import IdeaEndorsedEnough
from app.ideas.models import Idea, IdeaPolicy
from app.ideas.rules import IdeaState
from app.ideas.schemas import IdeaPolicyIn
from app.ideas.service.policy import policy_of
from app.ideas.service.steps import BY_SYSTEM, concerned, move
from app.outbox import service as outbox
from app.places import service as places


def bring_to_screening(session: Session, row: Idea, *, needed: int) -> None:
    """Let the committee screen an open idea that enough neighbours endorse; its row is locked."""
    if row.state is not IdeaState.OPEN or row.endorsements < needed:
        return
    move(session, row, IdeaState.SCREENING, by=BY_SYSTEM)
    outbox.emit(
        session,
        IdeaEndorsedEnough(
            str(row.id), row.community_code, row.title, row.endorsements, concerned(session, row)
        ),
        subject=f"idea:{row.id}",
    )


def screen_again(session: Session, row: Idea) -> None:
    """Go on with an open idea where it was before it had to be looked at; who endorses it has heard of that."""
    if any(step.state is IdeaState.SCREENING for step in queries.steps(session, [row.id])[row.id]):
        move(session, row, IdeaState.SCREENING, by=BY_SYSTEM)
    else:
        needed = policy_of(session, row.community_code).endorsements_needed
        bring_to_screening(session, row, needed=needed)


def set_policy(session: Session, *, community_code: str, body: IdeaPolicyIn, actor: Actor) -> IdeaPolicy:
    """Set how a community handles ideas and comments from a day on; the same day again replaces it.

    Raises:
        DivisionNotFound: not a community of yours.
        PolicyTooEarly: the day is over.
    """
    places.community(session, community_code, actor=actor, verb="idea_policy.set")
    rules.check_begins(body.valid_from, today=clock.today())
    row = next(
        (each for each in queries.policies(session, community_code) if each.valid_from == body.valid_from),
        None,
    ) or IdeaPolicy(community_code=community_code, **body.model_dump())
    row.endorsements_needed, row.review_first = body.endorsements_needed, body.review_first
    session.add(row)
    session.flush()  # what applies today is read again below
    audit.record(
        session, chain=community_code, by=actor.ref, tag=Tag.IDEA_POLICY_SET,
        subject=f"community:{community_code}",
        facts={
            "valid_from": body.valid_from.isoformat(), "endorsements_needed": body.endorsements_needed,
            "review_first": body.review_first,
        },
    )  # fmt: skip
    screen_due(session, community_code=community_code)
    return row


def screen_due(session: Session, *, community_code: str) -> int:
    """Bring ideas to screening that have enough endorsements since fewer are needed; returns how many."""
    needed = policy_of(session, community_code).endorsements_needed
    due = queries.due_for_screening(session, community_code, needed)
    for row in queries.ideas_locked(session, due).values():
        bring_to_screening(session, row, needed=needed)
    return len(due)


def screen_all_due(session: Session) -> int:
    """The same wherever a policy has begun."""
    codes = {row.community_code for row in queries.policies_begun(session, clock.today())}
    return sum(screen_due(session, community_code=code) for code in sorted(codes))
