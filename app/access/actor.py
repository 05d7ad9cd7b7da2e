"""The caller, as services see them: a frozen value, no web, no session."""

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum

from app.access.divisions import contains
from app.access.matrix import roles_for
from app.access.roles import Role


class AccountKind(StrEnum):
    """What kind of account is behind a call."""

    RESIDENT = "resident"
    STAFF = "staff"
    PLATFORM = "platform"


@dataclass(frozen=True)
class Grant:
    """A role over a division and all that lies below it, in force now."""

    role: Role
    division: str


@dataclass(frozen=True)
class Actor:
    """Who is asking."""

    ref: str
    kind: AccountKind | None = None
    account_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None
    grants: tuple[Grant, ...] = ()
    #: Keyed hash of a resident's phone; `residents` finds the person by it.
    phone_fingerprint: str | None = None
    #: The one resident this sign-in stands for, when it began with a paper code; opaque here.
    subject_id: uuid.UUID | None = None
    #: Somebody else holds the phone and helps that resident.
    assisted: bool = False
    #: The one round the paper code was for, if it named one.
    round_id: uuid.UUID | None = None
    #: Whether staff have set up a second factor.
    enrolled: bool = False
    #: When they last showed it in this sign-in.
    confirmed_at: dt.datetime | None = None
    #: The service itself, acting by the clock or after an event. No token ever gives this.
    is_system: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held anywhere. A paper code went through staff's hands: it opens the ballot and little else."""
        if self.subject_id is not None:
            return frozenset({Role.PUBLIC, Role.HELPER if self.assisted else Role.CODE_HOLDER})
        held = {Role.PUBLIC} | {grant.role for grant in self.grants}
        if self.account_id is not None:
            held.add(Role.SIGNED_IN)
        if self.kind is AccountKind.RESIDENT:
            held.add(Role.RESIDENT)
        return frozenset(held)

    def may(self, verb: str, division: str) -> bool:
        """Whether a grant covering ``division`` allows ``verb`` (or the verb is open to the public)."""
        allowed = roles_for(verb)
        if self.is_system or Role.PUBLIC in allowed:
            return True
        return any(grant.role in allowed and contains(grant.division, division) for grant in self.grants)

    def roles_over(self, division: str) -> frozenset[Role]:
        """The granted roles that cover ``division``."""
        return frozenset(grant.role for grant in self.grants if contains(grant.division, division))

    def divisions_for(self, verb: str) -> tuple[str, ...]:
        """The divisions in which this caller holds a role that allows ``verb``."""
        allowed = roles_for(verb)
        return tuple(sorted({grant.division for grant in self.grants if grant.role in allowed}))


ANONYMOUS = Actor(ref="anonymous")
#: The service itself: scheduled acts, event handlers.
SYSTEM = Actor(ref="system", is_system=True)
