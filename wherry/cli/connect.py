"""``wherry connect``: give access to an account, and see at once whether it works."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wherry.account_file import save_account
from wherry.asking import ask_password
from wherry.cli.command import WherryCommand
from wherry.cli.result import KIND_WORDS
from wherry.cli.session import begin
from wherry.errors import FileTrouble, PlaceError
from wherry.exits import Exit
from wherry.nearest import did_you_mean
from wherry.places import REMOTE, VIEWS, WrittenPlace
from wherry.settings import ACCOUNT_NAME, AUTH, NAME_RULE, Account, Settings
from wherry.showing import count, show
from wherry.stopping import Stopper
from wherry.wiring import Wiring, open_secrets, secret_name

if TYPE_CHECKING:
    from connectors.base import Collection
    from oauth.secret import Secret
    from wherry.cli.flags import Flags


@click.command(
    "connect",
    cls=WherryCommand,
    sections={
        "Which account": ["name", "url", "username"],
        "How to sign in": ["auth", "password_file"],
        "Servers of your own": ["allow_private", "ca"],
    },
    examples=[
        "wherry connect dav --name home --url https://dav.example.org/ --username ana",
        "wherry connect dav --name nas --url http://192.168.1.5:5232/ --username ana --allow-private",
        "pass show dav | wherry connect dav --name work --url dav.example.com --username ana --password-file -",
    ],
    exits=[Exit.DONE, Exit.USAGE, Exit.TEMPORARY, Exit.ACCESS],
)
@click.argument("kind")
@click.option("--name", required=True, metavar="NAME", help="What you want to call it, as in dav:NAME.")
@click.option("--url", required=True, metavar="URL", help="The server's address, or just its name.")
@click.option("--username", default="", metavar="USER", help="Who you are there.")
@click.option("--auth", type=click.Choice(AUTH), default="guess", help="How to sign in; default: ask the server.")
@click.option("--password-file", metavar="FILE", help="Read the password from the first line of FILE, or of '-'.")
@click.option("--allow-private", is_flag=True, help="The server is in your own network; plain http is allowed there.")
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Trust the certificate authorities in FILE.",
)
@click.pass_context
def connect_command(
    ctx: click.Context, /, kind: str, password_file: str | None, ca: Path | None, **said: object
) -> None:
    """Give access to an account of KIND (dav), check it, and list what is there.

    The password is asked for without being shown, or read from --password-file or
    WHERRY_PASSWORD; it is never an argument, where other users could see it. Many
    providers want an app password: make one there for wherry alone.
    """
    flags, settings = begin(ctx)
    account = make_account(settings, kind, ca, said)
    secret = ask_password(f"Password of {account.username or account.name}", file=password_file, environ=os.environ)
    found = look(settings, account, secret)
    keep(settings, account, secret)
    _show(flags, account, found)


def make_account(settings: Settings, kind: str, ca: Path | None, said: dict[str, object]) -> Account:
    """Return the account as described.

    Raises ``PlaceError``: unknown kind, bad name; ``UnsafeAddress``: bad address.
    """
    from connectors.addresses import target

    own = VIEWS.get(kind, (kind, ""))[0]
    known = REMOTE | set(settings.connectors)
    if own not in known:
        raise PlaceError(f"Unknown kind of account '{kind}'", hint=did_you_mean(kind, known | set(VIEWS)))
    name, url = str(said["name"]), str(said["url"])
    if not ACCOUNT_NAME.fullmatch(name):
        raise PlaceError(f"'{name}' cannot be the name of an account", hint=NAME_RULE)
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise PlaceError("The address holds a user name or password", hint="Give the user with --username.")
    if said["auth"] != "bearer" and not said["username"]:
        raise PlaceError("A user name is needed", hint="Add --username USER.")
    address = url if "://" in url else f"https://{url}"
    target(address)
    return Account(
        name=name,
        kind=own,
        url=address,
        username=str(said["username"]),
        auth=str(said["auth"]),
        allow_private=bool(said["allow_private"]),
        ca=str(ca.absolute()) if ca else "",
    )


def look(settings: Settings, account: Account, secret: Secret) -> list[Collection]:
    """Sign in and return what is there. Raises ``ConnectorError``; nothing is kept yet."""
    from dataclasses import replace

    trial = replace(settings, accounts={**settings.accounts, account.name: account})
    with Stopper(announce=False) as stop:
        wiring = Wiring(trial, stop=stop, secrets={account.name: secret})
        try:
            place = wiring.open(WrittenPlace(account.kind, account.name))
            try:
                place.check()
                return list(place.collections())
            finally:
                place.close()
        finally:
            wiring.close()


def keep(settings: Settings, account: Account, secret: Secret) -> None:
    """Keep secret and account, the secret first: an account without one would be of no use."""
    try:
        settings.folders.secrets.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FileTrouble(f"{settings.folders.secrets.parent}: {error.strerror}") from error
    open_secrets(settings).put(secret_name(account.name), secret)
    save_account(settings.file, account)


def _show(flags: Flags, account: Account, found: list[Collection]) -> None:
    if flags.json:
        line = {"v": 1, "type": "connected", "account": account.name, "kind": account.kind, "url": account.url}
        sys.stdout.write(json.dumps(line) + "\n")
        for collection in found:
            line = {"v": 1, "type": "collection", "name": collection.name, "kind": collection.kind.value}
            sys.stdout.write(json.dumps({**line, "writable": collection.writable}) + "\n")
        return
    lines = [f"Connected: {account.kind}:{account.name} has {count(len(found), 'collection')}."]
    for collection in found:
        kind = KIND_WORDS.get(collection.kind.value, collection.kind.value)
        lines.append(f"  {kind:<10}{show(collection.name)}{'' if collection.writable else '   (read only)'}")
    lines.append(f"Back it up with: wherry backup {account.kind}:{account.name} --to ~/pim")
    sys.stdout.write("\n".join(lines) + "\n")
