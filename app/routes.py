"""Every router, in the order a reader would look for them."""

from fastapi import APIRouter

from app.access.accounts_api import router as accounts
from app.access.api import router as access
from app.access.audit_api import router as audit
from app.access.health_api import router as health
from app.access.my_api import router as my_sign_ins
from app.access.second_factor_api import router as second_factor
from app.ballots.api import router as ballots
from app.ballots.board_api import router as ballots_board
from app.ballots.custody_api import router as custody
from app.ballots.paper_api import router as ballots_on_paper
from app.calendar.api import router as calendar
from app.codes.api import router as codes
from app.comments.api import router as comments
from app.committees.api import router as committees
from app.desk.api import router as desk
from app.doors.api import router as doors
from app.duplicates.api import router as duplicates
from app.funding.api import router as funding
from app.gateway.api import router as webhooks
from app.ideas.api import router as ideas
from app.ideas.desk_api import router as ideas_desk
from app.links.api import pages_router as link_pages
from app.links.api import router as links
from app.meetings.api import attendance_router, meetings_router, minutes_router
from app.notices.api import router as notices
from app.objections.api import desk_router as objection_desk
from app.objections.api import router as objections
from app.objections.api import volunteer_router as mediation_volunteers
from app.overview.api import router as overview
from app.paper.api import router as paper
from app.places.api import router as places
from app.platform.api import router as platform
from app.privacy.api import router as privacy
from app.projects.api import router as projects
from app.projects.desk_api import router as projects_desk
from app.recorded.api import papers_router as recorded_papers
from app.recorded.api import router as recorded
from app.reports.api import router as reports
from app.residents.api import people_router, registrations_router, roster_router
from app.results.api import board_router as results_board
from app.results.api import router as results
from app.rounds.api import router as rounds

ROUTERS: tuple[APIRouter, ...] = (
    access,
    desk,
    my_sign_ins,
    second_factor,
    accounts,
    places,
    committees,
    roster_router,
    people_router,
    registrations_router,
    duplicates,
    projects,
    projects_desk,
    meetings_router,
    attendance_router,
    minutes_router,
    ideas,
    ideas_desk,
    comments,
    objections,
    objection_desk,
    mediation_volunteers,
    rounds,
    codes,
    ballots,
    paper,
    ballots_on_paper,
    custody,
    doors,
    recorded,
    recorded_papers,
    results,
    links,
    link_pages,
    funding,
    notices,
    overview,
    calendar,
    reports,
    privacy,
    webhooks,
    platform,
    ballots_board,
    results_board,
    audit,
    health,
)
