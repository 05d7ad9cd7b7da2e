"""The rounds one stands on a roll of, secret and recorded ones together."""

import uuid
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.ballots import service as ballots
from app.recorded import service as recorded
from app.rounds.models import Round
from app.rounds.rules import RoundState

_WITH_RESULT = frozenset({RoundState.ANNOUNCED, RoundState.CERTIFIED})


@dataclass(frozen=True)
class MyParticipation:
    """One round, and whether one took part."""

    round: Round
    recorded: bool
    taken_part: bool | None
    way: str | None
    version: int | None

    @property
    def round_id(self) -> uuid.UUID:
        """Which round."""
        return self.round.id

    @property
    def has_result(self) -> bool:
        """Whether there is something to read."""
        return self.round.status in _WITH_RESULT


def list_my_participations(session: Session, *, actor: Actor) -> list[MyParticipation]:
    """The rounds on whose roll the caller stands, the newest first: whether they took part, never how."""
    assert actor.account_id is not None
    secret = [
        MyParticipation(
            each.round,
            recorded=False,
            taken_part=each.taken_part,
            way=None if each.way is None else each.way.value,
            version=each.version,
        )
        for each in ballots.participations(session, account_id=actor.account_id)
    ]
    owned = [
        MyParticipation(each.round, recorded=True, taken_part=each.taken_part, way=None, version=each.version)
        for each in recorded.participations(session, account_id=actor.account_id)
    ]
    return sorted([*secret, *owned], key=lambda each: (each.round.opens_at, str(each.round.id)), reverse=True)
