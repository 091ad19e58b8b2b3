"""What a host is, however it is written, and who is on a list."""

from __future__ import annotations

import ipaddress

import pytest

from pipelines.addresses import is_listed, is_private, is_public, literal, target_of

PORTS = {"http": 80, "https": 443}


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("[::1]", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("example.org", None),
        ("", None),
    ],
)
def test_a_host_that_spells_out_an_address(host: str, address: str | None) -> None:
    found = literal(host)
    assert (str(found) if found else None) == address


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1",
        "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
    ],
)  # fmt: skip
def test_what_is_not_of_the_open_internet(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_what_is(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_private_hosts() -> None:
    assert is_private("localhost")
    assert is_private("10.1.2.3")
    assert not is_private("169.254.169.254")
    assert not is_private("example.org")


def test_a_list_names_hosts_and_ports() -> None:
    assert is_listed(target_of("https://A.example/x", PORTS), "a.example")
    assert not is_listed(target_of("https://a.example:444/x", PORTS), "a.example")
    assert is_listed(target_of("https://a.example:444/x", PORTS), "b, a.example:444")
    for url in ("gopher://a.example", "https://", "https://me@a.example", "https://a:99999/"):
        with pytest.raises(ValueError):  # noqa: PT011
            target_of(url, PORTS)
