"""What can go wrong with what a committee says of itself."""

from app.core.errors import Outdated


class CommitteeOutdated(Outdated):
    """Somebody has changed these lines since you read them. Please load them again."""

    code = "committee_outdated"
    zh = "联系信息在您读取之后有人改过，请刷新后再改。"
