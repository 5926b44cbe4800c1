"""Each error of the operating system has one meaning, and deletions are never among the guesses."""

from __future__ import annotations

import errno
import os

import pytest

from connectors.errors import (
    CollectionGone,
    ConfigError,
    ConnectorError,
    DestinationFull,
    ItemRejected,
    ReadOnly,
    Transient,
    Vanished,
)
from connectors.vdir import errors

EVERY = sorted(set(errno.errorcode))


def said(code: int) -> OSError:
    return OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    ("code", "reading", "writing"),
    [
        (errno.ENOENT, CollectionGone, CollectionGone),
        (errno.ESTALE, CollectionGone, CollectionGone),
        (errno.ENAMETOOLONG, CollectionGone, CollectionGone),
        (errno.ENOTDIR, ConfigError, ConfigError),
        (errno.ELOOP, ConfigError, ConfigError),
        (errno.EACCES, ConfigError, ReadOnly),
        (errno.EPERM, ConfigError, ReadOnly),
        (errno.EROFS, ConfigError, ReadOnly),
        (errno.ENOSPC, DestinationFull, DestinationFull),
        (errno.EDQUOT, DestinationFull, DestinationFull),
        (errno.EIO, Transient, Transient),
        (errno.EMFILE, Transient, Transient),
        (errno.ETIMEDOUT, Transient, Transient),
    ],
    ids=lambda value: errno.errorcode[value] if isinstance(value, int) else value.__name__,
)
def test_errors_of_a_folder(code: int, reading: type[ConnectorError], writing: type[ConnectorError]) -> None:
    assert type(errors.of_folder(said(code), "home", writing=False)) is reading
    assert type(errors.of_folder(said(code), "home", writing=True)) is writing


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.ENOENT, ConfigError),
        (errno.ENOTDIR, ConfigError),
        (errno.EACCES, ReadOnly),
        (errno.EROFS, ReadOnly),
        (errno.ENOSPC, DestinationFull),
        (errno.EIO, Transient),
    ],
    ids=lambda value: errno.errorcode[value] if isinstance(value, int) else value.__name__,
)
def test_errors_of_the_root(code: int, expected: type[ConnectorError]) -> None:
    assert type(errors.of_root(said(code), "/backup")) is expected


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (errno.EACCES, "unreadable"),
        (errno.EPERM, "unreadable"),
        (errno.EIO, "unreadable"),
        (errno.ESTALE, "unreadable"),
        (errno.ELOOP, "symbolic-link"),
        (errno.EISDIR, "not-a-file"),
    ],
    ids=lambda value: errno.errorcode[value] if isinstance(value, int) else value,
)
def test_errors_of_an_item(code: int, word: str) -> None:
    error = errors.of_item(said(code))
    assert isinstance(error, ItemRejected)
    assert error.code == word


@pytest.mark.parametrize("code", EVERY, ids=lambda code: errno.errorcode[code])
def test_an_item_is_gone_only_when_the_system_says_so(code: int) -> None:
    assert isinstance(errors.of_item(said(code)), Vanished) is (code == errno.ENOENT)


@pytest.mark.parametrize("code", EVERY, ids=lambda code: errno.errorcode[code])
def test_no_error_stays_untranslated(code: int) -> None:
    for error in (
        errors.of_folder(said(code), "home", writing=True),
        errors.of_folder(said(code), "home", writing=False),
        errors.of_root(said(code), "/backup"),
        errors.of_item(said(code)),
    ):
        assert isinstance(error, ConnectorError)


def test_the_text_names_the_folder_and_the_reason() -> None:
    assert str(errors.of_folder(said(errno.ENOSPC), "/b/home", writing=True)) == "/b/home: No space left on device"
    assert "mounted" in str(errors.of_root(said(errno.ENOENT), "/b"))
