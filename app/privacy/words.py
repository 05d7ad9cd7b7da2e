"""What the parts of somebody's data are called, in both languages."""

import datetime as dt
import re
from collections.abc import Mapping

from app.core.canonical import Plain
from app.core.zone import BEIJING
from app.notices.rules import Kind
from app.notices.words import say
from app.projects.rules import Category, category_words

#: kind of data -> (heading, where it comes from and why it is there), in Chinese and English.
SECTIONS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "account": {
        "zh-CN": ("账号", "您第一次登录时建立。手机号只以加密指纹保存，不存明文。"),
        "en": ("Account", "Made when you first signed in. Your number is kept as a keyed fingerprint only."),
    },
    "sign_ins": {
        "zh-CN": ("登录记录", "在哪些设备上登录过；结束 30 天后删除。"),
        "en": ("Sign-ins", "On which devices you signed in; deleted 30 days after they end."),
    },
    "consents": {
        "zh-CN": ("同意记录", "您同意过哪一版隐私说明。"),
        "en": ("Consents", "Which privacy notice you agreed to."),
    },
    "exports": {
        "zh-CN": ("导出记录", "什么时候导出过这份资料；30 天后删除。"),
        "en": ("Exports", "When this was taken along; deleted after 30 days."),
    },
    "memberships": {
        "zh-CN": ("居民名册", "居委会依法登记，用来确认谁可以投票。这里打码，完整内容和更正请找居委会。"),
        "en": ("Roster", "Kept by the committee by law, to know who may vote. Masked; the committee shows it whole."),
    },
    "registrations": {
        "zh-CN": ("自行登记", "您自己填写的住处登记。"),
        "en": ("Registrations", "Where you said yourself that you live."),
    },
    "paper_codes": {
        "zh-CN": ("纸质投票码", "居委会发给您的一次性投票码；码本身不保存。"),
        "en": ("Codes on paper", "One-time codes the committee issued to you; the codes themselves are not kept."),
    },
    "participations": {
        "zh-CN": ("参加投票", "参加过哪些投票、用什么方式。怎么投的没有记录；信封销毁后，是否参加也不再知道。"),
        "en": (
            "Votes",
            ("In which votes you took part, and by which way. How is not known to anybody; once the envelopes are "
            "destroyed, whether is not known either."),
        ),
    },
    "recorded_votes": {
        "zh-CN": ("记名表决", "业主共同决定依法记名，长期保存。"),
        "en": ("Recorded votes", "Owners' joint decisions are recorded by law, and kept."),
    },
    "proxies": {
        "zh-CN": ("委托", "您在业主表决中给出的委托。"),
        "en": ("Proxies", "Proxies you gave in owners' decisions."),
    },
    "objections": {
        "zh-CN": ("与您家有关的协商", "只有您家和指定的调解员、专员能看到。"),
        "en": ("Negotiations that concern your household", "For your household, the mediator and the officer alone."),
    },
    "volunteering": {
        "zh-CN": ("调解志愿者", "您愿意帮邻居协商的社区。"),
        "en": ("Volunteering", "Communities where you agreed to help neighbours negotiate."),
    },
    "ideas": {
        "zh-CN": ("建议", "您提出的建议。"),
        "en": ("Ideas", "Ideas you raised."),
    },
    "endorsements": {
        "zh-CN": ("附议", "您附议的建议。"),
        "en": ("Endorsements", "Ideas you endorsed."),
    },
    "comments": {
        "zh-CN": ("评论和意见", "您写下的话。"),
        "en": ("Comments", "What you wrote."),
    },
    "comment_reports": {
        "zh-CN": ("举报", "您举报过的评论。"),
        "en": ("Reports", "Comments you reported."),
    },
    "meetings_attended": {
        "zh-CN": ("到过的会", "签到名单由居委会存档，不公布。"),
        "en": ("Meetings you attended", "The list is in the committee's file and never published."),
    },
    "amendments": {
        "zh-CN": ("对会议纪要的更正意见", "您提出的更正意见和答复。"),
        "en": ("Corrections of minutes", "What you would have put right, and the answers."),
    },
    "notices": {
        "zh-CN": ("通知", "发给您本人的通知；一年后删除。"),
        "en": ("Notices", "What you were told; deleted after a year."),
    },
    "notice_settings": {
        "zh-CN": ("通知设置", "您希望怎样接到通知。"),
        "en": ("How you are told", "How you want to be told."),
    },
}  # fmt: skip

