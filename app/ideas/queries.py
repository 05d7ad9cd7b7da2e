"""Reads of ideas."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.core.db import UtcDateTime, locked
from app.ideas.models import (
    Idea,
    IdeaAuthor,
    IdeaCheck,
    IdeaEndorsement,
    IdeaGram,
    IdeaPhoto,
    IdeaPolicy,
    IdeaStep,
)
from app.ideas.rules import ENDORSABLE, PUBLIC_STATES, SHOWN, IdeaState, Show


def idea(session: Session, idea_id: uuid.UUID) -> Idea | None:
    """One idea."""
    return session.get(Idea, idea_id)


def idea_locked(session: Session, idea_id: uuid.UUID) -> Idea | None:
    """One idea, locked: what is counted or decided about it happens one after another."""
    statement = locked(select(Idea).where(Idea.id == idea_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def ideas_locked(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Idea]:
    """Several ideas, locked in one order so that two callers cannot deadlock."""
    statement = locked(select(Idea).where(col(Idea.id).in_(ids)).order_by(col(Idea.id)), session)
    rows = session.execute(statement.execution_options(populate_existing=True)).scalars()
    return {row.id: row for row in rows}


def page_by_time(
    session: Session,
    community_code: str,
    show: Show,
    *,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> Sequence[Idea]:
    """Ideas of a community: the newest ones first, or the latest answered ones."""
    at = col(Idea.posted_at) if show is Show.NEWEST else col(Idea.changed_at)
    statement = select(Idea).where(Idea.community_code == community_code, col(Idea.state).in_(SHOWN[show]))
    if after is not None:
        moment, idea_id = after
        statement = statement.where(sa.or_(at < moment, sa.and_(at == moment, col(Idea.id) > idea_id)))
    return session.exec(statement.order_by(at.desc(), col(Idea.id)).limit(limit)).all()


def page_by_endorsements(
    session: Session, community_code: str, *, after: tuple[int, uuid.UUID] | None, limit: int
) -> Sequence[Idea]:
    """Ideas of a community that can be endorsed, the most endorsed first."""
    count = col(Idea.endorsements)
    statement = select(Idea).where(Idea.community_code == community_code, col(Idea.state).in_(ENDORSABLE))
    if after is not None:
        endorsements, idea_id = after
        statement = statement.where(
            sa.or_(count < endorsements, sa.and_(count == endorsements, col(Idea.id) > idea_id))
        )
    return session.exec(statement.order_by(count.desc(), col(Idea.id)).limit(limit)).all()


def held(
    session: Session,
    community_code: str,
    *,
    state: IdeaState,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> Sequence[Idea]:
    """Ideas that wait for a person, or that are not shown, the oldest first."""
    statement = select(Idea).where(Idea.community_code == community_code, Idea.state == state)
    if after is not None:
        at, idea_id = after
        statement = statement.where(
            sa.or_(col(Idea.posted_at) > at, sa.and_(col(Idea.posted_at) == at, col(Idea.id) > idea_id))
        )
    return session.exec(statement.order_by(col(Idea.posted_at), col(Idea.id)).limit(limit)).all()


def counts(session: Session, community_code: str) -> dict[IdeaState, int]:
    """How many ideas of a community stand where."""
    rows = session.execute(
        sa.select(col(Idea.state), sa.func.count())
        .where(col(Idea.community_code) == community_code)
        .group_by(col(Idea.state))
    )
    return {state: int(count) for state, count in rows}


def ideas_by(session: Session, account_id: uuid.UUID, *, limit: int) -> Sequence[Idea]:
    """What somebody proposed, the newest first."""
    return session.exec(
        select(Idea)
        .join(IdeaAuthor, col(IdeaAuthor.idea_id) == col(Idea.id))
        .where(IdeaAuthor.account_id == account_id)
        .order_by(col(Idea.posted_at).desc(), col(Idea.id))
        .limit(limit)
    ).all()


def ideas(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Idea]:
    """Several ideas."""
    rows = session.exec(select(Idea).where(col(Idea.id).in_(ids)))
    return {row.id: row for row in rows}


def merged_into(session: Session, idea_id: uuid.UUID) -> Sequence[Idea]:
    """Ideas that were merged into one."""
    return session.exec(select(Idea).where(Idea.merged_into_id == idea_id)).all()


def due_for_screening(session: Session, community_code: str, needed: int) -> Sequence[uuid.UUID]:
    """Open ideas of a community with so many endorsements or more."""
    return session.exec(
        select(Idea.id).where(
            Idea.community_code == community_code, Idea.state == IdeaState.OPEN, Idea.endorsements >= needed
        )
    ).all()


def post_times(session: Session, account_id: uuid.UUID, since: dt.datetime) -> Sequence[dt.datetime]:
    """When somebody posted ideas since then, the latest first."""
    return session.exec(
        select(Idea.posted_at)
        .join(IdeaAuthor, col(IdeaAuthor.idea_id) == col(Idea.id))
        .where(IdeaAuthor.account_id == account_id, Idea.posted_at > since)
        .order_by(col(Idea.posted_at).desc())
    ).all()


# --- authors and endorsers ----------------------------------------------------------------------------------------


def authors(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[IdeaAuthor]]:
    """Who proposed several ideas."""
    found: dict[uuid.UUID, list[IdeaAuthor]] = {idea_id: [] for idea_id in ids}
    rows = session.exec(
        select(IdeaAuthor).where(col(IdeaAuthor.idea_id).in_(ids)).order_by(col(IdeaAuthor.position))
    )
    for row in rows:
        found[row.idea_id].append(row)
    return found


def authorships(session: Session, account_id: uuid.UUID) -> Sequence[IdeaAuthor]:
    """What somebody proposed, as authorships."""
    return session.exec(select(IdeaAuthor).where(IdeaAuthor.account_id == account_id)).all()


def endorsement(session: Session, idea_id: uuid.UUID, resident_id: uuid.UUID) -> IdeaEndorsement | None:
    """A resident's endorsement of an idea."""
    return session.exec(
        select(IdeaEndorsement).where(
            IdeaEndorsement.idea_id == idea_id, IdeaEndorsement.resident_id == resident_id
        )
    ).first()


