"""Logs without secrets: messages, arguments, exceptions, stacks, extra fields."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.authorizers import Basic
from oauth.redaction import CHATTY, Redaction, install, redact
from oauth.secret import Secret

CANARY = 'cänary/9d+Tr0ub4dor&3 "x"\n'


class Log:
    """A root handler of its own, with the filter on it."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.handler = logging.StreamHandler(self.text)
        self.handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
        install([self.handler])


@pytest.fixture
def log() -> Iterator[Log]:
    """Return a handler on the root logger at DEBUG, taken away afterwards."""
    made, root = Log(), logging.getLogger()
    level = root.level
    root.addHandler(made.handler)
    root.setLevel(logging.DEBUG)
    yield made
    root.setLevel(level)
    root.removeHandler(made.handler)


FORMS = {
    "plain": CANARY,
    "base64": b64encode(CANARY.encode()).decode(),
    "base64-without-padding": b64encode(CANARY.encode()).decode().rstrip("="),
    "base64url": urlsafe_b64encode(CANARY.encode()).decode(),
    "quoted": quote(CANARY),
    "quoted-fully": quote(CANARY, safe=""),
    "form": quote_plus(CANARY),
    "repr": repr(CANARY)[1:-1],
    "json": '"c\\u00e4nary/9d+Tr0ub4dor&3 \\"x\\"\\n"',
}


@pytest.mark.parametrize("form", FORMS)
def test_a_live_secret_is_hidden_in_every_form(form: str) -> None:
    secret = Secret(CANARY)
    text = redact(f"before {FORMS[form]} after")
    assert text.startswith(("before ***", 'before "***"'))
    assert text.endswith(" after")
    assert "Tr0ub4dor" not in text
    assert secret


def test_the_basic_header_of_a_password_is_hidden_without_its_word() -> None:
    basic = Basic("ada", Secret("pw-canary"), to=["https://dav.example.org"])
    header = basic.headers("GET", "https://dav.example.org/")["Authorization"]
    assert "***" in redact(f"got {header.split()[1]} from somewhere")
    assert header.split()[1] not in redact(f"got {header.split()[1]} from somewhere")


LOOKS_SECRET = {
    "Authorization: Bearer abc.def-ghi": "abc.def",
    "authorization: basic dXNlcjpwYXNz": "dXNlcjpwYXNz",
    "{'Authorization': 'Digest username=\"ada\", response=\"0123abcd\"'}": "0123abcd",
    "sent Bearer abc.def-ghi to x": "abc.def",
    "Basic dXNlcjpwYXNz": "dXNlcjpwYXNz",
    "GET /cb?code=4/0AX4XfWh&state=1": "0AX4XfWh",
    "refresh_token=1//0gabc": "0gabc",
    "access_token=whatever&x=1": "whatever",
    '{"access_token": "whatever", "x": 1}': "whatever",
    "{'refresh_token': 'whatever'}": "whatever",
    "client_secret=GOCSPX-12345": "12345",
    "code_verifier=abcDEF": "abcDEF",
    "token ya29.a0Af_bcd-e": "a0Af",
    "token 1//04abcdef-G_h": "04abcdef",
    "token sl.BabcdefghIJ": "BabcdefghIJ",
    "secret GOCSPX-abc_DEF": "abc_DEF",
    "password=hunter2": "hunter2",
}


@pytest.mark.parametrize("text", LOOKS_SECRET)
def test_what_looks_like_a_credential_is_hidden(text: str) -> None:
    assert LOOKS_SECRET[text] not in redact(text)
    assert "***" in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "PROPFIND https://dav.example.org answered 207",
        "copied 31 of 31 items in 0.4 s",
        "barcode 1234, unicode = fine",
        "https://example.org/1/2//3",
        "slow answer from the server",
        "basic facts about bearers",
        "page 1 / 1",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert redact(text) == text


