"""Reads of what committees say of themselves."""

from sqlmodel import Session, select

from app.committees.models import CommitteeProfile
from app.core.db import locked


def profile(session: Session, community_code: str) -> CommitteeProfile | None:
    """What a community's committee has written, if anything."""
    return session.get(CommitteeProfile, community_code)


def profile_locked(session: Session, community_code: str) -> CommitteeProfile | None:
    """The same, locked, so that of two changes at once one finds the other's version."""
    statement = locked(
        select(CommitteeProfile).where(CommitteeProfile.community_code == community_code), session
    )
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
