"""Put the figures into a table for people and into flat names for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.dav.run import PHASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.dav.run import Results

_HEAD = (
    *("server", "phase", "client", "wall s", "cpu s", "peak MiB", "server s"),
    *("requests", "up kB", "down kB", "items"),
)
_RATIOS = ("wall_s", "cpu_s", "peak_mib", "down_bytes")
OURS = "wherry"


def flat(results: Mapping[str, Results]) -> dict[str, float]:
    """Return `server.phase.client.measure` -> figure, and our ratios to each other participant."""
    figures: dict[str, float] = {}
    for server, phase, client, values in _cells(results):
        figures |= {f"{server}.{phase}.{client}.{name}": value for name, value in values.items()}
    for server, phase, client, values in _cells(results):
        ours = results[server].get((phase, OURS))
        if ours is not None and client != OURS:
            for name in _RATIOS:
                if values[name]:
                    ratio = round(ours.figures()[name] / values[name], 3)
                    figures[f"{server}.{phase}.{OURS}_to_{client}.{name}"] = ratio
    return figures


def lines(results: Mapping[str, Results]) -> Iterator[str]:
    """Yield the lines of the table: medians, then our ratios."""
    yield _row(_HEAD)
    for server, phase, client, values in _cells(results):
        used = (values["wall_s"], values["cpu_s"], values["peak_mib"], values["server_cpu_s"])
        traffic = (f"{values['requests']:.0f}", *(f"{values[way] / 1000:.1f}" for way in ("up_bytes", "down_bytes")))
        yield _row((server, phase, client, *(f"{value:.2f}" for value in used), *traffic, f"{values['items']:.0f}"))
    for name, ratio in flat(results).items():
        if f".{OURS}_to_" in name:
            yield f"{name:<48}{ratio:>8.2f}"


def _cells(results: Mapping[str, Results]) -> Iterator[tuple[str, str, str, dict[str, float]]]:
    for server, cells in results.items():
        for phase in PHASES:
            for (of, client), cell in cells.items():
                if of == phase:
                    yield server, phase, client, cell.figures()


def _row(words: tuple[str, ...]) -> str:
    left, right = words[:3], words[3:]
    return "".join(f"{word:<11}" for word in left) + "".join(f"{word:>10}" for word in right)
