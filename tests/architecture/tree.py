"""The project's own files, as the architecture tests look at them."""

from __future__ import annotations

import ast
import functools
import io
import os
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("wherry", "sync_engine", "connectors", "mappings", "oauth")
BESIDE = ("simulators", "benchmarks", "scripts", "tests")
TEXTS = {".py", ".md", ".toml", ".html", ".css", ".js", ".mako", ".yml", ".yaml", ".json", ".txt", ".cfg", ".ini", ""}
"""Endings of files a person writes by hand; scripts have none."""

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files below *folder* that are written by us: no cache, no work folder of a benchmark."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        yield from (Path(parent, name) for name in names)


def python_files(*folders: str) -> list[Path]:
    """Return every Python file below *folders*, sorted."""
    return sorted(path for folder in folders for path in _below(ROOT / folder) if path.suffix == ".py")


def product_files() -> list[Path]:
    """Return the Python files that are shipped."""
    return python_files(*PRODUCT)


def own_files() -> list[Path]:
    """Return every Python file of the project."""
    return python_files(*PRODUCT, *BESIDE)


def written_files() -> Iterator[Path]:
    """Yield every text file of the project, documents and scripts included."""
    yield from (path for path in sorted(ROOT.iterdir()) if path.is_file() and path.suffix in TEXTS)
    for folder in (*PRODUCT, *BESIDE, "docs", ".ci"):
        yield from (path for path in sorted(_below(ROOT / folder)) if path.suffix in TEXTS)


def shown(path: Path) -> str:
    """Return *path* as a reader would look for it."""
    return str(path.relative_to(ROOT))


def lines(path: Path) -> int:
    """Count the lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


@functools.cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[FunctionNode]:
    """Yield every function and method of a file, nested ones too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, FunctionNode):
            yield node


def classes(path: Path) -> Iterator[ast.ClassDef]:
    """Yield every class of a file."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef):
            yield node


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line number and text of each comment."""
    reader = io.StringIO(path.read_text(encoding="utf-8")).readline
    for token in tokenize.generate_tokens(reader):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` for an attribute chain, or as much of it as is one."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
