"""Every command with every flag: each pair is understood, speaks on the right stream, and keeps its word."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tests.wherry.conftest import Answer, Run, make_pim
from wherry.cli.command import WherryCommand
from wherry.cli.flags import FLAG_NAMES
from wherry.cli.main import cli
from wherry.cli.pages import COMMANDS
from wherry.exits import MEANINGS

OTHERS = ("connect", "accounts", "disconnect")
"""Commands that have test files of their own."""

LOOKS = {
    "jobs": ("jobs",),
    "status": ("status",),
    "status of one": ("status", "{job}"),
    "watch": ("watch", "{job}"),
    "report": ("report", "{job}"),
    "verify": ("verify", "{job}"),
    "history": ("history", "{copy}"),
    "doctor": ("doctor",),
    "dry run": ("backup", "{pim}", "--to", "{copy}", "--dry-run"),
    "migrate dry run": ("migrate", "{pim}", "--to", "{copy}", "--dry-run"),
    "backup again": ("backup", "{pim}", "--to", "{copy}"),
    "resume": ("resume", "{job}"),
    "pause": ("pause", "{job}"),
    "cancel": ("cancel", "{job}"),
    "export": ("export", "{copy}", "--to", "{out}"),
    "help": ("help",),
    "completion": ("completion", "bash"),
}
NO_JSON = {"help", "completion"}
"""What is a text in any case."""


class Made:
    """A finished backup, and the words a line of ``LOOKS`` needs."""

    def __init__(self, run: Run, tmp_path: Path) -> None:
        self.pim, self.copy = make_pim(tmp_path / "pim"), tmp_path / "copy"
        self.out = tmp_path / "all.ics"
        self.job = run("backup", str(self.pim), "--to", str(self.copy), "--json").job

    def line(self, name: str) -> list[str]:
        words = {"job": self.job, "pim": self.pim, "copy": self.copy, "out": self.out}
        return [word.format(**words) for word in LOOKS[name]]


@pytest.fixture
def made(run: Run, tmp_path: Path) -> Made:
    return Made(run, tmp_path)


def clean(answer: Answer) -> bool:
    """Whether neither stream holds a trace or a control character."""
    spoken = answer.out + answer.err
    return "Traceback" not in spoken and all(char.isprintable() or char == "\n" for char in spoken)


@pytest.mark.parametrize("flag", ["--plain", "-q", "-v"])
def test_each_flag_before_and_after_gives_the_same_answer(run: Run, made: Made, flag: str) -> None:
    for name in LOOKS:
        line = made.line(name)
        before, after = run(flag, *line), run(*line, flag)
        assert before.code == after.code == 0, name
        assert clean(before), name
        if name != "doctor":  # tells the time
            assert before.out == after.out, name


def test_with_json_standard_output_is_json_and_standard_error_is_silent(run: Run, made: Made) -> None:
    for name in sorted(set(LOOKS) - NO_JSON):
        line = made.line(name)
        answer = run("--json", *line)
        assert (answer.code, answer.err) == (0, ""), name
        assert all(found["v"] == 1 and found["type"] for found in answer.lines), name
        assert answer.out.isascii(), name
        # Quiet changes nothing about the data, and what verbose adds goes to standard error.
        for flag in ("-q", "-v"):
            assert all(found["v"] == 1 for found in run(flag, *line, "--json").lines), name


@pytest.mark.parametrize("flags", [("--json", "--plain"), ("-q", "-v")])
def test_contradictions_are_refused_wherever_they_stand(run: Run, made: Made, flags: tuple[str, str]) -> None:
    for name in sorted(LOOKS):
        line = made.line(name)
        for args in ([*flags, *line], [flags[0], *line, flags[1]], [*line, *flags]):
            answer = run(*args)
            assert (answer.code, answer.out) == (2, ""), name
            assert "cannot be used together" in answer.err, name


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - set(OTHERS)))
def test_an_option_nobody_knows(run: Run, name: str) -> None:
    answer = run(name, "--frobnicate")
    assert (answer.code, answer.out) == (2, "")
    assert "--frobnicate" in answer.err
    assert f"See: wherry {name} --help" in answer.err


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - set(OTHERS)))
def test_one_word_too_many(run: Run, name: str) -> None:
    answer = run(name, *["x"] * 7)
    assert answer.code == 2
    assert answer.out == ""
    assert clean(answer)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("flag", ["--json", "--plain", "-q", "-v"])
def test_help_wins_over_everything_else(run: Run, name: str, flag: str) -> None:
    page = run(name, "--help").out
    for args in ((flag, name, "--help"), (name, flag, "--help"), (name, "--help", flag)):
        assert run(*args).out == page


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_needs_no_home_and_leaves_nothing(run: Run, home: Path, name: str) -> None:
    (home / "settings.toml").write_text("broken [")
    assert run(name, "--help").code == 0
    assert [path.name for path in home.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_promises_only_codes_that_have_a_meaning(name: str) -> None:
    with click.Context(cli) as ctx:
        command = cli.get_command(ctx, name)
    assert isinstance(command, WherryCommand)
    assert set(command.exits) <= set(MEANINGS)
    assert len(set(command.exits)) == len(command.exits)
    assert list(command.exits) == sorted(command.exits)
    names = {param.name for param in command.params}
    assert FLAG_NAMES - {"help"} <= names


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - set(OTHERS)))
@pytest.mark.parametrize("config", ["nowhere.toml", "."])
def test_a_settings_file_that_is_not_there(run: Run, tmp_path: Path, name: str, config: str) -> None:
    if name in NO_JSON:
        return
    line = {"backup": ["/x", "--to", "/y"], "migrate": ["/x", "--to", "/y"], "history": ["/"], "restore": ["/", "2"]}
    args = line.get(name, {"export": ["/", "--to", "x.ics"]}.get(name, [] if name in {"jobs", "doctor"} else ["ffff"]))
    answer = run(name, *args, "--config", str(tmp_path / config))
    assert answer.code == 2
    assert answer.out == ""
    assert clean(answer)


@pytest.mark.parametrize("name", ["backup", "migrate"])
@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("{pim}", "--to", "{copy}", "--only", "mail"), "'mail' is not one of"),
        (("{pim}", "--to", "{copy}", "--only", ""), "is not one of"),
        (("{pim}", "--to", "{copy}", "--collection", ""), "The name is empty."),
        (("{pim}", "--to", "{copy}", "--collection", "Work", "--collection", " "), "The name is empty."),
        (("{pim}", "--to", "{copy}", "--collection"), "requires an argument"),
        (("{pim}", "--to"), "requires an argument"),
        (("{pim}", "--to", ""), "A place is missing"),
        (("", "--to", "{copy}"), "A place is missing"),
        (("{pim}", "{copy}"), "--to"),
        (("{pim}", "--to", "{pim}"), "same place"),
        (("{pim}", "--to", "{pim}/../pim"), "same place"),
        (("{pim}", "--to", "{link}"), "same place"),
        (("{link}", "--to", "{pim}"), "same place"),
        (("vdir:{pim}", "--to", "{pim}/"), "same place"),
        (("{pim}", "--to", "caf\udce9"), "not text in UTF-8"),
        (("{pim}", "--to", "./caf\udce9"), "not text in UTF-8"),
        (("dav:caf\udce9", "--to", "{copy}"), "not text in UTF-8"),
        (("{pim}", "--to", "copy"), "For a folder write ./copy"),
        (("pim", "--to", "{copy}"), "For a folder write ./pim"),
    ],
)
def test_what_copying_refuses(run: Run, tmp_path: Path, name: str, args: tuple[str, ...], words: str) -> None:
    pim, link = make_pim(tmp_path / "pim"), tmp_path / "link"
    link.symlink_to(pim)
    before = sorted(tmp_path.rglob("*"))
    answer = run(name, *(arg.format(pim=pim, copy=tmp_path / "copy", link=link) for arg in args))
    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err.replace('"', "'")
    assert [path for path in sorted(tmp_path.rglob("*")) if path.name != "wherry.log"] == before


def test_a_refusal_of_the_source_comes_before_any_work(run: Run, home: Path, tmp_path: Path) -> None:
    run("backup", "dva:home", "--to", str(tmp_path / "copy"))
    assert not (home / "wherry.db").exists()
    assert not (tmp_path / "copy").exists()


def test_a_job_is_named_by_its_beginning_and_doubt_is_told(run: Run, made: Made, tmp_path: Path) -> None:
    doubtful: list[str] = []
    for number in range(40):
        run("migrate", str(made.pim), "--to", str(tmp_path / f"m{number}"), "-q")
        jobs = [line["job"] for line in run("jobs", "--json").lines]
        doubtful = [job for job in jobs if sum(other.startswith(job[0]) for other in jobs) > 1]
        if doubtful:
            break
    for name in ("status", "watch", "report", "verify", "resume", "pause", "cancel"):
        assert run(name, made.job, "-q").code == 0, name
        answer = run(name, doubtful[0][0])
        assert answer.code == 10, name
        assert re.search(r"Several jobs begin like this: .*\w+, \w+", answer.err), name
