"""What can go wrong with a funding request."""

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound


class RequestNotFound(NotFound):
    """There is no such funding request here."""

    code = "funding_request_not_found"
    zh = "没有这份资金申请。"


class RequestWrongState(Conflict):
    """The request is {state}; the decision "{wanted}" does not follow from there."""

    code = "funding_request_wrong_state"
    zh = "资金申请当前是“{state}”，不能作出“{wanted}”的决定。"


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


class FactOutOfPlace(Invalid):
    """The fact "{fact}" does not belong to the decision "{decision}"."""

    code = "decision_fact_out_of_place"
    zh = "“{decision}”的决定不应带有“{fact}”。"


class NotYoursToDecide(NotAllowed):
    """It is not your turn: the request is with another step of the chain ({step})."""

    code = "not_yours_to_decide"
    zh = "现在不由您决定：申请在另一个环节（{step}）。"


class NoPartToAccept(Conflict):
    """There is no approval in part that waits for the committee's answer."""

    code = "no_part_to_accept"
    zh = "没有等待居委会答复的部分批准。"


class MoreThanItCosts(Conflict):
    """A settlement has lowered the costs: governments pay {most} yuan at most. Approve less, or return the request."""

    code = "more_than_it_costs"
    zh = "协议调低了造价，政府最多承担 {most} 元。请减少批准的金额，或者退回补正。"