def test_messages_arguments_and_extra_fields_are_hidden(log: Log) -> None:
    secret = Secret("canary-args-1234")
    value = secret.reveal()
    logger = logging.getLogger("some.child")
    logger.debug("direct %s", value)
    logger.debug("mapped %(a)s", {"a": value})
    logger.debug(value)
    logger.debug("object %s", secret)
    log.handler.setFormatter(logging.Formatter("%(message)s %(where)s"))
    logger.debug("extra", extra={"where": f"https://x/?t={value}"})
    logger.debug("nested", extra={"where": {"deep": [value]}})
    assert "canary-args" not in log.text.getvalue()
    assert log.text.getvalue().count("***") == 6


def fail(value: str) -> None:
    raise KeyError(value)


def raise_with(value: str) -> None:
    try:
        fail(value)
    except KeyError as error:
        raise ValueError(f"caused by {value}") from error


@pytest.mark.parametrize("formatter", [logging.Formatter("%(message)s"), None])
def test_exceptions_causes_and_stacks_are_hidden(log: Log, formatter: logging.Formatter | None) -> None:
    secret = Secret("canary-exc-1234")
    log.handler.setFormatter(formatter)
    try:
        raise_with(secret.reveal())
    except ValueError:
        logging.getLogger("x").exception("failed", stack_info=True)
    written = log.text.getvalue()
    assert "canary-exc" not in written
    assert "ValueError: caused by ***" in written
    assert "KeyError" in written


def test_a_formatter_of_its_own_finds_no_exception_to_print() -> None:
    secret = Secret("canary-own-1234")
    error = ValueError(secret.reveal())
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "m", (), (ValueError, error, None))
    assert Redaction().filter(record)
    assert record.exc_info is None
    assert "canary-own" not in str(record.exc_text)


@pytest.mark.parametrize("name", sorted(CHATTY))
def test_chatty_libraries_are_heard_from_warning_on(log: Log, name: str) -> None:
    for logger in (logging.getLogger(name), logging.getLogger(f"{name}.deep.down")):
        logger.debug("debug")
        logger.info("info")
        logger.warning("warning")
    assert log.text.getvalue().split("\n")[:-1] == [f"{name} warning", f"{name}.deep.down warning"]


def test_our_own_debug_lines_pass(log: Log) -> None:
    logging.getLogger("connectors.http").debug("GET answered 200")
    assert log.text.getvalue() == "connectors.http GET answered 200\n"


def test_a_line_with_wrong_arguments_prints_none_of_them(log: Log) -> None:
    arguments = ("one", "canary-more")
    logging.getLogger("x").debug("only %s", *arguments)
    assert "canary-more" not in log.text.getvalue()
    assert "arguments do not fit" in log.text.getvalue()


@pytest.mark.parametrize("first", ["the library", "the filter"])
def test_warnings_are_heard_in_whatever_order_a_library_is_loaded(first: str) -> None:
    """Importing google.api_core turns the ``google`` logger away from the root (its client_logging.py)."""
    load, filter_ = "import google.api_core", "from oauth.redaction import install; install()"
    steps = [load, filter_] if first == "the library" else [filter_, load]
    program = (
        f"import logging; logging.basicConfig(); {'; '.join(steps)}; logging.getLogger('google.auth').warning('heard')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert "google.auth:heard" in done.stderr


def test_installing_twice_filters_once() -> None:
    handler = logging.NullHandler()
    install([handler])
    install([handler])
    assert len(handler.filters) == 1


def test_a_dead_secret_and_a_short_one_do_not_spoil_the_log() -> None:
    short, empty = Secret("a"), Secret("")
    assert redact("a banana") == "a banana"
    assert short
    assert not empty


@given(st.text(min_size=6, max_size=30, alphabet=st.characters(exclude_characters="*", exclude_categories=["Cs"])))
def test_no_live_secret_survives(value: str) -> None:
    secret = Secret(value)
    for form in (value, quote(value, safe=""), b64encode(value.encode()).decode(), repr(value)[1:-1]):
        assert form not in redact(f"<{form}>")
    assert secret


@given(st.text(max_size=80))
def test_hiding_twice_is_hiding_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
