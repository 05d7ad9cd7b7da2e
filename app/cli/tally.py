"""``gongyi tally``: count a `.pb` file, and say of every project why it is in or out."""

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from app.cli.settings import stop
from app.tally import Arithmetic, CountInput, Fill, Outcome, Points, Priority, Rule, Unranked, Until, count
from app.tally.errors import BallotFileError, TallyError
from app.tally.explain import explain
from app.tally.explanation import Explanation
from app.tally.model import SHARING
from app.tally.model import Completion as Raise
from app.tally.pabulib import Election, as_file, count_input, read
from app.tally.words import explanation_lines, money, sentence, tie_sentence


class CliRule(StrEnum):
    """A rule, or the one that the file names."""

    GREEDY = "greedy"
    RANK_MES = "rank-mes"
    MES = "mes"
    SCHULZE = "schulze"
    PB_EAR = "pb-ear"
    AS_FILE = "as-file"


class Completion(StrEnum):
    """How Equal Shares goes on when no backers can pay any more."""

    NONE = "none"
    ADD1 = "add1"
    #: Add1, then the fill by points.
    ADD1U = "add1u"


class Language(StrEnum):
    """Of the tables and reasons."""

    EN = "en"
    ZH = "zh"


_COLUMNS: Mapping[Language, tuple[str, ...]] = {
    Language.EN: ("#", "Project", "Cost", "Points", "Backers", "First", "Together", "Served"),
    Language.ZH: ("名次", "项目", "造价", "得分", "支持", "首选", "累计", "受益"),
}
_SIDES: tuple[JustifyMethod, ...] = (
    "right", "left", "right", "right", "right", "right", "right", "right",
)  # fmt: skip
_HEAD: Mapping[Language, str] = {
    Language.EN: "{rule}: {voters} ballots, {projects} projects, budget {budget}",
    Language.ZH: "{rule}：{voters} 张选票，{projects} 个项目，总金额 {budget}",
}
_FOOT: Mapping[Language, str] = {
    Language.EN: (
        "{funded} projects are in with {spent}; {left} is left. Of {voters} voters {served} have something "
        "they ranked, and {first} their first choice."
    ),
    Language.ZH: (
        "入选 {funded} 个项目，共用 {spent}，剩余 {left}。{voters} 位投票人中，{served} 位至少有一个支持的项目入选，"
        "{first} 位的首选入选。"
    ),
}
_RAISED: Mapping[Language, str] = {
    Language.EN: "Everybody's share was raised from {start} to {share} ({percent}), {end}.",
    Language.ZH: "每人份额从 {start} 提高到 {share}（{percent}），{end}。",
}
_ENDS: Mapping[str, tuple[str, str]] = {
    "infeasible": ("one step more would overspend the budget", "再提高一步就会超出总金额"),
    "exhaustive": ("then nothing more fitted the budget", "此时已没有项目放得进余款"),
    "all_funded": ("then all projects that can be in were in", "此时能入选的项目已全部入选"),
}
_COMPARED: Mapping[Language, str] = {
    Language.EN: "{shares} voters prefer the outcome of equal shares, {greedy} that of greedy.",
    Language.ZH: "{shares} 位投票人更满意平均分摊的结果，{greedy} 位更满意按得分的结果。",
}


def tally(
    file: Annotated[Path, typer.Argument(help="A Pabulib .pb file.")],
    *,
    rule: Annotated[
        CliRule, typer.Option(help="The counting rule; as-file takes what META says.")
    ] = CliRule.RANK_MES,
    points: Annotated[
        Points | None,
        typer.Option(
            help="What place j earns on a ballot of length L: L - j, k - j, 1, or what voters gave."
        ),
    ] = None,
    skip: Annotated[
        bool, typer.Option("--skip/--no-skip", help="Down a list: go on after a project that does not fit.")
    ] = True,
    threshold: Annotated[int | None, typer.Option(help="Fewest points a project needs.", min=0)] = None,
    part: Annotated[
        int | None,
        typer.Option(
            help="Fund the first that does not fit in part, from so many percent on.", min=1, max=99
        ),
    ] = None,
    completion: Annotated[
        Completion | None,
        typer.Option(help="rank-mes (there add1 unless said otherwise), mes: raise shares while it fits."),
    ] = None,
    until: Annotated[
        Until, typer.Option(help="Raise shares until nothing else fits, or until it overspends.")
    ] = Until.INFEASIBLE,
    fill: Annotated[
        Fill | None,
        typer.Option(help="What happens with money left over; k-borda for rank-mes and pb-ear."),
    ] = None,
    comparison: Annotated[bool, typer.Option(help="mes: take greedy's outcome if more prefer it.")] = False,
    unranked: Annotated[
        Unranked, typer.Option(help="pb-ear: when voters back what they did not rank.")
    ] = Unranked.NEVER,
    priority: Annotated[
        Priority, typer.Option(help="Order of the list: most support first, or as bought.")
    ] = Priority.SUPPORT,
    exact: Annotated[bool, typer.Option("--exact", help="Exact numbers from the first step on.")] = False,
    explaining: Annotated[
        bool, typer.Option("--explain", help="Say also how close each project came, and who has what.")
    ] = False,
    resamples: Annotated[
        int, typer.Option(help="--explain: how often to count again on ballots drawn anew.", min=0)
    ] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole outcome as JSON.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the tables.")] = Language.EN,
) -> None:
    """Count a Pabulib file, and say of every project why it is in or out.

    Without options: rank-mes, shares raised (add1), the rest filled by points. Ties are settled as in Pabulib's files:
    down a list by the order of the projects in the file, under equal shares by lower cost, more backers, then that
    order. Bad input ends with exit code 2.
    """
    election = load(file)
    try:
        if rule is CliRule.AS_FILE:
            given = as_file(election)
        else:
            chosen = Rule(rule.value)
            given = count_input(
                election, rule=chosen, points=points, skip=skip, threshold=threshold,
                completion=_completion(chosen, completion), until=until, fill=_fill(chosen, completion, fill),
                comparison=comparison, part_percent=part, unranked=unranked, priority=priority,
            )  # fmt: skip
    except TallyError as error:
        stop(f"{file}: {error}")
    outcome = count(given, Arithmetic.EXACT if exact else Arithmetic.CERTIFIED)
    explanation = None
    if explaining:
        explanation = _explained(given, outcome, election, resamples)
    if as_json:
        plain = outcome.to_dict(election.amount) | {"currency": election.currency}
        if explanation is not None:
            plain |= {"explanation": explanation.to_dict(election.amount)}
        typer.echo(json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=2))
    else:
        _print(election, outcome, explanation, lang)


