"""Posting an idea, its photos, and taking it back."""

import datetime as dt
import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.db import one_at_a_time
from app.ideas import queries, rules
from app.ideas.errors import IdeaIdTaken, IdeaNotFound, IdeaPhotosFull, IdeaShared
from app.ideas.models import Idea, IdeaAuthor, IdeaPhoto
from app.ideas.moderation import Hold, noticed
from app.ideas.rules import Byline, IdeaState
from app.ideas.schemas import IdeaIn
from app.ideas.service.policy import policy_of
from app.ideas.service.steps import BY_RESIDENT, BY_SYSTEM, index, move, neighbour, note
from app.places import service as places
from app.projects.likeness import grams
from app.projects.photos import Picture


def post(session: Session, *, idea_id: uuid.UUID, body: IdeaIn, actor: Actor) -> tuple[Idea, bool]:
    """Post an idea under an id made by the phone; sent again it is there already. Also whether it is new.

    A check for numbers, dwellings, links and abuse says whether it is visible at once or waits for a person.

    Raises:
        NotYourCommunity: you do not live there.
        IdeaIdTaken: the id was used for other words, or by somebody else.
        IdeasTooOften: as many as a day allows.
    """
    assert actor.account_id is not None
    one_at_a_time(session, f"ideas of {actor.account_id}")
    person = neighbour(session, body.community_code, actor=actor)
    there = queries.idea(session, idea_id)
    if there is not None:
        return _same(session, there, body, actor), False
    now = clock.now()
    rules.check_pace(queries.post_times(session, actor.account_id, now - dt.timedelta(days=1)), now=now)
    held_for = noticed(body.title, body.words, body.place)
    if not held_for and policy_of(session, body.community_code).review_first:
        held_for = [Hold.REVIEW_FIRST]
    row = Idea(
        id=idea_id, community_code=body.community_code, title=body.title, words=body.words, place=body.place,
        category=body.category, state=IdeaState.HELD if held_for else IdeaState.OPEN,
        held_for=[hold.value for hold in held_for], title_grams=len(grams(body.title)), posted_at=now, changed_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()  # the parts refer to it
    byline, building = byline_of(session, body.byline, household_id=person.household_id)
    session.add(
        IdeaAuthor(
            idea_id=row.id, position=1, account_id=actor.account_id, resident_id=person.id, byline=byline,
            building=building,
        )
    )  # fmt: skip
    note(session, row, by=BY_RESIDENT)
    if row.state is IdeaState.OPEN:
        index(session, row)
    audit.record(
        session, chain=row.community_code, by=BY_RESIDENT, tag=Tag.IDEA_POSTED, subject=f"idea:{row.id}",
        facts={"held": bool(held_for)},
    )  # fmt: skip
    return row, True


def byline_of(session: Session, wish: Byline, *, household_id: uuid.UUID) -> tuple[Byline, str | None]:
    """How somebody stands under the own words, by their wish; and of which building."""
    if wish is not Byline.BUILDING:
        return wish, None
    dwelling = places.dwellings(session, household_ids=[household_id])[household_id]
    return wish, dwelling.building


def add_photo(session: Session, *, idea_id: uuid.UUID, picture: Picture, alt: str, actor: Actor) -> IdeaPhoto:
    """Add a photo to an own idea; the same picture again is there already.

    No check can tell what a picture shows. Where everything is looked at first, or somebody has looked at the idea
    before this picture was in it, the idea waits for them once more; also where its description has what makes words
    wait. Else it is visible at once, like words are.

    Raises:
        IdeaNotFound: there is none, or it is not yours.
        IdeaPhotosLate: too late, or it has its answer.
        IdeaPhotosFull: it has enough.
    """
    row = _own(session, idea_id, actor)
    present = queries.photos(session, [idea_id])[idea_id]
    for there in present:
        if there.digest == picture.digest:
            return there
    rules.check_photos_open(row.state, posted_at=row.posted_at, now=clock.now())
    if len(present) >= rules.MOST_PHOTOS:
        raise IdeaPhotosFull(most=rules.MOST_PHOTOS)
    made = IdeaPhoto(
        idea_id=idea_id, position=len(present) + 1, alt=alt, width=picture.width, height=picture.height,
        digest=picture.digest, jpeg=picture.jpeg,
    )  # fmt: skip
    session.add(made)
    _hold_for(session, row, alt)
    return made


def _hold_for(session: Session, row: Idea, alt: str) -> None:
    """Let somebody look at an idea that has a new picture, if somebody has to."""
    found = set(noticed(alt))
    if row.state is IdeaState.HELD:
        found |= {Hold(each) for each in row.held_for}
    elif not found and (policy_of(session, row.community_code).review_first or _was_looked_at(session, row)):
        found = {Hold.PHOTO}
    if not found:
        return
    row.held_for = [hold.value for hold in Hold if hold in found]
    session.add(row)
    if row.state is not IdeaState.HELD:
        move(session, row, IdeaState.HELD, by=BY_RESIDENT)


def _was_looked_at(session: Session, row: Idea) -> bool:
    return any(step.by not in {BY_RESIDENT, BY_SYSTEM} for step in queries.steps(session, [row.id])[row.id])


def withdraw(session: Session, *, idea_id: uuid.UUID, actor: Actor) -> Idea:
    """Take an own idea back, before a project depends on it; nobody else sees it any more.

    Raises:
        IdeaNotFound: there is none, or it is not yours.
        IdeaShared: others' ideas were merged into it.
        IdeaMergedElsewhere, IdeaWrongState: it goes on elsewhere, or has its answer.
    """
    row = _own(session, idea_id, actor)
    if row.state is IdeaState.WITHDRAWN:
        return row
    if len(queries.authors(session, [idea_id])[idea_id]) > 1:
        raise IdeaShared
    move(session, row, IdeaState.WITHDRAWN, by=BY_RESIDENT)
    audit.record(
        session, chain=row.community_code, by=BY_RESIDENT, tag=Tag.IDEA_WITHDRAWN, subject=f"idea:{row.id}"
    )
    return row


def _own(session: Session, idea_id: uuid.UUID, actor: Actor) -> Idea:
    row = queries.idea_locked(session, idea_id)
    if row is None or not is_author(session, idea_id, actor):
        raise IdeaNotFound
    return row


def is_author(session: Session, idea_id: uuid.UUID, actor: Actor) -> bool:
    """Whether an idea is the caller's."""
    return actor.account_id is not None and any(
        each.account_id == actor.account_id for each in queries.authors(session, [idea_id])[idea_id]
    )


def _same(session: Session, there: Idea, body: IdeaIn, actor: Actor) -> Idea:
    said = {"community_code", "title", "words", "place", "category"}
    given = body.model_dump(include=said)
    if not is_author(session, there.id, actor) or any(getattr(there, name) != given[name] for name in said):
        raise IdeaIdTaken
    return there
