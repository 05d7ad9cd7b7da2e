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


@dataclass(frozen=True)
class ObjectionResponded:
    """The mediator has written back; for the household."""

    NAME: ClassVar[str] = "objection.responded"
    VERSION: ClassVar[int] = 1

    objection_id: str


@dataclass(frozen=True)
class ObjectionMeetingPlanned:
    """A meeting with the household was planned; for the household."""

    NAME: ClassVar[str] = "objection.meeting_planned"
    VERSION: ClassVar[int] = 1

    objection_id: str


@dataclass(frozen=True)
class ObjectionMeetingMoved:
    """A meeting that was planned is to be at another time; for the household."""

    NAME: ClassVar[str] = "objection.meeting_moved"
    VERSION: ClassVar[int] = 1

    objection_id: str


@dataclass(frozen=True)
class ObjectionMeetingCalledOff:
    """A meeting that lay ahead will not be held; for the household."""

    NAME: ClassVar[str] = "objection.meeting_called_off"
    VERSION: ClassVar[int] = 1

    objection_id: str


@dataclass(frozen=True)
class ObjectionHandedOver:
    """A mediator gives a case back; the officer finds another."""

    NAME: ClassVar[str] = "objection.handed_over"
    VERSION: ClassVar[int] = 1

    objection_id: str


@dataclass(frozen=True)
class ObjectionVolunteerProposed:
    """A volunteer was proposed; the household says whether it wants them."""

    NAME: ClassVar[str] = "objection.volunteer_proposed"
    VERSION: ClassVar[int] = 1

    objection_id: str


@dataclass(frozen=True)
class ObjectionVolunteerAccepted:
    """A household has accepted a volunteer; for the volunteer."""

    NAME: ClassVar[str] = "objection.volunteer_accepted"
    VERSION: ClassVar[int] = 1

    objection_id: str
    account_id: str
