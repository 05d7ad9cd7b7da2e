"""How numbers are handled in a count; the outcome is the same."""

from enum import Enum


class Arithmetic(Enum):
    """How a rule that divides the money calculates. Rules that go down a list add whole numbers, and are exact."""

    #: Floating point where it can tell; no certificate. For runs whose outcome is only one of many figures.
    FAST = "fast"
    #: The same, and the outcome is run again in exact numbers, which must agree.
    CERTIFIED = "certified"
    #: Exact numbers only.
    EXACT = "exact"
