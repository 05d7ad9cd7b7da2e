"""What residents does by the clock."""

from sqlmodel import Session

from app.residents import service


def forget_stale_imports(session: Session) -> None:
    """Delete uploaded rosters after a month."""
    service.forget_stale_imports(session)
