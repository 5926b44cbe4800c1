"""Every flow at DEBUG, and nothing secret in what is logged. A control without the filter shows that it would be."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

import pytest

from oauth.client import probe, refresh, revoke
from oauth.errors import OAuthError
from oauth.logins import by_login_flow, keep_password
from oauth.profiles import profile
from oauth.redaction import install
from oauth.secret import Secret
from oauth.tokens import Client, Tokens, asking_of
from simulators.identity.dropbox import dropbox
from simulators.identity.generic import generic
from simulators.identity.google import google
from simulators.identity.infomaniak import infomaniak
from simulators.identity.nextcloud import nextcloud
from tests.oauth.consenting import (
    CALENDARS,
    World,
    beside,
    dropbox_wish,
    generic_wish,
    google_wish,
    infomaniak_wish,
    nextcloud_wish,
)

Canaries = set[str]


@contextmanager
def logged(*, filtered: bool) -> Iterator[io.StringIO]:
    """Collect everything the root logger hears at DEBUG."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    if filtered:
        install([handler])
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


def _end(world: World) -> None:
    """Refresh, probe and end every grant there is, as the reaper would."""
    for grant in world.store.list():
        tokens = world.kept(grant)
        made, client = asking_of(world.vault.secrets(grant.id))
        with suppress(OAuthError):
            if tokens.refresh is not None:
                tokens = refresh(made, world.wire, tokens.refresh, client)
        probe(made, world.wire, tokens, client)
        logging.getLogger("oauth.test").debug("%s", revoke(made, world.wire, tokens, client))


def _canaries(world: World, provider: object) -> Canaries:
    """Return every secret that went over the wire, or was made by the provider."""
    found = {token.value for token in provider.tokens}  # type: ignore[attr-defined]  # every stand-in has them
    for request in world.wire.sent:
        said = parse_qs(request.body.decode("utf-8", "replace"))
        secret = ("code", "code_verifier", "refresh_token", "token", "client_secret")
        found |= {value for name in secret for value in said.get(name, ())}
        found |= {value.partition(" ")[2] for name, value in request.headers.items() if name == "Authorization"}
    return {value for value in found if value}


def _google(world: World) -> Canaries:
    with google() as provider:
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        world.consent.by_browser(google_wish(provider), show)
        _end(world)
        return _canaries(world, provider)


def _google_in_part(world: World) -> Canaries:
    with google() as provider:
        show, _ = beside(lambda url: provider.approve(url, scopes=(), follow=True))
        try:
            world.consent.by_browser(google_wish(provider, CALENDARS), show)
        except OAuthError:
            logging.getLogger("oauth.test").exception("it went wrong")
        _end(world)
        return _canaries(world, provider)


def _dropbox(world: World) -> Canaries:
    with dropbox() as provider:
        shown: list[str] = []
        world.consent.by_paste(dropbox_wish(provider), shown.append, lambda _: provider.approve(shown[0]))
        provider.clock.advance(5 * 3600)
        _end(world)
        return _canaries(world, provider)


def _generic(world: World) -> Canaries:
    with generic() as provider:
        provider.faults.script("token", [503, "html", None])
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        world.consent.by_browser(generic_wish(provider, world), show)
        _end(world)
        return _canaries(world, provider)


def _infomaniak(world: World) -> Canaries:
    with infomaniak() as provider:
        provider.faults.switch("revoke", 503, times=1)
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        world.consent.by_browser(infomaniak_wish(provider), show)
        _end(world)
        return _canaries(world, provider)


def _nextcloud(world: World) -> Canaries:
    with nextcloud() as provider:
        provider.faults.switch("poll", 503, times=1)
        show, _ = beside(provider.approve)
        by_login_flow(world.consent, nextcloud_wish(provider), show)
        _end(world)
        return _canaries(world, provider)


def _typed(world: World) -> Canaries:
    from oauth.consent import Wish

    keep_password(world.consent, Wish(profile("icloud"), Client(), (), "ana"), "ana", Secret("abcd-efgh-canary"))
    _end(world)
    return {"abcd-efgh-canary"}


FLOWS: dict[str, Callable[[World], Canaries]] = {
    "google": _google,
    "google, partly": _google_in_part,
    "dropbox, pasted": _dropbox,
    "generic": _generic,
    "infomaniak": _infomaniak,
    "nextcloud": _nextcloud,
    "typed": _typed,
}


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS.keys())
def test_nothing_secret_is_logged_at_debug(world: World, flow: Callable[[World], Canaries]) -> None:
    with logged(filtered=True) as stream:
        canaries = flow(world)
    text = stream.getvalue()
    assert "oauth" in text, "the flow logs something, and the handler hears it"
    assert canaries
    assert not [value for value in canaries if value in text]


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS.keys())
def test_our_own_loggers_need_no_filter(world: World, flow: Callable[[World], Canaries]) -> None:
    """What we log ourselves is clean without any redaction; only a library's own log needs it."""
    with logged(filtered=False) as stream:
        canaries = flow(world)
    ours = [line for line in stream.getvalue().splitlines() if line.startswith("oauth.")]
    assert ours
    assert not [value for value in canaries if any(value in line for line in ours)]


def test_the_control_has_teeth(world: World) -> None:
    """Without the filter the library prints code, verifier and tokens: the canaries are looked for rightly."""
    with logged(filtered=False) as stream:
        canaries = _google(world)
    text = stream.getvalue()
    assert len([value for value in canaries if value in text]) >= 3


def test_no_canary_is_in_an_address_that_was_asked(world: World) -> None:
    """Proxies and servers write addresses down; secrets go in bodies and headers."""
    for flow in FLOWS.values():
        canaries = flow(world)
        asked = [request.url for request in world.wire.sent]
        assert not [value for value in canaries if any(value in url for url in asked)]


def test_what_a_crash_prints_shows_nothing(world: World) -> None:
    """The trace of a refused exchange, with its causes, as a crash report would hold it."""
    with google() as provider:
        wish = google_wish(provider)
        begun = world.consent.begin(wish, "http://127.0.0.1:1/callback/google")
        address = provider.approve(begun.url)
        code = parse_qs(urlsplit(address).query)["code"][0]
        provider.faults.switch("token", 400)
        try:
            world.consent.returned(address)
        except OAuthError as error:
            text = "".join(traceback.format_exception(error))
        else:
            pytest.fail("nothing was refused")
    canaries = {code, provider.client.secret, begun.expected.state.reveal()}
    assert not [value for value in canaries if value in text]


def test_tokens_in_a_frame_s_variables_do_not_show() -> None:
    """Pytest and crash reporters print local variables: they are secrets, not texts."""
    tokens = Tokens(access=Secret("canary-access"), refresh=Secret("canary-refresh"))
    assert "canary" not in repr({"tokens": tokens, "fields": tokens.fields()})
