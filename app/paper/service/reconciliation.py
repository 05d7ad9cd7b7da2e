"""What the opening of the box asks of paper: is it finished, what do the sheets say, what is made public."""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.core.canonical import Plain
from app.paper import queries, rules
from app.paper.errors import PaperNotReconciled
from app.paper.models import PaperBatch, PaperDraft, PaperKeying
from app.paper.rules import Answer, BatchCount, Returned, Stage, Unfinished, Verdict, Void


@dataclass(frozen=True)
class BatchView:
    """A batch in numbers, and what keeps it from being counted."""

    batch: PaperBatch
    count: BatchCount
    #: Serials of sheets that were keyed, with what is known of each.
    verdicts: Mapping[str, Verdict]
    #: How many of the decided ones are void, by reason.
    void: Mapping[Void, int]
    unfinished: Sequence[Unfinished]

    @property
    def keyed_once(self) -> list[str]:
        """Serials that wait for a second person."""
        return [serial for serial, verdict in self.verdicts.items() if verdict.stage is Stage.ONCE]

    @property
    def differing(self) -> list[str]:
        """Serials that wait for a third look."""
        return [serial for serial, verdict in self.verdicts.items() if verdict.stage is Stage.DIFFERS]


def views(session: Session, *, round_id: uuid.UUID) -> list[BatchView]:
    """Every batch of a round, by number; once its lists are erased, from the totals it kept."""
    rows = queries.batches(session, round_id)
    signatures = queries.signatures(session, round_id)
    keyed = _verdicts(session, round_id)
    found = []
    for row in rows:
        signed_in, stay_closed = signatures.get(row.id, (row.signed_in or 0, row.stay_closed or 0))
        of_batch = keyed.get(row.id, {})
        sheets, decided, void = _totals(row, of_batch)
        count = BatchCount(signed_in, stay_closed, returned_of(row), sheets, decided)
        others = [returned_of(other) for other in rows if other.in_force and other.id != row.id]
        missing = rules.unfinished(count, others=others) if row.in_force else []
        found.append(BatchView(row, count, of_batch, void, missing))
    return found


def check_reconciled(session: Session, *, round_id: uuid.UUID) -> None:
    """Whether every batch of a round is finished; a round without batches is.

    Raises:
        PaperNotReconciled: with the numbers of those that are not.
    """
    unfinished = [view.batch.number for view in views(session, round_id=round_id) if view.unfinished]
    if unfinished:
        raise PaperNotReconciled(batches=unfinished)


def counted_rankings(session: Session, *, round_id: uuid.UUID) -> list[tuple[int, ...]]:
    """What the valid sheets say: positions on the frozen list, best first, sorted, without serials.

    To be asked in the transaction of `check_reconciled`.
    """
    return sorted(
        verdict.answer.ranking
        for view in _counted(session, round_id)
        for verdict in view.verdicts.values()
        if verdict.answer is not None and verdict.answer.void is None
    )


def figures(session: Session, *, round_id: uuid.UUID) -> dict[str, Plain]:
    """What is published of paper: how many batches, sheets, valid and void ones, and what was set aside and why."""
    everything = views(session, round_id=round_id)
    counted = [view for view in everything if view.batch.in_force]
    void = {reason: sum(view.void[reason] for view in counted) for reason in Void}
    return {
        "batches": len(counted),
        "sheets": sum(view.batch.used or 0 for view in counted),
        "valid": sum(view.count.decided for view in counted) - sum(void.values()),
        "void": {reason.value: number for reason, number in void.items()},
        "spoilt": sum(view.batch.spoilt for view in counted),
        "unopened": sum(view.batch.unopened or 0 for view in counted),
        "not_handed_in": sum(view.batch.not_handed_in or 0 for view in counted),
        "missing": [
            {"batch": view.batch.number, "sheets": view.batch.missing, "reason": view.batch.missing_reason}
            for view in counted
            if view.batch.missing
        ],
        "set_aside": [
            {
                "batch": view.batch.number,
                # fewer could point at a household
                "signed_in": view.count.signed_in if view.count.signed_in >= rules.FEWEST_TOGETHER else None,
                "reason": view.batch.set_aside_reason,
            }
            for view in everything
            if view.batch.set_aside_by is not None
        ],
    }


def sheets_used(session: Session, *, round_id: uuid.UUID) -> int:
    """How many people voted on paper: the sheets in the urns of the batches that count."""
    return sum(row.used or 0 for row in queries.batches(session, round_id) if row.in_force)


def sheets_used_in(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The same of several rounds; those without a sheet are left out."""
    return queries.used_in(session, round_ids)


def returned_of(row: PaperBatch) -> Returned | None:
    """What came back of a batch."""
    if row.used is None or row.unused is None or row.unopened is None or row.not_handed_in is None:
        return None
    return Returned(row.used, row.unused, row.unopened, row.not_handed_in, row.spoilt)


def answer_of(keying: PaperKeying | PaperDraft) -> Answer:
    """What somebody read on a sheet."""
    return rules.answer_from(json.loads(keying.answer))


def _verdicts(session: Session, round_id: uuid.UUID) -> dict[uuid.UUID, dict[str, Verdict]]:
    """Batch -> serial -> what is known of the sheet, of every sheet of a round that was keyed."""
    answers: dict[uuid.UUID, dict[str, list[Answer]]] = {}
    for batch_id, keying in queries.keyings(session, round_id):
        answers.setdefault(batch_id, {}).setdefault(keying.serial, []).append(answer_of(keying))
    return {
        batch_id: {serial: rules.decide(each) for serial, each in sheets.items()}
        for batch_id, sheets in answers.items()
    }


def _totals(row: PaperBatch, verdicts: Mapping[str, Verdict]) -> tuple[int, int, dict[Void, int]]:
    """How many sheets of a batch were keyed, how many are decided, and how many of these void, by reason."""
    if row.keyed is not None and row.decided is not None and row.void is not None:
        return row.keyed, row.decided, {reason: row.void[reason.value] for reason in Void}
    answers = [verdict.answer for verdict in verdicts.values() if verdict.answer is not None]
    void = {reason: sum(answer.void is reason for answer in answers) for reason in Void}
    return len(verdicts), len(answers), void


def _counted(session: Session, round_id: uuid.UUID) -> list[BatchView]:
    return [view for view in views(session, round_id=round_id) if view.batch.in_force]
