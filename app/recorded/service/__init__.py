"""The verbs of recorded rounds: opening, voting, proxies, forms, counting, reading."""

from app.recorded.service import forms, paper_proxies, proxies
from app.recorded.service.acts import statement_of
from app.recorded.service.counting import certify, count_if_ready
from app.recorded.service.mine import OwnerParticipation, export_of, owners_among, participations
from app.recorded.service.notices import send_notice
from app.recorded.service.opening import close_round, open_round
from app.recorded.service.reading import (
    CountedVote,
    DecisionView,
    Named,
    OwnersRoll,
    answered_among,
    decision,
    decision_record,
    decision_votes,
    disclose_record,
    entries_of_households,
    entries_without_vote,
    notice_periods,
    owners_roll,
    search_owners_roll,
    to_compare,
)
from app.recorded.service.voting import MyVotes, cast, my_votes

__all__ = [
    "CountedVote",
    "DecisionView",
    "MyVotes",
    "Named",
    "OwnerParticipation",
    "OwnersRoll",
    "answered_among",
    "cast",
    "certify",
    "close_round",
    "count_if_ready",
    "decision",
    "decision_record",
    "decision_votes",
    "disclose_record",
    "entries_of_households",
    "entries_without_vote",
    "export_of",
    "forms",
    "my_votes",
    "notice_periods",
    "open_round",
    "owners_among",
    "owners_roll",
    "paper_proxies",
    "participations",
    "proxies",
    "search_owners_roll",
    "send_notice",
    "statement_of",
    "to_compare",
]
