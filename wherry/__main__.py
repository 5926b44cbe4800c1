"""Entry point of the ``wherry`` command."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """Run the command line. The first page needs nothing but its text."""
    if sys.argv[1:] in (["--help"], ["-h"], []):
        from wherry.cli.pages import ROOT

        sys.stdout.write(ROOT)
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A stream that knows fewer letters than people have names must not end the run.
        sys.stdout.reconfigure(errors="backslashreplace")
    from wherry.cli.main import cli

    cli.main()


if __name__ == "__main__":
    main()
