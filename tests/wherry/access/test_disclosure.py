"""What a person reads before a provider is asked: word for word, because they agree to these words and no others."""

from __future__ import annotations

from hashlib import sha256

import pytest

from oauth.profiles import ProviderProfile, nextcloud, profile
from wherry.disclosure import LIMITED_USE, TOGETHER, VERSION, Disclosure, disclose, scope_words
from wherry.google_accounts import scopes_for, words_for
from wherry.settings import Account

GOLDEN_VERSION = "2026-11-2"
"""Whoever changes a word below gives the words a new version, here and in ``wherry/disclosure.py``."""

COMMON = """\
What for     to read your calendars and address books for the jobs you start, and to write where you say so; \
for nothing else
Who gets it  this machine and the destination you name; nobody else
How long     until your first job with it ends, and 24 hours at most if you start none;
             then wherry ends the access and shows the proof (--keep-access keeps it for 30 days)
Not copied   who may see your calendars and address books, invitations that were not answered, free-busy times
You can end it at any time: wherry disconnect mail"""

GENERIC = f"""\
id.example.org will be asked for access to the account you call 'mail':
  calendars        as the provider describes it on its page
  offline_access   as the provider describes it on its page
{COMMON}"""

NEXTCLOUD = f"""\
cloud.example.org will be asked for access to the account you call 'mail':
  everything   all its address books and calendars
{COMMON}
or without wherry: https://cloud.example.org/index.php/settings/user/security"""


def generic() -> ProviderProfile:
    at = "https://id.example.org"
    return ProviderProfile("oauth", authorize_url=f"{at}/authorize", token_url=f"{at}/token", issuer=at)


def text(of: Disclosure) -> str:
    return "\n".join(of.lines)


def said(asked: ProviderProfile, scopes: tuple[str, ...], *, server: str, name: str = "mail") -> Disclosure:
    return disclose(asked, scopes, kind="dav", name=name, server=server)


def test_the_words_have_this_version() -> None:
    assert VERSION == GOLDEN_VERSION


def test_of_a_provider_that_describes_itself() -> None:
    words = said(generic(), ("calendars", "offline_access"), server="id.example.org")
    assert text(words) == GENERIC
    assert words.digest == sha256(GENERIC.encode()).hexdigest()


def test_of_a_nextcloud() -> None:
    assert text(said(nextcloud("https://cloud.example.org"), (), server="cloud.example.org")) == NEXTCLOUD


def test_of_google_with_the_sentence_its_policy_asks_for() -> None:
    scopes = ("https://www.googleapis.com/auth/contacts.readonly",)
    lines = said(profile("google"), scopes, server="accounts.google.com").lines
    allows = scope_words("google", scopes[0])
    assert lines[0] == "accounts.google.com will be asked for access to the account you call 'mail':"
    assert lines[1] == f"  {scopes[0]}   {allows}"
    assert allows != "as the provider describes it on its page"
    assert "\n".join(lines[2:-3]) == COMMON
    assert lines[-3] == "or without wherry: https://myaccount.google.com/connections"
    assert lines[-2] == TOGETHER
    assert (
        lines[-1]
        == LIMITED_USE
        == (
            "The use of information received from Google Workspace APIs will adhere to the Google User Data Policy, "
            "including the Limited Use requirements: https://developers.google.com/terms/api-services-user-data-policy"
        )
    )


CONTACTS = {
    "to read your contacts, their groups and their pictures for the jobs you start; for nothing else",
    (
        "people Google only remembers because you wrote to them (unless you ask for them), your organisation's "
        "directory, suggestions"
    ),
}
CALENDARS = {
    "to read your calendars and the events in them for the jobs you start; for nothing else",
    (
        "who may see your calendars, tasks, appointment pages, notifications of your devices; files attached to "
        "events stay where they are, and the events name them"
    ),
}


@pytest.mark.parametrize(("kind", "words"), [("google-contacts", CONTACTS), ("google-calendar", CALENDARS)])
def test_of_what_is_only_read_nothing_is_said_of_writing(kind: str, words: set[str]) -> None:
    lines = disclose(profile("google"), (), kind=kind, name="ana", server="accounts.google.com").lines
    assert words <= {line[13:] for line in lines}
    assert not any("write" in line.replace("wrote", "") for line in lines)


ACCOUNTS = [
    Account(name="a", kind=kind, url="", own_calendars=option, other_contacts=option)
    for kind in ("google-contacts", "google-calendar")
    for option in (False, True)
]


@pytest.mark.parametrize("account", ACCOUNTS)
def test_each_scope_an_account_needs_has_plain_words(account: Account) -> None:
    for scope in scopes_for(account):
        assert scope_words("google", scope) == words_for(scope) != ""


@pytest.mark.parametrize("name", ["fastmail", "dropbox", "infomaniak", "icloud"])
def test_only_googles_has_googles_sentence(name: str) -> None:
    assert LIMITED_USE not in text(said(profile(name), ("a",), server="x"))


def test_each_scope_is_named_in_the_order_it_is_asked_for() -> None:
    scopes = tuple(f"scope-{number:03}" for number in range(200))
    lines = said(generic(), scopes, server="x").lines
    assert [line.split()[0] for line in lines[1:201]] == list(scopes)
    assert len({line.index("as the provider") for line in lines[1:201]}) == 1


HOSTILE = [
    "\x1b[2J\x1b[31mtrust me",
    "calendars\nAccess was ended",
    "a\u202egnirts",
    "tab\tbed",
    "null\x00",
    "x" * 5000,
    "\ud800",
]


@pytest.mark.parametrize("scope", HOSTILE, ids=["escape", "line", "bidi", "tab", "null", "long", "half"])
@pytest.mark.parametrize("where", ["scope", "server"])
def test_hostile_words_neither_add_lines_nor_drive_the_terminal(scope: str, where: str) -> None:
    scopes = ("calendars", scope) if where == "scope" else ("calendars",)
    lines = said(generic(), scopes, server=scope if where == "server" else "x").lines
    assert len(lines) == 1 + len(scopes) + 6
    for line in lines:
        assert line.isprintable(), ascii(line)
        assert len(line) < 1000


def test_other_words_another_digest() -> None:
    one, two = (said(generic(), (scope,), server="x") for scope in ("a", "b"))
    assert one.digest != two.digest
    assert one.digest == said(generic(), ("a",), server="x").digest
