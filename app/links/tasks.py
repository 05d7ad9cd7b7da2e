"""Short codes by the clock."""

from sqlmodel import Session

from app.links import service


def forget_expired(session: Session) -> None:
    """Forget who made how many codes in hours that are over."""
    service.forget_expired(session)
