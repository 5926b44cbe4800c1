"""What is sealed opens in its place, with its key, unchanged; and otherwise not at all."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.errors import BadVault, OAuthError, WrongKey
from oauth.sealing import KEY_BYTES, id_of, key_id_of, new_key, open_sealed, seal
from oauth.unsealing import field_place, key_place, open_field

KEY = bytes(range(32))
PLACE = ("field", "local", "grant-1", "refresh_token")
CANARY = b"canary-sealing-91c4"
KEPT = "v1|d20bd62dd5a702c9|jfNB_3rOEPp7NjSn|R9oOmAA4TY0hPkeSE2CpmZe7VzebMkGjw3vSnUVLSn7qSFY"

words = st.text(st.characters(exclude_characters="|"), min_size=1, max_size=12)


def sealed_canary(plain: bytes = CANARY) -> str:
    return seal(KEY, plain, key_id=id_of(KEY), place=PLACE)


def test_the_form_is_as_documented() -> None:
    version, key_id, nonce, ciphertext = sealed_canary().split("|")
    assert version == "v1"
    assert key_id == id_of(KEY)
    assert len(base64.urlsafe_b64decode(nonce)) == 12
    assert len(base64.urlsafe_b64decode(ciphertext + "==")) == len(CANARY) + 16
    assert "=" not in nonce + ciphertext


def test_a_value_sealed_by_an_earlier_version_opens() -> None:
    """The form is kept in databases: this one was made on 23 November 2026 and has to open for good."""
    assert open_sealed(KEY, KEPT, place=PLACE) == CANARY


def test_the_cipher_is_aes_gcm_with_the_place_as_associated_data() -> None:
    """Opened here by the library alone, from the words of the documentation."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    _, key_id, nonce, ciphertext = sealed_canary().split("|")
    parts = [part.encode() for part in ("v1", *PLACE, key_id)]
    bound = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    raw = base64.urlsafe_b64decode(ciphertext + "=" * (-len(ciphertext) % 4))
    assert AESGCM(KEY).decrypt(base64.urlsafe_b64decode(nonce), raw, bound) == CANARY


@given(st.binary(max_size=300), st.binary(min_size=32, max_size=32), st.lists(words, max_size=5).map(tuple))
def test_any_bytes_come_back(plain: bytes, key: bytes, place: tuple[str, ...]) -> None:
    sealed = seal(key, plain, key_id=id_of(key), place=place)
    assert open_sealed(key, sealed, place=place) == plain
    assert key_id_of(sealed) == id_of(key)
    assert sealed.isascii()


@given(st.text(st.characters(), max_size=200))
def test_any_text_comes_back(text: str) -> None:
    """Half a surrogate pair as well: a password may be anything a terminal lets through."""
    place = field_place("t", "g", "f")
    sealed = seal(KEY, text.encode("utf-8", "surrogatepass"), key_id=id_of(KEY), place=place)
    assert open_field(KEY, sealed.encode(), place=place).reveal() == text


def test_nothing_of_the_plain_text_shows() -> None:
    sealed = sealed_canary(CANARY * 4)
    raw = base64.urlsafe_b64decode(sealed.split("|")[3] + "==")
    assert CANARY not in raw
    assert CANARY.decode() not in sealed
    assert base64.urlsafe_b64encode(CANARY).decode().rstrip("=") not in sealed


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    made = {sealed_canary() for _ in range(500)}
    assert len(made) == 500
    assert len({sealed.split("|")[2] for sealed in made}) == 500


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 160, 4096])
def test_every_single_flipped_bit_of_a_byte_is_noticed(size: int) -> None:
    sealed = sealed_canary(CANARY[:1] * size)[:400].encode() if size > 300 else sealed_canary(b"x" * size).encode()
    for at in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[at] ^= 1 << bit
            with pytest.raises((WrongKey, BadVault)):
                open_field(KEY, bytes(changed), place=PLACE)


