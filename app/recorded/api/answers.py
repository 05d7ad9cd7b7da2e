"""From rows to answers. Every one of them says that the vote is recorded and not secret."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.core.pagination import Page
from app.core.signer import Signer, b64
from app.recorded import rules
from app.recorded.models import Proxy, SignedForm, VoteAct
from app.recorded.rules import FormState, ProxyState
from app.recorded.schemas import (
    ActOut,
    DecisionOut,
    DecisionVoteOut,
    DecisionVotesPage,
    EnteredProxyOut,
    EntryOwnerOut,
    FormListOut,
    FormOut,
    FormPage,
    GivenProxyOut,
    HeldProxyOut,
    MatterOut,
    MyDwellingOut,
    MyProxiesOut,
    MyVotesOut,
    OwnedDwellingOut,
    OwnersRollLineOut,
    OwnersRollPage,
    ProxyListOut,
    ProxyOut,
    ReceiptsOut,
    RecordedRoundOut,
    RequirementOut,
    TallyOut,
    VoteOut,
    WaitingFormOut,
)
from app.recorded.service import CountedVote, DecisionView, MyVotes, OwnersRoll, proxies
from app.recorded.service.acts import instant
from app.recorded.service.forms import Stack
from app.recorded.service.paper_proxies import EnteredProxy
from app.recorded.service.proxies import MyProxies
from app.residents.rules import masked_phone
from app.rounds.matters import MATTERS, OwnersMatter
from app.rounds.models import Round
from app.rounds.schemas import RECORDED_LABEL
from app.tally.double_quorum import Tally, requirements

#: What every answer begins with.
MARK: dict[str, Any] = {"recorded": True, "label": RECORDED_LABEL}


def round_out(row: Round) -> RecordedRoundOut:
    """Where a round stands."""
    return RecordedRoundOut(**MARK, round_id=row.id, status=row.status)


def matter_out(matter: OwnersMatter) -> MatterOut:
    """A matter with its words."""
    rule = MATTERS[matter]
    return MatterOut(code=matter, item=rule.item, majority=rule.majority.value, zh=rule.zh, en=rule.en)


def vote_out(act: VoteAct) -> VoteOut:
    """An act in force, as a receipt."""
    assert act.version is not None
    assert act.signature is not None
    return VoteOut(
        entry_id=act.entry_id,
        version=act.version,
        choice=act.choice,
        channel=act.channel,
        acted_at=instant(act.acted_at),
        signature=act.signature,
    )


def receipts(row_id: Any, acts: Iterable[VoteAct], signer: Signer) -> ReceiptsOut:  # noqa: ANN401 - a UUID
    """The receipts of votes that are in force now."""
    return ReceiptsOut(
        **MARK,
        round_id=row_id,
        votes=[vote_out(act) for act in acts],
        signed_with=b64(signer.public_key),
    )


def my_votes(view: MyVotes, *, me: str, signer: Signer) -> MyVotesOut:
    """An owner's dwellings; ``me`` is how the record names the caller."""
    row = view.round
    assert row.matter is not None
    dwellings = []
    for entry in view.entries:
        name, in_force = view.names[entry.household_id], view.votes.get(entry.id)
        history = [
            ActOut(
                position=act.position,
                version=act.version,
                choice=act.choice,
                channel=act.channel,
                by_you=act.by == me,
                acted_at=act.acted_at,
                recorded_at=act.recorded_at,
                in_force=in_force is not None and act.position == in_force.position,
            )
            for act in view.acts[entry.id]
        ]
        dwellings.append(
            MyDwellingOut(
                entry_id=entry.id, building=name.building, unit=name.unit, room=name.room,
                area_centi_m2=entry.area_centi_m2, vote=None if in_force is None else vote_out(in_force),
                history=history, waiting=[_waiting(form) for form in view.waiting[entry.id]],
            )
        )  # fmt: skip
    return MyVotesOut(
        **MARK, round_id=row.id, status=row.status, title=row.title, question=row.question or "",
        matter=matter_out(row.matter), closes_at=row.closes_at, version=view.version, dwellings=dwellings,
        signed_with=b64(signer.public_key),
    )  # fmt: skip


def proxy_out(row: Round, proxy: Proxy, language: str) -> ProxyOut:
    """A proxy with what it says."""
    return ProxyOut(**_proxy(row, proxy, language))


def given_proxy(row: Round, proxy: Proxy, *, language: str, signer: Signer) -> GivenProxyOut:
    """A proxy after something was done to it."""
    return GivenProxyOut(**MARK, proxy=proxy_out(row, proxy, language), signed_with=b64(signer.public_key))


def my_proxies(view: MyProxies, language: str) -> MyProxiesOut:
    """Proxies given and held."""
    held = [
        HeldProxyOut(
            **_proxy(view.round, each.proxy, language),
            dwellings=len(each.entries),
            area_centi_m2=sum(entry.area_centi_m2 for entry in each.entries),
            votes=[vote_out(act) for act in each.acts],
        )
        for each in view.held
    ]
    return MyProxiesOut(
        **MARK,
        given=[proxy_out(view.round, each, language) for each in view.given],
        held=held,
        most=view.law.most_proxies,
        article=view.law.proxy_article,
    )


