"""Elections worked by hand, one a file: `examples/*.toml` says what must come out, and where it is from."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.tally import (
    CountInput,
    Fill,
    Outcome,
    Points,
    Priority,
    Project,
    Rule,
    RuleSpec,
    TieOrder,
    count,
    recount,
)

FILES = sorted((Path(__file__).parent / "examples").glob("*.toml"))


def election(said: dict[str, Any]) -> CountInput:
    ids = list(said["costs"])
    ballots: list[tuple[int, ...]] = []
    for line in said["ballots"]:
        voters, *ranking = line.split()
        ballots += [tuple(ids.index(each) for each in ranking)] * int(voters)
    return CountInput(
        projects=tuple(
            Project(each, cost, withdrawn=each in said.get("withdrawn", []))
            for each, cost in said["costs"].items()
        ),
        ballots=tuple(ballots),
        budget=said.get("budget"),
        spec=RuleSpec(
            rule=Rule(said["rule"]),
            points=Points(said.get("points", "own-length")),
            max_rank=said.get("max_rank", len(ids)),
            skip=said.get("skip", True),
            threshold=said.get("threshold"),
            fill=Fill(said.get("fill", "none")),
            priority=Priority(said.get("priority", "support")),
            ties=TieOrder(said.get("ties", "cost-backers-lot")),
            seed=said.get("seed", ""),
        ),
    )


def shown(outcome: Outcome, name: str, expected: Any) -> object:
    """What the outcome says about ``name``, in the form in which examples say it."""
    by_id = {each.id: each for each in outcome.projects}
    bought = {step.project: step.facts for step in outcome.steps if step.decision == "funded"}
    asked: dict[str, Callable[[str], object]] = {
        "points": lambda each: by_id[each].points,
        "reasons": lambda each: by_id[each].reason.code,
        "facts": lambda each: {fact: by_id[each].reason.facts[fact] for fact in expected[each]},
        "prices": lambda each: bought[each]["price"],
        "ranks": lambda each: bought[each]["rank"],
    }
    if name in asked:
        return {each: asked[name](each) for each in expected}
    if name == "ties":
        return [f"{' '.join(tie.between)}: {tie.decided_by}, {tie.stake}" for tie in outcome.ties]
    value = getattr(outcome, name)
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_example(path: Path) -> None:
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    given = election(said)
    outcome = count(given)
    for name, expected in said["expect"].items():
        assert shown(outcome, name, expected) == expected, name
    assert recount(given).funded == outcome.funded
    assert recount(given).priority == outcome.priority


def test_every_example_says_where_it_is_from() -> None:
    assert len(FILES) >= 20
    for path in FILES:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        assert said["title"], path
        assert said["source"], path
