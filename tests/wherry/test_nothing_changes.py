"""What only looks changes nothing, names stay names, and a page of a job with failures says what failed."""

from __future__ import annotations

import os
import re
import sqlite3
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mappings.inspect import inspect
from simulators.faulty_dav import FaultyDav
from tests.wherry.conftest import CARD, Run, items_of, make_pim, write_card, write_event

EVIL = "a<img src=x onerror=alert(1)>&amp;\x1b[2J\u202e'\"\\ ;,"


def everything(*roots: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return every path below *roots*, the log apart: mode, time of change, bytes."""
    found = {}
    for root in roots:
        for path in sorted(root.rglob("*")):
            state = path.lstat()
            if path.name != "wherry.log":
                found[str(path)] = (state.st_mode, state.st_mtime_ns, path.read_bytes() if path.is_file() else b"")
    return found


@pytest.fixture
def pim(tmp_path: Path) -> Path:
    return make_pim(tmp_path / "pim")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


@pytest.mark.parametrize("flags", [(), ("--json",), ("--only", "contacts"), ("--collection", "Work"), ("-q",)])
def test_a_dry_run_changes_not_one_byte(run: Run, home: Path, pim: Path, copy: Path, flags: tuple[str, ...]) -> None:
    run("backup", str(pim), "--to", str(copy))
    write_event(pim / "Work", "e000", summary="Moved elsewhere")
    write_event(pim / "Work", "new")
    (pim / "Friends" / "c000.vcf").unlink()
    before = everything(home, pim, copy)
    assert run("backup", str(pim), "--to", str(copy), "--dry-run", *flags).code == 0
    assert everything(home, pim, copy) == before


def test_what_only_looks_changes_not_one_byte(run: Run, home: Path, pim: Path, copy: Path) -> None:
    (pim / "Work" / "broken.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    run("backup", str(pim), "--to", str(copy))
    write_event(pim / "Work", "e000", summary="Moved elsewhere")
    run("backup", str(pim), "--to", str(copy))
    before = everything(home, pim, copy)
    looks = [("status",), ("jobs",), ("report",), ("watch",), ("doctor",), ("accounts",), ("history", str(copy))]
    for args in looks:
        for flag in ((), ("--json",)):
            assert run(*args, *flag).code in {0, 3}
    assert run("restore", str(copy), "1999").code == 10
    assert everything(home, pim, copy) == before


def test_doctor_makes_no_database(run: Run, home: Path) -> None:
    answer = run("doctor")
    assert answer.code == 0
    assert "ok       database: " in answer.out
    assert [path.name for path in home.iterdir()] == ["wherry.log"]


@pytest.mark.parametrize(
    ("name", "mode", "words"),
    [
        ("settings.toml", 0o644, "chmod 600"),
        ("settings.toml", 0o660, "chmod 600"),
        ("secrets/vault-key", 0o604, "chmod 600"),
        (".", 0o777, "chmod 700"),
    ],
)
def test_doctor_on_what_others_can_get_at(run: Run, home: Path, name: str, mode: int, words: str) -> None:
    path = home / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if name != ".":
        path.write_text("{}" if name.endswith("json") else "")
    path.chmod(mode)
    (bad,) = (line for line in run("doctor", "--json").lines if not line["ok"])
    assert (bad["check"], bad["v"], bad["type"]) == ("permissions", 1, "check")
    assert words in bad["what_to_do"]
    assert run("doctor", "-q").out.count("PROBLEM") == 1
    path.chmod(0o700 if name == "." else 0o600)
    assert run("doctor").code == 0


def test_doctor_on_an_account_nobody_answers_for(run: Run, home: Path) -> None:
    lines = ('[accounts.home]\nkind = "dav"\nurl = "http://127.0.0.1:9/"\nusername = "ana"\nallow_private = true\n',)
    (home / "settings.toml").write_text("".join(lines))
    (home / "settings.toml").chmod(0o600)
    found = run("doctor", "--json")
    assert found.code == 1
    assert [line["check"] for line in found.lines if not line["ok"]] == ["account dav:home"]
    assert all(set(line) == {"v", "type", "check", "ok", "words", "what_to_do"} for line in found.lines)


def test_doctor_on_a_database_with_a_torn_page(run: Run, home: Path, pim: Path, copy: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    with sqlite3.connect(home / "wherry.db") as database:
        database.execute("pragma wal_checkpoint(truncate)")
        (size,) = database.execute("pragma page_size").fetchone()
    database.close()
    with (home / "wherry.db").open("r+b") as file:
        file.seek(0, os.SEEK_END)
        pages = file.tell() // size
        for page in range(2, pages):
            file.seek(page * size)
            file.write(b"\xde\xad" * (size // 2))
    answer = run("doctor", "--json")
    assert answer.code == 1
    assert "database" in [line["check"] for line in answer.lines if not line["ok"]]
    assert items_of(copy) == items_of(pim)


@pytest.mark.parametrize(
    "name", ["a b", "ä日本", "-rf", "--item", "x" * 200, "a'b\"c", "a;b", "%2e%2e", "a\nb", "\x1b[31m"]
)
def test_history_and_restore_of_hostile_names(run: Run, copy: Path, tmp_path: Path, name: str) -> None:
    pim = tmp_path / "pim"
    original = write_event(pim / "Work", name).read_bytes()
    assert run("backup", str(pim), "--to", str(copy)).code == 0
    write_event(pim / "Work", name, summary="Changed")
    assert run("backup", str(pim), "--to", str(copy)).code == 0
    (version,) = run("history", str(copy), "--json").lines
    spoken = run("history", str(copy)).out
    assert len(spoken.splitlines()) == 2
    assert "\x1b" not in spoken
    answer = run("restore", str(copy), version["version"], "--json")
    assert answer.code == 0
    assert Path(answer.lines[0]["path"]).read_bytes() == original
    assert Path(answer.lines[0]["path"]).parent == copy / "Work"
    everywhere = {path.parent for path in tmp_path.rglob("*.ics") if path.is_file()}
    assert everywhere == {pim / "Work", copy / "Work", (copy / version["kept"]).parent}


@pytest.mark.parametrize("wish", ["", "../../../etc/passwd", "/", "2*", "..", "\x1b[2J"])
def test_a_version_is_never_a_path(run: Run, pim: Path, copy: Path, wish: str) -> None:
    run("backup", str(pim), "--to", str(copy))
    (pim / "Friends" / "c000.vcf").unlink()
    run("backup", str(pim), "--to", str(copy))
    answer = run("restore", str(copy), wish)
    assert answer.code == 10
    assert "\x1b" not in answer.err
    assert items_of(copy) == items_of(pim)


def test_an_export_follows_no_link_and_no_line_breaks_out(run: Run, pim: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.vcf"
    outside.write_text(CARD.format(uid="outside", name="Outside"))
    (pim / "Friends" / "link.vcf").symlink_to(outside)
    write_card(pim / "Friends", "evil", full="=cmd|' /C calc'!A1\\nEND:VCARD")
    target = tmp_path / "all.vcf"
    assert run("export", str(pim), "--to", str(target)).code in {0, 3}
    body = target.read_bytes()
    assert b"Outside" not in body
    assert inspect("text/vcard", body).complete
    assert inspect("text/vcard", body).uids == 4


class Tables(HTMLParser):
    """Collects the cells of every table by its caption, and all tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.tags: set[str] = set()
        self._cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.add(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.tables[-1][-1][-1] += data


def test_the_page_of_a_job_with_failures(run: Run, pim: Path, tmp_path: Path) -> None:
    (pim / "Work" / "displayname").write_text(EVIL)
    write_event(pim / "Work", "cut<b>").write_bytes(b"BEGIN:VCALENDAR")
    write_event(pim / "Work", "refused<b>", start="20240305T100000Z")
    page = tmp_path / "page.html"
    with FaultyDav() as server:
        args = ("--name", "home", "--url", server.url, "--username", "ana", "--allow-private")
        assert run("connect", "dav", *args, env={"WHERRY_PASSWORD": "pass"}).code == 0
        server.faults.switch("put-status", {"SUMMARY:Refused": (403, "valid-calendar-data")})
        assert run("migrate", str(pim), "--to", "dav:home").code == 3
        write_event(pim / "Work", "refused<b>", summary="Refused", start="20240305T100000Z")
        assert run("migrate", str(pim), "--to", "dav:home").code == 3
    assert run("report", "--html", str(page)).code == 0
    text = page.read_text()
    found = Tables(text)
    assert not found.tags & {"img", "b", "script"}
    shares = [float(share) for share in re.findall(r"<small>([\d.]+) %</small>", text)]
    assert sum(shares) == pytest.approx(100)
    looks = r'<rect class="(?:copied|skipped|failed)"[^>]* width="([\d.]+)"'
    assert sum(map(float, re.findall(looks, text))) == pytest.approx(720, abs=0.2)
    rows = {row[0]: row[1:] for table in found.tables for row in table if len(row) == 4}
    assert rows["2024-03"] == ["2", "1", "1"]
    assert rows["2024-01"] == ["1", "1", "0"]
    assert text.count('class="hole"') == 1
    cells = [cell for table in found.tables for row in table for cell in row]
    assert any("cut<b>" in cell for cell in cells)
    assert any("refused<b>" in cell for cell in cells)
