"""What can go wrong with a calendar."""

from app.core.errors import Invalid


class SpanTooLong(Invalid):
    """A calendar shows at most {days} days at once, and its last day is not before its first."""

    code = "span_too_long"
    zh = "日历一次最多显示 {days} 天，最后一天不能早于第一天。"
