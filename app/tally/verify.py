"""Recount the public bundle of a voting round, with nothing but Python.

用公开文件包重新计票，只需要 Python:

    python3 verify.py bundle.zip
    python3 verify.py bundle.zip --tracker ABCDEFGHIJKLMNOP --receipt receipt.json

This file shares no code with the service that counted. It is meant to be read: first the rules, with plain loops and
exact fractions; then the signatures; then the checks, one after the other, and what they say.

Answers: 0 all facts hold; 1 one does not, and the first that does not is named; 2 it could not be checked, because the
bundle cannot be read or only aggregates were published.
"""

import argparse
import base64
import csv
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

Ballot = tuple[int, ...]
"""Positions on the list, best first."""

#: Of the rules as programmed here; a result names the version by which it was counted.
VERSION = "2"

#: Of settings that a result does not name.
DEFAULTS: Mapping[str, Any] = {
    "skip": True, "threshold": None, "completion": "none", "until": "infeasible", "share_unit": 0, "fill": "none",
    "comparison": False, "part_percent": None, "unranked": "never", "priority": "support", "seed": "",
}  # fmt: skip


# --- the rules ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Project:
    """A project of the list; costs in whole minor units (fen)."""

    id: str
    cost: int
    withdrawn: bool = False
    group: str = ""
    forced: str = ""


@dataclass(frozen=True)
class Election:
    """All that an outcome depends on; ``settings`` are the parameters of a result, and its rule."""

    projects: Sequence[Project]
    ballots: Sequence[Ballot]
    budget: int | None
    settings: Mapping[str, Any]
    given_points: Sequence[int] | None = None


@dataclass(frozen=True)
class Claim:
    """How far a result says that shares could be raised: pots, and what was bought at those that changed something."""

    start: int
    step: int
    pot: int
    next: int | None
    changes: Sequence[tuple[int, int, int]]


@dataclass(frozen=True)
class Recounted:
    """What this count says: positions in the order of the rule's steps, in the published order, and the reserve."""

    funded: list[int]
    priority: list[int]
    reserve: list[int]
    points: list[int]
    backers: list[int]
    spent: int
    claim_holds: bool


def recount(given: Election, claim: Claim | None = None) -> Recounted:
    """Count. With a claim, shares are raised at once to where it says, and around there; without it, step by step."""
    counter = Counter(given)
    settings = counter.settings
    rule = settings["rule"]
    order = counter.by_duels() if rule == "schulze" else counter.by_points()
    if rule in {"greedy", "schulze"}:
        counter.go_down(order, skip=settings["skip"])
    elif rule == "pb-ear":
        counter.expanding_approvals()
    elif rule in {"rank-mes", "mes"}:
        counter.equal_shares(claim)
    else:
        raise Unreadable(f"the rule {rule} is not known here")
    if settings["fill"] == "k-borda":
        affordable = [each for each in counter.by_points() if counter.cost(each) <= counter.budget]
        counter.go_down(affordable, skip=True)
    if settings["comparison"]:
        counter.prefer()
    funded = counter.funded
    priority = [each for each in order if each in funded] if settings["priority"] == "support" else funded
    out = [each for each in order if each not in funded]
    return Recounted(
        funded=funded,
        priority=priority,
        reserve=sorted(out, key=lambda each: given.projects[each].withdrawn),
        points=counter.points,
        backers=counter.backers,
        spent=counter.spent,
        claim_holds=counter.holds,
    )


