"""What goes in and out about recorded votes. Every answer says that they are not secret."""

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints

from app.core.schemas import InputModel, OutputModel
from app.core.text import FullReason, Line, Reason
from app.recorded.rules import Channel, FormState, Powers, ProxyState
from app.residents.rules import Purpose
from app.rounds.matters import OwnersMatter
from app.rounds.rules import RoundState
from app.rounds.schemas import LabelOut
from app.tally.double_quorum import Choice

Moment = Annotated[
    AwareDatetime, Field(ge=dt.datetime(2020, 1, 1, tzinfo=dt.UTC), le=dt.datetime(2200, 1, 1, tzinfo=dt.UTC))
]
#: An instant spelt as it is signed.
Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
_Phone = Annotated[str, StringConstraints(min_length=5, max_length=32)]
_Ids = Annotated[list[uuid.UUID], Field(min_length=1, max_length=200)]
#: Staff work through stacks of paper: a call takes so many.
LARGEST_STACK = 200


class RecordedOut(OutputModel):
    """What every answer about a recorded round begins with."""

    recorded: bool = Field(description="Always true: votes are signed and not secret.")
    label: LabelOut = Field(description="记名投票, recorded vote, not secret: to be shown beside it.")


class RecordedRoundOut(RecordedOut):
    """Where a recorded round stands."""

    round_id: uuid.UUID
    status: RoundState


class MatterOut(OutputModel):
    """One of the nine matters of the Civil Code's article 278."""

    code: OwnersMatter
    item: int
    majority: str = Field(description="`ordinary`: more than half; `special`: three quarters.")
    zh: str
    en: str


# --- voting ---------------------------------------------------------------------------------------------------------


class VoteIn(InputModel):
    """What you say to the question. It is recorded with your dwelling and not secret."""

    choice: Choice
    dwellings: _Ids | None = Field(
        default=None, description="Entry ids of some of your dwellings; all of them where it is left out."
    )


class ProxyVoteIn(InputModel):
    """What you say for the owner whose proxy you hold. It is recorded as a vote by proxy and not secret."""

    choice: Choice


class VoteOut(OutputModel):
    """The vote in force for a dwelling: a receipt, signed by the service."""

    entry_id: uuid.UUID
    version: int
    choice: Choice
    channel: Channel
    acted_at: Instant
    signature: str = Field(description="Ed25519, base64, over the canonical statement in docs/api.md.")


class ActOut(OutputModel):
    """Something that was said for a dwelling."""

    position: int
    version: int | None = Field(description="Null for a form without effect, see `overtaken`.")
    choice: Choice
    channel: Channel
    by_you: bool
    acted_at: dt.datetime
    recorded_at: dt.datetime
    in_force: bool


class WaitingFormOut(OutputModel):
    """A form that staff entered for a dwelling of yours and nobody has compared yet. Did you sign it?"""

    choice: Choice
    reference: str = Field(description="Where the document is kept.")
    handed_in_at: dt.datetime
    entered_at: dt.datetime


class MyDwellingOut(OutputModel):
    """A dwelling of yours on the roll."""

    entry_id: uuid.UUID
    building: str
    unit: str
    room: str
    area_centi_m2: int
    vote: VoteOut | None
    history: list[ActOut]
    waiting: list[WaitingFormOut] = Field(
        description="Forms that count once a second person has compared them."
    )


class MyVotesOut(RecordedOut):
    """What was said for your dwellings, by you, by another owner of them, by proxy or on paper."""

    round_id: uuid.UUID
    status: RoundState
    title: str
    question: str
    matter: MatterOut
    closes_at: dt.datetime
    version: int = Field(
        description="Goes up with every vote for one of your dwellings; send it in If-Match."
    )
    dwellings: list[MyDwellingOut]
    signed_with: str = Field(description="The service's public key, base64.")


class ReceiptsOut(RecordedOut):
    """The votes now in force for the dwellings you voted for."""

    round_id: uuid.UUID
    votes: list[VoteOut]
    signed_with: str


# --- proxies --------------------------------------------------------------------------------------------------------


class ProxyIn(InputModel):
    """Let another resident vote for all your dwellings in this round."""

    holder_phone: _Phone
    powers: Powers = Powers.FREE


class PaperProxyIn(ProxyIn):
    """A proxy that was given on paper."""

    resident_id: uuid.UUID = Field(description="The owner who signed it, as the owners' roll names them.")
    reference: Line = Field(description="Where the document is kept.")
    given_at: Moment


class _Proxy(OutputModel):
    id: uuid.UUID
    state: ProxyState
    holder: str = Field(description="The holder's phone, masked.")
    given_at: Instant
    until: Instant
    reference: str | None = Field(description="The document, where it was given on paper.")
    ended_at: dt.datetime | None


class ProxyOut(_Proxy):
    """A proxy: for which matter, until when, with which powers."""

    powers: Powers
    words: str = Field(description="What it says, in your language.")
    signature: str = Field(description="Ed25519, base64, over the canonical statement in docs/api.md.")


class GivenProxyOut(RecordedOut):
    """A proxy after something was done to it."""

    proxy: ProxyOut
    signed_with: str


class HeldProxyOut(ProxyOut):
    """A proxy you hold: how many dwellings you vote for with it, and what you said."""

    dwellings: int
    area_centi_m2: int
    votes: list[VoteOut]


class MyProxiesOut(RecordedOut):
    """Proxies you gave and proxies you hold."""

    given: list[ProxyOut]
    held: list[HeldProxyOut]
    most: int = Field(description="From how many owners one person may hold proxies.")
    article: str


class OwnedDwellingOut(OutputModel):
    """A dwelling of whoever gave a proxy."""

    building: str
    unit: str
    room: str


