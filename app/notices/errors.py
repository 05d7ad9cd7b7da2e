"""What can go wrong with notices."""

from app.core.errors import Conflict, NotFound


class NoticeNotFound(NotFound):
    """There is no such notice for you."""

    code = "notice_not_found"
    zh = "没有这条通知。"


class NoResultToCome(Conflict):
    """This round has no result to wait for any more."""

    code = "no_result_to_come"
    zh = "这次投票不会再有新的结果，不用等通知了。"


class NotOpenForReminders(Conflict):
    """Only while a round is open can people be reminded of it."""

    code = "not_open_for_reminders"
    zh = "只有投票进行中才能提醒。"


class RemindedToday(Conflict):
    """People were reminded of this round today. The next time is possible from {from_}."""

    code = "reminded_today"
    zh = "今天已经提醒过一次，{from_} 之后可以再提醒。"


class TooLateToRemind(Conflict):
    """Nobody is disturbed between 21:00 and 08:00, and the round closes before."""

    code = "too_late_to_remind"
    zh = "晚上 9 点到早上 8 点不打扰居民，而投票在那之前就截止了。"
