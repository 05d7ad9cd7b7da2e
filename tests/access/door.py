"""The service with a unit of work around each call, and a clock that stands still."""

import datetime as dt
import uuid
from dataclasses import dataclass

from app.access import service
from app.access.actor import SYSTEM, Actor, Grant
from app.access.errors import (
    WrongPassword,
)
from app.access.service import IssuedTokens, Rejected, SentChallenge
from app.access.tokens import AccessTokens
from app.core import clock
from app.core.db import Database

PHONE = "13800138000"
COMMUNITY = "520102031006"
START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"
AUDIENCE = "https://gongyi.example.org/platform/v1/token"


def later(seconds: float) -> None:
    clock.set_frozen(clock.now() + dt.timedelta(seconds=seconds))


@dataclass
class Door:
    """The service with a unit of work around each call, as the API does it."""

    database: Database
    tokens: AccessTokens

    def code(self, phone: str = PHONE, nonce: str | None = None) -> SentChallenge:
        with self.database.writing() as session:
            return service.request_code(session, phone=phone, device_nonce=nonce)

    def enter(
        self, sent: SentChallenge, code: str | None = None, nonce: str | None = None
    ) -> IssuedTokens | Rejected:
        with self.database.writing() as session:
            return service.sign_in_with_code(
                session,
                challenge_id=sent.challenge_id,
                code=code or sent.code,
                device_nonce=nonce,
                tokens=self.tokens,
            )

    def sign_in(self, phone: str = PHONE) -> IssuedTokens:
        outcome = self.enter(self.code(phone))
        assert isinstance(outcome, IssuedTokens)
        return outcome

    def refresh(self, token: str | None) -> IssuedTokens | Rejected:
        assert token is not None
        with self.database.writing() as session:
            return service.refresh(session, refresh_token=token, tokens=self.tokens)

    def actor(self, issued: IssuedTokens) -> Actor:
        claims = self.tokens.read(issued.access_token)
        with self.database.reading() as session:
            return service.actor_of(session, account_id=claims.account_id, session_id=claims.session_id)

    def staff(self, name: str = "li.wei", password: str | None = PASSWORD, *grants: Grant) -> uuid.UUID:
        with self.database.writing() as session:
            account, link = service.create_staff(
                session, name=name, display_name="李伟", actor=SYSTEM, grants=grants
            )
            if password is not None:
                service.redeem_link(session, link=link, password=password)
            return account.id

    def password(self, name: str, password: str) -> IssuedTokens:
        with self.database.writing() as session:
            tried = service.begin_password_try(session, name=name)
        if not service.password_matches(tried, password):
            raise WrongPassword
        with self.database.writing() as session:
            issued = service.sign_in_with_password(session, tried=tried, tokens=self.tokens)
        assert isinstance(issued, IssuedTokens)
        return issued


def wrong(sent: SentChallenge) -> str:
    return f"{(int(sent.code) + 1) % 10**6:06d}"
