"""The count of a recorded round: made when it is closed and every form is compared, kept with its inputs, certified."""

import datetime as dt
import json
import uuid
from typing import Any

from sqlmodel import Session

from app.access.actor import Actor
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import Plain, canonical_json, sha256_hex
from app.core.signer import Signer, b64
from app.outbox import service as outbox
from app.recorded import queries
from app.recorded.errors import DecisionNoticeRunning, NoDecisionYet
from app.recorded.events import DecisionAnnounced, DecisionCertified
from app.recorded.models import DecisionRecord, OwnersDecision
from app.recorded.service.acts import instant
from app.rounds import service as rounds
from app.rounds.models import Round
from app.rounds.rules import RECORDED_KINDS, RoundState
from app.rounds.schemas import RECORDED_LABEL
from app.tally.recorded import RECORD_PURPOSE, count, figures


def count_if_ready(session: Session, *, round_id: uuid.UUID, signer: Signer) -> OwnersDecision | None:
    """Count a closed recorded round and announce what came of it; nothing while forms wait for a second person.

    Rounds with secret ballots, and rounds that are counted, are left as they are.
    """
    row = rounds.claim(session, round_id)
    if row.kind not in RECORDED_KINDS or row.status is not RoundState.CLOSED:
        return None
    if queries.forms_waiting(session, round_id):
        return None
    body = _inputs(session, row)
    decision = count(body)
    body["figures"] = figures(decision)
    text = canonical_json(body)
    entries: list[Any] = body.pop("entries")
    facts = canonical_json(body | {"dwellings": len(entries)})
    now = clock.now()
    assert row.closed_at is not None
    law = rounds.law_of(row)
    days = law.posted_within_days
    made = OwnersDecision(
        round_id=round_id,
        valid=decision.valid,
        passed=decision.passed,
        facts=facts.decode(),
        record_digest=sha256_hex(text),
        signature=b64(signer.sign(text)),
        counted_at=now,
        announced_at=now,
        post_by=None if days is None else row.closed_at + dt.timedelta(days=days),
        notice_until=now + dt.timedelta(days=law.publication_days),
    )
    session.add(made)
    session.flush()  # the record refers to it
    session.add(DecisionRecord(round_id=round_id, body=text.decode()))
    told: dict[str, Plain] = {"record": made.record_digest, "valid": made.valid, "passed": made.passed}
    rounds.mark(session, row=row, to=RoundState.COUNTED, tag=Tag.ROUND_COUNTED, facts=told)
    rounds.mark(session, row=row, to=RoundState.ANNOUNCED, tag=Tag.ROUND_ANNOUNCED, facts=told)
    outbox.emit(
        session,
        DecisionAnnounced(str(round_id), row.division_code, made.passed),
        subject=f"round:{round_id}",
    )
    return made


def certify(session: Session, *, round_id: uuid.UUID, actor: Actor, early: bool) -> Round:
    """Declare that a decision stands, once it has hung out. No money is asked for by it.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret: its ballots are secret.
        NoDecisionYet: it is not counted.
        DecisionNoticeRunning: it still hangs out.
        RoundWrongState: it is certified already, or void.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="round.certify")
    rounds.check_recorded(row, instead="certify")
    decision = queries.decision_locked(session, round_id)
    if decision is None:
        raise NoDecisionYet
    now = clock.database_now(session)
    if now < decision.notice_until and not early:
        raise DecisionNoticeRunning(until=decision.notice_until.isoformat())
    rounds.mark(
        session, row=row, to=RoundState.CERTIFIED, tag=Tag.ROUND_CERTIFIED, actor=actor,
        facts={"record": decision.record_digest},
    )  # fmt: skip
    decision.certified_at, decision.certified_by = now, actor.ref
    session.add(decision)
    outbox.emit(
        session,
        DecisionCertified(str(round_id), row.division_code, decision.passed),
        subject=f"round:{round_id}",
    )
    return row


def _inputs(session: Session, row: Round) -> dict[str, Any]:
    """Everything a decision depends on: the question and thresholds as frozen, the roll, the votes in force."""
    frozen: dict[str, Any] = json.loads(row.frozen or "{}")
    votes = queries.votes_of_round(session, row.id)
    assert row.opened_at is not None
    assert row.closed_at is not None
    entries: list[dict[str, Any]] = []
    for entry in queries.entries(session, row.id):
        act = votes.get(entry.id)
        vote = None if act is None else {
            "choice": act.choice.value,
            "channel": act.channel.value,
            "version": act.version,
            "acted_at": instant(act.acted_at),
            "signature": act.signature,
        }  # fmt: skip
        entries.append({"id": str(entry.id), "area": entry.area_centi_m2, "head": entry.head, "vote": vote})
    return {
        "purpose": RECORD_PURPOSE,
        "recorded": True,
        "label": RECORDED_LABEL.model_dump(),
        "round_id": str(row.id),
        "division_code": row.division_code,
        "title": row.title,
        "question": frozen["question"],
        "matter": frozen["matter"],
        "thresholds": frozen["thresholds"],
        "frozen_digest": row.frozen_digest,
        "roll_digest": row.roll_digest,
        "opened_at": instant(row.opened_at),
        "closed_at": instant(row.closed_at),
        "entries": entries,
    }
