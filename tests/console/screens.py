"""Every screen of the console on the demonstration, and who looks at it: for the gates, and to look at."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx


@dataclass(frozen=True)
class Seen:
    """One screen, as one of the demonstration's staff sees it."""

    name: str
    who: str
    #: What stands behind the #; ids in braces are filled in by `ids_of`.
    path: str
    #: What must be visible when it has come up.
    shows: str = "#heading"


SCREENS: tuple[Seen, ...] = (
    Seen("sign-in", "chair", "/sign-in"),
    Seen("home", "chair", "/"),
    Seen("nowhere", "chair", "/no/such/page"),
    Seen("not-yours", "clerk", "/accounts"),
    Seen("first-password", "chair", "/link/used-long-ago"),
    Seen("me", "chair", "/me", shows="table.list"),
    Seen("second-factor", "chair", "/me/second-factor"),
    Seen("accounts", "admin2", "/accounts", shows="table.list"),
    Seen("account", "admin2", "/accounts/00000000-0000-0000-0000-000000000000", shows=".problem"),
    Seen("platforms", "admin2", "/platforms", shows="table.list"),
    Seen("endpoint", "admin2", "/platforms/endpoints/00000000-0000-0000-0000-000000000000", shows=".problem"),
    Seen("audit", "auditor", "/audit", shows="table.list"),
    Seen("objections", "officer", "/objections", shows="table.cases"),
    Seen("objections-mediator", "mediator", "/objections", shows="table.cases"),
    Seen("objections-chair", "chair", "/objections", shows=".figures"),
    Seen("objection-statistics", "officer", "/objections/statistics", shows=".figures"),
    # before it opens; what is behind, tests/console/test_objections.py looks at
    Seen("objection", "mediator", "/objections/00000000-0000-0000-0000-000000000000", shows="form.gate"),
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
)


#: Where a round has a result.
RESULT = ("announced", "certified")


def ids_of(service: httpx.Client, community: str) -> Mapping[str, str]:
    """Ids that stand in addresses: of public things, asked of the service by anybody."""
    rounds = service.get("/api/v1/rounds", params={"division": community}).json()["items"]
    projects = service.get("/api/v1/projects", params={"division": community}).json()["items"]
    ideas = service.get("/api/v1/ideas", params={"community": community, "show": "under_review"}).json()[
        "items"
    ]
    return {
        "project": next(each["id"] for each in projects if each["photos"]),
        "idea": ideas[0]["id"],
        "result": next(each["id"] for each in rounds if each["status"] in RESULT and not each["recorded"]),
        "decision": next(each["id"] for each in rounds if each["status"] in RESULT and each["recorded"]),
        **{f"round_{each['status']}": each["id"] for each in rounds},
    }
