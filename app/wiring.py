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
from app.access.events import CodeRequested
from app.access.ports import SmsGateway
from app.ballots import board_tasks
from app.ballots import tasks as ballots_tasks
from app.ballots.events import BoxKeyDestroyed, BoxUnsealed
from app.ballots.keystore import KeyStore
from app.codes import tasks as codes_tasks
from app.codes.events import PaperCodeIssued
from app.core import vault
from app.core.config import Settings
from app.core.config import SmsGateway as SmsChoice
from app.core.db import Database
from app.core.signer import Signer
from app.funding import tasks as funding_tasks
from app.funding.events import FundingRequestDecided, FundingRequestSubmitted
from app.gateway import tasks as gateway_tasks
from app.gateway.events import DeliveryPlanned
from app.gateway.sms import DevelopmentSms, HttpSms, NoSms
from app.outbox.service import Message
from app.paper import tasks as paper_tasks
from app.paper.events import SignedInForPaper
from app.projects.events import ProjectPublished
from app.recorded import tasks as recorded_tasks
from app.recorded.events import DecisionAnnounced, DecisionCertified, OwnersPaperEntered
from app.residents import tasks as residents_tasks
from app.results.events import ResultAnnounced, ResultCertified
from app.rounds.events import RoundClosed, RoundEnded, RoundOpened, RoundPublished

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
    keys: KeyStore

    @property
    def subscriptions(self) -> Mapping[str, Subscription]:
        """Event name -> who hears of it."""
        plan_deliveries = partial(gateway_tasks.plan, public_url=self.settings.public_url)
        return {
            CodeRequested.NAME: Subscription(outside=(partial(access_tasks.send_code, sms=self.sms),)),
            PaperCodeIssued.NAME: Subscription(outside=(partial(codes_tasks.tell, sms=self.sms),)),
            SignedInForPaper.NAME: Subscription(outside=(partial(paper_tasks.send_notice, sms=self.sms),)),
            OwnersPaperEntered.NAME: Subscription(
                outside=(partial(recorded_tasks.send_notice, sms=self.sms),)
            ),
            # nobody waits for these yet: they are the feed of the notices to come
            ProjectPublished.NAME: Subscription(),
            RoundOpened.NAME: Subscription(),
            RoundClosed.NAME: Subscription(inside=(partial(recorded_tasks.count, signer=self.signer),)),
            DecisionAnnounced.NAME: Subscription(),
            DecisionCertified.NAME: Subscription(),
            RoundPublished.NAME: Subscription(
                inside=(partial(board_tasks.post_published, signer=self.signer),)
            ),
            RoundEnded.NAME: Subscription(
                inside=(
                    partial(board_tasks.post_ended, signer=self.signer),
                    partial(ballots_tasks.destroy_key, keys=self.keys, signer=self.signer),
                )
            ),
            BoxUnsealed.NAME: Subscription(),  # counted beside, see `slow`
            ResultAnnounced.NAME: Subscription(
                inside=(partial(ballots_tasks.destroy_key, keys=self.keys, signer=self.signer),)
            ),
            ResultCertified.NAME: Subscription(inside=(funding_tasks.submit_requests,)),
            FundingRequestSubmitted.NAME: Subscription(inside=(plan_deliveries,)),
            # a decision made at our desk reaches the government's system too
            FundingRequestDecided.NAME: Subscription(inside=(plan_deliveries,)),
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

        return (unseal, count, explain)

    @property
    def schedule(self) -> tuple[tuple[int, Scheduled], ...]:
        """What happens by the clock: every so many seconds, this."""
        return (
            (1, partial(ballots_tasks.open_due, keys=self.keys, signer=self.signer)),
            (1, partial(ballots_tasks.close_due, signer=self.signer)),
            (1, recorded_tasks.open_due),
            (1, recorded_tasks.close_due),
            (60, partial(board_tasks.post_hours, signer=self.signer)),
            (600, funding_tasks.take_up_deferred),
            (3600, partial(board_tasks.sign_heads, signer=self.signer)),
            (3600, _in_writing(access_tasks.forget_expired)),
            (3600, _in_writing(residents_tasks.forget_stale_imports)),
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
        keys=KeyStore(settings.key_store or settings.home / "keys"),
    )


def _sms(settings: Settings) -> SmsGateway:
    if settings.sms_gateway is SmsChoice.DEVELOPMENT:
        return DevelopmentSms()
    if settings.sms_gateway is SmsChoice.HTTP:
        return HttpSms(url=settings.sms_url, token=settings.sms_token.get_secret_value())
    return NoSms()


def _in_writing(act: Callable[[Session], object]) -> Scheduled:
    def run(database: Database) -> None:
        with database.writing() as session:
            act(session)

    return run
