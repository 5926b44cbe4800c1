"""A store, a vault and providers for tests of consent: all of them real, all of them on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oauth.consent import Consent, Wish
from oauth.grants import Radius
from oauth.keys import MemoryKeys
from oauth.metadata import discover
from oauth.profiles import ProviderProfile, RevokeStyle, nextcloud, profile
from oauth.secret import Secret
from oauth.tokens import Client, Tokens
from oauth.vault import Vault
from sync_engine.database import Database
from sync_engine.grants import SqlGrants
from tests.oauth.wire import Wire

if TYPE_CHECKING:
    from oauth.grants import Grant
    from simulators.identity.dropbox import Dropbox
    from simulators.identity.generic import Generic
    from simulators.identity.google import Google
    from simulators.identity.infomaniak import Infomaniak
    from simulators.identity.nextcloud import Nextcloud
    from simulators.identity.provider import Provider

G = "https://www.googleapis.com/auth/"
CONTACTS = ("openid", f"{G}contacts.readonly")
CALENDARS = ("openid", f"{G}calendar.calendarlist.readonly", f"{G}calendar.events.owned.readonly")
FILES = ("account_info.read", "files.content.read", "files.metadata.read")
DAV = ("calendars", "contacts")


@dataclass(slots=True)
class World:
    """Everything a consent needs, with a clock that can be moved."""

    path: Path
    database: Database
    wire: Wire = field(default_factory=Wire)
    skew: list[float] = field(default_factory=lambda: [0.0])
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = SqlGrants(self.database, skew=lambda: self.skew[0])
        self.vault = Vault(MemoryKeys(), self.store)
        self.consent = Consent(self.store, self.vault, self.wire, pause=self.pauses.append)

    store: SqlGrants = field(init=False)
    vault: Vault = field(init=False)
    consent: Consent = field(init=False)

    def states(self) -> list[str]:
        """Return the states of all grants, oldest first."""
        return [grant.state.value for grant in self.store.list(all=True)]

    def kept(self, grant: Grant) -> Tokens:
        """Return what the vault holds of a grant."""
        return Tokens.of(self.vault.secrets(grant.id))

    def on_disk(self) -> bytes:
        """Return every byte the database has on the disk."""
        return b"".join(file.read_bytes() for file in self.path.parent.glob(self.path.name + "*"))


def google_wish(provider: Google, scopes: tuple[str, ...] = CONTACTS, **more: Any) -> Wish:
    addresses = {
        "authorize_url": provider.authorize_url,
        "token_url": provider.token_url,
        "revoke_url": provider.revoke_url,
        "issuer": provider.issuer,
    }
    client = Client(provider.client.id, Secret(provider.client.secret))
    return Wish(profile("google", addresses, allow_loopback=True), client, scopes, "ana", **more)


def dropbox_wish(provider: Dropbox, scopes: tuple[str, ...] = FILES, **more: Any) -> Wish:
    addresses = {
        "authorize_url": provider.authorize_url,
        "token_url": provider.token_url,
        "revoke_url": provider.revoke_url,
    }
    made = profile("dropbox", addresses, allow_loopback=True)
    return Wish(made, Client(provider.client.id), scopes, "ana", **more)


def infomaniak_wish(provider: Infomaniak) -> Wish:
    addresses = {
        "authorize_url": provider.authorize_url,
        "token_url": provider.token_url,
        "revoke_url": provider.revoke_url,
        "api_url": provider.profile_url,
    }
    made = profile("infomaniak", addresses, allow_loopback=True)
    return Wish(made, Client(provider.client.id), (), "ana")


def generic_wish(provider: Generic, world: World, scopes: tuple[str, ...] = DAV, **more: Any) -> Wish:
    made = discover(provider.issuer, world.wire, allow_loopback=True)
    return Wish(made, Client(provider.client.id), scopes, "ana", **more)


def nextcloud_wish(provider: Nextcloud) -> Wish:
    return Wish(nextcloud(provider.url, allow_loopback=True), Client(), (), "ana")


def like(made: ProviderProfile, **changes: Any) -> ProviderProfile:
    """Return a profile that differs in some fields."""
    from dataclasses import replace

    return replace(made, **changes)


def beside(work: Callable[[str], object]) -> tuple[Callable[[str], None], list[threading.Thread]]:
    """Return a ``show`` that does *work* with the address in a thread of its own, as a browser does."""
    threads: list[threading.Thread] = []

    def show(url: str) -> None:
        thread = threading.Thread(target=work, args=(url,), daemon=True)
        threads.append(thread)
        thread.start()

    return show, threads


def made(url: str, *, style: RevokeStyle = RevokeStyle.RFC7009, **more: str) -> ProviderProfile:
    return ProviderProfile(
        name="example",
        authorize_url=f"{url}/authorize",
        token_url=f"{url}/token",
        revoke_url=f"{url}/revoke",
        introspect_url=more.get("introspect_url", ""),
        client_auth=more.get("client_auth", "body"),
        revoke_style=style,
        radius=Radius.AUTHORIZATION,
        allow_loopback=True,
    )


def consented(world: World, wish: Wish, provider: Provider) -> Tokens:
    """Return the tokens of a fresh consent."""
    show, _ = beside(lambda url: provider.approve(url, follow=True))
    grant = world.consent.by_browser(wish, show)
    return Tokens.of(world.vault.secrets(grant.id), expires_at=grant.expires_at, granted=grant.granted)


def like_wish(wish: Wish, **changes: object) -> Wish:
    from dataclasses import replace

    return replace(wish, **changes)  # type: ignore[arg-type]  # names are checked by replace itself
