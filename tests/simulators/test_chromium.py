"""A real browser gives, refuses and narrows consent, without a mouse and without JavaScript."""

from __future__ import annotations

import http.server
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators import chromium as driver
from simulators.chromium import Browser, ChromiumMissing, ChromiumSaid, chromium
from simulators.identity.google import Google, google
from simulators.identity.nextcloud import nextcloud
from simulators.oidc_servers import OidcServer
from tests.simulators.identity.asking import Program, said, send
from tests.simulators.identity.conftest import CALENDAR, CONTACTS, google_program
from tests.simulators.oidc import Visit

pytestmark = pytest.mark.server
SCOPE = f"openid email {CONTACTS} {CALENDAR}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium, or count what needs it as not run."""
    try:
        running = chromium()
        opened = running.__enter__()
    except ChromiumMissing as missing:
        pytest.skip(str(missing))
    try:
        yield opened
    finally:
        running.__exit__(None, None, None)


@pytest.fixture
def provider() -> Iterator[Google]:
    with google() as running:
        yield running


@pytest.fixture
def listener() -> Iterator[list[str]]:
    """Listen as a program's loopback would; the list holds its address, then the paths that came."""
    came: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append(self.path)
            body = b"<!doctype html><title>Done</title><link rel=icon href=data:,><p id=done>Done</p>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        came.append(f"http://127.0.0.1:{server.server_port}/callback")
        yield came
        server.shutdown()
        thread.join()


@pytest.fixture
def program(provider: Google, listener: list[str]) -> Program:
    asking = google_program(provider, scope=SCOPE)
    asking.redirect = listener[0]
    return asking


def test_consent_by_keyboard_alone(browser: Browser, program: Program, listener: list[str]) -> None:
    page = browser.open(program.url())
    page.wait_for("user")
    assert page.focused() == ("textbox", "Account")
    page.type("user", "ana@example.org")
    page.press("Enter")
    page.wait_for("scope-0")
    for name in (CONTACTS, CALENDAR):
        page.press("Tab")
        assert page.focused() == ("checkbox", name)
    page.press(" ")
    page.press("Tab")
    assert page.focused() == ("button", "Cancel")
    page.press("Tab")
    assert page.focused() == ("button", "Allow")
    page.press("Enter")
    page.wait_for("done")
    back = said(page.url)
    assert listener[1] == page.url.removeprefix(listener[0].rpartition("/")[0])
    assert program.exchange(back["code"]).json["scope"] == f"openid email {CALENDAR}"


def test_consent_by_mouse(browser: Browser, program: Program) -> None:
    page = browser.open(program.url(login_hint="ana@example.org"))
    page.click("next")
    for box in ("scope-0", "scope-1"):
        page.click(box)
    page.click("allow")
    page.wait_for("done")
    assert program.exchange(said(page.url)["code"]).json["scope"] == SCOPE


def test_a_box_can_be_unticked_again(browser: Browser, program: Program) -> None:
    page = browser.open(program.url(login_hint="ana@example.org"))
    page.click("next")
    page.click("scope-0")
    page.click("scope-1")
    page.click("scope-0")
    page.click("allow")
    page.wait_for("done")
    assert program.exchange(said(page.url)["code"]).json["scope"] == f"openid email {CALENDAR}"


def test_refusal(browser: Browser, program: Program, provider: Google) -> None:
    page = browser.open(program.url(login_hint="ana@example.org"))
    page.click("next")
    page.click("scope-0")
    page.click("deny")
    page.wait_for("done")
    assert said(page.url)["error"] == "access_denied"
    assert provider.grants == []


def test_enter_on_a_box_does_not_give_consent(browser: Browser, program: Program, provider: Google) -> None:
    """The first button of the form is the one that Enter presses: it must be the harmless one."""
    page = browser.open(program.url(login_hint="ana@example.org"))
    page.click("next")
    page.focus("scope-0")
    page.press("Enter")
    page.wait_for("done")
    assert said(page.url)["error"] == "access_denied"
    assert provider.grants == []


