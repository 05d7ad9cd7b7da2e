"""A real election, cast again: a Pabulib file goes through every door of the service over HTTP.

A community gets one household per voter; its committee imports the roster, publishes the projects and the round; each
voter signs in by phone code and casts; the round is closed, opened, counted, announced, certified; the funding
requests arrive at a stand-in for the sub-district's system.
"""

import asyncio
import csv
import io
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from app.core import clock
from app.demo.people import Administrators, Person, Refusal, new_staff
from app.tally.pabulib import Election

SUBDISTRICT = "520102031000"  # 花果园街道, Nanming, Guiyang
HOUSEHOLDS_PER_BUILDING = 132
HOUSEHOLDS_PER_UNIT = 66
PROJECTS_PER_BATCH = 200
POLL_SECONDS = 0.2
PATIENCE_SECONDS = 300
FEN_DIGITS = 2

T = TypeVar("T")
Report = Callable[[str], None]
Progress = Callable[[int], None]


class NotReplayable(Exception):
    """This file cannot be replayed as ranked ballots over projects."""


@dataclass(frozen=True)
class Staff:
    """Who works on the replayed round."""

    clerk: Person
    chair: Person


@dataclass(frozen=True)
class Outcome:
    """What came out."""

    round_id: str
    accepted: int
    refused: list[str]
    seconds: float
    funded: list[str]
    level: str

    @property
    def per_second(self) -> float:
        """Voters a second, each with two sign-in requests and a cast."""
        return self.accepted / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Receiver:
    """Where the stand-in receives, and who it is."""

    webhook_url: str
    requests_url: str
    client_id: str
    private_key_pem: str
    public_key_pem: str


def new_receiver(port: int) -> Receiver:
    """A name and a key pair for a stand-in that will listen on ``port``."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Receiver(
        webhook_url=f"http://127.0.0.1:{port}/webhook",
        requests_url=f"http://127.0.0.1:{port}/requests",
        client_id=f"receiver-{uuid.uuid4().hex[:8]}",
        private_key_pem=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        public_key_pem=key.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )


def voters_of(election: Election, voters: int | None) -> list[tuple[int, ...]]:
    """The ballots that will be cast, as positions in the file's list.

    Raises:
        NotReplayable: not ranked ballots, or amounts finer than a hundredth.
    """
    if election.vote_type != "ordinal":
        message = f"this file holds {election.vote_type} ballots; a replay casts ranked ones"
        raise NotReplayable(message)
    if election.scale > FEN_DIGITS:
        message = f"amounts with {election.scale} decimals cannot be written in fen"
        raise NotReplayable(message)
    return [ballot for ballot in election.ballots if ballot][:voters]


async def register_receiver(admins: Administrators, receiver: Receiver) -> str:
    """Register the stand-in as the sub-district's system; returns the key that signs our messages."""
    client = await admins.first.call(
        "POST", "/api/v1/platform-clients",
        json={
            "name": receiver.client_id,
            "public_key_pem": receiver.public_key_pem,
            "scopes": ["funding:read", "funding:decide"],
            "division": SUBDISTRICT,
        },
    )  # fmt: skip
    await admins.confirm(client["account_id"])
    endpoint = await admins.first.call(
        "POST", "/api/v1/webhook-endpoints", json={"division": SUBDISTRICT, "url": receiver.webhook_url}
    )
    return str(endpoint["verification_key"])


async def new_community(admin: Person, name: str) -> str:
    """Add a community of our own under the sub-district; returns its code."""
    start = secrets.randbelow(400)
    for number in range(400):
        code = f"{SUBDISTRICT[:9]}{500 + (start + number) % 400}"
        try:
            await admin.call("POST", "/api/v1/divisions", json={"code": code, "name": name})
        except Refusal as refusal:
            if refusal.code != "division_exists":
                raise
            continue
        return code
    message = "no community code is free under the sub-district"
    raise NotReplayable(message)


async def new_committee(admins: Administrators, community: str) -> Staff:
    """A clerk and a chair: publishing takes two."""
    clerk = await new_staff(admins, name="replay-clerk", role="rc_staff", division=community)
    chair = await new_staff(admins, name="replay-chair", role="rc_chair", division=community)
    return Staff(clerk, chair)


