"""What is handed out verifies; what was done to the database before shows."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oauth.audit import FIELDS, STORE, Event, chain_of
from oauth.checkpoints import Signer
from sync_engine.audit import append_store
from sync_engine.audit_checkpoints import owed, pay
from sync_engine.audit_export import CHUNK, COLUMNS, jsonl, table
from sync_engine.model import JobState, PageCommit
from tests.sync_engine.audit_chains import assert_whole, store_of
from tests.sync_engine.builders import execute, item, leased, with_collection
from wherry.audit_verify import BAD_SIGNATURE, BROKEN, OK, TRUNCATED, Refused, Verifier

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(b"the key of these tests, 32 bytes"))


def verdict(lines: list[str]) -> tuple[int, str]:
    verifier = Verifier([SIGNER.public])
    try:
        verifier.read(io.BytesIO("".join(lines).encode()))
    except Refused as refused:
        return refused.code, str(refused)
    return OK, f"{verifier.records} records, {verifier.chains} chains, {verifier.checkpoints} checkpoints"


@pytest.fixture
def ids(database: Database, jobs: Jobs, leases: Leases, ledger: Ledger) -> list[str]:
    """Two jobs: the first ended and signed, the second at work."""
    found: list[str] = []
    for source in ("dav:a", "dav:b"):
        lease = leased(jobs, leases, source=source)
        collection = with_collection(ledger, lease).id
        for number in range(4):
            ledger.commit(lease, PageCommit(collection, items=[item(f"{number}")], count=number), ttl=60)
        if not found:
            leases.release(lease, state=JobState.DONE)
        found.append(lease.job.id)
    pay(database, owed(database), lambda: SIGNER)
    with database.write() as connection:
        append_store(connection, database, Event.GRANT_LIVE, grant="abc")
    return found


def exported(database: Database, job: str | None = None) -> list[str]:
    return list(jsonl(database, SIGNER, job=job))


def test_an_empty_store_can_be_handed_out(database: Database) -> None:
    assert verdict(exported(database)) == (OK, "0 records, 0 chains, 0 checkpoints")


def test_everything_is_handed_out_and_verifies(database: Database, ids: list[str]) -> None:
    lines = exported(database)
    assert verdict(lines) == (OK, "13 records, 3 chains, 2 checkpoints")
    assert len(lines) == 13 + 2 + 2
    assert json.loads(lines[0]) == {"format": "wherry-audit", "scope": "all", "store": store_of(database), "v": 1}
    chains = [json.loads(line).get("chain") for line in lines[1:-1]]
    assert chains[0] == STORE, "the store's word on the others comes first"
    assert {chain for chain in chains if chain} == {STORE, *map(chain_of, ids)}


def test_a_job_is_handed_out_alone(database: Database, ids: list[str]) -> None:
    lines = exported(database, ids[0])
    assert verdict(lines) == (OK, "6 records, 1 chains, 1 checkpoints")
    # Not the id alone: four hex digits stand in some hash sooner or later.
    assert not [line for line in lines if f'"job:{ids[1]}"' in line or f'"job":"{ids[1]}"' in line]
    assert verdict(exported(database, ids[1])) == (OK, "5 records, 1 chains, 0 checkpoints")


@pytest.mark.usefixtures("ids")
def test_an_export_takes_nothing_from_the_log(database: Database) -> None:
    before = assert_whole(database)
    assert exported(database) == exported(database)
    assert assert_whole(database) == before


def test_what_happens_meanwhile_is_not_in_it(database: Database, ids: list[str], jobs: Jobs) -> None:
    """An export is one moment, also when the log goes on growing under it."""
    before = exported(database)
    lines = jsonl(database, SIGNER)
    first = next(lines)
    jobs.allow_deletions(ids[1])
    with database.write() as connection:
        append_store(connection, database, Event.GRANT_REVOKED)
    whole = [first, *lines]
    assert verdict(whole)[0] == OK
    if not database.sqlite:
        assert whole == before
    assert verdict(exported(database)) == (OK, "15 records, 3 chains, 2 checkpoints")


CHAIN = "chain = 'job\\:' || :job"


@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        pytest.param(
            f"update audit set record = replace(record, 'local', 'other') where {CHAIN} and seq = 3",
            BROKEN,
            "seq 3",
            id="a-record-changed",
        ),
        pytest.param(f"delete from audit where {CHAIN} and seq = 3", BROKEN, "seq 3", id="a-record-deleted"),
        pytest.param(
            f"delete from audit where {CHAIN} and seq > 3", TRUNCATED, "went on to seq 6", id="the-end-deleted"
        ),
        pytest.param(f"delete from audit where {CHAIN}", TRUNCATED, "went on to seq 6", id="a-chain-deleted"),
        pytest.param(
            f"update audit set hash = '{'0' * 64}' where {CHAIN} and seq = 2", BROKEN, "seq 2", id="a-hash-changed"
        ),
        pytest.param(
            f"update audit_checkpoint set signed = replace(signed, 'count', 'tnuoc') where {CHAIN}",
            BAD_SIGNATURE,
            "signature",
            id="a-checkpoint-changed",
        ),
        pytest.param(
            f"update audit_checkpoint set signature = '{'0' * 128}' where {CHAIN}",
            BAD_SIGNATURE,
            "signature",
            id="a-signature-changed",
        ),
        pytest.param(
            f"update audit_checkpoint set seq = 4 where {CHAIN}",
            TRUNCATED,
            "went on to seq 6",
            id="a-checkpoint-moved-forward",
        ),
        pytest.param("delete from audit where chain = 'store' and :job = :job", TRUNCATED, "store", id="the-store-s"),
        pytest.param(
            f"update audit set chain = 'job\\:ffff' where {CHAIN}", TRUNCATED, "went on", id="a-chain-renamed"
        ),
        pytest.param(
            f"update audit set record = record || chr where {CHAIN}".replace("chr", "' '"),
            BROKEN,
            "not of this log",
            id="blanks",
        ),
    ],
)
def test_what_was_done_to_the_database_shows(
    damage: str, code: int, words: str, database: Database, ids: list[str]
) -> None:
    """The key is no part of the database: whoever can write the one cannot sign with the other."""
    execute(database, damage, job=ids[0])
    found, said = verdict(exported(database))
    assert (found, words in said) == (code, True), said


def test_records_taken_off_the_end_of_a_job_that_never_ended(database: Database, ids: list[str]) -> None:
    """Nothing was signed yet, but the job knows how far its chain went."""
    execute(database, f"delete from audit where {CHAIN} and seq > 3", job=ids[1])
    assert verdict(exported(database))[0] == BROKEN


def test_a_job_wiped_out_without_a_trace_of_its_own(database: Database, ids: list[str]) -> None:
    """Row, records and checkpoint: the store's chain still has it on record."""
    for damage in (
        f"delete from audit where {CHAIN}",
        f"delete from audit_checkpoint where {CHAIN}",
        "delete from job where id = :job",
    ):
        execute(database, damage, job=ids[0])
    found, said = verdict(exported(database))
    assert (found, chain_of(ids[0]) in said) == (TRUNCATED, True), said


