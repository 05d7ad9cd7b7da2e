"""What can go wrong with the systems we call."""

from app.core.errors import Conflict, Invalid, NotFound


class TargetRefused(Invalid):
    """Messages cannot go to this address: {reason}."""

    code = "target_refused"
    zh = "不能向这个地址发送：{reason}。"


class EndpointNotFound(NotFound):
    """There is no such webhook endpoint here."""

    code = "endpoint_not_found"
    zh = "没有这个接收端。"


class DeliveryNotFound(NotFound):
    """There is no such delivery here."""

    code = "delivery_not_found"
    zh = "没有这次投递。"


class DeliveryNotDead(Conflict):
    """This delivery has arrived or is still being tried."""

    code = "delivery_not_dead"
    zh = "这次投递已送达或仍在尝试。"
