"""What can go wrong with the systems we call."""

from app.core.errors import Conflict, Invalid, NotFound


class TargetRefused(Invalid):
    """Messages cannot go to this address: {reason}."""

    code = "target_refused"
    zh = "不能向这个地址发送：{reason}。"


class NameUnknown(Invalid):
    """The name in this address does not resolve. Please check it."""

    code = "target_name_unknown"
    zh = "地址中的域名无法解析，请检查。"


class EndpointTooLow(Invalid):
    """Messages go to governments: name a sub-district or a division above it."""

    code = "endpoint_division_too_low"
    zh = "消息只发给政府系统，请填写街道（乡镇）或以上的区划。"


class EndpointDisabled(Conflict):
    """This endpoint takes no messages. Enable it first."""

    code = "endpoint_disabled"
    zh = "这个接收端已停用，请先启用。"


class EndpointNotFound(NotFound):
    """There is no such webhook endpoint here."""

    code = "endpoint_not_found"
    zh = "没有这个接收端。"


class DeliveryNotFound(NotFound):
    """There is no such delivery here."""

    code = "delivery_not_found"
    zh = "没有这次投递。"


class DeliveryNotDead(Conflict):
    """This delivery has arrived, or is being sent at this moment."""

    code = "delivery_not_dead"
    zh = "这次投递已送达，或正在发送。"
