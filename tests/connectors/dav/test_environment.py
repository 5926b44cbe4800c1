"""What an installation with this connector must not do to the rest (docs/adr/0003-caldav-and-urllib3.md)."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution, version

import pytest

HEAVY = ("caldav", "requests", "urllib3", "dns", "lxml", "email", "urllib.request", "tempfile", "xml.etree")


def test_urllib3_is_the_one_that_is_installed() -> None:
    assert import_module("urllib3").__version__ == version("urllib3")


@pytest.mark.parametrize("name", ["urllib3-future", "niquests"])
def test_nothing_that_replaces_urllib3_is_installed(name: str) -> None:
    with pytest.raises(PackageNotFoundError):
        distribution(name)


def test_caldav_stays_below_the_version_that_replaces_it() -> None:
    major, minor, *_ = version("caldav").split(".")
    assert (int(major), int(minor)) < (2, 1)


def test_the_connector_is_light_to_import() -> None:
    code = "import sys, connectors.dav.place; sys.stdout.write(' '.join(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {name for name in modules if name in HEAVY or name.partition(".")[0] in HEAVY}
