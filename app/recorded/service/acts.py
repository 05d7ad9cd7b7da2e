"""What every vote has in common: whose dwellings, is the round open, the next version, its signature."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import canonical_json, sha256_hex
from app.core.signer import Signer, b64
from app.recorded import queries, rules
from app.recorded.errors import NotAnOwner
from app.recorded.models import OwnerEntry, OwnerVote, VoteAct
from app.recorded.rules import Channel
from app.residents import service as residents
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.models import Round
from app.rounds.rules import PUBLIC_STATES
from app.rounds.service import Door
from app.tally.double_quorum import Choice
from app.tally.recorded import vote_statement

Votes = Mapping[uuid.UUID, tuple[OwnerVote, VoteAct]]


@dataclass(frozen=True)
class Owner:
    """The caller as the roll knows them: their number as a person, and their dwellings."""

    persons: frozenset[int]
    entries: Sequence[OwnerEntry]


@dataclass(frozen=True)
class Saying:
    """What is said, by which way, and when the owner acted."""

    choice: Choice
    channel: Channel
    by: str
    acted_at: dt.datetime
    owner_acted_at: dt.datetime
    proxy_id: uuid.UUID | None = None
    form_id: uuid.UUID | None = None
    #: It is kept in the history and changes nothing.
    without_effect: bool = False


def recorded_round(session: Session, round_id: uuid.UUID, *, instead: str) -> Round:
    """A recorded round that anybody may know of.

    Raises:
        RoundNotFound: there is none, or it is a draft.
        RoundSecret: its ballots are secret; ``instead`` is the address for them.
    """
    row = rounds.round_(session, round_id)
    if row.status not in PUBLIC_STATES:
        raise RoundNotFound
    rounds.check_recorded(row, instead=instead)
    return row


def hold_open(session: Session, round_id: uuid.UUID) -> Door:
    """Hold a round against being closed before this transaction ends.

    Raises:
        RoundNotFound, RoundNotOpen, RoundClosed.
    """
    door = rounds.doors(session, [round_id])[round_id]
    open_at(session, door)
    return door


def open_at(session: Session, door: Door) -> dt.datetime:
    """The present instant by the database's clock, at which a round that is held is open.

    Whoever has waited for a dwelling asks again: the one who has it last has acted last.

    Raises:
        RoundClosed: its announced minute has come.
    """
    now = clock.database_now(session)
    rounds.check_open(door, now)
    return now


def owner(session: Session, round_id: uuid.UUID, actor: Actor) -> Owner:
    """The caller as an owner who may act for themselves.

    Raises:
        NotAnOwner: no dwelling on the roll is theirs.
    """
    persons = _persons(session, round_id, actor, acting=True)
    entries = queries.entries_of_persons(session, round_id, persons) if persons else []
    if not entries:
        raise NotAnOwner
    return Owner(frozenset(persons), entries)


def owns_here(session: Session, round_id: uuid.UUID, actor: Actor) -> bool:
    """Whether the caller is an owner on the roll."""
    return bool(_persons(session, round_id, actor, acting=False))


def say(
    session: Session,
    entries: Sequence[OwnerEntry],
    what: Saying,
    *,
    before: Votes,
    now: dt.datetime,
    signer: Signer,
) -> list[VoteAct]:
    """Write an act for each of these dwellings, which are locked; it is in force unless the owner acted later.

    Args:
        session: a writing session.
        entries: for which dwellings.
        what: is said.
        before: the votes in force.
        now: the database's time.
        signer: signs what takes effect.
    """
    positions = queries.last_positions(session, [entry.id for entry in entries])
    acts = []
    for entry in entries:
        vote, act = before.get(entry.id, (None, None))
        last = None if act is None else act.owner_acted_at
        in_force = not what.without_effect and rules.stands(what.owner_acted_at, last)
        version = None if not in_force else 1 if vote is None else vote.version + 1
        made = VoteAct(
            entry_id=entry.id,
            position=positions[entry.id] + 1,
            round_id=entry.round_id,
            version=version,
            choice=what.choice,
            channel=what.channel,
            by=what.by,
            proxy_id=what.proxy_id,
            form_id=what.form_id,
            acted_at=what.acted_at,
            owner_acted_at=what.owner_acted_at,
            recorded_at=now,
        )
        if version is not None:
            made.signature = b64(signer.sign(statement_of(made)))
        acts.append(made)
    session.add_all(acts)
    session.flush()  # what is in force refers to an act
    for made in acts:
        if made.version is not None:
            vote = before[made.entry_id][0] if made.entry_id in before else None
            if vote is None:
                vote = OwnerVote(entry_id=made.entry_id, round_id=made.round_id, position=0, version=0)
            vote.position, vote.version = made.position, made.version
            session.add(vote)
    return acts


def statement_of(act: VoteAct) -> bytes:
    """What the service signs when a vote takes effect."""
    return canonical_json(
        vote_statement(
            round_id=str(act.round_id),
            entry_id=str(act.entry_id),
            version=act.version or 0,
            choice=act.choice.value,
            channel=act.channel.value,
            acted_at=instant(act.acted_at),
        )
    )


def record(session: Session, row: Round, actor: Actor, tag: Tag, acts: Sequence[VoteAct]) -> None:
    """Note in the record that something was said: for how many dwellings, and a hash over what was signed.

    The signatures are in it: without them whoever reads this and the roll could try the choices of each dwelling.
    """
    said = b"\n".join(
        statement_of(act) + b" " + act.signature.encode() for act in acts if act.signature is not None
    )
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=tag, subject=f"round:{row.id}",
        facts={
            "dwellings": len(acts),
            "in_force": sum(act.version is not None for act in acts),
            "digest": sha256_hex(said),
        },
    )  # fmt: skip


def instant(at: dt.datetime) -> str:
    """An instant as it is signed: UTC, with microseconds."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def version_of(votes: Votes, entry_ids: Collection[uuid.UUID]) -> int:
    """One number that goes up with every vote for one of these dwellings."""
    return sum(votes[entry_id][0].version for entry_id in entry_ids if entry_id in votes)


def _persons(session: Session, round_id: uuid.UUID, actor: Actor, *, acting: bool) -> set[int]:
    if actor.phone_fingerprint is None:
        return set()
    behind = residents.subjects_of(session, phone_fingerprints=[actor.phone_fingerprint])
    ids = [each.resident_id for subjects in behind.values() for each in subjects]
    return queries.persons_among(session, round_id, ids, acting=acting)
