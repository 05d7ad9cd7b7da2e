"""Telling the demonstration neighbourhood's year: through the API, at the times it happened."""

import csv
import datetime as dt
import io
import json
import os
import random
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
from fastapi import FastAPI
from sqlmodel import Session

from app.access import service as access
from app.access.actor import SYSTEM, Grant
from app.access.divisions import WHOLE_COUNTRY
from app.access.roles import Role
from app.ballots import board_tasks
from app.ballots.service import Booth, Booths, Caster, CastItem, Receipt
from app.core import clock
from app.demo import (
    colleagues,
    funding,
    me,
    meetings,
    newcomers,
    objections,
    owners,
    paper,
    pictures,
    roster,
    rounds,
    screening,
)
from app.demo import neighbourhood as place
from app.demo.neighbourhood import DemoProject
from app.demo.people import Person
from app.demo.talk import Talk
from app.demo.telling import tell_in_time
from app.places import service as places
from app.wiring import Wiring
from app.worker import Worker

Say = Callable[[str], None]

MAX_RANK = 5
SEED = 20260401

STAFF: tuple[tuple[str, str, Role, str], ...] = (
    ("admin", "程伟", Role.ADMINISTRATOR, WHOLE_COUNTRY),
    ("admin2", "罗敏", Role.ADMINISTRATOR, WHOLE_COUNTRY),
    ("clerk", "李秀兰", Role.RC_STAFF, place.COMMUNITY),
    ("chair", "陈建国", Role.RC_CHAIR, place.COMMUNITY),
    ("mediator", "周敏", Role.MEDIATOR, place.COMMUNITY),
    ("officer", "何静", Role.OBJECTION_OFFICER, place.SUBDISTRICT),
    ("street", "杨涛", Role.SUBDISTRICT_OFFICER, place.SUBDISTRICT),
    ("district", "吴宁", Role.DISTRICT_OFFICER, place.DISTRICT),
    ("bureau", "谢芳", Role.BUREAU_REVIEWER, place.DISTRICT),
    ("finance", "孙立", Role.FINANCE_REVIEWER, place.DISTRICT),
    ("monitor", "邓洁", Role.MUNICIPAL_MONITOR, place.CITY),
    ("supervisor", "田志强", Role.SUPERVISOR, place.COMMUNITY),
    ("auditor", "郭平", Role.AUDITOR, place.CITY),
)


