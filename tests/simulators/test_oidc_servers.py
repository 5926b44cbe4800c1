"""A real OpenID provider runs here, and keeps what the standards promise: what Wherry relies on, by plain HTTP."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulators import oidc_servers
from simulators.identity import browser
from simulators.identity.browser import NoSuchBox, Refused
from simulators.oidc_servers import MODULES, OidcClient, OidcMissing, OidcServer, oidc_provider
from tests.simulators.identity.asking import basic, bearer, said, send
from tests.simulators.oidc import Visit

pytestmark = pytest.mark.server


@pytest.fixture(params=["public", "confidential"])
def visit(request: pytest.FixtureRequest, oidc: OidcServer) -> Visit:
    """A visit with each kind of client."""
    client: OidcClient = getattr(oidc, request.param)
    return Visit(oidc, client)


class TestMetadata:
    @pytest.mark.parametrize("path", ["openid-configuration", "oauth-authorization-server"])
    def test_it_is_where_both_standards_look(self, oidc: OidcServer, path: str) -> None:
        read = send("GET", f"{oidc.url}/.well-known/{path}").json
        assert read["issuer"] == oidc.url
        assert read["authorization_endpoint"] == oidc.authorize_url
        assert read["token_endpoint"] == oidc.token_url
        assert read["revocation_endpoint"] == oidc.revoke_url
        assert read["introspection_endpoint"] == oidc.introspect_url
        assert read["code_challenge_methods_supported"] == ["S256"]
        assert read["authorization_response_iss_parameter_supported"] is True


class TestConsent:
    def test_it_brings_tokens(self, visit: Visit) -> None:
        back = visit.back()
        assert (back["state"], back["iss"]) == ("a state", visit.provider.url)
        tokens = visit.exchange(back["code"]).json
        assert set(tokens["scope"].split()) == {"openid", "offline_access", "calendars"}
        assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
        assert visit.introspect(tokens["access_token"])["sub"] == visit.user

    def test_the_id_token_names_the_person(self, visit: Visit) -> None:
        claims = visit.connect()["id_token"].split(".")[1]
        read = json.loads(base64.urlsafe_b64decode(claims + "=="))
        assert (read["sub"], read["aud"], read["iss"]) == (visit.user, visit.client.id, visit.provider.url)

    def test_it_can_be_partial(self, visit: Visit) -> None:
        visit.scope = "openid offline_access calendars contacts mail"
        tokens = visit.connect(scopes=["contacts"])
        assert set(tokens["scope"].split()) == {"openid", "offline_access", "contacts"}

    def test_it_can_be_for_nothing_but_who_it_is(self, visit: Visit) -> None:
        tokens = visit.connect(scopes=[])
        assert set(tokens["scope"].split()) == {"openid", "offline_access"}

    def test_a_box_there_is_not(self, visit: Visit) -> None:
        with pytest.raises(NoSuchBox, match="mail"):
            visit.back(scopes=["mail"])

    @pytest.mark.parametrize("stage", ["sign-in", "consent"])
    def test_it_can_be_refused(self, visit: Visit, stage: str) -> None:
        if stage == "consent":
            chrome = browser.Browser()
            page = chrome.fetch(visit.url())
            page = chrome.fetch(page.location)
            page = chrome.fetch(
                page.forms[0].action if "://" in page.forms[0].action else visit.provider.url + page.forms[0].action,
                [("user", visit.user), ("decision", "next")],
            )
            page = chrome.fetch(page.location)
            page = chrome.fetch(page.location)
            page = chrome.fetch(visit.provider.url + page.forms[0].action, [("decision", "deny")])
            back = said(chrome.fetch(page.location).location)
        else:
            back = said(browser.deny(visit.url(), user=visit.user))
        assert back["error"] == "access_denied"
        assert back["iss"] == visit.provider.url

    def test_a_scope_there_is_not_is_left_out(self, visit: Visit) -> None:
        """It is RFC 6749 §3.3's other way: granted less than asked for, and the answer says so."""
        visit.scope = "openid calendars unheard-of"
        assert "unheard-of" not in visit.connect()["scope"]


