"""Reading and writing Pabulib's `.pb` files, the exchange format of participatory-budgeting elections.

The format is the one at pabulib.org/format: three sections (META, PROJECTS, VOTES) of semicolon-separated rows with a
header each. Reading accepts what is seen in the wild and refuses what would make a count ambiguous, always with a
code and the line. Only the vote itself is kept of a voter's row: age, sex and district next to a ranking point at a
person.
"""

from app.tally.pabulib.counting import as_file, count_input, counted, natural_points
from app.tally.pabulib.election import Election, FileProject, VoteType, format_amount
from app.tally.pabulib.reader import read
from app.tally.pabulib.writer import OutFile, OutProject, write, write_election

__all__ = [
    "Election",
    "FileProject",
    "OutFile",
    "OutProject",
    "VoteType",
    "as_file",
    "count_input",
    "counted",
    "format_amount",
    "natural_points",
    "read",
    "write",
    "write_election",
]
