"""Role x verb, the one table. Guards read it, tests read it, a route whose verb is missing stops the start-up.

A verb is ``noun.act`` and has the same name in route, service, event, documentation and test. Holding one of the
roles opens the door; what may be touched behind it is decided by the division a grant covers.
"""

from collections.abc import Mapping

from app.access.roles import GOVERNMENT_ROLES, GRANTABLE, RC_ROLES, Role

_PUBLIC = frozenset({Role.PUBLIC})
_RESIDENT = frozenset({Role.RESIDENT})
_VOTERS = frozenset({Role.RESIDENT, Role.CODE_HOLDER, Role.HELPER})
_STAFF = RC_ROLES
_CHAIR = frozenset({Role.RC_CHAIR})
_ADMIN = frozenset({Role.ADMINISTRATOR})
_SIGNED_IN = frozenset({Role.SIGNED_IN})
#: Three sides that keep a share of a key each; which share is whose, app/ballots/shares.py says.
_HOLDERS = frozenset({Role.ADMINISTRATOR, Role.SUBDISTRICT_OFFICER, Role.SUPERVISOR})
#: Who answers for a place, or looks at those who do.
_REPORTED_TO = _CHAIR | {
    Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER, Role.DISTRICT_OFFICER, Role.MUNICIPAL_MONITOR, Role.AUDITOR,
}  # fmt: skip

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
    "session.confirm": _SIGNED_IN,
    "second_factor.read": _SIGNED_IN,
    "second_factor.begin": _SIGNED_IN,
    "second_factor.confirm": _SIGNED_IN,
    "second_factor.propose_reset": _ADMIN,
    "recovery_code.renew": _SIGNED_IN,
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
    "account.renew_link": _ADMIN,
    # not the administrator who made the link, see app/access/service/links.py
    "account.countersign": _ADMIN,
    "grant.propose": _ADMIN,
    "grant.end": _ADMIN,
    "proposal.list": _ADMIN,
    "proposal.confirm": _ADMIN,
    "proposal.refuse": _ADMIN,
    "client.list": _ADMIN,
    "client.register": _ADMIN,
    "client.propose_key": _ADMIN,
    "audit.list": frozenset({Role.AUDITOR, Role.SUPERVISOR}),
    "audit.list_tags": frozenset({Role.AUDITOR, Role.SUPERVISOR}),
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
    "resident.read": _STAFF,
    "resident.unmask": _STAFF,
    "resident.export": _STAFF,
    "resident.export_unmasked": _STAFF,
    "disclosure.list": _STAFF | {Role.SUPERVISOR, Role.AUDITOR},
    "duplicate.list": _STAFF,
    "duplicate.merge": _STAFF,
    "duplicate.tell_apart": _STAFF,
    "duplicate.undo": _STAFF,
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
    "project.count": _STAFF,
    "project.list_similar": _STAFF,
    "exclusion.list": _STAFF,
    "exclusion.mark": _STAFF,
    "exclusion.unmark": _STAFF,
    "project_list.download_template": _STAFF,
    "project_list.preview": _STAFF,
    "project_list.read": _STAFF,
    "project_list.commit": _STAFF,
    "project_list.export": _STAFF,
    "photo.add": _STAFF,
    "photo.describe": _STAFF,
    "photo.arrange": _STAFF,
    "photo.remove": _STAFF,
    "photo.read": _PUBLIC,
    # rounds
    "round.list": _PUBLIC,
    "round.read": _PUBLIC,
    "round.list_drafts": _STAFF | {Role.SUPERVISOR},
    "round.draft": _STAFF,
    "round.change": _STAFF,
    "round.check": _STAFF | {Role.SUPERVISOR},
    "round.discard": _STAFF,
    "round.publish": _STAFF,
    # one of the two is the chair: app/rounds sees to it
    "round.approve": _STAFF,
    "round.open": _STAFF,
    "round.close": _STAFF,
    "round.cancel": _CHAIR,
    "round.open_box": _STAFF,
    "box.read": _STAFF | {Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER},
    "round.certify": _CHAIR,
    "turnout.read": _STAFF | {Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER},
    # doors of those who have not taken part: for those who knock
    "door.list": _STAFF,
    "door.mark": _STAFF,
    "door.unmark": _STAFF,
    "door.print": _STAFF,
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
    "paper_sheet.draft": _STAFF | {Role.SUPERVISOR},
    "paper_sheet.read_drafts": _STAFF | {Role.SUPERVISOR},
    "paper_sheet.remove_draft": _STAFF | {Role.SUPERVISOR},
    "paper_sheet.hand_over": _STAFF | {Role.SUPERVISOR},
    "paper_sheet.compare": _STAFF | {Role.SUPERVISOR},
    "paper.reconcile": _STAFF | {Role.SUPERVISOR},
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
    # who has the roll with its rooms beside the record says what for
    "decision.export": _RESIDENT,
    "decision.export_unmasked": _STAFF | {Role.SUPERVISOR},
    # results
    "result.read": _PUBLIC,
    "result.read_explanation": _PUBLIC,
    "result.compare": _PUBLIC,
    "result.read_representation": _PUBLIC,
    "result.export": _STAFF | GOVERNMENT_ROLES | {Role.SUPERVISOR, Role.AUDITOR},
    # public notices 公示
    "public_notice.list": _PUBLIC,
    "public_notice.read": _STAFF | {Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER},
    "public_notice.print": _STAFF | {Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER},
    # meetings
    "meeting.list": _PUBLIC,
    "meeting.read": _PUBLIC,
    "meeting.call": _STAFF,
    "meeting.change": _STAFF,
    "meeting.cancel": _STAFF,
    "meeting.record_attendance": _STAFF,
    "meeting.list_attendance": _STAFF,
    "meeting.tick": _STAFF,
    "meeting.untick": _STAFF,
    "meeting.show_door_code": _STAFF,
    "meeting.sign_in": _RESIDENT,
    "meeting.read_mine": _RESIDENT,
    "minutes.read_drafts": _STAFF | {Role.SUPERVISOR},
    "minutes.draft": _STAFF,
    "minutes.change": _STAFF,
    "minutes.check": _STAFF,
    "minutes.allow_word": _STAFF,
    "minutes.circulate": _STAFF,
    # the chair's place is signed by the chair, see app/meetings/service/signing.py
    "minutes.sign": _STAFF,
    "minutes.publish": _CHAIR,
    "minutes.correct": _STAFF,
    "minutes.print": _STAFF | {Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER},
    "amendment.propose": _RESIDENT,
    "amendment.list": _STAFF | {Role.SUPERVISOR},
    "amendment.take_up": _STAFF,
    "amendment.decline": _STAFF,
    "resolution.pass": _STAFF,
    "resolution.raise_project": _STAFF,
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
    "idea.screen": _STAFF,
    "idea.count": _STAFF,
    "idea.list_similar": _STAFF,
    "idea_policy.list": _PUBLIC,
    "idea_policy.set": _CHAIR,
    # comments: staff of the place write for the committee
    "comment.list": _PUBLIC,
    "comment.post": _RESIDENT | _STAFF,
    "comment.delete": _RESIDENT | _STAFF,
    "comment.report": _RESIDENT,
    "comment.list_held": _STAFF,
    "comment.count": _STAFF,
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
    "objection.list_candidates": frozenset({Role.OBJECTION_OFFICER}),
    "objection.propose_volunteer": frozenset({Role.OBJECTION_OFFICER}),
    # a resident may be a volunteer whom a household has accepted; to all others the list is empty, and a case missing
    "objection.list_cases": frozenset({Role.OBJECTION_OFFICER, Role.MEDIATOR, Role.RESIDENT}),
    "objection.view_case": frozenset({Role.OBJECTION_OFFICER, Role.MEDIATOR, Role.RESIDENT}),
    "objection.negotiate": frozenset({Role.MEDIATOR, Role.RESIDENT}),
    "objection.hand_over": frozenset({Role.MEDIATOR, Role.RESIDENT}),
    "objection.refuse_contact": _RESIDENT,
    "objection.accept_volunteer": _RESIDENT,
    "objection.decline_volunteer": _RESIDENT,
    "objection.read_statistics": RC_ROLES
    | GOVERNMENT_ROLES
    | {Role.SUPERVISOR, Role.MUNICIPAL_MONITOR, Role.AUDITOR, Role.MEDIATOR, Role.OBJECTION_OFFICER},
    "volunteer.list_mine": _RESIDENT,
    "volunteer.join": _RESIDENT,
    "volunteer.leave": _RESIDENT,
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
    "request.count": RC_ROLES | GOVERNMENT_ROLES | {Role.SUPERVISOR, Role.AUDITOR},
    "request.read_evidence": RC_ROLES | GOVERNMENT_ROLES | {Role.SUPERVISOR, Role.AUDITOR},
    "request.print": RC_ROLES | GOVERNMENT_ROLES | {Role.SUPERVISOR, Role.AUDITOR},
    # whose turn it is, app/funding/chain.py says
    "request.decide": GOVERNMENT_ROLES,
    "request.resubmit": _STAFF,
    "request.accept_part": _STAFF,
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
    # calendar: what happens when, drafts among it for those who work on them
    "calendar.read": _STAFF | {Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER},
    # overview: public reads put together
    "community.list": _PUBLIC,
    "overview.read": _PUBLIC,
    "project.read_timeline": _PUBLIC,
    # the desk: what waits for whoever works here, each thing by the verbs above
    "desk.read": GRANTABLE,
    # reports: sums of a year; a monitor sees none of a small place
    "report.list": _REPORTED_TO,
    "report.read": _REPORTED_TO,
    "report.export": _REPORTED_TO,
    # gateway: what we send to other systems
    "endpoint.register": _ADMIN,
    "endpoint.list": _ADMIN,
    "endpoint.disable": _ADMIN,
    "endpoint.enable": _ADMIN,
    "delivery.list": _ADMIN,
    "delivery.list_recent": _ADMIN | {Role.SUBDISTRICT_OFFICER, Role.DISTRICT_OFFICER},
    "delivery.list_of_request": RC_ROLES | GOVERNMENT_ROLES,
    # to say a message again changes nothing: the officers of the division whose system it goes to may too; a committee
    # sees whether its request arrived, and asks them
    "delivery.replay": _ADMIN | {Role.SUBDISTRICT_OFFICER, Role.DISTRICT_OFFICER},
    "delivery.replay_all": _ADMIN,
    # platform: machine clients, by scope
    "platform.token.issue": _PUBLIC,
    "platform.request.list": frozenset({Role.SCOPE_FUNDING_READ}),
    "platform.request.read": frozenset({Role.SCOPE_FUNDING_READ}),
    "platform.request.decide": frozenset({Role.SCOPE_FUNDING_DECIDE}),
    "platform.project.list": frozenset({Role.SCOPE_PROJECT_READ}),
    "platform.stats.read": frozenset({Role.SCOPE_STATS_READ}),
}

