"""``wherry audit``: export and verify, after real backups, and nothing personal in the log."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import wherry.audit_verify
from simulators.faulty_dav import FaultyDav, sample
from tests.wherry.conftest import Run, make_pim, write_card, write_event
from wherry.audit_verify import BAD_SIGNATURE, BROKEN, OK, TRUNCATED, UNREADABLE
from wherry.exits import VERIFIED, Exit

VERIFIER = Path(wherry.audit_verify.__file__)


@pytest.fixture
def copied(run: Run, tmp_path: Path) -> str:
    """Back a folder up; return the job's id."""
    answer = run("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "copy"), "--json")
    assert answer.code == Exit.DONE, answer.err
    return answer.job


@pytest.fixture
def log(run: Run, copied: str, tmp_path: Path) -> Path:
    """Export everything."""
    assert copied
    assert run("audit", "export", str(tmp_path / "log.jsonl")).code == Exit.DONE
    return tmp_path / "log.jsonl"


def database(home: Path) -> sqlite3.Connection:
    return sqlite3.connect(home / "wherry.db")


def alone(log: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier as a reviewer does: one file, far from the rest, with nothing of ours to import."""
    place = log.parent / "reviewer"
    place.mkdir(exist_ok=True)
    shutil.copy(VERIFIER, place / "audit_verify.py")
    command = [sys.executable, "-I", "-S", "audit_verify.py", str(log), *arguments]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False, timeout=60)


def test_an_export_verifies(run: Run, log: Path) -> None:
    answer = run("audit", "verify", str(log))
    assert answer.code == Exit.DONE
    assert "as it was written" in answer.out
    assert "2 signed checkpoints" in answer.out


def test_an_export_verifies_elsewhere_with_the_key_beside_it(run: Run, log: Path, tmp_path: Path) -> None:
    answer = run("audit", "verify", str(log), "--pubkey", f"{log}.pub", env={"WHERRY_HOME": str(tmp_path / "nowhere")})
    assert answer.code == Exit.DONE, answer.err


def test_the_verifier_needs_nothing_of_ours(log: Path) -> None:
    done = alone(log, "--pubkey", f"{log}.pub")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ok: ")
    digits = Path(f"{log}.pub").read_text().strip()
    assert alone(log, "--pubkey", digits).returncode == 0


def test_the_verifier_imports_the_standard_library_only() -> None:
    lines = VERIFIER.read_text().splitlines()
    imports = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert {name.partition(".")[0] for name in imports} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        pytest.param(lambda text: text.replace('"count":4', '"count":5', 1), BROKEN, id="changed"),
        pytest.param(lambda text: text[: len(text) // 2], TRUNCATED, id="cut"),
        pytest.param(lambda text: text[:0], TRUNCATED, id="empty"),
        pytest.param(
            lambda text: text[:-10] + ("0" if text[-10] != "0" else "1") + text[-9:],
            BAD_SIGNATURE,
            id="another-signature",
        ),
        pytest.param(lambda text: "not a log\n" + text, BROKEN, id="no-log"),
    ],
)
def test_what_was_changed_has_a_code_of_its_own_with_us_and_alone(
    damage: object, code: int, run: Run, log: Path
) -> None:
    assert callable(damage)
    log.write_text(damage(log.read_text()))
    answer = run("audit", "verify", str(log))
    assert answer.code == code
    assert "is not as it was written" in answer.out
    assert answer.err == ""
    assert run("audit", "verify", str(log), "-q").out == answer.out
    done = alone(log, "--pubkey", f"{log}.pub")
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.strip() in answer.out
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("missing.jsonl", "--pubkey", "0" * 64), id="no-file"),
        pytest.param((".", "--pubkey", "0" * 64), id="a-folder"),
        pytest.param(("audit_verify.py", "--pubkey", "missing.pub"), id="no-key-file"),
        pytest.param(("audit_verify.py", "--pubkey", "z" * 64), id="no-hex"),
        pytest.param(("audit_verify.py", "--pubkey", "audit_verify.py"), id="no-key-in-the-file"),
        pytest.param(("audit_verify.py",), id="no-key"),
        pytest.param((), id="nothing"),
    ],
)
def test_what_the_verifier_cannot_read_is_its_own_answer(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Not 2: that says that somebody changed the log."""
    shutil.copy(VERIFIER, tmp_path / "audit_verify.py")
    done = subprocess.run(
        [sys.executable, "-I", "audit_verify.py", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_another_home_s_key_is_not_ours(run: Run, log: Path, tmp_path: Path) -> None:
    other = {"WHERRY_HOME": str(tmp_path / "other")}
    assert run("audit", "export", str(tmp_path / "theirs.jsonl"), env=other).code == Exit.DONE
    assert run("audit", "verify", str(log), env=other).code == BAD_SIGNATURE
    assert run("audit", "verify", str(tmp_path / "theirs.jsonl")).code == BAD_SIGNATURE


def test_without_a_key_there_is_nothing_to_verify_with(run: Run, log: Path, tmp_path: Path) -> None:
    answer = run("audit", "verify", str(log), env={"WHERRY_HOME": str(tmp_path / "new")})
    assert (answer.code, answer.out) == (UNREADABLE, "")
    assert "--pubkey" in answer.err
    assert not (tmp_path / "new" / "secrets").exists(), "looking makes no key"


def test_one_job(run: Run, copied: str, tmp_path: Path) -> None:
    second = run("backup", str(tmp_path / "pim"), "--to", str(tmp_path / "again"), "--json").job
    log = tmp_path / "one.jsonl"
    assert run("audit", "export", str(log), "--job", copied).code == Exit.DONE
    assert run("audit", "verify", str(log)).code == Exit.DONE
    assert second not in log.read_text()
    assert {json.loads(line)["chain"] for line in log.read_text().splitlines() if '"record":' in line} == {
        f"job:{copied}"
    }


def test_a_table(run: Run, copied: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    answer = run("audit", "export", str(path), "--format", "csv", "--job", copied)
    assert answer.code == Exit.DONE
    assert "cannot be verified" in answer.err
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [row["event"] for row in rows if row["event"] == "page.settled"]
    assert not Path(f"{path}.pub").exists()
    assert run("audit", "verify", str(path)).code == BROKEN


def test_answers_for_programs(run: Run, log: Path, tmp_path: Path) -> None:
    (line,) = run("audit", "export", str(tmp_path / "again.jsonl"), "--json").lines
    assert (line["type"], line["lines"]) == ("audit_export", len((tmp_path / "again.jsonl").read_text().splitlines()))
    (line,) = run("audit", "verify", str(log), "--json").lines
    assert (line["good"], line["exit_code"], line["chains"], line["why"]) == (True, 0, 2, "")
    log.write_text(log.read_text()[:500])
    (line,) = run("audit", "verify", str(log), "--json").lines
    assert (line["good"], line["exit_code"]) == (False, TRUNCATED)
    assert line["why"]


def test_quiet(run: Run, log: Path) -> None:
    answer = run("audit", "verify", str(log), "-q")
    assert (answer.code, answer.out, answer.err) == (0, "", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit",),
        ("audit", "export"),
        ("audit", "delete", "x"),
        ("audit", "export", "x", "--pubkey", "0" * 64),
        ("audit", "verify", "x", "--job", "7f3a"),
        ("audit", "verify", "x", "--format", "csv"),
        ("audit", "export", "x", "--format", "xml"),
        ("audit", "verify"),
        ("audit", "verify", "x", "--config", "/no/such/settings.toml"),
        ("audit", "forget-names", "x"),
        ("audit", "forget-names", "--job", "7f3a"),
        ("audit", "forget-names", "--pubkey", "0" * 64),
    ],
    ids=lambda words: "-".join(words)[:30],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], run: Run) -> None:
    answer = run(*arguments)
    assert (answer.code, answer.out) == (Exit.USAGE, "")
    assert answer.err.startswith("wherry: "), "what tells this 2 from a broken log"
    assert "Traceback" not in answer.err


def test_a_broken_log_and_a_wrong_command_line_are_told_apart(run: Run, log: Path) -> None:
    """Both end with 2: whoever reads standard output, or JSON, knows which it was."""
    log.write_text(log.read_text().replace('"count":4', '"count":5', 1))
    broken, wrong = run("audit", "verify", str(log), "--json"), run("audit", "verify", "--json")
    assert broken.code == wrong.code == BROKEN == Exit.USAGE
    (line,) = broken.lines
    assert (line["good"], line["exit_code"], broken.err) == (False, BROKEN, "")
    assert "broken at seq" in line["why"]
    assert wrong.out == ""
    assert json.loads(wrong.err)["reason"] == "usage"


def test_our_own_key_open_to_others_verifies_nothing(run: Run, log: Path, home: Path) -> None:
    (home / "secrets" / "audit-key").chmod(0o644)
    answer = run("audit", "verify", str(log))
    assert (answer.code, answer.out) == (Exit.ACCESS, "")
    assert run("audit", "verify", str(log), "--pubkey", f"{log}.pub").code == OK


def test_the_answers_are_those_of_the_single_file_and_on_the_pages(run: Run) -> None:
    assert list(VERIFIED) == [OK, UNREADABLE, BROKEN, TRUNCATED, BAD_SIGNATURE]
    page, topic = (" ".join(run(*words).out.split()) for words in (("audit", "--help"), ("help", "exit-codes")))
    for code, meaning in VERIFIED.items():
        assert f"{code} {meaning}" in page
        assert f"{code} {meaning}" in topic


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("export", "{}/log", "--job", "zzzz"), Exit.UNKNOWN_NAME),
        (("export", "{}/no/such/folder/log"), Exit.UNEXPECTED),
        (("export", "{}"), Exit.UNEXPECTED),
        (("verify", "{}/missing"), Exit.UNEXPECTED),
        (("verify", "{}"), Exit.UNEXPECTED),
        (("verify", "{}/log", "--pubkey", "{}/missing"), Exit.UNEXPECTED),
        (("verify", "{}/log", "--pubkey", "nonsense" * 8), Exit.UNEXPECTED),
    ],
    ids=["no-job", "no-folder", "onto-a-folder", "no-log", "a-folder", "no-key-file", "no-key"],
)
def test_what_is_not_there_is_named(
    arguments: tuple[str, ...], code: Exit, run: Run, copied: str, tmp_path: Path
) -> None:
    assert copied
    run("audit", "export", str(tmp_path / "own"))
    answer = run("audit", *(word.format(tmp_path) for word in arguments))
    assert answer.code == code, answer.err
    assert "Traceback" not in answer.err


