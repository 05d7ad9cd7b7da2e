"""What becomes of each kind of data when somebody asks to be forgotten, and the words for it, as data.

What stays, stays by law or because it leads to nobody; the reason stands beside it, and is read beforehand.
"""

from dataclasses import dataclass

from app.privacy.rules import Fate


@dataclass(frozen=True)
class Rule:
    """What becomes of one kind of data, and the words for it."""

    kind: str
    fate: Fate
    #: What, and what becomes of it or why it stays, by language.
    words: dict[str, tuple[str, str]]
    #: Said only where there is some of it.
    only_if_any: bool = True


RULES: tuple[Rule, ...] = (
    Rule("account", Fate.GOES, {
        "zh-CN": ("账号和手机号", "手机号的指纹、显示名称、微信绑定都会去掉。"),
        "en": ("Your account and number", "The fingerprint of your number, your name and WeChat are taken off it."),
    }),
    Rule("sign_ins", Fate.GOES, {
        "zh-CN": ("登录", "所有设备立即退出登录。"),
        "en": ("Sign-ins", "You are signed out on every device at once."),
    }),
    Rule("consents", Fate.GOES, {
        "zh-CN": ("同意和导出记录", "删除。"),
        "en": ("Consents and exports", "Deleted."),
    }),
    Rule("registrations", Fate.GOES, {
        "zh-CN": ("您自行登记时填写的内容", "删除。居委会还没有答复的，登记也随之取消。"),
        "en": ("What you wrote when you registered", "Deleted; a registration that waits for an answer ends."),
    }),
    Rule("notices", Fate.GOES, {
        "zh-CN": ("通知和接收设置", "删除。"),
        "en": ("Notices and how you receive them", "Deleted."),
    }),
    Rule("ideas", Fate.GOES, {
        "zh-CN": (
            "您提出的建议",
            "还没公布的，连同照片一起删除。已公布的属于大家：文字留下，不再有任何信息指向您。",
        ),
        "en": (
            "Ideas you raised",
            ("What was not published goes, pictures too. What was belongs to the neighbourhood: the words stay, and "
            "nothing leads to you."),
        ),
    }),
    Rule("endorsements", Fate.GOES, {
        "zh-CN": ("您的附议", "还在征集的收回；已有答复的只留下一个数字。"),
        "en": (
            "Your endorsements",
            "Taken back where neighbours are still asked; else a number without anybody stays.",
        ),
    }),
    Rule("comments", Fate.GOES, {
        "zh-CN": ("您写的评论和意见", "文字删除；别人的回复留下。"),
        "en": ("Your comments", "The words are deleted; what others answered stays."),
    }),
    Rule("amendments", Fate.GOES, {
        "zh-CN": ("您对会议纪要的更正意见", "还没有答复的删除；已答复的留在会议档案里，不再有任何信息指向您。"),
        "en": (
            "Corrections of minutes you proposed",
            "Those without an answer are deleted; the others stay in the meeting's file, and nothing leads to you.",
        ),
    }),
    Rule("objections", Fate.GOES, {
        "zh-CN": (
            "您家提出、还在办理的事项",
            ("如果您家还有别人登录过，协商继续，但不再有您的名字和电话；没有的话，按撤回处理。"
            "想继续协商，请先不要删除。已办结的只留下没有姓名的档案（人民调解法第二十七条）。"),
        ),
        "en": (
            "What your household has filed and is open",
            ("If somebody else of your household has signed in here, it goes on without your name and phone; if "
            "not, it counts as withdrawn. If you want it to go on, do not delete now. Of closed cases a file "
            "without names stays (People's Mediation Law, art. 27)."),
        ),
    }),
    Rule("memberships", Fate.STAYS, {
        "zh-CN": (
            "居民名册上的姓名、住处和电话",
            ("名册由居委会依法登记（居民委员会组织法第十六、十七条）。要更正或删除，请向居委会提出。"
            "以后用同一个手机号登录，仍会认出您住在这里。"),
        ),
        "en": (
            "Your name, home and phone on the roster",
            ("The committee keeps the roster by law (Organic Law, arts. 16-17). Ask the committee to correct or "
            "delete it. If you sign in with the same number again, it will still know that you live here."),
        ),
    }),
    Rule("meetings_attended", Fate.STAYS, {
        "zh-CN": ("居民会议的签到名单", "到会名单是会议档案的一部分，加密保存，不公布。"),
        "en": ("Lists of who attended meetings", "They are part of a meeting's file, sealed, and never published."),
    }),
    Rule("participations", Fate.STAYS, {
        "zh-CN": (
            "投进票箱的选票",
            "选票封着，没有名字，仍然有效。截止前用同一个手机号重新登录，还可以改。",
        ),
        "en": (
            "Ballots in the box",
            ("They are sealed, carry no name, and count. Until closing you can sign in again with the same "
            "number and change yours."),
        ),
    }),
    Rule("recorded_votes", Fate.STAYS, {
        "zh-CN": ("业主共同决定的记名表决和委托", "依法记名，须长期保存（民法典第二百七十八条、第二百八十条）。"),
        "en": (
            "Recorded votes and proxies in owners' decisions",
            "They are signed by law and kept (Civil Code, arts. 278, 280).",
        ),
    }),
    Rule("paper_codes", Fate.STAYS, {
        "zh-CN": ("发过纸质投票码的记录", "没有姓名，也没有码，到期 180 天后删除。"),
        "en": ("That codes on paper were issued", "Without name and code; deleted 180 days after they expire."),
    }),
    Rule("record", Fate.STAYS, {
        "zh-CN": (
            "操作记录里的编号",
            "每一步操作都有防篡改的记录，里面只有一个编号；删除之后，编号不再指向任何人。",
        ),
        "en": (
            "A number in the record of acts",
            "The record that nobody can change unseen knows you as a number; afterwards it leads to nobody.",
        ),
    }, only_if_any=False),
)  # fmt: skip
