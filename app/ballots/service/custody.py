"""The key of a round in three hands: taking a share, typing it back, bringing it again to open the box.

No step writes words anywhere but into the key store, and none leaves the machine without the commit that says so.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.access.roles import Role
from app.audit import service as audit
from app.audit.tags import Tag
from app.ballots import queries, shares
from app.ballots.errors import (
    KeyMissing,
    KeyNotShared,
    KeyNotSplit,
    OneShareEach,
    ShareConfirmed,
    ShareEntered,
    ShareNotTaken,
    ShareOfAnotherAccount,
    ShareOfAnotherHolder,
    WordsOfAnotherHolder,
    WordsOfAnotherKey,
)
from app.ballots.keystore import RETRY_SECONDS, KeyStore
from app.ballots.models import KeyShare
from app.ballots.service.board import post
from app.ballots.shares import HOLDER_ROLES, NEEDED, Holder
from app.core.canonical import Plain
from app.core.signer import Signer, b64
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound, RoundWrongState
from app.rounds.models import Round
from app.rounds.rules import PUBLIC_STATES, TRANSITIONS, Custody, RoundState

Shares = Mapping[Holder, KeyShare]


@dataclass(frozen=True)
class ShownShare:
    """A share in its holder's eyes."""

    holder: Holder
    round_title: str
    words: str
    fingerprint: str


@dataclass(frozen=True)
class ShareState:
    """How far a share is; never its words."""

    holder: Holder
    role: Role
    held_by: str | None
    mine: bool
    fingerprint: str | None
    taken: bool
    confirmed: bool
    entered: bool


@dataclass(frozen=True)
class SharesView:
    """The shares of a round's key."""

    round_id: uuid.UUID
    needed: int
    ready: int
    shares: list[ShareState]


def hold_key_share(
    session: Session, *, round_id: uuid.UUID, holder: Holder, actor: Actor, keys: KeyStore
) -> ShownShare:
    """Take a share of a published round's key; who took it is shown it again until they confirm it.

    The first holder's call makes the key and splits it; from then on the whole of it is nowhere.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        KeyNotSplit: its key is kept in one place.
        ShareOfAnotherHolder: you do not act for this holder.
        RoundWrongState: it has opened already, or never will.
        OneShareEach: you took another one.
        ShareOfAnotherAccount: somebody else took it.
        ShareConfirmed: you have confirmed it.
        ShareGone: its words are not here any more.
    """
    row = _claim(session, round_id, holder, actor, verb="key_share.hold", on_the_way_to=RoundState.OPEN)
    found = queries.key_shares(session, round_id) or _make(session, round_id, keys)
    share = found[holder]
    if share.account_id is None:
        _check_one_each(actor, holder, found)
        share.account_id = actor.account_id
        session.add(share)
    if share.account_id != actor.account_id:
        raise ShareOfAnotherAccount
    if share.confirmed:
        raise ShareConfirmed
    words = keys.share(round_id, holder)
    _record(session, row, actor, Tag.KEY_SHARE_SHOWN, {"holder": holder.value})
    return ShownShare(holder, row.title, words, share.fingerprint)


def confirm_key_share(
    session: Session,
    *,
    round_id: uuid.UUID,
    holder: Holder,
    words: str,
    actor: Actor,
    keys: KeyStore,
    signer: Signer,
) -> SharesView:
    """Type a share back: its words leave the key store for good, and the board says that the holder has them.

    Raises:
        RoundNotFound, KeyNotSplit, ShareOfAnotherHolder, RoundWrongState: as for taking it.
        ShareNotTaken: nobody has seen it yet.
        ShareOfAnotherAccount: somebody else took it.
        WordsMisspelt, WordsMiscounted, WordsMixedUp, WordsOfAnotherHolder, WordsOfAnotherKey: not these words.
    """
    row = _claim(session, round_id, holder, actor, verb="key_share.confirm", on_the_way_to=RoundState.OPEN)
    found = queries.key_shares(session, round_id)
    share = found.get(holder)
    if share is None or share.account_id is None:
        raise ShareNotTaken
    if share.account_id != actor.account_id:
        raise ShareOfAnotherAccount
    _check_words(words, round_id, holder, found)
    # Before the commit: a share that counts as confirmed is never here any more. If the commit fails, its holder has
    # the words, and types them again.
    keys.forget_share(round_id, holder)
    if not share.confirmed:
        share.confirmed = True
        session.add(share)
        post(
            session, round_id=round_id, kind="key_shared", signer=signer,
            body={
                "holder": holder.value,
                "share_fingerprint": share.fingerprint,
                "sealing_key": b64(share.sealing_key),
                "shares": len(Holder),
                "needed": NEEDED,
            },
        )  # fmt: skip
        _record(session, row, actor, Tag.KEY_SHARE_CONFIRMED, {"holder": holder.value})
    return _view(session, round_id, actor, keys)


