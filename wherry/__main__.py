"""Entry point of the ``wherry`` command."""

from __future__ import annotations

import io
import os
import sys


def main() -> None:
    """Run the command line. The first page needs nothing but its text."""
    open_missing_streams()
    # A shell that asks for completions gives no arguments either.
    if sys.argv[1:] in (["--help"], ["-h"], []) and "_WHERRY_COMPLETE" not in os.environ:
        from wherry.cli.pages import ROOT

        sys.stdout.write(ROOT)
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A stream that knows fewer letters than people have names must not end the run.
        sys.stdout.reconfigure(errors="backslashreplace")
    from wherry.cli.main import cli

    cli.main()


def open_missing_streams() -> None:
    """Lead a stream the shell closed (``2>&-``) to nowhere.

    Otherwise the next file opened would get its number, and be written to by whoever
    thinks that it is standard error.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number: this one
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open as long as the process
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - likewise
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - likewise


if __name__ == "__main__":
    main()
