"""Routes of ideas."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Form, Header, Query, Response, UploadFile
from pydantic import StringConstraints
from sqlmodel import Session

from app.access.actor import Actor
from app.access.deps import may
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    decode_cursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.text import Code12, OptionalLine
from app.core.web import Reading, Writing, problems
from app.ideas import service
from app.ideas.errors import (
    IdeaFailsCheck,
    IdeaIdTaken,
    IdeaMergedElsewhere,
    IdeaNotFound,
    IdeaPhotosFull,
    IdeaPhotosLate,
    IdeaShared,
    IdeasTooOften,
    IdeaWrongState,
    MergeTargetUnfit,
    NotYourCommunity,
    OwnIdea,
    PolicyTooEarly,
)
from app.ideas.kept import KeptOffers
from app.ideas.models import Idea, IdeaPolicy
from app.ideas.moderation import Hold
from app.ideas.rules import USUAL, Show
from app.ideas.schemas import (
    AnswerOut,
    AuthorOut,
    DeclineIn,
    EndorsementOut,
    HouseRulesIn,
    IdeaCheckOut,
    IdeaDetail,
    IdeaIn,
    IdeaOut,
    IdeaPage,
    IdeaPhotoOut,
    IdeaPolicies,
    IdeaPolicyIn,
    IdeaPolicyOut,
    IdeaStepOut,
    MergeIn,
    RaisedProject,
    ReopenIn,
    SimilarKind,
    SimilarList,
    SimilarOut,
    TakeUpIn,
)
from app.ideas.service import IdeaView, Similar
from app.places.errors import DivisionNotFound
from app.projects.errors import (
    BuildingNotHere,
    CostsTooLarge,
    PhotoNotFound,
    PhotoTooLarge,
    PhotoUnreadable,
)
from app.projects.service import prepare

router = APIRouter(prefix="/api/v1", tags=["ideas"])

MOVING = (IdeaNotFound, IdeaWrongState, IdeaMergedElsewhere)
_ENDORSING = (*MOVING, NotYourCommunity)
#: A week: a picture may have to be taken down.
_CACHED = "public, max-age=604800"
EXCERPT = 60
_THERE_ALREADY: dict[int | str, dict[str, Any]] = {
    200: {"model": IdeaDetail, "description": "It is there already."}
}

Community = Annotated[Code12, Query(description="The community whose ideas are meant.")]
Cursor = Annotated[str | None, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT)]
Written = Annotated[str, StringConstraints(min_length=1, max_length=400)]


@router.get("/ideas", response_model=IdeaPage, responses=problems(BadCursor, DivisionNotFound))
def list_ideas(
    *,
    reading: Reading,
    actor: Annotated[Actor, may("idea.list")],
    community: Community,
    show: Show = Show.NEWEST,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> IdeaPage:
    """Ideas of a community: the newest, the most endorsed, those under review, taken up, or answered."""
    by_count = show is Show.MOST_ENDORSED
    with reading as session:
        views = service.listing(
            session, community_code=community, show=show, after_time=None if by_count else time_and_id(cursor),
            after_count=_count_and_id(cursor) if by_count else None, limit=limit + 1, actor=actor,
        )  # fmt: skip
    page = page_of(views, limit, key=lambda view: _key(view.idea, show))
    return IdeaPage(items=[idea_out(view) for view in page.items], next_cursor=page.next_cursor)


@router.get("/ideas/similar", response_model=SimilarList, responses=problems(DivisionNotFound))
def find_similar_ideas(
    reading: Reading,
    actor: Annotated[Actor, may("idea.find_similar")],
    kept: KeptOffers,
    community: Community,
    q: Annotated[Written, Query(description="What somebody is writing: title and first words.")],
) -> SimilarList:
    """Ideas and projects like what is being written: to endorse one is faster than to write it anew.

    A project may be a minute old before it is found, or gone for a minute.
    """
    with reading as session:
        found = service.similar(session, community_code=community, words=q, actor=actor, kept=kept)
        return SimilarList(items=[_similar_out(each) for each in found])


@router.get("/me/ideas", response_model=IdeaPage)
def list_my_ideas(reading: Reading, actor: Annotated[Actor, may("idea.list_mine")]) -> IdeaPage:
    """What you proposed, whatever became of it, the newest first."""
    with reading as session:
        return IdeaPage(
            items=[idea_out(view) for view in service.mine(session, actor=actor)], next_cursor=None
        )


@router.put(
    "/ideas/{idea_id}", response_model=IdeaDetail, status_code=201,
    responses=_THERE_ALREADY
    | problems(NotYourCommunity, IdeaIdTaken, IdeasTooOften),
)  # fmt: skip
def post_idea(
    idea_id: uuid.UUID,
    body: IdeaIn,
    writing: Writing,
    response: Response,
    actor: Annotated[Actor, may("idea.post")],
) -> IdeaDetail:
    """Post an idea under an id that the phone makes; sending it again changes nothing."""
    with writing as session:
        row, new = service.post(session, idea_id=idea_id, body=body, actor=actor)
        session.flush()  # the parts are read back below
        [view] = service.views(session, [row], actor=actor)
        response.status_code = 201 if new else 200
        return detail_out(view)


@router.get("/ideas/{idea_id}", response_model=IdeaDetail, responses=problems(IdeaNotFound))
def read_idea(idea_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("idea.read")]) -> IdeaDetail:
    """An idea with the steps of its life."""
    with reading as session:
        return detail_out(service.read(session, idea_id, actor=actor))


@router.post(
    "/ideas/{idea_id}/photos", status_code=201, response_model=IdeaPhotoOut,
    responses=problems(IdeaNotFound, IdeaPhotosFull, IdeaPhotosLate, PhotoUnreadable, PhotoTooLarge),
)  # fmt: skip
def add_idea_photo(
    idea_id: uuid.UUID,
    file: UploadFile,
    writing: Writing,
    actor: Annotated[Actor, may("idea.add_photo")],
    alt: Annotated[OptionalLine, Form(description="What it shows, for those who cannot see it.")] = "",
) -> IdeaPhotoOut:
    """Add a photo to your idea; the same picture again is there already. Place and camera are not kept.

    If somebody has looked at the idea before, or everything is looked at first here, the idea is held until they have.
    """
    picture = prepare(file.file.read())
    with writing as session:
        return IdeaPhotoOut.model_validate(
            service.add_photo(session, idea_id=idea_id, picture=picture, alt=alt, actor=actor)
        )


@router.get("/idea-photos/{photo_id}", response_class=Response, responses=problems(PhotoNotFound))
def read_idea_photo(
    photo_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("idea.read_photo")],
    if_none_match: Annotated[str | None, Header(max_length=400)] = None,
) -> Response:
    """The bytes of a photo of an idea, as JPEG."""
    with reading as session:
        made, public = service.photo(session, photo_id, actor=actor)
    etag = f'"{made.digest[:32]}"'
    headers = {"ETag": etag, "Cache-Control": _CACHED if public else "private, no-store"}
    if if_none_match is not None and etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(made.jpeg, media_type="image/jpeg", headers=headers)


@router.put(
    "/ideas/{idea_id}/my-endorsement", response_model=EndorsementOut,
    responses=problems(*_ENDORSING, OwnIdea),
)  # fmt: skip
def endorse_idea(
    idea_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("idea.endorse")]
) -> EndorsementOut:
    """Endorse a neighbour's idea, once; doing it again changes nothing."""
    with writing as session:
        return _endorsement_out(
            service.views(session, [service.endorse(session, idea_id=idea_id, actor=actor)], actor=actor)[0]
        )


