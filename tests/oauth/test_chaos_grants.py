"""A short version of the harness that kills workers between every two statements."""

from __future__ import annotations

import json

import pytest

from oauth.grants import Holder, HolderKind
from simulators.identity.google import google
from tests.chaos import grants
from tests.oauth.consenting import World, google_wish
from tests.oauth.reaping import Reaping

BROKEN = ("live_grants_left", "jobs_cut_off", "jobs_unfinished", "secrets_left", "failed_lives")


def test_kill_9_leaves_no_access_and_cuts_off_no_job(capsys: pytest.CaptureFixture[str]) -> None:
    code = grants.main(["--rounds", "4", "--seed", "5"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["rounds"] == 4
    assert figures["kills"] >= 4, "the harness has no teeth"
    assert {name: figures[name] for name in BROKEN} == dict.fromkeys(BROKEN, 0)
    assert figures["control_leaked"] > 0, "and the careless way has to leak"
    assert code == 0


def test_the_verdict_sees_a_secret_in_the_file(world: World) -> None:
    assert grants.leaked(world.database, world.path.parent, {"CANARY"}) == 0
    with world.database.write() as connection:
        connection.exec_driver_sql("create table careless (word text)")
        connection.exec_driver_sql("insert into careless values ('a CANARY in the open')")
    assert grants.leaked(world.database, world.path.parent, {"CANARY", "another"}) == 1


def test_the_verdict_sees_a_sibling_cut_off(world: World) -> None:
    """What a reaper would do that looks at one grant only: the provider ends the other with it."""
    reaping = Reaping(world)
    with google() as provider:
        used, idle = (reaping.grant(google_wish(provider), provider) for _ in range(2))
        world.store.attach(used.id, Holder(HolderKind.KEPT, "k"))
        world.store.drain(idle.id)
        with world.database.write() as connection:
            connection.exec_driver_sql("update grants set radius = 'authorization'")
        reaping.run()
        assert provider.live_grants() == [], "so that the rule is worth something"
