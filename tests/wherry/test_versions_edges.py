"""History and restore where somebody else has been at work in the folder of versions."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.wherry.conftest import Run, items_of, make_pim, write_card, write_event


@pytest.fixture
def pim(tmp_path: Path) -> Path:
    return make_pim(tmp_path / "pim", events=2, cards=2)


@pytest.fixture
def copy(run: Run, pim: Path, tmp_path: Path) -> Path:
    """Return a copy with two versions: an event that was replaced and a card that was removed."""
    folder = tmp_path / "copy"
    run("backup", str(pim), "--to", str(folder))
    write_event(pim / "Work", "e000", summary="Changed")
    (pim / "Friends" / "c000.vcf").unlink()
    assert run("backup", str(pim), "--to", str(folder)).code == 0
    return folder


def versions(run: Run, copy: Path, *more: str) -> list[dict[str, object]]:
    return run("history", str(copy), "--json", *more).lines


def kept(copy: Path) -> list[Path]:
    return sorted(path for path in (copy / ".wherry" / "versions").rglob("*") if path.is_file())


def test_the_table_is_newest_first_and_says_why(run: Run, pim: Path, copy: Path) -> None:
    write_event(pim / "Work", "e000", summary="Changed again")
    run("backup", str(pim), "--to", str(copy))
    answer = run("history", str(copy))
    head, *rows = answer.out.splitlines()
    assert head.split() == ["VERSION", "WHY", "SIZE", "ITEM"]
    stamps = [row.split()[0] for row in rows]
    assert stamps == sorted(stamps, reverse=True)
    assert [row.split()[-1] for row in rows].count("Work/e000.ics") == 2
    assert {row.split()[1] for row in rows} == {"replaced", "removed"}
    assert answer.err == f"Bring one back with: wherry restore {copy} VERSION\n"


@pytest.mark.parametrize("item", ["e000.ics", "c000.vcf"])
def test_one_item_alone(run: Run, copy: Path, item: str) -> None:
    assert [line["item"] for line in versions(run, copy, "--item", item)] == [item]
    only = run("history", str(copy), "--item", item)
    assert len(only.out.splitlines()) == 2


@pytest.mark.parametrize("item", ["nothing.ics", "e000", "", "*", "../e000.ics", "E000.ICS", "\x1b[2J"])
def test_an_item_that_has_no_versions(run: Run, copy: Path, item: str) -> None:
    answer = run("history", str(copy), "--item", item)
    if item:
        assert (answer.code, answer.out) == (0, "")
        assert "No earlier versions of" in answer.err
    assert "\x1b" not in answer.err
    assert run("restore", str(copy), "2", "--item", item).code == 10


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "20260822T101500.000000Z-replaced",
        "20260822T101500.000000Z-dreamed.ics",
        "20261322T101500.000000Z-replaced.ics",
        "2026-replaced.ics",
        "-replaced.ics",
        ".hidden",
    ],
)
def test_files_that_are_no_versions_are_not_taken_for_some(run: Run, copy: Path, name: str) -> None:
    before = versions(run, copy)
    home = kept(copy)[0].parent
    (home / name).write_bytes(b"somebody's")
    assert versions(run, copy) == before
    assert (home / name).read_bytes() == b"somebody's"


def test_links_in_the_folder_of_versions_are_not_followed(run: Run, copy: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "x.ics"
    elsewhere.mkdir(parents=True)
    (elsewhere / "20260822T101500.000000Z-replaced.ics").write_bytes(b"secret")
    (copy / ".wherry" / "versions" / "Evil").symlink_to(tmp_path / "elsewhere")
    (copy / ".wherry" / "versions" / "Work" / "y.ics").symlink_to(elsewhere)
    assert {line["collection"] for line in versions(run, copy)} == {"Work", "Friends"}
    assert run("restore", str(copy), "20260822").code == 10


@pytest.mark.parametrize("what", ["file for folder", "no folder"])
def test_a_folder_of_versions_that_is_none(run: Run, copy: Path, what: str) -> None:
    shutil.rmtree(copy / ".wherry" / "versions")
    if what == "file for folder":
        (copy / ".wherry" / "versions").write_bytes(b"")
    answer = run("history", str(copy))
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert answer.code == (1 if what == "file for folder" else 0)
    assert "unexpected" not in answer.err


def test_a_removed_item_comes_back_as_it_was(run: Run, pim: Path, copy: Path) -> None:
    (version,) = (line for line in versions(run, copy) if line["why"] == "removed")
    answer = run("restore", str(copy), str(version["version"]), "--json")
    assert answer.code == 0
    assert (copy / "Friends" / "c000.vcf").read_bytes() == write_card(
        pim.parent / "x", "c000", full="Person 0"
    ).read_bytes()
    assert answer.lines[0]["path"] == str(copy / "Friends" / "c000.vcf")
    assert [line["why"] for line in versions(run, copy)].count("removed") == 1


def test_restoring_back_and_forth_loses_nothing(run: Run, copy: Path) -> None:
    """Each restore keeps what stood there: every body ever seen stays among the versions or in place."""
    target = copy / "Work" / "e000.ics"
    bodies = {target.read_bytes(), *(path.read_bytes() for path in kept(copy) if "e000" in str(path))}
    for _ in range(4):
        oldest = versions(run, copy, "--item", "e000.ics")[-1]
        assert run("restore", str(copy), str(oldest["version"]), "--item", "e000.ics").code == 0
        seen = {target.read_bytes(), *(path.read_bytes() for path in kept(copy) if "e000" in str(path))}
        assert bodies <= seen
    assert len(versions(run, copy, "--item", "e000.ics")) == 5


def test_a_version_is_named_by_any_beginning_that_is_its_own(run: Run, copy: Path) -> None:
    whole = str(versions(run, copy, "--item", "e000.ics")[0]["version"])
    for length in (len(whole), len(whole) - 1, 8):
        assert run("restore", str(copy), whole[:length], "--item", "e000.ics").code == 0, whole[:length]
        for path in kept(copy):
            if "e000" in str(path) and not path.name.startswith(whole):
                path.unlink()


def test_doubt_names_some_and_says_what_to_write(run: Run, copy: Path) -> None:
    answer = run("restore", str(copy), "20")
    assert answer.code == 10
    assert "could be 20" in answer.err
    assert "e000.ics" in answer.err
    assert "Write more of it, or add --item NAME." in answer.err
    assert re.search(r"\d{8}T\d{6}\.\d{6}Z", answer.err)


def test_a_version_whose_collection_is_gone_comes_back_or_says_why(run: Run, copy: Path) -> None:
    shutil.rmtree(copy / "Friends")
    (version,) = (line for line in versions(run, copy) if line["why"] == "removed")
    answer = run("restore", str(copy), str(version["version"]), "--json")
    assert "Traceback" not in answer.err
    assert answer.code in {0, 1, 2}
    assert (answer.code == 0) == (copy / "Friends" / "c000.vcf").exists()
    assert "unexpected" not in answer.err


@pytest.mark.parametrize("args", [("history", ""), ("restore", "", "2020"), ("history", "  ")])
def test_an_empty_folder_is_not_the_one_one_stands_in(
    run: Run, copy: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...]
) -> None:
    monkeypatch.chdir(copy)
    answer = run(*args)
    assert (answer.code, answer.out) == (2, "")
    assert "A place is missing" in answer.err
    assert run("history", ".").out


@pytest.mark.parametrize("folder", ["copy", "./copy", "vdir:copy", "{copy}/", "{copy}/../copy"])
def test_a_folder_may_be_written_as_people_do(
    run: Run, copy: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.chdir(copy.parent)
    assert len(run("history", folder.format(copy=copy), "--json").lines) == 2


@pytest.mark.parametrize(
    ("folder", "code"), [("dav:home", 2), ("nowhere", 1), ("{copy}/Work/e001.ics", 1), ("https://x/", 2)]
)
def test_what_is_no_folder(run: Run, copy: Path, folder: str, code: int) -> None:
    answer = run("history", folder.format(copy=copy))
    assert (answer.code, answer.out) == (code, "")


def test_looking_changes_nothing(run: Run, copy: Path) -> None:
    def state() -> list[tuple[str, int]]:
        return [(str(path), path.lstat().st_mtime_ns) for path in sorted(copy.rglob("*"))]

    before = state()
    run("history", str(copy))
    run("restore", str(copy), "20")
    assert state() == before


def test_a_backup_goes_on_after_a_restore_and_says_which_won(run: Run, pim: Path, copy: Path) -> None:
    version = str(versions(run, copy, "--item", "e000.ics")[0]["version"])
    run("restore", str(copy), version, "--item", "e000.ics")
    restored = (copy / "Work" / "e000.ics").read_bytes()
    answer = run("backup", str(pim), "--to", str(copy))
    assert answer.code in {0, 3}
    everything = {*items_of(copy).values(), *(path.read_bytes() for path in kept(copy))}
    assert restored in everything
    assert (pim / "Work" / "e000.ics").read_bytes() in everything


def test_kept_paths_lead_to_the_bytes(run: Run, copy: Path) -> None:
    for line in versions(run, copy):
        path = copy / str(line["kept"])
        assert path.stat().st_size == line["size"]
        assert not os.path.isabs(str(line["kept"]))
