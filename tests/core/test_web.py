"""The door: caps, problems, headers."""

from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import FastAPI, Query
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import Request
from starlette.types import Message

from app.core import errors, web
from app.core.schemas import InputModel
from app.core.web import BodyCap, SecurityHeaders, install_problem_handlers, strict_json

JSON = {"Content-Type": "application/json"}


class Ballot(InputModel):
    ranking: Annotated[list[str], Field(max_length=5)]
    phone: str = ""


def small_app() -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)
    app.add_middleware(BodyCap, upload_paths=("/imports",))
    app.add_middleware(SecurityHeaders)
    raised: dict[str, Exception] = {
        "not_signed_in": errors.NotSignedIn(),
        "not_allowed": errors.NotAllowed(),
        "not_found": errors.NotFound(),
        "conflict": errors.Conflict(),
        "outdated": errors.Outdated(),
        "invalid": errors.Invalid(),
        "too_large": errors.TooLarge(limit_bytes=1),
        "too_many": errors.TooMany(retry_after=9),
        "unavailable": errors.Unavailable(retry_after=3),
        "facts": errors.Conflict(codes=["\ud800", "共"]),
        "integrity": IntegrityError("INSERT secret", {"phone": "13800138000"}, Exception("UNIQUE")),
        "check": IntegrityError("INSERT secret", {}, Exception("CHECK constraint failed: ck_round")),
        "locked": OperationalError("x", {}, Exception("database is locked")),
        "full": OperationalError("x", {}, Exception("database or disk is full")),
        "mistake": OperationalError("x", {}, Exception("no such column: phone")),
        "pool": PoolTimeout("QueuePool limit"),
        "crash": RuntimeError("13800138000"),
    }

    @app.post("/api/v1/ballots")
    @app.post("/api/v1/imports")
    def take(body: Ballot) -> dict[str, int]:
        return {"count": len(body.ranking)}

    @app.get("/api/v1/raise/{name}")
    def raise_it(name: str) -> None:
        raise raised[name]

    @app.get("/api/v1/page")
    def page(limit: Annotated[int, Query(ge=1, le=200)] = 50) -> int:
        return limit

    @app.get("/app/page")
    def outside() -> str:
        return "page"

    return app


@pytest.fixture
def door() -> Iterator[TestClient]:
    with TestClient(small_app(), raise_server_exceptions=False) as client:
        yield client


