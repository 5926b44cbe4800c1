"""The log: a file in the state folder, standard error with ``-v``; secrets never reach either.

The redaction filter sits on the handlers, not on a logger: records of child loggers
pass handlers, but never the filters of a parent.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from wherry.showing import show

CHATTY = ("urllib3", "requests", "caldav", "alembic", "sqlalchemy", "dns")
"""Libraries whose records below WARNING may hold addresses or bodies."""

LARGEST = 2_000_000
"""Bytes after which the log file becomes ``wherry.log.1`` and a new one begins."""

LONGEST = 4000
"""Characters of a line; a longer one is cut."""

_FORM = "%(asctime)s %(levelname)s %(name)s %(message)s"


def start_log(file: Path, *, verbose: bool = False, level: str = "") -> None:
    """Send records to *file*, and to standard error too when *verbose*. Called once per process.

    A log that cannot be written never stops the work: it is left out, and said.
    """
    from oauth.redaction import Redaction

    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.DEBUG if verbose else logging.INFO)
    handlers: list[logging.Handler] = []
    try:
        handlers.append(_file_handler(file))
    except OSError as error:
        sys.stderr.write(f"wherry: no log is kept: {file}: {error.strerror}\n")
    if verbose:
        handlers.append(logging.StreamHandler(sys.stderr))
    root = logging.getLogger()
    for handler in [*root.handlers]:
        if getattr(handler, "of_wherry", False):
            root.removeHandler(handler)
            handler.close()
    for handler in handlers:
        handler.setFormatter(Tame(_FORM))
        handler.addFilter(Redaction())
        handler.of_wherry = True  # type: ignore[attr-defined]  # our mark on a foreign object
        root.addHandler(handler)
    root.setLevel(threshold)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


class Tame(logging.Formatter):
    """Keeps a record on its line: what a server said must neither add lines nor drive a terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Return the line of a record."""
        return show(super().formatMessage(record), limit=LONGEST)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record and those of its trace."""
        return "\n".join(show(line, limit=LONGEST) for line in super().format(record).split("\n"))


def log_file() -> str:
    """Return the file records go to, or an empty text."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.FileHandler) and getattr(handler, "of_wherry", False):
            return handler.baseFilename
    return ""


def _file_handler(file: Path) -> logging.Handler:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if file.exists() and file.stat().st_size > LARGEST:
        file.replace(file.with_name(file.name + ".1"))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
    return logging.FileHandler(file, encoding="utf-8")
