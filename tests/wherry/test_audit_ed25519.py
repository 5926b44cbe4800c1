"""Ed25519 in plain Python: the vectors of RFC 8032, and the same answers as a library gives."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from wherry.audit_verify import BASE, L, P, Point, add, decoded, signature_holds, times

VECTORS = {
    "test-1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    "test-2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    "test-3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
}
"""Section 7.1: public key, message, signature, in hex."""


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_the_rfc_hold(name: str) -> None:
    key, message, signature = map(bytes.fromhex, VECTORS[name])
    assert signature_holds(key, message, signature)


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_holds_for_nothing_else(name: str) -> None:
    key, message, signature = map(bytes.fromhex, VECTORS[name])
    assert not signature_holds(key, message + b"x", signature)
    for place in (0, 31, 32, 63):
        other = bytearray(signature)
        other[place] ^= 1
        assert not signature_holds(key, message, bytes(other))
    for place in (0, 31):
        other = bytearray(key)
        other[place] ^= 1
        assert not signature_holds(bytes(other), message, signature)


@pytest.mark.parametrize("name", VECTORS)
def test_the_second_scalar_of_a_signature_is_refused(name: str) -> None:
    """S + L satisfies the same equation; 5.1.7 wants S below L, or every signature has a twin."""
    key, message, signature = map(bytes.fromhex, VECTORS[name])
    twin = signature[:32] + (int.from_bytes(signature[32:], "little") + L).to_bytes(32, "little")
    assert not signature_holds(key, message, twin)


@pytest.mark.parametrize(
    ("key", "signature"), [(0, 64), (31, 64), (33, 64), (32, 0), (32, 63), (32, 65), (64, 32)], ids=str
)
def test_other_lengths_are_refused(key: int, signature: int) -> None:
    assert not signature_holds(b"\1" * key, b"", b"\1" * signature)


@settings(max_examples=25, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=300))
def test_what_a_library_signs_holds(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert signature_holds(key.public_key().public_bytes_raw(), message, key.sign(message))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_both_refuse_the_same(data: st.DataObject) -> None:
    """Keys and signatures with a byte changed: plain Python says what the library says."""
    key = Ed25519PrivateKey.from_private_bytes(data.draw(st.binary(min_size=32, max_size=32)))
    parts = [bytearray(key.public_key().public_bytes_raw()), bytearray(b"a message"), bytearray(key.sign(b"a message"))]
    part = data.draw(st.sampled_from(parts))
    part[data.draw(st.integers(0, len(part) - 1))] ^= data.draw(st.integers(0, 255))
    public, message, signature = map(bytes, parts)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        expected = False
    else:
        expected = True
    assert signature_holds(public, message, signature) is expected


def base() -> Point:
    assert BASE is not None
    return BASE


def equal(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def test_the_base_point_is_that_of_the_rfc() -> None:
    x, y, z, _ = base()
    assert (x, y, z) == (
        15112221349535400772501151409588531511454012693041857206046113283949847762202,
        46316835694926478169428394003475163141307993866256225615783033603165251855960,
        1,
    )


def test_the_base_point_has_its_order() -> None:
    neutral: Point = (0, 1, 1, 0)
    assert equal(times(L, base()), neutral)
    assert not equal(times(L - 1, base()), neutral)
    assert equal(add(times(L - 1, base()), base()), neutral)


@settings(max_examples=20, deadline=None)
@given(a=st.integers(0, L), b=st.integers(0, L))
def test_adding_points_adds_their_numbers(a: int, b: int) -> None:
    assert equal(add(times(a, base()), times(b, base())), times(a + b, base()))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(P.to_bytes(32, "little"), id="y-is-p"),
        pytest.param((P + 1).to_bytes(32, "little"), id="one-in-another-spelling"),
        pytest.param((2**255 - 1).to_bytes(32, "little"), id="the-largest-y"),
        pytest.param((1 | 1 << 255).to_bytes(32, "little"), id="minus-zero"),
        pytest.param((2).to_bytes(32, "little"), id="not-on-the-curve"),
    ],
)
def test_what_is_no_point(text: bytes) -> None:
    assert decoded(text) is None
    assert not signature_holds(text, b"", b"\0" * 64)
    assert not signature_holds(bytes(32), b"", text + bytes(32))


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_a_point_that_is_read_lies_on_the_curve(text: bytes) -> None:
    point = decoded(text)
    if point is None:
        return
    x, y, _, _ = point
    assert (y * y - x * x - 1 + 121665 * pow(121666, P - 2, P) * x * x * y * y) % P == 0
    assert x & 1 == text[31] >> 7
