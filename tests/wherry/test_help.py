from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import click
import pytest

from tests.wherry.conftest import ROOT, Run
from wherry.cli.command import WherryCommand
from wherry.cli.main import MODULES, cli
from wherry.cli.pages import COMMANDS, TOPICS, topic
from wherry.cli.pages import ROOT as FIRST_PAGE
from wherry.exits import MEANINGS

HEAVY = ("sqlalchemy", "alembic", "rich", "jinja2", "requests", "caldav", "dns", "asyncio", "platformdirs", "lxml")


def command(name: str) -> WherryCommand:
    with click.Context(cli) as ctx:
        found = cli.get_command(ctx, name)
    assert isinstance(found, WherryCommand)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_page_with_options_examples_and_codes(run: Run, name: str) -> None:
    answer = run(name, "--help")
    assert answer.code == 0
    assert answer.err == ""
    found = command(name)
    assert answer.out.startswith(f"Usage: wherry {name}")
    for part in ("Examples:", "Exit codes:", "Output:", *(f"{title}:" for title in found.sections)):
        assert f"\n{part}\n" in answer.out
    for param in found.params:
        if isinstance(param, click.Option):
            assert max(param.opts, key=len) in answer.out
            assert param.help
    for code in found.exits:
        assert MEANINGS[code] in " ".join(answer.out.split())
    assert max(map(len, answer.out.splitlines())) <= 110


@pytest.mark.parametrize("name", COMMANDS)
def test_sections_name_options_that_are_there(name: str) -> None:
    found = command(name)
    options = {param.name for param in found.params if isinstance(param, click.Option)}
    placed = [option for section in found.sections.values() for option in section]
    assert set(placed) <= options
    assert len(placed) == len(set(placed))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_is_understood(name: str) -> None:
    """Each example is parsed by the command it shows, so that no page promises what does not work."""
    import shlex

    for example in command(name).examples:
        if "eval" in example:
            continue
        words = shlex.split(
            example.partition(">")[0].rpartition("|" if "| wherry" in example else "\0")[2].partition("|")[0]
        )
        assert words[:2] == ["wherry", name]
        parser = command(name)
        with click.Context(cli, obj=None) as ctx:
            made = parser.make_context(name, words[2:], parent=ctx)
        assert made.args == []


def test_the_first_page_names_every_command_and_no_other(run: Run) -> None:
    words = set(FIRST_PAGE.replace("|", " ").replace("[", " ").split())
    assert set(COMMANDS) <= words
    for promised in ("sync", "demo", "serve", "privacy"):
        assert promised not in words
    for args in ((), ("--help",), ("help",)):
        assert run(*args).out == FIRST_PAGE
    assert max(map(len, FIRST_PAGE.splitlines())) <= 100


def test_the_fast_first_page_is_the_same_page(process: Run) -> None:
    for args in ((), ("--help",), ("-h",)):
        answer = process(*args)
        assert (answer.code, answer.out, answer.err) == (0, FIRST_PAGE, "")


@pytest.mark.parametrize("name", TOPICS)
def test_topics(run: Run, name: str) -> None:
    answer = run("help", name)
    assert answer.code == 0
    assert answer.out == topic(name)
    assert f"wherry help {name}" in FIRST_PAGE


def test_help_on_a_command_is_its_page(run: Run) -> None:
    assert run("help", "backup").out == run("backup", "--help").out


def test_help_on_nothing_we_know(run: Run) -> None:
    answer = run("help", "exit-code")
    assert answer.code == 10
    assert "Did you mean 'exit-codes'?" in answer.err


def test_every_exit_code_is_on_its_page() -> None:
    page = topic("exit-codes") or ""
    for code, meaning in MEANINGS.items():
        assert f"{code.value:>3}  {meaning}" in page
    assert "means failure" in page


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_lives_where_the_table_says(name: str) -> None:
    module = import_module(f"wherry.cli.{MODULES.get(name, name)}")
    assert hasattr(module, f"{name}_command")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("bakup",), "Did you mean 'wherry backup'?"),
        (("xyzzy",), "See: wherry --help"),
        (("backup",), "Missing argument 'SOURCE'"),
        (("backup", "/x"), "Missing option '--to'"),
        (("backup", "/x", "--to", "/y", "--onyl", "contacts"), "No such option"),
        (("backup", "/x", "--to", "/y", "--only", "mail"), "'mail' is not one of"),
        (("jobs", "--json", "--plain"), "cannot be used together"),
        (("--json", "jobs", "--plain"), "cannot be used together"),
        (("-q", "jobs", "-v"), "cannot be used together"),
        (("completion", "tcsh"), "'tcsh' is not one of"),
    ],
)
def test_mistakes_end_with_2_and_advice(run: Run, args: tuple[str, ...], words: str) -> None:
    answer = run(*args)
    assert answer.code == 2
    assert answer.out == ""
    assert words in answer.err or words in answer.err.replace('"', "'")
    assert "Traceback" not in answer.err


def test_flags_are_accepted_before_and_after_the_verb(run: Run) -> None:
    assert run("--json", "backup", "/nowhere/x", "--to", "/y", "--dry-run").err.startswith("{")
    assert run("backup", "/nowhere/x", "--to", "/y", "--dry-run", "--json").err.startswith("{")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run: Run, shell: str) -> None:
    answer = run("completion", shell)
    assert answer.code == 0
    assert "_WHERRY_COMPLETE" in answer.out


def test_commands_are_completed_without_being_imported(process: Run) -> None:
    env = {"_WHERRY_COMPLETE": "bash_complete", "COMP_WORDS": "wherry re", "COMP_CWORD": "1"}
    answer = process("re", env=env)
    assert {line.partition(",")[2] for line in answer.out.split()} >= {"report", "restore", "resume"}


def test_the_version(run: Run) -> None:
    answer = run("--version")
    assert answer.code == 0
    assert answer.out.startswith("wherry ")


@pytest.mark.parametrize("args", [["--help"], ["backup", "--help"], ["jobs", "--help"], ["help", "places"]])
def test_help_loads_nothing_heavy(environ: dict[str, str], args: list[str]) -> None:
    code = (
        "import sys; sys.argv = ['wherry', *sys.argv[1:]]\n"
        "from wherry.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"sys.stderr.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, *args], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage:") or done.stdout.startswith("Places")
    assert done.stderr == ""


def least(args: list[str], env: dict[str, str]) -> float:
    spans = []
    for _ in range(7):
        began = time.perf_counter()
        subprocess.run(args, env=env, check=True, stdout=subprocess.DEVNULL)
        spans.append(time.perf_counter() - began)
    return min(spans)


def test_the_first_page_costs_less_than_five_times_an_empty_python(environ: dict[str, str], tmp_path: Path) -> None:
    env = {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = os.fspath(tmp_path / "cache")
    subprocess.run([sys.executable, "-m", "wherry", "--help"], env=env, check=True, stdout=subprocess.DEVNULL)
    assert (ROOT / "wherry").is_dir()
    empty = least([sys.executable, "-c", "pass"], env)
    page = least([sys.executable, "-m", "wherry", "--help"], env)
    assert page < 5 * empty
