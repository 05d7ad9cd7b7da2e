"""The verbs of one's own data: agreeing, taking along, being forgotten."""

from app.privacy.service.consents import ConsentsView, give_consent, my_consents, withdraw_consent
from app.privacy.service.deletion import (
    DeletionPlan,
    PlanLine,
    delete_my_data,
    plan_deletion,
)
from app.privacy.service.export import ExportedData, ExportedSection, export_my_data
from app.privacy.service.participations import MyParticipation, list_my_participations
from app.privacy.service.retention import forget_old

__all__ = [
    "ConsentsView",
    "DeletionPlan",
    "ExportedData",
    "ExportedSection",
    "MyParticipation",
    "PlanLine",
    "delete_my_data",
    "export_my_data",
    "forget_old",
    "give_consent",
    "list_my_participations",
    "my_consents",
    "plan_deletion",
    "withdraw_consent",
]