class TestBodyCap:
    def test_an_announced_body_over_the_limit_is_not_read(self, door: TestClient) -> None:
        answer = door.post("/api/v1/ballots", content=b"x" * (web.JSON_LIMIT_BYTES + 1))
        assert answer.status_code == 413
        assert answer.json()["code"] == "body_too_large"
        assert answer.json()["limit_bytes"] == web.JSON_LIMIT_BYTES
        assert answer.headers["connection"] == "close"

    def test_a_body_of_chunks_is_counted(self, door: TestClient) -> None:
        chunks = (b"x" * 1024 for _ in range(web.JSON_LIMIT_BYTES // 1024 + 1))
        answer = door.post("/api/v1/ballots", content=chunks)
        assert answer.status_code == 413
        assert answer.json()["code"] == "body_too_large"

    def test_a_body_of_exactly_the_limit_is_read(self, door: TestClient) -> None:
        frame = b'{"ranking": [], "phone": ""}'
        body = frame[:-2] + b"1" * (web.JSON_LIMIT_BYTES - len(frame)) + frame[-2:]
        assert len(body) == web.JSON_LIMIT_BYTES
        assert door.post("/api/v1/ballots", content=body, headers=JSON).status_code == 200

    def test_chunks_reach_the_endpoint_whole(self, door: TestClient) -> None:
        answer = door.post("/api/v1/ballots", content=iter([b'{"ranking"', b': ["a"', b"]}"]), headers=JSON)
        assert answer.json() == {"count": 1}

    def test_uploads_may_be_larger(self, door: TestClient) -> None:
        content = b"x" * (web.JSON_LIMIT_BYTES + 1)
        assert door.post("/api/v1/imports", content=content).status_code == 422
        content = b"x" * (web.UPLOAD_LIMIT_BYTES + 1)
        assert door.post("/api/v1/imports", content=content).status_code == 413

    @pytest.mark.parametrize("length", ["9" * 5000, "99999999999999999999"])
    def test_an_absurd_announcement_is_refused(self, door: TestClient, length: str) -> None:
        answer = door.post("/api/v1/ballots", content=b"{}", headers={"Content-Length": length})
        assert answer.status_code == 413

    @pytest.mark.anyio
    async def test_who_hangs_up_is_not_answered(self) -> None:
        called: list[str] = []

        async def inner(*_: object) -> None:
            called.append("inner")

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(_message: object) -> None:
            called.append("send")

        scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
        await BodyCap(inner)(scope, receive, send)
        assert called == []


class TestProblems:
    @pytest.mark.parametrize(
        ("name", "status", "code"),
        [
            ("not_signed_in", 401, "not_signed_in"), ("not_allowed", 403, "not_allowed"),
            ("not_found", 404, "not_found"), ("conflict", 409, "conflict"), ("outdated", 412, "outdated"),
            ("invalid", 422, "invalid_input"), ("too_large", 413, "body_too_large"),
            ("too_many", 429, "too_many_requests"), ("unavailable", 503, "unavailable"),
            ("integrity", 409, "already_exists"), ("check", 422, "does_not_fit"),
            ("locked", 503, "unavailable"), ("full", 503, "unavailable"),
            ("pool", 503, "unavailable"), ("mistake", 500, "internal_error"), ("crash", 500, "internal_error"),
        ],
    )  # fmt: skip
    def test_each_kind_of_error_has_its_status_and_code(
        self, door: TestClient, name: str, status: int, code: str
    ) -> None:
        answer = door.get(f"/api/v1/raise/{name}")
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert body["code"] == code
        assert body["type"] == f"/problems/{code}"
        assert body["status"] == status
        assert "13800138000" not in answer.text
        assert "secret" not in answer.text

    def test_facts_stand_beside_the_code(self, door: TestClient) -> None:
        answer = door.get("/api/v1/raise/too_many")
        assert answer.json()["retry_after"] == 9
        assert answer.headers["retry-after"] == "9"

    def test_facts_that_are_no_text_are_replaced(self, door: TestClient) -> None:
        answer = door.get("/api/v1/raise/facts")
        assert answer.status_code == 409
        assert answer.json()["codes"] == ["?", "共"]

    def test_a_401_names_its_scheme(self, door: TestClient) -> None:
        assert door.get("/api/v1/raise/not_signed_in").headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize(
        ("wish", "language", "sentence"),
        [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "没有找到。"),
            ("en-GB,en;q=0.9", "en", "There is nothing here."),
            ("en;q=0.2, zh;q=0.9", "zh-CN", "没有找到。"),
            ("zh;q=0.2, en;q=0.9", "en", "There is nothing here."),
            ("en, zh", "en", "There is nothing here."),
            ("fr", "zh-CN", "没有找到。"),
            ("", "zh-CN", "没有找到。"),
            ("zh;q=0, en;q=x", "zh-CN", "没有找到。"),
        ],
    )
    def test_the_sentence_is_in_the_callers_language(
        self, door: TestClient, wish: str, language: str, sentence: str
    ) -> None:
        answer = door.get("/api/v1/raise/not_found", headers={"Accept-Language": wish})
        assert answer.headers["content-language"] == language
        assert answer.json()["detail"] == sentence
        assert answer.json()["title"] == sentence

    @given(st.text(alphabet=st.characters(max_codepoint=255), max_size=300))
    def test_any_wish_for_a_language_is_answered(self, wish: str) -> None:
        scope = {"type": "http", "headers": [(b"accept-language", wish.encode("latin-1"))]}
        assert web.language_of(Request(scope)) in {"en", "zh-CN"}

    def test_no_such_address(self, door: TestClient) -> None:
        answer = door.get("/api/v1/nothing")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_address")

    def test_a_wrong_method_names_the_right_ones(self, door: TestClient) -> None:
        answer = door.delete("/api/v1/ballots")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer.headers["allow"] == "POST"


class TestMalformedRequest:
    @pytest.mark.parametrize(
        ("content", "where"),
        [
            (b"", "body"),
            (b"{", "body.1"),
            (b"[]", "body"),
            (b'{"ranking": 1}', "body.ranking"),
            (b'{"ranking": ["1","2","3","4","5","6"]}', "body.ranking"),
            (b'{"ranking": [], "color": 1}', "body.color"),
        ],
    )
    def test_it_says_where(self, door: TestClient, content: bytes, where: str) -> None:
        answer = door.post("/api/v1/ballots", content=content, headers=JSON)
        assert answer.status_code == 422
        assert answer.json()["code"] == "malformed_request"
        assert [each["where"] for each in answer.json()["errors"]] == [where]

    def test_it_never_repeats_what_was_sent(self, door: TestClient) -> None:
        body = {"ranking": ["13800138000"] * 6, "phone": ["13900139000"], "13700137000 王小明": 1}
        answer = door.post("/api/v1/ballots", json=body)
        assert answer.status_code == 422
        for secret in ("13800138000", "13900139000", "13700137000", "王小明"):
            assert secret not in answer.text

    @pytest.mark.parametrize(
        "content",
        [
            b'{"ranking": [], "\\ud800": 1}',
            b'{"ranking": ["\\ud800"], "phone": 1}',
            b'{"ranking": NaN}',
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"ranking": ' + b"9" * 10_000 + b"}",
        ],
    )
    def test_hostile_json_is_a_422(self, door: TestClient, content: bytes) -> None:
        answer = door.post("/api/v1/ballots", content=content, headers=JSON)
        assert answer.status_code in {400, 422}
        assert answer.json()["code"] == "malformed_request"

    def test_at_most_twenty_errors_are_told(self, door: TestClient) -> None:
        body = {"ranking": [], **{f"extra{n}": n for n in range(500)}}
        assert len(door.post("/api/v1/ballots", json=body).json()["errors"]) == 20

    @pytest.mark.parametrize("limit", ["0", "201", "x", "９", "1e3", "99999999999999999999999"])
    def test_numbers_in_an_address_are_bounded(self, door: TestClient, limit: str) -> None:
        answer = door.get("/api/v1/page", params={"limit": limit})
        if limit == "９":
            assert answer.status_code in {200, 422}  # a digit by Unicode, and never a crash
        else:
            assert answer.status_code == 422


class TestSecurityHeaders:
    @pytest.mark.parametrize(
        "path", ["/app/page", "/api/v1/page", "/nothing", "/api/v1/raise/crash", "/api/v1/raise/not_found"]
    )
    def test_every_answer_carries_them_once(self, door: TestClient, path: str) -> None:
        answer = door.get(path)
        for name, value in SecurityHeaders.HEADERS:
            assert answer.headers.get_list(name.decode()) == [value.decode()]
        assert "unsafe" not in answer.headers["content-security-policy"]

    def test_answers_of_the_api_are_not_kept(self, door: TestClient) -> None:
        assert door.get("/api/v1/page").headers["cache-control"] == "no-store"
        assert door.get("/api/v1/raise/not_found").headers.get_list("cache-control") == ["no-store"]
        assert "cache-control" not in door.get("/app/page").headers


class TestStrictJson:
    def test_it_reads_json(self) -> None:
        assert strict_json('{"a": ["共", 1, null]}'.encode()) == {"a": ["共", 1, None]}

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"{",
            b'{"a":1,"a":2}',
            b"NaN",
            b"[Infinity]",
            b"\xff",
            b"[" * 100_000,
            b'{"a":{"b":1,"b":1}}',
            b"9" * 5000,
        ],
    )
    def test_anything_doubtful_is_malformed(self, raw: bytes) -> None:
        with pytest.raises(web.MalformedRequest):
            strict_json(raw)

    def test_lone_surrogates_are_malformed(self) -> None:
        for raw in (b'{"a": "\\ud800"}', b'{"\\udfff": 1}', b'["\\ud800"]'):
            with pytest.raises(web.MalformedRequest):
                strict_json(raw)


