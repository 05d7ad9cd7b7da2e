"""What can be wrong with a ballot file or with the input of a count."""


class TallyError(Exception):
    """Something about the input of a count is wrong."""


class BallotFileError(TallyError):
    """A `.pb` file breaks the format.

    Attributes:
        code: stable name of what is wrong, for programs.
        row: 1-based line in the file, or none where it concerns the whole file.
        message: one sentence for a person.
    """

    def __init__(self, code: str, message: str, *, row: int | None = None) -> None:
        super().__init__(message if row is None else f"line {row}: {message}")
        self.code = code
        self.row = row
        self.message = message


class MalformedInput(TallyError):
    """Projects, ballots and rule do not fit together."""
