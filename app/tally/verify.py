"""Recount the public bundle of a voting round, with nothing but Python.

用公开文件包重新计票，只需要 Python:

    python3 verify.py bundle.zip
    python3 verify.py bundle.zip --tracker ABCDEFGHIJKLMNOP --receipt receipt.json

This file shares no code with the service that counted. It is meant to be read: first the rules, with plain loops and
exact fractions; then the signatures; then the archive; then the checks, one after the other, and what they say.

Answers: 0 all facts hold; 1 one does not, and the first that does not is named; 2 it could not be checked, because the
bundle cannot be read or only aggregates were published. A receipt is answered even then.
"""

import argparse
import base64
import csv
import datetime as dt
import functools
import hashlib
import io
import itertools
import json
import re
import struct
import sys
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

Ballot = tuple[int, ...]
"""Positions on the list, best first."""

#: Of the rules as programmed here; a result names the version by which it was counted.
VERSION = "2"

#: Of settings that are not frozen.
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
    """What this count says: positions in the order of the rule's steps, in the published order, and the reserve.

    What each project of the list gets is in ``paid``.
    """

    funded: list[int]
    priority: list[int]
    reserve: list[int]
    points: list[int]
    backers: list[int]
    paid: list[int]
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
        paid=[counter.paid.get(each, 0) for each in range(len(given.projects))],
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
        self.paid: dict[int, int] = {}
        self.money = self.given.budget
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
        self.paid[project] = amount
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
        shares, paid = self.funded, self.paid
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
            self.funded, self.paid = shares, paid

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


@functools.lru_cache(maxsize=8)
def _doubled(point: Point) -> list[Point]:
    """A point, twice, four times ... as much: the key is the same for all signatures of a bundle."""
    found = [point]
    while len(found) < _L.bit_length():
        found.append(_add(found[-1], found[-1]))
    return found