class TestStatusOf:
    def test_an_error_without_a_family_is_ours(self) -> None:
        class Odd(errors.DomainError):
            """Odd."""

        assert web.status_of(Odd) == 500

    def test_problems_are_grouped_by_status(self) -> None:
        told = web.problems(errors.Conflict, errors.NotFound, web.AlreadyThere)
        assert list(told) == [404, 409]
        assert "`conflict`" in told[409]["description"]
        assert "`already_exists`" in told[409]["description"]


class TestEtagVersion:
    @pytest.mark.parametrize(("header", "version"), [('"3"', 3), ("3", 3), ('W/"12"', 12)])
    def test_it_reads_our_own(self, header: str, version: int) -> None:
        assert web.etag_version(header) == version

    @pytest.mark.parametrize("header", ["", "*", '"a"', '"３"', '"-1"', '"9999999999"', '"1", "2"'])
    def test_anything_else_is_refused(self, header: str) -> None:
        with pytest.raises(web.BadETag):
            web.etag_version(header)


class TestCommitBeforeTheAnswer:
    def test_a_failing_commit_is_not_a_success(self, app: FastAPI, client: TestClient) -> None:
        """The unit ends before the answer is made: a yield dependency would have said 200 already."""
        from sqlmodel import Session

        before = client.get("/healthz").status_code

        def broken(_self: Session) -> None:
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Session, "commit", broken)
            answer = client.post("/api/v1/auth/codes", json={"phone": "13800138000"})
        assert before == 200
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        from sqlmodel import select

        from app.access.models import SignInChallenge

        with app.state.wiring.database.reading() as session:
            assert session.exec(select(SignInChallenge)).all() == []
