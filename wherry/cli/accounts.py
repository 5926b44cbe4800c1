"""``wherry accounts`` and ``wherry disconnect``: what wherry may see, until when, and the end of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from wherry.account_file import remove_account
from wherry.cli.command import WherryCommand
from wherry.cli.completing import complete_accounts
from wherry.cli.jobs import table
from wherry.cli.session import begin
from wherry.errors import AccountUnknown
from wherry.exits import Exit
from wherry.nearest import did_you_mean
from wherry.showing import moment, show
from wherry.wiring import open_database

if TYPE_CHECKING:
    from oauth.grants import Grant
    from wherry.access import Access
    from wherry.settings import Account, Settings


@dataclass(frozen=True, slots=True)
class Standing:
    """How one account stands: what it is, and the grant that gives access to it, if there is one."""

    name: str
    account: Account | None
    grant: Grant | None

    @property
    def may(self) -> str:
        """What wherry may see, as a person reads it."""
        if self.grant is None:
            return "nothing"
        return " ".join(map(show, self.grant.granted)) or "all of it"

    @property
    def until(self) -> str:
        """When the access ends."""
        from oauth.grants import GrantState, HolderKind

        grant = self.grant
        if grant is None:
            return "ended"
        if grant.state is not GrantState.LIVE:
            return _STATES.get(grant.state.value, grant.state.value)
        others = [holder.until for holder in grant.holders if holder.kind is not HolderKind.JOB]
        if None in others:
            return "you disconnect it"
        return moment(self.ends_at) if others else "the job ends"

    @property
    def ends_at(self) -> float | None:
        """The moment the access ends at the latest, ``None`` where a job or the user decides."""
        from oauth.grants import GrantState, HolderKind

        if self.grant is None or self.grant.state is not GrantState.LIVE:
            return None
        return last_end([holder.until for holder in self.grant.holders if holder.kind is not HolderKind.JOB])

    @property
    def jobs(self) -> list[str]:
        """The jobs that hold the access."""
        from oauth.grants import HolderKind

        return [] if self.grant is None else sorted(h.ref for h in self.grant.holders if h.kind is HolderKind.JOB)


def last_end(ends: Sequence[float | None]) -> float | None:
    """Return the latest of *ends*, ``None`` for none or if one is open."""
    return None if None in ends else max((end for end in ends if end is not None), default=None)


_STATES = {
    "intent": "you answer in the browser",
    "exchanging": "being given",
    "draining": "being ended",
    "revoking": "being ended",
    "revoked": "ended; the proof is outstanding",
    "lost": "ended by the provider",
    "manual": "you end it at the provider",
    "escalated": "you end it at the provider",
}


@click.command(
    "accounts",
    cls=WherryCommand,
    examples=["wherry accounts", "wherry accounts --all"],
    exits=[Exit.DONE, Exit.NOT_REVOKED],
)
@click.option("--all", "every", is_flag=True, help="Also accounts whose access has ended.")
@click.pass_context
def accounts_command(ctx: click.Context, /, *, every: bool) -> int:
    """Show what wherry may see, until when, and for which job. Access that is owed its end is ended."""
    from wherry.access import Access
    from wherry.cli.ending import settle_access

    flags, settings = begin(ctx)
    database = open_database(settings)
    try:
        access = Access(settings, database)
        try:
            code = settle_access(flags, access)
            found = [each for each in standings(settings, access) if every or each.grant is not None]
        finally:
            access.close()
    finally:
        database.close()
    if flags.json:
        for each in found:
            sys.stdout.write(json.dumps({"v": 1, "type": "account", **_facts(each)}) + "\n")
    elif found:
        rows = [
            (
                f"{each.account.kind if each.account else '?'}:{show(each.name)}",
                show(each.account.username) if each.account else "",
                each.may,
                each.until,
                " ".join(each.jobs),
                show(each.account.url) if each.account else "",
            )
            for each in found
        ]
        sys.stdout.write(table(("ACCOUNT", "USER", "MAY SEE", "UNTIL", "JOB", "ADDRESS"), rows))
    else:
        known = sorted(settings.accounts)
        ended = f" Access to {', '.join(known)} has ended; see them with --all." if known else ""
        sys.stderr.write(
            f"wherry has access to nothing.{ended}\n"
            "Give it some with: wherry connect dav --name NAME --url URL --username USER\n"
        )
    return code


def standings(settings: Settings, access: Access) -> list[Standing]:
    """Return every account of the settings, and every grant that is not over, joined by their names."""
    grants: dict[str, list[Grant]] = {}
    for grant in access.store.list():
        grants.setdefault(grant.account, []).append(grant)
    names = [*settings.accounts, *sorted(grants.keys() - settings.accounts.keys())]
    found = []
    for name in names:
        account = settings.accounts.get(name)
        found += [Standing(name, account, grant) for grant in grants.get(name, [])] or [Standing(name, account, None)]
    return found


def _facts(each: Standing) -> dict[str, object]:
    account, grant = each.account, each.grant
    return {
        "account": each.name,
        "kind": account.kind if account else None,
        "url": account.url if account else None,
        "username": account.username if account else None,
        "provider": grant.provider if grant else account.provider if account else None,
        "state": grant.state.value if grant else None,
        "may": list(grant.granted) if grant else [],
        "until": each.ends_at,
        "jobs": each.jobs,
    }


@click.command(
    "disconnect",
    cls=WherryCommand,
    examples=["wherry disconnect home"],
    exits=[Exit.DONE, Exit.UNKNOWN_NAME, Exit.NOT_REVOKED],
)
@click.argument("account", shell_complete=complete_accounts)
@click.pass_context
def disconnect_command(ctx: click.Context, account: str) -> int:
    """End the access to ACCOUNT now, and show what proves it.

    Copies and reports stay; jobs that use the account stop. A password stays valid at the
    provider until you remove it there: wherry deletes it from this machine and says where.
    """
    from wherry.access import Access

    _flags, settings = begin(ctx)
    name = account.partition(":")[2] or account
    database = open_database(settings)
    try:
        access = Access(settings, database)
        try:
            if name not in settings.accounts and not access.store.of_account(name):
                known = sorted({*settings.accounts, *(grant.account for grant in access.store.list())})
                raise AccountUnknown(f"No account is called '{name}'", hint=did_you_mean(name, known))
            return _disconnect(ctx, access, name)
        finally:
            access.close()
    finally:
        database.close()


def _disconnect(ctx: click.Context, access: Access, name: str) -> int:
    from oauth.grants import USABLE, GrantState
    from wherry.cli.ending import settle_access
    from wherry.cli.flags import flags_of

    flags, settings = flags_of(ctx), access.settings
    grants = access.store.of_account(name)
    for grant in grants:
        if grant.state in USABLE:
            access.store.drain(grant.id)
        elif grant.state in {GrantState.REVOKING, GrantState.ESCALATED}:
            access.try_again(grant)
    code = settle_access(flags, access, accounts=frozenset({name}), disconnected=True)
    if code is Exit.DONE and name in settings.accounts:
        remove_account(settings.file, name)
    if flags.json:
        line = {"v": 1, "type": "disconnected", "account": name, "ended": code is Exit.DONE}
        sys.stdout.write(json.dumps({**line, "exit_code": int(code)}) + "\n")
    elif code is Exit.DONE:
        sys.stdout.write(f"'{show(name)}' is disconnected.{'' if grants else ' There was no access left to end.'}\n")
        if any(grant.provider == "password" for grant in grants):
            account = settings.accounts.get(name)
            who = (account.username if account else "") or "your account"
            where = account.url if account else "its server"
            sys.stdout.write(
                "Its password is deleted from this machine; wherry cannot end it at the provider. If it is an app\n"
                f"password, remove it there yourself, in the security settings of {show(where)} for {show(who)}.\n"
            )
    return code
