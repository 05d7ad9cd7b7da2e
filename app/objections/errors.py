"""What can go wrong with an objection."""

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound


class ObjectionNotFound(NotFound):
    """There is no such objection here."""

    code = "objection_not_found"
    zh = "没有这份异议。"


class NotAResidentThere(NotAllowed):
    """Only a household of the project's community can object to it."""

    code = "not_a_resident_there"
    zh = "只有项目所在社区的住户可以提出异议。"


class ObjectionOpen(Conflict):
    """Your household has an open objection to this project already."""

    code = "objection_open"
    zh = "您家对这个项目已有一份正在处理的异议。"


class ObjectionWrongState(Conflict):
    """The objection is {state}; this step does not follow from there."""

    code = "objection_wrong_state"
    zh = "这份异议当前是“{state}”，不能进行这一步。"


class PeaceBroken(Conflict):
    """The household is to be left in peace now."""

    code = "peace_broken"
    zh = "现在不能打扰住户。"


class ContactRefused(PeaceBroken):
    """The household has asked not to be contacted. It is possible again once it writes."""

    code = "contact_refused"
    zh = "住户已说明不要联系。住户留言以后才可以再联系。"


class CoolOff(PeaceBroken):
    """The household has time to think: no contact before {until}."""

    code = "cool_off"
    zh = "冷静期内不联系住户，{until} 之后才可以。"


class QuietHours(PeaceBroken):
    """No contact between {from_hour}:00 and {to_hour}:00."""

    code = "quiet_hours"
    zh = "晚上 {from_hour} 点到早上 {to_hour} 点不联系住户。"


class TooManyContacts(PeaceBroken):
    """At most {most} contacts in {days} days. The next one is possible from {until}."""

    code = "too_many_contacts"
    zh = "{days} 天内最多联系 {most} 次，{until} 之后可以再联系。"


class NoOffer(Conflict):
    """There is no offer to accept."""

    code = "no_offer"
    zh = "还没有可以接受的方案。"


class TooLateToReturn(Conflict):
    """A withdrawn objection can be taken up again within {hours} hours."""

    code = "too_late_to_return"
    zh = "撤回后 {hours} 小时内可以恢复，现在已经超过时间。"


class NotAMediator(Invalid):
    """This account is no mediator for this community."""

    code = "not_a_mediator"
    zh = "这个账号不是本社区的调解员。"


class OfferReplaced(Conflict):
    """This is not the last offer. Please read number {newest} first."""

    code = "offer_replaced"
    zh = "这不是最新的方案，请先看方案 {newest}。"


class NoMediator(Conflict):
    """Nobody mediates in this case."""

    code = "no_mediator"
    zh = "这份异议现在没有调解员。"


class TooManyRefusals(Conflict):
    """A mediator can be refused {most} times. You can still keep your objection, or complain."""

    code = "too_many_refusals"
    zh = "最多可以换 {most} 次调解员。您仍可以保留异议，或向上反映。"


class MediatorRefused(Conflict):
    """The household has refused this mediator."""

    code = "mediator_refused"
    zh = "住户已要求更换这位调解员。"


class ComplaintWaiting(Conflict):
    """Your last complaint is being looked at. You will have an answer by {until}."""

    code = "complaint_waiting"
    zh = "您上次的反映正在处理，{until} 之前会答复。"


class NoComplaint(Conflict):
    """Nothing waits for an answer here."""

    code = "no_complaint"
    zh = "没有等待答复的反映。"


class SentDifferently(Conflict):
    """This was sent before with other words. Please write it anew."""

    code = "sent_differently"
    zh = "这一条之前已发送过，但内容不同，请重新填写。"


class MeetingOutOfReach(Invalid):
    """A meeting is planned for a time within the next {days} days."""

    code = "meeting_out_of_reach"
    zh = "面谈时间要在今后 {days} 天以内。"


class MeetingPlanned(Conflict):
    """A meeting is planned already, for {at}."""

    code = "meeting_planned"
    zh = "已经约了一次面谈，时间是 {at}。"


class NoMeeting(Conflict):
    """No meeting is planned."""

    code = "no_meeting"
    zh = "现在没有约好的面谈。"


class MeetingTimeNeeded(Invalid):
    """Please say when the meeting is to be."""

    code = "meeting_time_needed"
    zh = "请写明面谈的时间。"


class ChannelNeeded(Invalid):
    """Please say how the household was contacted."""

    code = "channel_needed"
    zh = "请写明是怎么联系的。"


class OutOfPlaceInEntry(Invalid):
    """This does not belong to such an entry: {field}."""

    code = "out_of_place_in_entry"
    zh = "这种记录里不能有这一项：{field}。"


class NothingToRespond(Conflict):
    """The household has not written since your last words."""

    code = "nothing_to_respond"
    zh = "住户没有新的留言，不需要回复。"


class NoSuchCostItem(Invalid):
    """The project has no cost item number {number}, or it is named twice."""

    code = "no_such_cost_item"
    zh = "项目没有第 {number} 项费用，或者重复填了。"


class CostsUnchanged(Invalid):
    """These cost items are the present ones. An offer that changes none leaves them out."""

    code = "costs_unchanged"
    zh = "费用没有变化。不改费用的方案，不用填费用明细。"


class CostsChangedSince(Conflict):
    """The project's costs were changed since this offer. The mediator has to make a new one."""

    code = "costs_changed_since"
    zh = "提出方案以后，项目费用又有变动，请调解员重新提方案。"


class ProjectOnABallot(Conflict):
    """The project is on the ballot of a vote that is not over. Its costs can change afterwards."""

    code = "project_on_a_ballot"
    zh = "项目正在投票名单上，投票结果确认以后才能改费用。"


class NotAVolunteer(Invalid):
    """This resident cannot be proposed: not on the list of volunteers here, or one of the household."""

    code = "not_a_volunteer"
    zh = "不能推荐这位居民：不在本社区志愿者名单上，或者就是这户的人。"


class VolunteerDeclined(Conflict):
    """The household has declined this volunteer."""

    code = "volunteer_declined"
    zh = "住户没有同意过这位志愿者。"


class VolunteerThere(Conflict):
    """A volunteer was proposed already, or takes part."""

    code = "volunteer_there"
    zh = "已经推荐了一位志愿者，或志愿者已经参与。"


class NoVolunteer(Conflict):
    """No volunteer waits for your answer here."""

    code = "no_volunteer"
    zh = "现在没有等您答复的志愿者。"
