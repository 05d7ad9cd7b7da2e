"""Kinds, ways and hours."""

import datetime as dt
import string
import uuid

import pytest

from app.core.zone import BEIJING
from app.notices import rules, words
from app.notices.rules import KINDS, Fact, Kind, Person, Purpose, Topic, Way

NOON = dt.datetime(2026, 6, 2, 4, 0, tzinfo=dt.UTC)
SAMPLES: dict[type, Fact] = {str: "2026-06-02T04:00:00+00:00", int: 12_345_600, bool: True}


def sample(kind: Kind) -> dict[str, Fact]:
    return {name: SAMPLES[each] for name, each in KINDS[kind].facts.items()}


class TestKinds:
    def test_each_has_words_in_both_languages_and_its_facts_fill_them(self) -> None:
        for kind in Kind:
            for language in ("zh-CN", "en"):
                said = words.say(kind, sample(kind), language)
                assert said.title, kind
                assert said.text, kind
                assert "{" not in said.title + said.text
        assert {words.label_of(topic, language) for topic in Topic for language in ("zh-CN", "en")} >= {
            "投票",
            "Vote",
        }

    def test_links_are_made_of_facts_and_name_nobody(self) -> None:
        for kind, rule in KINDS.items():
            fields = {name for _, name, _, _ in string.Formatter().parse(rule.link or "") if name}
            assert fields <= {"round_id", "project_id", "meeting_id", "idea_id", "subject_id", "kind"}, kind
            assert (rules.link_of(kind, sample(kind)) is None) == (rule.link is None)

    def test_what_is_private_never_hangs_out(self) -> None:
        assert not {kind for kind, rule in KINDS.items() if rule.private and rule.public}

    @pytest.mark.parametrize(
        "facts",
        [{}, {"step": 1}, {"step": "offered", "name": "王敏"}, {"step": None}],
        ids=["none", "wrong type", "one too many", "nothing"],
    )
    def test_facts_are_those_of_the_kind(self, facts: dict[str, Fact]) -> None:
        with pytest.raises(TypeError, match="are not its facts"):
            rules.check_facts(Kind.OBJECTION_MOVED, facts)

    def test_money_is_said_in_yuan(self) -> None:
        facts: dict[str, Fact] = {
            "project_id": "x",
            "title": "照明",
            "decision": "approved",
            "amount_fen": 6_800_050,
        }
        assert words.say(Kind.FUNDING_DECIDED, facts, "zh-CN").text.startswith("批准 68,000.50 元。")
        assert "yuan" not in words.say(Kind.FUNDING_DECIDED, facts | {"amount_fen": 0}, "en").text

    def test_times_are_said_in_beijing(self) -> None:
        facts = {"round_id": "x", "title": "春", "closes_at": "2026-06-02T18:30:00+00:00"}
        assert words.say(Kind.ROUND_OPENED, facts, "zh-CN").text.startswith("6月3日 02:30")
        assert "3 June, 02:30" in words.say(Kind.ROUND_OPENED, facts, "en").text

    @pytest.mark.parametrize("kind", [Kind.MEETING_CALLED, Kind.MEETING_CHANGED, Kind.MEETING_CANCELLED])
    def test_each_notice_of_a_meeting_stands_by_itself(self, kind: Kind) -> None:
        facts: dict[str, Fact] = {
            "meeting_id": "x", "title": "居民会议", "begins_at": "2026-06-02T11:30:00+00:00", "place": "活动室",
        }  # fmt: skip
        if kind is Kind.MEETING_CANCELLED:
            facts["reason"] = "停电"
        rules.check_facts(kind, facts)
        for language, day in (("zh-CN", "6月2日 19:30"), ("en", "2 June, 19:30")):
            said = words.say(kind, facts, language)
            assert "居民会议" in said.title
            assert day in said.text
            assert "活动室" in said.text


class TestWays:
    def person(self, *, account: bool = True, phone: bool = True, quota: int = 0, **chosen: bool) -> Person:
        return Person(
            who="x", account_id=uuid.uuid4() if account else None, phone="13900000000" if phone else None,
            openid="o" if quota else None, quota=quota, **chosen,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("who", "sent", "way"),
        [
            ({"quota": 1}, False, Way.WECHAT),
            ({"quota": 1}, True, Way.WECHAT),
            ({}, False, Way.SMS),
            ({}, True, Way.INBOX),
            ({"wants_sms": False}, False, Way.INBOX),
            ({"account": False}, False, Way.SMS),
            ({"account": False}, True, Way.TOLD),
            ({"account": False, "phone": False}, False, Way.NONE),
            ({"phone": False}, False, Way.INBOX),
            ({"wants_reminders": False, "quota": 1}, False, Way.OFF),
        ],
    )
    def test_the_gentlest_that_reaches(self, who: dict[str, bool], sent: bool, way: Way) -> None:  # noqa: FBT001
        assert rules.way_to(self.person(**who), purpose=Purpose.REMINDER, sms_sent=sent) is way

    def test_whoever_wants_no_reminders_may_still_wait_for_a_result(self) -> None:
        person = self.person(wants_reminders=False)
        assert rules.way_to(person, purpose=Purpose.RESULT, sms_sent=False) is Way.SMS


class TestHours:
    @pytest.mark.parametrize(
        ("hour", "allowed_at"),
        [(8, "06-02T08:00"), (20, "06-02T20:00"), (21, "06-03T08:00"), (23, "06-03T08:00"), (0, "06-02T08:00"),
         (7, "06-02T08:00")],
    )  # fmt: skip
    def test_nobody_is_disturbed_at_night(self, hour: int, allowed_at: str) -> None:
        now = dt.datetime(2026, 6, 2, hour, tzinfo=BEIJING)
        allowed = rules.disturbing_allowed_from(now).astimezone(BEIJING)
        assert allowed.isoformat(timespec="minutes")[5:16] == allowed_at

    @pytest.mark.parametrize(
        ("open_hours", "left_hours", "due"),
        [(72, 24, True), (71, 24, False), (72, 25, False), (400, 1, True), (400, 0, False)],
    )
    def test_a_day_before_the_end_of_what_was_open_for_three(
        self,
        open_hours: int,
        left_hours: int,
        due: bool,  # noqa: FBT001
    ) -> None:
        closes = NOON + dt.timedelta(hours=left_hours)
        opened = closes - dt.timedelta(hours=open_hours)
        assert rules.closing_reminder_due(opened_at=opened, closes_at=closes, now=NOON) is due

    def test_pauses_grow_to_half_an_hour(self) -> None:
        pauses = [rules.pause_after(failures) for failures in range(1, 12)]
        assert pauses == sorted(pauses)
        assert pauses[-1] == dt.timedelta(minutes=30)
