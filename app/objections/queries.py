"""Reads of objections."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.core.db import locked
from app.objections.models import (
    CaseVolunteer,
    MediationVolunteer,
    Objection,
    ObjectionEntry,
    ObjectionView,
    RefusedMediator,
)
from app.objections.rules import ObjectionState, Said, VolunteerState, is_open

_OPEN = [state for state in ObjectionState if is_open(state)]


def objection_locked(session: Session, objection_id: uuid.UUID) -> Objection | None:
    """One objection, locked."""
    statement = locked(select(Objection).where(Objection.id == objection_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def open_of(session: Session, project_id: uuid.UUID, household_fingerprint: str) -> Objection | None:
    """A household's open objection to a project."""
    return session.exec(
        select(Objection).where(
            Objection.project_id == project_id,
            Objection.household_fingerprint == household_fingerprint,
            col(Objection.state).in_(_OPEN),
        )
    ).first()


def objection(session: Session, objection_id: uuid.UUID) -> Objection | None:
    """One objection."""
    return session.get(Objection, objection_id)


def entry_of_request(session: Session, request_fingerprint: str) -> ObjectionEntry | None:
    """What a household wrote with a key it sent."""
    return session.exec(
        select(ObjectionEntry).where(ObjectionEntry.request_fingerprint == request_fingerprint)
    ).one_or_none()


def refused_mediators(session: Session, objection_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Mediators the household will not have, the first refused first."""
    return session.exec(
        select(RefusedMediator.mediator_id)
        .where(RefusedMediator.objection_id == objection_id)
        .order_by(col(RefusedMediator.at), col(RefusedMediator.mediator_id))
    ).all()


def of_households(session: Session, fingerprints: Collection[str]) -> Sequence[Objection]:
    """Every objection of these households, newest first."""
    return session.exec(
        select(Objection)
        .where(col(Objection.household_fingerprint).in_(fingerprints))
        .order_by(col(Objection.filed_at).desc(), col(Objection.id))
    ).all()


def cases(session: Session, *, divisions: Sequence[str], limit: int) -> Sequence[Objection]:
    """Cases under some divisions, open ones first, the oldest of them first."""
    return _listed(session, _under(divisions), limit)


def cases_of_mediator(session: Session, *, mediator_id: uuid.UUID, limit: int) -> Sequence[Objection]:
    """Cases a mediator was given, in the same order."""
    return _listed(session, col(Objection.mediator_id) == mediator_id, limit)


def cases_of_volunteer(session: Session, *, account_id: uuid.UUID, limit: int) -> Sequence[Objection]:
    """Open cases whose household has accepted a volunteer."""
    accepted = select(CaseVolunteer.objection_id).where(
        CaseVolunteer.account_id == account_id, CaseVolunteer.state == VolunteerState.ACCEPTED
    )
    return _listed(session, sa.and_(col(Objection.id).in_(accepted), col(Objection.state).in_(_OPEN)), limit)


def cases_under(session: Session, *, divisions: Sequence[str]) -> Sequence[Objection]:
    """Every case under some divisions, for counting."""
    return session.exec(select(Objection).options(defer(Objection.identity)).where(_under(divisions))).all()  # type: ignore[arg-type]


def cases_between(
    session: Session, *, division: str, since: dt.datetime, until: dt.datetime
) -> Sequence[Objection]:
    """The cases of a span of time under a division, for counting."""
    filed_then = sa.and_(
        _under([division]), col(Objection.filed_at) >= since, col(Objection.filed_at) < until
    )
    return session.exec(select(Objection).options(defer(Objection.identity)).where(filed_then)).all()  # type: ignore[arg-type]


def open_cases_of(session: Session, mediator_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many open cases several mediators have."""
    rows = session.execute(
        sa.select(col(Objection.mediator_id), sa.func.count())
        .where(col(Objection.mediator_id).in_(mediator_ids), col(Objection.state).in_(_OPEN))
        .group_by(col(Objection.mediator_id))
    )
    return {mediator_id: count for mediator_id, count in rows}  # noqa: C416 - a row is not a pair for the type checker


def open_count(session: Session, project_id: uuid.UUID) -> int:
    """How many households object to a project."""
    statement = (
        select(sa.func.count())
        .select_from(Objection)
        .where(Objection.project_id == project_id, col(Objection.state).in_(_OPEN))
    )
    return session.exec(statement).one()


def entries(session: Session, objection_id: uuid.UUID) -> Sequence[ObjectionEntry]:
    """The negotiation, in order."""
    return session.exec(
        select(ObjectionEntry)
        .where(ObjectionEntry.objection_id == objection_id)
        .order_by(col(ObjectionEntry.position))
    ).all()


def said(session: Session, objection_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Said]]:
    """What was said in several cases, in order, without opening a word."""
    found: dict[uuid.UUID, list[Said]] = {each: [] for each in objection_ids}
    rows = session.execute(
        sa.select(
            col(ObjectionEntry.objection_id), col(ObjectionEntry.kind), col(ObjectionEntry.by_objector),
            col(ObjectionEntry.at), col(ObjectionEntry.meets_at),
        )
        .where(col(ObjectionEntry.objection_id).in_(objection_ids))
        .order_by(col(ObjectionEntry.objection_id), col(ObjectionEntry.position))
    )  # fmt: skip
    for objection_id, *facts in rows:
        found[objection_id].append(Said(*facts))
    return found


def volunteers(session: Session, community_code: str) -> Sequence[MediationVolunteer]:
    """Residents of a community who agreed to help, the first to join first."""
    return session.exec(
        select(MediationVolunteer)
        .where(MediationVolunteer.community_code == community_code)
        .order_by(col(MediationVolunteer.joined_at), col(MediationVolunteer.account_id))
    ).all()


def volunteer(session: Session, *, account_id: uuid.UUID, community_code: str) -> MediationVolunteer | None:
    """One of them."""
    return session.get(MediationVolunteer, (account_id, community_code))


def volunteering(session: Session, account_id: uuid.UUID) -> Sequence[MediationVolunteer]:
    """Where somebody agreed to help."""
    return session.exec(
        select(MediationVolunteer)
        .where(MediationVolunteer.account_id == account_id)
        .order_by(col(MediationVolunteer.community_code))
    ).all()


def volunteers_of(session: Session, objection_id: uuid.UUID) -> Sequence[CaseVolunteer]:
    """Everybody who was proposed for a case, the last one last."""
    return session.exec(
        select(CaseVolunteer)
        .where(CaseVolunteer.objection_id == objection_id)
        .order_by(col(CaseVolunteer.proposed_at), col(CaseVolunteer.account_id))
    ).all()


def volunteered_in(session: Session, account_id: uuid.UUID) -> Sequence[CaseVolunteer]:
    """Every case somebody was proposed for."""
    return session.exec(select(CaseVolunteer).where(CaseVolunteer.account_id == account_id)).all()


def views(session: Session, objection_id: uuid.UUID) -> Sequence[ObjectionView]:
    """Who looked, in order."""
    return session.exec(
        select(ObjectionView)
        .where(ObjectionView.objection_id == objection_id)
        .order_by(col(ObjectionView.position))
    ).all()


def _under(divisions: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.false(), *(col(Objection.community_code).startswith(significant(code)) for code in divisions)
    )


def _listed(session: Session, which: sa.ColumnElement[bool], limit: int) -> Sequence[Objection]:
    ended = sa.case((col(Objection.state).in_(_OPEN), 0), else_=1)
    return session.exec(
        select(Objection)
        .where(which)
        .order_by(ended, col(Objection.filed_at), col(Objection.id))
        .limit(limit)
    ).all()
