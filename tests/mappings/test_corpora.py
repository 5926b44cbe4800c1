"""Files of many projects' own tests: all are read, none is changed, the two readers agree."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mappings.canonical import canonical_digest, differences
from mappings.documents import parse
from mappings.inspect import inspect
from tests.mappings.samples import CALENDAR, CARD, ICS_FILES, LOOSE, VCF_FILES, is_whole

CHUNKS = [(CALENDAR, ICS_FILES[n::6]) for n in range(6)] + [(CARD, VCF_FILES)]


def test_the_corpora_are_there() -> None:
    assert len(ICS_FILES) > 500
    assert len(VCF_FILES) > 25


@pytest.mark.parametrize(("media_type", "paths"), CHUNKS, ids=range(len(CHUNKS)))
def test_every_file_is_written_back_octet_for_octet(media_type: str, paths: list[Path]) -> None:
    for path in paths:
        body = path.read_bytes()
        document = parse(body, limits=LOOSE)
        assert document.to_bytes() == body, path
        for component in document.components():
            for line in component.lines():
                assert line.blank or line.junk or line.name, (path, line)
                line.text(), line.data(), line.types(), line.fields()
        assert inspect(media_type, body, limits=LOOSE).complete == is_whole(media_type, body), path
        assert differences(media_type, body, body.replace(b"\r\n", b"\n"), limits=LOOSE) == (), path


@pytest.mark.parametrize(("media_type", "paths"), CHUNKS, ids=range(len(CHUNKS)))
def test_the_two_readers_agree_on_damaged_files(media_type: str, paths: list[Path]) -> None:
    chance = random.Random(len(paths))
    for path in paths:
        body = path.read_bytes()
        if len(body) > 20_000:
            continue
        for _ in range(3):
            place = chance.randrange(len(body) + 1)
            inserted = chance.choice(
                [b"", b"\r", b"\n", b"\r\n ", b"=\n", b"\nEND:VEVENT\n", b"\nBEGIN:VEVENT\n", b"\0"]
            )
            damaged = body[:place] + inserted + body[place + chance.choice([0, 1, 20, len(body)]) :]
            assert inspect(media_type, damaged, limits=LOOSE).complete == is_whole(media_type, damaged), (path, damaged)


@pytest.mark.parametrize(("media_type", "paths"), CHUNKS, ids=range(len(CHUNKS)))
def test_case_35_no_file_cut_inside_its_only_object_is_complete(media_type: str, paths: list[Path]) -> None:
    chance = random.Random(len(paths))
    for path in paths:
        body = path.read_bytes()
        outermost = list(parse(body, limits=LOOSE).components())
        if len(outermost) == 1 and inspect(media_type, body).complete:
            needed = len(body.rstrip())
            for length in (*(chance.randrange(needed) for _ in range(5)), needed - 1):
                assert not inspect(media_type, body[:length]).complete, (path, length)


def test_most_files_are_objects_and_differ_from_each_other() -> None:
    whole = [path for path in ICS_FILES if inspect(CALENDAR, path.read_bytes()).complete]
    assert len(whole) > 350
    digests = {canonical_digest(CALENDAR, path.read_bytes()) for path in whole}
    assert len(digests) > 300
