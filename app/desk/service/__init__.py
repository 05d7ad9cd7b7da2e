"""Looking into every part of the house for what waits for somebody."""

from collections.abc import Callable, Iterator

from sqlmodel import Session

from app.access.divisions import WHOLE_COUNTRY, contains
from app.desk.rules import Item
from app.desk.service.above import record, reports
from app.desk.service.asked import administration, cases, requests
from app.desk.service.meeting import minutes
from app.desk.service.people import ideas_and_comments, project_drafts, registrations, same_people
from app.desk.service.voting import approvals, compared, rounds_and_paper, shares
from app.desk.service.who import Desk
from app.places import service as places
from app.places.errors import DivisionNotFound

__all__ = ["Desk", "read"]

Collector = Callable[[Session, Desk], Iterator[Item]]

_COLLECTORS: tuple[Collector, ...] = (
    registrations, same_people, project_drafts, ideas_and_comments, approvals, rounds_and_paper, compared, shares,
    minutes, requests, cases, administration, record, reports,
)  # fmt: skip


def read(session: Session, *, desk: Desk) -> list[Item]:
    """Everything that waits for somebody in a division, in no order.

    Raises:
        DivisionNotFound: there is none, or nothing of yours lies in it.
    """
    if desk.division != WHOLE_COUNTRY:
        places.division(session, desk.division)
    if not any(contains(each.division, desk.division) for each in desk.actor.grants):
        raise DivisionNotFound
    return [item for collect in _COLLECTORS for item in collect(session, desk)]
