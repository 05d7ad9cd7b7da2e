"""Two projects of which only one is to be done: marked by the committee, proposed to whoever draws up a round."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.places import service as places
from app.projects import queries, rules
from app.projects.errors import ProjectNotFound
from app.projects.models import Project, ProjectExclusion
from app.projects.rules import ExclusiveGroup
from app.projects.service.reading import ProjectLine
from app.projects.service.similar import LikePair, like_pairs, under_way

MOST_SUGGESTED = 20


@dataclass(frozen=True)
class Marked:
    """A marked pair with what the two are called."""

    row: ProjectExclusion
    first: ProjectLine
    second: ProjectLine


@dataclass(frozen=True)
class Exclusions:
    """What is marked in a community, what that means for a round's list, and what may have to be marked."""

    marked: Sequence[Marked]
    groups: Sequence[ExclusiveGroup]
    suggested: Sequence[LikePair]


def mark(
    session: Session, *, project_id: uuid.UUID, other_id: uuid.UUID, reason: str, actor: Actor
) -> ProjectExclusion:
    """Mark that of two projects only one is to be done; marking them again changes the reason.

    Raises:
        ProjectNotFound: one is missing, or not yours.
        ExclusionUnfit: they are one, lie apart, or one came to nothing.
    """
    one, other = _claim_both(session, project_id, other_id, actor=actor, verb="exclusion.mark")
    rules.check_exclusion(
        one.state, other.state, same=one is other, same_community=one.community_code == other.community_code
    )
    row = queries.exclusion(session, one.id, other.id) or ProjectExclusion(
        first_id=min(one.id, other.id), second_id=max(one.id, other.id), reason=reason, by="", at=clock.now()
    )
    row.reason, row.by, row.at = reason, actor.ref, clock.now()
    session.add(row)
    audit.record(
        session, chain=one.community_code, by=actor.ref, tag=Tag.EXCLUSION_MARKED, subject=f"project:{one.id}",
        facts={"other": str(other.id)},
    )  # fmt: skip
    return row


def unmark(session: Session, *, project_id: uuid.UUID, other_id: uuid.UUID, actor: Actor) -> None:
    """Take such a mark back; there need not be one.

    Raises:
        ProjectNotFound: one is missing, or not yours.
    """
    one, other = _claim_both(session, project_id, other_id, actor=actor, verb="exclusion.unmark")
    row = queries.exclusion(session, one.id, other.id)
    if row is None:
        return
    session.delete(row)
    audit.record(
        session, chain=one.community_code, by=actor.ref, tag=Tag.EXCLUSION_UNMARKED,
        subject=f"project:{one.id}", facts={"other": str(other.id)},
    )  # fmt: skip


def exclusions(
    session: Session, *, community_code: str, among: Collection[uuid.UUID] = (), actor: Actor
) -> Exclusions:
    """What is marked in a community, and pairs that look as if they should be; of some projects, or of all.

    Raises:
        DivisionNotFound: not a community of yours.
    """
    places.community(session, community_code, actor=actor, verb="exclusion.list")
    offers = under_way(session, community_code=community_code)
    lines = {line.id: line for line in offers.projects if not among or line.id in among}
    rows = queries.exclusions(session, list(lines))
    pairs = [(row.first_id, row.second_id) for row in rows]
    known = {frozenset(pair) for pair in pairs}
    suggested = [
        pair
        for pair in like_pairs(session, offers)
        if {pair.first.id, pair.second.id} <= lines.keys()
        and frozenset((pair.first.id, pair.second.id)) not in known
    ]
    return Exclusions(
        marked=[Marked(row, lines[row.first_id], lines[row.second_id]) for row in rows],
        groups=rules.exclusive_groups(pairs),
        suggested=suggested[:MOST_SUGGESTED],
    )


def excluded_by(
    session: Session, *, project_id: uuid.UUID, among: Collection[uuid.UUID]
) -> dict[uuid.UUID, str]:
    """Which of several projects cannot be done beside one, with the reason."""
    rows = queries.exclusions(session, [project_id, *among])
    return {
        row.second_id if row.first_id == project_id else row.first_id: row.reason
        for row in rows
        if project_id in {row.first_id, row.second_id}
    }


def _claim_both(
    session: Session, project_id: uuid.UUID, other_id: uuid.UUID, *, actor: Actor, verb: str
) -> tuple[Project, Project]:
    rows = {row.id: row for row in queries.projects(session, {project_id, other_id}, lock=True)}
    one, other = rows.get(project_id), rows.get(other_id)
    if (
        one is None
        or other is None
        or not (actor.may(verb, one.community_code) and actor.may(verb, other.community_code))
    ):
        raise ProjectNotFound
    return one, other
