"""A root folder for each test, and a way to meet permissions even when the tests run as root."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.connectors.vdir.behind import VdirBackstage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

NOBODY = 65534


@pytest.fixture
def backstage() -> Iterator[VdirBackstage]:
    """Return a vdir in a folder that others may enter, unlike pytest's own."""
    top = Path(tempfile.mkdtemp(prefix="wherry-vdir-"))
    top.chmod(0o755)
    yield VdirBackstage(top / "root")
    shutil.rmtree(top)


@contextmanager
def _nobody() -> Iterator[None]:
    """Let this thread meet files as a user without privileges does (setfsuid(2))."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None)
    libc.setfsuid(NOBODY)
    try:
        yield
    finally:
        libc.setfsuid(0)


@pytest.fixture
def unprivileged() -> Callable[[], AbstractContextManager[None]]:
    return _nobody