class Counter:
    """A counter at a table with the ballots, a sheet of points, a sheet of backers and the money."""

    def __init__(self, given: Election) -> None:
        self.given = given
        self.settings = {**DEFAULTS, **given.settings}
        self.people: dict[Ballot, int] = {}
        for ballot in given.ballots:
            self.people[ballot] = self.people.get(ballot, 0) + 1
        self.voters = len(given.ballots)
        self.longest = max((len(ballot) for ballot in self.people), default=0)
        self.backers_within: dict[int, dict[int, list[Ballot]]] = {}
        self.backers = [0] * len(given.projects)
        self.points = [0] * len(given.projects)
        for ballot, people in self.people.items():
            for place, project in enumerate(ballot):
                self.backers[project] += people
                self.points[project] += people * self.worth(place, len(ballot))
        if given.given_points is not None:
            self.points = list(given.given_points)
        self.holds = True
        self.begin()

    def begin(self) -> None:
        """Set aside what was decided before the vote."""
        self.funded: list[int] = []
        self.money = self.given.budget
        self.spent = 0
        self.parted = False
        for project, each in enumerate(self.given.projects):
            if each.forced == "in":
                self.take(project)
        self.budget = self.money or 0

    def worth(self, place: int, length: int) -> int:
        """What a place of a ballot earns."""
        if self.settings["points"] == "approval":
            return 1
        return (length if self.settings["points"] == "own-length" else self.settings["max_rank"]) - place

    def cost(self, project: int) -> int:
        """Of a project."""
        return self.given.projects[project].cost

    def take(self, project: int) -> None:
        """Fund a project."""
        self.pay(project, self.cost(project))

    def pay(self, project: int, amount: int) -> None:
        """Fund a project with an amount."""
        self.funded.append(project)
        self.spent += amount
        if self.money is not None:
            self.money -= amount

    def open(self, project: int, funded: Iterable[int]) -> bool:
        """Whether a project can still be funded beside others."""
        each = self.given.projects[project]
        least: int | None = self.settings["threshold"]
        return (
            self.backers[project] > 0
            and not each.withdrawn
            and not each.forced
            and (least is None or self.points[project] >= least)
            and project not in funded
            and not any(each.group and each.group == self.given.projects[other].group for other in funded)
        )

    def goes_first(self, one: int, other: int) -> bool:
        """Whether ``one`` wins a tie against ``other``."""
        if self.settings["ties"] == "row":
            return one < other
        mine, theirs = self.given.projects[one], self.given.projects[other]
        if mine.cost != theirs.cost:
            return mine.cost < theirs.cost
        if self.backers[one] != self.backers[other]:
            return self.backers[one] > self.backers[other]
        if self.settings["ties"] == "cost-backers-row":
            return one < other
        return lot(self.settings["seed"], mine.id) < lot(self.settings["seed"], theirs.id)

    def first(self, projects: Iterable[int]) -> int:
        """The one that wins all ties."""
        best: int | None = None
        for project in projects:
            if best is None or self.goes_first(project, best):
                best = project
        assert best is not None
        return best

    def by_points(self) -> list[int]:
        """Every project, the one with most points first."""
        order: list[int] = []
        rest = list(range(len(self.given.projects)))
        while rest:
            most = max(self.points[project] for project in rest)
            order.append(self.first(project for project in rest if self.points[project] == most))
            rest.remove(order[-1])
        return order

    def by_duels(self) -> list[int]:
        """Every project in Schulze's order."""
        every = range(len(self.given.projects))
        wins = {(p, q): 0 for p in every for q in every}
        for ballot, people in self.people.items():
            for place, p in enumerate(ballot):
                for q in every:
                    if q not in ballot[: place + 1]:
                        wins[p, q] += people
        path = {(p, q): wins[p, q] if wins[p, q] > wins[q, p] else 0 for p, q in wins}
        for k in every:
            for p in every:
                for q in every:
                    path[p, q] = max(path[p, q], min(path[p, k], path[k, q]))
        order: list[int] = []
        rest = list(every)
        while rest:
            order.append(
                self.first(p for p in rest if not any(path[q, p] > path[p, q] for q in rest if q != p))
            )
            rest.remove(order[-1])
        return order

    def go_down(self, order: list[int], *, skip: bool) -> None:
        """Take what fits."""
        for project in order:
            if not self.open(project, self.funded):
                continue
            if self.money is None or self.cost(project) <= self.money:
                self.take(project)
            elif self.enough_for_a_part(project):
                self.pay(project, self.money)
                self.parted = True
                if not skip:
                    break
            elif not skip:
                break

    def enough_for_a_part(self, project: int) -> bool:
        """Whether the last money goes to a project that it does not pay in full."""
        percent: int | None = self.settings["part_percent"]
        if percent is None or not self.money or self.parted:
            return False
        return 100 * self.money >= percent * self.cost(project)

    # --- Equal Shares -----------------------------------------------------------------------------------------------

    def equal_shares(self, claimed: Claim | None) -> None:
        """With the completion the round asks for."""
        budget = self.money or 0
        if self.settings["completion"] == "none":
            bought = self.bought(budget)
        elif claimed is not None:
            bought = self.bought(claimed.pot)
            self.holds = self.claim_holds(claimed, budget)
        else:
            start, step = self.grid(budget)
            pot, bought = start, self.bought(start)
            while not self.ends(bought, budget):
                pot += step
                more = self.bought(pot)
                if self.together(more) > budget:
                    break
                bought = more
        for project in bought:
            self.take(project)

    def grid(self, budget: int) -> tuple[int, int]:
        """The first pot, and by how much it rises."""
        if self.settings["share_unit"]:
            step = self.settings["share_unit"] * max(self.voters, 1)
            return budget - budget % step, step
        return budget, max((budget + 9_999) // 10_000, 1)

    def together(self, projects: Iterable[int]) -> int:
        """What projects cost together."""
        return sum(self.cost(project) for project in projects)

    def ends(self, bought: list[int], budget: int) -> bool:
        """Whether a completion goes no further, whatever the next pot would buy."""
        funded = self.funded + bought
        left = [each for each in range(len(self.given.projects)) if self.open(each, funded)]
        most = budget if self.settings["until"] == "infeasible" else budget - self.together(bought)
        left = [each for each in left if self.cost(each) <= most]
        return not left

    def claim_holds(self, claimed: Claim, budget: int) -> bool:
        """Whether the pots that the first count names are what it says."""
        start, step = self.grid(budget)
        fits = [(claimed.start, claimed.step) == (start, step), claimed.changes[0][0] == start]
        before: list[int] | None = None
        for pot, spent, number in claimed.changes:
            here = self.bought(pot)
            fits += [(pot - start) % step == 0, self.together(here) == spent <= budget, len(here) == number]
            if before is not None:
                fits += [self.bought(pot - step) == before != here, not self.ends(before, budget)]
            before = here
        fits.append(before == self.bought(claimed.pot))
        if claimed.next is None:
            fits.append(self.ends(before or [], budget))
        else:
            over = self.together(self.bought(claimed.next)) > budget
            fits += [claimed.next == claimed.pot + step, over, not self.ends(before or [], budget)]
        return all(fits)

    def bought(self, pot: int) -> list[int]:
        """Equal Shares with a pot. Amounts are few: a purse is the number of its amount in ``amounts``."""
        amounts = [Fraction(pot, max(self.voters, 1))]
        purse = dict.fromkeys(self.people, 0)
        by_cost = self.settings["rule"] == "mes"
        bought: list[int] = []
        for rank in [self.longest] if by_cost else range(1, self.longest + 1):
            while True:
                backing = self.backing(rank, self.funded + bought)
                prices: dict[int, Fraction] = {}
                for project, ballots in backing.items():
                    people: dict[int, int] = {}
                    for ballot in ballots:
                        people[purse[ballot]] = people.get(purse[ballot], 0) + self.people[ballot]
                    price = price_of(self.cost(project), [(amounts[at], n) for at, n in people.items()])
                    if price is not None:
                        prices[project] = price
                if not prices:
                    break
                ratios = {
                    p: price / max(self.cost(p), 1) if by_cost else price for p, price in prices.items()
                }
                lowest = min(ratios.values())
                project = self.first(p for p in ratios if ratios[p] == lowest)
                paid: dict[int, int] = {}
                for ballot in backing[project]:
                    before = purse[ballot]
                    if before not in paid:
                        rest = max(amounts[before] - prices[project], Fraction(0))
                        if rest not in amounts:
                            amounts.append(rest)
                        paid[before] = amounts.index(rest)
                    purse[ballot] = paid[before]
                bought.append(project)
        return bought

    def backing(self, rank: int, funded: list[int]) -> dict[int, list[Ballot]]:
        """Who backs what can still be funded."""
        if rank not in self.backers_within:
            found: dict[int, list[Ballot]] = {}
            for ballot in self.people:
                for project in ballot[:rank]:
                    found.setdefault(project, []).append(ballot)
            self.backers_within[rank] = found
        return {
            project: ballots
            for project, ballots in self.backers_within[rank].items()
            if self.open(project, funded) and self.cost(project) <= self.budget
        }

    def prefer(self) -> None:
        """Keep what is funded, unless more voters like better what greedy would fund."""
        shares, spent = self.funded, self.spent
        self.begin()
        self.go_down(self.by_points(), skip=True)
        for_shares = for_greedy = 0
        for ballot, people in self.people.items():
            mine, theirs = (
                self.together(each for each in ballot if each in funded) for funded in (shares, self.funded)
            )
            for_shares += people * (mine > theirs)
            for_greedy += people * (theirs > mine)
        if for_greedy <= for_shares:
            self.funded, self.spent = shares, spent

    # --- expanding approvals ----------------------------------------------------------------------------------------

    def expanding_approvals(self) -> None:
        """PB-EAR; every ballot weighs one vote."""
        left = dict.fromkeys(self.people, Fraction(1))
        budget = self.money or 0
        longest = self.longest
        last = longest + (self.settings["unranked"] == "last")
        for rank in range(1, last + 1):
            while True:
                backing = self.backing(rank, self.funded)
                if rank > longest:
                    backing = {project: list(self.people) for project in backing}
                votes: dict[int, Fraction] = {}
                for project, ballots in backing.items():
                    total = sum((left[each] * self.people[each] for each in ballots), Fraction(0))
                    enough = self.cost(project) <= (self.money or 0) and (
                        total * budget >= self.voters * self.cost(project)
                    )
                    if enough:
                        votes[project] = total
                if not votes:
                    break
                most = max(votes.values())
                project = self.first(p for p in votes if votes[p] == most)
                if self.cost(project):
                    kept = 1 - Fraction(self.voters * self.cost(project), budget) / most
                    for ballot in backing[project]:
                        left[ballot] *= kept
                self.take(project)


def price_of(cost: int, purses: list[tuple[Fraction, int]]) -> Fraction | None:
    """The payment at which everybody pays the same, or all they have; none when together they have too little."""
    if sum(amount * people for amount, people in purses) < cost:
        return None
    paying, owed = purses, Fraction(cost)
    while True:
        price = owed / sum(people for _, people in paying)
        poor = [(amount, people) for amount, people in paying if amount < price]
        if not poor:
            return price
        owed -= sum(amount * people for amount, people in poor)
        paying = [(amount, people) for amount, people in paying if amount >= price]


def lot(seed: str, project_id: str) -> tuple[str, str]:
    """What a project draws; the smallest comes first."""
    return hashlib.sha256((seed + "\0" + project_id).encode("utf-8")).hexdigest(), project_id


# --- signatures and hashes ----------------------------------------------------------------------------------------

# Ed25519 as in RFC 8032, section 5.1.7: only checking, so nothing secret is handled and time does not matter.
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
Point = tuple[int, int, int, int]


def _add(one: Point, other: Point) -> Point:
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    c, d = 2 * t1 * t2 * _D % _P, 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = _add(result, point)
        point = _add(point, point)
        number >>= 1
    return result


def _point(raw: bytes) -> Point | None:
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


_BASE = _point(bytes.fromhex("58" + "66" * 31))


def signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature over ``message`` was made with the key behind ``public_key``."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, nonce = _point(public_key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or _BASE is None or scalar >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    left = _times(scalar, _BASE)
    right = _add(nonce, _times(int.from_bytes(digest, "little") % _L, key))
    return (
        (left[0] * right[2] - right[0] * left[2]) % _P == 0 == (left[1] * right[2] - right[1] * left[2]) % _P
    )


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of RFC 6962, section 2.1."""
    if len(leaves) < 2:
        return hashlib.sha256(b"\0" + leaves[0] if leaves else b"").digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_root(leaves[:half]) + tree_root(leaves[half:])).digest()


def canonical(value: object) -> bytes:
    """JSON with sorted keys and without white space: what is hashed and signed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(raw: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


# --- the bundle ---------------------------------------------------------------------------------------------------

LARGEST_BYTES = 512 * 1024 * 1024
FILES = ("frozen.json", "result.json", "envelopes.txt", "board.json")


class Unreadable(Exception):
    """The bundle cannot be checked; says why."""


class Wrong(Exception):
    """A fact does not hold; says which."""


@dataclass
class Bundle:
    """The files of a bundle, read."""

    raw: Mapping[str, bytes]
    frozen: Mapping[str, Any] = field(init=False)
    result: Mapping[str, Any] = field(init=False)
    board: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        missing = [name for name in FILES if name not in self.raw]
        if missing:
            raise Unreadable(f"the bundle has no {missing[0]}")
        try:
            self.frozen, self.result, self.board = (
                json.loads(self.raw[f"{name}.json"]) for name in ("frozen", "result", "board")
            )
        except (ValueError, RecursionError) as error:
            raise Unreadable("a .json file of the bundle is no JSON") from error

    @classmethod
    def open(cls, path: Path) -> "Bundle":
        """From a ZIP file, or a folder with what was in it."""
        try:
            if path.is_dir():
                return cls({each.name: each.read_bytes() for each in path.iterdir() if each.is_file()})
            with zipfile.ZipFile(path) as archive:
                if sum(each.file_size for each in archive.infolist()) > LARGEST_BYTES:
                    raise Unreadable("the bundle is too large")
                return cls({name: archive.read(name) for name in archive.namelist()})
        except (OSError, zipfile.BadZipFile, RuntimeError, EOFError) as error:
            raise Unreadable(f"{path}: {error}") from error

    def entry(self, kind: str) -> Mapping[str, Any]:
        """The event of a kind on the board; there is exactly one."""
        found = [each for each in self.board["entries"] if each["kind"] == kind]
        if len(found) != 1:
            raise Wrong(f'board.json: there are {len(found)} events "{kind}", not one')
        body: Mapping[str, Any] = found[0]["body"]
        return body

    def votes(self) -> list[tuple[str, list[str]]]:
        """Trackers and rankings of ``ballots.pb``."""
        rows = list(csv.reader(io.StringIO(self.raw["ballots.pb"].decode()), delimiter=";"))
        start = next(at for at, row in enumerate(rows) if row == ["VOTES"])
        if rows[start + 1] != ["voter_id", "vote"]:
            raise Unreadable("ballots.pb: VOTES has other columns than voter_id;vote")
        return [(tracker, vote.split(",") if vote else []) for tracker, vote in rows[start + 2 :]]

    def listed(self) -> list[Project]:
        """The list, with costs as they were frozen."""
        return [
            Project(
                each["id"],
                each["cost_fen"],
                group=str(each.get("exclusive_group") or ""),
                forced="in" if each.get("forced_in") else "",
            )
            for each in self.frozen["projects"]
        ]


def check(bundle: Bundle, *, every_step: bool = False) -> Iterator[str]:
    """Check every fact in turn.

    Yields:
        A sentence for each that holds.

    Raises:
        Wrong: the first one that does not.
        Unreadable: the ballots are not in the bundle, or not as they should be.
    """
    yield from _check_board(bundle)
    if "ballots.pb" not in bundle.raw:
        raise Unreadable(
            "the ballots were published as aggregates only, because there are few: they can be seen on site"
        )
    projects = bundle.listed()
    index = {each.id: at for at, each in enumerate(projects)}
    votes = bundle.votes()
    unknown = next((each for _, vote in votes for each in vote if each not in index), None)
    _must(unknown is None, f"ballots.pb: a ballot ranks {unknown}, which is not on the list")
    ballots = [tuple(index[each] for each in vote) for _, vote in votes]
    _must(all(len(set(each)) == len(each) for each in ballots), "ballots.pb: a ballot ranks a project twice")
    lines = "\n".join(
        f"{tracker} {','.join(map(str, ballot))}" for (tracker, _), ballot in zip(votes, ballots, strict=True)
    )
    unsealed = bundle.entry("unsealed")
    _must(
        sha256(lines.encode()) == unsealed["ballots_digest"], "ballots.pb: not the ballots that were opened"
    )
    said = bundle.entry("closed")
    _must(len(ballots) == unsealed["ballots"] == said["envelopes"], "as many ballots as sealed envelopes")
    _must(len(ballots) <= said["roll_size"], "there are more ballots than people on the roll")
    yield f"{len(ballots)} ballots, one for each sealed envelope, of {said['roll_size']} on the roll"
    yield from _check_count(bundle, projects, ballots, every_step=every_step)


def _check_board(bundle: Bundle) -> Iterator[str]:
    key = base64.b64decode(bundle.board["signed_with"])
    entries = bundle.board["entries"]
    for position, entry in enumerate(entries, start=1):
        statement = {
            "purpose": "gongyi board v1", "round_id": bundle.frozen["round_id"], "position": position,
            "kind": entry["kind"], "body": entry["body"],
        }  # fmt: skip
        holds = entry["position"] == position and signed(
            key, base64.b64decode(entry["signature"]), canonical(statement)
        )
        _must(holds, f"board.json: the signature of event {position} ({entry['kind']})")
    yield f"{len(entries)} events on the board, all signed with {bundle.board['signed_with']}"
    frozen = sha256(bundle.raw["frozen.json"])
    _must(
        frozen == bundle.entry("opened")["frozen_digest"], "frozen.json: not what the round was opened with"
    )
    result = bundle.entry("result")
    _must(sha256(bundle.raw["result.json"]) == result["result_digest"], "result.json: not what was announced")
    pb = bundle.raw.get("ballots.pb")
    digest = None if pb is None else sha256(pb)
    _must(digest == result["ballots_pb_digest"], "ballots.pb: not what was announced")
    leaves = bundle.raw["envelopes.txt"].decode().split()
    _must(leaves == sorted(set(leaves)), "envelopes.txt: not sorted, or a line stands twice")
    closed = bundle.entry("closed")
    root = tree_root([bytes.fromhex(each) for each in leaves]).hex()
    _must(
        (len(leaves), root) == (closed["envelopes"], closed["envelope_root"]),
        "envelopes.txt: not the envelopes that were inside when the box was closed",
    )
    yield "list, result and envelopes are the ones that were signed"


def _check_count(
    bundle: Bundle, projects: Sequence[Project], ballots: Sequence[Ballot], *, every_step: bool
) -> Iterator[str]:
    frozen, result = bundle.frozen, bundle.result
    if result["version"] != VERSION:
        raise Unreadable(
            f"counted by version {result['version']} of the rules; this file knows version {VERSION}"
        )
    settings = {**DEFAULTS, **result["parameters"], "rule": result["rule"]}
    for name in ("rule", "points", "max_rank", *(name for name in DEFAULTS if name != "seed")):
        if name in frozen and name in {"rule", *result["parameters"]}:
            _must(settings[name] == frozen[name], f"result.json: {name} is {settings[name]}, not as frozen")
    ties = {"lot": "cost-backers-lot", "list-order": "row"}[frozen["ties"]]
    _must(settings["ties"] == ties, "result.json: ties settled otherwise than frozen")
    _must(result["budget"] == frozen["budget_fen"], "result.json: another budget than was frozen")
    _must(settings["seed"] == bundle.entry("closed")["envelope_root"], "result.json: another seed of the lot")
    digest = sha256(canonical(_inputs(projects, ballots, frozen["budget_fen"])))
    _must(digest == result["inputs_digest"], "result.json: another inputs_digest")
    said = result["completion"]
    claim = None
    if said is not None and not every_step:
        changes = [(each["pot"], each["spent"], each["funded"]) for each in said["changes"]]
        claim = Claim(said["start"], said["step"], said["pot"], said["next"], changes)
    counted = recount(Election(projects, ballots, frozen["budget_fen"], settings), claim)
    _must(counted.claim_holds, "result.json: shares cannot be raised as far as it says, or farther")
    for name in ("funded", "priority", "reserve"):
        ids = [projects[each].id for each in getattr(counted, name)]
        at = next(
            (at for at, pair in enumerate(zip(ids, result[name], strict=False)) if pair[0] != pair[1]), -1
        )
        where = f" at place {at + 1}: counted {ids[at]}, published {result[name][at]}" if at >= 0 else ""
        _must(ids == result[name], f"result.json: {name} differs{where}")
    _must(counted.spent == result["spent"], f"result.json: spent is {counted.spent}")
    _must(result["voters"] == len(ballots), "result.json: another number of voters")
    for at, each in enumerate(result["projects"]):
        mine = (
            projects[at].id,
            projects[at].cost,
            counted.points[at],
            counted.backers[at],
            at in counted.funded,
        )
        theirs = (each["id"], each["cost"], each["points"], each["backers"], each["funded"])
        _must(
            mine == theirs, f"result.json: project {each['id']}: counted {mine[2:]}, published {theirs[2:]}"
        )
    raised = "" if claim is None else ", with shares raised as far as published"
    yield f"counted again by {settings['rule']}{raised}: {len(counted.funded)} projects, all in their places"


def _inputs(projects: Sequence[Project], ballots: Sequence[Ballot], budget: int | None) -> dict[str, object]:
    people: dict[Ballot, int] = {}
    for ballot in ballots:
        people[ballot] = people.get(ballot, 0) + 1
    content: dict[str, object] = {
        "budget": budget,
        "projects": [[each.id, each.cost, each.withdrawn] for each in projects],
        "ballots": sorted(people.items()),
    }
    groups = {each.id: each.group for each in projects if each.group}
    forced = {each.id: each.forced for each in projects if each.forced}
    return content | ({"groups": groups} if groups else {}) | ({"forced": forced} if forced else {})


def _must(holds: bool, fact: str) -> None:  # noqa: FBT001
    if not holds:
        raise Wrong(fact)


def find_tracker(bundle: Bundle, tracker: str) -> str:
    """The line of a tracker, in words."""
    wanted = "".join(tracker.split()).upper()
    titles = {each["id"]: each["title"] for each in bundle.frozen["projects"]}
    found = [vote for name, vote in bundle.votes() if name == wanted or name.startswith(f"{wanted}-")]
    if not found:
        raise Wrong(f"ballots.pb: no line for the tracker {wanted}")
    lists = ["; ".join(f"{at}. {titles[each]}" for at, each in enumerate(vote, start=1)) for vote in found]
    return f"tracker {wanted}: " + " / ".join(lists)


def find_receipt(bundle: Bundle, receipt: Mapping[str, Any]) -> str:
    """Whether the envelope of a receipt was inside when the box was closed.

    Raises:
        Wrong: the receipt is of another round, or was not signed by this service.
    """
    statement = {"purpose": "gongyi envelope v1"} | {
        name: receipt[name] for name in ("round_id", "entry_id", "version", "envelope_hash")
    }
    key = base64.b64decode(bundle.board["signed_with"])
    _must(receipt["round_id"] == bundle.frozen["round_id"], "the receipt is of another round")
    _must(
        signed(key, base64.b64decode(receipt["signature"]), canonical(statement)),
        "the receipt was not signed by this service",
    )
    if receipt["envelope_hash"] in bundle.raw["envelopes.txt"].decode().split():
        return f"receipt: version {receipt['version']} of the ballot was counted"
    return f"receipt: version {receipt['version']} is not in the final set; a later one, or paper, took its place"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a bundle, and say what holds."""
    parser = argparse.ArgumentParser(description="Recount the public bundle of a voting round.")
    parser.add_argument("bundle", type=Path, help="bundle.zip, or the folder it was unpacked into")
    parser.add_argument("--tracker", help="show the ballot with this tracker")
    parser.add_argument(
        "--receipt", type=Path, help="say whether the ballot of this receipt (JSON) was counted"
    )
    parser.add_argument(
        "--every-step", action="store_true", help="raise the shares step by step (may take hours)"
    )
    asked = parser.parse_args(arguments)
    try:
        bundle = Bundle.open(asked.bundle)
        for fact in check(bundle, every_step=asked.every_step):
            print(f"ok     {fact}")
        if asked.tracker:
            print(f"ok     {find_tracker(bundle, asked.tracker)}")
        if asked.receipt:
            print(f"ok     {find_receipt(bundle, json.loads(asked.receipt.read_bytes()))}")
    except Wrong as error:
        print(f"WRONG  {error}")
        return 1
    except Unreadable as error:
        print(f"could not be checked: {error}")
        return 2
    except (
        AttributeError,
        IndexError,
        KeyError,
        OSError,
        StopIteration,
        TypeError,
        ValueError,
        RecursionError,
    ) as error:
        print(f"could not be checked: the bundle is not as it should be ({type(error).__name__}: {error})")
        return 2
    print("All facts hold.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