def proxy_list(row: Round, found: Sequence[EnteredProxy]) -> ProxyListOut:
    """Proxies on paper."""
    items = [
        EnteredProxyOut(
            **_frame(row, each.proxy),
            powers=each.proxy.powers if each.proxy.state is ProxyState.ENTERED and each.compares else None,
            givers=list(each.givers),
            dwellings=[OwnedDwellingOut.model_validate(one) for one in each.dwellings],
            entered_by=each.entered_by,
            mine=each.mine,
            reason=each.proxy.reason,
        )
        for each in found
    ]
    return ProxyListOut(**MARK, items=items)


def form_list(stack: Stack) -> FormListOut:
    """Signed forms."""
    return FormListOut(**MARK, items=[_form(form, stack) for form in stack.forms])


def form_page(stack: Stack, page: Page[SignedForm]) -> FormPage:
    """Some signed forms."""
    return FormPage(**MARK, items=[_form(form, stack) for form in page.items], next_cursor=page.next_cursor)


def owners_roll(view: OwnersRoll, next_cursor: str | None, shown: int) -> OwnersRollPage:
    """The first ``shown`` lines of a roll, and its totals."""
    items = []
    for entry in view.lines.entries[:shown]:
        name, act = view.lines.names[entry.household_id], view.lines.votes.get(entry.id)
        items.append(
            OwnersRollLineOut(
                entry_id=entry.id, building=name.building, unit=name.unit, room=name.room,
                area_centi_m2=entry.area_centi_m2, head=entry.head,
                owners=[EntryOwnerOut(resident_id=one, name=masked) for one, masked in view.owners[entry.id]],
                voted=act is not None, channel=None if act is None else act.channel,
            )
        )  # fmt: skip
    totals = view.totals
    return OwnersRollPage(
        **MARK, items=items, next_cursor=next_cursor, dwellings=totals.dwellings, heads=totals.heads,
        area_centi_m2=totals.area_centi_m2, taken_part_dwellings=view.taken_part,
    )  # fmt: skip


def decision(view: DecisionView, *, language: str, signer: Signer) -> DecisionOut:
    """What came of it: figures, by how much it missed, the way of law against it."""
    row, made = view.round, view.decision
    assert row.matter is not None
    return DecisionOut(
        **MARK,
        round_id=row.id,
        status=row.status,
        title=row.title,
        question=row.question or "",
        matter=matter_out(row.matter),
        article=made.thresholds.article,
        thresholds_from=made.thresholds.valid_from,
        valid=made.valid,
        passed=made.passed,
        all_owners=_tally(made.all_owners),
        taken_part=_tally(made.taken_part),
        in_favour=_tally(made.in_favour),
        against=_tally(made.against),
        abstained=_tally(made.abstained),
        requirements=[
            RequirementOut(
                stage=each.stage, measure=each.measure, part=str(each.share.part), strictly=each.share.strictly,
                have=each.have, whole=each.whole, needed=each.needed, missing=each.missing,
            )
            for each in requirements(made)
        ],
        lines=rules.decision_lines(made, language),
        remedies=rules.REMEDIES["zh" if language.startswith("zh") else "en"],
        dwellings=view.facts["dwellings"],
        roll_digest=view.facts["roll_digest"],
        record_digest=view.row.record_digest,
        signature=view.row.signature,
        signed_with=b64(signer.public_key),
        counted_at=view.row.counted_at,
        announced_at=view.row.announced_at,
        post_by=view.row.post_by,
        posting_article=view.law.publication_article,
        notice_until=view.row.notice_until,
        certified_at=view.row.certified_at,
    )  # fmt: skip


def decision_votes(page: Page[CountedVote]) -> DecisionVotesPage:
    """Some votes, their rooms masked."""
    items = [
        DecisionVoteOut(building=vote.building, unit=vote.unit, room=rules.MASKED_ROOM, choice=vote.choice)
        for vote in page.items
    ]
    return DecisionVotesPage(**MARK, items=items, next_cursor=page.next_cursor)


def _proxy(row: Round, proxy: Proxy, language: str) -> dict[str, Any]:
    return {
        **_frame(row, proxy),
        "powers": proxy.powers,
        "words": proxies.words(row, proxy, language),
        "signature": proxy.signature,
    }


def _frame(row: Round, proxy: Proxy) -> dict[str, Any]:
    return {
        "id": proxy.id,
        "state": proxy.state,
        "holder": masked_phone(proxy.holder_phone) or "",
        "given_at": instant(proxy.given_at),
        "until": instant(row.closes_at),
        "reference": proxy.reference,
        "ended_at": proxy.ended_at,
    }


def _form(form: SignedForm, stack: Stack) -> FormOut:
    home = stack.dwellings[form.entry_id]
    return FormOut(
        id=form.id, entry_id=form.entry_id, building=home.building, unit=home.unit, room=home.room,
        choice=form.choice if form.state is FormState.ENTERED and stack.compares else None,
        reference=form.reference, handed_in_at=form.handed_in_at, state=form.state,
        entered_at=form.entered_at, entered_by=stack.names[form.entered_by], mine=form.entered_by == stack.me,
        reason=form.reason, overtaken=form.id in stack.overtaken,
    )  # fmt: skip


def _waiting(form: SignedForm) -> WaitingFormOut:
    return WaitingFormOut(**{name: getattr(form, name) for name in WaitingFormOut.model_fields})


def _tally(tally: Tally) -> TallyOut:
    return TallyOut(heads=tally.heads, area_centi_m2=tally.area)
