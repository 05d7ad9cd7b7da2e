"""How other rules are called and what they do, in a sentence each; and what is said where figures are withheld."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.tally.explanation import THIS


@dataclass(frozen=True)
class RivalWords:
    """A rule's name, and what it does."""

    name: str
    about: str


_ZH: Mapping[str, RivalWords] = {
    THIS: RivalWords("本轮的规则", "公布的结果就是按它计出来的。"),
    "greedy": RivalWords("按得分从高到低", "谁的得分高谁先入选，钱不够的跳过。多数地方这样做。"),
    "schulze": RivalWords("两两比较", "项目两两比较，赢得多的在前，钱不够的跳过。"),
    "rank-mes": RivalWords("等额分摊，不补足", "每人份额相同，支持者凑得够就入选；剩下的钱不再用。"),
    "rank-mes+fill": RivalWords("等额分摊，按得分用完", "等额分摊之后，剩下的钱按得分补选。"),
    "rank-mes+add1": RivalWords("等额分摊，提高份额", "每人的份额一起提高，直到再提就超过总金额。"),
    "rank-mes+add1+fill": RivalWords(
        "等额分摊，提高份额，再按得分用完", "先提高份额，剩下的钱再按得分补选。"
    ),
    "mes+add1+fill": RivalWords("等额分摊，只看选没选", "不看先后，选了就算支持；提高份额，再按得分用完。"),
    "pb-ear+fill": RivalWords(
        "逐位扩大支持", "每人一票，按造价折成票数，从首选起逐位放宽；剩下的钱按得分补选。"
    ),
}

_EN: Mapping[str, RivalWords] = {
    THIS: RivalWords("This round's rule", "The published result was counted by it."),
    "greedy": RivalWords("Most points first", "The highest points first; what no longer fits is passed over."),
    "schulze": RivalWords("Duels", "Each two projects are compared; winners first, what does not fit is passed over."),
    "rank-mes": RivalWords(
        "Equal shares alone", "Equal shares for everybody; backers pay together. What is left stays unused."
    ),
    "rank-mes+fill": RivalWords(
        "Equal shares, rest by points", "After the equal shares, what is left is given out by points."
    ),
    "rank-mes+add1": RivalWords(
        "Equal shares, raised", "Everybody's share is raised until more would overspend the budget."
    ),
    "rank-mes+add1+fill": RivalWords(
        "Equal shares, raised, rest by points", "Shares are raised first; what is left is given out by points."
    ),
    "mes+add1+fill": RivalWords(
        "Equal shares by approval", "Order does not matter, listed is backed; raised, and the rest by points."
    ),
    "pb-ear+fill": RivalWords(
        "Expanding approvals", "A vote each, spent by cost, one rank deeper at a time; the rest by points."
    ),
}  # fmt: skip

#: What else a rule is called, with settings that nothing is compared with.
_FAMILIES: Mapping[str, tuple[str, str]] = {
    "greedy": ("按得分从高到低", "most points first"),
    "schulze": ("两两比较", "duels"),
    "rank-mes": ("等额分摊", "equal shares"),
    "mes": ("等额分摊，只看选没选", "equal shares by approval"),
    "pb-ear": ("逐位扩大支持", "expanding approvals"),
}


def rule_name(outcome: Mapping[str, Any], language: str) -> str:
    """What the rule of an outcome is called: with its completion and its fill, where it has them."""
    settings = outcome["parameters"]
    parts = (settings.get("completion", "none"), "fill" if settings.get("fill", "none") != "none" else "none")
    method = "+".join([outcome["rule"], *(part for part in parts if part != "none")])
    words = rival_words(method, language)
    return (
        words.name
        if words.name != method
        else _FAMILIES[outcome["rule"]][0 if language.startswith("zh") else 1]
    )


def rival_words(method: str, language: str) -> RivalWords:
    """What a rule is called and does, in ``zh...`` or ``en...``; a method that is no longer counted says its code."""
    found = (_ZH if language.startswith("zh") else _EN).get(method)
    return found or RivalWords(method, "")
