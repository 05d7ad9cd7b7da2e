"""What in a text names somebody, however it is written."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import markdown
from app.demo import meetings, neighbourhood
from app.meetings import wording
from app.meetings.findings import FindingKind, Known, find

KNOWN = Known(
    names={"王小", "王小明", "王文", "高兴", "买买提·艾力", "李"},
    homes={"3栋2单元0301", "1栋1单元0101", "A座-12B"},
    phones={"0851-8599", "85500100"},
)
NOBODY = Known(names=(), homes=(), phones=())

#: What may stand between the digits of a phone number, and between the characters of a name.
BETWEEN_DIGITS = (
    "", " ", "  ", "-", "－", "—", "–", ".", "·", "．", "/", "_", "(", ") ", "\u200b", "\u00ad", "\n", "**", "\\", "` ",
)  # fmt: skip
BETWEEN_HAN = (
    "", " ", "　", "·", "•", "．", "-", "—", "_", "\u200b", "\ufe0f", "\n", "**", "`", "~", "\\_", "](https://a.b/c)",
)  # fmt: skip


class TestFind:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("王小明说路灯太暗。", [("name", "王小明", "王**")]),
            ("王小、王小明", [("name", "王小", "王*"), ("name", "王小明", "王**")]),
            ("大家都很高兴。", [("name", "高兴", "高*")]),
            ("李先生没有留名。", []),
            ("打 13812345678 报名", [("phone", "13812345678", "138****5678")]),
            ("编号 8613812345678000", []),
            ("3栋2单元0301 的住户", [("room", "3栋2单元0301", "3栋2单元")]),
            ("住 3 栋 2 单元 0301 室", [("room", "3 栋 2 单元 0301 室", "3 栋 2 单元")]),
            ("给 7 栋 1101 换门", [("room", "7 栋 1101", "7 栋")]),
            ("二单元 502 漏水", [("room", "二单元 502", "二单元")]),
            ("A座-12B 没人", [("room", "A座-12B", "A座")]),
            ("3 栋 2026 年修好，花了 3 栋 1200 元", []),
            ("到会 148 人，同意 131。", []),
            ("", []),
        ],
    )
    def test_names_rooms_and_phones(self, text: str, found: list[tuple[str, str, str]]) -> None:
        assert [(each.kind.value, each.word, each.mask) for each in find(text, KNOWN)] == found

    @pytest.mark.parametrize(
        ("text", "word", "mask"),
        [
            ("打 139 0851 0000 报名", "139 0851 0000", "139****0000"),
            ("打139-0851-0000报名", "139-0851-0000", "139****0000"),
            ("打１３９０８５１００００报名", "１３９０８５１００００", "139****0000"),
            ("打 139，0851，0000 报名", "139，0851，0000", "139****0000"),
            ("打 +86 139 0851 0000", "+86 139 0851 0000", "139****0000"),
            ("一三九〇八五一〇〇〇〇", "一三九〇八五一〇〇〇〇", "139****0000"),
            ("家里 0851-85500100 常有人", "0851-85500100", "085****0100"),
            ("家里 8550 0100 常有人", "8550 0100", "855****"),
            ("[打电话](tel:13908510000)", "13908510000", "139****0000"),
        ],
    )
    def test_phones_in_any_dress(self, text: str, word: str, mask: str) -> None:
        (found,) = find(text, KNOWN)
        assert (found.kind, found.word, found.mask) == (FindingKind.PHONE, word, mask)

    @pytest.mark.parametrize("number", ["520102194404261234", "52010219440426123X", "520102 19440426 1234"])
    def test_identity_cards(self, number: str) -> None:
        (found,) = find(f"证号{number}。", NOBODY)
        assert (found.kind, found.word) == (FindingKind.IDENTITY, number)
        # nobody is born in a thirteenth month
        assert not find(f"证号{number.replace('0426', '1326')}。", NOBODY)

    @pytest.mark.parametrize(
        ("text", "word", "mask"),
        [
            ("王 文说", "王 文", "王*"),
            ("王·文说", "王·文", "王*"),
            ("王\u200b文说", "王\u200b文", "王*"),
            ("*王*文说", "*王*文", "王*"),
            ("&#29579;文说", "&#29579;文", "王*"),
            ("[王](https://a.b/c)文说", "[王](https://a.b/c)文", "王*"),
            ("买买提艾力说", "买买提艾力", "买****"),
            ("请王先生（1栋）再说", "王先生（1栋）", "一位居民（1栋）"),
            ("王先生（住1栋2单元）", "王先生（住1栋2单元）", "一位居民（住1栋2单元）"),
            ("1栋的赵女士再说", "1栋的赵女士", "1栋的一位居民"),
            ("赵女士住 2 单元", "赵女士住 2 单元", "一位居民住 2 单元"),
        ],
    )
    def test_names_in_any_dress(self, text: str, word: str, mask: str) -> None:
        (found,) = find(text, KNOWN)
        assert (found.kind, found.word, found.mask) == (FindingKind.NAME, word, mask)

    @pytest.mark.parametrize(
        ("text", "word", "mask"),
        [
            ("住 1-1-0101 的", "1-1-0101", "1-1"),
            ("住1#1-101的", "1#1-101", "1#1"),
            ("住一〇一室的", "一〇一室", "某室"),
            ("住0101号的", "0101号", "某室"),
            ("住 302 房的", "302 房", "某室"),
            ("住一栋一单元一〇一的", "一栋一单元一〇一", "一栋一单元"),
            ("住３栋２单元０３０１的", "３栋２单元０３０１", "3栋2单元"),
            ("住 3 栋 5 楼 502 的", "3 栋 5 楼 502", "3 栋 5 楼"),
            ("住 1-101 的", "1-101", "1栋"),  # on the roster
            ("A座 12B 没人", "A座 12B", "A座"),
        ],
    )
    def test_rooms_in_any_dress(self, text: str, word: str, mask: str) -> None:
        (found,) = find(text, KNOWN)
        assert (found.kind, found.word, found.mask) == (FindingKind.ROOM, word, mask)

    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-26 19:30 在 3 栋一楼议事厅",
            "第 128 号文件，贵府发〔2026〕128号，中山路128号，中山路 128 号",
            "受益 320 户，每户 50-120 元，共 13,908,510,000 元",
            "两位先生（1栋）来过，几位女士住 2 单元",
            "打 12345 热线，或到 101 房屋管理所",
            "表决：131、148、1024、2600、3750",
            "- 大家都很高\n- 兴趣小组每周一次",
            "同意 131\n\n反对 0851",
        ],
    )
    def test_ordinary_writing_stands(self, text: str) -> None:
        assert find(text, KNOWN) == []

    @pytest.mark.parametrize(
        "text",
        [
            neighbourhood.MINUTES, neighbourhood.CORRECTION, meetings.COUNCIL_MINUTES, meetings.LAST_MINUTES,
            "秋季微更新结果公示", "充电棚选址协商情况", "明年的项目怎么征集", "地库出入口安全", "节日停车安排",
        ],
    )  # fmt: skip
    def test_so_does_what_the_neighbourhood_wrote(self, text: str) -> None:
        assert find(text, NOBODY) == []

    def test_it_says_where(self) -> None:
        text = "😀王小明和13812345678"
        for each in find(text, KNOWN):
            assert text[each.start : each.end] == each.word
        assert [each.kind for each in find(text, KNOWN)] == [FindingKind.NAME, FindingKind.PHONE]


class TestWhateverStandsBetween:
    @settings(max_examples=60)
    @given(
        number=st.from_regex("1[3-9][0-9]{9}", fullmatch=True),
        gaps=st.lists(st.sampled_from(BETWEEN_DIGITS), min_size=10, max_size=10),
        width=st.sampled_from([0, 0xFEE0]),
    )
    def test_a_phone_is_found(self, number: str, gaps: list[str], width: int) -> None:
        digits = number.translate({each: each + width for each in range(0x30, 0x3A)})
        written = digits[0] + "".join(gap + digit for gap, digit in zip(gaps, digits[1:], strict=True))
        text = f"请打{written}报名"
        found = [each for each in find(text, NOBODY) if each.kind is FindingKind.PHONE]
        assert len(found) == 1
        assert text[found[0].start : found[0].end] == found[0].word
        # and what is left when it is masked says nothing of it
        left = text[: found[0].start] + found[0].mask.replace("*", "\\*") + text[found[0].end :]
        assert [each for each in find(left, NOBODY) if each.kind is FindingKind.PHONE] == []

    @settings(max_examples=60)
    @given(gaps=st.tuples(st.sampled_from(BETWEEN_HAN), st.sampled_from(BETWEEN_HAN)))
    def test_a_name_is_found(self, gaps: tuple[str, str]) -> None:
        text = f"昨天[王{gaps[0]}小{gaps[1]}明说"
        (found,) = find(text, KNOWN)
        assert (found.kind, found.mask) == (FindingKind.NAME, "王**")
        assert text[found.start : found.end] == found.word
        assert wording.key(found.word) == "王小明"

    @settings(max_examples=60)
    @given(st.text(max_size=60))
    def test_places_are_those_of_the_text(self, text: str) -> None:
        found = find(text, KNOWN)
        assert all(text[each.start : each.end] == each.word and each.start < each.end for each in found)
        assert all(one.end <= other.start for one, other in itertools.pairwise(found))

    def test_a_mask_put_in_as_the_editor_does_is_read_as_a_mask(self) -> None:
        html = markdown.render("王\\*说好，李\\*也说好，电话 138\\*\\*\\*\\*5678。")
        assert "王*说好，李*也说好，电话 138****5678。" in html
