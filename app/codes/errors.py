"""What can go wrong with paper codes."""

from app.core.errors import Invalid, NotFound, TooMany


class ResidentNotHere(NotFound):
    """Somebody on this list is not an adult resident of this community."""

    code = "resident_not_here"
    zh = "名单中有人不是本社区的成年居民。"


class BuildingNotFound(NotFound):
    """There is no such building here."""

    code = "building_not_found"
    zh = "没有这栋楼。"


class NobodyNeedsACode(Invalid):
    """Nobody in this building is to be given a code."""

    code = "nobody_needs_a_code"
    zh = "这栋楼里没有需要投票码的居民。"


class TooManyAtOnce(Invalid):
    """These are {people} people; at most {most} codes are issued at once."""

    code = "too_many_codes_at_once"
    zh = "共 {people} 人，一次最多开具 {most} 个投票码。"


class CodesOfTheDayUsedUp(TooMany):
    """This community may issue {most} codes a day; {left} are left today."""

    code = "codes_of_the_day_used_up"
    zh = "本社区每天最多开具 {most} 个投票码，今天还剩 {left} 个。"
