"""The sheet two people sign: every sheet of a round accounted for, and what does not add up, in words."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.paper.rules import Void
from app.paper.service.batches import list_batches
from app.paper.service.reconciliation import BatchView
from app.paper.words import Said, findings
from app.places import service as places
from app.rounds import service as rounds
from app.rounds.models import Round


@dataclass(frozen=True)
class Figures:
    """Sheets of a batch, or of several; what nobody has counted yet is zero."""

    printed: int
    signed_in: int
    used: int
    unused: int
    spoilt: int
    unopened: int
    missing: int
    not_handed_in: int
    keyed: int
    decided: int


@dataclass(frozen=True)
class Line:
    """One batch on the sheet."""

    view: BatchView
    figures: Figures
    #: In which batch of this round its sheets are now.
    merged_into: int | None
    findings: Sequence[Said]
    #: How many of its sheets are void, by reason; nothing before all are decided.
    void: Mapping[Void, int] | None

    @property
    def counts(self) -> bool:
        """Whether it stands for itself and is counted."""
        return self.view.batch.in_force


@dataclass(frozen=True)
class Reconciliation:
    """Every batch of a round where somebody works, and the sum of those that count."""

    round: Round
    communities: Sequence[str]
    lines: Sequence[Line]
    total: Figures
    made_at: dt.datetime

    @property
    def adds_up(self) -> bool:
        """Whether the box may be opened as far as these batches are concerned."""
        return not any(line.findings for line in self.lines)


def reconcile(session: Session, *, round_id: uuid.UUID, actor: Actor) -> Reconciliation:
    """Printed, handed out, returned, spoilt, missing, keyed: batch by batch, and what does not add up.

    Raises:
        RoundNotFound: there is none, or none of its communities is yours.
    """
    views = list_batches(session, round_id=round_id, actor=actor, verb="paper.reconcile")
    numbers = {view.batch.id: view.batch.number for view in views}
    lines = [_line(view, numbers) for view in views]
    codes = sorted(
        code for code in rounds.community_codes(session, round_id) if actor.may("paper.reconcile", code)
    )
    counted = [line.figures for line in lines if line.counts]
    return Reconciliation(
        round=rounds.round_(session, round_id),
        communities=[places.division(session, code).name for code in codes],
        lines=lines,
        total=Figures(*(sum(getattr(each, one.name) for each in counted) for one in fields(Figures))),
        made_at=clock.now(),
    )


def _line(view: BatchView, numbers: Mapping[uuid.UUID, int]) -> Line:
    batch, count = view.batch, view.count
    said: Sequence[Said] = []
    if batch.in_force:
        said = findings(
            count, list(view.unfinished), sheets=batch.sheets, once=len(view.keyed_once), differing=len(view.differing)
        )  # fmt: skip
    return Line(
        view=view,
        figures=Figures(
            batch.sheets, count.signed_in, batch.used or 0, batch.unused or 0, batch.spoilt, batch.unopened or 0,
            batch.missing or 0, batch.not_handed_in or 0, count.keyed, count.decided,
        ),
        merged_into=None if batch.merged_into is None else numbers.get(batch.merged_into),
        findings=said,
        void=view.void if batch.in_force and not view.unfinished else None,
    )  # fmt: skip
