"""What objections tell others: that something happened to a case, and nothing about whom it concerns.

A message names the case alone, since it lies readable in the database. Who is to be told is asked when it is handled:
`service.household_accounts` opens what is sealed. Whoever tells them says no word of an objection in what a bystander
could read on a locked phone.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class ObjectionFiled:
    """A household objects; the designated officer has a new case."""

    NAME: ClassVar[str] = "objection.filed"
    VERSION: ClassVar[int] = 1

    objection_id: str


@dataclass(frozen=True)
class ObjectionAcknowledged:
    """An officer has looked at a case for the first time; for the household."""

    NAME: ClassVar[str] = "objection.acknowledged"
    VERSION: ClassVar[int] = 1

    objection_id: str


@dataclass(frozen=True)
class ObjectionAssigned:
    """A case was given to a mediator; for the household, and the mediator."""

    NAME: ClassVar[str] = "objection.assigned"
    VERSION: ClassVar[int] = 1

    objection_id: str
    mediator_id: str


@dataclass(frozen=True)
class ObjectionOffered:
    """The mediator has written down an offer; for the household."""

    NAME: ClassVar[str] = "objection.offered"
    VERSION: ClassVar[int] = 1

    objection_id: str


@dataclass(frozen=True)
class ObjectionMediatorRefused:
    """The household wants another mediator; the case is the officer's again."""

    NAME: ClassVar[str] = "objection.mediator_refused"
    VERSION: ClassVar[int] = 1

    objection_id: str


@dataclass(frozen=True)
class ObjectionEscalated:
    """The household complains past the committee; for officers above the community."""

    NAME: ClassVar[str] = "objection.escalated"
    VERSION: ClassVar[int] = 1

    objection_id: str


@dataclass(frozen=True)
class ObjectionComplaintAnswered:
    """An officer above the community has answered a complaint; for the household."""

    NAME: ClassVar[str] = "objection.complaint_answered"
    VERSION: ClassVar[int] = 1

    objection_id: str
