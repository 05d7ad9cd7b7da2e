"""Every router, in the order a reader would look for them."""

from fastapi import APIRouter

from app.access.api import router as access
from app.access.audit_api import router as audit
from app.access.health_api import router as health
from app.access.my_api import router as my_sign_ins
from app.ballots.api import router as ballots
from app.ballots.board_api import router as ballots_board
from app.ballots.custody_api import router as custody
from app.ballots.paper_api import router as ballots_on_paper
from app.codes.api import router as codes
from app.comments.api import router as comments
from app.committees.api import router as committees
from app.funding.api import router as funding
from app.gateway.api import router as webhooks
from app.ideas.api import router as ideas
from app.links.api import pages_router as link_pages
from app.links.api import router as links
from app.meetings.api import router as meetings
from app.notices.api import router as notices
from app.objections.api import desk_router as objection_desk
from app.objections.api import router as objections
from app.overview.api import router as overview
from app.paper.api import router as paper
from app.places.api import router as places
from app.platform.api import router as platform
from app.privacy.api import router as privacy
from app.projects.api import router as projects
from app.recorded.api import papers_router as recorded_papers
from app.recorded.api import router as recorded
from app.residents.api import router as residents
from app.results.api import board_router as results_board
from app.results.api import router as results
from app.rounds.api import router as rounds

ROUTERS: tuple[APIRouter, ...] = (
    access,
    my_sign_ins,
    places,
    committees,
    residents,
    projects,
    meetings,
    ideas,
    comments,
    objections,
    objection_desk,
    rounds,
    codes,
    ballots,
    paper,
    ballots_on_paper,
    custody,
    recorded,
    recorded_papers,
    results,
    links,
    link_pages,
    funding,
    notices,
    overview,
    privacy,
    webhooks,
    platform,
    ballots_board,
    results_board,
    audit,
    health,
)
