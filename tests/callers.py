"""Who makes the calls of a test."""

import base64
import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import FastAPI
from sqlmodel import Session

from app.access import rules
from app.access import service as access
from app.access.actor import SYSTEM, AccountKind, Actor
from app.access.models import Account, GrantRow, SignInSession
from app.access.roles import Role
from app.access.tokens import AccessTokens
from app.core import clock
from app.core.db import Database

_numbers = itertools.count(1)

Headers = dict[str, str]


@dataclass
class Authenticator:
    """The app on somebody's phone."""

    secret: str
    #: What stands in for it when it is lost.
    recovery_codes: list[str]

    def code(self, *, steps: int = 0) -> str:
        """What it shows now, or some steps of thirty seconds away."""
        step = rules.step_at(clock.now()) + steps
        return rules.second_factor_code(base64.b32decode(self.secret), step)


@dataclass
class Callers:
    """Makes accounts directly and signs them in with real tokens."""

    app: FastAPI
    database: Database
    accounts: dict[str, Account] = field(default_factory=dict)

    def staff(
        self, role: Role, over: str, *, name: str | None = None, also: tuple[Role, ...] = ()
    ) -> Headers:
        """Request headers of a new staff account holding ``role`` (and ``also``) over a division."""
        return self.headers(self.staff_actor(role, over, name=name, also=also))

    def staff_actor(
        self, role: Role, over: str, *, name: str | None = None, also: tuple[Role, ...] = ()
    ) -> Actor:
        """The same account as services see it."""
        name = name or f"staff{next(_numbers)}"
        with self.database.writing() as session:
            account, _ = access.create_staff(session, name=name, display_name=name, actor=SYSTEM)
            for each in (role, *also):
                access.give_grant(session, account_id=account.id, role=each, division=over, actor=SYSTEM)
            return self._actor(session, account)

    def staff_of_old(self, role: Role, over: str, *, also: tuple[Role, ...]) -> Headers:
        """The same with roles that are not held together any more: grants of before are not ended."""
        actor = self.staff_actor(role, over)
        for each in also:
            self.grant_of_old(actor, each, over)
        return self.headers(actor)

    def grant_of_old(self, actor: Actor, role: Role, over: str) -> None:
        """Give somebody a role beside theirs that they would not be given today."""
        assert actor.account_id is not None
        with self.database.writing() as session:
            session.add(
                GrantRow(account_id=actor.account_id, role=role, division=over, valid_from=clock.now())
            )

    def enrol(self, actor: Actor) -> Authenticator:
        """Set up somebody's second factor; their sign-in counts as confirmed for five minutes from now."""
        with self.database.writing() as session:
            offer = access.begin_second_factor(session, actor=actor)
            app = Authenticator(offer.secret, [])
            codes = access.confirm_second_factor(session, code=app.code(), actor=actor)
        assert isinstance(codes, list)
        app.recovery_codes = codes
        return app

    def resident(self, phone: str) -> Headers:
        """Request headers of whoever owns a phone."""
        return self.headers(self.resident_actor(phone))

    def resident_actor(self, phone: str) -> Actor:
        """The same account as services see it."""
        return self.resident_actors([phone])[0]

    def resident_actors(self, phones: Sequence[str]) -> list[Actor]:
        """The owners of many phones."""
        with self.database.writing() as session:
            return [
                self._actor(session, access.resident_account(session, access.phone_fingerprint(phone)))
                for phone in phones
            ]

    def client(self, *scopes: Role, over: str) -> Headers:
        """Request headers of a machine client."""
        with self.database.writing() as session:
            account = Account(
                kind=AccountKind.PLATFORM, name=f"client{next(_numbers)}", created_at=clock.now()
            )
            session.add(account)
            session.flush()
            for scope in scopes:
                access.give_grant(session, account_id=account.id, role=scope, division=over, actor=SYSTEM)
            return self.headers(self._actor(session, account))

    def headers(self, actor: Actor) -> Headers:
        """An Authorization header for an actor."""
        tokens: AccessTokens = self.app.state.access_tokens
        assert actor.account_id is not None
        assert actor.session_id is not None
        token = tokens.issue(account_id=actor.account_id, session_id=actor.session_id)
        return {"Authorization": f"Bearer {token}"}

    def _actor(self, session: Session, account: Account) -> Actor:
        family = SignInSession(
            account_id=account.id, created_at=clock.now(), expires_at=clock.now() + dt.timedelta(days=400)
        )
        session.add(family)
        session.flush()
        return access.actor_of(session, account_id=account.id, session_id=family.id)
