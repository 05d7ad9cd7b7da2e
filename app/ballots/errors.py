"""What can go wrong with a ballot."""

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, Outdated, Unavailable


class NotOnTheRoll(NotAllowed):
    """You are not on the roll of this round. If you live here, ask your committee or register yourself."""

    code = "not_on_the_roll"
    zh = "您不在这轮投票的名册上。如果您住在这里，请联系居委会，或自行登记。"


class SignedInOnPaper(Conflict):
    """You signed in for a paper ballot in this round, so that it is the one that counts."""

    code = "signed_in_on_paper"
    zh = "您已在本轮投票中领取纸质选票，以纸质选票为准。"


class BallotChanged(Outdated):
    """Your ballot was changed on another phone since you read it. Please look again before you replace it."""

    code = "ballot_changed"
    zh = "您的选票已在另一部手机上改过，请先查看再更换。"


class NoBallot(NotFound):
    """There is no ballot of yours in this round."""

    code = "no_ballot"
    zh = "这轮投票里没有您的选票。"


class UnknownProject(Invalid):
    """The ballot names a project that is not on this round's list: {project_id}"""  # noqa: D415

    code = "unknown_project"
    zh = "选票里有不在本轮名单上的项目：{project_id}"


class RepeatedProject(Invalid):
    """The ballot ranks one project twice: {project_id}"""  # noqa: D415

    code = "repeated_project"
    zh = "选票里有重复的项目：{project_id}"


class TooManyRanks(Invalid):
    """The ballot ranks {ranks} projects; at most {most} are allowed here."""

    code = "too_many_ranks"
    zh = "选票排了 {ranks} 个项目，本轮最多 {most} 个。"


class BoxDamaged(Conflict):
    """The ballot box does not open: {reason}. Nothing was changed; the round can be voided."""

    code = "box_damaged"
    zh = "票箱无法开启：{reason}。没有改动任何内容，可宣布本轮作废。"


class KeyMissing(Unavailable):
    """The round's key is not in the key store of this machine."""

    code = "key_missing"
    zh = "本机的密钥库里没有这轮投票的钥匙。"


class PublishedAsAggregates(NotFound):
    """So few ballots were cast that publishing them could show who voted how. They can be inspected on site."""

    code = "published_as_aggregates"
    zh = "选票太少，公开逐张选票可能暴露个人选择，只公布汇总，可到现场查验。"


class NotOpenedYet(NotFound):
    """The ballot box has not been opened yet."""

    code = "box_not_opened"
    zh = "票箱还没有开启。"
