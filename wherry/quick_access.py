"""The password of an account, for the early start of a run (see ``wherry.prefetch``).

It is opened in a short-lived child process: the cipher's library takes 7 MiB that the run
would carry to its end, for one password. Where this way is not open the answer is
"unknown", and the engine asks the vault itself a little later.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from wherry.settings import SQLITE

if TYPE_CHECKING:
    from oauth.secret import Secret
    from wherry.settings import Settings


def quick_password(settings: Settings, account: str, environ: Mapping[str, str] = os.environ) -> Secret | None:
    """Return the password kept for *account*, ``None`` when it cannot be had quickly."""
    if not settings.database.startswith(SQLITE) or not hasattr(os, "fork"):
        return None
    database = Path(settings.database.removeprefix(SQLITE))
    found = _in_child(lambda: _opened(settings, database, account, environ)) if database.is_file() else b""
    if not found:
        return None
    from oauth.secret import Secret

    return Secret(found.decode("utf-8", "surrogatepass"))


def _opened(settings: Settings, database: Path, account: str, environ: Mapping[str, str]) -> bytes:
    from oauth.key_choice import existing
    from oauth.keys import VARIABLE, GivenKeys
    from sync_engine.glimpse_secret import live_secret

    keys = GivenKeys(environ[VARIABLE]) if environ.get(VARIABLE) else existing(settings.folders.vault_key)
    secret = None if keys is None else live_secret(database, keys, account, "password")
    return b"" if secret is None else secret.reveal().encode("utf-8", "surrogatepass")


def _in_child(work: Callable[[], bytes]) -> bytes:
    """Return what *work* returns in a child process; nothing if it fails there."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            answer = work()
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
    return answer
