"""The composition root: which gateway stands behind which port, and who hears of which event.

`SUBSCRIPTIONS` is the one table of reactions. A handler *inside* runs in the transaction that also marks the event as
handled, so it happens exactly once. A handler *outside* talks to somebody else's computer, with no transaction open;
it may be repeated after a crash, and whoever is called can tell by the message's id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from app.access import tasks as access_tasks
from app.access.events import CodeRequested, WeChatRebound
from app.access.ports import SmsGateway
from app.ballots import board_tasks
from app.ballots import tasks as ballots_tasks
from app.ballots.events import BoxKeyDestroyed, BoxUnsealed
from app.ballots.keystore import KeyStore
from app.codes import tasks as codes_tasks
from app.codes.events import PaperCodeIssued
from app.comments.events import CommentHidden, CommentPublished, CommentRejected
from app.core import vault
from app.core.config import Settings, WeChatMode
from app.core.config import SmsGateway as SmsChoice
from app.core.db import Database
from app.core.signer import Signer
from app.doors import tasks as doors_tasks
from app.funding import service as funding
from app.funding import tasks as funding_tasks
from app.funding.events import (
    FundingPartAccepted,
    FundingRequestCostsChanged,
    FundingRequestDecided,
    FundingRequestSubmitted,
)
from app.gateway import tasks as gateway_tasks
from app.gateway.events import DeliveryPlanned
from app.gateway.sms import DevelopmentSms, HttpSms, NoSms
from app.gateway.wechat import DevelopmentWeChat, HttpWeChat, NoWeChat
from app.ideas import tasks as ideas_tasks
from app.ideas.events import (
    IdeaDeclined,
    IdeaEndorsedEnough,
    IdeaMerged,
    IdeaPublished,
    IdeaRejected,
    IdeaTakenUp,
)
from app.links import tasks as links_tasks
from app.meetings import tasks as meetings_tasks
from app.meetings.events import MeetingCalled, MeetingCalledOff, MeetingChanged, MinutesPosted
from app.notices import tasks as notices_tasks
from app.notices.ports import Channels
from app.notices.rules import Kind, Template
from app.objections.events import (
    ObjectionAcknowledged,
    ObjectionAssigned,
    ObjectionComplaintAnswered,
    ObjectionEscalated,
    ObjectionFiled,
    ObjectionHandedOver,
    ObjectionMediatorRefused,
    ObjectionMeetingCalledOff,
    ObjectionMeetingMoved,
    ObjectionMeetingPlanned,
    ObjectionOffered,
    ObjectionResponded,
    ObjectionVolunteerAccepted,
    ObjectionVolunteerProposed,
)
from app.outbox.service import Message
from app.overview import tasks as overview_tasks
from app.paper import tasks as paper_tasks
from app.paper.events import SignedInForPaper
from app.privacy import tasks as privacy_tasks
from app.projects.events import ProjectCostsAgreed, ProjectPublished
from app.recorded import tasks as recorded_tasks
from app.recorded.events import DecisionAnnounced, DecisionCertified, OwnersPaperEntered
from app.residents import tasks as residents_tasks
from app.residents.events import RegistrationAnswered
from app.results.events import ResultAnnounced, ResultCertified
from app.rounds.events import RoundClosed, RoundEnded, RoundOpened, RoundPublished
from app.rounds.ports import Won

Inside = Callable[[Session, Message], None]
Outside = Callable[[Database, Message], None]
Scheduled = Callable[[Database], None]
Slow = Callable[[Database, Callable[[], bool]], bool]
"""Work of minutes: does one piece, asking now and then whether to go on; false when nothing is to be done."""


@dataclass(frozen=True)
class Subscription:
    """Who hears of an event."""

    inside: tuple[Inside, ...] = ()
    outside: tuple[Outside, ...] = ()


@dataclass(frozen=True)
class Wiring:
    """The parts of one process."""

    settings: Settings
    database: Database
    signer: Signer
    sms: SmsGateway
    wechat: NoWeChat | HttpWeChat
    keys: KeyStore

    @property
    def channels(self) -> Channels:
        """What reaches residents beyond their inbox."""
        templates = {name: each.id for name, each in self.settings.wechat_templates.items()}
        if self.settings.wechat is WeChatMode.DEVELOPMENT and not templates:
            templates = {each.value: f"development-{each.value}" for each in Template}
        return Channels(
            sms=None if self.settings.sms_gateway is SmsChoice.NONE else self.sms,
            wechat=None if self.settings.wechat is WeChatMode.NONE else self.wechat,
            templates=templates,
            address=self.settings.public_url,
        )

    @property
    def won(self) -> Won:
        """Which projects won a vote already, for those who draw up the next list."""
        return funding.won

    @property
    def subscriptions(self) -> Mapping[str, Subscription]:
        """Event name -> who hears of it."""
        tell_of_round = partial(partial, notices_tasks.tell_of_round)
        tell_people = partial(partial, notices_tasks.tell_people)
        tell_of_meeting = partial(partial, notices_tasks.tell_of_meeting)
        plan_deliveries = partial(gateway_tasks.plan, public_url=self.settings.public_url)
        return {
            CodeRequested.NAME: Subscription(outside=(partial(access_tasks.send_code, sms=self.sms),)),
            PaperCodeIssued.NAME: Subscription(outside=(partial(codes_tasks.tell, sms=self.sms),)),
            SignedInForPaper.NAME: Subscription(outside=(partial(paper_tasks.send_notice, sms=self.sms),)),
            OwnersPaperEntered.NAME: Subscription(
                outside=(partial(recorded_tasks.send_notice, sms=self.sms),)
            ),
            ObjectionFiled.NAME: Subscription(),
            ObjectionAcknowledged.NAME: Subscription(
                inside=(partial(notices_tasks.tell_household, step="acknowledged"),)
            ),
            ObjectionAssigned.NAME: Subscription(
                inside=(partial(notices_tasks.tell_household, step="assigned"),)
            ),
            ObjectionOffered.NAME: Subscription(
                inside=(partial(notices_tasks.tell_household, step="offered"),)
            ),
            ObjectionMediatorRefused.NAME: Subscription(),
            ObjectionHandedOver.NAME: Subscription(),
            ObjectionResponded.NAME: Subscription(
                inside=(partial(notices_tasks.tell_household, step="responded"),)
            ),
            ObjectionMeetingPlanned.NAME: Subscription(
                inside=(partial(notices_tasks.tell_household, step="meeting_planned"),)
            ),
            ObjectionMeetingMoved.NAME: Subscription(
                inside=(partial(notices_tasks.tell_household, step="meeting_moved"),)
            ),
            ObjectionMeetingCalledOff.NAME: Subscription(
                inside=(partial(notices_tasks.tell_household, step="meeting_called_off"),)
            ),
            ObjectionVolunteerProposed.NAME: Subscription(
                inside=(partial(notices_tasks.tell_household, step="volunteer_proposed"),)
            ),
            ObjectionVolunteerAccepted.NAME: Subscription(
                inside=(partial(notices_tasks.tell_account, kind=Kind.VOLUNTEER_ACCEPTED),)
            ),
            ObjectionEscalated.NAME: Subscription(),
            ObjectionComplaintAnswered.NAME: Subscription(
                inside=(partial(notices_tasks.tell_household, step="complaint_answered"),)
            ),
            RegistrationAnswered.NAME: Subscription(inside=(notices_tasks.tell_registered,)),
            WeChatRebound.NAME: Subscription(
                inside=(partial(notices_tasks.tell_account, kind=Kind.WECHAT_REBOUND),)
            ),
            MeetingCalled.NAME: Subscription(inside=(tell_of_meeting(kind=Kind.MEETING_CALLED),)),
            MeetingChanged.NAME: Subscription(inside=(tell_of_meeting(kind=Kind.MEETING_CHANGED),)),
            MeetingCalledOff.NAME: Subscription(inside=(tell_of_meeting(kind=Kind.MEETING_CANCELLED),)),
            MinutesPosted.NAME: Subscription(inside=(notices_tasks.tell_of_minutes,)),
            IdeaPublished.NAME: Subscription(inside=(tell_people(kind=Kind.IDEA_PUBLISHED),)),
            IdeaRejected.NAME: Subscription(inside=(tell_people(kind=Kind.IDEA_REJECTED),)),
            IdeaEndorsedEnough.NAME: Subscription(inside=(tell_people(kind=Kind.IDEA_ENDORSED_ENOUGH),)),
            IdeaTakenUp.NAME: Subscription(inside=(tell_people(kind=Kind.IDEA_TAKEN_UP),)),
            IdeaDeclined.NAME: Subscription(inside=(tell_people(kind=Kind.IDEA_DECLINED),)),
            IdeaMerged.NAME: Subscription(inside=(tell_people(kind=Kind.IDEA_MERGED),)),
            CommentPublished.NAME: Subscription(inside=(notices_tasks.tell_of_comment,)),
            CommentRejected.NAME: Subscription(inside=(tell_people(kind=Kind.COMMENT_REJECTED),)),
            CommentHidden.NAME: Subscription(inside=(tell_people(kind=Kind.COMMENT_HIDDEN),)),
            ProjectPublished.NAME: Subscription(inside=(notices_tasks.tell_of_project,)),
            ProjectCostsAgreed.NAME: Subscription(inside=(funding_tasks.note_costs,)),
            RoundOpened.NAME: Subscription(inside=(tell_of_round(kind=Kind.ROUND_OPENED),)),
            RoundClosed.NAME: Subscription(
                inside=(
                    tell_of_round(kind=Kind.ROUND_CLOSED),
                    notices_tasks.end_reminders,
                    doors_tasks.forget,
                    partial(recorded_tasks.count, signer=self.signer),
                )
            ),
            DecisionAnnounced.NAME: Subscription(inside=(tell_of_round(kind=Kind.DECISION_ANNOUNCED),)),
            DecisionCertified.NAME: Subscription(inside=(tell_of_round(kind=Kind.DECISION_CERTIFIED),)),
            RoundPublished.NAME: Subscription(
                inside=(
                    partial(board_tasks.post_published, signer=self.signer),
                    tell_of_round(kind=Kind.ROUND_PUBLISHED),
                )
            ),
            RoundEnded.NAME: Subscription(
                inside=(
                    partial(board_tasks.post_ended, signer=self.signer),
                    partial(ballots_tasks.destroy_key, keys=self.keys, signer=self.signer),
                    tell_of_round(kind=Kind.ROUND_ENDED),
                    notices_tasks.end_reminders,
                    notices_tasks.end_interest,
                    doors_tasks.forget,
                )
            ),
            BoxUnsealed.NAME: Subscription(),  # counted beside, see `slow`
            ResultAnnounced.NAME: Subscription(
                inside=(
                    partial(ballots_tasks.destroy_key, keys=self.keys, signer=self.signer),
                    tell_of_round(kind=Kind.RESULT_ANNOUNCED),
                )
            ),
            ResultCertified.NAME: Subscription(
                inside=(funding_tasks.submit_requests, tell_of_round(kind=Kind.RESULT_CERTIFIED))
            ),
            FundingRequestSubmitted.NAME: Subscription(inside=(plan_deliveries,)),
            # a decision made at our desk reaches the government's system too
            FundingRequestDecided.NAME: Subscription(inside=(plan_deliveries, notices_tasks.tell_of_money)),
            FundingPartAccepted.NAME: Subscription(inside=(plan_deliveries,)),
            FundingRequestCostsChanged.NAME: Subscription(inside=(plan_deliveries,)),
            DeliveryPlanned.NAME: Subscription(
                outside=(
                    partial(
                        gateway_tasks.deliver,
                        signer=self.signer,
                        allow_private=self.settings.allow_private_targets,
                    ),
                )
            ),
            BoxKeyDestroyed.NAME: Subscription(outside=(ballots_tasks.erase_envelopes,)),
        }

    @property
    def slow(self) -> tuple[Slow, ...]:
        """What takes minutes, and must not hold up the rest."""
        # arrays and the rules of counting: a process without a worker never loads them
        from app.results import tasks as results_tasks  # noqa: PLC0415

        keys, signer, resamples = self.keys, self.signer, self.settings.resamples

        def unseal(database: Database, keep_going: Callable[[], bool]) -> bool:
            return ballots_tasks.unseal_due(database, keys=keys, signer=signer, keep_going=keep_going)

        def count(database: Database, keep_going: Callable[[], bool]) -> bool:
            return results_tasks.count_due(database, signer=signer, keep_going=keep_going)

        def explain(database: Database, keep_going: Callable[[], bool]) -> bool:
            return results_tasks.explain_due(database, resamples=resamples, keep_going=keep_going)

        def tell(database: Database, keep_going: Callable[[], bool]) -> bool:
            return notices_tasks.deliver_due(database, channels=self.channels, keep_going=keep_going)

        return (unseal, count, explain, tell)

    @property
    def schedule(self) -> tuple[tuple[int, Scheduled], ...]:
        """What happens by the clock: every so many seconds, this."""
        return (
            (1, partial(ballots_tasks.open_due, keys=self.keys, signer=self.signer)),
            (1, partial(ballots_tasks.close_due, signer=self.signer)),
            (1, recorded_tasks.open_due),
            (1, recorded_tasks.close_due),
            (60, partial(board_tasks.post_hours, signer=self.signer)),
            (60, notices_tasks.remind_due),
            # what is ten minutes old by then, whichever worker looks
            (60, _in_writing(overview_tasks.read_turnouts)),
            (600, funding_tasks.take_up_deferred),
            (600, _in_writing(ideas_tasks.screen_due)),
            (3600, partial(board_tasks.sign_heads, signer=self.signer)),
            (3600, _in_writing(access_tasks.forget_expired)),
            (3600, _in_writing(residents_tasks.forget_stale_imports)),
            (3600, _in_writing(links_tasks.forget_expired)),
            (3600, _in_writing(meetings_tasks.forget_door_codes)),
            (3600, _in_writing(notices_tasks.forget_old)),
            (3600, _in_writing(privacy_tasks.forget_old)),
        )


def wire(settings: Settings) -> Wiring:
    """Make the parts that the settings ask for.

    Raises:
        UnsafeSettings: they would be dangerous in production.
    """
    settings.refuse_danger()
    vault.use(vault.Vault(settings.secret("data_key")))
    return Wiring(
        settings=settings,
        database=Database(settings.database_url),
        signer=Signer(settings.secret("signing_key")),
        sms=_sms(settings),
        wechat=_wechat(settings),
        keys=KeyStore(settings.key_store or settings.home / "keys"),
    )


def _sms(settings: Settings) -> SmsGateway:
    if settings.sms_gateway is SmsChoice.DEVELOPMENT:
        return DevelopmentSms()
    if settings.sms_gateway is SmsChoice.HTTP:
        return HttpSms(url=settings.sms_url, token=settings.sms_token.get_secret_value())
    return NoSms()


def _wechat(settings: Settings) -> NoWeChat | HttpWeChat:
    if settings.wechat is WeChatMode.DEVELOPMENT:
        return DevelopmentWeChat()
    if settings.wechat is WeChatMode.HTTP:
        return HttpWeChat(
            base_url=settings.wechat_url,
            app_id=settings.wechat_app_id,
            secret=settings.wechat_secret.get_secret_value(),
            templates=settings.wechat_templates,
        )
    return NoWeChat()


def _in_writing(act: Callable[[Session], object]) -> Scheduled:
    def run(database: Database) -> None:
        with database.writing() as session:
            act(session)

    return run
