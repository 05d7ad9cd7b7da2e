"""``gongyi compare``: the rules side by side, on one election or on many."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from app.cli.tally import Language, load
from app.tally.compare import Figures
from app.tally.compare import compare as compared

_COLUMNS: Mapping[Language, tuple[str, ...]] = {
    Language.EN: ("Rule", "Nothing", "First choice", "Gini", "Spent", "Projects", "EJR+"),
    Language.ZH: ("规则", "一无所获", "首选入选", "基尼系数", "支出", "项目数", "EJR+"),
}
_FOOT: Mapping[Language, str] = {
    Language.EN: (
        "Nothing: voters without any funded project they listed. Gini: of the number they have. "
        "EJR+: projects whose backers could have paid with their own shares, and did not get them."
    ),
    Language.ZH: (
        "一无所获：所选项目无一入选的投票人。基尼系数：按每人入选项目数计算。"
        "EJR+：支持者的份额足以支付却未入选的项目数。"
    ),
}


def compare(
    files: Annotated[list[Path], typer.Argument(help="Pabulib .pb files; of several, means are shown.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, file by file.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the table.")] = Language.EN,
) -> None:
    """Count one election, or many, by every rule that its ballots allow."""
    found: dict[str, list[Figures]] = {}
    console = Console(stderr=True)
    for file in track(files, "", console=console, transient=True, disable=not console.is_terminal):
        election = load(file)
        found[file.name] = list(compared(election))
    if as_json:
        plain = {name: [asdict(each) for each in figures] for name, figures in found.items()}
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2, sort_keys=True))
        return
    by_method: dict[str, list[Figures]] = {}
    for figures in found.values():
        for each in figures:
            by_method.setdefault(each.method, []).append(each)
    table = Table()
    for at, heading in enumerate(_COLUMNS[lang]):
        table.add_column(heading, justify="right" if at else "left")
    for method, figures in by_method.items():
        table.add_row(escape(method), *_means(figures))
    Console().print(table)
    Console().print(escape(_FOOT[lang]))


def _means(figures: Sequence[Figures]) -> tuple[str, ...]:
    return (
        f"{mean(each.nothing for each in figures) / 10:.1f} %",
        f"{mean(each.first_choice for each in figures) / 10:.1f} %",
        f"{mean(each.gini for each in figures) / 1000:.3f}",
        f"{mean(each.spent for each in figures) / 10:.1f} %",
        f"{mean(each.projects for each in figures):.1f}",
        f"{sum(each.underserved for each in figures)}",
    )
