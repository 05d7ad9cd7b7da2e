"""Routes of notices."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core import clock
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.text import Code12
from app.core.web import Reading, Store, Writing, language_of, problems
from app.notices import rules, service, words
from app.notices.errors import (
    NoResultToCome,
    NoticeNotFound,
    NotOpenForReminders,
    RemindedToday,
    TooLateToRemind,
)
from app.notices.models import Notice
from app.notices.ports import Channels
from app.notices.rules import KINDS, Kind, Topic, Way
from app.notices.schemas import (
    HangingNoticeOut,
    HangingNoticePage,
    InterestOut,
    MyNoticeOut,
    MyNoticePage,
    NextReminderOut,
    NoticeSettings,
    NoticeSettingsOut,
    PublicNoticeOut,
    PublicNoticePage,
    ReadIn,
    ReminderList,
    ReminderOut,
    SubscriptionOut,
    SubscriptionsIn,
    SubscriptionsOut,
    UnreadCount,
)
from app.notices.service import Choice, Hanging, NextReminder, NoticeView, Reminder
from app.places.errors import DivisionNotFound
from app.rounds.errors import RoundNotFound

router = APIRouter(prefix="/api/v1", tags=["notices"])

Cursor = Annotated[str | None, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT)]


@router.get("/me/notices", response_model=MyNoticePage, responses=problems(BadCursor))
def list_notices(
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("notice.list")],
    personal: Annotated[bool, Query(description="Only what is to you alone.")] = False,  # noqa: FBT002
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> MyNoticePage:
    """Your notices, the newest first: your communities' and your own; private ones without their subject."""
    with reading as session:
        views = service.list_notices(
            session, actor=actor, personal=personal, after=time_and_id(cursor), limit=limit + 1
        )
    page = page_of(views, limit, key=lambda view: time_and_id_cursor(view.created_at, view.id))
    language = language_of(request)
    return MyNoticePage(items=[_own(view, language) for view in page.items], next_cursor=page.next_cursor)


@router.get("/me/notices/unread-count", response_model=UnreadCount)
def count_unread_notices(
    reading: Reading, actor: Annotated[Actor, may("notice.count_unread")]
) -> UnreadCount:
    """How many notices you have not seen, counted up to 100."""
    with reading as session:
        return UnreadCount(unread=service.count_unread(session, actor=actor))


@router.get("/me/notices/{notice_id}", response_model=MyNoticeOut, responses=problems(NoticeNotFound))
def open_notice(
    notice_id: uuid.UUID, request: Request, reading: Reading, actor: Annotated[Actor, may("notice.open")]
) -> MyNoticeOut:
    """A notice to you alone, with its subject."""
    with reading as session:
        view = service.open_notice(session, notice_id=notice_id, actor=actor)
    return _own(view, language_of(request))


@router.post("/me/notices/read", status_code=204, responses=problems(NoticeNotFound))
def mark_notices_read(
    body: ReadIn, writing: Writing, actor: Annotated[Actor, may("notice.mark_read")]
) -> Response:
    """Say what you have seen: everything for everybody up to a time, or some notices to you alone."""
    with writing as session:
        service.mark_read(session, until=body.until, ids=body.ids, actor=actor)
    return Response(status_code=204)


