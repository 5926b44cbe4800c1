"""The documents say what is so: links lead somewhere, commands exist, lists are complete."""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from connectors.base import CONTRACT
from scripts import cli_docs, links
from sync_engine import events
from tests.architecture.tree import ROOT, python_files, shown
from wherry.cli.main import cli
from wherry.cli.output import json_of
from wherry.cli.pages import COMMANDS
from wherry.exits import MEANINGS

CLI = python_files("wherry/cli")
DOCUMENTS = list(links.documents())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_links_lead_somewhere(document: Path) -> None:
    assert list(links.broken(document)) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[a](there.md)", None),
        ("[a](there.md#second-heading)", None),
        ("[a](#here)\n\n# Here", None),
        ("[a](https://example.org/x)", None),
        ("`[a](nowhere.md)`", None),
        ("```\n[a](nowhere.md)\n```", None),
        ("[a](nowhere.md)", "no such file"),
        ("[a](there.md#third)", "no such heading"),
        ("[a](../outside.md)", "outside the project"),
        ("[a]: nowhere.md", "no such file"),
    ],
)
def test_broken_links_are_found(tmp_path: Path, text: str, complaint: str | None) -> None:
    (tmp_path / "outside.md").touch()
    root = tmp_path / "project"
    root.mkdir()
    (root / "there.md").write_text("# First\n\n## Second heading\n", encoding="utf-8")
    (root / "a.md").write_text(text, encoding="utf-8")
    found = list(links.broken(root / "a.md", root))
    assert [each.rpartition(": ")[2] for each in found] == ([] if complaint is None else [complaint])


def _names(requirements: list[str]) -> set[str]:
    names = {re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0] for requirement in requirements}
    return names - {"wherry"}


def _documented(heading: str) -> set[str]:
    """Return the first column of the table under *heading* in the list of dependencies."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| ([a-z0-9-]+) \|", section, re.MULTILINE)) - {"package"}


@pytest.mark.parametrize(
    ("heading", "requirements"),
    [
        ("Always installed", PROJECT["project"]["dependencies"]),
        ("Extra `dav`", PROJECT["project"]["optional-dependencies"]["dav"]),
        ("Extra `google`", PROJECT["project"]["optional-dependencies"]["google"]),
        ("Extra `keyring`", PROJECT["project"]["optional-dependencies"]["keyring"]),
        ("Extra `postgres`", PROJECT["project"]["optional-dependencies"]["postgres"]),
        ("For development", PROJECT["dependency-groups"]["dev"]),
        ("Servers to test against", PROJECT["dependency-groups"]["servers"]),
    ],
)
def test_every_dependency_has_its_reason(heading: str, requirements: list[str]) -> None:
    assert _documented(heading) == _names(requirements)


def test_every_extra_is_documented() -> None:
    assert set(PROJECT["project"]["optional-dependencies"]) == {"dav", "google", "keyring", "postgres", "all"}


def test_the_changelog_is_open() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[?Unreleased\]?$", text, re.MULTILINE)


def _shown_commands() -> list[tuple[str, str]]:
    """Return (document, command line) for each ``wherry`` call a document shows."""
    return [
        (shown(document), line.partition("  #")[0])
        for document in DOCUMENTS
        for line in re.findall(r"^\$ (wherry .*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    ]


@pytest.mark.parametrize(("document", "line"), sorted(set(_shown_commands())))
def test_commands_in_documents_exist(document: str, line: str) -> None:
    words = shlex.split(line)[1:]
    assert words[0] in COMMANDS, document
    command = cli.get_command(click.Context(cli), words[0])
    assert command is not None
    known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known


def test_the_readme_shows_commands() -> None:
    """The test above looks at something."""
    assert any(document == "README.md" for document, _ in _shown_commands())


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_scripts_in_documents_can_be_run(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"^((?:scripts|\.ci)/[a-z]+)", text, re.MULTILINE))
    assert named
    assert [name for name in named if not os.access(ROOT / name, os.X_OK)] == []


@pytest.mark.parametrize("document", cli_docs.DOCUMENTS, ids=shown)
def test_help_pages_in_documents_are_those_of_the_program(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert cli_docs.filled(text) == text, "write them anew: python -m scripts.cli_docs"


@pytest.mark.parametrize("code", MEANINGS, ids=lambda code: str(code.value))
def test_every_exit_code_is_documented(code: int) -> None:
    text = (ROOT / "docs" / "scripting.md").read_text(encoding="utf-8")
    assert f"| {int(code)} | " in text


EVENTS: list[events.Event] = [
    events.JobStarted("j", "backup", "dav:a", "vdir:/b", 1, resumed=False),
    events.PhaseEntered("j", "copy"),
    events.Estimate("j", 1, 2),
    events.ItemSettled("j", "c", "i", "failed", "rejected", "", retry=False),
    events.CollectionNote("j", "c", "read-only", ""),
    events.Waiting("j", 1.0, "throttled"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_json_line_is_documented_field_by_field(event: events.Event) -> None:
    line = json_of(event)
    assert line is not None
    text = (ROOT / "docs" / "scripting.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{line['type']}` \|.*$", text, re.MULTILINE)
    assert set(line) - {"type"} <= set(re.findall(r"`(\w+)`", row))


def _types() -> set[str]:
    """Return the type of every JSON line the command line writes, as its source names them."""
    found = (re.findall(r"""["']type["']: ["']([a-z_]+)["']""", path.read_text(encoding="utf-8")) for path in CLI)
    return set().union(*found)


def test_types_are_found() -> None:
    assert {"job", "summary", "status", "exit_error"} <= _types()


@pytest.mark.parametrize("name", sorted(_types()))
def test_every_type_of_json_line_is_documented(name: str) -> None:
    text = (ROOT / "docs" / "scripting.md").read_text(encoding="utf-8")
    assert f"`{name}`" in text or f'"type": "{name}"' in text


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in folder.glob("0*.md") if f"]({path.name})" not in index] == []


def test_the_contract_has_a_number() -> None:
    assert CONTRACT >= 1
