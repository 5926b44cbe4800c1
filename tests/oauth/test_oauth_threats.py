"""The threats to a consent, each under its name: forged, replayed, late, mixed up, flooded, starved.

One row of the threat table is one test; sockets are real ones.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from oauth.consent import STATE_LIFE, Consent
from oauth.errors import GrantStateWrong, WrongCallback
from oauth.grants import GrantState
from oauth.secret import Secret
from simulators.identity.dropbox import dropbox
from simulators.identity.generic import generic
from tests.oauth.consenting import World, beside, dropbox_wish, generic_wish

# The state, and the provider it belongs to.


@pytest.fixture
def asked(world: World) -> Iterator[tuple[World, str, str, Callable[[str], str]]]:
    """A consent that is being asked for: the world, the grant's id, the address, what approves it."""
    with generic() as provider:
        begun = world.consent.begin(generic_wish(provider, world), "http://127.0.0.1:4321/callback/oauth")
        yield world, begun.grant_id, begun.url, provider.approve


Asked = tuple[World, str, str, Callable[[str], str]]


def changed(address: str, **changes: str | None) -> str:
    """Return *address* with other values in its query; ``None`` leaves one out."""
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **changes}
    return urlunsplit(
        parts._replace(query=urlencode({key: value for key, value in query.items() if value is not None}))
    )


def test_state_forgery(asked: Asked) -> None:
    world, grant_id, url, approve = asked
    with pytest.raises(WrongCallback):
        world.consent.returned(changed(approve(url), state="A" * 43))
    assert world.store.get(grant_id).state is GrantState.INTENT, "the real answer may still come"


def test_missing_state(asked: Asked) -> None:
    world, grant_id, url, approve = asked
    with pytest.raises(WrongCallback):
        world.consent.returned(changed(approve(url), state=None))
    assert world.store.get(grant_id).state is GrantState.INTENT


def test_replay(asked: Asked) -> None:
    world, grant_id, url, approve = asked
    address = approve(url)
    assert world.consent.returned(address).state is GrantState.LIVE
    with pytest.raises(WrongCallback, match=r"used already|nobody asked"):
        world.consent.returned(address)
    assert world.store.get(grant_id).state is GrantState.LIVE, "a replay does not hurt what is there"


