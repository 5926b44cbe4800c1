"""Build the wheel and check that it holds exactly the product: five packages and their data."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def packages() -> list[str]:
    """Return the packages the project says it ships."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped: list[str] = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return shipped


def expected() -> set[str]:
    """Return every file under the shipped packages, as paths in the wheel; caches are none."""
    files = (path for package in packages() for path in (ROOT / package).rglob("*") if path.is_file())
    return {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}


def build(folder: Path) -> Path:
    """Build the wheel into *folder* with the backend that is installed here; no network is needed."""
    uv = ROOT / ".tools" / "uv"
    here = ["--offline", "--no-build-isolation", "--python", sys.executable]
    command = [uv if uv.exists() else "uv", "build", "--quiet", "--wheel", *here, "--out-dir", folder, ROOT]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def complaints(wheel: Path) -> Iterator[str]:
    """Yield a sentence for each file that is missing from *wheel* or should not be in it."""
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    should = expected()
    yield from (f"missing from the wheel: {name}" for name in sorted(should - held))
    yield from (f"should not be in the wheel: {name}" for name in sorted(held - should))
    yield from (f"no py.typed in {name}" for name in packages() if f"{name}/py.typed" not in held)


def main() -> int:
    """Print what is wrong with the wheel; return how the process should end."""
    with tempfile.TemporaryDirectory() as folder:
        found = list(complaints(build(Path(folder))))
    sys.stdout.writelines(f"{complaint}\n" for complaint in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
