"""Tables of funding."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import JSON, EnumText, UtcDateTime
from app.core.ids import new_id
from app.funding.chain import Reply, Standing, Step
from app.funding.rules import Decision, Offer, RequestState


class CostPolicy(SQLModel, table=True):
    """Who carries what share of a cost in a division, from a day on. In ten-thousandths."""

    __tablename__ = "cost_policy"
    __table_args__ = (
        sa.UniqueConstraint("division_code", "valid_from"),
        sa.CheckConstraint("community_share BETWEEN 0 AND 10000", name="community_share_range"),
        sa.CheckConstraint("district_share + subdistrict_share = 10000", name="public_shares_whole"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    division_code: str = Field(max_length=12, foreign_key="division.code")
    valid_from: dt.date
    community_share: int
    district_share: int
    subdistrict_share: int
    source: str = Field(max_length=200)


class FundingRequest(SQLModel, table=True):
    """A request for one project of a certified result, with its evidence as it was."""

    __tablename__ = "funding_request"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "project_id"),
        sa.UniqueConstraint("round_id", "priority"),
        sa.CheckConstraint("community_fen + district_fen + subdistrict_fen = cost_fen", name="shares_add_up"),
        sa.CheckConstraint(
            "approved_fen IS NULL OR approved_fen BETWEEN 0 AND cost_fen", name="approved_in_range"
        ),
        sa.Index("ix_funding_request_community_state", "community_code", "state"),
        sa.CheckConstraint(
            "district_offer_fen IS NULL OR district_offer_fen BETWEEN 0 AND district_fen",
            name="district_offer_in_range",
        ),
        sa.CheckConstraint(
            "subdistrict_offer_fen IS NULL OR subdistrict_offer_fen BETWEEN 0 AND subdistrict_fen",
            name="subdistrict_offer_in_range",
        ),
        sa.Index("ix_funding_request_created", "created_at", "id"),
        sa.Index("ix_funding_request_priority", "priority", "created_at", "id"),
        sa.Index("ix_funding_request_step_due", "step", "due_at"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id")
    project_id: uuid.UUID = Field(foreign_key="project.id")
    community_code: str = Field(max_length=12, foreign_key="division.code")
    priority: int
    title: str = Field(max_length=200)
    cost_fen: int = Field(sa_type=sa.BigInteger)
    community_fen: int = Field(sa_type=sa.BigInteger)
    district_fen: int = Field(sa_type=sa.BigInteger)
    subdistrict_fen: int = Field(sa_type=sa.BigInteger)
    #: Votes, roll, result digest, cost items, objections as a public count, legal ground.
    evidence: dict[str, Any] = Field(sa_type=JSON)
    state: RequestState = Field(sa_type=EnumText(RequestState))
    #: Who has it in hand, until when it should be done, and where it goes when the committee has answered.
    step: Step | None = Field(default=None, sa_type=EnumText(Step))
    back_to: Step | None = Field(default=None, sa_type=EnumText(Step))
    due_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    submission: int = 0
    #: What each government would pay, where a step lowered it, and what that leaves out.
    district_offer_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    subdistrict_offer_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    left_out: str | None = Field(default=None, sa_type=sa.Text)
    approved_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    #: Since when work may start.
    released_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    deferred_to: int | None = None
    #: What the project costs since a settlement, where the request still speaks of what it cost before.
    settled_cost_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    justification: str | None = Field(default=None, sa_type=sa.Text)
    version: int = 1
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    changed_at: dt.datetime = Field(sa_type=UtcDateTime)

    @property
    def standing(self) -> Standing:
        """Where it stands."""
        return Standing(
            self.state, self.step, self.back_to, released=self.released_at is not None,
            recosted=self.settled_cost_fen is not None,
        )  # fmt: skip

    @property
    def whole(self) -> Offer:
        """What the governments pay if they pay all of their shares."""
        return Offer(self.district_fen, self.subdistrict_fen)

    @property
    def offer(self) -> Offer:
        """What the governments would pay as it stands."""
        if self.district_offer_fen is None or self.subdistrict_offer_fen is None:
            return self.whole
        return Offer(self.district_offer_fen, self.subdistrict_offer_fen)


class RequestDecision(SQLModel, table=True):
    """One decision on a request."""

    __tablename__ = "request_decision"

    request_id: uuid.UUID = Field(primary_key=True, foreign_key="funding_request.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    decision: Decision = Field(sa_type=EnumText(Decision))
    #: The step of the chain at which it was said.
    step: Step | None = Field(default=None, sa_type=EnumText(Step))
    by: str = Field(max_length=80)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    reason: str | None = Field(default=None, sa_type=sa.Text)
    amount_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    #: The two governments' parts of that amount, and what it does not pay for.
    district_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    subdistrict_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    left_out: str | None = Field(default=None, sa_type=sa.Text)
    year: int | None = None
    #: What the deciding system calls it, and when it says it was decided.
    external_id: str | None = Field(default=None, max_length=100)
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class RequestReply(SQLModel, table=True):
    """What came from the other side: the committee's words, or the calendar's."""

    __tablename__ = "request_reply"

    request_id: uuid.UUID = Field(primary_key=True, foreign_key="funding_request.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    reply: Reply = Field(sa_type=EnumText(Reply))
    by: str = Field(max_length=80)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    words: str | None = Field(default=None, sa_type=sa.Text)


class RequestCostChange(SQLModel, table=True):
    """What a settlement changed of the costs behind a request. With whom it was made, nothing here tells."""

    __tablename__ = "request_cost_change"

    request_id: uuid.UUID = Field(primary_key=True, foreign_key="funding_request.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    #: All cost items, as `costs.to_plain` keeps them.
    items_before: list[dict[str, Any]] = Field(sa_type=JSON)
    items_after: list[dict[str, Any]] = Field(sa_type=JSON)
    #: Work had been released by then.
    released: bool
    #: The submission that speaks of the new costs; none while the request speaks of the old ones.
    taken_into: int | None = None