#: What cannot be taken back, gives power or moves money: staff who have a second factor show it once more, in the last
#: minutes, before any of these.
FRESH: frozenset[str] = frozenset(
    {
        # access
        "account.create",
        "account.disable",
        "account.renew_link",
        "account.countersign",
        "grant.propose",
        "grant.end",
        "proposal.confirm",
        "client.register",
        "client.propose_key",
        "second_factor.begin",
        "second_factor.propose_reset",
        "recovery_code.renew",
        # residents
        "roster.commit",
        "roster.undo",
        "resident.unmask",
        "resident.export_unmasked",
        # who may vote, and with what
        "registration.approve",
        "duplicate.merge",
        "paper_code.issue",
        # rounds and what lies in their boxes
        "round.approve",
        "round.open",
        "round.close",
        "round.cancel",
        "round.open_box",
        "round.certify",
        "key_share.enter",
        "key_share.discard",
        "paper_batch.set_aside",
        "decision.export_unmasked",
        # meetings
        "minutes.publish",
        # funding
        "request.decide",
        "request.resubmit",
        "cost_policy.set",
        # other systems
        "endpoint.register",
        "endpoint.disable",
        "endpoint.enable",
        "delivery.replay",
        "delivery.replay_all",
    }
)

#: All that staff may do who have no second factor where they need one: set it up, or leave.
TO_ENROL: frozenset[str] = frozenset(
    {
        "me.read",
        "session.end",
        "session.list_mine",
        "session.end_other",
        "second_factor.read",
        "second_factor.begin",
        "second_factor.confirm",
    }
)

#: What an auditor reads only under record: who, what and when stands in the audit log, once a sign-in and thing. Left
#: out is what says nothing of anybody: one's own desk, the kinds of entries, counts, and the recomputing of the log.
READ_UNDER_RECORD: frozenset[str] = frozenset(
    verb for verb, allowed in MATRIX.items() if Role.AUDITOR in allowed and Role.PUBLIC not in allowed
) - {"desk.read", "audit.list_tags", "audit.verify", "request.count"}


def roles_for(verb: str) -> frozenset[Role]:
    """Who may attempt a verb.

    Raises:
        KeyError: the verb has no line in the matrix.
    """
    return MATRIX[verb]


def verbs_for(roles: frozenset[Role], *, to_enrol: bool = False) -> list[str]:
    """What whoever holds these roles may attempt anywhere, in order; less, until they have a second factor."""
    return sorted(
        verb
        for verb, allowed in MATRIX.items()
        if allowed & roles and (not to_enrol or verb in TO_ENROL or Role.PUBLIC in allowed)
    )
