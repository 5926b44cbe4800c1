"""Tables of providers, what a grant's troubles are to the engine, and what the doctor says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import pytest

from connectors.errors import AccessGone, ConnectorError, NotTheService, ReauthRequired, Transient
from oauth import errors, profiles
from oauth.grants import GrantState
from oauth.metadata import discover
from oauth.profiles import FlowKind, RevokeStyle
from oauth.secret import Secret
from simulators.identity.generic import Generic
from tests.wherry.access.household import Ana
from wherry.errors import PlaceError, SettingsError
from wherry.exchanging import Exchanging
from wherry.providers import PROVIDERS, SCOPES, asking_for, client_id_of, profile_of
from wherry.settings import Account, Settings, read_settings
from wherry.signing import PortTokens, bound_to

pytestmark = pytest.mark.server


@pytest.fixture
def settings(home: Path) -> Settings:
    return read_settings({"WHERRY_HOME": str(home)})


@pytest.fixture
def exchange() -> Iterator[Exchanging]:
    made = Exchanging(frozenset({"127.0.0.1"}))
    yield made
    made.close()


def account(provider: str, **more: object) -> Account:
    given = {"name": "a", "kind": "dav", "url": PROVIDERS.get(provider) or "https://cloud.example.org/", **more}
    return Account(provider=provider, **given)  # type: ignore[arg-type]  # names are checked by the call


class TestProviders:
    @pytest.mark.parametrize("name", sorted(set(PROVIDERS) - {"oauth"}))
    def test_each_has_a_profile_of_its_name(self, settings: Settings, exchange: Exchanging, name: str) -> None:
        found = profile_of(account(name), settings, exchange)
        assert found.name == name
        assert found.manual_url.startswith("https://")
        assert all(url == "" or url.startswith("https://") for url in PROVIDERS.values())

    @pytest.mark.parametrize(
        ("name", "flow", "style"),
        [
            ("fastmail", FlowKind.CODE, RevokeStyle.RFC7009),
            ("icloud", FlowKind.PASSWORD, RevokeStyle.MANUAL),
            ("infomaniak", FlowKind.CODE_FOR_PASSWORD, RevokeStyle.MANUAL),
            ("nextcloud", FlowKind.LOGIN_FLOW, RevokeStyle.DELETE_APP_PASSWORD),
            ("", FlowKind.PASSWORD, RevokeStyle.MANUAL),
        ],
    )
    def test_how_each_begins_and_ends(
        self, settings: Settings, exchange: Exchanging, name: str, flow: FlowKind, style: RevokeStyle
    ) -> None:
        found = profile_of(account(name), settings, exchange)
        assert (found.flow, found.revoke_style) == (flow, style)

    def test_one_that_describes_itself(self, settings: Settings, exchange: Exchanging, idp: Generic) -> None:
        found = profile_of(account("oauth", issuer=idp.issuer, allow_private=True), settings, exchange)
        assert found == discover(idp.issuer, exchange, allow_loopback=True)
        with pytest.raises(errors.UnsafeEndpoint):
            profile_of(account("oauth", issuer=idp.issuer), settings, exchange)

    @pytest.mark.parametrize("name", ["gogle", "icluod", "Nextcloud", "password", " "])
    def test_unknown_ones(self, settings: Settings, exchange: Exchanging, name: str) -> None:
        with pytest.raises(PlaceError, match="Unknown provider"):
            profile_of(account(name), settings, exchange)

    def test_endpoints_of_ones_own(self, settings: Settings, exchange: Exchanging) -> None:
        from dataclasses import replace

        own = {"fastmail": {"token_url": "https://t.example.org/", "client_id": "me"}}
        mine = replace(settings, providers=MappingProxyType(own))
        found = profile_of(account("fastmail"), mine, exchange)
        assert found.token_url == "https://t.example.org/"
        assert found.revoke_url == profiles.profile("fastmail").revoke_url
        assert client_id_of(account("fastmail"), mine) == "me"
        assert client_id_of(account("fastmail", client_id="said"), mine) == "said"
        assert client_id_of(account("fastmail"), settings) == ""

    @pytest.mark.parametrize("url", ["http://t.example.org/", "https://u:p@t.example.org/", "ftp://t/", "nowhere"])
    def test_unsafe_endpoints_of_ones_own(self, settings: Settings, exchange: Exchanging, url: str) -> None:
        from dataclasses import replace

        mine = replace(settings, providers=MappingProxyType({"fastmail": {"token_url": url}}))
        with pytest.raises(SettingsError, match=r"'providers\.fastmail'"):
            profile_of(account("fastmail"), mine, exchange)

    def test_long_access_is_asked_for_expressly(self) -> None:
        plain = profiles.profile("fastmail")
        assert asking_for(plain, ("calendars",)) == plain
        assert dict(asking_for(plain, SCOPES["fastmail"]).extra) == {"prompt": "consent"}
        google = asking_for(profiles.profile("google"), ("offline_access",))
        assert dict(google.extra) == {**profiles.profile("google").extra, "prompt": "consent"}


class TestSigning:
    @pytest.mark.parametrize(
        ("raised", "told"),
        [
            (errors.Unreachable("id.example.org", "no answer"), Transient),
            (errors.GrantBusy("g", 1.0), Transient),
            (errors.BadAnswer("id.example.org", "a web page"), NotTheService),
            (errors.GrantGone("g", GrantState.LOST), AccessGone),
            (errors.GrantDying("g"), AccessGone),
            (errors.GrantDead("oauth", "invalid_grant"), AccessGone),
            (errors.ProviderRefused("oauth", "invalid_client"), ReauthRequired),
            (errors.NoRefreshToken("oauth"), ReauthRequired),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
    )
    def test_each_trouble_says_who_has_to_act(self, raised: Exception, told: type[ConnectorError]) -> None:
        class Failing:
            def current(self) -> Secret:
                raise raised

            def renewed(self, stale: Secret) -> Secret | None:
                del stale
                raise raised

        tokens = PortTokens(Failing(), "mail", again="Give it again with: X")
        calls: list[Callable[[], object]] = [tokens.current, lambda: tokens.renewed(Secret("x"))]
        for ask in calls:
            with pytest.raises(ConnectorError) as caught:
                ask()
            assert type(caught.value) is told

    @pytest.mark.parametrize(
        ("url", "bound"),
        [
            ("https://dav.example.org/x", ("https://dav.example.org",)),
            ("dav.example.org", ("https://dav.example.org",)),
            ("https://icloud.com/", ("https://icloud.com", "https://*.icloud.com")),
            ("https://p12-caldav.icloud.com/", ("https://p12-caldav.icloud.com", "https://*.icloud.com")),
            ("https://fakeicloud.com/", ("https://fakeicloud.com",)),
            ("https://icloud.com.evil.example/", ("https://icloud.com.evil.example",)),
            ("http://127.0.0.1:5232/", ("http://127.0.0.1:5232",)),
        ],
    )
    def test_credentials_are_bound_to_origins(self, url: str, bound: tuple[str, ...]) -> None:
        assert bound_to(url) == bound


class TestDoctor:
    def test_access_that_has_ended_is_a_finding_with_advice(self, ana: Ana) -> None:
        ana.connected()
        assert ana.run("doctor").code == 0
        assert ana.backup().code == 0
        found = ana.run("doctor")
        assert found.code == 1
        assert "PROBLEM  account dav:mail" in found.out
        assert "There is no access to 'mail' any more" in found.out
        assert "Traceback" not in found.out + found.err
        (line,) = (line for line in ana.run("doctor", "--json").lines if not line["ok"])
        assert "connect" in line["what_to_do"]

    def test_looking_takes_no_access_away(self, ana: Ana, idp: Generic) -> None:
        ana.connected()
        idp.remove_access(ana.user)
        found = ana.run("doctor")
        assert found.code == 1
        assert "The access to 'mail' has ended" in found.out
