"""What lies on the committee's desk: next spring's list, an idea half screened, words that somebody reported."""

import csv
import datetime as dt
import io
import uuid
from collections.abc import Callable, Mapping

import httpx

from app.core import clock
from app.demo import neighbourhood as place
from app.demo import pictures
from app.demo.people import Person

_HEADER = (
    "项目名称",
    "类别",
    "地点",
    "实施方式",
    "涉及楼栋",
    "来源",
    "项目说明",
    "费用类别",
    "费用说明",
    "金额（元）",
)
_FROM = "10 月居民代表座谈"
_MORE = ("",) * 7
#: A committee has its list in a spreadsheet; an empty name is one more cost of the project above.
_LIST = (
    ("北门空地建儿童口袋公园", "儿童与课后", "北门空地", "工程", "", _FROM,
     "空地堆过建材，一直围着。铺软垫，装秋千和攀爬架，留一块给家长坐。", "施工", "平整场地、铺软垫", "5.6万"),
    (*_MORE, "物资", "秋千、攀爬架", "38,000"),
    ("北门空地建停车位", "道路", "北门空地", "工程", "", _FROM,
     "空地平整后可以划 22 个车位，夜里不用再停到消防通道上。", "施工", "平整场地、划线", "72,000"),
    ("7 栋楼道扶手", "无障碍", "7 栋 1、2 单元", "工程", "7栋", _FROM,
     "六层楼没有电梯，老人上下靠墙走。每层装双侧扶手。", "物资", "扶手 360 米", "31,500"),
    (*_MORE, "施工", "安装", "9,000"),
    ("周末书法与戏曲小班", "文化", "社区活动室", "活动", "", _FROM,
     "每周两个半天，老人教孩子，一年 40 次。", "人工", "老师补贴 40 次", "16,000"),
    ("雨水篦子更换", "排污", "1 栋、2 栋东侧", "工程", "1栋、2栋", "网格员巡查记录",
     "铁篦子锈断了十几处，换成复合材料的。", "物资", "篦子 60 块与安装", "1.38万"),
)  # fmt: skip
_PHOTO_OF = "北门空地建儿童口袋公园"

_CHECKS = (
    ("feasible", "fine", "花园四个路口都能装，物业愿意补袋子。"),
    ("lawful", "fine", ""),
    ("cost", "unsure", "便袋一年要换多少，等物业报数。"),
)
_SCREENED = "遛狗牵绳，路口放狗便袋"
#: Who writes too much about others, and who minds; then somebody whose words wait to be looked at.
_LOUD = (196, "菜店老板娘自己天天往路上泼水，还好意思说绊倒。")
_MINDS = (197, "这是在说别人家的事，看了不舒服。")
_WAITS = (198, "我家就在旁边，施工那几天可以借水借电，打 13908510198。")
_TALKED_OF = "人行道砖面修补"
#: Somebody proposes what others have: to be merged.
_AGAIN = (199, "东门快递柜早点装", "快递天天堆在门卫室，东门那边装一组快递柜吧。", "东门")


async def tell(
    http: httpx.AsyncClient,
    clerk: Person,
    *,
    moment: Callable[[int, int], dt.datetime],
    phone_of: Callable[[int], str],
    project_ids: Mapping[str, str],
) -> None:
    """The clerk takes in a list, gives one project its picture, and screens an idea; neighbours talk and report."""
    story_time = clock.now()
    clock.set_frozen(moment(-2, 15).astimezone(dt.UTC))
    await _list(clerk)
    ideas = await clerk.call(
        "GET", "/api/v1/ideas", params={"community": place.COMMUNITY, "show": "under_review"}
    )
    screened = next(each["id"] for each in ideas["items"] if each["title"] == _SCREENED)
    checks = [{"check": check, "finding": finding, "note": note} for check, finding, note in _CHECKS]
    await clerk.call("PUT", f"/api/v1/ideas/{screened}/screening", json={"checks": checks})
    clock.set_frozen(moment(-1, 20).astimezone(dt.UTC))
    loud = await _say(http, phone_of(_LOUD[0]), project_ids[_TALKED_OF], _LOUD[1])
    await _say(http, phone_of(_WAITS[0]), project_ids[_TALKED_OF], _WAITS[1])
    number, title, words, where = _AGAIN
    again = Person(http)
    await again.sign_in_with_phone(phone_of(number))
    idea = {"community_code": place.COMMUNITY, "title": title, "words": words, "place": where}
    await again.call("PUT", f"/api/v1/ideas/{uuid.uuid4()}", json=idea)
    minds = Person(http)
    await minds.sign_in_with_phone(phone_of(_MINDS[0]))
    await minds.call(
        "PUT", f"/api/v1/comments/{loud}/my-report", json={"code": "private", "words": _MINDS[1]}
    )
    clock.set_frozen(story_time)


async def _list(clerk: Person) -> None:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(_HEADER)
    writer.writerows(_LIST)
    path = f"/api/v1/communities/{place.COMMUNITY}/project-imports"
    seen = await clerk.call(
        "POST", path, files={"file": ("明年项目.csv", table.getvalue().encode(), "text/csv")}
    )
    made = await clerk.call("POST", f"{path}/{seen['id']}/commit", json={})
    jpeg, words = pictures.picture_of("children", "infrastructure")
    for line in made["lines"]:
        if line["title"] == _PHOTO_OF:
            await clerk.call(
                "POST", f"/api/v1/projects/{line['project_id']}/photos",
                files={"file": ("photo.jpg", jpeg, "image/jpeg")}, data={"alt": words},
            )  # fmt: skip


async def _say(http: httpx.AsyncClient, phone: str, project_id: str, words: str) -> str:
    person = Person(http)
    await person.sign_in_with_phone(phone)
    comment = str(uuid.uuid4())
    body = {"kind": "project", "subject_id": project_id, "words": words}
    await person.call("PUT", f"/api/v1/comments/{comment}", json=body)
    return comment
