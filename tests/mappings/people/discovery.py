"""The Person schema of Google's discovery document, walked: which leaves there are and which can be written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient


@dataclass(frozen=True, slots=True)
class SchemaLeaf:
    """A leaf path, its type, and whether only Google sets it."""

    path: str
    type: str
    output_only: bool
    enum: tuple[str, ...]

    @property
    def field(self) -> str:
        return re.split(r"[.\[]", self.path)[0]


@cache
def document() -> dict[str, Any]:
    place = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents" / "people.v1.json"
    found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return found


@cache
def leaves() -> tuple[SchemaLeaf, ...]:
    return tuple(_walk("Person", "", output_only=False))


def _walk(schema: str, prefix: str, *, output_only: bool) -> Iterator[SchemaLeaf]:
    for name, said in document()["schemas"][schema]["properties"].items():
        is_list = said.get("type") == "array"
        inner = said.get("items", {}) if is_list else said
        path = f"{prefix}{name}[]" if is_list else f"{prefix}{name}"
        out = output_only or said.get("readOnly", False) or said.get("description", "").startswith("Output only")
        if "$ref" in inner:
            yield from _walk(inner["$ref"], f"{path}.", output_only=out)
        else:
            yield SchemaLeaf(path, inner.get("type", ""), out, tuple(inner.get("enum", ())))


def updatable() -> frozenset[str]:
    """The fields that updateContact takes a mask of."""
    method = document()["resources"]["people"]["methods"]["updateContact"]
    return frozenset(re.findall(r"\* (\w+)", method["parameters"]["updatePersonFields"]["description"]))


def writable() -> tuple[SchemaLeaf, ...]:
    """The leaves a client can write, metadata aside: those of the update mask, and skills and fileAses on creation."""
    fields = updatable() | {"skills", "fileAses"}
    return tuple(
        leaf for leaf in leaves() if leaf.field in fields and not leaf.output_only and ".metadata." not in leaf.path
    )
