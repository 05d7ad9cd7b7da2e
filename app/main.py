"""The web application: settings, wiring, routers, problem handlers, the check of guards. No logic."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from app import __version__
from app.access.deps import ActorCache, Guard
from app.access.tokens import AccessTokens
from app.ballots.lane import CastLane
from app.ballots.service import Booths, Caster
from app.core import logging, web
from app.core.config import Settings
from app.core.signer import b64
from app.core.writer import BatchWriter
from app.docs_page import mount_docs
from app.pages import mount_pages
from app.routes import ROUTERS
from app.wiring import Wiring, wire
from app.worker import Worker

DESCRIPTION = """Residents rank projects, committees publish, governments fund. 居民排序，居委会公布，政府拨款。

Amounts are integers of fen, areas integers of 0.01 m², times ISO 8601 with offset. Errors are
`application/problem+json` (RFC 9457) with a stable `code` and a sentence in the language of `Accept-Language`."""

#: How the paths end that take files of up to `web.UPLOAD_LIMIT_BYTES`; deploy/nginx.conf names the same.
UPLOAD_PATHS = ("/imports", "/photos")


class UnguardedRoute(Exception):
    """A route does not say who may call it."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application.

    Raises:
        UnsafeSettings: the settings would be dangerous in production.
        UnguardedRoute: somebody forgot a guard.
    """
    logging.configure()
    wiring = wire(settings or Settings())
    app = FastAPI(
        title="Gongyi 共议",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        responses={
            400: {"description": "The request cannot be read.", "model": web.Problem},
            422: {
                "description": "`malformed_request`: Some fields are missing or malformed.",
                "model": web.Problem,
            },
            503: {"description": "Busy; safe to repeat.", "model": web.Problem},
        },
    )
    app.state.wiring = wiring
    app.state.settings = wiring.settings
    app.state.database = wiring.database
    app.state.access_tokens = AccessTokens(wiring.settings.secret("token_key"))
    app.state.actor_cache = ActorCache()
    app.state.wechat = wiring.wechat
    app.state.signed_with = b64(wiring.signer.public_key)
    app.state.booths = Booths(wiring.keys)
    app.state.booth_gate = asyncio.Lock()
    web.install_problem_handlers(app)
    app.add_middleware(web.BodyCap, upload_paths=UPLOAD_PATHS)
    app.add_middleware(CastLane, state=app.state)
    app.add_middleware(web.SecurityHeaders)
    for router in ROUTERS:
        app.include_router(router)
    check_guards(ROUTERS)
    mount_docs(app)
    mount_pages(app, wiring.settings)
    return app


def check_guards(routers: Iterable[APIRouter]) -> None:
    """Stop the start-up if a route has no guard, or more than one.

    Raises:
        UnguardedRoute: naming the route.
    """
    for router in routers:
        for route in router.routes:
            if not isinstance(route, APIRoute):
                message = f"{route} is not an API route"
                raise UnguardedRoute(message)
            if len(guards_of(route)) != 1:
                message = f"{sorted(route.methods or ())} {route.path} must have exactly one guard"
                raise UnguardedRoute(message)


def guards_of(route: APIRoute) -> list[Guard]:
    """The guards among a route's direct dependencies."""
    return [each.call for each in route.dependant.dependencies if isinstance(each.call, Guard)]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    wiring: Wiring = app.state.wiring
    caster = Caster(app.state.booths, wiring.signer)
    writer = BatchWriter(wiring.database, caster, conflicts=lambda item: item.conflict_key)
    writer.start()
    app.state.cast_writer = writer
    started: list[Any] = [writer]
    if wiring.settings.worker_inside:
        worker = Worker(wiring)
        worker.start()
        started.append(worker)
    try:
        yield
    finally:
        for part in reversed(started):
            part.stop()
        wiring.wechat.close()
        wiring.database.dispose()
