"""What two people should know before they publish a round, and what keeps them from it. Pure."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.errors import DomainError
from app.core.zone import BEIJING
from app.rounds.errors import ForcedOverBudget, NobodyOnTheRoll, NothingToVoteOn, ProjectsGone
from app.rounds.holidays import holiday
from app.rounds.rules import KindRule, PaperPolicy, RoundKind, check_dates

#: Votes of fewer days reach those alone who look at their phones every day.
SHORT_DAYS = 3
#: Nobody should have to vote, or to answer for what happens, at night (as reminders, `app.notices.rules`).
NIGHT_FROM_HOUR, NIGHT_TO_HOUR = 21, 8


class Weight(StrEnum):
    """How much a finding matters."""

    #: The round cannot be published so.
    STOPS = "stops"
    #: It can; somebody should have thought of it.
    WARNS = "warns"


#: What is said of each finding that only warns: Chinese, English, with facts in braces.
WORDS: Mapping[str, tuple[str, str]] = {
    "opens_on_holiday": ("开始那天是{day_zh}假期，来电来访可能没人接待。", "It opens on {day_en}: nobody may answer."),
    "closes_on_holiday": ("截止那天是{day_zh}假期，很多人不在家。", "It closes on {day_en}: many are away."),
    "opens_at_night": ("开始时间在晚上 9 点到早上 8 点之间。", "It opens between 21:00 and 08:00."),
    "closes_at_night": ("截止时间在晚上 9 点到早上 8 点之间。", "It closes between 21:00 and 08:00."),
    "short_voting": (
        "投票只有 {hours} 小时，不常看手机的人来不及。",
        "Voting lasts {hours} hours: who seldom looks at a phone will miss it.",
    ),
    "overlaps": (
        "同一时间还有“{title}”（{from_} 至 {until}），居民可能分不清。",
        "“{title}” runs at the same time ({from_} to {until}): residents may mix them up.",
    ),
    "everything_fits": (
        "全部项目加起来没有超过总金额，投票决定不了取舍。",
        "All projects together cost no more than the budget: nothing is decided.",
    ),
    "nothing_fits": ("项目“{title}”的造价超过总金额，选上了也付不起。", "“{title}” costs more than the whole budget."),
    "costs_changed": (
        "“{title}”的造价在加入名单后改过，公布时按现在的 {yuan} 元计。",
        "The cost of “{title}” has changed since; {yuan} yuan is what will be published.",
    ),
    "already_won": (
        "“{title}”在以前的投票里已入选，资金已申请或已获批准，不用再投。",
        "“{title}” won an earlier vote; its money is asked for or granted, and it needs no other vote.",
    ),
    "on_another_list": (
        "“{title}”已在“{round}”的名单上，那轮投票还没有结束。",
        "“{title}” is on the list of “{round}”, and that vote is not over.",
    ),
    "no_paper": (
        "没有纸质投票，不用手机的人只能凭一次性投票码请人帮忙。",
        "There is no paper: who has no phone needs a one-time code and somebody's help.",
    ),
    "short_notice": (
        "公告期短于法定 {days} 天，公布时会写明原因。",
        "The notice is shorter than the law's {days} days; your reason is made public.",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """Something to know before a round is published."""

    code: str
    weight: Weight
    facts: Mapping[str, str | int] = field(default_factory=dict)
    #: Where publishing itself would refuse: what it would say.
    refusal: DomainError | None = None

    def sentence(self, language: str) -> str:
        """In words."""
        if self.refusal is not None:
            return self.refusal.sentence(language)
        zh, en = WORDS[self.code]
        return (zh if language.startswith("zh") else en).format_map(dict(self.facts))


@dataclass(frozen=True)
class Listed:
    """A project of the list: what it cost when it was put there, and what it costs now; none if it is gone."""

    title: str
    cost_then_fen: int
    cost_now_fen: int | None
    forced_in: bool
    #: It won an earlier vote.
    won: bool = False
    #: Titles of other published rounds that are not over and have it on their lists.
    elsewhere: Sequence[str] = ()


@dataclass(frozen=True)
class Other:
    """Another round in which some of the same residents vote."""

    title: str
    opens_at: dt.datetime
    closes_at: dt.datetime


@dataclass(frozen=True)
class Plan:
    """A draft, as far as it is checked here."""

    kind: RoundKind
    law: KindRule
    recorded: bool
    opens_at: dt.datetime
    closes_at: dt.datetime
    short_notice_reason: str | None
    budget_fen: int | None
    paper: PaperPolicy
    listed: Sequence[Listed]
    may_vote: int
    others: Sequence[Other]


def findings(plan: Plan, *, now: dt.datetime) -> list[Finding]:
    """Everything to know about a draft: what stops it first."""
    stops = [
        finding
        for check in (_list_there, _dates_right, _somebody_there, _budget_pays)
        for finding in _stopped(check, plan, now)
    ]
    return [*stops, *_of_dates(plan, now), *_of_lists(plan), *_of_money(plan), *_of_paper(plan)]


def _stopped(check: Callable[[Plan, dt.datetime], None], plan: Plan, now: dt.datetime) -> list[Finding]:
    try:
        check(plan, now)
    except DomainError as error:
        return [Finding(type(error).code, Weight.STOPS, refusal=error)]
    return []


def _list_there(plan: Plan, _now: dt.datetime) -> None:
    if not plan.listed and not plan.recorded:
        raise NothingToVoteOn
    if gone := [each.title for each in plan.listed if each.cost_now_fen is None]:
        raise ProjectsGone(titles="、".join(gone))


def _dates_right(plan: Plan, now: dt.datetime) -> None:
    check_dates(
        kind=plan.kind, opens_at=plan.opens_at, closes_at=plan.closes_at, published_at=now,
        short_notice_reason=plan.short_notice_reason,
    )  # fmt: skip


def _somebody_there(plan: Plan, _now: dt.datetime) -> None:
    if not plan.may_vote:
        raise NobodyOnTheRoll


def _budget_pays(plan: Plan, _now: dt.datetime) -> None:
    forced = sum(each.cost_now_fen or 0 for each in plan.listed if each.forced_in)
    if plan.budget_fen is not None and forced > plan.budget_fen:
        raise ForcedOverBudget(cost_fen=forced)


def _of_dates(plan: Plan, now: dt.datetime) -> list[Finding]:
    found: list[Finding] = []
    for name, moment in (("opens", plan.opens_at), ("closes", plan.closes_at)):
        there = moment.astimezone(BEIJING)
        if (day := holiday(there.date())) is not None:
            found.append(_warning(f"{name}_on_holiday", day_zh=day.zh, day_en=day.en))
        if not dt.time(NIGHT_TO_HOUR) <= there.time() <= dt.time(NIGHT_FROM_HOUR):
            found.append(_warning(f"{name}_at_night"))
    length = plan.closes_at - plan.opens_at
    if dt.timedelta() < length < dt.timedelta(days=SHORT_DAYS):
        found.append(_warning("short_voting", hours=int(length / dt.timedelta(hours=1))))
    days = plan.law.notice_days
    if plan.short_notice_reason and plan.opens_at - now < dt.timedelta(days=days):
        found.append(_warning("short_notice", days=days))
    for other in plan.others:
        span = {"from_": _day(other.opens_at), "until": _day(other.closes_at)}
        found.append(_warning("overlaps", title=other.title, **span))
    return found


def _of_lists(plan: Plan) -> list[Finding]:
    won = [_warning("already_won", title=each.title) for each in plan.listed if each.won]
    return won + [
        _warning("on_another_list", title=each.title, round=title)
        for each in plan.listed
        for title in each.elsewhere
    ]


def _of_money(plan: Plan) -> list[Finding]:
    there = [(each, each.cost_now_fen) for each in plan.listed if each.cost_now_fen is not None]
    found = [
        _warning("costs_changed", title=each.title, yuan=f"{cost // 100:,}.{cost % 100:02d}")
        for each, cost in there
        if cost != each.cost_then_fen
    ]
    if plan.budget_fen is None or not there:
        return found
    found += [_warning("nothing_fits", title=each.title) for each, cost in there if cost > plan.budget_fen]
    if sum(cost for _, cost in there) <= plan.budget_fen:
        found.append(_warning("everything_fits"))
    return found


def _of_paper(plan: Plan) -> list[Finding]:
    return [] if plan.recorded or plan.paper is not PaperPolicy.NONE else [_warning("no_paper")]


def _warning(code: str, **facts: str | int) -> Finding:
    return Finding(code, Weight.WARNS, facts)


def _day(moment: dt.datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"
