"""What every provider with an authorization page does, and refuses, on the way from a URL to tokens."""

from __future__ import annotations

import threading
import urllib.parse
from collections.abc import Callable

import pytest

from simulators.identity.browser import Refused
from simulators.identity.google import Google
from simulators.identity.model import Client
from tests.simulators.identity.asking import Answer, Program, basic, said, send

KNOWN_SCOPES = pytest.mark.parametrize("program", ["dropbox", "generic", "google"], indirect=True)
"""Where it is documented which scopes there are; at Infomaniak it is not."""


def test_a_consent_brings_tokens_that_open_data(program: Program) -> None:
    tokens = program.connect()
    assert tokens["token_type"].lower() == "bearer"
    assert tokens["expires_in"] == program.provider.access_lifetime
    assert program.reaches(tokens["access_token"]) == 200
    assert [grant.user for grant in program.provider.live_grants()] == ["ana@example.org"]


def test_the_state_comes_back_as_it_was(program: Program) -> None:
    strange = "a b&c=d/%20\u00e9"
    assert said(program.provider.approve(program.url(state=strange)))["state"] == strange
    assert "state" not in said(program.provider.approve(program.url(state=None)))


def test_a_refusal_goes_back_to_the_program_and_grants_nothing(program: Program) -> None:
    back = program.provider.deny(program.url())
    assert back.startswith(f"{program.redirect}?")
    assert said(back)["error"] == "access_denied"
    assert said(back)["state"] == "a state"
    assert program.provider.grants == []


def test_an_answer_joins_the_query_the_redirect_has(program: Program) -> None:
    program.provider.register(Client("with-query", redirects=("https://app.example/back?tenant=7",)))
    program.client, program.redirect = program.provider.book.clients["with-query"], "https://app.example/back?tenant=7"
    back = said(program.provider.approve(program.url()))
    assert back["tenant"] == "7"
    assert back["code"]


def test_answers_with_tokens_may_not_be_stored(program: Program) -> None:
    answer = program.exchange(program.code())
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"


WRONG: dict[str, Callable[[Program, str], Answer]] = {
    "another verifier": lambda program, code: program.exchange(code, code_verifier="x" * 43),
    "an empty verifier": lambda program, code: program.exchange(code, code_verifier=""),
    "the challenge as verifier": lambda program, code: program.exchange(code, code_verifier=program.challenge),
    "the verifier and more": lambda program, code: program.exchange(code, code_verifier=f"{program.verifier}x"),
    "a verifier beyond ASCII": lambda program, code: program.exchange(code, code_verifier="\u00e9" * 43),
    "no such code": lambda program, code: program.exchange(f"{code}x"),
    "an empty code": lambda program, _: program.exchange(""),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_exchange_brings_nothing_and_leaves_the_code(program: Program, wrong: str) -> None:
    code = program.code()
    assert WRONG[wrong](program, code).error == (400, "invalid_grant")
    assert program.provider.tokens == []
    assert program.exchange(code).status == 200


@pytest.mark.parametrize(
    "redirect", ["http://127.0.0.1:49153/callback", "http://127.0.0.1:49152/callback/", "http://127.0.0.1:49152/", ""]
)
def test_the_redirect_of_the_exchange_must_be_the_first_one(program: Program, redirect: str) -> None:
    code = program.code()
    word = "redirect_uri_mismatch" if isinstance(program.provider, Google) else "invalid_grant"
    assert program.exchange(code, redirect_uri=redirect).error == (400, word)
    assert program.provider.tokens == []


@pytest.mark.parametrize(
    "redirect",
    [
        "http://localhost:49152/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:49152@evil.example/",
        "https://127.0.0.1:49152/callback",
        "http://[::1]:49152/callback",
        "http://127.0.0.1:49152/callback#fragment",
        "http://127.0.0.1:49152/callback?next=//evil.example",
        "http://127.0.0.1:port/callback",
        "javascript:alert(1)",
        "",
    ],
)
def test_an_address_that_is_not_loopback_is_never_redirected_to(program: Program, redirect: str) -> None:
    with pytest.raises(Refused) as caught:
        program.provider.approve(program.url(redirect_uri=redirect))
    assert caught.value.status == 400
    assert "redirect_uri_mismatch" in caught.value.words


@pytest.mark.parametrize("redirect", ["http://127.0.0.1:1024/", "http://127.0.0.1:65535/any/path", "http://127.0.0.1"])
def test_an_installed_client_takes_any_port_and_path_of_the_loopback_address(program: Program, redirect: str) -> None:
    program.redirect = redirect
    assert program.provider.approve(program.url()).startswith(f"{redirect}?")
    assert program.connect()["access_token"]


def test_registered_redirects_must_match_letter_by_letter(program: Program) -> None:
    program.client = program.provider.register(Client("web", redirects=("https://app.example/back",)))
    program.redirect = "https://app.example/back"
    assert program.connect()["access_token"]
    for other in ("https://app.example/back/", "https://APP.example/back", "https://app.example/back?x=1"):
        with pytest.raises(Refused):
            program.provider.approve(program.url(redirect_uri=other))


def test_a_client_nobody_registered_sees_a_page(program: Program) -> None:
    with pytest.raises(Refused) as caught:
        program.provider.approve(program.url(client_id="nobody"))
    assert (caught.value.status, "invalid_client" in caught.value.words) == (401, True)


def _error(program: Program, **changed: str | None) -> str:
    """Return OAuth's word for a request that is refused, on a page or in the redirect."""
    try:
        return said(program.provider.approve(program.url(**changed)))["error"]
    except Refused as refused:
        return refused.words.split("Error 400: ")[1].split(".")[0]


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
    ],
)
def test_requests_that_are_not_understood(program: Program, changed: dict[str, str | None], word: str) -> None:
    assert _error(program, **changed) == word
    assert program.provider.grants == []


