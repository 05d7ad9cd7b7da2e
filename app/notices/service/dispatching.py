"""Reaching many people beyond the inbox: a page at a time, each person once, going on after a crash.

A dispatch is a row with a position. Whoever works on it takes the next page of people, and of each person notes first
that they are being told, then tells them: after a crash in between one person is missed, and nobody is told twice.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from sqlmodel import Session

from app.core import clock, vault
from app.notices import queries, rules
from app.notices.models import NoticeDispatch
from app.notices.ports import Channels
from app.notices.rules import Kind, Person, Purpose, Template, Way
from app.notices.service.people import Recipient, missing_people, waiting_people
from app.notices.words import moment
from app.rounds import service as rounds
from app.rounds.rules import RECORDED_KINDS, RoundState

#: A worker that is silent for so long has died.
CLAIM = dt.timedelta(minutes=2)
#: Templates agreed with the provider; their words stand in docs/operations.md.
SMS_TEMPLATES: Mapping[Purpose, str] = {Purpose.REMINDER: "round_reminder", Purpose.RESULT: "round_result"}
WECHAT_TEMPLATES: Mapping[Purpose, Template] = {
    Purpose.REMINDER: Template.REMINDER,
    Purpose.RESULT: Template.RESULT,
}


_TELLS_OF = {Purpose.REMINDER: Kind.ROUND_CLOSING, Purpose.RESULT: Kind.RESULT_ANNOUNCED}


class DispatchEnded(Exception):
    """The round has closed, or another worker took over: nothing more is sent."""


@dataclass(frozen=True)
class Letter:
    """What is said to each person of a dispatch."""

    title: str
    #: When the round closes; of a result, now.
    time: str
    page: str


@dataclass(frozen=True)
class Stop:
    """A page of people who are to be told, in their order, and the position after them."""

    recipients: Sequence[Recipient]
    letter: Letter
    position: uuid.UUID


def begin_dispatch(session: Session, *, round_id: uuid.UUID, purpose: Purpose, source: str) -> bool:
    """Have people told, from now on or from the morning on; false where there is such a dispatch."""
    now = clock.now()
    row = NoticeDispatch(
        round_id=round_id, purpose=purpose, source=source, created_at=now,
        due_at=rules.disturbing_allowed_from(now), reached={},
    )  # fmt: skip
    return queries.add_dispatch(session, row)


def claim_dispatch(session: Session, *, worker: str) -> NoticeDispatch | None:
    """Take the dispatch that waits longest; nobody else works on it for a while.

    At night nothing is sent: what is due waits for the morning.
    """
    now = clock.now()
    row = queries.next_dispatch_locked(session, now)
    if row is None:
        return None
    if (morning := rules.disturbing_allowed_from(now)) > now:
        row.due_at = morning
        session.add(row)
        return None
    row.worker, row.claimed_until = worker, now + CLAIM
    session.add(row)
    return row


def next_page(session: Session, dispatch: NoticeDispatch, *, channels: Channels) -> Stop | None:
    """The next people to be told; none where nobody is left, or it is too late to tell them."""
    row = rounds.round_(session, dispatch.round_id)
    if dispatch.purpose is Purpose.RESULT:
        recipients, position = waiting_people(session, row.id, after=dispatch.position, channels=channels)
    else:
        if row.status is not RoundState.OPEN or clock.now() >= row.closes_at:
            return None
        recipients, position = missing_people(session, row, after=dispatch.position, channels=channels)
    if position is None:
        return None
    inside = rules.link_of(
        _TELLS_OF[dispatch.purpose], {"round_id": str(row.id), "recorded": row.kind in RECORDED_KINDS}
    )
    page = f"pages/index/index?to={quote(inside or '/', safe='')}"
    time = row.closes_at if dispatch.purpose is Purpose.REMINDER else clock.now()
    letter = Letter(row.title, moment(time, chinese=True), page)
    return Stop(recipients, letter, position)


def way_of(session: Session, dispatch: NoticeDispatch, person: Person) -> Way:
    """How somebody is to be told, as it stands."""
    sms_sent = bool(queries.delivered(session, [_key(dispatch, person, Way.SMS)]))
    return rules.way_to(person, purpose=dispatch.purpose, sms_sent=sms_sent)


def without_wechat(person: Person) -> Person:
    """Somebody to whom WeChat does not deliver."""
    return replace(person, openid=None, quota=0)


def note_delivery(
    session: Session, dispatch: NoticeDispatch, recipient: Recipient, way: Way, passed: Mapping[Way, int]
) -> bool | None:
    """Note that somebody is being told this way, and how those before them were found who got no message of ours.

    False where they were told before, nothing where WeChat may send them no more; then nothing is noted.

    Raises:
        DispatchEnded: nobody is to be told any more.
    """
    row = _mine(session, dispatch)
    person = recipient.person
    assert person is not None
    key = _key(dispatch, person, way)
    if not queries.add_delivery(session, key, dispatch.round_id):
        return False
    if way is Way.WECHAT:
        assert person.account_id is not None
        if not queries.take_quota(session, person.account_id, WECHAT_TEMPLATES[dispatch.purpose]):
            queries.drop_delivery(session, key)
            return None
    row.position = recipient.position
    _count(session, row, Counter(passed) + Counter({way: 1}))
    return True


def note_failure(
    session: Session, dispatch: NoticeDispatch, recipient: Recipient, way: Way, *, before: uuid.UUID | None,
    subscribed: bool = True,
) -> None:  # fmt: skip
    """They were not told after all, and are next again; where WeChat says they did not subscribe, not by WeChat.

    Raises:
        DispatchEnded: nobody is to be told any more.
    """
    row = _mine(session, dispatch)
    person = recipient.person
    assert person is not None
    queries.drop_delivery(session, _key(dispatch, person, way))
    row.position = before
    _count(session, row, {way: -1})
    if way is Way.WECHAT:
        assert person.account_id is not None
        template = WECHAT_TEMPLATES[dispatch.purpose]
        if subscribed:
            queries.add_quota(session, person.account_id, template)
        else:
            queries.drop_quota(session, person.account_id, template)


def advance(session: Session, dispatch: NoticeDispatch, stop: Stop, passed: Mapping[Way, int]) -> None:
    """Note that a whole page of people was thought of, and how the last of them were found.

    Raises:
        DispatchEnded: nobody is to be told any more.
    """
    row = _mine(session, dispatch)
    row.position, row.failures = stop.position, 0
    _count(session, row, passed)


def postpone(session: Session, dispatch: NoticeDispatch) -> None:
    """A channel did not take a message: leave it alone for a while, and give up after many times.

    Raises:
        DispatchEnded: nobody is to be told any more.
    """
    row = _mine(session, dispatch)
    now = clock.now()
    row.failures += 1
    row.worker = row.claimed_until = None
    row.due_at = rules.disturbing_allowed_from(now + rules.pause_after(row.failures))
    session.add(row)
    if row.failures >= rules.MOST_FAILURES:
        _end(session, row)


def let_go(session: Session, dispatch: NoticeDispatch) -> None:
    """Let another worker, or this one later, go on.

    Raises:
        DispatchEnded: nobody is to be told any more.
    """
    row = _mine(session, dispatch)
    row.worker = row.claimed_until = None
    session.add(row)


def finish_dispatch(session: Session, dispatch: NoticeDispatch) -> None:
    """Everybody was told. Who waited for a result has it, and waits no more.

    Raises:
        DispatchEnded: nobody is to be told any more.
    """
    _end(session, _mine(session, dispatch))


def words_for(way: Way, dispatch: NoticeDispatch, letter: Letter) -> dict[str, str]:
    """What stands in a message: the round and its time, nothing about the person."""
    if way is Way.SMS:
        until = {"until": letter.time} if dispatch.purpose is Purpose.REMINDER else {}
        return {"round": letter.title, **until}
    note = "还没投的请抽空投一下" if dispatch.purpose is Purpose.REMINDER else "点开看结果和每个项目的理由"
    return {"title": letter.title, "time": letter.time, "note": note}


def end_reminders(session: Session, *, round_id: uuid.UUID) -> None:
    """Forget who was reminded in a round that is over: the hashes, and the dispatches that would write more."""
    queries.drop_dispatches(session, round_id, Purpose.REMINDER)
    queries.drop_deliveries(session, round_id)


def end_interest(session: Session, *, round_id: uuid.UUID) -> None:
    """Forget who waits for the result of a round that will have none."""
    queries.drop_interests(session, round_id)
    queries.drop_dispatches(session, round_id, Purpose.RESULT)
    queries.drop_deliveries(session, round_id)


def tally_ways(session: Session, dispatch: NoticeDispatch, *, channels: Channels) -> Counter[Way]:
    """How many would be told by which way, if it were done now."""
    found: Counter[Way] = Counter()
    counted: set[str] = set()
    for stop in _pages(session, dispatch, channels):
        people = [each.person for each in stop.recipients if each.person is not None]
        found[Way.NONE] += len(stop.recipients) - len(people)
        sent = queries.delivered(session, [_key(dispatch, person, Way.SMS) for person in people])
        for person in people:
            told = person.who in counted or _key(dispatch, person, Way.SMS) in sent
            found[rules.way_to(person, purpose=dispatch.purpose, sms_sent=told)] += 1
            counted.add(person.who)
    return found


def _pages(session: Session, dispatch: NoticeDispatch, channels: Channels) -> Iterator[Stop]:
    walk = NoticeDispatch(
        round_id=dispatch.round_id, purpose=dispatch.purpose, source=dispatch.source,
        created_at=dispatch.created_at, due_at=dispatch.due_at,
    )  # fmt: skip
    while (stop := next_page(session, walk, channels=channels)) is not None:
        yield stop
        walk.position = stop.position


def _end(session: Session, row: NoticeDispatch) -> None:
    row.finished_at = clock.now()
    row.worker = row.claimed_until = None
    session.add(row)
    if row.purpose is Purpose.RESULT:
        queries.drop_interests(session, row.round_id)
        queries.drop_deliveries(session, row.round_id)


def _mine(session: Session, dispatch: NoticeDispatch) -> NoticeDispatch:
    row = queries.dispatch_locked(session, dispatch.id)
    if row is None or row.finished_at is not None or row.worker != dispatch.worker:
        raise DispatchEnded
    return row


def _key(dispatch: NoticeDispatch, person: Person, way: Way) -> str:
    # one short message about a round; one WeChat message for each dispatch, for each has its own tap
    scope = f"{dispatch.purpose}:{dispatch.round_id}" if way is Way.SMS else str(dispatch.id)
    return vault.current().fingerprint(f"{scope}\0{way}\0{person.who}", "notice_delivery")


def _count(session: Session, row: NoticeDispatch, more: Mapping[Way, int]) -> None:
    reached = Counter({Way(name): count for name, count in row.reached.items()})
    reached.update(more)
    row.reached = {way.value: count for way, count in reached.items() if count}
    session.add(row)
