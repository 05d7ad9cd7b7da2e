"""What is to be printed on the sheets of a batch."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.paper import queries
from app.paper.printing import PrintedProject, Sheets
from app.paper.service.batches import BEFORE_CLOSING, claim_batch
from app.places import service as places
from app.rounds import service as rounds


def print_batch(session: Session, *, batch_id: uuid.UUID, actor: Actor) -> Sheets:
    """All that stands on the sheets of a batch; that they were asked for stands in the record.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        RoundWrongState: the round is closed.
    """
    claimed = claim_batch(session, batch_id, actor=actor, verb="paper_batch.print", states=BEFORE_CLOSING)
    batch, row = claimed.batch, claimed.round
    audit.record(
        session, chain=batch.community_code, by=actor.ref, tag=Tag.PAPER_BATCH_PRINTED,
        subject=f"paper_batch:{batch.id}",
        facts={"round": str(row.id), "number": batch.number, "sheets": batch.sheets},
    )  # fmt: skip
    return Sheets(
        title=row.title,
        community=places.division(session, batch.community_code).name,
        batch=batch.number,
        policy=row.paper,
        max_rank=row.max_rank,
        budget_fen=row.budget_fen,
        closes_at=row.closes_at,
        frozen_digest=row.frozen_digest or "",
        projects=[
            PrintedProject(
                number=each.position + 1, title=each.title, place=each.place, cost_fen=each.cost_fen,
                exclusive_group=each.exclusive_group, forced_in=each.forced_in,
            )
            for each in rounds.listed_projects(session, row.id)
        ],
        serials=queries.serials(session, batch.id),
    )  # fmt: skip
