from __future__ import annotations

import io
from pathlib import Path

import pytest

from oauth.secret import Secret
from wherry.asking import LONGEST, ask_password
from wherry.errors import FileTrouble, NotInteractive


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"open sesame\n", "open sesame"),
        (b"open sesame", "open sesame"),
        (b"open sesame\r\nsecond line\n", "open sesame"),
        (b"  blanks stay  \n", "  blanks stay  "),
        ("pässwörd\n".encode(), "pässwörd"),
        (b"\xef\xbb\xbfwith a mark\n", "with a mark"),
    ],
)
def test_a_password_is_the_first_line_of_a_file(tmp_path: Path, content: bytes, password: str) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    assert ask_password("x", file=str(file), environ={}) == Secret(password)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\nsecond", "empty"),
        (b"\xff\xfe", "not text"),
        (b"x" * (LONGEST + 1), "too large"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_password_file(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(FileTrouble, match=words):
        ask_password("x", file=str(file), environ={})


def test_a_file_goes_before_the_variable(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from file")
    environ = {"WHERRY_PASSWORD": "from variable"}
    assert ask_password("x", file=str(file), environ=environ) == Secret("from file")
    assert ask_password("x", file=None, environ=environ) == Secret("from variable")


def test_nobody_is_asked_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("typed"))
    with pytest.raises(NotInteractive):
        ask_password("x", file=None, environ={})
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(NotInteractive):
        ask_password("x", file=None, environ={"WHERRY_PASSWORD": ""})
