"""The public board of a round: signed events, appended and never changed."""

import uuid
from collections.abc import Mapping, Sequence

from sqlmodel import Session

from app.ballots import queries, rules
from app.ballots.models import BoardEntry
from app.ballots.rules import Level
from app.core.canonical import Plain
from app.core.signer import Signer, b64
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.rules import PUBLIC_STATES


def post(
    session: Session, *, round_id: uuid.UUID, kind: str, body: Mapping[str, Plain], signer: Signer
) -> BoardEntry:
    """Append a signed event. The caller holds the round's row, so positions follow one another."""
    position = len(queries.board(session, round_id)) + 1
    statement = rules.board_statement(round_id=round_id, position=position, kind=kind, body=body)
    entry = BoardEntry(
        round_id=round_id,
        position=position,
        kind=kind,
        body=dict(body),
        signature=b64(signer.sign(statement)),
    )
    session.add(entry)
    session.flush()  # the next event of this transaction takes the next position
    return entry


def board(session: Session, round_id: uuid.UUID) -> Sequence[BoardEntry]:
    """A round's public events in order."""
    return queries.board(session, round_id)


def public_board(session: Session, *, round_id: uuid.UUID) -> tuple[Sequence[BoardEntry], Level | None]:
    """The events of a published round, and how its ballots are published once the box is open.

    Raises:
        RoundNotFound: there is no such round, or it is a draft.
    """
    if rounds.round_(session, round_id).status not in PUBLIC_STATES:
        raise RoundNotFound
    box = queries.box(session, round_id)
    return queries.board(session, round_id), None if box is None else box.level
