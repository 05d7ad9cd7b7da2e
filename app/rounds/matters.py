"""The nine matters that owners decide jointly (Civil Code, art. 278), and what each asks for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.tally.double_quorum import Matter


class OwnersMatter(StrEnum):
    """A matter of the article."""

    RULES_OF_PROCEDURE = "rules_of_procedure"
    MANAGEMENT_AGREEMENT = "management_agreement"
    OWNERS_COMMITTEE = "owners_committee"
    PROPERTY_MANAGER = "property_manager"
    USE_OF_REPAIR_FUND = "use_of_repair_fund"
    RAISING_REPAIR_FUND = "raising_repair_fund"
    REBUILDING = "rebuilding"
    USE_OF_COMMON_PARTS = "use_of_common_parts"
    OTHER_MAJOR_MATTER = "other_major_matter"


@dataclass(frozen=True)
class MatterRule:
    """What the law says of a matter.

    Attributes:
        item: its number in the article.
        majority: which majority decides it.
        zh: the words of the article.
        en: the same in English.
    """

    item: int
    majority: Matter
    zh: str
    en: str


#: Items 6 to 8 take three quarters of those who take part, the others more than half.
MATTERS: Mapping[OwnersMatter, MatterRule] = {
    OwnersMatter.RULES_OF_PROCEDURE: MatterRule(
        1, Matter.ORDINARY, "制定和修改业主大会议事规则", "Rules of procedure of the owners' assembly"
    ),
    OwnersMatter.MANAGEMENT_AGREEMENT: MatterRule(
        2, Matter.ORDINARY, "制定和修改管理规约", "The owners' management agreement"
    ),
    OwnersMatter.OWNERS_COMMITTEE: MatterRule(
        3,
        Matter.ORDINARY,
        "选举业主委员会或者更换业主委员会成员",
        "Electing the owners' committee or replacing its members",
    ),
    OwnersMatter.PROPERTY_MANAGER: MatterRule(
        4,
        Matter.ORDINARY,
        "选聘和解聘物业服务企业或者其他管理人",
        "Engaging or dismissing a property company or another manager",
    ),
    OwnersMatter.USE_OF_REPAIR_FUND: MatterRule(
        5, Matter.ORDINARY, "使用建筑物及其附属设施的维修资金", "Using the repair fund"
    ),
    OwnersMatter.RAISING_REPAIR_FUND: MatterRule(
        6, Matter.SPECIAL, "筹集建筑物及其附属设施的维修资金", "Raising money for the repair fund"
    ),
    OwnersMatter.REBUILDING: MatterRule(
        7,
        Matter.SPECIAL,
        "改建、重建建筑物及其附属设施",
        "Altering or rebuilding the building and its facilities",
    ),
    OwnersMatter.USE_OF_COMMON_PARTS: MatterRule(
        8,
        Matter.SPECIAL,
        "改变共有部分的用途或者利用共有部分从事经营活动",
        "Changing the use of common parts, or trading with them",
    ),
    OwnersMatter.OTHER_MAJOR_MATTER: MatterRule(
        9,
        Matter.ORDINARY,
        "有关共有和共同管理权利的其他重大事项",
        "Other major matters of co-ownership and common management",
    ),
}
