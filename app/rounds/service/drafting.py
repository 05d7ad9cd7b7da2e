"""From a draft to a published round."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.access.divisions import contains
from app.access.roles import Role
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.outbox import service as outbox
from app.places import service as places
from app.projects import service as projects
from app.rounds import queries, rules
from app.rounds.errors import (
    ChairNeeded,
    CommunityNotCovered,
    NothingToVoteOn,
    ProjectNotInCommunities,
    RoundFrozen,
    RoundNotFound,
    RoundOutdated,
    RoundWrongState,
    SecondPersonNeeded,
)
from app.rounds.events import RoundPublished
from app.rounds.models import Round, RoundCommunity
from app.rounds.rules import CountSettings, Custody, PaperPolicy, RoundState
from app.rounds.schemas import RoundIn
from app.rounds.service.project_list import freeze, list_projects, tie_together
from app.rounds.service.reading import RoundView, community_codes


def draft(session: Session, *, body: RoundIn, actor: Actor) -> RoundView:
    """Draft a round; nobody outside the committee sees it yet. Its list may still be empty.

    Raises:
        RoundNotFound: the division is not yours to act for.
        CommunityNotCovered: a community outside the round's division, or none at all.
        ProjectNotInCommunities: a project that is not published there.
        DatesReversed: it would close before it opens.
        KindMalformed: the question, the matter or the list does not go with the kind of round.
        RuleMalformed: the counting settings contradict each other.
        GroupsContradict: a project is in two exclusive groups, or two of a group are forced in.
        ForcedOverBudget: the budget does not pay for what is forced in.
    """
    _check_division(body, actor, verb="round.draft")
    _check_settings(body)
    row = Round(**_settings(body), status=RoundState.DRAFT, created_at=clock.now())
    _fill(session, row, body)
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=Tag.ROUND_DRAFTED, subject=f"round:{row.id}"
    )
    return RoundView(row, sorted(body.community_codes))


def change(session: Session, *, round_id: uuid.UUID, body: RoundIn, version: int, actor: Actor) -> RoundView:
    """Replace a draft as a whole; a proposal to publish it is thereby withdrawn.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundFrozen: it is published.
        RoundOutdated: somebody changed it since ``version``.
        DatesReversed, KindMalformed, RuleMalformed and what else `draft` refuses.
    """
    row = my_round(session, round_id, actor, verb="round.change")
    if row.status is not RoundState.DRAFT:
        raise RoundFrozen
    if row.version != version:
        raise RoundOutdated
    _check_division(body, actor, verb="round.change")
    _check_settings(body)
    for name, value in _settings(body).items():
        setattr(row, name, value)
    row.version += 1
    row.proposed_by = row.proposed_version = None
    queries.replace_lists(session, round_id)
    _fill(session, row, body)
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=Tag.ROUND_CHANGED, subject=f"round:{row.id}",
        facts={"version": row.version},
    )  # fmt: skip
    return RoundView(row, sorted(body.community_codes))


def discard(session: Session, *, round_id: uuid.UUID, actor: Actor) -> None:
    """Throw a draft away. Nobody outside the committee has seen it; a published round is cancelled instead.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundFrozen: it is published.
    """
    row = my_round(session, round_id, actor, verb="round.discard")
    if row.status is not RoundState.DRAFT:
        raise RoundFrozen
    queries.delete_draft(session, row)
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=Tag.ROUND_DISCARDED, subject=f"round:{row.id}"
    )


def publish(session: Session, *, round_id: uuid.UUID, actor: Actor) -> RoundView:
    """Propose that a draft be published; it becomes public when a second person approves.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundFrozen: it is published already.
        NothingToVoteOn: its list is empty.
        NoticeTooShort: the law wants more days between publication and opening.
    """
    row = my_round(session, round_id, actor, verb="round.publish")
    if row.status is not RoundState.DRAFT:
        raise RoundFrozen
    _check_ready(session, row)
    row.proposed_by, row.proposed_version = actor.ref, row.version
    session.add(row)
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=Tag.ROUND_PUBLISH_PROPOSED, subject=f"round:{row.id}",
        facts={"version": row.version},
    )  # fmt: skip
    return RoundView(row, community_codes(session, round_id))


def approve(session: Session, *, round_id: uuid.UUID, actor: Actor) -> RoundView:
    """Approve what somebody else proposed: list, costs, rule and dates are frozen and public from now on.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundWrongState: nobody proposed it.
        SecondPersonNeeded: you proposed it yourself.
        ChairNeeded: neither of the two chairs the committee.
        RoundOutdated: it was changed after the proposal.
        ProjectNotInCommunities: a project was withdrawn meanwhile.
        NoticeTooShort: too little time is left before it opens.
        ForcedOverBudget: costs have risen, and the budget does not pay for what is forced in.
    """
    row = my_round(session, round_id, actor, verb="round.approve")
    if row.status is not RoundState.DRAFT:
        raise RoundFrozen
    if row.proposed_by is None:
        raise RoundWrongState(state=row.status.value, wanted=RoundState.PUBLISHED.value)
    _check_two(session, row, row.proposed_by, actor)
    if row.proposed_version != row.version:
        raise RoundOutdated
    _check_ready(session, row)
    freeze(session, row)
    row.status = rules.step(row.status, RoundState.PUBLISHED)
    row.approved_by, row.published_at = actor.ref, clock.now()
    session.add(row)
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=Tag.ROUND_PUBLISHED, subject=f"round:{row.id}",
        facts={"frozen": row.frozen_digest, "proposed_by": row.proposed_by},
    )  # fmt: skip
    outbox.emit(
        session,
        RoundPublished(str(row.id), row.division_code, row.opens_at.isoformat(), row.closes_at.isoformat()),
        subject=f"round:{row.id}",
    )
    return RoundView(row, community_codes(session, round_id))


def may_approve(session: Session, row: Round, *, actor: Actor) -> bool:
    """Whether a draft waits for this person's approval."""
    if row.status is not RoundState.DRAFT or row.proposed_by is None or row.proposed_version != row.version:
        return False
    try:
        _check_two(session, row, row.proposed_by, actor)
    except (SecondPersonNeeded, ChairNeeded):
        return False
    return actor.may("round.approve", row.division_code)


