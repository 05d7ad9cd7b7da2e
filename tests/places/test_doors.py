"""Doors as people type them; no database is needed."""

import pytest

from app.places import rules


class TestDoors:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("3-2-501", ("3", "2", "501")),
            ("3栋2单元0501室", ("3", "2", "501")),
            ("３号楼　２单元　５０１", ("3", "2", "501")),
            ("a座-1203", ("A", "1203")),
            ("东苑 0010", ("东苑", "10")),
            ("0", ("0",)),
            (" - ", ()),
        ],
    )
    def test_words_blanks_and_zeros_make_no_difference(self, text: str, parts: tuple[str, ...]) -> None:
        assert rules.door_parts(text) == parts

    @pytest.mark.parametrize(
        ("name", "bare"), [("3栋", "3"), ("1单元", "1"), ("0501", "501"), ("B座", "B"), ("负101", "负101")]
    )
    def test_a_name_without_its_word(self, name: str, bare: str) -> None:
        assert rules.bare(name) == bare
