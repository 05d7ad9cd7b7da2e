"""When enough neighbours endorse an idea, the committee screens it, point by point; how many are enough can change."""

import uuid
from collections.abc import Sequence

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.ideas import queries, rules
from app.ideas.events import IdeaEndorsedEnough
from app.ideas.models import Idea, IdeaCheck, IdeaPolicy
from app.ideas.rules import IdeaState
from app.ideas.schemas import IdeaCheckIn, IdeaPolicyIn
from app.ideas.service.policy import policy_of
from app.ideas.service.steps import BY_SYSTEM, claim, concerned, move
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


def screen(session: Session, *, idea_id: uuid.UUID, checks: Sequence[IdeaCheckIn], actor: Actor) -> Idea:
    """Record what was found about an idea, point by point; its authors read it, everybody once it has its answer.

    What was found before is replaced, so that a point can be left for later.

    Raises:
        IdeaNotFound: there is none, or it is not yours.
        IdeaMergedElsewhere, IdeaWrongState: it has its answer, or nobody sees it yet.
        CheckUnexplained: something is not fine, without a word why.
    """
    row = claim(session, idea_id, actor=actor, verb="idea.screen")
    findings = {each.check: (each.finding, each.note) for each in checks}
    rules.check_screened(row.state, findings)
    queries.clear_checks(session, row.id)
    session.add_all(
        IdeaCheck(idea_id=row.id, check=check, finding=finding, note=note, at=clock.now(), by=actor.ref)
        for check, (finding, note) in findings.items()
    )
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.IDEA_SCREENED, subject=f"idea:{row.id}",
        facts={check.value: finding.value for check, (finding, _) in findings.items()},
    )  # fmt: skip
    return row


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
