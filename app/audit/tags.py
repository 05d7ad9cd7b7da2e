"""What can stand in the record: ``noun:verb``. Retired tags stay, so that old entries keep their meaning."""

from enum import StrEnum


class Tag(StrEnum):
    """The kind of an audit entry."""

    ACCOUNT_CREATED = "account:created"
    ACCOUNT_LINK_REDEEMED = "account:link_redeemed"
    ACCOUNT_DISABLED = "account:disabled"
    GRANT_GIVEN = "grant:given"
    GRANT_ENDED = "grant:ended"
    STAFF_SIGNED_IN = "staff:signed_in"
    SESSION_FAMILY_REVOKED = "session:family_revoked"
    WECHAT_REBOUND = "wechat:rebound"
    WECHAT_UNBOUND = "wechat:unbound"

    MY_DATA_EXPORTED = "my_data:exported"
    MY_DATA_DELETED = "my_data:deleted"

    DIVISION_IMPORTED = "division:imported"
    DIVISION_ADDED = "division:added"
    BUILDING_ADDED = "building:added"

    COMMITTEE_CHANGED = "committee:changed"

    ROSTER_COMMITTED = "roster:committed"
    ROSTER_UNDONE = "roster:undone"
    REGISTRATION_APPROVED = "registration:approved"
    REGISTRATION_REJECTED = "registration:rejected"

    PROJECT_DRAFTED = "project:drafted"
    PROJECT_CHANGED = "project:changed"
    PROJECT_PUBLISHED = "project:published"
    PROJECT_REJECTED = "project:rejected"
    PROJECT_WITHDRAWN = "project:withdrawn"
    PROJECT_REOPENED = "project:reopened"

    PAPER_CODES_ISSUED = "paper_code:issued"

    ROUND_DRAFTED = "round:drafted"
    ROUND_CHANGED = "round:changed"
    ROUND_PUBLISH_PROPOSED = "round:publish_proposed"
    ROUND_PUBLISHED = "round:published"
    ROUND_OPENED = "round:opened"
    ROUND_CLOSED = "round:closed"
    ROUND_CANCELLED = "round:cancelled"
    ROUND_VOIDED = "round:voided"
    ROUND_COUNTED = "round:counted"
    ROUND_ANNOUNCED = "round:announced"
    ROUND_CERTIFIED = "round:certified"

    PAPER_BATCH_MADE = "paper_batch:made"
    PAPER_BATCH_PRINTED = "paper_batch:printed"
    PAPER_SIGNED_IN = "paper:signed_in"
    PAPER_SIGN_IN_UNDONE = "paper:sign_in_undone"
    PAPER_BATCH_RETURNED = "paper_batch:returned"
    PAPER_BATCH_MERGED = "paper_batch:merged"
    PAPER_SHEETS_KEYED = "paper_sheet:keyed"
    PAPER_KEYING_DISCARDED = "paper_sheet:keying_discarded"
    PAPER_BATCH_SETTING_ASIDE_PROPOSED = "paper_batch:setting_aside_proposed"
    PAPER_BATCH_SET_ASIDE = "paper_batch:set_aside"

    BALLOTS_CAST = "ballots:cast"
    BOX_OPENING_ASKED = "box:opening_asked"
    BOX_UNSEALED = "box:unsealed"
    BOX_KEY_DESTROYED = "box:key_destroyed"
    BOX_ERASED = "box:erased"

    KEY_SHARE_SHOWN = "key_share:shown"
    KEY_SHARE_CONFIRMED = "key_share:confirmed"
    KEY_SHARE_ENTERED = "key_share:entered"
    KEY_SHARES_DISCARDED = "key_share:discarded"

    VOTE_CAST = "vote:cast"
    PROXY_GIVEN = "proxy:given"
    PROXY_REVOKED = "proxy:revoked"
    PROXY_VOTED = "proxy:voted"
    PROXY_ENTERED = "proxy:entered"
    PROXY_CONFIRMED = "proxy:confirmed"
    PROXY_REFUSED = "proxy:refused"
    FORMS_ENTERED = "form:entered"
    FORMS_CONFIRMED = "form:confirmed"
    FORMS_REFUSED = "form:refused"

    MEETING_CALLED = "meeting:called"
    MEETING_ATTENDANCE_RECORDED = "meeting:attendance_recorded"
    MEETING_CANCELLED = "meeting:cancelled"
    MINUTES_DRAFTED = "minutes:drafted"
    MINUTES_CHANGED = "minutes:changed"
    MINUTES_PUBLISHED = "minutes:published"
    MINUTES_CORRECTED = "minutes:corrected"
    RESOLUTION_PASSED = "resolution:passed"

    REMINDER_SENT = "reminder:sent"

    IDEA_POSTED = "idea:posted"
    IDEA_WITHDRAWN = "idea:withdrawn"
    IDEA_PUBLISHED = "idea:published"
    IDEA_REJECTED = "idea:rejected"
    IDEA_TAKEN_UP = "idea:taken_up"
    IDEA_DECLINED = "idea:declined"
    IDEA_REOPENED = "idea:reopened"
    IDEA_MERGED = "idea:merged"
    IDEA_POLICY_SET = "idea_policy:set"

    COMMENT_PUBLISHED = "comment:published"
    COMMENT_REJECTED = "comment:rejected"
    COMMENT_HIDDEN = "comment:hidden"

    OBJECTION_CHANGED = "objection:changed"

    REQUEST_SUBMITTED = "request:submitted"
    REQUEST_DECIDED = "request:decided"
    COST_POLICY_SET = "cost_policy:set"

    ENDPOINT_REGISTERED = "endpoint:registered"
    ENDPOINT_DISABLED = "endpoint:disabled"
    ENDPOINT_ENABLED = "endpoint:enabled"
    DELIVERY_REPLAYED = "delivery:replayed"
    CLIENT_REGISTERED = "client:registered"