@router.delete(
    "/ideas/{idea_id}/my-endorsement", response_model=EndorsementOut, responses=problems(*_ENDORSING)
)
def unendorse_idea(
    idea_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("idea.unendorse")]
) -> EndorsementOut:
    """Take your endorsement back; there need not be one."""
    with writing as session:
        return _endorsement_out(
            service.views(session, [service.unendorse(session, idea_id=idea_id, actor=actor)], actor=actor)[0]
        )


@router.post("/ideas/{idea_id}/withdraw", response_model=IdeaDetail, responses=problems(*MOVING, IdeaShared))
def withdraw_idea(
    idea_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("idea.withdraw")]
) -> IdeaDetail:
    """Take your idea back, before a project is made of it; nobody else sees it any more."""
    with writing as session:
        return after(session, service.withdraw(session, idea_id=idea_id, actor=actor), actor)


@router.post("/ideas/{idea_id}/publish", response_model=IdeaDetail, responses=problems(*MOVING))
def publish_idea(
    idea_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("idea.publish")]
) -> IdeaDetail:
    """Show an idea that was held, or was rejected by mistake."""
    with writing as session:
        return after(session, service.publish(session, idea_id=idea_id, actor=actor), actor)


@router.post("/ideas/{idea_id}/reject", response_model=IdeaDetail, responses=problems(*MOVING))
def reject_idea(
    idea_id: uuid.UUID, body: HouseRulesIn, writing: Writing, actor: Annotated[Actor, may("idea.reject")]
) -> IdeaDetail:
    """Do not show an idea, because of what it says; its author reads why."""
    with writing as session:
        row = service.reject(session, idea_id=idea_id, reason=body.reason, actor=actor)
        return after(session, row, actor)


