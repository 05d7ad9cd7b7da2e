"""Certified results, requests and endpoints, made directly."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlmodel import Session

from app.access.actor import SYSTEM, Actor
from app.core import clock
from app.core.ids import new_id
from app.core.signer import Signer
from app.funding import service as funding
from app.funding.models import CostPolicy, FundingRequest
from app.gateway import service as gateway
from app.gateway.models import WebhookEndpoint
from app.gateway.rules import Signing
from app.projects.models import CostItem, Project
from app.projects.rules import Category, CostKind, DeliveryKind, Origin, ProjectState
from app.results.service import CertifiedList, PriorityItem
from app.rounds.models import Round
from app.rounds.rules import Electorate, Fill, Points, Priority, RoundKind, RoundState, Rule, Ties
from tests.story import COMMUNITY, SUBDISTRICT

DIGEST = "ab" * 32


def a_project(
    session: Session,
    *,
    community: str = COMMUNITY,
    title: str = "楼道照明",
    cost_fen: int = 680_000,
    state: ProjectState = ProjectState.LISTED,
) -> Project:
    row = Project(
        community_code=community, title=title, description="把灯换成声控灯。",
        description_html="<p>把灯换成声控灯。</p>",
        category=Category.LIGHTING_SAFETY, place="北区", delivery_kind=DeliveryKind.INFRASTRUCTURE,
        origin=Origin.STAFF, origin_reference="", cost_fen=cost_fen, state=state, version=1,
        created_at=clock.now(), published_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(
        CostItem(project_id=row.id, position=1, kind=CostKind.WORKS, description="施工", amount_fen=cost_fen)
    )
    session.flush()
    return row


def a_round(
    session: Session,
    *,
    division: str = COMMUNITY,
    title: str = "2026 年社区微更新",
    status: RoundState = RoundState.CERTIFIED,
) -> Round:
    now = clock.now()
    row = Round(
        division_code=division, title=title, description="", kind=RoundKind.CONSULTATION,
        electorate=Electorate.PERSON, max_rank=3, budget_fen=1_000_000, rule=Rule.GREEDY, points=Points.FIXED_K,
        skip=True, fill=Fill.NONE, ties=Ties.LOT, priority=Priority.SUPPORT, opens_at=now - dt.timedelta(days=9),
        closes_at=now - dt.timedelta(days=2), status=status, created_at=now - dt.timedelta(days=20),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def a_certified_list(
    session: Session,
    *,
    costs: Sequence[int] = (680_000, 120_001, 900_000),
    funded: int = 2,
    community: str = COMMUNITY,
    certified_at: dt.datetime | None = None,
) -> CertifiedList:
    """As `results` hands it over: the first ``funded`` projects have money, the others wait in order."""
    found = a_round(session, division=community)
    items = [
        PriorityItem(
            priority=place,
            project_id=a_project(session, community=community, title=f"项目{place}", cost_fen=cost).id,
            community_code=community,
            title=f"项目{place}",
            category=Category.LIGHTING_SAFETY.value,
            delivery_kind=DeliveryKind.INFRASTRUCTURE.value,
            cost_fen=cost,
            paid_fen=cost if place <= funded else 0,
            funded=place <= funded,
            backers=40 - place,
        )
        for place, cost in enumerate(costs, start=1)
    ]
    return CertifiedList(
        found.id, found.title, community, DIGEST, 57, 120, certified_at or clock.now(), items
    )


def some_requests(
    session: Session, *, costs: Sequence[int] = (680_000,), funded: int = 1, community: str = COMMUNITY
) -> list[FundingRequest]:
    certified = a_certified_list(session, costs=costs, funded=funded, community=community)
    return funding.submit_requests(session, certified=certified)


def a_request(session: Session, *, cost_fen: int = 680_000, community: str = COMMUNITY) -> FundingRequest:
    return some_requests(session, costs=[cost_fen], community=community)[0]


def a_policy(
    session: Session,
    *,
    division: str = SUBDISTRICT,
    valid_from: dt.date = dt.date(2026, 1, 1),
    community_share: int = 3_000,
    district_share: int = 6_000,
) -> CostPolicy:
    row = CostPolicy(
        division_code=division, valid_from=valid_from, community_share=community_share,
        district_share=district_share, subdistrict_share=10_000 - district_share, source="街道〔2026〕3 号",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def an_endpoint(
    session: Session,
    url: str,
    *,
    signer: Signer,
    division: str = SUBDISTRICT,
    signing: Signing = Signing.ED25519,
    actor: Actor = SYSTEM,
) -> tuple[WebhookEndpoint, str]:
    row, key = gateway.register_endpoint(
        session, division_code=division, url=url, signing=signing, signer=signer, actor=actor
    )
    session.flush()
    return row, key


def missing() -> uuid.UUID:
    """An id of nothing."""
    return new_id()
