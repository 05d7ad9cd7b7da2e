"""What the people who publish a round should know, and what its calendar shows."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.core import clock
from app.projects import service as projects
from app.residents import service as residents
from app.rounds import checks, queries
from app.rounds.checks import Finding, Listed, Other, Plan
from app.rounds.errors import RoundNotFound
from app.rounds.models import Round
from app.rounds.ports import Won
from app.rounds.rules import RECORDED_KINDS, Electorate, KindRule, RoundState, kind_rule
from app.rounds.service.drafting import approvers
from app.rounds.service.reading import community_codes, round_

_ACCOUNT = "account:"


@dataclass(frozen=True)
class Check:
    """A round before its publication, as those see it who answer for it."""

    round: Round
    law: KindRule
    findings: list[Finding]
    proposed_by: str | None
    proposed_by_me: bool
    approved_by: str | None
    #: Who may approve it: what the reader proposes, or what has been proposed.
    approvers: list[str]
    people: int
    households: int
    listed_cost_fen: int
    forced_cost_fen: int


def check(session: Session, *, round_id: uuid.UUID, actor: Actor, won: Won) -> Check:
    """A draft looked over: who could vote today, what the list costs, what stops its publication or should be known.

    Of a round that is published already it says who did that, and what else runs at the same time.

    Raises:
        RoundNotFound: there is none, or it is not yours.
    """
    row = round_(session, round_id)
    if not actor.may("round.check", row.division_code):
        raise RoundNotFound
    codes = community_codes(session, round_id)
    people, households = residents.count_eligible(session, community_codes=codes, on=clock.today())
    listed = _listed(session, row, codes, won)
    law = kind_rule(row.kind, (row.published_at or clock.now()).astimezone(clock.BEIJING).date())
    plan = Plan(
        kind=row.kind, law=law, recorded=row.kind in RECORDED_KINDS, opens_at=row.opens_at,
        closes_at=row.closes_at, short_notice_reason=row.short_notice_reason, budget_fen=row.budget_fen,
        paper=row.paper, listed=listed, may_vote=households if row.electorate is Electorate.HOUSEHOLD else people,
        others=_others(session, row, codes),
    )  # fmt: skip
    return Check(
        row, law,
        checks.findings(plan, now=clock.now()) if row.status is RoundState.DRAFT else [],
        _name(session, row.proposed_by), row.proposed_by == actor.ref, _name(session, row.approved_by),
        approvers(session, row, proposer=row.proposed_by or actor.ref) if row.status is RoundState.DRAFT else [],
        people, households,
        sum(each.cost_now_fen or 0 for each in listed),
        sum(each.cost_now_fen or 0 for each in listed if each.forced_in),
    )  # fmt: skip


def in_span(
    session: Session, *, division: str, since: dt.datetime, until: dt.datetime, actor: Actor
) -> list[Round]:
    """Rounds that concern a division around a span of time; drafts for those who work on them."""
    rows = queries.in_span(
        session, division=division, since=since, until=until,
        drafts=actor.may("round.list_drafts", division),
    )  # fmt: skip
    return [
        row
        for row in rows
        if row.status is not RoundState.DRAFT or actor.may("round.list_drafts", row.division_code)
    ]


def _listed(session: Session, row: Round, codes: Sequence[str], won: Won) -> list[Listed]:
    rows = queries.projects(session, row.id)
    now = {
        snapshot.id: snapshot.cost_fen
        for snapshot in projects.snapshots(session, project_ids=[each.project_id for each in rows])
        if snapshot.community_code in codes
    }
    if row.status is not RoundState.DRAFT:
        return [Listed(each.title, each.cost_fen, each.cost_fen, each.forced_in) for each in rows]
    ids = [each.project_id for each in rows]
    winners = set(won(session, ids))
    elsewhere: dict[uuid.UUID, list[str]] = {}
    for project_id, title in queries.titles_under_way(session, ids, besides=row.id):
        elsewhere.setdefault(project_id, []).append(title)
    return [
        Listed(
            each.title, each.cost_fen, now.get(each.project_id), each.forced_in,
            won=each.project_id in winners, elsewhere=elsewhere.get(each.project_id, ()),
        )
        for each in rows
    ]  # fmt: skip


def _others(session: Session, row: Round, codes: Sequence[str]) -> list[Other]:
    found = queries.overlapping(
        session, besides=row.id, codes=codes, opens_at=row.opens_at, closes_at=row.closes_at
    )
    return [Other(each.title, each.opens_at, each.closes_at) for each in found]


def _name(session: Session, ref: str | None) -> str | None:
    """Who stands behind what a round notes of its people."""
    if ref is None or not ref.startswith(_ACCOUNT):
        return None
    account = access.account_of(session, uuid.UUID(ref.removeprefix(_ACCOUNT)))
    return None if account is None else account.display_name
