"""Entry point of the ``wherry`` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. The first page needs nothing but its text."""
    if sys.argv[1:] in (["--help"], ["-h"], []):
        from wherry.cli.pages import ROOT

        sys.stdout.write(ROOT)
        return
    from wherry.cli.main import cli

    cli.main()


if __name__ == "__main__":
    main()
