"""The first screen by the clock."""

from sqlmodel import Session

from app.overview import service


def read_turnouts(session: Session) -> int:
    """Read again how many have taken part where the public figure is old enough; returns of how many rounds."""
    return service.read_turnouts(session)
