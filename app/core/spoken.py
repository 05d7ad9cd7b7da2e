"""How the facts of a sentence are read out: moments as people write them, states of things by their names."""

import datetime as dt
import re
from collections.abc import Mapping

from app.core.zone import BEIJING

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: What a state is called, in Chinese and English. A word means the same wherever a sentence has it.
_STATES: Mapping[str, tuple[str, str]] = {
    "announced": ("公示中", "on public notice"),
    "approved": ("已通过", "approved"),
    "assigned": ("由调解员协商", "with a mediator"),
    "cancelled": ("已取消", "cancelled"),
    "certified": ("已确认", "certified"),
    "closed": ("已截止", "closed"),
    "committed": ("已提交", "committed"),
    "confirmed": ("已核对", "confirmed"),
    "counted": ("已计票", "counted"),
    "declined": ("未采纳", "declined"),
    "deleted": ("已删除", "deleted"),
    "draft": ("草稿", "a draft"),
    "ended": ("已结束", "ended"),
    "entered": ("已录入，待核对", "entered, not yet confirmed"),
    "filed": ("已提交", "filed"),
    "held": ("待审核", "waiting for review"),
    "hidden": ("已隐藏", "hidden"),
    "in_force": ("有效", "in force"),
    "listed": ("已列入投票名单", "on the list of a vote"),
    "maintained": ("保留异议", "maintained"),
    "merged": ("已合并", "merged"),
    "open": ("进行中", "open"),
    "pending": ("待处理", "waiting for an answer"),
    "preview": ("待确认", "being previewed"),
    "published": ("已公布", "published"),
    "refused": ("未采用", "refused"),
    "rejected": ("未通过", "rejected"),
    "revoked": ("已撤销", "revoked"),
    "screening": ("审核中", "being screened"),
    "settled": ("已达成协议", "settled"),
    "taken_up": ("已采纳", "taken up"),
    "undone": ("已撤销", "undone"),
    "unsealed": ("正在计票", "being counted"),
    "used": ("已使用", "used"),
    "void": ("已作废", "void"),
    "withdrawn": ("已撤回", "withdrawn"),
}
#: The same of other facts, by the name they have in sentences.
_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "state": _STATES,
    "choice": {"for": ("同意", "for"), "against": ("反对", "against"), "abstain": ("弃权", "to abstain")},
    "field": {
        "channel": ("联系方式", "how it was made"), "meets_at": ("面谈时间", "the time of a meeting"),
        "cost_items": ("费用明细", "cost items"),
    },
    "kind": {
        "consultation": ("意见征集", "consultation"), "residents_meeting": ("居民会议表决", "residents' meeting vote"),
        "representatives_meeting": ("居民代表会议表决", "representatives' meeting vote"),
        "owners_decision": ("业主共同决定", "owners' joint decision"),
    },
}  # fmt: skip


def spoken(name: str, value: object, language: str) -> str:
    """A fact as a sentence in ``zh-CN`` or ``en`` says it.

    Args:
        name: what the fact is called in the sentence.
        value: a moment, also in ISO 8601, is said in Beijing's time; a list one after the other; the word of a state in
            words; anything else as it is.
        language: of the sentence.
    """
    chinese = language.startswith("zh")
    if isinstance(value, list):
        return ("、" if chinese else ", ").join(spoken(name, each, language) for each in value)
    if isinstance(value, str):
        if name in _WORDS and value in _WORDS[name]:
            return _WORDS[name][value][0 if chinese else 1]
        if _MOMENT.fullmatch(value):
            return moment(dt.datetime.fromisoformat(value), language)
        if _DAY.fullmatch(value):
            return day(dt.date.fromisoformat(value), language)
    return str(value)


def moment(at: dt.datetime, language: str) -> str:
    """A moment in Beijing: ``2026年12月10日 14:20``, ``10 Dec 2026, 14:20``."""
    local = at.astimezone(BEIJING)
    return f"{day(local.date(), language)}{' ' if language.startswith('zh') else ', '}{local:%H:%M}"


def day(on: dt.date, language: str) -> str:
    """A day: ``2026年12月10日``, ``10 Dec 2026``."""
    if language.startswith("zh"):
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"
