"""Between vCard 3.0 and 4.0: preferences, pictures, dates, places, relations; line by line."""

from __future__ import annotations

from collections.abc import Iterable

from mappings.cards.names import RENAMED
from mappings.cards.old import to_middle
from mappings.cards.values import (
    OMITTED_YEAR,
    extended_date,
    extended_offset,
    geo_fields,
    geo_uri,
    inline_data,
    is_whole_date,
    media_type,
    media_word,
    yearless,
)
from mappings.contentlines import ContentLine, Parameter, make_line
from mappings.errors import Unwritable
from mappings.folding import line_end
from mappings.spellings import DATES, LINKS, basic_date, basic_offset

_BASE64 = frozenset({"B", "BASE64"})
_BACK = {name: other for other, name in RENAMED.items()}
_OMIT = "X-APPLE-OMIT-YEAR"
_NO_MEDIA = frozenset({"home", "work", "pref"})
_BY_ADDRESS = LINKS | {"AGENT", "RELATED", "TEL", "GEO", "SOURCE", "URL"}


def up(line: ContentLine) -> ContentLine:
    """Write a line of vCard 3.0 as one of 4.0; one that is the same in both stays octet for octet."""
    if line.encoding not in _BASE64 and (line.param("ENCODING") or line.param("CHARSET")):
        line = to_middle(line)  # quoted-printable and charsets are of 2.1, but stand in files that say 3.0
    line = _preference_up(line)
    name = line.name
    if name in RENAMED:
        line = _named(line, RENAMED[name], line.params)
        name = line.name
    if name in LINKS:
        return _picture_up(line)
    if name in DATES:
        return _date_up(line)
    if name == "GEO" and (uri := geo_uri(line.decoded().strip())):
        return line.with_value(uri)
    if name == "TZ" and (offset := basic_offset(line.decoded().strip())):
        params = [*without(line, "VALUE"), Parameter("VALUE", ("utc-offset",))]
        return line.with_params(params).with_value(offset)
    if name == "AGENT" and _says_uri(line):
        return _named(line, "RELATED", [Parameter("TYPE", ("agent",)), *without(line, "VALUE")])
    return line.with_params(without(line, "VALUE")) if name in _BY_ADDRESS and _says_uri(line) else line


def down(line: ContentLine) -> ContentLine:
    """Write a line of vCard 4.0 as one of 3.0."""
    line = preference_down(line)
    name = line.name
    if name in DATES:
        line = _date_down(line)
    if name in _BACK:
        return _named(line, _BACK[name], line.params)
    if name in LINKS:
        return _picture_down(line)
    value = line.decoded().strip()
    if name == "GEO":
        fields = geo_fields(value)
        return line.with_value(fields) if fields else _with_uri(line)
    if name == "TZ" and basic_offset(value):
        return line.with_params(without(line, "VALUE")).with_value(extended_offset(value))
    if name == "TEL" and value.lower().startswith("tel:") and ";" not in value:
        return line.with_params(without(line, "VALUE")).with_value(value[4:])
    if name == "RELATED" and line.types() == ("agent",) and not line.param("VALUE") and ":" in value:
        return _named(line, "AGENT", [*without(line, "TYPE"), Parameter("VALUE", ("uri",))])
    return line


def _preference_up(line: ContentLine) -> ContentLine:
    if "pref" not in line.types() or line.param("PREF"):
        return line
    params = []
    for param in line.params:
        words = tuple(word for value in param.values for word in value.split(",") if word.lower() != "pref")
        if param.name != "TYPE":
            params.append(param)
        elif words:
            params.append(Parameter("TYPE", words))
    return line.with_params([*params, Parameter("PREF", ("1",))])


def preference_down(line: ContentLine) -> ContentLine:
    """Write the most preferred as 3.0 has it; it knows no second and third."""
    if line.param("PREF") != ("1",):
        return line
    words = tuple(word for value in line.param("TYPE") for word in value.split(","))
    return line.with_params([Parameter("TYPE", (*words, "PREF")), *without(line, "TYPE", "PREF")])


def _picture_up(line: ContentLine) -> ContentLine:
    if line.encoding not in _BASE64:
        return line.with_params(without(line, "VALUE")) if _says_uri(line) else line
    words = [word for value in line.param("TYPE") for word in value.split(",")]
    kinds = [word for word in words if word.lower() not in _NO_MEDIA]
    media = media_type(line.name, kinds[0] if kinds else "") if len(kinds) < 2 else ""
    digits = line.value.translate(None, b" \t")
    if not media or not digits.isascii():
        raise Unwritable("value")
    places = tuple(word for word in words if word.lower() in _NO_MEDIA)
    params = [*([Parameter("TYPE", places)] if places else []), *without(line, "TYPE", "ENCODING", "VALUE")]
    return line.with_params(params).with_value(f"data:{media};base64,{digits.decode()}")


def _picture_down(line: ContentLine) -> ContentLine:
    found = inline_data(line.value.decode("utf-8", "replace"))
    word = media_word(line.name, found[0]) if found else None
    if found is None or word is None or line.param("MEDIATYPE") or line.param("ENCODING"):
        return _with_uri(line) if line.encoding not in _BASE64 else line
    words = (*(each for value in line.param("TYPE") for each in value.split(",")), *([word] if word else []))
    params = [*without(line, "TYPE", "VALUE"), Parameter("ENCODING", ("b",))]
    return line.with_params([*params, *([Parameter("TYPE", words)] if words else [])]).with_value(found[1])


def _with_uri(line: ContentLine) -> ContentLine:
    value = line.param("VALUE")
    return line if value else line.with_params([*line.params, Parameter("VALUE", ("uri",))])


def _date_up(line: ContentLine) -> ContentLine:
    value = line.decoded().strip()
    basic = basic_date(value)
    if line.param(_OMIT) == (basic[:4],) and is_whole_date(value) and len(basic) == len("16040415"):
        return line.with_params(without(line, _OMIT, "VALUE")).with_value(f"--{basic[4:]}")
    said = [word.lower() for word in line.param("VALUE")]
    params = without(line, "VALUE") if said in (["date"], ["date-time"]) else line.params
    return line if basic == value and params == line.params else line.with_params(params).with_value(basic)


def _date_down(line: ContentLine) -> ContentLine:
    value = line.decoded().strip()
    if day := yearless(value):
        if line.name == "REV":
            return line
        params = [*without(line, "VALUE"), Parameter(_OMIT, (OMITTED_YEAR,))]
        return line.with_params(params).with_value(f"{OMITTED_YEAR}-{day[:2]}-{day[2:]}")
    extended = extended_date(value)
    return line if extended == value else line.with_value(extended)


def _named(line: ContentLine, name: str, params: Iterable[Parameter]) -> ContentLine:
    value = line.value.decode("utf-8", "surrogateescape")
    end = line_end(line.raw) or b"\r\n"
    return make_line(name, value, params=params, group=line.group, end=end)


def without(line: ContentLine, *names: str) -> tuple[Parameter, ...]:
    """Return the parameters of *line* but for those of the *names*."""
    return tuple(param for param in line.params if param.name not in names)


def _says_uri(line: ContentLine) -> bool:
    return [word.upper() for word in line.param("VALUE")] in (["URI"], ["URL"])
