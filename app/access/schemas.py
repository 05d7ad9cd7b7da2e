"""What goes in and out at the door."""

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from app.access.actor import AccountKind
from app.access.roles import Role
from app.access.rules import Decision, Device, ProposalKind
from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12, Line

SignInName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")]
_Opaque = Annotated[str, StringConstraints(min_length=8, max_length=8192, pattern=r"^[\x21-\x7e]+$")]
#: What another program made up, however short.
_Code = Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=r"^[\x21-\x7e]+$")]
_Typed = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]


class HealthOut(OutputModel):
    """How the process is."""

    status: Literal["up", "ready"]
    development: bool = Field(
        description="Whether the people in it are invented; never where residents vote."
    )


class CodeRequest(InputModel):
    """Ask for a sign-in code by short message."""

    phone: Annotated[str, StringConstraints(min_length=5, max_length=32)]
    device_nonce: _Opaque | None = None


class CodeSent(OutputModel):
    """A code is on its way."""

    challenge_id: uuid.UUID
    expires_in: int = Field(description="Seconds the code stays valid.")
    development_code: str | None = Field(
        description="The code itself, in development mode only; otherwise null."
    )


class TokenRequest(InputModel):
    """One of the ways to sign in: a phone code, a one-time code on paper, WeChat, a staff password, a refresh token."""

    challenge_id: uuid.UUID | None = None
    code: Annotated[str, StringConstraints(min_length=1, max_length=32)] | None = None
    device_nonce: _Opaque | None = None
    one_time_code: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        default=None, description="From a paper slip; dashes, blanks and small letters do not matter."
    )
    helping: bool | None = Field(
        default=None,
        description="With `one_time_code`: true when somebody else holds the phone and helps. The sign-in then ends "
        "by itself after 15 minutes, opens the ballot alone, and what is cast with it is recorded as assisted.",
    )
    name: SignInName | None = None
    password: _Typed | None = Field(
        default=None,
        description="With `code` of the authenticator app, or a recovery code, where there is a second factor.",
    )
    refresh_token: _Opaque | None = None
    wechat_code: _Code | None = Field(default=None, description="What `wx.login` gave.")
    wechat_binding: _Opaque | None = Field(
        default=None,
        description="The `binding` of `wechat_not_bound`, beside a phone code, a `phone_code` or a `one_time_code`: "
        "this WeChat user may open that account from then on.",
    )
    phone_code: _Code | None = Field(
        default=None, description="What the mini program's phone number button gave, with `wechat_binding`."
    )
    ticket: _Opaque | None = Field(default=None, description="From `POST /auth/tickets`, in the web-view.")


class Tokens(OutputModel):
    """What signs the next requests."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str | None


class TicketOut(OutputModel):
    """Opens the residents' pages in the web-view, once."""

    ticket: str
    expires_in: int = Field(description="Seconds it stays valid.")


class WeChatOut(OutputModel):
    """Whether a WeChat user may open this account."""

    bound: bool
    bound_at: dt.datetime | None


class SessionOut(OutputModel):
    """A sign-in of yours on one device."""

    id: uuid.UUID
    device: Device | None = Field(
        description="What it runs on, as its browser said; null where nobody asked."
    )
    with_wechat: bool
    began_at: dt.datetime
    last_used_on: dt.date
    ends_at: dt.datetime
    current: bool = Field(description="The one this answer was asked for with.")


class SessionList(OutputModel):
    """Where somebody is signed in."""

    items: list[SessionOut]
    password_link: "PasswordLink | None" = Field(
        description="A link that waits, with which your password can be chosen anew; null if there is none."
    )


class PasswordLink(OutputModel):
    """A link with which an account's password can be chosen anew; until it is used, the old one stays."""

    made_by: str | None = Field(description="Which administrator made it; null: it was made on the server.")
    made_at: dt.datetime
    expires_at: dt.datetime


class LinkRedemption(InputModel):
    """Choose a password with a one-time link."""

    link: _Opaque
    password: _Typed
    code: Annotated[str, StringConstraints(min_length=1, max_length=32)] | None = Field(
        default=None,
        description="The link's other half, from another administrator; a link made on the server needs none.",
    )


class CodeIn(InputModel):
    """A code of the authenticator app, or a recovery code."""

    code: Annotated[str, StringConstraints(min_length=6, max_length=32)]


class ConfirmedOut(OutputModel):
    """The sign-in was confirmed."""

    confirmed_until: dt.datetime


class SecondFactorOut(OutputModel):
    """Your second factor."""

    enrolled_at: dt.datetime | None
    required: bool
    recovery_codes_left: int


class SecondFactorOffer(OutputModel):
    """A secret for the authenticator app; it is in force when a code of it was shown."""

    secret: str = Field(description="Base 32, for typing.")
    uri: str = Field(description="The `otpauth:` address, for an app on this device.")
    picture: str = Field(description="The same as a QR code to scan: a `data:` address of an SVG picture.")


class RecoveryCodes(OutputModel):
    """Each opens the account once instead of a code of the app. They are shown this once."""

    codes: list[str]


class GrantOut(OutputModel):
    """A role over a division."""

    id: uuid.UUID
    role: Role
    division: str
    valid_from: dt.datetime
    valid_to: dt.datetime | None


