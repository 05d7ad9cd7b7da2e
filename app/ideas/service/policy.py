"""How a community handles ideas and comments."""

import datetime as dt

from sqlmodel import Session

from app.core import clock
from app.ideas import queries
from app.ideas.models import IdeaPolicy
from app.ideas.rules import USUAL, Policy
from app.places import service as places


def policy_of(session: Session, community_code: str) -> Policy:
    """What applies in a community today: the last policy that has begun, or the usual one."""
    row = _in_force(list(queries.policies(session, community_code)), clock.today())
    return USUAL if row is None else Policy(row.endorsements_needed, row.review_first)


def policies(session: Session, *, community_code: str) -> tuple[IdeaPolicy | None, list[IdeaPolicy]]:
    """What applies in a community today (nothing: the usual), and all that was set.

    Raises:
        DivisionNotFound: no such community.
    """
    places.community(session, community_code)
    rows = list(queries.policies(session, community_code))
    return _in_force(rows, clock.today()), rows


def _in_force(rows: list[IdeaPolicy], on: dt.date) -> IdeaPolicy | None:
    return next((row for row in reversed(rows) if row.valid_from <= on), None)
