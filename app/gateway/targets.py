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
#: What is in use of IPv6 for reaching others; everything else is local, reserved or something in disguise.
_UNICAST = ipaddress.IPv6Network("2000::/3")
#: IPv4 addresses as an IPv6-only network sees them (RFC 6052): the last 32 bits are what is reached.
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


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
    if isinstance(parsed, ipaddress.IPv6Address):
        disguised = parsed.ipv4_mapped
        if disguised is None and parsed in _TRANSLATED:
            disguised = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if disguised is None:
            inner = parsed.sixtofour
            return parsed in _UNICAST and parsed.is_global and (inner is None or inner.is_global)
        parsed = disguised
    return parsed.is_global and not parsed.is_multicast


def look_up(host: str, port: int) -> list[str]:
    """The addresses behind a name, as the system finds them; a number in any spelling is an address too.

    Raises:
        NameUnknown: there are none, at least not now.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown from error
    return [str(entry[4][0]) for entry in found]


def _resolve(host: str, port: int, *, allow_private: bool) -> tuple[str, ...]:
    addresses = tuple(dict.fromkeys(look_up(host, port)))
    # one bad address among good ones is a trick, not an accident
    if not addresses or (not allow_private and not all(is_public(address) for address in addresses)):
        raise TargetRefused(reason="it leads to this machine or a private network")
    return addresses
