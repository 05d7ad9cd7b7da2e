"""Routes of duplicates."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request

from app.access.actor import Actor
from app.access.deps import may
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.text import Code12
from app.core.web import Reading, Writing, language_of, problems
from app.duplicates import service
from app.duplicates.errors import (
    BothHaveABallot,
    BothSignIn,
    DuplicateNotFound,
    HasABallot,
    NotMerged,
    OtherSignsIn,
    OwnsAnotherHome,
    PhoneHasABallot,
    RoundUnderWay,
)
from app.duplicates.rules import Answer
from app.duplicates.schemas import (
    DuplicateAnswered,
    DuplicateList,
    DuplicatePair,
    DuplicateRow,
    MergedPerson,
    MergeIn,
    MergeOut,
    MergePage,
    TellApartIn,
)
from app.duplicates.service import Pair
from app.places.errors import DivisionNotFound
from app.places.service import Dwelling
from app.residents.errors import ResidentNotFound, RowsTaken
from app.residents.models import Resident
from app.residents.rules import masked_birth, masked_name, masked_phone

router = APIRouter(prefix="/api/v1", tags=["residents"])


@router.get(
    "/communities/{code}/duplicates", response_model=DuplicateList, responses=problems(DivisionNotFound)
)
def list_duplicates(
    code: Code12, request: Request, reading: Reading, actor: Annotated[Actor, may("duplicate.list")]
) -> DuplicateList:
    """Rows of the roster that may be one person, and which of each two may take the other in; masked."""
    with reading as session:
        found, total = service.list_duplicates(session, community_code=code, actor=actor)
    language = language_of(request)
    return DuplicateList(
        items=[
            DuplicatePair(
                one=_row(each, each.one, each.one_stays, language),
                other=_row(each, each.other, each.other_stays, language),
                likeness=list(each.likeness),
            )
            for each in found
        ],
        total=total,
    )


@router.post(
    "/communities/{code}/duplicates/merge", status_code=201, response_model=DuplicateAnswered,
    responses=problems(
        DivisionNotFound, ResidentNotFound, HasABallot, BothHaveABallot, PhoneHasABallot, BothSignIn, OtherSignsIn,
        OwnsAnotherHome,
    ),
)  # fmt: skip
def merge_duplicates(
    code: Code12, body: MergeIn, writing: Writing, actor: Annotated[Actor, may("duplicate.merge")]
) -> DuplicateAnswered:
    """Make two rows one person; refused where a vote under way, or somebody's way in, would be touched."""
    with writing as session:
        row = service.merge(
            session, community_code=code, kept_id=body.kept_id, gone_id=body.gone_id, reason=body.reason,
            actor=actor,
        )  # fmt: skip
        return DuplicateAnswered.model_validate(row)


@router.post(
    "/communities/{code}/duplicates/tell-apart", status_code=201, response_model=DuplicateAnswered,
    responses=problems(DivisionNotFound, ResidentNotFound),
)  # fmt: skip
def tell_duplicates_apart(
    code: Code12, body: TellApartIn, writing: Writing, actor: Annotated[Actor, may("duplicate.tell_apart")]
) -> DuplicateAnswered:
    """Note that two rows are two people; they are not shown as a pair any more."""
    with writing as session:
        row = service.tell_apart(
            session, community_code=code, one_id=body.one_id, other_id=body.other_id, reason=body.reason,
            actor=actor,
        )  # fmt: skip
        return DuplicateAnswered.model_validate(row)


@router.get(
    "/communities/{code}/duplicates/merged", response_model=MergePage,
    responses=problems(DivisionNotFound, BadCursor),
)  # fmt: skip
def list_merged_duplicates(
    code: Code12,
    reading: Reading,
    actor: Annotated[Actor, may("duplicate.list")],
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> MergePage:
    """Merges, and those that were taken back, with who did it and why; masked."""
    with reading as session:
        found = service.list_merges(
            session, community_code=code, after=time_and_id(cursor), limit=limit + 1, actor=actor
        )
    items = [
        MergeOut(
            id=each.row.id, state=each.row.state, at=each.row.at, by=each.by, reason=each.row.reason,
            undone_at=each.row.undone_at, undone_by=each.undone_by,
            kept=_person(each.kept, each.homes[each.kept.household_id]),
            gone=_person(each.gone, each.homes[each.gone.household_id]),
        )
        for each in found
    ]  # fmt: skip
    page = page_of(items, limit, key=lambda item: time_and_id_cursor(item.at, item.id))
    return MergePage(items=list(page.items), next_cursor=page.next_cursor)


@router.post(
    "/duplicates/{duplicate_id}/undo", response_model=DuplicateAnswered,
    responses=problems(DuplicateNotFound, NotMerged, RoundUnderWay, RowsTaken),
)  # fmt: skip
def undo_merge(
    duplicate_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("duplicate.undo")]
) -> DuplicateAnswered:
    """Make two rows of one again; refused while the person votes by the merged entry."""
    with writing as session:
        return DuplicateAnswered.model_validate(service.undo(session, duplicate_id=duplicate_id, actor=actor))


def _row(pair: Pair, row: Resident, answer: Answer, language: str) -> DuplicateRow:
    home = pair.homes[row.household_id]
    problem = answer.problem
    return DuplicateRow(
        id=row.id, name=masked_name(row.name), phone=masked_phone(row.phone),
        birth_year=masked_birth(row.birth_date), building=home.building, unit=home.unit, room=home.room,
        tenure=row.tenure, is_representative=row.is_representative, source=row.source,
        signs_in=row.id in pair.signing_in, may_stay=problem is None,
        problem=None if problem is None else problem.code,
        detail=None if problem is None else problem.sentence(language),
    )  # fmt: skip


def _person(row: Resident, home: Dwelling) -> MergedPerson:
    return MergedPerson(
        id=row.id, name=masked_name(row.name), phone=masked_phone(row.phone), dwelling=home.in_words
    )
