"""Requests as somebody may see them: in a list, one with its letters, and in figures."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import AccountKind, Actor
from app.core import clock
from app.funding import chain, queries
from app.funding.chain import Reply, Station, Step
from app.funding.errors import NoPartToAccept, RequestNotFound, RequestWrongState
from app.funding.models import FundingRequest, RequestDecision, RequestReply
from app.funding.queries import Age, Place, Wanted
from app.funding.rules import Decision, Left, RequestState
from app.funding.service.deciding import may_return_to, spoke_before
from app.funding.service.lowering import left_before
from app.funding.service.settling import CostChange, cost_changes, most_fen
from app.places import service as places
from app.results import service as results


@dataclass(frozen=True)
class Line:
    """A request in a list."""

    request: FundingRequest
    community_name: str
    overdue: bool


@dataclass(frozen=True)
class Letter:
    """Something that was said about a request, by one side or the other."""

    at: dt.datetime
    #: Who spoke; nobody where the calendar did.
    side: Step | None
    #: The name of the account, as it stands in the house.
    by: str | None
    decision: RequestDecision | None = None
    reply: Reply | None = None
    words: str | None = None


@dataclass(frozen=True)
class Detail:
    """A request with all that was said about it, and what its reader may say now."""

    line: Line
    #: The divisions above the community, the nearest first: sub-district, district.
    names: tuple[str, str]
    decisions: Sequence[RequestDecision]
    letters: list[Letter]
    stations: list[Station]
    cost_changes: list[CostChange]
    #: The most the governments may grant now.
    most_fen: int
    #: What earlier steps have left of the governments' shares.
    left: Left
    #: The first step that lowered them, where the request can be returned to it.
    return_to: Step | None
    #: For whom its reader has spoken, where that keeps them from deciding now.
    spoke_as: Step | None
    open_decisions: list[Decision]
    may_resubmit: bool
    may_accept_part: bool


@dataclass(frozen=True)
class Counts:
    """How many requests wait where, and what was put off."""

    #: (step, requests it has in hand, those that are overdue, those whose costs a settlement changed), in the order of
    #: the chain, the committee first.
    steps: list[tuple[Step, int, int, int]]
    #: (year, requests put off to it, the governments' part of their cost in fen).
    put_off: list[tuple[int, int, int]]


def read(
    session: Session, request_id: uuid.UUID, *, actor: Actor, verb: str
) -> tuple[FundingRequest, Sequence[RequestDecision]]:
    """A request with its decisions.

    Raises:
        RequestNotFound: there is none, or it is not yours.
    """
    row = queries.request(session, request_id)
    if row is None or not actor.may(verb, row.community_code):
        raise RequestNotFound
    return row, queries.decisions(session, request_id)


def detail(session: Session, request_id: uuid.UUID, *, actor: Actor) -> Detail:
    """A request as its page shows it.

    Raises:
        RequestNotFound: there is none, or it is not yours.
    """
    row, decisions = read(session, request_id, actor=actor, verb="request.read")
    above = places.ancestors(session, row.community_code)
    replies = queries.replies(session, request_id)
    told = [(each.step, each.decision, each.decided_at or each.at) for each in decisions]
    most, left = most_fen(session, row), left_before(session, row, row.standing.place)
    asked, spoke_as = _spoke_as(session, row, actor)
    committee = asked is Step.COMMITTEE and spoke_as is None
    said = _open_decisions(row, actor, most, left) if spoke_as is None else []
    return Detail(
        line=_lines(session, [row])[0],
        names=(above[-1].name, above[-2].name),
        decisions=decisions,
        letters=sorted(_letters(session, row, decisions, replies), key=lambda letter: letter.at),
        stations=chain.stations(row.standing, told),
        cost_changes=cost_changes(session, row),
        most_fen=most,
        left=left,
        return_to=may_return_to(session, row) if Decision.RETURNED in said else None,
        spoke_as=spoke_as,
        open_decisions=said,
        may_resubmit=committee and _follows(row, Reply.CORRECTED),
        may_accept_part=committee and _follows(row, Reply.PART_ACCEPTED) and (row.approved_fen or 0) <= most,
    )


def listing(
    session: Session, *, actor: Actor, verb: str, round_id: uuid.UUID | None = None,
    state: RequestState | None = None, after: Age | None, limit: int,
) -> Sequence[FundingRequest]:  # fmt: skip
    """Requests under the divisions somebody works for, oldest first."""
    wanted = Wanted(actor.divisions_for(verb), round_id=round_id, state=state)
    return queries.page(session, wanted, after=after, limit=limit)


def standing_in_line(
    session: Session, *, actor: Actor, by_priority: bool, after: Age | Place | None, limit: int,
    round_id: uuid.UUID | None = None, state: RequestState | None = None, step: Step | None = None,
    division: str | None = None, overdue: bool = False,
) -> list[Line]:  # fmt: skip
    """Requests under the divisions somebody works for, as a desk lists them: by priority, or oldest first."""
    wanted = Wanted(
        actor.divisions_for("request.list"), division, round_id, state, step,
        overdue_at=clock.now() if overdue else None,
    )  # fmt: skip
    if by_priority:
        place = after if after is None or len(after) == 3 else None  # noqa: PLR2004 - priority, time, id
        return _lines(session, queries.page_by_priority(session, wanted, after=place, limit=limit))
    age = after if after is None or len(after) == 2 else None  # noqa: PLR2004 - time, id
    return _lines(session, queries.page(session, wanted, after=age, limit=limit))


def count(session: Session, *, actor: Actor, division: str | None) -> Counts:
    """How many requests wait where, in the divisions somebody works for."""
    wanted = Wanted(actor.divisions_for("request.count"), division)
    found = {row[0]: row for row in queries.by_step(session, wanted, now=clock.now())}
    return Counts(
        steps=[found.get(step, (step, 0, 0, 0)) for step in Step],
        put_off=list(queries.put_off(session, wanted)),
    )


def first_dues(session: Session, *, actor: Actor, division: str) -> dict[Step, dt.datetime]:
    """Step -> until when the first of the requests it has in hand is to be answered, where somebody works."""
    return queries.first_dues(session, Wanted(actor.divisions_for("request.count"), division))


def progress(session: Session, *, round_id: uuid.UUID) -> Sequence[FundingRequest]:
    """Where the money of a round is, in published order.

    Raises:
        RoundNotFound: there is no such round.
    """
    results.published_round(session, round_id)
    return queries.of_round(session, round_id)


def totals(
    session: Session, *, divisions: Sequence[str]
) -> Sequence[tuple[RequestState, int, int, int, int]]:
    """By state: how many requests, their cost, the governments' part of it, what was approved."""
    return queries.totals(session, divisions) if divisions else []


