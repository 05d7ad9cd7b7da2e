"""How many codes a committee may issue, at once and in a day. Pure."""

from app.codes.errors import CodesOfTheDayUsedUp, TooManyAtOnce

LARGEST_BATCH = 500
#: Two batches: who wanted to vote for a neighbourhood would need many days, and each is in the record.
CODES_PER_DAY = 2 * LARGEST_BATCH


def check_batch(people: int) -> None:
    """Whether so many codes may be issued at once.

    Raises:
        TooManyAtOnce: more than `LARGEST_BATCH`.
    """
    if people > LARGEST_BATCH:
        raise TooManyAtOnce(people=people, most=LARGEST_BATCH)


def check_day(people: int, *, issued_today: int, seconds_left: int) -> None:
    """Whether a community may issue so many more today.

    Raises:
        CodesOfTheDayUsedUp: it would pass `CODES_PER_DAY`.
    """
    left = max(CODES_PER_DAY - issued_today, 0)
    if people > left:
        raise CodesOfTheDayUsedUp(most=CODES_PER_DAY, left=left, retry_after=seconds_left)
