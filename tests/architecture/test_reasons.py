"""Every exception from a rule says why; secrets stay where they are kept."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import PRODUCT, comments, dotted, own_files, parsed, python_files, shown, written_files

DIRECTIVE = re.compile(
    r"#\s*(type:\s*ignore(\[[^\]]*\])?|noqa(:\s*[A-Z]+\d+(\s*,\s*[A-Z]+\d+)*)?|pragma:\s*no\s*cover)"
)
SHORTEST_REASON = 4

SECRETS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a Google API key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a Google client secret": r"\bGOCSPX-[0-9A-Za-z_-]{20,}",
    "a Google access token": r"\bya29\.[0-9A-Za-z_-]{20,}",
    "a Google refresh token": r"\b1//0[0-9A-Za-z_-]{30,}",
    "a Dropbox token": r"\bsl\.[0-9A-Za-z_-]{60,}",
    "a GitHub token": r"\b(ghp|gho|ghs|github_pat)_[0-9A-Za-z_]{30,}",
    "an AWS key": r"\bAKIA[0-9A-Z]{16}\b",
    "a Slack token": r"\bxox[abprs]-[0-9A-Za-z-]{10,}",
    "a JSON web token": r"\beyJ[0-9A-Za-z_-]{15,}\.eyJ[0-9A-Za-z_-]{15,}\.",
}


def bare_directives(text: str) -> bool:
    """Say whether a comment switches a rule off without a reason beside it."""
    if not DIRECTIVE.search(text):
        return False
    reason = re.sub(r"[\s#:-]+", " ", DIRECTIVE.sub("", text)).strip()
    return len(reason) < SHORTEST_REASON


@pytest.mark.parametrize(
    ("comment", "bare"),
    [
        ("# noqa: S105 - opens a throw-away server only", False),
        ("# type: ignore[override]  # click declares it wider", False),
        ("# noqa: S105", True),
        ("# type: ignore[arg-type]", True),
        ("# type: ignore[override]  # noqa: ANN401", True),
        ("# pragma: no cover", True),
        ("# a remark", False),
    ],
)
def test_a_reason_is_recognised(comment: str, bare: bool) -> None:
    assert bare_directives(comment) is bare


def test_each_switched_off_rule_has_its_reason() -> None:
    bare = [
        f"{shown(path)}:{line} {text}"
        for path in own_files()
        for line, text in comments(path)
        if path != Path(__file__) and bare_directives(text)
    ]
    assert bare == []


MARKS = {"pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"}
CALLS = {"pytest.skip", "pytest.xfail"}


def silent_skips(tree: ast.Module) -> list[int]:
    """Return the lines on which a test is left out without a reason."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {id(call.func) for call in calls}
    bare = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and id(node) not in called]
    silent = [node.lineno for node in bare if dotted(node) in MARKS]
    for call in calls:
        reasoned = any(keyword.arg == "reason" for keyword in call.keywords)
        if not reasoned and (dotted(call.func) in MARKS or (dotted(call.func) in CALLS and not call.args)):
            silent.append(call.lineno)
    return silent


@pytest.mark.parametrize(
    ("code", "silent"),
    [
        ("@pytest.mark.skip\ndef test(): ...", [1]),
        ("@pytest.mark.skip()\ndef test(): ...", [1]),
        ("@pytest.mark.skip(reason='no server')\ndef test(): ...", []),
        ("pytestmark = pytest.mark.skipif(x)", [1]),
        ("pytest.skip()", [1]),
        ("pytest.skip('no server')", []),
        ("pytest.xfail(reason='known')", []),
    ],
)
def test_a_silent_skip_is_recognised(code: str, silent: list[int]) -> None:
    assert silent_skips(ast.parse(code)) == silent


def test_each_left_out_test_has_its_reason() -> None:
    assert [f"{shown(path)}:{line}" for path in own_files() for line in silent_skips(parsed(path))] == []


def test_only_the_keeper_of_secrets_reveals_them() -> None:
    outside = [
        f"{shown(path)}:{node.lineno}"
        for path in python_files(*set(PRODUCT) - {"oauth"})
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and dotted(node.func).endswith(".reveal")
    ]
    assert outside == []


def test_the_tree_holds_no_secret() -> None:
    found = [
        f"{shown(path)}: looks like {what}"
        for path in written_files()
        for what, pattern in SECRETS.items()
        if re.search(pattern, path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []
