"""``wherry accounts`` and ``wherry disconnect``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from wherry.account_file import remove_account
from wherry.cli.command import WherryCommand
from wherry.cli.jobs import table
from wherry.cli.session import begin
from wherry.errors import AccountUnknown
from wherry.exits import Exit
from wherry.nearest import did_you_mean
from wherry.showing import show
from wherry.wiring import open_secrets, secret_name

if TYPE_CHECKING:
    from wherry.settings import Settings


@click.command("accounts", cls=WherryCommand, examples=["wherry accounts"], exits=[Exit.DONE])
@click.pass_context
def accounts_command(ctx: click.Context) -> None:
    """List the accounts wherry may use, and whether their secret is here."""
    flags, settings = begin(ctx)
    kept = secrets_kept(settings)
    found = [(account, account.name in kept) for account in settings.accounts.values()]
    if flags.json:
        for account, has in found:
            line = {"account": account.name, "kind": account.kind, "url": account.url, "username": account.username}
            sys.stdout.write(json.dumps({"v": 1, "type": "account", **line, "secret": has}) + "\n")
    elif not found:
        sys.stderr.write(
            "No account is connected. Begin with: wherry connect dav --name NAME --url URL --username USER\n"
        )
    else:
        rows = [
            (f"{account.kind}:{account.name}", show(account.username), show(account.url), "kept" if has else "missing")
            for account, has in found
        ]
        sys.stdout.write(table(("ACCOUNT", "USER", "ADDRESS", "SECRET"), rows))


@click.command(
    "disconnect", cls=WherryCommand, examples=["wherry disconnect home"], exits=[Exit.DONE, Exit.UNKNOWN_NAME]
)
@click.argument("account")
@click.pass_context
def disconnect_command(ctx: click.Context, account: str) -> None:
    """Forget ACCOUNT and its secret on this machine, now.

    Copies and reports stay. An app password stays valid at the provider until you
    remove it there.
    """
    from oauth.errors import NoSuchSecret

    flags, settings = begin(ctx)
    name = account.partition(":")[2] or account
    if name not in settings.accounts:
        raise AccountUnknown(f"No account is called '{name}'", hint=did_you_mean(name, settings.accounts))
    try:
        open_secrets(settings).delete(secret_name(name))
        had = True
    except (NoSuchSecret, FileNotFoundError):
        had = False
    remove_account(settings.file, name)
    if flags.json:
        line = {"v": 1, "type": "disconnected", "account": name, "secret_deleted": had, "revoked": False}
        sys.stdout.write(json.dumps(line) + "\n")
        return
    secret = "Its password is deleted from this machine." if had else "No password of it was kept here."
    who, where = settings.accounts[name].username or "your account", settings.accounts[name].url
    sys.stdout.write(
        f"'{name}' is disconnected. {secret}\n"
        "wherry cannot end an app password at the provider: remove it there yourself, in the security\n"
        f"settings of {show(where)} for {show(who)}.\n"
    )


def secrets_kept(settings: Settings) -> frozenset[str]:
    """Return the names of accounts whose secret is here."""
    if not settings.folders.secrets.parent.is_dir():
        return frozenset()
    prefix = secret_name("")
    names = open_secrets(settings).names()
    return frozenset(name.removeprefix(prefix) for name in names if name.startswith(prefix))
