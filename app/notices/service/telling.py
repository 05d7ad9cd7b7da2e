"""Writing notices, after events of others."""

import datetime as dt
import json
import uuid
from collections.abc import Collection

from sqlmodel import Session

from app.access import service as access
from app.core import clock, vault
from app.notices import queries, rules
from app.notices.models import Notice, PersonalNotice
from app.notices.rules import KINDS, Facts, Kind, Purpose
from app.notices.service.dispatching import begin_dispatch
from app.places import service as places
from app.residents import service as residents
from app.residents.rules import RegistrationState
from app.rounds import service as rounds
from app.rounds.rules import RECORDED_KINDS


def tell_communities(
    session: Session, *, kind: Kind, facts: Facts, communities: Collection[str], source: str
) -> bool:
    """Tell everybody in some communities, in one row; false where ``source`` was told of before."""
    rules.check_facts(kind, facts)
    row = Notice(kind=kind, facts=dict(facts), source=source, created_at=clock.now())
    return queries.add_notice(session, row, communities)


def tell_person(session: Session, *, kind: Kind, facts: Facts, account_id: uuid.UUID, source: str) -> bool:
    """Tell one person; false where ``source`` was told of before, or the person is gone meanwhile."""
    rules.check_facts(kind, facts)
    if access.account_of(session, account_id) is None:
        return False
    at = clock.now()
    if KINDS[kind].private:
        # to the minute, it would say which step of whose negotiation it tells of
        at = at.replace(minute=0, second=0, microsecond=0)
    row = PersonalNotice(
        account_id=account_id,
        content=json.dumps({"kind": kind.value, "facts": dict(facts)}, ensure_ascii=False),
        source=vault.current().fingerprint(f"{account_id}\0{source}", "personal_notice.source"),
        created_at=at,
    )
    return queries.add_personal(session, row)


def tell_of_registration(session: Session, *, registration_id: uuid.UUID, source: str) -> None:
    """Tell somebody what the committee has answered to their registration."""
    row = residents.registration(session, registration_id)
    if row is None:  # they have had it forgotten meanwhile
        return
    accounts = access.accounts_of_phones(session, phone_fingerprints=[row.phone_fingerprint])
    community = places.division(session, row.community_code).name
    approved = row.state is RegistrationState.APPROVED
    kind = Kind.REGISTRATION_APPROVED if approved else Kind.REGISTRATION_REJECTED
    facts = {"community": community} | ({} if approved else {"reason": row.reason or ""})
    for account_id in accounts.values():
        tell_person(session, kind=kind, facts=facts, account_id=account_id, source=source)


def facts_for(kind: Kind, payload: Facts) -> Facts:
    """Those facts of an event that a notice of this kind holds."""
    return {name: payload[name] for name in KINDS[kind].facts}


def tell_of_round(
    session: Session, *, round_id: uuid.UUID, kind: Kind, source: str, facts: Facts | None = None
) -> None:
    """Tell those whose communities vote in a round what has come of it."""
    row = rounds.round_(session, round_id)
    if row.published_at is None:  # a draft was given up: nobody knew of it
        return
    wanted = KINDS[kind].facts
    times = {name: getattr(row, name).isoformat() for name in ("opens_at", "closes_at") if name in wanted}
    tell_communities(
        session,
        kind=kind,
        facts={
            "round_id": str(row.id),
            "title": row.title,
            "recorded": row.kind in RECORDED_KINDS,
            **times,
            **(facts or {}),
        },
        communities=rounds.community_codes(session, row.id),
        source=source,
    )
    if kind in {Kind.RESULT_ANNOUNCED, Kind.DECISION_ANNOUNCED}:
        begin_dispatch(session, round_id=round_id, purpose=Purpose.RESULT, source=f"result:{round_id}")


def tell_of_project(session: Session, *, title: str, community_code: str) -> None:
    """Tell a community of a new project: one notice a day, however many there are."""
    day: dt.date = clock.today()
    source = f"projects:{community_code}:{day.isoformat()}"
    told = tell_communities(
        session,
        kind=Kind.PROJECTS_PUBLISHED,
        facts={"title": title, "count": 1},
        communities=[community_code],
        source=source,
    )
    if not told:
        row = queries.notice_of_source_locked(session, source)
        assert row is not None
        row.facts = {**row.facts, "count": row.facts["count"] + 1}
        session.add(row)
