"""From a report to what goes out: one making for the screens and the spreadsheet."""

from collections.abc import Iterable

from app.objections.deadlines import Stage as CaseStage
from app.objections.rules import LEAST_HOUSEHOLDS, LEAST_OBJECTIONS, ObjectionState
from app.reports.rules import LEAST_FOR_MEDIAN, LEAST_FOR_NINETIETH, SMALLEST_COMMUNITY, Turnout
from app.reports.schemas import (
    AnswerTimes,
    BallotDoors,
    CaseStageSum,
    CaseStateSum,
    CategoryMoney,
    KindLine,
    MoneyReport,
    NegotiationsReport,
    ParticipationReport,
    PriorityLine,
    ReportPart,
    ReportPlace,
    ReportRound,
    StageSum,
    TurnoutSum,
    YearReport,
)
from app.reports.service import Part, PrioritySum, Report, RoundLine, Stages
from app.results.rules import SMALLEST_ROLL, percent, thousandths


def report_out(report: Report) -> YearReport:
    """A report as it goes out."""
    return YearReport(
        division=ReportPlace.model_validate(report.place),
        year=report.year,
        as_of=report.as_of,
        communities=report.communities,
        households=report.households,
        participation=_participation(report),
        priorities=_priorities(report),
        kinds=_kinds(report),
        wishes_of=report.wishes_of,
        money=_money(report),
        answers=[
            AnswerTimes(
                waiting_for=each.waiting_for, answered=each.answered, waiting=each.waiting, overdue=each.overdue,
                median_days=each.spread.median_days, ninetieth_days=each.spread.ninetieth_days,
            )
            for each in report.times
        ],
        negotiations=_negotiations(report),
        smallest_roll=SMALLEST_ROLL,
        smallest_community=SMALLEST_COMMUNITY,
        least_answers=LEAST_FOR_MEDIAN,
        least_for_ninetieth=LEAST_FOR_NINETIETH,
        least_objections=LEAST_OBJECTIONS,
        least_households=LEAST_HOUSEHOLDS,
    )  # fmt: skip


def _participation(report: Report) -> ParticipationReport:
    return ParticipationReport(
        turnout=_turnout(report.turnout),
        doors=None if report.doors is None else BallotDoors.model_validate(report.doors),
        rounds=[_round(each) for each in report.rounds],
        parts=[_part(each) for each in report.parts],
        parts_left_out=report.parts_left_out,
    )


def _turnout(found: Turnout) -> TurnoutSum:
    share = None
    if found.taken_part is not None and found.on_roll is not None:
        share = percent(found.taken_part, found.on_roll)
    return TurnoutSum(
        rounds=found.rounds, taken_part=found.taken_part, on_roll=found.on_roll, percent=share,
        at_least=found.at_least,
    )  # fmt: skip


def _round(line: RoundLine) -> ReportRound:
    row = line.round
    return ReportRound(
        id=row.id, title=row.title, status=row.status, closes_at=row.closes_at, communities=line.communities,
        turnout=_turnout(line.turnout), doors=None if line.doors is None else BallotDoors.model_validate(line.doors),
    )  # fmt: skip


def _part(part: Part) -> ReportPart:
    return ReportPart(
        code=part.place.code, name=part.place.name, is_community=part.is_community,
        communities=part.communities, households=part.households, turnout=_turnout(part.turnout),
    )  # fmt: skip


def _of(part: int, sums: Iterable[PrioritySum], *, approved: bool = False) -> int | None:
    """Thousandths of the money of all of them; none where none is given."""
    whole = sum(each.approved_fen if approved else each.paid_fen for each in sums)
    return thousandths(part, whole) if whole else None


def _priorities(report: Report) -> list[PriorityLine]:
    return [
        PriorityLine(
            category=category, listed=each.listed, funded=each.funded, first_choices=each.first_choices,
            paid_fen=each.paid_fen, paid=_of(each.paid_fen, report.categories.values()), wished=each.wished,
        )
        for category, each in report.categories.items()
    ]  # fmt: skip


def _kinds(report: Report) -> list[KindLine]:
    return [
        KindLine(
            kind=kind, paid_fen=each.paid_fen, paid=_of(each.paid_fen, report.kinds.values()), wished=each.wished,
            approved_fen=each.approved_fen, approved=_of(each.approved_fen, report.kinds.values(), approved=True),
        )
        for kind, each in report.kinds.items()
    ]  # fmt: skip


def _stages(stages: Stages) -> list[StageSum]:
    return [
        StageSum(
            stage=stage, requests=each.requests, asked_fen=each.asked_fen, approved_fen=each.approved_fen
        )
        for stage, each in stages.items()
    ]


def _money(report: Report) -> MoneyReport:
    return MoneyReport(
        requests=sum(each.requests for each in report.stages.values()),
        asked_fen=sum(each.asked_fen for each in report.stages.values()),
        approved_fen=sum(each.approved_fen for each in report.stages.values()),
        stages=_stages(report.stages),
        categories=[
            CategoryMoney(
                category=category,
                asked_fen=sum(each.asked_fen for each in stages.values()),
                approved_fen=sum(each.approved_fen for each in stages.values()),
                stages=_stages(stages),
            )
            for category, stages in report.stages_by_category.items()
        ],
        in_reserve=report.in_reserve,
    )


def _negotiations(report: Report) -> NegotiationsReport:
    found = report.negotiated.figures
    return NegotiationsReport(
        objections=found.objections,
        settled_percent=found.settled_percent,
        overdue=found.overdue,
        by_stage=[CaseStageSum(stage=each, objections=found.by_stage[each]) for each in CaseStage],
        by_state=[CaseStateSum(state=each, objections=found.by_state[each]) for each in ObjectionState],
    )
