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


MEMORY = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
"""A file system in memory, where there is one: on a disk, hundreds of flushes are slow."""


@pytest.fixture
def top() -> Iterator[Path]:
    """Return a folder that others may enter, unlike pytest's own."""
    top = Path(tempfile.mkdtemp(prefix="wherry-vdir-", dir=MEMORY))
    top.chmod(0o755)
    yield top
    shutil.rmtree(top)


@pytest.fixture
def backstage(top: Path) -> VdirBackstage:
    """Return a vdir of its own."""
    return VdirBackstage(top / "root")


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
