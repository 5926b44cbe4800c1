"""Keep secrets out of logs: one filter, on the root *handler*.

A filter on a logger would miss what child loggers send up. It hides every live
``Secret`` in the forms in which it travels, and what looks like a credential.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterable

from oauth.secret import HIDDEN, Secret, live

CHATTY = frozenset(
    {
        "requests_oauthlib",
        "oauthlib",
        "httplib2",
        "urllib3",
        "googleapiclient",
        "google",
        "requests",
        "caldav",
        "dropbox",
    }
)
"""Libraries that log codes, tokens, addresses or bodies below WARNING."""

SHORTEST = 4
"""Secrets below this length are hidden in their encoded forms only: hiding "a" would hide the log."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_HEADER = re.compile(r"""(?i)authorization["']?\s*[:=]\s*["']?([^\r\n"'][^\r\n]*)""")
_SCHEME = re.compile(r"""\b(?:Bearer|Basic)\s+([^\s"']+)""")
_FIELD = re.compile(
    r"""(?ix) \b (?:code|refresh_token|access_token|id_token|client_secret|code_verifier|password)
        (?: ["']? \s* [=] \s* ["']? | ["'] \s* : \s* ["'] )
        ([^\s"'&,;}<>]+)""",
)
_SHAPES = re.compile(r"(ya29\.[\w.-]+|\b1//[\w-]+|\bsl\.[\w.-]{8,}|GOCSPX-[\w-]+)")


def redact(text: str) -> str:
    """Return *text* without live secrets and without what looks like a credential.

    Both are looked for in the text as it is: hiding one first could keep the other from being seen.
    """
    spans = [found.span(1) for pattern in (_HEADER, _SCHEME, _FIELD, _SHAPES) for found in pattern.finditer(text)]
    for secret in live():
        for form in _forms(secret):
            at = text.find(form)
            while at >= 0:
                spans.append((at, at + len(form)))
                at = text.find(form, at + 1)
    pieces: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if start > done or not pieces:
            pieces += [text[done:start], HIDDEN]
        done = max(done, end)
    return "".join(pieces) + text[done:]


class Redaction(logging.Filter):
    """Hide secrets in a record's message, exception, stack and extra fields; drop chatty libraries."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite *record*; say whether it is logged at all."""
        if record.levelno < logging.WARNING and record.name.partition(".")[0] in CHATTY:
            return False
        record.msg, record.args = redact(_message(record)), None
        if record.exc_info:
            record.exc_text = redact("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
            # A formatter of its own would print the exception again, with its secrets.
            record.exc_info = None
        elif record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        for name in vars(record).keys() - _STANDARD:
            value = getattr(record, name)
            if not isinstance(value, int | float | None):
                setattr(record, name, redact(str(value)))
        return True


def install(handlers: Iterable[logging.Handler] | None = None) -> None:
    """Put the filter on *handlers*, by default the root logger's. Doing it twice changes nothing.

    Chatty libraries are heard through them as well: importing ``google.api_core`` cuts its loggers off from the
    root, unless they have a level already.
    """
    for name in CHATTY:
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.propagate = True
    for handler in logging.getLogger().handlers if handlers is None else handlers:
        if not any(isinstance(known, Redaction) for known in handler.filters):
            handler.addFilter(Redaction())


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        # A call with wrong arguments must not print them through logging's own error report.
        return f"{record.msg} (arguments do not fit)"


def _forms(secret: Secret) -> list[str]:
    """Return the forms in which a secret travels, the longest first."""
    from base64 import b64encode, urlsafe_b64encode
    from json import dumps
    from urllib.parse import quote, quote_plus

    value = secret.reveal()
    if not value:
        return []
    raw = value.encode("utf-8", "surrogateescape")
    encoded = {b64encode(raw).decode(), urlsafe_b64encode(raw).decode()}
    encoded |= {form.rstrip("=") for form in encoded}
    written = {value, quote(value, safe=""), quote_plus(value), quote(value), dumps(value)[1:-1], repr(value)[1:-1]}
    return sorted({form for form in encoded | written if len(form) >= SHORTEST}, key=len, reverse=True)
