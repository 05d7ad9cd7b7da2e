"""The guard: who may call is a type in the signature of every route."""

import time
import uuid
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.access import rules, service
from app.access.actor import ANONYMOUS, AccountKind, Actor
from app.access.errors import FreshCodeNeeded, SecondFactorMissing
from app.access.matrix import FRESH, READ_UNDER_RECORD, TO_ENROL, roles_for
from app.access.ports import WeChat
from app.access.roles import Role
from app.access.tokens import AccessTokens
from app.core import clock
from app.core.config import SecondFactorRule
from app.core.db import Database
from app.core.errors import DomainError, NotAllowed, NotSignedIn
from app.core.web import database_of, settings_of

#: A revoked session may work this much longer in a process that has seen it.
ACTOR_CACHE_SECONDS = 30
LARGEST_CACHE = 20_000

bearer = HTTPBearer(auto_error=False, description="Access token from POST /api/v1/auth/tokens")


class ActorCache:
    """Actors of sessions seen in the last seconds, so that a busy evening does not read each session row anew."""

    def __init__(self) -> None:
        self._actors: dict[uuid.UUID, tuple[float, Actor]] = {}
        self._read: set[tuple[uuid.UUID, str, tuple[str, ...]]] = set()

    def get(self, session_id: uuid.UUID, account_id: uuid.UUID) -> Actor | None:
        """The actor, if it was looked up less than `ACTOR_CACHE_SECONDS` ago."""
        found = self._actors.get(session_id)
        if found is None or found[0] < time.monotonic() or found[1].account_id != account_id:
            return None
        return found[1]

    def put(self, actor: Actor) -> None:
        """Remember an actor for a while."""
        if len(self._actors) >= LARGEST_CACHE:
            self._actors.clear()
        if actor.session_id is not None and not actor.assisted:  # helper mode ends at once, in every process
            self._actors[actor.session_id] = (time.monotonic() + ACTOR_CACHE_SECONDS, actor)

    def forget(self, *session_ids: uuid.UUID) -> None:
        """Forget sessions that were ended here."""
        for each in session_ids:
            self._actors.pop(each, None)

    def has_read(self, reading: tuple[uuid.UUID, str, tuple[str, ...]]) -> bool:
        """Whether it is on record already that an auditor read this in this sign-in."""
        return reading in self._read

    def note_read(self, reading: tuple[uuid.UUID, str, tuple[str, ...]]) -> None:
        """Remember that it is on record."""
        if len(self._read) >= LARGEST_CACHE:
            self._read.clear()
        self._read.add(reading)

    def clear(self) -> None:
        """Forget everybody: a grant or an account has changed."""
        self._actors.clear()


def tokens_of(request: Request) -> AccessTokens:
    """The issuer of this process."""
    tokens: AccessTokens = request.app.state.access_tokens
    return tokens


def cache_of(request: Request) -> ActorCache:
    """The actor cache of this process."""
    cache: ActorCache = request.app.state.actor_cache
    return cache


def wechat_of(request: Request) -> WeChat:
    """Who says which WeChat user is behind a code."""
    wechat: WeChat = request.app.state.wechat
    return wechat


TokensDep = Annotated[AccessTokens, Depends(tokens_of)]
CacheDep = Annotated[ActorCache, Depends(cache_of)]
WeChatDep = Annotated[WeChat, Depends(wechat_of)]


class Guard:
    """Dependency that resolves the caller and refuses who may not attempt ``verb``."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        self.roles = roles_for(verb)

    async def __call__(
        self, request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> Actor:
        """The caller, as the endpoint receives them."""
        public = Role.PUBLIC in self.roles
        if credentials is None:
            if public:
                return ANONYMOUS
            raise NotSignedIn
        try:
            actor = await _actor(request, credentials.credentials)
        except NotSignedIn:
            if public:  # an expired token must not keep anybody from public pages
                return ANONYMOUS
            raise
        if not public and not actor.roles & self.roles:
            raise NotAllowed
        if actor.kind is not AccountKind.STAFF:
            return actor
        required = needs_second_factor(request)
        lacking = self._lacking(actor, required=required)
        if lacking is not None:
            # another process may have taken the code a moment ago
            actor = await _actor(request, credentials.credentials, anew=True)
            lacking = self._lacking(actor, required=required)
        if lacking is None:
            await _record_reading(request, self.verb, actor)
            return actor
        if public:
            return ANONYMOUS
        raise lacking

    def _lacking(self, actor: Actor, *, required: bool) -> DomainError | None:
        """What keeps staff from this verb: no second factor, or none shown in the last minutes."""
        if not actor.enrolled:
            return SecondFactorMissing() if required and self.verb not in TO_ENROL else None
        if self.verb in FRESH and not rules.is_fresh(actor.confirmed_at, at=clock.now()):
            return FreshCodeNeeded()
        return None


def needs_second_factor(request: Request) -> bool:
    """Whether staff may do nothing here without a second factor."""
    return settings_of(request).staff_second_factor is SecondFactorRule.REQUIRED


async def _actor(request: Request, token: str, *, anew: bool = False) -> Actor:
    claims = tokens_of(request).read(token)
    cache = cache_of(request)
    actor = None if anew else cache.get(claims.session_id, claims.account_id)
    if actor is None:
        actor = await run_in_threadpool(_load, database_of(request), claims.account_id, claims.session_id)
        cache.put(actor)
    return actor


async def _record_reading(request: Request, verb: str, actor: Actor) -> None:
    """Put on record what an auditor is about to read, before they do; once a sign-in, verb and thing."""
    if verb not in READ_UNDER_RECORD or Role.AUDITOR not in actor.roles:
        return
    assert actor.session_id is not None
    of = tuple(str(each) for each in request.path_params.values())
    cache, reading = cache_of(request), (actor.session_id, verb, of)
    if not cache.has_read(reading):
        await run_in_threadpool(_write_reading, database_of(request), verb, of, actor)
        cache.note_read(reading)


def _write_reading(database: Database, verb: str, of: tuple[str, ...], actor: Actor) -> None:
    with database.writing() as session:
        service.record_reading(session, verb=verb, of=of, actor=actor)


def _load(database: Database, account_id: uuid.UUID, session_id: uuid.UUID) -> Actor:
    with database.reading() as session:
        return service.actor_of(session, account_id=account_id, session_id=session_id)


def may(verb: str) -> Any:  # noqa: ANN401 - what Depends returns
    """The guard of one verb, to stand in an endpoint's signature as ``Annotated[Actor, ...]``."""
    return Depends(Guard(verb))