def _times(number: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    for place, doubled in enumerate(_doubled(point)):
        if number >> place & 1:
            result = _add(result, doubled)
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


class Tree:
    """The Merkle tree hash of RFC 6962, section 2.1, over a list that grows: kept as roots of complete subtrees."""

    def __init__(self) -> None:
        self.complete: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """One more entry. Two subtrees of the same size make one of the next."""
        size, node = 1, hashlib.sha256(b"\0" + leaf).digest()
        while self.complete and self.complete[-1][0] == size:
            node = hashlib.sha256(b"\1" + self.complete.pop()[1] + node).digest()
            size *= 2
        self.complete.append((size, node))

    def root(self) -> bytes:
        """Over all entries so far."""
        if not self.complete:
            return hashlib.sha256(b"").digest()
        node = self.complete[-1][1]
        for _, left in reversed(self.complete[:-1]):
            node = hashlib.sha256(b"\1" + left + node).digest()
        return node


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of a whole list."""
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def canonical(value: object) -> bytes:
    """JSON with sorted keys and without white space: what is hashed and signed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(raw: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


def from_base64(text: object) -> bytes:
    """What a text stands for, if it is the one spelling of it; else nothing, which is no key and no signature."""
    try:
        raw = base64.b64decode(str(text), validate=True)
    except ValueError:
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""


# --- the archive --------------------------------------------------------------------------------------------------

LARGEST_BYTES = 512 * 1024 * 1024

_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s4B4H3L5H2L"), struct.Struct("<4s4H2LH")
_FIRST_DAY = 33  # 1980-01-01, which is every file's


class Unreadable(Exception):
    """The bundle cannot be checked; says why."""


class Withheld(Unreadable):
    """The ballots were not published one by one."""


class Wrong(Exception):
    """A fact does not hold; says which."""


def unpack(archive: bytes) -> dict[str, bytes]:
    """The files of a ZIP archive that looks, byte for byte, as the service makes them: side by side, not compressed.

    An ordinary reader passes over much of an archive. Here all that surrounds the files is made again and compared, so
    that nothing can be changed unseen.

    Raises:
        Unreadable: it is damaged, or was packed by another program: unpack it with that, and check the folder.
    """
    files: dict[str, bytes] = {}
    begun: dict[str, int] = {}
    again, directory = [], []
    at = 0
    while archive[at : at + 4] == b"PK\3\4" and len(archive) >= at + _LOCAL.size:
        *_, size, _, length, _ = _LOCAL.unpack_from(archive, at)
        start = at + _LOCAL.size + length
        name, data = archive[at + _LOCAL.size : start], archive[start : start + size]
        about = (0, 0, _FIRST_DAY, zlib.crc32(data), len(data), len(data), len(name), 0)
        again += [_LOCAL.pack(b"PK\3\4", 20, 0, *about), name, data]
        directory += [_CENTRAL.pack(b"PK\1\2", 20, 3, 20, 0, 0, *about, 0, 0, 0, 0o644 << 16, at), name]
        files[name.decode("ascii", "replace")] = data
        begun[name.decode("ascii", "replace")] = at
        at = start + len(data)
    there = b"".join(directory)
    made = b"".join([*again, there, _END.pack(b"PK\5\6", 0, 0, len(files), len(files), len(there), at, 0)])
    if made != archive or not files:
        where = next((at for at, pair in enumerate(zip(made, archive, strict=False)) if len({*pair}) > 1), 0)
        inside = max(
            (begin, name) for name, begin in [("its directory", at), *begun.items()] if begin <= where
        )[1]
        raise Unreadable(
            f"the archive is not as the service makes it (byte {where}, in {inside}); unpack it, and check the folder"
        )
    return files


# --- the bundle ---------------------------------------------------------------------------------------------------

#: Files that every bundle has; README.txt is for people, ballots.pb is there unless only aggregates are published.
FILES = ("frozen.json", "result.json", "envelopes.txt", "set_aside.txt", "board.json", "heads.json")

#: What stands in manifest.json.
MANIFEST = {"purpose", "round_id", "signed_with", "files", "signature"}

#: Policies under which signing in for a sheet of paper sets the envelope of the same entry aside. Under "online_wins"
#: it never does, and under "none" there are no sheets.
PAPER_SETS_ASIDE = ("first_wins", "paper_wins")

#: In which order events stand on a board; those with one number in any order. Of some there can be several, and kinds
#: that this file does not know may stand anywhere.
ORDER = {
    "published": 0, "key_shared": 1, "key_discarded": 1, "opened": 2, "hour": 3, "closed": 4, "unsealed": 5,
    "result": 6, "key_destroyed": 7, "cancelled": 7, "void": 7,
}  # fmt: skip
SEVERAL = ("key_shared", "key_discarded", "hour")


class Bundle:
    """The files of a bundle; each is read when it is asked for."""

    def __init__(self, raw: Mapping[str, bytes]) -> None:
        if "manifest.json" not in raw:
            raise Unreadable("the bundle has no manifest.json")
        self.raw = raw
        self.manifest = self.read("manifest.json")
        listed = self.manifest.get("files")
        if set(self.manifest) != MANIFEST or not isinstance(listed, dict):
            raise Unreadable("manifest.json is not as it should be")
        # what nobody signed is not looked at
        self.raw = {name: raw[name] for name in ("manifest.json", *listed) if name in raw}

    @classmethod
    def open(cls, path: Path) -> "Bundle":
        """From a ZIP file, or a folder with what was in it."""
        try:
            if path.is_dir():
                return cls({each.name: each.read_bytes() for each in path.iterdir() if each.is_file()})
            with path.open("rb") as file:
                return cls(unpack(file.read(LARGEST_BYTES)))
        except OSError as error:
            raise Unreadable(str(error)) from error
        except Unreadable as error:
            raise Unreadable(f"{path}: {error}") from error

    def read(self, name: str) -> dict[str, Any]:
        """A file of JSON."""
        try:
            found = json.loads(self.raw[name])
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{name} is no JSON") from error
        if not isinstance(found, dict):
            raise Unreadable(f"{name} is not as it should be")
        return found

    @functools.cached_property
    def frozen(self) -> Mapping[str, Any]:
        """What was fixed at publication."""
        return self.read("frozen.json")

    @functools.cached_property
    def result(self) -> Mapping[str, Any]:
        """What was announced."""
        return self.read("result.json")

    @functools.cached_property
    def board(self) -> Mapping[str, Any]:
        """What the service said of the round, in order."""
        return self.read("board.json")

    @functools.cached_property
    def key(self) -> bytes:
        """With which the service signs."""
        return from_base64(self.manifest["signed_with"])

    @property
    def paper(self) -> str:
        """Which ballot counts where somebody used both ways; rounds from before there was paper do not say it."""
        return str(self.frozen.get("paper", "none"))

    def lines(self, name: str) -> list[str]:
        """Of a file of lines."""
        return self.raw[name].decode().splitlines()

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
        Withheld: the ballots are not in the bundle.
        Unreadable: something is not as it should be.
    """
    yield _check_files(bundle)
    yield from _check_board(bundle)
    yield _check_digests(bundle)
    yield _check_envelopes(bundle)
    if "ballots.pb" not in bundle.raw:
        raise Withheld(
            "the ballots were published as aggregates only, because there are few: they can be seen on site"
        )
    projects = bundle.listed()
    index = {each.id: at for at, each in enumerate(projects)}
    votes = bundle.votes()
    unknown = next((each for _, vote in votes for each in vote if each not in index), None)
    _must(unknown is None, f"ballots.pb: a ballot ranks {unknown}, which is not on the list")
    ballots = [tuple(index[each] for each in vote) for _, vote in votes]
    _must(all(len(set(each)) == len(each) for each in ballots), "ballots.pb: a ballot ranks a project twice")
    yield _check_numbers(bundle, [tracker for tracker, _ in votes], ballots)
    yield from _check_count(bundle, projects, ballots, every_step=every_step)


def _check_files(bundle: Bundle) -> str:
    manifest = bundle.manifest
    statement = {name: each for name, each in manifest.items() if name != "signature"}
    holds = manifest["purpose"] == "gongyi bundle v1" and signed(
        bundle.key, from_base64(manifest["signature"]), canonical(statement)
    )
    _must(holds and canonical(manifest) == bundle.raw["manifest.json"], "manifest.json: its signature")
    for name, digest in manifest["files"].items():
        _must(name in bundle.raw, f"{name}: it is missing")
        _must(sha256(bundle.raw[name]) == digest, f"{name}: not the file that was signed")
    missing = [name for name in FILES if name not in bundle.raw]
    if missing:
        raise Unreadable(f"the bundle has no {missing[0]}")
    _must(
        manifest["round_id"] == bundle.frozen["round_id"], "frozen.json: of another round than manifest.json"
    )
    return f"{len(bundle.raw)} files, each as it was signed with {manifest['signed_with']}"


def _check_board(bundle: Bundle) -> Iterator[str]:
    entries, heads = bundle.board["entries"], bundle.read("heads.json")
    for name, each in (("board.json", bundle.board), ("heads.json", heads)):
        _must(from_base64(each["signed_with"]) == bundle.key, f"{name}: signed with another key")
    round_id = bundle.frozen["round_id"]
    tree, roots = Tree(), [""]
    for position, entry in enumerate(entries, start=1):
        statement = {"purpose": "gongyi board v1", "round_id": round_id, "position": position}
        leaf = canonical(statement | {"kind": entry["kind"], "body": entry["body"]})
        holds = entry["position"] == position and signed(bundle.key, from_base64(entry["signature"]), leaf)
        _must(holds, f"board.json: the signature of event {position} ({entry['kind']})")
        tree.add(leaf)
        roots.append(tree.root().hex())
    _check_order([entry["kind"] for entry in entries])
    yield f"{len(entries)} events on the board, in the order of a round's life, each with its signature"
    times: dict[int, dt.datetime] = {}
    last = (0, "")
    for head in heads["heads"]:
        said = {name: head[name] for name in ("size", "root", "at")}
        leaf = canonical({"purpose": "gongyi board head v1", "round_id": round_id} | said)
        size, at = head["size"], head["at"]
        _must(
            signed(bundle.key, from_base64(head["signature"]), leaf),
            f"heads.json: the signature of head {size}",
        )
        _must(last[0] < size <= len(entries) and last[1] <= at, f"heads.json: head {size} is out of order")
        _must(head["root"] == roots[size], f"heads.json: head {size} is not over the events of board.json")
        times[size] = dt.datetime.strptime(at, "%Y-%m-%dT%H:%M:%S%z")
        last = (size, at)
    _must(last[0] == len(entries), "heads.json: no head over all events of board.json")
    yield f"{len(times)} signed heads, each over the events it was signed for"
    yield _check_hours(entries, times)


def _check_order(kinds: Sequence[str]) -> None:
    known = [kind for kind in kinds if kind in ORDER]
    for before, after in itertools.pairwise(known):
        _must(ORDER[before] <= ORDER[after], f'board.json: "{after}" stands behind "{before}"')
    for kind in set(known).difference(SEVERAL):
        _must(known.count(kind) == 1, f'board.json: there are {known.count(kind)} events "{kind}"')


def _check_hours(entries: Sequence[Mapping[str, Any]], times: Mapping[int, dt.datetime]) -> str:
    """One entry for each hour that ended while the round was open, none before its end."""
    hour = dt.timedelta(hours=1)
    opened = [times.get(entry["position"]) for entry in entries if entry["kind"] == "opened"]
    hours = [entry for entry in entries if entry["kind"] == "hour"]
    before: dt.datetime | None = None
    for entry in hours:
        begin = dt.datetime.strptime(entry["body"]["hour"], "%Y-%m-%dT%H:%M:%S%z")
        signed_at = times.get(entry["position"])
        fits = [
            (begin.minute, begin.second) == (0, 0),
            before is None or begin == before + hour,
            before is not None or not opened or opened[0] is None or begin + hour > opened[0],
            signed_at is None or begin + hour <= signed_at,
        ]
        _must(all(fits), f"board.json: the hour of event {entry['position']} is out of order")
        before = begin
    missed = sum(entry["body"].get("missed") is True for entry in hours)
    return f"{len(hours)} hours of voting, one after the other, of which the service missed {missed}"


def _check_digests(bundle: Bundle) -> str:
    frozen = sha256(bundle.raw["frozen.json"])
    for kind in ("published", "opened"):
        if kind == "opened" or any(entry["kind"] == kind for entry in bundle.board["entries"]):
            _must(bundle.entry(kind)["frozen_digest"] == frozen, f"frozen.json: not what was {kind}")
    result = bundle.entry("result")
    _must(sha256(bundle.raw["result.json"]) == result["result_digest"], "result.json: not what was announced")
    pb = bundle.raw.get("ballots.pb")
    digest = None if pb is None else sha256(pb)
    _must(digest == result["ballots_pb_digest"], "ballots.pb: not what was announced")
    return "list, ballots and result are those of the board"


def _check_envelopes(bundle: Bundle) -> str:
    closed = bundle.entry("closed")
    tags: list[str] = []
    for name, count, root, column in (
        ("envelopes.txt", "envelopes", "envelope_root", 1),
        ("set_aside.txt", "set_aside", "set_aside_root", 0),
    ):
        lines = bundle.lines(name)
        _must(lines == sorted(lines), f"{name}: not sorted")
        _must(
            (len(lines), tree_root(line.encode() for line in lines).hex()) == (closed[count], closed[root]),
            f"{name}: not what was there when the box was closed",
        )
        tags += [line.split(" ")[column] for line in lines]
        _must(len(tags) == len(set(tags)), f"{name}: an entry of the roll stands twice")
    on_paper = sum(line.endswith(" paper") for line in bundle.lines("set_aside.txt"))
    _must(
        on_paper == 0 or bundle.paper in PAPER_SETS_ASIDE,
        f'set_aside.txt: envelopes set aside for paper, which "{bundle.paper}" never does',
    )
    _must(closed["superseded_by_paper"] <= on_paper, "board.json: too many ballots superseded by paper")
    _must(
        closed["superseded_by_paper"] == 0 or bundle.paper == "paper_wins",
        f'board.json: ballots superseded by paper, which "{bundle.paper}" never does',
    )
    _must(len(tags) <= closed["roll_size"], "envelopes.txt: more envelopes than people on the roll")
    return (
        f"{closed['envelopes']} envelopes in force at closing, {closed['set_aside']} set aside"
        f" ({on_paper} for paper), of {closed['roll_size']} on the roll"
    )


def _check_numbers(bundle: Bundle, trackers: Sequence[str], ballots: Sequence[Ballot]) -> str:
    unsealed, closed = bundle.entry("unsealed"), bundle.entry("closed")
    lines = "\n".join(
        f"{tracker} {','.join(map(str, ballot))}" for tracker, ballot in zip(trackers, ballots, strict=True)
    )
    _must(
        sha256(lines.encode()) == unsealed["ballots_digest"], "ballots.pb: not the ballots that were opened"
    )
    _must(len(set(trackers)) == len(trackers), "ballots.pb: a tracker stands twice")
    paper = unsealed.get("paper") or {"sheets": 0, "valid": 0, "void": {}}
    sheets, valid, void = paper["sheets"], paper["valid"], sum(paper["void"].values())
    numbered = [tracker for tracker in trackers if tracker.startswith("PAPER-")]
    _must(
        len(ballots) == unsealed["ballots"] == closed["envelopes"] + valid,
        "ballots.pb: not one ballot for each envelope and each valid sheet of paper",
    )
    _must(sheets == valid + void, "board.json: sheets of paper are neither valid nor void")
    _must(
        set(numbered) in (set(), {f"PAPER-{number}" for number in range(1, valid + 1)}),
        "ballots.pb: the ballots from paper are not numbered one by one",
    )
    _must(
        closed["envelopes"] + sheets <= closed["roll_size"], "there are more ballots than people on the roll"
    )
    signed_for = sum(line.endswith(" paper") for line in bundle.lines("set_aside.txt"))
    _must(
        sheets <= signed_for or bundle.paper == "online_wins",
        "there are more sheets of paper than entries of the roll that signed in for one",
    )
    on_paper = f", and {valid} from paper ({sheets} sheets, {void} void)" if sheets else ""
    return f"{len(ballots)} ballots, one for each envelope{on_paper}"


def _check_count(
    bundle: Bundle, projects: Sequence[Project], ballots: Sequence[Ballot], *, every_step: bool
) -> Iterator[str]:
    frozen, result = bundle.frozen, bundle.result
    if result["version"] != VERSION:
        raise Unreadable(
            f"counted by version {result['version']} of the rules; this file knows version {VERSION}"
        )
    settings = _settings(bundle)
    for name, value in {**result["parameters"], "rule": result["rule"]}.items():
        _must(name in settings, f"result.json: {name} is no setting of a count")
        _must(
            value == settings[name], f"result.json: {name} is {value}, not {settings[name]} as fixed before"
        )
    _must(result["budget"] == frozen["budget_fen"], "result.json: another budget than was frozen")
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
    spent = sum(counted.paid)
    _must(spent == result["spent"], f"result.json: spent is {spent}")
    _must(result["voters"] == len(ballots), "result.json: another number of voters")
    _must(
        [each["id"] for each in result["projects"]] == [each.id for each in projects],
        "result.json: projects are not those of the list, in its order",
    )
    for at, (project, each) in enumerate(zip(projects, result["projects"], strict=True)):
        funded = at in counted.funded
        mine = (project.cost, counted.points[at], counted.backers[at], funded, counted.paid[at])
        theirs = tuple(each[name] for name in ("cost", "points", "backers", "funded", "paid"))
        _must(mine == theirs, f"result.json: project {project.id}: counted {mine}, published {theirs}")
    raised = "" if claim is None else ", with shares raised as far as published"
    yield f"counted again by {settings['rule']}{raised}: {len(counted.funded)} projects, all in their places"


def _settings(bundle: Bundle) -> dict[str, Any]:
    """How the ballots are to be counted, whatever the result says: as frozen, with the lot drawn at closing."""
    frozen = bundle.frozen
    settings = {name: frozen.get(name, usual) for name, usual in DEFAULTS.items()}
    settings |= {name: frozen[name] for name in ("rule", "points", "max_rank")}
    settings["ties"] = {"lot": "cost-backers-lot", "list-order": "row"}[frozen["ties"]]
    settings["seed"] = bundle.entry("closed")["envelope_root"]
    return settings


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
    # equal trackers are told apart by -1, -2 ...
    found = [
        vote
        for name, vote in bundle.votes()
        if name == wanted or re.fullmatch(re.escape(wanted) + r"-\d+", name)
    ]
    if not found or wanted == "PAPER":
        raise Wrong(f"ballots.pb: no line for the tracker {wanted}")
    lists = ["; ".join(f"{at}. {titles[each]}" for at, each in enumerate(vote, start=1)) for vote in found]
    return f"tracker {wanted}: " + " / ".join(lists)


def find_receipt(bundle: Bundle, receipt: Mapping[str, Any]) -> str:
    """What became of the ballot of a receipt: in the final set, superseded by another version or by paper, withdrawn.

    Raises:
        Wrong: none of these, which is evidence; or the receipt is of another round, or was not signed by this service.
    """
    version, envelope = receipt["version"], receipt["envelope_hash"]
    statement = {"purpose": "gongyi envelope v1"} | {
        name: receipt[name] for name in ("round_id", "entry_id", "version", "envelope_hash")
    }
    _must(receipt["round_id"] == bundle.frozen["round_id"], "the receipt is of another round")
    _must(
        signed(bundle.key, from_base64(receipt["signature"]), canonical(statement)),
        "the receipt was not signed by this service",
    )
    entry = uuid.UUID(receipt["round_id"]).bytes + uuid.UUID(receipt["entry_id"]).bytes
    tag = sha256(b"gongyi entry v1\0" + entry)[:32]
    for line in bundle.lines("envelopes.txt"):
        inside, of, number = line.split(" ")
        if of == tag and (inside, int(number)) == (envelope, version):
            return f"receipt: in the final set: version {version} of this ballot was counted"
        if of == tag and int(number) > version:
            return f"receipt: superseded by version {number} of this ballot, which is in the final set"
    withdrawn = version + (envelope is not None)  # a withdrawal raises the version
    # where what came first counts, who has a ballot in force gets no sheet: it was withdrawn before
    paper = {"first_wins": withdrawn, "paper_wins": version}.get(bundle.paper)
    for line in bundle.lines("set_aside.txt"):
        of, number, why = line.split(" ")
        if of == tag and why == "paper" and paper is not None and int(number) >= paper:
            return "receipt: superseded by paper: the voter signed in for a sheet, which counts instead"
        if of == tag and why == "withdrawn" and int(number) >= withdrawn:
            return f"receipt: withdrawn: version {number} took this ballot out of the box"
    raise Wrong(
        f"receipt: unknown: the service took version {version} of this ballot, and neither it nor anything later is in "
        "the box. This receipt is evidence: keep it, and show it to those who supervise the round"
    )


def _read_receipt(path: Path) -> Mapping[str, Any]:
    try:
        receipt = json.loads(path.read_bytes())
        if {"round_id", "entry_id", "version", "envelope_hash", "signature"} <= set(receipt):
            uuid.UUID(receipt["entry_id"])
            found: Mapping[str, Any] = receipt | {"version": int(receipt["version"])}
            return found
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(f"{path}: {error}") from error
    raise Unreadable(f"{path}: this is no receipt")


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a bundle, and say what holds."""
    parser = argparse.ArgumentParser(description="Recount the public bundle of a voting round.")
    parser.add_argument("bundle", type=Path, help="bundle.zip, or the folder it was unpacked into")
    parser.add_argument("--tracker", help="show the ballot with this tracker")
    parser.add_argument("--receipt", type=Path, help="say what became of the ballot of this receipt (JSON)")
    parser.add_argument(
        "--every-step", action="store_true", help="raise the shares step by step (may take hours)"
    )
    asked = parser.parse_args(arguments)
    withheld: Withheld | None = None
    try:
        bundle = Bundle.open(asked.bundle)
        try:
            for fact in check(bundle, every_step=asked.every_step):
                print(f"ok     {fact}")
        except Withheld as error:
            withheld = error
        if asked.tracker and withheld is None:
            print(f"ok     {find_tracker(bundle, asked.tracker)}")
        if asked.receipt:
            print(f"ok     {find_receipt(bundle, _read_receipt(asked.receipt))}")
        if withheld is not None:
            raise withheld
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
        OverflowError,
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
