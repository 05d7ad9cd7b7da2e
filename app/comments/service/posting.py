"""Writing a comment, deleting one's own, reporting another's."""

import datetime as dt
import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.comments import queries, rules
from app.comments.errors import (
    CommentIdTaken,
    CommentNotFound,
    CommentsClosed,
    CommentWrongState,
    OwnComment,
    ReplyToReply,
)
from app.comments.models import Comment, CommentReport
from app.comments.rules import PUBLIC_STATES, CommentState
from app.comments.schemas import CommentIn, ReportIn
from app.comments.service.steps import announce, recount
from app.comments.service.subjects import Subject, subject_of
from app.core import clock
from app.core.db import one_at_a_time
from app.ideas import service as ideas
from app.ideas.errors import NotYourCommunity
from app.ideas.moderation import Hold, noticed
from app.ideas.rules import Byline
from app.residents.models import Resident

_DAY = dt.timedelta(days=1)


def post(session: Session, *, comment_id: uuid.UUID, body: CommentIn, actor: Actor) -> tuple[Comment, bool]:
    """Write a comment under an id made by the phone; sent again it is there already. Also whether it is new.

    Staff of the community write for the committee, and are not checked.

    Raises:
        IdeaNotFound, ProjectNotFound, RoundNotFound: there is nothing to comment on.
        CommentNotFound: there is no such comment to answer.
        ReplyToReply, CommentWrongState: that one takes no answers.
        NotYourCommunity: you do not live there.
        CommentsClosed: it can only be read.
        CommentIdTaken: the id was used for other words, or by somebody else.
        CommentsTooOften: too many in a short time.
    """
    assert actor.account_id is not None
    one_at_a_time(session, f"comments of {actor.account_id}")
    subject = subject_of(
        session, kind=body.kind, subject_id=body.subject_id, round_id=body.round_id, actor=actor, lock=True
    )
    there = queries.comment(session, comment_id)
    if there is not None:
        return _same(there, body, actor), False
    by_staff = actor.may("comment.post", subject.community_code)
    byline, building = (Byline.RESIDENT, None) if by_staff else _byline(session, subject, body.byline, actor)
    if not subject.open:
        raise CommentsClosed
    if body.parent_id is not None:
        _check_parent(session, body.parent_id, body)
    held_for: list[Hold] = []
    if not by_staff:
        now = clock.now()
        rules.check_pace(queries.post_times(session, actor.account_id, now - _DAY), now=now)
        held_for = noticed(body.words)
        if not held_for and ideas.policy_of(session, subject.community_code).review_first:
            held_for = [Hold.REVIEW_FIRST]
    row = Comment(
        id=comment_id, community_code=subject.community_code, kind=body.kind, subject_id=body.subject_id,
        round_id=body.round_id, parent_id=body.parent_id, account_id=actor.account_id, by_staff=by_staff,
        state=CommentState.HELD if held_for else CommentState.PUBLISHED,
        held_for=[hold.value for hold in held_for], words=body.words, posted_at=clock.now(), byline=byline,
        building=building,
    )  # fmt: skip
    session.add(row)
    recount(session, row)
    if row.state is CommentState.PUBLISHED:
        announce(session, row, subject, waited=False)
    return row, True


def delete(session: Session, *, comment_id: uuid.UUID, actor: Actor) -> Comment:
    """Delete one's own words; that there were some stays visible where they were answered.

    Raises:
        CommentNotFound: there is none, or it is not yours.
    """
    row = queries.comment_locked(session, comment_id)
    if row is None or row.account_id is None or row.account_id != actor.account_id:
        raise CommentNotFound
    if row.state is CommentState.DELETED:
        return row
    erase(session, row)
    return row


def erase(session: Session, row: Comment) -> None:
    """Take the words of a comment away, for good."""
    row.state = rules.step(row.state, CommentState.DELETED)
    row.words, row.held_for, row.reason = "", [], None
    session.add(row)
    queries.handle_reports(session, row.id, clock.now())
    recount(session, row)


def report(session: Session, *, comment_id: uuid.UUID, body: ReportIn, actor: Actor) -> None:
    """Say that somebody should look at a comment; saying it again replaces what was said.

    Raises:
        CommentNotFound: there is none that you can see.
        CommentWrongState: it is not visible any more.
        OwnComment: it is yours.
        NotYourCommunity: you do not live there.
        CommentsTooOften: as many reports as a day allows.
    """
    assert actor.account_id is not None
    one_at_a_time(session, f"reports of {actor.account_id}")
    row = queries.comment_locked(session, comment_id)
    if row is None or row.state not in PUBLIC_STATES:
        raise CommentNotFound
    subject = subject_of(
        session, kind=row.kind, subject_id=row.subject_id, round_id=row.round_id, actor=actor
    )
    if row.account_id == actor.account_id:
        raise OwnComment
    _neighbour(session, subject, actor)
    if row.state is not CommentState.PUBLISHED:
        raise CommentWrongState(state=row.state.value)
    now = clock.now()
    there = queries.report(session, comment_id, actor.account_id)
    if there is None:
        rules.check_report_pace(queries.report_times(session, actor.account_id, now - _DAY), now=now)
        there = CommentReport(
            comment_id=comment_id, account_id=actor.account_id, code=body.code, words=body.words, at=now
        )
    # what was looked at already is not brought up again by the same person
    there.code, there.words = body.code, body.words
    session.add(there)


def _byline(session: Session, subject: Subject, wish: Byline, actor: Actor) -> tuple[Byline, str | None]:
    person = _neighbour(session, subject, actor)
    return ideas.byline_of(session, wish, household_id=person.household_id)


def _neighbour(session: Session, subject: Subject, actor: Actor) -> Resident:
    for code in subject.community_codes:
        try:
            return ideas.neighbour(session, code, actor=actor)
        except NotYourCommunity:
            continue
    raise NotYourCommunity


def _check_parent(session: Session, parent_id: uuid.UUID, body: CommentIn) -> None:
    parent = queries.comment(session, parent_id)
    if (
        parent is None
        or (parent.kind, parent.subject_id) != (body.kind, body.subject_id)
        or parent.state not in PUBLIC_STATES
    ):
        raise CommentNotFound
    if parent.parent_id is not None:
        raise ReplyToReply
    if parent.state is not CommentState.PUBLISHED:
        raise CommentWrongState(state=parent.state.value)


def _same(there: Comment, body: CommentIn, actor: Actor) -> Comment:
    said = {"kind", "subject_id", "round_id", "parent_id", "words"}
    given = body.model_dump(include=said)
    gone = there.state is CommentState.DELETED
    if there.account_id != actor.account_id or any(
        getattr(there, name) != given[name] for name in said - ({"words"} if gone else set())
    ):
        raise CommentIdTaken
    return there
