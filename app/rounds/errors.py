"""What can go wrong with a round."""

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, Outdated


class RoundNotFound(NotFound):
    """There is no such round here."""

    code = "round_not_found"
    zh = "没有这轮投票。"


class RoundNotOpen(Conflict):
    """This round is not open for ballots (state: {state})."""

    code = "round_not_open"
    zh = "这轮投票现在不接受选票（状态：{state}）。"


class RoundClosed(Conflict):
    """Voting has ended. The ballot was not taken."""

    code = "round_closed"
    zh = "投票已经截止，这张选票没有收下。"


class RoundFrozen(Conflict):
    """The round is published: its list, costs, rule and dates can no longer change."""

    code = "round_frozen"
    zh = "投票已公布，项目、造价、计票规则和日期不能再改。"


class RoundWrongState(Conflict):
    """The round is {state}; this step does not follow from there."""

    code = "round_wrong_state"
    zh = "这轮投票当前是“{state}”，不能进行这一步。"


class ChairNeeded(NotAllowed):
    """One of the two who publish a round must chair the committee."""

    code = "chair_needed"
    zh = "公布投票的两个人中，须有一位是居委会主任。"


class SecondPersonNeeded(NotAllowed):
    """Publishing takes two people: somebody else must approve what you proposed."""

    code = "second_person_needed"
    zh = "公布需要两个人：请由提出人以外的另一位批准。"


class RoundOutdated(Outdated):
    """The draft was changed since you read it. Please load it again."""

    code = "round_outdated"
    zh = "草稿已被别人修改，请刷新后再试。"


class NoticeTooShort(Invalid):
    """This kind of vote must be announced at least {days} days before it opens ({article})."""

    code = "notice_too_short"
    zh = "这类表决须提前至少 {days} 天公告（{article}）。"


class DatesReversed(Invalid):
    """A round must close after it opens, and open in the future."""

    code = "dates_reversed"
    zh = "截止时间必须晚于开始时间，开始时间不能早于现在。"


class TooEarly(Conflict):
    """This may happen from the announced time on, not before: {at}."""

    code = "too_early"
    zh = "要到公布的时间才能进行：{at}。"


class NothingToVoteOn(Invalid):
    """A round needs at least one published project of its communities."""

    code = "nothing_to_vote_on"
    zh = "至少要有一个本社区已公布的项目。"


class ProjectNotInCommunities(Invalid):
    """These projects are not published in the round's communities: {project_ids}"""  # noqa: D415

    code = "project_not_in_communities"
    zh = "这些项目不属于本轮社区，或尚未公布：{project_ids}"


class ProjectsGone(Invalid):
    """These projects can no longer be voted on, take them off the list: {titles}"""  # noqa: D415

    code = "projects_gone"
    zh = "这些项目已经撤回或不再公布，请从名单里去掉：{titles}"


class CommunityNotCovered(Invalid):
    """These are not communities of the round's division: {codes}"""  # noqa: D415

    code = "community_not_covered"
    zh = "这些不是本轮所属区划下的社区：{codes}"


class NobodyOnTheRoll(Conflict):
    """Nobody could vote: the roll of these communities is empty."""

    code = "nobody_on_the_roll"
    zh = "名册上没有人，无法开始投票。"


class GroupsContradict(Invalid):
    """A project stands in two exclusive groups, or two projects of one group are forced in."""

    code = "groups_contradict"
    zh = "同一项目出现在两个互斥组里，或同一互斥组有两个项目被定为必选。"


class ForcedOverBudget(Invalid):
    """The projects that are forced in cost {cost_fen} fen together, more than the budget."""

    code = "forced_over_budget"
    zh = "必选项目合计 {cost_fen} 分，超过总金额。"


class RuleMalformed(Invalid):
    """These settings do not go with the rule {rule}: {settings}."""

    code = "rule_malformed"
    zh = "这些设置与计票规则 {rule} 不相配：{settings}。"


class KindMalformed(Invalid):
    """These settings do not go with a round of the kind {kind}: {settings}."""

    code = "kind_malformed"
    zh = "这些设置与投票类型 {kind} 不相配：{settings}。"


class RoundRecorded(Conflict):
    """Votes of this round are recorded, not secret ballots. Its own address is {instead}."""

    code = "round_recorded"
    zh = "这轮是记名投票，不用秘密选票，请使用 {instead}。"


class RoundSecret(Conflict):
    """Ballots of this round are secret, not recorded votes. Its own address is {instead}."""

    code = "round_secret"
    zh = "这轮是无记名投票，不记录个人的选择，请使用 {instead}。"
