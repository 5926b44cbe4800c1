"""The log: what others say stays on its line, rights stay narrow, and old files make room."""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oauth.secret import Secret
from tests.wherry.conftest import Run, close_log, make_pim
from wherry.logs import CHATTY, LARGEST, LONGEST, log_file, start_log

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR) [\w.]+ .*")


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    close_log()


def tame(text: str) -> bool:
    return all(char.isprintable() or char in "\n\u200c\u200d" for char in text)


@given(st.text(max_size=80))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_record_is_one_line_whatever_it_says(tmp_path: Path, said: str) -> None:
    file = tmp_path / "log"
    file.unlink(missing_ok=True)
    start_log(file)
    logging.getLogger("connectors.dav").warning("the server said %s", said)
    text = file.read_text("utf-8")
    assert text.count("\n") == 1
    assert LINE.fullmatch(text[:-1])
    assert tame(text)


@pytest.mark.parametrize(
    "evil", ["\x1b[2J", "a\nb", "a\r\nb", "\x9b31m", "\u202e", "\u2028", "2026-01-01 00:00:00,000 ERROR x y\nz"]
)
def test_a_trace_keeps_its_lines_and_shows_what_is_in_them(tmp_path: Path, evil: str) -> None:
    start_log(tmp_path / "log")
    try:
        raise ValueError(evil)  # noqa: TRY301 - raised to be logged
    except ValueError:
        logging.getLogger("wherry").exception("unexpected: %s", evil)
    text = (tmp_path / "log").read_text("utf-8")
    assert tame(text)
    assert "Traceback (most recent call last):\n" in text
    assert sum(bool(LINE.fullmatch(line)) for line in text.splitlines()[:1]) == 1


def test_a_forged_line_cannot_be_told_from_a_record_because_there_is_none(tmp_path: Path) -> None:
    start_log(tmp_path / "log")
    logging.getLogger("wherry").warning("name\n2026-01-01 00:00:00,000 INFO wherry all is well")
    lines = (tmp_path / "log").read_text("utf-8").splitlines()
    assert len(lines) == 1
    assert "name\\n2026-01-01" in lines[0]


def test_a_very_long_record_is_cut(tmp_path: Path) -> None:
    start_log(tmp_path / "log")
    logging.getLogger("wherry").warning("x" * 100_000)
    assert (tmp_path / "log").stat().st_size < LONGEST + 10


def test_what_verbose_says_cannot_drive_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start_log(tmp_path / "log", verbose=True)
    logging.getLogger("connectors.dav").debug("\x1b]0;owned\x07 answered")
    err = capsys.readouterr().err
    assert "\\x1b]0;owned\\x07 answered" in err
    assert tame(err)


@pytest.mark.parametrize("mode", [0o644, 0o666, 0o640, 0o604])
def test_an_older_log_open_to_others_is_closed_to_them(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "log"
    file.write_text("old\n")
    file.chmod(mode)
    start_log(file)
    logging.getLogger("wherry").info("new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().startswith("old\n")
    assert file.read_text().endswith(" new\n")


def test_a_generous_umask_changes_nothing(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        start_log(tmp_path / "deep" / "er" / "log")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "deep" / "er" / "log").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "deep" / "er").stat().st_mode) == 0o700


@pytest.mark.parametrize(("size", "rotated"), [(0, False), (LARGEST - 1, False), (LARGEST, False), (LARGEST + 1, True)])
def test_a_log_is_put_aside_beyond_its_size_only(tmp_path: Path, size: int, rotated: bool) -> None:
    file = tmp_path / "wherry.log"
    with file.open("wb") as stream:
        stream.truncate(size)
    start_log(file)
    assert (tmp_path / "wherry.log.1").exists() is rotated
    assert file.stat().st_size == (0 if rotated else size)


def test_the_log_before_the_last_is_given_up(tmp_path: Path) -> None:
    file = tmp_path / "wherry.log"
    for letter in (b"a", b"b", b"c"):
        file.write_bytes(letter * (LARGEST + 1))
        start_log(file)
        close_log()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wherry.log", "wherry.log.1"]
    assert (tmp_path / "wherry.log.1").read_bytes()[:1] == b"c"


@pytest.mark.parametrize("obstacle", ["folder", "loop"])
def test_where_no_log_can_be_the_work_goes_on(run: Run, home: Path, tmp_path: Path, obstacle: str) -> None:
    log = home / "wherry.log"
    if obstacle == "folder":
        log.mkdir()
    else:
        log.symlink_to(log)
    copy = tmp_path / "copy"
    answer = run("backup", str(make_pim(tmp_path / "pim")), "--to", str(copy))
    assert answer.code == 0
    assert "no log is kept" in answer.err
    assert log_file() == ""


@pytest.mark.parametrize("name", CHATTY)
def test_libraries_are_heard_from_warning_on(tmp_path: Path, name: str) -> None:
    start_log(tmp_path / "log", verbose=True, level="debug")
    logger = logging.getLogger(f"{name}.deep.er")
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        logger.log(level, "level %d", level)
    text = (tmp_path / "log").read_text()
    assert re.findall(r"level (\d+)", text) == ["30", "40"]


@pytest.mark.parametrize(
    ("level", "verbose", "heard"),
    [
        ("", False, "info"),
        ("", True, "debug"),
        ("error", True, "error"),
        ("DEBUG", False, "debug"),
        (" info", False, "info"),
        ("10", False, "info"),
    ],
)
def test_how_much_is_written(tmp_path: Path, level: str, verbose: bool, heard: str) -> None:
    start_log(tmp_path / "log", verbose=verbose, level=level)
    for name in ("debug", "info", "error"):
        logging.getLogger("wherry").log(logging.getLevelNamesMapping()[name.upper()], "said %s", name)
    order = ["debug", "info", "error"]
    assert re.findall(r"said (\w+)", (tmp_path / "log").read_text()) == order[order.index(heard) :]


def test_a_secret_in_any_part_of_a_record_is_hidden(tmp_path: Path) -> None:
    start_log(tmp_path / "log")
    secret = Secret("c4n4ry-value-42")
    logger = logging.getLogger("connectors.dav")
    logger.warning("in the text c4n4ry-value-42")
    logger.warning("as a part %s", {"password": "c4n4ry-value-42"})
    logger.warning("in %s", ["x", ("y", "c4n4ry-value-42")])
    logger.warning("with a line end c4n4ry-value-42\n")
    text = (tmp_path / "log").read_text()
    assert secret
    assert "c4n4ry" not in text
    assert text.count("\n") == 4


def test_the_log_of_a_whole_backup_names_no_item(run: Run, home: Path, tmp_path: Path) -> None:
    run("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "copy"))
    text = (home / "wherry.log").read_text()
    for private in ("e000", "c000", "Person 0", "Event 0", "example.org"):
        assert private not in text
