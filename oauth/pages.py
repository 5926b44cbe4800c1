"""The pages a browser shows when it comes back: they say what happened, and no more than is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oauth.callbacks import Verdict

if TYPE_CHECKING:
    from oauth.callbacks import Arrival

_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
}

_WORDS: Final = {
    Verdict.RECEIVED: """The answer has arrived
Wherry has received it and is now asking the provider for access.
Whether that worked stands in the terminal. You can close this page.""",
    Verdict.REFUSED: """Access was not given
The provider told Wherry no. Nothing was kept. You can close this page.""",
    Verdict.WRONG: """This answer cannot be trusted
It does not come from the provider that was asked, or it is damaged.
Nothing was kept, and Wherry has stopped waiting. Begin again in the terminal.""",
    Verdict.STRAY: """This is not the answer Wherry waits for
Nothing happened. If you came here from the provider's page, begin again in the terminal.""",
}
"""Title, and what follows it."""


def page(status: int, arrival: Arrival) -> bytes:
    """Return the whole HTTP answer. Nothing of the request is repeated in it."""
    title, _, words = _WORDS[arrival.verdict].partition("\n")
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1><p>{words}</p></html>\n"
    ).encode()
    allow = "Allow: GET\r\n" if status == 405 else ""
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"{allow}"
        "Cache-Control: no-store\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
    return head + body
