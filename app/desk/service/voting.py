"""What a vote asks of those who run it: its next step, its paper, its key."""

import datetime as dt
from collections.abc import Iterator

from sqlmodel import Session

from app.access.divisions import contains
from app.access.matrix import roles_for
from app.ballots import service as ballots
from app.core import clock
from app.desk.rules import Item, Task, next_working_day
from app.desk.service.who import LOOKED_AT, Desk
from app.paper import service as paper
from app.paper.service import Waiting
from app.recorded import service as recorded
from app.results import service as results
from app.rounds import service as rounds
from app.rounds.models import Round
from app.rounds.rules import RECORDED_KINDS, Custody, PaperPolicy, RoundState, latest_publication
from app.rounds.service import RoundView

_SHARES_MATTER = frozenset({RoundState.PUBLISHED, RoundState.CLOSED})
_FORMS_COME = frozenset({RoundState.OPEN, RoundState.CLOSED})


def approvals(session: Session, desk: Desk) -> Iterator[Item]:
    """Rounds a colleague would publish; afterwards there are too few days of notice left."""
    if not desk.may("round.approve"):
        return
    for view in rounds.drafts(session, actor=desk.actor, after=None, limit=LOOKED_AT):
        row = view.round
        if rounds.may_approve(session, row, actor=desk.actor) and contains(desk.division, row.division_code):
            due_at = latest_publication(
                kind=row.kind, opens_at=row.opens_at, short_notice_reason=row.short_notice_reason, on=clock.today()
            )  # fmt: skip
            yield Item(Task.ROUND_TO_APPROVE, subject_id=row.id, title=row.title, due_at=due_at)


def rounds_and_paper(session: Session, desk: Desk) -> Iterator[Item]:
    """The next step of every round, and before a box is opened what is left to do with its paper."""
    views = rounds.listing(session, division=desk.division, after=None, limit=LOOKED_AT)
    ids = [view.round.id for view in views if view.round.status is RoundState.ANNOUNCED]
    until = {
        **{key: each.notice_until for key, each in results.notice_periods(session, ids).items()},
        **{key: each.notice_until for key, each in recorded.notice_periods(session, ids).items()},
    }
    for view in views:
        left = _paper_of(session, desk, view)
        if left is not None:
            yield from _paper(desk, view.round, left)
        yield from _next_step(session, desk, view.round, left, until.get(view.round.id))


def compared(session: Session, desk: Desk) -> Iterator[Item]:
    """Owners' forms, and proxies on paper, that another person has entered."""
    for view in rounds.listing(session, division=desk.division, after=None, limit=LOOKED_AT):
        row = view.round
        if row.kind not in RECORDED_KINDS or row.status not in _FORMS_COME:
            continue
        if not desk.actor.may("form.confirm", row.division_code):
            continue
        forms, proxies = recorded.to_compare(session, round_id=row.id, actor=desk.actor)
        due_at = row.closes_at if row.status is RoundState.OPEN else _after_closing(row)
        if forms:
            yield Item(Task.FORMS_TO_COMPARE, forms, row.id, row.title, due_at)
        if proxies:
            yield Item(Task.PROXIES_TO_COMPARE, proxies, row.id, row.title, due_at)


def shares(session: Session, desk: Desk) -> Iterator[Item]:
    """What the holders of a divided key do with their shares."""
    if not desk.may("key_share.hold"):
        return
    for view in rounds.listing(session, division=desk.division, after=None, limit=LOOKED_AT):
        row = view.round
        if row.custody is not Custody.SPLIT or row.status not in _SHARES_MATTER:
            continue
        here = desk.actor.roles_over(row.division_code)
        if not any(role in here for role in roles_for("key_share.hold")):
            continue
        held = ballots.list_key_shares(session, round_id=row.id, actor=desk.actor, keys=desk.keys).shares
        mine = [each for each in held if each.mine]
        if row.status is RoundState.PUBLISHED:
            free = [each for each in held if not each.taken and each.role in here]
            if any(not each.confirmed for each in mine) or (free and not mine):
                yield Item(Task.SHARE_TO_HOLD, subject_id=row.id, title=row.title, due_at=row.opens_at)
        elif any(not each.entered for each in mine):
            yield Item(Task.SHARE_TO_ENTER, subject_id=row.id, title=row.title, due_at=_after_closing(row))


# --- inside ---------------------------------------------------------------------------------------------------------


def _after_closing(row: Round) -> dt.datetime:
    return next_working_day(row.closed_at or row.closes_at)


def _next_step(
    session: Session, desk: Desk, row: Round, left: Waiting | None, notice_until: dt.datetime | None
) -> Iterator[Item]:
    if not desk.actor.may("round.open", row.division_code):
        return
    task, begins, due_at = Task.ROUND_TO_OPEN, row.opens_at, row.opens_at
    match row.status:
        case RoundState.PUBLISHED:
            pass
        case RoundState.OPEN:
            task, begins, due_at = Task.ROUND_TO_CLOSE, row.closes_at, row.closes_at
        case RoundState.CLOSED if row.kind not in RECORDED_KINDS:
            if left is not None and left.unfinished:
                return  # refused before its paper is reconciled, which stands on the desk itself
            begins, due_at = row.closed_at or row.closes_at, _after_closing(row)
            task = Task.SHARES_AWAITED if _shares_missing(session, desk, row) else Task.BOX_TO_OPEN
        case RoundState.ANNOUNCED if notice_until is not None:
            if not desk.actor.may("round.certify", row.division_code):
                return
            task, begins, due_at = Task.ROUND_TO_CERTIFY, notice_until, next_working_day(notice_until)
        case _:
            return  # it moves on by itself, or has ended
    if begins <= clock.now():
        yield Item(task, subject_id=row.id, title=row.title, due_at=due_at)


def _shares_missing(session: Session, desk: Desk, row: Round) -> bool:
    if row.custody is not Custody.SPLIT:
        return False
    found = ballots.list_key_shares(session, round_id=row.id, actor=desk.actor, keys=desk.keys)
    return found.ready < found.needed


def _paper_of(session: Session, desk: Desk, view: RoundView) -> Waiting | None:
    """What is left of the paper of a round; none where there is none, or none of somebody's."""
    row = view.round
    if row.paper is PaperPolicy.NONE or row.status is not RoundState.CLOSED:
        return None
    if not any(desk.actor.may("paper_batch.list", code) for code in view.community_codes):
        return None
    return paper.waiting(session, round_id=row.id, actor=desk.actor)


def _paper(desk: Desk, row: Round, left: Waiting) -> Iterator[Item]:
    due_at = _after_closing(row)
    if left.unfinished and desk.actor.may("paper_batch.return", row.division_code):
        yield Item(Task.PAPER_TO_FINISH, left.unfinished, row.id, row.title, due_at)
    for batch_id, sheets in left.third_looks.items():
        yield Item(Task.SHEETS_TO_DECIDE, sheets, batch_id, row.title, due_at)
    for batch_id in left.to_set_aside:
        yield Item(Task.BATCH_TO_SET_ASIDE, subject_id=batch_id, title=row.title, due_at=due_at)
