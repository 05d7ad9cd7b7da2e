"""Reports that may be a minute old: many look at the same one, and its figures move slowly."""

from typing import Annotated

from fastapi import Depends, Request

from app.core.kept import Kept, of_application
from app.reports.service import Report

REPORT_SECONDS = 60
KEPT_REPORTS = 256

#: By division, year, and whether small places are left out.
Key = tuple[str, int, bool]


def keeping_of(request: Request) -> Kept[Key, Report]:
    """What this process keeps; its own for each application, as each has its own database."""
    return of_application(
        request.app.state, "reports_kept", lambda: Kept(seconds=REPORT_SECONDS, most=KEPT_REPORTS)
    )


KeepingDep = Annotated[Kept[Key, Report], Depends(keeping_of)]
