"""A grant signs requests: fresh before the end, renewed once when refused, and to its own origins only."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from oauth.authorizers import Authorizer
from oauth.errors import GrantDead
from oauth.grant_authorizer import AccessTokens, GrantAuthorizer
from oauth.profiles import profile
from oauth.refreshing import GrantTokens
from oauth.secret import Secret
from oauth.tokens import Tokens
from simulators.identity.google import google
from tests.oauth.consenting import World, beside, google_wish
from tests.oauth.wire import Wire

URL = "https://dav.example/calendars/"


@dataclass
class Counting:
    """Tokens from a counter: each renewal gives the next one."""

    number: int = 1
    asked: list[str] = field(default_factory=list)
    last: bool = False

    def current(self) -> Secret:
        return Secret(f"token-{self.number}")

    def renewed(self, stale: Secret) -> Secret | None:
        self.asked.append(stale.reveal())
        if stale != self.current():
            return self.current()
        if self.last:
            return None
        self.number += 1
        return self.current()


def refused(said: str = 'Bearer error="invalid_token"') -> dict[str, str]:
    return {"www-authenticate": said}


def test_it_is_an_authorizer() -> None:
    tokens: AccessTokens = Counting()
    signer: Authorizer = GrantAuthorizer(tokens, to=[URL])
    assert isinstance(signer, Authorizer)
    assert signer.origins == {"https://dav.example:443"}


def test_the_token_goes_to_its_own_origin_only() -> None:
    signer = GrantAuthorizer(Counting(), to=["https://dav.example/"])
    assert signer.headers("GET", URL) == {"Authorization": "Bearer token-1"}
    others = (
        "https://dav.example:8443/",
        "http://dav.example/",
        "https://evil.example/",
        "https://dav.example.evil.example/",
        "https://user@dav.example/",
        "nonsense",
    )
    for url in others:
        assert signer.headers("GET", url) == {}


def test_each_request_gets_the_token_of_the_moment() -> None:
    tokens = Counting()
    signer = GrantAuthorizer(tokens, to=[URL])
    signer.headers("GET", URL)
    tokens.number = 7
    assert signer.headers("GET", URL) == {"Authorization": "Bearer token-7"}


def test_a_refused_token_is_renewed() -> None:
    tokens = Counting()
    signer = GrantAuthorizer(tokens, to=[URL])
    signer.headers("GET", URL)
    assert signer.challenge(refused(), "GET", URL)
    assert signer.headers("GET", URL) == {"Authorization": "Bearer token-2"}
    assert tokens.asked == ["token-1"]


@pytest.mark.parametrize("said", ["", "Bearer", 'Bearer realm="x"', "Basic realm=x", 'Digest nonce="n"'])
def test_a_server_that_says_little_is_asked_once_more(said: str) -> None:
    signer = GrantAuthorizer(Counting(), to=[URL])
    signer.headers("GET", URL)
    assert signer.challenge(refused(said), "GET", URL)


@pytest.mark.parametrize(
    "said", ['Bearer error="insufficient_scope"', 'Basic realm="x", Bearer error=insufficient_scope']
)
def test_a_missing_scope_is_not_mended_by_a_new_token(said: str) -> None:
    tokens = Counting()
    signer = GrantAuthorizer(tokens, to=[URL])
    signer.headers("GET", URL)
    assert not signer.challenge(refused(said), "GET", URL)
    assert tokens.asked == []


def test_without_a_newer_token_it_gives_up() -> None:
    signer = GrantAuthorizer(Counting(last=True), to=[URL])
    signer.headers("GET", URL)
    assert not signer.challenge(refused(), "GET", URL)


def test_a_challenge_from_elsewhere_renews_nothing() -> None:
    tokens = Counting()
    signer = GrantAuthorizer(tokens, to=[URL])
    assert not signer.challenge(refused(), "GET", URL), "nothing was sent yet"
    signer.headers("GET", URL)
    assert not signer.challenge(refused(), "GET", "https://evil.example/")
    assert tokens.asked == []


def test_threads_refused_together_renew_once() -> None:
    """Each names the token that *it* sent: whoever comes second takes what the first one got."""
    tokens = Counting()
    signer = GrantAuthorizer(tokens, to=[URL])
    sent, going = threading.Barrier(4), threading.Lock()

    def work() -> None:
        signer.headers("GET", URL)
        sent.wait()
        with going:
            assert signer.challenge(refused(), "GET", URL)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert tokens.asked == ["token-1"] * 4
    assert tokens.number == 2


def test_what_refreshing_raises_comes_through() -> None:
    class Dead:
        def current(self) -> Secret:
            raise GrantDead("example")

        def renewed(self, stale: Secret) -> Secret | None:
            raise GrantDead(f"{stale}")

    with pytest.raises(GrantDead):
        GrantAuthorizer(Dead(), to=[URL]).headers("GET", URL)


@pytest.mark.parametrize("to", [[], ["ftp://x/"], ["https://"], ["https://user@dav.example/"]])
def test_only_origins_can_be_bound_to(to: list[str]) -> None:
    if not to:
        assert GrantAuthorizer(Counting(), to=to).headers("GET", URL) == {}
        return
    with pytest.raises(ValueError, match="origin"):
        GrantAuthorizer(Counting(), to=to)


def _consented(world: World, provider: object) -> GrantTokens:
    show, _ = beside(lambda url: provider.approve(url, follow=True))  # type: ignore[attr-defined]  # a stand-in
    grant = world.consent.by_browser(google_wish(provider), show)  # type: ignore[arg-type]  # for Google
    return GrantTokens(world.store, world.vault, world.wire, grant.id, "test")


def _status(wire: Wire, signer: GrantAuthorizer, url: str) -> int:
    """Ask as the product does: once more when a challenge can be answered."""
    from oauth.transport import Request

    answer = wire(Request("GET", url, signer.headers("GET", url)))
    if answer.status == 401 and signer.challenge(answer.headers, "GET", url):
        answer = wire(Request("GET", url, signer.headers("GET", url)))
    return answer.status


def test_an_expired_token_is_renewed_on_the_way_to_the_resource(world: World) -> None:
    """A consent, its tokens, and a resource of the provider: all joined, with the provider's clock moved."""
    with google() as provider:
        signer = GrantAuthorizer(_consented(world, provider), to=[provider.resource_url])
        assert _status(world.wire, signer, provider.resource_url) == 200
        provider.clock.advance(4000)
        assert _status(world.wire, signer, provider.resource_url) == 200
        # The provider's clock ran ahead of ours: only the 401 told.
        assert provider.count("resource", status=401) == 1
        assert provider.count("token") == 2