@given(st.data())
def test_any_other_text_of_the_form_is_refused(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(KEPT) - 1))
    other = data.draw(st.characters(exclude_characters=KEPT[at]))
    with pytest.raises((WrongKey, BadVault)):
        open_sealed(KEY, KEPT[:at] + other + KEPT[at + 1 :], place=PLACE)


@given(st.integers(0, 200), st.text(min_size=1, max_size=4))
def test_cut_or_lengthened_it_does_not_open(at: int, more: str) -> None:
    for changed in (KEPT[: at % len(KEPT)], KEPT + more, more + KEPT):
        with pytest.raises((WrongKey, BadVault)):
            open_sealed(KEY, changed, place=PLACE)


@pytest.mark.parametrize(
    "place",
    [
        ("field", "other", "grant-1", "refresh_token"),
        ("field", "local", "grant-2", "refresh_token"),
        ("field", "local", "grant-1", "access_token"),
        ("data key", "local", "grant-1", "refresh_token"),
        ("field", "local", "grant-1"),
        ("field", "local", "grant-1", "refresh_token", ""),
        ("field", "localgrant-1", "", "refresh_token"),
        ("field", "loca", "lgrant-1", "refresh_token"),
        ("field", "local", "grant-1refresh_token"),
        ("field|local", "grant-1", "refresh_token"),
        (),
    ],
)
def test_in_another_place_it_does_not_open(place: tuple[str, ...]) -> None:
    with pytest.raises(WrongKey):
        open_sealed(KEY, sealed_canary(), place=place)


@given(st.tuples(words, words, words), st.tuples(words, words, words))
def test_any_two_places_differ(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    sealed = seal(KEY, CANARY, key_id="k", place=field_place(*one))
    if one == other:
        assert open_sealed(KEY, sealed, place=field_place(*other)) == CANARY
    else:
        with pytest.raises(WrongKey) as fault:
            open_sealed(KEY, sealed, place=field_place(*other))
        assert CANARY.decode() not in str(fault.value)


@given(st.lists(words, min_size=1, max_size=4), st.data())
def test_parts_that_run_together_are_told_apart(parts: list[str], data: st.DataObject) -> None:
    """The same letters in other parts are another place, also with the separator in them."""
    joined = data.draw(st.sampled_from(["", "|", "/", "\0"])).join(parts)
    if [joined] == parts:
        return
    sealed = seal(KEY, CANARY, key_id="k", place=tuple(parts))
    with pytest.raises(WrongKey):
        open_sealed(KEY, sealed, place=(joined,))


@given(words, words)
def test_under_another_key_id_it_does_not_open(one: str, other: str) -> None:
    sealed = seal(KEY, CANARY, key_id=one, place=PLACE)
    changed = "|".join(["v1", other, *sealed.split("|")[2:]])
    if one == other:
        assert open_sealed(KEY, changed, place=PLACE) == CANARY
    else:
        with pytest.raises(WrongKey):
            open_sealed(KEY, changed, place=PLACE)


def test_with_another_key_it_does_not_open() -> None:
    sealed = sealed_canary()
    for at in range(KEY_BYTES):
        other = bytearray(KEY)
        other[at] ^= 1
        with pytest.raises(WrongKey):
            open_sealed(bytes(other), sealed, place=PLACE)


def test_parts_of_two_sealed_texts_do_not_mix() -> None:
    one, other = sealed_canary().split("|"), sealed_canary().split("|")
    for at in (2, 3):
        mixed = [*one[:at], other[at], *one[at + 1 :]]
        with pytest.raises(WrongKey):
            open_sealed(KEY, "|".join(mixed), place=PLACE)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not of the form"),
        ("v1", "not of the form"),
        ("v1|k", "not of the form"),
        ("v1|k|AAAAAAAAAAAAAAAA", "not of the form"),
        ("v1||AAAAAAAAAAAAAAAA|AAAAAAAAAAAAAAAAAAAAAA", "not of the form"),
        ("v2|k|AAAAAAAAAAAAAAAA|AAAAAAAAAAAAAAAAAAAAAA", "not of the form"),
        (" v1|k|AAAAAAAAAAAAAAAA|AAAAAAAAAAAAAAAAAAAAAA", "not of the form"),
        ("v1|k|AAAAAAAAAAAAAAAA|AAAAAAAAAAAAAAAAAAAAAA|", "not of the form"),
        ("v1|k|A|AAAAAAAAAAAAAAAAAAAAAA", "not base64"),
        ("v1|k|AAAA|AAAAAAAAAAAAAAAAAAAAAA", "too short"),
        ("v1|k|AAAAAAAAAAAAAAAAAAAA|AAAAAAAAAAAAAAAAAAAAAA", "too short"),
        ("v1|k|AAAAAAAAAAAAAAAA|", "too short"),
        ("v1|k|AAAAAAAAAAAAAAAA|AAAA", "too short"),
        ("v1|k|AAAAAAAAAAAAAAAA|AAAAAAAAAAAAAAAAAAAAAA==", "as we write it"),
        ("v1|k|AAAAAAAAAAAAAAAA|AAAAAAAAAAAAAAAAAAAAAB", "as we write it"),
        ("v1|k|AAAAAAAAAAAA+AAA|AAAAAAAAAAAAAAAAAAAAAA", "as we write it"),
        ("v1|k|AAAAAAAA AAAAAAAA|AAAAAAAAAAAAAAAAAAAAAA", "as we write it"),
        ("v1|k|AAAAAAAAAAAAAAAA|AAAAAAAAAAAAAAAAAAAAAA\n", "not base64"),
        ("v1|k|ÄAAAAAAAAAAAAAAA|AAAAAAAAAAAAAAAAAAAAAA", "not base64"),
    ],
    ids=range(19),
)
def test_what_has_another_form_is_named_and_not_quoted(text: str, why: str) -> None:
    with pytest.raises(BadVault, match=why) as fault:
        open_sealed(KEY, text, place=PLACE)
    assert "AAAAAA" not in str(fault.value)
    assert fault.value.what == "field/local/grant-1/refresh_token"


