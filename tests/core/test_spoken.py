"""How the facts of a sentence are read out."""

from enum import StrEnum

import pytest
from pydantic import TypeAdapter, ValidationError

from app.comments.rules import CommentState
from app.core.errors import Conflict, DomainError
from app.core.spoken import spoken
from app.core.text import FullReason, Reason
from app.ideas.rules import IdeaState
from app.objections.errors import ObjectionWrongState, OutOfPlaceInEntry, TooManyContacts
from app.objections.rules import ObjectionState
from app.projects.rules import ListState, ProjectState
from app.recorded.rules import FormState, ProxyState
from app.residents.rules import ImportState, RegistrationState
from app.rounds.errors import TooEarly
from app.rounds.rules import RoundKind, RoundState

AT = "2026-12-10T06:20:57.582658+00:00"


class TestSpoken:
    @pytest.mark.parametrize(
        ("value", "zh", "en"),
        [
            (AT, "2026年12月10日 14:20", "10 Dec 2026, 14:20"),
            ("2026-12-31T16:00:00Z", "2027年1月1日 00:00", "1 Jan 2027, 00:00"),
            ("2026-03-04", "2026年3月4日", "4 Mar 2026"),
            (["一号楼", "二号楼"], "一号楼、二号楼", "一号楼, 二号楼"),
            ("2026-03-04 的会", "2026-03-04 的会", "2026-03-04 的会"),
            (3, "3", "3"),
        ],
    )
    def test_moments_are_beijings(self, value: object, zh: str, en: str) -> None:
        assert spoken("until", value, "zh-CN") == zh
        assert spoken("until", value, "en") == en

    @pytest.mark.parametrize(
        ("name", "states"),
        [
            *(
                ("state", each)
                for each in (
                    CommentState, FormState, IdeaState, ImportState, ListState, ObjectionState, ProjectState,
                    ProxyState, RegistrationState, RoundState,
                )
            ),
            ("kind", RoundKind),
        ],
    )  # fmt: skip
    def test_every_state_has_a_word(self, name: str, states: type[StrEnum]) -> None:
        for state in states:
            assert spoken(name, state.value, "zh-CN") != state.value
            assert spoken(name, state.value, "zh-CN").isascii() is False


class TestSentences:
    @pytest.mark.parametrize(
        ("error", "zh", "en"),
        [
            (
                TooManyContacts(most=2, days=14, until=AT),
                "14 天内最多联系 2 次，2026年12月10日 14:20 之后可以再联系。",
                "At most 2 contacts in 14 days. The next one is possible from 10 Dec 2026, 14:20.",
            ),
            (
                ObjectionWrongState(state="withdrawn", act="settle"),
                "这份异议当前是“已撤回”，不能进行这一步。",
                "The objection is withdrawn; this step does not follow from there.",
            ),
            (
                OutOfPlaceInEntry(field="meets_at"),
                "这种记录里不能有这一项：面谈时间。",
                "This does not belong to such an entry: the time of a meeting.",
            ),
        ],
    )
    def test_are_for_people(self, error: DomainError, zh: str, en: str) -> None:
        assert error.sentence("zh-CN") == zh
        assert error.sentence("en") == en
        assert error.facts != {}  # for programs they stay what they are

    def test_titles_have_no_gaps(self) -> None:
        assert TooManyContacts.title() == "The household is to be left in peace now."
        assert TooManyContacts.title("zh-CN") == "现在不能打扰住户。"
        assert TooEarly.title() == Conflict.title() == "This is not possible in the present state."


class TestReasons:
    @pytest.mark.parametrize("text", ["..", "--", "11", "啊啊", "x", "", "。。。。"])
    def test_no_words_are_no_reason(self, text: str) -> None:
        with pytest.raises(ValidationError):
            TypeAdapter(Reason).validate_python(text)

    @pytest.mark.parametrize("text", ["停电", "no", "不合适。"])
    def test_a_word_is_one(self, text: str) -> None:
        assert TypeAdapter(Reason).validate_python(text) == text

    @pytest.mark.parametrize("text", ["停电", "aaaa", "abab", "核对", "1 2 3 4", "……"])
    def test_data_of_others_need_more(self, text: str) -> None:
        with pytest.raises(ValidationError):
            TypeAdapter(FullReason).validate_python(text)
        assert TypeAdapter(FullReason).validate_python("核对名册") == "核对名册"
