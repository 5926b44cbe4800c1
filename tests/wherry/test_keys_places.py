"""Where the vault's key may come from (a variable, a keyring, a service), as ``wherry keys`` shows and rotates it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauth.sealing import id_of
from tests.oauth.keyrings import DictKeyring, PlainKeyring, plugged
from tests.wherry.conftest import Run
from tests.wherry.vaults import aged, fill, rotated, rotations, settings_of, shown, the_secrets
from wherry.exits import Exit

OLD, NEW = (b64encode(bytes([number] * 32)).decode() for number in (1, 2))
OLD_ID, NEW_ID = (id_of(bytes([number] * 32)) for number in (1, 2))


@pytest.fixture(autouse=True)
def no_ring() -> Iterator[None]:
    """Lend a machine without a keyring, whatever this one has."""
    with plugged(PlainKeyring()):
        yield


def test_a_single_key_from_outside_is_not_ours_to_change(run: Run, home: Path) -> None:
    fill(settings_of(home), environ={"WHERRY_VAULT_KEY": OLD})
    assert shown(run, WHERRY_VAULT_KEY=OLD)["why"] == "WHERRY_VAULT_KEY is set"
    answer = run("keys", "rotate", "--json", env={"WHERRY_VAULT_KEY": OLD})
    assert (answer.code, answer.out) == (Exit.USAGE, "")
    error = json.loads(answer.err)
    assert error["reason"] == "key-fixed"
    assert "put the new key in front of the old one" in error["what_to_do"]
    assert OLD not in answer.err
    assert rotations(home) == []


def test_a_key_from_outside_is_rotated_by_giving_two(run: Run, home: Path) -> None:
    settings = settings_of(home)
    fill(settings, grants=2, environ={"WHERRY_VAULT_KEY": OLD})
    both = f"{NEW},{OLD}"
    before = {key["id"]: key["grants"] for key in shown(run, WHERRY_VAULT_KEY=both)["keys"]}
    assert before == {NEW_ID: 0, OLD_ID: 2}
    line = rotated(run, WHERRY_VAULT_KEY=both)
    assert (line["newest"], line["rewrapped"]) == (NEW_ID, 2)
    assert (line["spent"], line["destroyed"], line["waiting"]) == ([OLD_ID], [], [])
    answer = run("keys", "rotate", env={"WHERRY_VAULT_KEY": both})
    assert f"take it away where it comes from: {OLD_ID}." in answer.out
    assert len(the_secrets(settings, {"WHERRY_VAULT_KEY": NEW})) == 2
    assert shown(run, WHERRY_VAULT_KEY=NEW)["keys"][0]["grants"] == 2


def test_another_key_from_outside_opens_nothing_and_breaks_nothing(run: Run, home: Path) -> None:
    fill(settings_of(home), environ={"WHERRY_VAULT_KEY": OLD})
    states = {key["id"]: key["state"] for key in shown(run, Exit.ACCESS, WHERRY_VAULT_KEY=NEW)["keys"]}
    assert states == {NEW_ID: "newest", OLD_ID: "missing"}
    assert rotated(run, "--finish", code=Exit.ACCESS, WHERRY_VAULT_KEY=NEW)["unreadable"] == 1
    assert len(the_secrets(settings_of(home), {"WHERRY_VAULT_KEY": OLD})) == 1


def test_a_variable_that_is_no_key_is_told_without_it(run: Run, home: Path) -> None:
    answer = run("keys", "show", env={"WHERRY_VAULT_KEY": "canary-no-key"})
    assert answer.code == Exit.ACCESS
    assert "WHERRY_VAULT_KEY" in answer.err
    assert "canary" not in answer.err + (home / "wherry.log").read_text()


def test_a_keyring(run: Run, home: Path) -> None:
    with plugged(DictKeyring()) as ring:
        settings = settings_of(home)
        fill(settings, grants=2)
        assert shown(run)["kept"] == "the system's keyring"
        line = rotated(run)
        assert {name for _, name in ring.kept} == {line["newest"], *line["waiting"]}
        aged(home, 4000)
        assert rotated(run, "--finish")["destroyed"] == line["waiting"]
        assert {name for _, name in ring.kept} == {line["newest"]}
        before = rotations(home)
        ring.locked = True
        for what in ("show", "rotate"):
            answer = run("keys", what, "--json")
            assert (answer.code, answer.out) == (Exit.ACCESS, "")
            assert json.loads(answer.err)["reason"] == "keyring-shut"
        assert rotations(home) == before
        ring.locked = False
        assert len(the_secrets(settings)) == 2


SERVICE = """
import json, os
from oauth.keys import GivenKeys

class Far(GivenKeys):
    def __init__(self):
        super().__init__(os.environ["FAR_KEY"])
        self.name = "a service far away"
"""


@pytest.fixture
def far(environ: dict[str, str], home: Path, tmp_path: Path) -> dict[str, str]:
    """Install a distribution with a service for keys and name it in the settings; return the environment."""
    site = tmp_path / "site"
    record = site / "far_away-1.0.dist-info"
    record.mkdir(parents=True)
    (site / "far_away.py").write_text(SERVICE)
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: far-away\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text("[wherry.keys]\nfar = far_away:Far\n")
    (home / "settings.toml").write_text('keys = "far"\n')
    path = os.pathsep.join([environ["PYTHONPATH"], str(site)])
    return {"PYTHONPATH": path, "FAR_KEY": OLD, "WHERRY_VAULT_KEY": NEW}


def test_a_service_for_keys_is_named_in_the_settings(process: Run, far: dict[str, str], home: Path) -> None:
    answer = process("keys", "show", "--json", env=far)
    assert answer.code == Exit.DONE, answer.err
    (line,) = answer.lines
    assert (line["kept"], line["why"]) == ("a service far away", "the service 'far' is configured")
    assert [key["id"] for key in line["keys"]] == [OLD_ID], "the variable is not looked at"
    assert not (home / "secrets").exists()


OPENED = """
import os
from contextlib import closing
from wherry.access import Access
from wherry.settings import read_settings
from wherry.wiring import open_database
settings = read_settings(os.environ)
with closing(open_database(settings)) as database, closing(Access(settings, database)) as access:
    print(access.vault.keys.name, access.vault.keys.current())
"""


def test_the_vault_of_every_command_is_the_service_s(environ: dict[str, str], far: dict[str, str], home: Path) -> None:
    command = [sys.executable, "-c", OPENED]
    done = subprocess.run(command, env={**environ, **far}, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, f"a service far away {OLD_ID}\n"), done.stderr
    assert not (home / "secrets").exists()


def test_what_another_place_opened_is_missing_to_a_service(process: Run, far: dict[str, str], home: Path) -> None:
    (home / "settings.toml").unlink()
    fill(settings_of(home))
    (home / "settings.toml").write_text('keys = "far"\n')
    answer = process("keys", "show", "--json", env=far)
    (line,) = answer.lines
    assert answer.code == Exit.ACCESS
    assert [(key["state"], key["grants"]) for key in line["keys"]] == [("newest", 0), ("missing", 1)]


def test_a_service_nobody_installed_is_named(run: Run, home: Path) -> None:
    (home / "settings.toml").write_text('keys = "nowhere"\n')
    for what in ("show", "rotate"):
        answer = run("keys", what, "--json")
        assert (answer.code, answer.out) == (Exit.USAGE, "")
        error = json.loads(answer.err)
        assert error["reason"] == "key-service"
        assert "'nowhere'" in error["detail"]
