"""A short version of the harness that kills a copy which maps on its way."""

from __future__ import annotations

import json

import pytest

from tests.chaos import mapping


@pytest.mark.parametrize("seed", [0, 3])
def test_kill_9_loses_doubles_and_writes_nothing_again(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Contacts into a folder, and calendars to a server."""
    code = mapping.main(["--rounds", "7", "--items", "30", "--seed", str(seed)])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["kills"] >= 4, "the harness has no teeth"
    assert figures["items"] > 15
    broken = {name: figures[name] for name in ("lost", "doubled", "junk", "wrong_at_end", "written_again")}
    assert broken == dict.fromkeys(broken, 0)
    assert code == 0
