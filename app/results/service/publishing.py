"""The count of a round: run on frozen inputs, checked by a second count, published with its reasons, certified."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.access.actor import SYSTEM, Actor
from app.audit.tags import Tag
from app.ballots import service as ballots
from app.ballots.errors import PublishedAsAggregates
from app.ballots.rules import Level
from app.core import clock
from app.core.canonical import Plain, sha256_hex
from app.core.signer import Signer, b64
from app.outbox import service as outbox
from app.results import bundle, queries, rules
from app.results.errors import NoResultYet, NoticePeriodRunning, RecountDiffers
from app.results.events import ResultAnnounced, ResultCertified
from app.results.models import Result
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.models import Round
from app.rounds.rules import PUBLIC_STATES, RoundState, kind_rule, quorum_reached
from app.tally import Outcome, recount
from app.tally import count as tally_count
from app.tally.errors import NotCertified
from app.tally.recount import Recount


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


def count(session: Session, *, round_id: uuid.UUID, signer: Signer) -> Result:
    """Count an unsealed round twice, keep the result with everything it came from, and announce it.

    Raises:
        RoundWrongState: it is not unsealed.
        RecountDiffers: the two counts disagree; nothing is kept.
    """
    row = rounds.claim(session, round_id)
    frozen: dict[str, Any] = json.loads(row.frozen or "{}")
    box, lines = ballots.count_input_ballots(session, round_id)
    seed = box.envelope_root or ""
    given = rules.count_input(frozen, ballots=lines, seed=seed)
    try:
        outcome = tally_count(given)
    except NotCertified as error:
        raise RecountDiffers(where=str(error)) from error
    _check_recount(outcome, recount(given, outcome.completion))
    rounds.mark(session, row=row, to=RoundState.COUNTED, tag=Tag.ROUND_COUNTED)
    text = outcome.to_json()
    level = box.level or Level.AGGREGATES
    names = {str(each["id"]): each for each in frozen["projects"]}
    now = clock.now()
    law = kind_rule(row.kind, now.date())
    result = Result(
        round_id=round_id,
        level=level,
        ballots_counted=len(lines),
        roll_size=row.roll_size or 0,
        quorum_reached=quorum_reached(law, taken_part=len(lines), roll_size=row.roll_size or 0),
        tie_seed=seed,
        inputs_digest=outcome.inputs_digest,
        outcome=text.decode(),
        outcome_digest=sha256_hex(text),
        ballots_pb=None
        if level is Level.AGGREGATES
        else bundle.ballots_pb(frozen=frozen, outcome=outcome, lines=lines, names=names),
        counted_at=now,
        announced_at=now,
        notice_until=now + dt.timedelta(days=law.publication_days),
    )
    session.add(result)
    _announce(session, row, result, signer)
    return result


def certify(session: Session, *, round_id: uuid.UUID, actor: Actor, early: bool) -> Result:
    """Declare that a result stands, once its public notice is over; funding is requested from here on.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        NoResultYet: it is not announced.
        NoticePeriodRunning: residents may still object.
        RoundWrongState: it is certified already, or void.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="round.certify")
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
    """A round that anybody may know of.

    Raises:
        RoundNotFound: there is none, or it is a draft.
    """
    row = rounds.round_(session, round_id)
    if row.status not in PUBLIC_STATES:
        raise RoundNotFound
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
    view = read(session, round_id)
    board: list[dict[str, Plain]] = [
        {"position": entry.position, "kind": entry.kind, "body": entry.body, "signature": entry.signature}
        for entry in ballots.board(session, round_id)
    ]
    return bundle.archive(
        bundle.files(
            frozen=view.round.frozen or "",
            outcome=view.result.outcome,
            ballots=view.result.ballots_pb,
            envelopes=ballots.envelope_leaves(session, round_id),
            board=board,
            signed_with=b64(signer.public_key),
        )
    )


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


def _check_recount(outcome: Outcome, again: Recount) -> None:
    if not again.completion_holds:
        raise RecountDiffers(where="completion")
    if outcome.funded != again.funded:
        raise RecountDiffers(where="funded")
    if outcome.priority != again.priority:
        raise RecountDiffers(where="priority")


def _announce(session: Session, row: Round, result: Result, signer: Signer) -> None:
    session.flush()  # the event below names the result
    ballots.post(
        session, round_id=row.id, kind="result", signer=signer,
        body={
            "result_digest": result.outcome_digest,
            "inputs_digest": result.inputs_digest,
            "ballots_pb_digest": None if result.ballots_pb is None else sha256_hex(result.ballots_pb.encode()),
            "tie_seed": result.tie_seed,
        },
    )  # fmt: skip
    rounds.mark(
        session, row=row, to=RoundState.ANNOUNCED, tag=Tag.ROUND_ANNOUNCED, actor=SYSTEM,
        facts={"result": result.outcome_digest},
    )  # fmt: skip
    outbox.emit(
        session, ResultAnnounced(str(row.id), str(result.id), row.division_code), subject=f"round:{row.id}"
    )
