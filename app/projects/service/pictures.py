"""Photos of projects."""

import uuid
from collections.abc import Sequence

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.projects import photos, queries, rules
from app.projects.errors import PhotoNotFound, TooManyPhotos
from app.projects.models import Photo, Project
from app.projects.photos import Picture
from app.projects.service.reading import visible
from app.projects.service.steps import claim, touch


def prepare(raw: bytes) -> Picture:
    """A file as a photo we can keep; slow, so it happens before any transaction begins.

    Raises:
        PhotoUnreadable, PhotoTooLarge: the file.
    """
    return photos.normalise(raw)


def add_photo(session: Session, *, project_id: uuid.UUID, picture: Picture, alt: str, actor: Actor) -> Photo:
    """Add a photo with words for those who cannot see it.

    Raises:
        ProjectNotFound: there is none, or it is not yours.
        ProjectFrozen, ProjectWrongState: it can no longer change.
        TooManyPhotos: it has enough.
    """
    row = claim(session, project_id, actor=actor, verb="photo.add")
    rules.check_open(row.state)
    present = queries.photos(session, [project_id])[project_id]
    if len(present) >= rules.MOST_PHOTOS:
        raise TooManyPhotos(most=rules.MOST_PHOTOS)
    position = max((photo.position for photo in present), default=0) + 1
    made = Photo(
        project_id=project_id, position=position, alt=alt, width=picture.width, height=picture.height,
        digest=picture.digest, jpeg=picture.jpeg,
    )  # fmt: skip
    session.add(made)
    _record(session, row, actor, photo_added=made.digest)
    return made


def remove_photo(session: Session, *, photo_id: uuid.UUID, actor: Actor) -> None:
    """Remove a photo.

    Raises:
        PhotoNotFound: there is none, or it is not yours.
        ProjectFrozen, ProjectWrongState: its project can no longer change.
    """
    made, row = _claim_photo(session, photo_id, actor=actor, verb="photo.remove")
    session.delete(made)
    _record(session, row, actor, photo_removed=made.digest)


def describe_photo(session: Session, *, photo_id: uuid.UUID, alt: str, actor: Actor) -> Photo:
    """Say anew what a photo shows.

    Raises:
        PhotoNotFound: there is none, or it is not yours.
        ProjectFrozen, ProjectWrongState: its project can no longer change.
    """
    made, row = _claim_photo(session, photo_id, actor=actor, verb="photo.describe")
    made.alt = alt
    session.add(made)
    _record(session, row, actor, photo_described=made.digest)
    return made


def arrange_photos(
    session: Session, *, project_id: uuid.UUID, photo_ids: Sequence[uuid.UUID], actor: Actor
) -> list[Photo]:
    """Put the photos of a project into an order; the first one stands in lists.

    Raises:
        ProjectNotFound: there is none, or it is not yours.
        ProjectFrozen, ProjectWrongState: it can no longer change.
        PhotosChanged: these are not its photos.
    """
    row = claim(session, project_id, actor=actor, verb="photo.arrange")
    rules.check_open(row.state)
    present = {each.id: each for each in queries.photos(session, [project_id])[project_id]}
    rules.check_arrangement(list(present), photo_ids)
    # two photos may change places: first all stand behind every position there is, then each where it belongs
    behind = max((each.position for each in present.values()), default=0)
    for offset in (behind, 0):
        for position, photo_id in enumerate(photo_ids, start=1):
            present[photo_id].position = offset + position
        session.flush()  # the database checks positions row by row
    _record(session, row, actor)
    return [present[photo_id] for photo_id in photo_ids]


def photo(session: Session, photo_id: uuid.UUID, *, actor: Actor) -> tuple[Photo, bool]:
    """A photo of a project somebody may see, and whether anybody may.

    Raises:
        PhotoNotFound: there is none, or its project is not public.
    """
    made = queries.photo(session, photo_id)
    row = None if made is None else queries.project(session, made.project_id)
    if made is None or row is None or not visible(row, actor):
        raise PhotoNotFound
    return made, rules.is_public(row.state, was_published=row.published_at is not None)


def _claim_photo(session: Session, photo_id: uuid.UUID, *, actor: Actor, verb: str) -> tuple[Photo, Project]:
    made = queries.photo(session, photo_id)
    row = None if made is None else queries.project_locked(session, made.project_id)
    if made is None or row is None or not actor.may(verb, row.community_code):
        raise PhotoNotFound
    rules.check_open(row.state)
    return made, row


def _record(session: Session, row: Project, actor: Actor, **facts: str) -> None:
    touch(session, row)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.PROJECT_CHANGED, subject=f"project:{row.id}",
        facts={"version": row.version, **facts},
    )  # fmt: skip
