"""JSON as the APIs send it: read with care, written in one spelling."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from connectors.errors import NotTheService

Json = Mapping[str, object]


def parsed(body: bytes) -> Json:
    """Return the object in *body*. Raises ``NotTheService`` when there is none: a login page, or half an answer."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotTheService("an answer that is no JSON") from error
    if not isinstance(said, dict):
        raise NotTheService("an answer that is no JSON object")
    return said


def rows(said: Json, name: str) -> Sequence[Json]:
    """Return the objects a list answer holds under *name*; none if it is not there. Raises ``NotTheService``."""
    found = said.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise NotTheService(f"an answer whose {name} are no list of objects")
    return found


def parts(said: Json, name: str) -> Iterable[Json]:
    """Yield the objects within an item's field; whatever else stands there is passed over."""
    found = said.get(name)
    return (each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()


def part(said: Json, name: str) -> Json:
    """Return the object within an item's field, an empty one if there is none."""
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def text(said: Json, name: str) -> str:
    """Return the text of a field, empty if there is none."""
    found = said.get(name)
    return found if isinstance(found, str) else ""


def compact(said: object) -> bytes:
    """Return JSON with sorted keys and no blanks, in UTF-8: the same object gives the same bytes.

    Half a surrogate pair has no UTF-8; an object that holds one is written in ASCII, where JSON can say it.
    """
    try:
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def digest(*words: object) -> str:
    """Return 24 letters that change with any of *words*."""
    return blake2b(compact(words), digest_size=12).hexdigest()