class TestRefusals:
    @pytest.mark.parametrize(
        "changed",
        [{"code_challenge": None, "code_challenge_method": None}, {"code_challenge_method": "plain"}],
        ids=["no PKCE", "plain"],
    )
    def test_only_s256_will_do(self, visit: Visit, changed: dict[str, str | None]) -> None:
        back = visit.back(**changed)
        assert (back["error"], "code" in back) == ("invalid_request", False)

    @pytest.mark.parametrize(
        "redirect",
        ["http://localhost:49152/callback", "http://127.0.0.1:49152/other", "https://evil.example/callback", ""],
    )
    def test_redirects_elsewhere_are_refused_on_a_page(self, visit: Visit, redirect: str) -> None:
        visit.redirect = redirect
        with pytest.raises(Refused) as caught:
            visit.back()
        assert caught.value.status == 400

    @pytest.mark.parametrize("port", [1025, 50000, 65535])
    def test_any_port_of_the_loopback_address_will_do(self, visit: Visit, port: int) -> None:
        visit.redirect = f"http://127.0.0.1:{port}/callback/oauth"
        assert visit.connect()["access_token"]

    @pytest.mark.parametrize(
        ("changed", "word"),
        [
            ({"code_verifier": "x" * 43}, "invalid_grant"),
            ({"code_verifier": ""}, "invalid_grant"),
            ({"redirect_uri": "http://127.0.0.1:49153/callback"}, "invalid_grant"),
            ({"redirect_uri": ""}, "invalid_request"),
        ],
        ids=["verifier", "no verifier", "redirect", "no redirect"],
    )
    def test_a_wrong_exchange(self, visit: Visit, changed: dict[str, str], word: str) -> None:
        assert visit.exchange(visit.back()["code"], **changed).error == (400, word)

    def test_a_code_nobody_gave_out(self, visit: Visit) -> None:
        assert visit.exchange("guessed").error == (400, "invalid_grant")

    def test_a_replayed_code_ends_what_it_brought(self, visit: Visit) -> None:
        code = visit.back()["code"]
        tokens = visit.exchange(code).json
        assert visit.exchange(code).error == (400, "invalid_grant")
        assert visit.introspect(tokens["access_token"]) == {"active": False}
        assert visit.refresh(tokens["refresh_token"]).error == (400, "invalid_grant")

    def test_a_code_of_another_client(self, oidc: OidcServer) -> None:
        mine = Visit(oidc, oidc.public)
        thief = Visit(oidc, oidc.confidential, verifier=mine.verifier)
        assert thief.exchange(mine.back()["code"]).error == (400, "invalid_grant")

    def test_a_wrong_secret(self, oidc: OidcServer) -> None:
        visit = Visit(oidc, OidcClient(oidc.confidential.id, "guessed"))
        assert visit.exchange(visit.back()["code"]).error == (401, "invalid_client")

    def test_a_client_nobody_registered(self, oidc: OidcServer) -> None:
        with pytest.raises(Refused, match="invalid_client"):
            Visit(oidc, OidcClient("nobody")).back()


class TestRotation:
    def test_each_refresh_brings_a_new_refresh_token(self, visit: Visit) -> None:
        first = visit.connect()
        second = visit.refresh(first["refresh_token"]).json
        third = visit.refresh(second["refresh_token"]).json
        assert len({each["refresh_token"] for each in (first, second, third)}) == 3
        assert visit.introspect(third["access_token"])["active"] is True

    def test_using_an_old_one_ends_all_of_them(self, visit: Visit) -> None:
        first = visit.connect()
        second = visit.refresh(first["refresh_token"]).json
        assert visit.refresh(first["refresh_token"]).error == (400, "invalid_grant")
        assert visit.refresh(second["refresh_token"]).error == (400, "invalid_grant")
        assert visit.introspect(second["access_token"]) == {"active": False}


class TestRevocation:
    def test_a_refresh_token_takes_everything_with_it(self, visit: Visit) -> None:
        tokens = visit.connect()
        newer = visit.refresh(tokens["refresh_token"]).json
        assert visit.revoke(newer["refresh_token"]).status == 200
        for access in (tokens["access_token"], newer["access_token"]):
            assert visit.introspect(access) == {"active": False}
        assert visit.refresh(newer["refresh_token"]).error == (400, "invalid_grant")

    def test_an_access_token_takes_its_authorization_with_it(self, visit: Visit) -> None:
        """RFC 7009 §2.1 leaves it open; this provider ends all tokens of the authorization."""
        tokens = visit.connect()
        sibling = visit.refresh(tokens["refresh_token"]).json
        assert visit.revoke(tokens["access_token"]).status == 200
        for access in (tokens["access_token"], sibling["access_token"]):
            assert visit.introspect(access) == {"active": False}
        assert visit.refresh(sibling["refresh_token"]).error == (400, "invalid_grant")

    def test_unknown_tokens_and_the_second_time_are_fine(self, visit: Visit) -> None:
        tokens = visit.connect()
        for token in (tokens["refresh_token"], tokens["refresh_token"], "never issued"):
            assert visit.revoke(token).status == 200

    def test_another_authorization_of_the_same_person_lives_on(self, visit: Visit) -> None:
        first = visit.connect()
        again = Visit(visit.provider, visit.client, user=visit.user).connect()
        visit.revoke(first["refresh_token"])
        assert visit.introspect(again["access_token"])["active"] is True

    def test_a_client_cannot_end_what_is_not_its_own(self, oidc: OidcServer) -> None:
        mine = Visit(oidc, oidc.public)
        tokens = mine.connect()
        Visit(oidc, oidc.confidential).revoke(tokens["refresh_token"])
        assert mine.introspect(tokens["access_token"])["active"] is True


