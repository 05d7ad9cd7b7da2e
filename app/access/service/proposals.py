"""What takes two administrators: giving a role, resetting a second factor, exchanging a machine's key.

One proposes, another confirms or refuses; until then nothing has changed. Taking power away needs one (`end_grant`,
`disable_account`).
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import AccountKind, Actor
from app.access.errors import (
    AccountNotFound,
    GrantHeld,
    NotEnrolled,
    OutsideYourDivision,
    ProposalNotFound,
    ProposedAlready,
)
from app.access.models import Account, Proposal
from app.access.roles import Role
from app.access.rules import Decision, ProposalKind
from app.access.service.accounts import check_grant, give_grant
from app.access.service.administering import administered
from app.access.service.second_factors import reset_second_factor
from app.access.tokens import read_public_key
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import Plain

#: How many decided ones are shown after those that wait.
DECIDED_SHOWN = 20


@dataclass(frozen=True)
class Listed:
    """A proposal with those it names."""

    row: Proposal
    account: Account
    proposed_by: Account
    decided_by: Account | None
    may_confirm: bool


def propose_grant(
    session: Session, *, account_id: uuid.UUID, role: Role, division: str, actor: Actor
) -> Proposal:
    """Propose that an account may act in a role over a division and all below it.

    Raises:
        AccountNotFound: there is no such staff or machine account, or it is not yours to administer.
        OutsideYourDivision: the division is not under one you administer.
        RoleNotGrantable, SupervisorInCommittee, RolesNotTogether: as when it is given.
        GrantHeld: the account holds it.
        ProposedAlready: it waits for an answer.
    """
    account = _usable(session, account_id, verb="grant.propose", actor=actor)
    if not actor.may("grant.propose", division):
        raise OutsideYourDivision
    check_grant(session, account=account, role=role, division=division)
    _check_not_held(session, account_id, role, division)
    return _propose(
        session, ProposalKind.GRANT, account, actor=actor, tag=Tag.GRANT_PROPOSED, role=role, division=division
    )  # fmt: skip


def propose_second_factor_reset(session: Session, *, account_id: uuid.UUID, actor: Actor) -> Proposal:
    """Propose to forget somebody's second factor: phone and recovery codes are lost.

    Raises:
        AccountNotFound: there is no such staff account, or it is not yours to administer.
        NotEnrolled: there is nothing to forget.
        ProposedAlready: it waits for an answer.
    """
    account = _usable(session, account_id, verb="second_factor.propose_reset", actor=actor)
    if account.id not in queries.enrolled_among(session, [account.id]):
        raise NotEnrolled
    return _propose(
        session, ProposalKind.SECOND_FACTOR_RESET, account, actor=actor, tag=Tag.SECOND_FACTOR_RESET_PROPOSED
    )  # fmt: skip


def propose_client_key(
    session: Session, *, account_id: uuid.UUID, public_key_pem: str, actor: Actor
) -> Proposal:
    """Propose another public key for a government's system; the old one works until it is confirmed.

    Raises:
        AccountNotFound: there is no such machine account, or it is not yours to administer.
        KeyMalformed: not a P-256 public key in PEM.
        ProposedAlready: a new key waits for an answer.
    """
    account = _usable(session, account_id, verb="client.propose_key", actor=actor)
    if account.kind is not AccountKind.PLATFORM:
        raise AccountNotFound
    return _propose(
        session, ProposalKind.CLIENT_KEY, account, actor=actor, tag=Tag.CLIENT_KEY_PROPOSED,
        public_key=read_public_key(public_key_pem),
    )  # fmt: skip


def list_proposals(session: Session, *, actor: Actor) -> list[Listed]:
    """What waits for a second administrator, the oldest first; after it what was decided last."""
    rows = [
        *queries.open_proposals(session, clock.now()),
        *queries.decided_proposals(session, limit=DECIDED_SHOWN),
    ]
    ids = {each for row in rows for each in (row.account_id, row.proposed_by, row.decided_by) if each}
    accounts = queries.accounts_with(session, ids)
    return [
        _listed(row, accounts, actor=actor)
        for row in rows
        if _is_theirs(session, row, accounts[row.account_id], verb="proposal.list", actor=actor)
    ]


def confirm_proposal(session: Session, *, proposal_id: uuid.UUID, actor: Actor) -> Listed:
    """Do what another administrator proposed.

    Raises:
        ProposalNotFound: there is none that waits, or it is not yours to judge.
        SecondAdministratorNeeded: you proposed it, or it is about you.
        RoleNotGrantable, SupervisorInCommittee, RolesNotTogether, GrantHeld, NotEnrolled: it is not possible any more.
    """
    row, account = _waiting(session, proposal_id, verb="proposal.confirm", actor=actor)
    rules.check_second_administrator(actor.account_id, proposed_by=row.proposed_by, concerns=row.account_id)
    _decide(session, row, Decision.CONFIRMED, actor=actor)
    if row.kind is ProposalKind.GRANT:
        assert row.role is not None
        assert row.division is not None
        _check_not_held(session, account.id, row.role, row.division)
        give_grant(
            session, account_id=account.id, role=row.role, division=row.division, actor=actor,
            proposed_by=row.proposed_by,
        )  # fmt: skip
    elif row.kind is ProposalKind.SECOND_FACTOR_RESET:
        reset_second_factor(session, account_id=account.id, actor=actor)
    else:
        account.public_key = row.public_key
        session.add(account)
        queries.revoke_sign_ins(session, account.id, clock.now())
        audit.record(
            session, chain=audit.INSTALLATION, by=actor.ref, tag=Tag.CLIENT_KEY_REPLACED,
            subject=f"account:{account.id}", facts={"proposed_by": f"account:{row.proposed_by}"},
        )  # fmt: skip
    return read_proposal(session, row=row, actor=actor)


def refuse_proposal(session: Session, *, proposal_id: uuid.UUID, actor: Actor) -> Listed:
    """Say no to a proposal, or take back one's own.

    Raises:
        ProposalNotFound: there is none that waits, or it is not yours to judge.
    """
    row, account = _waiting(session, proposal_id, verb="proposal.refuse", actor=actor)
    _decide(session, row, Decision.REFUSED, actor=actor)
    audit.record(
        session, chain=row.division or audit.INSTALLATION, by=actor.ref, tag=Tag.PROPOSAL_REFUSED,
        subject=f"account:{account.id}", facts=_facts(row),
    )  # fmt: skip
    return read_proposal(session, row=row, actor=actor)


def read_proposal(session: Session, *, row: Proposal, actor: Actor) -> Listed:
    """A proposal with those it names."""
    ids: Sequence[uuid.UUID | None] = (row.account_id, row.proposed_by, row.decided_by)
    return _listed(row, queries.accounts_with(session, {each for each in ids if each}), actor=actor)


# --- inside -------------------------------------------------------------------------------------------------------


def _listed(row: Proposal, accounts: dict[uuid.UUID, Account], *, actor: Actor) -> Listed:
    return Listed(
        row,
        accounts[row.account_id],
        accounts[row.proposed_by],
        None if row.decided_by is None else accounts[row.decided_by],
        may_confirm=row.decision is None and actor.account_id not in {row.proposed_by, row.account_id},
    )


def _usable(session: Session, account_id: uuid.UUID, *, verb: str, actor: Actor) -> Account:
    account = administered(session, account_id=account_id, verb=verb, actor=actor)
    if account.disabled_at is not None:
        raise AccountNotFound
    return account


def _check_not_held(session: Session, account_id: uuid.UUID, role: Role, division: str) -> None:
    held = queries.grants_in_force(session, account_id, clock.now())
    if any(row.role is role and row.division == division for row in held):
        raise GrantHeld


def _propose(
    session: Session,
    kind: ProposalKind,
    account: Account,
    *,
    actor: Actor,
    tag: Tag,
    role: Role | None = None,
    division: str | None = None,
    public_key: str | None = None,
) -> Proposal:
    assert actor.account_id is not None
    now = clock.now()
    queries.account_locked(session, account.id)  # of two proposals at once one sees the other
    waiting = queries.open_proposals(session, now, account_id=account.id)
    if any((each.kind, each.role, each.division) == (kind, role, division) for each in waiting):
        raise ProposedAlready
    row = Proposal(
        kind=kind, account_id=account.id, role=role, division=division, public_key=public_key,
        proposed_by=actor.account_id, proposed_at=now, expires_at=now + dt.timedelta(days=rules.PROPOSAL_DAYS),
    )  # fmt: skip
    session.add(row)
    audit.record(
        session, chain=division or audit.INSTALLATION, by=actor.ref, tag=tag, subject=f"account:{account.id}",
        facts=_facts(row),
    )  # fmt: skip
    return row


def _facts(row: Proposal) -> dict[str, Plain]:
    if row.role is None:
        return {"kind": row.kind.value}
    return {"kind": row.kind.value, "role": row.role.value, "division": row.division}


def _is_theirs(session: Session, row: Proposal, account: Account, *, verb: str, actor: Actor) -> bool:
    if row.division is not None and not actor.may(verb, row.division):
        return False
    try:
        administered(session, account_id=account.id, verb=verb, actor=actor)
    except AccountNotFound:
        return False
    return True


def _waiting(
    session: Session, proposal_id: uuid.UUID, *, verb: str, actor: Actor
) -> tuple[Proposal, Account]:
    row = queries.proposal_for_update(session, proposal_id)
    account = None if row is None else queries.account(session, row.account_id)
    if row is None or account is None or row.decision is not None or row.expires_at <= clock.now():
        raise ProposalNotFound
    if account.disabled_at is not None or not _is_theirs(session, row, account, verb=verb, actor=actor):
        raise ProposalNotFound
    return row, account


def _decide(session: Session, row: Proposal, decision: Decision, *, actor: Actor) -> None:
    row.decision, row.decided_by, row.decided_at = decision, actor.account_id, clock.now()
    session.add(row)
