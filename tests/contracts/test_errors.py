"""Every refusal has a stable code and a sentence in both languages."""

import re
import string
from collections import Counter

import pytest

from app.core.errors import DomainError
from app.core.web import status_of
from tests.contracts import source

ERRORS: list[type[DomainError]] = [
    each for each in source.classes(DomainError) if issubclass(each, DomainError)
]
ALL = pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__qualname__)
CHINESE = re.compile("[\u4e00-\u9fff]")


def facts(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


class TestErrors:
    def test_no_two_share_a_code(self) -> None:
        codes = Counter(error.code for error in ERRORS)
        assert [code for code, count in codes.items() if count > 1] == []

    @ALL
    def test_it_has_a_code_of_its_own(self, error: type[DomainError]) -> None:
        assert "code" in vars(error), f"{error.__name__} inherits {error.code}"
        assert re.fullmatch("[a-z][a-z0-9_]{2,60}", error.code)

    @ALL
    def test_it_speaks_both_languages(self, error: type[DomainError]) -> None:
        assert "zh" in vars(error), f"{error.__name__} inherits its Chinese sentence"
        assert CHINESE.search(error.zh)
        assert error.zh.rstrip().endswith(("。", "？", "！", "）", "}"))  # a list of facts may come last
        assert error.__doc__, error.__name__
        assert error.title()[0].isupper() or error.title()[0] == "…"
        assert not set(error.title()) & set("{}")
        assert not CHINESE.search(error.title())

    @ALL
    def test_both_sentences_state_the_same_facts(self, error: type[DomainError]) -> None:
        assert facts(error.template()) == facts(error.zh)

    @ALL
    def test_its_family_has_a_status(self, error: type[DomainError]) -> None:
        if error.__name__ in {"DomainError", "InternalFault"}:
            return
        assert 400 <= status_of(error) < 600
        assert status_of(error) != 500, f"{error.__name__} belongs to no family"
