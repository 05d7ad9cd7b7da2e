"""Tables of people. Names, phones and birth dates are ciphertext; look-ups go by keyed hash."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import JSON, EnumText, UtcDateTime
from app.core.ids import new_id
from app.core.vault import FINGERPRINT, SealedText
from app.residents.rules import (
    DisclosureKind,
    ImportState,
    Purpose,
    RegistrationState,
    ResidentSource,
    Stage,
    Tenure,
)


class Resident(SQLModel, table=True):
    """Somebody who lives, or lived, in a household of a community."""

    __tablename__ = "resident"
    __table_args__ = (
        sa.Index("ix_resident_phone_fingerprint", "phone_fingerprint"),
        sa.Index("ix_resident_community_active", "community_code", "moved_out_at"),
        # one phone, and one person of a name in a dwelling, at most once among those who live there now
        sa.Index(
            "uq_resident_active_phone", "community_code", "phone_fingerprint", unique=True,
            sqlite_where=sa.text("moved_out_at IS NULL AND phone_fingerprint IS NOT NULL"),
            postgresql_where=sa.text("moved_out_at IS NULL AND phone_fingerprint IS NOT NULL"),
        ),
        sa.Index(
            "uq_resident_active_identity", "community_code", "identity_fingerprint", unique=True,
            sqlite_where=sa.text("moved_out_at IS NULL"), postgresql_where=sa.text("moved_out_at IS NULL"),
        ),
    )  # fmt: skip

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code")
    household_id: uuid.UUID = Field(foreign_key="household.id", index=True)
    name: str = Field(sa_type=SealedText("resident.name"))
    phone: str | None = Field(default=None, sa_type=SealedText("resident.phone"))
    birth_date: str | None = Field(default=None, sa_type=SealedText("resident.birth_date"))
    phone_fingerprint: str | None = Field(default=None, sa_type=FINGERPRINT)
    #: Keyed hash of name and dwelling.
    identity_fingerprint: str = Field(sa_type=FINGERPRINT)
    #: The first day on which the person may vote; none means the committee vouches. A day says less than a birth date.
    adult_on: dt.date | None = None
    tenure: Tenure = Field(sa_type=EnumText(Tenure))
    is_representative: bool
    source: ResidentSource = Field(sa_type=EnumText(ResidentSource))
    #: When they were taken in; none for those who were here before anybody noted it.
    came_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    moved_out_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class Roster(SQLModel, table=True):
    """The version of a community's roster; its row is the lock of every change."""

    __tablename__ = "roster"

    community_code: str = Field(primary_key=True, max_length=12, foreign_key="division.code")
    version: int


class RosterImport(SQLModel, table=True):
    """An uploaded roster: previewed, then committed, perhaps undone. The rows are sealed."""

    __tablename__ = "roster_import"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code", index=True)
    state: ImportState = Field(sa_type=EnumText(ImportState))
    roster_version: int
    #: As the one who sent it calls it.
    file_name: str = Field(default="", max_length=120, sa_column_kwargs={"server_default": ""})
    created_by: str = Field(default="", max_length=80, sa_column_kwargs={"server_default": ""})
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    #: Who committed it, or took it back, last.
    decided_by: str | None = Field(default=None, max_length=80)
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: How many rows are new, changed, unchanged, moved_out, wrong.
    counts: dict[str, Any] = Field(sa_type=JSON)
    #: Sealed JSON of the rows and their differences; emptied when it is no longer needed.
    content: str = Field(sa_type=SealedText("roster_import.content"))
    #: Sealed JSON of what commit changed, for undo.
    journal: str | None = Field(default=None, sa_type=SealedText("roster_import.journal"))


class RosterProgress(SQLModel, table=True):
    """How far an import is while somebody waits for it; gone when it is done."""

    __tablename__ = "roster_progress"

    import_id: uuid.UUID = Field(primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code")
    stage: Stage = Field(sa_type=EnumText(Stage))
    #: Rows done, and how many there are; 0 where that is not known yet.
    done: int
    of: int
    at: dt.datetime = Field(sa_type=UtcDateTime)


class Registration(SQLModel, table=True):
    """Somebody who is not on the roster says where they live; the committee answers."""

    __tablename__ = "registration"
    __table_args__ = (sa.Index("ix_registration_community_state", "community_code", "state", "created_at"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code")
    state: RegistrationState = Field(sa_type=EnumText(RegistrationState))
    phone_fingerprint: str = Field(sa_type=FINGERPRINT, index=True)
    person: str = Field(sa_type=SealedText("registration.person"))
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, max_length=80)
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = Field(default=None, sa_type=SealedText("registration.reason"))
    resident_id: uuid.UUID | None = Field(default=None, foreign_key="resident.id")


class Disclosure(SQLModel, table=True):
    """Somebody saw a name and a number in full, or took a list of them away, and said what for. Append-only."""

    __tablename__ = "disclosure"
    __table_args__ = (sa.Index("ix_disclosure_community_at", "community_code", "at"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code")
    at: dt.datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=80)
    kind: DisclosureKind = Field(sa_type=EnumText(DisclosureKind))
    #: Whose, where it was one person.
    resident_id: uuid.UUID | None = Field(default=None, foreign_key="resident.id", index=True)
    people: int
    purpose: Purpose = Field(sa_type=EnumText(Purpose))
    reason: str = Field(sa_type=SealedText("disclosure.reason"))
