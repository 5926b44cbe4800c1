"""Accounts, from connect to disconnect, against a real server."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.davservers import DavServer, radicale
from simulators.davstores import fill
from tests.wherry.conftest import CARD, EVENT, Run, items_of

pytestmark = pytest.mark.server
CANARY = "c4n4ry-pässword-$"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    with radicale(tmp_path_factory.mktemp("radicale"), password=CANARY) as running:
        events = [(f"e{n}", EVENT.format(uid=f"e{n}", start="20240507T120000Z", summary=f"E {n}")) for n in range(12)]
        cards = [(f"c{n}", CARD.format(uid=f"c{n}", name=f"Person {n}")) for n in range(7)]
        fill(running, "work", [(uid, body.encode()) for uid, body in events], kind="calendar", title="Work")
        fill(running, "friends", [(uid, body.encode()) for uid, body in cards], kind="contacts", title="Friends")
        yield running


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(CANARY + "\n")
    return file


def connect(run: Run, server: DavServer, password: Path, *more: str) -> object:
    answer = run(
        *("connect", "dav", "--name", "home", "--url", server.url, "--username", server.username),
        *("--password-file", str(password), "--allow-private"),
        *more,
    )
    assert answer.code == 0, answer.err
    return answer


def test_connect_checks_at_once_and_lists_what_is_there(
    run: Run, server: DavServer, password: Path, home: Path
) -> None:
    answer = run(
        *("connect", "dav", "--name", "home", "--url", server.url, "--username", "ana"),
        *("--password-file", str(password), "--allow-private"),
    )
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "Connected: dav:home has 2 collections."
    assert {tuple(line.split()) for line in lines[1:3]} == {("Events", "Work"), ("Contacts", "Friends")}
    assert lines[3] == "Back it up with: wherry backup dav:home --to ~/pim"
    assert CANARY not in (home / "settings.toml").read_text()
    for path in home.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, (path, oct(mode))


def test_connect_as_json(run: Run, server: DavServer, password: Path) -> None:
    answer = run(
        *("connect", "dav", "--name", "home", "--url", server.url, "--username", "ana", "--json"),
        *("--password-file", str(password), "--allow-private"),
    )
    assert [line["type"] for line in answer.lines] == ["connected", "collection", "collection"]
    assert all(line["v"] == 1 for line in answer.lines)


@pytest.mark.parametrize("way", ["stdin", "variable"])
def test_other_ways_to_give_the_password(run: Run, server: DavServer, way: str) -> None:
    args = ("connect", "dav", "--name", "home", "--url", server.url, "--username", "ana", "--allow-private")
    if way == "stdin":
        answer = run(*args, "--password-file", "-", input=CANARY + "\n")
    else:
        answer = run(*args, env={"WHERRY_PASSWORD": CANARY})
    assert answer.code == 0


def test_nothing_asks_when_nobody_is_there(process: Run, server: DavServer) -> None:
    answer = process("connect", "dav", "--name", "home", "--url", server.url, "--username", "ana", "--allow-private")
    assert answer.code == 2
    assert "--password-file FILE or in WHERRY_PASSWORD" in answer.err


def test_a_wrong_password_keeps_nothing(run: Run, server: DavServer, home: Path) -> None:
    answer = run(
        *("connect", "dav", "--name", "home", "--url", server.url, "--username", "ana", "--allow-private"),
        env={"WHERRY_PASSWORD": "wr0ng-canary"},
    )
    assert answer.code == 12
    assert "refused" in answer.err
    assert not (home / "settings.toml").exists()
    assert not (home / "secrets").exists()
    assert "wr0ng-canary" not in answer.err + (home / "wherry.log").read_text()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("dav", "--name", "a/b", "--url", "{url}", "--username", "ana"), "cannot be the name"),
        (("dva", "--name", "a", "--url", "{url}", "--username", "ana"), "Did you mean 'dav'?"),
        (("dav", "--name", "a", "--url", "{url}"), "--username USER"),
        (("dav", "--name", "a", "--url", "http://ana:secret@h/", "--username", "ana"), "holds a user name"),
        (("dav", "--name", "a", "--url", "{url}", "--username", "ana"), "not safe to send a password"),
        (("dav", "--name", "a", "--url", "ftp://x/", "--username", "ana", "--allow-private"), "neither https nor http"),
    ],
)
def test_what_cannot_be_connected(
    run: Run, server: DavServer, password: Path, args: tuple[str, ...], words: str
) -> None:
    filled = (arg.format(url=server.url) for arg in args)
    answer = run("connect", *filled, "--password-file", str(password))
    assert answer.code == 2
    assert words in answer.err


def test_a_server_that_does_not_answer(run: Run, password: Path) -> None:
    answer = run(
        *("connect", "dav", "--name", "x", "--url", "http://127.0.0.1:9/", "--username", "a", "--allow-private"),
        *("--password-file", str(password)),
    )
    assert answer.code == 5
    assert "Traceback" not in answer.err


def test_accounts_are_listed(run: Run, server: DavServer, password: Path) -> None:
    assert "wherry has access to nothing" in run("accounts").err
    connect(run, server, password)
    lines = run("accounts").out.splitlines()
    assert lines[0].split() == ["ACCOUNT", "USER", "MAY", "SEE", "UNTIL", "JOB", "ADDRESS"]
    assert lines[1].split() == ["dav:home", "ana", *["all", "of", "it", "you", "disconnect", "it"], server.url]
    found = run("accounts", "--json").lines
    assert [(line["account"], line["state"], line["until"]) for line in found] == [("home", "live", None)]


@pytest.mark.parametrize("name", ["home", "dav:home"])
def test_disconnect_deletes_the_secret_and_says_what_is_left_to_do(
    run: Run, server: DavServer, password: Path, home: Path, name: str
) -> None:
    connect(run, server, password)
    answer = run("disconnect", name)
    assert answer.code == 0
    assert "Its password is deleted from this machine" in answer.out
    assert "remove it there yourself" in answer.out
    assert all(CANARY.encode() not in path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert run("accounts", "--json").out == ""
    assert run("disconnect", "home").code == 10


def test_a_backup_of_an_account(run: Run, server: DavServer, password: Path, tmp_path: Path) -> None:
    connect(run, server, password)
    copy = tmp_path / "copy"
    first = run("backup", "dav:home", "--to", str(copy))
    assert first.code == 0, first.err
    assert "all 19 items found at the source are in the copy" in first.out
    assert len(items_of(copy)) == 19
    second = run("backup", "dav", "--to", str(copy))
    assert second.out == f"Nothing changed: all 19 items at the source are in {copy}.\n"
    assert len(run("jobs", "--json").lines) == 1
    assert run("verify", run("jobs", "--json").job).code == 0


def test_views_of_an_account(run: Run, server: DavServer, password: Path, tmp_path: Path) -> None:
    connect(run, server, password)
    assert "all 12 items" in run("-q", "backup", "caldav:home", "--to", str(tmp_path / "events")).out
    assert "all 7 items" in run("-q", "backup", "carddav:home", "--to", str(tmp_path / "cards")).out
    assert "all 7 items" in run("-q", "backup", "dav:home/Friends", "--to", str(tmp_path / "one")).out
    plans = run("backup", "dav:home", "--to", str(tmp_path / "x"), "--dry-run", "--json").lines
    assert sorted(line["new"] for line in plans) == [7, 12]


def test_a_key_that_is_gone_is_said_and_never_made_anew(
    run: Run, server: DavServer, password: Path, tmp_path: Path, home: Path
) -> None:
    connect(run, server, password)
    key = home / "secrets" / "vault-key"
    kept = key.read_bytes()
    key.unlink()
    answer = run("backup", "dav:home", "--to", str(tmp_path / "copy"))
    assert answer.code == 12
    assert "Put it back where it was" in run("doctor").out
    assert not key.exists()
    key.write_bytes(kept)
    key.chmod(0o600)
    assert run("backup", "dav:home", "--to", str(tmp_path / "copy")).code == 0


def test_access_that_is_gone_asks_for_a_new_connection(
    run: Run, server: DavServer, password: Path, tmp_path: Path, home: Path
) -> None:
    connect(run, server, password)
    settings = (home / "settings.toml").read_text()
    assert run("disconnect", "home").code == 0
    (home / "settings.toml").write_text(settings)
    answer = run("backup", "dav:home", "--to", str(tmp_path / "copy"))
    assert answer.code == 12
    assert "wherry connect dav --name home" in answer.err
    assert run("accounts", "--json").out == ""
    (line,) = run("accounts", "--all", "--json").lines
    assert (line["account"], line["state"]) == ("home", None)


def test_secrets_open_to_others_are_not_read(
    run: Run, server: DavServer, password: Path, tmp_path: Path, home: Path
) -> None:
    connect(run, server, password)
    (home / "secrets" / "vault-key").chmod(0o644)
    answer = run("backup", "dav:home", "--to", str(tmp_path / "copy"))
    assert answer.code == 12
    assert "PROBLEM  permissions" in run("doctor").out


def test_no_secret_is_ever_shown_or_logged(
    process: Run, server: DavServer, password: Path, tmp_path: Path, home: Path
) -> None:
    account = ("--name", "home", "--url", server.url, "--username", "ana", "--allow-private")
    spoken = []
    debug = {"WHERRY_LOG_LEVEL": "debug"}
    for args in (
        ("connect", "dav", *account, "--password-file", str(password), "-v"),
        ("backup", "dav:home", "--to", str(tmp_path / "copy"), "-v"),
        ("accounts", "--json", "-v"),
        ("doctor", "-v"),
        ("report", "--html", str(tmp_path / "page.html"), "-v"),
        ("jobs", "--json", "-v"),
    ):
        answer = process(*args, env=debug)
        assert answer.code == 0, answer.err
        assert CANARY not in " ".join(args)
        spoken.append(answer.out + answer.err)
    import base64

    forms = [CANARY, base64.b64encode(f"ana:{CANARY}".encode()).decode(), "c4n4ry"]
    files = [path for path in home.rglob("*") if path.is_file() and path.parent.name != "secrets"]
    spoken += [path.read_bytes().decode("utf-8", "replace") for path in [*files, tmp_path / "page.html"]]
    for form in forms:
        assert not [text for text in spoken if form in text]
    assert os.path.exists(home / "wherry.log")


def test_doctor_signs_in(run: Run, server: DavServer, password: Path) -> None:
    connect(run, server, password)
    answer = run("doctor")
    assert answer.code == 0
    assert "ok       account dav:home" in answer.out
    assert all(line["ok"] for line in run("doctor", "--json").lines)
    assert run("doctor", "-q").out == ""


def test_the_hot_path_loads_nothing_it_does_not_need(
    environ: dict[str, str], process: Run, run: Run, server: DavServer, password: Path, tmp_path: Path
) -> None:
    import subprocess
    import sys

    connect(run, server, password)
    run("backup", "dav:home", "--to", str(tmp_path / "copy"))
    unneeded = ("alembic", "rich", "jinja2", "caldav", "requests", "dns", "tenacity", "platformdirs")
    code = (
        "import sys; sys.argv = ['wherry', *sys.argv[1:]]\n"
        "from wherry.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        f"sys.stderr.write('loaded: ' + ' '.join(name for name in {unneeded!r} if name in sys.modules))\n"
        "raise SystemExit(code)"
    )
    args = [sys.executable, "-c", code, "-q", "backup", "dav:home", "--to", str(tmp_path / "copy")]
    done = subprocess.run(args, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "loaded: ")
    assert process("status").code == 0
