"""Telling owners that paper was entered for their dwelling, before it can count for anything."""

import uuid
from collections.abc import Collection

from sqlmodel import Session

from app.access.ports import SmsGateway
from app.outbox import service as outbox
from app.recorded import queries
from app.recorded.events import OwnersPaperEntered
from app.residents import service as residents

#: The template agreed with the provider; its words stand in docs/operations.md.
NOTICE = "owners_paper_entered"


def tell(session: Session, *, round_id: uuid.UUID, persons: Collection[int]) -> None:
    """Have some persons of the roll told, each of their phones once, that a form or a proxy on paper was entered."""
    rows = residents.residents(session, resident_ids=queries.residents_of_persons(session, round_id, persons))
    by_phone = {row.phone: row.id for row in rows if row.phone is not None}
    for resident_id in by_phone.values():
        outbox.emit(
            session, OwnersPaperEntered(str(round_id), str(resident_id)), subject=f"resident:{resident_id}"
        )


def send_notice(*, phone: str, round_title: str, sms: SmsGateway) -> None:
    """Tell an owner that paper was entered for their dwelling; which one, and what it says, is not in the message."""
    sms.send_notice(phone=phone, template=NOTICE, params={"round": round_title})
