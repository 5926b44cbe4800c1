"""Clients that other people wrote get along with the stand-ins: Google's own library, and caldav."""

from __future__ import annotations

import ssl
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from simulators.davservers import DavServer, radicale_with_bearer
from simulators.identity.google import Google, google, subject
from simulators.identity.google_scopes import PREFIX
from simulators.oidc_servers import OidcServer
from tests.simulators.oidc import Visit

pytestmark = pytest.mark.server
CONTACTS, CALENDAR = f"{PREFIX}contacts.readonly", f"{PREFIX}calendar.readonly"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for 127.0.0.1: Google's library speaks to nobody over plain HTTP."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(file.with_name("key.pem")), "-out", str(file.with_name("certificate.pem")), "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    return file.with_name("certificate.pem")


@pytest.fixture
def provider(certificate: Path) -> Iterator[Google]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with google(tls=context) as running:
        yield running


def flow(provider: Google, *scopes: str) -> Any:
    """Return the flow of google-auth-oauthlib for the first client."""
    from google_auth_oauthlib.flow import Flow

    config = {
        "client_id": provider.client.id,
        "client_secret": provider.client.secret,
        "auth_uri": provider.authorize_url,
        "token_uri": provider.token_url,
    }
    redirect = "http://127.0.0.1:49152/callback"
    return Flow.from_client_config({"installed": config}, scopes=list(scopes), redirect_uri=redirect)


def visit(provider: Google, url: str, certificate: Path, *, ticked: list[str] | None = None) -> str:
    """Walk the pages with requests; return the code."""
    from urllib.parse import parse_qs, urljoin, urlsplit

    from simulators.identity.browser import _Reader

    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(certificate)
        answer = session.get(url)
        while not answer.is_redirect:
            reader = _Reader()
            reader.feed(answer.text)
            form = reader.forms[0]
            sent = [(name, "ana@example.org" if name == "user" else value) for name, value in form.fields]
            sent += [pair for pair in form.boxes if ticked is None or pair[1] in ticked]
            sent.append(("decision", form.buttons[-1]))
            answer = session.post(urljoin(provider.url, form.action), data=sent, allow_redirects=False)
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


class TestGoogleAuthOauthlib:
    def test_the_whole_way_with_a_refresh(self, provider: Google, certificate: Path) -> None:
        from google.auth.transport.requests import Request

        running = flow(provider, CONTACTS)
        url, _ = running.authorization_url(access_type="offline", prompt="consent")
        running.fetch_token(code=visit(provider, url, certificate), verify=str(certificate))
        credentials = running.credentials
        assert credentials.valid
        assert credentials.granted_scopes == [CONTACTS]
        before = credentials.token
        with requests.Session() as session:
            session.trust_env = False
            session.verify = str(certificate)
            credentials.refresh(Request(session))
            assert credentials.token != before
            headers = {"Authorization": f"Bearer {credentials.token}"}
            assert session.get(provider.resource_url, headers=headers).status_code == 200

    def test_a_partial_consent_raises_and_the_token_rides_in_the_exception(
        self, provider: Google, certificate: Path
    ) -> None:
        """What makes a naive caller leak a live grant; it is the library's way, and the stand-in brings it out."""
        running = flow(provider, CONTACTS, CALENDAR)
        url, _ = running.authorization_url(access_type="offline", prompt="consent")
        code = visit(provider, url, certificate, ticked=[CALENDAR])
        with pytest.raises(Warning, match="Scope has changed") as caught:
            running.fetch_token(code=code, verify=str(certificate))
        token: dict[str, str] = getattr(caught.value, "token")  # noqa: B009 - set by oauthlib, unknown to its types
        assert token["refresh_token"].startswith("1//")
        assert len(provider.live_grants("ana@example.org")) == 1
        assert provider.live_tokens("access")[0].scopes == (CALENDAR,)

    def test_a_revoked_grant_is_a_refresh_error(self, provider: Google, certificate: Path) -> None:
        from google.auth.exceptions import RefreshError
        from google.auth.transport.requests import Request

        running = flow(provider, CONTACTS)
        url, _ = running.authorization_url(access_type="offline", prompt="consent")
        running.fetch_token(code=visit(provider, url, certificate), verify=str(certificate))
        with requests.Session() as session:
            session.trust_env = False
            session.verify = str(certificate)
            body = {"token": running.credentials.token}
            assert session.post(provider.revoke_url, data=body).status_code == 200
            with pytest.raises(RefreshError, match="invalid_grant: Token has been expired or revoked"):
                running.credentials.refresh(Request(session))

    def test_it_proves_itself_by_pkce(self, provider: Google, certificate: Path) -> None:
        from oauthlib.oauth2 import InvalidGrantError

        running = flow(provider, CONTACTS)
        url, _ = running.authorization_url()
        code = visit(provider, url, certificate)
        running.code_verifier = "x" * 50
        with pytest.raises(InvalidGrantError, match="Invalid code verifier"):
            running.fetch_token(code=code, verify=str(certificate))

    def test_the_person_is_known_by_a_number(self, provider: Google, certificate: Path) -> None:
        running = flow(provider, "openid", f"{PREFIX}userinfo.email")
        url, _ = running.authorization_url()
        running.fetch_token(code=visit(provider, url, certificate), verify=str(certificate))
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Authorization": f"Bearer {running.credentials.token}"}
            read = session.get(provider.userinfo_url, headers=headers, verify=str(certificate)).json()
        assert (read["sub"], read["email"]) == (subject("ana@example.org"), "ana@example.org")


class TestCaldav:
    @pytest.fixture
    def person(self, oidc: OidcServer) -> Visit:
        return Visit(oidc, oidc.public)

    @pytest.fixture
    def server(self, person: Visit, tmp_path: Path) -> Iterator[DavServer]:
        keeper = person.provider.resource_server
        where = person.provider.introspect_url
        with radicale_with_bearer(
            tmp_path, introspect_url=where, client=keeper.id, secret=keeper.secret, username=person.user
        ) as running:
            yield running

    @staticmethod
    def client(server: DavServer, token: str) -> Any:
        from caldav import DAVClient
        from caldav.requests import HTTPBearerAuth

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of the library, about its own
            return DAVClient(server.url, auth=HTTPBearerAuth(token))

    def test_it_finds_writes_and_reads(self, person: Visit, server: DavServer) -> None:
        client = self.client(server, person.connect()["access_token"])
        calendar = client.principal().make_calendar(name="Work", cal_id="work")
        event = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:one", "DTSTAMP:20260101T000000Z"]
        event += ["DTSTART:20260102T100000Z", "SUMMARY:Tea", "END:VEVENT", "END:VCALENDAR", ""]
        calendar.save_event("\r\n".join(event))
        found = client.principal().calendars()
        assert [str(each.url) for each in found] == [f"{server.calendars_home}work/"]
        assert "SUMMARY:Tea" in found[0].events()[0].data

    def test_after_the_revocation_it_is_shut_out(self, person: Visit, server: DavServer) -> None:
        from caldav.lib.error import AuthorizationError

        tokens = person.connect()
        client = self.client(server, tokens["access_token"])
        assert client.principal().calendars() == []
        person.revoke(tokens["refresh_token"])
        with pytest.raises(AuthorizationError):
            self.client(server, tokens["access_token"]).principal()
