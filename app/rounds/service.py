"""The verbs of a round up to its opening, and the state changes that higher packages ask for."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlmodel import Session

from app.access.actor import SYSTEM, Actor
from app.access.divisions import contains
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import Plain, canonical_json, sha256_hex
from app.core.ids import new_id
from app.outbox import service as outbox
from app.places import service as places
from app.projects import service as projects
from app.residents import service as residents
from app.rounds import queries, rules
from app.rounds.errors import (
    CommunityNotCovered,
    ForcedOverBudget,
    GroupsContradict,
    NobodyOnTheRoll,
    NothingToVoteOn,
    ProjectNotInCommunities,
    RoundFrozen,
    RoundNotFound,
    RoundOutdated,
    RoundWrongState,
    SecondPersonNeeded,
    TooEarly,
)
from app.rounds.events import RoundClosed, RoundOpened, RoundPublished
from app.rounds.models import RollEntry, Round, RoundCommunity, RoundProject
from app.rounds.rules import PUBLIC_STATES, CountSettings, Electorate, RoundState
from app.rounds.schemas import RoundIn

ROLL_BATCH = 5000


@dataclass(frozen=True)
class RoundView:
    """A round with the communities that vote in it."""

    round: Round
    community_codes: list[str]


@dataclass(frozen=True)
class Roll:
    """A frozen roll: its size and the hash over its entries."""

    size: int
    digest: str


# --- reading ------------------------------------------------------------------------------------------------------


def round_(session: Session, round_id: uuid.UUID) -> Round:
    """One round, whatever its state.

    Raises:
        RoundNotFound: there is none.
    """
    row = queries.round_(session, round_id)
    if row is None:
        raise RoundNotFound
    return row


def read(session: Session, round_id: uuid.UUID, *, actor: Actor) -> RoundView:
    """A round somebody may see: published ones everybody, drafts those who work on them.

    Raises:
        RoundNotFound: there is none, or it is not for these eyes.
    """
    row = round_(session, round_id)
    if row.status not in PUBLIC_STATES and not actor.may("round.list_drafts", row.division_code):
        raise RoundNotFound
    return RoundView(row, list(queries.communities(session, round_id)))


def listing(
    session: Session, *, division: str | None, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> list[RoundView]:
    """Published rounds that concern a division, newest first."""
    return _views(session, queries.public_rounds(session, division=division, after=after, limit=limit))


def drafts(
    session: Session, *, actor: Actor, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> list[RoundView]:
    """Drafts of the divisions somebody works for."""
    mine = actor.divisions_for("round.list_drafts")
    return _views(session, queries.drafts(session, divisions=mine, after=after, limit=limit))


def listed_projects(session: Session, round_id: uuid.UUID) -> Sequence[RoundProject]:
    """The list in its order, with titles and costs as frozen."""
    return queries.projects(session, round_id)


def community_codes(session: Session, round_id: uuid.UUID) -> list[str]:
    """Whose residents may vote."""
    return list(queries.communities(session, round_id))


# --- drafting and publishing --------------------------------------------------------------------------------------


def draft(session: Session, *, body: RoundIn, actor: Actor) -> RoundView:
    """Draft a round; nobody outside the committee sees it yet.

    Raises:
        RoundNotFound: the division is not yours to act for.
        CommunityNotCovered: a community outside the round's division, or none at all.
        ProjectNotInCommunities: a project that is not published there.
        DatesReversed: it would close before it opens.
        RuleMalformed: the counting settings contradict each other.
        GroupsContradict: a project is in two exclusive groups, or two of a group are forced in.
        ForcedOverBudget: the budget does not pay for what is forced in.
    """
    _check_division(body, actor, verb="round.draft")
    chosen = _count_settings(body)
    row = Round(
        division_code=body.division_code,
        title=body.title,
        description=body.description,
        kind=body.kind,
        electorate=body.electorate,
        max_rank=body.max_rank,
        **asdict(chosen),
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        status=RoundState.DRAFT,
        created_at=clock.now(),
    )
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
    """
    row = _mine(session, round_id, actor, verb="round.change")
    if row.status is not RoundState.DRAFT:
        raise RoundFrozen
    if row.version != version:
        raise RoundOutdated
    _check_division(body, actor, verb="round.change")
    for name in ("division_code", "title", "description", "kind", "electorate", "max_rank"):
        setattr(row, name, getattr(body, name))
    for name, value in asdict(_count_settings(body)).items():
        setattr(row, name, value)
    row.opens_at, row.closes_at = body.opens_at, body.closes_at
    row.version += 1
    row.proposed_by = row.proposed_version = None
    queries.replace_lists(session, round_id)
    _fill(session, row, body)
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=Tag.ROUND_CHANGED, subject=f"round:{row.id}",
        facts={"version": row.version},
    )  # fmt: skip
    return RoundView(row, sorted(body.community_codes))


