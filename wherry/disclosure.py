"""What a person reads before a provider is asked for access: alone, complete, and in their words.

Google's policy wants it in the product, right before the consent, and answered by an
affirmative act; we show it for every provider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from wherry import google_accounts
from wherry.showing import show

if TYPE_CHECKING:
    from oauth.profiles import ProviderProfile

VERSION = "2026-11-2"
"""Goes up whenever the words change: an agreement is to these words and no others."""

LIMITED_USE = (
    "The use of information received from Google Workspace APIs will adhere to the Google User Data Policy, "
    "including the Limited Use requirements: https://developers.google.com/terms/api-services-user-data-policy"
)
"""The sentence Google's policy asks for (rule LU-07)."""

CARRIES = {
    "dav": "your calendars and address books",
    "google-calendar": "your calendars and the events in them",
    "google-contacts": "your contacts, their groups and their pictures",
}
"""What is read of an account, by its kind."""

NOT_COPIED = {
    "dav": "who may see your calendars and address books, invitations that were not answered, free-busy times",
    "google-calendar": "who may see your calendars, tasks, appointment pages, notifications of your devices; files "
    "attached to events stay where they are, and the events name them",
    "google-contacts": "people Google only remembers because you wrote to them (unless you ask for them), your "
    "organisation's directory, suggestions",
}
"""What stays behind, by kind of account."""

TOGETHER = (
    "Google ends everything you allowed this program at once: if you connected several of its accounts, the access "
    "ends when the last job that needs one of them is done."
)
"""How far an end reaches at Google (developers.google.com/identity/protocols/oauth2/web-server, tokenrevoke)."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The words for one account: *lines* to read, *digest* for the audit log."""

    lines: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hex."""
        return sha256("\n".join(self.lines).encode()).hexdigest()


def disclose(profile: ProviderProfile, scopes: Sequence[str], *, kind: str, name: str, server: str) -> Disclosure:
    """Return what is said before *profile* is asked for *scopes* of the account *name*."""
    asked = [(scope, scope_words(profile.name, scope)) for scope in scopes] or [
        ("everything", "all its address books and calendars")
    ]
    width = max(len(show(scope)) for scope, _ in asked)
    lines = [f"{show(server)} will be asked for access to the account you call '{name}':"]
    lines += [f"  {show(scope):<{width}}   {words}" for scope, words in asked]
    what = CARRIES.get(kind, "what you choose")
    writes = "" if kind in google_accounts.KINDS else ", and to write where you say so"
    stays = NOT_COPIED.get(kind, "what the provider does not hand out")
    lines += [
        f"What for     to read {what} for the jobs you start{writes}; for nothing else",
        "Who gets it  this machine and the destination you name; nobody else",
        "How long     until your first job with it ends, and 24 hours at most if you start none;",
        "             then wherry ends the access and shows the proof (--keep-access keeps it for 30 days)",
        f"Not copied   {stays}",
        f"You can end it at any time: wherry disconnect {name}",
    ]
    if profile.manual_url:
        lines.append(f"or without wherry: {show(profile.manual_url)}")
    if profile.name == "google":
        lines += [TOGETHER, LIMITED_USE]
    return Disclosure(tuple(lines))


def scope_words(provider: str, scope: str) -> str:
    """Return what *scope* of *provider* allows: plainly, or as the registry has it; an unknown one is said to be so."""
    from oauth.errors import UnknownScope
    from oauth.scopes import scope as known

    plain = google_accounts.words_for(scope) if provider == google_accounts.PROVIDER else ""
    try:
        return plain or known(scope, provider=provider).allows
    except UnknownScope:
        return "as the provider describes it on its page"
