"""Routes of recorded rounds for owners and for everybody. What staff do with paper stands in `papers`."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from app.access.actor import Actor
from app.access.deps import may
from app.access.errors import PhoneMalformed
from app.core.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, BadCursor, decode_cursor, page_of
from app.core.signer import b64
from app.core.web import BadETag, Reading, SettingsDep, Writing, etag_version, language_of, problems
from app.recorded import service
from app.recorded.api import answers
from app.recorded.deps import SignerDep
from app.recorded.errors import (
    DecisionNoticeRunning,
    DwellingNotFound,
    DwellingsWithoutArea,
    HolderUnknown,
    NoDecisionYet,
    NotAnOwner,
    PowersExceeded,
    ProxyNotFound,
    ProxyOfProxy,
    ProxyOvertaken,
    ProxyStands,
    ProxyToOneself,
    ProxyUsed,
    ProxyWrongState,
    TooManyProxies,
    VoteChanged,
)
from app.recorded.schemas import (
    DecisionOut,
    DecisionRecordIn,
    DecisionRecordOut,
    DecisionVotesPage,
    GivenProxyOut,
    MyProxiesOut,
    MyVotesOut,
    ProxyIn,
    ProxyVoteIn,
    ReceiptsOut,
    RecordedRoundOut,
    VoteIn,
)
from app.residents.service import Reason
from app.rounds.errors import (
    NobodyOnTheRoll,
    RoundClosed,
    RoundNotFound,
    RoundNotOpen,
    RoundSecret,
    RoundWrongState,
    TooEarly,
)

router = APIRouter(prefix="/api/v1", tags=["recorded"])

IfMatch = Annotated[
    str | None,
    Header(max_length=40, description='The version of your votes that you read, `"2"`; `"0"` for none.'),
]
Cursor = Annotated[str | None, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT)]

_VOTING = (RoundNotFound, RoundSecret, RoundNotOpen, RoundClosed)


# --- the round ------------------------------------------------------------------------------------------------------


@router.post(
    "/rounds/{round_id}/recorded/open", response_model=RecordedRoundOut,
    responses=problems(
        RoundNotFound, RoundSecret, RoundWrongState, TooEarly, DwellingsWithoutArea, NobodyOnTheRoll
    ),
)  # fmt: skip
def open_recorded_round(
    round_id: uuid.UUID, writing: Writing, settings: SettingsDep, actor: Annotated[Actor, may("round.open")]
) -> RecordedRoundOut:
    """Open a recorded round whose time has come, if the clock has not done so already; the owners' roll is frozen."""
    with writing as session:
        row = service.open_round(session, round_id=round_id, actor=actor, early=settings.manual_round_times)
        return answers.round_out(row)


@router.post(
    "/rounds/{round_id}/recorded/close", response_model=RecordedRoundOut,
    responses=problems(RoundNotFound, RoundSecret, RoundWrongState, TooEarly),
)  # fmt: skip
def close_recorded_round(
    round_id: uuid.UUID, writing: Writing, settings: SettingsDep, actor: Annotated[Actor, may("round.close")]
) -> RecordedRoundOut:
    """Close a recorded round whose time has come, if the clock has not done so already; then it is counted."""
    with writing as session:
        row = service.close_round(session, round_id=round_id, actor=actor, early=settings.manual_round_times)
        return answers.round_out(row)


@router.post(
    "/rounds/{round_id}/recorded/certify", response_model=RecordedRoundOut,
    responses=problems(RoundNotFound, RoundSecret, NoDecisionYet, DecisionNoticeRunning, RoundWrongState),
)  # fmt: skip
def certify_decision(
    round_id: uuid.UUID,
    writing: Writing,
    settings: SettingsDep,
    actor: Annotated[Actor, may("round.certify")],
) -> RecordedRoundOut:
    """Declare that a decision stands, once it has hung out for 30 days."""
    with writing as session:
        row = service.certify(session, round_id=round_id, actor=actor, early=settings.manual_round_times)
        return answers.round_out(row)


# --- voting ---------------------------------------------------------------------------------------------------------


