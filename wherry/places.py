"""Places as people write them: ``kind[:account][/path]``, or simply a folder.

``~/pim``, ``./x``, ``../x`` and ``/x`` are folders of .ics and .vcf files (kind ``vdir``).
A parsed place written back with ``str`` is absolute and complete, so that the same
place from another folder, or written another way, is the same job.
"""

from __future__ import annotations

import os
from collections.abc import Collection as Names
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wherry import google_accounts
from wherry.errors import AccountUnknown, PlaceError
from wherry.nearest import did_you_mean

if TYPE_CHECKING:
    from connectors.base import Endpoint, Kind
    from wherry.settings import Account, Settings

LOCAL = frozenset({"vdir"})
"""Kinds that are folders of this machine."""

REMOTE = frozenset({"dav", *google_accounts.KINDS})
"""Kinds that need an account."""

VIEWS = {"caldav": ("dav", "event"), "carddav": ("dav", "contact")}
"""Other words for a kind, narrowed to what they can carry."""

ONLY = {"contacts": "contact", "calendars": "event"}
"""What ``--only`` may say, as the kinds of the port."""


@dataclass(frozen=True, slots=True)
class WrittenPlace:
    """A place as parsed. *path* is a folder for local kinds, else one collection or empty."""

    kind: str
    account: str = ""
    path: str = ""

    @property
    def local(self) -> bool:
        """Whether it is a folder of this machine."""
        return self.kind in LOCAL

    def __str__(self) -> str:
        if self.local:
            return f"{self.kind}:{self.path}"
        return self.kind + (f":{self.account}" if self.account else "") + (f"/{self.path}" if self.path else "")


def parse_place(text: str, *, extra: Names[str] = ()) -> WrittenPlace:
    """Return the place *text* names; *extra* are kinds of enabled third-party connectors.

    Raises PlaceError: empty, an unknown kind, or a form that cannot be meant.
    """
    if not text.strip() or "\0" in text:
        raise PlaceError("A place is missing", hint=_FORMS)
    if not _writable(text):
        raise PlaceError("The place is not text in UTF-8", hint="Rename the folder, or name a link to it.")
    if text[0] in "/.~":
        return _folder("vdir", text)
    kind, colon, rest = text.partition(":")
    slash = kind.find("/")
    if slash >= 0:
        kind, rest, colon = text[:slash], text[slash:], ""
    known = LOCAL | REMOTE | set(VIEWS) | set(extra)
    if kind not in known:
        raise PlaceError(f"Unknown kind of place '{kind}'", hint=_advice(text, kind, known))
    if kind in LOCAL:
        if not rest:
            raise PlaceError(f"'{text}' names no folder", hint=f"Write {kind}:~/folder or simply ~/folder.")
        return _folder(kind, rest if colon else "." + rest)
    account, _, path = rest.partition("/")
    return WrittenPlace(kind, account, path.strip("/"))


_FORMS = "Write kind:account, for example dav:home, or a folder such as ~/pim."


def _advice(text: str, kind: str, known: Names[str]) -> str:
    if os.path.exists(text):
        return f"For the folder write ./{text}"
    if ":" not in text:
        return f"{did_you_mean(kind, known)} For a folder write ./{text}"
    if kind in {"http", "https"}:
        return f"An address is connected once: wherry connect dav --name NAME --url {text}"
    return did_you_mean(kind, known)


def _folder(kind: str, text: str) -> WrittenPlace:
    expanded = os.path.expanduser(text)
    if expanded.startswith("~"):
        raise PlaceError(f"There is no home folder for '{text}'")
    path = os.path.abspath(expanded)
    if not _writable(path):
        raise PlaceError("The folder lies in one whose name is not text in UTF-8", hint="Name a link to it.")
    return WrittenPlace(kind, path=path)


def _writable(text: str) -> bool:
    """Say whether *text* can be kept: a name in another encoding comes with bytes that are no letters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def same_place(one: WrittenPlace, other: WrittenPlace) -> bool:
    """Say whether both are one place, be it by a link or another spelling."""
    if one == other:
        return True
    if not (one.local and other.local):
        return False
    try:
        return os.path.samefile(one.path, other.path)
    except OSError:
        return False


def find_account(place: WrittenPlace, settings: Settings) -> Account:
    """Return the account *place* names, or the only one of its kind.

    Raises AccountUnknown with the nearest name, or with what to do to connect one.
    """
    kind = VIEWS.get(place.kind, (place.kind, ""))[0]
    mine = {name: account for name, account in settings.accounts.items() if account.kind == kind}
    where = "" if kind in google_accounts.KINDS else " --url URL --username USER"
    connect = f"Connect it with: wherry connect {kind} --name {place.account or 'NAME'}{where}"
    if place.account:
        if place.account in mine:
            return mine[place.account]
        hint = f"{did_you_mean(place.account, mine)} {connect}".strip()
        raise AccountUnknown(f"No {kind} account is called '{place.account}'", hint=hint)
    if len(mine) == 1:
        return next(iter(mine.values()))
    if not mine:
        raise AccountUnknown(f"No {kind} account is connected", hint=connect)
    raise AccountUnknown(f"'{place}' could be any of {', '.join(sorted(mine))}", hint=f"Write {kind}:NAME.")


def complete(place: WrittenPlace, settings: Settings) -> WrittenPlace:
    """Return *place* with its account's name filled in, so that it means one thing for ever."""
    return place if place.local else replace(place, account=find_account(place, settings).name)


def resolve(place: WrittenPlace, settings: Settings, *, only: frozenset[str] = frozenset()) -> Endpoint:
    """Return the endpoint a connector opens for *place*; *only* are kinds of the port, empty means all.

    Raises AccountUnknown, PlaceError when nothing would be left to select.
    """
    from connectors.base import Endpoint

    if place.local:
        return Endpoint(kind=place.kind, root=place.path, kinds=_kinds(only))
    kind, view = VIEWS.get(place.kind, (place.kind, ""))
    held = google_accounts.KINDS.get(kind, view)
    if held and only and held not in only:
        raise PlaceError(f"'{place}' has nothing of what --only selects")
    account = find_account(place, settings)
    if kind in google_accounts.KINDS:
        return Endpoint(
            kind=kind,
            account=account.name,
            path=place.path,
            url=google_accounts.endpoint_url(account),
            kinds=_kinds(frozenset({held})),
            options=google_accounts.options_of(account),
        )
    options = {"username": account.username, "auth": account.auth}
    if account.allow_private:
        options["allow-private"] = "yes"
    return Endpoint(
        kind=kind,
        account=account.name,
        path=place.path,
        url=account.url,
        kinds=_kinds(frozenset({view}) if view else only),
        options=options,
    )


def _kinds(words: frozenset[str]) -> frozenset[Kind]:
    from connectors.base import Kind

    return frozenset(Kind(word) for word in words)
