"""Government systems and their keys."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.access import service
from app.access.actor import SYSTEM, AccountKind
from app.access.errors import (
    ClientAssertionInvalid,
    KeyMalformed,
    NameTaken,
    RoleNotGrantable,
)
from app.access.roles import Role
from app.access.service import IssuedTokens
from app.access.tokens import make_client_assertion
from tests.access import forge
from tests.access.door import AUDIENCE, COMMUNITY, Door

pytestmark = pytest.mark.usefixtures("noon")


KEY = ec.generate_private_key(ec.SECP256R1())


class TestClients:
    def register(
        self, door: Door, name: str = "street", scopes: tuple[Role, ...] = (Role.SCOPE_FUNDING_READ,)
    ) -> None:
        with door.database.writing() as session:
            service.register_client(
                session,
                name=name,
                public_key_pem=forge.public_pem(KEY),
                scopes=scopes,
                division=COMMUNITY,
                actor=SYSTEM,
            )

    def assertion(self, name: str = "street") -> str:
        return make_client_assertion(
            client_id=name, audience=AUDIENCE, private_key_pem=forge.private_pem(KEY)
        )

    def sign_in(self, door: Door, assertion: str, audience: str = AUDIENCE) -> IssuedTokens:
        with door.database.writing() as session:
            return service.sign_in_client(session, assertion=assertion, audience=audience, tokens=door.tokens)

    def test_a_registered_system_gets_a_token_with_its_scopes(self, door: Door) -> None:
        self.register(door)
        issued = self.sign_in(door, self.assertion())
        assert issued.refresh_token is None
        actor = door.actor(issued)
        assert actor.kind is AccountKind.PLATFORM
        assert actor.may("platform.request.list", COMMUNITY)
        assert not actor.may("platform.request.decide", COMMUNITY)
        assert not actor.may("platform.request.list", "520102031007")

    def test_an_assertion_works_once(self, door: Door) -> None:
        self.register(door)
        assertion = self.assertion()
        self.sign_in(door, assertion)
        with pytest.raises(ClientAssertionInvalid):
            self.sign_in(door, assertion)

    def test_two_uses_at_once_are_one(self, door: Door) -> None:
        self.register(door)
        assertion = self.assertion()
        gate = threading.Barrier(4)

        def use(_: int) -> bool:
            gate.wait()
            try:
                self.sign_in(door, assertion)
            except ClientAssertionInvalid:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(use, range(4))) == 1

    @pytest.mark.parametrize("case", ["unknown", "audience", "garbage", "staff", "disabled"])
    def test_refusals_are_all_alike(self, door: Door, case: str) -> None:
        self.register(door)
        door.staff("li.wei")
        assertion = self.assertion({"unknown": "other", "staff": "li.wei"}.get(case, "street"))
        if case == "disabled":
            with door.database.writing() as session:
                account = service.account_named(session, "street")
                assert account is not None
                service.disable_account(session, account_id=account.id, actor=SYSTEM)
        audience = "https://other.example.org" if case == "audience" else AUDIENCE
        with pytest.raises(ClientAssertionInvalid):
            self.sign_in(door, "garbage" if case == "garbage" else assertion, audience)

    def test_registration_refuses(self, door: Door) -> None:
        self.register(door)
        with pytest.raises(NameTaken):
            self.register(door)
        with pytest.raises(RoleNotGrantable):
            self.register(door, "second", (Role.RC_CHAIR,))
        with pytest.raises(KeyMalformed), door.database.writing() as session:
            service.register_client(
                session, name="third", public_key_pem="x", scopes=[Role.SCOPE_FUNDING_READ], division=COMMUNITY,
                actor=SYSTEM,
            )  # fmt: skip
        with door.database.reading() as session:
            assert service.account_named(session, "second") is None
            assert service.account_named(session, "third") is None
