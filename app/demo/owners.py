"""A joint decision of the owners: announced in time, voted by phone and on signed forms, confirmed a month later."""

import datetime as dt
import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.core import clock
from app.demo import neighbourhood as place
from app.demo.people import Person
from app.demo.telling import tell_in_time
from app.recorded import service as recorded
from app.recorded import tasks as recorded_tasks
from app.recorded.errors import NotAnOwner
from app.tally.double_quorum import Choice
from app.wiring import Wiring
from app.worker import Worker

Moment = Callable[[int, int], dt.datetime]

SEED = 20260202
PUBLISHED, OPENED, CLOSED, CONFIRMED = -74, -58, -48, -16
#: Of a hundred owners so many vote on their phone; so many of the others hand in a signed form.
BY_PHONE, ON_PAPER = 80, 62
_CHOICES = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN)
_WEIGHTS = (83, 12, 5)


async def tell(
    staff: Mapping[str, Person],
    wiring: Wiring,
    *,
    moment: Moment,
    people: int,
    phone_of: Callable[[int], str],
) -> None:
    """Decide on the paving of the square, from the announcement to the confirmation."""

    async def on(day: int, who: str, path: str, body: object = None, method: str = "POST") -> Any:  # noqa: ANN401 - JSON
        with clock.frozen(moment(day, 10).astimezone(dt.UTC)):
            return await staff[who].call(method, f"/api/v1{path}", json=body)

    def work(day: int, hour: int, act: Callable[[], object]) -> None:
        with clock.frozen(moment(day, hour).astimezone(dt.UTC)):
            act()

    drafted = await on(PUBLISHED, "clerk", "/rounds", {
        "division_code": place.COMMUNITY, "community_codes": [place.COMMUNITY], "title": "中心广场地面翻修",
        "kind": "owners_decision", "electorate": "owner", "matter": "use_of_repair_fund",
        "question": "是否同意动用维修资金 18 万元，翻修小区中心广场的地面？",
        "opens_at": moment(OPENED, 8).isoformat(), "closes_at": moment(CLOSED, 20).isoformat(),
    })  # fmt: skip
    path = f"/rounds/{drafted['id']}"
    await on(PUBLISHED, "clerk", f"{path}/publish")
    await on(PUBLISHED, "chair", f"{path}/approve")
    work(OPENED, 9, lambda: recorded_tasks.open_due(wiring.database))
    work(OPENED + 3, 19, lambda: _vote(wiring, uuid.UUID(drafted["id"]), people, phone_of))
    entered = await on(CLOSED - 1, "clerk", f"{path}/forms", {"items": await _forms(on, path, moment)})
    forms = [each["id"] for each in entered["items"]]
    await on(CLOSED - 1, "chair", f"{path}/forms/confirm", {"form_ids": forms})
    work(CLOSED, 21, lambda: recorded_tasks.close_due(wiring.database))
    worker = Worker(wiring)
    tell_in_time(wiring, worker)
    work(CLOSED, 21, worker.drain)
    await on(CONFIRMED, "chair", f"{path}/recorded/certify")


def _vote(wiring: Wiring, round_id: uuid.UUID, people: int, phone_of: Callable[[int], str]) -> None:
    chance = random.Random(SEED)  # noqa: S311 - the same story each time
    with wiring.database.writing() as session:
        for number in range(people):
            if chance.randrange(100) >= BY_PHONE:
                continue
            try:
                recorded.cast(
                    session, round_id=round_id, choice=chance.choices(_CHOICES, _WEIGHTS)[0], dwellings=None,
                    if_version=None, actor=_actor(session, phone_of(number)), signer=wiring.signer,
                )  # fmt: skip
            except NotAnOwner:  # a tenant
                continue


async def _forms(on: Callable[..., Any], path: str, moment: Moment) -> list[dict[str, str]]:
    """What the owners who let their flats handed in."""
    chance = random.Random(SEED + 1)  # noqa: S311
    silent: list[str] = []
    cursor = ""
    while True:
        page = await on(CLOSED - 1, "clerk", f"{path}/owners-roll?limit=200{cursor}", method="GET")
        silent += [line["entry_id"] for line in page["items"] if not line["voted"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    return [
        {
            "entry_id": entry, "choice": chance.choices(_CHOICES, _WEIGHTS)[0].value, "reference": f"广场-{number:03d}",
            "handed_in_at": moment(CLOSED - 2, 16).isoformat(),
        }
        for number, entry in enumerate(silent, start=1)
        if chance.randrange(100) < ON_PAPER
    ]  # fmt: skip


def _actor(session: Session, phone: str) -> Actor:
    account = access.resident_account(session, access.phone_fingerprint(phone))
    family = access.start_session(session, account, days=1)
    session.flush()  # the sign-in is looked up
    return access.actor_of(session, account_id=account.id, session_id=family.id)
