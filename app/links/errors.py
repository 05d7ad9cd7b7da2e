"""What can go wrong with a short code."""

from app.core.errors import NotFound, TooMany


class LinkNotFound(NotFound):
    """There is nothing behind this code. Please look at it again: five letters and digits."""

    code = "link_not_found"
    zh = "没有这个短码，请再核对一下（5 位字母或数字）。"


class NothingToShare(NotFound):
    """There is nothing public of this kind."""

    code = "nothing_to_share"
    zh = "没有可以分享的这项内容。"


class TooManyLinks(TooMany):
    """Many new codes were made here just now. Please try again in {retry_after} seconds."""

    code = "too_many_links"
    zh = "这里刚刚新建了很多短码，请 {retry_after} 秒后再试。"


class NoBuildings(NotFound):
    """This community has no such building yet; buildings come with the roster."""

    code = "no_buildings"
    zh = "社区里还没有这栋楼，导入名册后才有楼栋。"
