"""Requests added up, for figures over many rounds."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlmodel import Session

from app.funding import chain, queries
from app.funding.chain import Step
from app.funding.queries import MoneyLine

__all__ = [
    "MoneyLine",
    "Turns",
    "money_lines",
    "turns_of_steps",
]  # `MoneyLine` is known to higher packages from here


@dataclass
class Turns:
    """How long a step of the chain takes, and what it has in hand."""

    step: Step
    #: (since, until) of every answer it gave.
    answered: list[tuple[dt.datetime, dt.datetime]] = field(default_factory=list)
    waiting: int = 0
    overdue: int = 0


def money_lines(session: Session, *, division: str, round_ids: Collection[uuid.UUID]) -> list[MoneyLine]:
    """The requests of several rounds under a division by category, way of delivery and state, the reserve included."""
    return queries.money_lines(session, division=division, round_ids=round_ids)


def turns_of_steps(
    session: Session, *, division: str, round_ids: Collection[uuid.UUID], now: dt.datetime
) -> list[Turns]:
    """How long each step had the requests of several rounds in hand, in the order of the chain, the committee first."""
    found = {step: Turns(step) for step in Step}
    rows = queries.requests_under(session, division=division, round_ids=round_ids)
    said = queries.said_about(session, division=division, round_ids=round_ids)
    for row in rows:
        for step, since, until in chain.turns(row.created_at, said[row.id]):
            found[step].answered.append((since, until))
        if row.step is not None:
            found[row.step].waiting += 1
            found[row.step].overdue += row.due_at is not None and row.due_at <= now
    return list(found.values())
