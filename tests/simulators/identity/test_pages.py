"""The pages and the driver that fills them in: what is written on them is text, whatever it contains."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.identity import browser, pages
from simulators.identity.google import Google
from simulators.identity.model import Client
from simulators.identity.serving import Reply
from tests.simulators.identity.asking import Program, said, send
from tests.simulators.identity.conftest import CALENDAR, CONTACTS, google_program

NASTY = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' autofocus onfocus=alert(1) x='", "&lt;b&gt;"]


class Elements(HTMLParser):
    """Count elements and remember attributes, as a browser would read them."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(reply.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def consent(word: str) -> Reply:
    return pages.consent(word, "/consent", word, user=word, client=word, boxes=[word], fixed=[word])


@pytest.mark.parametrize("word", NASTY)
def test_no_word_becomes_markup(word: str) -> None:
    plain = Elements(consent("x"))
    read = Elements(consent(word))
    assert read.tags == plain.tags
    assert [name for name, _ in read.attributes] == [name for name, _ in plain.attributes]
    assert read.text.count(word) == 7  # two names in the title, two in the heading; user, list and box
    assert ("value", word) in read.attributes


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_no_text_at_all_becomes_markup(word: str) -> None:
    """A line end in an attribute may be read differently by readers; control characters are not asked for."""
    plain = Elements(consent("x"))
    for reply in (consent(word), pages.sign_in(word, word, word, word), pages.refusal(word, details={word: word})):
        read = Elements(reply)
        assert "script" not in read.tags
        assert {name for name, _ in read.attributes} <= {name for name, _ in plain.attributes} | {
            *("autocomplete", "autofocus", "required", "for", "role")
        }


@pytest.mark.parametrize("page", [consent("x"), pages.sign_in("x", "/", "t"), pages.refusal("no")])
def test_pages_work_without_any_script_and_fetch_nothing(page: Reply) -> None:
    read = Elements(page)
    assert "script" not in read.tags
    assert not [value for name, value in read.attributes if name in {"src", "srcset"}]
    assert [value for name, value in read.attributes if name == "href"] == ["data:,"]
    assert b"@import" not in page.body
    assert b"url(" not in page.body
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Frame-Options"] == "DENY"


def test_every_field_has_a_label_and_the_page_a_language() -> None:
    for page in (
        pages.consent("G", "/", "t", user="u", client="c", boxes=["a", "b"], fixed=[]),
        pages.sign_in("G", "/", "t"),
    ):
        read = Elements(page)
        labelled = {value for name, value in read.attributes if name == "for"}
        body = page.body.decode()
        assert labelled
        assert all(f'id="{each}"' in body for each in labelled)
        assert ("lang", "en") in read.attributes
        assert read.tags.count("h1") == read.tags.count("main") == 1


def test_boxes_are_not_ticked_beforehand() -> None:
    assert b"checked" not in pages.consent("G", "/", "t", user="u", client="c", boxes=["a"], fixed=[]).body


class TestBrowser:
    def test_it_does_not_invent_a_login(self, at_google: Google) -> None:
        program = google_program(at_google)
        page = send("GET", program.url()).body.decode()
        ticket = page.split('name="ticket" value="')[1].split('"')[0]
        answer = send("POST", f"{at_google.authorize_url}/account", {"ticket": ticket, "user": ""})
        assert answer.status == 400

    def test_the_redirect_is_returned_and_not_opened(self, at_google: Google, listener: list[str]) -> None:
        program = google_program(at_google)
        program.redirect = listener[0]
        back = at_google.approve(program.url())
        assert back.startswith(f"{listener[0]}?code=")
        assert len(listener) == 1

    def test_it_is_opened_when_told(self, at_google: Google, listener: list[str]) -> None:
        program = google_program(at_google)
        program.redirect = listener[0]
        back = at_google.approve(program.url(), follow=True)
        assert listener[1] == back.removeprefix(listener[0].rpartition("/")[0])
        at_google.deny(program.url(), follow=True)
        assert "error=access_denied" in listener[2]

    def test_it_stands_alone(self, at_google: Google) -> None:
        program = google_program(at_google, scope=f"{CONTACTS} {CALENDAR}")
        back = said(browser.approve(program.url(), user="eve@example.org", scopes=[CALENDAR]))
        assert program.exchange(back["code"]).json["scope"] == CALENDAR
        assert at_google.grants[0].user == "eve@example.org"
        assert said(browser.deny(program.url()))["error"] == "access_denied"

    def test_each_visit_is_a_browser_just_opened(self, at_google: Google) -> None:
        program = google_program(at_google)
        program.connect(user="ana@example.org")
        program.connect(user="eve@example.org")
        assert [grant.user for grant in at_google.grants] == ["ana@example.org", "eve@example.org"]

    def test_an_error_page_is_told_with_its_words(self, at_google: Google) -> None:
        program = Program(at_google, Client("nobody"), CONTACTS)
        with pytest.raises(browser.Refused) as caught:
            browser.approve(program.url())
        assert caught.value.status == 401
        assert caught.value.words.startswith("Access blocked Error 401: invalid_client")
        assert "font" not in caught.value.words

    def test_a_client_is_called_by_its_title(self, at_google: Google) -> None:
        at_google.register(Client("strange", title="<i>Wherry</i> & co"))
        program = google_program(at_google)
        page = send("GET", program.url(client_id="strange")).body.decode()
        ticket = page.split('name="ticket" value="')[1].split('"')[0]
        form = {"ticket": ticket, "user": "ana@example.org"}
        page = send("POST", f"{at_google.authorize_url}/account", form).body.decode()
        assert "&lt;i&gt;Wherry&lt;/i&gt; &amp; co wants access" in page


@pytest.fixture
def listener() -> Iterator[list[str]]:
    """Listen as a program's loopback would; the list holds its address, then the paths that came."""
    came: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        came.append(f"http://127.0.0.1:{server.server_port}/callback")
        yield came
        server.shutdown()
        thread.join()
