"""Signing in, as a client sees it."""

from fastapi.testclient import TestClient

from app.access.roles import Role
from tests.callers import Callers


class TestIssueToken:
    def test_a_phone_code_signs_a_resident_in(self, client: TestClient) -> None:
        sent = client.post("/api/v1/auth/codes", json={"phone": "13800138000"})
        assert sent.status_code == 202, sent.text
        body = sent.json()
        tokens = client.post(
            "/api/v1/auth/tokens",
            json={"challenge_id": body["challenge_id"], "code": body["development_code"]},
        )
        assert tokens.status_code == 200, tokens.text
        me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {tokens.json()['access_token']}"})
        assert me.status_code == 200, me.text
        assert me.json()["kind"] == "resident"


class TestCreateAccount:
    def test_only_an_administrator_may(self, client: TestClient, callers: Callers) -> None:
        clerk = callers.staff(Role.RC_STAFF, "520102031006")
        body = {"name": "new.clerk", "display_name": "新来的"}
        assert client.post("/api/v1/accounts", json=body, headers=clerk).json()["code"] == "not_allowed"
        admin = callers.staff(Role.ADMINISTRATOR, "000000000000")
        answer = client.post("/api/v1/accounts", json=body, headers=admin)
        assert answer.status_code == 201, answer.text
