"""The demonstration neighbourhood as data: 花果园, invented people, believable projects and words."""

from dataclasses import dataclass

COMMUNITY = "520102031006"
SUBDISTRICT = "520102031000"
DISTRICT = "520102000000"
CITY = "520100000000"

BUILDINGS = ("1栋", "2栋", "3栋", "5栋", "6栋", "7栋")
UNITS = ("1单元", "2单元")
FLOORS = 11
DOORS = 2

#: 264 households in six buildings; the notice period, the count and the publication level are real.
SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文春燕丹晶亮辉宁倩雪琴"


@dataclass(frozen=True)
class DemoProject:
    """A project of the demonstration."""

    title: str
    description: str
    category: str
    place: str
    delivery_kind: str
    items: tuple[tuple[str, str, int], ...]
    #: How much residents like it, for drawing their ballots.
    appeal: int

    @property
    def cost_fen(self) -> int:
        """The sum of the items."""
        return sum(amount for _, _, amount in self.items)


SPRING = (
    DemoProject(
        "楼道与北区照明",
        "3 栋、5 栋楼道灯经常不亮，北区小路晚上很黑。换成**声控节能灯**，北区加 12 盏路灯。",
        "lighting_safety", "3 栋、5 栋楼道，北区小路", "infrastructure",
        (("goods", "声控灯 96 只、路灯 12 盏", 4_200_000), ("works", "安装与布线", 2_600_000)), 30,
    ),
    DemoProject(
        "西侧排污管改造",
        "一到雨季西侧 1 栋、2 栋前的下水道就返水。更换 180 米主管，疏通检查井。",
        "sewage", "1 栋、2 栋西侧", "infrastructure",
        (("works", "开挖、换管、恢复路面", 17_500_000), ("goods", "管材与井盖", 5_000_000)), 26,
    ),
    DemoProject(
        "四点半课堂（一年）",
        "放学后到六点，双职工家的孩子没人看。社区活动室开课堂，请两位老师，免费。",
        "children", "社区活动室", "service",
        (("staff", "两位老师一学年", 8_400_000), ("goods", "课桌与图书", 1_200_000)), 24,
    ),
    DemoProject(
        "中心花园座椅与花箱",
        "老人反映花园没有地方坐。增加 20 张带扶手的座椅和 30 个认养花箱。",
        "green_space", "中心花园", "infrastructure",
        (("goods", "座椅 20 张、花箱 30 个", 2_500_000), ("works", "安装", 600_000)), 20,
    ),
    DemoProject(
        "6 栋加装无障碍坡道",
        "6 栋门口有七级台阶，轮椅和婴儿车上不去。",
        "accessibility", "6 栋 1 单元", "infrastructure",
        (("works", "坡道与扶手", 5_800_000),), 14,
    ),
    DemoProject(
        "电动车集中充电棚",
        "楼道里拉线充电有火灾隐患，在南门建 60 个充电位。",
        "lighting_safety", "南门", "infrastructure",
        (("works", "棚架与地面", 9_000_000), ("goods", "充电桩 60 个", 6_500_000)), 22,
    ),
    DemoProject(
        "助老餐桌",
        "为 70 岁以上老人提供午餐，每餐补贴 5 元，先办一年。",
        "elder_care", "社区食堂", "service",
        (("staff", "厨师与送餐", 9_600_000), ("other", "餐费补贴", 6_000_000)), 18,
    ),
    DemoProject(
        "快递架与遮雨棚",
        "快递堆在门口，下雨全湿。东门设快递架和雨棚。",
        "other", "东门", "infrastructure",
        (("goods", "快递架", 1_600_000), ("works", "雨棚", 2_800_000)), 12,
    ),
    DemoProject(
        "中秋邻里节",
        "搭台演出、游园、长桌宴，让新老住户认识。",
        "culture", "中心广场", "activity",
        (("venue", "舞台与音响", 3_000_000), ("goods", "游园用品", 1_000_000)), 8,
    ),
    DemoProject(
        "老旧健身器材更换",
        "花园里的健身器材锈蚀松动，更换 10 件并铺软垫。",
        "green_space", "中心花园", "infrastructure",
        (("goods", "器材 10 件与软垫", 4_500_000),), 15,
    ),
)  # fmt: skip

AUTUMN = (
    DemoProject(
        "5 栋屋面防水",
        "5 栋顶楼六户下雨漏水，整体重做防水。",
        "renovation", "5 栋屋面", "infrastructure", (("works", "防水层重做", 12_800_000),), 20,
    ),
    DemoProject(
        "人行道砖面修补",
        "主路人行道多处塌陷，雨天积水绊脚，修补 400 平方米。",
        "roads", "主路两侧", "infrastructure", (("works", "铺砖 400 平方米", 9_600_000),), 24,
    ),
    DemoProject(
        "儿童滑梯与沙池",
        "小区没有适合学龄前孩子的地方。",
        "children", "中心花园东侧", "infrastructure",
        (("goods", "滑梯组合", 5_200_000), ("works", "沙池与护栏", 1_800_000)), 22,
    ),
    DemoProject(
        "外来务工者法律与就业咨询",
        "每周六下午请律师和就业专员坐班，不看户口。",
        "other", "党群服务站", "service", (("staff", "一年 48 次坐班", 4_800_000),), 14,
    ),
    DemoProject(
        "社区图书角",
        "活动室添 1,500 册书和两张长桌，志愿者轮流看管。",
        "culture", "社区活动室", "service", (("goods", "图书与桌椅", 3_600_000),), 13,
    ),
    DemoProject(
        "监控盲区补点",
        "车棚和后门没有监控，补 14 个点位，只拍公共区域。",
        "lighting_safety", "车棚、后门", "infrastructure", (("goods", "摄像机 14 台与布线", 6_400_000),), 17,
    ),
)  # fmt: skip

MINUTES = """### 到会情况

应到户代表 264 人，实到 148 人，超过半数，会议有效。

### 议题一：楼道照明

多位住户反映 3 栋、5 栋楼道灯经常不亮，老人摔过跤。物业说明：原灯具已停产，建议整体更换。

### 议题二：本年度社区微更新怎么选

居委会说明办法：先公布项目和造价，再由居民在手机上排序，也可以到居委会填纸质选票；
票先封进没有名字的信封，截止前可以随时改；结果公示十五天。

### 表决

同意把“楼道与北区照明”列入本年度项目名单，并按上述办法投票。
"""

CORRECTION = "上一版把实到人数写成了 146 人，签到表为 148 人。"

OBJECTION_GROUNDS = (
    "充电棚离我家窗户不到五米，晚上有灯光和噪声，也担心起火。",
    "南门本来就堵，再停六十辆车，消防车进不来。",
    "我家有新生儿，施工期间噪声受不了，希望换到北门空地。",
    "充电棚会挡住一楼采光。",
    "担心电动车夜里自燃，离住宅太近。",
    "不同意占用现在的绿地。",
)

OFFER = "方案：棚体向南移 8 米，离最近窗户 13 米以上，加装烟感和自动断电，夜间 22 点后停止充电并关灯。"
