"""Who on the way has agreed to pay less, and what that leaves to those after them. Pure.

Whoever pays has the last word on their own money: what a step has lowered, no later step raises. To pay more, the
request goes back to the first step that lowered it, and everybody from there on judges anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.funding.chain import Step
from app.funding.rules import Decision, Left, Offer

_AGREEING = frozenset({Decision.ACCEPTED, Decision.APPROVED, Decision.APPROVED_IN_PART})
_ORDER = tuple(Step)


@dataclass(frozen=True)
class Cut:
    """What a step would pay instead of the whole shares, and what that does not pay for."""

    step: Step
    offer: Offer
    left_out: str | None


def standing(said: Iterable[tuple[Step | None, Decision, Offer | None, str | None]]) -> list[Cut]:
    """The cuts that hold, in the order of the chain: who agrees again replaces their own and all after it.

    Args:
        said: (at which step, decision, the sum it names, what that leaves out), as it happened.
    """
    found: dict[Step, Cut] = {}
    for step, decision, offer, left_out in said:
        if step is None or decision not in _AGREEING:
            continue
        found = {each: cut for each, cut in found.items() if _ORDER.index(each) < _ORDER.index(step)}
        if offer is not None and decision is not Decision.APPROVED:
            found[step] = Cut(step, offer, left_out)
    return list(found.values())


def left_before(cuts: Sequence[Cut], step: Step | None, whole: Offer) -> Left:
    """What those before a step have left of the governments' shares; for no step, what everybody has left."""
    before = [each for each in cuts if step is None or _ORDER.index(each.step) < _ORDER.index(step)]
    offer = Offer(
        min([whole.district_fen, *(each.offer.district_fen for each in before)]),
        min([whole.subdistrict_fen, *(each.offer.subdistrict_fen for each in before)]),
    )
    if offer == whole:
        return Left(whole)
    words: str | None = None
    for each in before:
        words = together(words, each.left_out)
    return Left(offer, words)


def together(before: str | None, added: str | None) -> str | None:
    """What was left out before and what is left out now; nothing is said twice."""
    if not before or not added:
        return added or before
    return added if before in added else before if added in before else f"{before}\n{added}"
