"""What can go wrong with a recorded vote."""

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, Outdated


class NotAnOwner(NotAllowed):
    """No dwelling on this round's roll is yours. If you own one here, ask your committee, or vote on paper."""

    code = "not_an_owner"
    zh = "本轮业主名册上没有您的住房。如果您是这里的业主，请联系居委会，或填写书面表决票。"


class DwellingNotFound(NotFound):
    """There is no such dwelling here for you."""

    code = "dwelling_not_found"
    zh = "没有这套住房，或不属于您。"


class DwellingsWithoutArea(Conflict):
    """{count} dwellings have no floor area in the roster. Without it nobody can say what two thirds are."""

    code = "dwellings_without_area"
    zh = "名册里有 {count} 套住房没有建筑面积，无法计算面积比例，请先补全。"


class VoteChanged(Outdated):
    """A vote of your dwellings was changed since you read it. Please look again before you change it."""

    code = "vote_changed"
    zh = "您名下住房的表决已被改过，请先查看再修改。"


class ProxyNotFound(NotFound):
    """There is no such proxy here for you."""

    code = "proxy_not_found"
    zh = "没有这份委托，或与您无关。"


class ProxyStands(Conflict):
    """You have given a proxy already. Revoke it first, or vote yourself."""

    code = "proxy_stands"
    zh = "您已经委托过别人，请先撤销，或自己表决。"


class ProxyUsed(Conflict):
    """Your proxy has voted already. You can still vote yourself until the end; that counts instead."""

    code = "proxy_used"
    zh = "受托人已经代您表决，不能再撤销。截止前您仍可自己表决，以您的为准。"


class ProxyWrongState(Conflict):
    """This proxy is {state}; that is not possible now."""

    code = "proxy_wrong_state"
    zh = "这份委托的状态是“{state}”，现在不能这样做。"


class TooManyProxies(Conflict):
    """This person acts for {most} owners already, and nobody may act for more ({article})."""

    code = "too_many_proxies"
    zh = "这位受托人已受 {most} 位业主委托，不能再多（{article}）。"


class ProxyOfProxy(NotAllowed):
    """A proxy cannot be passed on; the owner can give another one."""

    code = "proxy_of_proxy"
    zh = "受托人不能转委托，请由业主本人另行委托。"


class ProxyToOneself(Invalid):
    """This person owns the dwelling too and can vote without a proxy."""

    code = "proxy_to_oneself"
    zh = "对方也是这套住房的业主，可以直接表决，不需要委托。"


class HolderUnknown(Invalid):
    """No adult resident of these communities has this phone."""

    code = "holder_unknown"
    zh = "本轮社区的成年居民中没有人使用这个手机号。"


class ProxyOvertaken(Conflict):
    """An owner of the dwelling has voted since this proxy was given; that counts."""

    code = "proxy_overtaken"
    zh = "委托之后，这套住房的业主已自己表决，以业主的为准。"


class PowersExceeded(Conflict):
    """This proxy is for voting {choice} and nothing else."""

    code = "powers_exceeded"
    zh = "这份委托只授权投“{choice}”，不能投别的。"


class FormNotFound(NotFound):
    """There is no such form here."""

    code = "form_not_found"
    zh = "没有这份书面表决票。"


class FormEnteredAlready(Conflict):
    """The form {reference} was entered already for this dwelling."""

    code = "form_entered_already"
    zh = "书面表决票 {reference} 已为这套住房录入过。"


class FormWrongState(Conflict):
    """This form is {state}; that is not possible now."""

    code = "form_wrong_state"
    zh = "这份书面表决票的状态是“{state}”，现在不能这样做。"


class TimeImpossible(Invalid):
    """A proxy is given after the announcement, a form handed in after opening, both before entry; not at {at}."""

    code = "time_impossible"
    zh = "委托书应在投票公布之后出具，书面表决票应在投票开始之后交来，且都在录入之前，不能是 {at}。"


class SecondLookNeeded(NotAllowed):
    """A document on paper takes two people: somebody else must compare what you entered with it."""

    code = "second_look_needed"
    zh = "书面材料需要两个人：请由录入人以外的另一位核对。"


class NoDecisionYet(NotFound):
    """This round is not counted yet."""

    code = "no_decision_yet"
    zh = "这轮投票还没有计票。"


class DecisionNoticeRunning(Conflict):
    """The decision hangs out until {until}; it can be certified after that."""

    code = "decision_notice_running"
    zh = "公示到 {until} 结束，之后才能确认。"
