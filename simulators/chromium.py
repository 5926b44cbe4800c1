"""Drive a real browser without a window: Chromium, as Debian packages it, over its debugging pipe.

Only what a person can do is offered: look, press keys, click. Pages run without JavaScript. In a test::

    with chromium() as browser:
        page = browser.open(url)
        page.type("user", "ana@example.org")     # into the field of this id
        page.press("Enter")
        page.controls()                           # (role, name) of what a screen reader would announce
        page.screenshot(path)

The protocol (chromedevtools.github.io/devtools-protocol) goes over two pipes, one JSON message and one
NUL at a time (``--remote-debugging-pipe``): no port is opened and no library is needed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import selectors
import shutil
import subprocess
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LIMIT = 60.0
STOP_LIMIT = 5.0
POLL = 0.02
KEYS = {"Enter": ("\r", 13), "Tab": ("", 9), " ": (" ", 32)}
CONTROLS = frozenset({"button", "checkbox", "textbox", "heading", "alert", "group", "link"})
_OPTIONS = (
    "--headless=new",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--no-proxy-server",
    "--window-size=900,900",
    "--remote-debugging-pipe",
)


class ChromiumMissing(RuntimeError):
    """No Chromium can be run here; the message says what is missing."""


class ChromiumSaid(RuntimeError):
    """Chromium refused a command, or did not answer in time."""


@dataclass(slots=True)
class Browser:
    """A running browser with one empty profile."""

    pid: int
    _out: int
    _in: int
    _last: int = 0
    _unread: bytes = b""
    _events: list[dict[str, Any]] = field(default_factory=list)

    def open(self, url: str) -> Page:
        """Open *url* in a tab of its own, scripts switched off."""
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = Page(self, session)
        page.ask("Page.enable")
        page.ask("DOM.enable")
        page.ask("Emulation.setScriptExecutionDisabled", {"value": True})
        page.ask("Page.navigate", {"url": url})
        return page

    def ask(self, method: str, parameters: dict[str, Any] | None = None, session: str = "") -> dict[str, Any]:
        """Send one command and return its result. Raises ``ChromiumSaid``."""
        self._last += 1
        number = self._last
        message = {"id": number, "method": method, "params": parameters or {}}
        if session:
            message["sessionId"] = session
        try:
            os.write(self._out, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise ChromiumSaid("it ended") from None
        deadline = time.monotonic() + LIMIT
        while True:
            answer = self._next(deadline)
            if answer.get("id") == number:
                if "error" in answer:
                    raise ChromiumSaid(f"{method}: {answer['error'].get('message')}")
                return dict(answer["result"])
            self._events.append(answer)

    def _next(self, deadline: float) -> dict[str, Any]:
        with selectors.DefaultSelector() as selector:
            selector.register(self._in, selectors.EVENT_READ)
            while b"\0" not in self._unread:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise ChromiumSaid(f"nothing within {LIMIT:.0f} s")
                chunk = os.read(self._in, 65536)
                if not chunk:
                    raise ChromiumSaid("it ended")
                self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\0")
        return dict(json.loads(line))


@dataclass(frozen=True, slots=True)
class Page:
    """One tab."""

    browser: Browser
    session: str

    def ask(self, method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send one command to this tab."""
        return self.browser.ask(method, parameters, self.session)

    @property
    def url(self) -> str:
        """The address shown; of a page that could not be opened the one that was asked for."""
        history = self.ask("Page.getNavigationHistory")
        return str(history["entries"][history["currentIndex"]]["url"])

    def wait_for(self, id_: str) -> int:
        """Wait until there is an element of this id; return its node."""
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            with contextlib.suppress(ChromiumSaid):  # the document is being replaced
                root = self.ask("DOM.getDocument")["root"]["nodeId"]
                found = self.ask("DOM.querySelector", {"nodeId": root, "selector": f'[id="{id_}"]'})["nodeId"]
                if found:
                    return int(found)
            time.sleep(POLL)
        raise ChromiumSaid(f"no element {id_!r} at {self.url}")

    def wait_for_url(self, beginning: str) -> str:
        """Wait until the address begins so; return it. Redirects to a closed port count."""
        deadline = time.monotonic() + LIMIT
        url = ""
        while time.monotonic() < deadline:
            with contextlib.suppress(ChromiumSaid):  # the document is being replaced
                if (url := self.url).startswith(beginning):
                    return url
            time.sleep(POLL)
        raise ChromiumSaid(f"still at {url}")

    def type(self, id_: str, text: str) -> None:
        """Type *text* into the field of this id."""
        self.ask("DOM.focus", {"nodeId": self.wait_for(id_)})
        self.ask("Input.insertText", {"text": text})

    def focus(self, id_: str) -> None:
        """Put the focus where a person would have tabbed to."""
        self.ask("DOM.focus", {"nodeId": self.wait_for(id_)})

    def press(self, key: str) -> None:
        """Press and release a key: Enter, Tab or a space."""
        text, code = KEYS[key]
        said = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code, "text": text}
        self.ask("Input.dispatchKeyEvent", {"type": "keyDown", **said})
        self.ask("Input.dispatchKeyEvent", {"type": "keyUp", **said})

    def click(self, id_: str) -> None:
        """Click in the middle of the element."""
        node = self.wait_for(id_)
        self.ask("DOM.scrollIntoViewIfNeeded", {"nodeId": node})
        box = self.ask("DOM.getBoxModel", {"nodeId": node})["model"]["content"]
        where = {"x": (box[0] + box[4]) / 2, "y": (box[1] + box[5]) / 2, "button": "left", "clickCount": 1}
        self.ask("Input.dispatchMouseEvent", {"type": "mousePressed", **where})
        self.ask("Input.dispatchMouseEvent", {"type": "mouseReleased", **where})

    def controls(self) -> list[tuple[str, str]]:
        """Return role and name of what a screen reader would announce, from top to bottom."""
        nodes = self.ask("Accessibility.getFullAXTree")["nodes"]
        named = ((node.get("role", {}).get("value", ""), node.get("name", {}).get("value", "")) for node in nodes)
        return [(role, name) for role, name in named if role in CONTROLS]

    def focused(self) -> tuple[str, str]:
        """Return role and name of what has the focus, empty when nothing has."""
        for node in self.ask("Accessibility.getFullAXTree")["nodes"]:
            properties = {each["name"]: each["value"].get("value") for each in node.get("properties", ())}
            role = node.get("role", {}).get("value", "")
            if properties.get("focused") and role in CONTROLS:
                return role, node.get("name", {}).get("value", "")
        return "", ""

    def screenshot(self, path: Path) -> None:
        """Write what is seen to *path* as PNG."""
        path.write_bytes(b64decode(self.ask("Page.captureScreenshot", {"format": "png"})["data"]))