def endorsements(session: Session, idea_id: uuid.UUID) -> Sequence[IdeaEndorsement]:
    """Everybody who endorses an idea."""
    return session.exec(select(IdeaEndorsement).where(IdeaEndorsement.idea_id == idea_id)).all()


def endorsements_by(session: Session, account_id: uuid.UUID) -> Sequence[IdeaEndorsement]:
    """Everything somebody endorses."""
    return session.exec(
        select(IdeaEndorsement)
        .where(IdeaEndorsement.account_id == account_id)
        .order_by(col(IdeaEndorsement.at), col(IdeaEndorsement.id))
    ).all()


def endorsed_among(session: Session, ids: Collection[uuid.UUID], account_id: uuid.UUID) -> set[uuid.UUID]:
    """Which of several ideas somebody endorses."""
    return set(
        session.exec(
            select(IdeaEndorsement.idea_id).where(
                col(IdeaEndorsement.idea_id).in_(ids), IdeaEndorsement.account_id == account_id
            )
        )
    )


def endorsement_count(session: Session, idea_id: uuid.UUID) -> int:
    """How many endorse an idea."""
    statement = select(sa.func.count()).select_from(IdeaEndorsement).where(IdeaEndorsement.idea_id == idea_id)
    return session.exec(statement).one()


# --- steps and photos ---------------------------------------------------------------------------------------------


def steps(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[IdeaStep]]:
    """How several ideas got where they are."""
    found: dict[uuid.UUID, list[IdeaStep]] = {idea_id: [] for idea_id in ids}
    rows = session.exec(
        select(IdeaStep).where(col(IdeaStep.idea_id).in_(ids)).order_by(col(IdeaStep.position))
    )
    for row in rows:
        found[row.idea_id].append(row)
    return found


def answers(
    session: Session,
    *,
    division: str,
    since: dt.datetime,
    until: dt.datetime,
    answered: Collection[IdeaState],
) -> Sequence[tuple[IdeaState, dt.datetime, dt.datetime | None]]:
    """(state, posted, first answered) of the ideas that were posted under a division in a span of time."""
    first = (
        sa.select(sa.func.min(col(IdeaStep.at)))
        .where(col(IdeaStep.idea_id) == col(Idea.id), col(IdeaStep.state).in_(answered))
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(col(Idea.state), col(Idea.posted_at), sa.type_coerce(first, UtcDateTime)).where(
            col(Idea.community_code).startswith(significant(division)), col(Idea.posted_at) >= since,
            col(Idea.posted_at) < until,
        )
    )  # fmt: skip
    return [(state, posted_at, at) for state, posted_at, at in rows]