@router.get(
    "/rounds/{round_id}/my-votes", response_model=MyVotesOut,
    responses=problems(RoundNotFound, RoundSecret, RoundNotOpen, NotAnOwner),
)  # fmt: skip
def read_my_votes(
    round_id: uuid.UUID,
    reading: Reading,
    response: Response,
    signer: SignerDep,
    actor: Annotated[Actor, may("vote.read")],
) -> MyVotesOut:
    """Your dwellings on the roll, all that was said for them, by you or anybody, and forms on paper that wait."""
    with reading as session:
        view = service.my_votes(session, round_id=round_id, actor=actor)
    response.headers["ETag"] = f'"{view.version}"'
    return answers.my_votes(view, me=actor.ref, signer=signer)


@router.put(
    "/rounds/{round_id}/my-votes", response_model=ReceiptsOut,
    responses=problems(*_VOTING, NotAnOwner, DwellingNotFound, VoteChanged, BadETag),
)  # fmt: skip
def cast_vote(
    round_id: uuid.UUID,
    body: VoteIn,
    writing: Writing,
    response: Response,
    signer: SignerDep,
    actor: Annotated[Actor, may("vote.cast")],
    if_match: IfMatch = None,
) -> ReceiptsOut:
    """Vote for your dwellings, signed and not secret; the last vote of an owner before closing stands."""
    version = None if if_match is None or if_match.strip() == "*" else etag_version(if_match)
    with writing as session:
        acts, now_in_force = service.cast(
            session, round_id=round_id, choice=body.choice, dwellings=body.dwellings, if_version=version,
            actor=actor, signer=signer,
        )  # fmt: skip
    response.headers["ETag"] = f'"{now_in_force}"'
    return answers.receipts(round_id, acts, signer)


# --- proxies --------------------------------------------------------------------------------------------------------


@router.get(
    "/rounds/{round_id}/my-proxies",
    response_model=MyProxiesOut,
    responses=problems(RoundNotFound, RoundSecret),
)
def list_my_proxies(
    round_id: uuid.UUID, request: Request, reading: Reading, actor: Annotated[Actor, may("proxy.list")]
) -> MyProxiesOut:
    """The proxies you gave, and those you hold with what you voted by them."""
    with reading as session:
        view = service.proxies.mine(session, round_id=round_id, actor=actor)
    return answers.my_proxies(view, language_of(request))


@router.post(
    "/rounds/{round_id}/proxies", status_code=201, response_model=GivenProxyOut,
    responses=problems(
        *_VOTING, NotAnOwner, ProxyOfProxy, PhoneMalformed, HolderUnknown, ProxyToOneself, ProxyStands, TooManyProxies
    ),
)  # fmt: skip
def give_proxy(
    round_id: uuid.UUID,
    body: ProxyIn,
    request: Request,
    writing: Writing,
    signer: SignerDep,
    actor: Annotated[Actor, may("proxy.give")],
) -> GivenProxyOut:
    """Let another resident vote for all your dwellings; you can revoke it until it is used, or vote yourself."""
    with writing as session:
        row, proxy = service.proxies.give(
            session, round_id=round_id, holder_phone=body.holder_phone, powers=body.powers, actor=actor, signer=signer
        )  # fmt: skip
    return answers.given_proxy(row, proxy, language=language_of(request), signer=signer)


@router.delete(
    "/rounds/{round_id}/proxies/{proxy_id}", response_model=GivenProxyOut,
    responses=problems(*_VOTING, NotAnOwner, ProxyNotFound, ProxyUsed, ProxyWrongState),
)  # fmt: skip
def revoke_proxy(
    round_id: uuid.UUID,
    proxy_id: uuid.UUID,
    request: Request,
    writing: Writing,
    signer: SignerDep,
    actor: Annotated[Actor, may("proxy.revoke")],
) -> GivenProxyOut:
    """Take back a proxy that has not been used."""
    with writing as session:
        row, proxy = service.proxies.revoke(session, round_id=round_id, proxy_id=proxy_id, actor=actor)
    return answers.given_proxy(row, proxy, language=language_of(request), signer=signer)


