"""What happens by the clock."""

from sqlmodel import Session

from app.privacy import service


def forget_old(session: Session) -> None:
    """Delete what has done its work."""
    service.forget_old(session)
