"""What others ask of a desk: money, an answer to an objection, a second administrator."""

from collections.abc import Iterator

from sqlmodel import Session

from app.access import service as access
from app.access.divisions import contains
from app.desk.rules import Item, Task
from app.desk.service.who import MOST, Desk
from app.funding import chain
from app.funding import service as funding
from app.gateway import service as gateway
from app.objections import service as objections


def requests(session: Session, desk: Desk) -> Iterator[Item]:
    """Funding requests at somebody's own step, by when the first of them is due."""
    if not desk.may("request.count"):
        return
    actor, division = desk.actor, desk.division
    here, recosted = actor.roles_over(division), 0
    dues = funding.first_dues(session, actor=actor, division=division)
    for step, waiting, late, changed in funding.count(session, actor=actor, division=division).steps:
        if not waiting:
            continue
        if step is chain.Step.COMMITTEE and desk.may("request.resubmit"):
            task = Task.REQUESTS_TO_ANSWER
        elif step in chain.CHAIN and chain.CHAIN[step].role in here:
            task = Task.REQUESTS_TO_DECIDE
        else:
            continue
        yield Item(task, waiting, due_at=dues.get(step), late=late > 0)
        recosted += changed
    if recosted:
        yield Item(Task.REQUESTS_RECOSTED, recosted)


def cases(session: Session, desk: Desk) -> Iterator[Item]:
    """Objections in which somebody owes something."""
    if not desk.may("objection.list_cases"):
        return
    for line in objections.cases(session, actor=desk.actor):
        if line.dues and contains(desk.division, line.objection.community_code):
            # nothing of the case stands on a desk that somebody may look over: it is opened, and the look is recorded
            yield Item(Task.CASE, subject_id=line.objection.id, due_at=line.dues[0].by, late=line.overdue)


def administration(session: Session, desk: Desk) -> Iterator[Item]:
    """Proposals and links of another administrator, and messages that did not arrive."""
    if desk.may("proposal.list"):
        waiting = sum(each.may_confirm for each in access.list_proposals(session, actor=desk.actor))
        if waiting:
            yield Item(Task.PROPOSALS, waiting)
    if desk.may("account.countersign"):
        links = access.links_to_countersign(session, actor=desk.actor, limit=MOST)
        if links:
            yield Item(Task.LINKS_TO_COUNTERSIGN, len(links), due_at=links[0].expires_at)
    if desk.may("endpoint.list"):
        found = gateway.endpoints(session, actor=desk.actor, after=None, limit=MOST)
        dead = sum(each.dead for each in gateway.tallies(session, endpoints=found).values())
        if dead:
            yield Item(Task.DELIVERIES_FAILED, dead, late=True)