@pytest.mark.parametrize("raw", [b"\xff", b"v1|k|\x80", "v1|kä".encode()])
def test_bytes_that_are_no_text_are_named(raw: bytes) -> None:
    with pytest.raises(BadVault, match="not text"):
        open_field(KEY, raw, place=PLACE)


@pytest.mark.parametrize("text", ["", "v1", "v1|", "v1||x", "v2|k|x", "x"])
def test_the_id_of_a_key_is_read_from_the_form_only(text: str) -> None:
    with pytest.raises(BadVault):
        key_id_of(text)


def test_the_id_is_read_from_what_a_service_wrapped_too() -> None:
    assert (
        key_id_of("v1|arn:aws:kms:eu-central-1:1:key/a|AQIDAHh|whatever|it|likes") == "arn:aws:kms:eu-central-1:1:key/a"
    )


def test_keys_are_fresh_and_their_ids_say_nothing() -> None:
    keys = {new_key() for _ in range(200)}
    assert len(keys) == 200
    assert {len(key) for key in keys} == {KEY_BYTES}
    assert len({id_of(key) for key in keys}) == 200
    for key in keys:
        assert id_of(key) == id_of(bytes(key))
        assert id_of(key) not in key.hex()


def test_a_faults_text_and_trace_hold_neither_key_nor_plain_text() -> None:
    import traceback

    with pytest.raises(OAuthError) as fault:
        open_sealed(bytes(KEY_BYTES), sealed_canary(), place=PLACE)
    told = "".join(traceback.format_exception(fault.value))
    assert CANARY.decode() not in told
    assert KEY.hex() not in told
    assert isinstance(fault.value, WrongKey)
    assert fault.value.what == "field/local/grant-1/refresh_token"


def test_places_of_keys_and_fields_never_meet() -> None:
    assert key_place("t", "g") != field_place("t", "g", "")
    sealed = seal(KEY, new_key(), key_id="k", place=key_place("t", "g"))
    with pytest.raises(WrongKey):
        open_sealed(KEY, sealed, place=field_place("t", "g", ""))
