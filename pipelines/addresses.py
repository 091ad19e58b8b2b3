"""Which network addresses may be talked to: an administrator's list, and what an address is.

Nothing is resolved here: who connects must check the address that it really connects to.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a URL points to; its host in lower case."""

    scheme: str
    host: str
    port: int
    usual: bool
    """True where the port is the scheme's own."""


def target_of(url: str, ports: Mapping[str, int]) -> Target:
    """Scheme, host and port of a URL; `ports`: the schemes that are taken, with their own port.

    Raises ValueError for other schemes, no host, and user names in the address.
    """
    parts = urlsplit(url.strip())
    host, usual = (parts.hostname or "").lower(), ports.get(parts.scheme)
    if usual is None or not host or parts.username is not None or parts.password is not None:
        raise ValueError(host or "no host")
    port = usual if parts.port is None else parts.port
    return Target(scheme=parts.scheme, host=host, port=port, usual=port == usual)


def is_listed(target: Target, hosts: str) -> bool:
    """`hosts`: names or name:port, commas between; a name alone means the scheme's own port."""
    listed = {entry.strip().lower() for entry in hosts.split(",") if entry.strip()}
    return f"{target.host}:{target.port}" in listed or (target.usual and target.host in listed)


def literal(host: str) -> Address | None:
    """The address that a host spells out, also as 2130706433, 0x7f.1 or [::1]; None for names."""
    bare = host.strip("[]").split("%", 1)[0]
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare))
    except (OSError, ValueError):
        return None


def is_private(host: str) -> bool:
    """True for our own machine and private networks; a name could be anybody's."""
    if host == "localhost":
        return True
    address = literal(host)
    if address is None:
        return False
    address = plain(address)
    return address.is_loopback or (address.is_private and not address.is_link_local)


def is_public(address: Address) -> bool:
    """True for an address of the open internet, whatever it is wrapped in."""
    return plain(address).is_global and not plain(address).is_multicast


def plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries (mapped, 6to4, NAT64), else the address."""
    if isinstance(address, ipaddress.IPv6Address):
        nat64 = ipaddress.ip_network("64:ff9b::/96")
        if address in nat64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address
