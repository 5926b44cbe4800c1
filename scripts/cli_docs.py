"""Write what the program says of itself into the documents: help pages, exit codes.

Each part stands between ``<!-- begin NAME: ... -->`` and ``<!-- end NAME -->``; the rest
of a document is left alone. With ``--check`` nothing is written.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from wherry.cli import pages
from wherry.cli.command import WIDTH
from wherry.cli.main import cli
from wherry.exits import MEANINGS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = (ROOT / "docs" / "cli.md", ROOT / "docs" / "scripting.md")


def _fenced(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"


def help_page(name: str) -> str:
    """Return the help page of one command, as it looks in a terminal of the usual width."""
    root = click.Context(cli, info_name="wherry")
    command = cli.get_command(root, name)
    if command is None:
        raise LookupError(name)
    context = click.Context(command, parent=root, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    return command.get_help(context)


def reference() -> str:
    """Return the first page, the page on places, and the page of every command."""
    parts = ["## First page\n", _fenced(pages.ROOT), "## Places\n", _fenced(pages.PLACES)]
    for name in pages.COMMANDS:
        parts += [f"## wherry {name}\n", _fenced(help_page(name))]
    return "\n".join([*parts, "## Exit codes\n", exit_codes()])


def exit_codes() -> str:
    """Return the table of exit codes."""
    rows = [f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(["| code | meaning |", "|---|---|", *rows]) + "\n"


PARTS = {"reference": reference, "exit-codes": exit_codes}
_PART = re.compile(
    r"(?P<begin><!-- begin (?P<name>[a-z-]+): [^\n]*-->\n).*?(?P<end><!-- end (?P=name) -->)",
    re.DOTALL,
)


def filled(text: str) -> str:
    """Return a document's *text* with its generated parts made anew."""

    def part(match: re.Match[str]) -> str:
        return f"{match['begin']}\n{PARTS[match['name']]()}\n{match['end']}"

    return _PART.sub(part, text)


def main(arguments: list[str]) -> int:
    """Write the documents, or with ``--check`` name those that are out of step."""
    stale = 0
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        if (new := filled(text)) == text:
            continue
        stale += 1
        if "--check" in arguments:
            print(f"{document.relative_to(ROOT)} is out of step: python -m scripts.cli_docs")
        else:
            document.write_text(new, encoding="utf-8")
    return stale if "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
