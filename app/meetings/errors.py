"""What can go wrong with a meeting."""

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound


class MeetingNotFound(NotFound):
    """There is no such meeting here."""

    code = "meeting_not_found"
    zh = "没有这次会议。"


class MinutesNotFound(NotFound):
    """There are no such minutes here."""

    code = "minutes_not_found"
    zh = "没有这份会议纪要。"


class ShortNotice(Invalid):
    """A residents' meeting is called {days} days before (Organic Law, art. 26); if not, say what is special."""

    code = "meeting_notice_too_short"
    zh = "居民会议须提前至少 {days} 天通知（居民委员会组织法第二十六条），特殊情况请说明原因。"


class MinutesPublished(Conflict):
    """Published minutes are never changed. Publish a correction instead."""

    code = "minutes_published"
    zh = "已公布的纪要不能修改，请发布更正版本。"


class DraftPending(Conflict):
    """There is a draft of these minutes already."""

    code = "minutes_draft_pending"
    zh = "这份纪要已有草稿。"


class NothingToCorrect(Conflict):
    """There are no published minutes to correct."""

    code = "nothing_to_correct"
    zh = "还没有已公布的纪要可以更正。"


class NamesInMinutes(Conflict):
    """The text names people, rooms or phones ({count} places). Mask them, or say why they may stand there."""

    code = "names_in_minutes"
    zh = "纪要里出现了姓名、房号或电话（{count} 处），请隐去，或写明为什么可以保留。"


class VotesDoNotAdd(Invalid):
    """More votes than people who took part."""

    code = "votes_do_not_add"
    zh = "票数超过了到会人数。"


class MeetingNotHeld(Conflict):
    """Record first who attended; only then can the meeting resolve something."""

    code = "meeting_not_held"
    zh = "请先登记到会人数，之后才能记录决议。"


class MeetingCancelled(Conflict):
    """This meeting was cancelled."""

    code = "meeting_cancelled"
    zh = "这次会议已取消。"


class MeetingBegun(Conflict):
    """The meeting has begun: what was called can be changed or cancelled no more."""

    code = "meeting_begun"
    zh = "会议已经开始，不能再变更或取消。"


class DoorClosed(Conflict):
    """People sign in at the door from {before} hours before the meeting until {after} hours after it began."""

    code = "meeting_door_closed"
    zh = "会议开始前 {before} 小时起、开始后 {after} 小时内，才能现场签到。"


class DoorCodeExpired(Conflict):
    """This code is not shown at a door now. Please scan the one on the screen again."""

    code = "door_code_expired"
    zh = "这个签到码已过期，请重新扫一下现场屏幕上的码。"


class NotOfThisCommunity(NotAllowed):
    """Your phone is not on this community's roster. Please give your name at the desk."""

    code = "not_of_this_community"
    zh = "您的手机号不在本社区名册里，请到签到台登记。"


class NotOnTheList(NotFound):
    """There is nobody like that on the list or the roster here."""

    code = "not_on_the_list"
    zh = "名册或签到名单里没有这个人。"


class FewerThanListed(Conflict):
    """{listed} people stand on the list: fewer cannot have been present."""

    code = "fewer_than_listed"
    zh = "签到名单上已有 {listed} 人，到会人数不能比它少。"


class MinutesReplaced(Conflict):
    """A newer version has taken the place of this one."""

    code = "minutes_replaced"
    zh = "这一版已被后来的一版代替。"


class MinutesChangedMeanwhile(Conflict):
    """Somebody else has changed these minutes meanwhile. Please look at their text first."""

    code = "minutes_changed_meanwhile"
    zh = "其他人刚刚改过这份纪要，请先看一下再改。"


class AlreadySigned(Conflict):
    """This place is signed already, or you have signed the other one: two people sign."""

    code = "minutes_already_signed"
    zh = "这一处已经签过，或者您已在另一处签名：主持人和记录人须是两个人。"


class NotYourPart(NotAllowed):
    """Only the chair of the committee signs as chair."""

    code = "not_your_part"
    zh = "主持人一处由居委会主任签名。"


class SignaturesMissing(Conflict):
    """Chair and recorder both have to sign this version before it is published."""

    code = "signatures_missing"
    zh = "主持人和记录人都签名以后，这一版才能公布。"


class AmendmentsPending(Conflict):
    """Proposals of those who attended wait for an answer: {count}. Take up or decline each of them first."""

    code = "amendments_pending"
    zh = "还有 {count} 条到会居民的更正意见没有答复，请先逐条采纳，或者说明理由不采纳。"


class NotCirculated(Conflict):
    """Give the draft to those who attended before anybody signs it."""

    code = "minutes_not_circulated"
    zh = "请先把草稿交到会居民核对，之后才能签名。"


class MinutesSigned(Conflict):
    """Somebody has signed this draft as it is. Change it first: the new version can take the proposal up."""

    code = "minutes_signed"
    zh = "草稿已有人签名，请先修改正文：改后的新一版才能写入这条意见。"


class NotAttended(NotAllowed):
    """Only those who attended propose corrections of the minutes."""

    code = "not_attended"
    zh = "只有到会的居民可以提出更正意见。"


class AmendmentNotFound(NotFound):
    """There is no such proposal here."""

    code = "amendment_not_found"
    zh = "没有这条更正意见。"


class AmendmentAnswered(Conflict):
    """This proposal has been answered already."""

    code = "amendment_answered"
    zh = "这条更正意见已经答复过。"


class TooManyAmendments(Conflict):
    """{most} of your proposals are waiting for an answer. Please wait for one."""

    code = "too_many_amendments"
    zh = "您已有 {most} 条更正意见在等答复，请稍后再提。"


class NoDraft(Conflict):
    """There is no draft that could say it. Begin a correction first."""

    code = "no_draft_of_minutes"
    zh = "还没有可以写入的草稿，请先起草更正版本。"


class ResolutionNotFound(NotFound):
    """There is no such resolution here."""

    code = "resolution_not_found"
    zh = "没有这项决议。"


class NothingRaised(Conflict):
    """Only a resolution that passed, and has raised no project yet, raises one."""

    code = "resolution_raises_nothing"
    zh = "只有已通过、还没有转为项目的决议可以转为项目。"