async def import_roster(clerk: Person, community: str, voters: int) -> None:
    """One household per voter, through the roster import."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["楼栋", "单元", "房号", "姓名", "手机", "出生日期", "面积", "身份", "户代表"])
    for number in range(voters):
        building, rest = divmod(number, HOUSEHOLDS_PER_BUILDING)
        unit, room = divmod(rest, HOUSEHOLDS_PER_UNIT)
        writer.writerow(
            [f"{building + 1}栋", f"{unit + 1}单元", f"{room // 2 + 1:02d}0{room % 2 + 1}", f"居民{number + 1}",
             phone_of(number), "1980-01-01", "89.50", "业主", "是"]
        )  # fmt: skip
    upload = {"file": ("roster.csv", table.getvalue().encode(), "text/csv")}
    preview = await clerk.call("POST", f"/api/v1/communities/{community}/roster/imports", files=upload)
    path = f"/api/v1/communities/{community}/roster/imports/{preview['id']}/commit"
    await clerk.call("POST", path, json={})


def phone_of(number: int) -> str:
    """A mobile number for a voter; nothing is ever sent to it."""
    return f"13{number:09d}"


async def publish_projects(clerk: Person, community: str, election: Election) -> list[str]:
    """Draft and publish the file's projects; returns their ids in the file's order."""
    factor = 10 ** (FEN_DIGITS - election.scale)
    ids: list[str] = []
    bodies = [
        {
            "community_code": community,
            "title": (project.name or project.id)[:120].strip() or project.id,
            "description": f"Pabulib {project.id}",
            "category": "other",
            "place": "",
            "delivery_kind": "infrastructure",
            "origin": "staff",
            "cost_items": [{"kind": "works", "description": "total", "amount_fen": project.cost * factor}],
        }
        for project in election.projects
    ]
    for start in range(0, len(bodies), PROJECTS_PER_BATCH):
        made = await clerk.call(
            "POST", "/api/v1/projects/batch", json={"items": bodies[start : start + PROJECTS_PER_BATCH]}
        )
        batch = [item["id"] for item in made["items"]]
        await clerk.call("POST", "/api/v1/projects/publish", json={"project_ids": batch})
        ids += batch
    return ids


async def open_round(staff: Staff, community: str, election: Election, project_ids: Sequence[str]) -> str:
    """Draft, propose, approve and open a round under greedy with own-length points; returns its id."""
    now = clock.now()
    factor = 10 ** (FEN_DIGITS - election.scale)
    longest = max((len(ballot) for ballot in election.ballots), default=1)
    drafted = await staff.clerk.call(
        "POST", "/api/v1/rounds",
        json={
            "division_code": community,
            "community_codes": [community],
            "title": f"Replay {election.title}"[:120],
            "description": "",
            "kind": "consultation",
            "electorate": "person",
            "project_ids": list(project_ids),
            "max_rank": max(longest, 1),
            "budget_fen": election.budget * factor,
            "rule": "greedy",
            "points": "own-length",
            "ties": "list-order",
            "opens_at": (now + timedelta(hours=1)).isoformat(),
            "closes_at": (now + timedelta(hours=12)).isoformat(),
        },
    )  # fmt: skip
    round_id = str(drafted["id"])
    await staff.clerk.call("POST", f"/api/v1/rounds/{round_id}/publish")
    await staff.chair.call("POST", f"/api/v1/rounds/{round_id}/approve")
    await staff.clerk.call("POST", f"/api/v1/rounds/{round_id}/open")
    return round_id


async def cast_ballots(
    http: httpx.AsyncClient, round_id: str, ballots: Sequence[Sequence[int]], project_ids: Sequence[str],
    *, concurrency: int, progress: Progress,
) -> tuple[int, list[str]]:  # fmt: skip
    """Every voter signs in and casts; returns how many were accepted, and why others were not."""
    waiting = iter(enumerate(ballots))
    accepted = 0
    refused: list[str] = []

    async def booth() -> None:
        nonlocal accepted
        for number, ballot in waiting:
            voter = Person(http)
            try:
                await voter.sign_in_with_phone(phone_of(number))
                ranking = [project_ids[position] for position in ballot]
                body = {"ranking": ranking, "secret": secrets.token_hex(16)}
                await voter.call("PUT", f"/api/v1/rounds/{round_id}/my-ballot", json=body)
                accepted += 1
            except (Refusal, httpx.TransportError) as error:
                refused.append(f"voter {number + 1}: {error}")
            progress(1)

    await asyncio.gather(*(booth() for _ in range(concurrency)))
    return accepted, refused


async def finish_round(staff: Staff, round_id: str) -> dict[str, Any]:
    """Close, open the box, wait for the count and the announcement; returns the published result."""
    await staff.clerk.call("POST", f"/api/v1/rounds/{round_id}/close")
    await staff.clerk.call("POST", f"/api/v1/rounds/{round_id}/open-box")
    path = f"/api/v1/rounds/{round_id}/result"
    return await until(lambda: _result_or_none(staff.clerk, path), "the result")


async def certify(staff: Staff, round_id: str) -> None:
    """The chair certifies the announced result."""
    await staff.chair.call("POST", f"/api/v1/rounds/{round_id}/certify")


async def received_requests(http: httpx.AsyncClient, receiver: Receiver, round_id: str, expected: int) -> int:
    """Wait until the stand-in has every request of the round, and return how many it has."""

    async def enough() -> int | None:
        try:
            answer = await http.get(receiver.requests_url)
        except httpx.TransportError:
            return None
        count = sum(1 for item in answer.json()["items"] if item["round_id"] == round_id)
        return count if count >= expected else None

    if expected == 0:
        return 0
    try:
        return await until(enough, "the funding requests")
    except TimeoutError:
        answer = await http.get(receiver.requests_url)
        return sum(1 for item in answer.json()["items"] if item["round_id"] == round_id)


async def run(
    *, base_url: str, admins: Sequence[tuple[str, str]], election: Election, voters: int | None, concurrency: int,
    receiver: Receiver, start_receiver: Callable[[str], None], say: Report, progress: Progress,
) -> tuple[Outcome, int]:  # fmt: skip
    """The whole story; returns what came out and how many requests arrived.

    Two administrators, by name and password, give its committee and its receiver their roles.
    """
    ballots = voters_of(election, voters)
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(base_url=base_url, timeout=60, limits=limits, trust_env=False) as http:
        two = Administrators(Person(http), Person(http))
        for person, (name, password) in zip((two.first, two.second), admins, strict=True):
            await person.sign_in_with_password(name, password)
        start_receiver(await register_receiver(two, receiver))
        community = await new_community(two.first, f"重放 {election.title}"[:60])
        staff = await new_committee(two, community)
        say(f"community {community}: importing {len(ballots)} households")
        await import_roster(staff.clerk, community, len(ballots))
        project_ids = await publish_projects(staff.clerk, community, election)
        round_id = await open_round(staff, community, election, project_ids)
        say(f"round {round_id} is open: {len(project_ids)} projects; casting")
        began = time.monotonic()
        accepted, refused = await cast_ballots(
            http, round_id, ballots, project_ids, concurrency=concurrency, progress=progress
        )
        seconds = time.monotonic() - began
        result = await finish_round(staff, round_id)
        names = {
            project_id: project.id for project_id, project in zip(project_ids, election.projects, strict=True)
        }
        funded = [names[each["project_id"]] for each in result["projects"] if each["funded"]]
        await certify(staff, round_id)
        received = await received_requests(http, receiver, round_id, len(funded))
        return Outcome(round_id, accepted, refused, seconds, funded, result["level"]), received


async def until(ask: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Ask again until there is an answer.

    Raises:
        TimeoutError: after `PATIENCE_SECONDS`.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        answer = await ask()
        if answer is not None:
            return answer
        await asyncio.sleep(POLL_SECONDS)
    message = f"waited {PATIENCE_SECONDS} s for {what}"
    raise TimeoutError(message)


async def _result_or_none(person: Person, path: str) -> dict[str, Any] | None:
    try:
        answer: dict[str, Any] = await person.call("GET", path)
    except Refusal as refusal:
        if refusal.code == "no_result_yet":
            return None
        raise
    return answer
