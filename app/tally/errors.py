"""What can be wrong with a ballot file or with the input of a count.

TallyError
├── BallotFileError     a `.pb` file breaks the format: a code, the line, a sentence, facts
├── MalformedInput      projects, ballots and rule do not fit together
│   └── NotRanked       the file's ballots are of a type this rule does not count
└── NotCertified        two ways of counting disagree, which is our fault
"""

from enum import StrEnum


class Fault(StrEnum):
    """Every way a `.pb` file can break the format. The values are stable: programs may depend on them."""

    # the file as text
    FILE_TOO_LARGE = "file_too_large"
    NOT_UTF8 = "not_utf8"
    NOT_TEXT = "not_text"
    QUOTE_OPEN = "quote_open"
    CELL_TOO_LONG = "cell_too_long"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_ROWS = "too_many_rows"
    # its three sections
    SECTION_MISSING = "section_missing"
    SECTION_ORDER = "section_order"
    SECTION_REPEATED = "section_repeated"
    HEADER_MISSING = "header_missing"
    HEADER_MALFORMED = "header_malformed"
    COLUMN_MISSING = "column_missing"
    COLUMN_REPEATED = "column_repeated"
    # META
    KEY_MISSING = "key_missing"
    KEY_REPEATED = "key_repeated"
    META_MALFORMED = "meta_malformed"
    DATE_MALFORMED = "date_malformed"
    VOTE_TYPE_UNKNOWN = "vote_type_unknown"
    COUNT_MISMATCH = "count_mismatch"
    # values anywhere
    MONEY_MALFORMED = "money_malformed"
    NUMBER_MALFORMED = "number_malformed"
    # PROJECTS
    COST_NOT_POSITIVE = "cost_not_positive"
    PROJECT_ID_MALFORMED = "project_id_malformed"
    PROJECT_REPEATED = "project_repeated"
    SELECTED_MALFORMED = "selected_malformed"
    # VOTES
    VOTER_ID_MISSING = "voter_id_missing"
    VOTER_REPEATED = "voter_repeated"
    PROJECT_UNKNOWN = "project_unknown"
    BALLOT_REPEATS_PROJECT = "ballot_repeats_project"
    BALLOT_LENGTH = "ballot_length"
    POINTS_LENGTH = "points_length"


class TallyError(Exception):
    """Something about the input of a count is wrong."""


class BallotFileError(TallyError):
    """A `.pb` file breaks the format.

    Attributes:
        code: what is wrong, for programs.
        row: 1-based line of the file on which the row at fault begins; 1 where it is the file as a whole.
        message: one sentence for a person.
        facts: the numbers and words of the sentence, by name.
    """

    def __init__(self, code: Fault, message: str, *, row: int, **facts: int | str) -> None:
        super().__init__(f"line {row}: {message}")
        self.code = code
        self.row = row
        self.message = message
        self.facts = facts


class MalformedInput(TallyError):
    """Projects, ballots and rule do not fit together."""


class NotRanked(MalformedInput):
    """The ballots of this file are no rankings, and this rule counts rankings."""


class NotCertified(TallyError):
    """The exact run comes to another outcome than the fast one: nothing may be published.

    Attributes:
        what: the order of the projects, or the end of the completion.
        step: at which project (from 1) or at which pot they differ.
        fast: what the fast run says there.
        exact: what the exact run says.
    """

    def __init__(self, *, what: str, step: int, fast: str, exact: str) -> None:
        super().__init__(
            f"not certified: {what} at {step} is {fast} in the fast run, {exact} in the exact one"
        )
        self.what = what
        self.step = step
        self.fast = fast
        self.exact = exact
