"""Carries webhook messages to the addresses that the operator allows, and to no other.

A message is signed as Standard Webhooks has it: HMAC-SHA256 over its id, the time and the body.
The host must be on the operator's list; its address is looked at after it was resolved and before
it is connected to, so a name that changes its mind leads nowhere. Redirects are not followed.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hmac
import http.client
import ipaddress
import logging
import secrets
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from demo.store.database import utc_now
from demo.store.hooks import Delivery, Hook, Hooks
from demo.store.keys import derived
from demo.work import incident
from pipelines.addresses import Address, Target, is_listed, is_public, literal, plain, target_of
from pipelines.errors import MinwonError
from pipelines.interface_errors import AddressRefused, HookInvalid
from pipelines.settings import Settings

log = logging.getLogger(__name__)

PORTS = {"http": 80, "https": 443}
EVERY_S = 1.0
FORGET_EVERY = 3600
"""Looks between two clean-ups."""
WAIT_S = 10.0
"""For a connection, and for an answer."""
FIRST_PAUSE_S = 10.0
LONGEST_PAUSE_S = 6 * 3600.0
SIDE_BY_SIDE = 4
LONGEST_URL = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The operator's lists: hosts, and private networks in which they may lie."""

    hosts: str
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

    @classmethod
    def of(cls, settings: Settings) -> Allowed:
        """Raises HookInvalid for a network that is none."""
        entries = [part.strip() for part in settings.hook_networks.split(",") if part.strip()]
        try:
            networks = tuple(ipaddress.ip_network(entry) for entry in entries)
        except ValueError as exc:
            raise HookInvalid(problem="MINWON_HOOK_NETWORKS: addresses like 10.2.0.0/16") from exc
        return cls(hosts=settings.hook_hosts, networks=networks)

    def check(self, url: str) -> Target:
        """Where the URL leads, by its words alone. Raises HookInvalid, AddressRefused."""
        if len(url) > LONGEST_URL or not url.isprintable() or " " in url:
            raise HookInvalid(problem="address: too long, or with unusual characters")
        try:
            target = target_of(url, PORTS)
        except ValueError as exc:
            raise HookInvalid(problem="address: https://host/path is needed") from exc
        if not is_listed(target, self.hosts):
            raise AddressRefused(host=target.host)
        return target

    def resolve(self, target: Target) -> str:
        """The address to connect to. Raises AddressRefused, OSError.

        One look-up, and exactly its result is connected to. Every address that it gave must be
        allowed: a name that leads to both worlds is not trusted.
        """
        addresses = _addresses(target)
        listed = [self._is_listed(address) for address in addresses]
        if not addresses or not all(
            own or is_public(address) for own, address in zip(listed, addresses, strict=True)
        ):
            raise AddressRefused(host=target.host)
        if target.scheme == "http" and not all(listed):
            raise AddressRefused(host=target.host)  # unencrypted stays in the office's networks
        return str(addresses[0])

    def _is_listed(self, address: Address) -> bool:
        bare = plain(address)
        return any(bare in network for network in self.networks if network.version == bare.version)


def _addresses(target: Target) -> list[Address]:
    spelt = literal(target.host)
    if spelt is not None:
        return [spelt]
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(entry[4][0]).split("%", 1)[0]) for entry in found]


