"""Each endpoint of each provider has a name, under which calls are counted and faults are switched on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.identity import browser
from simulators.identity.__main__ import PROVIDERS, described
from simulators.identity.browser import Form, Refused
from simulators.identity.provider import Provider
from tests.simulators.identity.asking import send


def endpoints() -> list[tuple[str, str, str, str]]:
    """Return provider, endpoint, method and path of everything that is served, in a fixed order."""
    found = []
    for name in sorted(PROVIDERS):
        with PROVIDERS[name]() as provider:
            found += [(name, endpoint, *where) for where, (endpoint, _) in provider.routes().items()]
    return found


ENDPOINTS = endpoints()
EACH = pytest.mark.parametrize(
    ("name", "endpoint", "method", "path"),
    ENDPOINTS,
    ids=[f"{name}-{method}-{path}" for name, _, method, path in ENDPOINTS],
)


@pytest.fixture
def provider(name: str) -> Iterator[Provider]:
    with PROVIDERS[name]() as running:
        yield running


def test_the_endpoints_others_rely_on_are_called_alike() -> None:
    named = {(name, endpoint) for name, endpoint, _, _ in ENDPOINTS}
    for name in ("dropbox", "generic", "google", "infomaniak"):
        assert {(name, each) for each in ("authorize", "account", "consent", "token", "revoke")} <= named
    assert {("nextcloud", each) for each in ("begin", "poll", "revoke", "dav")} <= named


@EACH
def test_a_fault_is_met_there_and_nowhere_else(provider: Provider, endpoint: str, method: str, path: str) -> None:
    other = next(each for _, (each, _) in provider.routes().items() if each != endpoint)
    provider.faults.switch(endpoint, 418)
    assert send(method, provider.url + path).status == 418
    assert provider.count(endpoint, status=418) == 1
    assert provider.count(other) == 0
    provider.faults.mend()
    provider.faults.switch(other, 418)
    assert send(method, provider.url + path).status != 418


@EACH
def test_an_empty_request_is_answered_and_changes_nothing(
    provider: Provider, endpoint: str, method: str, path: str
) -> None:
    answer = send(method, provider.url + path)
    begins = endpoint == "begin" or (endpoint == "metadata" and method == "GET")
    assert answer.status == 200 if begins else 400 <= answer.status < 500
    assert provider.grants == []
    assert provider.tokens == []


@EACH
@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"=&=&&&=", b"a" * 5000, b"%zz=%"], ids=["bytes", "signs", "long", "percent"]
)
def test_rubbish_is_answered_and_changes_nothing(
    provider: Provider, endpoint: str, method: str, path: str, body: bytes
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Bearer \u00fc\u00fc"}
    answer = send(method, f"{provider.url}{path}?%ff=%ff&a", headers=headers, body=body)
    assert 200 <= answer.status < 500
    assert provider.count(endpoint) == 1
    assert provider.grants == []
    assert provider.tokens == []


@pytest.mark.parametrize(
    ("name", "method", "path", "field"),
    [
        ("google", "POST", "/o/oauth2/v2/auth/account", "ticket"),
        ("google", "POST", "/o/oauth2/v2/auth/consent", "ticket"),
        ("google", "POST", "/token", "client_id"),
        ("google", "POST", "/revoke", "token"),
        ("generic", "POST", "/introspect", "client_id"),
        ("generic", "POST", "/revoke", "client_id"),
    ],
)
def test_a_field_that_comes_twice_is_an_invalid_request(provider: Provider, method: str, path: str, field: str) -> None:
    answer = send(method, provider.url + path, [(field, "a"), (field, "b")])
    assert answer.error == (400, "invalid_request")


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_addresses_are_described_for_use_by_hand(provider: Provider, name: str) -> None:
    said = described(provider)
    assert said["url"] == provider.url
    assert all(str(value).startswith(provider.url) for key, value in said.items() if key.endswith("url"))
    assert ("clients" in said) is (name != "nextcloud")


class TestForms:
    """The driver fills in what is there, as it stands."""

    def test_text_and_hidden_fields_go_as_they_are_but_the_user(self) -> None:
        form = Form("/", [("ticket", "t"), ("user", ""), ("other", "kept")], [], ["next"])
        sent = browser._filled(form, "ana", None, "allow")
        assert sent == [("ticket", "t"), ("user", "ana"), ("other", "kept"), ("decision", "next")]

    def test_boxes_are_sent_when_ticked(self) -> None:
        form = Form("/", [], [("scope", "a"), ("scope", "b")], ["deny", "allow"])
        assert browser._filled(form, "ana", None, "allow") == [("scope", "a"), ("scope", "b"), ("decision", "allow")]
        assert browser._filled(form, "ana", ["b"], "allow") == [("scope", "b"), ("decision", "allow")]
        assert browser._filled(form, "ana", (), "deny") == [("decision", "deny")]

    def test_html_is_read_with_its_entities(self) -> None:
        reader = browser._Reader()
        reader.feed(
            "<title>no</title><style>no</style><p>A &amp; B</p>"
            '<form action="/x?a=1&amp;b=2"><input type="hidden" name="t" value="&quot;q&quot;"><input name="">'
            '<input type=checkbox name=scope value="s"><button value="allow">Yes</button></form>'
        )
        form = reader.forms[0]
        assert form == Form("/x?a=1&b=2", [("t", '"q"')], [("scope", "s")], ["allow"])
        assert reader.words == ["A & B", "Yes"]

    def test_a_page_that_only_leads_to_itself_is_given_up(self, at_google: Provider) -> None:
        at_google.faults.switch("*", 500)
        with pytest.raises(Refused) as caught:
            browser.approve(f"{at_google.url}/o/oauth2/v2/auth")
        assert caught.value.status == 500
