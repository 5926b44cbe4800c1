"""Names say what a thing is; what is public says what it does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import (
    PRODUCT,
    ROOT,
    FunctionNode,
    classes,
    dotted,
    functions,
    own_files,
    parsed,
    product_files,
    shown,
)

OWNERLESS = {"common", "utils", "util", "helpers", "helper", "core", "manager", "misc", "shared", "lib", "tools"}
"""Names under which everything could stand, so that in the end everything does."""


def test_every_module_has_a_name_that_owns_something() -> None:
    ownerless = [
        shown(path) for path in own_files() if OWNERLESS & {part.lower() for part in path.with_suffix("").parts[-3:]}
    ]
    assert ownerless == []


def _unannotated(function: FunctionNode) -> list[str]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
    missing = [each.arg for each in named if each.annotation is None and each.arg not in {"self", "cls"}]
    return missing if function.returns is not None else [*missing, "return"]


def test_every_function_is_annotated() -> None:
    bare = {
        f"{shown(path)}:{function.lineno} {function.name}": missing
        for path in own_files()
        for function in functions(path)
        if (missing := _unannotated(function))
    }
    assert bare == {}


def test_every_public_class_says_what_it_is() -> None:
    silent = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in product_files()
        for node in classes(path)
        if not node.name.startswith("_") and ast.get_docstring(node) is None
    ]
    assert silent == []


def _is_port(node: ast.ClassDef) -> bool:
    bases = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
    return any(dotted(base).rpartition(".")[2] == "Protocol" for base in bases)


def test_every_method_of_a_port_is_documented() -> None:
    silent = [
        f"{shown(path)}:{method.lineno} {node.name}.{method.name}"
        for path in product_files()
        for node in classes(path)
        if _is_port(node) and not node.name.startswith("_")
        for method in node.body
        if isinstance(method, FunctionNode) and ast.get_docstring(method) is None
    ]
    assert silent == []


def test_ports_are_found() -> None:
    """The test above looks at something."""
    ports = {node.name for node in classes(ROOT / "connectors" / "base.py") if _is_port(node)}
    assert {"Place", "Source", "Destination"} <= ports


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_nothing_is_mocked() -> None:
    mocking = [shown(path) for path in own_files() if {"unittest.mock", "mock", "pytest_mock"} & _imports(path)]
    assert mocking == []


@pytest.mark.parametrize("package", PRODUCT)
def test_each_package_ships_its_types(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_the_product_does_not_import_what_is_beside_it() -> None:
    wrong = {
        shown(path): sorted(outside)
        for path in product_files()
        if (
            outside := {
                name
                for name in _imports(path)
                if name.split(".")[0] in {"tests", "simulators", "benchmarks", "scripts"}
            }
        )
    }
    assert wrong == {}
