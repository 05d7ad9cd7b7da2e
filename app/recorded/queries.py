"""Reads of recorded votes."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.core.db import locked
from app.recorded.models import (
    DecisionRecord,
    EntryOwner,
    OwnerEntry,
    OwnersDecision,
    OwnerVote,
    Proxy,
    SignedForm,
    VoteAct,
)
from app.recorded.rules import STANDING, Channel, FormState, NoticePeriod, ProxyState


@dataclass(frozen=True)
class RollTotals:
    """How large a roll is."""

    dwellings: int
    heads: int
    area_centi_m2: int


# --- the roll -------------------------------------------------------------------------------------------------------


def entry(session: Session, entry_id: uuid.UUID) -> OwnerEntry | None:
    """One dwelling on a roll."""
    return session.get(OwnerEntry, entry_id)


def entries_by_id(session: Session, ids: Collection[uuid.UUID]) -> Sequence[OwnerEntry]:
    """Several dwellings of a roll, by entry."""
    return session.exec(
        select(OwnerEntry).where(col(OwnerEntry.id).in_(ids)).order_by(col(OwnerEntry.id))
    ).all()


def entries_of_households(
    session: Session, round_id: uuid.UUID, household_ids: Collection[uuid.UUID]
) -> Sequence[OwnerEntry]:
    """Some dwellings of a roll, as the roster names them."""
    return session.exec(
        select(OwnerEntry).where(
            OwnerEntry.round_id == round_id, col(OwnerEntry.household_id).in_(household_ids)
        )
    ).all()


def entries(session: Session, round_id: uuid.UUID) -> Sequence[OwnerEntry]:
    """The whole roll, by entry."""
    return session.exec(
        select(OwnerEntry).where(OwnerEntry.round_id == round_id).order_by(col(OwnerEntry.id))
    ).all()


def entries_page(
    session: Session, round_id: uuid.UUID, *, after: uuid.UUID | None, limit: int
) -> Sequence[OwnerEntry]:
    """Some of a roll, by entry."""
    statement = select(OwnerEntry).where(OwnerEntry.round_id == round_id)
    if after is not None:
        statement = statement.where(col(OwnerEntry.id) > after)
    return session.exec(statement.order_by(col(OwnerEntry.id)).limit(limit)).all()


def entries_of_persons(
    session: Session, round_id: uuid.UUID, persons: Collection[int]
) -> Sequence[OwnerEntry]:
    """The dwellings of some persons, by entry."""
    owned = select(EntryOwner.entry_id).where(
        EntryOwner.round_id == round_id, col(EntryOwner.person).in_(persons)
    )
    return session.exec(
        select(OwnerEntry).where(col(OwnerEntry.id).in_(owned)).order_by(col(OwnerEntry.id))
    ).all()


def entries_locked(session: Session, ids: Collection[uuid.UUID]) -> None:
    """Take dwellings in one order, so that two who vote for them follow one another."""
    statement = locked(
        select(OwnerEntry.id).where(col(OwnerEntry.id).in_(ids)).order_by(col(OwnerEntry.id)), session
    )
    session.execute(statement).all()


def entries_known(session: Session, round_id: uuid.UUID, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of ``ids`` that stand on the roll."""
    return set(
        session.exec(
            select(OwnerEntry.id).where(OwnerEntry.round_id == round_id, col(OwnerEntry.id).in_(ids))
        )
    )


def persons_among(
    session: Session, round_id: uuid.UUID, resident_ids: Collection[uuid.UUID], *, acting: bool
) -> set[int]:
    """Which persons of a roll some residents are; with ``acting`` those who may act for themselves."""
    statement = select(EntryOwner.person).where(
        EntryOwner.round_id == round_id, col(EntryOwner.resident_id).in_(resident_ids)
    )
    if acting:
        statement = statement.where(col(EntryOwner.may_act))
    return set(session.exec(statement))


def owners_among(
    session: Session, round_id: uuid.UUID, resident_ids: Collection[uuid.UUID]
) -> set[uuid.UUID]:
    """Those of some residents who stand on a roll as owners."""
    return set(
        session.exec(
            select(EntryOwner.resident_id).where(
                EntryOwner.round_id == round_id, col(EntryOwner.resident_id).in_(resident_ids)
            )
        )
    )


