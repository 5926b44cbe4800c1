"""The JSON lines, closed: every line of every command has exactly the fields of its type, of the types said here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulators.faulty_dav import FaultyDav, sample
from tests.wherry.conftest import Answer, Run, make_pim, write_card, write_event
from wherry.cli.pages import SCRIPTING
from wherry.exits import Exit
from wherry.explain import REASONS, UNEXPECTED

TEXT, WHOLE, FLAG, NUMBER = (str,), (int,), (bool,), (int, float)
MAYBE_TEXT, MAYBE_WHOLE, MAYBE_NUMBER = (str, type(None)), (int, type(None)), (int, float, type(None))
LIST = (list,)

COUNTS = {"present": WHOLE, "copied": WHOLE, "skipped": WHOLE, "failed": WHOLE}
JOB = {"job": TEXT, "kind": TEXT, "source": TEXT, "destination": TEXT}
SCHEMA: dict[str, dict[str, tuple[type, ...]]] = {
    "job": {**JOB, "run": WHOLE, "resumed": FLAG},
    "phase": {"job": TEXT, "phase": TEXT},
    "estimate": {"job": TEXT, "collections": WHOLE, "items": WHOLE},
    "progress": {
        "job": TEXT,
        "phase": TEXT,
        "collection": TEXT,
        "done": WHOLE,
        "total": WHOLE,
        "bytes": WHOLE,
        "problems": WHOLE,
        "rate": MAYBE_NUMBER,
        "eta_s": MAYBE_WHOLE,
    },
    "item": {
        "job": TEXT,
        "collection": TEXT,
        "ref": TEXT,
        "outcome": TEXT,
        "reason": MAYBE_TEXT,
        "detail": MAYBE_TEXT,
        "retry": FLAG,
    },
    "note": {"job": TEXT, "collection": TEXT, "reason": TEXT, "detail": TEXT},
    "waiting": {"job": TEXT, "seconds": NUMBER, "reason": TEXT},
    "summary": {
        "job": TEXT,
        "state": TEXT,
        "run": WHOLE,
        **COUNTS,
        "gone": WHOLE,
        "changed": MAYBE_WHOLE,
        "removed": MAYBE_WHOLE,
        "bytes": MAYBE_WHOLE,
        "seconds": MAYBE_NUMBER,
        "verified": MAYBE_WHOLE,
        "verified_how": MAYBE_TEXT,
        "fidelity": (dict, type(None)),
        "verdict": TEXT,
        "exit_code": WHOLE,
    },
    "exit_error": {"code": WHOLE, "reason": TEXT, "title": TEXT, "detail": TEXT, "what_to_do": TEXT},
    "status": {
        **JOB,
        "state": TEXT,
        "phase": TEXT,
        "run": WHOLE,
        **COUNTS,
        "started_at": MAYBE_NUMBER,
        "ended_at": MAYBE_NUMBER,
        "reason": MAYBE_TEXT,
    },
    "report": {
        **JOB,
        "state": TEXT,
        "run": WHOLE,
        **COUNTS,
        "gone": WHOLE,
        "verdict": TEXT,
        "verified": WHOLE,
        "verified_run": WHOLE,
        "verified_how": MAYBE_TEXT,
        "fidelity": (dict, type(None)),
    },
    "collection": {"name": TEXT, "kind": TEXT, **COUNTS, "gone": WHOLE},
    "problem": {
        "collection": TEXT,
        "kind": TEXT,
        "item": TEXT,
        "outcome": TEXT,
        "reason": MAYBE_TEXT,
        "detail": MAYBE_TEXT,
    },
    "loss": {"collection": TEXT, "kind": TEXT, "item": TEXT, "fate": TEXT, "leaves": LIST, "more": WHOLE},
    "day": {"day": WHOLE, "source": WHOLE, "copied": WHOLE},
    "plan": {
        "collection": TEXT,
        "kind": TEXT,
        "present": WHOLE,
        "new": WHOLE,
        "changed": WHOLE,
        "same": WHOLE,
        "unreadable": WHOLE,
        "gone": WHOLE,
        "bytes": MAYBE_WHOLE,
        "mapped_to": MAYBE_TEXT,
        "refused": MAYBE_TEXT,
    },
    "difference": {"collection": TEXT, "ref": TEXT, "what": TEXT},
    "verdict": {
        "job": TEXT,
        "good": FLAG,
        "same": WHOLE,
        "differing": WHOLE,
        "missing": WHOLE,
        "unreadable": WHOLE,
        "not_copied": WHOLE,
        "newer": WHOLE,
        "new_at_source": WHOLE,
        "gone_at_source": WHOLE,
        "extra": WHOLE,
        "exit_code": WHOLE,
    },
    "wish": {"job": TEXT, "want": TEXT, "state": TEXT},
    "version": {
        "version": TEXT,
        "collection": TEXT,
        "item": TEXT,
        "when": TEXT,
        "why": TEXT,
        "size": WHOLE,
        "kept": TEXT,
    },
    "restored": {
        "version": TEXT,
        "collection": TEXT,
        "item": TEXT,
        "when": TEXT,
        "why": TEXT,
        "size": WHOLE,
        "kept": TEXT,
        "path": TEXT,
    },
    "exported": {"file": TEXT, "items": WHOLE, "left_out": LIST},
    "check": {"check": TEXT, "ok": FLAG, "words": TEXT, "what_to_do": TEXT},
    "audit_export": {"file": TEXT, "lines": WHOLE},
    "audit_verify": {
        "good": FLAG,
        "records": WHOLE,
        "chains": WHOLE,
        "checkpoints": WHOLE,
        "why": TEXT,
        "exit_code": WHOLE,
    },
    "names_forgotten": {"records": WHOLE},
    "keys": {"kept": MAYBE_TEXT, "why": MAYBE_TEXT, "keys": LIST, "unreadable": WHOLE},
    "keys_rotated": {
        "newest": MAYBE_TEXT,
        "rewrapped": WHOLE,
        "destroyed": LIST,
        "spent": LIST,
        "waiting": LIST,
        "unreadable": WHOLE,
        "exit_code": WHOLE,
    },
}
"""Type of a line -> its fields and what they may be. Lines of connect, accounts and disconnect have their own tests."""

STATES = {"ready", "leased", "paused", "needs_user", "stopped", "done", "done_with_problems", "cancelled", "failed"}
PHASES = {"collections", "copy", "verify", "finishing"}
KINDS = {"event", "contact", "message", "file"}


def wrong_with(line: dict[str, Any]) -> list[str]:
    """Return what is wrong with one line."""
    if line.get("v") != 1:
        return [f"version {line.get('v')!r}"]
    shape = SCHEMA.get(str(line.get("type")))
    if shape is None:
        return [f"type {line.get('type')!r}"]
    fields = {name: value for name, value in line.items() if name not in {"v", "type"}}
    wrong = [f"lacks {name}" for name in shape if name not in fields]
    wrong += [f"has {name}" for name in fields if name not in shape]
    wrong += [
        f"{name} is {value!r}" for name, value in fields.items() if name in shape and type(value) not in shape[name]
    ]
    if fields.get("state", "done") not in STATES or fields.get("phase", "copy") not in PHASES:
        wrong.append("an unknown state or phase")
    return wrong


def check(answer: Answer, *types: str) -> list[dict[str, Any]]:
    """Validate both streams of *answer*; every type in *types* has to come, in any number. Return standard output."""
    lines = answer.lines
    assert [wrong for line in lines for wrong in wrong_with(line)] == []
    assert all(line["type"] != "exit_error" for line in lines)
    assert answer.out.isascii()
    for text in answer.err.splitlines():
        assert wrong_with(json.loads(text)) == []
        assert json.loads(text)["type"] == "exit_error"
    assert set(types) <= {line["type"] for line in lines}, "a type that was expected did not come"
    return lines


@pytest.fixture
def pim(tmp_path: Path) -> Path:
    return make_pim(tmp_path / "pim")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


@pytest.fixture
def faulty(run: Run) -> Iterator[FaultyDav]:
    """Return a connected server of 6 events; its account is ``dav:home``."""
    with FaultyDav() as running:
        work = running.store.make("calendar", "work")
        for number in range(6):
            work.put(f"{number}.ics", sample("calendar", number))
        args = ("--name", "home", "--url", running.url, "--username", "ana", "--allow-private")
        assert run("connect", "dav", *args, env={"WHERRY_PASSWORD": "pass"}).code == 0
        yield running


@pytest.mark.parametrize("before", [True, False])
def test_a_run_from_its_first_line_to_its_summary(run: Run, pim: Path, copy: Path, before: bool) -> None:
    args = ("backup", str(pim), "--to", str(copy))
    lines = check(run("--json", *args) if before else run(*args, "--json"), "job", "phase", "progress", "summary")
    assert next(line["type"] for line in lines) == "job"
    assert lines[-1]["type"] == "summary"
    assert [line["type"] for line in lines].count("summary") == 1
    assert lines[-1]["exit_code"] == 0
    assert {line["kind"] for line in lines if line["type"] == "job"} == {"backup"}
    assert {line["job"] for line in lines} == {lines[0]["job"]}


def test_a_run_with_trouble_of_every_kind(run: Run, pim: Path, copy: Path) -> None:
    (pim / "Work" / "broken.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    answer = run("backup", str(pim), "--to", str(copy), "--json")
    lines = check(answer, "job", "phase", "progress", "item", "summary")
    (item,) = (line for line in lines if line["type"] == "item")
    assert item["outcome"] in {"failed", "skipped"}
    assert item["reason"]
    assert lines[-1]["exit_code"] == answer.code == Exit.SOME_NOT_COPIED
    for file in (pim / "Work").iterdir():
        file.unlink()
    (pim / "Work").rmdir()
    check(run("backup", str(pim), "--to", str(copy), "--json"), "note", "summary")


def test_numbers_of_a_run_agree_with_each_other(run: Run, pim: Path, copy: Path) -> None:
    lines = check(run("backup", str(pim), "--to", str(copy), "--json"))
    last = [line for line in lines if line["type"] == "progress"][-1]
    summary = lines[-1]
    assert summary["present"] == summary["copied"] + summary["skipped"] + summary["failed"] == 7
    assert (last["done"], last["total"], last["problems"]) == (7, 7, 0)
    assert summary["changed"] == 7
    assert summary["bytes"] == sum(path.stat().st_size for path in pim.rglob("*") if path.is_file())
    done = [line["done"] for line in lines if line["type"] == "progress"]
    assert done == sorted(done)


def test_every_look_at_a_job(run: Run, pim: Path, copy: Path) -> None:
    (pim / "Work" / "broken.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    job = run("backup", str(pim), "--to", str(copy), "--json").job
    check(run("jobs", "--json"), "status")
    check(run("status", "--json"), "status")
    check(run("status", job, "--json"), "status")
    check(run("watch", job, "--json"), "job", "phase", "progress", "status")
    check(run("report", job, "--json"), "report", "collection", "problem", "day")
    check(run("verify", job, "--json"), "verdict")
    write_event(copy / "Work", "e000", summary="Somebody else's")
    (copy / "Friends" / "c000.vcf").unlink()
    differences = [line for line in check(run("verify", job, "--json"), "verdict") if line["type"] == "difference"]
    assert {line["what"] for line in differences} == {"differs", "missing"}


def test_wishes(run: Run, pim: Path, copy: Path) -> None:
    job = run("backup", str(pim), "--to", str(copy), "--json").job
    for command in ("pause", "cancel"):
        (line,) = check(run(command, job, "--json"), "wish")
        assert (line["job"], line["want"], line["state"]) == (job, command, "done")


def test_plans(run: Run, pim: Path, copy: Path) -> None:
    for _ in range(2):
        lines = check(run("backup", str(pim), "--to", str(copy), "--json", "--dry-run"), "plan")
        assert {line["kind"] for line in lines} <= KINDS
        assert all(line["present"] == sum(line[n] for n in ("new", "changed", "same", "unreadable")) for line in lines)
        run("backup", str(pim), "--to", str(copy))
        write_card(pim / "Friends", "c000", full="Changed")


def test_versions(run: Run, pim: Path, copy: Path, tmp_path: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    write_event(pim / "Work", "e000", summary="Changed")
    run("backup", str(pim), "--to", str(copy))
    (version,) = check(run("history", str(copy), "--json"), "version")
    assert re.fullmatch(r"\d{8}T\d{6}\.\d{6}Z", version["version"])
    (back,) = check(run("restore", str(copy), version["version"], "--json"), "restored")
    assert {name: back[name] for name in version if name != "type"} == {
        name: value for name, value in version.items() if name != "type"
    }
    (out,) = check(run("export", str(copy), "--to", str(tmp_path / "all.ics"), "--json"), "exported")
    assert (out["items"], out["left_out"]) == (4, [])
    (copy / "Friends" / "broken.vcf").write_bytes(b"BEGIN:VCARD\r\n")
    (out,) = check(run("export", str(copy), "--to", str(tmp_path / "all.vcf"), "--json"), "exported")
    assert [set(entry) for entry in out["left_out"]] == [{"ref", "reason"}]


def test_checks(run: Run, home: Path) -> None:
    check(run("doctor", "--json"), "check")
    (home / "wherry.db").write_bytes(b"no database" * 500)
    lines = check(run("doctor", "--json"), "check")
    assert all(line["what_to_do"] for line in lines if not line["ok"])
    assert not any(line["what_to_do"] for line in lines if line["ok"])


@pytest.mark.parametrize(
    ("fault", "value", "code"),
    [
        ("status", (401, {"WWW-Authenticate": "Basic"}, b""), Exit.ACCESS),
        ("status", (503, {"Retry-After": "7200"}, b""), Exit.TEMPORARY),
        ("cut-xml", 40, Exit.TEMPORARY),
    ],
)
def test_runs_against_a_server_in_trouble(
    run: Run, faulty: FaultyDav, copy: Path, fault: str, value: object, code: Exit
) -> None:
    faulty.faults.switch(fault, value)
    answer = run("backup", "dav:home", "--to", str(copy), "--json")
    lines = check(answer, "job", "summary")
    faulty.faults.mend()
    assert answer.code == code
    assert lines[-1]["exit_code"] == answer.code != 0
    error = json.loads(answer.err.splitlines()[-1])
    assert error["code"] == answer.code
    assert error["reason"] in {*REASONS, UNEXPECTED.reason}
    check(run("status", "--json"), "status")
    check(run("report", "--json"), "report")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("nonsense",), 2),
        (("backup",), 2),
        (("backup", "dva:x", "--to", "/x"), 2),
        (("backup", "dav:x", "--to", "/x"), 10),
        (("status", "ffff"), 10),
        (("verify", "ffff"), 10),
        (("resume", "ffff"), 10),
        (("restore", "/", "2020"), 10),
        (("history", "/nowhere-at-all"), 1),
        (("export", "/", "--to", "x.txt"), 2),
        (("help", "zzz"), 10),
        (("status", ""), 2),
    ],
)
def test_every_refusal_is_one_line(run: Run, args: tuple[str, ...], code: int) -> None:
    answer = run("--json", *args)
    assert (answer.code, answer.out) == (code, "")
    (text,) = answer.err.splitlines()
    line = json.loads(text)
    assert wrong_with(line) == []
    assert line["code"] == code
    assert line["what_to_do"]


def test_the_page_on_scripting_names_the_types_of_a_run() -> None:
    said = SCRIPTING.replace("\n", " ")
    for name in ("job", "phase", "estimate", "progress", "item", "note", "waiting", "summary", "exit_error"):
        assert name in said


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ({"v": 2, "type": "wish"}, "version 2"),
        ({"v": 1, "type": "novel"}, "type 'novel'"),
        ({"v": 1, "type": "phase", "job": "x"}, "lacks phase"),
        ({"v": 1, "type": "phase", "job": "x", "phase": "copy", "more": 1}, "has more"),
        ({"v": 1, "type": "phase", "job": 3, "phase": "copy"}, "job is 3"),
        ({"v": 1, "type": "phase", "job": "x", "phase": "dreaming"}, "an unknown state or phase"),
        ({"v": 1, "type": "day", "day": True, "source": 1, "copied": 1}, "day is True"),
    ],
)
def test_the_validation_sees_what_is_wrong(line: dict[str, Any], wrong: str) -> None:
    assert wrong in wrong_with(line)
