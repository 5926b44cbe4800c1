"""What is installed with the product is used by it, and what is used is asked for."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib

import pytest

from tests.architecture.tree import PRODUCT, ROOT, parsed, product_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

NOT_IMPORTED = {
    "psycopg": "SQLAlchemy loads it when the database's address names it",
}
"""Asked for and not imported by us: package -> why it is there all the same."""

NOT_ASKED_FOR = {
    "-typeshed": "types only, never there at run time",
    "markupsafe": "part of what jinja2 is made of, and of its promise",
    "pytest": "whoever runs the conformance kit has it",
}
"""Imported and not asked for: package -> why that is right."""


def _asked_for() -> set[str]:
    """Return the names of all packages the product asks for, extras included."""
    extras = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *(each for extra in extras.values() for each in extra)]
    return {re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0] for requirement in wanted} - {"wherry"}


def _imported() -> set[str]:
    """Return the distributions whose modules the product imports, at the top or later."""
    modules: set[str] = set()
    for path in product_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    foreign = modules - set(sys.stdlib_module_names) - set(PRODUCT)
    owners = importlib.metadata.packages_distributions()
    return {owner.lower().replace("_", "-") for module in foreign for owner in owners.get(module, [module])}


def test_what_is_imported_is_asked_for() -> None:
    assert _imported() - _asked_for() - set(NOT_ASKED_FOR) == set()


def test_what_is_asked_for_is_imported() -> None:
    assert _asked_for() - _imported() - set(NOT_IMPORTED) == set()


@pytest.mark.parametrize("name", sorted(NOT_IMPORTED))
def test_exceptions_are_not_stale(name: str) -> None:
    assert name in _asked_for(), "not asked for any more: remove the exception"
    assert name not in _imported(), "imported now: remove the exception"
