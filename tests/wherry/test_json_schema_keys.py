"""The JSON lines of keys and of the audit log: exactly the fields of their types."""

from __future__ import annotations

from pathlib import Path

from tests.oauth.keyrings import PlainKeyring, plugged
from tests.wherry.conftest import Run, make_pim
from tests.wherry.test_json_schema import check, wrong_with
from tests.wherry.vaults import fill, settings_of


def test_the_audit_log(run: Run, tmp_path: Path) -> None:
    run("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "copy"))
    log = tmp_path / "log.jsonl"
    check(run("audit", "export", str(log), "--json"), "audit_export")
    check(run("audit", "verify", str(log), "--json"), "audit_verify")
    log.write_text(log.read_text()[:400])
    (line,) = check(run("audit", "verify", str(log), "--json"), "audit_verify")
    assert not line["good"]
    assert line["why"]
    forgotten = run("audit", "forget-names", "--json", input="yes\n")
    assert [wrong for line in forgotten.lines for wrong in wrong_with(line)] == []


def test_keys(run: Run, home: Path) -> None:
    check(run("keys", "show", "--json"), "keys")
    check(run("keys", "rotate", "--json"), "keys_rotated")
    with plugged(PlainKeyring()):
        fill(settings_of(home), grants=2)
    (line,) = check(run("keys", "show", "--json"), "keys")
    assert [set(each) for each in line["keys"]] == [{"id", "state", "made", "retired", "grants"}]
    check(run("keys", "rotate", "--json"), "keys_rotated")
    check(run("keys", "rotate", "--finish", "--json"), "keys_rotated")
