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


class CoolOff(Conflict):
    """The household has time to think: no contact before {until}."""

    code = "cool_off"
    zh = "冷静期内不联系住户，{until} 之后才可以。"


class QuietHours(Conflict):
    """No contact between 21:00 and 08:00."""

    code = "quiet_hours"
    zh = "晚上 9 点到早上 8 点不联系住户。"


class TooManyContacts(Conflict):
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
