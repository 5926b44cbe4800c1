from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module

import pytest

from connectors.errors import ConnectorError, ItemRejected, ReauthRequired, Throttled
from wherry.errors import PlaceError
from wherry.exits import MEANINGS, Exit
from wherry.explain import REASONS, TABLE, UNEXPECTED, explain, explain_problem, known, reason_words

MODULES = ("connectors.errors", "sync_engine.errors", "oauth.errors", "mappings.errors", "wherry.errors")


def leaves() -> Iterator[type[Exception]]:
    """Yield every error class of ours that can be raised: those without subclasses, and those with a row."""
    for name in MODULES:
        module = import_module(name)
        for _, found in inspect.getmembers(module, inspect.isclass):
            if issubclass(found, Exception) and found.__module__ == name and not found.__subclasses__():
                yield found


@pytest.mark.parametrize("error", sorted(leaves(), key=str), ids=lambda error: f"{error.__module__}.{error.__name__}")
def test_every_leaf_has_its_row(error: type[Exception]) -> None:
    assert f"{error.__module__}.{error.__qualname__}" in TABLE


@pytest.mark.parametrize("name", sorted(set(TABLE) - {"MassDeletion"}))
def test_every_row_names_a_class_that_is_there(name: str) -> None:
    module, _, cls = name.rpartition(".")
    assert issubclass(getattr(import_module(module), cls), Exception)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_row_says_something(name: str) -> None:
    row = TABLE[name]
    assert row.title[0].isupper()
    assert not row.title.endswith(".")
    assert row.what_to_do[0].isupper()
    assert row.exit_code in MEANINGS
    assert row.exit_code is not Exit.DONE


def test_reasons_are_the_connectors_own_words() -> None:
    for name, row in TABLE.items():
        module, _, cls = name.rpartition(".")
        if module == "connectors.errors":
            assert getattr(import_module(module), cls).reason == row.reason


def test_no_two_rows_share_a_reason() -> None:
    assert len(REASONS) == len(TABLE)


class Odd(Throttled):
    """A leaf of a third party's connector."""


def test_a_row_is_found_by_the_nearest_ancestor() -> None:
    assert explain(Odd()).reason == "throttled"
    assert explain(ConnectorError()) is UNEXPECTED
    assert explain(RuntimeError("x")) is UNEXPECTED
    assert not known(RuntimeError())
    assert known(ReauthRequired())


def test_an_errors_own_hint_replaces_the_general_advice() -> None:
    assert explain(PlaceError("x", hint="Do this.")).what_to_do == "Do this."
    assert explain(PlaceError("x")).what_to_do == TABLE["wherry.errors.PlaceError"].what_to_do


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        ({"reason": "access-refused", "error": "ReauthRequired", "detail": ""}, Exit.ACCESS),
        ({"reason": "too-large", "error": "ItemRejected"}, Exit.SOME_NOT_COPIED),
        ({"reason": "destination-full"}, Exit.FULL),
        ({"reason": "mass-deletion", "detail": "3 of 3"}, Exit.SAFETY_STOP),
        ({"reason": "never heard of", "error": "Nobody"}, Exit.UNEXPECTED),
        ({}, Exit.UNEXPECTED),
    ],
)
def test_a_jobs_problem_is_explained(problem: dict[str, str], code: Exit) -> None:
    assert explain_problem(problem).exit_code is code


def test_reasons_become_words() -> None:
    assert reason_words("conflict") == "something else stands where the copy should be"
    assert reason_words("some-new-reason") == "some new reason"
    assert reason_words("evil\x1b[31m") == "evil\\x1b[31m"
    assert ItemRejected("too-large").code == "too-large"


def test_every_exit_code_is_in_the_promise() -> None:
    assert set(MEANINGS) == set(Exit)
    assert [int(code) for code in Exit] == sorted(int(code) for code in Exit)
