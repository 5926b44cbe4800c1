"""Field masks, enforced for real: an unknown field is refused, an unlisted one is not sent.

``fields``: developers.google.com/workspace/calendar/api/guides/performance#partial-response.
``personFields``, ``readMask``, ``groupFields``: valid values stand in the parameters' descriptions.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from simulators.google.refusals import Refusal, wrong_argument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from simulators.google.discovery import Document, Json

Tree = dict[str, Any]
"""What of an object is sent: name -> tree of what lies below, empty for everything."""
MOST_MASK, DEEPEST_MASK = 10_000, 50
_PIECE = re.compile(r"[^,/()]+|[,/()]")


def listed(name: str, said: str, valid: Iterable[str]) -> frozenset[str]:
    """Return the paths of a field mask in lower camel case. Raises ``Refusal`` for one that is not valid."""
    known = frozenset(valid)
    paths = frozenset(_camel(path.strip()) for path in said.split(",") if path.strip())
    for path in sorted(paths - known):
        words = f'Invalid {name} mask path: "{path}". Valid paths are documented at'
        raise wrong_argument(name, f"{words} https://developers.google.com/people/api/rest/v1/people/get.")
    return paths


def _camel(path: str) -> str:
    head, *rest = path.split("_")
    return head + "".join(part.capitalize() for part in rest)


def partial(document: Document, schema: str, said: str) -> Tree | None:
    """Return the tree of a ``fields`` selector, ``None`` for all. Raises ``Refusal`` for a field there is not."""
    if not said:
        return None
    if len(said) > MOST_MASK or said.count("(") > DEEPEST_MASK:
        raise wrong_argument("fields", "Invalid field selection")
    tree = _parsed(said)
    _check(document, {"$ref": schema}, tree)
    return tree


@functools.lru_cache(maxsize=256)
def _parsed(said: str) -> Tree:
    pieces = _PIECE.findall(said)
    tree, end = _selection(pieces, 0)
    if end != len(pieces):
        raise wrong_argument("fields", f"Invalid field selection {said}")
    return tree


def _selection(pieces: list[str], at: int) -> tuple[Tree, int]:
    """Read paths up to the end or a closing bracket."""
    tree: Tree = {}
    while True:
        here = tree
        while True:
            if at >= len(pieces) or pieces[at] in ",/()":
                raise wrong_argument("fields", "Invalid field selection " + "".join(pieces[at:]))
            here = here.setdefault(pieces[at].strip(), {})
            at += 1
            if at >= len(pieces) or pieces[at] != "/":
                break
            at += 1
        if at < len(pieces) and pieces[at] == "(":
            below, at = _selection(pieces, at + 1)
            if at >= len(pieces) or pieces[at] != ")":
                raise wrong_argument("fields", "Invalid field selection: a bracket is not closed")
            here.update(below)
            at += 1
        if at >= len(pieces) or pieces[at] != ",":
            return tree, at
        at += 1


def _check(document: Document, schema: Mapping[str, Any], tree: Tree) -> None:
    while "$ref" in schema or schema.get("type") == "array":
        schema = document.schemas[schema["$ref"]] if "$ref" in schema else schema["items"]
    properties, extra = schema.get("properties", {}), schema.get("additionalProperties")
    for name, below in tree.items():
        if name == "*":
            continue
        inner = properties.get(name, extra)
        if inner is None:
            raise _no_such_field(document.name, name)
        if below:
            _check(document, inner, below)


def _no_such_field(api: str, name: str) -> Refusal:
    if api == "calendar":
        return Refusal(400, f"Invalid field selection {name}", "invalidParameter", location="fields")
    refusal = wrong_argument(
        name, f"Error expanding 'fields' parameter. Cannot find matching fields for path '{name}'."
    )
    refusal.words = "Request contains an invalid argument."
    return refusal


def cut(value: Any, tree: Tree | None) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """Return what of *value* a tree lets through."""
    if not tree:
        return value
    if isinstance(value, list):
        return [cut(each, tree) for each in value]
    if not isinstance(value, dict):
        return value
    kept: Json = {}
    for name, each in value.items():
        below = tree.get(name, tree.get("*"))
        if below is not None:
            kept[name] = cut(each, below)
    return kept