@router.get(
    "/communities/{code}/notices", response_model=PublicNoticePage,
    responses=problems(DivisionNotFound, BadCursor),
)  # fmt: skip
def list_public_notices(
    code: Code12,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("notice.list_public")],  # noqa: ARG001
    topic: Annotated[Topic | None, Query(description="Only what is about this.")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> PublicNoticePage:
    """What hangs out in a community: rounds, results, minutes, money; the newest first."""
    with reading as session:
        rows = service.list_public(
            session, community_code=code, topic=topic, after=time_and_id(cursor), limit=limit + 1
        )
    page = page_of(rows, limit, key=lambda row: time_and_id_cursor(row.created_at, row.id))
    language = language_of(request)
    return PublicNoticePage(
        items=[_public(row, language) for row in page.items], next_cursor=page.next_cursor
    )


@router.get(
    "/communities/{code}/public-notices", response_model=HangingNoticePage,
    responses=problems(DivisionNotFound, BadCursor),
)  # fmt: skip
def list_hanging_notices(
    code: Code12,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("public_notice.list")],  # noqa: ARG001
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> HangingNoticePage:
    """Public notices 公示 with their times: what hangs out, until when, by which article; the newest first."""
    with reading as session:
        found = service.list_hanging(session, community_code=code, after=time_and_id(cursor), limit=limit + 1)
    page = page_of(found, limit, key=lambda each: time_and_id_cursor(each.notice.created_at, each.notice.id))
    language = language_of(request)
    return HangingNoticePage(
        items=[_hanging(each, language) for each in page.items], next_cursor=page.next_cursor
    )


# --- what comes ------------------------------------------------------------------------------------------------------


@router.get("/me/notice-settings", response_model=NoticeSettingsOut)
def read_notice_settings(
    reading: Reading, actor: Annotated[Actor, may("notice_settings.read")]
) -> NoticeSettingsOut:
    """What may be sent to you beyond the inbox."""
    with reading as session:
        return _settings(service.read_settings(session, actor=actor))


@router.put("/me/notice-settings", response_model=NoticeSettingsOut)
def change_notice_settings(
    body: NoticeSettings, writing: Writing, actor: Annotated[Actor, may("notice_settings.change")]
) -> NoticeSettingsOut:
    """Choose what may be sent to you beyond the inbox."""
    with writing as session:
        choice = Choice(sms=body.sms, reminders=body.reminders)
        return _settings(service.change_settings(session, choice=choice, actor=actor))


@router.get("/me/subscriptions", response_model=SubscriptionsOut)
def list_subscriptions(
    request: Request, reading: Reading, actor: Annotated[Actor, may("subscription.list")]
) -> SubscriptionsOut:
    """What WeChat may still tell you, and the ids with which the mini program asks for more."""
    with reading as session:
        return _subscriptions(service.left_over(session, actor=actor), channels_of(request))


@router.post(
    "/me/subscriptions", response_model=SubscriptionsOut, responses=problems(RoundNotFound, NoResultToCome)
)
def note_subscriptions(
    body: SubscriptionsIn,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("subscription.note")],
) -> SubscriptionsOut:
    """Report what was tapped in WeChat's question; every accepted template is one message."""
    with writing as session:
        service.note_subscriptions(session, results=body.results, round_id=body.round_id, actor=actor)
        return _subscriptions(service.left_over(session, actor=actor), channels_of(request))


@router.get("/rounds/{round_id}/my-interest", response_model=InterestOut, responses=problems(RoundNotFound))
def read_interest(
    round_id: uuid.UUID, request: Request, reading: Reading, actor: Annotated[Actor, may("interest.read")]
) -> InterestOut:
    """Whether you are told when a round has its result, and how."""
    with reading as session:
        found = service.read_interest(session, round_id=round_id, actor=actor, channels=channels_of(request))
    return InterestOut(wanted=found.wanted, way=found.way)


@router.put(
    "/rounds/{round_id}/my-interest", status_code=204, responses=problems(RoundNotFound, NoResultToCome)
)
def set_interest(
    round_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("interest.set")]
) -> Response:
    """Ask to be told when a round has its result."""
    with writing as session:
        service.set_interest(session, round_id=round_id, actor=actor)
    return Response(status_code=204)


@router.delete("/rounds/{round_id}/my-interest", status_code=204, responses=problems(RoundNotFound))
def drop_interest(
    round_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("interest.drop")]
) -> Response:
    """Ask no longer to be told of a round's result."""
    with writing as session:
        service.drop_interest(session, round_id=round_id, actor=actor)
    return Response(status_code=204)


# --- reminders -------------------------------------------------------------------------------------------------------


@router.post(
    "/rounds/{round_id}/reminders", status_code=202, response_model=ReminderOut,
    responses=problems(RoundNotFound, NotOpenForReminders, RemindedToday, TooLateToRemind),
)  # fmt: skip
def send_reminder(
    round_id: uuid.UUID, request: Request, store: Store, actor: Annotated[Actor, may("reminder.send")]
) -> ReminderOut:
    """Remind those who have not taken part, once a day at most; says how many are reached how, and how many not."""
    channels = channels_of(request)
    with store.reading() as session:  # the whole roll is read: nobody who votes has to wait for it
        reached = service.preview_reminder(session, round_id=round_id, actor=actor, channels=channels)
    with store.writing() as session:
        at = service.send_reminder(session, round_id=round_id, actor=actor)
    return _reminder(Reminder(at, automatic=False, finished=False, reached=reached))


