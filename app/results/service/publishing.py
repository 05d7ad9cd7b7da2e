"""Results as they are public: read, certified, and handed out as files."""

import datetime as dt
import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from app.access.actor import Actor
from app.audit.tags import Tag
from app.ballots import service as ballots
from app.ballots.errors import PublishedAsAggregates
from app.ballots.rules import head_time
from app.core import clock
from app.core.recent import Recent
from app.core.signer import Signer, b64
from app.outbox import service as outbox
from app.results import bundle, queries
from app.results.errors import NoResultYet, NoticePeriodRunning
from app.results.events import ResultCertified
from app.results.models import ExplanationState, Result
from app.results.rules import NoticePeriod
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.models import Round
from app.rounds.rules import PUBLIC_STATES, RoundState

#: Of half a million ballots one takes 140 MB.
KEPT_BUNDLES = 1
_bundles: Recent[tuple[uuid.UUID, str, int], bytes] = Recent(KEPT_BUNDLES)


@dataclass(frozen=True)
class PriorityItem:
    """A project's place in a certified result."""

    priority: int
    project_id: uuid.UUID
    community_code: str
    title: str
    category: str
    delivery_kind: str
    cost_fen: int
    #: What the round gives: the cost, or less where a last project is funded in part; 0 in the reserve.
    paid_fen: int
    funded: bool
    backers: int


@dataclass(frozen=True)
class CertifiedList:
    """A certified result as the funding of its projects needs it."""

    round_id: uuid.UUID
    round_title: str
    division_code: str
    digest: str
    ballots_counted: int
    roll_size: int
    certified_at: dt.datetime
    items: list[PriorityItem]


@dataclass(frozen=True)
class ResultView:
    """A result with its round and the frozen list."""

    round: Round
    result: Result
    outcome: Mapping[str, Any]
    listed: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Explained:
    """How far the explanation of a result is, and what is known by now."""

    #: ``waiting``, ``running``, ``done``, or ``withheld`` where figures could point at people.
    state: str
    stage: str = ""
    done: int = 0
    of: int = 0
    #: What stands in `ResultExplanation.body`.
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether all is worked out."""
        return self.state == ExplanationState.DONE.value


def certify(session: Session, *, round_id: uuid.UUID, actor: Actor, early: bool) -> Result:
    """Declare that a result stands, once its public notice is over; funding is requested from here on.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundRecorded: its votes are not secret.
        NoResultYet: it is not announced.
        NoticePeriodRunning: residents may still object.
        RoundWrongState: it is certified already, or void.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="round.certify")
    rounds.check_secret(row, instead="recorded/certify")
    result = queries.of_round_locked(session, round_id)
    if result is None:
        raise NoResultYet
    now = clock.database_now(session)
    if now < result.notice_until and not early:
        raise NoticePeriodRunning(until=result.notice_until.isoformat())
    rounds.mark(
        session, row=row, to=RoundState.CERTIFIED, tag=Tag.ROUND_CERTIFIED, actor=actor,
        facts={"result": result.outcome_digest},
    )  # fmt: skip
    result.certified_at, result.certified_by = now, actor.ref
    session.add(result)
    outbox.emit(
        session,
        ResultCertified(str(round_id), str(result.id), row.division_code),
        subject=f"round:{round_id}",
    )
    return result


def published_round(session: Session, round_id: uuid.UUID) -> Round:
    """A round with ballots that anybody may know of.

    Raises:
        RoundNotFound: there is none, or it is a draft.
        RoundRecorded: its votes are not secret.
    """
    row = rounds.round_(session, round_id)
    if row.status not in PUBLIC_STATES:
        raise RoundNotFound
    rounds.check_secret(row, instead="decision")
    return row


def read(session: Session, round_id: uuid.UUID) -> ResultView:
    """The published result of a round.

    Raises:
        RoundNotFound: there is no such round.
        NoResultYet: it is not announced.
    """
    row = published_round(session, round_id)
    result = queries.of_round(session, round_id)
    if result is None:
        raise NoResultYet
    frozen = json.loads(row.frozen or "{}")
    listed = {str(each["id"]): each for each in frozen["projects"]}
    return ResultView(row, result, json.loads(result.outcome), listed)


