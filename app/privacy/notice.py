"""The privacy notice: what is told before anything is collected (PIPL art. 17), as data, in both languages.

A change of meaning is a new `VERSION`, and everybody is asked again. What it says about keeping and deleting is what
the code does.
"""

import datetime as dt
from dataclasses import dataclass

from app.access.rules import SESSION_DAYS_KEPT, SESSION_DAYS_RESIDENT
from app.privacy.rules import EXPORTS_A_DAY

VERSION = 1
SINCE = dt.date(2026, 11, 25)


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    key: str
    heading: str
    paragraphs: tuple[str, ...]


#: What fits on a sheet over the page; the whole text is one tap away.
SHORT = {
    "zh-CN": (
        "您的手机号只用来确认您是本社区居民，并发送验证码。",
        "选票不记名：谁也看不到您怎么投，工作人员也看不到；依法记名的业主表决除外，页面上会标明。",
        "姓名和电话加密保存，不会公布，不会给商业公司。",
        "您随时可以在“我的”里查看、导出或删除自己的资料。",
    ),
    "en": (
        "Your phone number only shows that you live here, and receives your codes.",
        "Ballots carry no name: nobody sees how you vote, not even staff; owners' decisions are by name, and say so.",
        "Names and phones are kept encrypted, never published, never given to companies.",
        "Under “Me” you can see, take along or delete what is kept of you at any time.",
    ),
}

_ZH = (
    Section(
        "who",
        "谁在处理您的信息",
        (
            "您所在社区的居民委员会。怎么联系，见“我的”页面底部的“打电话给居委会”。",
            "系统运行单位按居民委员会的要求保管系统，不得为自己使用这些信息。信息存放在中国境内。",
        ),
    ),
    Section(
        "why",
        "为什么需要",
        (
            (
                "确认您是本社区居民、一户一人只投一次，是居民委员会依法组织居民会议、投票和协商的需要"
                "（居民委员会组织法；个人信息保护法第十三条第一款第三项）。"
            ),
            (
                "登录这个服务、接收通知、提建议和评论，以您的同意为前提（第十三条第一款第一项）。"
                "不同意，也可以看公开内容、到居委会投纸质票。"
            ),
        ),
    ),
    Section(
        "what",
        "处理哪些信息",
        (
            (
                "居民名册（由居委会录入，或您自行登记）：姓名、住处、手机号、出生日期（用来判断是否满 18 岁）、"
                "业主或租户。不收集身份证号，不问户籍。"
            ),
            (
                "登录：手机号的加密指纹、登录时间、设备类型（如“安卓手机”）；在微信里登录时，"
                "还有微信给本程序的用户编号。不收集位置、通讯录、相册。"
            ),
            "您自己写的：建议、评论、意见征集中的话、异议。",
            "参加投票：名册上记“是否参加、用什么方式”。选票密封，没有名字，也没有时间。",
            "依法记名的业主共同决定除外：表决内容会被记录，页面上始终标明“记名投票”。",
        ),
    ),
    Section(
        "whom",
        "谁能看到",
        (
            "居委会工作人员能看到打码的姓名和电话，以及谁参加了投票，看不到怎么投。",
            "异议只有指定的调解员和专员能看，每次查看都写明理由，并告诉您。",
            "短信由短信服务商送达，只含验证码或通知。微信登录和订阅消息由微信处理。除此之外不提供给任何人。",
            "公示只有数字和项目。要公布您的名字（例如认领的花圃），会另外单独问您。",
            "报给街道、区里的资金申请只有票数和户数，没有个人信息。",
        ),
    ),
    Section(
        "how",
        "怎样保护",
        (
            "姓名、电话、出生日期、异议内容逐条加密；查找只用加密指纹。",
            "工作人员的每个操作都有无法悄悄改动的记录。",
            "一旦发生泄露，我们会立即补救，并通知您和主管部门。",
        ),
    ),
    Section(
        "how_long",
        "保存多久",
        (
            (
                "验证码：一天。"
                f"登录：最长 {SESSION_DAYS_RESIDENT} 天要重新登录；结束后的登录记录再留 {SESSION_DAYS_KEPT} 天。"
            ),
            "密封的选票：开票公布后，钥匙和信封一起销毁。公布的选票没有名字，一直可查。",
            "名册：住在本社区期间；上传的名册文件 30 天。",
            "会议纪要、公示、记名表决、协商档案、操作记录：依法长期保存；操作记录里只有编号，没有姓名。",
        ),
    ),
    Section(
        "rights",
        "您的权利",
        (
            f"查看和复制：我的 → 隐私与我的资料 → 导出（每天最多 {EXPORTS_A_DAY} 次）。",
            "删除：同一页“删除我的账号”。删什么、留什么、为什么，会在您确认之前逐条说明。",
            "撤回同意：同一页“我的同意”。撤回之后会退出登录，之前的处理仍然有效。",
            (
                "更正或删除名册上的信息、要求解释：请联系居委会。居委会不答复的，可以向街道办事处、网信部门投诉，"
                "或者向人民法院起诉。"
            ),
        ),
    ),
    Section(
        "children",
        "未成年人",
        ("投票须年满 18 岁。不满 14 岁的孩子请不要自己登录；名册里有孩子的信息时，由监护人行使上述权利。",),
    ),
    Section(
        "changes",
        "这份说明有变化时",
        ("会换新的版本号，在您下次登录时重新征求同意。以前的版本可以向居委会索取。",),
    ),
)

