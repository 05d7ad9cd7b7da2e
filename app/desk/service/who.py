"""Whose desk it is."""

from dataclasses import dataclass

from app.access.actor import Actor
from app.access.divisions import is_community
from app.ballots.keystore import KeyStore
from app.duplicates.service import SharedPairs

#: What a desk counts; whoever has more on it sees these first.
MOST = 100
#: Rounds, drafts and meetings that are looked at, the newest first.
LOOKED_AT = 30


@dataclass(frozen=True)
class Desk:
    """Somebody's desk in a place, and what looking needs."""

    actor: Actor
    division: str
    keys: KeyStore
    pairs: SharedPairs

    def may(self, verb: str) -> bool:
        """Whether its owner may do something there."""
        return self.actor.may(verb, self.division)

    def may_in_community(self, verb: str) -> bool:
        """The same of what is done in one community alone."""
        return is_community(self.division) and self.may(verb)
