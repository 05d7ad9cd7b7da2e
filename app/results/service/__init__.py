"""Results: counted twice, announced, certified, explained."""

from app.results.service.explaining import (
    ExplanationTask,
    claim_explanation,
    explanation,
    finish_explanation,
    note_progress,
)
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
    "ExplanationTask",
    "PriorityItem",
    "ResultView",
    "certified_priorities",
    "certify",
    "claim_explanation",
    "count",
    "explanation",
    "finish_explanation",
    "note_progress",
    "public_ballots",
    "public_bundle",
    "published_round",
    "read",
]
