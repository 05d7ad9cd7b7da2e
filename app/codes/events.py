"""What paper codes tell others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class PaperCodeIssued:
    """Somebody with a phone was issued a paper code and is to know it. ``sealed`` is the encrypted phone."""

    NAME: ClassVar[str] = "paper_code.issued"
    VERSION: ClassVar[int] = 1

    division_code: str
    community: str
    sealed: str
    #: The last day on which the code is good.
    until: str
