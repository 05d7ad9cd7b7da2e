"""What governments' systems may do, each thing once however often it is said."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.core.canonical import Plain
from app.funding import service as funding
from app.funding.schemas import DecisionIn
from app.outbox import service as outbox
from app.platform.schemas import PlatformDecided, PlatformDecision


def decide(session: Session, *, request_id: uuid.UUID, body: PlatformDecision, actor: Actor) -> PlatformDecided:
    """Take a decision of another system on a request, once.

    Raises:
        RequestNotFound: there is none, or it is not yours.
        RequestWrongState, ReasonNeeded, AmountNeeded, YearNeeded: the decision.
        SameIdOtherContent: the id came before with other content.
    """
    funding.hold(session, request_id, actor=actor, verb="platform.request.decide")
    content: dict[str, Plain] = {"request_id": str(request_id), **body.model_dump(mode="json")}
    earlier = outbox.take_once(session, source=actor.ref, external_id=body.id, content=content)
    if earlier is not None:
        return PlatformDecided.model_validate(earlier.answer)
    row = funding.decide(
        session,
        request_id=request_id,
        body=DecisionIn(decision=body.decision, reason=body.reason, amount_fen=body.amount_fen, year=body.year),
        actor=actor,
        verb="platform.request.decide",
    )
    answer = PlatformDecided(request_id=row.id, decision_id=body.id, state=row.state)
    outbox.remember(
        session, source=actor.ref, external_id=body.id, content=content, answer=answer.model_dump(mode="json")
    )
    return answer
