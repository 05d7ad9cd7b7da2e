"""Reads of paper ballots."""

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.core.db import locked
from app.paper.models import PaperBatch, PaperDraft, PaperKeying, PaperSheet, PaperSignIn

#: As many ids as every database takes in one statement.
PORTION = 5000
_SHEET_OF_DRAFT = sa.and_(
    col(PaperSheet.round_id) == col(PaperDraft.round_id), col(PaperSheet.serial) == col(PaperDraft.serial)
)


def batch(session: Session, batch_id: uuid.UUID) -> PaperBatch | None:
    """One batch."""
    return session.get(PaperBatch, batch_id)


def batches_locked(session: Session, batch_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, PaperBatch]:
    """Batches, locked in one order so that nobody can deadlock."""
    statement = locked(
        select(PaperBatch).where(col(PaperBatch.id).in_(batch_ids)).order_by(col(PaperBatch.id)), session
    )
    rows = session.execute(statement.execution_options(populate_existing=True)).scalars()
    return {row.id: row for row in rows}


def batches(session: Session, round_id: uuid.UUID) -> Sequence[PaperBatch]:
    """Every batch of a round, merged ones and those set aside included, by number."""
    return session.exec(
        select(PaperBatch).where(PaperBatch.round_id == round_id).order_by(col(PaperBatch.number))
    ).all()


def used_in(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Round -> sheets in the urns of its batches that stand for themselves."""
    rows = session.execute(
        sa.select(col(PaperBatch.round_id), sa.func.sum(col(PaperBatch.used)))
        .where(
            col(PaperBatch.round_id).in_(round_ids), col(PaperBatch.used).is_not(None),
            col(PaperBatch.merged_into).is_(None), col(PaperBatch.set_aside_by).is_(None),
        )
        .group_by(col(PaperBatch.round_id))
    )  # fmt: skip
    return {round_id: int(used) for round_id, used in rows}


def serials(session: Session, batch_id: uuid.UUID) -> Sequence[str]:
    """The serials of a batch, sorted."""
    return session.exec(
        select(PaperSheet.serial).where(PaperSheet.batch_id == batch_id).order_by(col(PaperSheet.serial))
    ).all()


def serials_of_round(session: Session, round_id: uuid.UUID) -> set[str]:
    """Every serial of a round."""
    return set(session.exec(select(PaperSheet.serial).where(PaperSheet.round_id == round_id)).all())


def sign_in(session: Session, round_id: uuid.UUID, entry_id: uuid.UUID) -> PaperSignIn | None:
    """The sign-in of one roll entry."""
    return session.get(PaperSignIn, (round_id, entry_id), populate_existing=True)


def sign_ins(session: Session, batch_id: uuid.UUID) -> Sequence[PaperSignIn]:
    """Who signed in for the sheets of a batch, in an order that says nothing."""
    return session.exec(
        select(PaperSignIn).where(PaperSignIn.batch_id == batch_id).order_by(col(PaperSignIn.entry_id))
    ).all()


def add_sign_in(session: Session, *, round_id: uuid.UUID, entry_id: uuid.UUID, batch_id: uuid.UUID) -> bool:
    """Note that an entry took a sheet; false where it has one already, also when two desks try at the same moment."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = session.execute(
        insert(PaperSignIn)
        .values(round_id=round_id, entry_id=entry_id, batch_id=batch_id, stays_closed=False)
        .on_conflict_do_nothing()
        .returning(col(PaperSignIn.entry_id))
    )
    return made.first() is not None


def signature_count(session: Session, batch_id: uuid.UUID) -> int:
    """How many signed in for the sheets of a batch."""
    return session.exec(
        select(sa.func.count()).select_from(PaperSignIn).where(PaperSignIn.batch_id == batch_id)
    ).one()


def signed_in(
    session: Session, round_id: uuid.UUID, entry_ids: Collection[uuid.UUID] | None = None
) -> set[uuid.UUID]:
    """The roll entries that took a sheet in a round, or those of ``entry_ids`` that did."""
    statement = select(PaperSignIn.entry_id).where(PaperSignIn.round_id == round_id)
    if entry_ids is not None:
        statement = statement.where(col(PaperSignIn.entry_id).in_(entry_ids))
    return set(session.exec(statement).all())


def signatures(session: Session, round_id: uuid.UUID) -> dict[uuid.UUID, tuple[int, int]]:
    """Batch -> (how many signed in, how many of their outer envelopes stay closed)."""
    rows = session.execute(
        sa.select(
            col(PaperSignIn.batch_id),
            sa.func.count(),
            sa.func.sum(sa.case((col(PaperSignIn.stays_closed), 1), else_=0)),
        )
        .where(col(PaperSignIn.round_id) == round_id)
        .group_by(col(PaperSignIn.batch_id))
    )
    return {batch_id: (int(count), int(closed)) for batch_id, count, closed in rows}


def keep_closed(session: Session, round_id: uuid.UUID, entry_ids: Collection[uuid.UUID]) -> None:
    """Note whose outer envelopes are never opened."""
    wanted = list(entry_ids)
    for start in range(0, len(wanted), PORTION):
        session.execute(
            sa.update(PaperSignIn)
            .where(
                col(PaperSignIn.round_id) == round_id,
                col(PaperSignIn.entry_id).in_(wanted[start : start + PORTION]),
            )
            .values(stays_closed=True)
        )


