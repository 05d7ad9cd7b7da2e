"""Tables of rounds and their rolls."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import EnumText, UtcDateTime
from app.core.ids import new_id
from app.rounds.matters import OwnersMatter
from app.rounds.rules import (
    Completion,
    Custody,
    Electorate,
    Fill,
    PaperPolicy,
    Points,
    Priority,
    RoundKind,
    RoundState,
    Rule,
    Ties,
    Unranked,
    Until,
)


class Round(SQLModel, table=True):
    """One voting round."""

    __tablename__ = "round"
    __table_args__ = (
        sa.CheckConstraint("max_rank >= 1", name="max_rank_positive"),
        sa.CheckConstraint("budget_fen IS NULL OR budget_fen > 0", name="budget_positive"),
        sa.CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        sa.Index("ix_round_status_times", "status", "opens_at", "closes_at"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    division_code: str = Field(max_length=12, foreign_key="division.code", index=True)
    title: str = Field(max_length=120)
    description: str = Field(sa_type=sa.Text)
    kind: RoundKind = Field(sa_type=EnumText(RoundKind))
    electorate: Electorate = Field(sa_type=EnumText(Electorate))
    #: What a recorded round decides, and the words it asks. Such a round has no list; what says how one is counted has
    #: no meaning there.
    matter: OwnersMatter | None = Field(default=None, sa_type=EnumText(OwnersMatter))
    question: str | None = Field(default=None, sa_type=sa.Text)
    max_rank: int
    budget_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    rule: Rule = Field(sa_type=EnumText(Rule))
    points: Points = Field(sa_type=EnumText(Points))
    skip: bool
    threshold: int | None = None
    completion: Completion = Field(
        default=Completion.NONE, sa_type=EnumText(Completion), sa_column_kwargs={"server_default": "none"}
    )
    until: Until = Field(
        default=Until.INFEASIBLE, sa_type=EnumText(Until), sa_column_kwargs={"server_default": "infeasible"}
    )
    fill: Fill = Field(sa_type=EnumText(Fill))
    comparison: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    part_percent: int | None = None
    unranked: Unranked = Field(
        default=Unranked.NEVER, sa_type=EnumText(Unranked), sa_column_kwargs={"server_default": "never"}
    )
    ties: Ties = Field(sa_type=EnumText(Ties))
    priority: Priority = Field(sa_type=EnumText(Priority))
    paper: PaperPolicy = Field(
        default=PaperPolicy.NONE, sa_type=EnumText(PaperPolicy), sa_column_kwargs={"server_default": "none"}
    )
    custody: Custody = Field(
        default=Custody.LOCAL, sa_type=EnumText(Custody), sa_column_kwargs={"server_default": "local"}
    )
    opens_at: dt.datetime = Field(sa_type=UtcDateTime)
    closes_at: dt.datetime = Field(sa_type=UtcDateTime)
    short_notice_reason: str | None = Field(default=None, sa_type=sa.Text)

    status: RoundState = Field(sa_type=EnumText(RoundState))
    version: int = 1
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    proposed_by: str | None = Field(default=None, max_length=80)
    proposed_version: int | None = None
    approved_by: str | None = Field(default=None, max_length=80)
    published_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Canonical JSON of everything frozen at publication, and its SHA-256.
    frozen: str | None = Field(default=None, sa_type=sa.Text)
    frozen_digest: str | None = Field(default=None, max_length=64)
    opened_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    roll_size: int | None = None
    roll_digest: str | None = Field(default=None, max_length=64)
    closed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_reason: str | None = Field(default=None, sa_type=sa.Text)


class RoundCommunity(SQLModel, table=True):
    """A community whose residents may vote in a round."""

    __tablename__ = "round_community"

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    community_code: str = Field(primary_key=True, max_length=12, foreign_key="division.code", index=True)


class RoundProject(SQLModel, table=True):
    """A project on a round's list; title and cost are what they were at publication."""

    __tablename__ = "round_project"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "position"),
        sa.CheckConstraint("cost_fen >= 0", name="cost_not_negative"),
    )

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    project_id: uuid.UUID = Field(primary_key=True, foreign_key="project.id", index=True)
    position: int
    community_code: str = Field(max_length=12)
    title: str = Field(max_length=200)
    category: str = Field(max_length=40)
    place: str = Field(max_length=200)
    delivery_kind: str = Field(max_length=40)
    cost_fen: int = Field(sa_type=sa.BigInteger)
    #: Of the projects with the same number here only one can be funded.
    exclusive_group: int | None = None
    #: Decided before the vote, and paid from the round's budget first.
    forced_in: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


class RollEntry(SQLModel, table=True):
    """Somebody, or some household, with one ballot in a round. Says who may take part, never what they chose."""

    __tablename__ = "roll_entry"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "subject_id"),
        sa.Index("ix_roll_entry_round_community", "round_id", "community_code", "building_id"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id")
    #: A resident or a household, as the round's electorate says.
    subject_id: uuid.UUID
    community_code: str = Field(max_length=12)
    building_id: uuid.UUID
    #: Which of the round's `RollUnit`s it stands in.
    unit_number: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class RollUnit(SQLModel, table=True):
    """How many of a round's roll live in one unit. Written with the roll, and as frozen as that."""

    __tablename__ = "roll_unit"
    __table_args__ = (sa.CheckConstraint("entries >= 1", name="entries_positive"),)

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    #: 1, 2, 3 ... in a round; a small number is counted by faster than an id.
    number: int = Field(primary_key=True, sa_type=sa.Integer)
    community_code: str = Field(max_length=12)
    building_id: uuid.UUID
    #: None where a roll was frozen before units were noted, and its people have gone since.
    unit_id: uuid.UUID | None = None
    entries: int
