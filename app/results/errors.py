"""What can go wrong with a result."""

from app.core.errors import Conflict, NotFound


class NoResultYet(NotFound):
    """This round has no published result yet."""

    code = "no_result_yet"
    zh = "这轮投票还没有公布结果。"


class RecountDiffers(Conflict):
    """The count and the independent recount differ at {where}. Nothing is published until it is known why."""

    code = "recount_differs"
    zh = "计票与独立复核在 {where} 处不一致，查明之前不公布结果。"


class NoticePeriodRunning(Conflict):
    """The public notice runs until {until}; the result can be certified after that."""

    code = "notice_period_running"
    zh = "公示到 {until} 结束，之后才能确认结果。"
