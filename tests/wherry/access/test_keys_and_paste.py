"""The vault's key in trouble, an unreadable state, and answers that are pasted back."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path

import pytest

from simulators.identity import browser
from tests.wherry.access.household import Ana, Spoken
from tests.wherry.conftest import Answer, Run

pytestmark = pytest.mark.server


def named(answer: Answer, *codes: int) -> None:
    assert answer.code in codes, (answer.code, answer.err)
    assert "Traceback" not in answer.err + answer.out
    assert "unexpected" not in answer.err


def spoil(ana: Ana, how: str) -> dict[str, str]:
    """Put the vault's key out of reach; return what the environment has to say as well."""
    key = ana.home / "secrets" / "vault-key"
    match how:
        case "missing":
            key.unlink()
        case "open to others":
            key.chmod(0o644)
        case "a foreigner's":
            os.chown(key, 65534, 65534)
        case "no key at all":
            key.write_text("canary: this is no key\n")
        case "empty":
            key.write_bytes(b"")
        case "a folder":
            key.unlink()
            key.mkdir()
        case _:
            return {"WHERRY_VAULT_KEY": b64encode(bytes(32)).decode()}
    return {}


WAYS = ["missing", "open to others", "no key at all", "empty", "a folder", "another"]
WAYS += ["a foreigner's"] if os.geteuid() == 0 else []


@pytest.mark.parametrize("how", WAYS)
def test_a_key_that_does_not_open_loses_nothing(ana: Ana, how: str) -> None:
    ana.connected()
    key = ana.home / "secrets" / "vault-key"
    kept = key.read_bytes()
    env = spoil(ana, how)
    named(ana.run("backup", "dav:mail", "--to", str(ana.folder / "copy"), env=env), 1, 2, 5, 12)
    named(ana.run("accounts", env=env), 0, 12)
    named(ana.run("doctor", env=env), 1)
    named(ana.run(*ana.words(name="other"), input="yes\n", env=env), 0, 1, 2, 5, 12)
    named(ana.run("disconnect", "mail", env=env), 1, 2, 5, 12, 16)
    assert "canary" not in (ana.home / "wherry.log").read_text()
    if key.is_dir():
        key.rmdir()
    key.write_bytes(kept)
    key.chmod(0o600)
    os.chown(key, os.geteuid(), os.getegid())
    due = ana.run("disconnect", "mail")
    assert due.code == 0, due.err
    assert "erased" in ana.states()
    assert len(ana.idp.live_grants(ana.user)) == ana.states().count("live")


@pytest.mark.parametrize("content", [b"", b"this is no database", b"SQLite format 3\x00" + bytes(4000)])
def test_a_database_that_cannot_be_read(ana: Ana, content: bytes) -> None:
    (ana.home / "wherry.db").write_bytes(content)
    for args in (ana.words(), ("accounts",), ("disconnect", "mail"), ("backup", "dav:mail", "--to", "x"), ("doctor",)):
        answer = ana.run(*args, input="yes\n")
        assert "Traceback" not in answer.err + answer.out
        assert "unexpected" not in answer.err
        if content:
            assert answer.code != 0


class TestPaste:
    """``--no-browser``: the answer comes by the clipboard, from a browser elsewhere."""

    def begin(self, ana: Ana, environ: dict[str, str]) -> tuple[Spoken, str]:
        running = Spoken(*ana.words("--no-browser"), environ=environ)
        running.wait_for("Type yes: ")
        running.tell("yes")
        url = running.wait_for(r"(http://127\.0\.0\.1:\d+/authorize\S+)\s")
        running.wait_for("Paste the address")
        return running, url

    def test_it_connects(self, ana: Ana, environ: dict[str, str]) -> None:
        running, url = self.begin(ana, environ)
        running.tell(browser.approve(url, user=ana.user))
        answer = running.end()
        assert answer.code == 0, answer.err
        assert ana.backup().code == 0
        assert ana.live == 0

    def test_a_slip_is_forgiven(self, ana: Ana, environ: dict[str, str]) -> None:
        running, url = self.begin(ana, environ)
        back = browser.approve(url, user=ana.user)
        running.tell("https://example.org/what-was-in-the-clipboard")
        running.wait_for(r"That was not it")
        running.tell(f"  {back}  ")
        assert running.end().code == 0
        assert ana.live == 1

    @pytest.mark.parametrize("pasted", ["", "hello", "state", "stale"])
    def test_three_wrong_ones_are_enough(self, ana: Ana, environ: dict[str, str], pasted: str) -> None:
        running, url = self.begin(ana, environ)
        back = browser.approve(url, user=ana.user)
        wrong = {"state": back.replace("state=", "state=x"), "stale": back.replace("callback", "callback/old")}
        for _ in range(3):
            running.tell(wrong.get(pasted, pasted))
        answer = running.end()
        named(answer, 12)
        assert "does not belong to what was asked" in answer.err
        assert ana.live == 0
        assert set(ana.states()) == {"closed"}
        assert not (ana.home / "settings.toml").exists()

    def test_a_refusal(self, ana: Ana, environ: dict[str, str]) -> None:
        running, url = self.begin(ana, environ)
        running.tell(browser.deny(url, user=ana.user))
        answer = running.end()
        named(answer, 12)
        assert "Access was not given" in answer.err

    def test_an_address_used_twice(self, ana: Ana, environ: dict[str, str]) -> None:
        running, url = self.begin(ana, environ)
        back = browser.approve(url, user=ana.user)
        running.tell(back)
        assert running.end().code == 0
        again, _ = self.begin(ana, environ)
        for _ in range(3):
            again.tell(back)
        named(again.end(), 12)
        assert ana.live == 1, "what was given before stays"

    def test_nobody_there_to_paste(self, ana: Ana, process: Run) -> None:
        answer = process(*ana.words("--no-browser"), input="yes\n")
        named(answer, 2)
        assert set(ana.states()) == {"closed"}

    def test_nobody_there_at_all(self, ana: Ana, process: Run) -> None:
        named(process(*ana.words("--no-browser")), 2)
        assert ana.states() == []
        assert not (Path(ana.home) / "settings.toml").exists()
