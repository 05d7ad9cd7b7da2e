"""Making a code, and finding what it stands for."""

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock, vault
from app.links import queries, rules
from app.links.errors import LinkNotFound, NothingToShare, TooManyLinks
from app.links.models import ShortLink
from app.links.rules import LinkKind, Target
from app.links.service.targets import find

#: A code at random is taken once in 24 million times a thousand; three draws in a row never are.
_DRAWS = 20
_WINDOW = dt.timedelta(hours=1)


def make(session: Session, *, kind: LinkKind, target: str, actor: Actor) -> tuple[str, Target]:
    """The code of something public; the same one for whoever asks.

    Raises:
        NothingToShare: there is nothing of the kind, or it is not public.
        TooManyLinks: the caller has made many new ones in this hour, or its division had many in the last one.
    """
    found = find(session, kind=kind, target=target)
    if target not in queries.links_to(session, kind, [target]):
        _check_pace(session, found.division_code, actor)
    return codes_of(session, kind=kind, division_code=found.division_code, targets=[target])[target], found


def codes_of(
    session: Session, *, kind: LinkKind, division_code: str, targets: Sequence[str]
) -> dict[str, str]:
    """Target -> code, made where there is none yet; whoever asks for many is staff, and these are known to exist."""
    for _ in range(_DRAWS):
        there = queries.links_to(session, kind, targets)
        missing = [target for target in targets if target not in there]
        if not missing:
            return {target: row.code for target, row in there.items()}
        for target in missing:
            row = ShortLink(
                code=rules.new_code(),
                kind=kind,
                target=target,
                division_code=division_code,
                made_at=clock.now(),
            )
            queries.insert_unless_there(session, row)
    raise TooManyLinks(retry_after=1)


def read(session: Session, code: str) -> tuple[str, Target]:
    """What a code stands for, as it was typed: in any case, with O for 0.

    Raises:
        LinkNotFound: it stands for nothing, or for nothing that is still public.
    """
    meant = rules.read_code(code)
    row = None if meant is None else queries.link(session, meant)
    if row is None:
        raise LinkNotFound
    try:
        return row.code, find(session, kind=row.kind, target=row.target)
    except NothingToShare as error:
        raise LinkNotFound from error


def forget_expired(session: Session) -> None:
    """Forget who made how many codes in hours that are over."""
    queries.forget_paces(session, until=clock.now())


def _check_pace(session: Session, division_code: str, actor: Actor) -> None:
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    maker = vault.current().fingerprint(f"{actor.ref} {hour.isoformat()}", "link_pace.maker")
    if queries.count_made(session, maker=maker, expires_at=hour + _WINDOW) > rules.NEW_PER_ACCOUNT:
        raise TooManyLinks(retry_after=int((hour + _WINDOW - now).total_seconds()) + 1)
    # the last resort, should many accounts do this together
    made = queries.made_since(session, division_code, now - _WINDOW)
    if len(made) >= rules.NEW_PER_HOUR:
        wait = made[-rules.NEW_PER_HOUR] + _WINDOW - now
        raise TooManyLinks(retry_after=int(wait.total_seconds()) + 1)
