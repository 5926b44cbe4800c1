"""A secret opened in a short-lived child process and handed over, so that we never load what opened it.

The cipher's library takes 7 MiB, which a run that needs one password would carry to its end.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from oauth.secret import Secret


def from_child(work: Callable[[], Secret | None]) -> Secret | None:
    """Return what *work* returns in a child process; ``None`` if it fails there, or where there are no forks."""
    if not hasattr(os, "fork"):
        return None
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            secret = work()
            answer = b"" if secret is None else secret.reveal().encode("utf-8", "surrogatepass")
            while answer:
                answer = answer[os.write(writing, answer) :]
        except BaseException:  # noqa: BLE001, S110 - the parent meets the same trouble where it can be told
            pass
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return Secret(answer.decode("utf-8", "surrogatepass")) if answer else None
