"""In which rounds somebody may vote or has: whether, by which way, which version. Never how, and never when.

Nothing is learnt here that `participation` does not say round by round.
"""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session

from app.access import service as access
from app.ballots import queries
from app.core.canonical import Plain
from app.paper import service as paper
from app.residents import service as residents
from app.rounds import service as rounds
from app.rounds.models import Round
from app.rounds.rules import AFTER_OPENING, RECORDED_KINDS, PaperPolicy

#: Nobody lives through more rounds than this.
MOST_ROUNDS = 200


class Way(StrEnum):
    """How somebody took part."""

    ONLINE = "online"
    CODE = "code"
    ASSISTED = "assisted"
    PAPER = "paper"


@dataclass(frozen=True)
class Participation:
    """A round on whose roll somebody stands."""

    round: Round
    #: None once the envelopes are erased: then nobody knows any more.
    taken_part: bool | None
    way: Way | None
    version: int | None


def participations(session: Session, *, account_id: uuid.UUID) -> list[Participation]:
    """The secret rounds on whose roll the owner of a phone stands, the newest first."""
    account = access.account_of(session, account_id)
    if account is None or account.phone_fingerprint is None:
        return []
    phone = account.phone_fingerprint
    known = {
        view.round.id: view.round
        for code in {
            each.community_code for each in residents.people_behind(session, phone_fingerprint=phone)
        }
        for view in rounds.listing(session, division=code, after=None, limit=MOST_ROUNDS)
        if view.round.status in AFTER_OPENING and view.round.kind not in RECORDED_KINDS
    }
    entries = rounds.entries_for(session, round_ids=list(known), fingerprints=[phone])
    found = {round_id: entry_id for (round_id, _), entry_id in entries.items()}
    envelopes = queries.outer_envelopes_of(session, list(found), list(found.values()))
    erased = queries.erased_among(session, list(found))
    mine = [
        _participation(session, known[round_id], entry_id, envelopes.get(entry_id), erased=round_id in erased)
        for round_id, entry_id in found.items()
    ]
    return sorted(mine, key=lambda each: (each.round.opens_at, str(each.round.id)), reverse=True)


def export_of(session: Session, *, account_id: uuid.UUID) -> list[dict[str, Plain]]:
    """The same as plain values: in which rounds, never how."""
    return [
        {
            "round": each.round.title,
            "status": each.round.status.value,
            "taken_part": each.taken_part,
            "way": None if each.way is None else each.way.value,
            "version": each.version,
        }
        for each in participations(session, account_id=account_id)
    ]


def _participation(
    session: Session,
    row: Round,
    entry_id: uuid.UUID,
    envelope: queries.OuterEnvelope | None,
    *,
    erased: bool,
) -> Participation:
    if erased:
        return Participation(row, None, None, None)
    if row.paper is not PaperPolicy.NONE and paper.signed_in(session, round_id=row.id, entry_ids=[entry_id]):
        return Participation(
            row, taken_part=True, way=Way.PAPER, version=0 if envelope is None else envelope.version
        )
    if envelope is None:
        return Participation(row, taken_part=False, way=None, version=0)
    way = Way.ASSISTED if envelope.assisted else Way.CODE if envelope.with_code else Way.ONLINE
    return Participation(
        row,
        taken_part=envelope.with_ballot,
        way=way if envelope.with_ballot else None,
        version=envelope.version,
    )
