"""What can go wrong at the doors."""

from app.core.errors import Conflict, NotFound


class DoorNotFound(NotFound):
    """There is no such building, unit or household on the roll of this round."""

    code = "door_not_found"
    zh = "这轮投票的名册上没有这个楼栋、单元或住户。"


class DoorsClosed(Conflict):
    """The list of doors is there only while the round is open; when it closes, the list is deleted."""

    code = "doors_closed"
    zh = "上门名单只在投票进行中使用，投票截止时即删除。"


class DoorTookPart(Conflict):
    """Everybody on the roll behind this door has taken part meanwhile. Nobody need knock."""

    code = "door_took_part"
    zh = "这一户刚刚已经参与，不用再上门了。"