def program() -> Path:
    """Return the browser. Raises ``ChromiumMissing``."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise ChromiumMissing("Chromium is not installed (Debian: apt-get install chromium)")
    return Path(found)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser until the block ends. Raises ``ChromiumMissing``."""
    command = [str(program()), *_OPTIONS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    to_browser, from_browser = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(prefix="wherry-chromium-", ignore_cleanup_errors=True) as folder:
        process = _start([*command, f"--user-data-dir={folder}"], to_browser[0], from_browser[1], Path(folder))
        os.close(to_browser[0])
        os.close(from_browser[1])
        try:
            browser = Browser(process.pid, to_browser[1], from_browser[0])
            try:
                browser.ask("Browser.getVersion")
            except ChromiumSaid as early:
                log = (Path(folder) / "browser.log").read_text(encoding="utf-8", errors="replace")
                raise ChromiumMissing(f"it does not start ({early}): {log[-1000:]}") from early
            yield browser
        finally:
            os.close(to_browser[1])  # the end of its input ends it
            _stop(process)
            os.close(from_browser[0])


def _start(command: list[str], read: int, write: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start *command* with *read* as its file 3 and *write* as its file 4, where it expects the pipes.

    bash moves them: dash knows only one-digit files, and between fork and exec 3 and 4 may be Python's own.
    """
    far = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (read, write)]
    shell = ["bash", "-c", f'exec "$@" 3<&{far[0]} 4>&{far[1]} {far[0]}<&- {far[1]}>&-', "bash", *command]
    try:
        with (folder / "browser.log").open("wb") as log:
            environment = {**os.environ, "HOME": str(folder)}
            return subprocess.Popen(
                shell, pass_fds=far, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )
    finally:
        for each in far:
            os.close(each)


def _stop(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
