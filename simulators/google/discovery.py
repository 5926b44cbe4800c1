"""What a discovery document says: methods, paths, parameters, scopes and schemas.

The documents are those that google-api-python-client carries; they are read as files, its code is not run. Format:
developers.google.com/discovery/v1/reference/apis.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]
"""A JSON object. Its shape is checked against the document's schemas by the tests, not by types."""
_VARIABLE = re.compile(r"\{(\+?)([^}]+)\}")
_LISTED = re.compile(r"\* `?(\w+)`?")
_RANGE = re.compile(r"between (\d+) and (\d+), inclusive\. Defaults to (\d+)")
_CAP = re.compile(r"(?:can never be larger than|maximum allowed value for this field is) (\d+)")
_FIRST_VALUE = re.compile(r"By default the value is (\d+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. *lowest* is refused below, *cap* cut down to, *highest* refused above; *usual* is the default."""

    name: str
    type: str
    format: str = ""
    location: str = "query"
    required: bool = False
    repeated: bool = False
    enum: tuple[str, ...] = ()
    pattern: str = ""
    lowest: int | None = None
    highest: int | None = None
    cap: int | None = None
    usual: int | None = None
    paths: tuple[str, ...] = ()
    """The valid values of a field mask, as the description lists them."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method. *id* is like ``people.people.connections.list``."""

    id: str
    api: str
    verb: str
    path: re.Pattern[str]
    parameters: Mapping[str, Parameter]
    scopes: frozenset[str]
    response: str


@dataclass(frozen=True, slots=True)
class Document:
    """One API. *root* is the path its methods lie under, with slashes around."""

    name: str
    root: str
    methods: tuple[Method, ...]
    schemas: Mapping[str, Json]

    def find(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """Return the method of a request and the variables of its path, still percent-encoded."""
        for method in self.methods:
            if method.verb == verb and (found := method.path.fullmatch(path)):
                return method, found.groupdict()
        return None


def folder() -> Path:
    """Return where the documents lie. Raises ``FileNotFoundError`` without google-api-python-client."""
    found = importlib.util.find_spec("googleapiclient")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("google-api-python-client is not installed: its discovery documents are needed")
    return Path(found.submodule_search_locations[0]) / "discovery_cache" / "documents"


@functools.cache
def raw(name: str) -> Json:
    """Return a document as it is, by name and version: ``people.v1``."""
    said: Json = json.loads((folder() / f"{name}.json").read_text(encoding="utf-8"))
    return said


@functools.cache
def document(name: str) -> Document:
    """Return a document, by name and version: ``people.v1``."""
    said = raw(name)
    common = {key: _parameter(key, each) for key, each in said["parameters"].items()}
    root = "/" + said["servicePath"]
    methods = tuple(_method(said["name"], root, common, each) for each in _methods(said))
    return Document(said["name"], root, methods, said["schemas"])


def _methods(resource: Json) -> Iterator[Json]:
    yield from resource.get("methods", {}).values()
    for below in resource.get("resources", {}).values():
        yield from _methods(below)


def _method(api: str, root: str, common: Mapping[str, Parameter], said: Json) -> Method:
    own = {name: _parameter(name, each) for name, each in said.get("parameters", {}).items()}
    return Method(
        id=said["id"],
        api=api,
        verb=said["httpMethod"],
        path=_pattern(root + said["path"], own),
        parameters={**common, **own},
        scopes=frozenset(said.get("scopes", ())),
        response=said.get("response", {}).get("$ref", ""),
    )


def _pattern(template: str, parameters: Mapping[str, Parameter]) -> re.Pattern[str]:
    """Return what matches a path: ``{+name}`` as the parameter's own pattern says, ``{name}`` one segment."""
    text, end = "", 0
    for variable in _VARIABLE.finditer(template):
        plus, name = variable.groups()
        inner = parameters[name].pattern.strip("^$") if plus else "[^/]+"
        text += re.escape(template[end : variable.start()]) + f"(?P<{name}>{inner})"
        end = variable.end()
    return re.compile(text + re.escape(template[end:]))


def _parameter(name: str, said: Json) -> Parameter:
    about = said.get("description", "")
    between, cap, first = _RANGE.search(about), _CAP.search(about), _FIRST_VALUE.search(about)
    usual = said.get("default") or (between and between[3]) or (first and first[1])
    return Parameter(
        name=name,
        type=said["type"],
        format=said.get("format", ""),
        location=said["location"],
        required=said.get("required", False),
        repeated=said.get("repeated", False),
        enum=tuple(said.get("enum", ())),
        pattern=said.get("pattern", ""),
        lowest=int(said["minimum"]) if "minimum" in said else (int(between[1]) if between else None),
        highest=int(between[2]) if between else None,
        cap=int(cap[1]) if cap else None,
        usual=int(usual) if usual and said["type"] == "integer" else None,
        paths=tuple(dict.fromkeys(_LISTED.findall(about))) if said.get("format") == "google-fieldmask" else (),
    )
