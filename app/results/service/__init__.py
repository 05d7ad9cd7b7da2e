"""Results: counted twice, announced, certified, explained."""

from app.results.service.explaining import explain_due, explanation
from app.results.service.publishing import (
    CertifiedList,
    PriorityItem,
    ResultView,
    certified_priorities,
    certify,
    count,
    public_ballots,
    public_bundle,
    published_round,
    read,
)

__all__ = [
    "CertifiedList",
    "PriorityItem",
    "ResultView",
    "certified_priorities",
    "certify",
    "count",
    "explain_due",
    "explanation",
    "public_ballots",
    "public_bundle",
    "published_round",
    "read",
]
