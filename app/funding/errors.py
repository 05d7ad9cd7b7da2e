"""What can go wrong with a funding request."""

from app.core.errors import Conflict, Fact, Invalid, NotAllowed, NotFound
from app.funding.words import word


class _InWords:
    """An error whose steps, decisions and states are read out as an office calls them; for programs they stay."""

    def said(self, name: str, value: Fact, language: str) -> str:
        """A fact as the sentence says it."""
        return word(name, value, language)


class RequestNotFound(NotFound):
    """There is no such funding request here."""

    code = "funding_request_not_found"
    zh = "没有这份资金申请。"


class RequestWrongState(_InWords, Conflict):
    """The request stands at "{state}"; "{wanted}" does not follow from there."""

    code = "funding_request_wrong_state"
    zh = "资金申请当前是“{state}”，不能作“{wanted}”处理。"


class ReasonNeeded(Invalid):
    """This decision needs a reason that the committee can read to its residents."""

    code = "reason_needed"
    zh = "这个决定需要说明理由，居委会要向居民解释。"


class AmountNeeded(Invalid):
    """A part needs an amount above zero and below the public share, no government paying more than its own share."""

    code = "amount_needed"
    zh = "部分同意需要填写金额，大于零且小于政府分担的金额，每一方不超过自己的份额。"


class LeftOutNeeded(Invalid):
    """Whoever pays a part says what is left out, so that the committee knows what it can still build."""

    code = "left_out_needed"
    zh = "部分同意需要写明不包括哪些内容，居委会才知道还能做什么。"


class YearNeeded(Invalid):
    """A deferral needs the year in which the request comes back."""

    code = "year_needed"
    zh = "延期需要写明转到哪一年。"


class SharesMalformed(Invalid):
    """The shares must lie between 0 and 10,000 and the governments' two shares must add up to 10,000."""

    code = "shares_malformed"
    zh = "比例以万分之一计，应在 0 到 10000 之间，两级政府比例之和应为 10000。"


class FactOutOfPlace(_InWords, Invalid):
    """With the decision "{decision}" nothing is said about "{fact}" here."""

    code = "decision_fact_out_of_place"
    zh = "作“{decision}”的决定时，这里不填“{fact}”。"


class NotYoursToDecide(_InWords, NotAllowed):
    """It is not your turn: the request is with {step}."""

    code = "not_yours_to_decide"
    zh = "现在不由您决定：申请在{step}手里。"


class SpokeBefore(_InWords, NotAllowed):
    """You have spoken on this request for {spoke_as} already. Somebody else has to speak here."""

    code = "spoke_before"
    zh = "您已经代表{spoke_as}办理过这份申请，这一步要由另一个人办理。"


class NoPartToAccept(Conflict):
    """There is no approval in part that waits for the committee's answer."""

    code = "no_part_to_accept"
    zh = "没有等待居委会答复的部分批准。"


class MoreThanItCosts(Conflict):
    """A settlement has lowered the costs: governments pay {most} yuan at most. Approve less, or return the request."""

    code = "more_than_it_costs"
    zh = "协议调低了造价，政府最多承担 {most} 元。请减少批准的金额，或者退回补正。"


class LoweredBefore(Conflict):
    """At most {subdistrict} yuan of the sub-district and {district} of the district are left. For more, return it."""

    code = "lowered_before"
    zh = "前面的环节已核减：街道最多付 {subdistrict} 元，区最多付 {district} 元。要多付，请退回核减的环节。"