def test_the_export_is_for_its_owner(log: Path, home: Path) -> None:
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "secrets" / "audit-key").stat().st_mode) == 0o600


# Checkpoints, as runs leave them.


def signed(home: Path) -> list[tuple[str, int]]:
    with database(home) as connection:
        return connection.execute("select chain, seq from audit_checkpoint order by chain, seq").fetchall()


def test_every_run_ends_signed(run: Run, copied: str, home: Path, tmp_path: Path) -> None:
    assert [chain for chain, _ in signed(home)] == [f"job:{copied}", "store"]
    run("backup", str(tmp_path / "pim"), "--to", str(tmp_path / "copy"))
    assert [chain for chain, _ in signed(home)] == [f"job:{copied}"] * 2 + ["store"] * 2


def test_a_signature_that_is_owed_is_made_by_the_next_run(run: Run, copied: str, home: Path, tmp_path: Path) -> None:
    """As if the process had died between the end of the job and the checkpoint."""
    with database(home) as connection:
        connection.execute("delete from audit_checkpoint")
    run("backup", str(tmp_path / "pim"), "--to", str(tmp_path / "other"))
    assert {chain for chain, _ in signed(home)} >= {f"job:{copied}", "store"}
    assert run("audit", "export", str(tmp_path / "log")).code == Exit.DONE
    assert run("audit", "verify", str(tmp_path / "log")).code == Exit.DONE