def notice_periods(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, NoticePeriod]:
    """How long the announced results of some rounds hang out; those without a result are left out."""
    return {period.round_id: period for period in queries.notice_periods(session, round_ids)}


def explanation(session: Session, round_id: uuid.UUID) -> tuple[ResultView, Explained]:
    """How close every project came: as far as it is worked out.

    Raises:
        RoundNotFound, NoResultYet.
    """
    view = read(session, round_id)
    row = queries.explanation(session, view.result.id)
    if row is None:
        return view, Explained(ExplanationState.WAITING.value)
    return view, Explained(row.state.value, row.stage, row.done, row.of, json.loads(row.body or "{}"))


def export(session: Session, round_id: uuid.UUID, *, actor: Actor) -> tuple[ResultView, Explained]:
    """A result with all that is known of it, for the files of those who work there.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        NoResultYet: it is not announced.
    """
    if not actor.may("result.export", rounds.round_(session, round_id).division_code):
        raise RoundNotFound
    return explanation(session, round_id)


def public_ballots(session: Session, round_id: uuid.UUID) -> str:
    """All ballots without names, in Pabulib format.

    Raises:
        RoundNotFound, NoResultYet.
        PublishedAsAggregates: too few to be published one by one.
    """
    found = read(session, round_id).result.ballots_pb
    if found is None:
        raise PublishedAsAggregates
    return found


def public_bundle(session: Session, round_id: uuid.UUID, *, signer: Signer) -> bytes:
    """The public bundle as a ZIP file.

    Raises:
        RoundNotFound, NoResultYet.
    """
    published_round(session, round_id)
    if not queries.is_counted(session, round_id):
        raise NoResultYet
    size = ballots.board_size(session, round_id)

    def make() -> bytes:
        view = read(session, round_id)
        envelopes, set_aside = ballots.closing_lists(session, round_id)
        contents = bundle.Contents(
            round_id=round_id,
            frozen=view.round.frozen or "",
            outcome=view.result.outcome,
            ballots=view.result.ballots_pb,
            envelopes=envelopes,
            set_aside=set_aside,
            board=[
                {"position": each.position, "kind": each.kind, "body": each.body, "signature": each.signature}
                for each in ballots.board(session, round_id)[:size]  # another event may have come meanwhile
            ],
            heads=[
                {"size": each.size, "root": each.root, "at": head_time(each.at), "signature": each.signature}
                for each in ballots.heads(session, round_id)
                if each.size <= size
            ],
        )
        return bundle.archive(bundle.files(contents, signer=signer))

    # after the result nothing changes but that the board goes on
    return _bundles.get((round_id, b64(signer.public_key), size), make)


def certified_priorities(session: Session, *, round_id: uuid.UUID) -> CertifiedList:
    """A certified result in its published order: funded projects first, then the reserve.

    Raises:
        NoResultYet: it is not certified.
    """
    view = read(session, round_id)
    if view.result.certified_at is None:
        raise NoResultYet
    by_id = {each["id"]: each for each in view.outcome["projects"]}
    order = [*view.outcome["priority"], *view.outcome["reserve"]]
    items = [
        PriorityItem(
            priority=place, project_id=uuid.UUID(project_id), community_code=view.listed[project_id]["community_code"],
            title=view.listed[project_id]["title"], category=view.listed[project_id]["category"],
            delivery_kind=view.listed[project_id]["delivery_kind"], cost_fen=by_id[project_id]["cost"],
            paid_fen=by_id[project_id]["paid"], funded=by_id[project_id]["funded"],
            backers=by_id[project_id]["backers"],
        )
        for place, project_id in enumerate(order, start=1)
    ]  # fmt: skip
    return CertifiedList(
        round_id, view.round.title, view.round.division_code, view.result.outcome_digest,
        view.result.ballots_counted, view.result.roll_size, view.result.certified_at, items,
    )  # fmt: skip
