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


def settle_access(
    flags: Flags,
    access: Access,
    *,
    quiet: bool = False,
    accounts: frozenset[str] | None = None,
    disconnected: bool = False,
) -> Exit:
    """End what is owed and tell it; ``NOT_REVOKED`` when an access of *accounts* (of any) still stands.

    What the provider ends only together with an access that is still needed is no trouble: it is told,
    and counts only when an account is *disconnected*. *quiet* tells only what went wrong.
    """
    for ended in access.reap():
        tell_end(flags, ended, ended.link or access.by_hand(ended.after), quiet=quiet or flags.quiet)
    owed = False
    for grant in outstanding(access):
        if accounts is not None and grant.account not in accounts:
            continue
        needed = needed_with(access, grant)
        owed |= disconnected or not needed
        if not needed:
            tell_left(flags, grant, access.by_hand(grant))
        elif disconnected or not (quiet or flags.quiet):
            tell_waiting(flags, grant, needed)
    sys.stdout.flush()
    return Exit.NOT_REVOKED if owed else Exit.DONE


def needed_with(access: Access, grant: Grant) -> list[str]:
    """Return the accounts whose access is still needed and would end with *grant*: the provider ends them together."""
    from oauth.grants import GrantState, Radius

    if grant.state is not GrantState.DRAINING or grant.radius is not Radius.PROJECT or grant.subject is None:
        return []
    mine = (grant.tenant, grant.provider, grant.project, grant.subject)
    return sorted(
        {
            other.account
            for other in access.store.list()
            if other.state is GrantState.LIVE and (other.tenant, other.provider, other.project, other.subject) == mine
        }
    )


def tell_waiting(flags: Flags, grant: Grant, needed: list[str]) -> None:
    """Say that *grant* is not needed any more and ends together with those of the accounts *needed*."""
    if flags.json:
        line = {"v": 1, "type": "access_waits", "account": grant.account, "provider": grant.provider}
        sys.stdout.write(json.dumps({**line, "state": grant.state.value, "with": needed}) + "\n")
        return
    others = ", ".join(f"'{show(name)}'" for name in needed)
    sys.stdout.write(
        f"  Access     to '{show(grant.account)}' is not needed any more. {grant.provider.capitalize()} ends it "
        f"together with {others}, when that is not needed either.\n"
    )


def outstanding(access: Access) -> list[Grant]:
    """Return the grants nobody needs and whose provider may still let us in."""
    from oauth.grants import OUTSTANDING

    return [grant for grant in access.store.list() if grant.state in OUTSTANDING]


def outcome_of(ended: Reaped) -> str:
    """Return how a grant came to its end: ``revoked``, ``manual``, ``lost``, ``given_up``; empty if it did not."""
    from oauth.grants import GrantState

    before, grant = ended.before.state, ended.after
    if grant.revoked_at is not None and grant.state in {GrantState.REVOKED, GrantState.ERASED}:
        return "revoked"
    if grant.state is not GrantState.ERASED:
        return ""
    if before is GrantState.LOST:
        return "lost"
    return "given_up" if before is GrantState.ESCALATED else "manual"


def tell_end(flags: Flags, ended: Reaped, where: str, *, quiet: bool = False) -> None:
    """Say what became of one grant, if it came to its end; *where* a person ends it by hand."""
    grant, outcome = ended.after, outcome_of(ended)
    by_hand = outcome in {"manual", "given_up"}
    if not outcome or (by_hand and grant.provider == "password"):
        return  # what becomes of a password is told by who forgets it
    if flags.json:
        line: dict[str, object] = {"v": 1, "type": "not_revoked" if by_hand else "revoked", "account": grant.account}
        facts = {"provider": grant.provider, "outcome": outcome, "state": grant.state.value, "answer": grant.answer}
        if by_hand:
            facts["link"] = where
        else:
            line |= {"confirmed": grant.verified, "at": grant.revoked_at}
        sys.stdout.write(json.dumps({**line, **facts}) + "\n")
    elif by_hand or not quiet:
        sys.stdout.write(f"  Access     to '{show(grant.account)}' {end_words(grant, outcome, where)}\n")


def end_words(grant: Grant, outcome: str, where: str) -> str:
    """Return the end of *grant* as the rest of a sentence."""
    from oauth.grants import GrantState

    who = "the provider" if grant.provider == "oauth" else grant.provider.capitalize()
    if outcome == "lost":
        return "was ended by the other side; the secrets are destroyed"
    if outcome == "manual":
        return f"is forgotten on this machine; {who} lets only you end it: {show(where)}"
    if outcome == "given_up":
        return f"was never seen to end; the secrets are destroyed. Look there yourself: {show(where)}"
    answered = f"ended at {moment(grant.revoked_at)} ({who} answered {show(grant.answer or '')}"
    if grant.verified:
        return f"{answered}; a refresh was refused); the secrets are destroyed"
    if grant.state is GrantState.REVOKED:
        return f"{answered}); that it is over is checked once more at the next start"
    return f"{answered}; nothing could check it); the secrets are destroyed"


def tell_left(flags: Flags, grant: Grant, where: str) -> None:
    """Say that the end of *grant* is owed; *where* a person ends it by hand."""
    from oauth.grants import GrantState

    given_up = grant.state is GrantState.ESCALATED
    if flags.json:
        line = {"v": 1, "type": "not_revoked", "account": grant.account, "provider": grant.provider}
        facts = {"outcome": "escalated" if given_up else "owed", "state": grant.state.value, "answer": grant.answer}
        tries = {"attempts": grant.attempts, "last_error": grant.last_error, "next_at": grant.next_at}
        sys.stdout.write(json.dumps({**line, **facts, **tries, "link": where}) + "\n")
        return
    why = f" ({show(grant.last_error)})" if grant.last_error else ""
    name = show(grant.account)
    if given_up:
        words = f"The access to '{name}' could not be ended{why}, and wherry has given up."
        advice = f"End it yourself: {show(where)}  One more try: wherry disconnect {name}"
    else:
        words = f"The access to '{name}' could not be ended yet{why}."
        advice = (
            f"It is tried again whenever wherry starts, from {moment(grant.next_at)} on and until "
            f"{moment(grant.deadline)}. Try now: wherry disconnect {name}"
        )
    sys.stderr.write(f"wherry: {words}\n  {advice}\n")
