"""What paper tells others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class SignedInForPaper:
    """Somebody took a sheet in the name of this resident, or of their household; they are told."""

    NAME: ClassVar[str] = "paper.signed_in"
    VERSION: ClassVar[int] = 1

    round_id: str
    resident_id: str
