"""The end of the road for every error: words for people, one line for programs, a code for both."""

from __future__ import annotations

import json
import logging
import os
import sys
from errno import EBADF, EDQUOT, EIO, ENOSPC, EPIPE
from typing import TYPE_CHECKING

import click

from wherry.errors import FileTrouble
from wherry.exits import Exit
from wherry.explain import Explanation, explain, known
from wherry.showing import show

if TYPE_CHECKING:
    from wherry.cli.flags import Flags

_log = logging.getLogger("wherry")


def settle(error: BaseException, flags: Flags) -> int:
    """Say what *error* means on standard error and return the exit code. Never raises."""
    try:
        return _settle(error, flags)
    except OSError:  # standard error is gone or full: nobody can be told
        _give_up_streams()
        return Exit.UNEXPECTED


def _settle(error: BaseException, flags: Flags) -> int:
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else Exit.UNEXPECTED
    if isinstance(error, OSError) and (_give_up_streams() or _of_a_stream(error)):
        return _output_failed(error, flags)
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


def tell_stopped(code: Exit, what_stays: str, flags: Flags) -> Exit:
    """Say that a signal ended a command before it had an answer; return *code*."""
    tell(Explanation("Stopped", what_stays, code, "interrupted"), "", flags)
    return code


def _usage(error: click.ClickException) -> Explanation:
    ctx = getattr(error, "ctx", None)
    where = ctx.command_path if ctx is not None else "wherry"
    return Explanation(error.format_message(), f"See: {where} --help", Exit.USAGE, "usage")


def _log_unexpected(error: BaseException) -> str:
    from wherry.logs import log_file

    path = log_file()
    if logging.getLogger().handlers:  # without one, Python would print the trace
        _log.error("unexpected error", exc_info=error)
    return f"details in {path}" if path else "run again with -v for details"


def _output_failed(error: OSError, flags: Flags) -> int:
    """Say why our output did not arrive; whoever only stopped reading (``| head``) needs no word."""
    if not isinstance(error, BrokenPipeError):
        row = explain(FileTrouble())
        tell(row, f"the output could not be written: {error.strerror}", flags)
    return Exit.UNEXPECTED


def _of_a_stream(error: OSError) -> bool:
    """Say whether a write that failed was ours to a stream: files have names, and places errors of their own."""
    return error.filename is None and error.errno in {EPIPE, ENOSPC, EDQUOT, EIO, EBADF}


def _give_up_streams() -> bool:
    """Lead the streams that cannot be written to nowhere; say whether there was one."""
    found = False
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            found = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return found
