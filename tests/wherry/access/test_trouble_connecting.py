"""Connecting at a provider goes wrong: what is said, and that nothing is left behind."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from simulators.identity import browser
from simulators.identity.generic import Generic
from tests.wherry.access.household import Ana
from tests.wherry.conftest import Answer, Run

pytestmark = pytest.mark.server


def nothing_is_left(ana: Ana, answer: Answer) -> None:
    """No access at the provider, none here, no secret, no account, and no trace of Python."""
    assert "Traceback" not in answer.err + answer.out
    assert "unexpected" not in answer.err
    assert ana.live == 0
    assert not (ana.home / "settings.toml").exists()
    assert set(ana.states()) <= {"closed", "erased"}
    assert ana.secrets_left() == 0
    assert ana.run("accounts", "--json").out == ""


WITHOUT = [
    (("--provider", "gogle"), 2, "Unknown provider 'gogle'"),
    (("--provider", "oauth"), 2, "Add --issuer URL"),
    (("--provider", "nextcloud"), 2, "Add --url URL"),
    (("--provider", "icloud"), 2, "Add --username USER"),
    (("--provider", "infomaniak"), 2, "no client id is set"),
    (("--provider", "fastmail"), 2, "no client id is set"),
    (("--provider", "oauth", "--issuer", "http://id.example.org"), 2, "not encrypted"),
    (("--provider", "oauth", "--issuer", "https://ana:pw@id.example.org"), 2, "holds a user name"),
    (("--provider", "oauth", "--issuer", "https://id.example.org/?x=1"), 2, "holds a query"),
    (("--provider", "oauth", "--issuer", "id.example.org"), 2, "no https address"),
    (("--provider", "nextcloud", "--url", "http://cloud.example.org"), 2, "not safe"),
    (("--provider", "oauth", "--port", "80"), 2, "--port"),
    (("--provider", "oauth", "--client-secret-file", "/nonexistent"), 1, "cannot be read"),
]


@pytest.mark.parametrize(("args", "code", "words"), WITHOUT)
def test_what_is_missing_is_named_before_anybody_is_asked(
    run: Run, home: Path, args: tuple[str, ...], code: int, words: str
) -> None:
    own = () if {"nextcloud", "icloud", "infomaniak", "fastmail"} & {*args} else ("--url", "https://dav.example.org")
    answer = run("connect", "dav", "--name", "mail", *own, *args, input="yes\n")
    assert answer.code == code, answer.err
    assert words in answer.err
    assert "Do you agree" not in answer.err
    assert "Traceback" not in answer.err
    assert not (home / "settings.toml").exists()


def test_a_provider_with_a_profile_needs_a_client_id_too(ana: Ana) -> None:
    words = [word for word in ana.words() if word not in {"--client-id", "public-client"}]
    answer = ana.run(*words, input="yes\n")
    assert answer.code == 2
    assert "--client-id" in answer.err
    assert "Do you agree" not in answer.err
    nothing_is_left(ana, answer)


def test_an_issuer_that_is_no_provider(ana: Ana) -> None:
    answer = ana.connect("--issuer", ana.dav.url.rstrip("/"))
    assert answer.code == 2
    assert "does not describe itself" in answer.err
    nothing_is_left(ana, answer)


def test_an_issuer_that_calls_itself_by_another_name(ana: Ana, idp: Generic) -> None:
    asked = idp.url
    idp.issuer = "https://accounts.google.com"
    answer = ana.connect("--issuer", asked)
    assert answer.code == 2
    assert "calls itself by another name" in answer.err
    nothing_is_left(ana, answer)


def test_an_issuer_that_is_down(ana: Ana) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = ana.connect("--issuer", f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert answer.code == 5
    assert "The provider did not answer" in answer.err
    nothing_is_left(ana, answer)


@pytest.mark.parametrize("fault", ["html", "reset", "cut", 503, 404])
def test_metadata_that_makes_no_sense(ana: Ana, idp: Generic, fault: int | str) -> None:
    idp.faults.switch("metadata", fault)
    answer = ana.connect()
    assert answer.code in {2, 5}
    nothing_is_left(ana, answer)


def test_refused_at_the_provider(ana: Ana) -> None:
    ana.person.does = ana.person.refuse
    answer = ana.connect()
    assert answer.code == 12
    assert "Access was not given" in answer.err
    assert "Nothing was kept" in answer.err
    nothing_is_left(ana, answer)


@pytest.mark.parametrize("said", ["no\n", "\n", "y\n", "yes please\n", "YEAH\n"])
def test_not_agreed_to_the_disclosure(ana: Ana, said: str) -> None:
    answer = ana.connect(says=said)
    assert answer.code == 12
    assert "You did not type yes" in answer.err
    assert ana.person.urls == []
    assert ana.states() == []
    nothing_is_left(ana, answer)
    assert ana.events()[-2:] == ["disclosure.shown", "consent.refused"]


@pytest.mark.parametrize("said", ["yes\n", "YES\n", "  yes  \n", "yes"])
def test_agreed_to_the_disclosure(ana: Ana, said: str) -> None:
    assert ana.connect(says=said).code == 0
    assert ana.events()[:3] == ["disclosure.shown", "consent.given", "grant.intent"]


def test_nobody_there_to_agree(ana: Ana) -> None:
    answer = ana.connect(says="")
    assert answer.code == 2
    assert ana.person.urls == []
    nothing_is_left(ana, answer)


def test_less_was_allowed_than_asked_for(ana: Ana, idp: Generic) -> None:
    """The provider narrows what it gives; the access is given back at once."""
    real = idp.granting
    idp.granting = lambda pending, scopes: real(pending, tuple(each for each in scopes if each != "contacts"))  # type: ignore[method-assign]  # a provider's own decision
    try:
        answer = ana.connect()
    finally:
        del idp.granting
    assert answer.code == 12
    assert "contacts" in answer.err
    assert "Something else was allowed than was asked for" in answer.err
    nothing_is_left(ana, answer)


def test_a_scope_the_provider_does_not_know(ana: Ana) -> None:
    answer = ana.connect(scopes=("calendars", "everything"))
    assert answer.code == 12
    assert "invalid_scope" in answer.err
    nothing_is_left(ana, answer)


def test_a_client_the_provider_does_not_know(ana: Ana, process: Run, tmp_path: Path) -> None:
    """It shows a page of its own and sends nobody back: the person at the browser sees it, and stops."""
    seen: list[Exception] = []

    def look(url: str) -> None:
        try:
            browser.approve(url)
        except browser.Refused as error:
            seen.append(error)
        raise KeyboardInterrupt

    from wherry.connecting import Talk, by_browser

    del process, tmp_path
    with ana.access("--client-id", "nobody") as (access, account, wish), pytest.raises(KeyboardInterrupt):
        by_browser(access, account, wish, Talk(look))
    assert "invalid_client" in str(seen[0])
    assert ana.states() == ["closed"]
    assert ana.secrets_left() == 0


def test_a_secret_the_provider_does_not_know(ana: Ana, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("wr0ng-canary\n")
    answer = ana.connect("--client-id", "secret-client", "--client-secret-file", str(tmp_path / "secret"))
    assert answer.code == 12
    assert "Check client id, client secret" in answer.err
    assert "wr0ng-canary" not in answer.err + (ana.home / "wherry.log").read_text()
    nothing_is_left(ana, answer)


def test_a_confidential_client_works(ana: Ana, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("made-up-secret\n")
    words = ("--client-id", "secret-client", "--client-secret-file", str(tmp_path / "secret"))
    assert ana.connect(*words).code == 0
    assert ana.backup().code == 0
    assert ana.live == 0


def test_a_port_that_is_taken(ana: Ana) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = ana.connect("--port", str(taken.getsockname()[1]))
    assert answer.code == 2
    assert "choose another port with --port" in answer.err
    nothing_is_left(ana, answer)


def test_a_port_of_ones_own(ana: Ana) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert ana.connect("--port", str(port)).code == 0
    assert f"127.0.0.1%3A{port}%2Fcallback%2Foauth" in ana.person.urls[0]


def test_a_browser_that_is_closed(ana: Ana) -> None:
    """Nobody answers within the time there is."""
    from oauth.errors import ConsentTimedOut

    with ana.access() as (access, _, wish), pytest.raises(ConsentTimedOut):
        access.consent.by_browser(wish, lambda _: None, seconds=0.2)
    assert ana.states() == ["closed"]
    assert ana.secrets_left() == 0


FORGERIES: dict[str, Callable[[str], str]] = {
    "another state": lambda back: back.replace("state=", "state=x"),
    "no state": lambda back: back.replace("state=", "estate="),
    "another issuer": lambda back: back.replace("iss=", "iss=https%3A%2F%2Fevil.example%2F&old="),
    "a page of no matter": lambda back: back.partition("/callback")[0] + "/favicon.ico",
}


@pytest.mark.parametrize("name", sorted(FORGERIES))
def test_a_forged_answer_first(ana: Ana, name: str) -> None:
    """A stray or forged answer does not end the wait, unless it carries the right state and is wrong."""

    def forge(url: str) -> None:
        back = browser.approve(url, user=ana.user)
        chrome = browser.Browser()
        chrome.fetch(FORGERIES[name](back))
        with contextlib.suppress(OSError):
            chrome.fetch(back)

    ana.person.does = forge
    answer = ana.connect()
    if name == "another issuer":
        assert answer.code == 12
        assert "does not belong to what was asked" in answer.err
        assert set(ana.states()) == {"closed"}
    else:
        assert answer.code == 0, answer.err
        assert ana.backup().code == 0
        assert ana.live == 0


@pytest.mark.parametrize("fault", ["html", "reset", 503])
def test_a_token_endpoint_that_fails_once(ana: Ana, idp: Generic, fault: int | str) -> None:
    idp.faults.switch("token", fault, times=1)
    answer = ana.connect()
    assert answer.code == 0, answer.err
    assert ana.run("disconnect", "mail").code == 0
    assert ana.live == 0
    assert ana.secrets_left() == 0


@pytest.mark.parametrize("fault", ["lost", "cut"])
def test_a_token_answer_that_got_lost(ana: Ana, idp: Generic, process: Run, fault: str) -> None:
    """Somebody may hold tokens that nobody here has: the code, shown again, makes the provider end them."""
    idp.faults.switch("token", fault, times=1)
    answer = process(*ana.words(), input="yes\n", env=ana.browser())
    assert answer.code == 5, answer.err
    assert ana.live == 0
    looked = ana.run("accounts")
    assert looked.code == 16
    assert "wherry has given up" in looked.err
    assert idp.issuer in looked.err
    assert [line["outcome"] for line in ana.run("accounts", "--json").lines if line["type"] == "not_revoked"] == [
        "escalated"
    ]
    gone = ana.run("disconnect", "mail")
    assert gone.code == 0, gone.err
    assert "lets only you end it" in gone.out
    assert ana.secrets_left() == 0
    assert ana.run("accounts").code == 0


@pytest.mark.parametrize("fault", ["reset", 503, "html"])
def test_a_token_endpoint_that_stays_away_and_comes_back(
    ana: Ana, idp: Generic, process: Run, fault: int | str
) -> None:
    idp.faults.switch("token", fault)
    answer = process(*ana.words(), input="yes\n", env=ana.browser())
    assert answer.code == 5, answer.err
    assert not (ana.home / "settings.toml").exists()
    idp.faults.mend()
    listed = ana.run("accounts", "--json").lines
    assert [line["state"] for line in listed] == ["live"]
    assert ana.connect().code == 0
    assert ana.live == 1
    assert ana.run("disconnect", "mail").code == 0
    assert ana.live == 0
    assert ana.secrets_left() == 0


def test_an_account_that_cannot_be_used_with_what_was_given(ana: Ana) -> None:
    """The server wants a scope that was not asked for: the access is given back."""
    answer = ana.connect(scopes=("contacts", "offline_access"))
    assert answer.code == 2
    assert "(403)" in answer.err
    nothing_is_left(ana, answer)


def test_a_server_that_is_no_dav_server(ana: Ana, idp: Generic) -> None:
    answer = ana.connect("--url", f"{idp.url}/nothing/")
    assert answer.code != 0
    nothing_is_left(ana, answer)


def test_settings_that_cannot_be_written(ana: Ana) -> None:
    """The access is there and cannot be noted down: it is not kept in secret."""

    def allow(url: str) -> None:
        (ana.home / "settings.toml").mkdir()
        ana.person.allow(url)

    ana.person.does = allow
    answer = ana.connect()
    assert answer.code == 1
    assert "settings.toml" in answer.err
    assert "Traceback" not in answer.err
    assert ana.live == 0
    assert ana.states() == ["erased"]
