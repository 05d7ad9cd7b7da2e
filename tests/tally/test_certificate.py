"""A wrong turn of the fast numbers is found by the exact ones, and nothing comes out."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.tally import Arithmetic, Completion, CountInput, Points, Project, Rule, RuleSpec, count, ear, verify
from app.tally.completion import Completed, complete
from app.tally.equal_shares import Market, Pass
from app.tally.errors import NotCertified
from app.tally.outcome import VERSION
from app.tally.purses import FloatPurses, TooClose

PROJECTS = (Project("a", 30), Project("b", 40), Project("c", 55))
BALLOTS = ((0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (0,), (1,))
SPEC = RuleSpec(Rule.RANK_MES, Points.FIXED_K, max_rank=2, seed="s")
PLAIN = CountInput(PROJECTS, BALLOTS, 100, SPEC)
RAISED = replace(PLAIN, spec=replace(SPEC, completion=Completion.ADD1))


def swapped(run: Callable[..., Pass]) -> Callable[..., Pass]:
    """The fast run, with its first two purchases the other way round."""

    def wrong(market: Market, pot: int, *, exact: bool = False, reach: float | None = None) -> Pass:
        found = run(market, pot, exact=exact, reach=reach)
        if exact or len(found.purchases) < 2:
            return found
        one, two, *rest = found.purchases
        return replace(found, purchases=[two, one, *rest])

    return wrong


@pytest.mark.parametrize("given", [PLAIN, RAISED], ids=["one pass", "completed"])
def test_another_order_is_named(given: CountInput, monkeypatch: pytest.MonkeyPatch) -> None:
    right = count(given).funded
    monkeypatch.setattr(Market, "run", swapped(Market.run))
    with pytest.raises(NotCertified, match="order at 1") as caught:
        count(given)
    assert (caught.value.fast, caught.value.exact) == (right[1], right[0])
    assert count(given, Arithmetic.EXACT).funded == right


def test_an_end_too_early_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    right = count(RAISED).completion
    assert right is not None
    assert right.next is not None

    def early(market: Market, budget: int, *, exact: bool = False) -> Completed:
        found = complete(market, budget, exact=exact)
        return replace(found, over=found.pot)

    monkeypatch.setattr("app.tally.sharing.complete", early)
    with pytest.raises(NotCertified, match=f"completion at {right.pot}"):
        count(RAISED)


def test_pb_ear_is_certified_too(monkeypatch: pytest.MonkeyPatch) -> None:
    given = replace(PLAIN, spec=replace(SPEC, rule=Rule.PB_EAR))
    right = count(given)
    run = ear.run

    def wrong(*arguments: object, exact: bool = False) -> ear.Elected:
        found = run(*arguments, exact=exact)  # type: ignore[arg-type]
        return found if exact else replace(found, elections=found.elections[:-1])

    monkeypatch.setattr(ear, "run", wrong)
    with pytest.raises(NotCertified, match="nothing in the fast run"):
        count(given)
    assert right.funded


def test_what_floating_point_cannot_tell_is_counted_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three thirds are one: purses emptied by thirds, and a cost that is exactly what is left."""
    projects = (Project("x", 1), Project("y", 2), Project("z", 3))
    ballots = ((0, 1, 2), (0, 1, 2), (0, 2, 1))
    given = CountInput(projects, ballots, 6, replace(SPEC, max_rank=3))
    gave_up: list[TooClose] = []
    held = FloatPurses.held

    def noted(self: FloatPurses, *who: object) -> object:
        gave_up.append(TooClose())
        return held(self, *who)  # type: ignore[arg-type]

    monkeypatch.setattr(FloatPurses, "held", noted)
    assert count(given).funded == ("x", "y", "z")
    assert gave_up


def test_the_second_count_knows_the_same_version_of_the_rules() -> None:
    assert verify.VERSION == VERSION
