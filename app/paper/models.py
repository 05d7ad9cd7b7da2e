"""Tables of paper ballots. A sheet belongs to a batch, never to a person; nothing here holds a time."""

import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import JSON
from app.core.ids import new_id
from app.core.vault import SealedText

#: SQLite's hidden row numbers would say in which order people came, and sheets were keyed.
_NO_ORDER = {"sqlite_with_rowid": False}


class PaperBatch(SQLModel, table=True):
    """Sheets that are printed, handed out, brought back and keyed together: a desk, a building, a day."""

    __tablename__ = "paper_batch"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "number"),
        sa.CheckConstraint("sheets >= 1", name="sheets_positive"),
        sa.CheckConstraint(
            "used IS NULL OR (used >= 0 AND unused >= 0 AND spoilt >= 0 AND unopened >= 0 AND missing >= not_handed_in "
            "AND not_handed_in >= 0 AND used + unused + spoilt + unopened + missing = sheets)",
            name="sheets_accounted_for",
        ),
        sa.CheckConstraint(
            "missing IS NULL OR missing = 0 OR missing_reason IS NOT NULL", name="missing_explained"
        ),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id")
    #: 1, 2, 3 ... in a round: what people call it.
    number: int
    community_code: str = Field(max_length=12, foreign_key="division.code")
    label: str = Field(max_length=120)
    #: How many were printed; of a merged batch, the sheets of those that came into it too.
    sheets: int
    #: All five are null until the batch has come back: sheets in the urn, sheets nobody took, outer envelopes that
    #: stay closed, sheets that are nowhere; of the last, those somebody signed for and never handed in.
    used: int | None = None
    unused: int | None = None
    unopened: int | None = None
    missing: int | None = None
    not_handed_in: int | None = None
    missing_reason: str | None = Field(default=None, sa_type=sa.Text)
    #: Sheets that were written on wrongly and exchanged at the desk; nobody signs twice for that.
    spoilt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    #: Noted when the lists are deleted: how many had signed in, of these how many envelopes stay closed; how many
    #: sheets were keyed, how many of these decided, and how many of these void, by reason.
    signed_in: int | None = None
    stay_closed: int | None = None
    keyed: int | None = None
    decided: int | None = None
    void: dict[str, int] | None = Field(default=None, sa_type=JSON)
    #: Its sheets, signatures and numbers have gone over into this one.
    merged_into: uuid.UUID | None = Field(default=None, foreign_key="paper_batch.id")
    #: Set aside as a whole by two people, with a public reason.
    set_aside_proposed_by: str | None = Field(default=None, max_length=80)
    set_aside_reason: str | None = Field(default=None, sa_type=sa.Text)
    set_aside_by: str | None = Field(default=None, max_length=80)

    @property
    def in_force(self) -> bool:
        """Whether it stands for itself: not merged, not set aside."""
        return self.merged_into is None and self.set_aside_by is None


class PaperSheet(SQLModel, table=True):
    """A printed sheet: its serial and its batch."""

    __tablename__ = "paper_sheet"
    __table_args__ = (_NO_ORDER,)

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    serial: str = Field(primary_key=True, max_length=8)
    batch_id: uuid.UUID = Field(foreign_key="paper_batch.id", index=True)


class PaperSignIn(SQLModel, table=True):
    """Whose entry of the roll took a sheet, and from which batch: one sheet for each entry."""

    __tablename__ = "paper_sign_in"
    __table_args__ = (_NO_ORDER,)

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    entry_id: uuid.UUID = Field(primary_key=True, foreign_key="roll_entry.id")
    batch_id: uuid.UUID = Field(foreign_key="paper_batch.id", index=True)
    #: Said at closing, where online ballots win: there is one, so that the outer envelope is never opened.
    stays_closed: bool = False


class PaperKeying(SQLModel, table=True):
    """What one person read on a sheet. The first and the second do not see one another's; a third decides."""

    __tablename__ = "paper_keying"
    __table_args__ = (
        sa.ForeignKeyConstraint(["round_id", "serial"], ["paper_sheet.round_id", "paper_sheet.serial"]),
        sa.UniqueConstraint("round_id", "serial", "keyed_by"),
        sa.CheckConstraint("turn BETWEEN 1 AND 3", name="turn_known"),
        _NO_ORDER,
    )

    round_id: uuid.UUID = Field(primary_key=True)
    serial: str = Field(primary_key=True, max_length=8)
    turn: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    keyed_by: str = Field(max_length=80)
    #: Sealed until the sheets are counted: nobody reads from the table how it goes.
    answer: str = Field(sa_type=SealedText("paper_keying.answer"))


class PaperDraft(SQLModel, table=True):
    """What somebody reads on a sheet as long as they are at it: they may change it, and nobody else learns of it.

    When they say that they are done it becomes a keying. Until then it is compared with nothing, so that nobody can try
    answers until one agrees with what another person keyed.
    """

    __tablename__ = "paper_draft"
    __table_args__ = (
        sa.ForeignKeyConstraint(["round_id", "serial"], ["paper_sheet.round_id", "paper_sheet.serial"]),
        _NO_ORDER,
    )

    round_id: uuid.UUID = Field(primary_key=True)
    serial: str = Field(primary_key=True, max_length=8)
    keyed_by: str = Field(primary_key=True, max_length=80)
    #: Sealed, as in a keying.
    answer: str = Field(sa_type=SealedText("paper_draft.answer"))