@KNOWN_SCOPES
def test_scopes_there_are_not(program: Program) -> None:
    assert _error(program, scope=f"{program.scope} files.everything") == "invalid_scope"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope", "code_challenge"])
def test_a_parameter_that_comes_twice_is_refused(program: Program, name: str) -> None:
    twice = f"{program.url(scope='openid')}&{urllib.parse.urlencode({name: 'again'})}"
    if name in {"client_id", "redirect_uri"}:
        with pytest.raises(Refused, match="came twice"):
            program.provider.approve(twice)
    else:
        assert said(program.provider.approve(twice))["error"] == "invalid_request"


def test_a_field_that_comes_twice_is_refused_by_the_token_endpoint(program: Program) -> None:
    fields = [("client_id", program.client.id), ("grant_type", "refresh_token"), ("grant_type", "refresh_token")]
    fields.append(("client_secret", program.client.secret))
    url = program.provider.token_url
    assert send("POST", url, fields).error == (400, "invalid_request")


def test_a_code_lives_for_ten_minutes(program: Program) -> None:
    code, late = program.code(), program.code()
    program.provider.clock.advance(599)
    assert program.exchange(code).status == 200
    program.provider.clock.advance(2)
    assert program.exchange(late).error == (400, "invalid_grant")


def test_a_code_used_twice_ends_what_came_from_it(program: Program) -> None:
    code = program.code()
    tokens = program.exchange(code).json
    newer = program.refresh(tokens["refresh_token"]).json
    assert program.exchange(code).error == (400, "invalid_grant")
    for access in (tokens["access_token"], newer["access_token"]):
        assert program.reaches(access) == 401
    assert program.refresh(newer.get("refresh_token", tokens["refresh_token"])).error == (400, "invalid_grant")
    assert program.provider.live_grants() == []


def test_a_provider_may_be_lax_about_replays(program: Program) -> None:
    program.provider.replay_revokes = False  # type: ignore[attr-defined]  # every provider here issues tokens
    code = program.code()
    tokens = program.exchange(code).json
    assert program.exchange(code).error == (400, "invalid_grant")
    assert program.reaches(tokens["access_token"]) == 200


def test_a_code_of_another_client_is_unknown(program: Program) -> None:
    thief = Program(program.provider, program.provider.register(Client("thief")), verifier=program.verifier)
    code = program.code()
    assert thief.exchange(code).error == (400, "invalid_grant")
    assert program.exchange(code).status == 200


def test_a_refresh_token_of_another_client_is_refused(program: Program) -> None:
    tokens = program.connect()
    thief = Program(program.provider, program.provider.register(Client("thief")))
    refused = thief.refresh(tokens["refresh_token"])
    word = (401, "unauthorized_client") if isinstance(program.provider, Google) else (400, "invalid_grant")
    assert refused.error == word
    assert program.refresh(tokens["refresh_token"]).status == 200


