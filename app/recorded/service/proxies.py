"""Letting somebody else vote: giving a proxy, voting with it, revoking it.

Whatever changes how many proxies somebody holds takes the round's row, so that two owners cannot both be the third.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.access.rules import normal_phone
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import canonical_json
from app.core.signer import Signer, b64
from app.recorded import queries, rules
from app.recorded.errors import (
    HolderUnknown,
    NotAnOwner,
    ProxyNotFound,
    ProxyOfProxy,
    ProxyOvertaken,
    ProxyStands,
    ProxyToOneself,
    ProxyUsed,
    ProxyWrongState,
)
from app.recorded.models import OwnerEntry, Proxy, VoteAct
from app.recorded.rules import STANDING, USABLE, Channel, Powers, ProxyState
from app.recorded.service.acts import Saying, hold_open, instant, open_at, owner, record, recorded_round, say
from app.residents import service as residents
from app.residents.rules import masked_phone
from app.rounds import service as rounds
from app.rounds.matters import MATTERS
from app.rounds.models import Round
from app.rounds.rules import KindRule
from app.tally.double_quorum import Choice


@dataclass(frozen=True)
class HeldProxy:
    """A proxy with the dwellings it is for and what was said for them by it."""

    proxy: Proxy
    entries: Sequence[OwnerEntry]
    acts: Sequence[VoteAct]


@dataclass(frozen=True)
class MyProxies:
    """Proxies somebody gave, and proxies they hold."""

    round: Round
    given: Sequence[Proxy]
    held: Sequence[HeldProxy]
    law: KindRule


def give(
    session: Session, *, round_id: uuid.UUID, holder_phone: str, powers: Powers, actor: Actor, signer: Signer
) -> tuple[Round, Proxy]:
    """Let another resident vote for all one's dwellings until the round closes.

    Raises:
        RoundNotFound: there is no such round.
        RoundSecret: its ballots are secret.
        RoundNotOpen, RoundClosed: it takes no votes now.
        NotAnOwner: no dwelling on the roll is yours.
        ProxyOfProxy: nor is one, but you hold a proxy, which cannot be passed on.
        PhoneMalformed: it is no phone number.
        HolderUnknown: no resident has this phone.
        ProxyToOneself: the holder owns the dwelling too.
        ProxyStands: you have given one already.
        TooManyProxies: this person acts for as many owners as the law allows.
    """
    recorded_round(session, round_id, instead="my-ballot")
    row = rounds.claim(session, round_id)
    now = open_at(session, rounds.door_of(row))
    try:
        me = owner(session, round_id, actor)
    except NotAnOwner:
        if queries.proxies_held(session, round_id, actor.phone_fingerprint or ""):
            raise ProxyOfProxy from None
        raise
    person = min(
        me.persons
    )  # a phone is one person, unless the roster gave it away since the roll was frozen
    proxy = write(
        session, row, person=person, holder_phone=holder_phone, powers=powers, state=ProxyState.IN_FORCE,
        given_at=now, reference=None, actor=actor, signer=signer,
    )  # fmt: skip
    note(session, row, actor, Tag.PROXY_GIVEN, proxy)
    return row, proxy


def revoke(
    session: Session, *, round_id: uuid.UUID, proxy_id: uuid.UUID, actor: Actor
) -> tuple[Round, Proxy]:
    """Take one's proxy back before it is used.

    Raises:
        RoundNotFound, RoundSecret, RoundNotOpen, RoundClosed, NotAnOwner.
        ProxyNotFound: it is not yours.
        ProxyUsed: the holder has voted; vote yourself instead.
        ProxyWrongState: it does not stand any more.
    """
    row = recorded_round(session, round_id, instead="my-ballot")
    door = hold_open(session, round_id)
    me = owner(session, round_id, actor)
    proxy = queries.proxy_locked(session, proxy_id)
    if proxy is None or proxy.round_id != round_id or proxy.person not in me.persons:
        raise ProxyNotFound
    if proxy.state is ProxyState.USED:
        raise ProxyUsed
    if proxy.state not in STANDING:
        raise ProxyWrongState(state=proxy.state.value)
    proxy.state, proxy.ended_at = ProxyState.REVOKED, open_at(session, door)
    session.add(proxy)
    note(session, row, actor, Tag.PROXY_REVOKED, proxy)
    return row, proxy


def use(
    session: Session,
    *,
    round_id: uuid.UUID,
    proxy_id: uuid.UUID,
    choice: Choice,
    actor: Actor,
    signer: Signer,
) -> list[VoteAct]:
    """Vote for the owner whose proxy one holds; the vote is marked as one by proxy.

    Raises:
        RoundNotFound, RoundSecret, RoundNotOpen, RoundClosed.
        ProxyNotFound: you hold no such proxy.
        ProxyWrongState: it is not compared yet, or revoked, or the owner has voted.
        PowersExceeded: it is for another choice.
        ProxyOvertaken: another owner of the dwellings has voted since it was given.
    """
    row = recorded_round(session, round_id, instead="my-ballot")
    door = hold_open(session, round_id)
    proxy = queries.proxy_locked(session, proxy_id)
    if proxy is None or proxy.round_id != round_id or proxy.holder != actor.phone_fingerprint:
        raise ProxyNotFound
    if proxy.state not in USABLE:
        raise ProxyWrongState(state=proxy.state.value)
    rules.check_powers(proxy.powers, choice)
    entries = queries.entries_of_persons(session, round_id, [proxy.person])
    ids = [entry.id for entry in entries]
    queries.entries_locked(session, ids)
    now = open_at(session, door)
    before = queries.votes(session, ids)
    ours = [
        entry for entry in entries
        if entry.id not in before or rules.stands(proxy.given_at, before[entry.id][1].owner_acted_at)
    ]  # fmt: skip
    if not ours:
        raise ProxyOvertaken
    in_force = [before[entry.id][1] for entry in ours if entry.id in before]
    if len(in_force) == len(ours) and all(
        (act.proxy_id, act.choice) == (proxy_id, choice) for act in in_force
    ):
        return in_force
    what = Saying(
        choice, Channel.PROXY, actor.ref, acted_at=now, owner_acted_at=proxy.given_at, proxy_id=proxy_id
    )
    acts = say(session, ours, what, before=before, now=now, signer=signer)
    proxy.state = ProxyState.USED
    session.add(proxy)
    record(session, row, actor, Tag.PROXY_VOTED, acts)
    return acts


def mine(session: Session, *, round_id: uuid.UUID, actor: Actor) -> MyProxies:
    """Proxies one gave, and proxies one holds with what one said.

    Raises:
        RoundNotFound, RoundSecret.
    """
    row = recorded_round(session, round_id, instead="my-ballot")
    held = []
    for proxy in queries.proxies_held(session, round_id, actor.phone_fingerprint or ""):
        entries = queries.entries_of_persons(session, round_id, [proxy.person])
        votes = queries.votes(session, [entry.id for entry in entries])
        by_it = [act for _, act in votes.values() if act.proxy_id == proxy.id]
        held.append(HeldProxy(proxy, entries, by_it))
    try:
        persons = owner(session, round_id, actor).persons
    except NotAnOwner:
        persons = frozenset()
    return MyProxies(row, queries.proxies_of(session, round_id, persons), held, rounds.law_of(row))


def words(row: Round, proxy: Proxy, language: str) -> str:
    """What a proxy says, in words."""
    return rules.proxy_words(
        holder=masked_phone(proxy.holder_phone) or "",
        title=row.title,
        question=row.question or "",
        item=MATTERS[row.matter].item if row.matter else 0,
        until=row.closes_at.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M"),
        powers=proxy.powers,
        language=language,
    )


def write(
    session: Session,
    row: Round,
    *,
    person: int,
    holder_phone: str,
    powers: Powers,
    state: ProxyState,
    given_at: dt.datetime,
    reference: str | None,
    actor: Actor,
    signer: Signer,
) -> Proxy:
    """A new proxy of a person, if the holder may take one more; the caller has the round's row.

    Raises:
        PhoneMalformed, HolderUnknown, ProxyToOneself, ProxyStands, TooManyProxies.
    """
    entries = queries.entries_of_persons(session, row.id, [person])
    head = entries[0].head
    holder = access.phone_fingerprint(holder_phone)
    codes = rounds.community_codes(session, row.id)
    somebody = residents.person_in(session, phone_fingerprint=holder, community_codes=codes)
    if somebody is None or (somebody.adult_on is not None and somebody.adult_on > clock.today()):
        raise HolderUnknown
    subjects = residents.subjects_of(session, phone_fingerprints=[holder]).get(holder, [])
    owners = queries.owners_of(session, [entry.id for entry in entries])
    if {each.resident_id for each in subjects} & {one for each in owners.values() for one in each}:
        raise ProxyToOneself
    if queries.standing_locked(session, row.id, [person]):
        raise ProxyStands
    law = rounds.law_of(row)
    rules.check_holder(
        [each.head for each in queries.proxies_held(session, row.id, holder)], head,
        most=law.most_proxies, article=law.proxy_article,
    )  # fmt: skip
    proxy = Proxy(
        round_id=row.id, person=person, head=head, holder=holder, holder_phone=normal_phone(holder_phone),
        powers=powers, state=state, given_at=given_at, reference=reference, entered_by=actor.ref, signature="",
    )  # fmt: skip
    proxy.signature = b64(signer.sign(statement(row, proxy)))
    session.add(proxy)
    return proxy


def statement(row: Round, proxy: Proxy) -> bytes:
    """What the service signs when it takes a proxy: the matter, the time, the powers."""
    return canonical_json(
        {
            "purpose": rules.PROXY_PURPOSE,
            "round_id": str(row.id),
            "proxy_id": str(proxy.id),
            "holder": masked_phone(proxy.holder_phone),
            "matter": None if row.matter is None else row.matter.value,
            "question": row.question,
            "powers": proxy.powers.value,
            "given_at": instant(proxy.given_at),
            "until": instant(row.closes_at),
        }
    )


def note(session: Session, row: Round, actor: Actor, tag: Tag, proxy: Proxy) -> None:
    """Note in the record what happened to a proxy; what it lets its holder say is not for those who read the record."""
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=tag, subject=f"proxy:{proxy.id}",
        facts={
            "round": str(row.id),
            "state": proxy.state.value,
            "paper": proxy.reference is not None,
        },
    )  # fmt: skip
