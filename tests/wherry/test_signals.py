"""The stopper itself, with real signals sent to this process and to small ones of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from wherry.exits import Exit
from wherry.stopping import CODES, Stopper

LOOP = """
import signal, sys, time
{before}
from wherry.stopping import Stopper
with Stopper() as stop:
    print("ready", flush=True)
    end = time.monotonic() + 30
    while not stop() and time.monotonic() < end:
        line = sys.stdin.readline() if {reads} else (time.sleep(0.01), "x")[1]
        if not line.strip():
            break
sys.exit(stop.code or 0)
"""


def started(environ: dict[str, str], *, before: str = "", reads: bool = False) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", LOOP.format(before=before, reads=reads)],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", sorted(CODES))
def test_one_signal_raises_the_flag(number: signal.Signals, capfd: pytest.CaptureFixture[str]) -> None:
    with Stopper() as stop:
        assert not stop()
        os.kill(os.getpid(), number)
        assert stop()
        assert stop.code is CODES[number]
    assert "stopping at the next safe point ..." in capfd.readouterr().err


@pytest.mark.parametrize("number", sorted(CODES))
def test_a_quiet_stopper_says_nothing(number: signal.Signals, capfd: pytest.CaptureFixture[str]) -> None:
    with Stopper(announce=False) as stop:
        os.kill(os.getpid(), number)
    assert stop()
    assert capfd.readouterr() == ("", "")


def test_the_signals_are_ours_only_inside() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: seen.append(number))
    try:
        with Stopper(announce=False) as stop:
            os.kill(os.getpid(), signal.SIGTERM)
        assert seen == []
        os.kill(os.getpid(), signal.SIGTERM)
        assert seen == [signal.SIGTERM]
        assert stop.code is Exit.TERMINATED
    finally:
        signal.signal(signal.SIGTERM, before)


def test_stoppers_may_stand_in_one_another() -> None:
    with Stopper(announce=False) as outer:
        with Stopper(announce=False) as inner:
            os.kill(os.getpid(), signal.SIGINT)
        assert inner()
        assert not outer()
        os.kill(os.getpid(), signal.SIGINT)
        assert outer()


def test_an_error_inside_gives_the_signals_back_as_well() -> None:
    handlers = {number: signal.getsignal(number) for number in CODES}

    def fail() -> None:
        with Stopper(announce=False):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert {number: signal.getsignal(number) for number in CODES} == handlers


def test_the_flag_can_be_asked_from_any_thread() -> None:
    answers: list[bool] = []
    with Stopper(announce=False) as stop:
        os.kill(os.getpid(), signal.SIGINT)
        thread = threading.Thread(target=lambda: answers.append(stop()))
        thread.start()
        thread.join()
    assert answers == [True]


@pytest.mark.parametrize("number", sorted(CODES))
def test_what_the_caller_switched_off_stays_off(number: signal.Signals) -> None:
    """Nohup ignores SIGHUP, a shell ignores SIGINT for what runs in the background."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Stopper(announce=False) as stop:
            os.kill(os.getpid(), number)
            assert not stop()
            assert signal.getsignal(number) is signal.SIG_IGN
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_a_terminal_that_closes_asks_to_stop(environ: dict[str, str]) -> None:
    process = started(environ)
    process.send_signal(signal.SIGHUP)
    _, err = process.communicate(timeout=20)
    assert process.returncode == Exit.TERMINATED
    assert "stopping at the next safe point" in err


def test_under_nohup_a_closing_terminal_changes_nothing(environ: dict[str, str]) -> None:
    process = started(environ, before="signal.signal(signal.SIGHUP, signal.SIG_IGN)", reads=True)
    process.send_signal(signal.SIGHUP)
    assert process.communicate("go on\ngo on\n\n", timeout=20)[1] == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ((signal.SIGINT, signal.SIGTERM), Exit.TERMINATED),
        ((signal.SIGTERM, signal.SIGINT), Exit.INTERRUPTED),
        ((signal.SIGHUP, signal.SIGTERM), Exit.TERMINATED),
    ],
)
def test_the_second_signal_ends_at_once_whichever_it_is(
    environ: dict[str, str], numbers: tuple[signal.Signals, signal.Signals], code: int
) -> None:
    program = (
        "import sys, time\nfrom wherry.stopping import Stopper\n"
        "with Stopper() as stop:\n"
        "    print('ready', flush=True)\n"
        "    while not stop(): time.sleep(0.01)\n"
        "    print('asked', flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(numbers[0])
    assert process.stdout.readline() == "asked\n"
    process.send_signal(numbers[1])
    _, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert "stopped at once; nothing is lost" in err


@pytest.mark.parametrize("closing", ["2>&-", "2>/dev/full"])
def test_a_signal_is_obeyed_though_nobody_can_be_told(environ: dict[str, str], closing: str) -> None:
    program = (
        "import os, signal, sys\nfrom wherry.stopping import Stopper\n"
        "with Stopper() as stop:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('asked' if stop() else 'not asked', flush=True)\n"
        "sys.exit(stop.code)"
    )
    line = f'exec "{sys.executable}" -c "$1" {closing}'
    done = subprocess.run(
        ["/bin/sh", "-c", line, "sh", program], env=environ, capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout) == (130, "asked\n")


def test_every_signal_has_a_code_of_the_promise() -> None:
    assert set(CODES) == {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    assert all(code in {Exit.INTERRUPTED, Exit.TERMINATED} for code in CODES.values())
