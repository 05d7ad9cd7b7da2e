"""Routes of committees."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from app.access.actor import Actor
from app.access.deps import may
from app.committees import service
from app.committees.errors import CommitteeOutdated
from app.committees.schemas import CommitteeIn, CommitteeOut
from app.committees.service import Committee
from app.core.text import Code12
from app.core.web import BadETag, ETagMissing, Reading, Writing, etag_version, problems
from app.places.errors import DivisionNotFound

router = APIRouter(prefix="/api/v1", tags=["committees"])


@router.get(
    "/communities/{code}/committee", response_model=CommitteeOut, responses=problems(DivisionNotFound)
)
def read_committee(
    code: Code12,
    reading: Reading,
    response: Response,
    actor: Annotated[Actor, may("committee.read")],  # noqa: ARG001
) -> CommitteeOut:
    """How the Residents' Committee is reached: address, telephone of a person, office hours."""
    with reading as session:
        out = _out(service.read(session, community_code=code), response)
    response.headers["Cache-Control"] = (
        "public, no-cache"  # may be kept, is asked for again: a number changes
    )
    return out


@router.put(
    "/communities/{code}/committee", response_model=CommitteeOut,
    responses=problems(DivisionNotFound, CommitteeOutdated, BadETag, ETagMissing),
)  # fmt: skip
def change_committee(
    *,
    code: Code12,
    body: CommitteeIn,
    writing: Writing,
    response: Response,
    actor: Annotated[Actor, may("committee.change")],
    if_match: Annotated[
        str | None, Header(description='The ETag you read; needed; `"0"` the first time.', max_length=40)
    ] = None,
) -> CommitteeOut:
    """Write how the committee is reached; everybody reads it."""
    version = etag_version(if_match)
    with writing as session:
        changed = service.change(session, community_code=code, body=body, version=version, actor=actor)
        return _out(changed, response)


def _out(found: Committee, response: Response) -> CommitteeOut:
    response.headers["ETag"] = f'"{found.version}"'
    row = found.profile
    if row is None:
        return CommitteeOut(
            community_code=found.community_code, name=found.community, address="", phone=None, contact="",
            office_hours="", text="", version=0, changed_at=None,
        )  # fmt: skip
    return CommitteeOut.model_validate(row)
