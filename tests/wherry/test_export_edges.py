"""Exports: where the file may lie, what survives a failure, and what goes in."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.bundles import split
from mappings.inspect import inspect
from tests.wherry.conftest import CARD, EVENT, Run, make_pim, write_card, write_event


@pytest.fixture
def pim(tmp_path: Path) -> Path:
    return make_pim(tmp_path / "pim")


@pytest.mark.parametrize("name", ["all.txt", "all", ".ics", "all.ics.bak", "all.json", "all.", "ics"])
def test_the_ending_decides_and_others_are_refused(run: Run, pim: Path, tmp_path: Path, name: str) -> None:
    answer = run("export", str(pim), "--to", str(tmp_path / name))
    assert (answer.code, answer.out) == (2, "")
    assert "Events go into .ics, contacts into .vcf." in answer.err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("name", "begin", "number"),
    [("a.ics", b"BEGIN:VEVENT", 4), ("A.ICS", b"BEGIN:VEVENT", 4), ("a.VCF", b"BEGIN:VCARD", 3)],
)
def test_the_ending_in_any_case(run: Run, pim: Path, tmp_path: Path, name: str, begin: bytes, number: int) -> None:
    assert run("export", str(pim), "--to", str(tmp_path / name)).code == 0
    assert (tmp_path / name).read_bytes().count(begin) == number


@pytest.mark.parametrize(("folder", "name"), [("Work", "all.vcf"), ("Friends", "all.ics")])
def test_nothing_of_the_kind_leaves_an_existing_file_alone(
    run: Run, pim: Path, tmp_path: Path, folder: str, name: str
) -> None:
    file = tmp_path / name
    file.write_bytes(b"precious")
    answer = run("export", str(pim / folder), "--to", str(file))
    assert (answer.code, answer.out) == (10, "")
    assert "There is nothing to put into" in answer.err
    assert file.read_bytes() == b"precious"
    file.unlink()
    assert run("export", str(pim / folder), "--to", str(file)).code == 10
    assert not file.exists()
    assert not list(tmp_path.glob(".*.tmp"))


def test_when_everything_is_broken_the_first_reason_is_named(run: Run, tmp_path: Path) -> None:
    work = tmp_path / "pim" / "Work"
    work.mkdir(parents=True)
    for number in range(3):
        (work / f"{number}.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    answer = run("export", str(tmp_path / "pim"), "--to", str(tmp_path / "all.ics"))
    assert answer.code == 10
    assert "3 items left out, the first: Work/" in answer.err


@pytest.mark.parametrize("where", ["{pim}/all.ics", "{pim}/Work/all.ics", "{pim}/../pim/all.ics", "{link}/all.ics"])
def test_a_file_inside_what_it_is_made_from_is_refused(run: Run, pim: Path, tmp_path: Path, where: str) -> None:
    link = tmp_path / "link"
    link.symlink_to(pim)
    before = sorted(path.name for path in pim.rglob("*"))
    answer = run("export", str(pim), "--to", where.format(pim=pim, link=link))
    assert answer.code == 2
    assert "lies in the folder it would be made from" in answer.err
    assert sorted(path.name for path in pim.rglob("*")) == before
    assert run("export", str(link), "--to", str(pim / "all.ics")).code == 2


def test_a_file_beside_one_collection_is_fine(run: Run, pim: Path) -> None:
    assert run("export", str(pim / "Work"), "--to", str(pim / "work.ics")).code == 0


def test_a_link_leads_to_the_file_that_is_replaced(run: Run, pim: Path, tmp_path: Path) -> None:
    real, link = tmp_path / "real.ics", tmp_path / "link.ics"
    real.write_bytes(b"old")
    link.symlink_to(real)
    assert run("export", str(pim), "--to", str(link)).code == 0
    assert link.is_symlink()
    assert real.read_bytes().count(b"BEGIN:VEVENT") == 4


def test_a_pipe_is_written_to_and_stays_a_pipe(run: Run, pim: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.ics"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run("export", str(pim), "--to", str(pipe)).code == 0
        assert os.read(reader, 65_536).count(b"BEGIN:VEVENT") == 4
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("where", ["no/folder/all.ics", "file/all.ics", "folder.ics"])
def test_where_no_file_can_be(run: Run, pim: Path, tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder.ics").mkdir()
    answer = run("export", str(pim), "--to", str(tmp_path / where))
    assert answer.code in {1, 2}
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert "unexpected" not in answer.err


def test_the_rights_of_the_file_are_the_users_usual_ones(run: Run, pim: Path, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        run("export", str(pim), "--to", str(tmp_path / "all.ics"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "all.ics").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("names", "number"),
    [
        (("Work",), 4),
        (("Home",), 2),
        (("Work", "Home"), 6),
        (("Home", "Home"), 2),
        (("work",), None),
        (("Wokr",), None),
    ],
)
def test_collections_are_chosen_by_name(
    run: Run, pim: Path, tmp_path: Path, names: tuple[str, ...], number: int | None
) -> None:
    for index in range(2):
        write_event(pim / "Home", f"h{index}")
    options = [word for name in names for word in ("--collection", name)]
    answer = run("export", str(pim), "--to", str(tmp_path / "all.ics"), *options)
    if number is None:
        assert answer.code == 10
        assert "Did you mean 'Work'?" in answer.err
        return
    assert answer.code == 0
    assert (tmp_path / "all.ics").read_bytes().count(b"BEGIN:VEVENT") == number


def test_items_of_many_kinds_in_one_folder_are_told_apart(run: Run, pim: Path, tmp_path: Path) -> None:
    write_card(pim / "Work", "stray")
    run("export", str(pim), "--to", str(tmp_path / "all.ics"))
    assert b"BEGIN:VCARD" not in (tmp_path / "all.ics").read_bytes()
    assert inspect("text/calendar", (tmp_path / "all.ics").read_bytes()).complete


words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\\,;"), min_size=1, max_size=30
)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), words, min_size=1, max_size=6))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_every_object_is_in_the_file_once(
    run: Run, tmp_path_factory: pytest.TempPathFactory, titles: dict[str, str]
) -> None:
    root = tmp_path_factory.mktemp("export")
    for name, title in titles.items():
        write_event(root / "pim" / "Work", name, summary=title)
        write_card(root / "pim" / "Friends", name, full=title)
    for ending, media_type, model in ((".ics", "text/calendar", EVENT), (".vcf", "text/vcard", CARD)):
        file = root / f"all{ending}"
        assert run("export", str(root / "pim"), "--to", str(file)).code == 0
        body = file.read_bytes()
        assert len(list(split(media_type, body))) == len(titles)
        assert inspect(media_type, body).complete
        assert all(title.encode() in body for title in titles.values())
        assert model


def test_a_thousand_items_are_written_in_batches_without_loss(run: Run, tmp_path: Path) -> None:
    pim = make_pim(tmp_path / "pim", events=1, cards=450)
    answer = run("export", str(pim), "--to", str(tmp_path / "all.vcf"), "--json")
    assert answer.lines[0]["items"] == 450
    uids = {line for line in (tmp_path / "all.vcf").read_bytes().split(b"\r\n") if line.startswith(b"UID:")}
    assert len(uids) == 450


@pytest.mark.parametrize("name", ["ünï cödé.ics", "-rf.ics", "a\nb.ics", "\x1b[2J.ics", "%s.ics"])
def test_names_of_files_are_shown_safely_and_used_exactly(run: Run, pim: Path, tmp_path: Path, name: str) -> None:
    answer = run("export", str(pim), "--to", str(tmp_path / name))
    assert answer.code == 0
    assert (tmp_path / name).is_file()
    assert "\x1b" not in answer.out
    assert answer.out.count("\n") == 1
    assert run("export", str(pim), "--to", str(tmp_path / name), "--json").lines[0]["file"] == str(tmp_path / name)
