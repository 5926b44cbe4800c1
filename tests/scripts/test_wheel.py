"""The check of the wheel finds what is missing and what should not be there."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from scripts import wheel

METADATA = "wherry-0.1.0.dist-info/METADATA"


def _wheel(folder: Path, names: set[str]) -> Path:
    path = folder / "wherry.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    return path


def test_a_complete_wheel_has_no_complaint(tmp_path: Path) -> None:
    assert list(wheel.complaints(_wheel(tmp_path, {*wheel.expected(), METADATA}))) == []


@pytest.mark.parametrize("name", ["wherry/__main__.py", "sync_engine/migrations/env.py"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    complaints = list(wheel.complaints(_wheel(tmp_path, wheel.expected() - {name})))
    assert complaints == [f"missing from the wheel: {name}"]


@pytest.mark.parametrize("name", ["tests/conftest.py", "simulators/pimdata.py", "common/__init__.py", ".env"])
def test_a_file_too_many_is_named(tmp_path: Path, name: str) -> None:
    complaints = list(wheel.complaints(_wheel(tmp_path, wheel.expected() | {name})))
    assert complaints == [f"should not be in the wheel: {name}"]


def test_missing_types_are_named(tmp_path: Path) -> None:
    complaints = list(wheel.complaints(_wheel(tmp_path, wheel.expected() - {"oauth/py.typed"})))
    assert complaints == ["missing from the wheel: oauth/py.typed", "no py.typed in oauth"]


def test_templates_and_migrations_are_expected() -> None:
    folders = {name.rpartition("/")[0] for name in wheel.expected()}
    assert {"sync_engine/migrations", "sync_engine/migrations/versions", "wherry/templates"} <= folders
