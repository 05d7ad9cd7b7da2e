"""Results: read, certified, explained. How they come about is in `counting` and `explaining`."""

from app.results.service.publishing import (
    CertifiedList,
    Explained,
    PriorityItem,
    ResultView,
    certified_priorities,
    certify,
    explanation,
    export,
    notice_periods,
    public_ballots,
    public_bundle,
    published_round,
    read,
)
from app.results.service.summing import CountedRound, ProjectSum, Summary, counted

__all__ = [
    "CertifiedList",
    "CountedRound",
    "Explained",
    "PriorityItem",
    "ProjectSum",
    "ResultView",
    "Summary",
    "certified_priorities",
    "certify",
    "counted",
    "explanation",
    "export",
    "notice_periods",
    "public_ballots",
    "public_bundle",
    "published_round",
    "read",
]