_EN = (
    Section(
        "who",
        "Who handles your information",
        (
            "The Residents' Committee of your community. How to reach it stands at the bottom of the page “Me”.",
            (
                "Whoever runs the system keeps it on the committee's behalf and may not use it for themselves. "
                "It is stored in China."
            ),
        ),
    ),
    Section(
        "why",
        "Why it is needed",
        (
            (
                "To see that you live here and that everybody votes once: the committee calls meetings, votes and "
                "consultations by law (Organic Law of Urban Residents' Committees; Personal Information "
                "Protection Law, art. 13, para. 1, no. 3)."
            ),
            (
                "Signing in here, notices, ideas and comments rest on your consent (no. 1). Without it you can "
                "still read everything public, and vote on paper at the committee."
            ),
        ),
    ),
    Section(
        "what",
        "What is handled",
        (
            (
                "The roster (entered by the committee, or by you): name, home, mobile number, date of birth (to "
                "see that you are 18), owner or tenant. No ID number; nobody asks where your household is registered."
            ),
            (
                "Sign-ins: a keyed fingerprint of your number, the time, the kind of device (“Android phone”); "
                "in WeChat also the number by which WeChat knows you in this program. No location, no address "
                "book, no album."
            ),
            "What you write: ideas, comments, opinions in consultations, objections.",
            (
                "Votes: the roll notes whether you took part and by which way. Ballots are sealed, without name and "
                "time."
            ),
            (
                "Except owners' joint decisions, which are recorded by law: what you say is kept, and every page "
                "says so."
            ),
        ),
    ),
    Section(
        "whom",
        "Who sees it",
        (
            "The committee's staff see masked names and phones, and who took part in a vote; never how.",
            "Objections are for the appointed mediator and officer alone. Each look has a reason, and you are told.",
            (
                "Short messages go through a carrier and hold a code or a notice. Signing in and messages in "
                "WeChat are handled by WeChat. Nobody else is given anything."
            ),
            (
                "Public notices hold figures and projects. Before your name is published, for example on a plot "
                "you tend, you are asked apart."
            ),
            "Requests for money say how many voted and how many households, and nothing about persons.",
        ),
    ),
    Section(
        "how",
        "How it is protected",
        (
            "Names, phones, birth dates and objections are encrypted one by one; look-ups use keyed fingerprints.",
            "Every act of staff leaves a record that cannot be changed unseen.",
            "If something leaks, we mend it at once and tell you and the authority.",
        ),
    ),
    Section(
        "how_long",
        "How long it is kept",
        (
            (
                f"Codes: a day. Sign-ins: at most {SESSION_DAYS_RESIDENT} days, and {SESSION_DAYS_KEPT} days "
                "more as a record of the past."
            ),
            (
                "Sealed ballots: until the result is out; then key and envelopes are destroyed. The published "
                "ballots carry no name and stay."
            ),
            "The roster: while you live here; uploaded roster files 30 days.",
            (
                "Minutes, public notices, recorded votes, files of negotiations and the record of acts: for "
                "long, by law; the record of acts has numbers, no names."
            ),
        ),
    ),
    Section(
        "rights",
        "Your rights",
        (
            f"See and copy: Me → Privacy and my data → take along (at most {EXPORTS_A_DAY} times a day).",
            "Delete: “Delete my account” on the same page. What goes, what stays and why is said before you confirm.",
            (
                "Withdraw consent: “My consent” on the same page. You are then signed out; what was done before stays "
                "lawful."
            ),
            (
                "To correct or delete what the roster says, or to have something explained, ask the committee. "
                "If it does not answer, you can complain to the sub-district or the cyberspace authority, or go "
                "to court."
            ),
        ),
    ),
    Section(
        "children",
        "Minors",
        (
            (
                "Voting begins at 18. Children under 14 should not sign in by themselves; where the roster knows "
                "a child, the guardians have these rights."
            ),
        ),
    ),
    Section(
        "changes",
        "When this notice changes",
        (
            (
                "It gets a new version number, and you are asked again when you next sign in. The committee has "
                "the earlier ones."
            ),
        ),
    ),
)

SECTIONS = {"zh-CN": _ZH, "en": _EN}
TITLE = {"zh-CN": "隐私说明", "en": "Privacy notice"}
