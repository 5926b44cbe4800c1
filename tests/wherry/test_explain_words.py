"""What people read when something goes wrong: plain sentences, commands that exist, no secret and no path."""

from __future__ import annotations

import importlib
import inspect
import re
import shlex
from collections.abc import Iterator
from typing import Any

import click
import pytest

from connectors.errors import ConnectorError
from wherry.cli.main import cli
from wherry.cli.pages import COMMANDS, ROOT, TOPICS, topic
from wherry.errors import WherryError
from wherry.exits import MEANINGS, Exit
from wherry.explain import REASONS, TABLE, UNEXPECTED, Explanation, explain, explain_problem, known, reason_words

ROWS = {**TABLE, "unexpected": UNEXPECTED}

JARGON = (
    *("traceback", "exception", "null", "stack", "thread", "sql", "regex", "enum", "boolean", "utf", "errno"),
    *("http status", "401", "403", "404", "412", "500", "502", "503", "507", "propfind", "etag", "multiget", "uid"),
    *("backend", "frontend", "daemon", "stdout", "stderr", "stdin", "instance", "object", "invalid", "failed to"),
    *("oauth", "api", "token", "jwt", "pkce", "payload", "schema", "mutex", "fsync", "wal", "postgres"),
)
"""Words of the trade: whoever reads these lines did not write the program."""

FINE_HERE = {
    "sync_engine.errors.DatabaseAddressInvalid": {"sql", "postgres"},  # shows the two forms of an address
}


def words_of(row: Explanation) -> str:
    return f"{row.title} {row.what_to_do}".lower()


# Rows of oauth speak to whoever sets a provider up as well.
@pytest.mark.parametrize("name", sorted(name for name in ROWS if not name.startswith("oauth.")))
def test_rows_are_free_of_jargon(name: str) -> None:
    said = words_of(ROWS[name])
    found = {word for word in JARGON if re.search(rf"\b{re.escape(word)}\b", said)}
    assert found <= FINE_HERE.get(name, set())


@pytest.mark.parametrize("name", sorted(ROWS))
def test_rows_are_short_sentences(name: str) -> None:
    row = ROWS[name]
    assert 10 <= len(row.title) <= 90
    assert 15 <= len(row.what_to_do) <= 170
    assert not re.search(r"[!?]{2}|  |\n|\t", row.title + row.what_to_do)
    assert not re.search(r"\b(please contact|oops|sorry|simply|just)\b", words_of(row).replace("please report", ""))
    assert row.title.isprintable()
    assert row.what_to_do.isprintable()


@pytest.mark.parametrize("name", sorted(ROWS))
def test_rows_name_no_path_of_a_machine_and_no_address(name: str) -> None:
    said = f"{ROWS[name].title} {ROWS[name].what_to_do}".replace("sqlite:////path", "").replace(
        "postgresql+psycopg://", ""
    )
    assert not re.search(r"(^|\s)/\w+|https?://|[\w.]+@[\w.]+|\b\d{1,3}(\.\d{1,3}){3}\b", said)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_reasons_are_words_for_programs(name: str) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", ROWS[name].reason)


def commands_in(text: str) -> Iterator[str]:
    """Yield each ``wherry ...`` of *text* up to the end of its sentence."""
    for found in re.finditer(r"wherry ((?:[a-z-]+)(?: (?:[A-Z]{2,}|--?[a-z-]+|[a-z]+:?[A-Z]*))*)", text):
        yield found[1]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_advice_names_commands_and_options_that_exist(name: str) -> None:
    for said in commands_in(ROWS[name].what_to_do):
        verb, *rest = shlex.split(said)
        if verb not in COMMANDS:
            assert verb in {"has", "made", "is", "may", "cannot"}, said  # "wherry" as the name of the program
            continue
        with click.Context(cli) as ctx:
            command = cli.get_command(ctx, verb)
        assert command is not None
        options = {option for param in command.params for option in param.opts}
        for word in rest:
            assert not word.startswith("-") or word in {*options, "--help"}, said


@pytest.mark.parametrize("page", ["ROOT", *TOPICS])
def test_pages_name_commands_that_exist(page: str) -> None:
    text = ROOT if page == "ROOT" else topic(page) or ""
    for said in commands_in(text):
        assert said.split()[0] in {*COMMANDS, "may"}, said


