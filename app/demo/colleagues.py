"""Those who may do what: a role that two administrators gave, one that waits, and a sub-district's own system."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.demo import neighbourhood as place
from app.demo.people import Administrators, Person


async def tell(staff: Mapping[str, Person]) -> None:
    """A new colleague and a government's system, each confirmed by the other administrator; and one that waits."""
    two = Administrators(staff["admin"], staff["admin2"])
    helper = await _account(two.first, "zhao.min", "居委会 赵敏")
    await _propose(two.first, helper, "rc_staff", place.COMMUNITY)
    await two.confirm(helper)
    representative = await _account(two.first, "song.yu", "居务监督委员会 宋雨")
    await _propose(two.first, representative, "supervisor", place.COMMUNITY)

    client = await two.first.call(
        "POST", "/api/v1/platform-clients",
        json={
            "name": "huaguoyuan-street", "public_key_pem": _public_key(), "division": place.SUBDISTRICT,
            "scopes": ["funding:read", "funding:decide"],
        },
    )  # fmt: skip
    await two.confirm(client["account_id"])


async def _account(admin: Person, name: str, display_name: str) -> str:
    made = await admin.call("POST", "/api/v1/accounts", json={"name": name, "display_name": display_name})
    return str(made["account_id"])


async def _propose(admin: Person, account_id: str, role: str, division: str) -> None:
    body = {"role": role, "division": division}
    await admin.call("POST", f"/api/v1/accounts/{account_id}/grants", json=body)


def _public_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
