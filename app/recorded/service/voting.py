"""Voting oneself, and reading what was said for one's dwellings."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.audit.tags import Tag
from app.core.signer import Signer
from app.places import service as places
from app.places.service import Dwelling
from app.recorded import queries
from app.recorded.errors import DwellingNotFound, VoteChanged
from app.recorded.models import OwnerEntry, SignedForm, VoteAct
from app.recorded.rules import Channel, ProxyState
from app.recorded.service.acts import (
    Saying,
    hold_open,
    open_at,
    owner,
    record,
    recorded_round,
    say,
    version_of,
)
from app.rounds.errors import RoundNotOpen
from app.rounds.models import Round
from app.rounds.rules import AFTER_OPENING
from app.tally.double_quorum import Choice


@dataclass(frozen=True)
class MyVotes:
    """An owner's dwellings with everything that was said for them, or is about to be."""

    round: Round
    version: int
    entries: Sequence[OwnerEntry]
    names: Mapping[uuid.UUID, Dwelling]
    #: Dwelling -> the act in force.
    votes: Mapping[uuid.UUID, VoteAct]
    acts: Mapping[uuid.UUID, Sequence[VoteAct]]
    #: Dwelling -> forms that were entered for it and that nobody has compared yet.
    waiting: Mapping[uuid.UUID, Sequence[SignedForm]]


def cast(
    session: Session,
    *,
    round_id: uuid.UUID,
    choice: Choice,
    dwellings: Sequence[uuid.UUID] | None,
    if_version: int | None,
    actor: Actor,
    signer: Signer,
) -> tuple[list[VoteAct], int]:
    """Vote for one's dwellings, or some of them; it is in force until the owner's next act. Ends one's own proxy.

    Saying the same again changes nothing, so that a request whose answer was lost can be repeated.

    Returns:
        the acts in force for the dwellings that were voted for, and the version of all one's votes.

    Raises:
        RoundNotFound: there is no such round.
        RoundSecret: its ballots are secret.
        RoundNotOpen, RoundClosed: it takes no votes now.
        NotAnOwner: no dwelling on the roll is yours.
        DwellingNotFound: one of these dwellings is not.
        VoteChanged: somebody voted for one of yours since ``if_version``.
    """
    row = recorded_round(session, round_id, instead="my-ballot")
    door = hold_open(session, round_id)
    me = owner(session, round_id, actor)
    mine = {entry.id: entry for entry in me.entries}
    chosen = list(mine.values()) if dwellings is None else _chosen(mine, dwellings)
    proxies = queries.standing_locked(session, round_id, me.persons)
    queries.entries_locked(session, mine)
    now = open_at(session, door)
    before = queries.votes(session, mine)
    if not proxies and all(_said(before.get(entry.id, (None, None))[1], choice, actor) for entry in chosen):
        return [before[entry.id][1] for entry in chosen], version_of(before, mine)
    if if_version is not None and if_version != version_of(before, mine):
        raise VoteChanged
    for proxy in proxies:
        proxy.state, proxy.ended_at = ProxyState.ENDED, now
        session.add(proxy)
    what = Saying(choice, Channel.ONLINE, actor.ref, acted_at=now, owner_acted_at=now)
    acts = say(session, chosen, what, before=before, now=now, signer=signer)
    record(session, row, actor, Tag.VOTE_CAST, acts)
    session.flush()  # the version below is that of what is now in force
    return acts, version_of(queries.votes(session, mine), mine)


def my_votes(session: Session, *, round_id: uuid.UUID, actor: Actor) -> MyVotes:
    """What was said for one's dwellings, by whomever, and which forms wait.

    Raises:
        RoundNotFound: there is no such round.
        RoundSecret: its ballots are secret.
        RoundNotOpen: it has no roll yet.
        NotAnOwner: no dwelling on the roll is yours.
    """
    row = recorded_round(session, round_id, instead="my-participation")
    if row.status not in AFTER_OPENING:
        raise RoundNotOpen(state=row.status.value)
    entries = owner(session, round_id, actor).entries
    ids = [entry.id for entry in entries]
    votes = queries.votes(session, ids)
    return MyVotes(
        round=row,
        version=version_of(votes, ids),
        entries=entries,
        names=places.dwellings(session, household_ids=[entry.household_id for entry in entries]),
        votes={entry_id: act for entry_id, (_, act) in votes.items()},
        acts=queries.acts(session, ids),
        waiting=queries.forms_waiting_for(session, ids),
    )


def _chosen(mine: Mapping[uuid.UUID, OwnerEntry], dwellings: Sequence[uuid.UUID]) -> list[OwnerEntry]:
    if any(entry_id not in mine for entry_id in dwellings):
        raise DwellingNotFound
    return [mine[entry_id] for entry_id in dict.fromkeys(dwellings)]


def _said(act: VoteAct | None, choice: Choice, actor: Actor) -> bool:
    """Whether this caller has said just that, and it is in force."""
    return act is not None and (act.choice, act.channel, act.by) == (choice, Channel.ONLINE, actor.ref)