def enter_key_share(
    session: Session, *, round_id: uuid.UUID, holder: Holder, words: str, actor: Actor, keys: KeyStore
) -> SharesView:
    """Bring a share to open the box of a closed round; it stays in the key store until the key is destroyed.

    Whoever took it brings it, or, when they act for the holder no more, whoever does now.

    Raises:
        RoundNotFound, KeyNotSplit, ShareOfAnotherHolder: as for taking it.
        RoundWrongState: it is not closed, or its box is open already.
        ShareNotTaken: there are no shares of this key.
        ShareOfAnotherAccount: who took it still acts for the holder.
        OneShareEach: you took or brought another one.
        WordsMisspelt, WordsMiscounted, WordsMixedUp, WordsOfAnotherHolder, WordsOfAnotherKey: not these words.
        ShareEntered: it is here already.
        KeyMissing: nothing of the round's key is on this machine.
    """
    row = _claim(session, round_id, holder, actor, verb="key_share.enter", on_the_way_to=RoundState.UNSEALED)
    found = queries.key_shares(session, round_id)
    share = found.get(holder)
    if share is None or share.account_id is None:
        raise ShareNotTaken
    if share.account_id != actor.account_id and access.holds(
        session, account_id=share.account_id, role=HOLDER_ROLES[holder], division=row.division_code
    ):
        raise ShareOfAnotherAccount
    _check_one_each(actor, holder, found)
    read = _check_words(words, round_id, holder, found)
    here = holder in keys.entered(round_id)
    if here and share.entered_by is not None:
        raise ShareEntered
    if not here:
        keys.enter(round_id, holder, read)
    share.entered_by = actor.account_id
    session.add(share)
    _record(session, row, actor, Tag.KEY_SHARE_ENTERED, {"holder": holder.value})
    return _view(session, round_id, actor, keys)


def discard_key_shares(
    session: Session, *, round_id: uuid.UUID, reason: str, actor: Actor, keys: KeyStore, signer: Signer
) -> SharesView:
    """Throw the key of a round away before it opens, with a public reason; the holders begin anew.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        KeyNotSplit: its key is kept in one place.
        RoundWrongState: it has opened already: ballots may be sealed to this key.
    """
    row = _claim(session, round_id, None, actor, verb="key_share.discard", on_the_way_to=RoundState.OPEN)
    keys.destroy(round_id)
    if queries.key_shares(session, round_id):
        queries.discard_key_shares(session, round_id)
        post(session, round_id=round_id, kind="key_discarded", body={"reason": reason}, signer=signer)
        _record(session, row, actor, Tag.KEY_SHARES_DISCARDED, {"reason": reason})
    return _view(session, round_id, actor, keys)


def list_key_shares(session: Session, *, round_id: uuid.UUID, actor: Actor, keys: KeyStore) -> SharesView:
    """Who holds a share, and who has brought it, for staff and holders.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        KeyNotSplit: its key is kept in one place.
    """
    row = rounds.round_(session, round_id)
    if row.status not in PUBLIC_STATES or not actor.may("key_share.list", row.division_code):
        raise RoundNotFound
    if row.custody is not Custody.SPLIT:
        raise KeyNotSplit
    return _view(session, round_id, actor, keys)


