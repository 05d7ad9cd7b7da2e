"""Accounts and what proves them."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.access.actor import AccountKind
from app.access.roles import Role
from app.access.rules import Decision, Device, ProposalKind
from app.core.db import EnumText, UtcDateTime
from app.core.ids import new_id
from app.core.vault import FINGERPRINT, SealedText


class Account(SQLModel, table=True):
    """Somebody, or some machine, that can sign in."""

    __tablename__ = "account"
    __table_args__ = (sa.Index("uq_account_subject_id", "subject_id", unique=True),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    kind: AccountKind = Field(sa_type=EnumText(AccountKind))
    name: str | None = Field(default=None, max_length=64, unique=True)
    display_name: str | None = Field(default=None, sa_type=SealedText("account.display_name"))
    phone_fingerprint: str | None = Field(default=None, sa_type=FINGERPRINT, unique=True)
    #: Whom the account stands for when its sign-ins begin with paper codes and not with a phone; opaque here.
    subject_id: uuid.UUID | None = None
    password_hash: str | None = Field(default=None, max_length=200)
    public_key: str | None = Field(default=None, sa_type=sa.Text)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    disabled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class GrantRow(SQLModel, table=True):
    """A role over a division, from a time to a time."""

    __tablename__ = "role_grant"
    __table_args__ = (sa.Index("ix_role_grant_account_id", "account_id"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    account_id: uuid.UUID = Field(foreign_key="account.id")
    role: Role = Field(sa_type=EnumText(Role))
    division: str = Field(max_length=12)
    valid_from: dt.datetime = Field(sa_type=UtcDateTime)
    valid_to: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInSession(SQLModel, table=True):
    """One sign-in on one device: the family of its refresh tokens."""

    __tablename__ = "sign_in_session"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    account_id: uuid.UUID = Field(foreign_key="account.id", index=True)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    revoked_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: What it was begun on, as far as its owner needs to know it again.
    device: Device | None = Field(default=None, sa_type=EnumText(Device))
    #: Somebody else holds the phone: helper mode 代为操作.
    assisted: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    #: The one round it is good for, if the paper code named one.
    round_id: uuid.UUID | None = None
    #: Begun by a WeChat user; it ends when the account is no longer theirs.
    with_wechat: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    #: The sign-in that a ticket carried over to here; this one ends with it, and is no device of its own.
    begun_in: uuid.UUID | None = Field(default=None, foreign_key="sign_in_session.id", index=True)
    #: When its owner last showed the second factor in it.
    confirmed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class RefreshToken(SQLModel, table=True):
    """An opaque token, stored as its hash; using one twice revokes the family, but for an answer that was lost."""

    __tablename__ = "refresh_token"

    hash: str = Field(primary_key=True, max_length=64)
    session_id: uuid.UUID = Field(foreign_key="sign_in_session.id", index=True)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    used_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInChallenge(SQLModel, table=True):
    """A code that was sent to a phone and may be typed a few times."""

    __tablename__ = "sign_in_challenge"
    __table_args__ = (sa.Index("ix_sign_in_challenge_phone", "phone_fingerprint", "created_at"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    phone_fingerprint: str = Field(sa_type=FINGERPRINT)
    device_fingerprint: str | None = Field(default=None, sa_type=FINGERPRINT)
    code_hmac: str = Field(max_length=64)
    tries: int = 0
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    used_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class WeChatBinding(SQLModel, table=True):
    """The WeChat user who may open an account: one account has one, and one user opens one account."""

    __tablename__ = "wechat_binding"

    account_id: uuid.UUID = Field(primary_key=True, foreign_key="account.id")
    openid: str = Field(sa_type=SealedText("wechat_binding.openid"))
    openid_fingerprint: str = Field(sa_type=FINGERPRINT, unique=True)
    bound_at: dt.datetime = Field(sa_type=UtcDateTime)
    #: What began with a paper code lasts as long as the code would have, and is good for its round alone.
    expires_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    round_id: uuid.UUID | None = None


class UsedBindingTicket(SQLModel, table=True):
    """A sealed binding ticket that has done its work, as its hash."""

    __tablename__ = "used_binding_ticket"

    hash: str = Field(primary_key=True, max_length=64)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)


class Ticket(SQLModel, table=True):
    """Carries a sign-in over into the mini program's web-view, once; stored as its hash."""

    __tablename__ = "ticket"

    hash: str = Field(primary_key=True, max_length=64)
    session_id: uuid.UUID = Field(foreign_key="sign_in_session.id", index=True)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    used_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class PaperCode(SQLModel, table=True):
    """A one-time code on paper; of the code itself only a keyed hash is kept."""

    __tablename__ = "paper_code"
    __table_args__ = (
        sa.Index("ix_paper_code_division_issued_at", "division", "issued_at"),
        # a new one ends those before it, so that a lost slip is worth nothing
        sa.Index(
            "uq_paper_code_in_force", "subject_id", unique=True,
            sqlite_where=sa.text("used_at IS NULL AND ended_at IS NULL"),
            postgresql_where=sa.text("used_at IS NULL AND ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    code_hmac: str = Field(sa_type=FINGERPRINT, unique=True)
    #: Whom a sign-in with it stands for.
    subject_id: uuid.UUID
    #: Where it was issued, for limits and counts.
    division: str = Field(max_length=12)
    round_id: uuid.UUID | None = None
    issued_by: str = Field(max_length=80)
    issued_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    used_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: The sign-in it began, and the device: whose answer was lost may ask once more.
    session_id: uuid.UUID | None = Field(default=None, foreign_key="sign_in_session.id")
    device_fingerprint: str | None = Field(default=None, sa_type=FINGERPRINT)
    #: Replaced by a newer one.
    ended_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class WrongPaperCodes(SQLModel, table=True):
    """Wrong codes (on paper, of WeChat) from one address, or from everywhere, within minutes; as keyed hashes."""

    __tablename__ = "wrong_paper_codes"

    source: str = Field(primary_key=True, sa_type=FINGERPRINT)
    count: int
    until: dt.datetime = Field(sa_type=UtcDateTime)


class OneTimeLink(SQLModel, table=True):
    """Lets somebody choose a password once, together with a code that another administrator hands over.

    Of link and code only hashes are kept. A link made on the server's command line needs no code.
    """

    __tablename__ = "one_time_link"
    __table_args__ = (
        sa.CheckConstraint(
            "(code_hmac IS NULL) = (countersigned_by IS NULL)"
            " AND (countersigned_by IS NULL) = (countersigned_at IS NULL)",
            name="countersigned_at_some_time",
        ),
        # two people, whatever a program believes
        sa.CheckConstraint(
            "countersigned_by IS NULL"
            " OR (made_by IS NOT NULL AND countersigned_by <> made_by AND countersigned_by <> account_id)",
            name="countersigned_by_another",
        ),
    )

    hash: str = Field(primary_key=True, max_length=64)
    account_id: uuid.UUID = Field(foreign_key="account.id", index=True)
    #: Which administrator made it; nobody's: it was made on the server.
    made_by: uuid.UUID | None = Field(default=None, foreign_key="account.id")
    made_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    used_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: The second half, as a keyed hash, and which other administrator has seen it.
    code_hmac: str | None = Field(default=None, sa_type=FINGERPRINT)
    countersigned_by: uuid.UUID | None = Field(default=None, foreign_key="account.id")
    countersigned_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class SecondFactor(SQLModel, table=True):
    """What somebody's phone and we both know, so that a password alone opens nothing (RFC 6238)."""

    __tablename__ = "second_factor"

    account_id: uuid.UUID = Field(primary_key=True, foreign_key="account.id")
    #: In force from the first right code on.
    secret: str | None = Field(default=None, sa_type=SealedText("second_factor.secret"))
    enrolled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: The last time step whose code was taken: that code and those before it are worth nothing any more.
    last_step: int = Field(default=0, sa_type=sa.BigInteger)
    #: Shown to the owner and not yet confirmed by a code; what is in force stays so until then.
    offered_secret: str | None = Field(default=None, sa_type=SealedText("second_factor.offered_secret"))
    offered_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCode(SQLModel, table=True):
    """Stands in for the phone once, when it is lost; of the code only a keyed hash is kept."""

    __tablename__ = "recovery_code"

    code_hmac: str = Field(sa_type=FINGERPRINT, primary_key=True)
    account_id: uuid.UUID = Field(foreign_key="account.id", index=True)
    made_at: dt.datetime = Field(sa_type=UtcDateTime)
    used_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class Proposal(SQLModel, table=True):
    """What one administrator wants to do with an account and another has to confirm; until then it does nothing."""

    __tablename__ = "account_proposal"
    __table_args__ = (
        sa.CheckConstraint("(kind = 'grant') = (role IS NOT NULL AND division IS NOT NULL)", name="grant_is_whole"),
        sa.CheckConstraint("(kind = 'client_key') = (public_key IS NOT NULL)", name="key_is_there"),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
        # two people, whatever a program believes
        sa.CheckConstraint(
            "decision IS NULL OR decision <> 'confirmed'"
            " OR (decided_by IS NOT NULL AND decided_by <> proposed_by AND decided_by <> account_id)",
            name="confirmed_by_another",
        ),
        sa.Index(
            "ix_account_proposal_open", "proposed_at",
            sqlite_where=sa.text("decision IS NULL"), postgresql_where=sa.text("decision IS NULL"),
        ),
        sa.Index("ix_account_proposal_account_id", "account_id"),
    )  # fmt: skip

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    kind: ProposalKind = Field(sa_type=EnumText(ProposalKind))
    account_id: uuid.UUID = Field(foreign_key="account.id")
    role: Role | None = Field(default=None, sa_type=EnumText(Role))
    division: str | None = Field(default=None, max_length=12)
    public_key: str | None = Field(default=None, sa_type=sa.Text)
    proposed_by: uuid.UUID = Field(foreign_key="account.id")
    proposed_at: dt.datetime = Field(sa_type=UtcDateTime)
    #: Who proposed it has long gone home: nobody should confirm it by mistake.
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    decision: Decision | None = Field(default=None, sa_type=EnumText(Decision))
    decided_by: uuid.UUID | None = Field(default=None, foreign_key="account.id")
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class PasswordAttempt(SQLModel, table=True):
    """Wrong passwords and wrong codes for one name, known or not, so that guessing slows down."""

    __tablename__ = "password_attempt"

    name_fingerprint: str = Field(primary_key=True, sa_type=FINGERPRINT)
    failures: int = 0
    blocked_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class UsedAssertion(SQLModel, table=True):
    """The ``jti`` of a client assertion, so that it works once."""

    __tablename__ = "used_assertion"

    account_id: uuid.UUID = Field(primary_key=True, foreign_key="account.id")
    jti: str = Field(primary_key=True, max_length=120)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
