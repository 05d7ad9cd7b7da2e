"""What access keeps of one person: shown to them, and forgotten when they ask."""

import datetime as dt
import uuid
from collections.abc import Collection

from sqlmodel import Session

from app.access import queries
from app.access.errors import AccountNotFound
from app.access.models import Account
from app.core import clock
from app.core.canonical import Plain

Rows = list[dict[str, Plain]]


def export_of(session: Session, *, account_id: uuid.UUID) -> dict[str, Rows]:
    """The account, its WeChat binding and its sign-ins, as plain values by kind.

    Raises:
        AccountNotFound: there is none.
    """
    account = queries.account(session, account_id)
    if account is None:
        raise AccountNotFound
    binding = queries.wechat_binding(session, account_id)
    return {
        "account": [
            {
                "account_id": str(account.id),
                "made_at": _instant(account.created_at),
                "display_name": account.display_name,
                "wechat_bound_at": None if binding is None else _instant(binding.bound_at),
            }
        ],
        "sign_ins": [
            {
                "began_at": _instant(row.created_at),
                "device": None if row.device is None else row.device.value,
                "with_wechat": row.with_wechat,
                "ends_at": _instant(row.expires_at),
                "ended_at": None if row.revoked_at is None else _instant(row.revoked_at),
            }
            for row in queries.sign_ins(session, account_id)
        ],
    }


def paper_codes_of(session: Session, *, subject_ids: Collection[uuid.UUID]) -> Rows:
    """The one-time codes on paper that were issued for somebody; the codes themselves are not kept."""
    return [
        {
            "issued_at": _instant(row.issued_at),
            "expires_at": _instant(row.expires_at),
            "used_at": None if row.used_at is None else _instant(row.used_at),
            "replaced_at": None if row.ended_at is None else _instant(row.ended_at),
        }
        for row in queries.paper_codes_of(session, subject_ids)
    ]


def forget(session: Session, *, account_id: uuid.UUID) -> Account:
    """Take everything off a resident's account that leads to a person, and sign it out everywhere.

    The empty row stays: what refers to it, such as the record of acts, keeps a number that means nobody. The same phone
    may sign in again; it then gets another account.

    Raises:
        AccountNotFound: there is none.
    """
    account = queries.account_locked(session, account_id)
    if account is None:
        raise AccountNotFound
    queries.revoke_sign_ins(session, account_id, clock.now())
    queries.delete_what_opens(session, account_id)
    account.phone_fingerprint = account.display_name = None
    account.disabled_at = clock.now()
    session.add(account)
    return account


def _instant(at: dt.datetime) -> str:
    return at.astimezone(clock.BEIJING).isoformat(timespec="seconds")
