"""Providers that hand out passwords: Nextcloud, Infomaniak, iCloud; each ends in its own way."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from simulators.davservers import DavServer, radicale
from simulators.davstores import fill
from simulators.identity import passwords
from simulators.identity.infomaniak import Infomaniak, infomaniak
from simulators.identity.nextcloud import Nextcloud, nextcloud
from simulators.identity.serving import Handler, Incoming, Reply
from tests.wherry.access.household import Person
from tests.wherry.conftest import CARD, Run

pytestmark = pytest.mark.server


class CloudWithCalendars(Nextcloud):
    """A Nextcloud whose calendars are those of the real server *behind* it, for whoever has an app password."""

    def __init__(self, behind: DavServer) -> None:
        super().__init__()
        self.behind = behind
        self.refused = 0

    def find(self, request: Incoming) -> tuple[str, Handler]:
        endpoint, handler = super().find(request)
        return ("calendars", self.calendars) if endpoint == "nothing" else (endpoint, handler)

    def calendars(self, request: Incoming) -> Reply:
        name, password = passwords.basic(request)
        if passwords.admitted(self.book, name, password) is None:
            self.refused += bool(password)
            return Reply(401, b"", {"WWW-Authenticate": 'Basic realm="Nextcloud"'})
        pair = f"{self.behind.username}:{self.behind.password}".encode()
        passed = {key: value for key, value in request.headers.items() if key in {"depth", "content-type", "accept"}}
        connection = HTTPConnection(urlsplit(self.behind.url).netloc, timeout=30)
        with closing(connection):
            signed = {**passed, "Authorization": "Basic " + b64encode(pair).decode()}
            connection.request(request.method, request.path, request.body, signed)
            answer = connection.getresponse()
            kept = {key: value for key, value in answer.getheaders() if key.lower() in {"content-type", "etag", "dav"}}
            return Reply(answer.status, answer.read(), kept)


@pytest.fixture
def cloud() -> Iterator[Nextcloud]:
    with nextcloud() as running:
        yield running


@pytest.fixture
def manager() -> Iterator[Infomaniak]:
    with infomaniak() as running:
        yield running


@pytest.fixture(scope="module")
def dav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    with radicale(tmp_path_factory.mktemp("radicale"), password="app-p4ss-canary") as running:
        cards = [(f"c{n}", CARD.format(uid=f"c{n}", name=f"Person {n}").encode()) for n in range(4)]
        fill(running, "friends", cards, kind="contacts", title="Friends")
        yield running


class TestNextcloud:
    def words(self, cloud: Nextcloud) -> tuple[str, ...]:
        return ("connect", "dav", "--name", "cloud", "--provider", "nextcloud", "--url", cloud.url, "--allow-private")

    def test_a_password_that_cannot_be_used_is_deleted_at_once(
        self, run: Run, cloud: Nextcloud, person: Person, home: Path
    ) -> None:
        """This server has a login and no calendars: connecting fails, and the password is gone there."""
        answer = run(*self.words(cloud), input="yes\n")
        assert answer.code != 0
        assert "Traceback" not in answer.err
        assert person.errors == []
        assert len(cloud.tokens) == 1
        assert cloud.live_grants() == []
        assert cloud.count("revoke", status=200) == 1
        assert not (home / "settings.toml").exists()
        assert cloud.tokens[0].value.encode() not in b"".join(
            path.read_bytes() for path in home.rglob("*") if path.is_file()
        )

    def test_the_disclosure_names_the_server_and_where_to_end_it_by_hand(self, run: Run, cloud: Nextcloud) -> None:
        answer = run(*self.words(cloud), input="no\n")
        assert answer.code == 12
        assert "127.0.0.1 will be asked for access to the account you call 'cloud':" in answer.err
        assert f"{cloud.url}/index.php/settings/user/security" in answer.err
        assert cloud.calls == []

    def test_a_whole_session(self, run: Run, person: Person, tmp_path: Path) -> None:
        with radicale(tmp_path / "dav", username=person.user) as behind, CloudWithCalendars(behind) as cloud:
            cards = [(f"c{n}", CARD.format(uid=f"c{n}", name=f"P {n}").encode()) for n in range(4)]
            fill(behind, "friends", cards, kind="contacts", title="Friends")
            connected = run(*self.words(cloud), input="yes\n")
            assert connected.code == 0, connected.err
            assert "The access ends with your first job" in connected.out
            assert len(cloud.live_grants(person.user)) == 1
            finished = run("backup", "dav:cloud", "--to", str(tmp_path / "copy"))
            assert finished.code == 0, finished.err
            assert "all 4 items" in finished.out
            assert "(Nextcloud answered 200; a refresh was refused); the secrets are destroyed" in finished.out
            assert cloud.live_grants() == []
            assert cloud.refused == 0
            assert run("backup", "dav:cloud", "--to", str(tmp_path / "copy")).code == 12
            assert run("connect", "dav", "--name", "cloud", input="yes\n").code == 0
            cloud.faults.switch("revoke", 503)
            assert run("disconnect", "cloud").code == 16
            cloud.faults.mend()
            assert run("disconnect", "cloud").code == 0
            assert cloud.live_grants() == []

    def test_a_password_its_owner_removed(self, run: Run, person: Person, tmp_path: Path) -> None:
        with radicale(tmp_path / "dav", username=person.user) as behind, CloudWithCalendars(behind) as cloud:
            fill(behind, "friends", [("c", CARD.format(uid="c", name="P").encode())], kind="contacts", title="Friends")
            assert run(*self.words(cloud), input="yes\n").code == 0
            cloud.remove_access(person.user)
            assert run("backup", "dav:cloud", "--to", str(tmp_path / "copy")).code == 12
            ended = run("disconnect", "cloud")
            assert ended.code == 0, ended.err
            assert "Nextcloud answered 401" in ended.out


class TestInfomaniak:
    @pytest.fixture
    def settings(self, home: Path, manager: Infomaniak) -> Path:
        file = home / "settings.toml"
        file.write_text(
            "[providers.infomaniak]\n"
            'client_id = "infomaniak-client-1"\n'
            f'authorize_url = "{manager.authorize_url}"\ntoken_url = "{manager.token_url}"\n'
            f'revoke_url = "{manager.revoke_url}"\napi_url = "{manager.profile_url}"\n'
            'manual_url = "https://manager.infomaniak.com/v3/profile/application-password"\n'
        )
        file.chmod(0o600)
        return file

    def words(self, url: str) -> tuple[str, ...]:
        return ("connect", "dav", "--name", "ik", "--provider", "infomaniak", "--url", url, "--allow-private")

    @pytest.mark.usefixtures("settings")
    def test_its_token_ends_at_once_and_its_password_by_hand(
        self, run: Run, manager: Infomaniak, person: Person, home: Path
    ) -> None:
        """The stand-in opens its DAV address with the password, and has no calendars: connecting gives it back."""
        answer = run(*self.words(manager.dav_url), input="yes\n")
        assert person.errors == []
        made = [token for token in manager.tokens if token.kind == "app-password"]
        assert len(made) == 1
        assert [token.kind for token in manager.live_tokens()] == ["app-password"]
        assert answer.code != 0
        assert "Traceback" not in answer.err
        assert "Infomaniak lets only you end it: https://manager.infomaniak.com" in answer.out
        kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
        for token in manager.tokens:
            assert token.value.encode() not in kept

    @pytest.mark.usefixtures("settings")
    def test_a_whole_session(self, run: Run, person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its DAV host is a real server that knows the password it handed out."""
        from simulators.identity import infomaniak as simulated

        monkeypatch.setattr(passwords, "random_token", lambda *_: "made-by-the-api-canary")
        login = simulated.login(person.user)
        with radicale(tmp_path / "sync", username=login, password="made-by-the-api-canary") as dav:
            cards = [(f"c{n}", CARD.format(uid=f"c{n}", name=f"P {n}").encode()) for n in range(4)]
            fill(dav, "friends", cards, kind="contacts", title="Friends")
            connected = run(*self.words(dav.url), input="yes\n")
            assert connected.code == 0, connected.err
            assert "The access ends with your first job" in connected.out
            finished = run("backup", "dav:ik", "--to", str(tmp_path / "copy"))
            assert finished.code == 0, finished.err
            assert "all 4 items" in finished.out
            where = "https://manager.infomaniak.com/v3/profile/application-password"
            assert f"is forgotten on this machine; Infomaniak lets only you end it: {where}" in finished.out
            assert run("accounts", "--json").out == ""
            assert run("backup", "dav:ik", "--to", str(tmp_path / "copy")).code == 12


