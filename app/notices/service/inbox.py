"""Reading one's notices."""

import datetime as dt
import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.core import clock
from app.notices import queries, rules
from app.notices.errors import NoticeNotFound
from app.notices.models import Notice, PersonalNotice
from app.notices.rules import KINDS, PUBLIC_KINDS, Facts, Kind, Topic
from app.places import service as places
from app.recorded import service as recorded
from app.recorded.rules import NoticePeriod as DecisionPeriod
from app.residents import service as residents
from app.results import service as results
from app.results.rules import NoticePeriod as ResultPeriod
from app.rounds import service as rounds
from app.rounds.rules import RoundState

#: Nobody counts further.
MOST_UNREAD = 100


@dataclass(frozen=True)
class NoticeView:
    """A notice as its reader sees it."""

    id: uuid.UUID
    kind: Kind
    facts: Facts
    created_at: dt.datetime
    unread: bool
    personal: bool
    private: bool


def list_notices(
    session: Session, *, actor: Actor, personal: bool, after: queries.After | None, limit: int
) -> list[NoticeView]:
    """What concerns the caller and their communities, the newest first; private ones without their subject.

    With ``personal`` only what is to the caller alone.
    """
    account_id = _account(actor)
    seen = _read_until(session, account_id)
    communities = set() if personal else _communities(session, actor)
    shared = queries.notices(session, communities, after=after, limit=limit) if communities else []
    own = queries.personal(session, account_id, after=after, limit=limit)
    views = [
        *(_shared(row, unread=row.created_at > seen) for row in shared),
        *(_masked(_personal(row)) for row in own),
    ]
    views.sort(key=lambda view: str(view.id))
    return sorted(views, key=lambda view: view.created_at, reverse=True)[:limit]


def count_unread(session: Session, *, actor: Actor) -> int:
    """How much of it was not seen yet, up to `MOST_UNREAD`."""
    account_id = _account(actor)
    own = queries.count_unread_personal(session, account_id, most=MOST_UNREAD)
    if own >= MOST_UNREAD:
        return MOST_UNREAD
    seen = _read_until(session, account_id)
    return own + queries.count_newer(session, _communities(session, actor), seen, most=MOST_UNREAD - own)


def open_notice(session: Session, *, notice_id: uuid.UUID, actor: Actor) -> NoticeView:
    """A notice to the caller alone, with its subject.

    Raises:
        NoticeNotFound: there is none, or it is somebody else's.
    """
    found = queries.personal_by_id(session, _account(actor), [notice_id])
    if not found:
        raise NoticeNotFound
    return _personal(found[0])


def mark_read(
    session: Session, *, until: dt.datetime | None, ids: Collection[uuid.UUID], actor: Actor
) -> None:
    """Note what the caller has seen: everything up to a time (of private ones only what was opened), or some.

    Raises:
        NoticeNotFound: one of ``ids`` is not to the caller alone.
    """
    account_id = _account(actor)
    now = clock.now()
    if ids:
        rows = queries.personal_by_id(session, account_id, ids)
        if {row.id for row in rows} != set(ids):
            raise NoticeNotFound
        for row in rows:
            row.read_at = row.read_at or now
            session.add(row)
    if until is not None:
        # a phone whose clock is ahead must not mark what nobody has written yet
        queries.mark_read_until(session, account_id, min(until, now))


def list_public(
    session: Session, *, community_code: str, topic: Topic | None, after: queries.After | None, limit: int
) -> Sequence[Notice]:
    """What hangs out in a community, all of it or of one topic, the newest first.

    Raises:
        DivisionNotFound: no such community.
    """
    places.community(session, community_code)
    kinds = {kind for kind in PUBLIC_KINDS if topic is None or KINDS[kind].topic is topic}
    return queries.notices(session, [community_code], after=after, limit=limit, kinds=kinds)


@dataclass(frozen=True)
class Hanging:
    """A public notice with its time."""

    notice: Notice
    since: dt.datetime
    until: dt.datetime
    #: Which article of law asks for it; empty where it is our habit.
    article: str
    #: The round it is about, where it is about one.
    round_id: uuid.UUID | None
    #: Its result was declared void, or stands for good.
    void: bool
    certified_at: dt.datetime | None


def list_hanging(
    session: Session, *, community_code: str, after: queries.After | None, limit: int
) -> list[Hanging]:
    """The public notices of a community with their times, the newest first.

    Raises:
        DivisionNotFound: no such community.
    """
    places.community(session, community_code)
    rows = queries.notices(session, [community_code], after=after, limit=limit, kinds=rules.HANGING_KINDS)
    about = {uuid.UUID(str(row.facts["round_id"])) for row in rows if "round_id" in row.facts}
    periods: dict[uuid.UUID, ResultPeriod | DecisionPeriod] = {}
    periods.update(results.notice_periods(session, about))
    periods.update(recorded.notice_periods(session, about))
    return [_hanging(session, row, periods) for row in rows]


def _hanging(
    session: Session, row: Notice, periods: Mapping[uuid.UUID, ResultPeriod | DecisionPeriod]
) -> Hanging:
    round_id = uuid.UUID(str(row.facts["round_id"])) if "round_id" in row.facts else None
    voted = None if round_id is None else rounds.round_(session, round_id)
    period = None
    if round_id is not None and row.kind in {Kind.RESULT_ANNOUNCED, Kind.DECISION_ANNOUNCED}:
        period = periods.get(round_id)
    since = row.created_at if period is None else period.announced_at
    article = rules.HANGING_ARTICLE
    if voted is not None and row.kind is Kind.ROUND_PUBLISHED:
        since, article = voted.published_at or since, rounds.law_of(voted).notice_article
    elif voted is not None and period is not None:
        article = rounds.law_of(voted).publication_article
    told = None if period is None else period.notice_until
    return Hanging(
        notice=row,
        since=since,
        until=rules.hangs_until(row.kind, row.facts, since=since, told=told),
        article=article,
        round_id=round_id,
        void=voted is not None and voted.status in {RoundState.VOID, RoundState.CANCELLED},
        certified_at=None if period is None else period.certified_at,
    )


def facts_of(row: PersonalNotice) -> tuple[Kind, Facts]:
    """What a sealed notice says."""
    content = json.loads(row.content)
    return Kind(content["kind"]), content["facts"]


def _account(actor: Actor) -> uuid.UUID:
    assert actor.account_id is not None
    return actor.account_id


def _communities(session: Session, actor: Actor) -> set[str]:
    if actor.phone_fingerprint is None:
        return set()
    people = residents.people_behind(session, phone_fingerprint=actor.phone_fingerprint)
    return {person.community_code for person in people}


def _read_until(session: Session, account_id: uuid.UUID) -> dt.datetime:
    reader = queries.reader(session, account_id)
    if reader is not None and reader.read_until is not None:
        return reader.read_until
    account = access.account_of(session, account_id)
    assert account is not None
    return account.created_at  # what was said before somebody came is no news to them


def _shared(row: Notice, *, unread: bool) -> NoticeView:
    return NoticeView(row.id, row.kind, row.facts, row.created_at, unread, personal=False, private=False)


def _personal(row: PersonalNotice) -> NoticeView:
    kind, facts = facts_of(row)
    return NoticeView(
        row.id, kind, facts, row.created_at, row.read_at is None, personal=True, private=KINDS[kind].private
    )


def _masked(view: NoticeView) -> NoticeView:
    return replace(view, kind=Kind.PRIVATE_REPLY, facts={}) if rules.KINDS[view.kind].private else view
