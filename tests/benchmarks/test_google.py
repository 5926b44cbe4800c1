"""The benchmark in small: everything arrives whole, and the harness notices when it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.google import __main__ as benchmark
from benchmarks.google.stage import ACCOUNTS, NotReady, staged

if TYPE_CHECKING:
    from pathlib import Path

WHOLE: benchmark.Figures = {"exit_code": 0, "changed": 7, "items": 7, "verified": 7, "requests_to_google": 9}


@pytest.mark.server
def test_it_ends_with_one_line_of_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark.main(["--items", "12", "--server", "radicale"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (figures["benchmark"], figures["items"], figures["server"]) == ("google", 12, "radicale")
    for account in ACCOUNTS.values():
        assert figures[f"{account}.items"] == figures[f"{account}.changed"] == figures[f"{account}.verified"] > 5
        assert figures[f"{account}.fidelity.not-representable"] == figures[f"{account}.fidelity.refused"] == 0
        assert figures[f"{account}.cpu_s"] > 0
        assert figures[f"{account}.again.changed"] == figures[f"{account}.again.photos"] == 0
        assert figures[f"{account}.again.requests_to_google"] < 20


@pytest.mark.parametrize(
    "first", [{"exit_code": 3}, {"changed": 6}, {"verified": 6}], ids=["a part missing", "not written", "not verified"]
)
def test_what_is_not_whole_is_noticed(first: benchmark.Figures) -> None:
    again = {**WHOLE, "changed": 0}
    assert benchmark.kept(WHOLE, again)
    assert not benchmark.kept({**WHOLE, **first}, again)


@pytest.mark.parametrize("again", [{"changed": 1}, {"changed": 0, "requests_to_google": 60}])
def test_a_second_run_that_works_is_noticed(again: benchmark.Figures) -> None:
    assert not benchmark.kept(WHOLE, {**WHOLE, **again})


@pytest.mark.server
def test_a_stage_that_cannot_be_set_says_why(tmp_path: Path) -> None:
    with staged(tmp_path, items=2, server="radicale") as stage, pytest.raises(NotReady, match="Unknown kind"):
        stage.connect(("no-such-kind", "--name", "x"), "")
