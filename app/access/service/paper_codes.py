"""Residents sign in with a one-time code on paper: without a phone, or on the phone of somebody who helps them.

What a code stands for is opaque here; a higher package says whom it issues codes for.
"""

import datetime as dt
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import AccountKind, Actor
from app.access.errors import TooManyWrongCodes, WrongCode
from app.access.models import Account, PaperCode, SignInSession
from app.access.service.codes import device_fingerprint
from app.access.service.sessions import IssuedTokens, Rejected, issue_for_whole_session
from app.access.tokens import AccessTokens
from app.core import clock, vault
from app.core.ids import new_id

_EVERYWHERE = "everywhere"


@dataclass(frozen=True)
class PaperCodeCounts:
    """What became of a division's codes; the rest has expired."""

    issued: int
    used: int
    replaced: int
    in_force: int


def issue_paper_codes(
    session: Session,
    *,
    subject_ids: Sequence[uuid.UUID],
    division: str,
    round_id: uuid.UUID | None,
    expires_at: dt.datetime,
    actor: Actor,
) -> dict[uuid.UUID, str]:
    """Make a code for each subject, to be handed over and then forgotten: nobody can read it again.

    Codes these subjects had before end, and so do the sign-ins that were begun with them.
    """
    now = clock.now()
    queries.end_paper_codes(session, subject_ids, now)
    codes = {each: rules.paper_code(secrets.randbelow(1 << rules.PAPER_CODE_BITS)) for each in subject_ids}
    rows = [
        {
            "id": new_id(), "code_hmac": _code_hmac(code), "subject_id": subject_id, "division": division,
            "round_id": round_id, "issued_by": actor.ref, "issued_at": now, "expires_at": expires_at,
        }
        for subject_id, code in codes.items()
    ]  # fmt: skip
    session.execute(sa.insert(PaperCode), rows)
    return codes


def end_paper_codes(session: Session, *, subject_ids: Sequence[uuid.UUID]) -> None:
    """End the codes of subjects that stand for nobody any more, and the sign-ins that were begun with them."""
    queries.end_paper_codes(session, subject_ids, clock.now())


def paper_codes_issued(session: Session, *, division: str, since: dt.datetime) -> int:
    """How many codes were issued in a division since an instant."""
    return queries.paper_codes_issued(session, division, since)


def count_paper_codes(session: Session, *, division: str) -> PaperCodeCounts:
    """What became of the codes of a division."""
    return PaperCodeCounts(*queries.paper_code_counts(session, division, clock.now()))


def sign_in_with_paper_code(
    session: Session,
    *,
    code: str,
    helping: bool,
    address: str,
    device_nonce: str | None,
    tokens: AccessTokens,
) -> IssuedTokens | Rejected:
    """Exchange a paper code for one token: a day on the resident's own device, minutes on a helper's.

    The answer is the same for a code that nobody has, one that was used, was replaced, or has expired; it is returned,
    not raised, so that the counted try is committed. While too many wrong ones come in, no code is looked at.
    """
    begun = begin_with_paper_code(
        session, code=code, helping=helping, address=address, device_nonce=device_nonce
    )
    return begun if isinstance(begun, Rejected) else issue_for_whole_session(begun.family, tokens)


@dataclass(frozen=True)
class BegunWithPaperCode:
    """A sign-in and the code that began it."""

    code: PaperCode
    family: SignInSession


def begin_with_paper_code(
    session: Session, *, code: str, helping: bool, address: str, device_nonce: str | None
) -> BegunWithPaperCode | Rejected:
    """Begin a sign-in with a paper code, without a token yet; a wrong code is counted."""
    now = clock.now()
    limits = {
        _source(rules.network_of(address)): rules.WRONG_CODES_PER_ADDRESS,
        _source(_EVERYWHERE): rules.WRONG_CODES_IN_ALL,
    }
    for source, wrong in queries.wrong_paper_codes(session, list(limits), now).items():
        if wrong.count >= limits[source]:
            return Rejected(TooManyWrongCodes(retry_after=int((wrong.until - now).total_seconds()) + 1))
    row = queries.paper_code_for_update(session, _code_hmac(code))
    device = device_fingerprint(device_nonce)
    family = None if row is None else _sign_in(session, row, device, helping=helping)
    if row is None or family is None:
        until = now + dt.timedelta(seconds=rules.WRONG_CODES_SECONDS)
        queries.count_wrong_paper_code(session, list(limits), now=now, until=until)
        return Rejected(WrongCode())
    return BegunWithPaperCode(row, family)


def _sign_in(session: Session, row: PaperCode, device: str | None, *, helping: bool) -> SignInSession | None:
    """The sign-in a code begins, or began a moment ago on the same device; none when it is worth nothing."""
    now = clock.now()
    if row.ended_at is not None or row.expires_at <= now:
        return None
    if row.used_at is not None:
        begun = queries.sign_in_session(session, row.session_id) if row.session_id else None
        same_device = device is not None and row.device_fingerprint == device
        soon = now < row.used_at + dt.timedelta(seconds=rules.PAPER_CODE_REPEAT_SECONDS)
        if begun is None or begun.revoked_at is not None or begun.assisted is not helping:
            return None
        return begun if same_device and soon else None
    lasts = (
        dt.timedelta(minutes=rules.HELPING_MINUTES)
        if helping
        else dt.timedelta(days=rules.SESSION_DAYS_PAPER_CODE)
    )
    family = SignInSession(
        account_id=_account_of(session, row.subject_id).id,
        created_at=now,
        expires_at=now + lasts,
        assisted=helping,
        round_id=row.round_id,
    )
    session.add(family)
    session.flush()  # the code refers to it
    row.used_at, row.session_id, row.device_fingerprint = now, family.id, device
    session.add(row)
    return family


def _account_of(session: Session, subject_id: uuid.UUID) -> Account:
    """The account that stands for somebody with a paper code; it comes into being with the first one used."""
    found = queries.account_of_subject(session, subject_id)
    if found is None:
        found = Account(kind=AccountKind.RESIDENT, subject_id=subject_id, created_at=clock.now())
        session.add(found)
        session.flush()  # the sign-in refers to it
    return found


def _code_hmac(code: str) -> str:
    return vault.current().fingerprint(rules.normal_paper_code(code), "paper_code.code")


def _source(text: str) -> str:
    return vault.current().fingerprint(text, "wrong_paper_codes.source")