@router.put(
    "/rounds/{round_id}/proxies/{proxy_id}/vote", response_model=ReceiptsOut,
    responses=problems(*_VOTING, ProxyNotFound, ProxyWrongState, PowersExceeded, ProxyOvertaken),
)  # fmt: skip
def use_proxy(
    round_id: uuid.UUID,
    proxy_id: uuid.UUID,
    body: ProxyVoteIn,
    writing: Writing,
    signer: SignerDep,
    actor: Annotated[Actor, may("proxy.use")],
) -> ReceiptsOut:
    """Vote for the owner whose proxy you hold; the vote is marked as one by proxy and not secret."""
    with writing as session:
        acts = service.proxies.use(
            session, round_id=round_id, proxy_id=proxy_id, choice=body.choice, actor=actor, signer=signer
        )
    return answers.receipts(round_id, acts, signer)


# --- the decision ---------------------------------------------------------------------------------------------------


@router.get(
    "/rounds/{round_id}/decision", response_model=DecisionOut,
    responses=problems(RoundNotFound, RoundSecret, NoDecisionYet),
)  # fmt: skip
def read_decision(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    signer: SignerDep,
    actor: Annotated[Actor, may("decision.read")],  # noqa: ARG001
) -> DecisionOut:
    """What owners decided: heads and area, what the law asks for, by how much it missed. Nothing about a dwelling."""
    with reading as session:
        view = service.decision(session, round_id=round_id)
    return answers.decision(view, language=language_of(request), signer=signer)


@router.get(
    "/rounds/{round_id}/decision/votes", response_model=DecisionVotesPage,
    responses=problems(RoundNotFound, RoundSecret, NotAnOwner, NoDecisionYet, BadCursor),
)  # fmt: skip
def list_decision_votes(
    round_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("decision.list_votes")],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> DecisionVotesPage:
    """How dwellings voted, rooms masked, in an order that says nothing, for owners on the roll and those who run it."""
    with reading as session:
        found = service.decision_votes(
            session, round_id=round_id, after=decode_cursor(cursor), limit=limit + 1, actor=actor
        )
    return answers.decision_votes(page_of(found, limit, key=lambda vote: vote.place))


@router.get(
    "/rounds/{round_id}/decision/record", response_model=DecisionRecordOut,
    responses=problems(RoundNotFound, RoundSecret, NotAnOwner, NoDecisionYet),
)  # fmt: skip
def export_decision(
    round_id: uuid.UUID, reading: Reading, signer: SignerDep, actor: Annotated[Actor, may("decision.export")]
) -> DecisionRecordOut:
    """Everything that was counted, signed, to be counted again anywhere; for owners on the roll, and without names."""
    with reading as session:
        body, signature = service.decision_record(session, round_id=round_id, actor=actor)
    return DecisionRecordOut(
        **answers.MARK, body=body, signature=signature, signed_with=b64(signer.public_key)
    )


@router.post(
    "/rounds/{round_id}/decision/record", response_model=DecisionRecordOut,
    responses=problems(RoundNotFound, RoundSecret, NoDecisionYet),
)  # fmt: skip
def export_decision_unmasked(
    round_id: uuid.UUID,
    body: DecisionRecordIn,
    writing: Writing,
    signer: SignerDep,
    actor: Annotated[Actor, may("decision.export_unmasked")],
) -> DecisionRecordOut:
    """The same for those who have the roll beside it, for a reason that is kept and listed."""
    with writing as session:
        found, signature = service.disclose_record(
            session, round_id=round_id, reason=Reason(body.purpose, body.reason), actor=actor
        )
    return DecisionRecordOut(
        **answers.MARK, body=found, signature=signature, signed_with=b64(signer.public_key)
    )


def id_cursor(cursor: str | None) -> uuid.UUID | None:
    """The id behind a cursor.

    Raises:
        BadCursor: it is none of ours.
    """
    key = decode_cursor(cursor)
    if key is None:
        return None
    try:
        return uuid.UUID(key)
    except ValueError as error:
        raise BadCursor from error
