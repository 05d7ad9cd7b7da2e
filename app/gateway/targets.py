"""Where a message may go: never to this machine or a private network, whatever a name resolves to.

The address that was checked is the address that is connected to, so a name that changes its mind in between gains
nothing. TLS still verifies the name.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.gateway.errors import TargetRefused

LONGEST_URL = 500


@dataclass(frozen=True)
class Target:
    """A checked address: connect to ``connect_url`` and say ``host`` in header and TLS."""

    connect_url: str
    host_header: str
    server_name: str


def check(url: str, *, allow_private: bool) -> Target:
    """Resolve a URL and refuse what must not be called.

    Raises:
        TargetRefused: the scheme, the form, or an address behind the name.
    """
    if len(url) > LONGEST_URL or not url.isascii() or any(letter.isspace() for letter in url):
        raise TargetRefused(reason="it is no plain address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetRefused(reason="it is no plain address") from error
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise TargetRefused(reason="only https is allowed")
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise TargetRefused(reason="it must be a host and a path, without user or fragment")
    port = port or (443 if parts.scheme == "https" else 80)
    address = _resolve(parts.hostname, port, allow_private=allow_private)
    literal = f"[{address}]" if ":" in address else address
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    return Target(
        connect_url=f"{parts.scheme}://{literal}:{port}{path}{query}",
        host_header=parts.netloc,
        server_name=parts.hostname,
    )


def _resolve(host: str, port: int, *, allow_private: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TargetRefused(reason="the name does not resolve") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not allow_private and not all(_is_public(address) for address in addresses):
        raise TargetRefused(reason="it leads to this machine or a private network")
    return addresses[0]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.split("%")[0])
    inner = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None)
    if inner is not None:
        return bool(inner.is_global)
    return parsed.is_global and not parsed.is_multicast