def photos(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[IdeaPhoto]]:
    """The photos of several ideas, without their bytes."""
    found: dict[uuid.UUID, list[IdeaPhoto]] = {idea_id: [] for idea_id in ids}
    rows = session.exec(
        select(IdeaPhoto)
        .options(defer(IdeaPhoto.jpeg))  # type: ignore[arg-type]
        .where(col(IdeaPhoto.idea_id).in_(ids))
        .order_by(col(IdeaPhoto.position))
    )
    for row in rows:
        found[row.idea_id].append(row)
    return found


def photo(session: Session, photo_id: uuid.UUID) -> IdeaPhoto | None:
    """One photo with its bytes."""
    return session.get(IdeaPhoto, photo_id)


def clear_photos(session: Session, idea_id: uuid.UUID) -> None:
    """Remove the photos of an idea that nobody is to see."""
    session.execute(sa.delete(IdeaPhoto).where(col(IdeaPhoto.idea_id) == idea_id))


# --- what was found -----------------------------------------------------------------------------------------------


def checks(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[IdeaCheck]]:
    """What the committee found about several ideas."""
    found: dict[uuid.UUID, list[IdeaCheck]] = {idea_id: [] for idea_id in ids}
    for row in session.exec(select(IdeaCheck).where(col(IdeaCheck.idea_id).in_(ids))):
        found[row.idea_id].append(row)
    return found


def clear_checks(session: Session, idea_id: uuid.UUID) -> None:
    """Remove what was found before it is written anew."""
    session.execute(sa.delete(IdeaCheck).where(col(IdeaCheck.idea_id) == idea_id))


# --- likeness -----------------------------------------------------------------------------------------------------


def clear_grams(session: Session, idea_id: uuid.UUID) -> None:
    """Take an idea out of the index of similar ones."""
    session.execute(sa.delete(IdeaGram).where(col(IdeaGram.idea_id) == idea_id))


def public_count(session: Session, community_code: str) -> int:
    """How many ideas of a community are public."""
    statement = (
        select(sa.func.count())
        .select_from(Idea)
        .where(Idea.community_code == community_code, col(Idea.state).in_(PUBLIC_STATES))
    )
    return session.exec(statement).one()


def gram_counts(session: Session, community_code: str, grams: Iterable[str]) -> dict[str, int]:
    """In how many ideas of a community each of these pieces stands."""
    rows = session.execute(
        sa.select(col(IdeaGram.gram), sa.func.count())
        .where(col(IdeaGram.community_code) == community_code, col(IdeaGram.gram).in_(sorted(grams)))
        .group_by(col(IdeaGram.gram))
    )
    return {gram: int(count) for gram, count in rows}


def gram_hits(
    session: Session, community_code: str, grams: Iterable[str]
) -> Sequence[tuple[uuid.UUID, str, bool]]:
    """(idea, piece, whether it stands in the title) of every idea of a community with one of these pieces."""
    rows = session.execute(
        sa.select(col(IdeaGram.idea_id), col(IdeaGram.gram), col(IdeaGram.in_title)).where(
            col(IdeaGram.community_code) == community_code, col(IdeaGram.gram).in_(sorted(grams))
        )
    )
    return [(idea_id, gram, bool(in_title)) for idea_id, gram, in_title in rows]


# --- policies -----------------------------------------------------------------------------------------------------


def policies(session: Session, community_code: str) -> Sequence[IdeaPolicy]:
    """What a community has set, the oldest first."""
    return session.exec(
        select(IdeaPolicy)
        .where(IdeaPolicy.community_code == community_code)
        .order_by(col(IdeaPolicy.valid_from))
    ).all()


def policies_begun(session: Session, on: dt.date) -> Sequence[IdeaPolicy]:
    """Every policy that has begun by a day, by community and day."""
    return session.exec(
        select(IdeaPolicy)
        .where(IdeaPolicy.valid_from <= on)
        .order_by(col(IdeaPolicy.community_code), col(IdeaPolicy.valid_from))
    ).all()
