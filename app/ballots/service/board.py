"""The public board of a round: an append-only log of signed events (RFC 6962), with a signed head for every growth."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.ballots import queries, rules
from app.ballots.models import BoardEntry, BoardHead
from app.ballots.rules import Level
from app.core import clock
from app.core.canonical import Plain
from app.core.merkle import GrowingTree
from app.core.signer import Signer, b64
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.models import Round
from app.rounds.rules import PUBLIC_STATES, RoundState

#: The kind of a board's first event.
PUBLISHED = "published"


@dataclass(frozen=True)
class Board:
    """A round's public events in order, and what was signed about all of them."""

    entries: Sequence[BoardEntry]
    head: BoardHead | None
    #: How the ballots are published, once the box is open.
    level: Level | None


@dataclass(frozen=True)
class NewEntry:
    """What is to be appended; ``hour`` is set where it speaks of one."""

    kind: str
    body: Mapping[str, Plain]
    hour: dt.datetime | None = None


def post(
    session: Session, *, round_id: uuid.UUID, kind: str, body: Mapping[str, Plain], signer: Signer
) -> BoardEntry:
    """Append a signed event and a signed head. The caller holds the round's row, so positions follow one another."""
    (entry,) = append(session, round_id=round_id, new=[NewEntry(kind, body)], signer=signer)
    return entry


def append(
    session: Session, *, round_id: uuid.UUID, new: Sequence[NewEntry], signer: Signer
) -> list[BoardEntry]:
    """Append several events, each with its head. The caller holds the round's row.

    A board begins with the publication of its round, whatever is posted first.
    """
    before = queries.board(session, round_id)
    first = [] if before else _publication(session, round_id, new)
    growing, last = _tree(before), queries.newest_head(session, round_id)
    at = _signing_time(session, last)
    added: list[BoardEntry] = []
    for position, each in enumerate([*first, *new], start=len(before) + 1):
        statement = rules.board_statement(
            round_id=round_id, position=position, kind=each.kind, body=each.body
        )
        entry = BoardEntry(
            round_id=round_id,
            position=position,
            kind=each.kind,
            body=dict(each.body),
            signature=b64(signer.sign(statement)),
            hour=each.hour,
        )
        growing.append(statement)
        session.add(entry)
        session.add(_head(round_id, size=position, root=growing.root().hex(), at=at, signer=signer))
        added.append(entry)
    session.flush()  # the next event of this transaction takes the next position
    return added[len(first) :]


def post_published(session: Session, *, round_id: uuid.UUID, signer: Signer) -> bool:
    """Say that a round's list, costs, rule and dates are frozen; true if its board did not say so before."""
    row = rounds.claim(session, round_id)
    if queries.board(session, round_id):
        return False
    post(session, round_id=round_id, kind=PUBLISHED, body=_published_body(row), signer=signer)
    return True


def post_ended(session: Session, *, round_id: uuid.UUID, signer: Signer) -> bool:
    """Say that a published round was cancelled, or is void, and why; true if the board did not say so before."""
    row = rounds.claim(session, round_id)
    if row.status not in {RoundState.CANCELLED, RoundState.VOID} or row.published_at is None:
        return False  # nobody knew of a draft
    kind = row.status.value
    if any(entry.kind == kind for entry in queries.board(session, round_id)):
        return False
    post(session, round_id=round_id, kind=kind, body={"reason": row.ended_reason}, signer=signer)
    return True


def boards_without_head(session: Session) -> Sequence[uuid.UUID]:
    """Rounds about whose whole board nothing was signed yet: they are older than heads."""
    return queries.boards_without_head(session)


def sign_head(session: Session, *, round_id: uuid.UUID, signer: Signer) -> bool:
    """Sign a board as it stands; true if that was not done before."""
    rounds.claim(session, round_id)
    entries, last = queries.board(session, round_id), queries.newest_head(session, round_id)
    if not entries or (last is not None and last.size == len(entries)):
        return False
    root = _tree(entries).root().hex()
    at = _signing_time(session, last)
    session.add(_head(round_id, size=len(entries), root=root, at=at, signer=signer))
    return True


def board(session: Session, round_id: uuid.UUID) -> Sequence[BoardEntry]:
    """A round's public events in order."""
    return queries.board(session, round_id)


def board_size(session: Session, round_id: uuid.UUID) -> int:
    """How many events the newest signed head of a round's board is over; 0 before the first."""
    newest = queries.newest_head(session, round_id)
    return 0 if newest is None else newest.size


def heads(session: Session, round_id: uuid.UUID) -> Sequence[BoardHead]:
    """Everything that was signed about a round's board, in order."""
    return queries.heads(session, round_id)


def public_boards(session: Session, *, after: uuid.UUID | None, limit: int) -> Sequence[BoardHead]:
    """The newest head of every board, by round."""
    return queries.newest_heads(session, after=after, limit=limit)


def public_board(session: Session, *, round_id: uuid.UUID) -> Board:
    """The events of a published round, the head over them, and how its ballots are published.

    Raises:
        RoundNotFound: there is no such round, or it is a draft.
    """
    check_public(session, round_id)
    # The head first: entries and their head are written together, so that all it speaks of is there to be read.
    head = queries.newest_head(session, round_id)
    entries = queries.board(session, round_id)
    if head is not None:
        entries = entries[: head.size]
    return Board(entries, head, queries.level(session, round_id))


def public_heads(session: Session, *, round_id: uuid.UUID) -> Sequence[BoardHead]:
    """All that was signed about the board of a published round.

    Raises:
        RoundNotFound: there is no such round, or it is a draft.
    """
    check_public(session, round_id)
    return queries.heads(session, round_id)


def check_public(session: Session, round_id: uuid.UUID) -> None:
    """Whether anybody may know of a round.

    Raises:
        RoundNotFound: there is none, or it is a draft.
    """
    if rounds.round_(session, round_id).status not in PUBLIC_STATES:
        raise RoundNotFound


def leaf(entry: BoardEntry) -> bytes:
    """An entry as it stands in the tree: the bytes that were signed."""
    return rules.board_statement(
        round_id=entry.round_id, position=entry.position, kind=entry.kind, body=entry.body
    )


def _publication(session: Session, round_id: uuid.UUID, new: Sequence[NewEntry]) -> list[NewEntry]:
    row = rounds.round_(session, round_id)
    if row.published_at is None or any(each.kind == PUBLISHED for each in new):
        return []
    return [NewEntry(PUBLISHED, _published_body(row))]


def _published_body(row: Round) -> dict[str, Plain]:
    return {
        "frozen_digest": row.frozen_digest,
        "opens_at": row.opens_at.isoformat(),
        "closes_at": row.closes_at.isoformat(),
    }


def _tree(entries: Sequence[BoardEntry]) -> GrowingTree:
    growing = GrowingTree()
    for entry in entries:
        growing.append(leaf(entry))
    return growing


def _signing_time(session: Session, last: BoardHead | None) -> dt.datetime:
    """Now, in whole seconds; a clock that was set back does not turn the order of heads around."""
    now = clock.database_now(session).replace(microsecond=0)
    return now if last is None else max(now, last.at)


def _head(round_id: uuid.UUID, *, size: int, root: str, at: dt.datetime, signer: Signer) -> BoardHead:
    statement = rules.head_statement(round_id=round_id, size=size, root=root, at=at)
    return BoardHead(round_id=round_id, size=size, root=root, at=at, signature=b64(signer.sign(statement)))