def publish(session: Session, *, round_id: uuid.UUID, actor: Actor) -> RoundView:
    """Propose that a draft be published; it becomes public when a second person approves.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundFrozen: it is published already.
        NoticeTooShort: the law wants more days between publication and opening.
    """
    row = _mine(session, round_id, actor, verb="round.publish")
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
        RoundOutdated: it was changed after the proposal.
        ProjectNotInCommunities: a project was withdrawn meanwhile.
        NoticeTooShort: too little time is left before it opens.
        ForcedOverBudget: costs have risen, and the budget does not pay for what is forced in.
    """
    row = _mine(session, round_id, actor, verb="round.approve")
    if row.status is not RoundState.DRAFT:
        raise RoundFrozen
    if row.proposed_by is None:
        raise RoundWrongState(state=row.status.value, wanted=RoundState.PUBLISHED.value)
    if row.proposed_by == actor.ref:
        raise SecondPersonNeeded
    if row.proposed_version != row.version:
        raise RoundOutdated
    _check_ready(session, row)
    _freeze(session, row)
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


def cancel(session: Session, *, round_id: uuid.UUID, reason: str, actor: Actor) -> RoundView:
    """End a round before it opens, or void it afterwards, with a public reason. Nothing is deleted.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundWrongState: it has its result already.
    """
    row = _mine(session, round_id, actor, verb="round.cancel")
    to = RoundState.VOID if RoundState.VOID in rules.TRANSITIONS[row.status] else RoundState.CANCELLED
    row.status = rules.step(row.status, to)
    row.ended_reason = reason
    session.add(row)
    tag = Tag.ROUND_VOIDED if to is RoundState.VOID else Tag.ROUND_CANCELLED
    audit.record(
        session,
        chain=row.division_code,
        by=actor.ref,
        tag=tag,
        subject=f"round:{row.id}",
        facts={"reason": reason},
    )
    return RoundView(row, community_codes(session, round_id))


# --- opening and closing, asked for by the ballot box ---------------------------------------------------------------


def claim(
    session: Session, round_id: uuid.UUID, *, actor: Actor | None = None, verb: str | None = None
) -> Round:
    """A round, locked for a change of state; with an actor, only if the verb is theirs there.

    Raises:
        RoundNotFound: there is none, or it is not yours.
    """
    row = queries.round_locked(session, round_id)
    if row is None or (actor is not None and verb is not None and not actor.may(verb, row.division_code)):
        raise RoundNotFound
    return row


def shared(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Round]:
    """Rounds that cannot be closed before this transaction ends."""
    return {row.id: row for row in queries.rounds_shared(session, round_ids)}


def mark_open(session: Session, *, row: Round, actor: Actor, early: bool) -> Roll:
    """Freeze the roll and open a claimed round.

    Raises:
        RoundWrongState: it is not published.
        TooEarly: its opening time has not come.
        NobodyOnTheRoll: nobody could vote.
    """
    status = rules.step(row.status, RoundState.OPEN)
    now = clock.database_now(session)
    if now < row.opens_at and not early:
        raise TooEarly(at=row.opens_at.isoformat())
    roll = _freeze_roll(session, row)
    if roll.size == 0:
        raise NobodyOnTheRoll
    row.status, row.opened_at = status, now
    row.roll_size, row.roll_digest = roll.size, roll.digest
    session.add(row)
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=Tag.ROUND_OPENED, subject=f"round:{row.id}",
        facts={"roll_size": roll.size, "roll_digest": roll.digest},
    )  # fmt: skip
    outbox.emit(session, RoundOpened(str(row.id), row.division_code, roll.size), subject=f"round:{row.id}")
    return roll


def mark_closed(session: Session, *, row: Round, actor: Actor, early: bool, facts: dict[str, Plain]) -> None:
    """Close a claimed round.

    Raises:
        RoundWrongState: it is not open.
        TooEarly: its closing time has not come.
    """
    status = rules.step(row.status, RoundState.CLOSED)
    now = clock.database_now(session)
    if now < row.closes_at and not early:
        raise TooEarly(at=row.closes_at.isoformat())
    row.status, row.closed_at = status, now
    session.add(row)
    audit.record(
        session,
        chain=row.division_code,
        by=actor.ref,
        tag=Tag.ROUND_CLOSED,
        subject=f"round:{row.id}",
        facts=facts,
    )
    outbox.emit(session, RoundClosed(str(row.id), row.division_code), subject=f"round:{row.id}")


def mark(
    session: Session, *, row: Round, to: RoundState, tag: Tag, actor: Actor = SYSTEM,
    facts: dict[str, Plain] | None = None,
) -> None:  # fmt: skip
    """Move a claimed round to a later state and record it.

    Raises:
        RoundWrongState: it does not follow.
    """
    row.status = rules.step(row.status, to)
    session.add(row)
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=tag, subject=f"round:{row.id}", facts=facts
    )


def due_to_open(session: Session) -> Sequence[uuid.UUID]:
    """Rounds whose opening time has come."""
    return queries.due_to_open(session, clock.database_now(session))


def due_to_close(session: Session) -> Sequence[uuid.UUID]:
    """Rounds whose closing time has come."""
    return queries.due_to_close(session, clock.database_now(session))


def entries_for(
    session: Session, *, rounds: Sequence[Round], fingerprints: Collection[str]
) -> dict[tuple[uuid.UUID, str], RollEntry]:
    """Which roll entry each phone votes for: (round, phone fingerprint) -> entry."""
    subjects = residents.subjects_of(session, phone_fingerprints=fingerprints)
    people = {person.resident_id: person for found in subjects.values() for person in found}
    ids = set(people) | {person.household_id for person in people.values()}
    by_subject: dict[tuple[uuid.UUID, uuid.UUID], RollEntry] = {
        (entry.round_id, entry.subject_id): entry
        for entry in queries.roll_entries(session, [row.id for row in rounds], ids)
    }
    found: dict[tuple[uuid.UUID, str], RollEntry] = {}
    for row in rounds:
        for fingerprint, persons in subjects.items():
            for person in persons:
                subject = person.resident_id if row.electorate is Electorate.PERSON else person.household_id
                entry = by_subject.get((row.id, subject))
                if entry is not None:
                    found.setdefault((row.id, fingerprint), entry)
    return found


def roll_by_building(session: Session, round_id: uuid.UUID) -> Sequence[tuple[str, uuid.UUID, int]]:
    """How many are on the roll in each building."""
    return queries.roll_by_building(session, round_id)


# --- inside -------------------------------------------------------------------------------------------------------


def _views(session: Session, rows: Sequence[Round]) -> list[RoundView]:
    codes = queries.communities_of(session, [row.id for row in rows])
    return [RoundView(row, codes[row.id]) for row in rows]


def _mine(session: Session, round_id: uuid.UUID, actor: Actor, *, verb: str) -> Round:
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


def _fill(session: Session, row: Round, body: RoundIn) -> None:
    rules.check_rule(_count_settings(body), budget_fen=body.budget_fen)
    rules.check_dates(
        kind=body.kind, opens_at=body.opens_at, closes_at=body.closes_at,
        published_at=min(clock.now(), body.opens_at), short_notice_reason="checked when it is published",
    )  # fmt: skip
    row.budget_fen = body.budget_fen
    row.short_notice_reason = body.short_notice_reason
    codes = sorted(set(body.community_codes))
    known = {division.code for division in places.communities_under(session, codes)}
    if missing := [code for code in codes if code not in known]:
        raise CommunityNotCovered(codes=missing)
    session.add(row)
    session.flush()  # the lists refer to the round
    session.add_all(RoundCommunity(round_id=row.id, community_code=code) for code in codes)
    listed = _list_projects(session, row, codes, list(dict.fromkeys(body.project_ids)))
    _tie_together(listed, body, row.budget_fen)


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


def _tie_together(listed: Sequence[RoundProject], body: RoundIn, budget_fen: int | None) -> None:
    """Note which projects exclude each other, and which are decided already."""
    on_list = {each.project_id: each for each in listed}
    named = [project_id for group in body.exclusive_groups for project_id in group]
    missing = [str(each) for each in [*named, *body.forced_in] if each not in on_list]
    if missing:
        raise ProjectNotInCommunities(project_ids=missing)
    if len(set(named)) < len(named):
        raise GroupsContradict
    for number, group in enumerate(body.exclusive_groups, start=1):
        if len(set(group) & set(body.forced_in)) > 1:
            raise GroupsContradict
        for project_id in group:
            on_list[project_id].exclusive_group = number
    for project_id in set(body.forced_in):
        on_list[project_id].forced_in = True
    _check_forced(listed, budget_fen)


def _check_forced(listed: Sequence[RoundProject], budget_fen: int | None) -> None:
    """Whether the budget pays for what is decided already."""
    cost = sum(each.cost_fen for each in listed if each.forced_in)
    if budget_fen is not None and cost > budget_fen:
        raise ForcedOverBudget(cost_fen=cost)


def _list_projects(
    session: Session, row: Round, codes: Sequence[str], project_ids: Sequence[uuid.UUID]
) -> list[RoundProject]:
    if not project_ids:
        raise NothingToVoteOn
    available = {
        snapshot.id: snapshot
        for snapshot in projects.snapshots(session, project_ids=project_ids)
        if snapshot.community_code in codes
    }
    if missing := [str(project_id) for project_id in project_ids if project_id not in available]:
        raise ProjectNotInCommunities(project_ids=missing)
    listed = [
        RoundProject(
            round_id=row.id,
            project_id=project_id,
            position=position,
            community_code=available[project_id].community_code,
            title=available[project_id].title,
            category=str(available[project_id].category),
            place=available[project_id].place,
            delivery_kind=str(available[project_id].delivery_kind),
            cost_fen=available[project_id].cost_fen,
        )
        for position, project_id in enumerate(project_ids)
    ]
    session.add_all(listed)
    return listed


def _check_ready(session: Session, row: Round) -> None:
    rules.check_dates(
        kind=row.kind, opens_at=row.opens_at, closes_at=row.closes_at, published_at=clock.now(),
        short_notice_reason=row.short_notice_reason,
    )  # fmt: skip
    codes = community_codes(session, row.id)
    listed = queries.projects(session, row.id)
    usable = {
        snapshot.id
        for snapshot in projects.snapshots(session, project_ids=[each.project_id for each in listed])
        if snapshot.community_code in codes
    }
    if missing := [str(each.project_id) for each in listed if each.project_id not in usable]:
        raise ProjectNotInCommunities(project_ids=missing)


def _freeze(session: Session, row: Round) -> None:
    codes = community_codes(session, row.id)
    before = queries.projects(session, row.id)
    project_ids = [each.project_id for each in before]
    bonds = {each.project_id: (each.exclusive_group, each.forced_in) for each in before}
    session.execute(sa.delete(RoundProject).where(RoundProject.round_id == row.id))  # type: ignore[arg-type]
    listed = _list_projects(session, row, codes, project_ids)  # costs as they are at this moment
    for each in listed:
        each.exclusive_group, each.forced_in = bonds[each.project_id]
    _check_forced(listed, row.budget_fen)
    projects.mark_listed(session, project_ids=project_ids, round_id=row.id, actor=SYSTEM)
    frozen: dict[str, Plain] = {
        "round_id": str(row.id),
        "title": row.title,
        "division_code": row.division_code,
        "communities": codes,
        "kind": row.kind.value,
        "electorate": row.electorate.value,
        "max_rank": row.max_rank,
        "budget_fen": row.budget_fen,
        "rule": row.rule.value,
        "points": row.points.value,
        "skip": row.skip,
        "threshold": row.threshold,
        "completion": row.completion.value,
        "until": row.until.value,
        "fill": row.fill.value,
        "comparison": row.comparison,
        "part_percent": row.part_percent,
        "unranked": row.unranked.value,
        "ties": row.ties.value,
        "priority": row.priority.value,
        "opens_at": row.opens_at.isoformat(),
        "closes_at": row.closes_at.isoformat(),
        "projects": [
            {
                "id": str(each.project_id),
                "title": each.title,
                "category": each.category,
                "community_code": each.community_code,
                "delivery_kind": each.delivery_kind,
                "place": each.place,
                "cost_fen": each.cost_fen,
                "exclusive_group": each.exclusive_group,
                "forced_in": each.forced_in,
            }
            for each in listed
        ],
    }
    text = canonical_json(frozen)
    row.frozen, row.frozen_digest = text.decode(), sha256_hex(text)


def _freeze_roll(session: Session, row: Round) -> Roll:
    """Write the roll: one entry per person, or per household with an adult in it, of the round's communities."""
    codes = community_codes(session, row.id)
    seen_subjects: set[uuid.UUID] = set()
    seen_phones: set[str] = set()
    pending: list[dict[str, object]] = []
    for person in residents.eligible_people(session, community_codes=codes, on=clock.today()):
        if row.electorate is Electorate.PERSON:
            # One person known in two communities of the same round has one ballot.
            if person.phone_fingerprint is not None:
                if person.phone_fingerprint in seen_phones:
                    continue
                seen_phones.add(person.phone_fingerprint)
            subject = person.resident_id
        else:
            subject = person.household_id
        if subject in seen_subjects:
            continue
        seen_subjects.add(subject)
        pending.append(
            {
                "id": new_id(),
                "round_id": row.id,
                "subject_id": subject,
                "community_code": person.community_code,
                "building_id": person.building_id,
            }
        )
    pending.sort(key=lambda entry: str(entry["id"]))  # the table's order says nothing
    for start in range(0, len(pending), ROLL_BATCH):
        session.execute(sa.insert(RollEntry), pending[start : start + ROLL_BATCH])
    ids = [str(entry["id"]) for entry in pending]
    return Roll(size=len(ids), digest=sha256_hex("\n".join(ids).encode()))
