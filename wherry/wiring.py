"""The composition root: settings in, open places out. Every room of the house is joined here.

Imports happen where something is opened, so that a command pays only for what it uses.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from wherry.errors import AccessEnding, AccessMissing, WherryError
from wherry.narrowing import NarrowedSource
from wherry.places import WrittenPlace, find_account, parse_place, resolve

if TYPE_CHECKING:
    from connectors.base import Place, Source
    from connectors.http import Http
    from oauth.authorizers import Authorizer
    from oauth.secret import Secret
    from sync_engine.database import Database
    from sync_engine.model import JobSpec
    from wherry.access import Access
    from wherry.settings import Account, Settings

SEPARATOR = "\n"
"""Between names in a job's options: no name of a collection on the command line holds it."""


def open_database(settings: Settings) -> Database:
    """Open the state database. Raises the leaves of ``DatabaseError``."""
    from sync_engine.database import Database

    return Database.open(settings.database)


@dataclass(slots=True)
class Wiring:
    """Opens places for one command.

    *secrets* are passwords by account that are known beforehand, while an account is being
    connected. Everything else comes from *access*; where a command gave none, it is opened
    when first needed. *waiting* is told the seconds a server asks to wait.
    """

    settings: Settings
    stop: Callable[[], bool] = lambda: False
    secrets: MutableMapping[str, Secret] = field(default_factory=dict)
    access: Access | None = None
    waiting: Callable[[float], None] = lambda _: None
    _https: list[Http] = field(default_factory=list)
    _own: Database | None = None

    def open_place(
        self, place: str, spec: JobSpec, learned: MutableMapping[str, str], stop: Callable[[], bool] | None = None
    ) -> Place:
        """Open one side of a job, as the engine asks for it. Raises ``ConnectorError``."""
        from connectors.errors import AccessGone, ConfigError, ReauthRequired
        from oauth.errors import GrantDead, GrantError, OAuthError

        try:
            return self._open_side(place, spec, learned, stop)
        except (AccessMissing, AccessEnding, GrantError, GrantDead) as error:
            raise AccessGone(f"{error}. {getattr(error, 'hint', '')}".strip()) from error
        except OAuthError as error:
            raise ReauthRequired(str(error)) from error
        except WherryError as error:
            raise ConfigError(f"{error} {error.hint}".strip()) from error

    def _open_side(
        self, place: str, spec: JobSpec, learned: MutableMapping[str, str], stop: Callable[[], bool] | None
    ) -> Place:
        written = parse_place(place, extra=self.settings.connectors)
        if place != spec.source:
            return self.open(written, learned=learned, stop=stop)
        opened = self.open(written, only=_words(spec, "only"), learned=learned, stop=stop)
        return cast("Place", NarrowedSource(cast("Source", opened), names=_words(spec, "collections")))

    def open(
        self,
        place: WrittenPlace,
        *,
        only: frozenset[str] = frozenset(),
        learned: MutableMapping[str, str] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Place:
        """Open *place*; *only* are kinds of the port.

        Raises ``ConnectorError``, ``AccountUnknown``, ``NoSuchSecret``.
        """
        from connectors.base import Context
        from connectors.registry import load

        endpoint = resolve(place, self.settings, only=only)
        stopping = stop or self.stop
        http = None if place.local else self._http(find_account(place, self.settings), stopping)
        context = Context(
            http=http,
            stop=stopping,
            clock=time.time,
            log=logging.getLogger(f"connectors.{endpoint.kind}"),
            learned={} if learned is None else learned,
        )
        return load(endpoint.kind, enabled=frozenset(self.settings.connectors))(endpoint, context)

    def close(self) -> None:
        """Close what is still open. Harmless twice."""
        while self._https:
            self._https.pop().close()
        if self._own is not None:
            if self.access is not None:
                self.access.close()
            self._own.close()
            self.access = self._own = None

    def _http(self, account: Account, stop: Callable[[], bool]) -> Http:
        from connectors.guard import Guard
        from connectors.http import Http

        http = Http(
            guard=Guard(allow_private=account.allow_private, allow_http=account.allow_private),
            authorizer=self._authorizer(account),
            stop=stop,
            ca=str(Path(account.ca).expanduser()) if account.ca else None,
            waiting=self.waiting,
        )
        self._https.append(http)
        return http

    def _authorizer(self, account: Account) -> Authorizer:
        from wherry.signing import make_authorizer

        secret = self.secrets.get(account.name)
        return self._granted().authorizer(account) if secret is None else make_authorizer(account, secret)

    def _granted(self) -> Access:
        if self.access is None:
            from wherry.access import Access

            self._own = open_database(self.settings)
            self.access = Access(self.settings, self._own, stop=self.stop)
        return self.access


def _words(spec: JobSpec, option: str) -> frozenset[str]:
    return frozenset(filter(None, spec.options.get(option, "").split(SEPARATOR)))
