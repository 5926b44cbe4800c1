"""The disk under the database: full, over its quota, read-only, damaged while in use. Named, and nothing half done."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sync_engine.database import Database
from sync_engine.errors import DatabaseCorrupt, DatabaseError, DatabaseFull, DatabaseNotWritable
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import PageCommit
from tests.sync_engine.builders import item, leased, spec, with_collection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync_engine.model import Lease

LIMITED = """
import resource, sys
from sync_engine.database import Database
from sync_engine.errors import DatabaseError
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import PageCommit
from tests.sync_engine.builders import item, leased, with_collection

database = Database.open(sys.argv[1])
jobs, leases, ledger = Jobs(database), Leases(database), Ledger(database)
lease = leased(jobs, leases, ttl=600.0)
collection = with_collection(ledger, lease).id
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
pages = 0
try:
    while pages < 5_000:
        rows = [item(f"{pages:05}-{n:03}", detail="x" * 200) for n in range(100)]
        ledger.commit(lease, PageCommit(collection, items=rows, tally={"present": 100, "copied": 100}), ttl=600)
        pages += 1
except DatabaseError as error:
    print(pages, type(error).__name__, "x" * 20 in str(error))
"""


@pytest.fixture
def path(sqlite_template: Path, tmp_path: Path) -> Path:
    """A fresh SQLite file."""
    copy = tmp_path / "state.db"
    copy.write_bytes(sqlite_template.read_bytes())
    return copy


@pytest.fixture
def state(path: Path) -> Iterator[Database]:
    """The same, open."""
    database = Database.open(f"sqlite:///{path}")
    yield database
    database.close()


def started(database: Database) -> tuple[Ledger, Lease, int]:
    """Return a ledger with a lease and a collection."""
    lease = leased(Jobs(database), Leases(database), ttl=600.0)
    ledger = Ledger(database)
    return ledger, lease, with_collection(ledger, lease).id


def page(collection: int, number: int, count: int = 50) -> PageCommit:
    """Return a page of new rows of some size."""
    rows = [item(f"{number:04}-{n:03}", detail="x" * 300) for n in range(count)]
    return PageCommit(collection, items=rows, cursor={"page": number}, tally={"present": count, "copied": count})


def check_whole(database: Database, pages: int, count: int) -> None:
    """Check that exactly *pages* pages of *count* rows stand there, whole, and that the file is sound."""
    with database.read() as connection:
        assert connection.exec_driver_sql("pragma integrity_check").scalar() == "ok"
        row = connection.exec_driver_sql("select present, copied, cursor from collection").one()
        assert connection.exec_driver_sql("select count(*) from item").scalar() == pages * count
    assert (row.present, row.copied) == (pages * count, pages * count)
    assert row.cursor == (f'{{"page":{pages - 1}}}' if pages else None)


@pytest.mark.parametrize("limit", [200_000, 1_000_000])
def test_a_file_that_may_not_grow_is_named_and_keeps_whole_pages(path: Path, limit: int) -> None:
    """What a quota does: the write fails, the file is sound, and with room again the work goes on."""
    url = f"sqlite:///{path}"
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, url, str(limit)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    pages, leaf, told = done.stdout.split()
    assert leaf in {"DatabaseFull", "DatabaseNotWritable"}
    assert told == "False", "the row's text is no part of the error"
    assert 0 < int(pages) < 5_000
    database = Database.open(url)
    with database.read() as connection:
        assert connection.exec_driver_sql("pragma integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("select count(*) from item").scalar() == int(pages) * 100
        assert connection.exec_driver_sql("select present from collection").scalar() == int(pages) * 100
    Jobs(database).submit(spec("dav:other"))
    database.close()


def test_a_full_database_is_named_and_undone(state: Database) -> None:
    ledger, lease, collection = started(state)
    with state.read() as connection:
        size = connection.exec_driver_sql("pragma page_count").scalar_one()
        connection.exec_driver_sql(f"pragma max_page_count = {size + 20}")
    number = 0
    while (full := trouble(lambda: ledger.commit(lease, page(collection, number), ttl=600))) is None:  # noqa: B023 - at once
        number += 1
    assert number > 0
    assert isinstance(full, DatabaseFull)
    assert "full" in full.detail
    check_whole(state, number, 50)
    with state.read() as connection:
        connection.exec_driver_sql("pragma max_page_count = 100000")
    ledger.commit(lease, page(collection, number), ttl=600)
    check_whole(state, number + 1, 50)


def test_a_read_only_connection_is_named_and_reading_goes_on(state: Database) -> None:
    ledger, lease, collection = started(state)
    ledger.commit(lease, page(collection, 0), ttl=600)
    with state.read() as connection:
        connection.exec_driver_sql("pragma query_only = on")
    for attempt in (
        lambda: ledger.commit(lease, page(collection, 1), ttl=600),
        lambda: Jobs(state).submit(spec("dav:other")),
        lambda: Leases(state).renew(lease, ttl=600),
        lambda: ledger.doubt(lease, collection, {"a": "b"}),
    ):
        with pytest.raises(DatabaseNotWritable):
            attempt()
    assert len(ledger.all_items(collection)) == 50
    assert [job.id for job in Jobs(state).list()] == [lease.job.id]
    with state.read() as connection:
        connection.exec_driver_sql("pragma query_only = off")
    ledger.commit(lease, page(collection, 1), ttl=600)
    check_whole(state, 2, 50)


def trouble(work: Callable[[], object]) -> DatabaseError | None:
    """Return the named error *work* ends in; any other error is raised."""
    try:
        work()
    except DatabaseError as error:
        return error
    return None


def damage(path: Path, at: float) -> None:
    """Overwrite a piece of the file, at a share of its length, past the first page."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(max(4096, int(size * at)))
        file.write(b"\xa5" * 4096 * 3)


