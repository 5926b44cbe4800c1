"""Short ways from a consent to its end, with everything real."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from oauth.callbacks import pasted
from oauth.grants import GrantState
from oauth.revocation import Reaped, Reaper
from tests.oauth.consenting import World

if TYPE_CHECKING:
    from oauth.consent import Wish
    from oauth.grants import Grant
    from simulators.identity.provider import Provider


@dataclass(slots=True)
class Reaping:
    """A world with a reaper that never really sleeps."""

    world: World
    slept: list[float] = field(default_factory=list)

    def reaper(self, **more: Any) -> Reaper:
        given: dict[str, Any] = {"redeem": self.world.consent.redeem, "patience": 1.0, "luck": Random(1)} | more
        return Reaper(
            self.world.store,
            self.world.vault,
            self.world.wire,
            given.pop("owner", "reaper"),
            sleep=self.slept.append,
            **given,
        )

    def run(self, **more: Any) -> list[Reaped]:
        return self.reaper(**more).run()

    def grant(self, wish: Wish, provider: Provider, user: str = "ana@example.org") -> Grant:
        """Go through a consent."""
        begun = self.world.consent.begin(wish, f"http://127.0.0.1:9{wish.profile.callback}")
        return self.world.consent.receive(begun, pasted(provider.approve(begun.url, user=user), begun.expected))

    def drained(self, wish: Wish, provider: Provider, **more: Any) -> Grant:
        return self.world.store.drain(self.grant(wish, provider, **more).id)

    def state(self, grant: Grant) -> GrantState:
        return self.world.store.get(grant.id).state

    def at(self, seconds: float) -> None:
        """Let the clock stand so many seconds later than it is."""
        self.world.skew[0] = seconds
