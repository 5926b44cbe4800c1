"""The chaos harness itself, in short: it ends with figures, and the figures are clean."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.chaos.__main__ import harnesses, main
from tests.chaos.crew import Crew, Entry, prepare
from tests.chaos.evidence import judge, shared_connections
from tests.chaos.lease_worker import page_of
from tests.sync_engine.builders import execute

if TYPE_CHECKING:
    from pathlib import Path

    from sync_engine.database import Database
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger


@pytest.mark.server
def test_a_short_run_is_clean() -> None:
    command = [sys.executable, "-m", "tests.chaos", "leases", "--rounds", "2", "--ttl", "0.6", "--workers", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    for kind in ("sqlite", "postgres"):
        found = figures[kind]
        assert found["rounds"] == 2
        assert (found["kills"], found["freezes"]) == (1, 1)
        wrong = ("lost_pages", "repeated_pages", "zombie_writes", "double_holders", "wrong_counters")
        assert [found[name] for name in wrong] == [0] * 5
        assert found["pages"] > 0
        assert 0 < found["takeover_seconds_max"] < 0.6 + 2 or found["frozen_in_transaction"]


@pytest.mark.parametrize("argv", [[], ["nothing"], ["__main__"], ["crew"], ["../x"]])
def test_an_unknown_harness_is_an_error(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    assert "leases" in capsys.readouterr().err


def test_harnesses_are_found_by_name() -> None:
    assert "leases" in harnesses()
    assert not {"crew", "evidence", "lease_worker", "__init__", "__main__"} & set(harnesses())


def evidence(database: Database, leases: Leases, ledger: Ledger) -> tuple[int, str]:
    """Let one worker commit three pages, cleanly; return the collection and the job."""
    job = prepare(database, 1)[0]
    lease = leases.claim("ada", ttl=60)
    assert lease is not None
    collection = ledger.collections(job)[0].id
    for page in range(3):
        ledger.commit(lease, page_of(collection, page, 1), ttl=60)
    assert judge(database, [], pages=3).clean
    return collection, job


@pytest.mark.parametrize(
    ("damage", "figure"),
    [
        pytest.param("delete from item where id = '00001-003'", "lost_pages", id="a-lost-item"),
        pytest.param("delete from item where id < '00001'", "lost_pages", id="a-lost-page"),
        pytest.param("update collection set present = present + 20", "wrong_counters", id="a-page-counted-twice"),
        pytest.param(
            "insert into audit (chain, seq, record, hash) select chain, seq + 100, record, hash"
            " from audit where record like '%page.settled%' and record like '%\"count\"\\:1,%'",
            "repeated_pages",
            id="a-page-committed-twice",
        ),
        pytest.param(
            "insert into audit (chain, seq, record, hash) select chain, seq + 100, "
            "replace(record, '\"token\"', '\"lost\"'), hash"
            " from audit where record like '%page.settled%' and record like '%\"count\"\\:1,%'",
            "zombie_writes",
            id="a-commit-with-an-old-token",
        ),
    ],
)
def test_the_verdict_sees_what_must_not_happen(
    damage: str, figure: str, database: Database, leases: Leases, ledger: Ledger
) -> None:
    evidence(database, leases, ledger)
    execute(database, damage)
    verdict = judge(database, [], pages=3)
    assert getattr(verdict, figure) >= 1
    assert not verdict.clean


def test_the_verdict_sees_two_holders_of_one_token(database: Database, leases: Leases, ledger: Ledger) -> None:
    _, job = evidence(database, leases, ledger)
    claims = [Entry(1.0, owner, "claim", job, 2, -1) for owner in ("ada", "bob")]
    assert judge(database, claims, pages=3).double_holders == 1


def test_shared_connections_are_seen(database: Database, leases: Leases) -> None:
    prepare(database, 2)
    assert leases.claim("ada", ttl=60)
    assert leases.claim("bob", ttl=60)
    assert shared_connections(database) == 0
    execute(database, "update job set target_connection = 'dav:0' where source_connection = 'dav:1'")
    assert shared_connections(database) == 1


def test_a_crew_leaves_nobody_behind(url: str, database: Database, tmp_path: Path) -> None:
    prepare(database, 1)
    with Crew(url, tmp_path / "journal", ttl=1.0) as crew:
        name = crew.hire()
        child = crew.workers[name]
        assert crew.await_entry(lambda e: e.what == "up", within=30)
        crew.freeze(name)
    assert child.poll() == -9
