"""``wherry keys``: says where the key is and what needs it, makes a new one, and never shows any."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from oauth.key_list import document, read_list
from tests.oauth.keyrings import PlainKeyring, plugged
from tests.wherry.conftest import ROOT, Run
from tests.wherry.vaults import aged, fill, rotated, rotations, settings_of, shown, the_secrets
from wherry.exits import Exit
from wherry.wiring import open_database


@pytest.fixture(autouse=True)
def no_ring() -> Iterator[None]:
    """Lend a machine without a keyring, whatever this one has."""
    with plugged(PlainKeyring()):
        yield


def keys_of(home: Path) -> list[str]:
    """Return every key of the key file, as somebody might find it written."""
    found = read_list(document(home / "secrets" / "vault-key", 1.0))
    assert found is not None
    raw = [listed.key for listed in found.keys.values() if listed.key is not None]
    return [text for key in raw for text in (b64encode(key).decode(), key.hex())]


# show


def test_a_vault_without_a_key_gets_none_by_looking(run: Run, home: Path) -> None:
    answer = run("keys", "show")
    assert answer.code == Exit.DONE
    assert "no key yet" in answer.out
    assert shown(run) == {"v": 1, "type": "keys", "kept": None, "why": None, "keys": [], "unreadable": 0}
    assert not (home / "secrets").exists()


def test_where_it_is_and_why_and_what_needs_it(run: Run, home: Path) -> None:
    before = time.time()
    fill(settings_of(home), grants=3)
    line = shown(run)
    assert line["kept"] == f"the key file {home}/secrets/vault-key"
    assert line["why"] == "the vault's key is there already"
    (key,) = line["keys"]
    assert (key["state"], key["grants"], key["retired"]) == ("newest", 3, None)
    assert before <= key["made"] <= time.time()
    answer = run("keys", "show")
    assert re.search(rf"^{key['id']}  newest  \d{{4}}-\d\d-\d\d \d\d:\d\d +- +3$", answer.out, re.MULTILINE)
    assert f"{home}/secrets/vault-key" in answer.out


def test_no_key_is_ever_shown(run: Run, home: Path) -> None:
    fill(settings_of(home))
    said = ""
    for _ in range(2):
        for words in (("show",), ("rotate",), ("show", "--json"), ("rotate", "--json"), ("show", "-v")):
            answer = run("keys", *words)
            assert answer.code == Exit.DONE
            said += answer.out + answer.err
    said += (home / "wherry.log").read_text() + json.dumps(rotations(home))
    assert [key for key in keys_of(home) if key in said or key.rstrip("=") in said] == []


def test_a_key_that_is_gone_is_named_by_what_needs_it(run: Run, home: Path) -> None:
    fill(settings_of(home), grants=2)
    key = shown(run)["keys"][0]["id"]
    (home / "secrets" / "vault-key").unlink()
    answer = run("keys", "show", "--json")
    assert (answer.code, answer.out) == (Exit.ACCESS, "")
    error = json.loads(answer.err)
    assert error["reason"] == "key-missing"
    assert key in error["detail"]
    for words in (("rotate",), ("rotate", "--finish")):
        assert run("keys", *words).code == Exit.ACCESS
    assert not (home / "secrets" / "vault-key").exists(), "a new key would open none of them"
    assert rotations(home) == []


def test_an_older_list_put_back_misses_the_newer_key(run: Run, home: Path) -> None:
    fill(settings_of(home), grants=2)
    file = home / "secrets" / "vault-key"
    backup = file.read_bytes()
    newest = rotated(run)["newest"]
    file.write_bytes(backup)
    states = {key["state"]: key for key in shown(run, Exit.ACCESS)["keys"]}
    assert (states["missing"]["id"], states["missing"]["grants"]) == (newest, 2)
    answer = run("keys", "show")
    assert answer.code == Exit.ACCESS
    assert "Put the key back" in answer.err
    assert "missing" in answer.out


def test_a_row_that_names_no_key_is_counted(run: Run, home: Path) -> None:
    ids = fill(settings_of(home), grants=2)
    with closing(open_database(settings_of(home))) as database, database.write() as connection:
        connection.exec_driver_sql("update grants set data_key = 'canary-odd' where id = ?", (ids[0],))
    line = shown(run, Exit.ACCESS)
    assert (line["unreadable"], line["keys"][0]["grants"]) == (1, 1)
    answer = run("keys", "show")
    assert "canary-odd" not in answer.out + answer.err
    assert rotated(run, code=Exit.ACCESS)["unreadable"] == 1
    assert rotations(home)[-1]["outcome"] == "unreadable"
    assert "1 access could not be opened and stays as it was" in run("keys", "rotate", "-q").err


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (lambda file: file.chmod(0o644), "unsafe-file"),
        (lambda file: file.write_text("{"), "bad-vault"),
        (lambda file: file.parent.chmod(0o755), "unsafe-file"),
    ],
    ids=["open-file", "damaged", "open-folder"],
)
@pytest.mark.parametrize("what", ["show", "rotate"])
def test_a_key_file_that_cannot_be_trusted(run: Run, home: Path, fault: Any, reason: str, what: str) -> None:
    fill(settings_of(home))
    file = home / "secrets" / "vault-key"
    fault(file)
    content = file.read_bytes()
    answer = run("keys", what, "--json")
    assert (answer.code, answer.out) == (Exit.ACCESS, "")
    assert json.loads(answer.err)["reason"] == reason
    assert file.read_bytes() == content
    assert rotations(home) == []


# rotate


def test_a_rotation_wraps_everything_anew_and_changes_no_secret(run: Run, home: Path) -> None:
    settings = settings_of(home)
    fill(settings, grants=3)
    (old,) = (key["id"] for key in shown(run)["keys"])
    secrets = the_secrets(settings)
    line = rotated(run)
    assert (line["rewrapped"], line["waiting"], line["destroyed"], line["spent"]) == (3, [old], [], [])
    assert the_secrets(settings) == secrets
    newest, older = shown(run)["keys"]
    assert (newest["id"], newest["grants"]) == (line["newest"], 3)
    assert (older["id"], older["state"], older["grants"]) == (old, "older", 0)
    assert older["retired"] == newest["made"]


def test_a_rotation_is_on_record_without_names(run: Run, home: Path) -> None:
    fill(settings_of(home), grants=2)
    line = rotated(run)
    begun, done = rotations(home)
    assert (begun["outcome"], "count" in begun) == ("begun", False)
    assert (done["outcome"], done["count"]) == ("done", 2)
    for record in (begun, done):
        assert record["key_id"] == line["newest"]
        assert (record["actor"], record["purpose"]) == ({"kind": "user"}, "administration")
        assert str(home) not in json.dumps(record)
    log = home / "log.jsonl"
    assert run("audit", "export", str(log)).code == Exit.DONE
    assert run("audit", "verify", str(log)).code == Exit.DONE


def test_an_old_key_is_destroyed_an_hour_later(run: Run, home: Path) -> None:
    fill(settings_of(home))
    (old,) = (key["id"] for key in shown(run)["keys"])
    newest = rotated(run)["newest"]
    assert "wherry keys rotate --finish" in run("keys", "rotate", "--finish").out
    aged(home, 3500)
    assert rotated(run, "--finish")["waiting"] == [old]
    aged(home, 200)
    answer = run("keys", "rotate", "--finish")
    assert f"Destroyed, because nothing needs it: {old}." in answer.out
    assert [key["id"] for key in shown(run)["keys"]] == [newest]
    assert len(the_secrets(settings_of(home))) == 1


def test_finishing_makes_no_key_and_wraps_what_was_left(run: Run, home: Path) -> None:
    settings = settings_of(home)
    ids = fill(settings, grants=2)
    with closing(open_database(settings)) as database, database.read() as connection:
        select = "select data_key from grants where id = ?"
        left = connection.exec_driver_sql(select, (ids[0],)).scalar_one()
    newest = rotated(run)["newest"]
    with closing(open_database(settings)) as database, database.write() as connection:
        connection.exec_driver_sql("update grants set data_key = ? where id = ?", (left, ids[0]))
    line = rotated(run, "--finish")
    assert (line["newest"], line["rewrapped"]) == (newest, 1)
    assert rotated(run, "--finish")["rewrapped"] == 0
    assert [each["outcome"] for each in rotations(home)] == ["begun", "done", "done", "done"]


def test_rotating_again_and_again(run: Run, home: Path) -> None:
    settings = settings_of(home)
    fill(settings, grants=2)
    secrets = the_secrets(settings)
    newest = [rotated(run)["newest"] for _ in range(3)]
    assert len(set(newest)) == 3
    assert [key["grants"] for key in shown(run)["keys"]] == [2, 0, 0, 0]
    assert the_secrets(settings) == secrets


def test_a_vault_without_a_key_has_nothing_to_rotate(run: Run, home: Path) -> None:
    assert "no key yet" in run("keys", "rotate").out
    assert rotated(run)["newest"] is None
    assert not (home / "secrets").exists()
    assert rotations(home) == []


def test_quiet_says_only_what_is_wrong(run: Run, home: Path) -> None:
    fill(settings_of(home))
    answer = run("keys", "rotate", "-q")
    assert (answer.code, answer.out, answer.err) == (Exit.DONE, "", "")


def test_killed_at_each_line_it_can_be_run_again(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.wherry.key_crashes", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30, "it was killed at every line"


def test_two_at_the_same_time_lose_nothing(environ: dict[str, str], home: Path) -> None:
    settings = settings_of(home)
    fill(settings, grants=3)
    secrets = the_secrets(settings)
    command = [sys.executable, "-m", "wherry", "keys", "rotate", "--json"]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, env=environ, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    said = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert the_secrets(settings) == secrets
    made = {json.loads(out)["newest"] for out, _ in said}
    assert made <= {each["key_id"] for each in rotations(home)}
    assert [each["outcome"] for each in rotations(home)].count("done") == 3


@pytest.mark.parametrize("words", [(), ("list",), ("show", "--finish"), ("show", "x"), ("rotate", "now")])
def test_what_makes_no_sense_is_refused(run: Run, home: Path, words: tuple[str, ...]) -> None:
    answer = run("keys", *words)
    assert (answer.code, answer.out) == (Exit.USAGE, "")
    assert not (home / "wherry.db").exists()


def test_the_page_shows_every_variable(run: Run) -> None:
    from wherry.settings import _VARIABLES

    page = run("help", "scripting").out
    assert [name for name in _VARIABLES if name not in page] == []