@router.get("/rounds/{round_id}/reminders", response_model=ReminderList, responses=problems(RoundNotFound))
def list_reminders(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("reminder.list")],
) -> ReminderList:
    """The reminders of an open round: how many people they reached, never whom; and when the next one would go out."""
    with reading as session:
        found = service.list_reminders(session, round_id=round_id, actor=actor)
        following = service.next_reminder(session, round_id=round_id, actor=actor)
    return ReminderList(
        items=[_reminder(each) for each in found], next=_next(following, language_of(request))
    )


# --- inside ----------------------------------------------------------------------------------------------------------


def channels_of(request: Request) -> Channels:
    """What reaches people beyond the inbox, here."""
    channels: Channels = request.app.state.wiring.channels
    return channels


def _own(view: NoticeView, language: str) -> MyNoticeOut:
    said = words.say(view.kind, view.facts, language)
    topic = KINDS[view.kind].topic
    return MyNoticeOut(
        id=view.id, kind=view.kind, topic=topic, label=words.label_of(topic, language), title=said.title,
        text=said.text, facts=dict(view.facts), link=rules.link_of(view.kind, view.facts),
        created_at=view.created_at, unread=view.unread, personal=view.personal, private=view.private,
    )  # fmt: skip


def _public(row: Notice, language: str) -> PublicNoticeOut:
    said = words.say(row.kind, row.facts, language)
    topic = KINDS[row.kind].topic
    return PublicNoticeOut(
        id=row.id, kind=row.kind, topic=topic, label=words.label_of(topic, language), title=said.title,
        text=said.text, facts=row.facts, link=rules.link_of(row.kind, row.facts), created_at=row.created_at,
    )  # fmt: skip


def _hanging(found: Hanging, language: str) -> HangingNoticeOut:
    over = clock.now() >= found.until
    return HangingNoticeOut(
        **_public(found.notice, language).model_dump(), round_id=found.round_id, hangs_from=found.since,
        hangs_until=found.until, state="void" if found.void else "over" if over else "hanging",
        article=found.article, certified_at=found.certified_at,
        printable=found.notice.kind in {Kind.RESULT_ANNOUNCED, Kind.DECISION_ANNOUNCED},
    )  # fmt: skip


def _settings(choice: Choice) -> NoticeSettingsOut:
    return NoticeSettingsOut(
        sms=choice.sms, reminders=choice.reminders, default_sms=service.DEFAULT_SMS,
        default_reminders=service.DEFAULT_REMINDERS,
    )  # fmt: skip


def _subscriptions(left_over: dict[rules.Template, int], channels: Channels) -> SubscriptionsOut:
    return SubscriptionsOut(
        items=[
            SubscriptionOut(
                template=each, left_over=count,
                template_id=channels.templates.get(each) if channels.wechat is not None else None,
            )
            for each, count in left_over.items()
        ]
    )  # fmt: skip


def _next(found: NextReminder, language: str) -> NextReminderOut:
    refusal = found.refusal
    return NextReminderOut(
        goes_out_at=found.goes_out_at, code=None if refusal is None else type(refusal).code,
        detail=None if refusal is None else refusal.sentence(language), quiet_from_hour=rules.QUIET_FROM_HOUR,
        quiet_to_hour=rules.QUIET_TO_HOUR,
    )  # fmt: skip


def _reminder(found: Reminder) -> ReminderOut:
    return ReminderOut(
        at=found.at, automatic=found.automatic, finished=found.finished, wechat=found.reached[Way.WECHAT],
        sms=found.reached[Way.SMS], inbox=found.reached[Way.INBOX], told_before=found.reached[Way.TOLD],
        switched_off=found.reached[Way.OFF], unreachable=found.reached[Way.NONE],
    )  # fmt: skip
