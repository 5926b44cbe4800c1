"""Check the query of a request against the method's parameters."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from simulators.google.refusals import Refusal, wrong_argument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.google.discovery import Method, Parameter

Value = str | int | bool | list[str]
WHOLE = re.compile(r"-?\d{1,10}")
INT32 = range(-(2**31), 2**31)
LONGEST_UINT64 = 20


def read(method: Method, path: Mapping[str, str], query: str) -> dict[str, Value]:
    """Return what was said, by name: one value, or a list where the document says repeated.

    Raises ``Refusal`` (400) for a name the method does not have, a value of the wrong type, out of range or not
    among the enum's, and one that is repeated without leave.
    """
    said: dict[str, Value] = {name: unquote(value) for name, value in path.items()}
    try:
        asked = parse_qs(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    except ValueError as error:
        raise Refusal(400, "Bad Request", "badRequest") from error
    for name, values in asked.items():
        parameter = method.parameters.get(name)
        if parameter is None or parameter.location != "query":
            raise _unknown(method, name)
        if len(values) > 1 and not parameter.repeated:
            raise wrong_argument(name, f"Invalid value at '{name}': the parameter must not be repeated.")
        typed = [_value(method, parameter, value) for value in values]
        said[name] = [str(each) for each in typed] if parameter.repeated else typed[0]
    for parameter in method.parameters.values():
        if parameter.required and parameter.name not in said:
            raise wrong_argument(parameter.name, f"Required parameter: {parameter.name}")
    return said


def _unknown(method: Method, name: str) -> Refusal:
    if method.api == "calendar":
        return wrong_argument(name, f"Unknown parameter: '{name}'")
    words = f"Cannot bind query parameter. Field '{name}' could not be found in request message."
    return wrong_argument(name, f'Invalid JSON payload received. Unknown name "{name}": {words}')


def _value(method: Method, parameter: Parameter, text: str) -> str | int | bool:
    if parameter.enum and text not in parameter.enum:
        raise _bad(method, parameter, text)
    if parameter.type == "integer":
        return _integer(method, parameter, text)
    if parameter.type == "boolean":
        if text not in {"true", "false"}:
            raise _bad(method, parameter, text)
        return text == "true"
    if parameter.format == "uint64" and not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_UINT64):
        raise _bad(method, parameter, text)
    if parameter.format == "date-time":
        moment(parameter.name, text)
    return text


def _integer(method: Method, parameter: Parameter, text: str) -> int:
    if not WHOLE.fullmatch(text) or int(text) not in INT32:
        raise _bad(method, parameter, text)
    number = int(text)
    if number == 0 and method.api == "people" and parameter.usual is not None:
        return parameter.usual  # "Defaults to 100 if not set or set to 0."
    if parameter.highest is not None and number > parameter.highest:
        raise wrong_argument(parameter.name, f"Page size must be less than or equal to {parameter.highest}.")
    if number < (parameter.lowest if parameter.lowest is not None else 0 if parameter.format == "uint32" else number):
        raise _bad(method, parameter, text)
    return number if parameter.cap is None else min(number, parameter.cap)


def _bad(method: Method, parameter: Parameter, text: str) -> Refusal:
    if method.api == "calendar":
        return wrong_argument(parameter.name, f"Invalid value for {parameter.type} parameter: '{text}'")
    return wrong_argument(parameter.name, f"Invalid value at '{parameter.name}' ({parameter.type}), \"{text}\"")


def moment(name: str, text: str) -> dt.datetime:
    """Return the instant of an RFC 3339 timestamp with its mandatory offset. Raises ``Refusal``."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or "T" not in text.upper():
        raise wrong_argument(name, "Bad Request: Must be an RFC3339 timestamp with mandatory time zone offset.")
    return found


def number(said: Mapping[str, Value], method: Method, name: str) -> int:
    """Return a number that was said, else the document's default."""
    value = said.get(name, method.parameters[name].usual)
    assert isinstance(value, int), name
    return value


def text(said: Mapping[str, Value], name: str) -> str:
    """Return a text that was said, else nothing."""
    value = said.get(name, "")
    return value if isinstance(value, str) else ""


def texts(said: Mapping[str, Value], name: str) -> list[str]:
    """Return the values of a repeated parameter."""
    value = said.get(name, [])
    return value if isinstance(value, list) else []
