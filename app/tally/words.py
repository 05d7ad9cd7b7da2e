"""Reasons in words a resident understands, in Chinese and English."""

from collections.abc import Callable, Mapping

from app.tally.outcome import Plain, Reason

Amount = Callable[[int], str]

_WORDS: Mapping[str, tuple[str, str]] = {
    "funded_by_points": (
        "入选：得 {points} 分，排到它时钱还够。",
        "In: {points} points, and the money still sufficed when its turn came.",
    ),
    "filled_by_points": (
        "入选：平均分摊后还有余款，按得分（{points} 分）补选。",
        "In: chosen by points ({points}) from the money left over after the equal shares.",
    ),
    "funded_by_backers": (
        "入选：{backers} 位居民把它排在前 {rank} 位，他们的份额合起来够付。",
        "In: the {backers} residents who put it among their first {rank} could pay for it together.",
    ),
    "does_not_fit": (
        "未入选：得 {points} 分，排到它时只剩 {left}，还差 {missing}。",
        "Out: {points} points; when its turn came {left} was left, {missing} too little.",
    ),
    "list_ended": (
        "未入选：排在它前面的项目钱不够，按规则名单到此为止。",
        "Out: a project before it no longer fitted, and by this rule the list ends there.",
    ),
    "below_threshold": (
        "未入选：得 {points} 分，没达到最低的 {threshold} 分。",
        "Out: {points} points, below the {threshold} that are needed.",
    ),
    "backers_out_of_money": (
        "未入选：支持它的 {backers} 位居民剩下的份额共 {held}，还差 {missing}。",
        "Out: the {backers} residents who back it had {held} left together, {missing} too little.",
    ),
    "no_support": ("未入选：没有人选它。", "Out: nobody ranked it."),
}

_AMOUNTS = frozenset({"left", "missing", "held", "cost"})


def sentence(reason: Reason, language: str, amount: Amount) -> str:
    """The reason as one sentence; ``amount`` writes minor units as money."""
    chinese, english = _WORDS[reason.code]
    facts: dict[str, Plain] = {
        name: amount(value) if name in _AMOUNTS and isinstance(value, int) else value
        for name, value in reason.facts.items()
    }
    return (chinese if language.startswith("zh") else english).format_map(facts)


def codes() -> frozenset[str]:
    """Every reason there is."""
    return frozenset(_WORDS)
