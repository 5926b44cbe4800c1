"""Walk a schema of a discovery document down to its leaves, and find them again in objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from simulators.google.discovery import document

SEVERAL = "*"
"""Stands for the free names of a map."""


def leaves(api: str, schema: str, *, without: Iterable[str] = ()) -> set[str]:
    """Return the writable leaves of a schema as dotted paths; lists are passed through, maps end in ``*``.

    Left out: what is read-only or deprecated, what lies below the schemas *without*, and recursion.
    """
    schemas = document(api).schemas
    found: set[str] = set()

    def walk(said: dict[str, Any], path: tuple[str, ...], seen: tuple[str, ...]) -> None:
        while said.get("type") == "array":
            said = said["items"]
        if "$ref" in said:
            if said["$ref"] in seen or said["$ref"] in set(without):
                return
            walk(schemas[said["$ref"]], path, (*seen, said["$ref"]))
        elif "properties" in said:
            for name, below in said["properties"].items():
                if not _read_only(below):
                    walk(below, (*path, name), seen)
        elif "additionalProperties" in said:
            walk(said["additionalProperties"], (*path, SEVERAL), seen)
        else:
            found.add(".".join(path))

    walk({"$ref": schema}, (), ())
    return found


def _read_only(said: dict[str, Any]) -> bool:
    about = said.get("description", "")
    dead = said.get("deprecated") and "DEPRECATED" in about
    return bool(said.get("readOnly") or dead or about.startswith("Output only"))


def present(value: Any, path: tuple[str, ...] = (), *, maps: Iterable[str] = ()) -> Iterator[str]:
    """Yield the paths of the leaves an object has; names below the paths *maps* are free."""
    if isinstance(value, list):
        for each in value:
            yield from present(each, path, maps=maps)
    elif isinstance(value, dict) and value:
        free = ".".join(path) in set(maps)
        for name, each in value.items():
            yield from present(each, (*path, SEVERAL if free else name), maps=maps)
    else:
        yield ".".join(path)