def read_all(url: str, collection: int) -> list[str]:
    """Open the database and return the ids of all items, by the index and by the table."""
    database = Database.open(url)
    try:
        ledger = Ledger(database)
        rows: list[str] = []
        while found := ledger.all_items(collection, after=rows[-1] if rows else "", limit=100):
            rows += [row.id for row in found]
        assert set(ledger.items(collection, rows)) == set(rows)
        return rows
    finally:
        database.close()


@pytest.mark.parametrize("at", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
def test_damage_anywhere_is_named_or_does_no_harm(path: Path, at: float) -> None:
    """No damage ends in a wrong count without a word: reading everything names it, or finds all there."""
    url = f"sqlite:///{path}"
    database = Database.open(url)
    ledger, lease, collection = started(database)
    for number in range(20):
        ledger.commit(lease, page(collection, number), ttl=600)
    before = read_all(url, collection)
    database.close()
    damage(path, at)
    found: list[str] = []
    error = trouble(lambda: found.extend(read_all(url, collection)))
    assert len(before) == 1000
    if error is None:
        assert found == before
    else:
        assert isinstance(error, DatabaseCorrupt)
        assert error.database.endswith("state.db")


def test_a_file_that_vanishes_under_us_is_no_traceback(state: Database, path: Path) -> None:
    """Somebody tidied up while a run was under way: the run goes on in the open file or ends by name."""
    ledger, lease, collection = started(state)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    error = trouble(lambda: ledger.commit(lease, page(collection, 0), ttl=600))
    if error is None:
        assert len(ledger.all_items(collection)) == 50
    else:
        assert error.detail


def test_the_work_of_a_process_that_died_in_the_middle_is_whole(path: Path) -> None:
    """The write-ahead log left behind is taken up by the next one who opens the file."""
    code = LIMITED.replace("resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))", "").replace(
        "        pages += 1\n", "        pages += 1\n        if pages == 3:\n            import os; os._exit(9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, f"sqlite:///{path}", "0"], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 9, done.stderr
    assert Path(f"{path}-wal").stat().st_size > 0
    database = Database.open(f"sqlite:///{path}")
    with database.read() as connection:
        assert connection.exec_driver_sql("select count(*) from item").scalar() == 300
        assert connection.exec_driver_sql("select present from collection").scalar() == 300
    database.close()
