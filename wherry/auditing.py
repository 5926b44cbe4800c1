"""The signing key of the audit log, and the checkpoints that runs owe."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oauth.checkpoints import Signer
    from sync_engine.database import Database
    from wherry.settings import Settings


def open_signing_key(settings: Settings) -> Signer:
    """Return the key the audit log is signed with; it is made when first needed. Raises ``OAuthError``."""
    from oauth.checkpoints import open_signer

    return open_signer(settings.folders.audit_key)


def settle_checkpoints(database: Database, settings: Settings) -> None:
    """Sign what ended runs owe. What stands in the way fails no run: the debt stays, and the log says so."""
    from oauth.errors import OAuthError
    from sync_engine.audit_checkpoints import owed, pay
    from sync_engine.errors import DatabaseError

    try:
        pay(database, owed(database), lambda: open_signing_key(settings))
    except (OAuthError, DatabaseError) as error:
        logging.getLogger(__name__).warning("audit checkpoints stay owed: %s", error)
