"""The end of access, as a command tells it: what was ended, what proves it, and what is still owed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from wherry.exits import Exit
from wherry.showing import moment, show

if TYPE_CHECKING:
    from oauth.grants import Grant
    from oauth.revocation import Reaped
    from wherry.access import Access
    from wherry.cli.flags import Flags


def settle_access(flags: Flags, access: Access, *, quiet: bool = False, accounts: frozenset[str] | None = None) -> Exit:
    """End what is owed and tell it; ``NOT_REVOKED`` when an access of *accounts* (of any) still stands.

    *quiet* tells only what went wrong.
    """
    for ended in access.reap():
        tell_end(flags, ended, quiet=quiet or flags.quiet)
    left = [grant for grant in outstanding(access) if accounts is None or grant.account in accounts]
    for grant in left:
        tell_left(flags, grant)
    return Exit.NOT_REVOKED if left else Exit.DONE


def outstanding(access: Access) -> list[Grant]:
    """Return the grants nobody needs and whose provider may still let us in."""
    from oauth.grants import OUTSTANDING

    return [grant for grant in access.store.list() if grant.state in OUTSTANDING]


def tell_end(flags: Flags, ended: Reaped, *, quiet: bool = False) -> None:
    """Say what became of one grant, if it came to its end."""
    grant = ended.after
    words = end_words(ended)
    if not words:
        return
    if flags.json:
        line = {"v": 1, "type": "revoked", "account": grant.account, "provider": grant.provider}
        facts = {"state": grant.state.value, "confirmed": grant.verified, "answer": grant.answer, "link": ended.link}
        sys.stdout.write(json.dumps({**line, **facts, "at": grant.revoked_at}) + "\n")
    elif not quiet or ended.link:
        sys.stdout.write(f"  Access     {words}\n")


def end_words(ended: Reaped) -> str:
    """Return the end of a grant as a sentence, empty when it has not ended."""
    from oauth.grants import GrantState

    grant, name = ended.after, show(ended.after.account)
    who = "the provider" if grant.provider in {"oauth", "password"} else grant.provider.capitalize()
    if ended.link and grant.answer is not None and not grant.verified and grant.revoked_at is None:
        return (
            f"to '{name}' is forgotten on this machine. Only you can end it at the provider: {ended.link} "
            f"({who} has no way for programs)"
        )
    if grant.revoked_at is not None and grant.state in {GrantState.REVOKED, GrantState.ERASED}:
        proof = "a refresh was refused" if grant.verified else "not tried again: there was nothing to try it with"
        return (
            f"to '{name}' ended at {moment(grant.revoked_at)} ({who} answered {show(grant.answer or '')}; "
            f"{proof}); the secrets are destroyed"
        )
    if ended.before.state is GrantState.LOST or grant.state is GrantState.LOST:
        return f"to '{name}' was ended by the other side; the secrets are destroyed"
    return ""


def tell_left(flags: Flags, grant: Grant) -> None:
    """Say that the end of a grant is owed."""
    if flags.json:
        line = {"v": 1, "type": "not_revoked", "account": grant.account, "provider": grant.provider}
        facts = {"state": grant.state.value, "attempts": grant.attempts, "last_error": grant.last_error}
        sys.stdout.write(json.dumps({**line, **facts, "next_at": grant.next_at}) + "\n")
        return
    why = f" ({show(grant.last_error)})" if grant.last_error else ""
    sys.stderr.write(
        f"wherry: The access to '{show(grant.account)}' could not be ended yet{why}.\n"
        f"  It is tried again at the next start, and then until {moment(grant.deadline)}. Try now: wherry accounts\n"
    )