@router.post(
    "/ideas/{idea_id}/take-up", response_model=IdeaDetail,
    responses=problems(*MOVING, IdeaFailsCheck, BuildingNotHere, CostsTooLarge),
)  # fmt: skip
def take_up_idea(
    idea_id: uuid.UUID, body: TakeUpIn, writing: Writing, actor: Annotated[Actor, may("idea.take_up")]
) -> IdeaDetail:
    """Draft a project from an idea; its authors and endorsers hear of it."""
    with writing as session:
        row = service.take_up(session, idea_id=idea_id, words=body, actor=actor)
        return after(session, row, actor)


@router.post("/ideas/{idea_id}/decline", response_model=IdeaDetail, responses=problems(*MOVING))
def decline_idea(
    idea_id: uuid.UUID, body: DeclineIn, writing: Writing, actor: Annotated[Actor, may("idea.decline")]
) -> IdeaDetail:
    """Do not take an idea up, with the reason; everybody can read it."""
    with writing as session:
        row = service.decline(session, idea_id=idea_id, code=body.code, reason=body.reason, actor=actor)
        return after(session, row, actor)


@router.post(
    "/ideas/{idea_id}/reopen", response_model=IdeaDetail, responses=problems(IdeaNotFound, IdeaWrongState)
)
def reopen_idea(
    idea_id: uuid.UUID, body: ReopenIn, writing: Writing, actor: Annotated[Actor, may("idea.reopen")]
) -> IdeaDetail:
    """Screen a declined idea once more, with the reason."""
    with writing as session:
        row = service.reopen(session, idea_id=idea_id, reason=body.reason, actor=actor)
        return after(session, row, actor)


@router.post(
    "/ideas/{idea_id}/merge", response_model=IdeaDetail, responses=problems(*MOVING, MergeTargetUnfit)
)
def merge_idea(
    idea_id: uuid.UUID, body: MergeIn, writing: Writing, actor: Annotated[Actor, may("idea.merge")]
) -> IdeaDetail:
    """Let an idea go on as part of another one, with its authors and endorsements; answers the other one."""
    with writing as session:
        row = service.merge(session, idea_id=idea_id, into_id=body.into_id, actor=actor)
        return after(session, row, actor)


@router.get(
    "/communities/{code}/idea-policies", response_model=IdeaPolicies, responses=problems(DivisionNotFound)
)
def list_idea_policies(
    code: Code12,
    reading: Reading,
    actor: Annotated[Actor, may("idea_policy.list")],  # noqa: ARG001
) -> IdeaPolicies:
    """How many endorsements bring an idea to screening here, and whether all is looked at first."""
    with reading as session:
        in_force, rows = service.policies(session, community_code=code)
    usual = IdeaPolicyOut(
        valid_from=None, endorsements_needed=USUAL.endorsements_needed, review_first=USUAL.review_first
    )
    return IdeaPolicies(
        in_force=usual if in_force is None else _policy_out(in_force),
        items=[_policy_out(row) for row in rows],
    )


