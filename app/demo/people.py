"""Callers over HTTP: an administrator, staff, residents, each with their own tokens."""

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

REPEATS = 60
TOKENS = "/api/v1/auth/tokens"


class Refusal(Exception):
    """The service said no."""

    def __init__(self, answer: httpx.Response) -> None:
        try:
            body = answer.json()
        except ValueError:
            body = {}
        #: The answer's members, as far as it has any.
        self.facts: dict[str, Any] = body
        self.code = str(body.get("code", answer.status_code))
        self.detail = str(body.get("detail", answer.text[:200]))
        super().__init__(
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {self.code} {self.detail}"
        )


@dataclass
class Person:
    """Somebody signed in."""

    http: httpx.AsyncClient
    token: str = ""
    #: Name and password of staff, to sign in again when a long replay outlives the token.
    credentials: tuple[str, str] | None = None

    async def call(self, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401 - JSON
        """Call the API; what is busy is asked again after the time it names.

        Raises:
            Refusal: the service said no.
        """
        extra = options.pop("headers", {})
        headers = {**extra, "Authorization": f"Bearer {self.token}"} if self.token else extra
        for attempt in range(REPEATS):
            try:
                answer = await self.http.request(method, path, headers=headers, **options)
            except httpx.TransportError:
                if attempt == REPEATS - 1:
                    raise
                await asyncio.sleep(0.5)
                continue
            if answer.status_code in {429, 503} and attempt < REPEATS - 1:
                await asyncio.sleep(min(float(answer.headers.get("Retry-After", "1")), 5.0))
                continue
            if answer.status_code == httpx.codes.UNAUTHORIZED and self.credentials and path != TOKENS:
                self.token = ""
                await self.sign_in_with_password(*self.credentials)
                return await self.call(method, path, headers=extra, **options)
            if not answer.is_success:
                raise Refusal(answer)
            return answer.json() if answer.content else None
        raise AssertionError

    async def sign_in_with_password(self, name: str, password: str) -> None:
        """Sign in as staff."""
        self.credentials = (name, password)
        issued = await self.call("POST", TOKENS, json={"name": name, "password": password})
        self.token = issued["access_token"]

    async def sign_in_with_phone(self, phone: str) -> None:
        """Sign in as a resident; the code is in the answer because the service is in development mode."""
        sent = await self.call("POST", "/api/v1/auth/codes", json={"phone": phone})
        issued = await self.call(
            "POST", "/api/v1/auth/tokens",
            json={"challenge_id": sent["challenge_id"], "code": sent["development_code"]},
        )  # fmt: skip
        self.token = issued["access_token"]


@dataclass(frozen=True)
class Administrators:
    """Two of them: what gives power is proposed by one and confirmed by the other."""

    first: Person
    second: Person

    async def confirm(self, account_id: str) -> None:
        """The second confirms everything that waits about an account."""
        listed = await self.second.call("GET", "/api/v1/account-proposals")
        for each in listed["items"]:
            if each["decision"] is None and each["account"]["account_id"] == account_id:
                await self.second.call("POST", f"/api/v1/account-proposals/{each['id']}/confirm")


async def new_staff(admins: Administrators, *, name: str, role: str, division: str) -> Person:
    """Make a staff account, choose its password with one's link and the other's code, give it a role, sign it in."""
    unique = f"{name}-{uuid.uuid4().hex[:8]}"
    password = uuid.uuid4().hex
    made = await admins.first.call("POST", "/api/v1/accounts", json={"name": unique, "display_name": name})
    await admins.first.call(
        "POST", f"/api/v1/accounts/{made['account_id']}/grants", json={"role": role, "division": division}
    )
    await admins.confirm(made["account_id"])
    half = await admins.second.call("POST", f"/api/v1/accounts/{made['account_id']}/countersign")
    person = Person(admins.first.http)
    chosen = {"link": made["link"], "code": half["code"], "password": password}
    await person.call("POST", "/api/v1/auth/passwords", json=chosen)
    await person.sign_in_with_password(unique, password)
    return person
