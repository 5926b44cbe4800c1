"""What comes back, judged without any network: the loopback and the clipboard share this."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.callbacks import LONGEST, Arrival, Expected, Verdict, judge, pasted, state_hash, state_in
from oauth.pages import page
from oauth.profiles import ProviderProfile, profile
from oauth.secret import Secret

STATE = "right-state-" + "x" * 31
URI = "http://127.0.0.1:4321/callback/example"
WANTED = Expected(URI, Secret(STATE))
STRICT = replace(WANTED, issuer="https://id.example", iss_required=True)
LOOSE = replace(WANTED, issuer="https://id.example")


def target(**query: str) -> str:
    return f"/callback/example?{urlencode(query)}"


@pytest.mark.parametrize(
    ("query", "expected", "verdict"),
    [
        ({"code": "c", "state": STATE}, WANTED, Verdict.RECEIVED),
        ({"code": "c", "state": STATE, "scope": "a b", "authuser": "0", "prompt": "consent"}, WANTED, Verdict.RECEIVED),
        ({"code": "c", "state": STATE, "iss": "https://any.example"}, WANTED, Verdict.RECEIVED),
        ({"code": "c", "state": STATE}, LOOSE, Verdict.RECEIVED),
        ({"code": "c", "state": STATE, "iss": "https://id.example"}, LOOSE, Verdict.RECEIVED),
        ({"code": "c", "state": STATE, "iss": "https://id.example"}, STRICT, Verdict.RECEIVED),
        ({"code": "c", "state": STATE, "iss": "https://evil.example"}, LOOSE, Verdict.WRONG),
        ({"code": "c", "state": STATE, "iss": ""}, LOOSE, Verdict.WRONG),
        ({"code": "c", "state": STATE}, STRICT, Verdict.WRONG),
        ({"error": "access_denied", "state": STATE}, WANTED, Verdict.REFUSED),
        ({"error": "access_denied", "state": STATE, "code": "c"}, WANTED, Verdict.REFUSED),
        ({"error": "access_denied", "state": STATE, "iss": "https://evil.example"}, STRICT, Verdict.WRONG),
        ({"error": "access_denied", "state": STATE}, STRICT, Verdict.WRONG),
        ({"error": "", "state": STATE}, WANTED, Verdict.REFUSED),
        ({"state": STATE}, WANTED, Verdict.WRONG),
        ({"code": "", "state": STATE}, WANTED, Verdict.WRONG),
        ({"code": "c"}, WANTED, Verdict.STRAY),
        ({"code": "c", "state": ""}, WANTED, Verdict.STRAY),
        ({"code": "c", "state": STATE + "x"}, WANTED, Verdict.STRAY),
        ({"code": "c", "state": STATE[:-1]}, WANTED, Verdict.STRAY),
        ({"code": "c", "state": STATE.upper()}, WANTED, Verdict.STRAY),
        ({"code": "c", "state": " " + STATE}, WANTED, Verdict.STRAY),
        ({"code": "c", "State": STATE}, WANTED, Verdict.STRAY),
        ({"error": "access_denied"}, WANTED, Verdict.STRAY),
    ],
    ids=str,
)
def test_verdicts(query: dict[str, str], expected: Expected, verdict: Verdict) -> None:
    found = judge(target(**query), expected)
    assert found.verdict is verdict
    assert (found.code is not None) == (verdict is Verdict.RECEIVED)
    assert bool(found.why) == (verdict in {Verdict.STRAY, Verdict.WRONG})


@pytest.mark.parametrize("name", ["code", "iss", "error"])
def test_a_parameter_that_comes_twice_spoils_an_answer_with_our_state(name: str) -> None:
    """RFC 6749 3.1; two readers could each take another one."""
    twice = f"/callback/example?state={STATE}&{name}=https://id.example&{name}=b"
    assert judge(twice, LOOSE).verdict is Verdict.WRONG


def test_parameters_that_mean_nothing_may_come_twice() -> None:
    assert judge(f"/callback/example?state={STATE}&code=c&scope=a&scope=b", WANTED).verdict is Verdict.RECEIVED


@pytest.mark.parametrize(
    "code", ["4/0AX4XfWh", "a+b c%", "ü", "=&;#", "x" * 4000, "code/with/slashes=="], ids=lambda code: code[:12]
)
def test_a_code_comes_through_as_it_was_given(code: str) -> None:
    found = judge(target(code=code, state=STATE), WANTED)
    assert found.code == Secret(code)


def test_an_answer_too_long_is_not_even_read() -> None:
    assert judge(target(code="x" * LONGEST, state=STATE), WANTED).why == "too long"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        ("access_denied", "access_denied"),
        ("server_error", "server_error"),
        ("<script>", "another error"),
        ("", "another error"),
    ],
)
def test_an_error_is_a_word_we_know_or_none(error: str, word: str) -> None:
    assert judge(target(error=error, error_description="canary", state=STATE), WANTED).error == word


@given(st.text(max_size=200))
def test_no_target_breaks_the_judge(text: str) -> None:
    assert judge(text, STRICT).verdict is Verdict.STRAY
    assert judge("/callback/example?" + text, STRICT).verdict is Verdict.STRAY


@given(st.binary(max_size=200))
def test_no_bytes_of_a_request_line_break_the_judge(raw: bytes) -> None:
    assert judge("/callback/example?" + raw.decode("latin-1"), STRICT).verdict is Verdict.STRAY


parts = st.lists(
    st.tuples(
        st.sampled_from(["code", "state", "iss", "error", "scope", "x"]),
        st.sampled_from([STATE, "c", "", "https://id.example", "https://evil.example", "access_denied"]),
    ),
    max_size=6,
)


@given(parts, st.sampled_from([WANTED, LOOSE, STRICT]))
def test_a_code_is_taken_only_with_our_state_once_and_the_right_issuer(
    pairs: list[tuple[str, str]], expected: Expected
) -> None:
    """The rule in one sentence, against every mixture of parameters."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    found = judge("/callback/example?" + urlencode(pairs), expected)
    issuer_fits = not expected.issuer or values.get("iss", [expected.issuer]) == [expected.issuer]
    if expected.iss_required:
        issuer_fits = values.get("iss") == [expected.issuer]
    should = (
        values.get("state") == [STATE]
        and len(values.get("code", [])) == 1
        and values["code"] != [""]
        and "error" not in values
        and len(values.get("iss", [])) <= 1
        and issuer_fits
    )
    assert (found.verdict is Verdict.RECEIVED) == should
    if values.get("state") != [STATE]:
        assert found.verdict is Verdict.STRAY, "whoever does not know the state decides nothing"


