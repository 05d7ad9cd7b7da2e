"""What is held, and what is like what."""

import datetime as dt

import pytest

from app.ideas.errors import IdeasTooOften, IdeaWrongState
from app.ideas.moderation import Hold, noticed
from app.ideas.rules import MOST_IDEAS_A_DAY, TRANSITIONS, IdeaState, Policy, check_pace, step, still_needed
from app.projects.likeness import LEAST, Shared, grams, likeness, rarest

NOW = dt.datetime(2026, 6, 2, 3, 0, tzinfo=dt.UTC)


class TestNoticing:
    @pytest.mark.parametrize(
        ("text", "hold"),
        [
            ("请打 13900001234 找我", Hold.PHONE),
            ("请打 139 0000 1234 找我", Hold.PHONE),
            ("请打１３９－００００－１２３４", Hold.PHONE),
            ("电话139\u200b00001234", Hold.PHONE),
            ("+86 139-0000-1234", Hold.PHONE),
            ("座机 0851-85861234", Hold.PHONE),
            ("身份证 520102198001011234", Hold.ID_NUMBER),
            ("身份证 52010219800101123X", Hold.ID_NUMBER),
            ("卡号 6222 0212 3456 7890 123", Hold.LONG_NUMBER),
            ("就是3栋2单元1201那家", Hold.DWELLING),
            ("就是3号楼1201室", Hold.DWELLING),
            ("详情见 https://example.org", Hold.LINK),
            ("看 meinv.top 有惊喜", Hold.LINK),
            ("你这个傻逼", Hold.ABUSE),
            ("你这个傻 · 逼", Hold.ABUSE),
            ("what the FUCK", Hold.ABUSE),
            ("加微信领红包", Hold.ABUSE),
        ],
    )
    def test_what_a_person_should_look_at_first(self, text: str, hold: Hold) -> None:
        assert noticed("标题", text) == [hold]

    @pytest.mark.parametrize(
        "text",
        [
            "3栋2单元的灯坏了，3 栋和 5 栋之间也没有灯",
            "预算 12000 元，2026 年 6 月 2 日 19:30 在活动室讨论",
            "居委会办事太慢，这个方案我坚决反对，浪费钱！",
            "建 60 个充电位，每个 2.5 米，共 180 米",
            "The scrapheap behind the classic wall, 12.5 m",
            "第 1、2、3、5、6、7 栋都有这个问题",
            "12栋楼下的空地，一二层的住户",
        ],
    )
    def test_neighbours_may_be_sharp_and_count_things(self, text: str) -> None:
        assert noticed(text) == []

    def test_several_things_are_named_in_one_order(self) -> None:
        text = "加微信 13900001234，5201021980010112345 去死"
        assert noticed(text) == [Hold.PHONE, Hold.LONG_NUMBER, Hold.ABUSE]


IDEAS = {
    "路灯": ("南门装一个路灯", "晚上太黑，老人看不清台阶，去年有人摔倒。"),
    "充电": ("电动车集中充电", "楼道里飞线充电很危险，能不能在南门空地建充电棚。"),
    "食堂": ("办一个老年食堂", "七十岁以上的老人自己做饭不方便。"),
    "绿化": ("中心花园的草坪重新种", "草都死了，下雨全是泥。"),
    "垃圾": ("垃圾分类投放点挪个位置", "离一楼窗户太近，夏天味道大。"),
    "狗": ("遛狗牵绳和狗便袋", "花园里到处是狗粪，孩子不敢去玩。"),
    "快递": ("东门加一组快递柜", "快递堆在门卫室，经常丢。"),
    "english": ("A bench at the bus stop", "Elders wait standing in the rain."),
}


