"""Routes for administrators: accounts, what they may do where, and what takes two."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.access import rules, service
from app.access.actor import AccountKind, Actor
from app.access.deps import CacheDep, may
from app.access.errors import (
    AccountNotFound,
    GrantHeld,
    GrantNotFound,
    KeyMalformed,
    NameTaken,
    NoLinkWaiting,
    NotEnrolled,
    OutsideYourDivision,
    ProposalNotFound,
    ProposedAlready,
    RoleNotGrantable,
    RolesNotTogether,
    SecondAdministratorNeeded,
    SupervisorInCommittee,
)
from app.access.schemas import (
    AccountCreated,
    AccountIn,
    AccountOut,
    AccountPage,
    ClientIn,
    ClientKeyIn,
    ClientList,
    ClientOut,
    GrantIn,
    GrantOut,
    LinkCodeOut,
    LinkOut,
    LinkWaiting,
    ListedClientOut,
    Named,
    ProposalList,
    ProposalOut,
)
from app.access.service import Listed, ListedAccount, WaitingLink
from app.access.tokens import key_fingerprint
from app.core.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, BadCursor, decode_cursor, page_of
from app.core.web import Reading, Writing, problems

router = APIRouter(prefix="/api/v1", tags=["access"])


@router.post("/accounts", status_code=201, response_model=AccountCreated, responses=problems(NameTaken))
def create_account(
    body: AccountIn, writing: Writing, actor: Annotated[Actor, may("account.create")]
) -> AccountCreated:
    """Make a staff account; its owner chooses the password with the link in the answer and another one's code."""
    with writing as session:
        account, link = service.create_staff(
            session, name=body.name, display_name=body.display_name, actor=actor
        )
        return AccountCreated(account_id=account.id, link=link)


@router.get("/accounts", response_model=AccountPage, responses=problems(BadCursor))
def list_accounts(
    reading: Reading,
    actor: Annotated[Actor, may("account.list")],
    kind: Annotated[AccountKind | None, Query(description="`staff` or `platform`; both if left out.")] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> AccountPage:
    """Staff and machine accounts that hold nothing outside of your divisions, with what they may do."""
    if kind is AccountKind.RESIDENT:  # nobody's list
        return AccountPage(items=[], next_cursor=None)
    with reading as session:
        rows = service.list_accounts(
            session, kind=kind, after=decode_cursor(cursor), limit=limit + 1, actor=actor
        )
        items = [_account_out(row) for row in rows]
    page = page_of(items, limit, key=lambda item: item.name)
    return AccountPage(items=list(page.items), next_cursor=page.next_cursor)


@router.post("/accounts/{account_id}/disable", status_code=204, responses=problems(AccountNotFound))
def disable_account(
    account_id: uuid.UUID, writing: Writing, cache: CacheDep, actor: Annotated[Actor, may("account.disable")]
) -> Response:
    """Let an account sign in no more."""
    with writing as session:
        service.disable_account(session, account_id=account_id, actor=actor)
    cache.clear()
    return Response(status_code=204)


@router.post(
    "/accounts/{account_id}/link",
    status_code=201,
    response_model=LinkOut,
    responses=problems(AccountNotFound),
)
def renew_account_link(
    account_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("account.renew_link")]
) -> LinkOut:
    """A new link with which the account's owner chooses a password, and another one's code; earlier ones end."""
    with writing as session:
        link = service.renew_link(session, account_id=account_id, actor=actor)
    return LinkOut(link=link, expires_in=rules.LINK_HOURS * 3600)


@router.post(
    "/accounts/{account_id}/countersign",
    status_code=201,
    response_model=LinkCodeOut,
    responses=problems(AccountNotFound, NoLinkWaiting, SecondAdministratorNeeded),
)
def countersign_account_link(
    account_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("account.countersign")]
) -> LinkCodeOut:
    """The code that goes with the link another administrator made, for the account's owner; shown this once."""
    with writing as session:
        made = service.countersign_link(session, account_id=account_id, actor=actor)
    return LinkCodeOut(code=made.code, expires_at=made.expires_at)


@router.post(
    "/accounts/{account_id}/grants", status_code=201, response_model=ProposalOut,
    responses=problems(
        AccountNotFound, OutsideYourDivision, RoleNotGrantable, SupervisorInCommittee, RolesNotTogether, GrantHeld,
        ProposedAlready,
    ),
)  # fmt: skip
def propose_grant(
    account_id: uuid.UUID, body: GrantIn, writing: Writing, actor: Annotated[Actor, may("grant.propose")]
) -> ProposalOut:
    """Propose that an account may act in a role over a division and all below it; another administrator confirms."""
    with writing as session:
        row = service.propose_grant(
            session, account_id=account_id, role=body.role, division=body.division, actor=actor
        )
        return _proposal_out(service.read_proposal(session, row=row, actor=actor))


@router.delete("/grants/{grant_id}", status_code=204, responses=problems(GrantNotFound))
def end_grant(
    grant_id: uuid.UUID, writing: Writing, cache: CacheDep, actor: Annotated[Actor, may("grant.end")]
) -> Response:
    """End a grant now."""
    with writing as session:
        service.end_grant(session, grant_id=grant_id, actor=actor)
    cache.clear()
    return Response(status_code=204)


@router.post(
    "/accounts/{account_id}/second-factor-resets", status_code=201, response_model=ProposalOut,
    responses=problems(AccountNotFound, NotEnrolled, ProposedAlready),
)  # fmt: skip
def propose_second_factor_reset(
    account_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("second_factor.propose_reset")]
) -> ProposalOut:
    """Propose to forget somebody's authenticator app, which is lost; another administrator confirms."""
    with writing as session:
        row = service.propose_second_factor_reset(session, account_id=account_id, actor=actor)
        return _proposal_out(service.read_proposal(session, row=row, actor=actor))


