"""Every screen of the console on the demonstration, and who looks at it: for the gates, and to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.demo.neighbourhood import COMMUNITY
from tests.chromium import Demonstration


@dataclass(frozen=True)
class Seen:
    """One screen, as one of the demonstration's staff sees it."""

    name: str
    who: str
    #: What stands behind the #; ids in braces are filled in by `ids_of`.
    path: str
    #: What must be visible when it has come up.
    shows: str = "#heading"
    #: What is pressed first, where a screen stands behind a gate; ``shows`` is what is behind it.
    press: tuple[str, ...] = ()


SCREENS: tuple[Seen, ...] = (
    Seen("sign-in", "chair", "/sign-in"),
    Seen("home", "chair", "/"),
    Seen("nowhere", "chair", "/no/such/page"),
    Seen("not-yours", "clerk", "/accounts"),
    Seen("first-password", "chair", "/link/used-long-ago"),
    Seen("me", "chair", "/me", shows="table.list"),
    Seen("second-factor", "chair", "/me/second-factor"),
    Seen("accounts", "admin2", "/accounts", shows="table.list"),
    Seen("account", "admin2", "/accounts/{account}", shows="table.list"),
    Seen("platforms", "admin2", "/platforms", shows="table.list"),
    Seen("endpoint", "admin2", "/platforms/endpoints/{endpoint}", shows="dl.facts"),
    Seen("audit", "auditor", "/audit", shows="table.list"),
    Seen("objections", "officer", "/objections", shows="table.cases"),
    Seen("objections-mediator", "mediator", "/objections", shows="table.cases"),
    Seen("objections-chair", "chair", "/objections", shows=".figures"),
    Seen("objection-statistics", "officer", "/objections/statistics", shows=".figures"),
    Seen("objection-gate", "mediator", "/objections/{case}", shows="form.gate"),
    Seen(
        "objection", "mediator", "/objections/{case}", shows=".letters", press=(".gate .pill", ".gate .main")
    ),
    Seen("residents", "clerk", "/residents", shows="table.list"),
    Seen("roster-imports", "clerk", "/residents/imports", shows="table.list"),
    Seen("registrations", "clerk", "/residents/registrations", shows="table.list"),
    Seen("duplicates", "clerk", "/residents/duplicates", shows="table.pair"),
    Seen("exports", "clerk", "/residents/exports", shows="table.list"),
    Seen("disclosures", "supervisor", "/residents/exports", shows="table.list"),
    Seen("disclosures-city", "auditor", "/residents/exports", shows=".filters select"),
    Seen("resident", "clerk", "/residents/people/{person}", shows="dl.facts"),
    Seen("roster-import", "clerk", "/residents/imports/{import}", shows=".block"),
    Seen("community", "clerk", "/community", shows="form"),
    Seen("projects", "clerk", "/projects", shows="table.list"),
    Seen("project", "clerk", "/projects/{project}", shows=".phone"),
    Seen("new-project", "clerk", "/projects/new", shows="table.costs"),
    Seen("import-projects", "clerk", "/projects/import", shows="input[type=file]"),
    Seen("either-or", "clerk", "/projects/either-or", shows="table.list"),
    Seen("ideas", "clerk", "/ideas", shows=".ideas"),
    Seen("idea", "clerk", "/ideas/{idea}", shows=".letters"),
    Seen("take-up", "clerk", "/ideas/{idea}/take-up", shows="table.costs"),
    Seen("comments", "clerk", "/ideas/comments", shows=".comments"),
    Seen("idea-policy", "chair", "/ideas/policy", shows="form.block"),
    Seen("results", "chair", "/results", shows="table.list"),
    Seen("result", "chair", "/results/{result}", shows="table.projects"),
    Seen("result-rules", "chair", "/results/{result}?view=rules", shows="table.rivals"),
    Seen("result-heard", "chair", "/results/{result}?view=heard", shows="table.list"),
    Seen("result-not-yet", "chair", "/results/{round_open}", shows=".hint"),
    Seen("decision", "chair", "/results/{decision}", shows="table.list"),
    Seen("notices", "chair", "/notices", shows="table.list"),
    Seen("notices-street", "street", "/notices", shows="select"),
    Seen("notice", "chair", "/notices/{result}", shows="article.sheet"),
    Seen("meetings", "clerk", "/meetings", shows="table.list"),
    Seen("meetings-street", "street", "/meetings", shows="table.list"),
    Seen("call-meeting", "clerk", "/meetings/new", shows="ol.m-agenda"),
    Seen("meeting", "chair", "/meetings/{meeting_held}", shows=".m-next"),
    Seen("meeting-published", "street", "/meetings/{meeting_published}", shows=".m-signatures"),
    Seen("meeting-change", "clerk", "/meetings/{meeting_coming}/change", shows="ol.m-agenda"),
    Seen("attendance", "clerk", "/meetings/{meeting_held}/attendance", shows="table.list"),
    # its door is shut by now; tests/console/test_meetings.py stands before an open one
    Seen("door", "clerk", "/meetings/{meeting_published}/door", shows=".problem"),
    Seen("minutes", "clerk", "/meetings/{meeting_held}/minutes", shows="textarea.m-text"),
    Seen("versions", "supervisor", "/meetings/{meeting_published}/versions", shows=".m-side"),
    Seen("sign", "chair", "/meetings/{meeting_held}/sign", shows=".m-signatures"),
    Seen("raise-project", "clerk", "/meetings/{meeting_held}/resolutions/{resolution}", shows="table.costs"),
    Seen("paper", "clerk", "/paper", shows="table.list"),
    Seen("paper-batches", "clerk", "/paper/rounds/{round_closed}", shows="table.list"),
    Seen("paper-desk", "clerk", "/paper/rounds/{round_open}/desk", shows=".signing input"),
    Seen(
        "paper-reconciliation",
        "supervisor",
        "/paper/rounds/{round_closed}/reconciliation",
        shows="table.list",
    ),
    Seen("paper-codes", "clerk", "/paper/codes", shows=".figures"),
    Seen("paper-batch", "chair", "/paper/batches/{batch}", shows="dl.facts"),
    Seen("paper-keying", "clerk", "/paper/batches/{batch}/keying", shows=".keying"),
    Seen("paper-third-look", "supervisor", "/paper/batches/{batch}/keying?look=third", shows=".keying"),
    Seen("paper-comparison", "clerk", "/paper/batches/{batch}/comparison", shows="table.list"),
    Seen("requests", "street", "/funding", shows="table.list"),
    Seen("requests-chair", "chair", "/funding", shows="table.list"),
    Seen("request", "street", "/funding/{request}", shows="table.list"),
    Seen("cost-policies", "district", "/funding/policies", shows=".figures"),
    Seen("deliveries", "street", "/funding/deliveries", shows="table.list"),
    Seen("report", "street", "/reports", shows=".canvas[data-drawn]"),
    Seen("report-district", "district", "/reports", shows=".canvas[data-drawn]"),
    Seen("report-community", "monitor", f"/reports/{COMMUNITY}", shows=".canvas[data-drawn]"),
    Seen("rounds", "chair", "/rounds", shows="table.list"),
    Seen("calendar", "chair", "/rounds/calendar", shows="table.r-month"),
    Seen("new-round", "clerk", "/rounds/new", shows=".r-phone"),
    Seen("round-to-approve", "chair", "/rounds/{round_draft}", shows=".r-next .button.main"),
    Seen("round-draft", "clerk", "/rounds/{round_draft}/edit?step=2", shows="table.r-chosen-projects"),
    Seen("round-draft-check", "clerk", "/rounds/{round_draft}/edit?step=5", shows="dl.facts"),
    Seen("round-open", "chair", "/rounds/{round_open}", shows="dl.facts"),
    Seen("round-closed", "chair", "/rounds/{round_closed}", shows="dl.facts"),
    Seen("turnout", "clerk", "/rounds/{round_open}/turnout", shows=".r-marks"),
    Seen("turnout-supervisor", "supervisor", "/rounds/{round_open}/turnout", shows=".r-channels"),
    Seen("doors", "clerk", "/rounds/{round_open}/doors", shows=".r-marks"),
    Seen("shares", "supervisor", "/rounds/{round_open}/shares", shows=".hint"),
    Seen("owners-forms", "chair", "/paper/owners/{decision}", shows="table.list"),
    Seen("owners-proxies", "chair", "/paper/owners/{decision}/proxies", shows=".block"),
    Seen("owners-roll", "supervisor", "/paper/owners/{decision}/roll", shows="table.list"),
)


