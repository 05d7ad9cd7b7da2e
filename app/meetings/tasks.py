"""Meetings by the clock."""

from sqlmodel import Session

from app.meetings import service


def forget_door_codes(session: Session) -> None:
    """Delete codes of doors that work no more."""
    service.forget_door_codes(session)
