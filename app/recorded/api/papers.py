"""Routes of those who run a recorded vote: the roll of owners, forms and proxies on paper, each seen by two people."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request

from app.access.actor import Actor
from app.access.deps import may
from app.access.errors import PhoneMalformed
from app.core.pagination import DEFAULT_LIMIT, BadCursor, page_of, time_and_id, time_and_id_cursor
from app.core.text import Line
from app.core.web import Reading, Writing, language_of, problems
from app.recorded import service
from app.recorded.api import answers
from app.recorded.api.owners import Cursor, Limit, id_cursor
from app.recorded.deps import SignerDep
from app.recorded.errors import (
    DwellingNotFound,
    FormEnteredAlready,
    FormNotFound,
    FormWrongState,
    HolderUnknown,
    NotAnOwner,
    ProxyNotFound,
    ProxyStands,
    ProxyToOneself,
    ProxyWrongState,
    SecondLookNeeded,
    TimeImpossible,
    TooManyProxies,
)
from app.recorded.rules import FormState
from app.recorded.schemas import (
    FormIdsIn,
    FormListOut,
    FormPage,
    FormRefusalIn,
    FormsIn,
    GivenProxyOut,
    OwnersRollPage,
    PaperProxyIn,
    ProxyListOut,
    RefusalIn,
)
from app.residents.rules import narrow
from app.rounds.errors import RoundClosed, RoundNotFound, RoundNotOpen, RoundSecret

router = APIRouter(prefix="/api/v1", tags=["recorded"])

_OPEN = (RoundNotFound, RoundSecret, RoundNotOpen, RoundClosed)
_WAITING = (*_OPEN, ProxyNotFound, ProxyWrongState)


@router.get(
    "/rounds/{round_id}/owners-roll", response_model=OwnersRollPage,
    responses=problems(RoundNotFound, RoundSecret, RoundNotOpen, BadCursor),
)  # fmt: skip
def list_owners_roll(
    round_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("owners_roll.list")],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> OwnersRollPage:
    """The dwellings of a recorded round: whose, how large, which are one head, whether they have voted; not how."""
    with reading as session:
        view = service.owners_roll(
            session, round_id=round_id, after=id_cursor(cursor), limit=limit + 1, actor=actor
        )
    page = page_of(view.lines.entries, limit, key=lambda entry: str(entry.id))
    return answers.owners_roll(view, page.next_cursor, len(page.items))


@router.get(
    "/rounds/{round_id}/owners-roll/search", response_model=OwnersRollPage,
    responses=problems(RoundNotFound, RoundSecret, RoundNotOpen),
)  # fmt: skip
def search_owners_roll(
    round_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("owners_roll.list")],
    q: Annotated[Line, Query(description="A door as people type it, `3-2-501`, or an owner's name.")],
) -> OwnersRollPage:
    """The same of a door as people type it, or of an owner's name; the first fifty."""
    with reading as session:
        view = service.search_owners_roll(
            session, round_id=round_id, text=narrow(q), limit=DEFAULT_LIMIT, actor=actor
        )
    return answers.owners_roll(view, None, len(view.lines.entries))


# --- forms ----------------------------------------------------------------------------------------------------------


