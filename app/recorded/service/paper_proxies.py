"""Proxies on paper: entered by one person of the staff, compared by another."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.audit.tags import Tag
from app.core import clock
from app.core.signer import Signer
from app.places import service as places
from app.places.service import Dwelling
from app.recorded import queries, rules
from app.recorded.errors import NotAnOwner, ProxyNotFound, ProxyWrongState, SecondLookNeeded
from app.recorded.models import Proxy
from app.recorded.rules import ProxyState
from app.recorded.schemas import PaperProxyIn
from app.recorded.service import notices, proxies
from app.recorded.service.acts import open_at
from app.residents import service as residents
from app.residents.rules import masked_name
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.models import Round


@dataclass(frozen=True)
class EnteredProxy:
    """A proxy on paper, with all that has to be compared with it."""

    proxy: Proxy
    givers: Sequence[str]
    dwellings: Sequence[Dwelling]
    entered_by: str | None
    mine: bool
    #: Whether the caller compares proxies with the paper, and so has to see what stands on it.
    compares: bool


def enter(
    session: Session, *, round_id: uuid.UUID, body: PaperProxyIn, actor: Actor, signer: Signer
) -> tuple[Round, Proxy]:
    """Enter a proxy that was given on paper; it is in force once somebody else has compared it. The owner is told.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret, RoundNotOpen, RoundClosed.
        NotAnOwner: whoever signed it is no owner on the roll.
        TimeImpossible: it cannot have been signed then.
        PhoneMalformed, HolderUnknown, ProxyToOneself, ProxyStands, TooManyProxies.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="proxy.enter")
    rounds.check_recorded(row, instead="my-ballot")
    now = open_at(session, rounds.door_of(row))
    assert row.published_at is not None
    rules.check_written(at=body.given_at, earliest=row.published_at, entered=now)
    persons = queries.persons_among(session, round_id, [body.resident_id], acting=True)
    if not persons:
        raise NotAnOwner
    person = min(persons)
    proxy = proxies.write(
        session, row, person=person, holder_phone=body.holder_phone, powers=body.powers,
        state=ProxyState.ENTERED, given_at=body.given_at, reference=body.reference, actor=actor, signer=signer,
    )  # fmt: skip
    proxies.note(session, row, actor, Tag.PROXY_ENTERED, proxy)
    notices.tell(session, round_id=round_id, persons=[person])
    return row, proxy


def confirm(
    session: Session, *, round_id: uuid.UUID, proxy_id: uuid.UUID, actor: Actor
) -> tuple[Round, Proxy]:
    """Say that what was entered is what stands on the paper; the proxy is in force from now on.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret, RoundNotOpen, RoundClosed.
        ProxyNotFound: there is none.
        ProxyWrongState: it does not wait for anybody.
        SecondLookNeeded: you entered it yourself.
    """
    row, proxy = _waiting(session, round_id, proxy_id, actor, verb="proxy.confirm")
    if proxy.entered_by == actor.ref:
        raise SecondLookNeeded
    proxy.state, proxy.decided_by = ProxyState.IN_FORCE, actor.ref
    session.add(proxy)
    proxies.note(session, row, actor, Tag.PROXY_CONFIRMED, proxy)
    return row, proxy


def refuse(
    session: Session, *, round_id: uuid.UUID, proxy_id: uuid.UUID, reason: str, actor: Actor
) -> tuple[Round, Proxy]:
    """Not take a proxy on paper, with the reason.

    Raises:
        RoundNotFound, RoundSecret, RoundNotOpen, RoundClosed, ProxyNotFound, ProxyWrongState.
    """
    row, proxy = _waiting(session, round_id, proxy_id, actor, verb="proxy.refuse")
    proxy.state, proxy.decided_by, proxy.reason = ProxyState.REFUSED, actor.ref, reason
    proxy.ended_at = clock.database_now(session)
    session.add(proxy)
    proxies.note(session, row, actor, Tag.PROXY_REFUSED, proxy)
    return row, proxy


def listing(session: Session, *, round_id: uuid.UUID, actor: Actor) -> tuple[Round, list[EnteredProxy]]:
    """Proxies on paper, those that wait for a second person first.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret.
    """
    row = rounds.round_(session, round_id)
    if not actor.may("proxy.list_entered", row.division_code):
        raise RoundNotFound
    rounds.check_recorded(row, instead="turnout")
    found = queries.paper_proxies(session, round_id)
    names = access.staff_names(session, refs={proxy.entered_by for proxy in found})
    compares = actor.may("proxy.confirm", row.division_code)
    return row, [
        _entered(session, proxy, name=names[proxy.entered_by], actor=actor, compares=compares)
        for proxy in sorted(found, key=lambda proxy: proxy.state is not ProxyState.ENTERED)
    ]


def _entered(
    session: Session, proxy: Proxy, *, name: str | None, actor: Actor, compares: bool
) -> EnteredProxy:
    rows = queries.residents_of_persons(session, proxy.round_id, [proxy.person])
    givers = residents.residents(session, resident_ids=rows)
    entries = queries.entries_of_persons(session, proxy.round_id, [proxy.person])
    homes = places.dwellings(session, household_ids=[entry.household_id for entry in entries])
    return EnteredProxy(
        proxy,
        givers=sorted({masked_name(each.name) for each in givers}),
        dwellings=sorted(homes.values(), key=lambda each: each.in_words),
        entered_by=name,
        mine=proxy.entered_by == actor.ref,
        compares=compares,
    )


def _waiting(
    session: Session, round_id: uuid.UUID, proxy_id: uuid.UUID, actor: Actor, *, verb: str
) -> tuple[Round, Proxy]:
    row = rounds.claim(session, round_id, actor=actor, verb=verb)
    rounds.check_recorded(row, instead="my-ballot")
    open_at(session, rounds.door_of(row))
    proxy = queries.proxy_locked(session, proxy_id)
    if proxy is None or proxy.round_id != round_id or proxy.reference is None:
        raise ProxyNotFound
    if proxy.state is not ProxyState.ENTERED:
        raise ProxyWrongState(state=proxy.state.value)
    return row, proxy
