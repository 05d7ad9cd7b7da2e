"""What residents tells others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class RegistrationAnswered:
    """The committee has answered somebody who registered themselves; they are told."""

    NAME: ClassVar[str] = "registration.answered"
    VERSION: ClassVar[int] = 1

    registration_id: str
    community_code: str
