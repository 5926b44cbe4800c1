"""Google's accounts: which kinds there are, where they stand, and the least each has to be allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wherry.settings import Account

PROVIDER: Final = "google"
"""Who gives access to them, and to nothing else."""

KINDS: Final[Mapping[str, str]] = {"google-calendar": "event", "google-contacts": "contact"}
"""Kinds of accounts, with the kind of the port that each holds."""


WORDS: Final[Mapping[str, str]] = {
    "openid": "know which account it is; neither your name nor your address",
    "contacts.readonly": "see your contacts, their groups and pictures; it can change nothing",
    "contacts.other.readonly": "see the people Google remembers because you wrote to them; it can change nothing",
    "calendar.calendarlist.readonly": "see which calendars you have, so that you can choose; it can change nothing",
    "calendar.events.readonly": "see the events of all your calendars; it can change nothing",
    "calendar.events.owned.readonly": "see the events of calendars you own, and no others; it can change nothing",
}
"""What each scope allows, as a person reads it, by short names."""


def words_for(scope: str) -> str:
    """Return what *scope* allows in a person's words; empty for one that none of these accounts needs."""
    return WORDS.get(scope.removeprefix("https://www.googleapis.com/auth/"), "")


def address_of(kind: str) -> str:
    """Return the address of the API that *kind* is read from: the only one its access token is sent to."""
    from connectors.google import hosts

    return {hosts.CONTACTS_KIND: hosts.PEOPLE, hosts.CALENDAR_KIND: hosts.CALENDAR}[kind]


def scopes_for(account: Account) -> tuple[str, ...]:
    """Return the narrowest scopes with which *account* can be read: see ``oauth/scopes.json``."""
    from oauth.scopes import job_minimum, scope

    if account.kind == "google-calendar":
        return job_minimum(f"google.calendar.import.{'own' if account.own_calendars else 'all'}").scopes
    extra = (scope("contacts.other.readonly", provider=PROVIDER).id,) if account.other_contacts else ()
    return (*job_minimum("google.contacts.import").scopes, *extra)


def options_of(account: Account) -> dict[str, str]:
    """Return what the connector has to know of *account* beside its address."""
    options = {}
    if account.own_calendars:
        options["owned-only"] = "yes"
    if account.other_contacts:
        options["other-contacts"] = "yes"
    return options


def endpoint_url(account: Account) -> str:
    """Return the address to be told to the connector: none but that of a stand-in on the user's own network."""
    return account.url if account.allow_private else ""
