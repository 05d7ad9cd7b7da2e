"""What the first screen and a project's story show. Nothing in here names a person."""

import datetime as dt
import uuid
from typing import Literal

from pydantic import Field

from app.core.schemas import OutputModel
from app.funding.rules import RequestState
from app.ideas.schemas import AuthorOut
from app.overview.story import LinkKind, Phase, StepKind, StepState
from app.rounds.rules import Electorate, RoundKind, RoundState
from app.rounds.schemas import LabelOut


class PlaceOut(OutputModel):
    """A division."""

    code: str
    name: str


class CommunityLine(OutputModel):
    """A community in a list."""

    code: str
    name: str
    above: list[PlaceOut] = Field(description="The divisions above it, the province first.")


class CommunityPage(OutputModel):
    """Some communities, by code."""

    items: list[CommunityLine]
    next_cursor: str | None


class TurnoutOut(OutputModel):
    """How many have taken part so far: the whole round, in whole tens, read every ten minutes; never a part of it."""

    at_least: int = Field(description="Rounded down to whole tens.")
    percent: int = Field(description="Of the roll, in whole percent, rounded down.")


class RoundLine(OutputModel):
    """A round in a list."""

    id: uuid.UUID
    title: str
    kind: RoundKind
    electorate: Electorate
    recorded: bool = Field(description="Votes are signed and not secret; say so wherever the round is shown.")
    label: LabelOut
    question: str | None = Field(description="What owners are for or against, in a recorded round.")
    status: RoundState
    opens_at: dt.datetime
    closes_at: dt.datetime
    budget_fen: int | None
    projects: int = Field(description="How many are on the list.")
    max_rank: int | None
    roll_size: int | None
    turnout: TurnoutOut | None = Field(description="Null before opening, after closing, and for short rolls.")


class MoneyLine(OutputModel):
    """How many of a round's requests stand at one place, and what they are about; all amounts in fen."""

    state: RequestState
    requests: int
    cost_fen: int
    approved_fen: int


class FundedLine(OutputModel):
    """A project that a round put first, and where its money is."""

    project_id: uuid.UUID
    title: str
    place: int
    cost_fen: int
    state: RequestState | None = Field(description="Null until the result is certified.")


class LastRound(OutputModel):
    """The round whose result came out last. What concerns a list is null in a recorded round, and the reverse."""

    id: uuid.UUID
    title: str
    kind: RoundKind
    recorded: bool
    label: LabelOut
    question: str | None
    status: RoundState
    announced_at: dt.datetime
    notice_until: dt.datetime
    certified_at: dt.datetime | None
    ballots_counted: int | None
    roll_size: int | None
    quorum_reached: bool | None
    budget_fen: int | None
    spent_fen: int | None
    projects: int | None
    funded: int | None
    valid: bool | None = Field(description="Recorded: enough owners took part.")
    passed: bool | None = Field(description="Recorded: and enough of them were for it.")
    money: list[MoneyLine] = Field(
        description="By state, the reserve included; empty until the result is certified."
    )
    first: list[FundedLine] = Field(description="The first three that are funded.")


class CommitteeLine(OutputModel):
    """How the committee is reached; what it has not written is empty."""

    name: str
    address: str
    phone: str
    contact: str = Field(description="Who answers the telephone.")
    office_hours: str


class IdeaLine(OutputModel):
    """An idea of a resident that neighbours endorse."""

    id: uuid.UUID
    title: str
    endorsements: int


class MinutesLine(OutputModel):
    """Minutes of a meeting, the latest version that is public."""

    meeting_id: uuid.UUID
    title: str
    version: int
    begins_at: dt.datetime
    published_at: dt.datetime


class OverviewOut(OutputModel):
    """A community at one glance."""

    code: str
    name: str
    above: list[PlaceOut] = Field(description="The divisions above it, the province first.")
    committee: CommitteeLine | None = Field(description="Null until the committee has written something.")
    open: list[RoundLine] = Field(description="Open now, the one that closes first at the top.")
    coming: list[RoundLine] = Field(description="Published and not open yet, the next one first.")
    counting: list[RoundLine] = Field(description="Closed, the result not announced yet.")
    last: LastRound | None
    minutes: list[MinutesLine] = Field(description="The two published last.")
    ideas: list[IdeaLine] = Field(description="The two most endorsed that can still be endorsed.")


class DocumentOut(OutputModel):
    """A document that shows a step."""

    kind: LinkKind
    id: uuid.UUID = Field(description="Of the meeting, the idea or the round.")
    title: str
    version: int | None = Field(description="Of minutes.")


class TimelineStep(OutputModel):
    """A step of a project's life, in the reader's language."""

    code: StepKind
    phase: Phase
    state: StepState = Field(description="`now` is what everybody waits for; `coming` ones may have no date.")
    title: str
    detail: str = Field(description="May be empty.")
    who: str | None = Field(description="Who is responsible.")
    at: dt.datetime | None
    until: dt.datetime | None = Field(description="Of what takes its time: a vote, a public notice.")
    reason: str | None = Field(description="Why, in the words of those who decided, or how it was counted.")
    waiting_since: dt.datetime | None
    waiting: str | None = Field(description="How long everybody has been waiting, in words.")
    late_since: dt.datetime | None = Field(
        description="Since when that is longer than usual; no law sets a day."
    )
    links: list[DocumentOut]
    authors: list[AuthorOut] = Field(
        description="How those stand who proposed it, if residents did; never by name."
    )


class PayerOut(OutputModel):
    """Who carries a part of the cost."""

    party: Literal["community", "subdistrict", "district"]
    name: str
    amount_fen: int
    percent: str


class PaymentOut(OutputModel):
    """Who pays what; the parts add up to the cost exactly."""

    cost_fen: int
    estimated: bool = Field(description="Not requested yet: this is what would apply today.")
    approved_fen: int | None = Field(description="What the governments granted, of their two parts.")
    parts: list[PayerOut]
    source: str = Field(description="Which policy divides the cost so, in the reader's language.")


class StageOut(OutputModel):
    """Where a project stands."""

    code: StepKind
    words: str


class ObjectionsOut(OutputModel):
    """How many households object, rounded, where that cannot point at anybody."""

    households: int | None
    words: str


class TimelineOut(OutputModel):
    """The story of a project."""

    project_id: uuid.UUID
    title: str
    community_code: str
    stage: StageOut
    payment: PaymentOut | None = Field(description="Null once it was rejected or taken back.")
    objections: ObjectionsOut | None = Field(description="The same.")
    items: list[TimelineStep]
