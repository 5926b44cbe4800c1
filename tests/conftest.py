"""What all tests share: how hypothesis searches, and an honest count of what could not run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

EXPECTED_ABSENT: Mapping[str, str] = {}
"""Tests that may be absent even in CI: the beginning of a node id -> the reason."""

# A shared machine is slow at times; a slow example is no wrong example.
settings.register_profile("wherry", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# In CI the search is the same in every run, so that a red run can be repeated.
settings.register_profile("wherry-ci", settings.get_profile("wherry"), derandomize=True, database=None)
settings.load_profile("wherry-ci" if os.environ.get("CI") else "wherry")

# Whoever runs the tests may have a keyring: the vaults of tests have no business there.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

# A shell ignores SIGINT for what it starts in the background, and so would every program the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _absent(reporter: TerminalReporter) -> Iterator[tuple[str, str]]:
    """Yield node id and reason of each test that did not really run, each once."""
    seen: set[str] = set()
    for outcome in ("skipped", "xfailed"):
        for report in reporter.stats.get(outcome, ()):
            if report.nodeid in seen:  # each worker reports a module it could not collect
                continue
            seen.add(report.nodeid)
            yield report.nodeid, _reason(report)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Say why the test of *report* did not run."""
    if expected := getattr(report, "wasxfail", ""):
        return f"expected to fail: {expected}"
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return str(report.longrepr)


def _unexplained(absent: Mapping[str, str]) -> list[str]:
    """Name the absent tests that ``EXPECTED_ABSENT`` does not allow."""
    return [nodeid for nodeid in absent if not nodeid.startswith(tuple(EXPECTED_ABSENT))]


def _reporter(config: pytest.Config) -> TerminalReporter | None:
    """Return the reporter of the main process; workers have none."""
    if hasattr(config, "workerinput"):
        return None
    reporter: TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    return reporter


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a CI run in which something was left out without a reason on the list."""
    reporter = _reporter(session.config)
    if reporter is None or not os.environ.get("CI"):
        return
    if session.exitstatus == pytest.ExitCode.OK and _unexplained(dict(_absent(reporter))):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Name and count what could not run here."""
    absent = dict(_absent(terminalreporter))
    terminalreporter.section(f"could not run here: {len(absent)}", sep="-")
    for nodeid, reason in sorted(absent.items()):
        terminalreporter.write_line(f"{nodeid}: {reason}")
    if os.environ.get("CI") and (unexplained := _unexplained(absent)):
        terminalreporter.write_line(f"In CI a test that does not run is a failure: {len(unexplained)}.", red=True)
