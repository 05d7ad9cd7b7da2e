"""What goes in and out about notices."""

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from app.core.schemas import InputModel, OutputModel
from app.notices.rules import Kind, Tap, Template, Topic, Way


class MyNoticeOut(OutputModel):
    """A notice in the reader's language. A private one says what it is about only where it is opened."""

    id: uuid.UUID
    kind: Kind
    topic: Topic
    label: str
    title: str
    text: str
    #: What the sentence was made of, for pages that say it their own way.
    facts: dict[str, str | int | bool]
    #: A path inside the application; nothing personal stands in it.
    link: str | None
    created_at: dt.datetime
    unread: bool
    #: To you alone; the others concern your community.
    personal: bool
    private: bool


class MyNoticePage(OutputModel):
    """Your notices, the newest first."""

    items: list[MyNoticeOut]
    next_cursor: str | None


class PublicNoticeOut(OutputModel):
    """A notice that hangs out for everybody."""

    id: uuid.UUID
    kind: Kind
    topic: Topic
    label: str
    title: str
    text: str
    facts: dict[str, str | int | bool]
    link: str | None
    created_at: dt.datetime


class PublicNoticePage(OutputModel):
    """What hangs out in a community, the newest first."""

    items: list[PublicNoticeOut]
    next_cursor: str | None


class HangingNoticeOut(PublicNoticeOut):
    """A public notice with its time."""

    round_id: uuid.UUID | None = Field(description="The round it is about, where it is about one.")
    hangs_from: dt.datetime
    hangs_until: dt.datetime
    state: Literal["hanging", "over", "void"]
    article: str = Field(description="Which article asks for it; empty where none does.")
    certified_at: dt.datetime | None
    printable: bool = Field(description="`/rounds/{round_id}/notice.pdf` prints it.")


class HangingNoticePage(OutputModel):
    """The public notices of a community, the newest first."""

    items: list[HangingNoticeOut]
    next_cursor: str | None


class UnreadCount(OutputModel):
    """How many notices you have not seen; counted up to 100."""

    unread: int


class ReadIn(InputModel):
    """What you have seen: everything up to a time, or some notices to you alone."""

    until: AwareDatetime | None = None
    ids: Annotated[list[uuid.UUID], Field(max_length=200)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _something(self) -> "ReadIn":
        if self.until is None and not self.ids:
            message = "say until when, or which"
            raise ValueError(message)
        return self


class SubscriptionsIn(InputModel):
    """What WeChat answered for each template, and the round it was asked for."""

    results: Annotated[dict[Template, Tap], Field(min_length=1, max_length=8)]
    round_id: uuid.UUID | None = None


class SubscriptionOut(OutputModel):
    """How many messages of a template can still be delivered to you."""

    template: Template
    #: With it the mini program asks WeChat's question; none where it is not set up here.
    template_id: str | None
    left_over: int


class SubscriptionsOut(OutputModel):
    """All your templates."""

    items: list[SubscriptionOut]


class InterestOut(OutputModel):
    """Whether you are told when a round has its result, and by which way if it were now."""

    wanted: bool
    way: Way


class NoticeSettings(InputModel):
    """What may be sent to you beyond the inbox."""

    #: Short messages: one reminder of a vote at most, and results you asked for.
    sms: bool
    #: Reminders of a vote that closes soon and in which you have not taken part.
    reminders: bool


class NoticeSettingsOut(OutputModel):
    """What may be sent to you beyond the inbox, and what holds for whoever says nothing."""

    sms: bool
    reminders: bool
    default_sms: bool
    default_reminders: bool


class ReminderOut(OutputModel):
    """A reminder to those who have not taken part: how many, and how they are reached; never who."""

    at: dt.datetime
    #: It went out by itself a day before the closing.
    automatic: bool
    finished: bool
    wechat: int
    sms: int
    inbox: int
    told_before: int
    switched_off: int
    #: No phone and no account: somebody may knock at their doors.
    unreachable: int


class NextReminderOut(OutputModel):
    """Whether people may be reminded now, and when that would reach them."""

    #: From when on messages would go out: at night the morning. Null where none would.
    goes_out_at: dt.datetime | None
    #: Why not now: a code, and a sentence in the caller's language.
    code: str | None
    detail: str | None
    #: Nobody is disturbed from this hour to that, Beijing time.
    quiet_from_hour: int
    quiet_to_hour: int


class ReminderList(OutputModel):
    """The reminders of a round, the newest first; gone when it closes."""

    items: list[ReminderOut]
    next: NextReminderOut