def test_two_at_once_with_the_same_answer(asked: Asked) -> None:
    """The state is good for one of them; the other is refused, whoever is faster."""
    world, grant_id, url, approve = asked
    address, outcomes = approve(url), list[str]()
    start = threading.Barrier(2)

    def come() -> None:
        start.wait()
        try:
            outcomes.append(Consent(world.store, world.vault, world.wire).returned(address).state.value)
        except WrongCallback:
            outcomes.append("refused")

    threads = [threading.Thread(target=come) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["live", "refused"]
    assert world.store.get(grant_id).state is GrantState.LIVE


@pytest.mark.parametrize(("later", "accepted"), [(STATE_LIFE - 30, True), (STATE_LIFE + 1, False)])
def test_late(asked: Asked, later: float, accepted: bool) -> None:
    world, grant_id, url, approve = asked
    address = approve(url)
    world.skew[0] = later
    if accepted:
        assert world.consent.returned(address).state is GrantState.LIVE
        return
    with pytest.raises(WrongCallback, match="too late"):
        world.consent.returned(address)
    assert world.store.get(grant_id).state is GrantState.CLOSED
    assert world.vault.secrets(grant_id) == {}


def test_wrong_provider(asked: Asked) -> None:
    """Mix-up: an answer to one provider's question comes to another's path."""
    world, grant_id, url, approve = asked
    address = approve(url).replace("/callback/oauth", "/callback/dropbox")
    with pytest.raises(WrongCallback):
        world.consent.returned(address)
    assert world.store.get(grant_id).state is GrantState.INTENT


def test_a_code_of_one_provider_never_goes_to_another(asked: Asked) -> None:
    """The state finds the grant, the grant names the endpoint: an attacker's state leads to the attacker's."""
    world, grant_id, url, approve = asked
    with dropbox() as other:
        begun = world.consent.begin(dropbox_wish(other), "http://127.0.0.1:4321/callback/dropbox")
        stolen = dict(parse_qsl(urlsplit(approve(url)).query))["code"]
        address = changed(other.approve(begun.url), code=stolen)
        with pytest.raises(Exception, match="invalid_grant"):
            world.consent.returned(address)
        sent = [request.url for request in world.wire.sent if stolen.encode() in request.body]
        assert sent == [other.token_url]
    assert world.store.get(grant_id).state is GrantState.INTENT


@pytest.mark.parametrize(
    "issuer", ["https://evil.example", "", None, "{issuer}/", "{upper}"], ids=["evil", "empty", "none", "slash", "case"]
)
def test_iss_mismatch(asked: Asked, issuer: str | None) -> None:
    """RFC 9207: compared letter by letter, and required because this server's metadata says it always comes."""
    world, grant_id, url, approve = asked
    address = approve(url)
    real = dict(parse_qsl(urlsplit(address).query))["iss"]
    given = None if issuer is None else issuer.format(issuer=real, upper=real.upper())
    # urlencode leaves an empty value in place, parse_qsl of the judge keeps it.
    with pytest.raises(WrongCallback):
        world.consent.returned(changed(address, iss=given))
    assert world.store.get(grant_id).state is GrantState.CLOSED, "the state came with a lie: it is spent"
    assert not [request for request in world.wire.sent if b"grant_type" in request.body], "no code was sent anywhere"


def test_iss_is_not_asked_of_a_provider_that_never_sends_it(world: World) -> None:
    with dropbox() as provider:
        begun = world.consent.begin(dropbox_wish(provider), "http://127.0.0.1:4321/callback/dropbox")
        assert "iss" not in dict(parse_qsl(urlsplit(provider.approve(begun.url)).query))
        assert world.consent.returned(provider.approve(begun.url)).state is GrantState.LIVE


def test_a_wrong_issuer_over_the_loopback_ends_the_flow(world: World) -> None:
    with generic() as provider:
        wish = generic_wish(provider, world)
        provider.issuer = "https://evil.example"
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        with pytest.raises(WrongCallback, match="another provider"):
            world.consent.by_browser(wish, show)
        assert provider.count("token") == 0
    assert world.states() == ["closed"]


def test_an_intercepted_code_is_worth_nothing_without_the_verifier(asked: Asked) -> None:
    """PKCE: a program that got hold of the redirect cannot exchange what it found."""
    from oauth.client import exchange_code
    from oauth.errors import GrantDead
    from oauth.tokens import asking_of

    world, grant_id, url, approve = asked
    code = dict(parse_qsl(urlsplit(approve(url)).query))["code"]
    profile, client = asking_of(world.vault.secrets(grant_id))
    with pytest.raises(GrantDead):
        exchange_code(
            profile,
            world.wire,
            client,
            code=Secret(code),
            verifier=Secret("guessed" * 10),
            redirect_uri="http://127.0.0.1:4321/callback/oauth",
            requested=(),
        )


def test_states_and_verifiers_are_long_and_never_the_same(world: World) -> None:
    with dropbox() as provider:
        begun = [world.consent.begin(dropbox_wish(provider), "http://127.0.0.1:1/callback/dropbox") for _ in range(20)]
    states = {each.expected.state.reveal() for each in begun}
    verifiers = {world.vault.secret(each.grant_id, "verifier").reveal() for each in begun}
    assert len(states) == len(verifiers) == 20
    assert all(len(state) >= 43 for state in states), "256 bits in base64"
    assert all(43 <= len(verifier) <= 128 for verifier in verifiers), "RFC 7636 4.1"


def test_the_state_is_kept_as_a_hash_only(world: World) -> None:
    with dropbox() as provider:
        begun = world.consent.begin(dropbox_wish(provider), "http://127.0.0.1:1/callback/dropbox")
    assert begun.expected.state.reveal().encode() not in world.on_disk()


def test_a_grant_that_is_over_takes_no_code(asked: Asked) -> None:
    world, grant_id, _, _ = asked
    world.consent.close(grant_id, "changed my mind")
    with pytest.raises(GrantStateWrong):
        world.consent.keep(world.store.get(grant_id), {"code": Secret("c")})
    world.consent.close(grant_id, "twice does not matter")
