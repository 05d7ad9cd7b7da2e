"""What waits for one of the staff in the batches of a closed round."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.paper import queries
from app.paper.service.batches import list_batches
from app.paper.service.reconciliation import BatchView


@dataclass(frozen=True)
class Waiting:
    """What somebody has to do, and what keeps the box from being opened."""

    #: How many batches in force are not finished.
    unfinished: int
    #: Batch -> how many of its sheets two other people read differently, so that this person can look a third time.
    third_looks: Mapping[uuid.UUID, int]
    #: Batches somebody else proposed to set aside, and this person may confirm.
    to_set_aside: list[uuid.UUID]


def waiting(session: Session, *, round_id: uuid.UUID, actor: Actor) -> Waiting:
    """What is left to do with the batches of a round where somebody works.

    Raises:
        RoundNotFound: there is none, or none of its communities is yours.
    """
    views = [view for view in list_batches(session, round_id=round_id, actor=actor) if view.batch.in_force]
    differing = [serial for view in views for serial in view.differing]
    mine = queries.keyed_by(session, round_id, actor.ref, serials=differing) if differing else set()
    looks = {
        view.batch.id: sum(serial not in mine for serial in view.differing)
        for view in views
        if actor.may("paper_sheet.draft", view.batch.community_code)
    }
    return Waiting(
        unfinished=sum(bool(view.unfinished) for view in views),
        third_looks={batch_id: number for batch_id, number in looks.items() if number},
        to_set_aside=[view.batch.id for view in views if _waits_for(view, actor)],
    )


def _waits_for(view: BatchView, actor: Actor) -> bool:
    batch = view.batch
    return (
        batch.set_aside_proposed_by not in {None, actor.ref}
        and batch.set_aside_by is None
        and actor.may("paper_batch.set_aside", batch.community_code)
    )