class TestIntrospection:
    def test_a_live_token_says_what_it_is_for(self, visit: Visit) -> None:
        read = visit.introspect(visit.connect()["access_token"])
        assert (read["active"], read["client_id"], read["iss"]) == (True, visit.client.id, visit.provider.url)
        assert "calendars" in read["scope"].split()
        assert read["exp"] == pytest.approx(time.time() + 3600, abs=120)

    def test_a_public_client_is_not_told_about_others(self, oidc: OidcServer) -> None:
        token = Visit(oidc, oidc.confidential).connect()["access_token"]
        form = {"client_id": oidc.public.id, "token": token}
        assert send("POST", oidc.introspect_url, form).json == {"active": False}

    def test_it_asks_who_asks(self, oidc: OidcServer) -> None:
        headers = basic(oidc.resource_server.id, "guessed")
        assert send("POST", oidc.introspect_url, {"token": "x"}, headers=headers).error == (401, "invalid_client")

    def test_userinfo_opens_with_the_token(self, oidc: OidcServer) -> None:
        visit = Visit(oidc, oidc.public, "openid email")
        tokens = visit.connect()
        read = send("GET", f"{oidc.url}/me", headers=bearer(tokens["access_token"]))
        assert read.json == {"sub": visit.user, "email": visit.user}
        visit.revoke(tokens["access_token"])
        assert send("GET", f"{oidc.url}/me", headers=bearer(tokens["access_token"])).status == 401


class TestRunning:
    def test_short_lives_are_kept(self, oidc: OidcServer) -> None:
        del oidc  # where it cannot run, this cannot either
        with oidc_provider(access_lifetime=1) as short:
            visit = Visit(short, short.public)
            tokens = visit.connect()
            assert tokens["expires_in"] == 1
            deadline = time.monotonic() + 30
            while visit.introspect(tokens["access_token"])["active"] and time.monotonic() < deadline:
                time.sleep(0.05)
            assert visit.introspect(tokens["access_token"]) == {"active": False}
            assert visit.refresh(tokens["refresh_token"]).status == 200

    def test_two_run_side_by_side_and_end_with_their_blocks(self, oidc: OidcServer) -> None:
        with oidc_provider() as other:
            assert other.url != oidc.url
            token = Visit(other, other.public).connect()["access_token"]
            assert Visit(oidc, oidc.public).introspect(token) == {"active": False}
            pid = other.pid
        assert not Path(f"/proc/{pid}").exists()

    def test_an_error_in_the_block_ends_it_too(self, oidc: OidcServer) -> None:
        del oidc
        pids: list[int] = []

        def fail() -> None:
            with oidc_provider() as running:
                pids.append(running.pid)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert not Path(f"/proc/{pids[0]}").exists()

    def test_it_does_not_outlive_who_started_it(self, oidc: OidcServer) -> None:
        del oidc
        program = (
            "from simulators.oidc_servers import oidc_provider\n"
            "import sys, time\n"
            "with oidc_provider() as running:\n"
            "    print(running.pid, flush=True)\n"
            "    sys.stdin.read()\n"
        )
        command = [sys.executable, "-c", program]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            parent.send_signal(signal.SIGKILL)
            parent.wait(30)
        deadline = time.monotonic() + 30
        while _alive(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not _alive(pid)

    def test_without_the_package_it_says_what_to_do(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(oidc_servers, "MODULES", tmp_path)
        with pytest.raises(OidcMissing, match=r"scripts/oidc|Node"), oidc_provider():
            pytest.fail("it runs")

    def test_without_node_it_says_so(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(OidcMissing, match=r"Node\.js is not installed"), oidc_provider():
            pytest.fail("it runs")

    def test_a_package_that_does_not_load_is_told_with_its_words(
        self, oidc: OidcServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        del oidc
        package = tmp_path / "node_modules" / "oidc-provider"
        package.mkdir(parents=True)
        (package / "package.json").write_text('{"type": "module", "main": "index.js"}', encoding="utf-8")
        (package / "index.js").write_text("throw new Error('broken on purpose');", encoding="utf-8")
        monkeypatch.setattr(oidc_servers, "MODULES", tmp_path)
        with pytest.raises(OidcMissing, match="broken on purpose"), oidc_provider():
            pytest.fail("it runs")

    def test_what_is_installed_is_what_the_lock_file_says(self, oidc: OidcServer) -> None:
        del oidc
        lock = json.loads((oidc_servers.SERVER.parent / "package-lock.json").read_text(encoding="utf-8"))
        for name, entry in lock["packages"].items():
            if name:
                installed = json.loads((MODULES / name / "package.json").read_text(encoding="utf-8"))
                assert installed["version"] == entry["version"], name

    def test_every_package_is_pinned_by_its_hash(self) -> None:
        lock = json.loads((oidc_servers.SERVER.parent / "package-lock.json").read_text(encoding="utf-8"))
        entries = {name: entry for name, entry in lock["packages"].items() if name}
        assert len(entries) > 10
        assert [name for name, entry in entries.items() if not entry["integrity"].startswith("sha512-")] == []
        assert [name for name, entry in entries.items() if "resolved" in entry] == []


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"