class Me(OutputModel):
    """Who the service takes you for."""

    account_id: uuid.UUID
    kind: AccountKind
    name: str | None
    display_name: str | None
    grants: list["RoleOver"]
    verbs: list[str] = Field(description="What you may attempt anywhere, sorted: a menu shows no more.")
    second_factor: "MySecondFactor" = Field(description="Residents have none and need none.")


class MySecondFactor(OutputModel):
    """How staff show that it is they, beside the password."""

    enrolled: bool
    required: bool = Field(description="Without one you may do nothing here but set it up.")
    confirmed_until: dt.datetime | None = Field(
        description="Until when you may do what is dangerous; null or past: a code is asked for first."
    )


class RoleOver(OutputModel):
    """A role over a division, in force now."""

    role: Role
    division: str


class AccountIn(InputModel):
    """A new staff account."""

    name: SignInName
    display_name: Line


class AccountCreated(OutputModel):
    """A new account and the one-time link for its owner."""

    account_id: uuid.UUID
    link: str


class AccountOut(OutputModel):
    """A staff or machine account."""

    account_id: uuid.UUID
    kind: AccountKind
    name: str
    display_name: str | None
    created_at: dt.datetime
    disabled_at: dt.datetime | None
    has_password: bool = Field(description="False until the one-time link was used, and for machines.")
    second_factor: bool
    grants: list[GrantOut]
    link: "LinkWaiting | None" = Field(
        description="The link with which its owner may choose a password; null if none waits."
    )


class LinkWaiting(OutputModel):
    """An unused link; without the code of another administrator it is worth nothing."""

    made_by: "Named | None" = Field(description="Null: it was made on the server and needs no code.")
    made_at: dt.datetime
    expires_at: dt.datetime
    countersigned_by: "Named | None"
    countersigned_at: dt.datetime | None
    may_countersign: bool = Field(description="Whether you are another administrator than who made it.")


class LinkOut(OutputModel):
    """A one-time link; it works together with the code of another administrator."""

    link: str
    expires_in: int = Field(description="Seconds it stays valid.")


class LinkCodeOut(OutputModel):
    """The other half of a link: for its owner alone, shown this once."""

    code: str
    expires_at: dt.datetime


class AccountPage(OutputModel):
    """Some accounts."""

    items: list[AccountOut]
    next_cursor: str | None


class GrantIn(InputModel):
    """A role to give."""

    role: Role
    division: Code12


class Named(OutputModel):
    """An account, as a person reads it."""

    account_id: uuid.UUID
    name: str
    display_name: str | None


class ProposalOut(OutputModel):
    """What one administrator proposed and another confirms."""

    id: uuid.UUID
    kind: ProposalKind
    account: Named
    role: Role | None
    division: str | None
    key_fingerprint: str | None = Field(description="SHA-256 of the proposed public key, to be compared.")
    proposed_by: Named
    proposed_at: dt.datetime
    expires_at: dt.datetime
    decision: Decision | None = Field(description="Null while it waits.")
    decided_by: Named | None
    decided_at: dt.datetime | None
    may_confirm: bool = Field(
        description="Whether you are the second person: not who proposed it, nor whom it is about."
    )


class ProposalList(OutputModel):
    """What waits, the oldest first, and after it what was decided last."""

    items: list[ProposalOut]


_PublicKey = Annotated[str, StringConstraints(min_length=50, max_length=4000, pattern=r"^[\x20-\x7e\r\n]+$")]


class ClientIn(InputModel):
    """A government system that will call the platform API."""

    name: SignInName
    public_key_pem: _PublicKey
    scopes: Annotated[list[Role], Field(min_length=1, max_length=8)]
    division: Code12


class ClientKeyIn(InputModel):
    """Another key for a government system."""

    public_key_pem: _PublicKey


class ClientOut(OutputModel):
    """A registered machine client; its scopes wait for another administrator."""

    account_id: uuid.UUID
    client_id: str


class ListedClientOut(OutputModel):
    """A government system and what it may do."""

    account_id: uuid.UUID
    client_id: str
    scopes: list[GrantOut]
    key_fingerprint: str = Field(description="SHA-256 of its public key.")
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    disabled_at: dt.datetime | None


class ClientList(OutputModel):
    """Government systems, by name."""

    items: list[ListedClientOut]


class AuditEntryOut(OutputModel):
    """One act in the record."""

    chain: str
    seq: int
    at: dt.datetime | None = Field(description="Null for casts: the record must not say when somebody voted.")
    actor: str
    actor_name: str | None = Field(
        description="How staff are called; null for residents and for the service itself."
    )
    tag: str
    subject: str
    facts: dict[str, Any]
    hash: str


class EntryPage(OutputModel):
    """Some acts, newest first within each division's chain."""

    items: list[AuditEntryOut]
    next_cursor: str | None


class TagList(OutputModel):
    """Kinds of entries."""

    items: list[str]


class ChainOut(OutputModel):
    """Whether a division's chain holds."""

    chain: str
    length: int
    head: str
    holds: bool
    broken_at: int | None
    reason: str | None