class Courier:
    """A thread that carries what is due; what it could not carry waits in the database."""

    def __init__(
        self,
        hooks: Hooks,
        allowed: Allowed,
        key: bytes,
        *,
        tries: int,
        first_pause_s: float = FIRST_PAUSE_S,
        every_s: float = EVERY_S,
    ) -> None:
        self._hooks, self._allowed, self._key = hooks, allowed, key
        self._tries, self._first_pause_s, self._every_s = tries, first_pause_s, every_s
        self._end = threading.Event()
        self._random = secrets.SystemRandom()

    def start(self) -> None:
        """Carry from now on."""
        threading.Thread(target=self._serve, name="courier", daemon=True).start()

    def close(self) -> None:
        """Carry nothing more. A message on its way may arrive twice; its id tells."""
        self._end.set()

    def _serve(self) -> None:
        looks = 0
        while not self._end.wait(self._every_s):
            try:
                self.carry()
                if looks % FORGET_EVERY == 0:
                    self._hooks.forget(utc_now())
            except MinwonError as exc:
                log.warning("webhooks wait: %s", exc.code)
            except Exception as exc:  # noqa: BLE001 - the thread's edge: the next look must come
                incident("", exc)
            looks += 1

    def carry(self) -> None:
        """Try what is due, each hook's messages in their order, until one of them fails."""
        by_hook: dict[int, list[Delivery]] = defaultdict(list)
        for delivery in self._hooks.due(utc_now()):
            by_hook[delivery.hook.id].append(delivery)
        if by_hook:
            with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="hook") as pool:
                list(pool.map(self._carry_all, by_hook.values()))

    def _carry_all(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            if self._end.is_set():
                return
            reason = self._post(delivery)
            if reason is None:
                self._hooks.sent(delivery.id, utc_now())
                continue
            tried = delivery.attempts + 1
            log.info("webhook %d, try %d: %s", delivery.hook.id, tried, reason)
            again = None if tried >= self._tries else utc_now() + self._pause(tried)
            self._hooks.failed(delivery.id, reason, again)
            return  # a receiver that is away keeps nobody waiting: the rest is for the next look

    def _pause(self, tried: int) -> dt.timedelta:
        """Four times as long after each failure, and never at the same moment as others."""
        pause_s = min(LONGEST_PAUSE_S, self._first_pause_s * 4 ** (tried - 1))
        return dt.timedelta(seconds=pause_s * self._random.uniform(0.5, 1.5))

    def _post(self, delivery: Delivery) -> str | None:
        """None where the receiver took it, else the code of what went wrong."""
        try:
            target = self._allowed.check(delivery.hook.url)
            address = self._allowed.resolve(target)
            status = _send(target, address, delivery, self._headers(delivery))
        except (AddressRefused, HookInvalid) as exc:
            return exc.code
        except TimeoutError:
            return "timeout"
        except ssl.SSLError:
            return "tls"
        except (OSError, ValueError, http.client.HTTPException):
            return "connection"
        return None if 200 <= status < 300 else f"http_{status}"

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        at = str(int(utc_now().timestamp()))
        signed = f"{delivery.message_id}.{at}.{delivery.body}".encode()
        digest = hmac.digest(signing_key(self._key, delivery.hook), signed, "sha256")
        return {
            "Content-Type": "application/json",
            "User-Agent": "minwon-desk",
            "webhook-id": delivery.message_id,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode('ascii')}",
        }


def signing_key(key: bytes, hook: Hook) -> bytes:
    """Made from this installation's own key: a copy of the database can't sign."""
    return derived(key, "hook", hook.salt)


def shown_secret(key: bytes, hook: Hook) -> str:
    """As receivers configure it."""
    return "whsec_" + base64.b64encode(signing_key(key, hook)).decode("ascii")


@contextlib.contextmanager
def _deadline(sock: socket.socket) -> Iterator[None]:
    """Ends a connection that is still open when the time is over, however it drips."""
    timer = threading.Timer(2 * WAIT_S, _cut, (sock,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _send(target: Target, address: str, delivery: Delivery, headers: dict[str, str]) -> int:
    """The status of the answer; its body is not read. Raises OSError, HTTPException."""
    sock = socket.create_connection((address, target.port), timeout=WAIT_S)
    connection = http.client.HTTPConnection(target.host, target.port, timeout=WAIT_S)
    try:
        if target.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=target.host)
        connection.sock = sock
        parts = urlsplit(delivery.hook.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with _deadline(sock):
            connection.request("POST", path, delivery.body.encode("utf-8"), headers)
            return connection.getresponse().status
    finally:
        connection.close()
        sock.close()