def load(file: Path) -> Election:
    """Read a `.pb` file, or end with one line that says what is wrong with it."""
    try:
        return read(file.read_bytes())
    except OSError as error:
        stop(f"{file}: {error.strerror}")
    except BallotFileError as error:
        stop(f"{file}: {error} ({error.code})")


def _completion(rule: Rule, asked: Completion | None) -> Raise:
    if asked is None:
        return Raise.ADD1 if rule is Rule.RANK_MES else Raise.NONE
    return Raise.NONE if asked is Completion.NONE else Raise.ADD1


def _fill(rule: Rule, completion: Completion | None, asked: Fill | None) -> Fill:
    if asked is not None:
        return asked
    by_points = completion is Completion.ADD1U or (rule in SHARING and rule is not Rule.MES)
    return Fill.K_BORDA if by_points else Fill.NONE


def _explained(given: CountInput, outcome: Outcome, election: Election, resamples: int) -> Explanation:
    categories = [project.category for project in election.projects]
    with Console(stderr=True).status("") as status:
        return explain(
            given,
            outcome,
            categories=categories,
            resamples=resamples,
            progress=lambda stage, done, of: status.update(f"{stage}: {done}/{of}"),
        )


def _print(election: Election, outcome: Outcome, explanation: Explanation | None, language: Language) -> None:
    said = partial(money, scale=election.scale, currency=election.currency, language=language)
    names = {project.id: project.name for project in election.projects}
    after = {prefix.project: prefix for prefix in outcome.prefixes}
    table = Table(title=escape(election.title), title_justify="left")
    for heading, side in zip(_COLUMNS[language], _SIDES, strict=True):
        table.add_column(heading, justify=side, overflow="fold")
    reasons = Table.grid(padding=(0, 1))
    reasons.add_column(justify="right")
    reasons.add_column(overflow="fold")
    for each in sorted(outcome.projects, key=lambda project: project.place):
        prefix = after.get(each.id)
        name = names[each.id]
        table.add_row(
            str(each.place),
            escape(each.id if name == each.id else f"{each.id} {name}"),
            said(each.cost),
            str(each.points),
            str(each.backers),
            str(each.first_choices),
            "" if prefix is None else said(prefix.spent),
            "" if prefix is None else percent(prefix.voters_served, outcome.voters),
            style="bold" if each.funded else None,
            end_section=each.place == len(outcome.priority),
        )
        reasons.add_row(str(each.place), escape(sentence(each.reason, language, said)))
        if explanation is not None:
            for line in explanation_lines(
                explanation.projects[each.id], language, said, resamples=explanation.outcome.resamples
            ):
                reasons.add_row("", escape(line))
    console = Console()
    head = _HEAD[language].format(
        rule=outcome.rule, voters=outcome.voters, projects=len(outcome.projects), budget=said(election.budget)
    )
    console.print(escape(head))
    console.print(table)
    console.print(reasons)
    for tie in outcome.ties:
        console.print(escape(tie_sentence(tie, language)))
    for line in _closing(election, outcome, explanation, language):
        console.print(escape(line))


def _closing(
    election: Election, outcome: Outcome, explanation: Explanation | None, language: Language
) -> list[str]:
    """What holds for the outcome as a whole."""
    said = partial(money, scale=election.scale, currency=election.currency, language=language)
    lines = []
    if outcome.completion is not None and outcome.voters:
        raised = outcome.completion
        lines.append(
            _RAISED[language].format(
                start=said(raised.start // outcome.voters),
                share=said(raised.pot // outcome.voters),
                percent=percent(raised.pot, raised.start),
                end=_ENDS[raised.ended_by][0 if language is Language.EN else 1],
            )
        )
    if outcome.comparison is not None:
        compared = outcome.comparison
        lines.append(_COMPARED[language].format(shares=compared.shares, greedy=compared.greedy))
    lines.append(
        _FOOT[language].format(
            funded=len(outcome.funded),
            spent=said(outcome.spent),
            left=said(election.budget - outcome.spent),
            voters=outcome.voters,
            served=outcome.voters_with_something,
            first=outcome.first_choice_funded,
        )
    )
    if explanation is not None:
        lines += explanation_lines(explanation.outcome, language, said)
    return lines


def percent(part: int, whole: int) -> str:
    """``part`` of ``whole`` with one decimal, rounded half up."""
    if not whole:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10} %"
