"""A program that dies at every step of a write, one after the other.

``python -m tests.connectors.vdir.dying ROOT ACTION`` makes ROOT/0, ROOT/1 … with two old
events each, and in each a child that is killed (SIGKILL) at its n-th call of the
operating system; writes are cut in half first. It ends when a child lives.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from connectors import specimens
from connectors.base import Collection, Endpoint, Item, ItemRef, Kind, Put
from connectors.testing import context
from connectors.vdir import durable
from connectors.vdir.place import Vdir

if TYPE_CHECKING:
    from collections.abc import Callable

WISH = Collection("/far/home/", Kind.EVENT, "Home", slug="home", colour="#00FF00")
OLD = {name: specimens.event(name) for name in ("old-1", "old-2")}
NEW = {name: specimens.event(name, version=1, size=9000) for name in ("new-1", "new-2", "new-3")}
EDITED = {name: specimens.event(name, version=1, size=9000) for name in OLD}
WRAPPED = ("open", "write", "setxattr", "link", "rename", "unlink", "fsync", "mkdir", "close")


def puts(bodies: dict[str, bytes], targets: dict[str, ItemRef] | None = None) -> list[Put]:
    return [
        Put(name, Item(ItemRef(name), "text/calendar", body, name), (targets or {}).get(name))
        for name, body in bodies.items()
    ]


def act(root: str, action: str) -> None:
    """Do *action* as the engine would, also when it was done before, in part or whole."""
    place = Vdir(Endpoint("vdir", root=root), context())
    home = place.ensure(WISH, None)
    refs = {ref.id.removesuffix(".ics"): ref for ref in place.inventory(home)}
    if action == "create":
        list(place.put(home, puts(NEW)))
    elif action == "update":
        list(place.put(home, puts(EDITED, refs)))
    elif action == "remove":
        list(place.remove(home, [refs[name] for name in OLD if name in refs]))
    place.close()


def prepare(root: str, action: str) -> None:
    if action != "ensure":
        place = Vdir(Endpoint("vdir", root=root), context())
        list(place.put(place.ensure(WISH, None), puts(OLD)))
        place.close()


def arm(last: int) -> None:
    """Wrap the calls of the operating system: the *last* one is never made."""
    calls = 0

    def dying(real: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > last:
                if name == "write":
                    real(args[0], args[1][: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **options)

        return call

    for name in WRAPPED:
        setattr(os, name, dying(getattr(os, name), name))
    durable.flush = dying(durable.flush, "flush")


def main() -> None:
    """Kill one child after the other."""
    top, action = sys.argv[1:]
    step = 0
    while True:
        root = os.path.join(top, str(step))
        prepare(root, action)
        child = os.fork()
        if child == 0:
            arm(step)
            act(root, action)
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            return
        step += 1


if __name__ == "__main__":
    main()
