"""What can go wrong with a meeting."""

from app.core.errors import Conflict, Invalid, NotFound


class MeetingNotFound(NotFound):
    """There is no such meeting here."""

    code = "meeting_not_found"
    zh = "没有这次会议。"


class MinutesNotFound(NotFound):
    """There are no such minutes here."""

    code = "minutes_not_found"
    zh = "没有这份会议纪要。"


class ShortNotice(Invalid):
    """A residents' meeting is called {days} days before (Organic Law, art. 26); if not, say what is special."""

    code = "meeting_notice_too_short"
    zh = "居民会议须提前至少 {days} 天通知（居民委员会组织法第二十六条），特殊情况请说明原因。"


class MinutesPublished(Conflict):
    """Published minutes are never changed. Publish a correction instead."""

    code = "minutes_published"
    zh = "已公布的纪要不能修改，请发布更正版本。"


class DraftPending(Conflict):
    """There is a draft of these minutes already."""

    code = "minutes_draft_pending"
    zh = "这份纪要已有草稿。"


class NothingToCorrect(Conflict):
    """There are no published minutes to correct."""

    code = "nothing_to_correct"
    zh = "还没有已公布的纪要可以更正。"


class NamesInMinutes(Conflict):
    """The text names people, rooms or phones of the roster ({count} places). Please write it without them."""

    code = "names_in_minutes"
    zh = "纪要里出现了名册上的姓名、房号或电话（{count} 处），请改写后再公布。"


class VotesDoNotAdd(Invalid):
    """More votes than people who took part."""

    code = "votes_do_not_add"
    zh = "票数超过了到会人数。"


class MeetingNotHeld(Conflict):
    """Record first who attended; only then can the meeting resolve something."""

    code = "meeting_not_held"
    zh = "请先登记到会人数，之后才能记录决议。"
