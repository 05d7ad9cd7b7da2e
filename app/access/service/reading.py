"""What an auditor has read stands in the record that they read."""

import re
from collections.abc import Collection

from sqlmodel import Session

from app.access.actor import Actor
from app.access.divisions import contains
from app.access.roles import Role
from app.audit import service as audit
from app.audit.tags import Tag

_DIVISION = re.compile("[0-9]{12}")
_PLAIN = re.compile("[A-Za-z0-9_.:-]{1,50}")


def record_reading(session: Session, *, verb: str, of: Collection[str], actor: Actor) -> None:
    """Write down what an auditor reads, in the chain of the division they audit.

    Args:
        session: a writing session of its own.
        verb: by which verb they read.
        of: the parts of the address that say what: ids, codes of divisions, years.
        actor: the auditor.
    """
    parts = [each if _PLAIN.fullmatch(each) else "?" for each in of]
    subject = "/".join([verb.partition(".")[0] + ":" + (parts[0] if parts else "list"), *parts[1:]])
    audit.record(
        session, chain=_chain(parts, actor), by=actor.ref, tag=Tag.AUDITOR_READ, subject=subject[:80],
        facts={"verb": verb},
    )  # fmt: skip


def _chain(parts: Collection[str], actor: Actor) -> str:
    """The division that a grant as auditor is over: of several the one the address lies in."""
    over = [grant.division for grant in actor.grants if grant.role is Role.AUDITOR]
    named = [each for each in parts if _DIVISION.fullmatch(each)]
    return next((code for code in over if any(contains(code, each) for each in named)), over[0])