def test_a_token_about_to_end_is_renewed_beforehand(world: World) -> None:
    with google() as provider:
        signer = GrantAuthorizer(_consented(world, provider), to=[provider.resource_url])
        world.skew[0] = 3600 - 30
        assert _status(world.wire, signer, provider.resource_url) == 200
        assert provider.count("resource", status=401) == 0
        assert provider.count("token") == 2


def test_a_withdrawn_grant_says_so_and_is_lost(world: World) -> None:
    from oauth.errors import GrantGone

    with google() as provider:
        tokens = _consented(world, provider)
        signer = GrantAuthorizer(tokens, to=[provider.resource_url])
        provider.remove_access("ana@example.org")
        with pytest.raises(GrantGone):
            _status(world.wire, signer, provider.resource_url)
    assert world.states() == ["lost"]


def test_a_profile_s_hosts_are_not_where_its_tokens_go() -> None:
    """The token endpoint's host gets refresh tokens, the resource's origin gets access tokens: two lists."""
    signer = GrantAuthorizer(Counting(), to=["https://people.googleapis.com/"])
    for host in profile("google").hosts:
        assert signer.headers("POST", f"https://{host}/token") == {}


def test_kept_tokens_are_what_is_sent(world: World) -> None:
    with google() as provider:
        tokens = _consented(world, provider)
        kept: Tokens = world.kept(world.store.get(tokens.grant_id))
        sent = GrantAuthorizer(tokens, to=[provider.resource_url]).headers("GET", provider.resource_url)
    assert kept.access is not None
    assert sent == {"Authorization": f"Bearer {kept.access.reveal()}"}
