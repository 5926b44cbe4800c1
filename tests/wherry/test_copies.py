"""What can be done with a copy: its earlier versions, one file of it, a page about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wherry.conftest import Run, make_pim, write_event


@pytest.fixture
def pim(tmp_path: Path) -> Path:
    return make_pim(tmp_path / "pim")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


def test_history_and_restore_bring_a_version_back(run: Run, pim: Path, copy: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    original = (pim / "Work" / "e000.ics").read_bytes()
    write_event(pim / "Work", "e000", summary="Overwritten")
    (pim / "Friends" / "c000.vcf").unlink()
    run("backup", str(pim), "--to", str(copy))
    lines = run("history", str(copy), "--json").lines
    assert {(line["collection"], line["item"], line["why"]) for line in lines} == {
        ("Work", "e000.ics", "replaced"),
        ("Friends", "c000.vcf", "removed"),
    }
    assert len(run("history", str(copy)).out.splitlines()) == 3
    only = run("history", str(copy), "--item", "e000.ics", "--json").lines
    assert [line["item"] for line in only] == ["e000.ics"]
    answer = run("restore", str(copy), only[0]["version"], "--item", "e000.ics")
    assert answer.code == 0
    assert "Restored Work/e000.ics" in answer.out
    assert (copy / "Work" / "e000.ics").read_bytes() == original
    assert len(run("history", str(copy), "--json").lines) == 3


def test_versions_nobody_kept(run: Run, pim: Path) -> None:
    answer = run("history", str(pim))
    assert (answer.code, answer.out) == (0, "")
    assert "No earlier versions" in answer.err
    assert run("restore", str(pim), "2020").code == 10
    assert run("history", str(pim / "nowhere")).code == 1


def test_export_makes_one_file(run: Run, pim: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.ics"
    answer = run("export", str(pim), "--to", str(file))
    assert (answer.code, answer.out) == (0, f"4 items written to {file}\n")
    assert file.read_bytes().count(b"BEGIN:VEVENT") == 4
    assert file.read_bytes().count(b"BEGIN:VCALENDAR") == 1
    cards = tmp_path / "friends.vcf"
    assert run("export", str(pim / "Friends"), "--to", str(cards)).code == 0
    assert cards.read_bytes().count(b"BEGIN:VCARD") == 3
    assert run("export", str(pim), "--to", str(file), "--collection", "Nope").code == 10
    assert file.read_bytes().count(b"BEGIN:VEVENT") == 4


def test_export_leaves_out_what_is_broken_and_says_so(run: Run, pim: Path, tmp_path: Path) -> None:
    (pim / "Friends" / "broken.vcf").write_bytes(b"BEGIN:VCARD\r\nFN:x\r\n")
    answer = run("export", str(pim), "--to", str(tmp_path / "f.vcf"))
    assert answer.code == 3
    assert "left out: Friends/broken.vcf" in answer.err
    lines = run("export", str(pim), "--to", str(tmp_path / "f.vcf"), "--json").lines
    assert lines[0]["items"] == 3
    assert len(lines[0]["left_out"]) == 1


def test_the_report_as_a_page(run: Run, pim: Path, copy: Path, tmp_path: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    page = tmp_path / "report.html"
    answer = run("report", "--html", str(page))
    assert (answer.code, answer.out) == (0, "")
    assert "all 7 items found at the source are in the copy" in page.read_text()
    assert "Items per day, source over copy" in page.read_text()
    assert run("report", "--html", str(tmp_path / "no" / "folder.html")).code == 1


def test_a_version_is_found_by_its_beginning_and_doubt_is_said(run: Run, pim: Path, copy: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    for summary in ("one", "two"):
        write_event(pim / "Work", "e000", summary=summary)
        run("backup", str(pim), "--to", str(copy))
    newest, oldest = (line["version"] for line in run("history", str(copy), "--json").lines)
    assert newest > oldest
    doubt = run("restore", str(copy), "2")
    assert doubt.code == 10
    assert "Write more of it" in doubt.err
    assert run("restore", str(copy), oldest, "--json").lines[0]["type"] == "restored"
    assert b"SUMMARY:Event 0" in (copy / "Work" / "e000.ics").read_bytes()


def test_a_restored_item_is_an_edit_the_next_backup_settles(run: Run, pim: Path, copy: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    write_event(pim / "Work", "e000", summary="New words")
    run("backup", str(pim), "--to", str(copy))
    version = run("history", str(copy), "--json").lines[0]["version"]
    run("restore", str(copy), version)
    assert run("backup", str(pim), "--to", str(copy)).code in {0, 3}
    kept = run("history", str(copy), "--item", "e000.ics", "--json").lines
    assert len(kept) >= 2


def test_an_existing_file_survives_an_export_that_fails(run: Run, pim: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.ics"
    file.write_bytes(b"mine")
    assert run("export", str(pim / "nowhere"), "--to", str(file)).code == 1
    assert run("export", str(pim), "--to", str(tmp_path / "no" / "folder.ics")).code == 1
    assert file.read_bytes() == b"mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.ics", "home", "pim"]


def test_what_is_exported_can_be_split_into_the_same_objects(run: Run, pim: Path, tmp_path: Path) -> None:
    from mappings.bundles import split

    cards = tmp_path / "all.vcf"
    run("export", str(pim), "--to", str(cards))
    assert sorted(split("text/vcard", cards.read_bytes())) == sorted(
        path.read_bytes() for path in (pim / "Friends").glob("*.vcf")
    )
