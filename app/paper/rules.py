"""Serials, what counts as a valid sheet, when a batch adds up. Pure."""

import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.paper.errors import (
    MoreThanPrinted,
    NoOuterEnvelopes,
    NumberRepeated,
    NumberUnknown,
    SerialMalformed,
    SheetsMissing,
    TooManyNumbers,
)

#: Digits and capitals that are not taken for one another in print or handwriting: no 0 O, no 1 I L.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SERIAL_LENGTH = 8
#: Fewest and most sheets of a batch.
FEWEST_SHEETS, MOST_SHEETS = 10, 500
#: A batch with fewer sheets in the urn points at people, and is keyed only with another one.
FEWEST_TOGETHER = 10


class Void(StrEnum):
    """Why a sheet does not count."""

    UNSIGNED = "unsigned"  # no signature beside the name, or on the outer envelope
    UNREADABLE = (
        "unreadable"  # no clear order: crossed out, one number twice, a number that is not on the list
    )
    TOO_MANY_RANKS = "too_many_ranks"  # more projects than the round allows
    LATE = "late"  # handed in after closing
    BLANK = "blank"  # nothing on it: somebody who took part and chose nothing


class Stage(StrEnum):
    """How far a sheet is."""

    ONCE = "once"  # keyed by one person
    DIFFERS = "differs"  # two people read it differently
    DECIDED = "decided"  # two agree, or a third person has looked


class Unfinished(StrEnum):
    """What keeps a batch from being counted."""

    NOT_RETURNED = "not_returned"
    DOES_NOT_ADD_UP = "does_not_add_up"
    TOO_SMALL = "too_small"
    NOT_KEYED = "not_keyed"


@dataclass(frozen=True)
class Answer:
    """What a sheet says: positions on the round's list, best first, or why it is void."""

    ranking: tuple[int, ...] = ()
    void: Void | None = None


@dataclass(frozen=True)
class Verdict:
    """What is known of a sheet; an answer once it is decided."""

    stage: Stage
    answer: Answer | None = None


@dataclass(frozen=True)
class Returned:
    """What came back of a batch, in sheets."""

    used: int
    unused: int
    unopened: int
    not_handed_in: int
    #: Exchanged at the desk for another one.
    spoilt: int = 0


@dataclass(frozen=True)
class BatchCount:
    """A batch in numbers."""

    signed_in: int
    #: Of these, whose outer envelope stays closed, because a ballot of theirs in the online box is the one that counts.
    stay_closed: int
    #: Nothing before the batch has come back.
    returned: Returned | None
    #: Sheets keyed by anybody, and those of them that are decided.
    keyed: int
    decided: int


def decide(answers: Sequence[Answer]) -> Verdict:
    """What a sheet says after one, two or three people have keyed it, in that order.

    Two who agree decide; where they differ the third person's word does.
    """
    match answers:
        case [_]:
            return Verdict(Stage.ONCE)
        case [first, second] if first != second:
            return Verdict(Stage.DIFFERS)
        case [first, _]:
            return Verdict(Stage.DECIDED, first)
        case _:
            return Verdict(Stage.DECIDED, answers[2])


def unfinished(count: BatchCount, *, others: Sequence[Returned | None]) -> list[Unfinished]:
    """What keeps a batch from being counted; ``others`` is what came back of the round's other batches in force."""
    if count.returned is None:
        return [Unfinished.NOT_RETURNED]
    found = []
    if not adds_up(count):
        found.append(Unfinished.DOES_NOT_ADD_UP)
    if too_small(count.returned, others=others):
        found.append(Unfinished.TOO_SMALL)
    if not count.keyed == count.decided == count.returned.used:
        found.append(Unfinished.NOT_KEYED)
    return found


def adds_up(count: BatchCount) -> bool:
    """Whether there are as many sheets as signatures.

    Every signature stands for a sheet in the urn, an outer envelope that stays closed, or a sheet that its voter never
    handed in and that is declared as such. More sheets than signatures never add up, fewer only with that declaration
    (as in elections: 《选举法》第四十四条).
    """
    back = count.returned
    return (
        back is not None
        and back.used <= count.signed_in - count.stay_closed
        and back.unopened <= count.stay_closed
        and back.used + back.unopened + back.not_handed_in == count.signed_in
    )


