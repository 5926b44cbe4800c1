from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauth.secret import Secret
from tests.wherry.conftest import close_log
from wherry.logs import LARGEST, log_file, start_log

CANARY = "c4n4ry-t0ken-value"


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    close_log()


def test_records_go_to_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "state" / "wherry.log"
    start_log(file)
    logging.getLogger("wherry.x").info("hello %s", "there")
    logging.getLogger("wherry.x").debug("not this")
    assert file.read_text().endswith("INFO wherry.x hello there\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert log_file() == str(file)


def test_verbose_speaks_to_standard_error_in_detail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start_log(tmp_path / "log", verbose=True)
    logging.getLogger("connectors.dav").debug("asked")
    assert "DEBUG connectors.dav asked" in capsys.readouterr().err


def test_quiet_by_default(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start_log(tmp_path / "log")
    logging.getLogger("wherry").error("bad")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["wherry", "connectors.dav.client", "somebody.else"])
def test_secrets_are_hidden_from_every_logger(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    start_log(tmp_path / "log", verbose=True)
    secret = Secret(CANARY)
    logger = logging.getLogger(name)
    logger.warning("signing in with %s", CANARY)
    try:
        raise ValueError(CANARY)  # noqa: TRY301 - raised to be logged
    except ValueError:
        logger.exception("failed")
    written = (tmp_path / "log").read_text() + capsys.readouterr().err
    assert secret
    assert CANARY not in written
    assert "signing in with" in written


def test_chatty_libraries_are_heard_only_when_something_is_wrong(tmp_path: Path) -> None:
    start_log(tmp_path / "log", level="debug")
    logging.getLogger("urllib3.connectionpool").info("GET /private/path")
    logging.getLogger("urllib3.connectionpool").warning("retrying")
    text = (tmp_path / "log").read_text()
    assert "private" not in text
    assert "retrying" in text


def test_starting_twice_writes_once(tmp_path: Path) -> None:
    start_log(tmp_path / "log")
    start_log(tmp_path / "log")
    logging.getLogger("wherry").info("once")
    assert (tmp_path / "log").read_text().count("once") == 1


def test_a_log_that_grew_too_large_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * (LARGEST + 1))
    start_log(tmp_path / "log")
    logging.getLogger("wherry").info("new")
    assert (tmp_path / "log.1").stat().st_size == LARGEST + 1
    assert (tmp_path / "log").stat().st_size < 200


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_bytes(b"")
    start_log(tmp_path / "file" / "log")
    assert "no log is kept" in capsys.readouterr().err
    assert log_file() == ""


@pytest.mark.parametrize(
    ("level", "heard"), [("warning", False), ("WARNING", False), ("info", True), ("nonsense", True)]
)
def test_the_level_can_be_chosen(tmp_path: Path, level: str, heard: bool) -> None:
    start_log(tmp_path / "log", level=level)
    logging.getLogger("wherry").info("word")
    assert ("word" in (tmp_path / "log").read_text()) is heard
