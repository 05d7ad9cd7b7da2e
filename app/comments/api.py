"""Routes of comments."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlmodel import Session

from app.access.actor import Actor
from app.access.deps import may
from app.comments import service
from app.comments.errors import (
    CommentIdTaken,
    CommentNotFound,
    CommentsClosed,
    CommentsTooOften,
    CommentWrongState,
    OwnComment,
    ReplyToReply,
)
from app.comments.models import Comment
from app.comments.rules import CommentKind, CommentState, Desk
from app.comments.schemas import (
    CommentCounts,
    CommentIn,
    CommentOut,
    CommentPage,
    CommentThread,
    HeldComment,
    HeldCommentPage,
    HideIn,
    ReportIn,
    ReportOut,
)
from app.comments.service import CommentView, ThreadView
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.text import Code12
from app.core.web import Reading, Writing, problems
from app.ideas.errors import IdeaNotFound, NotYourCommunity
from app.ideas.moderation import Hold
from app.ideas.schemas import AuthorOut
from app.places.errors import DivisionNotFound
from app.projects.errors import ProjectNotFound
from app.rounds.errors import RoundNotFound

router = APIRouter(prefix="/api/v1", tags=["comments"])

_SUBJECT = (IdeaNotFound, ProjectNotFound, RoundNotFound)
_DECIDING = (CommentNotFound, CommentWrongState)
_THERE_ALREADY: dict[int | str, dict[str, Any]] = {
    200: {"model": CommentThread, "description": "It is there already."}
}
Cursor = Annotated[str | None, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT)]


@router.get(
    "/comments", response_model=CommentPage, responses=problems(BadCursor, CommentNotFound, *_SUBJECT)
)
def list_comments(
    *,
    reading: Reading,
    actor: Annotated[Actor, may("comment.list")],
    kind: CommentKind,
    subject_id: Annotated[uuid.UUID, Query(description="The idea or the project.")],
    round_id: Annotated[
        uuid.UUID | None, Query(description="Only what was said on this round's page.")
    ] = None,
    parent_id: Annotated[uuid.UUID | None, Query(description="The answers of this comment.")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> CommentPage:
    """Comments on an idea or a project, the newest first, each with its first answers; or all answers of one."""
    with reading as session:
        found = service.listing(
            session, kind=kind, subject_id=subject_id, round_id=round_id, parent_id=parent_id,
            after=time_and_id(cursor), limit=limit + 1, actor=actor,
        )  # fmt: skip
    page = page_of(found.threads, limit, key=lambda each: _key(each.top.comment))
    return CommentPage(
        items=[_thread_out(each) for each in page.items], next_cursor=page.next_cursor, total=found.total,
        open=found.open,
    )  # fmt: skip


@router.get("/held-comments", response_model=HeldCommentPage, responses=problems(BadCursor, DivisionNotFound))
def list_held_comments(
    *,
    reading: Reading,
    actor: Annotated[Actor, may("comment.list_held")],
    community: Annotated[Code12, Query(description="The community whose comments are meant.")],
    show: Annotated[
        Desk, Query(description="taken_down: rejected or hidden ones, the newest first.")
    ] = Desk.WAITING,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> HeldCommentPage:
    """Comments that wait for somebody to look at them, or were reported, the oldest first."""
    with reading as session:
        found = service.held(
            session,
            community_code=community,
            show=show,
            after=time_and_id(cursor),
            limit=limit + 1,
            actor=actor,
        )
    page = page_of(found, limit, key=lambda each: _key(each.view.comment))
    return HeldCommentPage(
        items=[
            HeldComment(
                **_out(each.view).model_dump(), title=each.title,
                reports=[ReportOut.model_validate(report) for report in each.reports],
            )
            for each in page.items
        ],
        next_cursor=page.next_cursor,
    )  # fmt: skip


@router.get(
    "/communities/{code}/comment-counts", response_model=CommentCounts, responses=problems(DivisionNotFound)
)
def count_comments(
    code: Code12, reading: Reading, actor: Annotated[Actor, may("comment.count")]
) -> CommentCounts:
    """How many comments of a community are held or reported."""
    with reading as session:
        held, reported = service.counts(session, community_code=code, actor=actor)
    return CommentCounts(held=held, reported=reported)


@router.put(
    "/comments/{comment_id}", response_model=CommentThread, status_code=201,
    responses=_THERE_ALREADY
    | problems(
        *_SUBJECT, CommentNotFound, ReplyToReply, CommentWrongState, NotYourCommunity, CommentsClosed, CommentIdTaken,
        CommentsTooOften,
    ),
)  # fmt: skip
def post_comment(
    comment_id: uuid.UUID,
    body: CommentIn,
    writing: Writing,
    response: Response,
    actor: Annotated[Actor, may("comment.post")],
) -> CommentThread:
    """Write a comment under an id that the phone makes; sending it again changes nothing."""
    with writing as session:
        row, new = service.post(session, comment_id=comment_id, body=body, actor=actor)
        response.status_code = 201 if new else 200
        return _after(session, row, actor)


@router.delete("/comments/{comment_id}", response_model=CommentThread, responses=problems(CommentNotFound))
def delete_comment(
    comment_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("comment.delete")]
) -> CommentThread:
    """Delete your own words. Where they were answered, that there were some stays visible."""
    with writing as session:
        return _after(session, service.delete(session, comment_id=comment_id, actor=actor), actor)


@router.put(
    "/comments/{comment_id}/my-report", status_code=204,
    responses=problems(*_SUBJECT, *_DECIDING, OwnComment, NotYourCommunity, CommentsTooOften),
)  # fmt: skip
def report_comment(
    comment_id: uuid.UUID, body: ReportIn, writing: Writing, actor: Annotated[Actor, may("comment.report")]
) -> Response:
    """Say that somebody of the committee should look at a comment; nobody learns that it was you."""
    with writing as session:
        service.report(session, comment_id=comment_id, body=body, actor=actor)
    return Response(status_code=204)


@router.post(
    "/comments/{comment_id}/publish", response_model=CommentThread, responses=problems(*_DECIDING, *_SUBJECT)
)
def publish_comment(
    comment_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("comment.publish")]
) -> CommentThread:
    """Show a comment that was held, rejected or hidden; keep one that was reported."""
    with writing as session:
        return _after(session, service.publish(session, comment_id=comment_id, actor=actor), actor)


@router.post("/comments/{comment_id}/reject", response_model=CommentThread, responses=problems(*_DECIDING))
def reject_comment(
    comment_id: uuid.UUID, body: HideIn, writing: Writing, actor: Annotated[Actor, may("comment.reject")]
) -> CommentThread:
    """Do not show a held comment; its author reads why."""
    with writing as session:
        row = service.reject(session, comment_id=comment_id, reason=body.reason, actor=actor)
        return _after(session, row, actor)


@router.post("/comments/{comment_id}/hide", response_model=CommentThread, responses=problems(*_DECIDING))
def hide_comment(
    comment_id: uuid.UUID, body: HideIn, writing: Writing, actor: Annotated[Actor, may("comment.hide")]
) -> CommentThread:
    """Hide a visible comment; everybody reads why."""
    with writing as session:
        row = service.hide(session, comment_id=comment_id, reason=body.reason, actor=actor)
        return _after(session, row, actor)


# --- answers ------------------------------------------------------------------------------------------------------


def _after(session: Session, row: Comment, actor: Actor) -> CommentThread:
    return _thread_out(service.thread(session, row, actor=actor))


def _key(row: Comment) -> str:
    return time_and_id_cursor(row.posted_at, row.id)


def _out(view: CommentView) -> CommentOut:
    row = view.comment
    knows = view.mine or view.inside
    shown = row.state is CommentState.PUBLISHED or (knows and row.state is not CommentState.DELETED)
    return CommentOut(
        id=row.id, kind=row.kind, subject_id=row.subject_id, round_id=row.round_id, parent_id=row.parent_id,
        by_staff=row.by_staff, author=None if row.by_staff else AuthorOut.model_validate(row),
        words=row.words if shown else "", state=row.state,
        held_for=[Hold(each) for each in row.held_for] if knows else [],
        reason=row.reason if knows or row.state is CommentState.HIDDEN else None, mine=view.mine,
        reported=view.reported, posted_at=row.posted_at,
    )  # fmt: skip


def _thread_out(view: ThreadView) -> CommentThread:
    return CommentThread(
        **_out(view.top).model_dump(),
        reply_count=view.reply_count,
        replies=[_out(each) for each in view.replies],
    )
