"""Run one of the chaos harnesses: ``python -m tests.chaos leases --rounds 20``.

Each harness is a module of this package with ``main(argv) -> int``; it ends with one line of
JSON. Modules are found by name, so that a new one needs no entry here.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

ENTRY = "def main(argv: list[str]) -> int:"


def harnesses() -> list[str]:
    """Return the names of the harnesses there are."""
    files = Path(__file__).parent.glob("[!_]*.py")
    return sorted(file.stem for file in files if ENTRY in file.read_text(encoding="utf-8").splitlines())


def main(argv: list[str]) -> int:
    """Hand over to the harness named first. Returns its exit code, 2 when there is none of that name."""
    if not argv or argv[0] not in harnesses():
        sys.stderr.write(f"usage: python -m tests.chaos {{{','.join(harnesses())}}} [options]\n")
        return 2
    code: int = import_module(f"tests.chaos.{argv[0]}").main(argv[1:])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
