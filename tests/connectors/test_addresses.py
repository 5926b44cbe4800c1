"""Addresses at the edges of their ranges, and URLs in every spelling: one reading or none."""

from __future__ import annotations

import ipaddress
import string
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.addresses import PORTS, Standing, Target, standing, target
from connectors.errors import UnsafeAddress
from connectors.guard import Guard, resolve

PUBLIC, PRIVATE, FORBIDDEN = Standing.PUBLIC, Standing.PRIVATE, Standing.FORBIDDEN

EDGES = [
    # IPv4: the last before, the first and last within, the first after each range
    ("9.255.255.255", PUBLIC),
    ("10.0.0.0", PRIVATE),
    ("10.255.255.255", PRIVATE),
    ("11.0.0.0", PUBLIC),
    ("100.63.255.255", PUBLIC),
    ("100.64.0.0", PRIVATE),
    ("100.100.100.199", PRIVATE),
    ("100.100.100.200", FORBIDDEN),
    ("100.100.100.201", PRIVATE),
    ("100.127.255.255", PRIVATE),
    ("100.128.0.0", PUBLIC),
    ("126.255.255.255", PUBLIC),
    ("127.0.0.0", PRIVATE),
    ("127.255.255.255", PRIVATE),
    ("128.0.0.0", PUBLIC),
    ("168.63.129.15", PUBLIC),
    ("168.63.129.16", FORBIDDEN),
    ("168.63.129.17", PUBLIC),
    ("169.253.255.255", PUBLIC),
    ("169.254.0.0", FORBIDDEN),
    ("169.254.255.255", FORBIDDEN),
    ("169.255.0.0", PUBLIC),
    ("172.15.255.255", PUBLIC),
    ("172.16.0.0", PRIVATE),
    ("172.31.255.255", PRIVATE),
    ("172.32.0.0", PUBLIC),
    ("192.0.0.192", FORBIDDEN),
    ("192.88.98.255", PUBLIC),
    ("192.88.99.0", FORBIDDEN),
    ("192.88.99.255", FORBIDDEN),
    ("192.88.100.0", PUBLIC),
    ("192.167.255.255", PUBLIC),
    ("192.168.0.0", PRIVATE),
    ("192.168.255.255", PRIVATE),
    ("192.169.0.0", PUBLIC),
    ("198.17.255.255", PUBLIC),
    ("198.18.0.0", FORBIDDEN),
    ("198.19.255.255", FORBIDDEN),
    ("198.20.0.0", PUBLIC),
    ("223.255.255.255", PUBLIC),
    ("224.0.0.0", FORBIDDEN),
    ("239.255.255.255", FORBIDDEN),
    ("240.0.0.0", FORBIDDEN),
    ("255.255.255.255", FORBIDDEN),
    ("0.0.0.0", FORBIDDEN),
    ("0.255.255.255", FORBIDDEN),
    ("1.0.0.0", PUBLIC),
    # IPv6
    ("::", FORBIDDEN),
    ("::1", PRIVATE),
    ("::2", FORBIDDEN),
    ("::ffff:8.8.8.8", PUBLIC),
    ("::ffff:127.0.0.1", PRIVATE),
    ("::ffff:0:127.0.0.1", FORBIDDEN),
    ("64:ff9b::", FORBIDDEN),
    ("64:ff9b::8.8.8.8", PUBLIC),
    ("64:ff9b::192.168.0.1", PRIVATE),
    ("64:ff9b:1::8.8.8.8", FORBIDDEN),
    ("100::1", FORBIDDEN),
    ("2001::1", FORBIDDEN),
    ("2001:db8::1", FORBIDDEN),
    ("2002::1", FORBIDDEN),
    ("2002:808:808::1", FORBIDDEN),
    ("2606:4700::1111", PUBLIC),
    ("2a00:1450:4001::1", PUBLIC),
    ("3fff::1", FORBIDDEN),
    ("5f00::1", FORBIDDEN),
    ("1fff:ffff::1", FORBIDDEN),
    ("2000::1", PUBLIC),
    ("4000::1", FORBIDDEN),
    ("9000::1", FORBIDDEN),
    ("fc00::", PRIVATE),
    ("fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PRIVATE),
    ("fd00:ec2::254", FORBIDDEN),
    ("fd00:ec2::255", PRIVATE),
    ("fe80::", FORBIDDEN),
    ("febf::1", FORBIDDEN),
    ("fec0::1", FORBIDDEN),
    ("ff02::1", FORBIDDEN),
    ("fd00::1%eth0", FORBIDDEN),
    ("2606:4700::1111%1", FORBIDDEN),
]


@pytest.mark.parametrize(("address", "kind"), EDGES)
def test_each_edge_of_each_range(address: str, kind: Standing) -> None:
    assert standing(address) is kind


@pytest.mark.parametrize(("address", "kind"), EDGES)
def test_the_guard_decides_by_the_standing(address: str, kind: Standing) -> None:
    """Strict: public only. At home: private too, and plain http to private ones alone."""
    name = "https://name.example/"
    strict = Guard(resolver=lambda _host, _port: [address])
    home = Guard(allow_private=True, allow_http=True, resolver=lambda _host, _port: [address])
    cases = [
        (strict, name, kind is PUBLIC),
        (home, name, kind is not FORBIDDEN),
        (home, "http://name.example/", kind is PRIVATE),
    ]
    for guard, url, admitted in cases:
        if admitted:
            assert guard.addresses(guard.check(url)) == [address]
        else:
            with pytest.raises(UnsafeAddress) as refused:
                guard.addresses(guard.check(url))
            assert address not in str(refused.value), "what a name leads to is not told"


@pytest.mark.parametrize(("address", "kind"), [edge for edge in EDGES if "%" not in edge[0]])
def test_a_literal_is_judged_without_a_look_up(address: str, kind: Standing) -> None:
    def resolver(host: str, _port: int) -> list[str]:
        pytest.fail(f"{host} was looked up")

    host = f"[{address}]" if ":" in address else address
    guard = Guard(allow_private=True, resolver=resolver)
    if kind is FORBIDDEN:
        with pytest.raises(UnsafeAddress):
            guard.check(f"https://{host}/")
        return
    there = guard.check(f"https://{host}:8443/x")
    assert there.literal
    assert list(guard.addresses(there)) == [there.host]
    assert ipaddress.ip_address(there.host) == ipaddress.ip_address(address)


names = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]([a-z0-9-]{0,8}[a-z0-9])?){0,3}", fullmatch=True)
paths = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\\?#"), max_size=20)


