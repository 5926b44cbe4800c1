"""Getting access to an account: by a password, or by asking its provider in a browser.

Whichever way, the grant is kept first and then tried; what cannot be used is given back
at once, and an older grant of the account is given back when the new one works.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wherry.places import WrittenPlace
from wherry.stopping import Stopper
from wherry.wiring import Wiring

if TYPE_CHECKING:
    from connectors.base import Collection
    from oauth.consent import Wish
    from oauth.grants import Grant
    from oauth.secret import Secret
    from wherry.access import Access
    from wherry.settings import Account, Settings


@dataclass(frozen=True, slots=True)
class Talk:
    """How a person is spoken to while a provider is asked.

    *show* tells the address to visit and may open a browser; *ask* reads an address pasted
    back, and is ``None`` where a browser of this machine answers by itself. *port* is the
    one to listen at, 0 for any.
    """

    show: Callable[[str], None]
    ask: Callable[[str], str] | None = None
    port: int = 0


def by_password(access: Access, account: Account, wish: Wish, password: Secret) -> tuple[Grant, list[Collection]]:
    """Try *password*, keep it, and return its grant with what is there. Raises ``ConnectorError``: nothing is kept."""
    from oauth.grants import Holder, HolderKind
    from oauth.logins import keep_password

    found = look(access.settings, account, secret=password)
    grant = keep_password(access.consent, wish, account.username, password)
    supersede(access, account, grant)
    # Nobody can end it for the user, so it stays until they say so; a job that ends takes nothing from them.
    return access.store.attach(grant.id, Holder(HolderKind.KEPT, account.name)), found


def by_browser(access: Access, account: Account, wish: Wish, talk: Talk) -> tuple[Grant, list[Collection]]:
    """Ask the provider, try what it gave and return the grant with what is there.

    Raises what ``oauth.consent`` raises, and ``ConnectorError``: then the access is given back.
    """
    from oauth.logins import by_login_flow
    from oauth.profiles import FlowKind

    if wish.profile.flow is FlowKind.LOGIN_FLOW:
        grant = by_login_flow(access.consent, wish, talk.show)
    elif talk.ask is not None:
        grant = access.consent.by_paste(wish, talk.show, talk.ask)
    else:
        grant = access.consent.by_browser(wish, talk.show, port=talk.port)
    try:
        found = look(access.settings, account, access=access)
    except BaseException:
        access.store.drain(grant.id)
        raise
    supersede(access, account, grant)
    return grant, found


def look(
    settings: Settings, account: Account, *, access: Access | None = None, secret: Secret | None = None
) -> list[Collection]:
    """Sign in and return what is there. Raises ``ConnectorError``."""
    trial = replace(settings, accounts={**settings.accounts, account.name: account})
    secrets = {} if secret is None else {account.name: secret}
    with Stopper(announce=False) as stop:
        wiring = Wiring(trial, stop=stop, secrets=secrets, access=access)
        try:
            place = wiring.open(WrittenPlace(account.kind, account.name))
            try:
                place.check()
                return list(place.collections())
            finally:
                place.close()
        finally:
            wiring.close()


def supersede(access: Access, account: Account, grant: Grant) -> None:
    """Let go of older grants of *account*. A job that still holds one goes on with it until it ends."""
    from oauth.grants import HolderKind

    access.store.release(HolderKind.KEPT, account.name)
    for older in access.store.of_account(account.name):
        if older.id != grant.id:
            access.store.release(HolderKind.CONSENT, older.id)


def open_browser(url: str, environ: Mapping[str, str] = os.environ) -> None:
    """Open *url* where the user's browser is, without waiting for it; where there is none nothing happens."""
    import webbrowser

    if os.name == "posix" and not (environ.get("BROWSER") or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return  # a text browser would take the terminal
    # Some browsers do not return before they are closed.
    threading.Thread(target=webbrowser.open, args=(url,), name="browser", daemon=True).start()
