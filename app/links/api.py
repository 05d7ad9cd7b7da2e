"""Routes of short codes, their pages and cards, of posters, and of public notices for the wall."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from app.access.actor import Actor
from app.access.deps import may
from app.core.errors import Unavailable
from app.core.printing import PrintingUnavailable, check_printer
from app.core.text import Code12
from app.core.web import Reading, SettingsDep, Writing, cacheable, problems
from app.links import cards, notice_sheets, page, rules, service, sheets
from app.links.cards import Card
from app.links.errors import LinkNotFound, NoBuildings, NothingToShare, TooManyLinks
from app.links.rules import Target
from app.links.schemas import LinkIn, LinkOut, NoticeTableOut, WallNoticeOut
from app.links.service import WallNotice
from app.places.errors import DivisionNotFound
from app.recorded.errors import NoDecisionYet
from app.results.errors import NoResultYet
from app.rounds.errors import RoundNotFound

router = APIRouter(prefix="/api/v1", tags=["links"])
#: Short, for what hangs on a wall.
pages_router = APIRouter(tags=["links"])

PDF, PNG, HTML = "application/pdf", "image/png", "text/html"
#: A title may change, a project be withdrawn; a card that is some minutes old harms nobody.
PAGE_SECONDS, CARD_SECONDS = 60, 600

Code = Annotated[str, Path(max_length=40, description="In any case; O is read as 0, I and L as 1.")]


@router.post("/links", response_model=LinkOut, responses=problems(NothingToShare, TooManyLinks))
def make_link(
    body: LinkIn,
    writing: Writing,
    settings: SettingsDep,
    actor: Annotated[Actor, may("link.make")],
) -> LinkOut:
    """The short code of something public, made if it has none; the same one for everybody who asks."""
    with writing as session:
        code, target = service.make(session, kind=body.kind, target=body.id, actor=actor)
    return _out(code, target, settings.public_url)


@router.get("/links/{code}", response_model=LinkOut, responses=problems(LinkNotFound))
def read_link(
    code: Code,
    reading: Reading,
    settings: SettingsDep,
    actor: Annotated[Actor, may("link.read")],  # noqa: ARG001
) -> LinkOut:
    """What a code stands for and where it leads, for who types it."""
    with reading as session:
        found, target = service.read(session, code)
    return _out(found, target, settings.public_url)


@router.get(
    "/communities/{code}/posters.pdf", response_class=Response,
    responses={
        200: {"content": {PDF: {}}}, **problems(DivisionNotFound, NoBuildings, RoundNotFound, PrintingUnavailable),
    },
)  # fmt: skip
def print_posters(
    code: Code12,
    writing: Writing,
    settings: SettingsDep,
    actor: Annotated[Actor, may("poster.print")],
    building: Annotated[uuid.UUID | None, Query(description="Only this building.")] = None,
    round: Annotated[  # noqa: A002 - the parameter's name in the address
        uuid.UUID | None, Query(description="For this round; without it, for what is voted on now or next.")
    ] = None,
) -> Response:
    """A poster for each building's wall, A4, with the code that leads to the building's page."""
    check_printer()
    with writing as session:
        found = service.posters(
            session, community_code=code, building_id=building, round_id=round, actor=actor
        )
    headers = {"Content-Disposition": 'attachment; filename="posters.pdf"'}
    return Response(sheets.pdf(found, public_url=settings.public_url), media_type=PDF, headers=headers)


@router.get(
    "/rounds/{round_id}/notice", response_model=WallNoticeOut,
    responses=problems(RoundNotFound, NoResultYet, NoDecisionYet),
)  # fmt: skip
def read_public_notice(
    round_id: uuid.UUID,
    writing: Writing,
    settings: SettingsDep,
    actor: Annotated[Actor, may("public_notice.read")],
) -> WallNoticeOut:
    """What the public notice of a result, or of an owners' decision, says; to be looked at before it is printed."""
    with writing as session:
        found = service.wall_notice(session, round_id=round_id, actor=actor, verb="public_notice.read")
    return _notice(found, settings.public_url)


