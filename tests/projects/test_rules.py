"""Amounts, titles, places and groups: what needs no database."""

import uuid

import pytest

from app.projects import sheets
from app.projects.likeness import near
from app.projects.rules import exclusive_groups

A, B, C, D, E = sorted(uuid.UUID(int=number) for number in range(1, 6))


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "fen"),
        [
            ("12000", 1_200_000), ("12,000.50", 1_200_050), ("￥500元", 50_000), ("¥ 1,234,567.8", 123_456_780),
            ("1.2万", 1_200_000), ("0.0001万元", 100), ("１２０００", 1_200_000), ("8 000", 800_000), ("0.01", 1),
        ],
    )  # fmt: skip
    def test_as_people_write_them(self, text: str, fen: int) -> None:
        assert sheets.amount_fen(text) == fen

    @pytest.mark.parametrize(
        "text", ["", "约5万", "1.005", "12,00", "-5", "=…", "5千", "1e5", "0.0000001万", "9" * 16, "五万"]
    )
    def test_what_is_no_amount_in_whole_fen(self, text: str) -> None:
        assert sheets.amount_fen(text) is None


class TestPlaces:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("南门", "南门岗亭旁"),
            ("3栋2单元", "3 栋 2 单元门口"),
            ("北区楼道", "北区的楼道"),
            ("３栋前空地", "3栋前的空地"),
        ],
    )
    def test_the_same_in_other_words(self, one: str, other: str) -> None:
        assert near(one, other)
        assert near(other, one)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("", ""),
            ("", "南门"),
            ("南门", "北门"),
            ("小区内", "社区内"),
            ("3栋", "13栋前"),
            ("1栋", "2栋"),
        ],
    )
    def test_nobody_knows(self, one: str, other: str) -> None:
        assert not near(one, other)


class TestExclusiveGroups:
    def test_pairs_become_groups(self) -> None:
        found = exclusive_groups([(B, A), (D, E), (A, B)])
        assert [(each.project_ids, each.complete) for each in found] == [((A, B), True), ((D, E), True)]
        assert exclusive_groups([]) == []

    def test_a_chain_is_not_complete(self) -> None:
        (chain,) = exclusive_groups([(A, B), (C, B)])
        assert (chain.project_ids, chain.complete) == ((A, B, C), False)
        (closed,) = exclusive_groups([(A, B), (C, B), (A, C)])
        assert closed.complete
        (long,) = exclusive_groups([(A, B), (D, E), (B, D), (C, D)])
        assert len(long.project_ids) == 5
