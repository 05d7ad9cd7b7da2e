"""What can go wrong with places."""

from app.core.errors import Conflict, Invalid, NotFound


class DivisionNotFound(NotFound):
    """There is no division with this code."""

    code = "division_not_found"
    zh = "没有这个区划代码。"


class DivisionExists(Conflict):
    """A division with this code exists already."""

    code = "division_exists"
    zh = "这个区划代码已经存在。"


class DivisionMisplaced(Invalid):
    """The code must lie one level under a division that exists."""

    code = "division_misplaced"
    zh = "区划代码必须直属于一个已有的上级区划。"


class BuildingExists(Conflict):
    """This community has a building of that name already."""

    code = "building_exists"
    zh = "本社区已有同名楼栋。"


class DivisionFileMalformed(Invalid):
    """Row {row} of the list cannot be read: {reason}."""

    code = "division_file_malformed"
    zh = "名单第 {row} 行无法读取：{reason}。"