def too_small(returned: Returned, *, others: Sequence[Returned | None]) -> bool:
    """Whether a batch must be merged before its sheets are keyed: few sheets point at people.

    A round with fewer sheets in all has nothing to merge them with.
    """
    if not 0 < returned.used < FEWEST_TOGETHER:
        return False
    if any(other is None for other in others):
        return True
    return returned.used + sum(other.used for other in others if other is not None) >= FEWEST_TOGETHER


def check_return(
    *, sheets: int, returned: Returned, missing_reason: str | None, outer_envelopes: bool
) -> int:
    """How many of ``sheets`` printed ones are missing.

    Raises:
        MoreThanPrinted: more came back than went out.
        SheetsMissing: fewer did, and nobody says why.
        NoOuterEnvelopes: this round has none.
    """
    if returned.unopened and not outer_envelopes:
        raise NoOuterEnvelopes
    missing = sheets - returned.used - returned.unused - returned.unopened - returned.spoilt
    if missing < 0 or returned.not_handed_in > missing:
        raise MoreThanPrinted(printed=sheets)
    if missing and not missing_reason:
        raise SheetsMissing(missing=missing)
    return missing


def ranking_of(numbers: Sequence[int], *, projects: int, max_rank: int) -> tuple[int, ...]:
    """The positions behind the printed numbers (1, 2, 3 ...) of a sheet.

    Raises:
        TooManyNumbers, NumberUnknown, NumberRepeated: a slip of the keys, or a void sheet.
    """
    if len(numbers) > max_rank:
        raise TooManyNumbers(most=max_rank)
    seen: set[int] = set()
    for number in numbers:
        if not 1 <= number <= projects:
            raise NumberUnknown(number=number)
        if number in seen:
            raise NumberRepeated(number=number)
        seen.add(number)
    return tuple(number - 1 for number in numbers)


def new_serials(count: int, *, taken: set[str], choice: Callable[[str], str] = secrets.choice) -> list[str]:
    """So many fresh random serials, in no order that says anything."""
    made: dict[str, None] = {}
    while len(made) < count:
        body = "".join(choice(ALPHABET) for _ in range(SERIAL_LENGTH - 1))
        serial = body + _check_character(body)
        if serial not in taken:
            made[serial] = None
    return list(made)


def read_serial(text: str) -> str:
    """A serial as it is stored; blanks, hyphens, small and full-width letters are understood.

    Raises:
        SerialMalformed: it cannot be one of ours; a wrong character, or two swapped ones, are found this way.
    """
    serial = unicodedata.normalize("NFKC", text).upper()
    serial = "".join(character for character in serial if character not in " -‐‑–—")
    if (
        len(serial) != SERIAL_LENGTH
        or not set(serial) <= set(ALPHABET)
        or serial[-1] != _check_character(serial[:-1])
    ):
        raise SerialMalformed
    return serial


def printed_serial(serial: str) -> str:
    """``7K3M-9PQR``."""
    half = SERIAL_LENGTH // 2
    return f"{serial[:half]}-{serial[half:]}"


def _check_character(body: str) -> str:
    # a weighted sum modulo a prime: every single slip and every swap of neighbours changes it
    total = sum(weight * ALPHABET.index(character) for weight, character in enumerate(body, start=2))
    return ALPHABET[total % len(ALPHABET)]


def plain_of(answer: Answer) -> Mapping[str, list[int] | str]:
    """An answer as plain values, to be stored."""
    return {"ranking": list(answer.ranking)} if answer.void is None else {"void": answer.void.value}


def answer_from(plain: Mapping[str, list[int] | str]) -> Answer:
    """What `plain_of` made."""
    if "void" in plain:
        return Answer(void=Void(str(plain["void"])))
    return Answer(ranking=tuple(int(each) for each in plain["ranking"]))
