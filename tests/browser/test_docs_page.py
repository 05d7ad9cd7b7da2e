"""The description of the API in a browser, without a CDN."""

from playwright.sync_api import Page

from tests.servers import Server


class TestDocs:
    def test_the_page_needs_nobody_else(self, page: Page, server: Server) -> None:
        asked: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.goto(f"{server.url}/docs")
        page.get_by_text("/api/v1/auth/codes").first.wait_for()
        assert asked
        assert all(url.startswith((server.url, "data:", "blob:")) for url in asked)
        assert wrong == []
