"""What governments' systems may do, each thing once however often it is said."""

import uuid
from collections.abc import Sequence

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.access.roles import SCOPES
from app.access.tokens import AccessTokens
from app.core.canonical import Plain
from app.funding import service as funding
from app.funding.rules import RequestState
from app.funding.schemas import DecisionIn
from app.outbox import service as outbox
from app.places import service as places
from app.places.errors import DivisionNotFound
from app.platform.errors import ScopeNotHeld
from app.platform.schemas import PlatformDecided, PlatformDecision, PlatformToken

#: What a decision could not say at first; a system that still does not must find its earlier ids unchanged.
_LATER_FIELDS = frozenset({"district_fen", "subdistrict_fen", "left_out"})


def issue_token(
    session: Session, *, assertion: str, scope: str | None, audience: str, tokens: AccessTokens
) -> PlatformToken:
    """Exchange a client's assertion for an access token that carries every scope the client holds.

    Raises:
        ClientAssertionInvalid: wrong in any way, or used before.
        ScopeNotHeld: it asks for more than it holds.
    """
    issued = access.sign_in_client(session, assertion=assertion, audience=audience, tokens=tokens)
    claims = tokens.read(issued.access_token)
    client = access.actor_of(session, account_id=claims.account_id, session_id=claims.session_id)
    held = sorted(role.value for role in client.roles & SCOPES)
    if not set((scope or "").split()) <= set(held):
        raise ScopeNotHeld(held=" ".join(held))
    return PlatformToken(
        access_token=issued.access_token,
        token_type="Bearer",  # noqa: S106 - the scheme's name
        expires_in=issued.expires_in,
        scope=" ".join(held),
    )


def decide(
    session: Session, *, request_id: uuid.UUID, body: PlatformDecision, actor: Actor
) -> PlatformDecided:
    """Take a decision of another system on a request, once.

    Raises:
        RequestNotFound: there is none, or it is not yours.
        RequestWrongState, ReasonNeeded, AmountNeeded, YearNeeded, FactOutOfPlace: the decision.
        MoreThanItCosts: a settlement has made the project cheaper than what would be granted.
        SameIdOtherContent: the id came before with other content.
    """
    funding.hold(session, request_id, actor=actor, verb="platform.request.decide")
    content: dict[str, Plain] = {"request_id": str(request_id), **body.model_dump(mode="json")}
    for name in _LATER_FIELDS & {key for key, value in content.items() if value is None}:
        del content[name]  # as it was hashed before there were such fields
    earlier = outbox.take_once(session, source=actor.ref, external_id=body.id, content=content)
    if earlier is not None:
        return PlatformDecided.model_validate(earlier.answer)
    row = funding.decide(
        session,
        request_id=request_id,
        body=DecisionIn(
            decision=body.decision,
            reason=body.reason,
            amount_fen=body.amount_fen,
            year=body.year,
            district_fen=body.district_fen,
            subdistrict_fen=body.subdistrict_fen,
            left_out=body.left_out,
        ),
        actor=actor,
        verb="platform.request.decide",
        external_id=body.id,
        decided_at=body.decided_at,
    )
    answer = PlatformDecided(request_id=row.id, decision_id=body.id, state=row.state)
    outbox.remember(
        session, source=actor.ref, external_id=body.id, content=content, answer=answer.model_dump(mode="json")
    )
    return answer


def check_division(session: Session, *, division_code: str, actor: Actor, verb: str) -> None:
    """Whether a division exists and is this client's.

    Raises:
        DivisionNotFound: neither, or only one of both.
    """
    places.division(session, division_code)
    if not actor.may(verb, division_code):
        raise DivisionNotFound


def totals(
    session: Session, *, division_code: str | None, actor: Actor
) -> Sequence[tuple[RequestState, int, int, int, int]]:
    """By state: how many requests, their cost, the governments' part of it, what was approved.

    Raises:
        DivisionNotFound: no such division, or not yours.
    """
    if division_code is None:
        return funding.totals(session, divisions=actor.divisions_for("platform.stats.read"))
    check_division(session, division_code=division_code, actor=actor, verb="platform.stats.read")
    return funding.totals(session, divisions=[division_code])