class TestPasswords:
    def connect(self, run: Run, dav: DavServer, *more: str) -> None:
        answer = run(
            *("connect", "dav", "--name", "home", "--url", dav.url, "--username", dav.username, "--allow-private"),
            *more,
            env={"WHERRY_PASSWORD": dav.password},
        )
        assert answer.code == 0, answer.err

    def test_an_app_password_is_kept_until_it_is_disconnected(self, run: Run, dav: DavServer, tmp_path: Path) -> None:
        self.connect(run, dav, "--provider", "icloud")
        for to in ("one", "two"):
            assert run("backup", "dav:home", "--to", str(tmp_path / to)).code == 0
        (line,) = run("accounts", "--json").lines
        assert (line["provider"], line["state"], line["until"]) == ("icloud", "live", None)
        ended = run("disconnect", "home")
        assert ended.code == 0
        assert "Icloud lets only you end it: https://account.apple.com/account/manage" in ended.out

    @pytest.mark.parametrize("provider", [(), ("--provider", "icloud")], ids=["password", "icloud"])
    def test_keep_access_gives_what_has_no_end_none(
        self, run: Run, dav: DavServer, tmp_path: Path, provider: tuple[str, ...]
    ) -> None:
        self.connect(run, dav, *provider)
        assert run("backup", "dav:home", "--to", str(tmp_path / "copy"), "--keep-access").code == 0
        (line,) = run("accounts", "--json").lines
        assert (line["state"], line["until"]) == ("live", None)
        assert "you disconnect it" in run("accounts").out

    def test_a_password_given_anew_takes_the_place_of_the_old_one(self, run: Run, dav: DavServer) -> None:
        self.connect(run, dav)
        self.connect(run, dav)
        (line,) = run("accounts", "--json").lines
        assert (line["state"], line["until"]) == ("live", None)
        assert run("disconnect", "home").code == 0
        assert run("accounts", "--json").out == ""

    def test_a_password_no_account_stands_for_can_be_disconnected(self, run: Run, dav: DavServer, home: Path) -> None:
        """Cut off between the vault and the settings file."""
        self.connect(run, dav)
        (home / "settings.toml").unlink()
        assert run("accounts").out.splitlines()[1].split()[0] == "?:home"
        ended = run("disconnect", "home")
        assert ended.code == 0, ended.err
        assert "in the security settings of its server for your account" in ended.out
        assert run("accounts", "--json").out == ""

    def test_a_provider_instead_of_a_password(self, run: Run, dav: DavServer) -> None:
        """An account keeps what is not said again, but a provider that was said replaces the password's way."""
        self.connect(run, dav)
        answer = run("connect", "dav", "--name", "home", "--provider", "oauth", input="yes\n")
        assert answer.code == 2
        assert "Add --issuer URL" in answer.err
