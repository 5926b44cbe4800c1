"""Renewing: rotation, death, and where a client's secret goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from oauth.client import (
    refresh,
)
from oauth.errors import GrantDead
from oauth.secret import Secret
from oauth.tokens import Client
from simulators.identity.dropbox import dropbox
from simulators.identity.generic import generic
from simulators.identity.google import google
from tests.oauth.consenting import World, consented, dropbox_wish, generic_wish, google_wish, made
from tests.oauth.wire import Wire, always, form, serving

if TYPE_CHECKING:
    from oauth.consent import Wish
    from simulators.identity.provider import Provider

GOOD = {"access_token": "at", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "rt", "scope": "a b"}


def test_a_rotated_refresh_token_takes_the_place_of_the_old_one(world: World) -> None:
    with generic() as provider:
        wish = generic_wish(provider, world)
        tokens = consented(world, wish, provider)
        assert tokens.refresh is not None
        fresh = refresh(wish.profile, world.wire, tokens.refresh, wish.client, granted=tokens.granted)
        assert fresh.refresh is not None
        assert fresh.refresh != tokens.refresh
        again = refresh(wish.profile, world.wire, fresh.refresh, wish.client)
        assert again.refresh != fresh.refresh
        with pytest.raises(GrantDead):
            refresh(wish.profile, world.wire, tokens.refresh, wish.client)


@pytest.mark.parametrize("which", ["google", "dropbox"])
def test_a_refresh_token_that_is_not_rotated_is_kept(world: World, which: str) -> None:
    with google() as at_google, dropbox() as at_dropbox:
        choices: dict[str, tuple[Provider, Wish]] = {
            "google": (at_google, google_wish(at_google)),
            "dropbox": (at_dropbox, dropbox_wish(at_dropbox)),
        }
        provider, wish = choices[which]
        tokens = consented(world, wish, provider)
        assert tokens.refresh is not None
        fresh = refresh(wish.profile, world.wire, tokens.refresh, wish.client, granted=tokens.granted)
    assert fresh.refresh == tokens.refresh
    assert fresh.access != tokens.access
    assert set(fresh.granted) == set(tokens.granted)


def test_a_withdrawn_grant_is_dead(world: World) -> None:
    with google() as provider:
        wish = google_wish(provider)
        tokens = consented(world, wish, provider)
        provider.remove_access("ana@example.org")
        assert tokens.refresh is not None
        with pytest.raises(GrantDead) as caught:
            refresh(wish.profile, world.wire, tokens.refresh, wish.client)
    assert caught.value.code == "invalid_grant"


@pytest.mark.parametrize(("way", "where"), [("body", "body"), ("basic", "header")])
def test_the_client_secret_goes_where_the_server_wants_it(way: str, where: str) -> None:
    client = Client("id with:colon", Secret("secret/with+signs"))
    with serving(always(200, json.dumps(GOOD).encode())) as server:
        refresh(made(server.url, client_auth=way), Wire(), Secret("rt"), client)
        (seen,) = server.seen
    fields = form(seen)
    assert fields["client_id"] == "id with:colon"
    assert ("client_secret" in fields) == (where == "body")
    from base64 import b64decode

    if where == "header":
        pair = b64decode(seen.headers["authorization"].removeprefix("Basic ")).decode()
        assert pair == "id+with%3Acolon:secret%2Fwith%2Bsigns", "each part is form-encoded (RFC 6749 2.3.1)"
    else:
        assert fields["client_secret"] == "secret/with+signs"
