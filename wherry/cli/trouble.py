"""The end of the road for every error: words for people, one line for programs, a code for both."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import TYPE_CHECKING

import click

from wherry.exits import Exit
from wherry.explain import Explanation, explain, known
from wherry.showing import show

if TYPE_CHECKING:
    from wherry.cli.flags import Flags

_log = logging.getLogger("wherry")


def settle(error: BaseException, flags: Flags) -> int:
    """Say what *error* means on standard error and return the exit code. Never raises."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else Exit.UNEXPECTED
    if isinstance(error, BrokenPipeError):
        return _reader_left()
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        tell(Explanation("Stopped", "Nothing is lost.", Exit.INTERRUPTED, "interrupted"), "", flags)
        return Exit.INTERRUPTED
    if isinstance(error, click.ClickException):
        tell(_usage(error), "", flags)
        return Exit.USAGE
    row = explain(error)
    detail = str(error) if known(error) else f"{type(error).__name__} ({_log_unexpected(error)})"
    tell(row, detail, flags)
    return row.exit_code


def tell(row: Explanation, detail: str, flags: Flags) -> None:
    """Write *row* to standard error, as words or as the ``exit_error`` line."""
    if flags.json:
        line = {"v": 1, "type": "exit_error", "code": int(row.exit_code), "reason": row.reason, "title": row.title}
        sys.stderr.write(json.dumps({**line, "detail": detail, "what_to_do": row.what_to_do}) + "\n")
    else:
        head = f"{row.title}: {show(detail, limit=1000)}" if detail else row.title
        sys.stderr.write(f"wherry: {head}\n" + (f"  {show(row.what_to_do, limit=1000)}\n" if row.what_to_do else ""))
    sys.stderr.flush()


def _usage(error: click.ClickException) -> Explanation:
    ctx = getattr(error, "ctx", None)
    where = ctx.command_path if ctx is not None else "wherry"
    return Explanation(error.format_message(), f"See: {where} --help", Exit.USAGE, "usage")


def _log_unexpected(error: BaseException) -> str:
    from wherry.logs import log_file

    path = log_file()
    _log.error("unexpected error", exc_info=error)
    return f"details in {path}" if path else "run again with -v for details"


def _reader_left() -> int:
    """Whoever read our output went away (``| head``): end quietly, as other programs do."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.UNEXPECTED
