"""A wait the server asks for is seen on the command line while it lasts; a login page is told as one (exit 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators.faulty_dav import FaultyDav
from tests.engine.bench import event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.wherry.conftest import Run

ARGS = ("--username", "ana", "--allow-private")
PASSWORD = {"WHERRY_PASSWORD": "open sesame"}


@pytest.fixture
def server() -> Iterator[FaultyDav]:
    with FaultyDav() as server:
        shelf = server.store.make("calendar", "work")
        for number in range(4):
            shelf.put(f"{number}.ics", event(f"uid-{number}"))
        yield server


@pytest.fixture
def connected(run: Run, server: FaultyDav) -> FaultyDav:
    answer = run("connect", "dav", "--name", "home", "--url", server.url, *ARGS, env=PASSWORD)
    assert answer.code == 0, answer.err
    return server


@pytest.mark.parametrize("status", [429, 503])
def test_dav_31_a_wait_is_a_line_of_its_own(run: Run, connected: FaultyDav, tmp_path: Path, status: int) -> None:
    connected.faults.switch("status", (status, {"Retry-After": "1"}, b"", ["REPORT"]), times=1)
    answer = run("backup", "dav:home", "--to", str(tmp_path / "pim"), "--json")
    assert answer.code == 0, answer.err
    waits = [line for line in answer.lines if line["type"] == "waiting"]
    assert [line["seconds"] for line in waits] == [1.0]
    assert waits[0]["job"] == answer.job
    assert waits[0]["reason"]


@pytest.mark.parametrize("portal", ["html", "xhtml", "foreign"])
def test_case_09_a_login_page_is_exit_5_before_and_after_connecting(
    run: Run, server: FaultyDav, tmp_path: Path, portal: str
) -> None:
    server.faults.switch("portal", portal)
    refused = run("connect", "dav", "--name", "home", "--url", server.url, *ARGS, env=PASSWORD)
    assert refused.code == 5
    assert "login page" in refused.err
    server.faults.mend()
    assert run("connect", "dav", "--name", "home", "--url", server.url, *ARGS, env=PASSWORD).code == 0
    server.faults.switch("portal", portal)
    later = run("backup", "dav:home", "--to", str(tmp_path / "pim"))
    assert later.code == 5
    assert "login page" in later.err


@pytest.mark.parametrize("status", [404, 405])
def test_case_37_a_wrong_address_is_exit_2(run: Run, server: FaultyDav, status: int) -> None:
    server.faults.switch("status", (status, {"Content-Type": "text/html"}, b"<html>"))
    refused = run("connect", "dav", "--name", "home", "--url", f"{server.url}shop/", *ARGS, env=PASSWORD)
    assert refused.code == 2
    assert server.url in refused.err
