"""Votes on paper: signed forms, entered by one person of the staff and compared by another."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.signer import Signer
from app.places import service as places
from app.places.service import Dwelling
from app.recorded import queries, rules
from app.recorded.errors import (
    DwellingNotFound,
    FormEnteredAlready,
    FormNotFound,
    FormWrongState,
    SecondLookNeeded,
)
from app.recorded.models import OwnerEntry, SignedForm, VoteAct
from app.recorded.rules import Channel, FormState, ProxyState
from app.recorded.schemas import FormIn
from app.recorded.service import notices
from app.recorded.service.acts import Saying, open_at, record, say
from app.recorded.service.counting import count_if_ready
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound, RoundNotOpen
from app.rounds.models import Round
from app.rounds.rules import RoundState


@dataclass(frozen=True)
class Stack:
    """Forms, and which of them are without effect, because what an owner did goes before them."""

    forms: Sequence[SignedForm]
    overtaken: frozenset[uuid.UUID]
    #: Entry -> the dwelling it stands for.
    dwellings: Mapping[uuid.UUID, Dwelling]
    #: How the record names people of the staff -> what they are called; and the caller.
    names: Mapping[str, str | None]
    me: str
    #: Whether the caller compares forms with the paper, and so has to see what stands on it.
    compares: bool


def enter(session: Session, *, round_id: uuid.UUID, items: Sequence[FormIn], actor: Actor) -> Stack:
    """Enter signed forms, all of them or none; they count once somebody else has compared them. Owners are told.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret: its ballots are secret.
        RoundNotOpen, RoundClosed: it takes no votes now.
        DwellingNotFound: a dwelling is not on the roll.
        TimeImpossible: a form cannot have been handed in then.
        FormEnteredAlready: this document was entered for this dwelling.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="form.enter")
    rounds.check_recorded(row, instead="my-ballot")
    now = open_at(session, rounds.door_of(row))
    known = queries.entries_known(session, round_id, {item.entry_id for item in items})
    assert row.opened_at is not None
    forms = []
    seen: set[tuple[uuid.UUID, str]] = set()
    for item in items:
        if item.entry_id not in known:
            raise DwellingNotFound
        rules.check_written(at=item.handed_in_at, earliest=row.opened_at, entered=now)
        document = (item.entry_id, item.reference)
        if document in seen or queries.form_taken(session, item.entry_id, item.reference):
            raise FormEnteredAlready(reference=item.reference)
        seen.add(document)
        forms.append(
            SignedForm(
                **item.model_dump(),
                round_id=round_id,
                state=FormState.ENTERED,
                entered_by=actor.ref,
                entered_at=now,
            )
        )
    session.add_all(forms)
    _record(session, row, actor, Tag.FORMS_ENTERED, forms)
    owners = queries.persons_of_entries(session, {form.entry_id for form in forms})
    notices.tell(session, round_id=round_id, persons=owners)
    return _stack(session, row, forms, frozenset(), actor)


def confirm(
    session: Session, *, round_id: uuid.UUID, form_ids: Sequence[uuid.UUID], actor: Actor, signer: Signer
) -> Stack:
    """Say that what was entered is what stands on the paper; the votes are in force unless the owner acted later.

    It may be said after closing too, of what was entered before; when nothing waits any more, the votes are counted.
    Then nobody can answer a form any more, so it never takes the place of what an owner did online: it counts where no
    owner of the dwelling did anything there, and elsewhere it is kept in the history without effect.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret: its ballots are secret.
        RoundNotOpen: it is neither open nor waiting for this.
        FormNotFound: one of these forms is not there.
        FormWrongState: one does not wait for anybody.
        SecondLookNeeded: you entered one of them yourself.
    """
    row, forms = _waiting(session, round_id, form_ids, actor, verb="form.confirm")
    if any(form.entered_by == actor.ref for form in forms):
        raise SecondLookNeeded
    door = rounds.door_of(row)
    late = door.status is RoundState.CLOSED or clock.database_now(session) >= door.closes_at
    acts = [_take(session, form, signer, late=late) for form in forms]
    for form in forms:
        form.state, form.decided_by = FormState.CONFIRMED, actor.ref
        session.add(form)
    record(session, row, actor, Tag.FORMS_CONFIRMED, acts)
    session.flush()  # what waits is counted again
    count_if_ready(session, round_id=round_id, signer=signer)
    overtaken = frozenset(act.form_id for act in acts if act.version is None and act.form_id is not None)
    return _stack(session, row, forms, overtaken, actor)


