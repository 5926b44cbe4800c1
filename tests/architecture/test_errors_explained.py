"""Every error that can end a command has a row a person can read."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Iterator

import pytest

from wherry import explain
from wherry.exits import MEANINGS, Exit

HOMES = ("connectors.errors", "sync_engine.errors", "oauth.errors", "mappings.errors", "wherry.errors")


def _errors() -> Iterator[type[Exception]]:
    """Yield every error class the project defines in one of its homes."""
    for home in HOMES:
        if importlib.util.find_spec(home) is None:
            continue
        module = importlib.import_module(home)
        for _, found in inspect.getmembers(module, inspect.isclass):
            if issubclass(found, Exception) and found.__module__ == home:
                yield found


def _name(error: type[Exception]) -> str:
    return f"{error.__module__}.{error.__qualname__}"


def _leaves() -> list[type[Exception]]:
    every = list(_errors())
    return [error for error in every if not any(error in other.__mro__[1:] for other in every)]


def test_errors_are_found() -> None:
    assert {"connectors.errors", "sync_engine.errors"} <= {error.__module__ for error in _leaves()}


@pytest.mark.parametrize("error", _leaves(), ids=_name)
def test_every_leaf_has_a_row(error: type[Exception]) -> None:
    assert _name(error) in explain.TABLE


# A row without a module explains a state a job ends in.
@pytest.mark.parametrize("name", sorted(name for name in explain.TABLE if "." in name))
def test_every_row_belongs_to_an_error(name: str) -> None:
    home, _, error = name.rpartition(".")
    assert issubclass(getattr(importlib.import_module(home), error), Exception)


@pytest.mark.parametrize("name", sorted(explain.TABLE))
def test_every_row_says_what_happened_and_what_to_do(name: str) -> None:
    row = explain.TABLE[name]
    assert row.title
    assert not row.title.endswith(".")
    assert row.title[0].isupper()
    assert row.what_to_do
    assert row.exit_code in MEANINGS
    assert row.exit_code is not Exit.DONE


def test_reasons_tell_the_rows_apart() -> None:
    reasons = [row.reason for row in explain.TABLE.values()]
    assert len(reasons) == len(set(reasons))