@router.get("/account-proposals", response_model=ProposalList)
def list_proposals(reading: Reading, actor: Annotated[Actor, may("proposal.list")]) -> ProposalList:
    """What waits for a second administrator, and the last that was decided."""
    with reading as session:
        return ProposalList(
            items=[_proposal_out(each) for each in service.list_proposals(session, actor=actor)]
        )


@router.post(
    "/account-proposals/{proposal_id}/confirm", response_model=ProposalOut,
    responses=problems(
        ProposalNotFound, SecondAdministratorNeeded, RoleNotGrantable, SupervisorInCommittee, RolesNotTogether,
        GrantHeld, NotEnrolled,
    ),
)  # fmt: skip
def confirm_proposal(
    proposal_id: uuid.UUID,
    writing: Writing,
    cache: CacheDep,
    actor: Annotated[Actor, may("proposal.confirm")],
) -> ProposalOut:
    """Confirm what another administrator proposed; it is done at once."""
    with writing as session:
        out = _proposal_out(service.confirm_proposal(session, proposal_id=proposal_id, actor=actor))
    cache.clear()
    return out


@router.post(
    "/account-proposals/{proposal_id}/refuse",
    response_model=ProposalOut,
    responses=problems(ProposalNotFound),
)
def refuse_proposal(
    proposal_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("proposal.refuse")]
) -> ProposalOut:
    """Refuse what another administrator proposed, or take back what you proposed."""
    with writing as session:
        return _proposal_out(service.refuse_proposal(session, proposal_id=proposal_id, actor=actor))


@router.get("/platform-clients", response_model=ClientList)
def list_clients(reading: Reading, actor: Annotated[Actor, may("client.list")]) -> ClientList:
    """Government systems of your divisions, and what they may do."""
    with reading as session:
        return ClientList(
            items=[
                ListedClientOut(
                    account_id=each.account.id,
                    client_id=each.account.name or "",
                    scopes=[GrantOut.model_validate(row) for row in each.scopes],
                    key_fingerprint=each.fingerprint,
                    created_at=each.account.created_at,
                    last_used_at=each.last_used_at,
                    disabled_at=each.account.disabled_at,
                )
                for each in service.list_clients(session, actor=actor)
            ]
        )


@router.post(
    "/platform-clients", status_code=201, response_model=ClientOut,
    responses=problems(OutsideYourDivision, NameTaken, KeyMalformed, RoleNotGrantable),
)  # fmt: skip
def register_client(
    body: ClientIn, writing: Writing, actor: Annotated[Actor, may("client.register")]
) -> ClientOut:
    """Register a government system by its public key; another administrator confirms each scope."""
    with writing as session:
        account = service.register_client(
            session, name=body.name, public_key_pem=body.public_key_pem, scopes=body.scopes,
            division=body.division, actor=actor,
        )  # fmt: skip
        return ClientOut(account_id=account.id, client_id=body.name)


@router.post(
    "/platform-clients/{account_id}/keys", status_code=201, response_model=ProposalOut,
    responses=problems(AccountNotFound, KeyMalformed, ProposedAlready),
)  # fmt: skip
def propose_client_key(
    account_id: uuid.UUID,
    body: ClientKeyIn,
    writing: Writing,
    actor: Annotated[Actor, may("client.propose_key")],
) -> ProposalOut:
    """Propose another public key for a government system; the old one works until another administrator confirms."""
    with writing as session:
        row = service.propose_client_key(
            session, account_id=account_id, public_key_pem=body.public_key_pem, actor=actor
        )
        return _proposal_out(service.read_proposal(session, row=row, actor=actor))


def _account_out(each: ListedAccount) -> AccountOut:
    return AccountOut(
        account_id=each.account.id,
        kind=each.account.kind,
        name=each.account.name or "",
        display_name=each.account.display_name,
        created_at=each.account.created_at,
        disabled_at=each.account.disabled_at,
        has_password=each.account.password_hash is not None,
        second_factor=each.enrolled,
        grants=[GrantOut.model_validate(row) for row in each.grants],
        link=each.link and _link_out(each.link),
    )


def _link_out(each: WaitingLink) -> LinkWaiting:
    row, by, other = each.row, each.made_by, each.countersigned_by
    return LinkWaiting(
        made_by=by and _person(by.id, by.name, by.display_name),
        made_at=row.made_at,
        expires_at=row.expires_at,
        countersigned_by=other and _person(other.id, other.name, other.display_name),
        countersigned_at=row.countersigned_at,
        may_countersign=each.may_countersign,
    )


def _proposal_out(each: Listed) -> ProposalOut:
    row, by = each.row, each.decided_by
    return ProposalOut(
        id=row.id,
        kind=row.kind,
        account=_person(each.account.id, each.account.name, each.account.display_name),
        role=row.role,
        division=row.division,
        key_fingerprint=None if row.public_key is None else key_fingerprint(row.public_key),
        proposed_by=_person(each.proposed_by.id, each.proposed_by.name, each.proposed_by.display_name),
        proposed_at=row.proposed_at,
        expires_at=row.expires_at,
        decision=row.decision,
        decided_by=by and _person(by.id, by.name, by.display_name),
        decided_at=row.decided_at,
        may_confirm=each.may_confirm,
    )


def _person(account_id: uuid.UUID, name: str | None, display_name: str | None) -> Named:
    return Named(account_id=account_id, name=name or "", display_name=display_name)
