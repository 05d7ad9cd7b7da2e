"""In which recorded rounds somebody owns a dwelling on the roll, and everything that was said for it there."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.core import clock
from app.core.canonical import Plain
from app.places import service as places
from app.recorded import queries
from app.recorded.models import OwnerEntry, Proxy
from app.residents import service as residents
from app.residents.rules import masked_phone
from app.rounds import service as rounds
from app.rounds.models import Round
from app.rounds.rules import AFTER_OPENING, RECORDED_KINDS

#: Nobody owns through more rounds than this.
MOST_ROUNDS = 200


@dataclass(frozen=True)
class OwnerParticipation:
    """A recorded round with a dwelling of one's own on its roll."""

    round: Round
    entries: Sequence[OwnerEntry]
    persons: frozenset[int]
    #: A vote is in force for one of the dwellings, whoever said it.
    taken_part: bool
    #: As `my-votes` counts it.
    version: int


def participations(session: Session, *, account_id: uuid.UUID) -> list[OwnerParticipation]:
    """The recorded rounds with dwellings of the owner of a phone, the newest first."""
    account = access.account_of(session, account_id)
    if account is None or account.phone_fingerprint is None:
        return []
    people = residents.people_behind(session, phone_fingerprint=account.phone_fingerprint)
    known = {
        view.round.id: view.round
        for code in {each.community_code for each in people}
        for view in rounds.listing(session, division=code, after=None, limit=MOST_ROUNDS)
        if view.round.status in AFTER_OPENING and view.round.kind in RECORDED_KINDS
    }
    found = []
    for row in known.values():
        persons = queries.persons_among(session, row.id, [each.id for each in people], acting=False)
        entries = queries.entries_of_persons(session, row.id, persons) if persons else []
        if entries:
            votes = queries.votes(session, [entry.id for entry in entries])
            version = sum(vote.version for vote, _ in votes.values())
            found.append(OwnerParticipation(row, entries, frozenset(persons), bool(votes), version))
    return sorted(found, key=lambda each: (each.round.opens_at, str(each.round.id)), reverse=True)


def export_of(session: Session, *, account_id: uuid.UUID) -> dict[str, list[dict[str, Plain]]]:
    """Every vote that was recorded for somebody's dwellings, and the proxies they gave, as plain values."""
    votes: list[dict[str, Plain]] = []
    proxies: list[dict[str, Plain]] = []
    for each in participations(session, account_id=account_id):
        names = places.dwellings(session, household_ids=[entry.household_id for entry in each.entries])
        acts = queries.acts(session, [entry.id for entry in each.entries])
        votes += [
            {
                "round": each.round.title,
                "dwelling": names[entry.household_id].in_words,
                "choice": act.choice.value,
                "channel": act.channel.value,
                "acted_at": _instant(act.owner_acted_at),
                "took_effect": act.version is not None,
            }
            for entry in each.entries
            for act in acts.get(entry.id, [])
        ]
        given = queries.proxies_of(session, each.round.id, each.persons)
        proxies += [_proxy(each.round, proxy) for proxy in given]
    return {"recorded_votes": votes, "proxies": proxies}


def _proxy(row: Round, proxy: Proxy) -> dict[str, Plain]:
    return {
        "round": row.title,
        "holder_phone": masked_phone(proxy.holder_phone),  # theirs, not the reader's
        "powers": proxy.powers.value,
        "state": proxy.state.value,
        "given_at": _instant(proxy.given_at),
        "ended_at": None if proxy.ended_at is None else _instant(proxy.ended_at),
    }


def _instant(at: dt.datetime) -> str:
    return at.astimezone(clock.BEIJING).isoformat(timespec="seconds")


def owners_among(
    session: Session, *, round_id: uuid.UUID, resident_ids: Collection[uuid.UUID]
) -> set[uuid.UUID]:
    """Those of some residents who stand as owners on the roll of a recorded round, frozen when it opened."""
    return queries.owners_among(session, round_id, resident_ids)
