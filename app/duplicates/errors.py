"""Why two rows are not merged, or not made two again."""

from app.core.errors import Conflict, NotFound


class DuplicateNotFound(NotFound):
    """There is no such merge here."""

    code = "duplicate_not_found"
    zh = "没有这次合并。"


class NotMerged(Conflict):
    """This has been taken back already."""

    code = "duplicate_not_merged"
    zh = "这次合并已经撤销了。"


class HasABallot(Conflict):
    """The other entry stands on the roll of “{round}” and cannot go. Keep that one, or merge after the result."""

    code = "merge_has_a_ballot"
    zh = "另一条在“{round}”的名册上，有一张选票，不能并掉。要么保留另一条，要么等结果公布后再合并。"


class BothHaveABallot(Conflict):
    """Both entries stand on the roll of “{round}”, with a ballot each. They can be merged when its result is out."""

    code = "merge_both_have_a_ballot"
    zh = "两条都在“{round}”的名册上，各有一张选票。等结果公布后才能合并。"


class PhoneHasABallot(Conflict):
    """The number has a ballot in “{round}” from another community. Merge when the result of that round is out."""

    code = "merge_phone_has_a_ballot"
    zh = "这个手机号在“{round}”里以另一个社区的身份有一张选票。等结果公布后才能合并。"


class BothSignIn(Conflict):
    """Both numbers are used to sign in. Please ask the resident which one is right, and correct the roster first."""

    code = "merge_both_sign_in"
    zh = "两个手机号都有人登录使用。请先向本人核实，在名册里改正号码后再合并。"


class OtherSignsIn(Conflict):
    """The other entry belongs to another home, and its number is used to sign in. It cannot go: keep that one."""

    code = "merge_other_signs_in"
    zh = "另一条登记在另一户，而且它的手机号有人登录使用，不能并掉。请保留另一条。"


class OwnsAnotherHome(Conflict):
    """The other entry owns another home. Who owns two homes stands in both by right."""

    code = "merge_owns_another_home"
    zh = "另一条是另一套房的业主，不能并掉。一人有两套房，两处都应登记。"


class RoundUnderWay(Conflict):
    """In “{round}” this person votes by the merged entry. It can be taken back when the result is out."""

    code = "merge_round_under_way"
    zh = "这位居民正以合并后的身份参加“{round}”。等结果公布后才能撤销合并。"
