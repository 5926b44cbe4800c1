"""``wherry audit forget-names``: after a typed yes nobody finds out whose the records are; the log still verifies."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from oauth.audit import pseudonym
from tests.wherry.conftest import Run, make_pim
from wherry.exits import Exit


@pytest.fixture
def copied(run: Run, tmp_path: Path) -> str:
    """Back a folder up; return how the log names the place."""
    pim = make_pim(tmp_path / "pim")
    assert run("backup", str(pim), "--to", str(tmp_path / "copy")).code == Exit.DONE
    return f"vdir:{pim}"


def fetch(home: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(home / "wherry.db")) as database:
        return database.execute(statement).fetchall()


def pepper(home: Path) -> bytes:
    ((found,),) = fetch(home, "select pepper from audit_pepper")
    return bytes.fromhex(found)


def records(home: Path) -> list[dict[str, Any]]:
    return [json.loads(record) for (record,) in fetch(home, "select record from audit order by chain, seq")]


def about(home: Path, place: str) -> int:
    """Return how many records somebody with the database finds to be about *place*."""
    name = pseudonym(pepper(home), "place", place)
    return sum(name in {each.get("source_id"), each.get("destination_id")} for each in records(home))


def test_after_yes_nobody_finds_whose_records_they_are(run: Run, home: Path, copied: str) -> None:
    before = pepper(home)
    assert about(home, copied) > 0, "until now it can be found out"
    kept = records(home)
    answer = run("audit", "forget-names", input="yes\n")
    assert answer.code == Exit.DONE
    assert "is destroyed" in answer.out
    assert about(home, copied) == 0
    assert pepper(home) != before
    assert [each for each in records(home) if each in kept] == kept, "no record is touched"


def test_the_old_key_is_nowhere_in_the_state_folder(run: Run, home: Path, copied: str) -> None:
    assert copied
    before = pepper(home)
    # While somebody else has the database open, its journal outlives the command.
    with closing(sqlite3.connect(home / "wherry.db")) as beside:
        beside.execute("select count(*) from job").fetchall()
        assert run("audit", "forget-names", input="yes\n").code == Exit.DONE
        assert (home / "wherry.db-wal").exists()
        for file in home.rglob("*"):
            content = file.read_bytes() if file.is_file() else b""
            assert before.hex().encode() not in content, file.name
            assert before not in content, file.name


def test_it_is_on_record_and_the_log_verifies(run: Run, home: Path, copied: str, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.jsonl"
    assert run("audit", "export", str(earlier)).code == Exit.DONE
    assert run("audit", "forget-names", input="yes\n").code == Exit.DONE
    (record,) = (each for each in records(home) if each["event"] == "pepper.destroyed")
    assert (record["purpose"], record["actor"]["kind"]) == ("erasure", "operator")
    later = tmp_path / "later.jsonl"
    assert run("audit", "export", str(later)).code == Exit.DONE
    for log in (earlier, later):
        assert run("audit", "verify", str(log)).code == Exit.DONE
    assert copied not in later.read_text()


def test_later_records_have_other_pseudonyms(run: Run, home: Path, copied: str, tmp_path: Path) -> None:
    def sources() -> set[str]:
        return {each["source_id"] for each in records(home) if "source_id" in each}

    before = sources()
    assert run("audit", "forget-names", input="yes\n").code == Exit.DONE
    place = copied.removeprefix("vdir:")
    assert run("backup", place, "--to", str(tmp_path / "other")).code == Exit.DONE
    assert sources() - before
    assert about(home, copied) == sum(each.get("source_id") in sources() - before for each in records(home)) > 0


@pytest.mark.parametrize("said", ["no\n", "y\n", "\n", "yes please\n", "ja\n"])
def test_anything_but_yes_changes_nothing(run: Run, home: Path, copied: str, said: str) -> None:
    before, kept = pepper(home), records(home)
    answer = run("audit", "forget-names", input=said)
    assert (answer.code, answer.out) == (Exit.ACCESS, "")
    assert "You did not type yes" in answer.err
    assert "Nothing was changed." in answer.err
    assert (pepper(home), records(home)) == (before, kept)
    assert about(home, copied) > 0


@pytest.mark.parametrize("said", ["yes\n", "YES\n", "  yes  \n", "yes"])
def test_yes_as_people_type_it(run: Run, home: Path, copied: str, said: str) -> None:
    assert run("audit", "forget-names", input=said).code == Exit.DONE
    assert about(home, copied) == 0


def test_without_anybody_to_ask_nothing_happens(process: Run, run: Run, home: Path, copied: str) -> None:
    before, kept = pepper(home), records(home)
    answer = process("audit", "forget-names", "--json")
    assert (answer.code, answer.out) == (Exit.USAGE, "")
    error = json.loads(answer.err.splitlines()[-1])
    assert error["reason"] == "nobody-to-ask"
    assert "password" not in error["what_to_do"], "that advice is for another question"
    assert (pepper(home), records(home)) == (before, kept)
    assert run("audit", "forget-names", input="").code == Exit.USAGE
    assert about(home, copied) > 0


def test_what_becomes_impossible_is_said_before_it_is_asked(run: Run, home: Path, copied: str) -> None:
    assert copied
    said = run("audit", "forget-names", input="no\n").err
    words = " ".join(said.partition("Type yes")[0].split())
    assert "cannot be brought back" in words
    assert f"(there are {len(records(home)):,})" in words
    assert "that person's own question" in words
    assert "A backup of the state database from before still holds the key." in words


def test_for_programs(run: Run, home: Path, copied: str) -> None:
    assert copied
    count = len(records(home))
    answer = run("audit", "forget-names", "--json", input="yes\n")
    assert answer.lines == [{"v": 1, "type": "names_forgotten", "records": count}]
    assert run("audit", "forget-names", "-q", input="yes\n").out == ""


def test_again_and_on_an_empty_log(run: Run, home: Path) -> None:
    for number in range(3):
        answer = run("audit", "forget-names", "--json", input="yes\n")
        assert answer.lines[0]["records"] == number
    assert [each["event"] for each in records(home)] == ["pepper.destroyed"] * 3
