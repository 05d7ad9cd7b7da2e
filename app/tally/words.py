"""Reasons and amounts in words a resident understands, in Chinese and English."""

from collections.abc import Callable, Mapping

from app.tally.explanation import OutcomeExplanation, ProjectExplanation
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
    "ordered_by_duels": (
        "列入名单：按两两比较的名次。本轮没有设定金额，排序就是结果。",
        "On the list, in the order of the duels. No budget was set, so the order itself is the result.",
    ),
    "funded_by_duels": (
        "入选：按两两比较的名次轮到它时，钱还够。",
        "In: the money still sufficed when its turn came in the order of the duels.",
    ),
    "funded_in_part": (
        "部分入选：造价 {cost}，剩下的 {paid} 全部给它，还差 {missing}，须另行筹措。",
        "In, in part: it costs {cost} and gets all that was left, {paid}; {missing} must come from elsewhere.",
    ),
    "funded_by_votes": (
        "入选：把它排在前 {rank} 位的 {backers} 位居民还有 {votes} 票，它需要 {needed_votes} 票。",
        (
            "In: residents who put it among their first {rank} ({backers} of them) had {votes} votes left, "
            "and it needs {needed_votes}."
        ),
    ),
    "funded_by_everybody": (
        "入选：读完全部名次后，大家还剩 {votes} 票，它需要 {needed_votes} 票。",
        "In: when all places were read, everybody together had {votes} votes left, and it needs {needed_votes}.",
    ),
    "backers_out_of_votes": (
        "未入选：需要 {needed_votes} 票，支持它的 {backers} 位居民只剩 {votes} 票。",
        "Out: it needs {needed_votes} votes; its backers ({backers}) had {votes} left.",
    ),
    "over_budget": (
        "未入选：造价 {cost}，超过可用的总金额 {left}。",
        "Out: it costs {cost}, more than the whole budget, {left}.",
    ),
    "forced_in": (
        "入选：投票前已决定实施，造价 {cost} 先从总金额中扣除。",
        "In: decided before the vote; its cost, {cost}, is taken off the budget first.",
    ),
    "forced_out": ("未入选：投票前已决定不实施。", "Out: decided before the vote."),
    "excluded_by": (
        "未入选：与它只能二选一的项目 {other} 已入选。",
        "Out: {other} is in, and only one of the two can be.",
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


_NEAR: Mapping[str, tuple[str, str]] = {
    "effective": (
        "支持者最多时付得起造价的 {support}。",
        "At the best moment its backers could have paid {support} of its cost.",
    ),
    "held": (
        "支持者最后还剩 {held}；其余用于：{taken}。",
        "Its backers had {held} left at the end; the rest went into {taken}.",
    ),
    "funded_at": ("若造价为 {cost}，就会入选。", "At a cost of {cost} it would have been in."),
    "more_backers": (
        "若再有 {more} 位居民只选它，就会入选。",
        "With {more} more voters who rank only it, it would have been in.",
    ),
    "wins_in": (
        "重新抽样选票 {resamples} 次，有 {wins} 次入选。",
        "In {wins} of {resamples} draws of the ballots it was in.",
    ),
    "served": (
        "{none} 的投票人没有任何支持的项目入选；满意程度的基尼系数 {gini}；最佳入选名次平均 {rank}。",
        "{none} of the voters have nothing; Gini of the number they have {gini}; mean best place {rank}.",
    ),
    "greedy": (
        "若只按得分选：{served} 位至少有一项；{this} 位更满意现在的结果，{greedy} 位更满意按得分的结果。",
        "By points alone {served} would have something; {this} voters have more now, {greedy} had more then.",
    ),
    "category": (
        "{name}：占支出 {spent}，占选票意愿 {wished}。",
        "{name}: {spent} of the spending, {wished} of the wishes.",
    ),
    "underserved": (
        "{project} 的 {voters} 位支持者份额足够付它，却未入选（EJR+）。",
        "{voters} backers of {project} had shares enough to pay for it (EJR+).",
    ),
}
_MOST_TAKERS = 3


def explanation_lines(
    explained: ProjectExplanation | OutcomeExplanation,
    language: str,
    amount: Amount,
    *,
    resamples: int | None = None,
    names: Mapping[str, str] | None = None,
) -> list[str]:
    """What an explanation says, line by line.

    Args:
        explained: of a project, or of the outcome.
        language: ``zh...`` or ``en...``.
        amount: writes minor units as money.
        resamples: how many there were.
        names: what projects, categories and places are called; without it their ids are said.
    """

    def say(what: str, **facts: object) -> str:
        chinese, english = _NEAR[what]
        return (chinese if language.startswith("zh") else english).format_map(facts)

    def called(project_id: str) -> str:
        return (names or {}).get(project_id, project_id)

    if isinstance(explained, OutcomeExplanation):
        return [
            say(
                "served",
                none=_percent(1000 - 1000 * explained.with_something // max(explained.voters, 1)),
                gini=f"0.{explained.gini:03d}",
                rank=f"{explained.mean_best_rank / 1000:.2f}",
            ),
            say(
                "greedy",
                served=explained.greedy_with_something,
                this=explained.prefer_this,
                greedy=explained.prefer_greedy,
            ),
            *(
                say(
                    "category",
                    name=called(each.name) or "-",
                    spent=_percent(each.spent),
                    wished=_percent(each.wished),
                )
                for shares in (explained.by_category, explained.by_place)
                for each in (shares if len(shares) > 1 else ())
            ),
            *(
                say("underserved", project=called(each.project), voters=each.voters)
                for each in explained.underserved
            ),
        ]
    lines = []
    if explained.effective_support is not None:
        lines.append(say("effective", support=_percent(explained.effective_support)))
    if explained.held is not None:
        takers = [
            f"{called(each.project)} ({amount(each.amount)})" for each in explained.taken[:_MOST_TAKERS]
        ]
        lines.append(say("held", held=amount(explained.held), taken=", ".join(takers) or "-"))
    if explained.funded_at is not None:
        lines.append(say("funded_at", cost=amount(explained.funded_at)))
    if explained.more_backers is not None:
        lines.append(say("more_backers", more=explained.more_backers))
    if explained.wins_in is not None and resamples:
        lines.append(say("wins_in", wins=explained.wins_in, resamples=resamples))
    return lines


def _percent(thousandths: int) -> str:
    return f"{thousandths // 10}.{thousandths % 10} %"


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
