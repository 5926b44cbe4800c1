"""kSync's way: an application password is made with a token, and outlives it."""

from __future__ import annotations

import pytest

from simulators.identity.infomaniak import PROJECT, Infomaniak, login, user_id
from tests.simulators.identity.asking import Answer, Program, basic, bearer, send


@pytest.fixture
def app(at_infomaniak: Infomaniak) -> Program:
    return Program(at_infomaniak, at_infomaniak.client)


def make_password(provider: Infomaniak, token: str, name: str = "Wherry") -> Answer:
    return send("POST", provider.password_url, {"name": name}, headers=bearer(token))


def delete_token(provider: Infomaniak, token: str) -> Answer:
    return send("DELETE", provider.revoke_url, headers=bearer(token))


def dav(provider: Infomaniak, name: str, password: str) -> int:
    return send("PROPFIND", provider.dav_url, headers=basic(name, password)).status


def multipart(fields: dict[str, str], boundary: str = "b0undary") -> tuple[dict[str, str], bytes]:
    """Return headers and body as the app sends its forms (RFC 7578)."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    body = "".join([*parts, f"--{boundary}--\r\n"]).encode()
    return {"Content-Type": f"multipart/form-data; boundary={boundary}"}, body


def test_the_whole_way(at_infomaniak: Infomaniak, app: Program) -> None:
    token = app.connect()["access_token"]
    profile = send("GET", at_infomaniak.profile_url, headers=bearer(token)).json["data"]
    password = make_password(at_infomaniak, token).json["data"]["password"]
    assert delete_token(at_infomaniak, token).json == {"result": "success", "data": True}
    assert app.reaches(token) == 401
    assert dav(at_infomaniak, profile["login"], password) == 207
    assert [grant.project for grant in at_infomaniak.live_grants()] == [PROJECT]


def test_the_profile_says_who_it_is_and_the_name_for_dav(at_infomaniak: Infomaniak, app: Program) -> None:
    tokens = app.connect()
    answer = send("GET", at_infomaniak.profile_url, headers=bearer(tokens["access_token"])).json
    assert answer["result"] == "success"
    assert answer["data"]["email"] == "ana@example.org"
    assert answer["data"]["login"] == login("ana@example.org") != "ana@example.org"
    assert answer["data"]["user_id"] == tokens["user_id"] == user_id("ana@example.org")


def test_forms_may_be_multipart_as_the_app_sends_them(at_infomaniak: Infomaniak, app: Program) -> None:
    fields = {
        "grant_type": "authorization_code",
        "client_id": app.client.id,
        "code": app.code(),
        "code_verifier": app.verifier,
        "redirect_uri": app.redirect,
    }
    headers, body = multipart(fields)
    answer = send("POST", at_infomaniak.token_url, headers=headers, body=body)
    assert answer.status == 200
    headers, body = multipart({"name": "Infomaniak Sync - caf\u00e9"})
    made = send(
        "POST", at_infomaniak.password_url, headers={**headers, **bearer(answer.json["access_token"])}, body=body
    )
    assert made.json["data"]["name"] == "Infomaniak Sync - caf\u00e9"


@pytest.mark.parametrize("body", [b"", b"--b0undary", b"--other\r\n\r\nx", b"\xff\xfe"])
def test_a_broken_multipart_form_says_nothing(at_infomaniak: Infomaniak, body: bytes) -> None:
    headers, _ = multipart({})
    assert send("POST", at_infomaniak.token_url, headers=headers, body=body).error == (401, "invalid_client")


@pytest.mark.parametrize(("access_type", "refreshes"), [("offline", True), (None, False)])
def test_a_refresh_token_comes_with_offline_access(app: Program, access_type: str | None, *, refreshes: bool) -> None:
    assert ("refresh_token" in app.connect(access_type=access_type)) is refreshes


def test_deleting_the_token_ends_its_refresh_token(at_infomaniak: Infomaniak, app: Program) -> None:
    tokens = app.connect(access_type="offline")
    delete_token(at_infomaniak, tokens["access_token"])
    assert app.refresh(tokens["refresh_token"]).error == (400, "invalid_grant")


def test_a_token_can_be_deleted_once(at_infomaniak: Infomaniak, app: Program) -> None:
    token = app.connect()["access_token"]
    assert delete_token(at_infomaniak, token).status == 200
    again = delete_token(at_infomaniak, token)
    assert (again.status, again.json["result"]) == (401, "error")


def test_an_expired_token_cannot_be_deleted(at_infomaniak: Infomaniak, app: Program) -> None:
    token = app.connect()["access_token"]
    at_infomaniak.clock.advance(7201)
    assert delete_token(at_infomaniak, token).status == 401


@pytest.mark.parametrize("endpoint", ["profile_url", "password_url"])
def test_the_api_wants_a_live_token(at_infomaniak: Infomaniak, endpoint: str) -> None:
    method = "GET" if endpoint == "profile_url" else "POST"
    answer = send(method, getattr(at_infomaniak, endpoint), headers=bearer("guessed"))
    assert (answer.status, answer.json["result"]) == (401, "error")
    assert at_infomaniak.tokens == []


def test_a_password_needs_a_name(at_infomaniak: Infomaniak, app: Program) -> None:
    token = app.connect()["access_token"]
    assert make_password(at_infomaniak, token, "").status == 422
    assert not at_infomaniak.live_tokens("app-password")


def test_passwords_are_of_their_own_and_end_only_by_hand(at_infomaniak: Infomaniak, app: Program) -> None:
    token = app.connect()["access_token"]
    made = [make_password(at_infomaniak, token, name).json["data"] for name in ("one", "two")]
    assert made[0]["password"] != made[1]["password"]
    assert made[0]["id"] != made[1]["id"]
    at_infomaniak.clock.advance(365 * 86400)
    name = login("ana@example.org")
    assert [dav(at_infomaniak, name, each["password"]) for each in made] == [207, 207]
    at_infomaniak.remove_access("ana@example.org", PROJECT)
    assert [dav(at_infomaniak, name, each["password"]) for each in made] == [401, 401]


@pytest.mark.parametrize("name", ["ana@example.org", "AB00000000", "", login("eve@example.org")])
def test_a_password_opens_with_its_own_name_only(at_infomaniak: Infomaniak, app: Program, name: str) -> None:
    password = make_password(at_infomaniak, app.connect()["access_token"]).json["data"]["password"]
    assert dav(at_infomaniak, name, password) == 401
    assert dav(at_infomaniak, login("ana@example.org"), password) == 207


def test_a_token_is_no_password(at_infomaniak: Infomaniak, app: Program) -> None:
    tokens = app.connect(access_type="offline")
    for value in (tokens["access_token"], tokens["refresh_token"]):
        assert dav(at_infomaniak, login("ana@example.org"), value) == 401


def test_pkce_is_required(app: Program) -> None:
    from tests.simulators.identity.asking import said

    back = said(app.provider.approve(app.url(code_challenge=None, code_challenge_method=None)))
    assert back["error"] == "invalid_request"
