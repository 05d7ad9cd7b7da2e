"""The verbs of an objection: filing, what the household does, what those do who negotiate, what others may know."""

from app.objections.service.counting import public_count
from app.objections.service.desk import (
    assign,
    cases,
    negotiate,
    reply,
    view_case,
    waits_for_an_answer,
)
from app.objections.service.filing import file
from app.objections.service.household import (
    answer,
    escalate,
    maintain,
    mine,
    mine_one,
    refuse_mediator,
    settle,
    withdraw,
)
from app.objections.service.my_data import export_of, forget, household_accounts
from app.objections.service.steps import Knower, Look, OwnObjection

__all__ = [
    "Knower",
    "Look",
    "OwnObjection",
    "answer",
    "assign",
    "cases",
    "escalate",
    "export_of",
    "file",
    "forget",
    "household_accounts",
    "maintain",
    "mine",
    "mine_one",
    "negotiate",
    "public_count",
    "refuse_mediator",
    "reply",
    "settle",
    "view_case",
    "waits_for_an_answer",
    "withdraw",
]