#: Where a round has a result.
RESULT = ("announced", "certified")


def ids_of(demonstration: Demonstration) -> Mapping[str, str]:
    """Ids that stand in addresses, asked of the service by whoever may see them."""

    def asked(who: str | None, path: str, **query: str) -> list[dict[str, Any]]:
        with demonstration.service(who) as service:
            found: list[dict[str, Any]] = service.get(path, params=query).raise_for_status().json()["items"]
            return found

    rounds = asked(None, "/rounds", division=COMMUNITY)
    projects = asked(None, "/projects", division=COMMUNITY)
    ideas = asked(None, "/ideas", community=COMMUNITY, show="under_review")
    meetings = asked(None, "/meetings", division=COMMUNITY)
    # the council whose minutes are being written, and what it resolved
    held = next(each["id"] for each in meetings if each["present"] and each["minutes_version"] is None)
    with demonstration.service(None) as service:
        resolutions = service.get(f"/meetings/{held}").raise_for_status().json()["resolutions"]
    on_paper = next(each["id"] for each in rounds if each["status"] == "closed" and not each["recorded"])
    return {
        "project": next(each["id"] for each in projects if each["photos"]),
        "meeting_held": held,
        "meeting_coming": next(each["id"] for each in meetings if each["present"] is None),
        "meeting_published": next(each["id"] for each in meetings if (each["minutes_version"] or 0) > 1),
        "resolution": resolutions[0]["id"],
        "idea": ideas[0]["id"],
        "result": next(each["id"] for each in rounds if each["status"] in RESULT and not each["recorded"]),
        "decision": next(each["id"] for each in rounds if each["status"] in RESULT and each["recorded"]),
        "account": asked("admin2", "/accounts")[0]["account_id"],
        "endpoint": asked("admin2", "/webhook-endpoints")[0]["id"],
        "case": asked("mediator", "/objections")[0]["id"],
        "person": asked("clerk", f"/communities/{COMMUNITY}/residents")[0]["id"],
        "import": asked("clerk", f"/communities/{COMMUNITY}/roster/imports")[0]["id"],
        "on_paper": on_paper,
        "batch": asked("clerk", f"/rounds/{on_paper}/paper-batches")[0]["id"],
        "request": asked("street", "/funding-requests")[0]["id"],
        "round_draft": asked("chair", "/round-drafts")[0]["id"],
        **{f"round_{each['status']}": each["id"] for each in rounds},
    }
