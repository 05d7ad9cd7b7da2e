"""The residents' page: plain files under ``frontend/``, served beside the API."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from app.core.config import Settings


def mount_pages(app: FastAPI, settings: Settings) -> None:
    """Serve the front end under ``/app/`` and send visitors there."""
    folder = settings.frontend or Path(__file__).parent.parent / "frontend" / "resident"
    if not folder.is_dir():
        return

    @app.get("/", include_in_schema=False)
    def home() -> Response:
        return RedirectResponse("/app/")

    app.mount("/app", _Pages(directory=folder, html=True), name="resident")


class _Pages(StaticFiles):
    """Files that are asked for again each time and answered 304 while they are the same."""

    def file_response(self, *arguments: Any, **options: Any) -> Response:  # noqa: ANN401 - passed on as they are
        response = super().file_response(*arguments, **options)
        response.headers["Cache-Control"] = "no-cache"
        return response
