"""Which communities use the service."""

from dataclasses import dataclass

from sqlmodel import Session

from app.overview import queries
from app.overview.service.home import codes_above
from app.places.models import Division


@dataclass(frozen=True)
class CommunityPlace:
    """A community and the divisions above it, the widest first."""

    community: Division
    above: list[Division]


def list_communities(session: Session, *, named: str, after: str | None, limit: int) -> list[CommunityPlace]:
    """Communities where something is public, by code.

    Args:
        session: a reading one.
        named: parts of their names or of those above them, all of which must be found; empty for all.
        after: the last code of the page before.
        limit: how many at most.
    """
    rows = queries.communities_in_use(session, words=named.split(), after=after, limit=limit)
    chains = {row.code: codes_above(row.code)[::-1] for row in rows}
    known = {
        each.code: each
        for each in queries.divisions(session, {code for chain in chains.values() for code in chain})
    }
    return [CommunityPlace(row, [known[code] for code in chains[row.code] if code in known]) for row in rows]
