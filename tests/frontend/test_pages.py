"""How the built front end is served: kept for good where named by contents, asked for anew where not, compressed."""

import gzip
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.core.config import Mode, Settings
from app.main import create_app

SCRIPT = "export const neighbours = 'far';\n" * 100


def client_for(home: Path, frontend: Path) -> TestClient:
    return TestClient(create_app(Settings(mode=Mode.DEVELOPMENT, home=home, frontend=frontend)))


@pytest.fixture
def pages(tmp_path: Path) -> TestClient:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / ".vite").mkdir()
    (built / ".vite" / "manifest.json").write_text("{}")
    (built / "index.html").write_text("<!doctype html><title>共议</title>")
    (built / "assets" / "index-abc.js").write_text(SCRIPT)
    (built / "assets" / "index-abc.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (built / "assets" / "plain-abc.css").write_text("p{}")
    return client_for(tmp_path, built)


class TestServe:
    def test_the_page_is_asked_for_again_and_found_the_same(self, pages: TestClient) -> None:
        first = pages.get("/app/")
        assert first.status_code == 200
        assert first.headers["cache-control"] == "no-cache"
        assert first.headers["content-type"].startswith("text/html")
        again = pages.get("/app/", headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304

    def test_a_communitys_first_answer_is_fetched_with_the_page(self, pages: TestClient) -> None:
        page = pages.get("/app/?building=3%E6%A0%8B&community=510104020001")
        assert page.headers["link"] == (
            "</api/v1/communities/510104020001/overview>; rel=preload; as=fetch; crossorigin"
        )

    @pytest.mark.parametrize(
        "query", ["", "?community=1", "?community=51010402000%3E", "?x=community=510104020001"]
    )
    def test_what_names_no_community_fetches_nothing_ahead(self, pages: TestClient, query: str) -> None:
        assert "link" not in pages.get(f"/app/{query}").headers

    def test_files_named_by_their_contents_are_kept_for_good(self, pages: TestClient) -> None:
        answer = pages.get("/app/assets/index-abc.js")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"

    def test_a_compressed_copy_goes_to_those_who_take_it(self, pages: TestClient) -> None:
        path = "/app/assets/index-abc.js"
        packed = pages.get(path, headers={"Accept-Encoding": "gzip"})
        plain = pages.get(path, headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < len(SCRIPT) / 10
        assert packed.headers["content-type"].startswith("text/javascript")
        assert "content-encoding" not in plain.headers
        assert packed.text == plain.text == SCRIPT
        assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
        assert packed.headers["etag"] != plain.headers["etag"]

    def test_what_has_no_copy_goes_as_it_is(self, pages: TestClient) -> None:
        answer = pages.get("/app/assets/plain-abc.css", headers={"Accept-Encoding": "br, gzip"})
        assert answer.text == "p{}"
        assert "content-encoding" not in answer.headers

    @pytest.mark.parametrize(
        "path", ["/app/assets/index-abc.js.gz", "/app/.vite/manifest.json", "/app/../app/x.js"]
    )
    def test_parts_of_the_build_are_no_pages(self, pages: TestClient, path: str) -> None:
        assert pages.get(path).status_code == 404

    def test_the_policy_allows_no_script_but_ours(self, pages: TestClient) -> None:
        policy = pages.get("/app/").headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "unsafe" not in policy

    def test_without_a_build_it_says_what_to_do(self, tmp_path: Path) -> None:
        answer = client_for(tmp_path, tmp_path / "nothing").get("/app/")
        assert answer.status_code == 503
        assert "make frontend" in answer.text
