"""How like two texts are: pairs of Chinese characters, threes of Latin letters, weighed by how rare they are. Pure.

Chinese is written without spaces, so pairs of neighbouring characters do what words do elsewhere: 电动车充电 and
电瓶车充电 share 车充 and 充电. Words that stand in half of all ideas (希望, 小区, 建议) are cut out first.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

#: Enough of a text to know what it is about.
MOST_CHARACTERS = 400
#: Of a query: the rarest ones say most, and every one costs a look into the index.
MOST_GRAMS = 48
#: Of a thousand. Below this the reader asks why it is shown.
LEAST = 260
#: So like that the place does not matter: nearly the same title.
SAME = 900
_WHOLE = 1000
_PAIR, _THREE = 2, 3

_EMPTY_WORDS = (
    "能不能", "可不可以", "是不是", "有没有", "居委会", "为什么", "怎么办", "希望", "建议", "提议", "我们", "咱们",
    "大家", "社区", "小区", "居民", "业主", "邻居", "可以", "能否", "应该", "需要", "问题", "没有", "现在", "一个",
    "一下", "一些", "这个", "那个", "已经", "经常", "总是", "特别", "非常", "比较", "还是", "但是", "因为", "所以",
    "如果", "而且", "以及", "或者", "领导", "物业", "解决", "处理", "改善", "增加", "设置", "安装", "进行", "多年",
)  # fmt: skip
_EMPTY = re.compile(
    "|".join(sorted(_EMPTY_WORDS, key=len, reverse=True))
    + r"|\b(?:the|and|for|our|we|is|are|in|on|of|to|please|should|could|would|there|that|this|with|have|more)\b"
)
#: What stands in half of all places and says nothing.
_ANYWHERE = re.compile("社区|小区|附近|旁边|门口|周边|一带|内|处|等|旁|the|near|at|of")
_RUNS = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z0-9]+")


def grams(text: str) -> set[str]:
    """The pieces of a text that are compared."""
    plain = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).lower()
    found: set[str] = set()
    for run in _RUNS.findall(_EMPTY.sub(" ", plain)):
        if run.isascii():
            size, run = _THREE, f" {run} "  # noqa: PLW2901 - the blanks mark a word's begin and end
        else:
            size = _PAIR
        found |= {run[at : at + size] for at in range(len(run) - size + 1)}
    return found


@dataclass(frozen=True)
class Shared:
    """What a text has in common with a query."""

    #: Pieces of the query that stand in it; true where they stand in its title.
    grams: Mapping[str, bool]
    #: How many pieces its title has.
    title_grams: int


def rarest(query: Collection[str], counts: Mapping[str, int]) -> list[str]:
    """The pieces of a query that say most: those that stand in fewest texts; those that stand in none say nothing."""
    known = [gram for gram in query if counts.get(gram)]
    return sorted(known, key=lambda gram: (counts[gram], gram))[:MOST_GRAMS]


def likeness(query: Collection[str], shared: Shared, *, counts: Mapping[str, int], texts: int) -> int:
    """How like a text is to a query, of a thousand and a half: 1,500 is the same title.

    How much of the query stands in the text (a piece in the title counts once and a half), or how much of the title
    stands in the query, whichever is more; half of the other one on top.
    """
    if not query or not shared.grams:
        return 0
    weights = {gram: ((texts + 1) // max(1, counts.get(gram, 0))).bit_length() for gram in query}
    whole = 3 * sum(weights.values())
    of_query = (
        _WHOLE * sum(weights[gram] * (3 if titled else 2) for gram, titled in shared.grams.items()) // whole
    )
    titled = sum(shared.grams.values())
    # one pair of a title of two says little
    of_title = _WHOLE * titled // max(shared.title_grams, 4)
    return max(of_query, of_title) + min(of_query, of_title) // 2


def near(one: str, other: str) -> bool:
    """Whether two places are the same in other words: 南门 and 南门岗亭旁, 3栋2单元 and 3栋.

    One lies in the other, or they share most of the shorter one's pieces. Without words for a place nobody knows.
    """
    first, second = sorted((_place(one), _place(other)), key=len)
    if len(first) < _PAIR:
        return False
    if f" {' '.join(first)} " in f" {' '.join(second)} ":
        return True
    pieces = set(pairwise(first))
    return 3 * len(pieces.intersection(pairwise(second))) >= 2 * len(pieces)


@lru_cache(maxsize=2000)
def _place(text: str) -> list[str]:
    """The characters of a place, a number as one: 3栋 does not lie in 13栋."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.findall("[0-9]+|.", "".join(_RUNS.findall(_ANYWHERE.sub("", plain))))
