"""The verbs of a meeting: called, attended, minuted, signed, published; what it resolves raises projects."""

from app.meetings.service.amending import (
    decline_amendment,
    list_amendments,
    propose_amendment,
    take_up_amendment,
)
from app.meetings.service.attending import (
    AttendanceList,
    SignedIn,
    forget_door_codes,
    list_attendance,
    record_attendance,
    show_door_code,
    sign_in,
    tick,
    untick,
)
from app.meetings.service.calling import call, cancel, change
from app.meetings.service.checking import Found
from app.meetings.service.leaving import export_of, forget
from app.meetings.service.merging import give_back_attendance, take_over_attendance
from app.meetings.service.minutes import (
    allow_word,
    change_minutes,
    check_minutes,
    circulate_minutes,
    correct_minutes,
    draft_minutes,
    publish_minutes,
    shown,
)
from app.meetings.service.reading import MyMeeting, listing, printable, read, read_mine
from app.meetings.service.resolutions import pass_resolution, raise_project
from app.meetings.service.signing import is_signed, sign_minutes
from app.meetings.service.views import MeetingView, MinutesView, ResolutionView, SignatureView
from app.meetings.service.waiting import (
    AwaitedSignature,
    PendingAmendments,
    awaiting_signature,
    pending_amendments,
)

__all__ = [
    "AttendanceList",
    "AwaitedSignature",
    "Found",
    "MeetingView",
    "MinutesView",
    "MyMeeting",
    "PendingAmendments",
    "ResolutionView",
    "SignatureView",
    "SignedIn",
    "allow_word",
    "awaiting_signature",
    "call",
    "cancel",
    "change",
    "change_minutes",
    "check_minutes",
    "circulate_minutes",
    "correct_minutes",
    "decline_amendment",
    "draft_minutes",
    "export_of",
    "forget",
    "forget_door_codes",
    "give_back_attendance",
    "is_signed",
    "list_amendments",
    "list_attendance",
    "listing",
    "pass_resolution",
    "pending_amendments",
    "printable",
    "propose_amendment",
    "publish_minutes",
    "raise_project",
    "read",
    "read_mine",
    "record_attendance",
    "show_door_code",
    "shown",
    "sign_in",
    "sign_minutes",
    "take_over_attendance",
    "take_up_amendment",
    "tick",
    "untick",
]
