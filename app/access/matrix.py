"""Role x verb, the one table. Guards read it, tests read it, a route whose verb is missing stops the start-up.

A verb is ``noun.act`` and has the same name in route, service, event, documentation and test. Holding one of the
roles opens the door; what may be touched behind it is decided by the division a grant covers.
"""

from collections.abc import Mapping

from app.access.roles import GOVERNMENT_ROLES, RC_ROLES, Role

_PUBLIC = frozenset({Role.PUBLIC})
_RESIDENT = frozenset({Role.RESIDENT})
_VOTERS = frozenset({Role.RESIDENT, Role.CODE_HOLDER, Role.HELPER})
_STAFF = RC_ROLES
_CHAIR = frozenset({Role.RC_CHAIR})
_ADMIN = frozenset({Role.ADMINISTRATOR})
_SIGNED_IN = frozenset({Role.SIGNED_IN})
#: Three sides that keep a share of a key each; which share is whose, app/ballots/shares.py says.
_HOLDERS = frozenset({Role.ADMINISTRATOR, Role.SUBDISTRICT_OFFICER, Role.SUPERVISOR})

MATRIX: Mapping[str, frozenset[Role]] = {
    # health and descriptions
    "health.read": _PUBLIC,
    "readiness.read": _PUBLIC,
    # access
    "code.request": _PUBLIC,
    "token.issue": _PUBLIC,
    "link.redeem": _PUBLIC,
    "session.end": _SIGNED_IN | {Role.CODE_HOLDER, Role.HELPER},
    "session.list_mine": _SIGNED_IN,
    "session.end_other": _SIGNED_IN,
    "privacy_notice.read": _PUBLIC,
    "consent.list_mine": _RESIDENT,
    "consent.give": _RESIDENT,
    "consent.withdraw": _RESIDENT,
    "my_data.export": _RESIDENT,
    "my_data.plan_deletion": _RESIDENT,
    "my_data.delete": _RESIDENT,
    "me.read": _SIGNED_IN | {Role.CODE_HOLDER},
    "ticket.issue": _RESIDENT | {Role.CODE_HOLDER},
    "wechat.read": _RESIDENT | {Role.CODE_HOLDER},
    "wechat.unbind": _RESIDENT | {Role.CODE_HOLDER},
    "account.create": _ADMIN,
    "account.list": _ADMIN,
    "account.disable": _ADMIN,
    "grant.give": _ADMIN,
    "grant.end": _ADMIN,
    "client.register": _ADMIN,
    "audit.list": frozenset({Role.AUDITOR, Role.SUPERVISOR}),
    "audit.verify": frozenset({Role.AUDITOR, Role.SUPERVISOR, Role.ADMINISTRATOR}),
    # places
    "division.list": _PUBLIC,
    "division.read": _PUBLIC,
    "division.add": _ADMIN,
    "building.list": _STAFF | {Role.SUPERVISOR},
    # names alone: who registers picks theirs, and whoever stands before the door reads them there
    "building.list_names": _PUBLIC,
    "building.add": _STAFF,
    # committees
    "committee.read": _PUBLIC,
    "committee.change": _STAFF,
    # residents
    "roster.download_template": _STAFF,
    "roster.preview": _STAFF,
    "roster.read": _STAFF,
    "roster.commit": _STAFF,
    "roster.undo": _STAFF,
    "resident.list": _STAFF,
    "membership.list": _RESIDENT | {Role.CODE_HOLDER},
    "registration.file": _RESIDENT,
    "registration.list_mine": _RESIDENT,
    "registration.list": _STAFF,
    "registration.approve": _STAFF,
    "registration.reject": _STAFF,
    # projects
    "project.list": _PUBLIC,
    "project.read": _PUBLIC,
    "project.list_drafts": _STAFF,
    "project.draft": _STAFF,
    "project.change": _STAFF,
    "project.publish": _STAFF,
    "project.reject": _STAFF,
    "project.withdraw": _STAFF,
    "project.reopen": _STAFF,
    "photo.add": _STAFF,
    "photo.remove": _STAFF,
    "photo.read": _PUBLIC,
    # rounds
    "round.list": _PUBLIC,
    "round.read": _PUBLIC,
    "round.list_drafts": _STAFF | {Role.SUPERVISOR},
    "round.draft": _STAFF,
    "round.change": _STAFF,
    "round.publish": _STAFF,
    "round.approve": _CHAIR,
    "round.open": _STAFF,
    "round.close": _STAFF,
    "round.cancel": _CHAIR,
    "round.open_box": _STAFF,
    "box.read": _STAFF | {Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER},
    "round.certify": _CHAIR,
    "turnout.read": _STAFF | {Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER},
    # paper codes
    "paper_code.issue": _STAFF,
    "paper_code.count": _STAFF | {Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER},
    # paper
    "paper_batch.make": _STAFF,
    "paper_batch.list": _STAFF | {Role.SUPERVISOR},
    "paper_batch.read": _STAFF | {Role.SUPERVISOR},
    "paper_batch.print": _STAFF,
    "paper_batch.return": _STAFF,
    "paper_batch.merge": _STAFF,
    "paper_batch.propose_setting_aside": _CHAIR,
    "paper_batch.set_aside": frozenset({Role.SUPERVISOR}),
    "paper_sheet.key": _STAFF | {Role.SUPERVISOR},
    "paper_sheet.discard": _CHAIR,
    "paper.look_up": _STAFF,
    "paper.sign_in": _STAFF,
    "paper.undo_sign_in": _STAFF,
    "paper.list_sign_ins": _STAFF | {Role.SUPERVISOR},
    # ballots
    "participation.read": _VOTERS,
    "participation.list_mine": _RESIDENT,
    "ballot.cast": _VOTERS,
    "ballot.withdraw": _VOTERS,
    "board.list": _PUBLIC,
    "board.read": _PUBLIC,
    "board.prove": _PUBLIC,
    "key_share.list": _STAFF | _HOLDERS,
    "key_share.hold": _HOLDERS,
    "key_share.confirm": _HOLDERS,
    "key_share.enter": _HOLDERS,
    "key_share.discard": _CHAIR,
    # recorded rounds: opened, closed and certified by the verbs of rounds above
    "vote.read": _RESIDENT,
    "vote.cast": _RESIDENT,
    "proxy.list": _RESIDENT,
    "proxy.give": _RESIDENT,
    "proxy.revoke": _RESIDENT,
    "proxy.use": _RESIDENT,
    "proxy.list_entered": _STAFF | {Role.SUPERVISOR},
    "proxy.enter": _STAFF,
    "proxy.confirm": _STAFF,
    "proxy.refuse": _STAFF,
    "form.list": _STAFF | {Role.SUPERVISOR},
    "form.enter": _STAFF,
    "form.confirm": _STAFF,
    "form.refuse": _STAFF,
    "owners_roll.list": _STAFF | {Role.SUPERVISOR},
    "decision.read": _PUBLIC,
    "decision.list_votes": _RESIDENT | _STAFF | {Role.SUPERVISOR},
    "decision.export": _RESIDENT | _STAFF | {Role.SUPERVISOR},
    # results
    "result.read": _PUBLIC,
    "result.read_explanation": _PUBLIC,
    # meetings
    "meeting.list": _PUBLIC,
    "meeting.read": _PUBLIC,
    "meeting.call": _STAFF,
    "meeting.record_attendance": _STAFF,
    "minutes.read_drafts": _STAFF | {Role.SUPERVISOR},
    "minutes.draft": _STAFF,
    "minutes.change": _STAFF,
    "minutes.publish": _CHAIR,
    "minutes.correct": _STAFF,
    "resolution.pass": _STAFF,
    # ideas
    "idea.list": _PUBLIC,
    "idea.read": _PUBLIC,
    "idea.read_photo": _PUBLIC,
    "idea.find_similar": _PUBLIC,
    "idea.list_mine": _RESIDENT,
    "idea.post": _RESIDENT,
    "idea.add_photo": _RESIDENT,
    "idea.endorse": _RESIDENT,
    "idea.unendorse": _RESIDENT,
    "idea.withdraw": _RESIDENT,
    "idea.list_held": _STAFF,
    "idea.publish": _STAFF,
    "idea.reject": _STAFF,
    "idea.take_up": _STAFF,
    "idea.decline": _STAFF,
    "idea.reopen": _STAFF,
    "idea.merge": _STAFF,
    "idea_policy.list": _PUBLIC,
    "idea_policy.set": _CHAIR,
    # comments: staff of the place write for the committee
    "comment.list": _PUBLIC,
    "comment.post": _RESIDENT | _STAFF,
    "comment.delete": _RESIDENT | _STAFF,
    "comment.report": _RESIDENT,
    "comment.list_held": _STAFF,
    "comment.publish": _STAFF,
    "comment.reject": _STAFF,
    "comment.hide": _STAFF,
    # objections
    "objection.file": _RESIDENT,
    "objection.list_mine": _RESIDENT,
    "objection.answer": _RESIDENT,
    "objection.withdraw": _RESIDENT,
    "objection.maintain": _RESIDENT,
    "objection.settle": _RESIDENT,
    "objection.read": _RESIDENT,
    "objection.refuse_mediator": _RESIDENT,
    "objection.escalate": _RESIDENT,
    "objection.reply": frozenset({Role.OBJECTION_OFFICER}),
    "objection.count": _PUBLIC,
    "objection.assign": frozenset({Role.OBJECTION_OFFICER}),
    "objection.list_cases": frozenset({Role.OBJECTION_OFFICER, Role.MEDIATOR}),
    "objection.view_case": frozenset({Role.OBJECTION_OFFICER, Role.MEDIATOR}),
    "objection.negotiate": frozenset({Role.MEDIATOR}),
    # short codes and posters
    "link.make": _RESIDENT | _STAFF,
    "link.read": _PUBLIC,
    "link.open": _PUBLIC,
    "link.draw": _PUBLIC,
    "poster.print": _STAFF,
    # funding
    "request.list": RC_ROLES | GOVERNMENT_ROLES | {Role.SUPERVISOR, Role.AUDITOR},
    "request.read": RC_ROLES | GOVERNMENT_ROLES | {Role.SUPERVISOR, Role.AUDITOR},
    "progress.read": _PUBLIC,
    "request.decide": frozenset({Role.SUBDISTRICT_OFFICER, Role.DISTRICT_OFFICER}),
    "request.resubmit": _STAFF,
    "cost_policy.list": _PUBLIC,
    # who pays a part does not fix what part: a sub-district's shares are set by its district
    "cost_policy.set": frozenset({Role.DISTRICT_OFFICER}),
    # notices
    "notice.list": _RESIDENT,
    "notice.count_unread": _RESIDENT,
    "notice.open": _RESIDENT,
    "notice.mark_read": _RESIDENT,
    "notice.list_public": _PUBLIC,
    "notice_settings.read": _RESIDENT,
    "notice_settings.change": _RESIDENT,
    "subscription.list": _RESIDENT,
    "subscription.note": _RESIDENT,
    "interest.read": _RESIDENT,
    "interest.set": _RESIDENT,
    "interest.drop": _RESIDENT,
    "reminder.send": _STAFF,
    "reminder.list": _STAFF | {Role.SUPERVISOR},
    # overview: public reads put together
    "community.list": _PUBLIC,
    "overview.read": _PUBLIC,
    "project.read_timeline": _PUBLIC,
    # gateway: what we send to other systems
    "endpoint.register": _ADMIN,
    "endpoint.list": _ADMIN,
    "endpoint.disable": _ADMIN,
    "endpoint.enable": _ADMIN,
    "delivery.list": _ADMIN,
    "delivery.replay": _ADMIN,
    # platform: machine clients, by scope
    "platform.token.issue": _PUBLIC,
    "platform.request.list": frozenset({Role.SCOPE_FUNDING_READ}),
    "platform.request.read": frozenset({Role.SCOPE_FUNDING_READ}),
    "platform.request.decide": frozenset({Role.SCOPE_FUNDING_DECIDE}),
    "platform.project.list": frozenset({Role.SCOPE_PROJECT_READ}),
    "platform.stats.read": frozenset({Role.SCOPE_STATS_READ}),
}


def roles_for(verb: str) -> frozenset[Role]:
    """Who may attempt a verb.

    Raises:
        KeyError: the verb has no line in the matrix.
    """
    return MATRIX[verb]
