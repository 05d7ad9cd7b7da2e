"""Routes of one's own sign-ins."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Response

from app.access import service
from app.access.actor import Actor
from app.access.deps import CacheDep, may
from app.access.errors import SessionNotFound
from app.access.schemas import PasswordLink, SessionList, SessionOut
from app.core.web import Reading, Writing, problems

router = APIRouter(prefix="/api/v1", tags=["access"])


@router.get("/me/sessions", response_model=SessionList)
def list_my_sessions(reading: Reading, actor: Annotated[Actor, may("session.list_mine")]) -> SessionList:
    """Where you are signed in, the newest first."""
    assert actor.account_id is not None
    with reading as session:
        links = service.waiting_links(session, account_ids=[actor.account_id], actor=actor)
        return SessionList(
            items=[
                SessionOut(
                    id=each.row.id, device=each.row.device, with_wechat=each.row.with_wechat,
                    began_at=each.row.created_at, last_used_on=each.last_used_on, ends_at=each.row.expires_at,
                    current=each.current,
                )
                for each in service.list_sessions(session, actor=actor)
            ],
            password_link=_password_link(links.get(actor.account_id)),
        )  # fmt: skip


@router.delete("/me/sessions/{session_id}", status_code=204, responses=problems(SessionNotFound))
def end_other_session(
    session_id: uuid.UUID,
    writing: Writing,
    cache: CacheDep,
    actor: Annotated[Actor, may("session.end_other")],
) -> Response:
    """Sign out one of your devices; it may work on for half a minute."""
    with writing as session:
        ended = service.end_other_session(session, session_id=session_id, actor=actor)
    cache.forget(*ended)
    return Response(status_code=204)


def _password_link(waiting: service.WaitingLink | None) -> PasswordLink | None:
    if waiting is None:
        return None
    by, row = waiting.made_by, waiting.row
    return PasswordLink(
        made_by=by and (by.display_name or by.name), made_at=row.made_at, expires_at=row.expires_at
    )
