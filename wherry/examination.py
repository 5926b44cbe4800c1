"""What ``wherry doctor`` looks at: each check says how things are and what to do, and changes nothing."""

from __future__ import annotations

import logging
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from wherry.explain import explain, known
from wherry.showing import duration
from wherry.wiring import Wiring, open_database

if TYPE_CHECKING:
    from sync_engine.database import Database
    from wherry.settings import Account, Settings

_log = logging.getLogger(__name__)

MOST_SKEW = 120.0
"""Seconds the clock may differ from a server's: beyond, certificates and tokens begin to be refused."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer. *what_to_do* is empty when all is well."""

    name: str
    good: bool
    words: str
    what_to_do: str = ""


def examine(settings: Settings, *, stop: Callable[[], bool]) -> Iterator[Finding]:
    """Yield finding after finding; a check that fails unexpectedly is a finding too."""
    yield check_python()
    yield check_sqlite()
    yield check_clock()
    for path in (settings.file, settings.folders.vault_key, settings.folders.state):
        found = check_permissions(path)
        if found is not None:
            yield found
    yield from _check_database(settings)
    for account in settings.accounts.values():
        if stop():
            return
        yield check_account(settings, account, stop)
        compared = check_clock_with(account, stop)
        if compared is not None:
            yield compared


def check_python() -> Finding:
    """Say which Python runs us."""
    return Finding("python", good=True, words=f"{sys.version.split()[0]} on {sys.platform}")


def check_sqlite() -> Finding:
    """Say whether SQLite is new enough."""
    import sqlite3

    from sync_engine.engines import OLDEST_SQLITE

    good = sqlite3.sqlite_version_info >= OLDEST_SQLITE
    advice = "" if good else f"Use a Python with SQLite {'.'.join(map(str, OLDEST_SQLITE))} or newer."
    return Finding("sqlite", good, sqlite3.sqlite_version, advice)


def check_clock() -> Finding:
    """Say whether the clock is plausible at all: certificates and leases depend on it."""
    built = Path(__file__).stat().st_mtime
    good = time.time() > built - 86_400
    words = time.strftime("%Y-%m-%d %H:%M:%S %z")
    return Finding("clock", good, words, "" if good else "The clock is behind this program's own date: set it.")


def check_permissions(path: Path) -> Finding | None:
    """Say whether others can get at *path*; ``None`` when it is not there."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None
    except OSError as error:
        return Finding("permissions", good=False, words=f"{path}: {error.strerror}", what_to_do="Check who owns it.")
    if not os.access(path, os.R_OK | os.W_OK):
        return Finding(
            "permissions", good=False, words=f"{path} cannot be used by you", what_to_do="Check who owns it."
        )
    bad = mode & (0o022 if path.is_dir() else 0o077)
    words = f"{path} has mode {mode:04o}"
    advice = f"Take others' rights away: chmod {'700' if path.is_dir() else '600'} {quote(str(path))}" if bad else ""
    return Finding("permissions", not bad, words, advice)


def _check_database(settings: Settings) -> Iterator[Finding]:
    file = settings.database.removeprefix("sqlite:///")
    if file != settings.database and not os.path.exists(file):
        yield Finding("database", good=True, words=f"{file} is not there yet: the first job makes it")
        return
    try:
        database = open_database(settings)
    except Exception as error:  # noqa: BLE001 - the finding is the error
        yield _trouble("database", error)
        return
    try:
        yield check_integrity(database)
        yield check_leases(database)
    except Exception as error:  # noqa: BLE001 - the finding is the error
        yield _trouble("database", error)
    finally:
        database.close()


def check_integrity(database: Database) -> Finding:
    """Ask the database to look over itself."""
    if not database.sqlite:
        return Finding("database", good=True, words=f"{database.name} answers")
    with database.read() as connection:
        answer = str(connection.exec_driver_sql("pragma quick_check(1)").scalar())
    advice = "Your copies are safe. Move the file away; the next run compares instead of copying again."
    good = answer == "ok"
    return Finding("database", good, f"{database.name}: {answer}", "" if good else advice)


def check_leases(database: Database) -> Finding:
    """Look for jobs whose worker died."""
    from sync_engine.jobs import Jobs
    from sync_engine.model import JobState

    jobs = Jobs(database)
    stale = [job.id for job in jobs.list() if job.state is JobState.LEASED and jobs.leased_by(job.id) is None]
    words = f"cut off: {', '.join(stale)}" if stale else "no job was cut off"
    return Finding("jobs", not stale, words, f"Go on with: wherry resume {stale[0]}" if stale else "")


def check_account(settings: Settings, account: Account, stop: Callable[[], bool]) -> Finding:
    """Sign in to *account* and list it."""
    from wherry.places import WrittenPlace

    name = f"account {account.kind}:{account.name}"
    wiring = Wiring(settings, stop=stop)
    try:
        place = wiring.open(WrittenPlace(account.kind, account.name))
        try:
            place.check()
            collections = sum(1 for _ in place.collections())
        finally:
            place.close()
    except Exception as error:  # noqa: BLE001 - the finding is the error
        return _trouble(name, error)
    finally:
        wiring.close()
    return Finding(name, good=True, words=f"{account.url} answers, {collections} collections")


def check_clock_with(account: Account, stop: Callable[[], bool]) -> Finding | None:
    """Compare the clock with the one of *account*'s server; ``None`` when it does not tell the time."""
    from email.utils import mktime_tz, parsedate_tz

    from connectors.errors import ConnectorError
    from connectors.guard import Guard
    from connectors.http import Http, RetryPolicy

    guard = Guard(allow_private=account.allow_private, allow_http=account.allow_private)
    ca = str(Path(account.ca).expanduser()) if account.ca else None
    http = Http(guard=guard, retry=RetryPolicy(attempts=1, total=10.0), stop=stop, ca=ca)
    try:
        before = time.time()
        answer = http.request("OPTIONS", account.url)
        here = (before + time.time()) / 2
        parsed = parsedate_tz(answer.headers.get("date", ""))
        there = None if parsed is None else float(mktime_tz(parsed))
    except (ConnectorError, ValueError, OverflowError):
        return None  # the account's own check has said what is wrong
    finally:
        http.close()
    return None if there is None else compare_clocks(here, there, account.name)


def compare_clocks(here: float, there: float, name: str) -> Finding:
    """Say how far the clock (*here*) is from the one of the server of account *name* (*there*), both in seconds."""
    apart = here - there
    good = abs(apart) <= MOST_SKEW
    words = f"{duration(abs(apart))} {'ahead of' if apart > 0 else 'behind'} the server of {name}"
    advice = "Set the clock of this machine. If it is right, the server's is wrong: tell whoever runs it."
    return Finding("clock", good, f"as the server of {name} says" if good else words, "" if good else advice)


def _trouble(name: str, error: Exception) -> Finding:
    row = explain(error)
    if not known(error):
        _log.error("a check failed unexpectedly", exc_info=error)
    detail = str(error) if known(error) else type(error).__name__
    return Finding(name, good=False, words=f"{row.title}: {detail}" if detail else row.title, what_to_do=row.what_to_do)
