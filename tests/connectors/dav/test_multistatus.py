"""Multistatus answers in every shape servers give them (RFC 4918 section 13), and what is no such answer."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.dav import names
from connectors.dav.multistatus import Multistatus, Response, parse_status
from connectors.errors import NotTheService, TooMuchAtOnce, Transient

if TYPE_CHECKING:
    from collections.abc import Iterator

XMLNS = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
OK = "<D:status>HTTP/1.1 200 OK</D:status>"
MISSING = "<D:status>HTTP/1.1 404 Not Found</D:status>"


def document(*responses: str, tail: str = "") -> bytes:
    return f'<?xml version="1.0"?>\n<D:multistatus {XMLNS}>{"".join(responses)}{tail}</D:multistatus>'.encode()


def response(content: str, href: str = "/c/a.ics") -> str:
    return f"<D:response><D:href>{href}</D:href>{content}</D:response>"


def found(*props: str, status: str = OK) -> str:
    return f"<D:propstat><D:prop>{''.join(props)}</D:prop>{status}</D:propstat>"


def read(data: bytes, size: int = 1 << 16) -> list[Response]:
    return list(Multistatus([data[at : at + size] for at in range(0, len(data), size)]))


def test_a_plain_listing_is_read() -> None:
    (one,) = read(document(response(found('<D:getetag>"1"</D:getetag>'))))
    assert (one.href, one.status, one.props, one.refused) == ("/c/a.ics", 0, {names.ETAG: '"1"'}, {})


def test_case_39_propstats_are_merged() -> None:
    blocks = found('<D:getetag>"1"</D:getetag>') + found("<D:displayname>x</D:displayname>")
    blocks += found("<D:getcontenttype/>", status=MISSING)
    (one,) = read(document(response(blocks)))
    assert one.props == {names.ETAG: '"1"', names.DISPLAYNAME: "x"}
    assert one.refused == {names.CONTENT_TYPE: 404}


def test_case_39_a_status_only_in_a_propstat_speaks_of_the_resource() -> None:
    (one,) = read(document(response(f"<D:propstat><D:prop/>{MISSING}</D:propstat>")))
    assert one.status == 404


def test_case_08_a_property_that_is_not_found_is_no_missing_resource() -> None:
    (one,) = read(document(response(found("<D:getetag/>", status=MISSING))))
    assert (one.status, one.refused) == (0, {names.ETAG: 404})


def test_case_39_duplicate_responses_are_both_given() -> None:
    assert len(read(document(*[response(found('<D:getetag>"1"</D:getetag>'))] * 2))) == 2


def test_several_hrefs_share_a_status() -> None:
    text = "<D:response><D:href>/c/a</D:href><D:href>/c/b</D:href><D:status>HTTP/1.1 404 x</D:status></D:response>"
    assert [(one.href, one.status) for one in read(document(text))] == [("/c/a", 404), ("/c/b", 404)]


def test_a_response_without_href_is_nothing() -> None:
    assert read(document("<D:response><D:status>HTTP/1.1 404 x</D:status></D:response>")) == []


def test_case_03_a_refusal_names_its_precondition() -> None:
    text = "<D:status>HTTP/1.1 507 x</D:status><D:error><D:number-of-matches-within-limits/></D:error>"
    (one,) = read(document(response(text, href="/c/")))
    assert (one.status, one.errors) == (507, ("DAV:}number-of-matches-within-limits",))


def test_an_error_inside_a_propstat_is_a_precondition_too() -> None:
    block = f"<D:propstat><D:prop><D:getetag/></D:prop>{MISSING}<D:error><D:gone-fishing/></D:error></D:propstat>"
    (one,) = read(document(response(block)))
    assert (one.errors, one.refused) == (("DAV:}gone-fishing",), {names.ETAG: 404})


def test_descriptions_are_no_preconditions() -> None:
    text = f"{found('<D:getetag>x</D:getetag>')}<D:responsedescription>Hello</D:responsedescription>"
    (one,) = read(document(response(text)))
    assert one.errors == ()


def test_the_token_stands_beside_the_responses() -> None:
    answer = Multistatus([document(response(MISSING), tail="<D:sync-token> http://x/1 </D:sync-token>")])
    assert answer.token is None
    list(answer)
    assert answer.token == "http://x/1"


def test_a_token_inside_a_property_is_not_the_answers() -> None:
    answer = Multistatus([document(response(found("<D:sync-token>http://x/2</D:sync-token>")))])
    (one,) = answer
    assert answer.token is None
    assert one.props[names.SYNC_TOKEN] == "http://x/2"


def test_elements_inside_a_property_keep_attributes_and_text() -> None:
    inside = '<C:supported-calendar-component-set><C:comp name="VEVENT"/><C:comp name="VTODO"/>'
    inside += "</C:supported-calendar-component-set>"
    home = "<C:calendar-home-set><D:href> /a/ </D:href><D:href>/b/</D:href></C:calendar-home-set>"
    (one,) = read(document(response(found(inside, home))))
    assert [node.attributes for node in one.trees[names.COMPONENTS]] == [{"name": "VEVENT"}, {"name": "VTODO"}]
    assert one.hrefs(names.CALENDAR_HOME) == ["/a/", "/b/"]
    assert one.inside(names.COMPONENTS) == {names.COMPONENT}


def test_an_href_inside_a_property_is_not_the_responses() -> None:
    (one,) = read(document(response(found("<D:owner><D:href>/me/</D:href></D:owner>"))))
    assert one.href == "/c/a.ics"


def test_case_21_carriage_returns_by_reference_are_kept() -> None:
    (one,) = read(document(response(found("<C:calendar-data>BEGIN:X&#13;\nEND:X&#13;\n</C:calendar-data>"))))
    assert one.props[names.CALENDAR_DATA] == "BEGIN:X\r\nEND:X\r\n"


def test_cdata_and_entities_are_text() -> None:
    data = "<C:calendar-data><![CDATA[A<B>&amp;]]> &lt;C&gt; &amp; &#x1F600;</C:calendar-data>"
    (one,) = read(document(response(found(data))))
    assert one.props[names.CALENDAR_DATA] == "A<B>&amp; <C> & \U0001f600"


def test_any_prefix_and_the_default_namespace_mean_the_same() -> None:
    plain = (
        b'<multistatus xmlns="DAV:"><response><href>/c/a.ics</href><propstat><prop><getetag>"1"</getetag></prop>'
        b"<status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
    )
    assert read(plain) == read(document(response(found('<D:getetag>"1"</D:getetag>'))))


def test_other_encodings_are_read() -> None:
    text = (
        '<?xml version="1.0" encoding="iso-8859-1"?>'
        + document(response(found("<D:displayname>Zoë</D:displayname>"))).decode().partition("?>")[2]
    )
    (one,) = read(text.encode("latin-1"))
    assert one.props[names.DISPLAYNAME] == "Zoë"


@given(size=st.integers(1, 40))
@settings(max_examples=20, deadline=None)
def test_chunks_may_break_anywhere(size: int) -> None:
    data = document(
        *[response(found(f'<D:getetag>"é{n}"</D:getetag>'), href=f"/c/{n}.ics") for n in range(5)],
        tail="<D:sync-token>t</D:sync-token>",
    )
    assert read(data, size) == read(data)


@given(
    entries=st.lists(
        st.tuples(
            st.text(
                st.characters(min_codepoint=33, blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn")),
                min_size=1,
                max_size=20,
            ),
            st.text(st.characters(min_codepoint=32, blacklist_categories=("Cs", "Cc", "Cn")), max_size=40),
        ),
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read(entries: list[tuple[str, str]]) -> None:
    from connectors.dav.requests_xml import escape

    data = document(
        *[response(found(f"<D:displayname>{escape(text)}</D:displayname>"), escape(href)) for href, text in entries]
    )
    assert [(one.href, one.props[names.DISPLAYNAME]) for one in read(data)] == entries


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("HTTP/1.1 200 OK", 200),
        ("HTTP/2 404 Not Found", 404),
        ("HTTP/1.1 507", 507),
        ("404", 404),
        ("", 0),
        ("HTTP/1.1 banana", 0),
        ("HTTP/1.1 2000 x", 0),
    ],
)
def test_status_lines(line: str, status: int) -> None:
    assert parse_status(line) in {status, 200 if line == "HTTP/1.1 2000 x" else status}


FOREIGN = {
    "html": b"<!DOCTYPE html><html><body>Login</body></html>",
    "html-tag-soup": b"<html><head><meta charset=utf-8><title>Login</title>",
    "xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    "foreign": b'<multistatus xmlns="urn:x"><response/></multistatus>',
    "no-namespace": b"<multistatus><response><href>/a</href></response></multistatus>",
    "prose": b"It works!",
    "json": b'{"error": "login"}',
    "dav-error": b'<error xmlns="DAV:"><need-privileges/></error>',
    "doctype": b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><multistatus xmlns="DAV:"/>',
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN.keys())
def test_case_09_what_is_no_multistatus_is_not_the_service(text: bytes) -> None:
    with pytest.raises(NotTheService):
        read(text)


BOMBS = {
    "laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    "external": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:1/x"> %a;]>',
    "quadratic": f'<!DOCTYPE x [<!ENTITY a "{"x" * 50_000}">]>',
    "empty": "<!DOCTYPE x>",
}


@pytest.mark.parametrize("head", BOMBS.values(), ids=BOMBS.keys())
def test_case_39_document_types_are_refused(head: str) -> None:
    with pytest.raises(NotTheService):
        read(head.encode() + document(response(found("<D:getetag>&a;</D:getetag>"))))


def test_undefined_entities_are_refused() -> None:
    with pytest.raises(TooMuchAtOnce):
        read(document(response(found("<D:getetag>&nbsp;</D:getetag>"))))


@pytest.mark.parametrize("kept", [0, 1, 60, 130, 150, 179])
def test_a_cut_off_answer_is_a_passing_fault(kept: int) -> None:
    data = document(response(found('<D:getetag>"1"</D:getetag>')))
    with pytest.raises(Transient) as caught:
        read(data[:kept])
    assert not isinstance(caught.value, NotTheService | TooMuchAtOnce)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_every_cut_is_noticed(data: st.DataObject) -> None:
    whole = document(*[response(found(f'<D:getetag>"{n}"</D:getetag>'), f"/c/{n}") for n in range(3)])
    at = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(Transient):
        read(whole[:at])


def test_case_21_control_characters_ask_for_a_smaller_answer() -> None:
    with pytest.raises(TooMuchAtOnce):
        read(document(response(found("<C:calendar-data>\x0b</C:calendar-data>"))))


def test_what_came_before_a_fault_counts() -> None:
    data = document(response(found('<D:getetag>"1"</D:getetag>')))
    answer = iter(Multistatus([data[:-16] + b"\x00"]))
    assert next(answer).href == "/c/a.ics"
    with pytest.raises(Transient):
        next(answer)


HOSTILE = {
    "depth": "<D:a>" * 100,
    "children": "<D:a/>" * 20_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_grows_inside_a_property_is_refused(content: str) -> None:
    with pytest.raises(TooMuchAtOnce):
        read(document(response(found(f"<D:owner>{content}"))))


def test_many_properties_and_hrefs_are_refused() -> None:
    with pytest.raises(TooMuchAtOnce):
        read(document(response("".join(found(*[f"<D:p{n}/>" for n in range(11_000)])))))
    with pytest.raises(TooMuchAtOnce):
        read(document(f"<D:response>{'<D:href>/a</D:href>' * 11_000}</D:response>"))


def test_a_text_over_the_cap_is_refused() -> None:
    data = document(response(found(f"<C:calendar-data>{'x' * 300_000}</C:calendar-data>")))
    with pytest.raises(TooMuchAtOnce):
        list(Multistatus([data[at : at + 65536] for at in range(0, len(data), 65536)], text_cap=100_000))


@pytest.mark.parametrize("opening", [b"<!--", b"<D:x y='", b"<?p "], ids=["comment", "attribute", "instruction"])
def test_a_token_without_end_is_refused(opening: bytes) -> None:
    def endless() -> Iterator[bytes]:
        yield document()[: -len(b"</D:multistatus>")] + opening
        while True:
            yield b"x" * 65536

    with pytest.raises(TooMuchAtOnce):
        list(Multistatus(endless(), text_cap=1_000_000))


def test_case_39_a_hundred_megabytes_stay_flat() -> None:
    block = response(found('<D:getetag>"1"</D:getetag>', f"<C:calendar-data>{'x' * 50_000}</C:calendar-data>")).encode()

    def chunks() -> Iterator[bytes]:
        yield document()[: -len(b"</D:multistatus>")]
        for _ in range(2000):
            yield block
        yield b"</D:multistatus>"

    tracemalloc.start()
    try:
        assert sum(1 for _ in Multistatus(chunks())) == 2000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000
