"""A list of projects from a spreadsheet: looked at first, then drafted, all that are new or none."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.places import service as places
from app.projects import queries, rules, sheets
from app.projects.errors import ProjectImportHasErrors, ProjectImportNotFound
from app.projects.models import ProjectImport
from app.projects.rules import COMPARED_STATES, ListError, ListState, Origin, ProjectState
from app.projects.schemas import ProjectWords
from app.projects.service.drafting import draft_words
from app.projects.service.reading import views
from app.projects.service.similar import Offers, closest, under_way
from app.projects.sheets import Column, Listed

_NEW, _KNOWN, _WRONG = "new", "known", "wrong"


@dataclass(frozen=True)
class ImportView:
    """An uploaded list, and how many of its projects are new, known, wrong."""

    id: uuid.UUID
    state: ListState
    created_at: dt.datetime
    lines: list[dict[str, Any]]

    @property
    def counts(self) -> dict[str, int]:
        """How many are what."""
        return {
            change: sum(line["change"] == change for line in self.lines) for change in (_NEW, _KNOWN, _WRONG)
        }


def preview(session: Session, *, community_code: str, raw: bytes, actor: Actor) -> ImportView:
    """Read an uploaded list and keep what it would draft; nothing is drafted yet.

    A project that is called like one of the community's is known, and left out.

    Raises:
        DivisionNotFound: no such community, or not yours.
        SheetUnreadable, SheetTooLarge, ProjectColumnsMissing, ProjectListEmpty: the file.
    """
    places.community(session, community_code, actor=actor, verb="project_list.preview")
    buildings = {row.name: str(row.id) for row in places.buildings(session, community_code)}
    known = _known(session, community_code)
    offers = under_way(session, community_code=community_code)
    lines, seen = [], set[str]()
    for number, each in enumerate(sheets.read(raw), start=1):
        if number > sheets.MOST_PROJECTS:
            each.wrong(each.row, Column.TITLE, ListError.TOO_MANY)
        if any(name not in buildings for name in each.buildings):
            each.wrong(each.row, Column.BUILDINGS, ListError.UNKNOWN_BUILDING)
        name = sheets.same(each.title)
        if name in seen:
            each.wrong(each.row, Column.TITLE, ListError.TWICE)
        seen.add(name)
        lines.append(_line(each, buildings, known.get(name)) | {"like": _like(each, offers)})
    made = ProjectImport(
        community_code=community_code, state=ListState.PREVIEW, created_at=clock.now(), lines=lines
    )
    session.add(made)
    return _view(made)


def read_import(session: Session, *, community_code: str, import_id: uuid.UUID, actor: Actor) -> ImportView:
    """An uploaded list.

    Raises:
        ProjectImportNotFound: there is none, or it is not yours.
    """
    return _view(_claim(session, community_code, import_id, actor=actor, verb="project_list.read"))


def commit(
    session: Session, *, community_code: str, import_id: uuid.UUID, skip_errors: bool, actor: Actor
) -> ImportView:
    """Draft the new projects of a list.

    Raises:
        ProjectImportNotFound: there is none, or it is not yours.
        ProjectImportWrongState: they were drafted already.
        ProjectImportHasErrors: some are wrong, and nobody said to leave them out.
        BuildingNotHere: a building is gone meanwhile.
    """
    row = _claim(session, community_code, import_id, actor=actor, verb="project_list.commit", lock=True)
    rules.check_preview(row.state)
    wrong = sum(line["change"] == _WRONG for line in row.lines)
    if wrong and not skip_errors:
        raise ProjectImportHasErrors(errors=wrong)
    known = _known(session, community_code)
    lines = []
    for line in row.lines:
        if line["change"] == _NEW and (there := known.get(sheets.same(line["title"]))):
            line = line | {"change": _KNOWN, "project_id": there}  # noqa: PLW2901 - somebody drafted it meanwhile
        elif line["change"] == _NEW:
            made = draft_words(
                session, community_code=community_code, words=ProjectWords.model_validate(line["words"]),
                origin=Origin.STAFF, reference=line["reference"], actor=actor,
            )  # fmt: skip
            line = line | {"project_id": str(made.id)}  # noqa: PLW2901
        lines.append(line)
    row.state, row.lines = ListState.COMMITTED, lines
    session.add(row)
    audit.record(
        session, chain=community_code, by=actor.ref, tag=Tag.PROJECT_LIST_IMPORTED,
        subject=f"project_import:{row.id}", facts=dict(_view(row).counts),
    )  # fmt: skip
    return _view(row)


def export(session: Session, *, community_code: str, actor: Actor) -> bytes:
    """A community's projects as .xlsx, whatever became of them, newest first.

    Raises:
        DivisionNotFound: not a community of yours.
    """
    places.community(session, community_code, actor=actor, verb="project_list.export")
    names = {row.id: row.name for row in places.buildings(session, community_code)}
    rows = queries.page(
        session, divisions=[community_code], states=frozenset(ProjectState), after=None, limit=None
    )
    return sheets.write(
        [
            {
                **view.project.model_dump(),
                "cost_items": view.cost_items,
                "buildings": [names[each] for each in view.building_ids if each in names],
            }
            for view in views(session, rows)
        ]
    )


def _like(each: Listed, offers: Offers) -> dict[str, str] | None:
    """A project that this one may be in other words, for whoever looks at the preview."""
    if each.errors:
        return None
    words = f"{each.title} {each.values['description']}"
    found = closest(offers, words=words, place=each.values["place"])
    return None if found is None else {"id": str(found.id), "title": found.title}


def _view(row: ProjectImport) -> ImportView:
    return ImportView(row.id, row.state, row.created_at, row.lines)


def _known(session: Session, community_code: str) -> dict[str, str]:
    rows = queries.titles(session, community_code=community_code, states=COMPARED_STATES)
    return {sheets.same(title): str(project_id) for project_id, title in rows}


def _line(each: Listed, buildings: Mapping[str, str], known: str | None) -> dict[str, Any]:
    change = _WRONG if each.errors else _KNOWN if known else _NEW
    return {
        "row": each.row,
        "change": change,
        "title": each.title,
        "words": {
            **each.values,
            "cost_items": each.items,
            "building_ids": [buildings[name] for name in each.buildings if name in buildings],
        },
        "reference": each.reference,
        "project_id": known if change == _KNOWN else None,
        "errors": each.errors,
    }


def _claim(
    session: Session,
    community_code: str,
    import_id: uuid.UUID,
    *,
    actor: Actor,
    verb: str,
    lock: bool = False,
) -> ProjectImport:
    row = queries.import_(session, import_id, lock=lock)
    if row is None or row.community_code != community_code or not actor.may(verb, community_code):
        raise ProjectImportNotFound
    return row
