"""The words of a project's story, in both languages. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.zone import BEIJING
from app.funding.rules import WHOLE
from app.overview.story import Fact, Step, StepKind, StepState, Who
from app.projects.rules import RejectionCode
from app.results.rules import percent, yuan_words

#: (title, detail) in Chinese and in English; what stands in braces are the step's facts.
_STEPS: Mapping[StepKind, tuple[tuple[str, str], tuple[str, str]]] = {
    StepKind.RAISED_BY_MEETING: (
        ("{meeting_kind}提出", "表决：{votes_for} 票赞成，{votes_against} 票反对，{abstentions} 票弃权"),
        (
            "Raised by {meeting_kind}",
            "The vote: {votes_for} for, {votes_against} against, {abstentions} abstained",
        ),
    ),
    StepKind.RAISED_BY_IDEA: (("居民提出", "{reference}"), ("A resident's idea", "{reference}")),
    StepKind.RAISED_BY_STAFF: (("居委会提出", "{reference}"), ("Raised by the committee", "{reference}")),
    StepKind.PUBLISHED: (
        ("审核后公布", "造价和地点已核对"),
        ("Reviewed and published", "Cost and place were checked"),
    ),
    StepKind.REJECTED: (("未采纳", ""), ("Not taken up", "")),
    StepKind.WITHDRAWN: (("已撤回", ""), ("Taken back", "")),
    StepKind.REOPENED: (("重新审核", ""), ("Taken up again", "")),
    StepKind.LISTED: (
        ("列入投票", "{round} · 共 {projects} 个项目"),
        ("On the list of a vote", "{round} · {projects} projects"),
    ),
    StepKind.VOTE_CANCELLED: (("投票没有完成", "{round}"), ("The vote was ended", "{round}")),
    StepKind.VOTING: (("投票", ""), ("The vote", "")),
    StepKind.COUNTING: (("正在计票", ""), ("Counting", "")),
    StepKind.PLACED: (
        ("投票第 {place} 名，入选", "{backers} 人选了它，{first_choices} 人排第一；共 {ballots} 张选票"),
        (
            "Number {place} in the vote: in",
            "{backers} chose it, {first_choices} put it first; {ballots} ballots in all",
        ),
    ),
    StepKind.NOT_PLACED: (
        (
            "投票第 {place} 名，未入选",
            "{backers} 人选了它，{first_choices} 人排第一；共 {ballots} 张选票",
        ),
        (
            "Number {place} in the vote: not in",
            "{backers} chose it, {first_choices} put it first; {ballots} ballots in all",
        ),
    ),
    StepKind.NOTICE: (("公示 {days} 天", ""), ("Public notice, {days} days", "")),
    StepKind.CERTIFYING: (
        ("等居委会确认结果", "公示期已满"),
        ("The committee is to confirm the result", "The public notice is over"),
    ),
    StepKind.CERTIFIED: (("结果确认", "公示期满"), ("The result stands", "The public notice is over")),
    StepKind.REQUESTED: (
        ("申请资金", "{number} 号申请，共 {cost}"),
        ("Money is requested", "Request no. {number}, {cost} in all"),
    ),
    StepKind.RESERVE: (
        ("候补第 {number} 位", "前面的项目办不成，或者有新的资金时递补；也可以列入下一次投票"),
        (
            "On the reserve list, number {number}",
            "It moves up when another project fails or more money comes; it can also be voted on again",
        ),
    ),
    StepKind.RECEIVED: (("街道收到申请", ""), ("The sub-district has the request", "")),
    StepKind.ACCEPTED: (("街道受理", ""), ("The sub-district took it on", "")),
    StepKind.RETURNED: (("退回修改", ""), ("Sent back for correction", "")),
    StepKind.APPROVED: (("批准，政府出资 {amount}", ""), ("Approved: governments pay {amount}", "")),
    StepKind.APPROVED_IN_PART: (
        ("部分批准，政府出资 {amount}", "申请的是 {asked}，还差 {short}"),
        ("Approved in part: governments pay {amount}", "{asked} was asked for; {short} is missing"),
    ),
    StepKind.DECLINED: (("未获批准", ""), ("Declined", "")),
    StepKind.DEFERRED: (("推迟到 {year} 年", ""), ("Put off to {year}", "")),
    StepKind.GO_AHEAD: (
        ("同意先行实施", "先用自己的钱和劳力开始，以后逐项报销"),
        ("Go-ahead", "Begin with own money and labour; it is paid back item by item"),
    ),
    StepKind.DISTRICT_AGREED: (("区统筹办同意", "转主管部门"), ("The district's office agrees", "The bureau is next")),
    StepKind.BUREAU_AGREED: (("主管部门同意", "转财政部门"), ("The bureau agrees", "Finance is next")),
    StepKind.RELEASED: (("放行，可以开工", ""), ("Released: work may begin", "")),
    StepKind.TO_BE_LISTED: (("等待列入投票", ""), ("Waiting for a vote", "")),
    StepKind.TO_BE_RECEIVED: (
        ("等街道接收", "{number} 号申请"),
        ("The sub-district is to receive it", "Request no. {number}"),
    ),
    StepKind.TO_BE_ACCEPTED: (
        ("街道审核中", "{number} 号申请"),
        ("The sub-district is looking at it", "Request no. {number}"),
    ),
    StepKind.TO_BE_APPROVED: (
        ("区统筹办审核中", "{number} 号申请"),
        ("The district's coordinating office is looking at it", "Request no. {number}"),
    ),
    StepKind.TO_BE_JUDGED: (
        ("主管部门审核中", "{number} 号申请"),
        ("The bureau is looking at it", "Request no. {number}"),
    ),
    StepKind.TO_BE_FINANCED: (
        ("财政部门审核中", "{number} 号申请"),
        ("Finance is looking at it", "Request no. {number}"),
    ),
    StepKind.TO_BE_ANSWERED: (
        ("等居委会答复", "接受批准的部分，或者说明理由再申请"),
        ("The committee is to answer", "It takes the part, or asks again with reasons"),
    ),
    StepKind.TO_BE_RELEASED: (
        ("等街道放行", "放行后可以开工"),
        ("The sub-district is to release it", "Then work may begin"),
    ),
    StepKind.TO_BE_CORRECTED: (("等居委会修改后重报", ""), ("The committee is to correct and resend it", "")),
    StepKind.TO_COME_BACK: (("{year} 年自动再次申请", ""), ("It is requested again by itself in {year}", "")),
    StepKind.TO_BE_PAID: (("等待拨款", ""), ("Waiting for the money", "")),
    StepKind.TO_BE_REPAID: (("先行实施，等待报销", ""), ("Begun; waiting to be paid back", "")),
    StepKind.VOTE_TO_COME: (("投票", "列入名单后由居民排序"), ("Vote", "Residents rank it once it is on a list")),
    StepKind.NOTICE_TO_COME: (
        ("公示", "结果公示期间可以提出异议"),
        ("Public notice", "Residents may object while the result hangs out"),
    ),
    StepKind.NEGOTIATION_TO_COME: (
        ("协商", "有住户提出异议时"),
        ("Negotiation", "Where households object"),
    ),
    StepKind.FUNDING_TO_COME: (("拨款", "街道和区审核后"), ("Money", "After sub-district and district agree")),
    StepKind.WORKS_TO_COME: (("实施", "开工前通知受影响的住户"), ("Works", "Households nearby are told before")),
    StepKind.ASSESSMENT_TO_COME: (("评议", "办得怎么样，居民说了算"), ("Assessment", "Residents say how it went")),
}  # fmt: skip

#: Where a project stands, in a few characters to stand in a corner.
_STAGES: Mapping[StepKind, tuple[str, str]] = {
    StepKind.RAISED_BY_MEETING: ("待审核", "In review"),
    StepKind.RAISED_BY_IDEA: ("待审核", "In review"),
    StepKind.RAISED_BY_STAFF: ("待审核", "In review"),
    StepKind.PUBLISHED: ("已公布", "Published"),
    StepKind.REJECTED: ("未采纳", "Not taken up"),
    StepKind.WITHDRAWN: ("已撤回", "Taken back"),
    StepKind.REOPENED: ("待审核", "In review"),
    StepKind.LISTED: ("待投票", "Vote to come"),
    StepKind.TO_BE_LISTED: ("待投票", "Vote to come"),
    StepKind.VOTE_CANCELLED: ("投票没有完成", "Vote ended"),
    StepKind.VOTING: ("投票中", "Vote open"),
    StepKind.COUNTING: ("计票中", "Counting"),
    StepKind.PLACED: ("入选", "In"),
    StepKind.NOT_PLACED: ("未入选", "Not in"),
    StepKind.NOTICE: ("公示中", "Public notice"),
    StepKind.CERTIFYING: ("待确认", "To be confirmed"),
    StepKind.CERTIFIED: ("已确认", "Confirmed"),
    StepKind.REQUESTED: ("待受理", "Requested"),
    StepKind.RESERVE: ("候补", "Reserve"),
    StepKind.TO_BE_RECEIVED: ("待受理", "Requested"),
    StepKind.TO_BE_ACCEPTED: ("街道审核中", "With the sub-district"),
    StepKind.TO_BE_APPROVED: ("区审核中", "With the district"),
    StepKind.TO_BE_JUDGED: ("主管部门审核中", "With the bureau"),
    StepKind.TO_BE_FINANCED: ("财政审核中", "With finance"),
    StepKind.TO_BE_ANSWERED: ("待居委会答复", "To be answered"),
    StepKind.TO_BE_RELEASED: ("待放行", "To be released"),
    StepKind.TO_BE_CORRECTED: ("待修改", "Being corrected"),
    StepKind.DECLINED: ("未获批准", "Declined"),
    StepKind.TO_COME_BACK: ("已推迟", "Put off"),
    StepKind.TO_BE_PAID: ("待拨款", "Waiting for money"),
    StepKind.TO_BE_REPAID: ("先行实施", "Go-ahead"),
}

_MEETINGS: Mapping[str, tuple[str, str]] = {
    "residents": ("居民会议", "a residents' meeting"),
    "representatives": ("居民代表会议", "a meeting of representatives"),
    "council": ("居民议事会", "the residents' council"),
}

_REJECTIONS: Mapping[RejectionCode, tuple[str, str]] = {
    RejectionCode.PRIVATE_BENEFIT: ("只惠及个别人", "It serves a few people only"),
    RejectionCode.SOMEBODY_ELSE_LIABLE: ("另有责任人", "Somebody else has to do it"),
    RejectionCode.GOVERNMENT_DUTY: ("属于政府本职", "It is the government's own duty"),
    RejectionCode.INFRINGES_RIGHTS: ("会侵犯他人权利", "It would infringe rights"),
    RejectionCode.DUPLICATE: ("与其他项目重复", "There is such a project already"),
    RejectionCode.NOT_FEASIBLE: ("做不到", "It cannot be done"),
    RejectionCode.OTHER: ("其他原因", "Another reason"),
}

_MONEY_FACTS = frozenset({"cost", "amount", "asked", "short"})


@dataclass(frozen=True)
class Names:
    """What those who act are called."""

    subdistrict: str
    district: str


def at(language: str) -> int:
    """Which of two words."""
    return 0 if language.startswith("zh") else 1


def title_and_detail(step: Step, language: str) -> tuple[str, str]:
    """A step in words; the detail may be empty."""
    facts: dict[str, Fact] = {
        name: yuan_words(value, language) if name in _MONEY_FACTS and isinstance(value, int) else value
        for name, value in step.facts.items()
    }
    if "meeting_kind" in facts:
        facts["meeting_kind"] = _MEETINGS[str(facts["meeting_kind"])][at(language)]
    title, detail = _STEPS[step.kind][at(language)]
    if step.kind is StepKind.RAISED_BY_IDEA and "endorsements" in facts:
        by = (
            ("{authors} 位居民提出，", "proposed by {authors}, ")
            if int(facts.get("authors", 1)) > 1
            else ("", "")
        )
        detail = (
            "{reference}，" + by[0] + "{endorsements} 人附议",
            "{reference}, " + by[1] + "endorsed by {endorsements}",
        )[at(language)]
    if step.kind is StepKind.RAISED_BY_MEETING and "votes_for" not in facts:
        detail = ""
    return title.format_map(facts), detail.format_map(facts)


def stage(kind: StepKind, language: str) -> str:
    """Where a project stands."""
    return _STAGES[kind][at(language)]


def who(step: Step, names: Names, language: str) -> str | None:
    """Who is responsible for a step, by name."""
    zh = language.startswith("zh")
    words = {
        Who.RESIDENTS: "居民" if zh else "residents",
        Who.COMMITTEE: "居委会" if zh else "the committee",
        Who.SUBDISTRICT: names.subdistrict,
        Who.DISTRICT: f"{names.district}统筹办" if zh else f"coordinating office of {names.district}",
        Who.BUREAU: f"{names.district}主管部门" if zh else f"the bureau of {names.district}",
        Who.FINANCE: f"{names.district}财政部门" if zh else f"the finance bureau of {names.district}",
        Who.MEDIATOR: "调解员" if zh else "the mediator",
        Who.BUILDER: "施工或服务单位" if zh else "whoever builds or serves",
    }
    return ("、" if zh else ", ").join(words[each] for each in step.who) or None


def reason(step: Step, language: str) -> str | None:
    """Why, in the words of those who decided, after the kind of reason where there is one."""
    if step.reason_code is None:
        return step.reason
    kind = _REJECTIONS[RejectionCode(step.reason_code)][at(language)]
    joint = "：" if language.startswith("zh") else ": "
    return f"{kind}{joint}{step.reason}" if step.reason else kind


def waiting(step: Step, now: dt.datetime, language: str) -> str | None:
    """How long everybody has been waiting, in days; nothing on the first day."""
    if step.state is not StepState.NOW or step.waiting_since is None:
        return None
    days = (now.astimezone(BEIJING).date() - step.waiting_since.astimezone(BEIJING).date()).days
    if days < 1:
        return None
    if language.startswith("zh"):
        return f"已等 {days} 天" + ("，比通常要久" if step.late_since else "")
    return f"waiting for {days} days" + (", longer than usual" if step.late_since else "")


def objections(households: int | None, language: str) -> str:
    """How many households object, where that may be said."""
    if households is None:
        return (
            "异议少于 5 件或住户太少时，不公开件数",
            "Below five objections, or where few households live, the number is not published",
        )[at(language)]
    return (f"约 {households} 户提出异议", f"About {households} households object")[at(language)]


def payer(party: str, names: Names, language: str) -> str:
    """Who carries a part of the cost."""
    if party == "community":
        return ("居民自筹", "Residents")[at(language)]
    return names.subdistrict if party == "subdistrict" else names.district


def share(part: int, whole: int) -> str:
    """A part of the cost in percent, ``30`` or ``33.3``."""
    return percent(part, whole).removesuffix(".0")


def policy_source(
    *, division: str | None, since: dt.date, source: str, shares: Sequence[int], language: str
) -> str:
    """Where the division of the cost comes from; ``shares`` in ten-thousandths: community, district, sub-district."""
    community, district, subdistrict = shares
    own, public = share(community, WHOLE), share(WHOLE - community, WHOLE)
    above, near = share(district, WHOLE), share(subdistrict, WHOLE)
    split = (
        f"居民 {own}%，政府 {public}%（其中区 {above}%、街道 {near}%）",
        f"residents {own} %, governments {public} % (of which district {above} %, sub-district {near} %)",
    )[at(language)]
    if division is None:
        return (f"按通常的分摊：{split}", f"The usual shares: {split}")[at(language)]
    return (
        f"按{division}的分摊办法（{since.year} 年 {since.month} 月 {since.day} 日起，{source}）：{split}",
        f"By the policy of {division} (since {since.isoformat()}, {source}): {split}",
    )[at(language)]
