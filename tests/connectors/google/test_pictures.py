"""Pictures: at full size, from Google's pictures only, never with the token, and said when they cannot be had."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import Endpoint
from connectors.errors import Throttled, Transient
from connectors.google import pictures
from connectors.google.contacts import Contacts
from connectors.google.pictures import MOST, Pictures, full_size, media_type
from connectors.guard import Guard
from connectors.http import Http, Limits
from oauth.authorizers import Bearer
from oauth.secret import Secret
from tests.connectors.google.behind import (
    CONTACTS,
    HASTY,
    HOME,
    OPENED,
    QUICK,
    contacts,
    context,
    listed,
    only,
    transport,
)
from tests.connectors.servers import always, reply

if TYPE_CHECKING:
    from simulators.google import Service
    from tests.connectors.conftest import Serve

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("https://lh3.googleusercontent.com/contacts/abc=s100", "https://lh3.googleusercontent.com/contacts/abc=s0"),
        ("https://lh3.googleusercontent.com/a-/abc=s100-p-k", "https://lh3.googleusercontent.com/a-/abc=s0"),
        ("https://lh3.googleusercontent.com/a/abc=w96-h96", "https://lh3.googleusercontent.com/a/abc=s0"),
        ("https://lh3.googleusercontent.com/-T/A/I/A/00/s100/photo.jpg", "https://lh3.googleusercontent.com/-T/A/I/A/00/s0/photo.jpg"),
        ("https://lh3.googleusercontent.com/-T/s100/photo.jpg?sz=50", "https://lh3.googleusercontent.com/-T/s0/photo.jpg"),
        ("https://lh3.googleusercontent.com/contacts/abc", "https://lh3.googleusercontent.com/contacts/abc"),
        ("https://lh3.googleusercontent.com/c/a=s100x", "https://lh3.googleusercontent.com/c/a=s100x"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_size_is_dropped(url: str, whole: str) -> None:
    assert full_size(url) == whole


@pytest.mark.parametrize(
    ("data", "said", "kind"),
    [
        (PNG, "", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/png", "image/jpeg"),
        (b"GIF89a", "text/html", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "", "image/webp"),
        (b"BM....", "", "image/bmp"),
        (b"<svg/>", "image/svg+xml; charset=utf-8", "image/svg+xml"),
        (b"<html>", "text/html", ""),
        (b"", "image/png", ""),
        (b"?", "image/\r\nx", ""),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(data: bytes, said: str, kind: str) -> None:
    assert media_type(data, said) == kind


def test_pictures_come_at_full_size(server: Service) -> None:
    url = f"{server.url}photos/contacts/1f=s100"
    name = server.account.add_person(photos=[{"url": url}])
    place = contacts(server)
    found = listed(place, only(place)).documents()[name]["photos"]
    assert set(found) == {url}, "under the URL the person names"
    assert found[url]["mediaType"] == "image/png"
    data = b64decode(found[url]["data"])
    assert int.from_bytes(data[16:20]) > 100, "wider than the URL asks for"


def test_a_default_picture_is_none(server: Service) -> None:
    url = f"{server.url}photos/contacts/1f=s100"
    name = server.account.add_person(photos=[{"url": url, "default": True}])
    place = contacts(server)
    assert listed(place, only(place)).documents()[name]["photos"] == {}
    assert server.calls["photos"] == 0


@pytest.mark.parametrize(
    ("status", "word"), [(404, "not-found"), (410, "not-found"), (403, "refused"), (400, "refused")]
)
def test_a_picture_that_cannot_be_had_is_said(
    server: Service, caplog: pytest.LogCaptureFixture, status: int, word: str
) -> None:
    url = f"{server.url}photos/contacts/1f=s100"
    name = server.account.add_person(photos=[{"url": url}], names=[{"givenName": "Ada"}])
    server.settings.photos = status
    place = contacts(server)
    found = listed(place, only(place))
    assert found.documents()[name]["photos"] == {url: {"problem": word}}
    assert word in caplog.text
    assert url not in caplog.text


@pytest.mark.parametrize(("status", "fault"), [(429, Throttled), (500, Transient), (503, Transient)])
def test_pictures_that_cannot_be_had_today_are_asked_for_again(
    server: Service, status: int, fault: type[Transient]
) -> None:
    server.account.add_person(photos=[{"url": f"{server.url}photos/contacts/1f=s100"}])
    server.settings.photos = status
    place = contacts(server, retry=HASTY)
    with pytest.raises(fault):
        listed(place, only(place))
    server.settings.photos = 200
    (found,) = listed(contacts(server), only(place)).documents().values()
    assert "data" in json.dumps(found["photos"])


def _taking(serve: Serve, script: Any, *, guard: Guard = HOME) -> tuple[Pictures, str]:
    server = serve(script)
    http = Http(guard=guard, retry=QUICK, authorizer=Bearer(Secret("ya29.canary"), to=["http://127.0.0.1:1"]))
    OPENED.append(http)
    return Pictures(http, context(http), root=server.origin), server.origin


def test_the_token_goes_to_no_picture(serve: Serve, server: Service) -> None:
    """The API and the pictures stand at two origins; the token is bound to the first."""
    elsewhere = serve(always(reply(200, PNG, content_type="image/png")))
    http = transport(server.url, server.token(*CONTACTS))
    taken = Pictures(http, context(http), root=elsewhere.origin).take(f"{elsewhere.origin}/contacts/1=s100")
    assert taken["mediaType"] == "image/png"
    (asked,) = elsewhere.received
    assert "authorization" not in asked.headers
    assert asked.path == "/contacts/1=s0"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/x",
        "file:///etc/passwd",
        "https://evil.example/p=s100",
        "https://lh3.googleusercontent.com.evil.example/p",
        "https://evilgoogleusercontent.com/p",
        "http://lh3.googleusercontent.com/p",
        "https://user@lh3.googleusercontent.com/p",
        "//lh3.googleusercontent.com/p",
        "data:image/png;base64,AAAA",
        "https://[::1",
        "",
    ],
)
def test_only_googles_pictures_are_asked(url: str) -> None:
    http = transport("https://people.googleapis.com/", "ya29.canary")
    assert Pictures(http, context(http)).take(url) == {"problem": "elsewhere"}
    assert http.meter.requests == 0


def test_with_a_stand_in_google_is_not_asked(server: Service) -> None:
    url = "https://lh3.googleusercontent.com/contacts/abc=s100"
    name = server.account.add_person(photos=[{"url": url}])
    place = contacts(server)
    assert listed(place, only(place)).documents()[name]["photos"] == {url: {"problem": "elsewhere"}}


def test_an_official_address_is_no_stand_in() -> None:
    http = transport("https://people.googleapis.com/", "x")
    for url in ("", "https://people.googleapis.com/", "https://www.googleapis.com"):
        place = Contacts(Endpoint("google-contacts", url=url), context(http))
        taken = place._people._pictures._may_ask("https://lh3.googleusercontent.com/contacts/abc=s100")
        assert taken
        assert place._service.url("contactGroups.list").startswith("https://people.googleapis.com/v1/")


def test_a_picture_too_large_is_said(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "CAP", 1000)
    taking, origin = _taking(serve, always(reply(200, PNG + b"x" * 2000)))
    assert taking.take(f"{origin}/a") == {"problem": "too-large"}


def test_a_page_is_no_picture(serve: Serve) -> None:
    taking, origin = _taking(serve, always(reply(200, b"<html>sign in", content_type="text/html")))
    assert taking.take(f"{origin}/a") == {"problem": "no-picture"}


def test_a_redirect_to_somebody_else_brings_nothing(serve: Serve) -> None:
    other = serve(always(reply(200, PNG)))
    taking, origin = _taking(serve, always(reply(302, location=other.url("/x"))))
    assert taking.take(f"{origin}/a") == {"problem": "elsewhere"}


def test_a_redirect_into_the_house_is_not_followed(serve: Serve) -> None:
    """From the world the guard lets nobody into a private network, be it by a redirect."""
    taking, origin = _taking(serve, always(reply(200, PNG)), guard=Guard(allow_private=False, allow_http=True))
    assert taking.take(f"{origin}/a") == {"problem": "unsafe-address"}


def test_a_thousand_pictures_of_one_person_are_not_asked_for(server: Service) -> None:
    photos = [{"url": f"{server.url}photos/contacts/{number:x}=s100"} for number in range(1000)]
    name = server.account.add_person(photos=photos)
    place = contacts(server)
    found = listed(place, only(place)).documents()[name]["photos"]
    assert len(found) == MOST
    assert server.calls["photos"] == MOST


def test_pictures_come_in_the_order_of_the_people(server: Service) -> None:
    names = [
        server.account.add_person(photos=[{"url": f"{server.url}photos/contacts/{number:x}=s100"}])
        for number in range(40)
    ]
    place = contacts(server)
    found = listed(place, only(place))
    assert [each.ref.id for each in found.changes] == names
    data = [json.dumps(each["photos"]) for each in found.documents().values()]
    assert len(set(data)) == 40


def test_limits_hold_for_pictures_as_well(serve: Serve) -> None:
    server = serve(always(reply(200, PNG, content_length="99999999")))
    http = Http(guard=HOME, retry=QUICK, limits=Limits(read=0.2, total=1))
    OPENED.append(http)
    assert Pictures(http, context(http), root=server.origin).take(server.url("/a")) == {"problem": "too-large"}