def test_what_a_screen_reader_says(browser: Browser, program: Program) -> None:
    page = browser.open(program.url(login_hint="ana@example.org"))
    page.wait_for("user")
    assert page.controls() == [("heading", "Sign in to Google"), ("textbox", "Account"), ("button", "Next")]
    page.click("next")
    page.wait_for("scope-0")
    assert sorted(page.controls()) == [
        ("button", "Allow"),
        ("button", "Cancel"),
        ("checkbox", CALENDAR),
        ("checkbox", CONTACTS),
        ("group", "Choose what it may do"),
        ("heading", "Wherry wants access to your Google account"),
    ]


def test_an_error_page_is_announced(browser: Browser, program: Program, provider: Google) -> None:
    page = browser.open(program.url(redirect_uri="https://evil.example/"))
    heading, alert = ("heading", "Access blocked"), "alert"
    assert provider.url in page.wait_for_url(provider.url)
    found = _until_controls(page, heading)
    assert heading in found
    assert alert in [role for role, _ in found]


def _until_controls(page: driver.Page, wanted: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the controls as soon as *wanted* is among them, or as they are when time is up."""
    import time

    deadline = time.monotonic() + 30
    while wanted not in (found := page.controls()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def test_a_small_window_shows_everything_without_scrolling_sideways(browser: Browser, program: Program) -> None:
    page = browser.open(program.url(login_hint="ana@example.org"))
    page.ask(
        "Emulation.setDeviceMetricsOverride", {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True}
    )
    page.click("next")
    page.wait_for("scope-0")
    assert page.ask("Page.getLayoutMetrics")["cssContentSize"]["width"] <= 320


def test_a_picture_of_it(browser: Browser, program: Program, tmp_path: Path) -> None:
    page = browser.open(program.url(login_hint="ana@example.org"))
    page.wait_for("user")
    page.screenshot(tmp_path / "page.png")
    raw = (tmp_path / "page.png").read_bytes()
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", raw[16:24])[0] == 900


def test_nextcloud_s_login(browser: Browser) -> None:
    with nextcloud() as server:
        flow = send("POST", server.login_url, headers={"User-Agent": "Wherry"}).json
        page = browser.open(flow["login"])
        page.type("user", "ana@example.org")
        page.press("Enter")
        page.click("allow")
        found = _until_controls(page, ("heading", "Account connected"))
        assert ("heading", "Account connected") in found
        got = send("POST", flow["poll"]["endpoint"], {"token": flow["poll"]["token"]})
        assert got.json["loginName"] == "ana@example.org"


def test_the_real_provider_s_pages(browser: Browser, oidc: OidcServer, listener: list[str]) -> None:
    visit = Visit(oidc, oidc.public, "openid calendars contacts", redirect=listener[0])
    page = browser.open(visit.url())
    page.type("user", visit.user)
    page.press("Enter")
    page.click("scope-1")
    for _ in range(2):
        page.press("Tab")
    assert page.focused() == ("button", "Allow")
    page.press("Enter")
    page.wait_for("done")
    tokens = visit.exchange(said(page.url)["code"]).json
    assert set(tokens["scope"].split()) == {"openid", "contacts"}


def test_scripts_do_not_run(browser: Browser) -> None:
    html = "data:text/html,<h1 id=one>before</h1><script>document.getElementById('one').textContent='after'</script>"
    page = browser.open(html)
    page.wait_for("one")
    assert page.controls() == [("heading", "before")]


def test_a_command_there_is_not(browser: Browser) -> None:
    with pytest.raises(ChromiumSaid, match=r"Nothing\.atAll"):
        browser.ask("Nothing.atAll")


def test_the_browser_ends_with_its_block(browser: Browser) -> None:
    with chromium() as another:
        assert another.pid != browser.pid
        pid = another.pid
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()


def test_without_a_browser_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ChromiumMissing, match="not installed"), chromium():
        pytest.fail("it runs")


def test_a_browser_that_does_not_start_is_told_with_its_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\necho no screen, no luck >&2\nexit 3\n", encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ChromiumMissing, match="no screen, no luck"), chromium():
        pytest.fail("it runs")
