"""Routes of projects."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Form, Header, Query, Response, UploadFile

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
from app.core.recent import Recent
from app.core.text import Code12, Line
from app.core.web import BadETag, ETagMissing, Reading, Writing, etag_version, problems
from app.places.errors import DivisionNotFound
from app.projects import photos, service
from app.projects.errors import (
    BuildingNotHere,
    CostsTooLarge,
    PhotoNotFound,
    PhotosChanged,
    PhotoTooLarge,
    PhotoUnreadable,
    ProjectFrozen,
    ProjectNotFound,
    ProjectOutdated,
    ProjectWrongState,
    TooManyPhotos,
)
from app.projects.rules import ProjectState
from app.projects.schemas import (
    CostItemOut,
    PhotoChangeIn,
    PhotoList,
    PhotoOrderIn,
    PhotoOut,
    ProjectBatchIn,
    ProjectBatchOut,
    ProjectChangeIn,
    ProjectDetail,
    ProjectIn,
    ProjectOut,
    ProjectPage,
    PublishIn,
    ReasonIn,
    RejectIn,
    StepOut,
)
from app.projects.service import ProjectView

router = APIRouter(prefix="/api/v1", tags=["projects"])

_DRAFTING = (DivisionNotFound, BuildingNotHere, CostsTooLarge)
_MOVING = (ProjectNotFound, ProjectWrongState, ProjectFrozen)
_PHOTO_CHANGE = (ProjectFrozen, ProjectWrongState)
#: By digest, so that nothing is made twice on an evening when thousands open a list.
_SMALL: Recent[str, bytes] = Recent(500)
#: An id's picture never changes; a month, because a picture may have to be taken down.
_CACHED = "public, max-age=2592000, immutable"


@router.get("/projects", response_model=ProjectPage, responses=problems(BadCursor))
def list_projects(
    reading: Reading,
    actor: Annotated[Actor, may("project.list")],  # noqa: ARG001
    division: Annotated[Code12 | None, Query(description="Only projects under this division.")] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> ProjectPage:
    """Projects on offer, newest first."""
    with reading as session:
        views = service.listing(session, division=division, after=time_and_id(cursor), limit=limit + 1)
    return _page(views, limit)


@router.get("/project-drafts", response_model=ProjectPage, responses=problems(BadCursor, DivisionNotFound))
def list_project_drafts(
    *,
    reading: Reading,
    actor: Annotated[Actor, may("project.list_drafts")],
    community: Annotated[
        Code12 | None, Query(description="One of your communities; all, if left out.")
    ] = None,
    state: Annotated[
        list[ProjectState] | None,
        Query(
            description="Where they stand; drafts, rejected and withdrawn if left out.",
            max_length=len(ProjectState),
        ),
    ] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> ProjectPage:
    """Projects of the divisions you work for, whatever became of them, newest first."""
    with reading as session:
        views = service.drafts(
            session, actor=actor, community_code=community, states=state or (), after=time_and_id(cursor),
            limit=limit + 1,
        )  # fmt: skip
    return _page(views, limit)


@router.post("/projects", status_code=201, response_model=ProjectOut, responses=problems(*_DRAFTING))
def draft_project(
    body: ProjectIn, writing: Writing, response: Response, actor: Annotated[Actor, may("project.draft")]
) -> ProjectOut:
    """Draft a project; nobody outside the committee sees it yet."""
    with writing as session:
        view = service.draft(session, body=body, actor=actor)
        return _out(view, response)


@router.post(
    "/projects/batch", status_code=201, response_model=ProjectBatchOut, responses=problems(*_DRAFTING)
)
def draft_projects(
    body: ProjectBatchIn, writing: Writing, actor: Annotated[Actor, may("project.draft")]
) -> ProjectBatchOut:
    """Draft up to 200 projects at once, all or none."""
    with writing as session:
        views = service.draft_batch(session, bodies=body.items, actor=actor)
        return ProjectBatchOut(items=[project_out(view) for view in views])


@router.post("/projects/publish", response_model=ProjectBatchOut, responses=problems(*_MOVING))
def publish_projects(
    body: PublishIn, writing: Writing, actor: Annotated[Actor, may("project.publish")]
) -> ProjectBatchOut:
    """Publish a list of projects, all or none."""
    with writing as session:
        views = service.publish(session, project_ids=body.project_ids, actor=actor)
        return ProjectBatchOut(items=[project_out(view) for view in views])


@router.get("/projects/{project_id}", response_model=ProjectDetail, responses=problems(ProjectNotFound))
def read_project(
    project_id: uuid.UUID, reading: Reading, response: Response, actor: Annotated[Actor, may("project.read")]
) -> ProjectDetail:
    """A project with the steps of its life."""
    with reading as session:
        view, steps = service.read(session, project_id, actor=actor)
    inside = service.sees_drafts(view.project, actor)
    return ProjectDetail(
        **_out(view, response).model_dump(),
        steps=[
            StepOut(
                state=step.state, at=step.at, by=step.by if inside else None, reason_code=step.reason_code,
                reason=step.reason, round_id=step.round_id,
            )
            for step in steps
        ],
    )  # fmt: skip


@router.patch(
    "/projects/{project_id}", response_model=ProjectOut,
    responses=problems(
        ProjectNotFound, ProjectFrozen, ProjectWrongState, ProjectOutdated, BuildingNotHere, CostsTooLarge,
        BadETag, ETagMissing,
    ),
)  # fmt: skip
def change_project(
    *,
    project_id: uuid.UUID,
    body: ProjectChangeIn,
    writing: Writing,
    response: Response,
    actor: Annotated[Actor, may("project.change")],
    if_match: Annotated[str | None, Header(description="The ETag you read; needed.", max_length=40)] = None,
) -> ProjectOut:
    """Change what a project says, until a round lists it; what is left out stays."""
    version = etag_version(if_match)
    with writing as session:
        view = service.change(session, project_id=project_id, body=body, version=version, actor=actor)
        return _out(view, response)


@router.post("/projects/{project_id}/publish", response_model=ProjectOut, responses=problems(*_MOVING))
def publish_project(
    project_id: uuid.UUID,
    writing: Writing,
    response: Response,
    actor: Annotated[Actor, may("project.publish")],
) -> ProjectOut:
    """Publish one project."""
    with writing as session:
        [view] = service.publish(session, project_ids=[project_id], actor=actor)
        return _out(view, response)


@router.post("/projects/{project_id}/reject", response_model=ProjectOut, responses=problems(*_MOVING))
def reject_project(
    project_id: uuid.UUID,
    body: RejectIn,
    writing: Writing,
    response: Response,
    actor: Annotated[Actor, may("project.reject")],
) -> ProjectOut:
    """Do not take a project up, with the reason."""
    with writing as session:
        view = service.reject(session, project_id=project_id, code=body.code, reason=body.reason, actor=actor)
        return _out(view, response)


@router.post("/projects/{project_id}/withdraw", response_model=ProjectOut, responses=problems(*_MOVING))
def withdraw_project(
    project_id: uuid.UUID,
    body: ReasonIn,
    writing: Writing,
    response: Response,
    actor: Annotated[Actor, may("project.withdraw")],
) -> ProjectOut:
    """Take a project back before a round lists it, with the reason."""
    with writing as session:
        view = service.withdraw(session, project_id=project_id, reason=body.reason, actor=actor)
        return _out(view, response)


@router.post("/projects/{project_id}/reopen", response_model=ProjectOut, responses=problems(*_MOVING))
def reopen_project(
    project_id: uuid.UUID,
    body: ReasonIn,
    writing: Writing,
    response: Response,
    actor: Annotated[Actor, may("project.reopen")],
) -> ProjectOut:
    """Take a rejected or withdrawn project up again, as a draft, with the reason."""
    with writing as session:
        view = service.reopen(session, project_id=project_id, reason=body.reason, actor=actor)
        return _out(view, response)


@router.post(
    "/projects/{project_id}/photos", status_code=201, response_model=PhotoOut,
    responses=problems(ProjectNotFound, *_PHOTO_CHANGE, TooManyPhotos, PhotoUnreadable, PhotoTooLarge),
)  # fmt: skip
def add_photo(
    project_id: uuid.UUID,
    file: UploadFile,
    alt: Annotated[Line, Form(description="What it shows, for those who cannot see it.")],
    writing: Writing,
    actor: Annotated[Actor, may("photo.add")],
) -> PhotoOut:
    """Add a photo (JPEG, PNG, WebP); it is shrunk and written anew, without place or camera."""
    picture = service.prepare(file.file.read())
    with writing as session:
        return PhotoOut.model_validate(
            service.add_photo(session, project_id=project_id, picture=picture, alt=alt, actor=actor)
        )


@router.patch(
    "/photos/{photo_id}", response_model=PhotoOut, responses=problems(PhotoNotFound, *_PHOTO_CHANGE)
)
def describe_photo(
    photo_id: uuid.UUID, body: PhotoChangeIn, writing: Writing, actor: Annotated[Actor, may("photo.describe")]
) -> PhotoOut:
    """Say anew what a photo shows."""
    with writing as session:
        return PhotoOut.model_validate(
            service.describe_photo(session, photo_id=photo_id, alt=body.alt, actor=actor)
        )


@router.put(
    "/projects/{project_id}/photo-order", response_model=PhotoList,
    responses=problems(ProjectNotFound, *_PHOTO_CHANGE, PhotosChanged),
)  # fmt: skip
def arrange_photos(
    project_id: uuid.UUID, body: PhotoOrderIn, writing: Writing, actor: Annotated[Actor, may("photo.arrange")]
) -> PhotoList:
    """Put the photos of a project into an order; the first one stands in lists."""
    with writing as session:
        made = service.arrange_photos(session, project_id=project_id, photo_ids=body.photo_ids, actor=actor)
        return PhotoList(items=[PhotoOut.model_validate(each) for each in made])


@router.delete("/photos/{photo_id}", status_code=204, responses=problems(PhotoNotFound, *_PHOTO_CHANGE))
def remove_photo(
    photo_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("photo.remove")]
) -> Response:
    """Remove a photo."""
    with writing as session:
        service.remove_photo(session, photo_id=photo_id, actor=actor)
    return Response(status_code=204)


@router.get("/photos/{photo_id}", response_class=Response, responses=problems(PhotoNotFound))
def read_photo(
    photo_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("photo.read")],
    small: Annotated[bool, Query(description="A square for lists, some kilobytes.")] = False,  # noqa: FBT002
    if_none_match: Annotated[str | None, Header(max_length=400)] = None,
) -> Response:
    """The bytes of a photo, as JPEG."""
    with reading as session:
        made, public = service.photo(session, photo_id, actor=actor)
    etag = f'"{made.digest[:32]}{"-small" if small else ""}"'
    headers = {"ETag": etag, "Cache-Control": _CACHED if public else "private, no-store"}
    if if_none_match is not None and etag in if_none_match:
        return Response(status_code=304, headers=headers)
    jpeg = _SMALL.get(made.digest, lambda: photos.small(made.jpeg)) if small else made.jpeg
    return Response(jpeg, media_type="image/jpeg", headers=headers)


# --- answers ------------------------------------------------------------------------------------------------------


def project_out(view: ProjectView) -> ProjectOut:
    """A project as the API shows it."""
    row = view.project
    parts = {"cost_items", "building_ids", "photos"}
    return ProjectOut(
        **{name: getattr(row, name) for name in ProjectOut.model_fields if name not in parts},
        cost_items=[CostItemOut.model_validate(item) for item in view.cost_items],
        building_ids=list(view.building_ids),
        photos=[PhotoOut.model_validate(photo) for photo in view.photos],
    )


def _out(view: ProjectView, response: Response) -> ProjectOut:
    response.headers["ETag"] = f'"{view.project.version}"'
    return project_out(view)


def _page(views: list[ProjectView], limit: int) -> ProjectPage:
    page = page_of(
        views, limit, key=lambda view: time_and_id_cursor(view.project.created_at, view.project.id)
    )
    return ProjectPage(items=[project_out(view) for view in page.items], next_cursor=page.next_cursor)
