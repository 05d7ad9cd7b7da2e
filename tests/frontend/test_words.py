"""Words of the residents' app: both languages say the same things, and nothing asked for is missing."""

import json
import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "frontend" / "resident" / "src"
AREAS = sorted(path.name for path in (SOURCES / "areas").iterdir() if (path / "words.zh-CN.json").is_file())
FACT = re.compile(r"\{(\w+)\}")
#: `t("key")`, `common('key')`: keys that are written out. Those made of parts, `"state_" + x`, the browser tests meet.
ASKED = re.compile(r"""\b(?P<who>t|common)\(\s*["'](?P<key>[a-z0-9_]+)["']\s*[,)]""")
CHOSEN = re.compile(
    r"""\b(?P<who>t|common)\([^()"'?]*(?:\([^()]*\))?[^()"'?]*\?"""
    r"""\s*["'](?P<one>[a-z0-9_]+)["']\s*:\s*["'](?P<other>[a-z0-9_]+)["']\s*[,)]"""
)


def words(area: str, language: str) -> dict[str, str]:
    name = f"words/{language}.json" if area == "" else f"areas/{area}/words.{language}.json"
    found: dict[str, str] = json.loads((SOURCES / name).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("area", ["", *AREAS])
class TestWords:
    def test_both_languages_have_the_same_keys(self, area: str) -> None:
        assert set(words(area, "zh-CN")) == set(words(area, "en"))

    def test_no_key_stands_twice(self, area: str) -> None:
        for language in ("zh-CN", "en"):
            name = f"words/{language}.json" if area == "" else f"areas/{area}/words.{language}.json"
            pairs = json.loads((SOURCES / name).read_text(encoding="utf-8"), object_pairs_hook=list)
            keys = [key for key, _ in pairs]
            assert len(keys) == len(set(keys))

    def test_both_languages_tell_the_same_facts(self, area: str) -> None:
        english = words(area, "en")
        for key, sentence in words(area, "zh-CN").items():
            assert set(FACT.findall(sentence)) == set(FACT.findall(english[key])), key

    def test_what_is_written_for_people_is_not_empty_and_no_system_word(self, area: str) -> None:
        for language in ("zh-CN", "en"):
            for key, sentence in words(area, language).items():
                assert sentence.strip(), key
                assert not re.search(r"\b(null|undefined|JSON|HTTP|API key|token)\b", sentence), (
                    key,
                    sentence,
                )

    def test_chinese_is_chinese(self, area: str) -> None:
        for key, sentence in words(area, "zh-CN").items():
            if re.search(r"[A-Za-z]{4,}", FACT.sub("", sentence)):
                assert re.search(r"[一-鿿]", sentence) or key == "other_language", (key, sentence)


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.vue")), ids=lambda path: path.stem)
def test_every_word_asked_for_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = re.search(r"""\bt = wordsOf\(["'](\w*)["']\)""", text)
    area = named.group(1) if named else ""
    known = {"common": set(words("", "zh-CN"))}
    known["t"] = known["common"] | (set(words(area, "zh-CN")) if area else set())
    asked = {(match["who"], match["key"]) for match in ASKED.finditer(text)}
    asked |= {(match["who"], match[part]) for match in CHOSEN.finditer(text) for part in ("one", "other")}
    assert {(who, key) for who, key in asked if key not in known[who]} == set()