def approvers(session: Session, row: Round, *, proposer: str) -> list[str]:
    """Who may approve what somebody proposes, by name: any other of the staff if they chair, else the chair."""
    chairs = access.ref_holds(session, ref=proposer, role=Role.RC_CHAIR, division=row.division_code)
    roles = (Role.RC_CHAIR, Role.RC_STAFF) if chairs else (Role.RC_CHAIR,)
    found = {
        account.id: account.display_name
        for role in roles
        for account in access.holders_of(session, role=role, division=row.division_code)
        if f"account:{account.id}" != proposer
    }
    return [name for name in found.values() if name]


def _check_two(session: Session, row: Round, proposed_by: str, actor: Actor) -> None:
    if proposed_by == actor.ref:
        raise SecondPersonNeeded
    chair, where = Role.RC_CHAIR, row.division_code
    proposer_chairs = access.ref_holds(session, ref=proposed_by, role=chair, division=where)
    if chair not in actor.roles_over(where) and not proposer_chairs:
        raise ChairNeeded


def my_round(session: Session, round_id: uuid.UUID, actor: Actor, *, verb: str) -> Round:
    """A round that the actor may do this to, locked.

    Raises:
        RoundNotFound: there is none, or it is not theirs.
    """
    row = queries.round_locked(session, round_id)
    if row is None or not actor.may(verb, row.division_code):
        raise RoundNotFound
    return row


