"""What results tell others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class ResultAnnounced:
    """A result is public; its notice period runs."""

    NAME: ClassVar[str] = "result.announced"
    VERSION: ClassVar[int] = 1

    round_id: str
    result_id: str
    division_code: str


@dataclass(frozen=True)
class ResultCertified:
    """A result stands; funding may be requested."""

    NAME: ClassVar[str] = "result.certified"
    VERSION: ClassVar[int] = 1

    round_id: str
    result_id: str
    division_code: str