@router.get(
    "/rounds/{round_id}/notice.pdf", response_class=Response,
    responses={
        200: {"content": {PDF: {}}},
        **problems(RoundNotFound, NoResultYet, NoDecisionYet, PrintingUnavailable),
    },
)  # fmt: skip
def print_public_notice(
    round_id: uuid.UUID,
    writing: Writing,
    settings: SettingsDep,
    actor: Annotated[Actor, may("public_notice.print")],
) -> Response:
    """The public notice of a result, or of an owners' decision, as an A4 sheet for the wall."""
    check_printer()
    with writing as session:
        found = service.wall_notice(session, round_id=round_id, actor=actor, verb="public_notice.print")
    headers = {"Content-Disposition": f'attachment; filename="notice-{found.number}.pdf"'}
    return Response(notice_sheets.pdf(found, public_url=settings.public_url), media_type=PDF, headers=headers)


@pages_router.get(
    "/q/{code}", response_class=HTMLResponse,
    responses={404: {"description": "`link_not_found`, as a page.", "content": {HTML: {}}}},
)  # fmt: skip
def open_link(
    code: Code,
    request: Request,
    reading: Reading,
    settings: SettingsDep,
    actor: Annotated[Actor, may("link.open")],  # noqa: ARG001
) -> Response:
    """The page behind a short code: a card for chats, and on to what it stands for."""
    try:
        with reading as session:
            found, target = service.read(session, code)
    except LinkNotFound:
        headers = {"Content-Security-Policy": page.CSP, "Cache-Control": "no-store"}
        return HTMLResponse(page.nothing(code), status_code=404, headers=headers)
    shown = _out(found, target, settings.public_url)
    html = page.card(target, address=shown.address, url=shown.url, picture_url=shown.picture_url)
    answer = cacheable(request, html.encode(), seconds=PAGE_SECONDS, media_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = page.CSP
    return answer


@pages_router.get(
    "/share/{code}.png", response_class=Response,
    responses={200: {"content": {PNG: {}}}, **problems(LinkNotFound, Unavailable)},
)  # fmt: skip
def draw_card(
    code: Code,
    request: Request,
    reading: Reading,
    settings: SettingsDep,
    actor: Annotated[Actor, may("link.draw")],  # noqa: ARG001
) -> Response:
    """The picture of a shared page: title, dates, QR; 1000 x 800."""
    with reading as session:
        found, target = service.read(session, code)
    url = f"{settings.public_url.rstrip('/')}/q/{found}"
    drawn = cards.png(Card(target.title, target.division, target.lines, found, url))
    return cacheable(request, drawn, seconds=CARD_SECONDS, media_type=PNG)


def _notice(found: WallNotice, public_url: str) -> WallNoticeOut:
    return WallNoticeOut(
        round_id=found.round_id, number=found.number, title=list(found.title), issuer=found.issuer,
        opening=list(found.opening), closing=list(found.closing), signed_on=found.signed_on,
        tables=[
            NoticeTableOut(
                heading=table.heading, columns=list(table.columns), numbers=sorted(table.numbers),
                rows=[list(row) for row in table.rows],
            )
            for table in found.tables
        ],
        contacts=list(found.contacts), record=list(found.record), code=found.code,
        url=f"{public_url.rstrip('/')}/q/{found.code}",
        picture=notice_sheets.qr(found.code, public_url=public_url), hangs_from=found.hangs_from,
        hangs_until=found.hangs_until, void=found.void,
    )  # fmt: skip


def _out(code: str, target: Target, public_url: str) -> LinkOut:
    base = public_url.rstrip("/")
    return LinkOut(
        code=code, kind=target.kind, title=target.title, division=target.division, lines=list(target.lines),
        community_code=target.community_code, building=target.building, address=rules.address(target),
        url=f"{base}/q/{code}", picture_url=f"{base}/share/{code}.png",
    )  # fmt: skip
