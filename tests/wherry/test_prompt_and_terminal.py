"""On a real terminal (a pseudo-terminal): the prompt does not echo, progress is drawn and removed."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulators.davservers import radicale
from tests.wherry.conftest import make_pim

PASSWORD = "typed-c4n4ry"


@contextmanager
def on_terminal(args: list[str], env: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run wherry with a terminal of its own for all three streams."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "wherry", *args],
        env=env,
        stdin=there,
        stdout=there,
        stderr=there,
        start_new_session=True,
    )
    os.close(there)
    try:
        yield process, here
    finally:
        process.kill()
        process.wait()
        os.close(here)


def read_until(handle: int, word: bytes, *, limit: float = 60.0) -> bytes:
    """Read what the terminal shows until *word* comes or the process ends."""
    seen, end = b"", time.monotonic() + limit
    while word not in seen and time.monotonic() < end:
        if not select.select([handle], [], [], 0.1)[0]:
            continue
        try:
            piece = os.read(handle, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    return seen


NEVER = b"\0never\0"


@pytest.mark.server
def test_a_password_is_asked_for_without_being_shown(environ: dict[str, str], tmp_path: Path) -> None:
    with radicale(tmp_path / "radicale", password=PASSWORD) as server:
        args = ["connect", "dav", "--name", "home", "--url", server.url, "--username", "ana", "--allow-private"]
        with on_terminal(args, environ) as (process, handle):
            asked = read_until(handle, b"Password of ana: ")
            assert asked.endswith(b"Password of ana: ")
            os.write(handle, PASSWORD.encode() + b"\n")
            answer = read_until(handle, NEVER)
            assert process.wait(30) == 0
    assert b"Connected: dav:home" in answer
    assert PASSWORD.encode() not in asked + answer


def test_progress_on_a_terminal_leaves_only_the_result(environ: dict[str, str], tmp_path: Path) -> None:
    pim, copy = make_pim(tmp_path / "pim", events=600), tmp_path / "copy"
    env = {**environ, "TERM": "xterm", "COLUMNS": "120"}
    with on_terminal(["backup", str(pim), "--to", str(copy)], env) as (process, handle):
        shown = read_until(handle, NEVER)
        assert process.wait(60) == 0
    text = shown.decode("utf-8", "replace").replace("\r\n", "\n")
    result = text[text.index("Backup finished.") :]
    assert result.splitlines()[0].endswith("Backup finished.")
    assert "Everything is there: all 603 items" in result
    assert "copying" not in result
    assert "\x1b[31m" not in text


def test_a_terminal_without_colours_gets_none(environ: dict[str, str]) -> None:
    with on_terminal(["jobs"], {**environ, "NO_COLOR": "1"}) as (process, handle):
        shown = read_until(handle, NEVER)
        assert process.wait(30) == 0
    assert b"There are no jobs yet" in shown
    assert b"\x1b[" not in shown
