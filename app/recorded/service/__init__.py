"""The verbs of recorded rounds: opening, voting, proxies, forms, counting, reading."""

from app.recorded.service import forms, paper_proxies, proxies
from app.recorded.service.acts import statement_of
from app.recorded.service.counting import certify, count_if_ready
from app.recorded.service.mine import OwnerParticipation, export_of, participations
from app.recorded.service.notices import send_notice
from app.recorded.service.opening import close_round, open_round
from app.recorded.service.reading import (
    DecisionView,
    Named,
    OwnersRoll,
    decision,
    decision_record,
    decision_votes,
    entries_without_vote,
    owners_roll,
)
from app.recorded.service.voting import MyVotes, cast, my_votes

__all__ = [
    "DecisionView",
    "MyVotes",
    "Named",
    "OwnerParticipation",
    "OwnersRoll",
    "cast",
    "certify",
    "close_round",
    "count_if_ready",
    "decision",
    "decision_record",
    "decision_votes",
    "entries_without_vote",
    "export_of",
    "forms",
    "my_votes",
    "open_round",
    "owners_roll",
    "paper_proxies",
    "participations",
    "proxies",
    "send_notice",
    "statement_of",
]
