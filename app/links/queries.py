"""Reads and writes of short codes."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.links.models import LinkPace, ShortLink
from app.links.rules import LinkKind


def link(session: Session, code: str) -> ShortLink | None:
    """What a code stands for."""
    return session.get(ShortLink, code)


def links_to(session: Session, kind: LinkKind, targets: Collection[str]) -> dict[str, ShortLink]:
    """Target -> its code, where it has one."""
    rows = session.exec(
        select(ShortLink).where(ShortLink.kind == kind, col(ShortLink.target).in_(targets))
    ).all()
    return {row.target: row for row in rows}


def made_since(session: Session, division_code: str, since: dt.datetime) -> Sequence[dt.datetime]:
    """When codes of a division were made, the oldest first."""
    return session.exec(
        select(ShortLink.made_at)
        .where(ShortLink.division_code == division_code, col(ShortLink.made_at) > since)
        .order_by(col(ShortLink.made_at))
    ).all()


def insert_unless_there(session: Session, row: ShortLink) -> None:
    """Write a code; nothing happens where the code is taken, or the target has one by now."""
    statement = _insert(session)(ShortLink).values(row.model_dump()).on_conflict_do_nothing()
    session.execute(statement)


def count_made(session: Session, *, maker: str, expires_at: dt.datetime) -> int:
    """Count one more new code of somebody in an hour, and return how many these are."""
    statement = (
        _insert(session)(LinkPace)
        .values(maker=maker, made=1, expires_at=expires_at)
        .on_conflict_do_update(index_elements=["maker"], set_={"made": LinkPace.__table__.c.made + 1})  # type: ignore[attr-defined]
        .returning(col(LinkPace.made))
    )
    return int(session.execute(statement).scalar_one())


def forget_paces(session: Session, *, until: dt.datetime) -> None:
    """Delete what was counted in hours that are over."""
    session.execute(sa.delete(LinkPace).where(col(LinkPace.expires_at) <= until))


def _insert(session: Session) -> Any:  # noqa: ANN401 - each database has an insert of its own
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
