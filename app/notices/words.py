"""What notices say, in both languages, in one place. No names of people, no words of the system."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.zone import BEIJING
from app.notices.rules import Fact, Facts, Kind, Topic


@dataclass(frozen=True)
class Words:
    """A title and a sentence."""

    title: str
    text: str


TOPICS: Mapping[Topic, tuple[str, str]] = {
    Topic.VOTE: ("投票", "Vote"),
    Topic.RESULT: ("结果", "Result"),
    Topic.PROJECT: ("项目", "Projects"),
    Topic.MONEY: ("资金", "Money"),
    Topic.MINUTES: ("会议", "Meeting"),
    Topic.IDEA: ("建议", "Ideas"),
    Topic.YOU: ("与您有关", "About you"),
}

_ZH: Mapping[Kind, Words] = {
    Kind.ROUND_PUBLISHED: Words(
        "项目名单公布了：{title}", "{opens_at} 开始投票，{closes_at} 截止。可以先看看有哪些项目、各要多少钱。"
    ),
    Kind.ROUND_OPENED: Words("可以投票了：{title}", "{closes_at} 截止。截止前可以随时改，以最后一次为准。"),
    Kind.ROUND_CLOSING: Words("快截止了：{title}", "{closes_at} 截止。还没投的，一分钟就能投完。"),
    Kind.ROUND_CLOSED: Words("投票结束了：{title}", "正在计票，结果出来后会通知大家。"),
    Kind.ROUND_ENDED: Words("{title}：{state}", "这次投票没有结果，原因写在投票页面上。"),
    Kind.RESULT_ANNOUNCED: Words(
        "结果出来了：{title}", "哪些项目排在前面、钱到哪里用完，每个项目都写明了理由。现在公示，可以提意见。"
    ),
    Kind.RESULT_CERTIFIED: Words(
        "结果定了：{title}", "公示期满，下一步向街道申请资金，进展会在这里告诉大家。"
    ),
    Kind.DECISION_ANNOUNCED: Words("表决结果出来了：{title}", "{passed}。票数和面积怎么算的，页面上都有。"),
    Kind.DECISION_CERTIFIED: Words("表决结果生效：{title}", "公示期满，{passed}。"),
    Kind.PROJECTS_PUBLISHED: Words("新公布了 {count} 个项目", "有《{title}》等，可以看照片、造价和地点。"),
    Kind.FUNDING_DECIDED: Words("《{title}》：{decision}", "{amount}点开看每一步到了哪里、由谁负责。"),
    Kind.MEETING_CALLED: Words("要开会了：{title}", "{begins_at}，地点：{place}。可以先看看要议什么。"),
    Kind.MEETING_CHANGED: Words(
        "会议有变动：{title}", "现在定在 {begins_at}，地点：{place}。点开看改后的议题。"
    ),
    Kind.MEETING_CANCELLED: Words(
        "会议取消了：{title}", "原定 {begins_at}，地点：{place}。现在不开了，原因：{reason}"
    ),
    Kind.MINUTES_PUBLISHED: Words("会议纪要{corrected}：{title}", "会上说了什么、定了什么，都在里面。"),
    Kind.OBJECTION_MOVED: Words("您提的异议：{step}", "不急，想好了再答。您可以一直保留异议。"),
    Kind.VOLUNTEER_ACCEPTED: Words(
        "有一户邻居请您帮忙协商", "从现在起您可以看到这一件事，结束以后就看不到了。请为他们保密。"
    ),
    Kind.REGISTRATION_APPROVED: Words("您的住处登记通过了", "您现在是{community}登记的住户，可以参加投票。"),
    Kind.REGISTRATION_REJECTED: Words("您的住处登记没有通过", "{community}居委会的答复：{reason}"),
    Kind.IDEA_PUBLISHED: Words("您的建议公布了：{title}", "邻居们可以看到、评论和附议了。"),
    Kind.IDEA_REJECTED: Words("您的建议没有公布：{title}", "原因：{reason}"),
    Kind.IDEA_ENDORSED_ENOUGH: Words(
        "建议《{title}》附议够了", "已有 {endorsements} 人附议，居委会会看能不能做成项目，并给出答复。"
    ),
    Kind.IDEA_TAKEN_UP: Words(
        "建议《{title}》变成了项目", "居委会采纳了，接下来算造价、列进名单、由大家投票。"
    ),
    Kind.IDEA_DECLINED: Words("建议《{title}》没有采纳", "居委会的答复：{reason}"),
    Kind.IDEA_MERGED: Words(
        "建议《{title}》并到了《{into_title}》", "提议人和附议都保留；不同意的可以把附议收回来。"
    ),
    Kind.COMMENT_PUBLISHED: Words("《{title}》有新的留言", "{by_staff}在《{title}》下面说了话，点开看看。"),
    Kind.COMMENT_SHOWN: Words("您的留言公布了", "您在《{title}》下面的留言，邻居们看得到了。"),
    Kind.COMMENT_REJECTED: Words("您的留言没有公布", "您在《{title}》下面的留言没有公布，原因：{reason}"),
    Kind.COMMENT_HIDDEN: Words("您的留言不再显示", "您在《{title}》下面的留言不再显示，原因：{reason}"),
    Kind.WECHAT_REBOUND: Words("您的账号换了微信绑定", "如果不是您本人操作，请马上给居委会打电话。"),
    Kind.PRIVATE_REPLY: Words("一条私密回复", "点开后才显示内容。"),
}

_EN: Mapping[Kind, Words] = {
    Kind.ROUND_PUBLISHED: Words(
        "The list is out: {title}",
        "Voting: from {opens_at} until {closes_at}. See the projects and what each costs.",
    ),
    Kind.ROUND_OPENED: Words(
        "You can vote now: {title}",
        "Until {closes_at}. You can change your ballot until then; the last one counts.",
    ),
    Kind.ROUND_CLOSING: Words(
        "Closing soon: {title}", "Until {closes_at}. Not voted yet? It takes a minute."
    ),
    Kind.ROUND_CLOSED: Words("Voting has ended: {title}", "It is being counted; you will hear the result."),
    Kind.ROUND_ENDED: Words("{title}: {state}", "There is no result; the reason is on the page of the vote."),
    Kind.RESULT_ANNOUNCED: Words(
        "The result is out: {title}",
        "Which projects lead, where the money ends, and the reason for each. It is on public notice; you may object.",
    ),
    Kind.RESULT_CERTIFIED: Words(
        "The result stands: {title}",
        "The public notice is over. Next the money is applied for; you will hear of it.",
    ),
    Kind.DECISION_ANNOUNCED: Words(
        "The owners' vote is counted: {title}", "{passed}. The page says how it was counted."
    ),
    Kind.DECISION_CERTIFIED: Words(
        "The owners' decision stands: {title}", "The public notice is over. {passed}."
    ),
    Kind.PROJECTS_PUBLISHED: Words(
        "New on the list: {count}", "Among them “{title}”. See photos, cost and place."
    ),
    Kind.FUNDING_DECIDED: Words(
        "“{title}”: {decision}", "{amount}See every step, its date and who is responsible."
    ),
    Kind.MEETING_CALLED: Words(
        "A meeting is called: {title}", "{begins_at}. Place: {place}. See what is on the agenda."
    ),
    Kind.MEETING_CHANGED: Words(
        "A meeting was changed: {title}",
        "It is now to be on {begins_at}. Place: {place}. See the agenda as it is now.",
    ),
    Kind.MEETING_CANCELLED: Words(
        "A meeting is cancelled: {title}", "It was to be on {begins_at}. Place: {place}. The reason: {reason}"
    ),
    Kind.MINUTES_PUBLISHED: Words(
        "Minutes {corrected}: {title}", "What was said at the meeting and what was resolved."
    ),
    Kind.OBJECTION_MOVED: Words(
        "Your objection: {step}", "No hurry to answer. You may keep objecting as long as you like."
    ),
    Kind.VOLUNTEER_ACCEPTED: Words(
        "A household would like your help",
        "From now on you see this one matter, until it ends. Please keep to yourself what you read.",
    ),
    Kind.REGISTRATION_APPROVED: Words(
        "Your registration was accepted", "You are registered in {community} and can take part in its votes."
    ),
    Kind.REGISTRATION_REJECTED: Words(
        "Your registration was not accepted", "The committee of {community} says: {reason}"
    ),
    Kind.IDEA_PUBLISHED: Words(
        "Your idea is public: {title}", "Neighbours can read, discuss and endorse it."
    ),
    Kind.IDEA_REJECTED: Words("Your idea was not published: {title}", "The reason: {reason}"),
    Kind.IDEA_ENDORSED_ENOUGH: Words(
        "Enough people endorse “{title}”",
        "{endorsements} neighbours endorse it. The committee looks at whether it can be done, and will answer.",
    ),
    Kind.IDEA_TAKEN_UP: Words(
        "“{title}” becomes a project", "The committee took it up. Next come its cost, the list, and the vote."
    ),
    Kind.IDEA_DECLINED: Words("“{title}” was not taken up", "The committee says: {reason}"),
    Kind.IDEA_MERGED: Words(
        "“{title}” goes on as “{into_title}”", "Authors and endorsements are kept; you can take yours back."
    ),
    Kind.COMMENT_PUBLISHED: Words("A new comment on “{title}”", "{by_staff} said something about “{title}”."),
    Kind.COMMENT_SHOWN: Words("Your comment is public", "Neighbours can read what you said about “{title}”."),
    Kind.COMMENT_REJECTED: Words(
        "Your comment was not published", "What you said about “{title}” is not shown. The reason: {reason}"
    ),
    Kind.COMMENT_HIDDEN: Words(
        "Your comment is hidden", "What you said about “{title}” is shown no more. The reason: {reason}"
    ),
    Kind.WECHAT_REBOUND: Words(
        "Your account is bound to another WeChat user",
        "If that was not you, please call the committee at once.",
    ),
    Kind.PRIVATE_REPLY: Words("A private reply", "It shows what it is about once you open it."),
}

#: Rounds whose votes are signed ask a question and have no list.
_RECORDED: Mapping[Kind, tuple[Words, Words]] = {
    Kind.ROUND_PUBLISHED: (
        Words("要表决的事公布了：{title}", "{opens_at} 开始表决，{closes_at} 截止。可以先看看要表决什么。"),
        Words(
            "A question to owners: {title}", "Voting: from {opens_at} until {closes_at}. See what is asked."
        ),
    ),
    Kind.ROUND_OPENED: (
        Words("可以表决了：{title}", "{closes_at} 截止。这次表决按法律是记名的，截止前可以改。"),
        Words(
            "You can vote now: {title}",
            "Until {closes_at}; it can be changed. By law this vote is signed.",
        ),
    ),
    Kind.ROUND_CLOSING: (
        Words("快截止了：{title}", "{closes_at} 截止。还没表决的业主请抽空表决。"),
        Words("Closing soon: {title}", "Until {closes_at}. Owners who have not voted yet, please do."),
    ),
}

#: What a fact says, where it is one word of a few: (fact, value) -> (Chinese, English).
_SPOKEN: Mapping[tuple[str, Fact], tuple[str, str]] = {
    ("state", "cancelled"): ("已取消", "cancelled"),
    ("state", "void"): ("已作废", "declared void"),
    ("passed", True): ("表决通过", "It passed"),
    ("passed", False): ("表决没有通过", "It did not pass"),
    ("corrected", True): ("有更正", "corrected"),
    ("corrected", False): ("公布了", "published"),
    ("by_staff", True): ("居委会", "The committee"),
    ("by_staff", False): ("邻居", "A neighbour"),
    ("step", "acknowledged"): ("有人看到了", "somebody has seen it"),
    ("step", "assigned"): ("有了调解员", "a mediator was named"),
    ("step", "offered"): ("有了新方案", "there is a new offer"),
    ("step", "responded"): ("调解员回复了", "the mediator has answered"),
    ("step", "meeting_planned"): ("约了一次面谈", "a meeting was planned"),
    ("step", "meeting_moved"): ("面谈改了时间", "the meeting was moved"),
    ("step", "meeting_called_off"): ("面谈取消了", "the meeting was called off"),
    ("step", "volunteer_proposed"): ("推荐了一位志愿者", "a volunteer was proposed"),
    ("step", "complaint_answered"): ("投诉有了答复", "your complaint was answered"),
    ("decision", "received"): ("街道收到了申请", "the application was received"),
    ("decision", "returned"): ("要补充材料", "more papers are needed"),
    ("decision", "accepted"): ("申请受理了", "the application was accepted"),
    ("decision", "approved"): ("资金批准了", "the money was approved"),
    ("decision", "approved_in_part"): ("资金批准了一部分", "part of the money was approved"),
    ("decision", "declined"): ("没有批准", "the money was declined"),
    ("decision", "deferred"): ("推迟到下一年度再议", "put off to another year"),
    ("decision", "go_ahead"): ("可以先做，之后报销", "it may begin, and be paid back later"),
    ("decision", "released"): ("可以开工了", "work may begin"),
}
_TIMES = frozenset({"opens_at", "closes_at", "begins_at"})
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def say(kind: Kind, facts: Facts, language: str) -> Words:
    """The title and the sentence of a notice, in ``zh-CN`` or ``en``."""
    chinese = language.startswith("zh")
    words = (_ZH if chinese else _EN)[kind]
    if facts.get("recorded") is True and kind in _RECORDED:
        words = _RECORDED[kind][0 if chinese else 1]
    spoken = {name: _spoken(name, value, chinese=chinese) for name, value in facts.items()}
    spoken["amount"] = _amount(facts.get("amount_fen"), chinese=chinese)
    return Words(words.title.format_map(spoken), words.text.format_map(spoken))


def label_of(topic: Topic, language: str) -> str:
    """The label of a topic."""
    return TOPICS[topic][0 if language.startswith("zh") else 1]


def moment(at: dt.datetime, *, chinese: bool) -> str:
    """A time of day in Beijing, as people say it."""
    there = at.astimezone(BEIJING)
    hour = f"{there.hour:02d}:{there.minute:02d}"
    if chinese:
        return f"{there.month}月{there.day}日 {hour}"
    return f"{there.day} {_MONTHS[there.month - 1]}, {hour}"


def _spoken(name: str, value: Fact, *, chinese: bool) -> str:
    if name in _TIMES:
        return moment(dt.datetime.fromisoformat(str(value)), chinese=chinese)
    found = _SPOKEN.get((name, value))
    return str(value) if found is None else found[0 if chinese else 1]


def _amount(fen: Fact | None, *, chinese: bool) -> str:
    if not isinstance(fen, int) or fen <= 0:
        return ""
    yuan, rest = divmod(fen, 100)
    figure = f"{yuan:,}" + (f".{rest:02d}" if rest else "")
    return f"批准 {figure} 元。" if chinese else f"{figure} yuan approved. "
