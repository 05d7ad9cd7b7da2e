"""What one process keeps of projects, for those who are writing an idea."""

from typing import Annotated

from fastapi import Depends, Request

from app.core.kept import Kept, of_application
from app.projects.service import Offers

#: A project that is a minute old may be missing among the similar ones; nobody writes an idea faster.
OFFERS_SECONDS = 60
#: Communities; one with two hundred long descriptions takes a few megabytes.
KEPT_OFFERS = 32


def offers_of(request: Request) -> Kept[str, Offers]:
    """The projects of communities, taken to pieces."""
    return of_application(
        request.app.state, "offers", lambda: Kept[str, Offers](seconds=OFFERS_SECONDS, most=KEPT_OFFERS)
    )


KeptOffers = Annotated[Kept[str, Offers], Depends(offers_of)]
