"""Streams that are closed, full or broken: the work is done all the same, and nobody reads a trace."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sync_engine.events import Event, JobStarted, PhaseEntered, Progress, RunEnded
from tests.wherry.conftest import Run, items_of, make_pim
from wherry.cli.output import JsonPrinter, PlainPrinter, Printer, QuietPrinter
from wherry.cli.running import Listening

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


@pytest.fixture
def pim(tmp_path: Path) -> Path:
    return make_pim(tmp_path / "pim")


def shell(environ: dict[str, str], line: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``$W`` is the command and ``$1``... are *args*."""
    script = f'W="{sys.executable} -m wherry"\n{line}'
    return subprocess.run(
        ["/bin/sh", "-c", script, "sh", *args], env=environ, capture_output=True, text=True, check=False, timeout=60
    )


def states(run: Run) -> list[str]:
    return [line["state"] for line in run("jobs", "--json").lines]


@pytest.mark.parametrize(
    ("closing", "flags"),
    [("2>&-", "-v"), (">&-", "--json"), ("<&-", "-q"), ("<&- >&- 2>&-", "--plain")],
)
def test_a_backup_with_closed_streams_is_a_backup(
    environ: dict[str, str], pim: Path, tmp_path: Path, closing: str, flags: str
) -> None:
    copy = tmp_path / "copy"
    done = shell(environ, f'$W backup "$1" --to "$2" {flags} {closing}', str(pim), str(copy))
    assert done.returncode == 0, done.stderr
    assert items_of(copy) == items_of(pim)
    assert "Traceback" not in done.stderr


def test_nothing_is_written_into_a_file_that_got_the_number_of_a_stream(
    environ: dict[str, str], pim: Path, tmp_path: Path
) -> None:
    """Without standard error the next file opened would be number 2, and progress would land in it."""
    copy = tmp_path / "copy"
    shell(environ, '$W backup "$1" --to "$2" --plain 2>&-', str(pim), str(copy))
    for path in [*copy.rglob("*"), *Path(environ["WHERRY_HOME"]).rglob("*")]:
        if path.is_file():
            assert b"copying\n" not in path.read_bytes(), path


@pytest.mark.parametrize(("line", "code"), [("nonsense", 2), ("status ffff", 10), ("backup dav:x --to /tmp/x", 10)])
def test_codes_are_the_same_when_nobody_listens(environ: dict[str, str], line: str, code: int) -> None:
    for closing in ("", ">&- 2>&-"):
        done = shell(environ, f"$W {line} {closing}")
        assert done.returncode == code
        assert "Traceback" not in done.stderr


@needs_full
@pytest.mark.parametrize(
    ("line", "unbuffered"), [("report", "1"), ("report", ""), ("status --json", ""), ("help", "1"), ("--version", "")]
)
def test_a_full_disk_under_the_output_is_said(
    environ: dict[str, str], run: Run, pim: Path, tmp_path: Path, line: str, unbuffered: str
) -> None:
    run("backup", str(pim), "--to", str(tmp_path / "copy"))
    done = shell({**environ, "PYTHONUNBUFFERED": unbuffered}, f"$W {line} >/dev/full")
    assert done.returncode == 1
    assert "the output could not be written: No space left on device" in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "Traceback" not in done.stderr


@needs_full
def test_the_error_of_a_full_disk_is_a_line_of_json(
    environ: dict[str, str], run: Run, pim: Path, tmp_path: Path
) -> None:
    run("backup", str(pim), "--to", str(tmp_path / "copy"))
    done = shell(environ, "$W jobs --json >/dev/full")
    line = json.loads(done.stderr)
    assert (line["type"], line["code"], line["reason"]) == ("exit_error", 1, "local-file")


@needs_full
def test_a_result_nobody_can_read_leaves_a_finished_job(
    environ: dict[str, str], run: Run, pim: Path, tmp_path: Path
) -> None:
    done = shell(environ, '$W backup "$1" --to "$2" >/dev/full', str(pim), str(tmp_path / "copy"))
    assert done.returncode == 1
    assert states(run) == ["done"]
    assert items_of(tmp_path / "copy") == items_of(pim)


@needs_full
def test_progress_nobody_can_read_does_not_stop_a_backup(
    environ: dict[str, str], run: Run, pim: Path, tmp_path: Path
) -> None:
    done = shell(environ, '$W backup "$1" --to "$2" 2>/dev/full', str(pim), str(tmp_path / "copy"))
    assert done.returncode == 0
    assert done.stdout.startswith("Backup finished.")
    assert states(run) == ["done"]


