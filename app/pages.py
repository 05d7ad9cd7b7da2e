"""The residents' app and the console as they were built, served beside the API.

Vite names every file but the page itself after its contents, so a phone keeps them for good; the page is asked for
again each time and answered 304 while it is the same. Compressed copies lie beside the files since the build.
"""

import re
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from app.core.config import Settings
from app.core.logging import log

_FRONTEND = Path(__file__).parent.parent / "frontend"
BUILT = _FRONTEND / "resident" / "dist"
BUILT_CONSOLE = _FRONTEND / "console" / "dist"
_FOREVER = "public, max-age=31536000, immutable"
#: The best first; a phone that takes neither gets the file as it is.
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
#: Whose home screen is asked for: what it shows travels beside the scripts, and not after them.
_COMMUNITY = re.compile(rb"(?:^|&)community=([0-9]{12})(?:&|$)")
_NOT_BUILT = (
    "<!doctype html><meta charset=utf-8><title>共议</title><p>前端尚未构建，请运行 make frontend。"
    "<p>The front end has not been built: run <code>make frontend</code>. <a href=/docs>API</a>"
)


def mount_pages(app: FastAPI, settings: Settings) -> None:
    """Serve the residents' app under ``/app/``, the console under ``/console/``, and send visitors to the first."""

    @app.get("/", include_in_schema=False)
    def home() -> Response:
        return RedirectResponse("/app/")

    _mount(app, "/app", settings.frontend or BUILT)
    _mount(app, "/console", settings.console or BUILT_CONSOLE)


def _mount(app: FastAPI, path: str, folder: Path) -> None:
    if (folder / "index.html").is_file():
        app.mount(path, Built(directory=folder, html=True), name=path[1:])
        return
    log().warning("the front end has not been built", folder=str(folder))

    @app.get(f"{path}/", include_in_schema=False)
    def not_built() -> Response:
        return Response(_NOT_BUILT, status_code=503, media_type="text/html")


class Built(StaticFiles):
    """A folder that Vite wrote."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, in the best encoding the caller takes."""
        if path.endswith((".br", ".gz")) or path.startswith(".vite"):  # parts of the build, not pages
            raise HTTPException(404)
        return await super().get_response(path, scope)

    def file_response(
        self,
        full_path: object,
        stat_result: object,  # noqa: ARG002 - of the file, not of its copy
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file or its compressed copy, with how long it may be kept."""
        path = Path(str(full_path))
        headers = Headers(scope=scope)
        taken = {part.split(";")[0].strip() for part in headers.get("accept-encoding", "").split(",")}
        found = next(
            (
                (name, copy)
                for name, end in _ENCODINGS
                if name in taken and (copy := _beside(path, end)).is_file()
            ),
            None,
        )
        served = path if found is None else found[1]
        answer = FileResponse(
            served, status_code=status_code, media_type=_media_type(path), stat_result=served.stat()
        )
        answer.headers["Vary"] = "Accept-Encoding"
        answer.headers["Cache-Control"] = _FOREVER if path.parent.name == "assets" else "no-cache"
        if path.name == "index.html" and (code := _COMMUNITY.search(scope["query_string"])):
            overview = f"/api/v1/communities/{code[1].decode()}/overview"
            answer.headers["Link"] = f"<{overview}>; rel=preload; as=fetch; crossorigin"
        if found is not None:
            answer.headers["Content-Encoding"] = found[0]
        return (
            NotModifiedResponse(answer.headers) if self.is_not_modified(answer.headers, headers) else answer
        )


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _media_type(path: Path) -> str | None:
    return {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}.get(
        path.suffix
    )
