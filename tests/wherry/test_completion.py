"""What a shell proposes: asked of the real command, in a real Bash where one is there."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest

from sync_engine.glimpse import newest_jobs
from tests.wherry.conftest import Run, make_pim
from wherry.cli.completing import JOB, complete_accounts
from wherry.cli.completion import Bash
from wherry.cli.main import cli
from wherry.cli.pages import COMMANDS

ACCOUNTS = """
[accounts.home]
kind = "dav"
url = "https://home.example.org/"
[accounts.hotel]
kind = "dav"
url = "https://hotel.example.org/"
[accounts."ana@work"]
kind = "webdav"
url = "https://work.example.org/"
"""
HEAVY = ("sqlalchemy", "alembic", "rich", "jinja2", "caldav", "requests", "lxml", "http.client", "ssl", "tenacity")
ASK = """
eval "$(wherry completion bash)"
complete -p wherry
compopt() { printf 'compopt %s\\n' "$*"; }
while IFS= read -r COMP_LINE; do
    COMP_POINT=${#COMP_LINE}
    _wherry_completion wherry
    printf '%s|%s\\n' "$COMP_LINE" "${COMPREPLY[*]}"
done
"""


@pytest.fixture
def accounts(home: Path) -> Path:
    (home / "settings.toml").write_text(ACCOUNTS)
    return home


def proposals(run: Run, line: str, **env: str) -> list[tuple[str, str]]:
    """Return (kind, word) of everything proposed at the end of *line*, as the script for Bash reads it."""
    answer = run(env={"_WHERRY_COMPLETE": "bash_complete", "COMP_WORDS": line, **env})
    assert answer.code == 0
    assert answer.err == ""
    return [(kind, word) for kind, _, word in (text.partition(",") for text in answer.out.splitlines() if text)]


def words(run: Run, line: str, **env: str) -> list[str]:
    return [word for kind, word in proposals(run, line, **env) if kind == "plain"]


def test_a_shell_asks_without_arguments_and_gets_no_page(process: Run) -> None:
    assert words(process, "wherry re") == ["resume", "report", "restore"]
    assert words(process, "wherry ") == list(COMMANDS)


def test_options_of_a_command_are_proposed(run: Run) -> None:
    found = words(run, "wherry backup dav:home --")
    assert {"--to", "--only", "--collection", "--dry-run", "--json", "--plain", "--quiet", "--config"} <= set(found)
    assert words(run, "wherry backup dav:home --only ") == ["calendars", "contacts"]
    assert words(run, "wherry completion ") == ["bash", "zsh", "fish"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (
            "",
            [
                "dav:home",
                "caldav:home",
                "carddav:home",
                "dav:hotel",
                "caldav:hotel",
                "carddav:hotel",
                "webdav:ana@work",
            ],
        ),
        ("dav:ho", ["dav:home", "dav:hotel"]),
        ("caldav:hot", ["caldav:hotel"]),
        ("webdav:", ["webdav:ana@work"]),
        ("zzz", []),
    ],
)
@pytest.mark.parametrize("command", ["backup", "migrate", "backup --dry-run", "--json migrate /x --to"])
def test_accounts_are_proposed_as_places(run: Run, accounts: Path, command: str, typed: str, found: list[str]) -> None:
    assert accounts.is_dir()
    assert words(run, f"wherry {command} {typed}") == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["home", "hotel", "ana@work"]),
        ("ho", ["home", "hotel"]),
        ("hot", ["hotel"]),
        ("a", ["ana@work"]),
        ("z", []),
    ],
)
@pytest.mark.parametrize("command", ["disconnect", "disconnect --json", "-q disconnect"])
def test_accounts_are_proposed_to_be_disconnected(
    run: Run, accounts: Path, command: str, typed: str, found: list[str]
) -> None:
    assert accounts.is_dir()
    assert words(run, f"wherry {command} {typed}") == found


def test_verbs_of_a_command_are_proposed(run: Run) -> None:
    assert words(run, "wherry keys ") == ["show", "rotate"]
    assert words(run, "wherry audit ") == ["export", "verify", "forget-names"]
    assert words(run, "wherry audit for") == ["forget-names"]
    assert "--finish" in words(run, "wherry keys rotate --")


@pytest.mark.parametrize("typed", ["/", "./p", "../", "~/p", "~"])
@pytest.mark.parametrize("command", ["backup", "migrate", "history", "restore", "export", "backup dav:home --to"])
def test_folders_are_left_to_the_shell(run: Run, command: str, typed: str) -> None:
    assert proposals(run, f"wherry {command} {typed}") == [("dir", typed)]


def test_jobs_are_proposed_newest_first(run: Run, tmp_path: Path) -> None:
    pim = make_pim(tmp_path / "pim")
    made = [run("backup", str(pim), "--to", str(tmp_path / f"copy{number}"), "--json").job for number in range(3)]
    for command in ("status", "watch", "report", "verify", "resume", "pause", "cancel", "status --json"):
        assert words(run, f"wherry {command} ") == made[::-1]
    assert words(run, f"wherry status {made[0]}") == [made[0]]
    assert words(run, "wherry status zzzz") == []


def test_a_job_is_described_for_shells_that_show_it(run: Run, tmp_path: Path) -> None:
    pim, copy = make_pim(tmp_path / "pim"), tmp_path / "co\x1b[31mpy"
    job = run("backup", str(pim), "--to", str(copy), "--json").job
    answer = run(env={"_WHERRY_COMPLETE": "fish_complete", "COMP_WORDS": "wherry status ", "COMP_CWORD": ""})
    assert answer.out.startswith(f"plain,{job}\tdone  vdir:{pim} -> vdir:")
    assert "\x1b" not in answer.out
    zsh = run(env={"_WHERRY_COMPLETE": "zsh_complete", "COMP_WORDS": "wherry status ", "COMP_CWORD": "2"})
    assert zsh.out.splitlines()[:2] == ["plain", job]
    assert "\x1b" not in zsh.out


@pytest.mark.parametrize(
    "text", ["databse = 3", "[", "[accounts.x]\nkind = 3", "\0", '[accounts.x]\nkind = "dav"\nurl = ""']
)
def test_settings_that_cannot_be_read_propose_nothing(run: Run, home: Path, text: str) -> None:
    (home / "settings.toml").write_text(text)
    for line in ("wherry status ", "wherry backup ", "wherry migrate dav:"):
        assert proposals(run, line) == []


def test_variables_that_mean_nothing_propose_nothing(run: Run, accounts: Path) -> None:
    assert words(run, "wherry backup ", WHERRY_NONSENSE="1") == []
    assert words(run, "wherry backup ", WHERRY_CONFIG=str(accounts / "nowhere.toml")) == []
    assert words(run, "wherry backup dav:hot", WHERRY_CONFIG=str(accounts / "settings.toml")) == ["dav:hotel"]


def test_another_settings_file_named_on_the_line_is_read(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('[accounts.garden]\nkind = "dav"\nurl = "https://x.example.org/"\n')
    assert words(run, f"wherry --config {other} backup dav:") == ["dav:garden"]
    assert words(run, f"wherry backup --config {other} dav:") == ["dav:garden"]


def test_flags_that_contradict_each_other_do_not_disturb_the_line(run: Run) -> None:
    assert "--dry-run" in words(run, "wherry --json backup --plain --d")


@pytest.mark.parametrize("content", [b"", b"no database" * 400, None])
def test_without_a_readable_database_no_job_is_proposed_and_none_is_made(
    run: Run, home: Path, content: bytes | None
) -> None:
    file = home / "wherry.db"
    if content is not None:
        file.write_bytes(content)
    assert words(run, "wherry status ") == []
    assert file.exists() == (content is not None)
    assert content is None or file.read_bytes() == content


def test_a_database_elsewhere_is_not_asked(run: Run, tmp_path: Path) -> None:
    assert words(run, "wherry status ", WHERRY_DATABASE=f"postgresql://x@/y?host={tmp_path}") == []


def test_a_locked_database_proposes_its_jobs_or_nothing(run: Run, home: Path, tmp_path: Path) -> None:
    job = run("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "copy"), "--json").job
    database = sqlite3.connect(home / "wherry.db", isolation_level=None)
    database.execute("begin exclusive")
    try:
        assert words(run, "wherry status ") in ([job], [])
    finally:
        database.close()


@pytest.mark.parametrize("line", ["wherry status ", "wherry backup dav:", "wherry re", "wherry backup x --"])
def test_nothing_heavy_is_loaded_while_a_person_waits(
    environ: dict[str, str], run: Run, accounts: Path, tmp_path: Path, line: str
) -> None:
    assert accounts.is_dir()
    run("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "copy"))
    code = (
        "import sys\nfrom wherry.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"sys.stderr.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    )
    env = {**environ, "_WHERRY_COMPLETE": "bash_complete", "COMP_WORDS": line}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("line", "args", "typed"),
    [
        ("wherry", [], ""),
        ("wherry ", [], ""),
        ("wherry ba", [], "ba"),
        ("wherry backup dav:ho", ["backup"], "dav:ho"),
        ("wherry backup dav:home ", ["backup", "dav:home"], ""),
        ('wherry backup --collection "Two words" da', ["backup", "--collection", "Two words"], "da"),
        ('wherry backup --collection "Two wo', ["backup", "--collection"], "Two wo"),
        ("wherry  backup\t./x", ["backup"], "./x"),
        ("", [], ""),
    ],
)
def test_the_line_is_taken_apart_as_the_shell_would(
    monkeypatch: pytest.MonkeyPatch, line: str, args: list[str], typed: str
) -> None:
    monkeypatch.setenv("COMP_WORDS", line)
    assert Bash(cli, {}, "wherry", "_WHERRY_COMPLETE").get_completion_args() == (args, typed)


@pytest.mark.skipif(shutil.which("bash") is None, reason="Bash is not installed")
def test_a_real_bash_completes_commands_places_and_jobs(
    environ: dict[str, str], run: Run, accounts: Path, tmp_path: Path
) -> None:
    assert accounts.is_dir()
    job = run("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "copy"), "--json").job
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "wherry"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wherry "$@"\n')
    program.chmod(0o755)
    env = {**environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    lines = ["wherry ver", "wherry status ", "wherry backup dav:ho", "wherry backup caldav:hot", "wherry backup ./p"]
    done = subprocess.run(
        ["bash", "--norc", "-c", ASK],
        input="\n".join([*lines, ""]),
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "complete -o nosort -F _wherry_completion wherry",
        "wherry ver|verify",
        f"wherry status |{job}",
        # Bash has broken the word at the colon and wants what follows it.
        "wherry backup dav:ho|home hotel",
        "wherry backup caldav:hot|hotel",
        "compopt -o dirnames",
        "wherry backup ./p|",
    ]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_ask_with_our_variable_and_hold_no_path_of_this_machine(run: Run, shell: str) -> None:
    answer = run("completion", shell)
    assert answer.code == 0
    assert answer.err == ""
    assert f"_WHERRY_COMPLETE={shell}_complete" in answer.out
    assert "%(" not in answer.out
    assert sys.prefix not in answer.out


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_script_for_bash_is_free_of_syntax_errors(run: Run, shell: str) -> None:
    if shutil.which("bash") is None:
        pytest.skip("Bash is not installed")
    script = run("completion", "bash").out
    done = subprocess.run(["bash", "-n", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), shell


@pytest.mark.parametrize("value", ["", "  ", "caf\u00e9", "\udce9", "\x1b[2J\u202e"])
def test_what_can_be_no_job_is_a_mistake_in_the_line(run: Run, value: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        JOB.convert(value, None, None)
    assert "\x1b" not in caught.value.message
    for command in ("status", "watch", "report", "verify", "resume", "pause", "cancel"):
        answer = run(command, value)
        assert (answer.code, answer.out) == (2, "")
        assert "is no job" in answer.err
        assert "\x1b" not in answer.err


def test_the_glimpse_says_what_the_database_says(run: Run, home: Path, tmp_path: Path) -> None:
    pim = make_pim(tmp_path / "pim")
    for number in range(4):
        run("backup", str(pim), "--to", str(tmp_path / f"copy{number}"))
    told = [(line["job"], line["state"], line["source"], line["destination"]) for line in run("jobs", "--json").lines]
    seen = newest_jobs(home / "wherry.db")
    assert [(job.id, job.state, job.source, job.destination) for job in seen] == told
    assert newest_jobs(home / "wherry.db", limit=2) == seen[:2]
    assert newest_jobs(home / "no?such#file%.db") == []
    assert newest_jobs(home) == []
    assert sorted(path.name for path in home.iterdir() if "such" in path.name) == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [("", ["home", "hotel", "ana@work"]), ("ho", ["home", "hotel"]), ("ana", ["ana@work"]), ("z", [])],
)
def test_accounts_alone_are_proposed_by_name(
    monkeypatch: pytest.MonkeyPatch, accounts: Path, typed: str, found: list[str]
) -> None:
    monkeypatch.setenv("WHERRY_HOME", str(accounts))
    for name in ("WHERRY_CONFIG", "WHERRY_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    with click.Context(cli) as ctx:
        items = complete_accounts(ctx, click.Argument(["account"]), typed)
    assert [item.value for item in items] == found
    assert all(str(item.help).startswith("https://") for item in items)