def test_the_exit_code_says_who_has_to_act() -> None:
    """Access is 12, a full place 13, a passing fault 5: a script may tell them apart without reading words."""
    codes = {name.rpartition(".")[2]: row.exit_code for name, row in TABLE.items()}
    told = {
        Exit.ACCESS: ("ReauthRequired", "ScopeMissing", "ProviderForbids", "NoSuchSecret"),
        Exit.FULL: ("DestinationFull", "DatabaseFull"),
        Exit.TEMPORARY: ("Transient", "Throttled", "InDoubt", "DatabaseBusy", "StoreBusy"),
        Exit.UNKNOWN_NAME: ("JobUnknown", "AccountUnknown", "NameUnknown"),
        Exit.USAGE: ("PlaceError", "SettingsError", "ConfigError"),
        Exit.BUSY: ("JobBusy", "LeaseLost"),
    }
    assert {name: codes[name] for names in told.values() for name in names} == {
        name: code for code, names in told.items() for name in names
    }


@pytest.mark.parametrize("name", sorted(name for name in TABLE if "." in name))
def test_an_error_is_explained_by_its_own_row_and_a_subclass_by_the_same(name: str) -> None:
    module, _, cls = name.rpartition(".")
    found: type[Exception] = getattr(importlib.import_module(module), cls)
    error = found.__new__(found)
    assert explain(error).reason == TABLE[name].reason
    child: Any = type("Child", (found,), {})
    assert explain(child.__new__(child)).reason == TABLE[name].reason
    assert known(error)


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_a_reason_is_explained_like_its_error_and_reads_within_a_sentence(reason: str) -> None:
    assert explain_problem({"reason": reason}) is REASONS[reason]
    said = reason_words(reason)
    assert said[0].islower() or not said[0].isalpha()
    assert said[1:] == REASONS[reason].title[1:]


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        ({"error": "Throttled", "reason": "temporary"}, "throttled"),
        ({"error": "", "reason": "throttled"}, "throttled"),
        ({"error": "Nobody", "reason": "throttled"}, "throttled"),
        ({"error": "Throttled"}, "throttled"),
        ({"error": "../../Throttled", "reason": ""}, "unexpected"),
        ({"error": "JobUnknown", "reason": ""}, "unexpected"),
        ({"reason": "Throttled"}, "unexpected"),
    ],
)
def test_a_problem_is_found_by_its_error_first(problem: dict[str, str], reason: str) -> None:
    assert explain_problem(problem).reason == reason


class Hinting(WherryError):
    """An error nobody has a row for."""


def test_without_a_row_even_a_hint_is_not_shown() -> None:
    assert explain(Hinting("detail", hint="a hint")) is UNEXPECTED
    assert not known(Hinting())
    assert explain(BaseException()) is UNEXPECTED
    assert explain(KeyError("x")) is UNEXPECTED


def test_every_error_that_carries_a_hint_is_ours() -> None:
    """A hint replaces the advice, so its words have to come from this program."""
    for module in ("connectors.errors", "sync_engine.errors", "oauth.errors", "mappings.errors"):
        for _, cls in inspect.getmembers(importlib.import_module(module), inspect.isclass):
            if issubclass(cls, Exception):
                assert not hasattr(cls, "hint"), cls


@pytest.mark.parametrize("code", list(Exit))
def test_meanings_are_one_short_line(code: Exit) -> None:
    meaning = MEANINGS[code]
    assert meaning[0].islower()
    assert not meaning.endswith(".")
    assert len(meaning) <= 70
    assert not {word for word in JARGON if re.search(rf"\b{re.escape(word)}\b", meaning)}


def test_connectors_own_reasons_are_all_explained() -> None:
    """What a job keeps of an error is its class's reason: each leads to a row, or a person would read nothing."""
    todo, seen = [ConnectorError], set()
    while todo:
        cls = todo.pop()
        todo += cls.__subclasses__()
        if cls.__module__ == "connectors.errors" and not cls.__subclasses__():
            seen.add(cls.reason)
    assert seen <= set(REASONS)