def test_a_job_wiped_out_of_the_store_s_chain_too(database: Database, ids: list[str]) -> None:
    """Then that chain breaks, or is shorter than what was signed."""
    for damage in (
        f"delete from audit where {CHAIN}",
        f"delete from audit_checkpoint where {CHAIN}",
        "delete from job where id = :job",
        "delete from audit where chain = 'store' and seq = 1 and :job = :job",
    ):
        execute(database, damage, job=ids[0])
    assert verdict(exported(database)) == (BROKEN, "store is broken at seq 1")


def test_damage_goes_no_further_than_its_job(database: Database, ids: list[str]) -> None:
    execute(database, f"delete from audit where {CHAIN} and seq = 3", job=ids[0])
    assert verdict(exported(database, ids[0]))[0] == BROKEN
    assert verdict(exported(database, ids[1]))[0] == OK


def test_a_deleted_job_whose_log_was_kept_is_fine(database: Database, ids: list[str]) -> None:
    execute(database, "delete from job where id = :job", job=ids[0])
    assert verdict(exported(database))[0] == OK


@pytest.mark.usefixtures("ids")
def test_the_table_says_the_same(database: Database) -> None:
    rows = list(csv.reader(io.StringIO("".join(table(database)))))
    head, body = rows[0], rows[1:]
    assert len(head) == len(set(head)) == len(COLUMNS) == len(FIELDS) + 4
    assert len(body) == 13
    column = {name: place for place, name in enumerate(head)}
    records = [json.loads(line)["record"] for line in exported(database) if '"record":' in line]
    for row, record in zip(body, records, strict=True):
        assert row[column["event"]] == record["event"]
        assert row[column["actor_kind"]] == record["actor"]["kind"]
        assert row[column["count"]] == str(record.get("count", ""))
        assert row[column["of_chain"]] == record.get("chain", "")
        assert (row[column["chain"]] == STORE) is ("run" not in record)


def test_a_number_changed_beside_its_record_changes_nothing(database: Database, ids: list[str]) -> None:
    """The record says its number itself; its checkpoint is handed out all the same."""
    execute(database, f"update audit set seq = 99 where {CHAIN} and seq = 6", job=ids[0])
    assert verdict(exported(database)) == (OK, "13 records, 3 chains, 2 checkpoints")


def test_the_table_of_one_job(database: Database, ids: list[str]) -> None:
    rows = list(csv.reader(io.StringIO("".join(table(database, job=ids[1])))))
    assert {row[0] for row in rows[1:]} == {chain_of(ids[1])}
    assert len(rows) == 6


@pytest.mark.usefixtures("ids")
def test_no_cell_is_a_formula(database: Database) -> None:
    """Spreadsheets compute what begins like this; closed words never do."""
    cells = [cell for row in csv.reader(io.StringIO("".join(table(database)))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_memory_does_not_grow_with_the_log(database: Database) -> None:
    """Twice the records, hardly more memory, writing and reading them."""

    def peak(count: int) -> int:
        with database.write() as connection:
            for _ in range(count):
                append_store(connection, database, Event.GRANT_REFRESHED, count=1)
        tracemalloc.start()
        verifier = Verifier([SIGNER.public])
        lines = jsonl(database, SIGNER)
        for number, line in enumerate(lines, 1):
            verifier.line(line.encode()[:-1], number)
        _, top = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return top

    few = peak(3 * CHUNK)
    assert peak(3 * CHUNK) < few * 1.3
