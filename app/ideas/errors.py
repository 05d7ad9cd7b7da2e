"""What can go wrong with an idea."""

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany


class IdeaNotFound(NotFound):
    """There is no such idea here."""

    code = "idea_not_found"
    zh = "没有这条建议。"


class NotYourCommunity(NotAllowed):
    """Only people who are known to live in this community can take part in its discussion."""

    code = "not_your_community"
    zh = "只有登记住在这个社区的居民才能参与这里的议事。"


class IdeaWrongState(Conflict):
    """The idea is {state}; this step does not follow from there."""

    code = "idea_wrong_state"
    zh = "这条建议当前是“{state}”，不能进行这一步。"


class IdeaMergedElsewhere(Conflict):
    """This idea was merged into another one. Please go on there."""

    code = "idea_merged"
    zh = "这条建议已并入另一条，请到那一条继续。"


class IdeaIdTaken(Conflict):
    """This id was used before, for other words."""

    code = "idea_id_taken"
    zh = "这个编号已经用过，内容不同。"


class OwnIdea(Conflict):
    """This idea is yours. Endorsements come from neighbours."""

    code = "own_idea"
    zh = "这是您自己的建议，附议要由邻居来做。"


class IdeaShared(Conflict):
    """Other people's ideas were merged into this one, so nobody can withdraw it alone."""

    code = "idea_shared"
    zh = "这条建议里并入了别人的建议，不能由一个人撤回。"


class IdeasTooOften(TooMany):
    """You can post {most} ideas a day. The next one is possible in about {hours} hours."""

    code = "ideas_too_often"
    zh = "每人每天最多提 {most} 条建议，大约 {hours} 小时后可以再提。"


class MergeTargetUnfit(Invalid):
    """An idea can be merged into another one of the same community that is not finished."""

    code = "merge_target_unfit"
    zh = "只能并入同一社区里另一条还没有结束的建议。"


class IdeaPhotosFull(Conflict):
    """An idea can have at most {most} photos."""

    code = "idea_photos_full"
    zh = "一条建议最多 {most} 张照片。"


class IdeaPhotosLate(Conflict):
    """Photos can be added within {hours} hours after posting, while nobody has decided."""

    code = "idea_photos_late"
    zh = "照片要在提出后 {hours} 小时内、还没有答复之前添加。"


class PolicyTooEarly(Invalid):
    """A setting begins today or later; what was before stays as it was."""

    code = "policy_too_early"
    zh = "设置从今天或以后开始生效，不能改过去的。"


class CheckUnexplained(Invalid):
    """Please say why, where something is not fine: {checks}."""

    code = "check_unexplained"
    zh = "没有通过或待核实的项目请写明原因：{checks}"


class IdeaFailsCheck(Conflict):
    """The screening says that it does not work: {checks}. Change what was found, or decline the idea."""

    code = "idea_fails_check"
    zh = "审核记录里有不通过的项：{checks}。请先更正审核记录，或者答复不采纳。"
