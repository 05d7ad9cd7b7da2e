"""Reads of accounts and proofs."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actor import AccountKind
from app.access.divisions import significant
from app.access.models import (
    Account,
    GrantRow,
    OneTimeLink,
    PaperCode,
    PasswordAttempt,
    Proposal,
    RecoveryCode,
    RefreshToken,
    SecondFactor,
    SignInChallenge,
    SignInSession,
    Ticket,
    UsedAssertion,
    UsedBindingTicket,
    WeChatBinding,
    WrongPaperCodes,
)
from app.access.roles import Role
from app.core.db import among, locked, rows_of


def account(session: Session, account_id: uuid.UUID) -> Account | None:
    """One account."""
    return session.get(Account, account_id)


def account_by_name(session: Session, name: str) -> Account | None:
    """The staff account or machine client with a sign-in name."""
    return session.exec(select(Account).where(Account.name == name)).one_or_none()


def account_by_phone(session: Session, fingerprint: str) -> Account | None:
    """The resident's account behind a phone."""
    return session.exec(select(Account).where(Account.phone_fingerprint == fingerprint)).one_or_none()


def accounts_by_phone(session: Session, fingerprints: Collection[str]) -> Sequence[tuple[str, uuid.UUID]]:
    """(phone fingerprint, account) of the residents behind several phones who ever signed in and still may."""
    account = sa.inspect(Account).local_table.c
    statement = sa.select(account.phone_fingerprint, account.id).where(
        among(account.phone_fingerprint, "fingerprints"), account.disabled_at.is_(None)
    )
    return rows_of(session, statement, fingerprints=fingerprints)


_account = sa.inspect(Account).local_table.c
_sign_in = sa.inspect(SignInSession).local_table.c
_SIGNED_IN = (
    sa.select(
        _sign_in.id, _account.id, _account.kind, _account.phone_fingerprint, _account.subject_id, _sign_in.assisted,
        _sign_in.round_id,
    )
    .where(
        _sign_in.account_id == _account.id,
        among(_sign_in.id, "session_ids"),
        _sign_in.revoked_at.is_(None),
        _sign_in.expires_at > sa.bindparam("now"),
        _account.disabled_at.is_(None),
    )
)  # fmt: skip


def signed_in(
    session: Session, session_ids: Collection[uuid.UUID], now: dt.datetime
) -> Sequence[tuple[uuid.UUID, uuid.UUID, AccountKind, str | None, uuid.UUID | None, bool, uuid.UUID | None]]:
    """(sign-in session, account, kind, phone fingerprint, subject, assisted, round) of sign-ins that are in force."""
    return rows_of(session, _SIGNED_IN, session_ids=session_ids, now=now)


def account_of_subject(session: Session, subject_id: uuid.UUID) -> Account | None:
    """The account that stands for somebody who signs in with paper codes."""
    return session.exec(select(Account).where(Account.subject_id == subject_id)).one_or_none()


def accounts(
    session: Session,
    *,
    kinds: Collection[AccountKind],
    within: Collection[str],
    now: dt.datetime,
    after: str | None,
    limit: int,
) -> Sequence[Account]:
    """Accounts of these kinds by name that hold nothing outside of these divisions; residents' are nobody's list."""
    inside = [col(GrantRow.division).startswith(significant(code)) for code in within]
    outside = (
        select(GrantRow.id)
        .where(
            GrantRow.account_id == Account.id,
            GrantRow.valid_from <= now,
            sa.or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now),
            sa.not_(sa.or_(sa.false(), *inside)),
        )
        .exists()
    )
    statement = select(Account).where(col(Account.kind).in_(kinds), ~outside)
    if after is not None:
        statement = statement.where(col(Account.name) > after)
    return session.exec(statement.order_by(col(Account.name)).limit(limit)).all()


def grants_in_force(session: Session, account_id: uuid.UUID, now: dt.datetime) -> Sequence[GrantRow]:
    """What an account holds at an instant."""
    return session.exec(
        select(GrantRow)
        .where(
            GrantRow.account_id == account_id,
            GrantRow.valid_from <= now,
            sa.or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now),
        )
        .order_by(col(GrantRow.division), col(GrantRow.role))
    ).all()


def holders(session: Session, role: Role, now: dt.datetime) -> Sequence[tuple[Account, str]]:
    """(account, division) of everybody who holds a role at an instant, the longest holder first."""
    rows = session.execute(
        sa.select(Account, col(GrantRow.division))
        .join(GrantRow, col(GrantRow.account_id) == col(Account.id))
        .where(
            col(GrantRow.role) == role,
            col(GrantRow.valid_from) <= now,
            sa.or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now),
            col(Account.disabled_at).is_(None),
        )
        .order_by(col(GrantRow.valid_from), col(GrantRow.id))
    )
    return [(account, division) for account, division in rows]