@given(st.sampled_from(["https", "http"]), names, st.none() | st.integers(1, 65535), paths, paths)
@settings(max_examples=200, deadline=None)
@example("https", "a", 80, "", "")
def test_an_ordinary_url_comes_back_in_one_spelling(
    scheme: str, host: str, port: int | None, path: str, query: str
) -> None:
    text = f"{scheme}://{host}{'' if port is None else f':{port}'}/{path}{'?' + query if query else ''}"
    if text != text.strip():
        with pytest.raises(UnsafeAddress):
            target(text)
        return
    there = target(text)
    assert (there.scheme, there.host) == (scheme, host)
    assert there.port == (PORTS[scheme] if port is None else port)
    assert there.path.startswith("/")
    assert set(there.path) <= set(string.ascii_letters + string.digits + "/%:@!$&'()*+,;=~-._?")
    assert target(there.url) == there
    parts = urlsplit(there.url)
    assert (parts.scheme, parts.hostname, parts.port or PORTS[scheme]) == (scheme, host, there.port)


@given(names)
@settings(max_examples=80, deadline=None)
def test_upper_case_and_a_last_dot_change_nothing(host: str) -> None:
    assert target(f"https://{host.upper()}./").host == target(f"https://{host}/").host


@pytest.mark.parametrize(
    ("there", "authority", "origin"),
    [
        (Target("https", "a.example", 443, "/", literal=False), "a.example", "https://a.example"),
        (Target("http", "a.example", 80, "/", literal=False), "a.example", "http://a.example"),
        (Target("https", "a.example", 80, "/", literal=False), "a.example:80", "https://a.example:80"),
        (Target("http", "a.example", 443, "/", literal=False), "a.example:443", "http://a.example:443"),
        (Target("https", "::1", 443, "/", literal=True), "[::1]", "https://[::1]"),
        (Target("https", "::1", 8443, "/x", literal=True), "[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_host_and_port_as_the_header_wants_them(there: Target, authority: str, origin: str) -> None:
    assert there.authority == authority
    assert there.origin == origin
    assert there.url == origin + there.path


@pytest.mark.parametrize("secret", ["hunter2", "geheim%40"])
@pytest.mark.parametrize(
    "form",
    ["https://u:{0}@a.example/", "https://a.example/\x01?{0}", "ftp://{0}/", "https://{0}{0}..x/", "https://a:{0}/"],
)
def test_no_refusal_repeats_the_url(form: str, secret: str) -> None:
    with pytest.raises(UnsafeAddress) as refused:
        target(form.format(secret))
    assert secret not in str(refused.value)


def test_the_system_resolves_this_machine_each_address_once() -> None:
    found = resolve("localhost", 443)
    assert found
    assert len(found) == len(set(found))
    assert all(ipaddress.ip_address(address).is_loopback for address in found)


@pytest.mark.parametrize(
    "hosts", [frozenset[str](), frozenset({"b.example"}), frozenset({"A.example"}), frozenset({"a.example."})]
)
def test_names_of_hosts_are_compared_in_their_one_spelling(hosts: frozenset[str]) -> None:
    with pytest.raises(UnsafeAddress, match="none of the hosts"):
        Guard(hosts=hosts).check("https://a.example/")
    assert Guard(hosts=hosts | {"a.example"}).check("https://A.Example./").host == "a.example"