@needs_full
def test_lines_of_json_nobody_can_read_stop_the_run_at_a_safe_point_and_it_goes_on_later(
    environ: dict[str, str], run: Run, pim: Path, tmp_path: Path
) -> None:
    args = (str(pim), str(tmp_path / "copy"))
    done = shell(environ, '$W backup "$1" --to "$2" --json >/dev/full', *args)
    assert done.returncode == 1
    assert json.loads(done.stderr)["reason"] == "local-file"
    assert states(run)[0] not in {"failed", "leased", "done"}
    assert run("backup", args[0], "--to", args[1]).code == 0
    assert items_of(tmp_path / "copy") == items_of(pim)


@pytest.mark.parametrize(("flags", "unbuffered"), [("--json", "1"), ("--json", ""), ("-v", "")])
def test_a_reader_that_leaves_costs_nothing(
    environ: dict[str, str], run: Run, pim: Path, tmp_path: Path, flags: str, unbuffered: str
) -> None:
    """``| true`` reads not one line: standard output, and with ``2>&1`` standard error too, are broken pipes."""
    environ = {**environ, "PYTHONUNBUFFERED": unbuffered}
    args = (str(pim), str(tmp_path / "copy"))
    for pipe in ("| true", "2>&1 | true"):
        done = shell(environ, f'$W backup "$1" --to "$2" {flags} {pipe}', *args)
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr
        assert states(run)[0] not in {"failed", "leased"}
    assert run("backup", args[0], "--to", args[1]).code == 0
    assert items_of(tmp_path / "copy") == items_of(pim)


@pytest.mark.parametrize("line", ["report", "help exit-codes"])
def test_a_reader_of_one_line_is_no_error_with_words(
    environ: dict[str, str], run: Run, pim: Path, tmp_path: Path, line: str
) -> None:
    run("backup", str(pim), "--to", str(tmp_path / "copy"))
    done = shell(environ, f"$W {line} | head -1")
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_a_report_goes_through_a_pipe_and_the_pipe_stays(
    environ: dict[str, str], run: Run, pim: Path, tmp_path: Path
) -> None:
    run("backup", str(pim), "--to", str(tmp_path / "copy"))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = shell(environ, '(cat "$1" | wc -c) & $W report --html "$1"; wait', str(pipe))
    assert done.returncode == 0
    assert int(done.stdout) > 5000
    assert pipe.is_fifo()


def test_a_password_from_a_closed_input_is_an_empty_one(environ: dict[str, str]) -> None:
    line = "$W connect dav --name a --url https://dav.invalid/ --username u --password-file - <&-"
    done = shell(environ, line)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


class Broken(io.StringIO):
    """A stream that takes some writes and then fails, again and again."""

    def __init__(self, good: int, error: OSError) -> None:
        super().__init__()
        self.good, self.error, self.tries = good, error, 0

    def write(self, text: str, /) -> int:
        self.tries += 1
        if self.tries > self.good:
            raise self.error
        return super().write(text)


EVENTS: Sequence[Event] = [
    JobStarted("7f3a", "backup", "a", "b", 1, resumed=False),
    PhaseEntered("7f3a", "copy"),
    Progress("7f3a", "copy", "Work", 1, 2, 10, 0),
    PhaseEntered("7f3a", "finishing"),
    RunEnded("7f3a", "done", 1, 3, 3, 0, 0, 0, 3, 0, 900, 1.5),
]


@pytest.mark.parametrize("good", range(5))
@pytest.mark.parametrize("form", [JsonPrinter, PlainPrinter])
def test_after_the_first_failure_the_printer_is_left_alone(good: int, form: type[JsonPrinter | PlainPrinter]) -> None:
    stream = Broken(good, BrokenPipeError())
    listening = Listening(form(stream))
    for event in EVENTS:
        listening(event)
    listening.close()
    assert listening.ended == EVENTS[-1]
    assert stream.tries <= good + 1
    assert (listening.deaf is stream.error) == (stream.tries > good)


def test_what_is_no_failure_of_a_stream_comes_out() -> None:
    class Mistaken(QuietPrinter):
        def __call__(self, event: Event) -> None:
            raise ValueError(event)

    printer: Printer = Mistaken()
    with pytest.raises(ValueError, match="copy"):
        Listening(printer)(EVENTS[1])
