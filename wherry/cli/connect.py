"""``wherry connect``: give access to an account, and see at once whether it works."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from wherry import google_accounts
from wherry.account_file import save_account
from wherry.asking import ask_agreement, ask_line, ask_password
from wherry.cli.accounts import last_end
from wherry.cli.command import WherryCommand
from wherry.cli.result import KIND_WORDS
from wherry.cli.session import begin
from wherry.errors import PlaceError
from wherry.exits import Exit
from wherry.nearest import did_you_mean
from wherry.places import REMOTE, VIEWS
from wherry.providers import PROVIDERS, asking_for, client_id_of, profile_of, scopes_of, secret_file_of
from wherry.settings import ACCOUNT_NAME, AUTH, NAME_RULE, Account, Settings
from wherry.showing import count, moment, show
from wherry.wiring import open_database

if TYPE_CHECKING:
    from connectors.base import Collection
    from oauth.consent import Wish
    from oauth.grants import Grant
    from wherry.access import Access
    from wherry.cli.flags import Flags
    from wherry.connecting import Talk


@click.command(
    "connect",
    cls=WherryCommand,
    sections={
        "Which account": ["name", "url", "username"],
        "Sign in with a password": ["auth", "password_file"],
        "Sign in at the provider": [
            *("provider", "issuer", "client_id", "client_secret_file", "scope"),
            *("own_calendars", "other_contacts", "no_browser", "port"),
        ],
        "Servers of your own": ["allow_private", "ca"],
    },
    examples=[
        "wherry connect dav --name home --url https://dav.example.org/ --username ana",
        "wherry connect dav --name cloud --provider nextcloud --url https://cloud.example.org",
        "wherry connect dav --name mail --provider oauth --issuer https://id.example.org --client-id wherry --url URL",
        "wherry connect google-contacts --name ana --client-id ID --client-secret-file FILE",
        "wherry connect google-calendar --name dates --own-calendars",
        "wherry connect dav --name nas --url http://192.168.1.5:5232/ --username ana --allow-private",
        "pass show dav | wherry connect dav --name work --url dav.example.com --username ana --password-file -",
    ],
    exits=[Exit.DONE, Exit.USAGE, Exit.TEMPORARY, Exit.ACCESS, Exit.NOT_REVOKED],
)
@click.argument("kind")
@click.option("--name", required=True, metavar="NAME", help="What you want to call it, as in dav:NAME.")
@click.option("--url", default="", metavar="URL", help="The server's address, or just its name.")
@click.option("--username", default="", metavar="USER", help="Who you are there.")
@click.option("--auth", type=click.Choice(AUTH), help="How to present a password; usually the server is asked.")
@click.option("--password-file", metavar="FILE", help="Read the password from the first line of FILE, or of '-'.")
@click.option("--provider", metavar="NAME", help=f"Who gives access on its own page: {', '.join(PROVIDERS)}.")
@click.option("--issuer", default="", metavar="URL", help="With --provider oauth: the provider's address.")
@click.option("--client-id", default="", metavar="ID", help="Your registration of wherry at the provider.")
@click.option("--client-secret-file", metavar="FILE", help="Its secret, if it has one: the first line of FILE.")
@click.option("--scope", multiple=True, metavar="SCOPE", help="Ask for this permission; repeatable.")
@click.option(
    "--own-calendars/--all-calendars",
    default=None,
    help="Google: only calendars you own; asks for less. Or all (usual).",
)
@click.option(
    "--other-contacts/--no-other-contacts",
    default=None,
    help="Google: also the people you once wrote to; asks for more.",
)
@click.option("--no-browser", is_flag=True, help="Show the address only, and read the answer pasted back.")
@click.option("--port", type=click.IntRange(1024, 65535), default=None, help="Listen there for the answer.")
@click.option("--allow-private", is_flag=True, help="The server is in your own network; plain http is allowed there.")
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Trust the certificate authorities in FILE.",
)
@click.pass_context
def connect_command(ctx: click.Context, /, kind: str, ca: Path | None, **said: object) -> int:
    """Give access to an account of KIND, check it, and list what is there.

    KIND is dav, google-contacts or google-calendar. Google's accounts need no --url and no
    --provider: your browser opens at Google, and only reading is asked for.

    With --provider you agree on the provider's own page; wherry never sees your password, and
    ends the access when your first job is done. Otherwise a password is asked for without
    being shown, or read from --password-file or WHERRY_PASSWORD; it is never an argument,
    where other users could see it. Many providers want an app password: make one there for
    wherry alone. An account that was connected before keeps what you do not say again.
    """
    from wherry.access import Access

    flags, settings = begin(ctx)
    account = make_account(settings, kind, ca, said)
    trial = settings.with_account(account)
    database = open_database(settings)
    try:
        access = Access(trial, database)
        try:
            return _connect(flags, access, account, said)
        finally:
            access.close()
    finally:
        database.close()


def _connect(flags: Flags, access: Access, account: Account, said: dict[str, object]) -> int:
    from wherry.cli.ending import settle_access

    wish = make_wish(access, account, said)
    if account.provider and wish.profile.flow.value != "password":
        from wherry.connecting import by_browser

        settle_access(flags, access)
        agree(flags, access, account, wish)
        try:
            grant, found = by_browser(access, account, wish, _talk(flags, said))
        except BaseException:
            settle_access(flags, access, quiet=True)
            raise
    else:
        from wherry.connecting import by_password

        words = f"Password of {account.username or account.name}"
        secret = ask_password(words, file=cast("str | None", said["password_file"]), environ=os.environ)
        grant, found = by_password(access, account, wish, secret)
    try:
        save_account(access.settings.file, account)
    except BaseException:
        # Access that no account stands for would be there in secret.
        access.store.drain(grant.id)
        settle_access(flags, access, quiet=True)
        raise
    _show(flags, account, found, grant)
    return settle_access(flags, access, quiet=True)


def make_account(settings: Settings, kind: str, ca: Path | None, said: dict[str, object]) -> Account:
    """Return the account as described; one of this name that is known fills what was not said.

    Raises ``PlaceError``: unknown kind or provider, bad name; ``UnsafeAddress``: bad address.
    """
    from connectors.addresses import target

    own = VIEWS.get(kind, (kind, ""))[0]
    google = own in google_accounts.KINDS
    known = REMOTE | set(settings.connectors)
    if own not in known:
        raise PlaceError(f"Unknown kind of account '{kind}'", hint=did_you_mean(kind, known | set(VIEWS)))
    name = str(said["name"])
    if not ACCOUNT_NAME.fullmatch(name):
        raise PlaceError(f"'{name}' cannot be the name of an account", hint=NAME_RULE)
    before = settings.accounts.get(name) or Account(name, own, "")
    if before.kind != own:
        hint = f"Choose another name, or let go of it first: wherry disconnect {name}"
        raise PlaceError(f"'{name}' is a {before.kind} account", hint=hint)
    provider = before.provider if said["provider"] is None else str(said["provider"])
    provider = provider or (google_accounts.PROVIDER if google else "")
    if provider and provider not in PROVIDERS:
        raise PlaceError(f"Unknown provider '{provider}'", hint=did_you_mean(provider, PROVIDERS))
    if google != (provider == google_accounts.PROVIDER):
        raise PlaceError(f"'{provider}' gives no access to {own} accounts", hint=_GOOGLE)
    account = Account(
        name=name,
        kind=own,
        url=_address(str(said["url"]) or before.url or PROVIDERS.get(provider, "") or _fixed(own)),
        username=str(said["username"]) or before.username,
        auth=str(said["auth"] or before.auth),
        allow_private=bool(said["allow_private"]) or before.allow_private,
        ca=str(ca.absolute()) if ca else before.ca,
        provider=provider,
        issuer=str(said["issuer"]) or before.issuer,
        client_id=str(said["client_id"]) or before.client_id,
        own_calendars=_chosen(said["own_calendars"], before=before.own_calendars),
        other_contacts=_chosen(said["other_contacts"], before=before.other_contacts),
    )
    if google and not account.allow_private and account.url != _fixed(own):
        raise PlaceError("Google's address is known", hint="Leave --url out. A stand-in needs --allow-private as well.")
    if not account.username and account.auth != "bearer" and provider in {"", "icloud"}:
        raise PlaceError("A user name is needed", hint="Add --username USER.")
    target(account.url)
    return account


_GOOGLE = f"Google gives access to {' and '.join(google_accounts.KINDS)}, and nobody else does."


def _fixed(kind: str) -> str:
    """Return the address an account of *kind* has without saying it, empty if it has to be said."""
    return google_accounts.address_of(kind) if kind in google_accounts.KINDS else ""


def _chosen(said: object, *, before: bool) -> bool:
    """Return what was said, or what held before if nothing was."""
    return before if said is None else bool(said)


def _address(url: str) -> str:
    if not url:
        raise PlaceError("The server's address is missing", hint="Add --url URL.")
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise PlaceError("The address holds a user name or password", hint="Give the user with --username.")
    return url if "://" in url else f"https://{url}"


def make_wish(access: Access, account: Account, said: dict[str, object]) -> Wish:
    """Return what is asked for. Raises what ``profile_of`` raises, and ``FileTrouble``."""
    from oauth.consent import Wish
    from oauth.errors import ClientMissing
    from oauth.profiles import FlowKind
    from oauth.tokens import Client

    file = cast("str | None", said["client_secret_file"]) or secret_file_of(account, access.settings)
    secret = None if file is None else ask_password("The client's secret", file=file, environ={})
    before = access.asked_before(account.name, account.provider) if account.provider else ()
    scopes = cast("tuple[str, ...]", said["scope"]) or scopes_of(account, before)
    profile = asking_for(profile_of(account, access.settings, access.exchange), scopes)
    if account.allow_private:
        access.exchange.admit(profile.hosts)
    client_id = client_id_of(account, access.settings)
    if profile.flow in {FlowKind.CODE, FlowKind.CODE_FOR_PASSWORD} and not client_id:
        raise ClientMissing(profile.name)  # before anybody is asked to agree
    return Wish(profile, Client(client_id, secret), tuple(scopes), account.name)


def agree(flags: Flags, access: Access, account: Account, wish: Wish) -> None:
    """Say what will be asked for and have it agreed to; both are in the audit log. Raises ``NotAgreed``."""
    from urllib.parse import urlsplit

    from oauth.audit import Event
    from wherry.disclosure import disclose

    asked_at = wish.profile.issuer or wish.profile.authorize_url or account.url
    server = urlsplit(asked_at).hostname or asked_at
    words = disclose(wish.profile, wish.scopes, kind=account.kind, name=account.name, server=server)
    if flags.json:
        line = {"v": 1, "type": "disclosure", "account": account.name, "scopes": list(wish.scopes)}
        sys.stdout.write(json.dumps({**line, "text": list(words.lines)}) + "\n")
        sys.stdout.flush()
    else:
        sys.stderr.write("\n".join(words.lines) + "\n")
    access.note(Event.DISCLOSURE_SHOWN, account.name)
    try:
        ask_agreement()
    except BaseException:
        access.note(Event.CONSENT_REFUSED, account.name)
        raise
    access.note(Event.CONSENT_GIVEN, account.name)


def _talk(flags: Flags, said: dict[str, object]) -> Talk:
    from wherry.connecting import Talk, open_browser

    paste = bool(said["no_browser"])

    def tell(url: str) -> None:
        if flags.json:
            line = {"v": 1, "type": "consent_required", "account": said["name"], "url": url}
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
        else:
            head = "Open this address in a browser:" if paste else "Your browser opens; if it does not, visit:"
            sys.stderr.write(f"{head}\n  {show(url, limit=8000)}\n")
            sys.stderr.flush()
        if not paste:
            open_browser(url)

    def ask(wrong: str) -> str:
        again = f"That was not it ({wrong}). " if wrong else ""
        return ask_line(f"{again}Paste the address the browser ends up at: ")

    return Talk(tell, ask if paste else None, int(cast("int", said["port"] or 0)))


def _show(flags: Flags, account: Account, found: list[Collection], grant: Grant) -> None:
    until = last_end([holder.until for holder in grant.holders])
    if flags.json:
        line = {"v": 1, "type": "connected", "account": account.name, "kind": account.kind, "url": account.url}
        sys.stdout.write(json.dumps({**line, "ends_with_the_first_job": until is not None, "until": until}) + "\n")
        for collection in found:
            line = {"v": 1, "type": "collection", "name": collection.name, "kind": collection.kind.value}
            sys.stdout.write(json.dumps({**line, "writable": collection.writable}) + "\n")
        return
    lines = [f"Connected: {account.kind}:{account.name} has {count(len(found), 'collection')}."]
    for collection in found:
        kind = KIND_WORDS.get(collection.kind.value, collection.kind.value)
        lines.append(f"  {kind:<10}{show(collection.name)}{'' if collection.writable else '   (read only)'}")
    if until:
        lines.append(f"The access ends with your first job, or at {moment(until)} if you start none.")
    lines.append(f"Back it up with: wherry backup {account.kind}:{account.name} --to ~/pim")
    sys.stdout.write("\n".join(lines) + "\n")