def owners_of(session: Session, entry_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Dwelling -> its owners, as the roll froze them."""
    found: dict[uuid.UUID, list[uuid.UUID]] = {entry_id: [] for entry_id in entry_ids}
    rows = session.exec(
        select(EntryOwner)
        .where(col(EntryOwner.entry_id).in_(entry_ids))
        .order_by(col(EntryOwner.resident_id))
    )
    for row in rows:
        found[row.entry_id].append(row.resident_id)
    return found


def owners_rows(
    session: Session, round_id: uuid.UUID, entry_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Dwelling -> every row of the roster that is one of its owners of age: one has a phone where another has none."""
    found: dict[uuid.UUID, list[uuid.UUID]] = {entry_id: [] for entry_id in entry_ids}
    here, anywhere = aliased(EntryOwner), aliased(EntryOwner)
    rows = session.execute(
        sa.select(col(here.entry_id), col(anywhere.resident_id))
        .distinct()
        .join(
            anywhere,
            sa.and_(col(anywhere.round_id) == col(here.round_id), col(anywhere.person) == col(here.person)),
        )
        .where(col(here.round_id) == round_id, col(here.entry_id).in_(entry_ids), col(here.may_act))
        .order_by(col(here.entry_id), col(anywhere.resident_id))
    )
    for entry_id, resident_id in rows:
        found[entry_id].append(resident_id)
    return found


def totals(session: Session, round_id: uuid.UUID) -> RollTotals:
    """Dwellings, heads and area of a roll."""
    row = session.execute(
        sa.select(
            sa.func.count(), sa.func.max(col(OwnerEntry.head)), sa.func.sum(col(OwnerEntry.area_centi_m2))
        ).where(col(OwnerEntry.round_id) == round_id)
    ).one()
    return RollTotals(int(row[0]), int(row[1] or 0), int(row[2] or 0))


# --- votes ----------------------------------------------------------------------------------------------------------


def votes(session: Session, entry_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[OwnerVote, VoteAct]]:
    """Dwelling -> its vote and the act in force."""
    rows = session.execute(
        _votes().where(col(OwnerVote.entry_id).in_(entry_ids)).execution_options(populate_existing=True)
    )
    return {vote.entry_id: (vote, act) for vote, act in rows}


def votes_of_round(session: Session, round_id: uuid.UUID) -> dict[uuid.UUID, VoteAct]:
    """Dwelling -> the act in force, of a whole round."""
    rows = session.execute(_votes().where(col(OwnerVote.round_id) == round_id))
    return {vote.entry_id: act for vote, act in rows}


def _votes() -> sa.Select[OwnerVote, VoteAct]:
    return sa.select(OwnerVote, VoteAct).join(
        VoteAct,
        sa.and_(
            col(VoteAct.entry_id) == col(OwnerVote.entry_id), col(VoteAct.position) == col(OwnerVote.position)
        ),
    )


def vote_count(session: Session, round_id: uuid.UUID) -> int:
    """For how many dwellings a vote is in force."""
    return session.exec(
        select(sa.func.count()).select_from(OwnerVote).where(OwnerVote.round_id == round_id)
    ).one()


def answered_among(session: Session, entry_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of several dwellings with a vote in force, or a form that nobody has compared yet."""
    voted = select(OwnerVote.entry_id).where(col(OwnerVote.entry_id).in_(entry_ids))
    handed_in = select(SignedForm.entry_id).where(
        col(SignedForm.entry_id).in_(entry_ids), SignedForm.state == FormState.ENTERED
    )
    return {*session.exec(voted), *session.exec(handed_in)}


def last_positions(session: Session, entry_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Dwelling -> how often something was said for it."""
    found = dict.fromkeys(entry_ids, 0)
    rows = session.execute(
        sa.select(col(VoteAct.entry_id), sa.func.max(col(VoteAct.position)))
        .where(col(VoteAct.entry_id).in_(entry_ids))
        .group_by(col(VoteAct.entry_id))
    )
    return found | {entry_id: int(position) for entry_id, position in rows}


def acts(session: Session, entry_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[VoteAct]]:
    """Dwelling -> everything that was said for it, in order."""
    found: dict[uuid.UUID, list[VoteAct]] = {entry_id: [] for entry_id in entry_ids}
    rows = session.exec(
        select(VoteAct)
        .where(col(VoteAct.entry_id).in_(entry_ids))
        .order_by(col(VoteAct.entry_id), col(VoteAct.position))
    )
    for row in rows:
        found[row.entry_id].append(row)
    return found


def acted_online(session: Session, entry_id: uuid.UUID) -> bool:
    """Whether an owner of a dwelling ever voted for it on the phone, or let somebody vote by a proxy given there."""
    return (
        session.exec(
            select(VoteAct.position)
            .join(Proxy, col(Proxy.id) == col(VoteAct.proxy_id), isouter=True)
            .where(
                VoteAct.entry_id == entry_id,
                sa.or_(
                    col(VoteAct.channel) == Channel.ONLINE,
                    sa.and_(col(Proxy.id).is_not(None), col(Proxy.reference).is_(None)),
                ),
            )
        ).first()
        is not None
    )


# --- proxies --------------------------------------------------------------------------------------------------------


def proxy(session: Session, proxy_id: uuid.UUID) -> Proxy | None:
    """One proxy."""
    return session.get(Proxy, proxy_id)


def proxy_locked(session: Session, proxy_id: uuid.UUID) -> Proxy | None:
    """One proxy, locked."""
    statement = locked(select(Proxy).where(Proxy.id == proxy_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def standing_locked(session: Session, round_id: uuid.UUID, persons: Collection[int]) -> Sequence[Proxy]:
    """The proxies that some persons have given and that stand, locked in one order."""
    statement = locked(
        select(Proxy)
        .where(Proxy.round_id == round_id, col(Proxy.person).in_(persons), col(Proxy.state).in_(STANDING))
        .order_by(col(Proxy.id)),
        session,
    )
    return session.execute(statement.execution_options(populate_existing=True)).scalars().all()


def persons_of_entries(session: Session, entry_ids: Collection[uuid.UUID]) -> set[int]:
    """Everybody who owns one of several dwellings."""
    return set(session.exec(select(EntryOwner.person).where(col(EntryOwner.entry_id).in_(entry_ids))))


def residents_of_persons(session: Session, round_id: uuid.UUID, persons: Collection[int]) -> set[uuid.UUID]:
    """Every row of the roster that is one of several persons of a roll."""
    return set(
        session.exec(
            select(EntryOwner.resident_id).where(
                EntryOwner.round_id == round_id, col(EntryOwner.person).in_(persons)
            )
        )
    )


def proxies_of(session: Session, round_id: uuid.UUID, persons: Collection[int]) -> Sequence[Proxy]:
    """All proxies that some persons have given, the first one first."""
    return session.exec(
        select(Proxy)
        .where(Proxy.round_id == round_id, col(Proxy.person).in_(persons))
        .order_by(col(Proxy.given_at), col(Proxy.id))
    ).all()


def proxies_held(session: Session, round_id: uuid.UUID, holder: str) -> Sequence[Proxy]:
    """The proxies that stand and whose holder has this phone."""
    return session.exec(
        select(Proxy)
        .where(Proxy.round_id == round_id, Proxy.holder == holder, col(Proxy.state).in_(STANDING))
        .order_by(col(Proxy.given_at), col(Proxy.id))
    ).all()


def paper_proxies(session: Session, round_id: uuid.UUID) -> Sequence[Proxy]:
    """Proxies that were given on paper, the first one first."""
    return session.exec(
        select(Proxy)
        .where(Proxy.round_id == round_id, col(Proxy.reference).is_not(None))
        .order_by(col(Proxy.given_at), col(Proxy.id))
    ).all()


# --- forms ----------------------------------------------------------------------------------------------------------


def forms_by_id(session: Session, round_id: uuid.UUID, ids: Collection[uuid.UUID]) -> Sequence[SignedForm]:
    """Several forms of a round, in the order they were handed in."""
    return session.exec(
        select(SignedForm)
        .where(SignedForm.round_id == round_id, col(SignedForm.id).in_(ids))
        .order_by(col(SignedForm.handed_in_at), col(SignedForm.id))
    ).all()


def forms(
    session: Session,
    round_id: uuid.UUID,
    *,
    state: FormState | None,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> Sequence[SignedForm]:
    """Some forms of a round, in the order they were entered."""
    statement = select(SignedForm).where(SignedForm.round_id == round_id)
    if state is not None:
        statement = statement.where(SignedForm.state == state)
    if after is not None:
        at, form_id = after
        statement = statement.where(
            sa.or_(
                col(SignedForm.entered_at) > at,
                sa.and_(col(SignedForm.entered_at) == at, col(SignedForm.id) > form_id),
            )
        )
    return session.exec(statement.order_by(col(SignedForm.entered_at), col(SignedForm.id)).limit(limit)).all()


def form_taken(session: Session, entry_id: uuid.UUID, reference: str) -> bool:
    """Whether this document was entered for this dwelling already."""
    statement = select(SignedForm.id).where(
        SignedForm.entry_id == entry_id,
        SignedForm.reference == reference,
        SignedForm.state != FormState.REFUSED,
    )
    return session.exec(statement).first() is not None


def forms_waiting(session: Session, round_id: uuid.UUID) -> int:
    """How many forms nobody has compared yet."""
    statement = select(sa.func.count()).select_from(SignedForm)
    return session.exec(
        statement.where(SignedForm.round_id == round_id, SignedForm.state == FormState.ENTERED)
    ).one()


def to_compare(session: Session, round_id: uuid.UUID, *, by: str) -> tuple[int, int]:
    """(forms, proxies on paper) of a round that somebody else has entered and nobody has compared yet."""
    forms = select(sa.func.count()).select_from(SignedForm)
    proxies = select(sa.func.count()).select_from(Proxy)
    return (
        session.exec(
            forms.where(
                SignedForm.round_id == round_id,
                SignedForm.state == FormState.ENTERED,
                SignedForm.entered_by != by,
            )
        ).one(),
        session.exec(
            proxies.where(
                Proxy.round_id == round_id, Proxy.state == ProxyState.ENTERED, Proxy.entered_by != by
            )
        ).one(),
    )


def forms_waiting_for(
    session: Session, entry_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[SignedForm]]:
    """Dwelling -> its forms that nobody has compared yet, in the order they were entered."""
    found: dict[uuid.UUID, list[SignedForm]] = {entry_id: [] for entry_id in entry_ids}
    rows = session.exec(
        select(SignedForm)
        .where(col(SignedForm.entry_id).in_(entry_ids), SignedForm.state == FormState.ENTERED)
        .order_by(col(SignedForm.entered_at), col(SignedForm.reference))
    )
    for row in rows:
        found[row.entry_id].append(row)
    return found


def overtaken(session: Session, form_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of several forms that took no effect, because what the owner did goes before them."""
    return {
        form_id
        for form_id in session.exec(
            select(VoteAct.form_id).where(col(VoteAct.form_id).in_(form_ids), col(VoteAct.version).is_(None))
        )
        if form_id is not None
    }


# --- the decision ---------------------------------------------------------------------------------------------------


def decision(session: Session, round_id: uuid.UUID) -> OwnersDecision | None:
    """What came of a round."""
    return session.get(OwnersDecision, round_id)


def notice_periods(session: Session, round_ids: Collection[uuid.UUID]) -> list[NoticePeriod]:
    """How long the decisions of several rounds hang out."""
    statement = select(
        OwnersDecision.round_id,
        OwnersDecision.announced_at,
        OwnersDecision.notice_until,
        OwnersDecision.certified_at,
    ).where(col(OwnersDecision.round_id).in_(round_ids))
    return [NoticePeriod(*row) for row in session.exec(statement)]


def decision_locked(session: Session, round_id: uuid.UUID) -> OwnersDecision | None:
    """The same, locked for its certification."""
    statement = locked(select(OwnersDecision).where(OwnersDecision.round_id == round_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def record(session: Session, round_id: uuid.UUID) -> DecisionRecord | None:
    """Everything that was counted."""
    return session.get(DecisionRecord, round_id)