def keyed_by(session: Session, round_id: uuid.UUID, who: str, *, serials: Collection[str]) -> set[str]:
    """Those of several sheets of a round that somebody has keyed."""
    statement = select(PaperKeying.serial).where(
        PaperKeying.round_id == round_id, PaperKeying.keyed_by == who, col(PaperKeying.serial).in_(serials)
    )
    return set(session.exec(statement).all())


def keyings(session: Session, round_id: uuid.UUID) -> Sequence[tuple[uuid.UUID, PaperKeying]]:
    """(batch, keying) of every keying of a round, sheet by sheet, the first one first."""
    rows = session.execute(
        sa.select(col(PaperSheet.batch_id), PaperKeying)
        .join(
            PaperSheet,
            sa.and_(
                col(PaperSheet.round_id) == col(PaperKeying.round_id),
                col(PaperSheet.serial) == col(PaperKeying.serial),
            ),
        )
        .where(col(PaperKeying.round_id) == round_id)
        .order_by(col(PaperKeying.serial), col(PaperKeying.turn))
    )
    return [(batch_id, keying) for batch_id, keying in rows]


def keyings_of_batch(session: Session, batch_id: uuid.UUID) -> Sequence[PaperKeying]:
    """Every keying of a batch, sheet by sheet, the first one first."""
    return session.exec(
        select(PaperKeying)
        .join(
            PaperSheet,
            sa.and_(
                col(PaperSheet.round_id) == col(PaperKeying.round_id),
                col(PaperSheet.serial) == col(PaperKeying.serial),
            ),
        )
        .where(PaperSheet.batch_id == batch_id)
        .order_by(col(PaperKeying.serial), col(PaperKeying.turn))
    ).all()


def keyings_of_sheets(
    session: Session, round_id: uuid.UUID, serials: Collection[str]
) -> dict[str, list[PaperKeying]]:
    """Serial -> its keyings, the first one first, of a few sheets of a round."""
    found: dict[str, list[PaperKeying]] = {}
    for keying in session.exec(
        select(PaperKeying)
        .where(PaperKeying.round_id == round_id, col(PaperKeying.serial).in_(serials))
        .order_by(col(PaperKeying.turn))
    ):
        found.setdefault(keying.serial, []).append(keying)
    return found


def known_serials(session: Session, batch_id: uuid.UUID, serials: Collection[str]) -> set[str]:
    """Those of ``serials`` that are printed on a sheet of this batch."""
    return set(
        session.exec(
            select(PaperSheet.serial).where(
                PaperSheet.batch_id == batch_id, col(PaperSheet.serial).in_(serials)
            )
        ).all()
    )


def drafts(session: Session, batch_id: uuid.UUID, keyed_by: str) -> Sequence[PaperDraft]:
    """What one person has keyed of a batch and not handed over yet, by serial."""
    return session.exec(
        select(PaperDraft)
        .join(PaperSheet, _SHEET_OF_DRAFT)
        .where(PaperSheet.batch_id == batch_id, PaperDraft.keyed_by == keyed_by)
        .order_by(col(PaperDraft.serial))
    ).all()


def draft(session: Session, round_id: uuid.UUID, serial: str, keyed_by: str) -> PaperDraft | None:
    """The draft that one person has of one sheet."""
    return session.get(PaperDraft, (round_id, serial, keyed_by), populate_existing=True)


def draft_counts(session: Session, batch_id: uuid.UUID) -> dict[str, int]:
    """Who has keyed a batch -> how many sheets, of those not handed over yet."""
    statement = (
        sa.select(col(PaperDraft.keyed_by), sa.func.count())
        .join(PaperSheet, _SHEET_OF_DRAFT)
        .where(col(PaperSheet.batch_id) == batch_id)
        .group_by(col(PaperDraft.keyed_by))
    )
    return {by: int(count) for by, count in session.execute(statement)}


def erase_drafts(session: Session, round_id: uuid.UUID, serial: str) -> int:
    """Delete every draft of one sheet."""
    gone = session.execute(
        sa.delete(PaperDraft)
        .where(col(PaperDraft.round_id) == round_id, col(PaperDraft.serial) == serial)
        .returning(col(PaperDraft.keyed_by))
    )
    return len(gone.all())


def erase_keyings(session: Session, round_id: uuid.UUID, serial: str) -> int:
    """Delete what was keyed of one sheet."""
    gone = session.execute(
        sa.delete(PaperKeying)
        .where(col(PaperKeying.round_id) == round_id, col(PaperKeying.serial) == serial)
        .returning(col(PaperKeying.turn))
    )
    return len(gone.all())


def move(session: Session, *, source: uuid.UUID, target: uuid.UUID) -> None:
    """Give the sheets and signatures of one batch to another."""
    for table in (PaperSheet, PaperSignIn):
        session.execute(sa.update(table).where(col(table.batch_id) == source).values(batch_id=target))


def erase_lists(session: Session, round_id: uuid.UUID) -> None:
    """Delete who signed in, what was keyed, and which sheet was of which batch."""
    for table in (PaperSignIn, PaperDraft, PaperKeying, PaperSheet):  # keyings refer to their sheets
        session.execute(sa.delete(table).where(col(table.round_id) == round_id))
