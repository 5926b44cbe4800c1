"""Check that every relative link and heading anchor in the documents leads somewhere."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def documents(root: Path = ROOT) -> Iterator[Path]:
    """Yield every Markdown file that belongs to the project."""
    yield from sorted(root.glob("*.md"))
    for folder in ("docs", "benchmarks", "simulators", "tests"):
        yield from sorted((root / folder).rglob("*.md"))


def links(text: str) -> Iterator[str]:
    """Yield the target of each link in *text*, code left out."""
    for match in _LINK.finditer(_CODE.sub("", _FENCE.sub("", text))):
        yield match[1] or match[2]


def anchors(text: str) -> set[str]:
    """Return the anchors that the headings of *text* get when they are rendered."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        words = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        again = 1
        slug = words
        while slug in found:
            slug = f"{words}-{again}"
            again += 1
        found.add(slug)
    return found


def broken(document: Path, root: Path = ROOT) -> Iterator[str]:
    """Yield a sentence for each link in *document* that leads nowhere. Other sites are not asked."""
    for link in links(document.read_text(encoding="utf-8")):
        if _ELSEWHERE.match(link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        where = f"{document.relative_to(root)}: {link}"
        if not target.exists():
            yield f"{where}: no such file"
        elif not target.is_relative_to(root):
            yield f"{where}: outside the project"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text(encoding="utf-8")):
            yield f"{where}: no such heading"


def main() -> int:
    """Print what is broken; return how the process should end."""
    complaints = [complaint for document in documents() for complaint in broken(document)]
    sys.stdout.writelines(f"{complaint}\n" for complaint in complaints)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
