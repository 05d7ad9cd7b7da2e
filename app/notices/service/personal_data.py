"""What notices know of a person: for their eyes, and for being forgotten."""

import uuid
from typing import Any

from sqlmodel import Session

from app.core import clock
from app.notices import queries, rules
from app.notices.service.choosing import DEFAULT_REMINDERS, DEFAULT_SMS
from app.notices.service.inbox import facts_of

_ALL = 100_000


def export_of(session: Session, account_id: uuid.UUID) -> dict[str, Any]:
    """Everything that is kept here of an account's owner, as plain values."""
    reader = queries.reader(session, account_id)
    notices = []
    for row in queries.personal(session, account_id, after=None, limit=_ALL):
        kind, facts = facts_of(row)
        notices.append(
            {
                "kind": kind.value,
                "facts": dict(facts),
                "created_at": row.created_at.isoformat(),
                "read_at": None if row.read_at is None else row.read_at.isoformat(),
            }
        )
    seen = None if reader is None or reader.read_until is None else reader.read_until.isoformat()
    return {
        "notices": notices,
        "settings": {
            "sms": DEFAULT_SMS if reader is None else reader.sms,
            "reminders": DEFAULT_REMINDERS if reader is None else reader.reminders,
            "read_until": seen,
        },
        "wechat_messages_left": {
            row.template.value: row.left_over for row in queries.quotas(session, [account_id])
        },
        "waits_for_results_of": [str(each) for each in queries.interests_of(session, account_id)],
    }


def forget(session: Session, account_id: uuid.UUID) -> None:
    """Delete everything that is kept here of an account's owner."""
    queries.forget_account(session, account_id)


def forget_old(session: Session) -> None:
    """Delete notices that are older than a year."""
    queries.forget_before(session, clock.now() - rules.KEPT)
