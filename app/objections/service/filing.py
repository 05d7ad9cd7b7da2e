"""Objecting."""

import json
import uuid

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.objections import queries
from app.objections.errors import NotAResidentThere, ObjectionOpen, SentDifferently
from app.objections.events import ObjectionFiled
from app.objections.models import Objection
from app.objections.rules import EntryKind, ObjectionState
from app.objections.schemas import ObjectionIn
from app.objections.service.steps import (
    BY_RESIDENT,
    OwnObjection,
    household_fingerprint,
    own,
    record,
    request_fingerprint,
    write,
)
from app.outbox import service as outbox
from app.places import service as places
from app.projects import service as projects
from app.residents import service as residents


def file(
    session: Session, *, project_id: uuid.UUID, body: ObjectionIn, actor: Actor, key: str | None = None
) -> OwnObjection:
    """Object to a project for one's household; possible at any time. The same ``key`` again files nothing anew.

    Raises:
        ProjectNotFound: no such public project.
        NotAResidentThere: the household lives elsewhere.
        ObjectionOpen: it objects already.
        SentDifferently: the key came before with other words.
    """
    project = projects.public_project(session, project_id)
    person = residents.person_in(
        session, phone_fingerprint=actor.phone_fingerprint or "", community_codes=[project.community_code]
    )
    if person is None:
        raise NotAResidentThere
    dwelling = places.dwellings(session, household_ids=[person.household_id])[person.household_id]
    now = clock.now()
    row = Objection(
        project_id=project_id,
        community_code=project.community_code,
        household_fingerprint=household_fingerprint(person.household_id),
        identity=json.dumps(
            {
                "household_id": str(person.household_id),
                "name": person.name,
                "phone": person.phone,
                "dwelling": dwelling.in_words,
            },
            ensure_ascii=False,
        ),
        state=ObjectionState.FILED,
        filed_at=now,
        changed_at=now,
    )
    earlier = _filed_before(session, row, body, key)
    if earlier is not None:
        return own(session, earlier)
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()  # the entries refer to it
            _write_words(session, row, body, actor, key)
    except (
        IntegrityError
    ) as error:  # another phone of the household, or a repeat of this very request, was faster
        earlier = _filed_before(session, row, body, key)
        if earlier is None:
            raise ObjectionOpen from error
        return own(session, earlier)
    record(session, row, by=BY_RESIDENT)
    outbox.emit(session, ObjectionFiled(str(row.id)), subject=f"objection:{row.id}")
    return own(session, row)


def _filed_before(session: Session, row: Objection, body: ObjectionIn, key: str | None) -> Objection | None:
    """What the household has filed with this key, whatever became of it since.

    Raises:
        SentDifferently: the key came before with other words.
        ObjectionOpen: it objects already, and not by this key.
    """
    request = request_fingerprint(row, key)
    entry = None if request is None else queries.entry_of_request(session, request)
    earlier = None if entry is None else queries.objection(session, entry.objection_id)
    if entry is None or earlier is None:
        if queries.open_of(session, row.project_id, row.household_fingerprint) is not None:
            raise ObjectionOpen
        return None
    if (earlier.project_id, entry.kind, entry.text) != (row.project_id, EntryKind.GROUNDS, body.grounds):
        raise SentDifferently
    return earlier


def _write_words(session: Session, row: Objection, body: ObjectionIn, actor: Actor, key: str | None) -> None:
    write(session, row, EntryKind.GROUNDS, body.grounds, by_objector=True, actor=actor, key=key)
    for kind, text in ((EntryKind.EFFECT, body.effect), (EntryKind.WISH, body.would_help)):
        if text:
            write(session, row, kind, text, by_objector=True, actor=actor)
