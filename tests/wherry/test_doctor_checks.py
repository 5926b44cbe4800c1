"""Each check of the doctor, green and red, against the real thing: servers that tell the time, files, databases."""

from __future__ import annotations

import shlex
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.faulty_dav import FaultyDav, sample
from sync_engine.engines import OLDEST_SQLITE
from tests.wherry.conftest import Run, make_pim
from wherry.examination import (
    MOST_SKEW,
    Finding,
    check_clock,
    check_clock_with,
    check_permissions,
    check_python,
    check_sqlite,
    compare_clocks,
    examine,
)
from wherry.settings import Account, read_settings


class Clock(BaseHTTPRequestHandler):
    """Answers every request with the date its server says, or with none."""

    def send_response(self, code: int, message: str | None = None) -> None:
        self.send_response_only(code, message)
        date = getattr(self.server, "date", None)
        if date is not None:
            self.send_header("Date", date)

    def do_OPTIONS(self) -> None:
        self.server.asked = [*getattr(self.server, "asked", []), dict(self.headers)]  # type: ignore[attr-defined]  # ours
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own name
        """Say nothing."""


@contextmanager
def telling(date: str | None) -> Iterator[tuple[Account, ThreadingHTTPServer]]:
    """Run a server that says *date*; give the account that leads there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Clock)
    server.date = date  # type: ignore[attr-defined]  # read by the handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        yield Account("home", "dav", url, "ana", allow_private=True), server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def never() -> bool:
    return False


@pytest.mark.parametrize(
    ("shift", "good", "words"),
    [
        (0, True, "as the server of home says"),
        (60, True, "as the server of home says"),
        (-60, True, "as the server of home says"),
        (3600, False, "behind the server of home"),
        (-3600, False, "ahead of the server of home"),
        (86_400 * 400, False, "behind the server of home"),
    ],
)
def test_the_clock_is_compared_with_the_servers(shift: int, good: bool, words: str) -> None:
    with telling(formatdate(time.time() + shift, usegmt=True)) as (account, server):
        found = check_clock_with(account, never)
        (asked,) = getattr(server, "asked", [])
    assert found is not None
    assert (found.name, found.good) == ("clock", good)
    assert words in found.words
    assert bool(found.what_to_do) is not good
    assert "Authorization" not in asked


@pytest.mark.parametrize(
    "date", [None, "", "yesterday", "Tue, 99 Foo 2026 99:99:99 GMT", "0", "\x7f", "Mon, 01 Jan 99999999 00:00:00 GMT"]
)
def test_a_server_that_does_not_tell_the_time_is_no_finding(date: str | None) -> None:
    with telling(date) as (account, _):
        assert check_clock_with(account, never) is None


@pytest.mark.parametrize(
    "account",
    [
        Account("home", "dav", "http://127.0.0.1:9/", allow_private=True),
        Account("home", "dav", "https://127.0.0.1:9/"),
        Account("home", "dav", "http://dav.example.org/"),
        Account("home", "dav", "no address at all"),
        Account("home", "dav", ""),
    ],
    ids=["refused", "private", "plain", "nonsense", "empty"],
)
def test_a_server_that_cannot_be_asked_is_told_by_the_accounts_own_check(account: Account) -> None:
    assert check_clock_with(account, never) is None


@given(st.floats(0, 4e9), st.floats(-1e6, 1e6))
@settings(max_examples=150, deadline=None)
def test_how_far_apart_is_said_in_the_right_direction(here: float, apart: float) -> None:
    found = compare_clocks(here, here + apart, "home")
    assert found.good is (abs(here - (here + apart)) <= MOST_SKEW)
    assert ("ahead" in found.words) is (not found.good and apart < 0)
    assert ("behind" in found.words) is (not found.good and apart > 0)
    assert found.words.isprintable()


def test_the_doctor_compares_the_clock_for_each_account(run: Run) -> None:
    with FaultyDav() as server:
        server.store.make("calendar", "work").put("1.ics", sample("calendar", 1))
        args = ("--name", "home", "--url", server.url, "--username", "ana", "--allow-private")
        assert run("connect", "dav", *args, env={"WHERRY_PASSWORD": "pass"}).code == 0
        answer = run("doctor", "--json")
    checks = [(line["check"], line["ok"]) for line in answer.lines]
    assert ("account dav:home", True) in checks
    assert answer.code == 0, answer.out
    assert [name for name, _ in checks].count("clock") in {1, 2}
    assert next(line["words"] for line in answer.lines if line["check"] == "account dav:home").endswith("1 collections")


def test_stopping_ends_the_examination_between_accounts(home: Path) -> None:
    lines = [f'[accounts.a{n}]\nkind = "dav"\nurl = "http://127.0.0.1:9/"\nallow_private = true\n' for n in range(3)]
    (home / "settings.toml").write_text("".join(lines))
    (home / "settings.toml").chmod(0o600)
    settings_ = read_settings({"WHERRY_HOME": str(home)})
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return True

    names = [finding.name for finding in examine(settings_, stop=stop)]
    assert names[:3] == ["python", "sqlite", "clock"]
    assert not [name for name in names if name.startswith("account")]
    assert asked


def test_the_checks_of_the_machine() -> None:
    assert check_python().words.split()[0].count(".") == 2
    found = check_sqlite()
    assert found.words == sqlite3.sqlite_version
    assert found.good is (sqlite3.sqlite_version_info >= OLDEST_SQLITE)
    assert OLDEST_SQLITE >= (3, 38, 0), "json_each has to be built in"
    assert check_clock() == Finding("clock", good=True, words=check_clock().words)


def test_what_the_statements_need_is_there_from_that_version_on() -> None:
    """The two features the version was chosen for, asked of the SQLite that is here."""
    with sqlite3.connect(":memory:") as database:
        database.execute("create table t (x)")
        assert database.execute("insert into t values (1) returning x").fetchone() == (1,)
        assert database.execute(
            "select count(*) from t where x in (select value from json_each('[1, 2]'))"
        ).fetchone() == (1,)
    database.close()


@pytest.mark.parametrize(
    ("mode", "folder", "good"),
    [
        (0o600, False, True),
        (0o700, True, True),
        (0o755, True, True),
        (0o711, True, True),
        (0o610, False, False),
        (0o601, False, False),
        (0o644, False, False),
        (0o720, True, False),
        (0o702, True, False),
        (0o1777, True, False),
    ],
)
def test_rights_of_others(tmp_path: Path, mode: int, folder: bool, good: bool) -> None:
    path = tmp_path / "it's"
    if folder:
        path.mkdir()
    else:
        path.touch()
    path.chmod(mode)
    found = check_permissions(path)
    assert found is not None
    assert found.good is good
    assert f"{mode:04o}" in found.words
    command = ["chmod", "700" if folder else "600", str(path)]
    assert good or shlex.split(found.what_to_do.partition(": ")[2]) == command
    assert bool(found.what_to_do) is not good


def test_a_path_below_a_file_cannot_be_looked_at(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = check_permissions(tmp_path / "file" / "x")
    assert found is not None
    assert not found.good
    assert found.what_to_do


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.touch(0o600)
    link.symlink_to(target)
    found = check_permissions(link)
    assert found is not None
    assert found.good
    target.chmod(0o644)
    again = check_permissions(link)
    assert again is not None
    assert not again.good


@pytest.mark.parametrize(
    ("content", "words"), [(b"x" * 5000, "damaged"), (b"", ""), (b"SQLite format 3\0" + b"\xff" * 4000, "damaged")]
)
def test_the_database_is_looked_over(run: Run, home: Path, content: bytes, words: str) -> None:
    (home / "wherry.db").write_bytes(content)
    (home / "wherry.db").chmod(0o600)
    found = [line for line in run("doctor", "--json").lines if line["check"] == "database"]
    assert found
    assert all(line["ok"] for line in found) is (words == "")
    assert words in found[-1]["words"]


def test_a_database_that_is_a_folder(run: Run, home: Path) -> None:
    (home / "wherry.db").mkdir(0o700)
    answer = run("doctor", "--json")
    assert answer.code == 1
    assert [line["check"] for line in answer.lines if not line["ok"]] == ["database"]


def test_two_jobs_that_were_cut_off_are_both_named(run: Run, home: Path, tmp_path: Path) -> None:
    pims = [make_pim(tmp_path / f"pim{n}") for n in range(2)]
    jobs = [run("backup", str(pim), "--to", f"{pim}-copy", "--json").job for pim in pims]
    with sqlite3.connect(home / "wherry.db") as database:
        database.execute("update job set state = 'leased', owner = 'gone:1:x' || id, lease_until = 1")
    database.close()
    (found,) = (line for line in run("doctor", "--json").lines if line["check"] == "jobs")
    assert not found["ok"]
    assert all(job in found["words"] for job in jobs)
    assert found["what_to_do"] in {f"Go on with: wherry resume {job}" for job in jobs}


def test_problems_are_all_a_quiet_doctor_names(run: Run, home: Path) -> None:
    assert run("doctor", "-q").out == ""
    (home / "wherry.db").write_bytes(b"x" * 5000)
    lines = run("doctor", "-q").out.splitlines()
    assert lines[0].startswith("PROBLEM  database: ")
    assert all(line.startswith(("PROBLEM", "         ")) for line in lines)