def test_an_export_signs_what_is_owed(run: Run, copied: str, home: Path, tmp_path: Path) -> None:
    with database(home) as connection:
        connection.execute("delete from audit_checkpoint")
    run("audit", "export", str(tmp_path / "log"))
    assert f"job:{copied}" in {chain for chain, _ in signed(home)}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_somebody_else_s_key_signs_nothing(run: Run, copied: str, home: Path, tmp_path: Path) -> None:
    assert copied
    os.chown(home / "secrets" / "audit-key", 12345, 12345)
    assert run("audit", "export", str(tmp_path / "log")).code == Exit.ACCESS


def test_a_key_that_cannot_be_used_fails_no_backup(run: Run, copied: str, home: Path, tmp_path: Path) -> None:
    key = home / "secrets" / "audit-key"
    key.chmod(0o644)
    before = signed(home)
    assert run("backup", str(tmp_path / "pim"), "--to", str(tmp_path / "copy")).code == Exit.DONE
    assert signed(home) == before, "the signature is owed"
    assert "audit checkpoints stay owed" in (home / "wherry.log").read_text()
    assert run("audit", "export", str(tmp_path / "log")).code == Exit.ACCESS
    key.chmod(0o600)
    run("backup", str(tmp_path / "pim"), "--to", str(tmp_path / "copy"))
    assert f"job:{copied}" in {chain for chain, _ in signed(home)}
    assert len(signed(home)) > len(before)


