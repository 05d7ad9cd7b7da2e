"""Money is a whole number of fen. Shares of it are exact: nothing is lost and nothing is invented."""

from collections.abc import Sequence
from fractions import Fraction

FEN_PER_YUAN = 100

#: 9 trillion yuan: far above any project, far below what a 64-bit column holds.
LARGEST_AMOUNT_FEN = 9 * 10**14


def split_by_largest_remainder(amount_fen: int, shares: Sequence[Fraction]) -> list[int]:
    """Divide ``amount_fen`` by ``shares`` (which add up to 1).

    Each part is floored to the fen; the fen that are left go one by one to the parts with the largest fraction
    cut off, earlier parts first among equals (the method of largest remainders, Hamilton 1792).

    Raises:
        ValueError: the shares are negative or do not add up to 1.
    """
    if any(share < 0 for share in shares) or sum(shares) != 1:
        message = "shares must be non-negative and add up to 1"
        raise ValueError(message)
    exact = [amount_fen * share for share in shares]
    parts = [int(part // 1) for part in exact]
    left = amount_fen - sum(parts)
    by_fraction = sorted(range(len(parts)), key=lambda i: (-(exact[i] - parts[i]), i))
    for index in by_fraction[:left]:
        parts[index] += 1
    return parts


def yuan(amount_fen: int) -> str:
    """The amount as decimal yuan, ``"1234.50"``."""
    sign = "-" if amount_fen < 0 else ""
    whole, rest = divmod(abs(amount_fen), FEN_PER_YUAN)
    return f"{sign}{whole}.{rest:02d}"
