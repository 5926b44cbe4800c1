"""Where a password comes from: a file, a variable, or a person. Never from the command line."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from wherry.errors import FileTrouble, NotInteractive

if TYPE_CHECKING:
    from oauth.secret import Secret

LONGEST = 65_536
"""Bytes a password file may have; more is surely the wrong file."""


def ask_password(words: str, *, file: str | None, environ: Mapping[str, str]) -> Secret:
    """Return the password: from *file* (``-``: standard input), ``WHERRY_PASSWORD``, or a prompt without echo.

    Raises ``FileTrouble``, ``NotInteractive``.
    """
    from oauth.secret import Secret

    if file is not None:
        text = _first_line(file)
    elif environ.get("WHERRY_PASSWORD"):
        text = environ["WHERRY_PASSWORD"]
    elif sys.stdin is not None and sys.stdin.isatty():
        text = _prompt(words)
    else:
        raise NotInteractive("A password is needed")
    if not text:
        raise FileTrouble("The password is empty", hint="Write it as the first line of the file.")
    return Secret(text)


def ask_agreement() -> None:
    """Have ``yes`` typed, by a person or a script's input. Raises ``NotAgreed``, ``NotInteractive``."""
    from wherry.errors import NotAgreed

    if ask_line("Do you agree? Type yes: ").strip().lower() != "yes":
        raise NotAgreed("You did not type yes")


def ask_line(words: str) -> str:
    """Return one line of standard input, without its end; *words* are written to standard error.

    Raises ``NotInteractive`` when there is no input.
    """
    sys.stderr.write(words)
    sys.stderr.flush()
    line = sys.stdin.readline(LONGEST) if sys.stdin is not None else ""
    if not sys.stdin or not sys.stdin.isatty():
        sys.stderr.write("\n")
    if not line:
        raise NotInteractive("An answer is needed")
    return line.rstrip("\r\n")


def _first_line(file: str) -> str:
    """Return the first line without its end: editors add one, passwords have none."""
    try:
        if file == "-":
            content = sys.stdin.buffer.read(LONGEST + 1)
        else:
            with open(file, "rb") as stream:
                content = stream.read(LONGEST + 1)
    except OSError as error:
        raise FileTrouble(f"The password file {file} cannot be read: {error.strerror}") from None
    if len(content) > LONGEST:
        raise FileTrouble(f"{file} is too large to be a password file")
    try:
        return content.decode("utf-8-sig").split("\n", 1)[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise FileTrouble(f"The password file {file} is not text in UTF-8") from None


def _prompt(words: str) -> str:
    from getpass import getpass

    try:
        return getpass(f"{words}: ", stream=sys.stderr)
    except EOFError:
        raise NotInteractive("No password was given") from None