#: name of a value -> what it is called.
LABELS: Mapping[str, tuple[str, str]] = {
    "made_at": ("建立时间", "made"),
    "display_name": ("显示名称", "shown as"),
    "wechat_bound_at": ("微信绑定时间", "WeChat since"),
    "began_at": ("登录时间", "signed in"),
    "device": ("设备", "device"),
    "with_wechat": ("在微信里登录", "in WeChat"),
    "ends_at": ("最迟到期", "ends by itself"),
    "ended_at": ("结束时间", "ended"),
    "version": ("版本", "version"),
    "given_at": ("时间", "given"),
    "withdrawn_at": ("撤回时间", "withdrawn"),
    "at": ("时间", "time"),
    "community": ("社区", "community"),
    "dwelling": ("住处", "home"),
    "area_m2": ("建筑面积（平方米）", "floor area (m²)"),
    "name": ("姓名", "name"),
    "phone": ("手机号", "phone"),
    "birth_year": ("出生年份", "born in"),
    "tenure": ("身份", "as"),
    "is_representative": ("户代表", "represents the household"),
    "source": ("来源", "from"),
    "filed_at": ("提交时间", "filed"),
    "state": ("状态", "state"),
    "status": ("状态", "state"),
    "reason": ("理由", "reason"),
    "said": ("填写的内容", "what was said"),
    "issued_at": ("发放时间", "issued"),
    "expires_at": ("有效期至", "valid until"),
    "used_at": ("使用时间", "used"),
    "replaced_at": ("被新码替换", "replaced"),
    "round": ("投票", "vote"),
    "taken_part": ("是否参加", "took part"),
    "way": ("方式", "way"),
    "choice": ("意见", "said"),
    "channel": ("方式", "way"),
    "acted_at": ("时间", "when"),
    "took_effect": ("曾经生效", "took effect"),
    "holder_phone": ("受托人手机", "holder's phone"),
    "powers": ("授权", "powers"),
    "kind": ("类别", "kind"),
    "project_title": ("项目", "project"),
    "filed_as": ("提交人", "filed as"),
    "building": ("楼栋", "building"),
    "joined_at": ("报名时间", "joined"),
    "cases": ("参与协商次数", "cases"),
    "entries": ("经过", "what happened"),
    "by_household": ("由您家写下", "said by your household"),
    "looks": ("谁查看过", "who looked"),
    "role": ("身份", "role"),
    "purpose": ("查看理由", "why"),
    "text": ("内容", "text"),
    "title": ("标题", "title"),
    "words": ("内容", "text"),
    "place": ("地点", "place"),
    "category": ("类别", "kind"),
    "shown_as": ("署名", "shown as"),
    "posted_at": ("发布时间", "posted"),
    "photos": ("照片数", "photos"),
    "community_code": ("社区代码", "community"),
    "code": ("原因", "why"),
    "about": ("事由", "about"),
    "created_at": ("时间", "time"),
    "read_at": ("读过", "read"),
    "sms": ("短信", "short messages"),
    "reminders": ("投票提醒", "reminders"),
    "read_until": ("公开通知读到", "public notices read until"),
    "wechat_result": ("微信结果通知剩余次数", "WeChat messages left for results"),
    "wechat_reminder": ("微信提醒剩余次数", "WeChat messages left for reminders"),
    "passage": ("纪要原文", "what the minutes say"),
    "answer": ("答复", "answer"),
    "waits_for": ("等结果的投票", "waits for the results of"),
}