def found(words: str) -> list[str]:
    """The rank of what is found, as the service does it."""
    query = grams(words)
    pieces = {name: (grams(title), grams(title) | grams(text)) for name, (title, text) in IDEAS.items()}
    counts = {gram: sum(gram in each for _, each in pieces.values()) for gram in query}
    chosen = set(rarest(query, counts))
    scores = {}
    for name, (titled, every) in pieces.items():
        shared = Shared({gram: gram in titled for gram in chosen & every}, len(titled))
        scores[name] = likeness(query, shared, counts=counts, texts=len(pieces))
    close = [name for name, score in scores.items() if score >= LEAST]
    return sorted(close, key=lambda name: -scores[name])


class TestLikeness:
    @pytest.mark.parametrize(
        ("words", "first"),
        [
            ("南门太黑了，希望装路灯", "路灯"),
            ("路灯", "路灯"),
            ("电瓶车充电", "充电"),
            ("建议小区建个电动车充电棚，解决飞线充电问题", "充电"),
            ("给老人办食堂", "食堂"),
            ("老年人食堂", "食堂"),
            ("花园草坪都是泥", "绿化"),
            ("垃圾投放点味道太大", "垃圾"),
            ("有人遛狗不牵绳", "狗"),
            ("快递柜", "快递"),
            ("bus stop bench", "english"),
            ("Benches for the bus stop please", "english"),
        ],
    )
    def test_what_means_the_same_comes_first(self, words: str, first: str) -> None:
        assert found(words)[:1] == [first]

    @pytest.mark.parametrize(
        "words",
        ["希望小区越来越好", "建议", "四点半课堂", "给单元门换锁", "", "。。。！", "Where is the pool?"],
    )
    def test_nothing_is_shown_where_nothing_fits(self, words: str) -> None:
        assert found(words) == []

    def test_the_same_title_is_as_like_as_can_be(self) -> None:
        query = grams("东门加一组快递柜")
        shared = Shared(dict.fromkeys(query, True), len(query))
        assert likeness(query, shared, counts=dict.fromkeys(query, 1), texts=10) >= 1400

    def test_a_rare_word_says_more_than_a_common_one(self) -> None:
        query = {"路灯", "南门"}
        counts = {"路灯": 2, "南门": 100}
        rare, common = (
            likeness(query, Shared({gram: False}, 10), counts=counts, texts=200) for gram in ("路灯", "南门")
        )
        assert rare > 2 * common

    def test_whatever_somebody_pastes_is_read(self) -> None:
        assert grams("\ud83d\ude00" * 3 + "Ａｂｃ１２３") == grams("abc123")
        assert len(grams("啊呀" * 10_000)) <= 2


class TestStates:
    def test_everything_but_an_end_leads_on(self) -> None:
        ends = {state for state, to in TRANSITIONS.items() if not to}
        assert ends == {IdeaState.MERGED, IdeaState.WITHDRAWN}
        assert set(TRANSITIONS) == set(IdeaState)

    def test_nobody_goes_back_from_a_project(self) -> None:
        with pytest.raises(IdeaWrongState):
            step(IdeaState.TAKEN_UP, IdeaState.WITHDRAWN)

    @pytest.mark.parametrize(
        ("state", "count", "needed"),
        [(IdeaState.OPEN, 13, 7), (IdeaState.OPEN, 25, 0), (IdeaState.SCREENING, 3, 0)],
    )
    def test_how_many_are_still_needed(self, state: IdeaState, count: int, needed: int) -> None:
        assert still_needed(state, count, Policy(20, review_first=False)) == needed


class TestPace:
    def test_the_first_of_the_day_frees_a_place_after_a_day(self) -> None:
        times = [NOW - dt.timedelta(hours=hours) for hours in (1, 2, 21)]
        check_pace(times[: MOST_IDEAS_A_DAY - 1], now=NOW)
        with pytest.raises(IdeasTooOften) as refused:
            check_pace(times, now=NOW)
        assert refused.value.facts == {"most": 3, "hours": 3, "retry_after": 3 * 3600}
        check_pace(times, now=NOW + dt.timedelta(hours=3))
