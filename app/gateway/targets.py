"""Where a message may go: never to this machine or a private network, whatever a name resolves to.

The addresses that were checked are the addresses that are connected to, so a name that changes its mind in between
gains nothing. TLS still verifies the name.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.gateway.errors import NameUnknown, TargetRefused

LONGEST_URL = 500
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?|\[[0-9A-Fa-f:.]+\]")
#: IPv6 networks that stand for IPv4 addresses: the last 32 bits are what is reached.
_TRANSLATED = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """A checked URL and the addresses behind its name."""

    scheme: str
    host: str
    port: int
    #: What stands in the ``Host`` header: the port only where it is not the scheme's own.
    host_header: str
    path: str
    addresses: tuple[str, ...]


def check(url: str, *, allow_private: bool) -> Target:
    """Resolve a URL and refuse what must not be called.

    Raises:
        TargetRefused: the scheme, the form, or an address behind the name.
        NameUnknown: the name does not resolve, at least not now.
    """
    if len(url) > LONGEST_URL or not re.fullmatch(r"[\x21-\x7e]+", url) or "\\" in url:
        raise TargetRefused(reason="it is no plain address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetRefused(reason="it is no plain address") from error
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise TargetRefused(reason="only https is allowed")
    if not parts.hostname or "@" in parts.netloc or "#" in url:
        raise TargetRefused(reason="it must be a host and a path, without user or fragment")
    if not _HOST.fullmatch(parts.netloc.rpartition(":")[0] if port is not None else parts.netloc):
        raise TargetRefused(reason="it is no plain address")
    usual = 443 if parts.scheme == "https" else 80
    port = usual if port is None else port
    if port == 0:
        raise TargetRefused(reason="it is no plain address")
    query = f"?{parts.query}" if parts.query else ""
    return Target(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port,
        host_header=parts.netloc if port != usual else parts.netloc.removesuffix(f":{usual}"),
        path=(parts.path or "/") + query,
        addresses=_resolve(parts.hostname, port, allow_private=allow_private),
    )


def is_public(address: str) -> bool:
    """Whether an address is one that anybody on the Internet can reach, and nothing in disguise."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in _meanings(parsed))


def _meanings(address: Address) -> list[Address]:
    """The address, and the IPv4 address it stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        return [address, address.sixtofour]
    if any(address in network for network in _TRANSLATED):
        return [address, ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address]


def _resolve(host: str, port: int, *, allow_private: bool) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    # one bad address among good ones is a trick, not an accident
    if not addresses or (not allow_private and not all(is_public(address) for address in addresses)):
        raise TargetRefused(reason="it leads to this machine or a private network")
    return addresses
