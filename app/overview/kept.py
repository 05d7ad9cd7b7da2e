"""Answers that may be a few seconds old.

A busy evening asks for one community's first screen thousands of times a minute, and it changes a few times a day.
"""

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.core.kept import Kept, of_application

#: How old the first screen of a community may be in this process; the phone may keep it as long.
OVERVIEW_SECONDS = 10
KEPT_COMMUNITIES = 512
KEPT_TIMELINES = 1024


@dataclass(frozen=True)
class Keeping:
    """What one process keeps: answers as bytes."""

    overviews: Kept[str, bytes]
    #: By project and language.
    timelines: Kept[tuple[uuid.UUID, str], bytes]

    @classmethod
    def usual(cls) -> "Keeping":
        """With the usual ages."""
        return cls(
            overviews=Kept(seconds=OVERVIEW_SECONDS, most=KEPT_COMMUNITIES),
            timelines=Kept(seconds=OVERVIEW_SECONDS, most=KEPT_TIMELINES),
        )

    def clear(self) -> None:
        """Forget everything."""
        self.overviews.clear()
        self.timelines.clear()


def keeping_of(request: Request) -> Keeping:
    """What this process keeps; its own for each application, as each has its own database."""
    return of_application(request.app.state, "overview_keeping", Keeping.usual)


KeepingDep = Annotated[Keeping, Depends(keeping_of)]
