"""What the sheets say: two people read each of them without seeing one another's answer, a third decides."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core.canonical import canonical_json
from app.core.errors import DomainError
from app.paper import queries, rules
from app.paper.errors import (
    KeyedByYou,
    MoreThanInTheUrn,
    PaperBatchNotReturned,
    PaperBatchTooSmall,
    SerialRepeated,
    SheetDecided,
    SheetNotInBatch,
    SheetNotKeyed,
)
from app.paper.models import PaperBatch, PaperKeying
from app.paper.rules import Answer, Stage
from app.paper.schemas import KeyedSheet
from app.paper.service.batches import AFTER_CLOSING, claim_batch, view
from app.paper.service.reconciliation import BatchView, answer_of, returned_of
from app.rounds import service as rounds


class Sheet(Protocol):
    """A line about a sheet of paper."""

    serial: str


SheetT = TypeVar("SheetT", bound=Sheet)


@dataclass(frozen=True)
class KeyedLine:
    """What became of one line: taken, or why not. Nothing in it depends on what others read."""

    row: int
    serial: str
    refusal: DomainError | None


def key_sheets(
    session: Session, *, batch_id: uuid.UUID, sheets: Sequence[KeyedSheet], actor: Actor
) -> list[KeyedLine]:
    """Key sheets of a closed round: what can be taken is, and each other line says what is wrong with it.

    A line sent again with the same answer is taken again, and changes nothing.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        RoundWrongState: the round is not closed, or its box is open.
        PaperBatchEnded: it was merged or set aside.
        PaperBatchNotReturned: nobody has counted its sheets.
        PaperBatchTooSmall: it must be merged with another one first.
    """
    claimed = claim_batch(session, batch_id, actor=actor, verb="paper_sheet.key", states=AFTER_CLOSING)
    check_ready(session, claimed.batch)
    desk = Desk(session, claimed.batch, actor)
    projects = len(rounds.listed_projects(session, claimed.round.id))
    lines = line_by_line(
        sheets,
        lambda sheet: desk.take(
            sheet.serial, read_sheet(sheet, projects=projects, max_rank=claimed.round.max_rank)
        ),
    )
    desk.keep()
    return lines


def discard_keyings(
    session: Session, *, batch_id: uuid.UUID, serial: str, reason: str, actor: Actor
) -> BatchView:
    """Throw away what was keyed of one sheet: it was not in the urn, or must be keyed anew by two people.

    No sheet is lost this way: as many as were counted in the urn must be keyed before the box opens.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        RoundWrongState: the round is not closed, or its box is open.
        PaperBatchEnded: it was merged or set aside.
        SerialMalformed, SheetNotInBatch, SheetNotKeyed: there is nothing to throw away.
    """
    batch = claim_batch(
        session, batch_id, actor=actor, verb="paper_sheet.discard", states=AFTER_CLOSING
    ).batch
    serial = rules.read_serial(serial)
    if serial not in queries.serials(session, batch.id):
        raise SheetNotInBatch
    drafts = queries.erase_drafts(session, batch.round_id, serial)
    if not queries.erase_keyings(session, batch.round_id, serial) and not drafts:
        raise SheetNotKeyed
    audit.record(
        session, chain=batch.community_code, by=actor.ref, tag=Tag.PAPER_KEYING_DISCARDED,
        subject=f"paper_batch:{batch_id}",
        facts={"round": str(batch.round_id), "number": batch.number, "serial": serial, "reason": reason},
    )  # fmt: skip
    return view(session, batch)


def line_by_line(sheets: Iterable[SheetT], take: Callable[[SheetT], None]) -> list[KeyedLine]:
    """Take what can be taken; each other line says why it cannot."""
    lines = []
    for row, sheet in enumerate(sheets, start=1):
        refusal = None
        try:
            take(sheet)
        except DomainError as error:
            refusal = error
        lines.append(KeyedLine(row, sheet.serial, refusal))
    return lines


class Desk:
    """The sheets of a batch, with what was keyed before."""

    def __init__(self, session: Session, batch: PaperBatch, actor: Actor) -> None:
        self._session, self._batch, self._actor = session, batch, actor
        self._serials = set(queries.serials(session, batch.id))
        self._keyings: dict[str, list[PaperKeying]] = {}
        for keying in queries.keyings_of_batch(session, batch.id):
            self._keyings.setdefault(keying.serial, []).append(keying)
        self._seen: set[str] = set()
        self._fresh: list[PaperKeying] = []

    def take(self, text: str, answer: Answer) -> None:
        """Note what this person reads on a sheet.

        Raises:
            SerialMalformed, SheetNotInBatch, SerialRepeated, KeyedByYou, SheetDecided, MoreThanInTheUrn.
        """
        serial = rules.read_serial(text)
        if serial not in self._serials:
            raise SheetNotInBatch
        if serial in self._seen:
            raise SerialRepeated
        self._seen.add(serial)
        before = self._keyings.get(serial, [])
        if said_before(before, answer, by=self._actor.ref):
            return
        if not before:
            self._check_room()
        keying = PaperKeying(
            round_id=self._batch.round_id, serial=serial, turn=len(before) + 1, keyed_by=self._actor.ref,
            answer=canonical_json(rules.plain_of(answer)).decode(),
        )  # fmt: skip
        self._keyings.setdefault(serial, []).append(keying)
        self._fresh.append(keying)

    def keep(self) -> None:
        """Write down what was taken."""
        if not self._fresh:
            return
        self._session.add_all(self._fresh)
        audit.record(
            self._session, chain=self._batch.community_code, by=self._actor.ref, tag=Tag.PAPER_SHEETS_KEYED,
            subject=f"paper_batch:{self._batch.id}",
            facts={
                "round": str(self._batch.round_id), "number": self._batch.number, "sheets": len(self._fresh),
            },
        )  # fmt: skip

    def _check_room(self) -> None:
        used = self._batch.used or 0
        if len(self._keyings) >= used:
            raise MoreThanInTheUrn(used=used)


def said_before(before: Sequence[PaperKeying], answer: Answer, *, by: str) -> bool:
    """Whether somebody has said the same of a sheet already, and only the answer to that was lost.

    Raises:
        KeyedByYou: they have said something else.
        SheetDecided: two others, or a third one, have decided.
    """
    mine = next((each for each in before if each.keyed_by == by), None)
    if mine is not None:
        if answer_of(mine) == answer:
            return True
        raise KeyedByYou
    if before and rules.decide([answer_of(each) for each in before]).stage is Stage.DECIDED:
        raise SheetDecided
    return False


def read_sheet(sheet: KeyedSheet, *, projects: int, max_rank: int) -> Answer:
    """What somebody says a sheet says.

    Raises:
        TooManyNumbers, NumberUnknown, NumberRepeated: a slip of the keys, or a void sheet.
    """
    if sheet.numbers is None:
        return Answer(void=sheet.void)
    return Answer(rules.ranking_of(sheet.numbers, projects=projects, max_rank=max_rank))


def check_ready(session: Session, batch: PaperBatch) -> None:
    """Whether the sheets of a batch may be keyed.

    Raises:
        PaperBatchNotReturned: nobody has counted them.
        PaperBatchTooSmall: it must be merged with another one first.
    """
    returned = returned_of(batch)
    if returned is None:
        raise PaperBatchNotReturned
    others = [
        returned_of(other)
        for other in queries.batches(session, batch.round_id)
        if other.in_force and other.id != batch.id
    ]
    if rules.too_small(returned, others=others):
        raise PaperBatchTooSmall(fewest=rules.FEWEST_TOGETHER)