def test_an_access_token_refreshes_nothing(program: Program) -> None:
    assert program.refresh(program.connect()["access_token"]).error == (400, "invalid_grant")


@pytest.mark.parametrize("how", ["no client", "wrong secret", "basic wrong secret", "basic rubbish", "unknown"])
def test_a_client_must_say_who_it_is(program: Program, how: str) -> None:
    known = program.provider.register(Client("secret-keeper", "its secret"))
    form = {"grant_type": "refresh_token", "refresh_token": "any"}
    headers: dict[str, str] = {}
    if how == "wrong secret":
        form |= {"client_id": known.id, "client_secret": "guessed"}
    elif how == "basic wrong secret":
        headers = basic(known.id, "guessed")
    elif how == "basic rubbish":
        headers = {"Authorization": "Basic !!!"}
    elif how == "unknown":
        form["client_id"] = "nobody"
    url = program.provider.token_url
    answer = send("POST", url, form, headers=headers)
    assert answer.error == (401, "invalid_client")
    assert "www-authenticate" in answer.headers


def test_a_client_may_say_its_secret_by_basic_authentication(program: Program) -> None:
    known = program.provider.register(Client("secret keeper", "a%secret: it is"))
    program.client = known
    code = program.code()
    pair = basic(urllib.parse.quote_plus(known.id), urllib.parse.quote_plus(known.secret))
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": program.redirect}
    url = program.provider.token_url
    answer = send("POST", url, {**form, "code_verifier": program.verifier}, headers=pair)
    assert answer.status == 200


@pytest.mark.parametrize("kind", ["password", "client_credentials", ""])
def test_other_ways_to_a_token_are_not_offered(program: Program, kind: str) -> None:
    assert program.token(grant_type=kind, username="ana", password="secret").error == (400, "unsupported_grant_type")


def test_an_access_token_ends_with_its_time_and_a_refresh_brings_a_new_one(program: Program) -> None:
    program.provider.access_lifetime = 60
    tokens = program.connect()
    assert tokens["expires_in"] == 60
    program.provider.clock.advance(61)
    assert program.reaches(tokens["access_token"]) == 401
    again = program.refresh(tokens["refresh_token"]).json
    assert again["access_token"] != tokens["access_token"]
    assert program.reaches(again["access_token"]) == 200


@KNOWN_SCOPES
def test_a_data_call_says_which_scope_it_lacks(program: Program) -> None:
    tokens = program.connect()
    url = f"{program.provider.resource_url}?scope=other"
    answer = send("GET", url, headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert answer.error == (403, "insufficient_scope")
    assert 'scope="other"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nothing", "Basic YTpi", "token"])
def test_a_data_call_without_a_live_token_is_refused(program: Program, header: str) -> None:
    url = program.provider.resource_url
    assert send("GET", url, headers={"Authorization": header} if header else {}).status == 401


def test_of_many_exchanges_of_one_code_at_once_one_wins_and_its_tokens_die(program: Program) -> None:
    code = program.code()
    barrier = threading.Barrier(8)
    answers: list[Answer] = []

    def exchange() -> None:
        barrier.wait(30)
        answers.append(program.exchange(code))

    threads = [threading.Thread(target=exchange) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200] + [400] * 7
    assert program.provider.live_tokens() == []


def test_the_user_can_end_it_by_hand(program: Program) -> None:
    mine, hers = program.connect(), program.connect(user="eve@example.org")
    program.provider.remove_access("ana@example.org")
    assert program.reaches(mine["access_token"]) == 401
    assert program.refresh(mine["refresh_token"]).error == (400, "invalid_grant")
    assert program.reaches(hers["access_token"]) == 200
    assert [(each.user, each.ended_by) for each in program.provider.grants] == [
        ("ana@example.org", "user"),
        ("eve@example.org", ""),
    ]


def test_a_code_from_before_the_end_is_worth_nothing(program: Program) -> None:
    code = program.code()
    program.provider.remove_access("ana@example.org")
    assert program.exchange(code).error == (400, "invalid_grant")


def test_every_call_is_on_record(program: Program) -> None:
    program.connect()
    endpoints = [call.endpoint for call in program.provider.calls]
    assert endpoints == ["authorize", "account", "consent", "token"]
    assert program.provider.calls[-1].request.one("grant_type") == "authorization_code"
    assert program.provider.count("token", status=200) == 1
    assert program.provider.count("token", status=400) == 0
    assert program.provider.count("revoke") == 0
