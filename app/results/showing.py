"""From a result to what people are shown of it: one making for the screens, the spreadsheet and the wall."""

import uuid
from collections.abc import Mapping
from typing import Any

from app.places.rules import counted
from app.projects.rules import category_words
from app.results import rules
from app.results.schemas import (
    CompletionOut,
    ExplanationOut,
    GroupOut,
    OutcomeExplanationOut,
    ProjectExplanationOut,
    ProjectResult,
    ReasonOut,
    RepresentationOut,
    ResultOut,
    RivalOut,
    RuleComparisonOut,
    TakenOut,
    TieOut,
    TurnoutGroupOut,
)
from app.results.service import Explained, ResultView
from app.results.words import rival_words, rule_name
from app.tally.explanation import Explanation
from app.tally.outcome import Reason
from app.tally.words import explanation_lines, sentence


def result_out(view: ResultView, language: str) -> ResultOut:
    """The published result."""
    outcome, result = view.outcome, view.result
    by_id = {each["id"]: each for each in outcome["projects"]}
    after = {each["project"]: each for each in outcome["if_money_ends_here"]}
    projects = [
        _project(view, by_id[project_id], after.get(project_id), place, language)
        for place, project_id in enumerate([*outcome["priority"], *outcome["reserve"]], start=1)
    ]
    return ResultOut(
        round_id=view.round.id,
        result_id=result.id,
        title=view.round.title,
        rule=outcome["rule"],
        rule_name=rule_name(outcome, language),
        rule_version=outcome["version"],
        parameters=outcome["parameters"],
        priority=view.round.priority.value,
        level=result.level,
        ballots_counted=result.ballots_counted,
        roll_size=result.roll_size,
        quorum_reached=result.quorum_reached,
        budget_fen=outcome["budget"],
        spent_fen=outcome["spent"],
        voters_with_something=outcome["voters_with_something"],
        first_choice_funded=outcome["first_choice_funded"],
        completion=_completion(outcome.get("completion")),
        comparison=outcome.get("comparison"),
        projects=projects,
        ties=[
            TieOut(between=[uuid.UUID(each) for each in tie["between"]], decided_by=tie["decided_by"])
            for tie in outcome["ties"]
        ],
        tie_seed=result.tie_seed,
        inputs_digest=result.inputs_digest,
        outcome_digest=result.outcome_digest,
        announced_at=result.announced_at,
        notice_until=result.notice_until,
        certified_at=result.certified_at,
    )


def _completion(found: dict[str, Any] | None) -> CompletionOut | None:
    if found is None:
        return None
    return CompletionOut(
        start_fen=found["start"],
        step_fen=found["step"],
        pot_fen=found["pot"],
        ended_by=found["ended_by"],
        next_fen=found["next"],
    )


def _project(
    view: ResultView, found: dict[str, Any], after: dict[str, Any] | None, place: int, language: str
) -> ProjectResult:
    listed, voters = view.listed[found["id"]], view.outcome["voters"]
    reason = Reason(found["reason"]["code"], found["reason"]["facts"])
    other = view.listed.get(str(reason.facts.get("other")))
    spoken = reason if other is None else Reason(reason.code, {**reason.facts, "other": other["title"]})
    return ProjectResult(
        project_id=uuid.UUID(found["id"]),
        place=place,
        title=listed["title"],
        category=listed["category"],
        community_code=listed["community_code"],
        cost_fen=found["cost"],
        paid_fen=found["paid"],
        funded=found["funded"],
        points=found["points"],
        backers=found["backers"],
        first_choices=found["by_rank"][0] if found["by_rank"] else 0,
        reason=ReasonOut(
            code=reason.code,
            facts=dict(reason.facts),
            sentence=sentence(spoken, language, lambda fen: rules.yuan_words(fen, language)),
        ),
        cumulative_fen=None if after is None else after["spent"],
        served_percent=None if after is None else rules.percent(after["voters_served"], voters),
    )


def explanation_out(view: ResultView, found: Explained, language: str) -> ExplanationOut:
    """How close every project came, as far as it is worked out."""
    if not found.is_done:
        return ExplanationOut.model_validate({
            "state": found.state, "stage": found.stage, "done": found.done, "of": found.of, "projects": [],
            "outcome": None,
        })  # fmt: skip
    explained = Explanation.from_dict(found.body)

    def yuan(fen: int) -> str:
        return rules.yuan_words(fen, language)

    titles = {project_id: str(each["title"]) for project_id, each in view.listed.items()}
    titles |= category_words(language)
    order = [*view.outcome["priority"], *view.outcome["reserve"]]
    about = explained.outcome
    return ExplanationOut(
        state="done",
        stage="",
        done=found.done,
        of=found.of,
        projects=[
            ProjectExplanationOut(
                project_id=uuid.UUID(project_id),
                funded=each.funded,
                wins=each.wins,
                losses=each.losses,
                effective_support=each.effective_support,
                held_fen=each.held,
                taken=[
                    TakenOut(project_id=uuid.UUID(one.project), amount_fen=one.amount) for one in each.taken
                ],
                funded_at_fen=each.funded_at,
                more_backers=each.more_backers,
                wins_in=each.wins_in,
                lines=explanation_lines(each, language, yuan, resamples=about.resamples, names=titles),
            )
            for project_id, each in ((each, explained.projects[each]) for each in order)
        ],
        outcome=OutcomeExplanationOut.model_validate(
            about.to_dict()
            | {
                "underserved": [
                    {"project_id": one.project, "voters": one.voters} for one in about.underserved
                ],
                "lines": explanation_lines(about, language, yuan, names=titles),
            }
        ),
    )


