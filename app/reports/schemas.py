"""What goes out: sums, shares and days. Amounts are fen, shares thousandths; null where nothing may be said."""

import datetime as dt
import uuid

from pydantic import Field

from app.core.schemas import OutputModel
from app.objections.deadlines import Stage as CaseStage
from app.objections.rules import ObjectionState
from app.projects.rules import Category, DeliveryKind
from app.reports.rules import Stage, Waiting
from app.rounds.rules import RoundState


class ReportPlace(OutputModel):
    """A division."""

    code: str
    name: str = Field(description="Empty for the whole country.")


class ReportYears(OutputModel):
    """Of which years there are reports, and where one may look besides."""

    division: ReportPlace
    above: list[ReportPlace] = Field(
        description="The divisions above it that are yours too, the widest first."
    )
    years: list[int] = Field(description="The newest first; the present one always.")


class TurnoutSum(OutputModel):
    """How many took part, added up over counted rounds."""

    rounds: int = Field(description="How many were counted.")
    taken_part: int | None = Field(
        description="Ballots; who voted in two rounds counts twice. Null for short rolls."
    )
    on_roll: int | None
    percent: str | None = Field(description="Of the roll, with one decimal.")
    at_least: bool = Field(description="Part of it is known in tens only, rounded down.")


class BallotDoors(OutputModel):
    """By which door ballots came, as posted at the closing."""

    own: int = Field(description="In one's own sign-in, on a phone or computer.")
    with_code: int = Field(description="In a sign-in by one-time code.")
    assisted: int = Field(description="With somebody's help.")
    on_paper: int


class ReportPart(ReportPlace):
    """A division directly below, in figures of its own."""

    is_community: bool
    communities: int = Field(description="Communities in it that use the service.")
    households: int
    turnout: TurnoutSum


class ReportRound(OutputModel):
    """A round that closes in the year."""

    id: uuid.UUID
    title: str
    status: RoundState
    closes_at: dt.datetime
    communities: int = Field(description="How many vote in it.")
    turnout: TurnoutSum = Field(description="Here; no figure before it was counted.")
    doors: BallotDoors | None = Field(
        description="Null before it was counted, for short rolls, and where others vote too."
    )


class ParticipationReport(OutputModel):
    """Who took part."""

    turnout: TurnoutSum
    doors: BallotDoors | None = Field(description="Of the rounds of which they are told.")
    rounds: list[ReportRound] = Field(description="By closing.")
    parts: list[ReportPart] = Field(description="The divisions directly below, by code.")
    parts_left_out: int = Field(description="Too small for figures of their own; they are in the sums.")


class PriorityLine(OutputModel):
    """What ballots and money say of a category."""

    category: Category
    listed: int = Field(description="Projects on lists of counted rounds.")
    funded: int
    first_choices: int = Field(description="Ballots that put one of them first.")
    paid_fen: int = Field(description="What the rounds gave.")
    paid: int | None = Field(description="Of all they gave.")
    wished: int | None = Field(description="Of all wishes on ballots; null where that is not known.")


class KindLine(OutputModel):
    """What is spent on works, services and activities, and what ballots asked for."""

    kind: DeliveryKind
    paid_fen: int
    paid: int | None = Field(description="Of all that the rounds gave.")
    wished: int | None = Field(description="Of all wishes on ballots; null where that is not known.")
    approved_fen: int = Field(description="What governments granted of it by now.")
    approved: int | None = Field(description="Of all they granted.")


class StageSum(OutputModel):
    """Requests that stand at one place."""

    stage: Stage
    requests: int
    asked_fen: int = Field(description="The governments' part of the cost.")
    approved_fen: int


class CategoryMoney(OutputModel):
    """The requests of a category by stage."""

    category: Category
    asked_fen: int
    approved_fen: int
    stages: list[StageSum] = Field(description="Every stage, in the order of the chain.")


class MoneyReport(OutputModel):
    """Where the money is."""

    requests: int
    asked_fen: int = Field(description="The governments' part of the cost of all that was submitted.")
    approved_fen: int
    stages: list[StageSum]
    categories: list[CategoryMoney]
    in_reserve: int = Field(description="Projects next in line, for which nobody was asked.")


class AnswerTimes(OutputModel):
    """How long people wait for an answer, in whole days."""

    waiting_for: Waiting
    answered: int | None = Field(
        description="Of objections rounded to five, and null where that could point at somebody."
    )
    waiting: int | None = Field(description="The same.")
    overdue: int | None = Field(description="Of requests: those that wait longer than a step usually takes.")
    median_days: int | None = Field(description="Half of the answers took no longer. Null for few answers.")
    ninetieth_days: int | None = Field(
        description="Nine in ten answers took no longer. Null where fewer than five to a side would be left."
    )


class CaseStateSum(OutputModel):
    """Objections that ended, or stand, so."""

    state: ObjectionState
    objections: int | None = Field(description="Rounded to five; null where it could point at somebody.")


class CaseStageSum(OutputModel):
    """Objections that are so far."""

    stage: CaseStage
    objections: int | None = Field(description="Rounded to five; null where it could point at somebody.")


class NegotiationsReport(OutputModel):
    """Objections that were filed in the year."""

    objections: int | None = Field(description="Rounded to five; null where it could point at somebody.")
    settled_percent: int | None = Field(description="Rounded to five.")
    overdue: int | None
    by_stage: list[CaseStageSum]
    by_state: list[CaseStateSum]


class YearReport(OutputModel):
    """A year of a place."""

    division: ReportPlace
    year: int
    as_of: dt.datetime = Field(description="When the figures were read; up to a minute ago.")
    communities: int = Field(description="That use the service.")
    households: int
    participation: ParticipationReport
    priorities: list[PriorityLine]
    kinds: list[KindLine]
    wishes_of: int = Field(description="How many ballots the wishes are taken from.")
    money: MoneyReport
    answers: list[AnswerTimes]
    negotiations: NegotiationsReport
    smallest_roll: int = Field(description="Of fewer people on a roll no turnout is said.")
    smallest_community: int = Field(description="Of places with fewer households a monitor is told nothing.")
    least_answers: int = Field(description="Of fewer answers to residents no time is said,")
    least_for_ninetieth: int = Field(description="and below this number not that of nine in ten.")
    least_objections: int = Field(description="Of fewer objections nothing is said,")
    least_households: int = Field(description="nor where fewer households live.")
