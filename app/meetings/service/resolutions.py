"""What a meeting resolves, and the projects that come of it."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.meetings import queries, rules
from app.meetings.errors import MeetingNotFound, MeetingNotHeld, NothingRaised, ResolutionNotFound
from app.meetings.models import Resolution
from app.meetings.schemas import ResolutionIn
from app.meetings.service.views import mine
from app.projects import service as projects
from app.projects.schemas import ProjectWords


def pass_resolution(
    session: Session, *, meeting_id: uuid.UUID, body: ResolutionIn, actor: Actor
) -> Resolution:
    """Record a vote of the meeting; if it passes, the project it raises is drafted with it.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled: it did not take place.
        MeetingNotHeld: nobody recorded who attended.
        VotesDoNotAdd: more votes than people.
    """
    meeting = mine(session, meeting_id, actor, verb="resolution.pass")
    if meeting.present is None:
        raise MeetingNotHeld
    passed = rules.passes(
        votes_for=body.votes_for, votes_against=body.votes_against, abstentions=body.abstentions,
        present=meeting.present,
    )  # fmt: skip
    row = Resolution(
        meeting_id=meeting_id, position=len(queries.resolutions(session, meeting_id)) + 1, text=body.text,
        votes_for=body.votes_for, votes_against=body.votes_against, abstentions=body.abstentions, passed=passed,
    )  # fmt: skip
    if passed and body.project is not None:
        row.project_id = projects.draft_from_resolution(
            session, community_code=meeting.community_code, words=body.project, resolution_id=row.id,
            reference=meeting.title, actor=actor,
        ).id  # fmt: skip
    session.add(row)
    audit.record(
        session, chain=meeting.community_code, by=actor.ref, tag=Tag.RESOLUTION_PASSED, subject=f"resolution:{row.id}",
        facts={"passed": passed, "for": body.votes_for, "against": body.votes_against, "present": meeting.present},
    )  # fmt: skip
    return row


def raise_project(
    session: Session, *, resolution_id: uuid.UUID, words: ProjectWords, actor: Actor
) -> Resolution:
    """Draft the project that a resolution wants; the draft keeps where it comes from.

    Raises:
        ResolutionNotFound: there is none, or it is not yours.
        MeetingCancelled: the meeting did not take place.
        NothingRaised: it did not pass, or has raised a project already.
        BuildingNotHere, CostsTooLarge: as for every draft.
    """
    row = queries.resolution_locked(session, resolution_id)
    if row is None:
        raise ResolutionNotFound
    try:
        meeting = mine(session, row.meeting_id, actor, verb="resolution.raise_project")
    except MeetingNotFound as error:
        raise ResolutionNotFound from error
    if not row.passed or row.project_id is not None:
        raise NothingRaised
    row.project_id = projects.draft_from_resolution(
        session, community_code=meeting.community_code, words=words, resolution_id=row.id,
        reference=meeting.title, actor=actor,
    ).id  # fmt: skip
    session.add(row)
    return row
