"""Dry runs: what they promise is what the run then does, for every choice and every kind of change."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.faulty_dav import FaultyDav, sample
from tests.wherry.conftest import Run, items_of, make_pim, write_card, write_event
from wherry.cli.dry_run import BATCH

FIELDS = ("new", "changed", "same", "unreadable", "gone")


@pytest.fixture
def pim(tmp_path: Path) -> Path:
    return make_pim(tmp_path / "pim")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


def plans(run: Run, *args: str) -> dict[str, dict[str, int]]:
    answer = run(*args, "--dry-run", "--json")
    assert answer.code == 0
    return {line["collection"]: {name: line[name] for name in FIELDS} for line in answer.lines}


def test_an_empty_source(run: Run, tmp_path: Path, copy: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = run("backup", str(tmp_path / "empty"), "--to", str(copy), "--dry-run")
    assert answer.code == 0
    assert re.search(r"All +\+ 0 new", answer.out)
    assert answer.out.endswith("Nothing was changed (dry run).\n")
    assert run("backup", str(tmp_path / "empty"), "--to", str(copy), "--dry-run", "--json").out == ""


@pytest.mark.parametrize(
    ("args", "names"),
    [
        ((), {"Work", "Friends"}),
        (("--only", "contacts"), {"Friends"}),
        (("--only", "calendars"), {"Work"}),
        (("--collection", "Work"), {"Work"}),
        (("--only", "calendars", "--only", "contacts"), {"Work", "Friends"}),
    ],
)
@pytest.mark.parametrize("command", ["backup", "migrate"])
def test_choices_count_here_too(
    run: Run, pim: Path, copy: Path, command: str, args: tuple[str, ...], names: set[str]
) -> None:
    assert set(plans(run, command, str(pim), "--to", str(copy), *args)) == names
    assert not copy.exists()


def test_a_choice_that_chooses_nothing(run: Run, pim: Path, copy: Path) -> None:
    answer = run("backup", str(pim), "--to", str(copy), "--dry-run", "--collection", "Wokr")
    assert answer.code == 2
    assert "Did you mean 'Work'?" in answer.err
    assert answer.out == ""


def test_a_source_that_is_not_there(run: Run, tmp_path: Path, home: Path, copy: Path) -> None:
    answer = run("backup", str(tmp_path / "nowhere"), "--to", str(copy), "--dry-run", "--json")
    assert (answer.code, answer.out) == (2, "")
    assert not (home / "wherry.db").exists()


changes = st.lists(
    st.tuples(st.sampled_from(["edit", "touch", "delete", "add", "break"]), st.integers(0, 5)), max_size=8
)


@given(changes)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_what_is_planned_is_what_is_done(
    run: Run, tmp_path_factory: pytest.TempPathFactory, some: list[tuple[str, int]]
) -> None:
    root = tmp_path_factory.mktemp("plan")
    pim, copy = make_pim(root / "pim", events=6, cards=0), root / "copy"
    run("backup", str(pim), "--to", str(copy))
    for what, number in some:
        path = pim / "Work" / f"e{number:03}.ics"
        if what == "add":
            write_event(pim / "Work", f"new{number}")
        elif what == "edit":
            write_event(pim / "Work", path.stem, summary=f"Edited {len(some)}", start="20250101T100000Z")
        elif path.exists() and what == "delete":
            path.unlink()
        elif path.exists() and what == "touch":
            os.utime(path)
        elif path.exists():
            path.write_bytes(b"BEGIN:VCALENDAR\r\n")
    (plan,) = plans(run, "backup", str(pim), "--to", str(copy)).values()
    present = len(list((pim / "Work").glob("*.ics")))
    assert sum(plan[name] for name in ("new", "changed", "same", "unreadable")) == present
    before = items_of(copy)
    summary = run("backup", str(pim), "--to", str(copy), "--json").lines[-1]
    broken = summary["failed"] + summary["skipped"]
    assert summary["changed"] + broken >= plan["new"]
    assert summary["changed"] <= plan["new"] + plan["changed"]
    assert summary["changed"] >= plan["new"] + plan["changed"] - broken
    if not some:
        assert items_of(copy) == before
    assert plans(run, "backup", str(pim), "--to", str(copy))["Work"]["new"] <= broken


def test_a_file_that_was_only_touched_has_not_changed(run: Run, pim: Path, copy: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    for path in pim.rglob("*.ics"):
        os.utime(path, ns=(1, 1))
    assert plans(run, "backup", str(pim), "--to", str(copy))["Work"] == dict.fromkeys(FIELDS, 0) | {"same": 4}


def test_more_items_in_doubt_than_one_batch(run: Run, tmp_path: Path, copy: Path) -> None:
    pim = make_pim(tmp_path / "pim", events=BATCH + 7, cards=0)
    run("backup", str(pim), "--to", str(copy))
    for path in pim.rglob("*.ics"):
        os.utime(path, ns=(1, 1))
    write_event(pim / "Work", "e003", summary="Really changed")
    found = plans(run, "backup", str(pim), "--to", str(copy))["Work"]
    assert (found["same"], found["changed"]) == (BATCH + 6, 1)


@pytest.mark.parametrize(
    ("command", "extra", "words"),
    [
        ("backup", (), "1 item gone at the source would leave the copy too."),
        ("migrate", (), "1 item gone at the source would stay in the copy."),
        ("migrate", ("--mirror",), "1 item gone at the source would leave the copy too."),
    ],
)
def test_what_is_gone_is_told_as_it_would_happen(
    run: Run, pim: Path, copy: Path, command: str, extra: tuple[str, ...], words: str
) -> None:
    run(command, str(pim), "--to", str(copy), *extra)
    (pim / "Friends" / "c000.vcf").unlink()
    answer = run(command, str(pim), "--to", str(copy), "--dry-run", *extra)
    assert words in answer.out
    assert re.search(r"All +\+ 0 new +.*- 1 gone", answer.out)


def test_signs_and_sums_of_every_kind(run: Run, pim: Path, copy: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    write_event(pim / "Work", "e000", summary="Changed for good")
    write_event(pim / "Work", "new")
    (pim / "Work" / "e001.ics").unlink()
    write_card(pim / "Friends", "new")
    answer = run("backup", str(pim), "--to", str(copy), "--dry-run")
    work = next(line for line in answer.out.splitlines() if " Work " in line)
    assert re.search(r"\+ 1 new  \* 1 changed  = 2 as they were  - 1 gone$", work)
    total = next(line for line in answer.out.splitlines() if line.strip().startswith("All"))
    assert re.search(r"\+ 2 new  \* 1 changed  = 5 as they were  - 1 gone", total)


@pytest.mark.parametrize("name", ["日本語カレンダー", "n" * 60, "émoji 👍", "x"])
def test_columns_stay_in_line_whatever_a_collection_is_called(run: Run, pim: Path, copy: Path, name: str) -> None:
    from wherry.showing import columns

    (pim / "Work" / "displayname").write_text(name, "utf-8")
    lines = [
        line for line in run("backup", str(pim), "--to", str(copy), "--dry-run").out.splitlines() if " new" in line
    ]
    starts = {columns(line[: line.index("+ ")]) for line in lines}
    assert len(starts) == (1 if columns(name) <= 26 else 2)
    assert all(re.search(r"\S  +\+ \d", line) for line in lines)


@pytest.fixture
def server(run: Run) -> Iterator[FaultyDav]:
    with FaultyDav() as running:
        work = running.store.make("calendar", "work")
        for number in range(5):
            work.put(f"{number}.ics", sample("calendar", number))
        args = ("--name", "home", "--url", running.url, "--username", "ana", "--allow-private")
        assert run("connect", "dav", *args, env={"WHERRY_PASSWORD": "pass"}).code == 0
        yield running


def test_a_server_is_only_read(run: Run, server: FaultyDav, copy: Path, pim: Path) -> None:
    assert plans(run, "backup", "dav:home", "--to", str(copy))["work"]["new"] == 5
    assert plans(run, "migrate", str(pim), "--to", "dav:home")["Work"]["new"] == 4
    assert server.count("PUT", "DELETE", "MKCALENDAR", "MKCOL", "PROPPATCH", "POST") == 0
    assert len(server.store.shelves) == 1


def test_a_signal_ends_it_with_words(environ: dict[str, str], server: FaultyDav, copy: Path) -> None:
    server.faults.switch("status", (503, {"Retry-After": "20"}, b""))
    process = subprocess.Popen(
        [sys.executable, "-m", "wherry", "backup", "dav:home", "--to", str(copy), "--dry-run", "--json"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    before = server.count("PROPFIND", "OPTIONS")
    while process.poll() is None and server.count("PROPFIND", "OPTIONS") == before:
        pass
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    server.faults.mend()
    assert process.returncode == 130
    assert out == ""
    assert '"reason": "interrupted"' in err
    assert "Nothing was changed (dry run)." in err
    assert not copy.exists()
