"""The verbs of people: looking them up, importing a roster, registering oneself."""

from app.residents.queries import Candidate
from app.residents.service.people import (
    Owner,
    Subject,
    adults,
    eligible_people,
    household_members,
    listing,
    living_in,
    memberships,
    owners,
    people_behind,
    person_in,
    resident,
    residents,
    roster_words,
    subjects_of,
)
from app.residents.service.registration import approve, file, registrations, reject
from app.residents.service.roster import commit, forget_stale_imports, preview, read_import, undo

__all__ = [
    "Candidate",
    "Owner",
    "Subject",
    "adults",
    "approve",
    "commit",
    "eligible_people",
    "file",
    "forget_stale_imports",
    "household_members",
    "listing",
    "living_in",
    "memberships",
    "owners",
    "people_behind",
    "person_in",
    "preview",
    "read_import",
    "registrations",
    "reject",
    "resident",
    "residents",
    "roster_words",
    "subjects_of",
    "undo",
]