# What a person pastes.

GOOD = f"{URI}?code=c&state={STATE}"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (GOOD, Verdict.RECEIVED),
        (f"  {GOOD}\r\n", Verdict.RECEIVED),
        (f"{GOOD}#", Verdict.RECEIVED),
        (f"{GOOD}#_=_", Verdict.RECEIVED),
        (f"{URI}?error=access_denied&state={STATE}", Verdict.REFUSED),
        (f"{URI}?state={STATE}", Verdict.WRONG),
        ("", Verdict.STRAY),
        ("c", Verdict.STRAY),
        (f"code=c&state={STATE}", Verdict.STRAY),
        (f"127.0.0.1:4321/callback/example?code=c&state={STATE}", Verdict.STRAY),
        (URI, Verdict.STRAY),
        (f"{URI}/?code=c&state={STATE}", Verdict.STRAY),
        (GOOD.replace("127.0.0.1", "localhost"), Verdict.STRAY),
        (GOOD.replace("4321", "4322"), Verdict.STRAY),
        (GOOD.replace("http:", "https:"), Verdict.STRAY),
        (GOOD.replace("example?", "dropbox?"), Verdict.STRAY),
        (f"{URI}#code=c&state={STATE}", Verdict.STRAY),
        (f"{URI}?code=c#&state={STATE}", Verdict.STRAY),
        (GOOD + "x" * LONGEST, Verdict.STRAY),
        (f"see {GOOD}", Verdict.STRAY),
        ("https://evil.example/?u=" + quote(GOOD), Verdict.STRAY),
    ],
    ids=lambda value: ascii(value.replace(STATE, "S")[:60]) if isinstance(value, str) else "",
)
def test_only_the_whole_address_is_taken(text: str, verdict: Verdict) -> None:
    found = pasted(text, WANTED)
    assert found.verdict is verdict
    if verdict is Verdict.STRAY:
        assert found.why
        assert STATE not in found.why


@given(st.text(max_size=100))
def test_no_paste_breaks_the_judge(text: str) -> None:
    assert pasted(text, WANTED).verdict is Verdict.STRAY


# Finding a grant by its state.


@pytest.mark.parametrize(
    ("address", "state"),
    [
        (GOOD, STATE),
        ("/callback/example?state=s", "s"),
        ("http://127.0.0.1/?code=c", ""),
        ("http://127.0.0.1/?state=a&state=b", ""),
        ("http://127.0.0.1/?state=", ""),
        ("http://[::1/?state=s", ""),
        ("http://127.0.0.1/?" + "&".join(f"a{n}=1" for n in range(80)), ""),
        ("", ""),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_state_of_an_address(address: str, state: str) -> None:
    assert state_in(address) == state


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_state_s_hash_tells_states_apart_and_nothing_else(one: str, other: str) -> None:
    assert (state_hash(one) == state_hash(other)) == (one == other)
    assert len(state_hash(one)) == 64


def test_what_is_expected_comes_from_the_profile() -> None:
    made = ProviderProfile(name="example", issuer="https://id.example", iss_required=True)
    assert Expected.of(made, redirect_uri=URI, state=Secret(STATE)) == STRICT
    assert Expected.of(profile("dropbox"), redirect_uri=URI, state=Secret(STATE)).issuer == ""
    assert STRICT.path == "/callback/example"
    assert STATE not in repr(STRICT)


# The page.


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("status", [200, 400, 404, 405, 421, 431])
def test_every_page_is_a_whole_answer(verdict: Verdict, status: int) -> None:
    raw = page(status, Arrival(verdict, error="access_denied", why="canary"))
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:])
    assert lines[0].startswith(f"HTTP/1.1 {status} ")
    assert fields["Content-Length"] == str(len(body))
    assert fields["Connection"] == "close"
    assert ("Allow" in fields) == (status == 405)
    assert b"canary" not in raw
    assert b"<script" not in body


def test_pages_tell_what_happened_apart() -> None:
    bodies = {page(200, Arrival(verdict)).partition(b"\r\n\r\n")[2] for verdict in Verdict}
    assert len(bodies) == len(Verdict)
    success = page(200, Arrival(Verdict.RECEIVED))
    assert b"complete" not in success, "whether access was given is not known when the page is shown"
    assert b"terminal" in success