#: a value of a closed list -> what it is called.
VALUES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "device": {
        "wechat": ("微信", "WeChat"), "iphone": ("苹果手机", "iPhone"), "android": ("安卓手机", "Android phone"),
        "harmony": ("鸿蒙手机", "Harmony phone"), "computer": ("电脑", "computer"), "other": ("其他", "other"),
    },
    "tenure": {"owner": ("业主", "owner"), "tenant": ("租户", "tenant"), "other": ("其他", "other")},
    "source": {"roster": ("居委会名册", "the committee's roster"), "registration": ("自行登记", "your registration")},
    "way": {
        "online": ("手机", "phone"), "code": ("一次性投票码", "one-time code"),
        "assisted": ("协助投票", "with help"), "paper": ("纸质选票", "on paper"),
        "door": ("现场扫码", "by the code at the door"), "list": ("签到台登记", "at the desk"),
    },
    "channel": {"online": ("手机", "phone"), "proxy": ("委托", "proxy"), "paper": ("书面", "on paper")},
    "choice": {"for": ("同意", "for"), "against": ("反对", "against"), "abstain": ("弃权", "abstain")},
    "powers": {
        "free": ("由受托人决定", "as the holder sees fit"), "for": ("同意", "for"), "against": ("反对", "against"),
        "abstain": ("弃权", "abstain"),
    },
    "status": {
        "open": ("进行中", "open"), "closed": ("已截止", "closed"), "unsealed": ("正在开票", "being opened"),
        "counted": ("已计票", "counted"), "announced": ("公示中", "announced"), "certified": ("已确认", "certified"),
        "void": ("作废", "void"),
    },
    "state": {
        "pending": ("待答复", "waiting"), "approved": ("已通过", "approved"), "rejected": ("未通过", "declined"),
        "entered": ("待核对", "to be compared"), "in_force": ("有效", "in force"), "used": ("已使用", "used"),
        "revoked": ("已撤销", "revoked"), "ended": ("已结束", "ended"), "refused": ("未通过核对", "refused"),
        "filed": ("已提交", "filed"), "assigned": ("协商中", "being negotiated"), "settled": ("已达成协议", "settled"),
        "withdrawn": ("已撤回", "withdrawn"), "maintained": ("保留异议", "maintained"),
        "held": ("待查看", "waits to be read"), "open": ("征集附议", "open for endorsements"),
        "screening": ("审核中", "under review"), "taken_up": ("已采纳", "taken up"), "declined": ("未采纳", "declined"),
        "merged": ("已合并", "merged"), "published": ("已发布", "published"), "hidden": ("已隐藏", "hidden"),
        "deleted": ("已删除", "deleted"),
    },
    "shown_as": {
        "resident": ("一位居民", "a resident"), "building": ("楼栋", "a resident of the building"),
        "forgotten": ("已注销的居民", "a resident who left"),
    },
    "code": {
        "abuse": ("骂人、攻击", "abuse"), "private": ("泄露他人隐私", "somebody's privacy"),
        "false": ("不实消息", "untrue"), "advertising": ("广告", "advertising"), "other": ("其他", "other"),
    },
    "category": {
        category.value: (category_words("zh")[category.value], category_words("en")[category.value])
        for category in Category
    },
    "kind": {
        "privacy_notice": ("隐私说明", "privacy notice"), "grounds": ("理由", "grounds"), "session": ("面谈", "talk"),
        "offer": ("方案", "offer"), "answer": ("答复", "answer"), "note": ("记录", "note"),
        "outcome": ("结果", "outcome"), "effect": ("影响", "effect"), "wish": ("希望", "wish"),
        "assigned": ("交给调解员", "given to a mediator"), "refusal": ("要求换调解员", "mediator refused"),
        "complaint": ("投诉", "complaint"), "reply": ("回复", "reply"), "settled": ("达成协议", "settled"),
        "withdrawn": ("撤回", "withdrawn"), "maintained": ("保留异议", "maintained"), "idea": ("建议", "idea"),
        "plan": ("约面谈", "planned meeting"), "moved": ("面谈改期", "meeting moved"),
        "called_off": ("面谈取消", "meeting called off"), "contact": ("联系", "contact"),
        "response": ("回复", "answer"),
        "no_contact": ("不要联系", "no contact"), "handed_over": ("交回", "given back"),
        "volunteer_proposed": ("推荐志愿者", "volunteer proposed"),
        "volunteer_accepted": ("同意志愿者", "volunteer accepted"),
        "volunteer_declined": ("没有同意志愿者", "volunteer declined"),
        "volunteer_left": ("志愿者离开", "volunteer left"),
        "project": ("项目", "project"),
    },
    "role": {
        "objection_officer": ("异议专员", "objection officer"), "mediator": ("调解员", "mediator"),
        "volunteer": ("志愿者", "volunteer"),
    },
}  # fmt: skip

YES, NO, NOTHING = ("是", "yes"), ("否", "no"), ("—", "—")

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]  # fmt: skip


def label(key: str, language: str) -> str:
    """What a value is called; a name without words is shown as it is."""
    return LABELS[key][_column(language)] if key in LABELS else key.replace("_", " ")


def in_words(value: Plain, *, key: str, language: str) -> object:
    """A value as a reader would write it; a list stays a list, and what is inside it is said on one line each."""
    column = _column(language)
    if value is None:
        return NOTHING[column]
    if isinstance(value, bool):
        return (YES if value else NO)[column]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value, key, language)
    if isinstance(value, Mapping):
        return _on_one_line(value, language)
    return [in_words(each, key=key, language=language) for each in value]


def row_in_words(row: Mapping[str, Plain], *, language: str) -> dict[str, object]:
    """A row with its names and values in a language, without the ids that only programs need."""
    said = dict(row)
    facts = said.pop("facts", None)
    if isinstance(facts, Mapping):  # a notice: in the words its reader was told it in
        told = {name: fact for name, fact in facts.items() if isinstance(fact, (str, int))}
        said["about"] = say(Kind(str(said["about"])), told, language).title
    return {
        label(key, language): in_words(value, key=key, language=language)
        for key, value in said.items()
        if key != "id" and not key.endswith("_id")
    }


def _on_one_line(row: Mapping[str, Plain], language: str) -> str:
    """What happened at one time, or who somebody is: what it says, without names for it."""
    said = [
        str(in_words(value, key=key, language=language))
        for key, value in row.items()
        if value not in {None, ""} and not isinstance(value, bool)
    ]
    return " · ".join(said) or NOTHING[_column(language)]


def _text(value: str, key: str, language: str) -> str:
    if _INSTANT.fullmatch(value):
        at = dt.datetime.fromisoformat(value).astimezone(BEIJING)
        return f"{_day(at.date(), language)} {at:%H:%M}"
    if _DAY.fullmatch(value):
        return _day(dt.date.fromisoformat(value), language)
    found = VALUES.get(key, {}).get(value)
    return value if found is None else found[_column(language)]


def _day(day: dt.date, language: str) -> str:
    if _column(language) == 0:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _column(language: str) -> int:
    return 0 if language.startswith("zh") else 1
