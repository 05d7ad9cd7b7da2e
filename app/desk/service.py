"""Looking into every part of the house for what waits for somebody."""

import datetime as dt
from collections.abc import Callable, Iterator

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.access.divisions import WHOLE_COUNTRY, contains, is_community
from app.access.matrix import roles_for
from app.ballots import service as ballots
from app.ballots.keystore import KeyStore
from app.comments import service as comments
from app.core import clock
from app.desk.rules import MINUTES_DAYS, REGISTRATION_DAYS, Item, Task
from app.funding import chain
from app.funding import service as funding
from app.gateway import service as gateway
from app.ideas import service as ideas
from app.ideas.rules import IdeaState
from app.meetings import service as meetings
from app.objections import service as objections
from app.paper import service as paper
from app.places import service as places
from app.places.errors import DivisionNotFound
from app.recorded import service as recorded
from app.residents import service as residents
from app.residents.rules import RegistrationState
from app.results import service as results
from app.rounds import service as rounds
from app.rounds.rules import RECORDED_KINDS, Custody, PaperPolicy, RoundState
from app.rounds.service import RoundView

#: What a desk looks at; whoever has more on it sees these first.
MOST = 100
_LOOKED_AT = 30
_SHARES_MATTER = frozenset({RoundState.PUBLISHED, RoundState.CLOSED})

Collector = Callable[[Session, Actor, str], Iterator[Item]]


def read(session: Session, *, division: str, actor: Actor, keys: KeyStore) -> list[Item]:
    """Everything that waits for somebody in a division, in no order.

    Raises:
        DivisionNotFound: there is none, or nothing of yours lies in it.
    """
    if division != WHOLE_COUNTRY:
        places.division(session, division)
    if not any(contains(each.division, division) for each in actor.grants):
        raise DivisionNotFound
    found = [item for collect in _COLLECTORS for item in collect(session, actor, division)]
    return found + list(_shares(session, actor, division, keys))


def _registrations(session: Session, actor: Actor, division: str) -> Iterator[Item]:
    if not is_community(division) or not actor.may("registration.list", division):
        return
    found = residents.registrations(
        session, community_code=division, state=RegistrationState.PENDING, after=None, limit=MOST, actor=actor
    )
    if found:
        oldest: dt.datetime = found[0][0].created_at
        yield Item(Task.REGISTRATIONS, len(found), due_at=oldest + dt.timedelta(days=REGISTRATION_DAYS))


def _talk(session: Session, actor: Actor, division: str) -> Iterator[Item]:
    if not is_community(division) or not actor.may("idea.count", division):
        return
    held = ideas.counts(session, community_code=division, actor=actor)[IdeaState.HELD]
    if held:
        yield Item(Task.IDEAS_HELD, held)
    waiting, reported = comments.counts(session, community_code=division, actor=actor)
    if waiting:
        yield Item(Task.COMMENTS_HELD, waiting)
    if reported:
        yield Item(Task.COMMENTS_REPORTED, reported)


def _rounds(session: Session, actor: Actor, division: str) -> Iterator[Item]:
    if actor.may("round.approve", division):
        for view in rounds.drafts(session, actor=actor, after=None, limit=_LOOKED_AT):
            row = view.round
            if rounds.may_approve(session, row, actor=actor) and contains(division, row.division_code):
                yield Item(Task.ROUND_TO_APPROVE, subject_id=row.id, title=row.title, due_at=row.opens_at)
    views = [
        view
        for view in rounds.listing(session, division=division, after=None, limit=_LOOKED_AT)
        if actor.may("round.open", view.round.division_code)
    ]
    ids = [view.round.id for view in views if view.round.status is RoundState.ANNOUNCED]
    until = {
        **{key: each.notice_until for key, each in results.notice_periods(session, ids).items()},
        **{key: each.notice_until for key, each in recorded.notice_periods(session, ids).items()},
    }
    for view in views:
        row = view.round
        task, due_at = {
            RoundState.PUBLISHED: (Task.ROUND_TO_OPEN, row.opens_at),
            RoundState.OPEN: (Task.ROUND_TO_CLOSE, row.closes_at),
            RoundState.CLOSED: (Task.BOX_TO_OPEN, row.closed_at or row.closes_at),
            RoundState.ANNOUNCED: (Task.ROUND_TO_CERTIFY, until.get(row.id)),
        }.get(row.status, (None, None))
        if task is None or due_at is None or due_at > clock.now():
            continue  # the day has not come, or it moves on by itself
        if task is Task.BOX_TO_OPEN and row.kind in RECORDED_KINDS:
            continue
        if task is Task.ROUND_TO_CERTIFY and not actor.may("round.certify", row.division_code):
            continue
        yield Item(task, subject_id=row.id, title=row.title, due_at=due_at)
    yield from _paper(session, actor, views)


