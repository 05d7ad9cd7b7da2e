"""Reading and counting the largest real election at hand, each beside the naive recount of the same input."""

import time
from pathlib import Path

from app.tally import count, recount
from app.tally.model import Fill, Points, Priority, Rule
from app.tally.pabulib import count_input, read

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "pb" / "ordinal"
RUNS = 3


def main() -> None:
    """Print medians and ratios; nothing is asserted."""
    path = FOLDER / "Poland_Krakow_2024.pb"
    if not path.exists():
        print(f"the real elections are not here: {FOLDER}")
        return
    raw = path.read_bytes()
    election, reading = _timed(lambda: read(raw))
    print(f"read     {path.name}: {len(election.ballots)} ballots in {reading:.2f} s")
    for rule, fill in ((Rule.GREEDY, Fill.NONE), (Rule.RANK_MES, Fill.K_BORDA)):
        given = count_input(
            election, rule=rule, points=Points.OWN_LENGTH, skip=True, threshold=None, fill=fill,
            priority=Priority.SUPPORT,
        )  # fmt: skip
        _, fast = _timed(lambda given=given: count(given))
        _, naive = _timed(lambda given=given: recount(given), runs=1)
        print(f"{rule.value:9} count {fast:.2f} s, recount {naive:.2f} s, ratio {naive / fast:.1f}")


def _timed(act, runs: int = RUNS):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        made = act()
        times.append(time.perf_counter() - began)
    return made, sorted(times)[len(times) // 2]


if __name__ == "__main__":
    main()
