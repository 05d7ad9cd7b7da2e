"""What the demonstration's committee says of itself, and where residents find it."""

from app.demo import neighbourhood as place
from app.demo.people import Person

#: The numbers are invented, and of a length nobody can be called at.
COMMITTEE = {
    "name": "花果园大街社区居民委员会",
    "address": "花果园 M 区 3 栋一层，社区活动室旁",
    "phone": "0851-8550 0100",
    "contact": "李秀兰",
    "office_hours": "周一至周五 9:00—17:30，周六 9:00—12:00",
    "text": "腿脚不便、眼睛看不清的居民，打个电话，我们上门。投票期间活动室有人教您用手机。",
}


async def tell(clerk: Person) -> None:
    """The committee writes down where it is and whose telephone rings."""
    path = f"/api/v1/communities/{place.COMMUNITY}/committee"
    await clerk.call("PUT", path, json=COMMITTEE, headers={"If-Match": '"0"'})
