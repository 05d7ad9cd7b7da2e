"""The verbs of an objection: filing, what the household does, what those do who negotiate, what others may know."""

from app.objections.service.counting import (
    DivisionFigures,
    Negotiated,
    figures_between,
    public_count,
    read_statistics,
)
from app.objections.service.desk import (
    CaseFile,
    CaseLine,
    Mediator,
    assign,
    candidates,
    cases,
    reply,
    view_case,
)
from app.objections.service.filing import file
from app.objections.service.household import (
    answer,
    escalate,
    maintain,
    mine,
    mine_one,
    refuse_contact,
    refuse_mediator,
    settle,
    withdraw,
)
from app.objections.service.money import changes_of
from app.objections.service.my_data import export_of, forget
from app.objections.service.negotiating import hand_over, negotiate
from app.objections.service.steps import Knower, Look, OwnObjection, household_accounts, volunteer_there
from app.objections.service.volunteering import (
    accept_volunteer,
    decline_volunteer,
    join,
    leave,
    propose_volunteer,
    volunteering,
    volunteering_of,
)
from app.objections.statistics import Figures

__all__ = [
    "CaseFile",
    "CaseLine",
    "DivisionFigures",
    "Figures",
    "Knower",
    "Look",
    "Mediator",
    "Negotiated",
    "OwnObjection",
    "accept_volunteer",
    "answer",
    "assign",
    "candidates",
    "cases",
    "changes_of",
    "decline_volunteer",
    "escalate",
    "export_of",
    "figures_between",
    "file",
    "forget",
    "hand_over",
    "household_accounts",
    "join",
    "leave",
    "maintain",
    "mine",
    "mine_one",
    "negotiate",
    "propose_volunteer",
    "public_count",
    "read_statistics",
    "refuse_contact",
    "refuse_mediator",
    "reply",
    "settle",
    "view_case",
    "volunteer_there",
    "volunteering",
    "volunteering_of",
    "withdraw",
]
