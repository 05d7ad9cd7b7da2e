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
from app.tally import Fill, Outcome, Points, Priority, Rule, count
from app.tally.errors import BallotFileError, TallyError
from app.tally.pabulib import Election, count_input, read
from app.tally.words import money, sentence, tie_sentence


class Completion(StrEnum):
    """How Equal Shares goes on when no backers can pay any more."""

    NONE = "none"


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


def tally(
    file: Annotated[Path, typer.Argument(help="A Pabulib .pb file with ranked ballots.")],
    *,
    rule: Annotated[Rule, typer.Option(help="The counting rule.")] = Rule.GREEDY,
    points: Annotated[
        Points, typer.Option(help="What place j (from 0) earns on a ballot of length L: L - j, or k - j.")
    ] = Points.OWN_LENGTH,
    skip: Annotated[
        bool, typer.Option("--skip/--no-skip", help="greedy: go on after a project that does not fit.")
    ] = True,
    threshold: Annotated[
        int | None, typer.Option(help="greedy: fewest points a project needs.", min=0)
    ] = None,
    completion: Annotated[  # noqa: ARG001 - there is one so far, and scripts may say it
        Completion, typer.Option(help="rank-mes: what happens when no backers can pay any more.")
    ] = Completion.NONE,
    fill: Annotated[Fill, typer.Option(help="rank-mes: what happens with money left over.")] = Fill.NONE,
    priority: Annotated[
        Priority, typer.Option(help="Order of the list: most points first, or as bought.")
    ] = Priority.SUPPORT,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole outcome as JSON.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the tables.")] = Language.EN,
) -> None:
    """Count a Pabulib file of ranked ballots, and say of every project why it is in or out.

    Ties are settled as in Pabulib's files: under greedy by the order of the projects in the file, under rank-mes by
    lower cost, more backers, then that order. Bad input ends with exit code 2.
    """
    try:
        election = read(file.read_bytes())
        given = count_input(
            election, rule=rule, points=points, skip=skip, threshold=threshold, fill=fill, priority=priority
        )
    except OSError as error:
        stop(f"{file}: {error.strerror}")
    except BallotFileError as error:
        stop(f"{file}: {error} ({error.code})")
    except TallyError as error:
        stop(f"{file}: {error}")
    outcome = count(given)
    if as_json:
        plain = outcome.to_dict(election.amount) | {"currency": election.currency}
        typer.echo(json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=2))
    else:
        _print(election, outcome, lang)


def _print(election: Election, outcome: Outcome, language: Language) -> None:
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
            "" if prefix is None else _percent(prefix.voters_served, outcome.voters),
            style="bold" if each.funded else None,
            end_section=each.place == len(outcome.priority),
        )
        reasons.add_row(str(each.place), sentence(each.reason, language, said))
    console = Console()
    console.print(
        escape(
            _HEAD[language].format(
                rule=outcome.rule,
                voters=outcome.voters,
                projects=len(outcome.projects),
                budget=said(election.budget),
            )
        )
    )
    console.print(table)
    console.print(reasons)
    for tie in outcome.ties:
        console.print(escape(tie_sentence(tie, language)))
    console.print(
        escape(
            _FOOT[language].format(
                funded=len(outcome.funded),
                spent=said(outcome.spent),
                left=said(election.budget - outcome.spent),
                voters=outcome.voters,
                served=outcome.voters_with_something,
                first=outcome.first_choice_funded,
            )
        )
    )


def _percent(part: int, whole: int) -> str:
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10} %"