def _check_division(body: RoundIn, actor: Actor, *, verb: str) -> None:
    if not actor.may(verb, body.division_code):
        raise RoundNotFound
    outside = [code for code in body.community_codes if not contains(body.division_code, code)]
    if outside:
        raise CommunityNotCovered(codes=outside)


def _check_settings(body: RoundIn) -> None:
    """Before anything of it stands in a row: what the table refuses is said in words."""
    rules.check_kind(
        kind=body.kind, electorate=body.electorate, matter=body.matter, question=body.question,
        ranked=_ranked(body), on=clock.today(),
    )  # fmt: skip
    if body.kind not in rules.RECORDED_KINDS:
        rules.check_rule(_count_settings(body), budget_fen=body.budget_fen)
    rules.check_order(opens_at=body.opens_at, closes_at=body.closes_at)


def _fill(session: Session, row: Round, body: RoundIn) -> None:
    codes = sorted(set(body.community_codes))
    known = {division.code for division in places.communities_under(session, codes)}
    if missing := [code for code in codes if code not in known]:
        raise CommunityNotCovered(codes=missing)
    session.add(row)
    session.flush()  # the lists refer to the round
    session.add_all(RoundCommunity(round_id=row.id, community_code=code) for code in codes)
    if body.kind in rules.RECORDED_KINDS:
        return
    chosen = list(dict.fromkeys(body.project_ids))
    listed = list_projects(session, row, codes, chosen) if chosen else []
    tie_together(listed, body, row.budget_fen)


#: What only a vote over a list has, and what of it is as good as not given.
_RANKED: Mapping[str, object] = {
    **dict.fromkeys(field.name for field in fields(CountSettings)),
    "max_rank": None, "budget_fen": None, "project_ids": [], "exclusive_groups": [], "forced_in": [],
    "paper": PaperPolicy.NONE, "custody": Custody.LOCAL,
}  # fmt: skip


def _ranked(body: RoundIn) -> list[str]:
    """Which settings of a vote over a list were given."""
    return [name for name in body.model_fields_set & set(_RANKED) if getattr(body, name) != _RANKED[name]]


def _settings(body: RoundIn) -> dict[str, Any]:
    """The columns a draft sets; those of a list have a value in a recorded round too, which says nothing."""
    names = (
        "division_code", "title", "description", "kind", "electorate", "matter", "question", "max_rank", "budget_fen",
        "paper", "custody", "opens_at", "closes_at", "short_notice_reason",
    )  # fmt: skip
    chosen = {name: getattr(body, name) for name in names} | asdict(_count_settings(body))
    return chosen | {"paper": PaperPolicy.NONE} if body.kind in rules.RECORDED_KINDS else chosen


def _count_settings(body: RoundIn) -> CountSettings:
    """How the round is counted; what the body leaves open is as usual for its rule."""
    return CountSettings(
        rule=body.rule,
        points=body.points,
        skip=body.skip,
        threshold=body.threshold,
        completion=body.completion or rules.default_completion(body.rule),
        until=body.until,
        fill=body.fill or rules.default_fill(body.rule),
        comparison=body.comparison,
        part_percent=body.part_percent,
        unranked=body.unranked,
        ties=body.ties,
        priority=body.priority,
    )


def _check_ready(session: Session, row: Round) -> None:
    rules.check_dates(
        kind=row.kind, opens_at=row.opens_at, closes_at=row.closes_at, published_at=clock.now(),
        short_notice_reason=row.short_notice_reason,
    )  # fmt: skip
    codes = community_codes(session, row.id)
    listed = queries.projects(session, row.id)
    if not listed and row.kind not in rules.RECORDED_KINDS:
        raise NothingToVoteOn
    usable = {
        snapshot.id
        for snapshot in projects.snapshots(session, project_ids=[each.project_id for each in listed])
        if snapshot.community_code in codes
    }
    if missing := [str(each.project_id) for each in listed if each.project_id not in usable]:
        raise ProjectNotInCommunities(project_ids=missing)
