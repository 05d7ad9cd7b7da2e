"""Reasons and amounts in words a resident understands, in Chinese and English."""

from collections.abc import Callable, Mapping

from app.tally.outcome import AMOUNT_FACTS, Plain, Reason, Stake, Tie
from app.tally.ties import Criterion

#: Writes minor units as money.
Amount = Callable[[int], str]

_WORDS: Mapping[str, tuple[str, str]] = {
    "funded_by_points": (
        "入选：得 {points} 分，排到它时钱还够。",
        "In: {points} points, and the money still sufficed when its turn came.",
    ),
    "ordered_by_points": (
        "列入名单：得 {points} 分。本轮没有设定金额，排序就是结果。",
        "On the list: {points} points. No budget was set, so the order itself is the result.",
    ),
    "filled_by_points": (
        "入选：平均分摊后还有余款，按得分（{points} 分）补选。",
        "In: chosen by points ({points}) from the money left over after the equal shares.",
    ),
    "funded_by_backers": (
        "入选：{backers} 位居民把它排在前 {rank} 位，他们的份额合起来够付，每人最多 {each}。",
        (
            "In: residents who put it among their first {rank} ({backers} of them) could pay for it together, "
            "with at most {each} each."
        ),
    ),
    "funded_by_first_choices": (
        "入选：{backers} 位居民把它排在第一位，他们的份额合起来够付，每人最多 {each}。",
        "In: residents who put it first ({backers} of them) could pay for it together, with at most {each} each.",
    ),
    "does_not_fit": (
        "未入选：得 {points} 分，排到它时只剩 {left}，还差 {missing}。",
        "Out: {points} points; when its turn came {left} was left, {missing} too little.",
    ),
    "leftover_too_small": (
        "未入选：支持者的份额合起来不够付；余款按得分（{points} 分）补选，排到它时只剩 {left}，还差 {missing}。",
        (
            "Out: its backers could not pay for it together, and when what was left over was given out by points "
            "({points}), {left} was left, {missing} too little."
        ),
    ),
    "stopped_after": (
        "未入选：排在它前面的项目钱不够，按规则名单到此为止。",
        "Out: a project before it no longer fitted, and by this rule the list ends there.",
    ),
    "below_threshold": (
        "未入选：得 {points} 分，没达到最低的 {threshold} 分。",
        "Out: {points} points, below the {threshold} that are needed.",
    ),
    "backers_out_of_money": (
        "未入选：需要 {needed}，支持它的 {backers} 位居民剩下的份额共 {had}，还差 {missing}。",
        "Out: it needs {needed}; its backers ({backers}) had {had} left together, {missing} too little.",
    ),
    "no_support": ("未入选：没有人选它。", "Out: nobody ranked it."),
    "withdrawn": ("未入选：项目已撤回。", "Out: it was withdrawn."),
}

_CRITERIA: Mapping[Criterion, tuple[str, str]] = {
    Criterion.COST: ("造价较低者优先", "the lower cost goes first"),
    Criterion.BACKERS: ("支持人数较多者优先", "more backers go first"),
    Criterion.LOT: ("按公布的种子抽签", "a lot drawn from the published seed"),
    Criterion.LIST: ("名单上的先后", "the order of the list"),
}

_STAKES: Mapping[Stake, tuple[str, str]] = {
    Stake.FUNDING: ("谁入选", "which of them is in"),
    Stake.PLACE: ("名次先后", "their places on the list"),
    Stake.STEP: ("分摊时谁先付款", "which of them was paid for first"),
}

#: Currencies of which Chinese speakers count in ten thousands, with the word for one unit.
_ZH_UNITS = {"CNY": "元", "": "元"}


def sentence(reason: Reason, language: str, amount: Amount) -> str:
    """The reason as one sentence; ``amount`` writes minor units as money."""
    chinese, english = _WORDS[reason.code]
    facts: dict[str, Plain] = {
        name: amount(value) if name in AMOUNT_FACTS and isinstance(value, int) else value
        for name, value in reason.facts.items()
    }
    return (chinese if language.startswith("zh") else english).format_map(facts)


def tie_sentence(tie: Tie, language: str) -> str:
    """A tie as one sentence; projects are named by their ids."""
    chinese = language.startswith("zh")
    criterion, stake = (
        words[0 if chinese else 1] for words in (_CRITERIA[tie.decided_by], _STAKES[tie.stake])
    )
    if chinese:
        return f"{'、'.join(tie.between)} 相同：{criterion}，由此决定{stake}。"
    return f"{', '.join(tie.between)} were equal: {criterion}, and that decided {stake}."


def codes() -> frozenset[str]:
    """Every reason there is."""
    return frozenset(_WORDS)


def money(minor: int, *, scale: int, currency: str, language: str) -> str:
    """An amount as people say it.

    Args:
        minor: minor units.
        scale: decimals of the currency; a minor unit is ``10 ** -scale``.
        currency: ISO 4217 code, or nothing where it is not known.
        language: ``zh...`` or ``en...``.

    Returns:
        ``"6.8 万元"``, ``"350 元"``, ``"12.50 元"``; in English, and in Chinese for other currencies,
        ``"68,000 CNY"``.
    """
    whole, rest = divmod(minor, 10**scale)
    decimals = f".{rest:0{scale}d}" if rest else ""
    unit = _ZH_UNITS.get(currency) if language.startswith("zh") else None
    if unit is None:
        return f"{whole:,}{decimals} {currency}".rstrip()
    hundreds, below = divmod(whole, 100)
    if hundreds >= 100 and not below and not rest:  # noqa: PLR2004 - ten thousand and more, to two decimals
        text = f"{hundreds // 100}.{hundreds % 100:02d}".rstrip("0").rstrip(".")
        return f"{text} 万{unit}"
    return f"{whole}{decimals} {unit}"
