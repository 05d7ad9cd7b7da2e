"""Text as a reader's eye takes it, with the way back to what the writer typed. Pure."""

import html
import re
import unicodedata
from dataclasses import dataclass

#: Between two paragraphs, list items or headings: nothing is read across it.
BREAK = "\n"

#: What stands between the parts of a number or a name and is no part of it. Whitespace has become one space by then.
SEPARATOR = r"[ .·‧・•●/'’~_\-]"
_HAN = r"[\u3400-\u9fff\U00020000-\U0003134f〇]"

_SPACES = re.compile(r"[\s\u2800\u3164\uffa0]+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣", "-"))
_NEXT_BLOCK = re.compile(r"\n[ \t]*(?:\n|[>|]|(?:[-+*]|#{1,6})\s)")
#: What Markdown does not show: marks, the address of a link; and what it shows as something else.
_MARKS = re.compile(r"\]\([^()\n]{0,2000}\)|[*`~_\\\[\]]")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_UNSEEN = frozenset({"Cf", "Mn", "Me", "Cc"})
_BETWEEN_HAN = re.compile(f"(?<={_HAN}){SEPARATOR}{{1,6}}(?={_HAN})")
_ALL_BETWEEN = re.compile(f"{SEPARATOR}+")


@dataclass(frozen=True)
class Wording:
    """What is read, and of each character of it where that stands in the source."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """From where to where a passage stands in the source; nothing that is read is empty."""
        return self.starts[start], self.ends[end - 1]

    def without(self, pattern: re.Pattern[str]) -> "Wording":
        """The same without what a pattern finds."""
        kept: list[int] = []
        at = 0
        for found in pattern.finditer(self.text):
            kept.extend(range(at, found.start()))
            at = found.end()
        kept.extend(range(at, len(self.text)))
        return self._only(kept)

    def closed(self) -> "Wording":
        """Without what stands between two Han characters and belongs to neither: 王 文 and 王·文 read 王文."""
        return self.without(_BETWEEN_HAN)

    def packed(self) -> "Wording":
        """Without any separator: 1-1-0101 reads 110101."""
        return self.without(_ALL_BETWEEN)

    def _only(self, kept: list[int]) -> "Wording":
        return Wording(
            "".join(self.text[at] for at in kept),
            tuple(self.starts[at] for at in kept),
            tuple(self.ends[at] for at in kept),
        )


def as_typed(source: str) -> Wording:
    """Every character in its plain form (NFKC, lower case), nothing unseen, any whitespace one space."""
    return _plain(source, [])


def as_shown(source: str) -> Wording:
    """The same of what Markdown shows: no marks, no addresses, character references as what they stand for."""
    return _plain(source, [*_MARKS.finditer(source), *_REFERENCE.finditer(source)])


def closed(words: str) -> str:
    """A word of a roster as `Wording.closed` would have it."""
    return _BETWEEN_HAN.sub("", _letters(words).strip())


def packed(words: str) -> str:
    """A word of a roster as `Wording.packed` would have it."""
    return _ALL_BETWEEN.sub("", _letters(words))


def key(words: str) -> str:
    """What two ways of writing the same have in common; numbers keep where they are parted."""
    return _ALL_BETWEEN.sub("-", as_shown(words).closed().text.strip())


def is_plain(passage: str) -> bool:
    """Whether a passage is read as it was typed."""
    return not (_MARKS.search(passage) or _REFERENCE.search(passage) or BREAK in passage) and all(
        unicodedata.category(each) not in _UNSEEN for each in passage
    )


def with_marks(source: str, start: int, end: int) -> tuple[int, int]:
    """A passage with the marks next to it, where marks stand inside it too: no half of a pair is left behind."""
    inside = source[start:end]
    if not _MARKS.search(inside):
        return start, end
    before = "*`~_\\[" if "](" in inside else "*`~_\\"
    while start > 0 and source[start - 1] in before:
        start -= 1
    while end < len(source) and source[end] in "*`~_":
        end += 1
    return start, end


def _plain(source: str, passages: list[re.Match[str]]) -> Wording:
    """What is read of the source, where some passages are read otherwise than they stand there."""
    other: dict[int, tuple[int, str]] = {}
    for found in passages:
        shown = html.unescape(found.group()) if found.group().startswith("&") else ""
        other[found.start()] = (found.end(), shown)
    for found in _SPACES.finditer(source):
        line = source.find("\n", found.start(), found.end())
        parted = line >= 0 and _NEXT_BLOCK.match(source, line)
        other.setdefault(found.start(), (found.end(), BREAK if parted else " "))
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(source):
        end, shown = other.get(at, (at + 1, source[at]))
        for letter in _letters(shown):
            if letter == " " and letters and letters[-1] == " ":
                ends[-1] = end
                continue
            letters.append(letter)
            starts.append(at)
            ends.append(end)
        at = end
    return Wording("".join(letters), tuple(starts), tuple(ends))


def _letters(shown: str) -> str:
    if shown.isascii():
        return shown.lower()
    plain = unicodedata.normalize("NFKC", shown).translate(_DASHES).lower()
    if plain.isalnum():
        return plain
    return "".join(each for each in plain if each == BREAK or unicodedata.category(each) not in _UNSEEN)
