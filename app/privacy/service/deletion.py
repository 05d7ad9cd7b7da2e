"""Being forgotten (PIPL art. 47): first what would go and what must stay, then the act itself."""

import datetime as dt
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, vault
from app.privacy import rules
from app.privacy.errors import PlanOutdated
from app.privacy.fates import RULES
from app.privacy.rules import Fate, Rows
from app.privacy.service.holdings import everything, forget_everything


@dataclass(frozen=True)
class PlanLine:
    """What becomes of one kind of data."""

    kind: str
    fate: Fate
    #: How many of it there are.
    count: int
    what: str
    why: str


@dataclass(frozen=True)
class DeletionPlan:
    """What would be deleted and what must stay; ``token`` confirms just this."""

    lines: Sequence[PlanLine]
    token: str
    expires_at: dt.datetime


def plan_deletion(session: Session, *, language: str, actor: Actor) -> DeletionPlan:
    """What becomes of the caller's data if they have it deleted; nothing is changed."""
    assert actor.account_id is not None
    counts = _counts(everything(session, actor.account_id))
    # whole seconds: the token carries no others
    expires_at = (clock.now() + dt.timedelta(minutes=rules.PLAN_MINUTES)).replace(microsecond=0)
    mac = _mac(actor.account_id, int(expires_at.timestamp()), counts)
    lines = [
        PlanLine(rule.kind, rule.fate, counts.get(rule.kind, 0), *rule.words[language])
        for rule in RULES
        if counts.get(rule.kind, 0) or not rule.only_if_any
    ]
    return DeletionPlan(lines, rules.plan_token(expires_at, mac), expires_at)


def delete_my_data(session: Session, *, token: str, actor: Actor) -> None:
    """Forget the caller as the plan said that ``token`` came with; every sign-in of theirs ends.

    The same phone may sign in again later, as somebody new.

    Raises:
        SignInNotFresh: the caller has not shown lately who they are.
        PlanOutdated: what is kept has changed since, or the plan is too old.
    """
    assert actor.account_id is not None
    access.check_fresh(session, actor=actor)
    given = rules.read_plan_token(token)
    if given is None or given[0] < int(clock.now().timestamp()):
        raise PlanOutdated
    expected = _mac(actor.account_id, given[0], _counts(everything(session, actor.account_id)))
    if not hmac.compare_digest(given[1].encode(), expected.encode()):
        raise PlanOutdated
    audit.record(session, chain=audit.INSTALLATION, by=actor.ref, tag=Tag.MY_DATA_DELETED, subject=actor.ref)
    forget_everything(session, actor.account_id)


def _counts(found: dict[str, Rows]) -> dict[str, int]:
    """How much there is of each kind that a plan speaks of; a new sign-in or a look at one's data changes no plan."""
    spoken_of = {rule.kind for rule in RULES} - {"sign_ins"}
    counts = {kind: len(rows) for kind, rows in found.items() if kind in spoken_of}
    counts["participations"] = sum(row["taken_part"] is True for row in found.get("participations", []))
    counts["recorded_votes"] = counts.get("recorded_votes", 0) + len(found.get("proxies", []))
    return {**counts, "sign_ins": 1}


def _mac(account_id: uuid.UUID, expires: int, counts: dict[str, int]) -> str:
    digest = rules.plan_digest(sorted(counts.items()))
    return vault.current().fingerprint(f"{account_id}\0{expires}\0{digest}", "my_data.deletion")
