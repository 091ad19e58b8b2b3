"""The guard itself must bite, otherwise every "offline" test proves nothing."""

from __future__ import annotations

import socket

import pytest

from tests.conftest import NetworkForbidden


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as sock, pytest.raises(NetworkForbidden):
        sock.connect(("192.0.2.1", 80))


def test_a_look_up_of_another_name_is_refused() -> None:
    with pytest.raises(NetworkForbidden):
        socket.getaddrinfo("example.org", 443)


def test_loopback_works() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        client.connect(server.getsockname())
