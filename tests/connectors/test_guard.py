"""Which addresses are refused: spellings, ranges, and what a name leads to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.addresses import Standing, standing, target
from connectors.errors import Transient, UnsafeAddress
from connectors.guard import Guard

HOSTILE_URLS = [
    # loopback in every spelling inet_aton knows
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0X7F.1/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.0.0.01/",
    "https://0/",
    "https://0.0.0.0/",
    "https://0.1.2.3/",
    "https://127.255.255.254:8443/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    # private, shared, link-local, metadata
    "https://10.0.0.1/",
    "https://10.255.255.255/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://100.127.255.255/",
    "https://169.254.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::169.254.169.254]/",
    "https://[64:ff9b::10.0.0.1]/",
    "https://[64:ff9b:1::10.0.0.1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[fc00::1]/",
    "https://[fd12:3456::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fec0::1]/",
    "https://100.100.100.200/",
    "https://168.63.129.16/",
    "https://192.0.0.192/",
    # special use
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://198.51.100.7/",
    "https://203.0.113.7/",
    "https://192.88.99.1/",
    "https://224.0.0.1/",
    "https://239.255.255.250/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://[100::1]/",
    # spellings two readers could read differently
    "https://dav.example.org@127.0.0.1/",
    "https://user:pass@dav.example.org/",
    "https://dav.example.org\\@127.0.0.1/",
    "https://dav.example.org\r\nHost: inside/",
    "https://dav.example.org/a\nb",
    "https://dav.example.org/\x00",
    "https://dav.example.org/\x7f",
    "\thttps://dav.example.org/",
    " https://dav.example.org/",
    "https://dav.example.org/ ",
    "https://%31%32%37.0.0.1/",
    "https://dav..example.org/",
    "https://dav.example.org../",
    "https://.example.org/",
    "https://-dav.example.org/",
    "https://dav example.org/",
    "https://dav.example.0x10/",
    "https://1.2.3.4.5/",
    "https://256.1.1.1/",
    "https://[::1/",
    "https://[]/",
    "https://[1.2.3.4]/",
    "https://[v1.fe]/",
    "https://dav.example.org:0/",
    "https://dav.example.org:65536/",
    "https://dav.example.org:-1/",
    "https://dav.example.org:8o/",
    "https:///path",
    "https://",
    "https:dav.example.org",
    "https://:443/",
    f"https://{'a' * 64}.example.org/",
    "https://" + ".".join(["a" * 50] * 6) + "/",
    # other schemes and no encryption
    "http://dav.example.org/",
    "http://127.0.0.1/",
    "file:///etc/passwd",
    "ftp://dav.example.org/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "//dav.example.org/",
    "/calendars/",
    "dav.example.org",
    "",
]


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_hostile_url_is_refused_without_a_look_up(url: str) -> None:
    def resolver(_host: str, _port: int) -> Sequence[str]:
        pytest.fail("a hostile URL reached the resolver")

    with pytest.raises(UnsafeAddress):
        Guard(resolver=resolver).check(url)


@pytest.mark.parametrize("url", ["https://user:hunter2secret@dav.example.org/", "https://x\n/?token=hunter2secret"])
def test_the_refusal_does_not_repeat_the_url(url: str) -> None:
    with pytest.raises(UnsafeAddress) as refused:
        Guard().check(url)
    assert "hunter2secret" not in f"{refused.value!r} {refused.value}"


@pytest.mark.parametrize(
    ("url", "host", "port", "sent", "authority"),
    [
        ("https://Dav.Example.ORG", "dav.example.org", 443, "/", "dav.example.org"),
        ("https://dav.example.org./a", "dav.example.org", 443, "/a", "dav.example.org"),
        ("https://dav.example.org:443/a", "dav.example.org", 443, "/a", "dav.example.org"),
        ("https://dav.example.org:8443/a?b=c#d", "dav.example.org", 8443, "/a?b=c", "dav.example.org:8443"),
        ("https://8.8.8.8/", "8.8.8.8", 443, "/", "8.8.8.8"),
        ("https://[2606:4700:0::1111]/", "2606:4700::1111", 443, "/", "[2606:4700::1111]"),
        ("https://[64:ff9b::8.8.8.8]/", "64:ff9b::808:808", 443, "/", "[64:ff9b::808:808]"),
        ("https://müller.example/ä b", "xn--mller-kva.example", 443, "/%C3%A4%20b", "xn--mller-kva.example"),
        (
            "https://dav.example.org/a%20b/%7Euser/x;y=1",
            "dav.example.org",
            443,
            "/a%20b/%7Euser/x;y=1",
            "dav.example.org",
        ),
        ("https://a_b.example.org/?q=%2F&ü", "a_b.example.org", 443, "/?q=%2F&%C3%BC", "a_b.example.org"),
        ("https://3com.example/", "3com.example", 443, "/", "3com.example"),
        ("https://0x7f.example/", "0x7f.example", 443, "/", "0x7f.example"),
    ],
)
def test_ordinary_url_is_taken_apart(url: str, host: str, port: int, sent: str, authority: str) -> None:
    there = Guard().check(url)
    assert (there.host, there.port, there.path, there.authority) == (host, port, sent, authority)
    assert target(there.url) == there


def leading_to(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


@pytest.mark.parametrize(
    "inside",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "::1",
        "::ffff:10.0.0.1",
        "fd00::1",
        "fe80::1%eth0",
        "0.0.0.0",
        "ff02::1",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_one_bad_address_of_many_is_enough(inside: str, *, first: bool) -> None:
    found = [inside, "8.8.8.8"] if first else ["8.8.8.8", "2606:4700::1111", inside]
    guard = Guard(resolver=leading_to(*found))
    with pytest.raises(UnsafeAddress):
        guard.addresses(guard.check("https://dav.example.org/"))


def test_all_public_addresses_come_in_the_order_of_the_resolver() -> None:
    guard = Guard(resolver=leading_to("2606:4700::1111", "8.8.8.8"))
    assert list(guard.addresses(guard.check("https://dav.example.org/"))) == ["2606:4700::1111", "8.8.8.8"]


@pytest.mark.parametrize("address", ["127.0.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "::1", "::ffff:10.0.0.1"])
def test_a_server_at_home_is_admitted_on_request(address: str) -> None:
    guard = Guard(allow_private=True, resolver=leading_to(address))
    assert list(guard.addresses(guard.check("https://nas.local/"))) == [address]


NEVER = [
    *("169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "fd00:ec2::254", "100.100.100.200"),
    *("168.63.129.16", "192.0.0.192", "fe80::1", "0.0.0.0", "224.0.0.1", "2002:7f00:1::", "::"),
]


@pytest.mark.parametrize("address", NEVER)
def test_link_local_and_metadata_are_never_admitted(address: str) -> None:
    guard = Guard(allow_private=True, allow_http=True, resolver=leading_to(address))
    for scheme in ("https", "http"):
        with pytest.raises(UnsafeAddress):
            guard.addresses(guard.check(f"{scheme}://metadata.internal/"))


def test_plain_http_needs_both_words_and_a_private_address() -> None:
    url = "http://nas.local/"
    for half in (Guard(allow_http=True), Guard(allow_private=True)):
        with pytest.raises(UnsafeAddress):
            half.check(url)
    both = Guard(allow_private=True, allow_http=True, resolver=leading_to("192.168.1.2"))
    assert list(both.addresses(both.check(url))) == ["192.168.1.2"]
    public = Guard(allow_private=True, allow_http=True, resolver=leading_to("192.168.1.2", "8.8.8.8"))
    with pytest.raises(UnsafeAddress):
        public.addresses(public.check(url))


def test_only_named_hosts_are_admitted() -> None:
    guard = Guard(hosts=frozenset({"dav.example.org"}))
    assert guard.check("https://DAV.example.org./x").host == "dav.example.org"
    for other in ("https://evil.example/", "https://x.dav.example.org/", "https://8.8.8.8/"):
        with pytest.raises(UnsafeAddress):
            guard.check(other)


def test_a_name_that_cannot_be_resolved_may_be_resolved_later() -> None:
    def offline(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    for guard in (Guard(resolver=offline), Guard(resolver=leading_to())):
        with pytest.raises(Transient):
            guard.addresses(guard.check("https://dav.example.org/"))


@given(st.ip_addresses(v=4))
def test_mapped_and_translated_addresses_stand_like_the_inner_one(ip: ipaddress.IPv4Address) -> None:
    plain = standing(str(ip))
    assert standing(f"::ffff:{ip}") is plain
    assert standing(f"64:ff9b::{ip}") is plain


@given(st.ip_addresses())
def test_no_address_python_calls_special_is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if standing(str(ip)) is Standing.PUBLIC and not isinstance(getattr(ip, "ipv4_mapped", None), ipaddress.IPv4Address):
        assert ip.is_global or ip in ipaddress.ip_network("64:ff9b::/96")
        special = ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified
        assert not special


@given(st.ip_addresses(v=4, network="127.0.0.0/8") | st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_no_spelling_of_a_private_ipv4_address_passes(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    a, b, c, d = ip.packed
    spellings = [str(ip), str(number), hex(number), oct(number).replace("0o", "0"), f"{a}.{number & 0xFFFFFF}"]
    spellings += [f"0x{a:x}.{b}.{c}.{d}", f"0{a:o}.{b}.{c}.{d}", f"{a}.{b}.{c * 256 + d}", f"[::ffff:{ip}]", f"{ip}."]
    for host in spellings:
        with pytest.raises(UnsafeAddress):
            Guard().check(f"https://{host}/")


@given(st.text(max_size=40))
def test_any_text_gives_a_target_or_a_refusal(text: str) -> None:
    try:
        there = target("https://" + text)
    except UnsafeAddress:
        return
    assert there.url.isascii()
    assert not any(character in there.url for character in "\r\n\t\0 \\")
    assert target(there.url) == there