def _paper(session: Session, actor: Actor, views: list[RoundView]) -> Iterator[Item]:
    for view in views:
        row = view.round
        if row.paper is PaperPolicy.NONE or row.status is not RoundState.CLOSED:
            continue
        batches = paper.list_batches(session, round_id=row.id, actor=actor)
        unfinished = sum(bool(each.unfinished) for each in batches)
        if unfinished:
            yield Item(Task.PAPER_TO_FINISH, unfinished, row.id, row.title, row.closed_at or row.closes_at)


def _shares(session: Session, actor: Actor, division: str, keys: KeyStore) -> Iterator[Item]:
    if not actor.may("key_share.hold", division):
        return
    for view in rounds.listing(session, division=division, after=None, limit=_LOOKED_AT):
        row = view.round
        if row.custody is not Custody.SPLIT or row.status not in _SHARES_MATTER:
            continue
        here = actor.roles_over(row.division_code)
        if not any(role in here for role in roles_for("key_share.hold")):
            continue
        shares = ballots.list_key_shares(session, round_id=row.id, actor=actor, keys=keys).shares
        mine = [each for each in shares if each.mine]
        if row.status is RoundState.PUBLISHED:
            free = [each for each in shares if not each.taken and each.role in here]
            if any(not each.confirmed for each in mine) or (free and not mine):
                yield Item(Task.SHARE_TO_HOLD, subject_id=row.id, title=row.title, due_at=row.opens_at)
        elif any(not each.entered for each in mine):
            yield Item(Task.SHARE_TO_ENTER, subject_id=row.id, title=row.title, due_at=row.closed_at)


def _minutes(session: Session, actor: Actor, division: str) -> Iterator[Item]:
    if not actor.may("minutes.draft", division):
        return
    for view in meetings.listing(session, division=division, after=None, limit=_LOOKED_AT):
        meeting = view.meeting
        if meeting.cancelled_at is not None:
            continue
        if view.minutes_version is None and meeting.begins_at < clock.now():
            due_at = meeting.begins_at + dt.timedelta(days=MINUTES_DAYS)
            yield Item(Task.MINUTES_TO_PUBLISH, subject_id=meeting.id, title=meeting.title, due_at=due_at)


def _requests(session: Session, actor: Actor, division: str) -> Iterator[Item]:
    if not actor.may("request.count", division):
        return
    here, recosted = actor.roles_over(division), 0
    for step, waiting, late, changed in funding.count(session, actor=actor, division=division).steps:
        if not waiting:
            continue
        if step is chain.Step.COMMITTEE and actor.may("request.resubmit", division):
            yield Item(Task.REQUESTS_TO_ANSWER, waiting, late=late > 0)
        elif step in chain.CHAIN and chain.CHAIN[step].role in here:
            yield Item(Task.REQUESTS_TO_DECIDE, waiting, late=late > 0)
        else:
            continue
        recosted += changed
    if recosted:
        yield Item(Task.REQUESTS_RECOSTED, recosted)


def _cases(session: Session, actor: Actor, division: str) -> Iterator[Item]:
    if not actor.may("objection.list_cases", division):
        return
    for line in objections.cases(session, actor=actor):
        if line.dues and contains(division, line.objection.community_code):
            # nothing of the case stands on a desk that somebody may look over: it is opened, and the look is recorded
            yield Item(Task.CASE, subject_id=line.objection.id, due_at=line.dues[0].by, late=line.overdue)


def _administration(session: Session, actor: Actor, division: str) -> Iterator[Item]:
    if actor.may("proposal.list", division):
        waiting = sum(each.may_confirm for each in access.list_proposals(session, actor=actor))
        if waiting:
            yield Item(Task.PROPOSALS, waiting)
    if actor.may("endpoint.list", division):
        found = gateway.endpoints(session, actor=actor, after=None, limit=MOST)
        dead = sum(each.dead for each in gateway.tallies(session, endpoints=found).values())
        if dead:
            yield Item(Task.DELIVERIES_FAILED, dead, late=True)


_COLLECTORS: tuple[Collector, ...] = (
    _registrations, _talk, _rounds, _minutes, _requests, _cases, _administration,
)  # fmt: skip