@router.post(
    "/communities/{code}/idea-policies", status_code=201, response_model=IdeaPolicyOut,
    responses=problems(DivisionNotFound, PolicyTooEarly),
)  # fmt: skip
def set_idea_policy(
    code: Code12, body: IdeaPolicyIn, writing: Writing, actor: Annotated[Actor, may("idea_policy.set")]
) -> IdeaPolicyOut:
    """Set how this community handles ideas and comments, from today or a later day on."""
    with writing as session:
        return _policy_out(service.set_policy(session, community_code=code, body=body, actor=actor))


# --- answers ------------------------------------------------------------------------------------------------------


def after(session: Session, row: Idea, actor: Actor) -> IdeaDetail:
    """An idea after something was done to it."""
    session.flush()  # the step that was just written is read back
    return detail_out(service.views(session, [row], actor=actor)[0])


def idea_out(view: IdeaView) -> IdeaOut:
    """An idea as the API shows it."""
    row, answer = view.idea, view.answer
    return IdeaOut(
        id=row.id, community_code=row.community_code, title=row.title, words=row.words, place=row.place,
        category=row.category, authors=[AuthorOut.model_validate(each) for each in view.authors],
        photos=[IdeaPhotoOut.model_validate(each) for each in view.photos], state=row.state,
        held_for=[Hold(each) for each in row.held_for] if view.mine or view.inside else [],
        endorsements=row.endorsements, still_needed=view.still_needed, comments=row.comments, mine=view.mine,
        endorsed=view.endorsed, posted_at=row.posted_at, changed_at=row.changed_at,
        answer=None
        if answer is None
        else AnswerOut(at=answer.at, reason_code=answer.reason_code, reason=answer.reason),
        merged_into_id=row.merged_into_id,
        project=None if view.project is None else RaisedProject.model_validate(view.project),
    )  # fmt: skip


def detail_out(view: IdeaView) -> IdeaDetail:
    """An idea with the steps of its life, as the API shows it."""
    return IdeaDetail(
        **idea_out(view).model_dump(),
        steps=[
            IdeaStepOut(
                state=step.state, at=step.at, by=step.by if view.inside else None, reason_code=step.reason_code,
                reason=step.reason,
            )
            for step in view.steps
        ],
        checks=[IdeaCheckOut.model_validate(each) for each in view.checks],
        can_withdraw=service.can_withdraw(view),
    )  # fmt: skip


def _endorsement_out(view: IdeaView) -> EndorsementOut:
    row = view.idea
    return EndorsementOut(
        idea_id=row.id, endorsed=view.endorsed, endorsements=row.endorsements, still_needed=view.still_needed,
        state=row.state,
    )  # fmt: skip


def _similar_out(found: Similar) -> SimilarOut:
    if found.idea is not None:
        view = found.idea
        return SimilarOut(
            kind=SimilarKind.IDEA, id=view.idea.id, title=view.idea.title, excerpt=view.idea.words[:EXCERPT],
            state=view.idea.state, endorsements=view.idea.endorsements, still_needed=view.still_needed,
            mine=view.mine, endorsed=view.endorsed,
        )  # fmt: skip
    assert found.project is not None
    row = found.project
    return SimilarOut(
        kind=SimilarKind.PROJECT, id=row.id, title=row.title, excerpt=row.beginning[:EXCERPT], state=row.state,
        endorsements=None, still_needed=None, mine=False, endorsed=False,
    )  # fmt: skip


def _policy_out(row: IdeaPolicy) -> IdeaPolicyOut:
    return IdeaPolicyOut.model_validate(row)


def _key(row: Idea, show: Show) -> str:
    if show is Show.MOST_ENDORSED:
        return f"{row.endorsements} {row.id}"
    return time_and_id_cursor(row.posted_at if show is Show.NEWEST else row.changed_at, row.id)


def _count_and_id(cursor: str | None) -> tuple[int, uuid.UUID] | None:
    key = decode_cursor(cursor)
    if key is None:
        return None
    count, _, idea_id = key.partition(" ")
    try:
        if not (count.isascii() and count.isdigit() and len(count) <= 9):  # noqa: PLR2004 - fits an integer column
            raise BadCursor
        return int(count), uuid.UUID(idea_id)
    except ValueError as error:
        raise BadCursor from error
