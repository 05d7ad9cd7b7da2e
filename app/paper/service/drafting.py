"""Keying at speed: a sheet is kept when it is keyed, may be mended until its author is done, and is then handed over.

A draft is compared with nothing. Only what was handed over is: so whoever keys second cannot find out, by changing an
answer until the sheet counts as agreed, what the first one read.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.core.canonical import canonical_json
from app.paper import queries, rules
from app.paper.errors import (
    MoreThanInTheUrn,
    PaperBatchNotFound,
    SerialRepeated,
    SheetDecided,
    SheetNotInBatch,
    SheetNotKeyed,
)
from app.paper.models import PaperBatch, PaperDraft, PaperKeying
from app.paper.rules import Answer, Stage
from app.paper.schemas import KeyedSheet
from app.paper.service.batches import AFTER_CLOSING, claim_batch, view
from app.paper.service.keying import Desk, KeyedLine, check_ready, line_by_line, read_sheet, said_before
from app.paper.service.reconciliation import BatchView, answer_of
from app.rounds import service as rounds


@dataclass(frozen=True)
class KeyingDesk:
    """What somebody who keys a batch has before them; of others it says which sheets they are done with, not what."""

    view: BatchView
    #: How many projects are on the list, and how many of them a sheet may name.
    projects: int
    max_rank: int
    #: Serial -> what this person has keyed and not handed over yet.
    drafts: Sequence[tuple[str, Answer]]
    #: How many they have handed over.
    handed_over: int
    #: Serials they may still key: nobody handed it over yet, one other person did, two did and differ.
    untouched: Sequence[str]
    once: Sequence[str]
    differing: Sequence[str]


def draft_sheets(
    session: Session, *, batch_id: uuid.UUID, sheets: Sequence[KeyedSheet], actor: Actor
) -> list[KeyedLine]:
    """Keep what sheets say, to be mended and handed over later; a line said again takes the place of the one before.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        RoundWrongState: the round is not closed, or its box is open.
        PaperBatchEnded: it was merged or set aside.
        PaperBatchNotReturned: nobody has counted its sheets.
        PaperBatchTooSmall: it must be merged with another one first.
    """
    claimed = claim_batch(session, batch_id, actor=actor, verb="paper_sheet.draft", states=AFTER_CLOSING)
    check_ready(session, claimed.batch)
    projects = len(rounds.listed_projects(session, claimed.round.id))
    pad = _Pad(session, claimed.batch, actor)
    return line_by_line(
        sheets,
        lambda sheet: pad.write(
            sheet.serial, read_sheet(sheet, projects=projects, max_rank=claimed.round.max_rank)
        ),
    )


def remove_draft(session: Session, *, batch_id: uuid.UUID, serial: str, actor: Actor) -> None:
    """Strike a sheet that was keyed under a wrong serial, before it is handed over.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        RoundWrongState, PaperBatchEnded: nothing is keyed now.
        SerialMalformed, SheetNotInBatch, SheetNotKeyed: there is nothing to strike.
    """
    batch = claim_batch(
        session, batch_id, actor=actor, verb="paper_sheet.remove_draft", states=AFTER_CLOSING
    ).batch
    serial = rules.read_serial(serial)
    if not queries.known_serials(session, batch.id, [serial]):
        raise SheetNotInBatch
    draft = queries.draft(session, batch.round_id, serial, actor.ref)
    if draft is None:
        raise SheetNotKeyed
    session.delete(draft)


def hand_over(session: Session, *, batch_id: uuid.UUID, actor: Actor) -> list[KeyedLine]:
    """Say that one is done: what was kept becomes what this person read, and is compared from now on.

    What others have decided meanwhile is dropped; what cannot be taken for another reason stays, and the line says why.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        RoundWrongState: the round is not closed, or its box is open.
        PaperBatchEnded: it was merged or set aside.
        PaperBatchNotReturned: nobody has counted its sheets.
        PaperBatchTooSmall: it must be merged with another one first.
    """
    claimed = claim_batch(session, batch_id, actor=actor, verb="paper_sheet.hand_over", states=AFTER_CLOSING)
    check_ready(session, claimed.batch)
    desk = Desk(session, claimed.batch, actor)
    drafts = queries.drafts(session, batch_id, actor.ref)
    lines = line_by_line(drafts, lambda draft: desk.take(draft.serial, answer_of(draft)))
    for draft, line in zip(drafts, lines, strict=True):
        if line.refusal is None or isinstance(line.refusal, SheetDecided):
            session.delete(draft)
    desk.keep()
    return lines


def keying_desk(session: Session, *, batch_id: uuid.UUID, actor: Actor) -> KeyingDesk:
    """What somebody who keys a batch has before them, also after a reload or on another computer.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
    """
    batch = queries.batch(session, batch_id)
    if batch is None or not actor.may("paper_sheet.read_drafts", batch.community_code):
        raise PaperBatchNotFound
    row = rounds.round_(session, batch.round_id)
    keyings: dict[str, list[PaperKeying]] = {}
    for keying in queries.keyings_of_batch(session, batch_id):
        keyings.setdefault(keying.serial, []).append(keying)
    drafts = queries.drafts(session, batch_id, actor.ref)
    mine = {serial for serial, each in keyings.items() if any(one.keyed_by == actor.ref for one in each)}
    at_hand = mine | {draft.serial for draft in drafts}
    stages: dict[Stage | None, list[str]] = {None: [], Stage.ONCE: [], Stage.DIFFERS: [], Stage.DECIDED: []}
    for serial in queries.serials(session, batch_id):
        if serial not in at_hand:
            before = keyings.get(serial)
            stage = rules.decide([answer_of(each) for each in before]).stage if before else None
            stages[stage].append(serial)
    return KeyingDesk(
        view=view(session, batch),
        projects=len(rounds.listed_projects(session, row.id)),
        max_rank=row.max_rank,
        drafts=[(draft.serial, answer_of(draft)) for draft in drafts],
        handed_over=len(mine),
        untouched=stages[None],
        once=stages[Stage.ONCE],
        differing=stages[Stage.DIFFERS],
    )


class _Pad:
    """What one person has keyed of a batch, handed over or not."""

    def __init__(self, session: Session, batch: PaperBatch, actor: Actor) -> None:
        self._session, self._batch, self._actor = session, batch, actor
        self._drafts = {each.serial: each for each in queries.drafts(session, batch.id, actor.ref)}
        self._seen: set[str] = set()

    def write(self, text: str, answer: Answer) -> None:
        """Keep what this person reads on a sheet.

        Raises:
            SerialMalformed, SheetNotInBatch, SerialRepeated, KeyedByYou, SheetDecided, MoreThanInTheUrn.
        """
        serial = rules.read_serial(text)
        if not queries.known_serials(self._session, self._batch.id, [serial]):
            raise SheetNotInBatch
        if serial in self._seen:
            raise SerialRepeated
        self._seen.add(serial)
        before = queries.keyings_of_sheets(self._session, self._batch.round_id, [serial]).get(serial, [])
        if said_before(before, answer, by=self._actor.ref):
            return  # handed over already
        if serial not in self._drafts and len(self._drafts) >= (self._batch.used or 0):
            raise MoreThanInTheUrn(used=self._batch.used or 0)
        draft = self._drafts.setdefault(
            serial,
            PaperDraft(round_id=self._batch.round_id, serial=serial, keyed_by=self._actor.ref, answer=""),
        )
        draft.answer = canonical_json(rules.plain_of(answer)).decode()
        self._session.add(draft)