# --- inside ---------------------------------------------------------------------------------------------------------


def _lines(session: Session, rows: Sequence[FundingRequest]) -> list[Line]:
    names = queries.division_names(session, {row.community_code for row in rows})
    now = clock.now()
    return [
        Line(row, names[row.community_code], overdue=row.due_at is not None and row.due_at <= now)
        for row in rows
    ]


def _spoke_as(session: Session, row: FundingRequest, actor: Actor) -> tuple[Step | None, Step | None]:
    """(the step whose turn it is, where it is its reader's; for whom they have spoken, if that keeps them from it)."""
    standing = row.standing
    if standing.step is Step.COMMITTEE:
        asked = Step.COMMITTEE if actor.may("request.resubmit", row.community_code) else None
    else:
        mine = chain.open_decisions(standing, actor.roles_over(row.community_code))
        asked = standing.place if mine else None
    return asked, None if asked is None else spoke_before(session, row, asked, actor)


def _open_decisions(row: FundingRequest, actor: Actor, most: int, left: Left) -> list[Decision]:
    """What somebody may say; nobody grants, or releases, more than the project costs by now, or others have left."""
    said = chain.open_decisions(row.standing, actor.roles_over(row.community_code))
    too_much = set()
    if row.whole.amount_fen > most or left.offer != row.whole:
        too_much.add(Decision.APPROVED)
    if row.approved_fen is not None and row.approved_fen > most:
        too_much.add(Decision.GO_AHEAD)
    return sorted(said - too_much)


def _follows(row: FundingRequest, reply: Reply) -> bool:
    try:
        (chain.accept_part if reply is Reply.PART_ACCEPTED else chain.resubmit)(row.standing)
    except (NoPartToAccept, RequestWrongState):
        return False
    return True


def _letters(
    session: Session,
    row: FundingRequest,
    decisions: Sequence[RequestDecision],
    replies: Sequence[RequestReply],
) -> Iterator[Letter]:
    names = _names(session, {*(each.by for each in decisions), *(each.by for each in replies)})
    if row.state is not RequestState.RESERVE:
        yield Letter(row.created_at, Step.COMMITTEE, None)
    for each in decisions:
        yield Letter(each.at, each.step, names.get(each.by), decision=each, words=each.reason)
    for said in replies:
        side = None if said.reply is Reply.CAME_BACK else Step.COMMITTEE
        yield Letter(said.at, side, names.get(said.by), reply=said.reply, words=said.words)


def _names(session: Session, refs: set[str]) -> dict[str, str]:
    """What those are called who act for a house; nobody is a resident here."""
    found: dict[str, str] = {}
    for ref in refs:
        kind, _, account_id = ref.partition(":")
        account = access.account_of(session, uuid.UUID(account_id)) if kind == "account" else None
        if account is not None and account.kind is not AccountKind.RESIDENT:
            found[ref] = account.display_name or account.name or ""
    return found


def won(session: Session, project_ids: Collection[uuid.UUID]) -> Collection[uuid.UUID]:
    """Which of these projects won a vote already: their money is asked for, granted or put off to another year."""
    return queries.won(session, project_ids)