def check_shared(session: Session, row: Round) -> None:
    """Whether a round that is about to open has its key where it belongs.

    Raises:
        KeyNotShared: naming the holders who have not confirmed their share.
    """
    if row.custody is not Custody.SPLIT or row.status is not RoundState.PUBLISHED:
        return
    found = queries.key_shares(session, row.id)
    missing = [holder.value for holder in Holder if holder not in found or not found[holder].confirmed]
    if missing:
        raise KeyNotShared(holders=", ".join(missing))


def sealing_key(session: Session, row: Round, keys: KeyStore) -> bytes:
    """The public key a round opens with: of a key made now, or of the one the holders have shares of.

    Raises:
        KeyMissing: the key store holds another key than the holders' shares are of, or none.
    """
    if row.custody is Custody.LOCAL:
        return keys.create(row.id).public_bytes
    here = keys.public_key(row.id)
    if any(share.sealing_key != here for share in queries.key_shares(session, row.id).values()):
        raise KeyMissing(retry_after=RETRY_SECONDS)
    return here


def _claim(
    session: Session,
    round_id: uuid.UUID,
    holder: Holder | None,
    actor: Actor,
    *,
    verb: str,
    on_the_way_to: RoundState,
) -> Round:
    """A published round with a split key, locked, if the actor may do this to it, and it is time for it."""
    row = rounds.claim(session, round_id, actor=actor, verb=verb)
    if row.status not in PUBLIC_STATES:
        raise RoundNotFound
    if row.custody is not Custody.SPLIT:
        raise KeyNotSplit
    if holder is not None and HOLDER_ROLES[holder] not in actor.roles_over(row.division_code):
        raise ShareOfAnotherHolder
    if on_the_way_to not in TRANSITIONS[row.status]:
        raise RoundWrongState(state=row.status.value, wanted=on_the_way_to.value)
    return row


def _make(session: Session, round_id: uuid.UUID, keys: KeyStore) -> Shares:
    """The first call: a key, its shares in the key store, and their fingerprints here."""
    public = keys.split(round_id)
    made = {
        holder: KeyShare(
            round_id=round_id,
            holder=holder,
            sealing_key=public,
            fingerprint=shares.fingerprint(round_id=round_id, words=keys.share(round_id, holder)),
        )
        for holder in Holder
    }
    session.add_all(made.values())
    return made


def _check_one_each(actor: Actor, holder: Holder, found: Shares) -> None:
    for other in found.values():
        if other.holder is not holder and actor.account_id in {other.account_id, other.entered_by}:
            raise OneShareEach


def _check_words(typed: str, round_id: uuid.UUID, holder: Holder, found: Shares) -> str:
    words = shares.read(typed)
    given = shares.fingerprint(round_id=round_id, words=words)
    if given == found[holder].fingerprint:
        return words
    if any(given == other.fingerprint for other in found.values()):
        raise WordsOfAnotherHolder
    raise WordsOfAnotherKey


def _record(session: Session, row: Round, actor: Actor, tag: Tag, facts: Mapping[str, Plain]) -> None:
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=tag, subject=f"round:{row.id}", facts=facts
    )


def _view(session: Session, round_id: uuid.UUID, actor: Actor, keys: KeyStore) -> SharesView:
    found = queries.key_shares(session, round_id)
    here, kept = keys.entered(round_id), keys.has(round_id)
    states = []
    for holder, role in HOLDER_ROLES.items():
        share = found.get(holder)
        taker = None if share is None else share.account_id
        account = None if taker is None else access.account_of(session, taker)
        states.append(
            ShareState(
                holder=holder,
                role=role,
                held_by=None if account is None else account.display_name,
                mine=taker is not None and taker == actor.account_id,
                fingerprint=None if share is None else share.fingerprint,
                taken=taker is not None,
                confirmed=share is not None and share.confirmed,
                # What is here opens the box; once nothing is, what was brought is history.
                entered=holder in here if kept else share is not None and share.entered_by is not None,
            )
        )
    return SharesView(round_id, NEEDED, len(here), states)