class EnteredProxyOut(_Proxy):
    """A proxy on paper, with all that has to be compared with it."""

    powers: Powers | None = Field(
        description="For those who compare it, while it waits: powers for one answer are how a dwelling votes."
    )
    givers: list[str] = Field(description="Who signed it, as the roster names them; masked.")
    dwellings: list[OwnedDwellingOut] = Field(description="For which it votes.")
    entered_by: str | None = Field(description="The name of who entered it.")
    mine: bool = Field(description="You entered it yourself: somebody else compares it.")
    reason: str | None = Field(description="Why it was not taken.")


class ProxyListOut(RecordedOut):
    """Proxies on paper, those that wait for a second person first."""

    items: list[EnteredProxyOut]


class RefusalIn(InputModel):
    """Why a document on paper is not taken."""

    reason: Reason


# --- forms ----------------------------------------------------------------------------------------------------------


class FormIn(InputModel):
    """A signed form."""

    entry_id: uuid.UUID = Field(description="The dwelling, as the owners' roll names it.")
    choice: Choice
    reference: Line = Field(description="Where the document is kept.")
    handed_in_at: Moment


class FormsIn(InputModel):
    """A stack of signed forms."""

    items: Annotated[list[FormIn], Field(min_length=1, max_length=LARGEST_STACK)]


class FormIdsIn(InputModel):
    """Forms of which you have compared what was entered with the paper."""

    form_ids: _Ids


class FormRefusalIn(FormIdsIn, RefusalIn):
    """Forms that are not taken, and why: unsigned, unreadable, not an owner, entered wrongly."""


class FormOut(OutputModel):
    """A signed form."""

    id: uuid.UUID
    entry_id: uuid.UUID
    building: str
    unit: str
    room: str
    choice: Choice | None = Field(
        description="For those who compare it, while it waits; how a dwelling voted is shown no longer than that."
    )
    reference: str
    handed_in_at: dt.datetime
    state: FormState
    entered_at: dt.datetime
    entered_by: str | None = Field(description="The name of who entered it.")
    mine: bool = Field(description="You entered it yourself: somebody else compares it.")
    reason: str | None
    overtaken: bool = Field(
        description="Confirmed, but without effect: an owner had acted later than it was handed in; or had acted "
        "online, and it was confirmed after closing, when nobody could answer it any more."
    )


class FormListOut(RecordedOut):
    """Signed forms after something was done to them."""

    items: list[FormOut]


class FormPage(FormListOut):
    """Some signed forms, in the order they were entered."""

    next_cursor: str | None


# --- the roll and the decision --------------------------------------------------------------------------------------


class EntryOwnerOut(OutputModel):
    """An owner of a dwelling."""

    resident_id: uuid.UUID
    name: str = Field(description="Masked.")


class OwnersRollLineOut(OutputModel):
    """A dwelling on the roll, for those who run the vote. How it voted is not among it before the end."""

    entry_id: uuid.UUID
    building: str
    unit: str
    room: str
    area_centi_m2: int
    head: int = Field(description="Dwellings with one number belong to one owner and are one head.")
    owners: list[EntryOwnerOut]
    voted: bool
    channel: Channel | None


class OwnersRollPage(RecordedOut):
    """Some dwellings on the roll, and how many there are."""

    items: list[OwnersRollLineOut]
    next_cursor: str | None
    dwellings: int
    heads: int
    area_centi_m2: int
    taken_part_dwellings: int


class TallyOut(OutputModel):
    """Heads and area of some owners."""

    heads: int
    area_centi_m2: int


class RequirementOut(OutputModel):
    """One of the four numbers a decision needs."""

    stage: str = Field(description="`participation` (of all) or `approval` (of those who took part).")
    measure: str = Field(description="`heads`, or `area` in hundredths of a square metre.")
    part: str = Field(description="What part is needed, `2/3`.")
    strictly: bool = Field(description="More than that part; otherwise just as much is enough.")
    have: int
    whole: int
    needed: int
    missing: int = Field(description="By how much it missed; 0 where it did not.")


class DecisionOut(RecordedOut):
    """What came of a recorded round: figures only, nothing about a dwelling."""

    round_id: uuid.UUID
    status: RoundState
    title: str
    question: str
    matter: MatterOut
    article: str
    thresholds_from: dt.date
    valid: bool = Field(description="Enough owners, with enough area, took part.")
    passed: bool = Field(description="And enough of these, with enough of their area, were for it.")
    all_owners: TallyOut
    taken_part: TallyOut
    in_favour: TallyOut
    against: TallyOut
    abstained: TallyOut
    requirements: list[RequirementOut]
    lines: list[str] = Field(description="The same in sentences.")
    remedies: str
    dwellings: int
    roll_digest: str
    record_digest: str = Field(description="SHA-256 over the canonical record with every vote.")
    signature: str = Field(description="Ed25519, base64, over the canonical record.")
    signed_with: str
    counted_at: dt.datetime
    announced_at: dt.datetime
    post_by: dt.datetime | None
    posting_article: str
    notice_until: dt.datetime
    certified_at: dt.datetime | None


class DecisionVoteOut(OutputModel):
    """How a dwelling voted; its room is masked, and so are unit and building where few voted."""

    building: str
    unit: str
    room: str
    choice: Choice


class DecisionVotesPage(RecordedOut):
    """How dwellings voted, for the owners on the roll and those who run the vote; in no order that means anything."""

    items: list[DecisionVoteOut]
    next_cursor: str | None


class DecisionRecordIn(InputModel):
    """What the record is needed for; it is kept and can be read."""

    purpose: Purpose
    reason: FullReason


class DecisionRecordOut(RecordedOut):
    """Everything that was counted, signed; `gongyi verify-recorded` counts it again."""

    body: dict[str, Any]
    signature: str
    signed_with: str
