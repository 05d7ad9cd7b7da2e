"""Every step has words in both languages; public turnout says little."""

import datetime as dt
import re

import pytest

from app.funding.chain import Step as ChainStep
from app.funding.rules import Decision, RequestState
from app.overview import rules, story, words
from app.overview.story import Phase, Step, StepKind, StepState, Who
from app.projects.rules import RejectionCode

NAMES = words.Names("花果园街道", "南明区")
NOW = dt.datetime(2026, 12, 1, 4, tzinfo=dt.UTC)
_NUMBERS = (
    "votes_for", "votes_against", "abstentions", "projects", "place", "backers", "first_choices", "ballots", "days",
    "number", "year", "cost", "amount", "asked", "short",
)  # fmt: skip
FACTS: dict[str, int | str] = {
    **dict.fromkeys(_NUMBERS, 3), "meeting_kind": "council", "reference": "file 7", "round": "round",
}  # fmt: skip


class TestPublicTurnout:
    @pytest.mark.parametrize("roll_size", [None, 0, 49])
    def test_nothing_of_a_short_roll(self, roll_size: int | None) -> None:
        assert rules.public_turnout(taken_part=40, roll_size=roll_size) is None

    def test_one_more_is_not_seen(self) -> None:
        before, after = (rules.public_turnout(taken_part=n, roll_size=3_131) for n in (1_284, 1_285))
        assert before == after == rules.PublicTurnout(at_least=1_280, percent=40)

    def test_the_share_says_no_more_than_the_figure(self) -> None:
        shown = {
            (found.at_least, found.percent)
            for n in range(51)
            if (found := rules.public_turnout(taken_part=n, roll_size=50))
        }
        assert shown == {(0, 0), (10, 20), (20, 40), (30, 60), (40, 80), (50, 100)}


class TestWords:
    @pytest.mark.parametrize("kind", StepKind)
    @pytest.mark.parametrize("language", ["zh-CN", "en"])
    def test_every_step_in_both_languages(self, kind: StepKind, language: str) -> None:
        title, detail = words.title_and_detail(Step(kind, Phase.VOTE, facts=FACTS), language)
        assert title
        assert "{" not in title + detail
        if language == "en":
            assert not re.search("[一-鿿]", title + detail)

    @pytest.mark.parametrize("who", Who)
    def test_everybody_who_acts_has_a_name(self, who: Who) -> None:
        step = Step(StepKind.VOTING, Phase.VOTE, who=(who,))
        assert words.who(step, NAMES, "zh-CN")
        assert words.who(step, NAMES, "en")

    @pytest.mark.parametrize("code", RejectionCode)
    def test_every_reason_of_a_rejection(self, code: RejectionCode) -> None:
        step = Step(StepKind.REJECTED, Phase.REVIEW, reason_code=code.value, reason="…")
        assert words.reason(step, "zh-CN") != words.reason(step, "en")

    def test_shares_in_percent(self) -> None:
        assert [words.share(part, 300) for part in (90, 100, 0, 300)] == ["30", "33.3", "0", "100"]

    def test_a_policy_says_whose_it_is_and_since_when(self) -> None:
        said = words.policy_source(
            division="南明区", since=dt.date(2026, 1, 1), source="南府办〔2026〕3 号", shares=(2_500, 5_000, 5_000),
            language="zh-CN",
        )  # fmt: skip
        assert said == (
            "按南明区的分摊办法（2026 年 1 月 1 日起，南府办〔2026〕3 号）：居民 25%，政府 75%（其中区 50%、街道 50%）"
        )


class TestStory:
    @pytest.mark.parametrize("decision", Decision)
    @pytest.mark.parametrize("chain_step", [None, *ChainStep])
    def test_every_decision_is_a_step(self, decision: Decision, chain_step: ChainStep | None) -> None:
        step = story.decided(decision, chain_step, at=NOW, reason=None, facts={})
        assert step.who
        assert (step.state is StepState.ENDED) == (decision is Decision.DECLINED)

    def test_who_agrees_further_on_is_named(self) -> None:
        said = [
            story.decided(decision, step, at=NOW, reason=None, facts={}).kind
            for decision, step in (
                (Decision.ACCEPTED, ChainStep.SUBDISTRICT), (Decision.ACCEPTED, ChainStep.DISTRICT),
                (Decision.ACCEPTED, ChainStep.BUREAU), (Decision.GO_AHEAD, ChainStep.DISTRICT),
                (Decision.GO_AHEAD, ChainStep.GO_AHEAD),
            )
        ]  # fmt: skip
        assert said == [
            StepKind.ACCEPTED, StepKind.DISTRICT_AGREED, StepKind.BUREAU_AGREED, StepKind.GO_AHEAD,
            StepKind.RELEASED,
        ]  # fmt: skip

    @pytest.mark.parametrize("state", RequestState)
    @pytest.mark.parametrize("chain_step", [None, *ChainStep])
    def test_somebody_is_awaited_unless_it_is_over(
        self, state: RequestState, chain_step: ChainStep | None
    ) -> None:
        step = story.next_of_request(
            state, chain_step, since=NOW, due_at=NOW, facts={"year": 2027, "number": 1}
        )
        if chain_step is None:
            over = {RequestState.RESERVE, RequestState.DECLINED}
            begun = {RequestState.SUBMITTED, RequestState.RECEIVED, RequestState.ACCEPTED}
            assert (step is None) == (state in over | begun)
        if step is not None:
            assert words.stage(step.kind, "zh-CN")

    def test_a_day_that_was_set_is_the_day(self) -> None:
        due = NOW + dt.timedelta(days=10)
        waits = story.next_of_request(
            RequestState.ACCEPTED, ChainStep.FINANCE, since=NOW, due_at=due, facts={"number": 1}
        )
        assert waits is not None
        assert story.with_lateness(waits, due).late_since is None
        assert story.with_lateness(waits, due + dt.timedelta(seconds=1)).late_since == due

    def test_late_only_after_the_usual_time(self) -> None:
        waits = Step(StepKind.TO_BE_APPROVED, Phase.FUNDING, StepState.NOW, waiting_since=NOW)
        assert story.with_lateness(waits, NOW + dt.timedelta(days=30)).late_since is None
        late = story.with_lateness(waits, NOW + dt.timedelta(days=30, seconds=1))
        assert late.late_since == NOW + dt.timedelta(days=30)
        free = Step(StepKind.TO_COME_BACK, Phase.FUNDING, StepState.NOW, waiting_since=NOW)
        assert story.with_lateness(free, NOW + dt.timedelta(days=400)).late_since is None

    def test_days_of_waiting_are_days_in_beijing(self) -> None:
        since = dt.datetime(2026, 12, 1, 15, 59, tzinfo=dt.UTC)  # 23:59 in Beijing
        step = Step(StepKind.TO_BE_PAID, Phase.FUNDING, StepState.NOW, waiting_since=since)
        assert words.waiting(step, since, "zh-CN") is None
        assert words.waiting(step, since + dt.timedelta(minutes=2), "zh-CN") == "已等 1 天"
