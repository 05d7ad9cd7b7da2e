"""The count on a real city and on half a million made-up voters, beside pabutools and votekit in the same run.

``make bench-tally``. Every figure comes from a process of its own, so that the peak of memory is that figure's; times
are of the work itself, without starting Python and loading the election. Nothing is asserted; medians of several runs
where a run is short. What somebody else's program cannot do in `PATIENCE` seconds is cut off and said to be longer.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from synthetic import election as synthetic

from app.tally import Completion, Fill, Points, Rule, RuleSpec, TieOrder, count
from app.tally.ballots import Profile
from app.tally.completion import complete
from app.tally.ear import run as pb_ear
from app.tally.equal_shares import Market
from app.tally.explain import explain
from app.tally.pabulib import OutFile, OutProject, count_input, read, write
from app.tally.support import Support

ROOT = Path(__file__).parents[1]
CITY = ROOT.parent / "shared" / "data" / "pb" / "ordinal" / "Poland_Krakow_2024.pb"
#: votekit brings much along, and lives in an environment of its own.
VOTEKIT = ROOT / ".venv-bench" / "bin" / "python"
PATIENCE = 300
SHORT = 1.0
RUNS = 5
MADE_UP = (500_000, 50)

#: What is measured, and of whom; the peers are measured where they can do the same.
OURS = (
    "read", "borda", "pairwise + schulze", "rank-mes pass", "mes pass", "mes pass, exact", "pb-ear",
    "mes + add1", "official order, certified",
)  # fmt: skip
PEERS = {
    "pabutools": ("read", "mes pass", "mes + add1"),
    "votekit": ("borda", "pairwise + schulze"),
}


def main() -> None:
    """Print the tables."""
    if len(sys.argv) == 4:  # noqa: PLR2004 - who, what, file
        one(*sys.argv[1:])
        return
    explanations = "--explain" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        made_up = Path(folder) / "made-up.pb"
        print(f"writing {MADE_UP[0]:,} made-up voters with {MADE_UP[1]} projects ...", flush=True)
        # by a process of its own: children begin with the peak of their parent
        subprocess.run([sys.executable, __file__, "gongyi", "write", str(made_up)], check=True)
        for file in (CITY, made_up):
            if file.exists():
                table(file)
            else:
                print(f"the real elections are not here: {file}")
        if explanations:
            report(made_up, "explanations")


def table(file: Path) -> None:
    """All figures of one election."""
    print(f"\n{file.name}")
    print(f"{'':28}{'gongyi':>20}{'pabutools':>22}{'votekit':>22}   ratio")
    for what in OURS:
        mine = measured("gongyi", what, file)
        others = {who: measured(who, what, file) for who, does in PEERS.items() if what in does}
        cells = [shown(mine)] + [shown(others.get(who)) for who in PEERS]
        ratios = [f"{each[0] / mine[0]:,.0f} x" for each in others.values() if each and mine and mine[0]]
        print(f"{what:28}{cells[0]:>20}{cells[1]:>22}{cells[2]:>22}   {', '.join(ratios)}", flush=True)


def report(file: Path, what: str) -> None:
    """One figure of ours."""
    print(f"{what:28}{shown(measured('gongyi', what, file)):>20}", flush=True)


Figure = tuple[float, float, bool]
"""Seconds, peak memory in MB, whether it was cut off."""


def measured(who: str, what: str, file: Path) -> Figure | None:
    """A figure, from a process of its own; none where the program is not installed or fails."""
    python = VOTEKIT if who == "votekit" else sys.executable
    command = [str(python), __file__, who, what, str(file)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return PATIENCE, 0.0, True
    except FileNotFoundError:
        return None
    if done.returncode:
        return None
    seconds, peak = json.loads(done.stdout.strip().splitlines()[-1])
    return seconds, peak, False


def shown(figure: Figure | None) -> str:
    """A figure in a cell."""
    if figure is None:
        return "-"
    seconds, peak, cut = figure
    if cut:
        return f"> {seconds:.0f} s"
    return (
        f"{seconds * 1000:,.1f} ms {peak:,.0f} MB" if seconds < SHORT else f"{seconds:,.1f} s {peak:,.0f} MB"
    )


def one(who: str, what: str, path: str) -> None:
    """In a process of its own: do one thing, print seconds and MB."""
    if what == "write":
        Path(path).write_text(_file(*MADE_UP), encoding="utf-8")
        return
    act = {"gongyi": _ours, "pabutools": _pabutools, "votekit": _votekit}[who](what, Path(path))
    times = []
    while not times or (sum(times) < SHORT and len(times) < RUNS):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([sorted(times)[len(times) // 2], peak]))


def _ours(what: str, path: Path) -> Callable[[], object]:
    if what == "read":
        return lambda: read(path.read_bytes())
    file = read(path.read_bytes())
    ranked = count_input(file, rule=Rule.RANK_MES, completion=Completion.ADD1, fill=Fill.K_BORDA)
    ranked.profile  # noqa: B018 - grouped once, like the peers' profiles
    everybody = [at for at, each in enumerate(file.projects) if each.cost <= file.budget]

    inputs = {
        rule: replace(
            ranked, spec=RuleSpec(rule, Points.OWN_LENGTH, file.max_length, ties=TieOrder.COST_BACKERS_ROW)
        )
        for rule in Rule
    }
    for given in inputs.values():
        given.__dict__["profile"] = ranked.profile
    add1 = count_input(file, rule=Rule.MES, completion=Completion.ADD1)
    own = replace(ranked, spec=replace(ranked.spec, share_unit=0))  # as our own rounds raise shares

    def fresh(rule: Rule) -> Support:
        """Support of which nothing is worked out yet."""
        return Support(inputs[rule])

    acts: dict[str, Callable[[], object]] = {
        "borda": lambda: fresh(Rule.GREEDY).points,
        "pairwise + schulze": lambda: fresh(Rule.SCHULZE).order,
        "rank-mes pass": lambda: Market(fresh(Rule.RANK_MES), everybody).run(file.budget),
        "mes pass": lambda: Market(fresh(Rule.MES), everybody).run(file.budget),
        "mes pass, exact": lambda: Market(fresh(Rule.MES), everybody).run(file.budget, exact=True),
        "pb-ear": lambda: pb_ear(fresh(Rule.PB_EAR), everybody, file.budget),
        "mes + add1": lambda: complete(Market(Support(add1), everybody), file.budget),
        "official order, certified": lambda: count(own),
        "explanations": lambda: explain(own, count(own)),
    }
    return acts[what]


def _pabutools(what: str, path: Path) -> Callable[[], object]:
    """In floating point, which is faster there, with equal ballots grouped; listed = approved, cost utilities."""
    import pabutools.fractions  # noqa: PLC0415
    from pabutools import election as elections  # noqa: PLC0415
    from pabutools.rules import method_of_equal_shares  # noqa: PLC0415
    from pabutools.tiebreaking import app_score_tie_breaking  # noqa: PLC0415

    pabutools.fractions.FRACTION = "float"
    if what == "read":
        return lambda: elections.parse_pabulib(str(path))
    file = read(path.read_bytes())
    unit = 10**file.scale
    projects = [elections.Project(each.id, each.cost / unit) for each in file.projects]
    instance = elections.Instance(projects, budget_limit=file.budget / unit)
    ballots = [elections.ApprovalBallot([projects[at] for at in ballot]) for ballot in file.ballots]
    profile = elections.ApprovalProfile(ballots, instance=instance).as_multiprofile()
    more = {"voter_budget_increment": 1} if what == "mes + add1" else {}
    return lambda: method_of_equal_shares(
        instance, profile, sat_class=elections.Cost_Sat, tie_breaking=app_score_tie_breaking, **more
    )


def _votekit(what: str, path: Path) -> Callable[[], object]:
    from votekit import RankBallot, RankProfile  # noqa: PLC0415
    from votekit.elections import Borda, Schulze  # noqa: PLC0415

    file = read(path.read_bytes())
    grouped = Profile.of(file.ballots)
    ids = [each.id for each in file.projects]
    profile = RankProfile(
        ballots=[
            RankBallot(ranking=tuple(frozenset({ids[at]}) for at in ballot), weight=voters)
            for ballot, voters in grouped.items()
        ],
        candidates=ids,
        max_ranking_length=file.max_length,
    )
    if what == "borda":
        return lambda: Borda(profile, n_seats=1, tiebreak="lexicographic")
    return lambda: Schulze(profile, n_seats=1)


def _file(voters: int, projects: int) -> str:
    listed, ballots, budget = synthetic(voters, projects)
    ids = [each.id for each in listed]
    meta = {
        "description": "Made up", "country": "Worldwide", "unit": "Nowhere", "instance": "2026",
        "budget": f"{budget // 100}.{budget % 100:02d}", "vote_type": "ordinal", "rule": "unknown",
        "date_begin": "2026", "date_end": "2026", "min_length": "1", "max_length": "10",
    }  # fmt: skip
    rows = [
        OutProject(each.id, f"{each.cost // 100}.{each.cost % 100:02d}", 0, 0, each.id, "", 0)
        for each in listed
    ]
    votes = [(str(at), [ids[position] for position in ballot]) for at, ballot in enumerate(ballots, start=1)]
    return write(OutFile(meta, rows, votes))


if __name__ == "__main__":
    main()
