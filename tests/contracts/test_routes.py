"""What every route promises."""

from collections import Counter
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from app.access.deps import may
from app.access.matrix import MATRIX
from app.access.roles import Role
from app.core.errors import NotAllowed, NotSignedIn
from app.core.schemas import OutputModel
from app.core.web import STATUS_OF_FAMILY
from app.main import UnguardedRoute, check_guards, guards_of
from app.routes import ROUTERS

#: Not a route of their own: what somebody sees on one that is open to more people.
INSIDE_A_ROUTE = {"minutes.read_drafts"}


def routes() -> Iterator[APIRoute]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            yield route


def named(route: APIRoute) -> str:
    return f"{sorted(route.methods or ())} {route.path}"


ALL = pytest.mark.parametrize("route", list(routes()), ids=named)


class TestGuards:
    @ALL
    def test_exactly_one_and_its_verb_is_in_the_matrix(self, route: APIRoute) -> None:
        (guard,) = guards_of(route)
        assert guard.verb in MATRIX

    def test_every_verb_of_the_matrix_has_its_route(self) -> None:
        routed = {guards_of(route)[0].verb for route in routes()}
        assert set(MATRIX) - routed <= INSIDE_A_ROUTE

    def test_a_route_without_a_guard_stops_the_start(self) -> None:
        router = APIRouter()

        @router.get("/open")
        def forgotten() -> None:
            """Forgotten."""

        with pytest.raises(UnguardedRoute, match="/open"):
            check_guards([router])

    def test_a_route_with_two_guards_stops_the_start(self) -> None:
        router = APIRouter()

        @router.get("/twice", dependencies=[may("me.read"), may("project.list")])
        def confused() -> None:
            """Confused."""

        with pytest.raises(UnguardedRoute, match="/twice"):
            check_guards([router])

    def test_a_verb_without_a_line_stops_the_start(self) -> None:
        with pytest.raises(KeyError):
            may("round.bogus")

    def test_another_dependency_is_no_guard(self) -> None:
        router = APIRouter()

        @router.get("/other", dependencies=[Depends(lambda: None)])
        def other() -> None:
            """Other."""

        with pytest.raises(UnguardedRoute):
            check_guards([router])

    @ALL
    def test_only_public_routes_answer_strangers(
        self, client: TestClient, route: APIRoute, backend: str
    ) -> None:
        if backend == "postgresql":
            return  # the guard stands before any database
        (guard,) = guards_of(route)
        if Role.PUBLIC in guard.roles:
            return
        path = route.path.format_map(_AnyId())
        for method in route.methods or ():
            answer = client.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (401, NotSignedIn.code), method


class _AnyId(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "520102031006" if key in {"code", "division"} else "6f9619ff-8b86-4011-b42d-00cf4fc964ff"


class TestNames:
    @ALL
    def test_a_resident_could_read_what_it_does(self, route: APIRoute) -> None:
        text = (route.endpoint.__doc__ or "").strip()
        first = text.partition("\n")[0]
        assert first[:1].isupper(), text
        assert first.endswith("."), text
        assert len(first) <= 160, text

    def test_no_two_routes_share_a_name(self) -> None:
        names = Counter(route.endpoint.__name__ for route in routes())
        assert [name for name, count in names.items() if count > 1] == []

    def test_a_verb_keeps_its_name_in_the_function(self) -> None:
        by_verb: dict[str, list[str]] = {}
        for route in routes():
            by_verb.setdefault(guards_of(route)[0].verb, []).append(route.endpoint.__name__)
        strange = {
            verb: names
            for verb, names in by_verb.items()
            if not any(name.startswith(verb.split(".")[-1].split("_")[0]) for name in names)
        }
        assert strange == {}

    @ALL
    def test_paths_are_plain(self, route: APIRoute) -> None:
        assert not route.path.endswith("/")
        assert route.path == route.path.lower()
        # what stands on a poster, and pictures of it, is short
        short = ("/q/", "/share/", "/healthz", "/readyz")
        assert route.path.startswith(("/api/v1/", "/board/v1/", "/platform/v1/", *short)), route.path


class TestAnswers:
    @ALL
    def test_what_is_answered_is_declared(self, route: APIRoute) -> None:
        """An output model, nothing (204), or a file; never a table."""
        model = route.response_model
        if model is None:
            return
        inner = getattr(model, "__args__", (model,))
        for each in inner:
            if isinstance(each, type):
                assert not getattr(each, "__table__", None) is not None, each

    def test_output_models_have_no_defaults(self) -> None:
        from tests.contracts import source

        for model in source.classes(OutputModel):
            assert issubclass(model, OutputModel)
            for name, field in model.model_fields.items():
                assert field.is_required(), (
                    f"{model.__name__}.{name} has a default: an answer would hide that it was forgotten"
                )

    @ALL
    def test_problems_are_declared_by_family(self, route: APIRoute) -> None:
        known = {status for _, status in STATUS_OF_FAMILY} | {200, 201, 202, 204, 206, 304, 400, 404, 405}
        assert {int(status) for status in route.responses} <= known, route.responses.keys()


class TestRefusals:
    def test_a_stranger_and_a_guest_are_told_apart(self, app: FastAPI, client: TestClient) -> None:
        assert app.state.settings.development
        assert client.get("/api/v1/accounts").json()["code"] == NotSignedIn.code
        assert NotAllowed.code == "not_allowed"