def test_a_tampered_database_is_found_out(run: Run, copied: str, home: Path, tmp_path: Path) -> None:
    with database(home) as connection:
        connection.execute(
            "update audit set record = replace(record, '\"count\":4', '\"count\":3') where chain = ?",
            (f"job:{copied}",),
        )
    run("audit", "export", str(tmp_path / "log"))
    answer = run("audit", "verify", str(tmp_path / "log"))
    assert answer.code == BROKEN
    assert f"job:{copied} is broken at seq" in answer.out


# Nothing personal.

CANARIES = (
    "canary-item",
    "Canary Summary",
    "canary-uid",
    "canary-collection",
    "canary-user",
    "canary-pass",
    "canary-acct",
)


def canaried(server: FaultyDav) -> None:
    work = server.store.make("calendar", "canary-collection")
    for number in range(3):
        body = sample("calendar", number)
        work.put(f"canary-item-{number}.ics", body.replace(b"SUMMARY:", b"SUMMARY:Canary Summary "))


def test_a_real_backup_leaves_nothing_personal_in_the_log(run: Run, home: Path, tmp_path: Path) -> None:
    with FaultyDav() as server:
        canaried(server)
        connect = ("connect", "dav", "--name", "canary-acct", "--url", server.url, "--username", "canary-user")
        assert run(*connect, "--allow-private", env={"WHERRY_PASSWORD": "canary-pass"}).code == Exit.DONE
        answer = run("backup", "dav:canary-acct", "--to", str(tmp_path / "canary-folder"), "--json")
        assert answer.code == Exit.DONE, answer.err
        host = server.url.split("/")[2]
    run("audit", "export", str(tmp_path / "log.jsonl"))
    run("audit", "export", str(tmp_path / "log.csv"), "--format", "csv")
    with database(home) as connection:
        stored = "".join(row[0] for row in connection.execute("select record from audit"))
    personal = (*CANARIES, "canary", host, str(tmp_path), "127.0.0.1", os.uname().nodename)
    for text in (stored, (tmp_path / "log.jsonl").read_text(), (tmp_path / "log.csv").read_text()):
        assert "page.settled" in text
        assert [word for word in personal if word.lower() in text.lower()] == []
    with database(home) as connection:
        assert "canary" in "".join(map(str, connection.execute("select * from job").fetchall())), (
            "they were there to leak"
        )


def test_folders_and_files_leave_nothing_personal_either(run: Run, tmp_path: Path) -> None:
    pim = tmp_path / "Anas Kalender"
    write_event(pim / "Geheim", "secret-event", summary="Scheidung")
    write_event(pim / "Geheim", "secret-other", summary="Anwalt")
    write_card(pim / "Freunde", "secret-card", full="Bruno Geheim")
    assert run("backup", str(pim), "--to", str(tmp_path / "Kopie")).code == Exit.DONE
    (pim / "Geheim" / "secret-event.ics").unlink()
    run("backup", str(pim), "--to", str(tmp_path / "Kopie"))
    run("audit", "export", str(tmp_path / "log.jsonl"))
    text = (tmp_path / "log.jsonl").read_text()
    assert "items.removed" in text
    words = ("Anas", "Geheim", "Freunde", "Bruno", "Scheidung", "secret", "Kopie", "example.org", "vcf", "ics")
    assert [word for word in words if word.lower() in text.lower()] == []
