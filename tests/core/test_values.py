"""Small parts of core that hold no state: money, text, vault, canonical JSON, cursors, clock, signer."""

import base64
import datetime as dt
import hashlib
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.core import clock
from app.core.canonical import canonical_json, sha256_hex
from app.core.errors import DomainError, TooMany
from app.core.money import LARGEST_AMOUNT_FEN, split_by_largest_remainder, yuan
from app.core.pagination import BadCursor, decode_cursor, encode_cursor, page_of
from app.core.signer import Signer, verifies
from app.core.text import Code12, Line, Reason, Text
from app.core.vault import Vault, derive_key


class TestSplitByLargestRemainder:
    @given(
        st.integers(0, LARGEST_AMOUNT_FEN),
        st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any),
    )
    def test_nothing_is_lost_and_nobody_is_a_fen_away(self, amount: int, weights: list[int]) -> None:
        shares = [Fraction(weight, sum(weights)) for weight in weights]
        parts = split_by_largest_remainder(amount, shares)
        assert sum(parts) == amount
        assert all(abs(part - amount * share) < 1 for part, share in zip(parts, shares, strict=True))
        assert all(part == 0 for part, share in zip(parts, shares, strict=True) if share == 0)

    def test_equal_fractions_go_to_the_earlier(self) -> None:
        assert split_by_largest_remainder(1, [Fraction(1, 2), Fraction(1, 2)]) == [1, 0]

    def test_the_shares_of_a_funding_request(self) -> None:
        shares = [Fraction(30, 100), Fraction(28, 100), Fraction(42, 100)]
        assert split_by_largest_remainder(100_001, shares) == [30_000, 28_000, 42_001]

    @pytest.mark.parametrize("shares", [[Fraction(1, 2)], [Fraction(3, 2), Fraction(-1, 2)], []])
    def test_shares_that_do_not_add_up_are_refused(self, shares: list[Fraction]) -> None:
        with pytest.raises(ValueError, match="add up"):
            split_by_largest_remainder(100, shares)


class TestYuan:
    @pytest.mark.parametrize(
        ("fen", "text"), [(0, "0.00"), (5, "0.05"), (123_450, "1234.50"), (-5, "-0.05"), (-250, "-2.50")]
    )
    def test_it_is_decimal(self, fen: int, text: str) -> None:
        assert yuan(fen) == text


class TestVault:
    vault = Vault(b"k" * 32)

    @given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
    def test_what_is_sealed_opens(self, plain: str) -> None:
        assert self.vault.open(self.vault.seal(plain, "a.b"), "a.b") == plain

    def test_equal_text_is_sealed_differently_each_time(self) -> None:
        assert self.vault.seal("13800138000", "a.b") != self.vault.seal("13800138000", "a.b")

    def test_another_column_does_not_open_it(self) -> None:
        with pytest.raises(ValueError, match="does not open"):
            self.vault.open(self.vault.seal("王小明", "resident.name"), "resident.phone")

    def test_another_key_does_not_open_it(self) -> None:
        with pytest.raises(ValueError, match="does not open"):
            Vault(b"x" * 32).open(self.vault.seal("王小明", "a.b"), "a.b")

    def test_every_altered_byte_is_noticed(self) -> None:
        sealed = self.vault.seal("王小明", "a.b")
        raw = bytearray(base64.urlsafe_b64decode(sealed.removeprefix("v1.")))
        for index in range(len(raw)):
            altered = raw.copy()
            altered[index] ^= 1
            with pytest.raises(ValueError, match="does not open"):
                self.vault.open("v1." + base64.urlsafe_b64encode(altered).decode(), "a.b")

    @pytest.mark.parametrize("sealed", ["", "v1.", "v1.AAAA", "not base64!", "王"])
    def test_what_is_no_sealed_value_is_refused(self, sealed: str) -> None:
        with pytest.raises(ValueError, match=r".*"):
            self.vault.open(sealed, "a.b")

    def test_fingerprints_tell_equality_within_one_context(self) -> None:
        one = self.vault.fingerprint("13800138000", "phone")
        assert one == self.vault.fingerprint("13800138000", "phone")
        assert one != self.vault.fingerprint("13800138000", "code")
        assert one != Vault(b"x" * 32).fingerprint("13800138000", "phone")
        assert one != hashlib.sha256(b"phone\x0013800138000").hexdigest()
        assert len(one) == 64

    def test_keys_for_different_purposes_differ(self) -> None:
        assert derive_key(b"k" * 32, "a") != derive_key(b"k" * 32, "b")


