"""Where two people read a sheet differently, and who has keyed how much of a batch."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.paper import queries, rules
from app.paper.errors import PaperBatchNotFound
from app.paper.models import PaperKeying
from app.paper.rules import Answer, Stage
from app.paper.service.reconciliation import answer_of


@dataclass(frozen=True)
class Reading:
    """What one person read on a sheet; turns are 1, 2 and 3."""

    turn: int
    name: str | None
    mine: bool
    answer: Answer


@dataclass(frozen=True)
class Compared:
    """A sheet that two people read differently."""

    serial: str
    stage: Stage
    #: The caller has keyed it, so that somebody else looks a third time.
    keyed_by_me: bool
    #: None for whoever could still be the third to look, because that look is blind too.
    readings: Sequence[Reading] | None


@dataclass(frozen=True)
class Keyer:
    """Somebody who keys sheets of a batch, and how many."""

    name: str | None
    mine: bool
    #: Handed over, and kept for now.
    keyed: int
    drafts: int


def compare(session: Session, *, batch_id: uuid.UUID, actor: Actor) -> list[Compared]:
    """The sheets of a batch that two people read differently, those that wait for a third look first.

    What was read on them is shown to those who have keyed the sheet, who cannot change it any more, and to everybody
    once a third person has looked.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
    """
    batch = queries.batch(session, batch_id)
    if batch is None or not actor.may("paper_sheet.compare", batch.community_code):
        raise PaperBatchNotFound
    sheets: dict[str, list[PaperKeying]] = {}
    for keying in queries.keyings_of_batch(session, batch_id):
        sheets.setdefault(keying.serial, []).append(keying)
    differing = {serial: each for serial, each in sheets.items() if _differ(each)}
    names = access.staff_names(
        session, refs={each.keyed_by for keyings in differing.values() for each in keyings}
    )
    found = []
    for serial, keyings in differing.items():
        stage = rules.decide([answer_of(each) for each in keyings]).stage
        mine = any(each.keyed_by == actor.ref for each in keyings)
        readings = None
        if mine or stage is Stage.DECIDED:
            readings = [
                Reading(each.turn, names[each.keyed_by], each.keyed_by == actor.ref, answer_of(each))
                for each in keyings
            ]
        found.append(Compared(serial, stage, mine, readings))
    return sorted(found, key=lambda each: (each.stage is Stage.DECIDED, each.serial))


def keyers(session: Session, *, batch_id: uuid.UUID, actor: Actor) -> list[Keyer]:
    """Who keys a batch that one may read, and how far they are; those with most first."""
    keyed: dict[str, int] = {}
    for keying in queries.keyings_of_batch(session, batch_id):
        keyed[keying.keyed_by] = keyed.get(keying.keyed_by, 0) + 1
    drafts = queries.draft_counts(session, batch_id)
    names = access.staff_names(session, refs=keyed.keys() | drafts.keys())
    found = [Keyer(names[by], by == actor.ref, keyed.get(by, 0), drafts.get(by, 0)) for by in sorted(names)]
    return sorted(found, key=lambda each: -(each.keyed + each.drafts))


def _differ(keyings: Sequence[PaperKeying]) -> bool:
    return len(keyings) > 1 and answer_of(keyings[0]) != answer_of(keyings[1])
