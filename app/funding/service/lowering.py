"""What those who pay have lowered of a request."""

from sqlmodel import Session

from app.funding import cuts, queries
from app.funding.chain import Step
from app.funding.cuts import Cut
from app.funding.models import FundingRequest
from app.funding.rules import Left, Offer


def standing_cuts(session: Session, row: FundingRequest) -> list[Cut]:
    """The cuts that hold, in the order of the chain."""
    return cuts.standing(
        (
            each.step,
            each.decision,
            None
            if each.district_fen is None or each.subdistrict_fen is None
            else Offer(each.district_fen, each.subdistrict_fen),
            each.left_out,
        )
        for each in queries.decisions(session, row.id)
    )


def left_before(session: Session, row: FundingRequest, step: Step | None) -> Left:
    """What those before a step have left of the governments' shares."""
    return cuts.left_before(standing_cuts(session, row), step, row.whole)


def stand(row: FundingRequest, left: Left) -> None:
    """Have a request say what the governments would pay as it stands, and what that does not pay for."""
    if left.offer == row.whole:
        row.district_offer_fen = row.subdistrict_offer_fen = row.left_out = None
        return
    row.district_offer_fen, row.subdistrict_offer_fen = left.offer.district_fen, left.offer.subdistrict_fen
    row.left_out = left.left_out
