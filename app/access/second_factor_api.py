"""Routes of one's own second factor."""

from typing import Annotated

from fastapi import APIRouter, Request

from app.access import service
from app.access.actor import AccountKind, Actor
from app.access.deps import CacheDep, may, needs_second_factor
from app.access.errors import NoOffer, SecondFactorMissing, SecondFactorWrong, TooManyPasswordAttempts
from app.access.schemas import CodeIn, ConfirmedOut, RecoveryCodes, SecondFactorOffer, SecondFactorOut
from app.access.service import Rejected
from app.core.web import Reading, Writing, problems

router = APIRouter(prefix="/api/v1", tags=["access"])


@router.get("/me/second-factor", response_model=SecondFactorOut)
def read_second_factor(
    request: Request, reading: Reading, actor: Annotated[Actor, may("second_factor.read")]
) -> SecondFactorOut:
    """Since when you have an authenticator app, and how many recovery codes are left."""
    with reading as session:
        state = service.read_second_factor(session, actor=actor)
    return SecondFactorOut(
        enrolled_at=state.enrolled_at,
        required=actor.kind is AccountKind.STAFF and needs_second_factor(request),
        recovery_codes_left=state.recovery_codes_left,
    )


@router.post("/me/second-factor", status_code=201, response_model=SecondFactorOffer)
def begin_second_factor(
    writing: Writing, actor: Annotated[Actor, may("second_factor.begin")]
) -> SecondFactorOffer:
    """A new secret for your authenticator app; what you have now works until you show a code of the new one."""
    with writing as session:
        offer = service.begin_second_factor(session, actor=actor)
    return SecondFactorOffer(secret=offer.secret, uri=offer.uri, picture=_picture(offer.uri))


@router.post(
    "/me/second-factor/confirm", response_model=RecoveryCodes,
    responses=problems(NoOffer, SecondFactorWrong, TooManyPasswordAttempts),
)  # fmt: skip
def confirm_second_factor(
    body: CodeIn, writing: Writing, cache: CacheDep, actor: Annotated[Actor, may("second_factor.confirm")]
) -> RecoveryCodes:
    """Show the first code: from now on you sign in with one. The answer holds ten recovery codes, this once."""
    with writing as session:
        outcome = service.confirm_second_factor(session, code=body.code, actor=actor)
    if isinstance(outcome, Rejected):
        raise outcome.error
    cache.clear()  # every sign-in of the account is judged anew
    return RecoveryCodes(codes=outcome)


@router.post(
    "/me/recovery-codes", status_code=201, response_model=RecoveryCodes,
    responses=problems(SecondFactorMissing),
)  # fmt: skip
def renew_recovery_codes(
    writing: Writing, actor: Annotated[Actor, may("recovery_code.renew")]
) -> RecoveryCodes:
    """Ten new recovery codes, shown this once; those before are worth nothing any more."""
    with writing as session:
        return RecoveryCodes(codes=service.renew_recovery_codes(session, actor=actor))


@router.post(
    "/auth/confirmations", response_model=ConfirmedOut,
    responses=problems(SecondFactorMissing, SecondFactorWrong, TooManyPasswordAttempts),
)  # fmt: skip
def confirm_session(
    body: CodeIn, writing: Writing, cache: CacheDep, actor: Annotated[Actor, may("session.confirm")]
) -> ConfirmedOut:
    """Show a code once more; for five minutes this sign-in may do what is dangerous."""
    with writing as session:
        outcome = service.confirm_session(session, code=body.code, actor=actor)
    if isinstance(outcome, Rejected):
        raise outcome.error
    if actor.session_id is not None:
        cache.forget(actor.session_id)
    return ConfirmedOut(confirmed_until=outcome)


def _picture(uri: str) -> str:
    import segno  # noqa: PLC0415 - few processes ever draw one

    return str(segno.make_qr(uri, error="m").svg_data_uri(border=2, scale=4))
