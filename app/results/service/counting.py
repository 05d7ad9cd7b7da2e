"""The count of a round: run on frozen inputs, checked by a second count, announced with its reasons.

It is not among the verbs of `app.results.service`, because it loads arrays and the rules of counting, which a process
that serves requests never needs.
"""

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.access.actor import SYSTEM
from app.audit.tags import Tag
from app.ballots import service as ballots
from app.ballots.rules import Level, OpenedBallot, Stage
from app.ballots.service import UnsealingTask
from app.core import clock
from app.core.canonical import sha256_hex
from app.core.progress import Interrupted
from app.core.signer import Signer
from app.outbox import service as outbox
from app.results import ballots_file, rules
from app.results.errors import RecountDiffers
from app.results.events import ResultAnnounced
from app.results.models import Result
from app.results.rules import TurnoutGroup
from app.results.service.explaining import begin_explanation
from app.rounds import rules as rounds_rules
from app.rounds import service as rounds
from app.rounds.models import Round
from app.rounds.rules import RoundState, kind_rule, quorum_reached
from app.tally import CountInput, Outcome
from app.tally import count as tally_count
from app.tally import recount as tally_recount
from app.tally.errors import NotCertified


@dataclass(frozen=True)
class Counting:
    """A count to be done, and its input: all of it frozen, so that nothing is held while it is worked out."""

    round_id: uuid.UUID
    frozen: Mapping[str, Any]
    level: Level
    lines: Sequence[OpenedBallot]
    given: CountInput
    #: How many took part where so many could that no household shows; nobody can say it any more afterwards.
    turnout: Sequence[TurnoutGroup]


def begin_count(session: Session, *, round_id: uuid.UUID) -> Counting:
    """What is to be counted: the frozen list and rule, the opened ballots, the seed of the lot.

    Raises:
        RoundWrongState: the round is not unsealed.
    """
    row = rounds.round_(session, round_id)
    rounds_rules.step(row.status, RoundState.COUNTED)
    frozen: dict[str, Any] = json.loads(row.frozen or "{}")
    box, lines = ballots.count_input_ballots(session, round_id)
    return Counting(
        round_id=round_id,
        frozen=frozen,
        level=box.level or Level.AGGREGATES,
        lines=lines,
        given=rules.count_input(frozen, ballots=lines, seed=box.envelope_root or ""),
        turnout=_turnout(session, round_id),
    )


def count(counting: Counting) -> Outcome:
    """Count, in fast numbers that exact ones certify.

    Raises:
        RecountDiffers: they do not.
    """
    try:
        return tally_count(counting.given)
    except NotCertified as error:
        raise RecountDiffers(where=str(error)) from error


def recount(counting: Counting, outcome: Outcome) -> None:
    """Count again by the program that anybody can run.

    Raises:
        RecountDiffers: the two counts disagree.
    """
    again = tally_recount(counting.given, outcome.completion)
    if not again.completion_holds:
        raise RecountDiffers(where="completion")
    if outcome.funded != again.funded:
        raise RecountDiffers(where="funded")
    if outcome.priority != again.priority:
        raise RecountDiffers(where="priority")


def publish_count(
    session: Session, task: UnsealingTask, *, counting: Counting, outcome: Outcome, ballots_pb: str | None,
    signer: Signer,
) -> Result:  # fmt: skip
    """Keep a result that was counted twice, with everything it came from, and announce it.

    Raises:
        RoundWrongState: the round is not unsealed.
        Interrupted: another worker has taken over.
    """
    row = rounds.claim(session, counting.round_id)
    rounds.mark(session, row=row, to=RoundState.COUNTED, tag=Tag.ROUND_COUNTED)
    text = outcome.to_json()
    now = clock.now()
    law = kind_rule(row.kind, now.date())
    taken_part, roll_size = len(counting.lines), row.roll_size or 0
    result = Result(
        round_id=row.id,
        level=counting.level,
        ballots_counted=taken_part,
        roll_size=roll_size,
        quorum_reached=quorum_reached(law, taken_part=taken_part, roll_size=roll_size),
        tie_seed=counting.given.spec.seed,
        inputs_digest=outcome.inputs_digest,
        outcome=text.decode(),
        outcome_digest=sha256_hex(text),
        ballots_pb=ballots_pb,
        counted_at=now,
        announced_at=now,
        notice_until=now + dt.timedelta(days=law.publication_days),
    )
    session.add(result)
    _announce(session, row, result, signer)
    begin_explanation(session, result_id=result.id, turnout=counting.turnout)
    if not ballots.hand_on_unsealing(session, task, to=Stage.DONE):
        raise Interrupted
    return result


def write_ballots(counting: Counting, outcome: Outcome) -> str | None:
    """All ballots without names in Pabulib format; none where they are too few to be published one by one."""
    if counting.level is Level.AGGREGATES:
        return None
    names = {str(each["id"]): each for each in counting.frozen["projects"]}
    return ballots_file.ballots_pb(frozen=counting.frozen, outcome=outcome, lines=counting.lines, names=names)


def _turnout(session: Session, round_id: uuid.UUID) -> list[TurnoutGroup]:
    """Taken part, in tens, where that cannot point at anybody."""
    lines = ballots.turnout(session, round_id=round_id, actor=SYSTEM).lines
    return rules.turnout_groups(
        (line.community_code, line.building, line.on_roll, line.taken_part) for line in lines
    )


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
