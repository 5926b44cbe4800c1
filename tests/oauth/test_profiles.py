"""Profiles: what is built in, what may be changed, and which addresses are refused."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth import dropbox
from oauth.code_flow import flow_of, parameters
from oauth.errors import UnknownProvider, UnsafeEndpoint
from oauth.grants import Radius
from oauth.profiles import (
    BUILT_IN,
    ENDPOINTS,
    FlowKind,
    ProviderProfile,
    RevokeStyle,
    check_endpoint,
    nextcloud,
    profile,
    project_of,
)
from oauth.secret import Secret
from oauth.tokens import Client, Tokens, asking_fields, asking_of

EVERY = [*BUILT_IN.values(), nextcloud("https://cloud.example/nc/")]


@pytest.mark.parametrize("made", EVERY, ids=lambda made: made.name)
def test_what_is_built_in_is_complete(made: ProviderProfile) -> None:
    if made.flow in {FlowKind.CODE, FlowKind.CODE_FOR_PASSWORD}:
        assert made.authorize_url
        assert made.token_url
    if made.revoke_style is not RevokeStyle.MANUAL:
        assert made.revoke_url
    if made.name != "password":
        assert made.manual_url, "a person must be able to end what we cannot"
    assert all(getattr(made, name).startswith("https://") for name in ENDPOINTS if getattr(made, name))
    assert not made.allow_loopback
    assert made.callback == f"/callback/{made.name}"


def test_the_radius_of_each_provider_is_stated() -> None:
    radii = {name: made.radius for name, made in BUILT_IN.items()}
    assert radii["google"] is Radius.PROJECT
    assert radii["dropbox"] is radii["fastmail"] is Radius.AUTHORIZATION
    assert radii["icloud"] is radii["infomaniak"] is radii["password"] is Radius.CREDENTIAL


def test_callbacks_tell_providers_apart() -> None:
    assert len({made.callback for made in EVERY}) == len(EVERY)


def test_google_is_asked_for_this_job_s_scopes_only() -> None:
    assert profile("google").extra == {
        "access_type": "offline",
        "prompt": "consent",
        "include_granted_scopes": "false",
    }


@pytest.mark.parametrize("made", EVERY, ids=lambda made: made.name)
def test_a_profile_survives_being_kept(made: ProviderProfile) -> None:
    assert ProviderProfile.from_text(made.to_text()) == made


def test_a_profile_of_a_later_version_can_be_read() -> None:
    import json

    later = {**json.loads(profile("google").to_text()), "something_new": [1, 2]}
    assert ProviderProfile.from_text(json.dumps(later)) == profile("google")


def test_a_profile_cannot_be_changed_behind_our_back() -> None:
    extra = {"prompt": "consent"}
    made = ProviderProfile(name="example", extra=extra)
    extra["prompt"] = "none"
    assert made.extra == {"prompt": "consent"}
    with pytest.raises(TypeError):
        made.extra["prompt"] = "none"  # type: ignore[index]  # that is the point


def test_hosts_are_those_that_are_asked() -> None:
    assert profile("google").hosts == {"oauth2.googleapis.com"}
    assert profile("infomaniak").hosts == {"login.infomaniak.com", "api.infomaniak.com"}
    assert nextcloud("https://cloud.example:8443/nc").hosts == {"cloud.example"}
    assert profile("icloud").hosts == frozenset()


def test_an_unknown_provider_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownProvider) as caught:
        profile("gogle")
    assert caught.value.name == "gogle"
    assert {"google", "dropbox", "nextcloud", "oauth"} <= set(caught.value.known)


def test_endpoints_can_be_others() -> None:
    made = profile("infomaniak", {"api_url": "https://api.example/1/profile"})
    assert made.api_url == "https://api.example/1/profile"
    assert made.token_url == profile("infomaniak").token_url


@pytest.mark.parametrize("name", ["tokenurl", "name", "extra", "allow_loopback", ""])
def test_only_addresses_can_be_others(name: str) -> None:
    with pytest.raises(UnsafeEndpoint):
        profile("google", {name: "https://id.example/"})


UNSAFE = [
    "http://id.example/token",
    "http://127.0.0.1:8080/token",
    "http://localhost/token",
    "ftp://id.example/token",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "id.example/token",
    "//id.example/token",
    "https://",
    "https:///token",
    "https://user@id.example/token",
    "https://user:pass@id.example/token",
    "https://id.example:99999/token",
    "https://id.example/token#part",
    "https://id.example/to ken",
    "https://id.example/token\n",
    "https://id.example\\@evil.example/token",
    "https://[::1/token",
    " https://id.example/token",
]


@pytest.mark.parametrize("url", UNSAFE)
def test_unsafe_addresses_are_refused(url: str) -> None:
    for name in ENDPOINTS:
        with pytest.raises(UnsafeEndpoint) as caught:
            ProviderProfile(name="example", **{name: url})  # type: ignore[arg-type]  # one of the addresses
        assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "admitted"),
    [
        ("http://127.0.0.1:8080/token", True),
        ("http://127.1.2.3/token", True),
        ("http://localhost:1/token", True),
        ("http://[::1]:1/token", True),
        ("http://10.0.0.1/token", False),
        ("http://192.168.1.1/token", False),
        ("http://127.0.0.1.evil.example/token", False),
        ("http://localhost.evil.example/token", False),
        ("http://id.example/token", False),
        ("http://user@127.0.0.1/token", False),
        ("https://id.example/token", True),
    ],
)
def test_plain_http_goes_to_this_machine_and_only_with_leave(url: str, admitted: bool) -> None:
    if admitted:
        assert check_endpoint("it", url, allow_loopback=True) == url
    else:
        with pytest.raises(UnsafeEndpoint):
            check_endpoint("it", url, allow_loopback=True)
    if url.startswith("http:"):
        with pytest.raises(UnsafeEndpoint):
            check_endpoint("it", url, allow_loopback=False)


@given(st.text(max_size=40))
def test_no_text_gets_through_that_is_not_https(text: str) -> None:
    try:
        check_endpoint("it", text, allow_loopback=False)
    except UnsafeEndpoint:
        return
    assert text.startswith("https://")


@pytest.mark.parametrize("name", ["", "Google", "a/b", "../x", "a b", "1st", "-x", "x" * 40, "é"])
def test_a_name_becomes_part_of_an_address(name: str) -> None:
    with pytest.raises(UnsafeEndpoint):
        ProviderProfile(name=name)


@pytest.mark.parametrize(
    ("made", "client_id", "project"),
    [
        (profile("google"), "111222-abc.apps.googleusercontent.com", "111222"),
        (profile("google"), "111222-web.apps.googleusercontent.com", "111222"),
        (profile("google"), "some-other-form", "some-other-form"),
        (profile("dropbox"), "key-with-hyphen", "key-with-hyphen"),
        (profile("icloud"), "", ""),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_what_ends_together_has_one_project(made: ProviderProfile, client_id: str, project: str) -> None:
    assert project_of(made, client_id) == project


def test_a_server_s_address_is_taken_as_its_user_sees_it() -> None:
    for address in ("https://cloud.example/nc", "https://cloud.example/nc/"):
        made = nextcloud(address)
        assert made.authorize_url == "https://cloud.example/nc/index.php/login/v2"
        assert made.revoke_url == "https://cloud.example/nc/ocs/v2.php/core/apppassword"
    with pytest.raises(UnsafeEndpoint):
        nextcloud("http://cloud.example")


# What is Dropbox's own.


@pytest.mark.parametrize(
    ("seconds", "offline"),
    [(None, True), (0, False), (600, False), (2 * 3600, False), (2 * 3600 + 1, True), (1e9, True)],
)
def test_a_short_job_takes_a_token_that_ends_by_itself(seconds: float | None, offline: bool) -> None:
    """One that may outlive its token by half is given one that can be renewed."""
    assert dropbox.offline_for(seconds) is offline


def test_only_dropbox_is_told_which_kind_of_token() -> None:
    assert parameters(profile("dropbox"), offline=True) == {"token_access_type": "offline"}
    assert parameters(profile("dropbox"), offline=False) == {"token_access_type": "online"}
    for name in ("google", "fastmail", "infomaniak"):
        assert parameters(profile(name), offline=False) == {}


def test_google_s_own_library_speaks_with_google_and_nobody_else() -> None:
    spoken = {name: flow_of(made).__name__ for name, made in BUILT_IN.items()}  # type: ignore[attr-defined]  # a module
    assert spoken.pop("google") == "oauth.google"
    assert set(spoken.values()) == {"oauth.client"}


# What is kept beside a grant.


def test_what_a_grant_needs_to_end_comes_back_whole() -> None:
    made = replace(profile("google"), client_auth="basic")
    for client in (Client("id"), Client("id", Secret("s")), Client()):
        assert asking_of(asking_fields(made, client)) == (made, client)


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_tokens_come_back_as_they_were_kept(access: str, refresh: str, username: str) -> None:
    """An empty one stands for a token that was ended, and is none."""
    tokens = Tokens(access=Secret(access), refresh=Secret(refresh), username=username, granted=("a",), expires_at=7.0)
    back = Tokens.of(tokens.fields(), granted=("a",), expires_at=7.0)
    assert back == replace(
        tokens, access=tokens.access if access else None, refresh=tokens.refresh if refresh else None
    )


def test_nothing_shows_a_token() -> None:
    tokens = Tokens(access=Secret("canary-1"), refresh=Secret("canary-2"), password=Secret("canary-3"))
    shown = f"{tokens} {tokens!r} {Client('id', Secret('canary-4'))!r}"
    assert "canary" not in shown
    secret = {each.name for each in fields(Tokens)} & {"access", "refresh", "password"}
    assert all(isinstance(getattr(tokens, name), Secret) for name in secret)


def test_requests_and_answers_show_neither_headers_nor_bodies() -> None:
    from oauth.transport import Answer, Request

    shown = repr(Request("POST", "https://id.example/token", {"Authorization": "canary"}, b"canary"))
    shown += repr(Answer(200, {"set-cookie": "canary"}, b"canary"))
    assert "canary" not in shown
    assert "https://id.example/token" in shown