class TestCanonicalJson:
    def test_there_is_one_spelling(self) -> None:
        assert (
            canonical_json({"b": [1, None, True], "a": "共议"}) == '{"a":"共议","b":[1,null,true]}'.encode()
        )

    @pytest.mark.parametrize(
        "value", [{"a": object()}, {"a": b"x"}, {"a": dt.date(2026, 1, 1)}, {1, 2}, {1: 2}]
    )
    def test_what_has_no_spelling_is_refused(self, value: object) -> None:
        with pytest.raises(TypeError):
            canonical_json(value)  # type: ignore[arg-type]

    @pytest.mark.parametrize("value", [1.5, {"a": [0.1]}, float("nan")])
    def test_fractions_have_no_one_spelling(self, value: object) -> None:
        with pytest.raises((TypeError, ValueError)):
            canonical_json(value)  # type: ignore[arg-type]

    def test_sha256_of_nothing(self) -> None:
        assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class TestCursor:
    @given(st.text(alphabet=st.characters(categories=["L", "N", "P"]), max_size=60))
    def test_a_key_survives(self, key: str) -> None:
        assert decode_cursor(encode_cursor(key)) == key

    def test_no_cursor_is_the_first_page(self) -> None:
        assert decode_cursor(None) is None

    @pytest.mark.parametrize(
        "cursor",
        [
            "", "x", "!!!!", "共议", "AAAA", encode_cursor("a") + "A", "\0", "e30",
            base64.urlsafe_b64encode(b'"a\\u0000b"').decode(),
            base64.urlsafe_b64encode(b'"\\ud800"').decode(),
            base64.urlsafe_b64encode(b"[" * 200).decode(),
            base64.urlsafe_b64encode(b"12").decode(),
        ],
    )  # fmt: skip
    def test_garbage_is_a_bad_cursor(self, cursor: str) -> None:
        with pytest.raises(BadCursor):
            decode_cursor(cursor)

    @given(st.text(max_size=400))
    def test_no_text_at_all_is_a_crash(self, cursor: str) -> None:
        try:
            found = decode_cursor(cursor)
        except BadCursor:
            return
        assert isinstance(found, str)

    def test_a_page_is_cut_and_knows_whether_there_is_more(self) -> None:
        page = page_of(["a", "b", "c"], 2, key=str)
        assert list(page.items) == ["a", "b"]
        assert decode_cursor(page.next_cursor) == "b"
        assert page_of(["a", "b"], 2, key=str).next_cursor is None
        assert page_of([], 2, key=str).next_cursor is None


class TestText:
    @pytest.mark.parametrize("text", ["a\0b", "\ud800", "\u202eabc", "a\x1bb", "a\ufeffb", "a\x7f"])
    @pytest.mark.parametrize("kind", [Line, Text, Reason])
    def test_what_cannot_be_shown_is_refused(self, kind: Any, text: str) -> None:
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(text)

    @pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\u2028b", "", "x" * 121])
    def test_a_line_is_one_line(self, text: str) -> None:
        with pytest.raises(ValidationError):
            TypeAdapter(Line).validate_python(text)

    def test_text_is_normalized_and_may_have_lines(self) -> None:
        assert TypeAdapter(Text).validate_python("e\u0301\r\n共议\t。") == "\u00e9\n共议\t。"

    @pytest.mark.parametrize(
        "code",
        ["", "52010203100", "5201020310066", "５２０１０２０３１００６", "52010203100a", "520102031006\n"],
    )
    def test_a_division_code_is_twelve_ascii_digits(self, code: str) -> None:
        with pytest.raises(ValidationError):
            TypeAdapter(Code12).validate_python(code)


class TestClock:
    def test_it_is_aware_and_can_be_stopped(self) -> None:
        at = dt.datetime(2026, 3, 1, 15, 59, tzinfo=dt.UTC)
        with clock.frozen(at):
            assert clock.now() == at
            assert clock.today() == dt.date(2026, 3, 1)
            with clock.frozen(at + dt.timedelta(minutes=1)):
                assert clock.today() == dt.date(2026, 3, 2)  # midnight in Beijing
            assert clock.now() == at
        assert clock.now().tzinfo is dt.UTC


class TestSigner:
    def test_a_signature_holds_for_its_message_alone(self) -> None:
        signer = Signer(b"s" * 32)
        signature = signer.sign(b"root")
        assert verifies(signer.public_key, signature, b"root")
        assert not verifies(signer.public_key, signature, b"roots")
        assert not verifies(Signer(b"t" * 32).public_key, signature, b"root")
        assert not verifies(b"short", signature, b"root")
        assert not verifies(signer.public_key, b"", b"root")


class TestDomainError:
    def test_it_speaks_two_languages_with_its_facts(self) -> None:
        error = TooMany(retry_after=7)
        assert error.sentence("en") == "Too many attempts. Please try again in 7 seconds."
        assert error.sentence("zh-CN") == "操作太频繁，请 7 秒后再试。"

    def test_a_missing_fact_is_no_second_error(self) -> None:
        assert "?" in TooMany().sentence("en")

    def test_facts_can_be_sent(self) -> None:
        assert json.dumps(DomainError(a=1, b=["x"]).facts) == '{"a": 1, "b": ["x"]}'
