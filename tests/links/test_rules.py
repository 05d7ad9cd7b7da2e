"""What a short code looks like, and where it leads."""

import pytest

from app.links.rules import ALPHABET, CODE_LENGTH, LinkKind, Target, address, new_code, read_code


def target(kind: LinkKind, **changes: object) -> Target:
    facts = {
        "id": "5e1d3f5c-0000-4000-8000-000000000001", "division_code": "520102031006", "division": "花果园大街社区",
        "title": "楼道照明", "lines": (), "community_code": "520102031006",
    }  # fmt: skip
    return Target(kind, **(facts | changes))  # type: ignore[arg-type]


class TestCodes:
    def test_no_vowel_and_no_look_alike(self) -> None:
        assert len(ALPHABET) == len(set(ALPHABET)) == 30
        assert not set("AEIOUL") & set(ALPHABET)

    def test_new_ones_are_read_as_they_are(self) -> None:
        made = {new_code() for _ in range(2000)}
        assert len(made) > 1990
        assert all(len(code) == CODE_LENGTH and read_code(code) == code for code in made)

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("7f3kq", "7F3KQ"), ("７Ｆ３ＫＱ", "7F3KQ"), (" 7f3-kq ", "7F3KQ"), ("O0oIl", "00011"), ("MON3B", "M0N3B"),
        ],
    )  # fmt: skip
    def test_typed_by_hand(self, typed: str, meant: str) -> None:
        assert read_code(typed) == meant

    @pytest.mark.parametrize(
        "typed", ["", "7F3K", "7F3KQQ", "7F3KA", "7F3KU", "七F3KQ", "7F3K\n", "../..", "7F3K%", "\u202e7F3K"]
    )
    def test_what_cannot_be_one(self, typed: str) -> None:
        assert read_code(typed) is None


class TestAddress:
    @pytest.mark.parametrize(
        ("kind", "screen"),
        [
            (LinkKind.ROUND, "round"), (LinkKind.PROJECT, "project"), (LinkKind.IDEA, "idea"),
            (LinkKind.RESULT, "result"), (LinkKind.MINUTES, "meeting"),
        ],
    )  # fmt: skip
    def test_leads_to_the_screen_with_the_community(self, kind: LinkKind, screen: str) -> None:
        found = target(kind)
        assert address(found) == f"/app/?community=520102031006#/{screen}/{found.id}"

    def test_a_building_is_a_list_of_its_own(self) -> None:
        found = target(LinkKind.BUILDING, building="3栋 & 4栋")
        assert address(found) == "/app/?community=520102031006&building=3%E6%A0%8B%20%26%204%E6%A0%8B#/"

    def test_a_community_is_its_first_page(self) -> None:
        assert address(target(LinkKind.COMMUNITY)) == "/app/?community=520102031006#/"

    def test_a_recorded_round_has_a_page_of_its_own(self) -> None:
        assert "#/decision/" in address(target(LinkKind.ROUND, recorded=True))

    def test_what_belongs_to_many_communities_names_none(self) -> None:
        assert address(target(LinkKind.ROUND, community_code=None)).startswith("/app/#/round/")
