"""Open the two places of a job, and close them whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from connectors.base import Destination, Place, Source
from connectors.errors import ConfigError, ConnectorError

if TYPE_CHECKING:
    from sync_engine.model import Job, JobSpec

Learned = MutableMapping[str, str]


class Opener(Protocol):
    """Opens a place by the name the job has for it. The application supplies it."""

    def __call__(self, place: str, spec: JobSpec, learned: Learned, stop: Callable[[], bool]) -> Place:
        """Return the connector for *place*. Raises ``ConnectorError``."""


@dataclass(frozen=True, slots=True)
class Places:
    """Both sides of a job, open, and what they have learned so far, by role."""

    source: Source
    destination: Destination
    learned: dict[str, dict[str, str]]


@contextmanager
def opened(job: Job, open_place: Opener, stop: Callable[[], bool]) -> Iterator[Places]:
    """Open source and destination of *job*; close both at the end. Raises ``ConnectorError``."""
    learned = {role: dict(job.learned.get(role, {})) for role in ("source", "destination")}
    with ExitStack() as stack:
        source = open_place(job.spec.source, job.spec, learned["source"], stop)
        stack.callback(_close, source)
        destination = open_place(job.spec.destination, job.spec, learned["destination"], stop)
        stack.callback(_close, destination)
        if not isinstance(source, Source):
            raise ConfigError(f"{job.spec.source} cannot be read from")
        if not isinstance(destination, Destination):
            raise ConfigError(f"{job.spec.destination} cannot be written to")
        yield Places(source, destination, learned)


def _close(place: Place) -> None:
    """Close *place*. What it says then changes nothing: every receipt was durable when it came."""
    with suppress(ConnectorError):
        place.close()
