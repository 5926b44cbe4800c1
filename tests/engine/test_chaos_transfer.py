"""A short version of the harness that kills a copy at every step."""

from __future__ import annotations

import json

import pytest

from tests.chaos import transfer


@pytest.mark.parametrize("seed", [3, 8])
def test_kill_9_loses_doubles_and_refetches_nothing(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    code = transfer.main(["--rounds", "11", "--items", "30", "--seed", str(seed)])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["kills"] >= 5, "the harness has no teeth"
    broken = {name: figures[name] for name in ("lost", "doubled", "junk", "wrong_at_end", "fetched_again")}
    assert broken == dict.fromkeys(broken, 0)
    assert code == 0
