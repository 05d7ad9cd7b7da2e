"""The verbs of people: looking them up, importing a roster, registering oneself."""

from app.residents.queries import Candidate
from app.residents.service.my_data import export_of, forget
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
from app.residents.service.registration import (
    MyRegistration,
    approve,
    file,
    my_registrations,
    registration,
    registrations,
    reject,
)
from app.residents.service.roster import commit, forget_stale_imports, preview, read_import, undo

__all__ = [
    "Candidate",
    "MyRegistration",
    "Owner",
    "Subject",
    "adults",
    "approve",
    "commit",
    "eligible_people",
    "export_of",
    "file",
    "forget",
    "forget_stale_imports",
    "household_members",
    "listing",
    "living_in",
    "memberships",
    "my_registrations",
    "owners",
    "people_behind",
    "person_in",
    "preview",
    "read_import",
    "registration",
    "registrations",
    "reject",
    "resident",
    "residents",
    "roster_words",
    "subjects_of",
    "undo",
]