@router.get(
    "/rounds/{round_id}/forms",
    response_model=FormPage,
    responses=problems(RoundNotFound, RoundSecret, BadCursor),
)
def list_forms(
    round_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("form.list")],
    state: Annotated[FormState | None, Query(description="`entered`: those that wait for you.")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> FormPage:
    """Signed forms of a round, in the order they were entered."""
    with reading as session:
        stack = service.forms.listing(
            session, round_id=round_id, state=state, after=time_and_id(cursor), limit=limit + 1, actor=actor
        )
    page = page_of(stack.forms, limit, key=lambda form: time_and_id_cursor(form.entered_at, form.id))
    return answers.form_page(stack, page)


@router.post(
    "/rounds/{round_id}/forms", status_code=201, response_model=FormListOut,
    responses=problems(*_OPEN, DwellingNotFound, TimeImpossible, FormEnteredAlready),
)  # fmt: skip
def enter_forms(
    round_id: uuid.UUID, body: FormsIn, writing: Writing, actor: Annotated[Actor, may("form.enter")]
) -> FormListOut:
    """Enter signed forms, all of them or none; they count once somebody else has compared them with the paper."""
    with writing as session:
        stack = service.forms.enter(session, round_id=round_id, items=body.items, actor=actor)
        return answers.form_list(stack)


@router.post(
    "/rounds/{round_id}/forms/confirm", response_model=FormListOut,
    responses=problems(RoundNotFound, RoundSecret, RoundNotOpen, FormNotFound, FormWrongState, SecondLookNeeded),
)  # fmt: skip
def confirm_forms(
    round_id: uuid.UUID,
    body: FormIdsIn,
    writing: Writing,
    signer: SignerDep,
    actor: Annotated[Actor, may("form.confirm")],
) -> FormListOut:
    """Say that what somebody else entered is what stands on the paper; once closed, online acts of owners stand."""
    with writing as session:
        stack = service.forms.confirm(
            session, round_id=round_id, form_ids=body.form_ids, actor=actor, signer=signer
        )
        return answers.form_list(stack)


@router.post(
    "/rounds/{round_id}/forms/refuse", response_model=FormListOut,
    responses=problems(RoundNotFound, RoundSecret, RoundNotOpen, FormNotFound, FormWrongState),
)  # fmt: skip
def refuse_forms(
    round_id: uuid.UUID,
    body: FormRefusalIn,
    writing: Writing,
    signer: SignerDep,
    actor: Annotated[Actor, may("form.refuse")],
) -> FormListOut:
    """Not take forms that wait, with the reason; a correction is entered as a new form."""
    with writing as session:
        stack = service.forms.refuse(
            session, round_id=round_id, form_ids=body.form_ids, reason=body.reason, actor=actor, signer=signer
        )
        return answers.form_list(stack)


# --- proxies on paper -----------------------------------------------------------------------------------------------


@router.get(
    "/rounds/{round_id}/paper-proxies",
    response_model=ProxyListOut,
    responses=problems(RoundNotFound, RoundSecret),
)
def list_entered_proxies(
    round_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("proxy.list_entered")],
) -> ProxyListOut:
    """Proxies on paper, those that wait for a second person first."""
    with reading as session:
        row, found = service.paper_proxies.listing(session, round_id=round_id, actor=actor)
    return answers.proxy_list(row, found)


@router.post(
    "/rounds/{round_id}/paper-proxies", status_code=201, response_model=GivenProxyOut,
    responses=problems(
        *_OPEN, NotAnOwner, TimeImpossible, PhoneMalformed, HolderUnknown, ProxyToOneself, ProxyStands, TooManyProxies
    ),
)  # fmt: skip
def enter_proxy(
    round_id: uuid.UUID,
    body: PaperProxyIn,
    request: Request,
    writing: Writing,
    signer: SignerDep,
    actor: Annotated[Actor, may("proxy.enter")],
) -> GivenProxyOut:
    """Enter a proxy that was given on paper; it is in force once somebody else has compared it."""
    with writing as session:
        row, proxy = service.paper_proxies.enter(
            session, round_id=round_id, body=body, actor=actor, signer=signer
        )
    return answers.given_proxy(row, proxy, language=language_of(request), signer=signer)


@router.post(
    "/rounds/{round_id}/paper-proxies/{proxy_id}/confirm", response_model=GivenProxyOut,
    responses=problems(*_WAITING, SecondLookNeeded),
)  # fmt: skip
def confirm_proxy(
    round_id: uuid.UUID,
    proxy_id: uuid.UUID,
    request: Request,
    writing: Writing,
    signer: SignerDep,
    actor: Annotated[Actor, may("proxy.confirm")],
) -> GivenProxyOut:
    """Say that what somebody else entered is what stands on the paper; the proxy is in force from now on."""
    with writing as session:
        row, proxy = service.paper_proxies.confirm(session, round_id=round_id, proxy_id=proxy_id, actor=actor)
    return answers.given_proxy(row, proxy, language=language_of(request), signer=signer)


@router.post(
    "/rounds/{round_id}/paper-proxies/{proxy_id}/refuse", response_model=GivenProxyOut, responses=problems(*_WAITING)
)  # fmt: skip
def refuse_proxy(
    round_id: uuid.UUID,
    proxy_id: uuid.UUID,
    body: RefusalIn,
    request: Request,
    writing: Writing,
    signer: SignerDep,
    actor: Annotated[Actor, may("proxy.refuse")],
) -> GivenProxyOut:
    """Not take a proxy on paper that waits, with the reason."""
    with writing as session:
        row, proxy = service.paper_proxies.refuse(
            session, round_id=round_id, proxy_id=proxy_id, reason=body.reason, actor=actor
        )
    return answers.given_proxy(row, proxy, language=language_of(request), signer=signer)