@dataclass(frozen=True)
class DemoAccounts:
    """Names and passwords of the demonstration's staff; made at random, kept beside the database."""

    passwords: dict[str, str]

    @staticmethod
    def path(home: Path) -> Path:
        """Where they are kept, for the owner's eyes."""
        return home / "demo-accounts.json"

    @classmethod
    def load(cls, home: Path) -> "DemoAccounts | None":
        """The accounts of an earlier run."""
        path = cls.path(home)
        return cls(json.loads(path.read_text())) if path.exists() else None

    def save(self, home: Path) -> None:
        """Keep them, readable by the owner only."""
        descriptor = os.open(self.path(home), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(self.passwords, file, indent=2)


@dataclass
class Neighbourhood:
    """The story and those in it."""

    app: FastAPI
    wiring: Wiring
    say: Say
    today: dt.date
    http: httpx.AsyncClient = field(init=False)
    worker: Worker = field(init=False)
    staff: dict[str, Person] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - the same story each time

    async def tell(self, accounts: DemoAccounts) -> None:
        """Everything that happened, in order."""
        self.worker = Worker(self.wiring)
        transport = httpx.ASGITransport(app=self.app, client=("127.0.0.1", 1))
        async with (
            self.app.router.lifespan_context(self.app),
            httpx.AsyncClient(transport=transport, base_url="http://demo", timeout=60) as self.http,
        ):
            self._at(-75)
            self._make_accounts(accounts)
            await me.tell(self.staff["clerk"])
            self.say("importing the roster of 花果园大街社区")
            people = await self._roster()
            raised = await self._meeting()
            self.say("the spring round: published, voted, counted, certified")
            spring = await self._projects(place.SPRING, day=-62, raised=raised)
            await self._photoless_rejection()
            talk = Talk(self.wiring.database, phone_of)
            self._at(-61)
            talk.in_spring()
            spring_round = await self._spring_round(spring, people)
            await self._objections(spring["电动车集中充电棚"])
            await funding.tell(self.staff, at=self._at, round_id=spring_round)
            await owners.tell(self.staff, self.wiring, moment=self._moment, people=people, phone_of=phone_of)
            self.say("the autumn round: open now")
            autumn = await self._projects(place.AUTUMN, day=-14)
            talk.in_autumn()
            autumn_round = await self._autumn_round({**autumn, "助老餐桌": spring["助老餐桌"]}, people)
            talk.last_night(autumn)
            await meetings.tell(self.http, self.staff, moment=self._moment, phone_of=phone_of)
            await objections.tell(
                self.http,
                self.staff,
                moment=self._moment,
                project_id=spring["电动车集中充电棚"],
                shed_id=spring["快递架与遮雨棚"],
                phone_of=phone_of,
            )
            await newcomers.tell(self.http, self.staff["clerk"], moment=self._moment)
            await colleagues.tell(self.staff)
            await paper.tell(self.staff, moment=self._moment, autumn=autumn_round)
            await rounds.tell(self.staff, moment=self._moment, autumn=autumn_round)
            await screening.tell(
                self.http,
                self.staff["clerk"],
                moment=self._moment,
                phone_of=phone_of,
                project_ids=autumn,
            )
            await roster.tell(self.http, self.staff["clerk"], moment=self._moment)
            story_time = clock.now()
            tell_in_time(self.wiring, self.worker)
            clock.set_frozen(None)
            self._hours_pass(clock.now(), since=story_time)
        clock.set_frozen(None)

    # --- steps ----------------------------------------------------------------------------------------------------

    def _at(self, days: int, hour: int = 10) -> None:
        """Move to a day of the story, Beijing time; what happened before was told to those it concerns by then."""
        if self.staff:
            self._work()
        clock.set_frozen(self._moment(days, hour).astimezone(dt.UTC))

    def _moment(self, days: int, hour: int) -> dt.datetime:
        """An hour of the story, Beijing time."""
        return dt.datetime.combine(self.today + dt.timedelta(days=days), dt.time(hour), clock.BEIJING)

    def _hours_pass(self, until: dt.datetime, *, since: dt.datetime | None = None) -> None:
        """Move on hour by hour, as a worker does that never sleeps: each hour of an open round stands on its board."""
        hour = (since or clock.now()).replace(minute=0, second=0, microsecond=0)
        while (hour := hour + dt.timedelta(hours=1)) <= until:
            clock.set_frozen(hour)
            board_tasks.post_hours(self.wiring.database, signer=self.wiring.signer)
        clock.set_frozen(until.astimezone(dt.UTC))

    def _work(self) -> None:
        """Let the worker do what is due."""
        self.worker.drain()

    def _make_accounts(self, accounts: DemoAccounts) -> None:
        with self.wiring.database.writing() as session:
            places.seed(session)
            for name, display_name, role, division in STAFF:
                _, link = access.create_staff(
                    session,
                    name=name,
                    display_name=display_name,
                    actor=SYSTEM,
                    grants=[Grant(role, division)],
                )
                access.redeem_link(session, link=link, password=accounts.passwords[name])
                self.staff[name] = Person(self.http, credentials=(name, accounts.passwords[name]))

    async def _by(self, name: str, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401 - JSON
        return await self.staff[name].call(method, path, **options)

    async def _roster(self) -> int:
        table = io.StringIO()
        writer = csv.writer(table)
        writer.writerow(["楼栋", "单元", "房号", "姓名", "手机", "出生日期", "面积", "身份", "户代表"])
        number = 0
        for building in place.BUILDINGS:
            for unit in place.UNITS:
                for floor in range(1, place.FLOORS + 1):
                    for door in range(1, place.DOORS + 1):
                        row = [building, unit, f"{floor:02d}{door:02d}"]
                        area = f"{self.chance.randrange(6200, 12800) / 100:.2f}"
                        tenure = "租户" if self.chance.random() < 0.35 else "业主"  # noqa: PLR2004 - a third rents
                        writer.writerow(
                            [*row, self._name(number), phone_of(number), self._birth(), area, tenure, "是"]
                        )
                        number += 1
        path = f"/api/v1/communities/{place.COMMUNITY}/roster/imports"
        upload = {"file": ("花果园名册.csv", table.getvalue().encode(), "text/csv")}
        preview = await self._by("clerk", "POST", path, files=upload)
        await self._by("clerk", "POST", f"{path}/{preview['id']}/commit", json={})
        return number

    def _name(self, number: int) -> str:
        surname = place.SURNAMES[number % len(place.SURNAMES)]
        return surname + "".join(self.chance.sample(place.GIVEN, self.chance.choice((1, 2))))

    def _birth(self) -> str:
        year, month, day = (
            self.chance.randrange(1940, 2004),
            self.chance.randrange(1, 13),
            self.chance.randrange(1, 28),
        )
        return f"{year}-{month:02d}-{day:02d}"

    async def _meeting(self) -> dict[str, str]:
        begins = dt.datetime.combine(self.today - dt.timedelta(days=63), dt.time(19, 30), clock.BEIJING)
        called = await self._by(
            "clerk", "POST", "/api/v1/meetings",
            json={
                "community_code": place.COMMUNITY, "kind": "residents", "title": "2026 年第一次居民会议",
                "place": "社区活动室", "begins_at": begins.isoformat(),
                "agenda": ["楼道照明", "本年度社区微更新怎么选", "其他事项"],
            },
        )  # fmt: skip
        path = f"/api/v1/meetings/{called['id']}"
        self._at(-63, 21)
        await self._by("clerk", "PUT", f"{path}/attendance", json={"present": 148, "names": []})
        lights = place.SPRING[0]
        passed = await self._by(
            "clerk", "POST", f"{path}/resolutions",
            json={
                "text": f"把“{lights.title}”列入本年度项目名单，并由居民排序投票。",
                "votes_for": 131, "votes_against": 9, "abstentions": 8, "project": _words(lights),
            },
        )  # fmt: skip
        minutes = {
            "text": place.MINUTES.replace("148", "146"),
            "chair": "居委会主任",
            "recorder": "居委会记录员",
        }
        await self._by("clerk", "POST", f"{path}/minutes", json=minutes)
        await meetings.publish(self.staff, path, 1)
        self._at(-61)
        corrected = {**minutes, "text": place.MINUTES, "correction": place.CORRECTION}
        await self._by("clerk", "POST", f"{path}/corrections", json=corrected)
        await meetings.publish(self.staff, path, 2)
        return {lights.title: passed["project_id"]}

    async def _projects(
        self, projects: Sequence[DemoProject], *, day: int, raised: Mapping[str, str] = MappingProxyType({})
    ) -> dict[str, str]:
        """Draft those that no meeting has raised, give each its photo, and publish all."""
        self._at(day)
        items = [
            {"community_code": place.COMMUNITY, **_words(each)}
            for each in projects
            if each.title not in raised
        ]
        made = await self._by("clerk", "POST", "/api/v1/projects/batch", json={"items": items})
        known = {**raised, **{item["title"]: item["id"] for item in made["items"]}}
        ids = [known[each.title] for each in projects]
        for each, project_id in zip(projects, ids, strict=True):
            jpeg, words = pictures.picture_of(each.category, each.delivery_kind)
            await self._by(
                "clerk", "POST", f"/api/v1/projects/{project_id}/photos",
                data={"alt": words}, files={"file": ("photo.jpg", jpeg, "image/jpeg")},
            )  # fmt: skip
        await self._by("clerk", "POST", "/api/v1/projects/publish", json={"project_ids": ids})
        return {each.title: project_id for each, project_id in zip(projects, ids, strict=True)}

    async def _photoless_rejection(self) -> None:
        drafted = await self._by(
            "clerk", "POST", "/api/v1/projects",
            json={
                "community_code": place.COMMUNITY, "title": "给 7 栋 1101 换防盗门", "category": "renovation",
                "description": "一户居民提出。", "place": "7 栋", "delivery_kind": "infrastructure",
                "cost_items": [{"kind": "goods", "description": "防盗门一扇", "amount_fen": 280_000}],
            },
        )  # fmt: skip
        await self._by(
            "clerk", "POST", f"/api/v1/projects/{drafted['id']}/reject",
            json={"code": "private_benefit", "reason": "只惠及一户，不能使用公共经费。"},
        )  # fmt: skip

    async def _round(
        self,
        title: str,
        ids: dict[str, str],
        *,
        opens: int,
        closes: int,
        **settings: Any,  # noqa: ANN401 - JSON
    ) -> str:
        drafted = await self._by(
            "clerk", "POST", "/api/v1/rounds",
            json={
                "division_code": place.COMMUNITY, "community_codes": [place.COMMUNITY], "title": title,
                "description": "先公布项目和造价，再由居民排出先后。按“平均分摊”计票：每人的份额一样多。",
                "electorate": "person", "project_ids": list(ids.values()), "max_rank": MAX_RANK,
                "rule": "rank-mes",
                "opens_at": self._moment(opens, 9).isoformat(), "closes_at": self._moment(closes, 20).isoformat(),
                **settings,
            },
        )  # fmt: skip
        round_id = str(drafted["id"])
        await self._by("clerk", "POST", f"/api/v1/rounds/{round_id}/publish")
        await self._by("chair", "POST", f"/api/v1/rounds/{round_id}/approve")
        return round_id

    async def _spring_round(self, ids: dict[str, str], people: int) -> str:
        self._at(-58)
        round_id = await self._round(
            "2026 年春季社区微更新，先做哪几件？", ids, opens=-47, closes=-40, kind="residents_meeting",
            budget_fen=60_000_000,
        )  # fmt: skip
        self._at(-47, 9)
        self._work()
        appeal = {ids[each.title]: each.appeal for each in place.SPRING}
        self._cast(round_id, appeal, voters=self.chance.sample(range(people), 231))
        self._hours_pass(self._moment(-40, 20))
        self._work()
        self._at(-39)
        await self._by("clerk", "POST", f"/api/v1/rounds/{round_id}/open-box")
        self._work()
        self._at(-23)
        await self._by("chair", "POST", f"/api/v1/rounds/{round_id}/certify")
        self._work()
        return round_id

    async def _autumn_round(self, ids: dict[str, str], people: int) -> str:
        self._at(-13)
        round_id = await self._round(
            "2026 年秋季社区微更新，先做哪几件？", ids, opens=-2, closes=6, kind="residents_meeting",
            budget_fen=40_000_000,
        )  # fmt: skip
        self._at(-2, 9)
        self._work()
        appeal = {
            ids[each.title]: each.appeal for each in (*place.AUTUMN, *place.SPRING) if each.title in ids
        }
        self._hours_pass(self._moment(-1, 21))
        # the first thirty phones stay free, so that a visitor can vote
        self._cast(round_id, appeal, voters=self.chance.sample(range(30, people), 96))
        return round_id

    def _cast(self, round_id: str, appeal: dict[str, int], *, voters: Sequence[int]) -> None:
        booths = Booths(self.wiring.keys)
        with self.wiring.database.writing() as session:
            booth = booths.set_up(session, uuid.UUID(round_id))
            items = [self._cast_item(session, booth, appeal, number) for number in voters]
            answers = Caster(booths, self.wiring.signer)(session, items)
        assert all(isinstance(answer, Receipt) for answer in answers)

    def _cast_item(self, session: Session, booth: Booth, appeal: dict[str, int], number: int) -> CastItem:
        account = access.resident_account(session, access.phone_fingerprint(phone_of(number)))
        family = access.start_session(session, account, days=1)
        ranking = tuple(uuid.UUID(each) for each in self._ranking(appeal))
        sealed = booth.seal(ranking, secrets.token_bytes(16))
        return CastItem(booth.round_id, account.id, family.id, sealed, secrets.token_hex(32), None)

    def _ranking(self, appeal: dict[str, int]) -> list[str]:
        """A ballot: liked projects come first more often."""
        left = dict(appeal)
        ranking = []
        for _ in range(self.chance.choice((2, 3, 4, 5, 5))):
            chosen = self.chance.choices(list(left), weights=list(left.values()))[0]
            ranking.append(chosen)
            del left[chosen]
        return ranking

    async def _objections(self, project_id: str) -> None:
        self._at(-34)
        filed = []
        for number, grounds in zip(range(40, 46), place.OBJECTION_GROUNDS, strict=True):
            resident = Person(self.http)
            await resident.sign_in_with_phone(phone_of(number))
            made = await resident.call(
                "POST", f"/api/v1/projects/{project_id}/objections",
                json={"grounds": grounds, "effect": "影响休息和安全。", "would_help": "换个位置，或离窗户远一些。"},
            )  # fmt: skip
            filed.append(made["id"])
        mediator = await self._by("mediator", "GET", "/api/v1/me")
        for objection_id in filed[:4]:
            await self._by(
                "officer", "POST", f"/api/v1/objections/{objection_id}/assign",
                json={"mediator_id": mediator["account_id"]},
            )  # fmt: skip
        self._at(-30)
        for objection_id in filed[:3]:
            await self._by(
                "mediator",
                "POST",
                f"/api/v1/objections/{objection_id}/views",
                json={"purpose": "上门前了解情况"},
            )
            entry = {"kind": "offer", "text": place.OFFER}
            await self._by("mediator", "POST", f"/api/v1/objections/{objection_id}/entries", json=entry)
        for number, objection_id, act in ((40, filed[0], "settle"), (41, filed[1], "maintain")):
            resident = Person(self.http)
            await resident.sign_in_with_phone(phone_of(number))
            body = {"offer": 1} if act == "settle" else None
            await resident.call("POST", f"/api/v1/objections/{objection_id}/{act}", json=body)


def _words(project: DemoProject) -> dict[str, Any]:
    return {
        "title": project.title, "description": project.description, "category": project.category,
        "place": project.place, "delivery_kind": project.delivery_kind,
        "cost_items": [
            {"kind": kind, "description": words, "amount_fen": amount} for kind, words, amount in project.items
        ],
    }  # fmt: skip


def phone_of(number: int) -> str:
    """The invented mobile number of a resident; nothing is ever sent to it."""
    return f"1390851{number:04d}"
