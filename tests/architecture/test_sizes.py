"""Small files, small functions, and more tests than code: the house stays walkable."""

from __future__ import annotations

import statistics

from tests.architecture.tree import FunctionNode, functions, lines, own_files, product_files, python_files, shown

LARGEST_FILE = 400
MEDIAN_FILE = 160
LONGEST_FUNCTION = 50
RATIO_NOW = 2.1
"""Lines of tests per line of product. The rule is two at least; this is where we are, and it only goes up."""


def _length(function: FunctionNode) -> int:
    """Count the lines from ``def`` to the end; decorators are data about the function, not part of it."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_no_file_is_too_large() -> None:
    large = {shown(path): lines(path) for path in own_files() if lines(path) > LARGEST_FILE}
    assert large == {}


def test_the_median_product_file_is_small() -> None:
    sizes = [size for path in product_files() if (size := lines(path))]
    assert statistics.median(sizes) <= MEDIAN_FILE


def test_no_function_is_too_long() -> None:
    long = {
        f"{shown(path)}:{function.lineno} {function.name}": _length(function)
        for path in own_files()
        for function in functions(path)
        if _length(function) > LONGEST_FUNCTION
    }
    assert long == {}


def test_tests_keep_up_with_the_source() -> None:
    """The conformance kit is shipped, but it is tests: a connector's own test inherits it."""
    kit = set(python_files("connectors/testing"))
    source = sum(lines(path) for path in product_files() if path not in kit)
    tests = sum(map(lines, [*python_files("tests"), *kit]))
    assert tests >= RATIO_NOW * source, f"{tests} lines of tests for {source} lines of source"
