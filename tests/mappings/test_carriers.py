"""What media types name, what limits hold back, and errors that carry no piece of the object."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import errors
from mappings.bundles import join, split
from mappings.canonical import canonical_digest, differences
from mappings.contentlines import ContentLine, make_line
from mappings.documents import parse
from mappings.errors import Malformed, MappingError, TooDeep, TooLarge, UnknownType, Unwritable
from mappings.folding import raw_lines
from mappings.inspect import inspect
from mappings.limits import DEFAULT_LIMITS, Limits
from mappings.mediatypes import Family, family
from tests.mappings.samples import CALENDAR, CARD, FULL_CARD, FULL_EVENT, card, event, lines

SECRET = "correct horse battery"


@pytest.mark.parametrize(
    ("media_type", "found"),
    [
        ("text/calendar", Family.CALENDAR),
        ("text/calendar; charset=utf-8", Family.CALENDAR),
        ("TEXT/CALENDAR", Family.CALENDAR),
        (" text/calendar ;component=VEVENT", Family.CALENDAR),
        ("text/x-vcalendar", Family.CALENDAR),
        ("application/ics", Family.CALENDAR),
        ("text/vcard", Family.CARD),
        ("text/vcard;version=4.0", Family.CARD),
        ("text/x-vcard", Family.CARD),
        ("text/directory; profile=vcard", Family.CARD),
    ],
)
def test_families(media_type: str, found: Family) -> None:
    assert family(media_type) is found


@pytest.mark.parametrize(
    "media_type", ["", ";", "text/plain", "text/html", "calendar", "text/calendars", "text /vcard", "application/json"]
)
def test_other_types_are_refused_by_name(media_type: str) -> None:
    with pytest.raises(UnknownType) as refused:
        family(media_type)
    assert refused.value.media_type == media_type
    assert inspect(media_type, FULL_EVENT).problem == "unknown-type"
    with pytest.raises(UnknownType):
        canonical_digest(media_type, FULL_EVENT)
    with pytest.raises(UnknownType):
        list(split(media_type, FULL_EVENT))
    with pytest.raises(UnknownType):
        list(join(media_type, [FULL_EVENT]))


@given(media_type=st.text(max_size=20))
@settings(max_examples=200, deadline=None)
def test_any_word_is_a_family_or_refused(media_type: str) -> None:
    try:
        found = family(media_type)
    except UnknownType:
        assert inspect(media_type, FULL_CARD).problem == "unknown-type"
    else:
        assert found in Family


def deep(levels: int, outer: str = "VCALENDAR") -> bytes:
    """Nest so many components, the outermost included."""
    inner = [f"X-{n}" for n in range(levels - 1)]
    names = [outer, *inner]
    return lines(*[f"BEGIN:{name}" for name in names], *[f"END:{name}" for name in reversed(names)])


@pytest.mark.parametrize("levels", [1, 2, DEFAULT_LIMITS.depth])
def test_nesting_up_to_the_limit_is_read(levels: int) -> None:
    body = deep(levels)
    assert parse(body).to_bytes() == body
    assert inspect(CALENDAR, body).problem in {"", "no-component"}


@pytest.mark.parametrize("levels", [DEFAULT_LIMITS.depth + 1, 500, 5_000])
def test_nesting_beyond_it_is_refused_by_everyone(levels: int) -> None:
    body = deep(levels)
    assert inspect(CALENDAR, body).problem == "too-deep"
    with pytest.raises(TooDeep):
        parse(body)
    with pytest.raises(TooDeep):
        canonical_digest(CALENDAR, body)
    with pytest.raises(TooDeep):
        list(split(CALENDAR, body))


WORKS: dict[str, Callable[[bytes, Limits], object]] = {
    "parse": lambda body, limits: parse(body, limits=limits),
    "digest": lambda body, limits: canonical_digest(CARD, body, limits=limits),
    "differences": lambda body, limits: differences(CARD, body, body, limits=limits),
    "split": lambda body, limits: list(split(CARD, body, limits=limits)),
}


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS.keys())
@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("octets", len(FULL_CARD), "bytes"),
        ("lines", len(list(raw_lines(FULL_CARD))), "lines"),
        ("line_octets", max(map(len, raw_lines(FULL_CARD))), "line"),
    ],
)
def test_limits_hold_at_the_very_octet(
    work: Callable[[bytes, Limits], object], field: str, value: int, what: str
) -> None:
    """At the limit the body is read, one below it is refused, by the same name everywhere."""
    at = Limits(**{field: value})
    work(FULL_CARD, at)
    with pytest.raises(TooLarge) as refused:
        work(FULL_CARD, Limits(**{field: value - 1}))
    assert (refused.value.what, refused.value.limit) == (what, value - 1)


def test_inspect_obeys_the_octets() -> None:
    assert inspect(CARD, FULL_CARD, limits=Limits(octets=len(FULL_CARD))).complete
    assert inspect(CARD, FULL_CARD, limits=Limits(octets=len(FULL_CARD) - 1)).problem == "too-large"


LEAVES = [leaf for leaf in vars(errors).values() if isinstance(leaf, type) and issubclass(leaf, MappingError)]


def test_every_error_has_one_root() -> None:
    assert {Malformed, TooDeep, TooLarge, UnknownType, Unwritable} < set(LEAVES)


@pytest.mark.parametrize(
    "break_it",
    [
        pytest.param(lambda: list(join(CARD, [card(f"NOTE:{SECRET}")[:-9]])), id="malformed"),
        pytest.param(lambda: parse(card(f"NOTE:{SECRET}"), limits=Limits(octets=10)), id="octets"),
        pytest.param(lambda: parse(card(f"NOTE:{SECRET}"), limits=Limits(line_octets=12)), id="line"),
        pytest.param(lambda: parse(card(f"NOTE:{SECRET}"), limits=Limits(lines=1)), id="lines"),
        pytest.param(lambda: parse(lines(*[f"BEGIN:{SECRET}"] * 30)), id="deep"),
        pytest.param(lambda: make_line("NOTE", f"{SECRET}\n"), id="value"),
        pytest.param(lambda: make_line(f"NO TE {SECRET}", ""), id="name"),
        pytest.param(lambda: ContentLine(b"x:y").with_param(f"{SECRET}\n", "v"), id="parameter"),
        pytest.param(lambda: ContentLine(SECRET.encode()).with_value("v"), id="junk"),
    ],
)
def test_no_error_says_what_the_object_said(break_it: Callable[[], object]) -> None:
    with pytest.raises(MappingError) as refused:
        break_it()
    assert SECRET not in str(refused.value)
    assert SECRET not in repr(refused.value.args)


@pytest.mark.parametrize("body", [b"", b"\0", b"\xff\xfe", b"BEGIN", b"BEGIN:", b"BEGIN:VCARD", b"\r\n" * 50])
@pytest.mark.parametrize("media_type", [CALENDAR, CARD])
def test_scraps_are_answered_by_everyone(media_type: str, body: bytes) -> None:
    assert not inspect(media_type, body).complete
    assert len(canonical_digest(media_type, body)) == 64
    pieces = list(split(media_type, body))
    assert not any(inspect(media_type, piece).complete for piece in pieces)
    with pytest.raises(Malformed):
        list(join(media_type, [body]))


def test_whole_ones_are_taken_by_everyone() -> None:
    for media_type, body in ((CALENDAR, event()), (CARD, card("FN:x"))):
        assert inspect(media_type, body).complete
        assert len(list(split(media_type, body))) == 1
        assert inspect(media_type, b"".join(join(media_type, [body, body]))).complete
