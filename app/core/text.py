"""Text people write: what the database can hold and a page can show."""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from app.core.errors import WordsNeeded

#: Controls that no form of ours produces, and invisible marks that turn text around.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
_LINE_BREAKS = re.compile("[\n\r\u2028\u2029\t]")


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n")
    if _FORBIDDEN.search(text):
        message = "contains characters that cannot be shown"
        raise ValueError(message)
    return unicodedata.normalize("NFC", text)


def _one_line(text: str) -> str:
    if _LINE_BREAKS.search(text):
        message = "must be a single line"
        raise ValueError(message)
    return _clean(text)


def _words(least: int, *, of: int) -> Callable[[str], str]:
    """Whether a text says something: so many letters or Han characters, so many different ones among them."""

    def check(text: str) -> str:
        letters = [each for each in text.casefold() if each.isalpha()]
        if len(letters) < least or len(set(letters)) < of:
            raise PydanticCustomError(
                WordsNeeded.code, "should say why in words, with {least} letters at least", {"least": least}
            )
        return text

    return check


#: One line of up to 120 characters: a title, a name.
Line = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_one_line)]
#: A short line that may be empty.
OptionalLine = Annotated[str, StringConstraints(max_length=120), AfterValidator(_one_line)]
#: Several paragraphs.
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_clean)]
#: Why something was done, in a word or some sentences: 停电 is one, dots and dashes are none.
Reason = Annotated[
    str, StringConstraints(max_length=1000), AfterValidator(_clean), AfterValidator(_words(2, of=2))
]
#: Why somebody's data are opened, looked at or taken along: it is read by those whose data they are.
FullReason = Annotated[
    str, StringConstraints(max_length=1000), AfterValidator(_clean), AfterValidator(_words(4, of=3))
]
#: A 12-digit division code.
Code12 = Annotated[str, StringConstraints(pattern="^[0-9]{12}$")]
