"""Whom a case concerns, asked from outside: to tell them, to show them what is kept, to forget them."""

import json
import uuid
from typing import Any

from sqlmodel import Session

from app.access import service as access
from app.core import clock
from app.core.ids import new_id
from app.objections import queries, rules
from app.objections.models import Objection
from app.objections.rules import ObjectionState
from app.objections.service.steps import (
    BY_RESIDENT,
    close_to_volunteers,
    household_accounts,
    household_fingerprint,
    households_of,
    identity,
    own,
)
from app.objections.service.volunteering import forget_volunteer


def export_of(session: Session, *, account_id: uuid.UUID) -> list[dict[str, Any]]:
    """All that is kept of the objections of somebody's household, as plain values for their own file."""
    account = access.account_of(session, account_id)
    fingerprints = households_of(session, None if account is None else account.phone_fingerprint)
    return [
        {
            "id": str(each.objection.id),
            "project_id": str(each.objection.project_id),
            "project_title": each.project_title,
            "state": each.objection.state.value,
            "filed_at": each.objection.filed_at.isoformat(),
            "filed_as": identity(each.objection),
            "entries": [
                {
                    "kind": entry.kind.value, "by_household": entry.by_objector, "at": entry.at.isoformat(),
                    "text": entry.text,
                }
                for entry in each.entries
            ],
            "looks": [
                {
                    "role": look.role.value, "name": look.name, "purpose": look.view.purpose,
                    "at": look.view.at.isoformat(),
                }
                for look in each.looks
            ],
        }
        for each in (own(session, row) for row in queries.of_households(session, fingerprints))
    ]  # fmt: skip


def forget(session: Session, *, account_id: uuid.UUID) -> int:
    """Take somebody out of the objections they filed; returns how many there were.

    An open case goes on, without the name and phone, where somebody else of the household has an account; otherwise
    it counts as withdrawn, for nobody could be asked any more. Of a case that is over remains that a household
    objected to a project, when, and what the mediator wrote down: mediation keeps a file (People's Mediation Law,
    art. 27). Who it was, and every word the household said, is erased.
    """
    forget_volunteer(session, account_id=account_id)
    account = access.account_of(session, account_id)
    phone = None if account is None else account.phone_fingerprint
    if phone is None:
        return 0
    filed = [
        row
        for row in queries.of_households(session, households_of(session, phone))
        if (filer := identity(row).get("phone")) is not None and access.phone_fingerprint(filer) == phone
    ]
    for row in filed:
        others = [each for each in household_accounts(session, objection_id=row.id) if each != account_id]
        if rules.is_open(row.state) and others:
            left = {key: value for key, value in identity(row).items() if key not in {"name", "phone"}}
            row.identity = json.dumps({**left, "name": "", "phone": None}, ensure_ascii=False)
            session.add(row)
        else:
            _erase(session, row)
    return len(filed)


def _erase(session: Session, row: Objection) -> None:
    if rules.is_open(row.state):
        row.state, row.changed_at = ObjectionState.WITHDRAWN, clock.now()
    row.identity = "{}"
    # of no household there is: nothing leads back
    row.household_fingerprint = household_fingerprint(new_id())
    row.escalated_at = None
    session.add(row)
    close_to_volunteers(session, row)
    for entry in queries.entries(session, row.id):
        if entry.by_objector:
            entry.text, entry.by, entry.request_fingerprint = "", BY_RESIDENT, None
            session.add(entry)
