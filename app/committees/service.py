"""The verbs of a committee's own lines."""

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.committees import queries
from app.committees.errors import CommitteeOutdated
from app.committees.models import CommitteeProfile
from app.committees.schemas import CommitteeIn
from app.core import clock
from app.places import service as places


@dataclass(frozen=True)
class Committee:
    """A community and what its committee has written, if anything."""

    community_code: str
    #: How the list of divisions calls it.
    community: str
    profile: CommitteeProfile | None

    @property
    def version(self) -> int:
        """Goes up with every change; 0 before the first one."""
        return 0 if self.profile is None else self.profile.version


def read(session: Session, *, community_code: str) -> Committee:
    """How a community's committee is reached.

    Raises:
        DivisionNotFound: there is no such community.
    """
    community = places.community(session, community_code)
    return Committee(community_code, community.name, queries.profile(session, community_code))


def change(
    session: Session, *, community_code: str, body: CommitteeIn, version: int, actor: Actor
) -> Committee:
    """Write how the committee is reached, in place of what was there.

    Args:
        session: a writing session.
        community_code: whose committee.
        body: every line of it.
        version: the version that was read; 0 where nothing was written yet.
        actor: somebody of its staff.

    Raises:
        DivisionNotFound: no such community, or not yours.
        CommitteeOutdated: somebody was faster.
    """
    community = places.community(session, community_code, actor=actor, verb="committee.change")
    row = queries.profile_locked(session, community_code)
    if version != (0 if row is None else row.version):
        raise CommitteeOutdated
    values = {**body.model_dump(), "version": version + 1, "changed_at": clock.now()}
    if row is None:
        row = CommitteeProfile(community_code=community_code, **values)
    else:
        row.sqlmodel_update(values)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:  # two first versions at this moment
        raise CommitteeOutdated from error
    audit.record(
        session, chain=community_code, by=actor.ref, tag=Tag.COMMITTEE_CHANGED,
        subject=f"division:{community_code}", facts={"version": row.version},
    )  # fmt: skip
    return Committee(community_code, community.name, row)
