"""What in a text names somebody."""

import pytest

from app.meetings.findings import FindingKind, Known, find

KNOWN = Known(names={"王小", "王小明", "高兴", "李"}, homes={"3栋2单元0301", "A座-12B"}, phones={"0851-8599"})


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

    def test_it_says_where(self) -> None:
        text = "😀王小明和13812345678"
        for each in find(text, KNOWN):
            assert text[each.start : each.end] == each.word
        assert [each.kind for each in find(text, KNOWN)] == [FindingKind.NAME, FindingKind.PHONE]