def grant(session: Session, grant_id: uuid.UUID) -> GrantRow | None:
    """One grant."""
    return session.get(GrantRow, grant_id)


def sign_in_session(session: Session, session_id: uuid.UUID) -> SignInSession | None:
    """One sign-in."""
    return session.get(SignInSession, session_id)


def sign_in_session_for_update(session: Session, session_id: uuid.UUID) -> SignInSession | None:
    """One sign-in, locked: who ends it waits until what begins in it is there, and can be ended too."""
    statement = locked(select(SignInSession).where(SignInSession.id == session_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def refresh_token_for_update(session: Session, token_hash: str) -> RefreshToken | None:
    """A refresh token, locked, so that two uses at once are one after the other."""
    return session.execute(
        locked(select(RefreshToken).where(RefreshToken.hash == token_hash), session)
    ).scalar_one_or_none()


def challenge_for_update(session: Session, challenge_id: uuid.UUID) -> SignInChallenge | None:
    """A challenge, locked, so that tries are counted one by one."""
    return session.execute(
        locked(select(SignInChallenge).where(SignInChallenge.id == challenge_id), session)
    ).scalar_one_or_none()


def challenge_times(session: Session, fingerprint: str, since: dt.datetime) -> Sequence[dt.datetime]:
    """When codes were asked for a phone, newest first."""
    return session.exec(
        select(SignInChallenge.created_at)
        .where(SignInChallenge.phone_fingerprint == fingerprint, SignInChallenge.created_at > since)
        .order_by(col(SignInChallenge.created_at).desc())
    ).all()


def link_for_update(session: Session, token_hash: str) -> OneTimeLink | None:
    """A one-time link, locked."""
    return session.execute(
        locked(select(OneTimeLink).where(OneTimeLink.hash == token_hash), session)
    ).scalar_one_or_none()


def waiting_link_for_update(session: Session, account_id: uuid.UUID, now: dt.datetime) -> OneTimeLink | None:
    """The unused one-time link of an account, locked."""
    statement = select(OneTimeLink).where(
        OneTimeLink.account_id == account_id, col(OneTimeLink.used_at).is_(None), OneTimeLink.expires_at > now
    )
    return session.execute(locked(statement, session)).scalar_one_or_none()


def waiting_links(
    session: Session, account_ids: Collection[uuid.UUID], now: dt.datetime
) -> Sequence[OneTimeLink]:
    """The unused one-time links of several accounts, at most one each."""
    return session.exec(
        select(OneTimeLink).where(
            col(OneTimeLink.account_id).in_(account_ids),
            col(OneTimeLink.used_at).is_(None),
            OneTimeLink.expires_at > now,
        )
    ).all()


def links_without_code(session: Session, now: dt.datetime, *, limit: int) -> Sequence[OneTimeLink]:
    """Unused links that administrators made and nobody has countersigned, the oldest first."""
    statement = select(OneTimeLink).where(
        col(OneTimeLink.made_by).is_not(None),
        col(OneTimeLink.countersigned_by).is_(None),
        col(OneTimeLink.used_at).is_(None),
        OneTimeLink.expires_at > now,
    )
    return session.exec(statement.order_by(col(OneTimeLink.expires_at)).limit(limit)).all()


def second_factor(session: Session, account_id: uuid.UUID) -> SecondFactor | None:
    """What an account has set up."""
    return session.get(SecondFactor, account_id)


def second_factor_for_update(session: Session, account_id: uuid.UUID) -> SecondFactor | None:
    """The same, locked, so that of two uses of a code at once one finds it used."""
    statement = locked(select(SecondFactor).where(SecondFactor.account_id == account_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def enrolled_among(session: Session, account_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these accounts have a second factor."""
    return set(
        session.exec(
            select(SecondFactor.account_id).where(
                col(SecondFactor.account_id).in_(account_ids), col(SecondFactor.enrolled_at).is_not(None)
            )
        )
    )


def use_recovery_code(session: Session, account_id: uuid.UUID, code_hmac: str, now: dt.datetime) -> bool:
    """Use a recovery code, in one statement that no other use can come between; whether it was good."""
    code = sa.inspect(RecoveryCode).local_table.c
    statement = (
        sa.update(RecoveryCode)
        .where(code.account_id == account_id, code.code_hmac == code_hmac, code.used_at.is_(None))
        .values(used_at=now)
        .returning(code.code_hmac)
    )
    return session.execute(statement).first() is not None


def recovery_codes_left(session: Session, account_id: uuid.UUID) -> int:
    """How many recovery codes of an account have not been used."""
    return session.exec(
        select(sa.func.count()).where(
            RecoveryCode.account_id == account_id, col(RecoveryCode.used_at).is_(None)
        )
    ).one()


def delete_recovery_codes(session: Session, account_id: uuid.UUID) -> None:
    """End all recovery codes of an account."""
    session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))


def proposal_for_update(session: Session, proposal_id: uuid.UUID) -> Proposal | None:
    """A proposal, locked, so that of two answers at once one finds it decided."""
    statement = locked(select(Proposal).where(Proposal.id == proposal_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def open_proposals(
    session: Session, now: dt.datetime, *, account_id: uuid.UUID | None = None
) -> Sequence[Proposal]:
    """What waits for a second administrator, the oldest first; about one account, or all."""
    statement = select(Proposal).where(col(Proposal.decision).is_(None), col(Proposal.expires_at) > now)
    if account_id is not None:
        statement = statement.where(Proposal.account_id == account_id)
    return session.exec(statement.order_by(col(Proposal.proposed_at), col(Proposal.id))).all()


def decided_proposals(session: Session, *, limit: int) -> Sequence[Proposal]:
    """What was decided last, the newest first."""
    return session.exec(
        select(Proposal)
        .where(col(Proposal.decision).is_not(None))
        .order_by(col(Proposal.decided_at).desc(), col(Proposal.id))
        .limit(limit)
    ).all()


def accounts_with(session: Session, account_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Account]:
    """Several accounts by their ids."""
    return {row.id: row for row in session.exec(select(Account).where(col(Account.id).in_(account_ids)))}


def end_links(session: Session, account_id: uuid.UUID) -> None:
    """End the unused one-time links of an account: the newest alone is good."""
    session.execute(
        sa.delete(OneTimeLink).where(
            col(OneTimeLink.account_id) == account_id, col(OneTimeLink.used_at).is_(None)
        )
    )


def password_attempt_for_update(session: Session, fingerprint: str) -> PasswordAttempt | None:
    """Wrong passwords so far for a name, locked, so that tries at once are counted one by one."""
    return session.execute(
        locked(select(PasswordAttempt).where(PasswordAttempt.name_fingerprint == fingerprint), session)
    ).scalar_one_or_none()


def paper_code_for_update(session: Session, code_hmac: str) -> PaperCode | None:
    """A paper code, locked, so that of two uses at once one finds it used."""
    return session.execute(
        locked(select(PaperCode).where(PaperCode.code_hmac == code_hmac), session)
    ).scalar_one_or_none()


def end_paper_codes(session: Session, subject_ids: Collection[uuid.UUID], now: dt.datetime) -> None:
    """End the unused codes of these subjects, the sign-ins that used ones began, and what WeChat remembered of them."""
    code = sa.inspect(PaperCode).local_table.c
    session.execute(
        sa.update(PaperCode)
        .where(code.subject_id.in_(subject_ids), code.used_at.is_(None), code.ended_at.is_(None))
        .values(ended_at=now)
    )
    theirs = select(Account.id).where(col(Account.subject_id).in_(subject_ids))
    _end(session, sa.and_(_sign_in.account_id.in_(theirs), _sign_in.expires_at > now), now)
    session.execute(sa.delete(WeChatBinding).where(col(WeChatBinding.account_id).in_(theirs)))


def paper_codes_issued(session: Session, division: str, since: dt.datetime) -> int:
    """How many codes were issued in a division since an instant."""
    return session.exec(
        select(sa.func.count()).where(PaperCode.division == division, PaperCode.issued_at >= since)
    ).one()


def paper_code_counts(session: Session, division: str, now: dt.datetime) -> tuple[int, int, int, int]:
    """(issued, used, replaced, in force) of a division's codes."""
    used, ended = col(PaperCode.used_at).is_not(None), col(PaperCode.ended_at).is_not(None)
    in_force = sa.and_(~used, ~ended, col(PaperCode.expires_at) > now)
    row = session.execute(
        sa.select(
            sa.func.count(), *(sa.func.count(sa.case((each, 1))) for each in (used, ended, in_force))
        ).where(col(PaperCode.division) == division)
    ).one()
    return row[0], row[1], row[2], row[3]


def wrong_paper_codes(
    session: Session, sources: Collection[str], now: dt.datetime
) -> dict[str, WrongPaperCodes]:
    """Wrong codes by source, on paper or of WeChat, where the minutes they are counted in are not over."""
    rows = session.exec(
        select(WrongPaperCodes)
        .where(col(WrongPaperCodes.source).in_(sources), col(WrongPaperCodes.until) > now)
        .execution_options(populate_existing=True)
    )
    return {row.source: row for row in rows}


def count_wrong_paper_code(
    session: Session, sources: Sequence[str], *, now: dt.datetime, until: dt.datetime
) -> None:
    """Count a wrong code at each source, in one statement that no other try can come between."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(WrongPaperCodes).values(
        [{"source": each, "count": 1, "until": until} for each in sources]
    )
    over = col(WrongPaperCodes.until) <= now
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source"],
            set_={
                "count": sa.case((over, 1), else_=col(WrongPaperCodes.count) + 1),
                "until": sa.case((over, until), else_=col(WrongPaperCodes.until)),
            },
        )
    )


def wechat_binding(session: Session, account_id: uuid.UUID) -> WeChatBinding | None:
    """The WeChat user of an account."""
    return session.get(WeChatBinding, account_id)


def wechat_binding_of(session: Session, openid_fingerprint: str, now: dt.datetime) -> WeChatBinding | None:
    """The binding of a WeChat user that is in force."""
    return session.exec(
        select(WeChatBinding).where(
            WeChatBinding.openid_fingerprint == openid_fingerprint,
            sa.or_(col(WeChatBinding.expires_at).is_(None), col(WeChatBinding.expires_at) > now),
        )
    ).one_or_none()


def wechat_bindings_for_update(
    session: Session, account_id: uuid.UUID, openid_fingerprint: str
) -> Sequence[WeChatBinding]:
    """What an account and a WeChat user are bound to so far, locked: at most two rows."""
    statement = (
        select(WeChatBinding)
        .where(
            sa.or_(
                col(WeChatBinding.account_id) == account_id,
                col(WeChatBinding.openid_fingerprint) == openid_fingerprint,
            )
        )
        .order_by(col(WeChatBinding.account_id))
        .execution_options(populate_existing=True)
    )
    return session.execute(locked(statement, session)).scalars().all()


def end_wechat_sign_ins(session: Session, account_id: uuid.UUID, now: dt.datetime) -> None:
    """End what a WeChat user has begun on an account."""
    _end(session, sa.and_(_sign_in.account_id == account_id, _sign_in.with_wechat), now)


def used_binding_ticket(session: Session, ticket_hash: str) -> UsedBindingTicket | None:
    """A binding ticket that was used already."""
    return session.get(UsedBindingTicket, ticket_hash)


def ticket_for_update(session: Session, ticket_hash: str) -> Ticket | None:
    """A ticket, locked, so that of two uses at once one finds it used."""
    return session.execute(
        locked(select(Ticket).where(Ticket.hash == ticket_hash), session)
    ).scalar_one_or_none()


def used_assertion(session: Session, account_id: uuid.UUID, jti: str) -> UsedAssertion | None:
    """An assertion that was used already."""
    return session.get(UsedAssertion, (account_id, jti))


def account_locked(session: Session, account_id: uuid.UUID) -> Account | None:
    """One account, locked."""
    statement = locked(select(Account).where(Account.id == account_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def sign_ins(session: Session, account_id: uuid.UUID) -> Sequence[SignInSession]:
    """The sign-ins of an account that are remembered, the newest first."""
    return session.exec(
        select(SignInSession)
        .where(SignInSession.account_id == account_id)
        .order_by(col(SignInSession.created_at).desc(), col(SignInSession.id))
    ).all()


def sign_ins_in_force(
    session: Session, account_id: uuid.UUID, now: dt.datetime
) -> Sequence[tuple[SignInSession, dt.datetime | None]]:
    """The sign-ins of an account that have not ended, the newest first, and when each last asked for a token.

    What a ticket carried over is no row of its own; its use is that of the sign-in it came from.
    """
    carried = aliased(SignInSession)
    used = (
        select(sa.func.max(RefreshToken.used_at))
        .join(carried, col(carried.id) == col(RefreshToken.session_id))
        .where(
            sa.or_(col(carried.id) == col(SignInSession.id), col(carried.begun_in) == col(SignInSession.id))
        )
        .correlate(SignInSession)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(SignInSession, used)
        .where(
            col(SignInSession.account_id) == account_id,
            col(SignInSession.begun_in).is_(None),
            col(SignInSession.revoked_at).is_(None),
            col(SignInSession.expires_at) > now,
        )
        .order_by(col(SignInSession.created_at).desc(), col(SignInSession.id))
    )
    return [(row, at) for row, at in rows]


def last_sign_ins(session: Session, account_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dt.datetime]:
    """When each of these accounts last signed in, as far as it is remembered."""
    rows = session.execute(
        sa.select(col(SignInSession.account_id), sa.func.max(col(SignInSession.created_at)))
        .where(col(SignInSession.account_id).in_(account_ids))
        .group_by(col(SignInSession.account_id))
    )
    return {row[0]: row[1] for row in rows}


def revoke_sign_ins(session: Session, account_id: uuid.UUID, now: dt.datetime) -> None:
    """End every sign-in of an account."""
    _end(session, _sign_in.account_id == account_id, now)


def end_sign_in(session: Session, session_id: uuid.UUID, now: dt.datetime) -> Sequence[uuid.UUID]:
    """End a sign-in, and what tickets carried it over to; all of these, whether they had ended or not."""
    return _end(session, sa.or_(_sign_in.id == session_id, _sign_in.begun_in == session_id), now)


def end_carried_over(session: Session, session_id: uuid.UUID, now: dt.datetime) -> None:
    """End what tickets carried a sign-in over to, and not itself."""
    _end(session, _sign_in.begun_in == session_id, now)


def _end(session: Session, which: sa.ColumnElement[bool], now: dt.datetime) -> Sequence[uuid.UUID]:
    """End sign-ins, locked first: whoever exchanges a ticket of one at this moment is done before the second look."""
    session.execute(locked(sa.select(_sign_in.id).where(which).order_by(_sign_in.id), session))
    session.execute(
        sa.update(SignInSession).where(which, _sign_in.revoked_at.is_(None)).values(revoked_at=now)
    )
    return session.execute(sa.select(_sign_in.id).where(which)).scalars().all()


def delete_what_opens(session: Session, account_id: uuid.UUID) -> None:
    """Delete everything that could open an account again: tokens, tickets, its WeChat user."""
    theirs = select(SignInSession.id).where(SignInSession.account_id == account_id)
    session.execute(sa.delete(RefreshToken).where(col(RefreshToken.session_id).in_(theirs)))
    session.execute(sa.delete(Ticket).where(col(Ticket.session_id).in_(theirs)))
    session.execute(sa.delete(WeChatBinding).where(col(WeChatBinding.account_id) == account_id))


def paper_codes_of(session: Session, subject_ids: Collection[uuid.UUID]) -> Sequence[PaperCode]:
    """The paper codes of these subjects that are remembered, the newest first."""
    return session.exec(
        select(PaperCode)
        .where(col(PaperCode.subject_id).in_(subject_ids))
        .order_by(col(PaperCode.issued_at).desc(), col(PaperCode.id))
    ).all()


def delete_ended_sign_ins(session: Session, before: dt.datetime) -> None:
    """Forget sign-ins that ended before an instant, but for those a paper code still speaks of."""
    over = sa.or_(col(SignInSession.revoked_at) < before, col(SignInSession.expires_at) < before)
    begun_by_code = select(PaperCode.id).where(PaperCode.session_id == SignInSession.id).exists()
    gone = select(SignInSession.id).where(over, ~begun_by_code)
    session.execute(sa.delete(RefreshToken).where(col(RefreshToken.session_id).in_(gone)))
    session.execute(sa.delete(Ticket).where(col(Ticket.session_id).in_(gone)))
    session.execute(sa.delete(SignInSession).where(over, ~begun_by_code))


def delete_expired(session: Session, now: dt.datetime) -> None:
    """Forget proofs that can no longer be used."""
    for table, column in (
        (SignInChallenge, col(SignInChallenge.created_at)),
        (UsedAssertion, col(UsedAssertion.expires_at)),
        (OneTimeLink, col(OneTimeLink.expires_at)),
        (RefreshToken, col(RefreshToken.expires_at)),
        (WrongPaperCodes, col(WrongPaperCodes.until)),
        (Ticket, col(Ticket.expires_at)),
        (UsedBindingTicket, col(UsedBindingTicket.expires_at)),
        (WeChatBinding, col(WeChatBinding.expires_at)),
    ):
        session.execute(sa.delete(table).where(column < now - dt.timedelta(days=1)))
    # Paper codes are counted while their round is remembered well; who was given one is then nobody's business.
    session.execute(sa.delete(PaperCode).where(col(PaperCode.expires_at) < now - dt.timedelta(days=180)))