def comparison_out(view: ResultView, found: Explained, language: str) -> RuleComparisonOut:
    """What another rule would have given, as far as it is worked out."""
    voters = view.outcome["voters"]
    return RuleComparisonOut.model_validate(
        _progress(found, "rivals")
        | {
            "voters": voters,
            "budget_fen": view.outcome["budget"],
            "items": [_rival(each, voters, language) for each in found.body.get("rivals", ())],
        }
    )


def representation_out(view: ResultView, found: Explained, language: str) -> RepresentationOut:
    """Who is heard, where groups are large enough to be spoken of."""
    voters = view.outcome["voters"]
    kept = {each["name"]: each for each in found.body.get("groups", ())}
    blank = kept.pop("", {"voters": 0})
    large = [each for each in kept.values() if each["voters"] >= rules.SMALLEST_GROUP]
    small = sum(each["voters"] for each in kept.values()) - sum(each["voters"] for each in large)
    return RepresentationOut.model_validate(
        _progress(found, "groups")
        | {
            "voters": voters,
            "with_something": view.outcome["voters_with_something"],
            "smallest_group": rules.SMALLEST_GROUP,
            "smallest_roll": rules.SMALLEST_ROLL,
            "groups": [_group(each, view, found.body, language) for each in large],
            "in_small_groups": small,
            "blank": blank["voters"],
            "buildings": _turnout(found),
        }
    )


def _progress(found: Explained, part: str) -> dict[str, Any]:
    missing = found.is_done and part not in found.body
    return {
        "state": "not_kept" if missing else found.state,
        "stage": found.stage,
        "done": found.done,
        "of": found.of,
    }


def _rival(kept: dict[str, Any], voters: int, language: str) -> RivalOut:
    words = rival_words(kept["method"], language)
    nothing = voters - kept["with_something"]
    return RivalOut(
        method=kept["method"],
        name=words.name,
        about=words.about,
        projects=[uuid.UUID(each) for each in kept["funded"]],
        gained=[uuid.UUID(each) for each in kept["gained"]],
        lost=[uuid.UUID(each) for each in kept["lost"]],
        spent_fen=kept["spent"],
        with_something=kept["with_something"],
        nothing=nothing,
        nothing_percent=rules.percent(nothing, voters),
        first_choice=kept["first_choice"],
        first_choice_percent=rules.percent(kept["first_choice"], voters),
        mean_funded=kept["mean_funded"],
        mean_best_rank=kept["mean_best_rank"],
        gini=kept["gini"],
        prefer_this=kept["prefer_this"],
        prefer_other=kept["prefer_other"],
    )


def _group(kept: dict[str, Any], view: ResultView, body: Mapping[str, Any], language: str) -> GroupOut:
    category, voters = kept["name"], kept["voters"]
    spent = sum(
        each["paid"] for each in view.outcome["projects"] if view.listed[each["id"]]["category"] == category
    )
    wishes = {each["name"]: each["wished"] for each in body["outcome"]["by_category"]}
    return GroupOut(
        category=category,
        name=category_words(language).get(category, category),
        voters=voters,
        percent=rules.percent(voters, view.outcome["voters"]),
        first_choice=kept["first_choice"],
        with_something=kept["with_something"],
        nothing_percent=rules.percent(voters - kept["with_something"], voters),
        spent_fen=spent,
        spent=rules.thousandths(spent, view.outcome["spent"]),
        wished=wishes.get(category),
    )


def _turnout(found: Explained) -> list[TurnoutGroupOut]:
    kept = sorted(
        found.body.get("turnout", ()),
        key=lambda each: (
            each["community_code"],
            each["building"] is not None,
            counted(each["building"] or ""),
        ),
    )
    return [
        TurnoutGroupOut(
            community_code=each["community_code"],
            building=each["building"],
            on_roll=each["on_roll"],
            at_least=each["at_least"],
            percent=rules.percent(each["at_least"], each["on_roll"]),
        )
        for each in kept
    ]
