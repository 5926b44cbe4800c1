"""The connector shown in CONTRIBUTING.md works, is as short as it says, and keeps the port's promises."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.testing import SourceSuite

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).parents[1]
BLOCK = re.compile(r'^```python\n("""(\w+\.py): .*?)^```$', re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def shown() -> Mapping[str, str]:
    """Return the programs shown in the document: file name -> text."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return {match[2]: match[1] for match in BLOCK.finditer(text)}


@pytest.fixture
def desk(shown: Mapping[str, str], tmp_path: Path) -> Path:
    """Return a folder with the programs, as a reader would have typed them."""
    for name, text in shown.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run_suite(desk: Path, only: str = "test") -> dict[str, bool]:
    """Run the tests in *desk* (those whose name holds *only*) as their author would; return name -> passed."""
    options = [
        "-q",
        "-c",
        os.devnull,
        "--rootdir",
        str(desk),
        "-p",
        "no:cacheprovider",
        "--junitxml=result.xml",
        "-k",
        only,
    ]
    command = [sys.executable, "-m", "pytest", *options, "test_letters.py"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
    subprocess.run(command, cwd=desk, env=environment, check=False, capture_output=True, timeout=120)
    cases = ET.parse(desk / "result.xml").iter("testcase")
    return {case.attrib["name"]: not {"failure", "error", "skipped"} & {part.tag for part in case} for case in cases}


def test_both_programs_are_shown(shown: Mapping[str, str]) -> None:
    assert set(shown) == {"letters.py", "test_letters.py"}


def test_the_connector_is_as_short_as_the_heading_says(shown: Mapping[str, str]) -> None:
    lines = [line for line in shown["letters.py"].splitlines() if line.strip()]
    assert len(lines) <= 60


def test_no_line_is_too_long_for_the_page(shown: Mapping[str, str]) -> None:
    assert [line for text in shown.values() for line in text.splitlines() if len(line) > 120] == []


def test_the_connector_passes_the_whole_suite(desk: Path) -> None:
    results = run_suite(desk)
    promised = {name for name in dir(SourceSuite) if name.startswith("test_")}
    assert {name.partition("[")[0] for name in results} == promised
    assert [name for name, passed in results.items() if not passed] == []


@pytest.mark.parametrize(
    ("line", "instead", "broken"),
    [
        ("raise CollectionGone(collection.id) from error", "found = []", "test_a_missing_collection_is_gone_not_empty"),
        ("raise FileNotFoundError(name)", "pass", "test_a_ref_nobody_gave_out_is_an_answer"),
        ("yield Failed(ref, Vanished(ref.id))", "continue", "test_fetch_answers_each_ref_once"),
        ("last=start + PAGE >= len(found)", "last=True", "test_a_large_listing_comes_whole"),
        ("found[start : start + PAGE]", "found[start : start + PAGE - 1]", "test_a_large_listing_comes_whole"),
        ("if self.stop():", "if False:", "test_stop_is_honoured_within_one_page"),
        ("{status.st_mtime_ns}-{status.st_size}-{status.st_ino}", "1", "test_a_changed_item_has_another_revision"),
        ("file.read(), name)", 'file.read().replace(b"\\r", b""), name)', "test_fetch_gives_the_exact_bytes"),
    ],
    ids=["missing", "hostile", "silent", "last", "page", "stop", "revision", "bytes"],
)
def test_the_suite_notices_each_mistake(desk: Path, line: str, instead: str, broken: str) -> None:
    path = desk / "letters.py"
    text = path.read_text(encoding="utf-8")
    assert line in text
    path.write_text(text.replace(line, instead), encoding="utf-8")
    assert not all(run_suite(desk, broken).values())
