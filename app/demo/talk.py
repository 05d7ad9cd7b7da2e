"""What the demonstration's neighbours propose, endorse and say; and what the committee answers."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.comments import service as comments
from app.comments.rules import CommentKind
from app.comments.schemas import CommentIn
from app.core import clock
from app.core.db import Database
from app.demo import neighbourhood as place
from app.demo.pictures import picture_of
from app.ideas import service as ideas
from app.ideas.rules import Byline
from app.ideas.schemas import IdeaIn
from app.projects import service as projects
from app.projects.rules import Category, CostKind, DeliveryKind, RejectionCode
from app.projects.schemas import CostItemIn, ProjectWords

CLERK = "clerk"
_MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Said:
    """A comment; answers stand under it. Without a neighbour it is the committee that speaks."""

    by: int
    words: str
    answers: tuple["Said", ...] = ()
    #: What the committee answers.
    office: str | None = None


@dataclass(frozen=True)
class Proposed:
    """An idea with who stands by it and what is said."""

    by: int
    title: str
    words: str
    place: str
    category: Category
    endorsed_by: Sequence[int]
    building: bool = False
    photo: bool = False
    said: tuple[Said, ...] = ()


BENCHES = Proposed(
    41, "单元门口放几把折叠座椅", "老人等电梯、等车都没地方坐，靠墙的折叠椅不占通道。", "各栋单元门口",
    Category.ELDER_CARE, range(50, 76), building=True,
    said=(Said(52, "支持，我妈每次买菜回来都要在门口歇一会儿。", office="已经量过尺寸，六栋都放得下。"),),
)  # fmt: skip
GATE = Proposed(
    44, "后门装一个门禁", "后门谁都能进，晚上常有陌生人在楼道里。", "后门", Category.LIGHTING_SAFETY, range(60, 81),
)  # fmt: skip
PAINT = Proposed(
    47, "给 7 栋外墙重新刷漆", "外墙一片一片往下掉，怕砸到人。", "7栋", Category.RENOVATION, range(80, 94),
    said=(Said(83, "掉下来的先用网拦一下吧，等不起。", office="安全网本周已经拉好。"),),
)  # fmt: skip

DOGS = Proposed(
    102, "遛狗牵绳，路口放狗便袋", "花园里到处是狗粪，孩子不敢去玩。不是不让养，是请大家都方便。", "中心花园",
    Category.GREEN_SPACE, range(110, 133), building=True, photo=True,
    said=(
        Said(112, "我家养狗，我支持牵绳。", (Said(115, "谢谢，就等养狗的邻居说这句话。"),)),
        Said(118, "狗便袋最好放垃圾桶旁边，不然没人拿。"),
    ),
)  # fmt: skip
PARCELS = Proposed(
    105, "东门加一组快递柜", "快递堆在门卫室，下班晚了取不到，还丢过两次。", "东门", Category.OTHER, range(134, 147),
    said=(Said(136, "最好靠里一点，别挡住消防通道。"),),
)  # fmt: skip
PARCELS_TOO = Proposed(108, "快递没地方放", "东门也要一个快递柜。", "东门", Category.OTHER, range(140, 145))
CALLS = Proposed(
    121, "每周给独居老人打一次电话", "我可以报名。一个人住的老人，每周有人问一声，家里人也放心。", "",
    Category.ELDER_CARE, range(150, 168),
    said=(
        Said(
            153, "我也报名，周二下午有空。",
            office="已有 9 位邻居报名，居委会下周开个短会，把名单和注意事项理清楚。",
        ),
    ),
)  # fmt: skip

CLASSROOM = Proposed(
    171, "四点半课堂晚一个小时再结束", "很多家长六点半才下班，孩子要在门口等。", "社区活动室", Category.CHILDREN,
    range(172, 176),
)  # fmt: skip
BINS = Proposed(
    0, "垃圾投放点往北挪五米", "离 2 栋一楼的窗户太近，夏天味道大。", "2栋东侧", Category.OTHER, range(176, 182),
    building=True,
)  # fmt: skip
WAITING = Proposed(183, "周末一起打羽毛球", "缺人，想来的打 13908510183。", "活动广场", Category.CULTURE, ())

OF_PROJECTS: Mapping[str, tuple[Said, ...]] = {
    "人行道砖面修补": (
        Said(185, "菜店门口那一段最要紧，上周又有人绊倒。", office="那一段排在第一周施工，先放了警示牌。"),
        Said(188, "能不能顺便把盲道接起来？"),
    ),
    "儿童滑梯与沙池": (
        Said(190, "沙池要有盖子，不然猫会进去。", (Said(193, "对，隔壁小区就是这样，后来加了网。"),)),
    ),
    "监控盲区补点": (Said(195, "只拍公共区域这一条要写进合同。"),),
}


@dataclass
class Talk:
    """Tells what is proposed and said, at the times it happened."""

    database: Database
    phone_of: Callable[[int], str]
    _ids: dict[str, uuid.UUID] = field(default_factory=dict)
    _actors: dict[int | str, Actor] = field(default_factory=dict)

    def in_spring(self) -> None:
        """The first ideas: one becomes a project, one waits for its plan, one is declined."""
        with self.database.writing() as session:
            for proposed in (BENCHES, GATE, PAINT):
                self._propose(session, proposed)
            _pass(dt.timedelta(days=1))
            clerk = self._actor(session, CLERK)
            benches = self._take_up(session, BENCHES, "单元门口折叠座椅", "折叠座椅 24 把与安装", 1_680_000)
            projects.publish(session, project_ids=[benches], actor=clerk)
            ideas.decline(
                session, idea_id=self._ids[PAINT.title], code=RejectionCode.SOMEBODY_ELSE_LIABLE,
                reason="外墙在开发商保修期内（到明年 6 月）。已发函要求维修，进展写在公示栏。", actor=clerk,
            )  # fmt: skip
            _pass(dt.timedelta(hours=5))
            self._take_up(session, GATE, "后门门禁", "门禁一套与安装", 2_350_000)

    def in_autumn(self) -> None:
        """Later ones: enough endorsements, nearly enough, two that are one."""
        with self.database.writing() as session:
            for proposed in (DOGS, PARCELS, PARCELS_TOO, CALLS):
                self._propose(session, proposed)
            _pass(dt.timedelta(hours=2))
            ideas.merge(
                session, idea_id=self._ids[PARCELS_TOO.title], into_id=self._ids[PARCELS.title],
                actor=self._actor(session, CLERK),
            )  # fmt: skip

    def last_night(self, project_ids: Mapping[str, str]) -> None:
        """The newest ones, one that somebody has to look at, and what is said about projects of the open round."""
        with self.database.writing() as session:
            for proposed in (CLASSROOM, BINS, WAITING):
                self._propose(session, proposed)
            for title, said in OF_PROJECTS.items():
                self._say(session, CommentKind.PROJECT, uuid.UUID(project_ids[title]), said)

    # --- steps ----------------------------------------------------------------------------------------------------

    def _propose(self, session: Session, proposed: Proposed) -> None:
        _pass(7 * _MINUTE)
        idea_id = self._ids[proposed.title] = uuid.uuid4()
        body = IdeaIn(
            community_code=place.COMMUNITY, title=proposed.title, words=proposed.words, place=proposed.place,
            category=proposed.category, byline=Byline.BUILDING if proposed.building else Byline.RESIDENT,
        )  # fmt: skip
        author = self._actor(session, proposed.by)
        ideas.post(session, idea_id=idea_id, body=body, actor=author)
        if proposed.photo:
            jpeg, words = picture_of(proposed.category.value)
            ideas.add_photo(session, idea_id=idea_id, picture=projects.prepare(jpeg), alt=words, actor=author)
        _pass(_MINUTE)
        for number in proposed.endorsed_by:
            ideas.endorse(session, idea_id=idea_id, actor=self._actor(session, number))
        self._say(session, CommentKind.IDEA, idea_id, proposed.said)

    def _take_up(self, session: Session, idea: Proposed, title: str, item: str, amount_fen: int) -> uuid.UUID:
        words = ProjectWords(
            title=title, description=idea.words, category=idea.category, place=idea.place,
            delivery_kind=DeliveryKind.INFRASTRUCTURE,
            cost_items=[CostItemIn(kind=CostKind.GOODS, description=item, amount_fen=amount_fen)],
        )  # fmt: skip
        row = ideas.take_up(
            session, idea_id=self._ids[idea.title], words=words, actor=self._actor(session, CLERK)
        )
        assert row.project_id is not None
        return row.project_id

    def _say(
        self,
        session: Session,
        kind: CommentKind,
        subject_id: uuid.UUID,
        said: Sequence[Said],
        parent_id: uuid.UUID | None = None,
    ) -> None:
        for each in said:
            about = CommentIn(kind=kind, subject_id=subject_id, parent_id=parent_id, words=each.words)
            own = self._post(session, about, self._actor(session, each.by))
            self._say(session, kind, subject_id, each.answers, own)
            if each.office is not None:
                answer = about.model_copy(update={"parent_id": own, "words": each.office})
                self._post(session, answer, self._actor(session, CLERK))

    @staticmethod
    def _post(session: Session, body: CommentIn, actor: Actor) -> uuid.UUID:
        _pass(_MINUTE)
        row, _ = comments.post(session, comment_id=uuid.uuid4(), body=body, actor=actor)
        session.flush()  # its answers refer to it
        return row.id

    def _actor(self, session: Session, who: int | str) -> Actor:
        """Somebody signed in: a neighbour by number, a member of staff by name."""
        if who not in self._actors:
            account = (
                access.resident_account(session, access.phone_fingerprint(self.phone_of(who)))
                if isinstance(who, int)
                else access.account_named(session, who)
            )
            assert account is not None
            family = access.start_session(session, account, days=1)
            session.flush()  # the sign-in is looked up
            self._actors[who] = access.actor_of(session, account_id=account.id, session_id=family.id)
        return self._actors[who]


def _pass(time: dt.timedelta) -> None:
    clock.set_frozen(clock.now() + time)