def refuse(
    session: Session,
    *,
    round_id: uuid.UUID,
    form_ids: Sequence[uuid.UUID],
    reason: str,
    actor: Actor,
    signer: Signer,
) -> Stack:
    """Not take forms, with the reason; after closing the votes are counted when nothing waits any more.

    Raises:
        RoundNotFound, RoundSecret, RoundNotOpen, FormNotFound, FormWrongState.
    """
    row, forms = _waiting(session, round_id, form_ids, actor, verb="form.refuse")
    for form in forms:
        form.state, form.decided_by, form.reason = FormState.REFUSED, actor.ref, reason
        session.add(form)
    _record(session, row, actor, Tag.FORMS_REFUSED, forms)
    session.flush()  # what waits is counted again
    count_if_ready(session, round_id=round_id, signer=signer)
    return _stack(session, row, forms, frozenset(), actor)


def listing(
    session: Session,
    *,
    round_id: uuid.UUID,
    state: FormState | None,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
    actor: Actor,
) -> Stack:
    """Some forms of a round, in the order they were entered.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret: its ballots are secret.
    """
    row = rounds.round_(session, round_id)
    if not actor.may("form.list", row.division_code):
        raise RoundNotFound
    rounds.check_recorded(row, instead="turnout")
    found = queries.forms(session, round_id, state=state, after=after, limit=limit)
    overtaken = frozenset(queries.overtaken(session, [form.id for form in found]))
    return _stack(session, row, found, overtaken, actor)


def _take(session: Session, form: SignedForm, signer: Signer, *, late: bool) -> VoteAct:
    """The act a form is. Where the dwelling has one owner, a proxy given before it is thereby over.

    ``late``: owners cannot vote any more, and what one of them did online stands.
    """
    entry = queries.entry(session, form.entry_id)
    assert isinstance(entry, OwnerEntry)
    now = clock.database_now(session)
    persons = queries.persons_of_entries(session, [entry.id])
    without_effect = late and queries.acted_online(session, entry.id)
    if len(persons) == 1 and not without_effect:
        for proxy in queries.standing_locked(session, form.round_id, persons):
            if proxy.given_at <= form.handed_in_at:
                proxy.state, proxy.ended_at = ProxyState.ENDED, now
                session.add(proxy)
    queries.entries_locked(session, [entry.id])
    before = queries.votes(session, [entry.id])
    what = Saying(
        form.choice, Channel.PAPER, form.entered_by, acted_at=form.handed_in_at,
        owner_acted_at=form.handed_in_at, form_id=form.id, without_effect=without_effect,
    )  # fmt: skip
    (act,) = say(session, [entry], what, before=before, now=now, signer=signer)
    session.flush()  # the next form of this stack may be for the same dwelling
    return act


def _waiting(
    session: Session, round_id: uuid.UUID, form_ids: Sequence[uuid.UUID], actor: Actor, *, verb: str
) -> tuple[Round, Sequence[SignedForm]]:
    """A claimed round that is open or closed, and forms of it that wait for a second person."""
    row = rounds.claim(session, round_id, actor=actor, verb=verb)
    rounds.check_recorded(row, instead="my-ballot")
    if row.status not in {RoundState.OPEN, RoundState.CLOSED}:
        raise RoundNotOpen(state=row.status.value)
    forms = queries.forms_by_id(session, round_id, form_ids)
    if len(forms) != len(set(form_ids)):
        raise FormNotFound
    for form in forms:
        if form.state is not FormState.ENTERED:
            raise FormWrongState(state=form.state.value)
    return row, forms


def _stack(
    session: Session,
    row: Round,
    forms: Sequence[SignedForm],
    overtaken: frozenset[uuid.UUID],
    actor: Actor,
) -> Stack:
    entries = queries.entries_by_id(session, {form.entry_id for form in forms})
    homes = places.dwellings(session, household_ids=[entry.household_id for entry in entries])
    return Stack(
        forms, overtaken,
        dwellings={entry.id: homes[entry.household_id] for entry in entries},
        names=access.staff_names(session, refs={form.entered_by for form in forms}),
        me=actor.ref,
        compares=actor.may("form.confirm", row.division_code),
    )  # fmt: skip


def _record(session: Session, row: Round, actor: Actor, tag: Tag, forms: Sequence[SignedForm]) -> None:
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=tag, subject=f"round:{row.id}",
        facts={"forms": sorted(str(form.id) for form in forms)},
    )  # fmt: skip
